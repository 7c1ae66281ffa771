"""Copies of a model and its optimizer that proved healthy, to go back to."""

from __future__ import annotations

import copy
import itertools
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

#: Healthy steps after a copy before it counts as good.
CONFIRMING = 5


class _Copy:
    """One copy; its memory is used again for the next."""

    def __init__(self) -> None:
        self.step = -1
        self._tensors: dict[str, torch.Tensor] = {}
        self._state: dict[Any, dict[str, Any]] = {}
        self._scaler: dict[str, Any] | None = None

    def take(self, step: int, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer], scaler: Any) -> None:
        self.step = step
        known, self._tensors = self._tensors, {}
        for name, tensor in _tensors(model):
            self._tensors[name] = _copied(tensor, known.get(name))
        before, self._state = self._state, {}
        # Each parameter has one optimizer.
        for parameter, state in itertools.chain.from_iterable(one.state.items() for one in optimizers):
            old = before.get(parameter, {})
            self._state[parameter] = {name: _copied(value, old.get(name)) for name, value in state.items()}
        self._scaler = None if scaler is None else copy.deepcopy(scaler.state_dict())

    def restore(self, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer], scaler: Any) -> None:
        """In place. The learning rate and what else a schedule sets stay as they are."""
        for name, tensor in _tensors(model):
            kept = self._tensors.get(name)
            # What was not there then, or was another, stays as it is.
            if kept is not None and kept.shape == tensor.shape:
                tensor.copy_(kept)
        for optimizer in optimizers:
            self._restore_state(optimizer)
        if scaler is not None and self._scaler is not None:
            scaler.load_state_dict(self._scaler)

    def _restore_state(self, optimizer: torch.optim.Optimizer) -> None:
        for parameter, state in list(optimizer.state.items()):
            held = self._state.get(parameter)
            if held is None:
                # It had no state then.
                del optimizer.state[parameter]
                continue
            for name in list(state):
                if name not in held:
                    del state[name]
            for name, value in held.items():
                found = state.get(name)
                # In place, for graphs that hold the address; other tensors may be shared among entries (L-BFGS).
                is_own = isinstance(value, torch.Tensor) and value.shape in (parameter.shape, ())
                if is_own and isinstance(found, torch.Tensor):
                    found.copy_(value)
                else:
                    state[name] = value.clone() if isinstance(value, torch.Tensor) else copy.deepcopy(value)


class Snapshots:
    """The last good copy, and one more that has yet to prove itself."""

    def __init__(
        self, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer], scaler: Any, interval: int
    ) -> None:
        self._model = model
        self._optimizers = optimizers
        self.scaler = scaler
        self._interval = interval
        self._good: _Copy | None = None
        self._candidate: _Copy | None = None
        self._spare: _Copy | None = None
        self._healthy = 0
        self._last = 0
        #: How often the run went back; the guard counts.
        self.restored_count = 0

    def healthy(self, step: int) -> None:
        """A step before which nothing was wrong; called before the optimizer takes it."""
        self._healthy += 1
        candidate = self._candidate
        if candidate is not None:
            if self._healthy > CONFIRMING:
                self._good, self._candidate, self._spare = candidate, None, self._good
            return
        if self._good is not None and step - self._last < self._interval:
            return
        fresh = self._spare or _Copy()
        with torch.no_grad():
            fresh.take(step - 1, self._model, self._optimizers, self.scaler)
        self._candidate, self._spare, self._last, self._healthy = fresh, None, step, 0

    def unhealthy(self) -> None:
        """What has not proved itself by now may hold the cause."""
        if self._candidate is not None:
            self._spare, self._candidate = self._candidate, None
        self._healthy = 0

    def restore(self) -> int | None:
        """Puts everything back in place, and returns the step after which it was so; None without a good copy."""
        self.unhealthy()
        if self._good is None:
            return None
        with torch.no_grad():
            self._good.restore(self._model, self._optimizers, self.scaler)
        return self._good.step


def _tensors(model: nn.Module) -> list[tuple[str, torch.Tensor]]:
    return [*model.named_parameters(), *model.named_buffers()]


def _copied(value: Any, room: Any) -> Any:
    if not isinstance(value, torch.Tensor):
        return copy.deepcopy(value)
    value = value.detach()
    if isinstance(room, torch.Tensor) and room.shape == value.shape and room.dtype == value.dtype:
        return room.copy_(value)
    return value.clone()
