"""Where in the loop a step is judged: it has to come after the backward pass and before the optimizers' step.

Anywhere else the gradients are those of another step or none, the guard comes too late, and nothing fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ._guard import say

if TYPE_CHECKING:
    from torch import nn
    from torch.utils.hooks import RemovableHandle

#: Steps that are looked at, and how many in a row have to be wrong.
_STEPS, _PATIENCE = 8, 3
_RIGHT = "loss.backward(), watch.step(loss), optimizer.step(), optimizer.zero_grad()"


class Order:
    """Looks at one parameter in the first steps: whether it has moved since its gradient came, or has lost it."""

    def __init__(self, parameter: nn.Parameter | None) -> None:
        self._parameter = parameter
        self._handle: RemovableHandle | None = parameter.register_hook(self._arrived) if parameter is not None else None
        #: As the gradient came; None before the first.
        self._version: int | None = None
        self._has_content = False
        self._is_forward_later = False
        self._left = _STEPS
        self._wrong = 0
        #: Whether values may be read: those on a device are not.
        self.reads = False
        #: What there is to tell.
        self.line: str | None = None

    @property
    def is_over(self) -> bool:
        return self._handle is None

    def _arrived(self, gradient: torch.Tensor) -> None:
        assert self._parameter is not None
        self._version = self._parameter._version
        self._is_forward_later = False
        self._has_content = self.reads and bool(gradient.detach().any())

    def forwarded(self) -> None:
        """A forward pass of training begins."""
        self._is_forward_later = True

    def judged(self) -> None:
        """A step is judged now."""
        place = self._place()
        self._wrong = self._wrong + 1 if place is not None else 0
        self._left -= 1
        if place is not None and self._wrong == _PATIENCE:
            self.line = f"watch.step came {place}: the order is {_RIGHT}"
            say(
                f"watch.step came {place}, {_PATIENCE} times; it is to come after loss.backward() and before "
                f"optimizer.step(): {_RIGHT}"
            )
        if self._left == 0 or self.line is not None:
            self.end()

    def _place(self) -> str | None:
        """Where it came, if not where it should."""
        parameter = self._parameter
        if parameter is None or self._version is None:
            return None
        has_moved = parameter._version != self._version
        held = parameter.grad
        is_gone = held is None or (self._has_content and not bool(held.any()))
        if not has_moved and not is_gone:
            return None
        if self._is_forward_later:
            return "before loss.backward()"
        return "after optimizer.step()" if has_moved else "after the gradients were cleared"

    def end(self) -> None:
        """Takes the hook off."""
        if self._handle is not None:
            self._handle.remove()
            self._handle = None
