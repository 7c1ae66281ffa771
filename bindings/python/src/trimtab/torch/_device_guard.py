"""The guard where gradients are on an accelerator: it acts in the same step, on the device, and the host does not know.

What the monitor decides comes a step late. So what must not be late is decided where the gradients are: whether all of
them are finite, and by how much they are clipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from . import _device_rows as rows

if TYPE_CHECKING:
    from ..monitor import MonitorOptions
    from ._late import Late
    from ._statistics import Statistics

#: ZClip: level and memory; AdaGC: level, memory and steps in which it clips globally. As in the library's engine.
_Z_LEVEL, _Z_KEEP = 2.5, 0.97
_MISSING = object()
_TENSOR_LEVEL, _TENSOR_KEEP, _TENSOR_WARM_UP = 1.05, 0.98, 100


class DeviceGuard:
    """Leaves out and clips steps on the device: by `found_inf` and `grad_scale` where the optimizer is fused and takes
    them (then nothing moves, as if the step had not been), else by zeroing and scaling the gradients.
    """

    def __init__(self, late: Late, options: MonitorOptions, statistics: Statistics | None = None) -> None:
        self._late = late
        self._statistics = statistics
        self._clipping = options.get("clipping", "none")
        self._maximum = options.get("maximum_norm", 1.0)
        self._warm_up = options.get("warm_up", 25)
        self._adaptive: dict[torch.device, _Adaptive] = {}
        self._each: dict[torch.device, _Each] = {}
        #: Of the step shown last: parameters of a device, whether it is bad there, and what it is clipped by.
        self._verdicts: list[tuple[list[torch.nn.Parameter], torch.Tensor, torch.Tensor | None]] = []
        #: What `found_inf` and `grad_scale` were before.
        self._before: dict[str, Any] | None = None

    def obey(self, optimizer: torch.optim.Optimizer, own: set[int] | None = None, is_last: bool = False) -> None:
        """Before the optimizer's step; once for each step shown.

        own      the parameters of this one of several optimizers, by identity; None: all are
        is_last  nothing comes after the optimizer's step, so that it is told nothing
        """
        if self._late.gradients:
            self._judge()
        is_fused = not is_last and all(group.get("fused") for group in optimizer.param_groups)
        with torch.no_grad():
            for parameters, bad, factors in self._verdicts:
                places = [
                    place
                    for place, one in enumerate(parameters)
                    if one.grad is not None and (own is None or id(one) in own)
                ]
                gradients = [_values(parameters[place].grad) for place in places]
                if is_fused:
                    self._tell(optimizer, bad, factors if factors is not None and factors.ndim == 0 else None)
                else:
                    for gradient in gradients:
                        # A product with NaN is NaN.
                        gradient.masked_fill_(bad, 0.0)
                if factors is not None and (factors.ndim == 1 or not is_fused):
                    _multiply(gradients, factors, places)

    def _judge(self) -> None:
        """Whether the step just shown is taken and by what it is clipped, for each device."""
        loss, scale = self._late.loss, self._late.scale
        self._verdicts = []
        with torch.no_grad():
            for device, (parameters, counts, measures) in self._late.gradients.items():
                bad, norms = _judged(torch.cat(counts), torch.cat(measures))
                if isinstance(loss, torch.Tensor) and loss.device == device:
                    bad = bad | ~torch.isfinite(loss.detach().reshape(()))
                if self._statistics is not None:
                    self._statistics.settle(device, bad)
                if scale is not None:
                    norms = norms / scale
                self._verdicts.append((parameters, bad, self._factors(device, norms, bad)))
        self._late.gradients.clear()
        self._late.loss = None

    def _factors(self, device: torch.device, norms: torch.Tensor, bad: torch.Tensor) -> torch.Tensor | None:
        """One factor for all gradients, or one for each; None without clipping."""
        if self._clipping == "none":
            return None
        norm = torch.linalg.vector_norm(norms)
        if self._clipping == "per_tensor":
            state = self._each.setdefault(device, _Each())
            return state.factors(norms, (self._maximum / (norm + 1e-6)).clamp(max=1.0), bad)
        limit = torch.full_like(norm, self._maximum if self._maximum > 0 else torch.inf)
        if self._clipping == "adaptive":
            limit = self._adaptive.setdefault(device, _Adaptive(self._warm_up)).limit(norm, limit, bad)
        factor = (limit / (norm + 1e-6)).clamp(max=1.0)
        return torch.where(norm > limit, factor, torch.ones_like(factor)).masked_fill(bad, 1.0)

    def _tell(self, optimizer: Any, bad: torch.Tensor, factor: torch.Tensor | None) -> None:
        if self._before is None:
            self._before = {name: getattr(optimizer, name, _MISSING) for name in ("found_inf", "grad_scale")}
        flag = bad.to(torch.float32).reshape(())
        known = getattr(optimizer, "found_inf", None)
        optimizer.found_inf = flag if known is None else torch.maximum(known.reshape(()).to(flag.device), flag)
        if factor is not None:
            # Gradients are divided by it.
            divisor = (1.0 / factor).to(torch.float32).reshape(())
            known = getattr(optimizer, "grad_scale", None)
            optimizer.grad_scale = divisor if known is None else known.reshape(()).to(divisor.device) * divisor

    def end(self, optimizer: Any) -> None:
        """After the optimizer's step."""
        before, self._before = self._before, None
        for name, value in (before or {}).items():
            if value is not _MISSING:
                setattr(optimizer, name, value)
            elif hasattr(optimizer, name):
                delattr(optimizer, name)


