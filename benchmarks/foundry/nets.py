"""Pieces of nets that families share: activations, normalisations, initialisations, outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from .recipe import Recipe

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}

#: The type of weights and inputs; float32 where autocast does the rest.
WEIGHT_TYPES = {"float64": torch.float64, "float16": torch.float16}


def weight_type(recipe: Recipe) -> torch.dtype:
    """The type of a program's weights and inputs."""
    return WEIGHT_TYPES.get(recipe.precision, torch.float32)


def initialise(recipe: Recipe, model: nn.Module) -> None:
    """Weights of linear and convolutional layers, and the hidden biases' offset."""
    weighted = [module for module in model.modules() if isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d)]
    for place, module in enumerate(weighted):
        if recipe.init == "he":
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        elif recipe.init == "xavier":
            nn.init.xavier_normal_(module.weight)
        elif recipe.init == "zero":
            nn.init.zeros_(module.weight)
        elif recipe.init == "constant":
            nn.init.constant_(module.weight, recipe.get("init_constant", 0.05))
        elif recipe.init == "small":
            nn.init.normal_(module.weight, std=recipe.get("init_deviation", 1e-3))
        elif recipe.init == "large":
            nn.init.normal_(module.weight, std=recipe.get("init_deviation", 2.0))
        if recipe.init not in ("default",) and module.bias is not None:
            nn.init.zeros_(module.bias)
        if recipe.hidden_bias and module.bias is not None and place < len(weighted) - 1:
            with torch.no_grad():
                module.bias += recipe.hidden_bias
    if recipe.get("zeroes_last") and weighted:
        # As many do: the net begins with the same answer for all.
        nn.init.zeros_(weighted[-1].weight)


class Output(nn.Module):
    """What stands behind the last layer."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        if self.kind == "relu":
            return torch.relu(values)
        if self.kind == "softmax":
            return torch.softmax(values, -1)
        if self.kind == "sigmoid":
            return torch.sigmoid(values)
        return values


class Cut(nn.Module):
    """A detach where none belongs: nothing before it gets a gradient."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values.detach()


class Residual(nn.Module):
    """x + f(x)."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values + self.inner(values)


def _hidden(recipe: Recipe, inputs: int) -> list[nn.Module]:
    """One hidden layer."""
    layers: list[nn.Module] = [nn.Linear(inputs, recipe.width, bias=recipe.get("has_bias", True))]
    if recipe.norm == "batch":
        layers.append(nn.BatchNorm1d(recipe.width))
    elif recipe.norm == "layer":
        layers.append(nn.LayerNorm(recipe.width))
    layers.append(ACTIVATIONS[recipe.activation]())
    if recipe.dropout:
        layers.append(nn.Dropout(recipe.dropout))
    return layers


def perceptron(recipe: Recipe, inputs: int, outputs: int) -> nn.Sequential:
    """Hidden layers of one width."""
    layers: list[nn.Module] = []
    width = inputs
    for place in range(recipe.depth):
        hidden = _hidden(recipe, width)
        if recipe.get("residual") and place:
            layers.append(Residual(nn.Sequential(*hidden)))
        else:
            layers += hidden
        width = recipe.width
    if recipe.detaches:
        layers.append(Cut())
    layers.append(nn.Linear(width, outputs))
    if recipe.output != "linear":
        layers.append(Output(recipe.output))
    model = nn.Sequential(*layers)
    initialise(recipe, model)
    return model
