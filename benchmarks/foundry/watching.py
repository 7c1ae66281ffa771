"""Trimtab looking on, as its README says: three lines in the loop, defaults everywhere."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import torch

import trimtab.torch

if TYPE_CHECKING:
    from .recipe import Recipe
    from .task import Task


GRAVE = ("warning", "critical")


@dataclass(frozen=True)
class Flag:
    """A finding, with the step at which it was raised."""

    step: int
    rule: str
    cause: str
    verdict: str
    name: str
    first_step: int
    #: When it was last so, by the watch's count.
    last_step: int
    value: float
    threshold: float


class Watching:
    """An observer that keeps what the watch says, and when it began to say it."""

    #: Its answers are another version's no more.
    asks_trimtab = True

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.flags: dict[tuple[str, str, str], Flag] = {}
        #: Causes of warnings and worse at the end, the likeliest root cause first.
        self.diagnosis: list[str] = []
        self.watch: Any = None
        self._task: Any = None

    def begin(self, task: Task, optimizer: torch.optim.Optimizer, recipe: Recipe) -> None:
        self._task = task
        self.watch = trimtab.torch.watch(task.model, optimizer, **self.options)

    def judged(self, step: int, loss: torch.Tensor) -> None:
        decision = self.watch.step(loss)
        if decision is not None and decision.new_finding_count:
            self._collect(step)

    def _collect(self, step: int) -> None:
        for finding in self.watch.findings():
            key = (finding.rule, finding.cause.name, finding.name)
            verdict = str(finding.verdict)
            if key in self.flags and self.flags[key].verdict == verdict:
                self.flags[key] = replace(self.flags[key], last_step=finding.last_step)
                continue
            # A notice that became a warning: since then.
            since = step if key not in self.flags else min(max(finding.first_step - 1, 0), step)
            self.flags[key] = Flag(
                since, finding.rule, finding.cause.name, verdict, finding.name, finding.first_step,
                finding.last_step, float(finding.value), float(finding.threshold),
            )  # fmt: skip

    def stepped(self, step: int) -> None: ...

    def evaluated(self, step: int, loss: float, score: float) -> None:
        self.watch.validation_loss = loss
        findings = getattr(self._task, "findings", None)
        # What is drawn to answer must not move the run's own random numbers.
        with torch.random.fork_rng(devices=[]):
            found = findings() if findings is not None else []
        for cause, verdict in found:
            if cause != "NONE" and ("asked", cause, "") not in self.flags:
                self.flags["asked", cause, ""] = Flag(step, "asked", cause, verdict, "", step, step, 0.0, 0.0)

    def replaced(self, optimizer: torch.optim.Optimizer) -> None: ...

    def end(self) -> None:
        self._collect(self.watch._step)
        asked = [flag.cause for flag in self.flags.values() if flag.rule == "asked" and flag.verdict.lower() in GRAVE]
        told = [finding.cause.name for finding in self.watch.diagnosis() if str(finding.verdict) in GRAVE]
        # Who asks a diagnostic takes its answer first.
        self.diagnosis = list(dict.fromkeys(asked + told))
        self.watch.remove()

    def answer(self) -> dict[str, Any]:
        """For the cache."""
        flags = [asdict(flag) for flag in self.flags.values()]
        return {"flags": flags, "diagnosis": self.diagnosis, "fault": str(self.watch.fault or "")}
