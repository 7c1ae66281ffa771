"""A graph convolutional net on a part of Cora, full batch."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import torch
from torch import nn

from .. import data
from ..losses import classification_loss
from ..nets import ACTIVATIONS, Output, initialise, weight_type
from .labelled import Labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..recipe import Recipe


class GraphNet(nn.Module):
    """H' = f(A H W), `depth` times and once more for the classes."""

    def __init__(self, recipe: Recipe, adjacency: torch.Tensor, inputs: int, outputs: int) -> None:
        super().__init__()
        self.register_buffer("adjacency", adjacency)
        widths = [inputs] + [recipe.width] * recipe.depth
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise([*widths, outputs]))
        kind = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm, "none": lambda width: nn.Identity()}[recipe.norm]
        self.norms = nn.ModuleList(kind(width) for width in widths[1:])
        self.activation = ACTIVATIONS[recipe.activation]()
        self.dropout = nn.Dropout(recipe.dropout)
        self.output = Output(recipe.output)
        self.residual, self.detaches = bool(recipe.get("residual")), recipe.detaches
        initialise(recipe, self)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        for place, (layer, norm) in enumerate(zip(self.layers[:-1], self.norms, strict=True)):
            mixed = self.dropout(self.activation(norm(self.adjacency @ layer(features))))
            features = features + mixed if self.residual and place else mixed
        if self.detaches:
            features = features.detach()
        return self.output(self.adjacency @ self.layers[-1](features))


class Graph(Labelled):
    """Subjects of papers. A batch is the whole graph; the loss looks at the training nodes."""

    def __init__(self, recipe: Recipe) -> None:
        features, adjacency, subjects = data.cora()
        samples = torch.tensor(features)
        samples = samples / samples.sum(1, keepdim=True).clamp(min=1) * 5 if recipe.normalises else samples * 255
        samples[:, recipe.get("feature", 0)] *= recipe.feature_factor
        super().__init__(recipe, samples, subjects)
        links = torch.tensor(adjacency).to(weight_type(recipe))
        self.model = GraphNet(recipe, links, samples.shape[1], self.outputs).to(weight_type(recipe))

    def batches(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        return itertools.repeat((self.samples, self.train_targets))

    def loss(self, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        features, targets = batch
        return classification_loss(self.recipe, self.model(features)[self.training], targets[self.training])

    def evaluate(self) -> tuple[float, float]:
        outputs = self.model(self.samples)[self.held].float()
        targets = self.targets[self.held]
        loss = float(classification_loss(self.recipe.changed(reduction="mean"), outputs, targets))
        return loss, float((outputs.argmax(1) == targets).double().mean())
