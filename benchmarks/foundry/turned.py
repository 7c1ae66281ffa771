"""Trimtab with all thresholds of its rules turned at once, as those of the peers are: a user's `set_rule`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trimtab.monitor import RULES

from .watching import Watching

if TYPE_CHECKING:
    import torch

    from .recipe import Recipe
    from .task import Task

#: By how much: below 1 alarms come sooner.
STRICTNESSES = (0.25, 0.5, 2.0, 4.0)
#: The promise of the detectors goes with it: alarms in a million healthy steps.
SOONER, LATER = 1e5, 1e-3
#: Thresholds that a value falls below.
LOWER = {
    "vanishing_gradient": ("warning",),
    "update_ratio": ("warning",),
    "attention_entropy": ("warning", "critical"),
    "rank_collapse": ("warning", "critical"),
}
#: Ratios that begin at 1: what is above it is turned.
RATIOS = ("loss_divergence",)
#: Shares, which end there.
SHARES = ("loss_oscillation",)


def turn(monitor: Any, strictness: float) -> None:
    """Multiplies what a value has to exceed, and divides what it has to fall below."""
    for name in RULES:
        switches = monitor.rule(name)
        thresholds = {}
        for which in ("warning", "critical"):
            least = 1.0 if name in RATIOS else 0.0
            factor = 1 / strictness if which in LOWER.get(name, ()) else strictness
            thresholds[which] = least + (switches[which] - least) * factor
            if name in SHARES:
                thresholds[which] = min(thresholds[which], 1.0)
        monitor.set_rule(name, **thresholds)


class Turned(Watching):
    """Looks on with turned thresholds."""

    def __init__(self, strictness: float) -> None:
        super().__init__(false_alarms_per_million=SOONER if strictness < 1 else LATER)
        self.strictness = strictness

    def begin(self, task: Task, optimizer: torch.optim.Optimizer, recipe: Recipe) -> None:
        super().begin(task, optimizer, recipe)
        turn(self.watch.monitor, self.strictness)
