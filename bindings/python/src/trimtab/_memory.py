"""Memory of a trainer as NumPy sees it without a copy, and when the library frees some of it."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from . import _structures as structures
from ._errors import INVALID_ARGUMENT, refusal
from ._handle import Handle


class Memory:
    """An array of a trainer; keeps the trainer alive."""

    __slots__ = ("__array_interface__", "__weakref__", "_owner")

    def __init__(self, owner: Handle, tensor: structures.Tensor, *, writable: bool) -> None:
        self._owner = owner
        size = tensor.dtype.bits // 8
        self.__array_interface__: dict[str, Any] = {
            "version": 3,
            "typestr": np.dtype(f"f{size}").str,
            "shape": tuple(tensor.shape[: tensor.ndim]),
            "strides": tuple(size * stride for stride in tensor.strides[: tensor.ndim]),
            "data": (tensor.data + tensor.byte_offset, not writable),
        }


class StepMemory:
    """The batch sizes that the library holds memory for, the last two, and the views that show it.

    The library frees the older one for a third: that is refused while a view shows it. After a call that failed it is
    not known whether there was memory for its size.
    """

    def __init__(self, sizes: tuple[int, ...]) -> None:
        self._sizes = list(sizes)
        self._is_sure = True
        self._views: weakref.WeakKeyDictionary[Memory, int] = weakref.WeakKeyDictionary()
        self.shown = 0

    def show(self, memory: Memory) -> None:
        """Notes a view of the last step."""
        self._views[memory] = self.shown

    def need(self, size: int) -> None:
        """Errors: ValueError if memory for a batch of this size takes the place of what a view shows."""
        if size in self._sizes:
            return
        shown = set(self._views.values())
        if (shown and not self._is_sure) or (len(self._sizes) > 1 and self._sizes[0] in shown):
            self._refuse(f"inputs: found a batch of {size}, another size,")

    def took(self, size: int, *, succeeded: bool) -> None:
        """Notes that a call for a batch of this size has ended."""
        if size in self._sizes:
            return
        if not succeeded:
            self._sizes, self._is_sure = [], False
            return
        self._sizes = [*self._sizes[-1:], size]
        self._is_sure = self._is_sure or len(self._sizes) > 1

    def free(self, found: str) -> None:
        """Notes that all is freed. Errors: ValueError while views are alive."""
        if len(self._views) > 0:
            self._refuse(found)
        self._sizes, self._is_sure = [], True

    def _refuse(self, found: str) -> None:
        raise refusal(
            INVALID_ARGUMENT,
            f"{found} while views of gradients() or activations() are alive, allowed once they are copied and gone",
        )
