"""Convolutional nets on images: MNIST and the digits of 8 by 8 pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from .. import data
from ..nets import ACTIVATIONS, Cut, Output, Residual, initialise, weight_type
from .labelled import Labelled

if TYPE_CHECKING:
    from ..recipe import Recipe


def _block(recipe: Recipe, inputs: int, width: int) -> list[nn.Module]:
    layers: list[nn.Module] = [nn.Conv2d(inputs, width, 3, padding=1, bias=recipe.get("has_bias", True))]
    if recipe.norm == "batch":
        layers.append(nn.BatchNorm2d(width))
    elif recipe.norm == "layer":
        layers.append(nn.GroupNorm(1, width))
    layers.append(ACTIVATIONS[recipe.activation]())
    if recipe.dropout:
        layers.append(nn.Dropout2d(recipe.dropout))
    return layers


class Convolutional(Labelled):
    """Blocks of convolution, norm, activation; pooling after the first two; one linear layer."""

    def __init__(self, recipe: Recipe) -> None:
        images, labels = data.images(recipe.data)
        samples = torch.tensor(images)
        if recipe.normalises:
            samples = (samples - samples.mean()) / samples.std()
        super().__init__(recipe, samples, labels, is_regression=bool(recipe.get("is_regression")))
        self.model = self._net(samples.shape[-1]).to(weight_type(recipe))

    def _net(self, side: int) -> nn.Sequential:
        recipe, width, channels = self.recipe, self.recipe.width, 1
        layers: list[nn.Module] = []
        if side > 8:
            layers.append(nn.AvgPool2d(2))
            side //= 2
        for place in range(recipe.depth):
            block = _block(recipe, channels, width)
            if recipe.get("residual") and place:
                layers.append(Residual(nn.Sequential(*block)))
            else:
                layers += block
            if place < 2:
                layers.append(nn.MaxPool2d(2))
                side //= 2
            channels = width
        if recipe.detaches:
            layers.append(Cut())
        layers += [nn.Flatten(), nn.Linear(width * side * side, self.outputs)]
        if recipe.output != "linear":
            layers.append(Output(recipe.output))
        model = nn.Sequential(*layers)
        initialise(recipe, model)
        return model
