"""A program of the foundry: a recipe, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .recipe import Recipe


@dataclass(frozen=True)
class Fault:
    """One kind of fault: the choices that are wrong, since when, and what a good diagnosis may say.

    kind       its name, such as "learning_rate_far_too_high"
    choices    what it changes in a healthy recipe
    accepted   causes (keys as in status.h) that name the root cause
    symptoms   causes that are true but follow from it: flagged, not diagnosed
    onset      the first step at which it can be seen at all
    """

    kind: str
    choices: dict[str, Any]
    accepted: tuple[str, ...]
    symptoms: tuple[str, ...] = ()
    onset: int = 0


@dataclass(frozen=True)
class Program:
    """A recipe with its label: a fault, the repaired twin of one, or healthy."""

    name: str
    role: str  # "faulty", "twin" or "healthy"
    recipe: Recipe
    fault: Fault | None = None
    #: "tuning" or "test": no threshold is tuned on the latter.
    split: str = "tuning"


def faulty(fault: Fault, healthy: Recipe, name: str, split: str) -> tuple[Program, Program]:
    """A faulty program and its repaired twin."""
    return (
        Program(f"{fault.kind}/{name}", "faulty", healthy.changed(**fault.choices), fault, split),
        Program(f"{fault.kind}/{name}", "twin", healthy, fault, split),
    )
