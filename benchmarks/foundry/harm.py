"""Does a fault do harm? Its run held against that of its repaired twin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .program import Program

#: A score that is lower by this much, of a range of 1, is harm,
SCORE_DROP = 0.05
#: and so is an evaluation loss higher by this factor,
LOSS_RATIO = 1.5
#: a training loss after the onset that is so much higher than the twin's for some twenty steps,
TRANSIENT_RATIO = 2.0
#: or a score that takes so many times as long to reach nine tenths of the twin's.
SLOWNESS = 2.0
#: Of a smoothed loss, in steps.
WINDOW = 20

#: Choices after which losses are not comparable.
OTHER_LOSS = frozenset(
    {"loss", "reduction", "loss_sign", "broadcasts", "beta", "target_scale", "target_offset", "output"}
)


@dataclass(frozen=True)
class Harm:
    """The scores of both, the ratio of their evaluation losses, and why it is harm; "" where it is none."""

    name: str
    twin_score: float
    score: float
    loss_ratio: float
    transient: float
    reason: str


def _last(numbers: list[float]) -> float:
    """The mean of the last two evaluations: one alone is noise."""
    chosen = numbers[-2:]
    return sum(chosen) / len(chosen) if chosen else math.nan


def _transient(faulty: list[float], twin: list[float], onset: int) -> float:
    """The greatest ratio of the two losses' means over a window after the onset."""
    greatest = 0.0
    for start in range(onset, min(len(faulty), len(twin)) - WINDOW + 1, WINDOW // 2):
        ours, theirs = (sum(losses[start : start + WINDOW]) / WINDOW for losses in (faulty, twin))
        if not math.isfinite(ours):
            return math.inf
        if theirs > 0:
            greatest = max(greatest, ours / theirs)
    return greatest


def _reached(scores: list[float], goal: float) -> int:
    """The first evaluation with a score of the goal, from 1 on; one more than there are where none has it."""
    return next((place for place, score in enumerate(scores, 1) if score >= goal), len(scores) + 1)


def harm_of(program: Program, faulty: dict[str, Any], twin: dict[str, Any]) -> Harm:
    """What a faulty program loses."""
    assert program.fault is not None
    ours, theirs = faulty["course"], twin["course"]
    score, twin_score = _last(ours["scores"]), _last(theirs["scores"])
    losses = [_last(course["evaluation_losses"]) for course in (ours, theirs)]
    ratio = losses[0] / losses[1] if losses[1] > 0 else math.nan
    comparable = OTHER_LOSS.isdisjoint(program.fault.choices)
    transient = _transient(ours["losses"], theirs["losses"], program.fault.onset) if comparable else math.nan
    goal = 0.9 * twin_score
    reason = ""
    if ours["failure"]:
        reason = "crash"
    elif not all(map(math.isfinite, [score, losses[0], ours["losses"][-1]])):
        reason = "not finite"
    elif score <= twin_score - SCORE_DROP:
        reason = "score"
    elif comparable and ratio >= LOSS_RATIO:
        reason = "loss"
    elif comparable and program.fault.onset and transient >= TRANSIENT_RATIO:
        reason = "jump"
    elif _reached(ours["scores"], goal) >= SLOWNESS * _reached(theirs["scores"], goal):
        reason = "slow"
    return Harm(program.name, twin_score, score, ratio, transient, reason)


def harms(programs: list[Program], results: dict[str, dict[str, Any]]) -> list[Harm]:
    """Of every faulty program; each is followed by its twin."""
    found = []
    for program, twin in zip(programs[::2], programs[1::2], strict=True):
        assert (program.role, twin.role) == ("faulty", "twin")
        found.append(harm_of(program, results[program.recipe.key], results[twin.recipe.key]))
    return found
