"""The families of programs, by name: a module each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import mlp

if TYPE_CHECKING:
    from ..recipe import Recipe
    from ..task import Task

FAMILIES = {"mlp_classifier": mlp.Classifier, "mlp_regressor": mlp.Regressor}


def build(recipe: Recipe) -> Task:
    """The parts of a program."""
    return FAMILIES[recipe.family](recipe)
