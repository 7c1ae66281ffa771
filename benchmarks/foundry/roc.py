"""Recall over false alarms, as the knob is turned: Trimtab's, and every peer's thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .statistics import share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .judgements import Judgement
    from .program import Program


@dataclass(frozen=True)
class Point:
    """One setting of a tool."""

    setting: str
    false_alarms: float
    recall: float


def point(setting: str, programs: Iterable[Program], judge: Callable[[Program], Judgement]) -> Point:
    """Of the faulty programs among these, and the healthy ones."""
    flagged: dict[str, list[bool]] = {"faulty": [], "healthy": []}
    for program in programs:
        if program.role in flagged:
            onset = program.fault.onset if program.fault is not None else 0
            flagged[program.role].append(judge(program).flagged(onset))
    return Point(setting, share(flagged["healthy"]).value, share(flagged["faulty"]).value)


def best(points: list[Point], most: float) -> float:
    """The greatest recall at so many false alarms or fewer."""
    return max((one.recall for one in points if one.false_alarms <= most), default=0.0)


def beaten_at(ours: list[Point], theirs: list[Point]) -> list[Point]:
    """Settings of a peer with a recall as good as ours at the same false alarms: none, if we are ahead everywhere.

    Nobody is ahead of a recall of 1, and a peer that finds nothing is nowhere ahead.
    """
    found = []
    for one in theirs:
        recall = best(ours, one.false_alarms)
        if one.recall >= recall and one.recall > 0 and recall < 1:
            found.append(one)
    return found
