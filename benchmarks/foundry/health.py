"""Whether a program that is meant to be healthy is: it has to reach a good score of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .healthy import verdict_on

if TYPE_CHECKING:
    from typing import Any

    from .program import Program


def healthy_enough(
    programs: list[Program], results: dict[str, dict[str, Any]]
) -> tuple[list[Program], list[tuple[Program, str]]]:
    """All programs but the healthy ones that are not healthy after all, and those with the reason."""
    kept: list[Program] = []
    left: list[tuple[Program, str]] = []
    for program in programs:
        reason = verdict_on(program, results[program.recipe.key]["course"]) if program.role == "healthy" else ""
        if reason:
            left.append((program, reason))
        else:
            kept.append(program)
    return kept, left
