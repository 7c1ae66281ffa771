"""Tensors as the library sees them, made once and pointed anew each step."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import torch

from .. import _structures as structures
from .._errors import check
from .._library import library
from .._tensors import view
from ..monitor import QUANTITIES, Monitor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._registration import SeenCall

_CODES = {
    torch.float32: (2, 32),
    torch.float64: (2, 64),
    torch.float16: (2, 16),
    torch.bfloat16: (4, 16),
}
_STRIDED = torch.strided
#: 64-bit words of a tensor structure; its first is the address of the data.
_WORDS = ctypes.sizeof(structures.Tensor) // 8


class Slots:
    """An array of tensor views with the entry and the quantity of each, for one foreign call."""

    def __init__(self, monitor: Monitor, capacity: int = 1) -> None:
        self._monitor = monitor
        self._grow(max(capacity, 1))
        #: What the views point into, until the call is over.
        self._owners: list[Any] = []

    def _grow(self, capacity: int) -> None:
        self._tensors = (structures.Tensor * capacity)()
        self._words = memoryview(self._tensors).cast("B").cast("Q")
        self._entries = (ctypes.c_int64 * capacity)()
        self._quantities = (ctypes.c_int32 * capacity)()
        self._shapes: list[Any] = [None] * capacity
        self._types: list[Any] = [None] * capacity
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
        # What differs from the step before is described anew; else only the address is.
        if (
            tensor.dtype is self._types[place]
            and tensor.layout is _STRIDED
            and tensor.is_contiguous()
            and tensor.shape == self._shapes[place]
        ):
            self._words[place * _WORDS] = tensor.data_ptr()
            self._owners.append(tensor)
        else:
            self._describe(place, tensor)
        self._entries[place] = entry
        self._quantities[place] = quantity
        self.count = place + 1

    def show_gradients(self, parameters: Iterable[tuple[int, torch.nn.Parameter]]) -> None:
        """Shows the gradients of parameters that have one, at places of their own."""
        for index, parameter in parameters:
            gradient = parameter.grad
            if gradient is not None:
                self.add(index, GRADIENT, gradient)
        self.send()

    def _describe(self, place: int, tensor: torch.Tensor) -> None:
        tensor = tensor.detach()
        if tensor.is_sparse:
            tensor = tensor.coalesce().values()
        self._owners.append(tensor)
        self._types[place] = None
        code = _CODES.get(tensor.dtype)
        structure = self._tensors[place]
        if code is None or not tensor.is_contiguous() or tensor.ndim > structures.MAXIMUM_RANK:
            seen = view(tensor, "tensor")
            ctypes.memmove(ctypes.byref(structure), ctypes.byref(seen.structure), ctypes.sizeof(structures.Tensor))
            self._kept[place] = seen
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
        self._shapes[place] = tensor.shape
        self._types[place] = tensor.dtype

    def send(self) -> None:
        """Shows all of them to the monitor."""
        count = self.count
        if count:
            self.count = 0
            status = library.trimtab_monitor_observe_all(
                self._monitor._pointer, self._entries, self._quantities, self._tensors, count
            )
            self._owners.clear()
            if status:
                check(status)


class Questions:
    """What a step asks the monitor at its begin, in one call: the weights, then the calls of modules."""

    def __init__(self, monitor: Monitor, weight: int | None, calls: Iterable[SeenCall]) -> None:
        self._monitor = monitor
        asked = [(weight, WEIGHT)] if weight is not None else []
        for seen in calls:
            seen.place = len(asked)
            asked.append((seen.index, seen.code))
        self._count = len(asked)
        self._entries = (ctypes.c_int64 * self._count)(*(entry for entry, _ in asked))
        self._quantities = (ctypes.c_int32 * self._count)(*(code for _, code in asked))
        self._answers = (ctypes.c_uint8 * max(self._count, 1))()
        #: One byte for each.
        self.wanted = memoryview(self._answers).cast("B")

    def ask(self) -> None:
        status = library.trimtab_monitor_wants_all(
            self._monitor._pointer, self._entries, self._quantities, self._count, self._answers
        )
        if status:
            check(status)


class Scalars:
    """The numbers of a step, for one call."""

    def __init__(self, monitor: Monitor, codes: tuple[int, ...]) -> None:
        self._monitor = monitor
        self._all = codes
        self._count = len(codes)
        self._codes = (ctypes.c_int32 * self._count)(*codes)
        self._values = (ctypes.c_double * self._count)()
        #: In the order of the codes; the last one is always sent.
        self.values = memoryview(self._values).cast("B").cast("d")
        self._is_set = [False] * self._count

    def set(self, place: int, value: float) -> None:
        self.values[place] = value
        self._is_set[place] = True

    def send(self) -> None:
        last = self._count - 1
        if all(self._is_set[:last]):
            status = library.trimtab_monitor_observe_scalars(
                self._monitor._pointer, self._codes, self._values, self._count
            )
            if status:
                check(status)
        else:
            for place, code in enumerate(self._all):
                if place == last or self._is_set[place]:
                    check(library.trimtab_monitor_observe_scalar(self._monitor._pointer, code, self.values[place]))
        self._is_set = [False] * self._count


#: The codes of the quantities.
GRADIENT, WEIGHT, PREACTIVATION, OUTPUT = (
    QUANTITIES.index(name) for name in ("gradient", "weight", "preactivation", "output")
)
