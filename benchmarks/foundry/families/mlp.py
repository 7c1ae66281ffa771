"""Multilayer perceptrons on tables: classification and regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from .. import data
from ..nets import perceptron, weight_type
from .labelled import Labelled

if TYPE_CHECKING:
    import numpy as np

    from ..recipe import Recipe


def _prepared(recipe: Recipe) -> tuple[torch.Tensor, np.ndarray]:
    """Samples and targets of a table, as the recipe prepares them."""
    samples, targets = data.table(recipe.data)
    if recipe.normalises:
        samples = data.standardised(samples, data.split(len(samples), recipe.seed)[0])
    samples = samples.copy()
    samples[:, recipe.get("feature", 0)] *= recipe.feature_factor
    return torch.tensor(samples, dtype=torch.float64), targets


class Classifier(Labelled):
    """Classes of a table."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe, *_prepared(recipe))
        self.model = perceptron(recipe, self.samples.shape[1], self.outputs).to(weight_type(recipe))


class Regressor(Labelled):
    """A number of a table."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe, *_prepared(recipe), is_regression=True)
        self.model = perceptron(recipe, self.samples.shape[1], 1).to(weight_type(recipe))
