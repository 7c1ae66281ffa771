"""What the callbacks of trainers have in common: a watch that is made when the run begins, and the loss as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from .._errors import TrimtabValueError
from ..monitor import Action
from ._guard import say
from ._watch import Watch

if TYPE_CHECKING:
    from torch import nn


class TrainerWatch:
    """A watch inside a trainer. Options as of `trimtab.torch.watch`; `guard` is on."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("guard", True)
        self._given = options
        #: The watch; None before the run has begun.
        self.watch: Watch | None = None
        self._loss: Any = None

    def begin(self, model: nn.Module, optimizer: torch.optim.Optimizer, scaler: Any) -> Watch:
        """A second run is watched anew."""
        self.end()
        self._loss = None
        try:
            self.watch = Watch(model, optimizer, scaler=scaler, **self._given)
        except TrimtabValueError as error:
            if not str(error).startswith("optimizer"):
                raise
            # Some hold copies of the parameters, in another type or in parts.
            say(f"not guarded, training goes on: {error}")
            self.watch = Watch(model, scaler=scaler, **{**self._given, "guard": False})
        return self.watch

    def end(self) -> None:
        if self.watch is not None:
            self.watch.findings()
            self.watch.remove()

    def add_loss(self, loss: Any) -> None:
        """The share of one micro-batch in the loss of the step."""
        if isinstance(loss, torch.Tensor):
            loss = loss.detach()
        self._loss = loss if self._loss is None else self._loss + loss

    def step(self) -> None:
        """The gradients are there."""
        loss, self._loss = self._loss, None
        if self.watch is not None:
            self.watch.step(loss)

    @property
    def is_over(self) -> bool:
        """Whether the run is to be ended: it does not recover."""
        watch = self.watch
        return (
            watch is not None
            and watch.fault is None
            and watch._guard is not None
            and watch.decision is not None
            # Without a copy to go back to, rolling back is the end too.
            and (watch.decision.action is Action.STOP or watch._guard.has_said_stop)
        )

    def validation(self, loss: Any) -> None:
        """A loss on other data, with the next step."""
        if self.watch is not None and isinstance(loss, (int, float, torch.Tensor)):
            self.watch.validation_loss = loss
