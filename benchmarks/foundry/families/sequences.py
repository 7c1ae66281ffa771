"""Data of nets that read sequences: peptides with a label or a charge, and prose whose next character is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from .. import data
from .labelled import Batch, Labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

    from ..recipe import Recipe


class Peptides(Labelled):
    """Peptides [B, L]; whether they kill microbes, or their charge with `is_regression`."""

    def __init__(self, recipe: Recipe) -> None:
        tokens, labels = data.peptides(recipe.get("length", 32))
        is_regression = bool(recipe.get("is_regression"))
        targets = data.charge(tokens) if is_regression else labels
        super().__init__(recipe, torch.tensor(tokens), targets, is_regression)
        self.vocabulary = len(data.AMINO_ACIDS) + 1


class Prose:
    """Windows of prose [B, L + 1]; every character is to be told from those before it."""

    model: nn.Module

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        text, self.vocabulary = data.characters()
        self.length = recipe.get("length", 32)
        held = len(text) // 10
        self.held = torch.tensor(text[:held])[: held // (self.length + 1) * (self.length + 1)].view(-1, self.length + 1)
        self.held = self.held[:64]
        self.text = torch.tensor(text[held:])
        if recipe.labels == "shuffled":
            self.order = torch.randperm(len(self.text), generator=torch.Generator().manual_seed(recipe.seed))
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.outputs = self.vocabulary

    def batches(self) -> Iterator[Batch]:
        while True:
            starts = torch.randint(
                0, len(self.text) - self.length - 1, (self.recipe.batch_size,), generator=self.generator
            )
            places = starts[:, None] + torch.arange(self.length)[None, :]
            following = places + 1
            if self.recipe.labels == "shuffled":
                following = self.order[following]
            elif self.recipe.labels == "off_by_one":
                # The character itself instead of the next: the shift was forgotten.
                following = places
            yield self.text[places], self.text[following]

    def loss(self, batch: Batch) -> torch.Tensor:
        characters, following = batch
        outputs = self.model(characters)
        smoothing = self.recipe.get("label_smoothing", 0.0)
        return functional.cross_entropy(
            outputs.flatten(0, 1), following.flatten(), reduction=self.recipe.reduction, label_smoothing=smoothing
        )

    def evaluate(self) -> tuple[float, float]:
        """Loss, and the share of characters that are told."""
        outputs = self.model(self.held[:, :-1]).float()
        loss = functional.cross_entropy(outputs.flatten(0, 1), self.held[:, 1:].flatten())
        return float(loss), float((outputs.argmax(-1) == self.held[:, 1:]).double().mean())


class Mirror(Peptides):
    """Peptides are to be read backwards: at every place the amino acid of the mirrored one. It takes attention."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe.changed(length=recipe.get("length", 10), is_regression=False))
        self.train_targets = self.targets = self.samples.flip(1)
        if recipe.labels == "shuffled":
            order = torch.randperm(len(self.samples), generator=self.generator)
            self.train_targets = self.targets[order]

    @property
    def outputs(self) -> int:
        return self.vocabulary

    def loss(self, batch: Batch) -> torch.Tensor:
        letters, mirrored = batch
        return functional.cross_entropy(
            self.model(letters).flatten(0, 1), mirrored.flatten(), reduction=self.recipe.reduction
        )

    def evaluate(self) -> tuple[float, float]:
        """Loss, and the share of letters that are right."""
        outputs, mirrored = self.model(self.samples[self.held]).float(), self.targets[self.held]
        loss = functional.cross_entropy(outputs.flatten(0, 1), mirrored.flatten())
        return float(loss), float((outputs.argmax(-1) == mirrored).double().mean())
