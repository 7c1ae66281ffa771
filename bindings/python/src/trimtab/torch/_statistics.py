"""What forward passes leave behind in a model, such as the running means of a batch normalisation.

A forward pass writes it before anybody is asked, so that a batch that is left out has to be taken out of it again.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import nn

#: Elements up to which a buffer is copied before anything is known of it: larger ones are tables and masks.
_SMALL = 1 << 16

_Buffers = dict[str, "torch.Tensor | None"]


class _Buffer:
    """A buffer by its place, since a forward pass may put another tensor there."""

    __slots__ = ("buffers", "is_sound", "kept", "key", "name", "tensor", "version")

    def __init__(self, name: str, buffers: _Buffers, key: str, tensor: torch.Tensor) -> None:
        self.name, self.buffers, self.key = name, buffers, key
        self.tensor, self.version = tensor, tensor._version
        self.kept: torch.Tensor | None = None
        #: It was finite at first: a mask of infinities has lost nothing.
        self.is_sound = not tensor.is_meta and tensor.is_floating_point() and bool(torch.isfinite(tensor).all())

    def has_moved(self) -> bool:
        found = self.buffers.get(self.key)
        return found is not self.tensor or found is None or found._version != self.version

    def copy(self, tensor: torch.Tensor) -> torch.Tensor:
        """Room for what stands there, with what was last known to be good where that is known."""
        if self.kept is None or self.kept.shape != tensor.shape:
            self.kept = tensor.detach().clone()
        # A model may be moved, or change its type.
        self.kept = self.kept.to(device=tensor.device, dtype=tensor.dtype)
        return self.kept


class Statistics:
    """Copies of these buffers as they were when a step was last taken."""

    def __init__(self, model: nn.Module, keeps: bool) -> None:
        """
        keeps  whether copies are made; else it only answers what has been lost
        """
        #: Those that a forward pass writes to, and those that none has been seen to write to.
        self._moving: list[_Buffer] = []
        self._still: list[_Buffer] = []
        #: What stood there when copies were last laid beside it, and the pairs.
        self._found: list[torch.Tensor | None] = []
        self._current: list[torch.Tensor] = []
        self._kept: list[torch.Tensor] = []
        with torch.no_grad():
            for path, module in model.named_modules():
                # torch's own normalisations write without a trace in the version of the tensor.
                is_written = getattr(module, "running_mean", None) is not None
                for key, tensor in module._buffers.items():
                    if tensor is not None and not tensor.is_meta:
                        name = f"{path}.{key}" if path else key
                        made = _Buffer(name, module._buffers, key, tensor)
                        if keeps and (is_written or tensor.numel() <= _SMALL):
                            made.kept = tensor.detach().clone()
                        (self._moving if is_written else self._still).append(made)

    def keep(self) -> None:
        """The step is taken, and what its forward passes wrote with it."""
        self._point()
        if self._kept:
            # None of them is part of a graph.
            torch._foreach_copy_(self._kept, self._current)

    def put_back(self) -> None:
        """The step is left out, and all that was written since the last one that was taken."""
        self._point()
        if self._kept:
            # A graph that waits for another backward pass has kept these tensors, and counts what is written to them.
            torch._foreach_copy_([one.data for one in self._current], self._kept)

    def settle(self, device: torch.device, is_bad: torch.Tensor) -> None:
        """Either of the two, as a value on the device says, which the host does not read."""
        self._point()
        groups: dict[torch.dtype, list[tuple[torch.Tensor, torch.Tensor]]] = {}
        for one, kept in zip(self._current, self._kept, strict=True):
            if one.device == device:
                groups.setdefault(one.dtype, []).append((one, kept))
        with torch.no_grad():
            for pairs in groups.values():
                # In one piece: five kernels, however many there are.
                fresh = torch.cat([one.reshape(-1) for one, _ in pairs])
                chosen = torch.where(is_bad, torch.cat([kept.reshape(-1) for _, kept in pairs]), fresh)
                parts = chosen.split([one.numel() for one, _ in pairs])
                shaped = [part.view(one.shape) for part, (one, _) in zip(parts, pairs, strict=True)]
                torch._foreach_copy_([one.data for one, _ in pairs], shaped)
                torch._foreach_copy_([kept for _, kept in pairs], shaped)

    def lost(self) -> list[tuple[str, torch.Tensor]]:
        """Those that have become NaN or Inf, each once. Reads values."""
        self._sort()
        sound = [one for one in self._moving if one.is_sound]
        tensors = [found for one in sound if (found := one.buffers.get(one.key)) is not None and found.numel()]
        if not tensors or bool(torch.isfinite(torch.stack(torch._foreach_norm(tensors, torch.inf))).all()):
            return []
        lost = []
        for one in sound:
            tensor = one.buffers.get(one.key)
            if tensor is not None and not bool(torch.isfinite(tensor).all()):
                one.is_sound = False
                lost.append((one.name, tensor))
        return lost

    def all(self) -> list[tuple[str, torch.Tensor]]:
        """Those that may be lost, for where no value is to be read."""
        tensors = [(one, one.buffers.get(one.key)) for one in self._moving if one.is_sound]
        return [(one.name, tensor) for one, tensor in tensors if tensor is not None]

    def _sort(self) -> None:
        """What something writes to is one of those from then on."""
        if self._still and (moved := [one for one in self._still if one.has_moved()]):
            self._still = [one for one in self._still if one not in moved]
            self._moving += moved

    def _point(self) -> None:
        """Lays copies beside what stands in the places now."""
        self._sort()
        found = [one.buffers.get(one.key) for one in self._moving]
        if len(found) == len(self._found) and all(map(operator.is_, found, self._found)):
            return
        self._found, self._current, self._kept = found, [], []
        with torch.no_grad():
            for one, tensor in zip(self._moving, found, strict=True):
                if tensor is not None:
                    self._current.append(tensor.detach())
                    self._kept.append(one.copy(tensor))
