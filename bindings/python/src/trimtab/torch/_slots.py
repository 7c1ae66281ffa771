"""Tensors as the library sees them, made once and pointed anew each step."""

from __future__ import annotations

import ctypes
from typing import Any

import torch

from .. import _structures as structures
from .._errors import check
from .._library import library
from .._tensors import view
from ..monitor import QUANTITIES, Monitor

_CODES = {
    torch.float32: (2, 32),
    torch.float64: (2, 64),
    torch.float16: (2, 16),
    torch.bfloat16: (4, 16),
}


class Slots:
    """An array of tensor views with the entry and the quantity of each, for one foreign call."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._capacity = 0
        self._grow(64)
        self.count = 0
        #: What the views point into, until the call is over.
        self._owners: list[Any] = []

    def _grow(self, capacity: int) -> None:
        self._tensors = (structures.Tensor * capacity)()
        self._entries = (ctypes.c_int64 * capacity)()
        self._quantities = (ctypes.c_int32 * capacity)()
        self._shapes: list[Any] = [None] * capacity
        self._kept: list[Any] = [None] * capacity
        self._capacity = capacity
        self.count = 0

    def reserve(self, capacity: int) -> None:
        """Room for so many; what is in it is lost if it has to grow."""
        if capacity > self._capacity:
            self._grow(capacity)

    def add(self, entry: int, quantity: int, tensor: torch.Tensor) -> None:
        """Takes a tensor for the next call."""
        place = self.count
        structure = self._tensors[place]
        shape = tensor.shape
        if self._shapes[place] is None or self._shapes[place] != (shape, tensor.dtype) or not tensor.is_contiguous():
            self._describe(place, tensor)
            structure = self._tensors[place]
        else:
            structure.data = tensor.data_ptr()
        self._entries[place] = entry
        self._quantities[place] = quantity
        self._owners.append(tensor)
        self.count = place + 1

    def _describe(self, place: int, tensor: torch.Tensor) -> None:
        code = _CODES.get(tensor.dtype)
        structure = self._tensors[place]
        if code is None or not tensor.is_contiguous() or tensor.ndim > structures.MAXIMUM_RANK:
            seen = view(tensor, "tensor")
            ctypes.memmove(ctypes.byref(structure), ctypes.byref(seen.structure), ctypes.sizeof(structures.Tensor))
            self._kept[place] = seen
            self._shapes[place] = None
            return
        extents = (ctypes.c_int64 * max(tensor.ndim, 1))(*tensor.shape)
        structure.data = tensor.data_ptr()
        structure.device = structures.Device(1, 0)
        structure.ndim = tensor.ndim
        structure.dtype = structures.DType(*code, 1)
        structure.shape = extents
        structure.strides = None
        structure.byte_offset = 0
        self._kept[place] = extents
        self._shapes[place] = (tensor.shape, tensor.dtype)

    def send(self) -> None:
        """Shows all of them to the monitor."""
        if self.count:
            check(
                library.trimtab_monitor_observe_all(
                    self._monitor._pointer, self._entries, self._quantities, self._tensors, self.count
                )
            )
        self._owners.clear()
        self.count = 0


#: The codes of the quantities.
GRADIENT, WEIGHT, PREACTIVATION, OUTPUT = (
    QUANTITIES.index(name) for name in ("gradient", "weight", "preactivation", "output")
)
