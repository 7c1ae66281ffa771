"""A small trainer and steps of it, as several tests of trainers have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import trimtab
from trimtab import layers

if TYPE_CHECKING:
    pass

Trainer = trimtab.Trainer
Dense = layers.Dense
INPUTS = np.random.default_rng(1).normal(size=(8, 3))
TARGETS = np.random.default_rng(2).normal(size=(8, 2))


def make(**options: Any) -> trimtab.Trainer:
    return Trainer([Dense(5, activation="tanh"), layers.Dropout(0.2), Dense(2)], (3,), **options)


def run(own: trimtab.Trainer, steps: int = 5, start: int = 0) -> list[trimtab.TrainerStep]:
    """Steps on batches that depend on their number."""
    found = []
    for step in range(start, start + steps):
        rng = np.random.default_rng(step)
        found.append(own.step(rng.normal(size=(8, 3)), rng.normal(size=(8, 2))))
    return found
