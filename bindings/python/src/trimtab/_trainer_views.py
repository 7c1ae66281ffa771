"""A trainer's memory, and views of it: weights, gradients, activations."""

from __future__ import annotations

import ctypes
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import _handle
from . import _structures as structures
from ._errors import INVALID_ARGUMENT, SHAPE, check, refusal
from ._library import library
from ._memory import Memory, StepMemory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._tensors import View
    from .tape import Callback

_PARAMETER, _BUFFER, _GRADIENT, _ACTIVATION, _AVERAGE = range(5)
#: What shows the last step: read-only, and gone when the library takes memory for another batch size.
_OF_A_STEP = (_GRADIENT, _ACTIVATION)
Array = npt.NDArray[Any]


class TrainerViews:
    """The handle under its lock, and what it shows of its memory."""

    def __init__(self, settings: structures.TrainerOptions, callback: Callback | None, *, needs_graph: bool) -> None:
        self._callback = callback
        self._lock = threading.RLock()
        # The library has tried a batch of one, unless it waits for a graph.
        self._memory = StepMemory(() if needs_graph else (1,))
        self._handle: _handle.Handle | None = _handle.Handle("trainer")
        self._check(library.trimtab_trainer_create(ctypes.byref(settings), ctypes.byref(self._handle.pointer)))

    def _check(self, status: int) -> None:
        if self._callback is None:
            check(status)
        else:
            self._callback.check(status)

    @contextmanager
    def _open(self) -> Iterator[Any]:
        """The pointer, with the lock held. Errors: ValueError once closed, and within the trainer's own loss."""
        with self._lock:
            if self._handle is None:
                raise refusal(INVALID_ARGUMENT, "trainer: found a closed one, allowed an open one")
            if self._callback is not None and self._callback.is_running:
                raise refusal(INVALID_ARGUMENT, "trainer: found a call within its own loss, allowed none there")
            yield self._handle.pointer

    @contextmanager
    def _batch(self, inputs: View, *, shows: bool) -> Iterator[None]:
        """Minds the views of a step while the library may take memory for a batch of another size."""
        size = inputs.shape[0] if inputs.shape else 0
        self._memory.need(size)
        try:
            yield
        except BaseException:
            self._memory.took(size, succeeded=False)
            raise
        self._memory.took(size, succeeded=True)
        if shows:
            self._memory.shown = size

    def parameters(self) -> dict[str, Array]:
        """The weights by name, such as "layer0.weight", as views that may be written to: no copy. They are shown as
        PyTorch has them, (out, in) and (out, in, height, width), by strides.
        """
        return self._tensors(_PARAMETER)

    def buffers(self) -> dict[str, Array]:
        """Running means and variances, and the vectors of power iterations; as `parameters`."""
        return self._tensors(_BUFFER)

    def averages(self) -> dict[str, Array]:
        """The moving average of the weights, where one is kept; as `parameters`."""
        return self._tensors(_AVERAGE)

    def gradients(self) -> dict[str, Array]:
        """Of the last step, for the parameters that have one; empty before the first.

        Read-only views, whose numbers hold until the next call that trains or takes derivatives. While such a view is
        alive another graph, and a batch size for which the library would free it, are refused.
        """
        return self._tensors(_GRADIENT)

    def activations(self) -> dict[str, Array]:
        """Of the last step: what went into each activation, and outputs without one. As `gradients`."""
        return self._tensors(_ACTIVATION)

    def _tensors(self, what: int) -> dict[str, Array]:
        found: dict[str, Array] = {}
        count, name, tensor = ctypes.c_int64(), ctypes.c_char_p(), structures.Tensor()
        with self._open() as pointer:
            assert self._handle is not None
            check(library.trimtab_trainer_tensor_count(pointer, what, ctypes.byref(count)))
            for place in range(count.value):
                status = library.trimtab_trainer_tensor(pointer, what, place, ctypes.byref(name), ctypes.byref(tensor))
                if status == INVALID_ARGUMENT and what == _GRADIENT:
                    continue  # Before the first step, or a parameter that the loss does not depend on.
                check(status)
                memory = Memory(self._handle, tensor, writable=what not in _OF_A_STEP)
                if what in _OF_A_STEP:
                    self._memory.show(memory)
                found[(name.value or b"").decode()] = np.asarray(memory)
        return found

    @property
    def parameter_count(self) -> int:
        """The number of all weights."""
        return sum(parameter.size for parameter in self.parameters().values())

    def split(self, vector: npt.NDArray[Any]) -> dict[str, Array]:
        """A vector with a number for each weight, as `derivatives` takes and gives it, as views by name and in the
        shapes of `parameters`: no copy.

        Errors: ValueError for another number of elements.
        """
        parameters = self.parameters()
        flat = np.asarray(vector)
        count = sum(parameter.size for parameter in parameters.values())
        if flat.shape != (count,):
            raise refusal(SHAPE, f"vector: found shape {flat.shape}, allowed ({count},)")
        found, start = {}, 0
        for name, parameter in parameters.items():
            steps = tuple(stride // parameter.itemsize * flat.strides[0] for stride in parameter.strides)
            part = flat[start : start + parameter.size]
            found[name] = np.lib.stride_tricks.as_strided(part, parameter.shape, steps)
            start += parameter.size
        return found
