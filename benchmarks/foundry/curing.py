"""Whether the advised cure cures: the program is run again with what the first cause's advice changes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .cures import cured
from .score import pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .judgements import Judgement
    from .program import Program
    from .recipe import Recipe


@dataclass(frozen=True)
class Attempt:
    """A faulty program, the cause that was named first, and the programs that its advice leads to."""

    faulty: Program
    twin: Program
    cause: str
    recipes: tuple[Recipe, ...]


def attempts(programs: list[Program], judge: Callable[[Program], Judgement]) -> list[Attempt]:
    """Of every faulty program that was flagged; advice that changes nothing has no recipes."""
    found = []
    for faulty, twin in pairs(programs):
        assert faulty.fault is not None
        alarms = [alarm for alarm in judge(faulty).alarms if alarm[0] >= faulty.fault.onset]
        if alarms:
            cause = alarms[0][1][0] if alarms[0][1] else ""
            changed = tuple(recipe for recipe in cured(faulty.recipe, cause) if recipe != faulty.recipe)
            found.append(Attempt(faulty, twin, cause, changed))
    return found


def reruns(tried: list[Attempt]) -> list[Program]:
    """The programs to run."""
    return [replace(attempt.faulty, role="cured", recipe=recipe) for attempt in tried for recipe in attempt.recipes]


def is_cured(attempt: Attempt, results: Mapping[str, dict[str, Any]], judge: Callable[[Program], Judgement]) -> bool:
    """One of the tries is no longer flagged for this cause, and gets at least half of the way to the twin's score.

    Half of the way from nothing, where the score was below it: half of the way from far below is no cure. Where the
    score was no worse than the twin's (harm that passes), it must not become worse.
    """
    ours = max(_score(results[attempt.faulty.recipe.key]), 0.0)
    theirs = _score(results[attempt.twin.recipe.key])
    goal = ours + 0.5 * (theirs - ours) if theirs > ours else theirs - 0.05
    for recipe in attempt.recipes:
        program = replace(attempt.faulty, role="cured", recipe=recipe)
        again = judge(program)
        is_gone = not any(attempt.cause in causes for _, causes in again.alarms)
        if is_gone and _score(results[recipe.key]) >= goal - 0.02:
            return True
    return False


def _score(result: dict[str, Any]) -> float:
    """Of the last two evaluations; below all others where there is none, one is NaN, or the run ended early."""
    course = result["course"]
    scores = [score if score == score else -math.inf for score in course["scores"][-2:]]
    return sum(scores) / len(scores) if scores and not course["failure"] else -math.inf
