"""Tensors as the library sees them, made once and pointed anew each step."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import torch

from .. import _structures as structures
from .._errors import check
from .._library import library
from .._tensors import view
from ..monitor import QUANTITIES, SCALARS, Monitor

if TYPE_CHECKING:
    from collections.abc import Sequence

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
#: The word of a tensor structure that holds the rank, and what it is where nothing stands.
_RANK = structures.Tensor.ndim.offset // 8
_ABSENT = 0xFFFF_FFFF


class Views:
    """An array of tensor views with the entry and the quantity of each, for one foreign call."""

    def __init__(self, capacity: int) -> None:
        self._tensors = (structures.Tensor * capacity)()
        self._words = memoryview(self._tensors).cast("B").cast("Q")
        self._entries = (ctypes.c_int64 * capacity)()
        self._quantities = (ctypes.c_int32 * capacity)()
        self._shapes: list[Any] = [None] * capacity
        self._types: list[Any] = [None] * capacity
        #: The words that hold rank and element type.
        self._ranks = [_ABSENT] * capacity
        self._kept: list[Any] = [None] * capacity
        #: What was made for the call, until it is over.
        self._made: list[Any] = []

    def _point(self, place: int, tensor: torch.Tensor) -> None:
        """Lets a view see a tensor, which has to live until the call is over."""
        # What differs from the step before is described anew; else only the address is.
        if (
            tensor.dtype is self._types[place]
            and tensor.layout is _STRIDED
            and tensor.is_contiguous()
            and tensor.shape == self._shapes[place]
        ):
            self._words[place * _WORDS] = tensor.data_ptr()
            self._words[place * _WORDS + _RANK] = self._ranks[place]
        else:
            self._describe(place, tensor)

    def _describe(self, place: int, tensor: torch.Tensor) -> None:
        tensor = tensor.detach()
        if tensor.is_sparse:
            tensor = tensor.coalesce().values()
            self._made.append(tensor)
        self._types[place] = None
        code = _CODES.get(tensor.dtype)
        structure = self._tensors[place]
        if code is None or not tensor.is_contiguous() or tensor.ndim > structures.MAXIMUM_RANK:
            seen = view(tensor, "tensor")
            ctypes.memmove(ctypes.byref(structure), ctypes.byref(seen.structure), ctypes.sizeof(structures.Tensor))
            self._made.append((seen, tensor))
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
        self._ranks[place] = self._words[place * _WORDS + _RANK]
        self._shapes[place] = tensor.shape
        self._types[place] = tensor.dtype


class Slot(Views):
    """One view, for a hook that shows what it sees at once."""

    def __init__(self, monitor: Monitor, refused: dict[str, str]) -> None:
        super().__init__(1)
        self._monitor = monitor
        self._refused = refused

    def show(self, entry: int, quantity: int, tensor: torch.Tensor) -> None:
        """A tensor that cannot be taken is noted, and the step goes on without it."""
        try:
            self._point(0, tensor)
            self._entries[0] = entry
            self._quantities[0] = quantity
            check(
                library.trimtab_monitor_observe_all(
                    self._monitor._pointer, self._entries, self._quantities, self._tensors, 1
                )
            )
        except Exception as error:
            self._refused.setdefault(self._monitor.names[entry], str(error))
        self._made.clear()


class StepViews(Views):
    """The tensors and the numbers of a whole step at places of their own, for the one call that takes it.

    Gradients come first, then the calls of modules, then weights. All but gradients are marked as absent until the
    monitor wants them, or the loss is not finite.
    """

    def __init__(
        self,
        monitor: Monitor,
        parameters: Sequence[tuple[int, torch.nn.Parameter]],
        calls: Sequence[SeenCall],
        refused: dict[str, str],
    ) -> None:
        self._monitor = monitor
        #: What the monitor could not take, or these views could not show.
        self._refused = refused
        self._gradients = [(place, index, one) for place, (index, one) in enumerate(parameters)]
        self._calls = list(enumerate(calls, len(parameters)))
        self._first = len(parameters)
        self._weight = self._first + len(calls)
        self._count = self._weight + len(parameters)
        super().__init__(max(self._count, 1))
        for place, index, _ in self._gradients:
            self._entries[place] = self._entries[self._weight + place] = index
            self._quantities[place], self._quantities[self._weight + place] = GRADIENT, WEIGHT
        for place, seen in self._calls:
            self._entries[place], self._quantities[place] = seen.index, seen.code
        for place in range(self._count):
            self._words[place * _WORDS + _RANK] = _ABSENT
        #: Places beside those of gradients that were filled.
        self._filled: list[int] = []
        self._answers = (ctypes.c_uint8 * max(self._count, 1))()
        self._wanted = b"\1" * self._count
        self._codes = (ctypes.c_int32 * 3)()
        self._numbers = (ctypes.c_double * 3)()
        self._values = memoryview(self._numbers).cast("B").cast("d")
        self.decision = structures.Decision()
        # Pointers are made once: an array is turned into one at each call.
        self._pointers = tuple(
            ctypes.cast(one, ctypes.POINTER(one._type_))
            for one in (self._codes, self._numbers, self._entries, self._quantities, self._tensors, self._answers)
        )
        self._target = ctypes.pointer(self.decision)

    def point(self, record: dict[Any, Any], gradients: bool, all_of_it: bool) -> None:
        """Lets the views see the tensors of this step that are wanted.

        record     arguments of modules, by module; tensors, by call
        gradients  whether gradients are shown here
        all_of_it  wanted or not
        """
        words = self._words
        for place, _, parameter in self._gradients:
            gradient = parameter.grad if gradients else None
            if gradient is None:
                words[place * _WORDS + _RANK] = _ABSENT
            else:
                self._see(place, gradient)
        if all_of_it or self._wanted.find(1, self._first) >= 0:
            self._point_others(record, all_of_it)

    def _point_others(self, record: dict[Any, Any], all_of_it: bool) -> None:
        wanted = self._wanted
        for place, seen in self._calls:
            if all_of_it or wanted[place]:
                arguments = record.get(seen.module)
                tensor = arguments[0] if arguments else record.get(seen)
                if tensor is not None:
                    self._filled.append(place)
                    # What is made for the look has to live until the call is over.
                    self._made.append(shown := seen.shown(tensor))
                    self._see(place, shown)
        if all_of_it or wanted[-1]:
            for place, _, parameter in self._gradients:
                self._filled.append(self._weight + place)
                self._see(self._weight + place, parameter)

    def show_weights(self) -> None:
        """Looks at all weights now, wanted or not; a step is open."""
        slot = Slot(self._monitor, self._refused)
        for _, index, parameter in self._gradients:
            slot.show(index, WEIGHT, parameter)

    def _see(self, place: int, tensor: torch.Tensor) -> None:
        try:
            self._point(place, tensor)
        except Exception as error:
            self._words[place * _WORDS + _RANK] = _ABSENT
            self._refused.setdefault(self._monitor.names[self._entries[place]], str(error))

    def take(self, step: int, overhead: float, loss: float | None, learning_rate: float | None) -> int:
        """The call; what it has to say is in `decision`, and its status comes back."""
        count = 1
        codes, values = self._codes, self._values
        codes[0], values[0] = OVERHEAD, overhead
        if loss is not None:
            codes[count], values[count] = LOSS, loss
            count += 1
        if learning_rate is not None:
            codes[count], values[count] = LEARNING_RATE, learning_rate
            count += 1
        names, numbers, entries, quantities, tensors, answers = self._pointers
        status: int = library.trimtab_monitor_step(
            self._monitor._pointer,
            step,
            names,
            numbers,
            count,
            entries,
            quantities,
            tensors,
            self._count,
            answers,
            self._target,
        )
        self._made.clear()
        for place in self._filled:
            self._words[place * _WORDS + _RANK] = _ABSENT
        self._filled.clear()
        wanted = bytes(self._answers)
        if wanted != self._wanted:
            self._wanted = wanted
            for place, seen in self._calls:
                seen.is_wanted = wanted[place] != 0
        return status


#: The codes of the numbers of a step.
LOSS, LEARNING_RATE, LOSS_SCALE, OVERHEAD = (
    SCALARS.index(name) for name in ("loss", "learning_rate", "loss_scale", "overhead_seconds")
)
#: The codes of the quantities.
GRADIENT, WEIGHT, PREACTIVATION, OUTPUT = (
    QUANTITIES.index(name) for name in ("gradient", "weight", "preactivation", "output")
)
