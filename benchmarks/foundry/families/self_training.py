"""Self-training on digits: few labels, and the net's own confident answers as labels of all other samples."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from .. import data
from ..nets import perceptron

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..recipe import Recipe
    from ..task import Findings

#: Steps on the given labels alone, and between two rounds of pseudo-labels.
WARM_UP, ROUND = 100, 50


class SelfTraining:
    """A batch is of samples with labels and samples without; the latter count once a round has labelled them."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        samples, labels = data.table(recipe.data)
        training, held = data.split(len(samples), recipe.seed)
        known = recipe.get("known", 100)
        self.samples = torch.tensor(data.standardised(samples, training), dtype=torch.float32)
        self.labels = torch.tensor(labels, dtype=torch.long)
        self.held = torch.tensor(held)
        self.known, self.unknown = torch.tensor(training[:known]), torch.tensor(training[known:])
        self.classes = int(self.labels.max()) + 1
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.model = perceptron(recipe, self.samples.shape[1], self.classes)
        #: What labels: the net itself, or its average over the steps.
        self.inertia = recipe.get("teacher", 0.0)
        self.teacher = copy.deepcopy(self.model) if self.inertia else self.model
        self.step, self.round = 0, -1
        self.pseudo = torch.zeros(len(self.unknown), dtype=torch.long)
        self.weights = torch.zeros(len(self.unknown))
        #: What the loss was told in the first round, and in the last: samples, and how sure the net was of each class.
        self.first: tuple[torch.Tensor, torch.Tensor] | None = None
        self.last: tuple[torch.Tensor, torch.Tensor] | None = None
        self.drift: Any = None

    def batches(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        known = data.endless(len(self.known), self.recipe.batch_size, self.generator)
        unknown = data.endless(len(self.unknown), 2 * self.recipe.batch_size, self.generator)
        yield from zip(known, unknown, strict=True)

    def _label(self) -> None:
        """A round: the net labels what has no label, where it is confident."""
        probabilities = self._probabilities()
        confidence, self.pseudo = probabilities.max(1)
        used = confidence >= self.recipe.get("gate", 0.95)
        self.weights = used.float()
        self.last = used.nonzero()[:, 0], probabilities[used]
        self.first = self.first or self.last
        self.round += 1

    def _probabilities(self) -> torch.Tensor:
        """Of the samples without labels."""
        was_training = self.teacher.training
        self.teacher.eval()
        with torch.no_grad():
            probabilities = torch.softmax(self.teacher(self.samples[self.unknown]), -1)
        self.teacher.train(was_training)
        return probabilities

    def _average(self) -> None:
        """The teacher follows the net."""
        with torch.no_grad():
            for slow, fast in zip(self.teacher.parameters(), self.model.parameters(), strict=True):
                slow.lerp_(fast, 1 - self.inertia)

    def loss(self, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        known, unknown = batch
        self.step += 1
        if self.inertia:
            self._average()
        known = self.known[known]
        own = functional.cross_entropy(self.model(self.samples[known]), self.labels[known])
        if self.step <= WARM_UP:
            return own
        if (self.step - WARM_UP - 1) % self.recipe.get("round", ROUND) == 0:
            self._label()
        noisy = self.samples[self.unknown[unknown]]
        noisy = noisy + self.recipe.get("augmentation", 0.3) * torch.randn_like(noisy)
        losses = functional.cross_entropy(self.model(noisy), self.pseudo[unknown], reduction="none")
        pseudo = (losses * self.weights[unknown]).mean()
        return self.recipe.get("known_weight", 1.0) * own + self.recipe.get("pseudo_weight", 1.0) * pseudo

    def evaluate(self) -> tuple[float, float]:
        outputs, labels = self.model(self.samples[self.held]), self.labels[self.held]
        return float(functional.cross_entropy(outputs, labels)), float((outputs.argmax(1) == labels).double().mean())

    def findings(self) -> Findings:
        """As the author of such a program asks for: do the pseudo-labels that the loss sees stay? From the first on."""
        import trimtab

        if self.first is None or self.last is None:
            return []
        if self.drift is None:
            self.drift = trimtab.LabelDrift()
            self.drift.add(0, self.first[1], self.first[0])
        self.drift.add(self.step, self.last[1], self.last[0])
        report = self.drift.report()
        return [(report.cause.name, report.verdict.name)]
