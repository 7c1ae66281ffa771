"""What holds after something went wrong: a stop stands, a rollback does not make blind, a decay of the rate is no loss of weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

import trimtab
from trimtab import Action

SEED = 20


class Run:
    """A monitor with one weight, whose loss and gradient go with one level."""

    def __init__(self, **options: object) -> None:
        self.numbers = np.random.default_rng(SEED)
        self.monitor = trimtab.Monitor(budget=0, **options)  # type: ignore[arg-type]
        self.monitor.register("w")
        self.weight = self.numbers.normal(size=(32, 32))
        self.step = 0

    def add(
        self, level: float = 1.0, *, poison: bool = False, rate: float = 1e-3, loss: float | None = None
    ) -> trimtab.Decision:
        self.step += 1
        self.weight = self.weight + 1e-4 * self.numbers.normal(size=self.weight.shape)
        shown = self.weight.copy()
        if poison:
            shown[0, 0] = math.nan
        self.monitor.begin_step(self.step)
        self.monitor.observe("w", "weight", shown)
        self.monitor.observe("w", "gradient", 0.01 * level * self.numbers.normal(size=shown.shape))
        self.monitor.observe_scalar("loss", 0.2 * level * math.exp(0.1 * self.numbers.normal()) if loss is None else loss)
        self.monitor.observe_scalar("learning_rate", rate)
        return self.monitor.end_step()

    def restored(self, back: int = 10) -> None:
        self.step = max(self.step - back, 0)
        self.monitor.restored(self.step)

    def saw(self, rule: str) -> bool:
        return any(one.rule == rule for one in self.monitor.findings())


def test_weights_that_moved_before_a_decay_are_not_lost() -> None:
    """Looks 320 steps apart: what moved at the old rate is seen after twenty steps of the new one."""
    numbers = np.random.default_rng(SEED)
    monitor = trimtab.Monitor()
    monitor.register("w")
    weight = numbers.normal(size=(32, 32))
    for step in range(1, 320 * 8 + 1):
        monitor.begin_step(step)
        if step % 320 == 0:
            weight = weight / math.sqrt(2) + numbers.normal(size=weight.shape) / math.sqrt(2)
            monitor.observe("w", "weight", weight)
        monitor.observe("w", "gradient", 0.01 * numbers.normal(size=weight.shape))
        monitor.observe_scalar("loss", 1.0)
        monitor.observe_scalar("learning_rate", 1e-3 if step < 320 * 8 - 20 else 1e-5)
        monitor.end_step()
    assert not [one for one in monitor.findings() if one.rule == "weight_jump"]
