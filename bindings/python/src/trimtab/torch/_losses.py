"""A loss function that was called, and what it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_REDUCTIONS = ("none", "mean", "sum")
#: The place of the reduction among the arguments.
_PLACES = {
    "cross_entropy": 3,
    "negative_log_likelihood": 3,
    "binary_cross_entropy": 3,
    "binary_cross_entropy_with_logits": 4,
    "squared_error": 2,
    "absolute_error": 2,
    "huber": 2,
}


class Call:
    """One of them, until its step is judged."""

    __slots__ = ("ignored", "loss", "node", "outputs", "reduction", "result", "smoothing", "targets", "weight")

    def __init__(self, loss: str, arguments: tuple[Any, ...], result: torch.Tensor) -> None:
        self.loss = loss
        self.reduction = _REDUCTIONS[arguments[_PLACES[loss]]]
        self.outputs: torch.Tensor = arguments[0]
        self.targets: torch.Tensor = arguments[1]
        self.result = result.detach()
        self.node: Any = result.grad_fn
        #: The label that stands for none.
        self.ignored = arguments[4] if loss in ("cross_entropy", "negative_log_likelihood") else None
        #: Of classes, or of the positive targets.
        self.weight: torch.Tensor | None = _weight(loss, arguments)
        self.smoothing = float(arguments[5]) if loss == "cross_entropy" and len(arguments) > 5 else 0.0


def _weight(loss: str, arguments: tuple[Any, ...]) -> torch.Tensor | None:
    if loss == "binary_cross_entropy_with_logits":
        return arguments[2] if arguments[2] is not None else arguments[3]
    return arguments[2] if loss in ("cross_entropy", "negative_log_likelihood", "binary_cross_entropy") else None


def call(kind: str, arguments: tuple[Any, ...], keywords: dict[str, Any], result: torch.Tensor) -> Call | None:
    """What was called, if it was a loss, called as `torch.nn.functional` does."""
    place = _PLACES.get(kind)
    if place is None or keywords or len(arguments) <= place:
        return None
    return Call(kind, arguments, result)
