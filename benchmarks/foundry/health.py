"""Whether a program that is meant to be healthy is: it has to reach a good score of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from .program import Program

#: Of the best score that any healthy program of the family and data has reached.
LEAST_SHARE = 0.75


def final_score(result: dict[str, Any]) -> float:
    """The best of the last two evaluations; minus infinity for a run that crashed."""
    course = result["course"]
    if course["failure"]:
        return float("-inf")
    return max((score for score in course["scores"][-2:] if score == score), default=float("-inf"))


def healthy_enough(
    programs: list[Program], results: dict[str, dict[str, Any]]
) -> tuple[list[Program], list[Program]]:
    """All programs but the healthy ones that do not learn, and those."""
    best: dict[tuple[str, str], float] = {}
    for program in programs:
        if program.role == "healthy":
            group = (program.recipe.family, program.recipe.data)
            best[group] = max(best.get(group, 0.0), final_score(results[program.recipe.key]))
    kept, left = [], []
    for program in programs:
        goal = LEAST_SHARE * best.get((program.recipe.family, program.recipe.data), 0.0)
        is_good = program.role != "healthy" or final_score(results[program.recipe.key]) >= goal
        (kept if is_good else left).append(program)
    return kept, left
