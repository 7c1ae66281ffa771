"""Recall over false alarms, as the knob is turned: Trimtab's, and every peer's thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .score import Score


@dataclass(frozen=True)
class Point:
    """One setting of a tool."""

    setting: str
    false_alarms: float
    recall: float
    twin_silent: float


def point(setting: str, score: Score) -> Point:
    return Point(setting, score.false_alarms.value, score.recall.value, score.twin_silent.value)


def best(points: list[Point], most: float) -> float:
    """The greatest recall at so many false alarms or fewer."""
    return max((one.recall for one in points if one.false_alarms <= most), default=0.0)


def beaten_at(ours: list[Point], theirs: list[Point]) -> list[Point]:
    """Settings of a peer with a recall as good as ours at the same false alarms: none, if we are ahead everywhere."""
    return [one for one in theirs if one.recall >= best(ours, one.false_alarms) and one.recall > 0]
