"""Samples with labels or numbers: what families of supervised programs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from .. import data
from ..losses import classification_loss, regression_loss
from ..nets import weight_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from torch import nn

    from ..recipe import Recipe

Batch = tuple[torch.Tensor, torch.Tensor]


class Labelled:
    """Batches, faulty labels, loss and score over samples [N, ...] and targets: classes, or numbers of a regression."""

    model: nn.Module

    def __init__(self, recipe: Recipe, samples: torch.Tensor, targets: np.ndarray, is_regression: bool = False) -> None:
        self.recipe = recipe
        self.is_regression = is_regression
        training, held = data.split(len(samples), recipe.seed)
        few, noisy = recipe.get("few"), recipe.get("noisy")
        training = training[:few] if few else training
        self.training, self.held = torch.tensor(training), torch.tensor(held[:600])
        self.generator = torch.Generator().manual_seed(recipe.seed)
        is_number = samples.is_floating_point()
        self.samples = samples.to(weight_type(recipe)) if is_number else samples
        if is_regression:
            standard = (targets - targets[training].mean()) / targets[training].std()
            scaled = recipe.target_scale * standard + recipe.target_offset
            self.targets = torch.tensor(scaled, dtype=weight_type(recipe))[:, None]
            self.classes = 0
        else:
            self.targets = torch.tensor(targets, dtype=torch.long)
            self.classes = int(self.targets.max()) + 1
        if recipe.get("imbalanced") and not is_regression:
            # A fifth of the samples of every other class.
            rare = (self.targets[self.training] % 2 == 1) & (torch.arange(len(training)) % 5 != 0)
            self.training = self.training[~rare]
        self.train_targets = self._labels()
        if noisy:
            chosen = self.training[torch.rand(len(self.training), generator=self.generator) < noisy]
            self.train_targets[chosen] = self.targets[chosen.flip(0)]

    def _labels(self) -> torch.Tensor:
        """Of training: as the program prepares them."""
        labels = self.targets.clone()
        if self.recipe.labels == "shuffled":
            order = torch.randperm(len(self.training), generator=self.generator)
            labels[self.training] = labels[self.training[order]]
        elif self.recipe.labels == "off_by_one":
            labels[self.training] = (labels[self.training] + 1) % self.classes
        return labels

    @property
    def outputs(self) -> int:
        """Of the net."""
        return 1 if self.is_regression else (self.recipe.outputs or self.classes)

    def batches(self) -> Iterator[Batch]:
        for places in data.endless(len(self.training), self.recipe.batch_size, self.generator):
            chosen = self.training[places]
            yield self.samples[chosen], self.train_targets[chosen]

    def loss(self, batch: Batch) -> torch.Tensor:
        samples, targets = batch
        judge = regression_loss if self.is_regression else classification_loss
        return judge(self.recipe, self.model(samples), targets)

    def evaluate(self) -> tuple[float, float]:
        """Loss, and accuracy or the share of the variance that is explained (at least -1)."""
        outputs, targets = self.model(self.samples[self.held]), self.targets[self.held]
        if self.is_regression:
            error = float(((outputs.double() - targets.double()) ** 2).mean())
            share = 1 - error / float(targets.double().var())
            return error, share if share > -1 else -1.0
        loss = float(classification_loss(self.recipe.changed(reduction="mean"), outputs.float(), targets))
        if outputs.shape[1] == 1:
            predicted = (outputs[:, 0] > (0.5 if self.recipe.loss == "bce" else 0)).long()
        else:
            predicted = outputs.argmax(1)
        return loss, float((predicted == targets).double().mean())