def _judged(counts: torch.Tensor, measures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Whether any element is not finite, and the norm of each tensor."""
    exponent = measures[:, rows.EXPONENT]
    return counts[:, : rows.ZERO].sum() > 0, measures[:, rows.SQUARE].sqrt() * torch.exp2(exponent)


def _values(gradient: Any) -> torch.Tensor:
    found: torch.Tensor = gradient._values() if gradient.is_sparse else gradient
    return found


def _multiply(gradients: list[torch.Tensor], factors: torch.Tensor, places: list[int]) -> None:
    if factors.ndim == 0:
        groups: dict[torch.dtype, list[torch.Tensor]] = {}
        for one in gradients:
            groups.setdefault(one.dtype, []).append(one)
        for dtype, those in groups.items():
            torch._foreach_mul_(those, factors.to(dtype))
        return
    each = factors.unbind()
    for one, place in zip(gradients, places, strict=True):
        one.mul_(each[place].to(one.dtype))


class _Adaptive:
    """ZClip with its moments on the device."""

    def __init__(self, warm_up: int) -> None:
        self._warm_up = warm_up
        self._moments: torch.Tensor | None = None

    def limit(self, norm: torch.Tensor, greatest: torch.Tensor, bad: torch.Tensor) -> torch.Tensor:
        if self._moments is None:
            self._moments = norm.new_zeros(3)
        count, mean, square = self._moments.unbind()
        deviation = torch.maximum(square.sqrt(), 1e-3 * mean + 1e-12)
        z = (norm - mean) / deviation
        is_far = (count >= self._warm_up) & (z > _Z_LEVEL)
        limit = (mean + _Z_LEVEL * deviation * _Z_LEVEL / z).masked_fill(~is_far, torch.inf).minimum(greatest)
        taken = torch.minimum(norm, limit)
        fresh = count + 1
        is_filling = fresh <= self._warm_up
        weight = torch.where(is_filling, 1 / fresh, torch.full_like(fresh, 1 - _Z_KEEP))
        moved = mean + weight * (taken - mean)
        # While it fills, the variance of all so far; then ZClip's, about the new mean.
        change = torch.where(is_filling, (taken - mean) * (taken - moved), (taken - moved).square())
        found = torch.stack([fresh, moved, square + weight * (change - square)])
        self._moments = torch.where(bad | ~torch.isfinite(norm), self._moments, found)
        return limit


class _Each:
    """AdaGC with its norms on the device."""

    def __init__(self) -> None:
        self._norms: torch.Tensor | None = None
        self._count = 0

    def factors(self, norms: torch.Tensor, common: torch.Tensor, bad: torch.Tensor) -> torch.Tensor:
        if self._norms is None or self._norms.shape != norms.shape:
            self._norms, self._count = norms.new_full(norms.shape, torch.inf), 0
        if self._count < _TENSOR_WARM_UP:
            factors = common.expand_as(norms)
            moved = torch.minimum(self._norms, norms * factors)
        else:
            limit = _TENSOR_LEVEL * self._norms
            factors = torch.where((norms > limit) & (limit > 0), limit / norms, torch.ones_like(norms))
            moved = _TENSOR_KEEP * self._norms + (1 - _TENSOR_KEEP) * norms * factors
        self._norms = torch.where(bad | ~torch.isfinite(norms), self._norms, moved)
        self._count += 1
        return factors.masked_fill(bad, 1.0)
