"""What a family makes of a recipe: data, a net, a loss and an evaluation, as a user's program has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch
    from torch import nn

    from .recipe import Recipe

    #: Causes that the program's author asks Trimtab for, with the verdict.
    Findings = list[tuple[str, str]]
#: Steps between two evaluations.
EVALUATION_INTERVAL = 50


class Task(Protocol):
    """A program's parts. The loop in loop.py is the same for all.

    A task may have `findings() -> Findings`: what the documented diagnostic for such programs says of it, as the author
    of one would ask at every evaluation (is the posterior collapsed, are all modes covered, do pseudo-labels stay?).
    """

    model: nn.Module

    def batches(self) -> Iterator[Any]:
        """Without end, shuffled anew every epoch."""

    def loss(self, batch: Any) -> torch.Tensor:
        """Forward pass and loss, as the program's author wrote it: faults in either are in here."""

    def evaluate(self) -> tuple[float, float]:
        """Loss and score on held-out data: accuracy, or what the family cares for; higher is better."""


def scaled_inputs(batch: Any, factor: float) -> Any:
    """A batch whose inputs, its first tensor, are multiplied."""
    first, *rest = batch
    return (first * factor, *rest)


def family(recipe: Recipe) -> Task:
    """Builds the parts of a program."""
    from . import families

    return families.build(recipe)
