"""Multilayer perceptrons on tables: classification and regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from .. import data
from ..losses import classification_loss, regression_loss
from ..nets import perceptron

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..recipe import Recipe

Batch = tuple[torch.Tensor, torch.Tensor]


class _Table:
    """Samples and targets of a table, as the recipe prepares them."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        samples, targets = data.table(recipe.data)
        training, held = data.split(len(samples), recipe.seed)
        if recipe.normalises:
            samples = data.standardised(samples, training)
        samples = samples.copy()
        samples[:, recipe.get("feature", 0)] *= recipe.feature_factor
        self.samples = torch.tensor(samples, dtype=self.dtype)
        self.targets = self.prepared(targets, training)
        self.training, self.held = torch.tensor(training), torch.tensor(held)
        self.generator = torch.Generator().manual_seed(recipe.seed)

    @property
    def dtype(self) -> torch.dtype:
        return {"float64": torch.float64, "float16": torch.float16}.get(self.recipe.precision, torch.float32)

    def prepared(self, targets: np.ndarray, training: np.ndarray) -> torch.Tensor:
        raise NotImplementedError

    def batches(self) -> Iterator[Batch]:
        for places in data.endless(len(self.training), self.recipe.batch_size, self.generator):
            chosen = self.training[places]
            yield self.samples[chosen], self.targets[chosen]


class Classifier(_Table):
    """Classes of a table."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.classes = int(self.targets.max()) + 1
        self.train_labels = self._faulty_labels()
        outputs = recipe.outputs or self.classes
        self.model = perceptron(recipe, self.samples.shape[1], outputs).to(self.dtype)

    def prepared(self, targets: np.ndarray, training: np.ndarray) -> torch.Tensor:
        return torch.tensor(targets, dtype=torch.long)

    def _faulty_labels(self) -> torch.Tensor:
        labels = self.targets.clone()
        if self.recipe.labels == "shuffled":
            order = torch.randperm(len(self.training), generator=self.generator)
            labels[self.training] = labels[self.training[order]]
        elif self.recipe.labels == "off_by_one":
            labels[self.training] = (labels[self.training] + 1) % self.classes
        return labels

    def batches(self) -> Iterator[Batch]:
        for places in data.endless(len(self.training), self.recipe.batch_size, self.generator):
            chosen = self.training[places]
            yield self.samples[chosen], self.train_labels[chosen]

    def loss(self, batch: Batch) -> torch.Tensor:
        samples, labels = batch
        return classification_loss(self.recipe, self.model(samples), labels)

    def evaluate(self) -> tuple[float, float]:
        outputs, labels = self.model(self.samples[self.held]).float(), self.targets[self.held]
        loss = float(classification_loss(self.recipe.changed(reduction="mean"), outputs, labels))
        if outputs.shape[1] == 1:
            is_probability = self.recipe.loss == "bce"
            predicted = (outputs[:, 0] > (0.5 if is_probability else 0)).long()
        else:
            predicted = outputs.argmax(1)
        return loss, float((predicted == labels).double().mean())


class Regressor(_Table):
    """A number of a table."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.model = perceptron(recipe, self.samples.shape[1], 1).to(self.dtype)

    def prepared(self, targets: np.ndarray, training: np.ndarray) -> torch.Tensor:
        standard = (targets - targets[training].mean()) / targets[training].std()
        scaled = self.recipe.target_scale * standard + self.recipe.target_offset
        return torch.tensor(scaled, dtype=self.dtype)[:, None]

    def loss(self, batch: Batch) -> torch.Tensor:
        samples, targets = batch
        return regression_loss(self.recipe, self.model(samples), targets)

    def evaluate(self) -> tuple[float, float]:
        """The mean squared error, and the share of the variance that is explained, at least -1."""
        outputs, targets = self.model(self.samples[self.held]).double(), self.targets[self.held].double()
        error = float(((outputs - targets) ** 2).mean())
        return error, max(1 - error / float(targets.var()), -1.0)
