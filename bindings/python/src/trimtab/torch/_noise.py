"""The gradient noise scale from accumulation: norms of micro-batches beside the norm of what they add up to.

With K backward passes the small batch is one of them and the big one all. Only the ratio of the norms counts, so it
does not matter whether the loss was divided by K.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import torch

from ._scaler import is_unscaled, scale_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn

    from ..monitor import Monitor

_SMALL, _BIG, _COUNT = "noise small ", "noise big ", "noise count"


class Noise:
    """Hooks on parameters, which see the gradient of each backward pass before it is added to the others."""

    def __init__(self, parameters: Iterable[nn.Parameter], batch: float) -> None:
        self._parameters = [parameter for parameter in parameters if parameter.requires_grad]
        self._batch = batch
        self._norms: dict[torch.device, list[torch.Tensor]] = {}
        self._arrivals = [0] * len(self._parameters)
        self._fresh: dict[int, torch.Tensor] = {}
        self.handles: list[Any] = []
        for place, parameter in enumerate(self._parameters):
            self.handles.append(parameter.register_hook(functools.partial(self._arrived, place)))
            added = functools.partial(self._added, place)
            self.handles.append(parameter.register_post_accumulate_grad_hook(added))

    def _arrived(self, place: int, gradient: torch.Tensor) -> None:
        if not gradient.is_sparse:
            self._fresh[place] = torch.linalg.vector_norm(gradient.detach().float())

    def _added(self, place: int, parameter: nn.Parameter) -> None:
        # What is asked for by `torch.autograd.grad` arrives too, and is not added.
        norm = self._fresh.pop(place, None)
        if norm is not None:
            self._arrivals[place] += 1
            self._norms.setdefault(norm.device, []).append(norm)

    def numbers(self, scaler: Any, optimizer: Any) -> dict[str, Any]:
        """Squared norms of one micro-batch (the mean of them) and of all, by device; nothing without accumulation."""
        norms, self._norms = self._norms, {}
        self._fresh.clear()
        count = max(self._arrivals, default=0)
        self._arrivals = [0] * len(self._parameters)
        gradients = [one.grad for one in self._parameters if one.grad is not None and not one.grad.is_sparse]
        if count < 2 or not gradients:
            return {}
        scale = scale_of(scaler)
        found: dict[str, Any] = {_COUNT: float(count), "noise batch": self._batch}
        with torch.no_grad():
            for device, those in norms.items():
                # The mean over K of |K g|², g being what one pass adds.
                small = torch.stack(those).square().sum() * count
                own = [one.detach().float() for one in gradients if one.device == device]
                big = torch.stack(torch._foreach_norm(own)).square().sum()
                if scale is not None:
                    small = small / scale**2
                    big = big if is_unscaled(scaler, optimizer) else big / scale**2
                found[f"{_SMALL}{device}"], found[f"{_BIG}{device}"] = small, big
        return found


def observe(monitor: Monitor, numbers: dict[str, Any]) -> dict[str, Any]:
    """Shows what `Noise.numbers` found, read by now; gives back the other numbers."""
    if _COUNT not in numbers:
        return numbers
    small = sum(float(value) for name, value in numbers.items() if name.startswith(_SMALL))
    big = sum(float(value) for name, value in numbers.items() if name.startswith(_BIG))
    if math.isfinite(small) and math.isfinite(big):
        batch = float(numbers["noise batch"])
        monitor.observe_noise(batch, small, batch * float(numbers[_COUNT]), big)
    return {name: value for name, value in numbers.items() if not name.startswith("noise ")}
