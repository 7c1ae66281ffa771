"""When facts about the set-up are gathered, and how they come to the monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..set_up import SetUp
from . import _listening, _losses
from ._attention import Attention
from ._conditions import Modes, Settings
from ._objective import Objectives, fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

    from ..monitor import Monitor
    from ..set_up import Objective

#: Steps in which losses are listened to; after them one in so many.
_FIRST = frozenset((1, 2, 3, 6, 10, 16, 25, 35, 45, 60, 80, 95))
_INTERVAL, _LATER_INTERVAL, _LATER = 50, 200, 1000
#: The rules that speak of it.
RULES = frozenset(
    (
        "output_activation",
        "loss_kind",
        "summed_loss",
        "broadcast_loss",
        "target_scale",
        "gradient_ascent",
        "repeated_batch",
    )
)


def is_due(step: int) -> bool:
    """Whether a step is one of those."""
    return step in _FIRST or step % (_INTERVAL if step <= _LATER else _LATER_INTERVAL) == 0


class SetUpFacts:
    """Gathers them. Whatever goes wrong in here ends it, is told in the report, and nothing else."""

    def __init__(self, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> None:
        self.failure: Exception | None = None
        self._objectives = Objectives()
        self._attention = Attention()
        # A compiled model would be compiled again for a loss function that is another for a step.
        self._may_listen = not any(
            hasattr(one, "_orig_mod") or getattr(one, "_compiled_call_impl", None) is not None
            for one in model.modules()
        )
        self._fingerprint = 0
        self._is_listening = False
        self._modes = Modes(model)
        self._settings = Settings(list(model.parameters()), optimizers)
        self._is_ended = False
        self._prepare(1)

    @property
    def line(self) -> str:
        """What was last found out about the loss."""
        return self._objectives.line

    def forwarded(self, module: nn.Module, arguments: Any) -> None:
        """A forward pass of the model begins."""
        if self.failure is not None or self._is_ended:
            return
        try:
            has_gradients = torch.is_grad_enabled()
            self._modes.forwarded(module.training, has_gradients, arguments)
            if self._is_listening and has_gradients and arguments and isinstance(arguments[0], torch.Tensor):
                self._fingerprint = fingerprint(arguments[0])
        except Exception as error:
            self._fail(error)

    def gather(self, step: int, loss: Any, number: float | None, is_evaluated: bool) -> list[Objective | SetUp]:
        """In a step, before it is judged: what there is to tell.

        number        the loss, if it may be read; None: it is read here in the steps that are looked at
        is_evaluated  a loss on other data was given since the step before
        """
        if self.failure is not None or self._is_ended:
            return []
        try:
            return self._gather(step, loss, number, is_evaluated)
        except Exception as error:
            self._fail(error)
            return []

    def _gather(self, step: int, loss: Any, number: float | None, is_evaluated: bool) -> list[Objective | SetUp]:
        found: list[Objective | SetUp] = []
        is_new = self._modes.judged(is_evaluated)
        is_lost = self._settings.is_lost()
        if self._is_listening:
            if number is None and isinstance(loss, torch.Tensor) and loss.numel() == 1:
                number = float(loss.detach())
            objective = self._objectives.facts(loss, number)
            if objective is not None:
                objective.input_fingerprint = self._fingerprint
                found.append(objective)
            self._fingerprint = 0
        if self._is_listening or is_new or is_lost:
            set_up = SetUp(is_state_lost=is_lost)
            self._modes.add(set_up)
            self._settings.add(set_up)
            found.append(set_up)
        if step == 3:
            self._modes.end_first()
        self._prepare(step + 1)
        return found

    def _prepare(self, step: int) -> None:
        """The step that comes is listened to, or not."""
        wants = is_due(step)
        if wants != self._is_listening:
            self._is_listening = wants
            if self._may_listen:
                (_listening.listen if wants else _listening.leave)(self._hear)
            self._objectives.forget()
        if wants and step > 2 and self._may_listen:
            self._settings.look_at_norms()

    def _hear(self, kind: str, arguments: tuple[Any, ...], keywords: dict[str, Any], result: torch.Tensor) -> None:
        """A function that is listened to was called, in the midst of the program."""
        if self.failure is not None:
            return
        try:
            if kind in ("attention", "softmax"):
                self._attention.hear(kind, arguments, keywords)
            elif (call := _losses.call(kind, arguments, keywords, result)) is not None:
                self._objectives.hear(call)
        except Exception as error:
            self._fail(error)

    @property
    def wants_entries(self) -> bool:
        """Attention is called more often than there are entries for."""
        return self._attention.wants_entries

    def register(self, monitor: Monitor, order: int) -> None:
        """Between steps: entries that are new."""
        self._attention.register(monitor, order)

    def show(self, monitor: Monitor, found: Sequence[Objective | SetUp]) -> None:
        """In an open step."""
        for one in found:
            if isinstance(one, SetUp):
                monitor.observe_set_up(one)
            else:
                monitor.observe_objective(one)
        self._attention.show(monitor)

    def _fail(self, error: Exception) -> None:
        self.failure = error
        self.end()

    def end(self) -> None:
        """Takes every hook off, and leaves torch as it was."""
        self._is_ended = True
        _listening.leave(self._hear)
        self._objectives.forget()
        self._attention.forget()
        self._modes.end_first()
        self._settings.end()
