"""Views of other libraries' arrays: `trimtab_tensor` structures that point at memory which stays where it is."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from . import _dlpack
from . import _structures as structures
from ._errors import DTYPE, INVALID_ARGUMENT, OUT_OF_MEMORY, SHAPE, refusal

_INT, _UINT, _FLOAT, _BFLOAT, _BOOL, _E4M3FN, _E5M2 = 0, 1, 2, 4, 6, 10, 12
ALLOWED = "float64, float32, float16, bfloat16, float8_e4m3fn, float8_e5m2, int8 to int64, uint8 to uint64, bool"


@runtime_checkable
class SupportsDLPack(Protocol):
    """An array of another library that shares its memory by DLPack."""

    def __dlpack__(self, *args: Any, **kwargs: Any) -> Any: ...


#: What every function of the package takes as a tensor: NumPy arrays and what NumPy makes arrays of (lists, numbers,
#: data frames), objects with `__dlpack__` (PyTorch, JAX) and the buffer protocol (memoryview, array.array, ctypes
#: arrays, bytes).
TensorLike = npt.ArrayLike | SupportsDLPack

_DTYPES: dict[str, structures.DType] = {
    character: structures.DType(code, np.dtype(character).itemsize * 8, 1)
    for code, characters in ((_INT, "bhilq"), (_UINT, "BHILQ"), (_FLOAT, "efd"), (_BOOL, "?"))
    for character in characters
}
#: Types that NumPy does not have itself but can be taught, as by the package ml_dtypes.
_NAMED_DTYPES: dict[str, structures.DType] = {
    "bfloat16": structures.DType(_BFLOAT, 16, 1),
    "float8_e4m3fn": structures.DType(_E4M3FN, 8, 1),
    "float8_e5m2": structures.DType(_E5M2, 8, 1),
}
_CPU = structures.Device(1, 0)
_INTEGERS = [ctypes.c_int64 * rank for rank in range(structures.MAXIMUM_RANK + 1)]


class View:
    """A `trimtab_tensor` and the owners of the memory that it points at, which live as long as the view."""

    __slots__ = ("owners", "structure")

    def __init__(self, structure: structures.Tensor, owners: tuple[Any, ...]) -> None:
        self.structure = structure
        self.owners = owners

    @property
    def shape(self) -> tuple[int, ...]:
        """The extents; the empty tuple for a single element."""
        return tuple(self.structure.shape[: self.structure.ndim]) if self.structure.ndim > 0 else ()

    @property
    def is_single_precision(self) -> bool:
        """Whether float32 holds every value of the element type: float32, float16, bfloat16 and the float8s."""
        dtype = self.structure.dtype
        return dtype.code in (_FLOAT, _BFLOAT, _E4M3FN, _E5M2) and dtype.bits <= 32

    def _layout(self) -> tuple[Any, ...]:
        """First byte, element type, extents and strides in bytes: the same for two views of the same elements."""
        structure = self.structure
        size = structure.dtype.bits // 8
        steps = []
        step = 1
        for axis in reversed(range(structure.ndim)):
            steps.append((structure.strides[axis] if structure.strides else step) * size)
            step *= structure.shape[axis]
        first = (structure.data or 0) + structure.byte_offset
        return first, (structure.dtype.code, structure.dtype.bits), self.shape, tuple(reversed(steps))

    def clobbers(self, other: View) -> bool:
        """Whether writing one element after the other here may change elements of `other` that are still to be read:
        the memory of the two overlaps, and they are not the same view.
        """
        own, others = self._layout(), other._layout()
        if own == others:
            return False
        (start, end), (first, last) = _span(own), _span(others)
        return start < last and first < end


def _span(layout: tuple[Any, ...]) -> tuple[int, int]:
    """The bytes from the lowest to the highest element; an empty range without elements."""
    first, (_, bits), extents, strides = layout
    if 0 in extents:
        return first, first
    reaches = [(extent - 1) * stride for extent, stride in zip(extents, strides, strict=True)]
    return (
        first + sum(reach for reach in reaches if reach < 0),
        first + sum(reach for reach in reaches if reach > 0) + bits // 8,
    )


def view(value: TensorLike, name: str, allowed: str = ALLOWED) -> View:
    """A view of `value`, without a copy wherever its memory can be described by extents and strides.

    NumPy arrays (any strides), objects with `__dlpack__` and the buffer protocol are viewed where they lie; a torch
    tensor that requires grad is detached. Lists, numbers and objects with `__array__` go through `np.asarray`. An
    array whose byte strides are no multiples of its element size (a field of a packed structured array) is the one
    kind that is copied.

    Errors: TypeError for an element type or a byte order that the library does not have, ValueError for a ragged
    list, a masked array or memory of another device. Each names the argument `name`; `allowed` is what they say that
    an element type may be.
    """
    if isinstance(value, np.ndarray):
        return _array_view(value, name, allowed)
    if hasattr(value, "__dlpack__"):
        if isinstance(value, np.generic):
            return _array_view(np.asarray(value), name, allowed)
        structure, owner = _dlpack.borrow(value, name)
        return View(structure, (owner,))
    if hasattr(value, "__cuda_array_interface__"):
        raise _dlpack.device_refusal(name, "a CUDA device")
    return _array_view(_as_array(value, name, allowed), name, allowed)


def views(values: Sequence[TensorLike], names: Sequence[str]) -> tuple[ctypes.Array[structures.Tensor], list[View]]:
    """A C array of views, and the views, which must outlive its use. `names` are what errors call them."""
    owners: list[View] = []
    for value, name in zip(values, names, strict=True):
        owners.append(
            view(value, name)
        )  # A local list: a failure's traceback holds it, so no deleter runs while it is raised.
    # Copied as bytes: element by element ctypes notes every pointer's owner, which takes longer than the pass itself.
    content = b"".join(bytes(owner.structure) for owner in owners)
    tensors = (structures.Tensor * len(owners)).from_buffer_copy(content)
    return tensors, owners


def output_view(array: npt.NDArray[Any], name: str) -> View:
    """A view that the library writes through: a writable NumPy array, never a copy. Errors: TypeError, ValueError."""
    if not isinstance(array, np.ndarray):
        raise refusal(INVALID_ARGUMENT, f"{name}: found {type(array).__name__}, allowed a writable NumPy array")
    if not array.flags.writeable:
        raise refusal(INVALID_ARGUMENT, f"{name}: found a read-only array, allowed a writable one")
    if _element_strides(array) is None:
        raise refusal(
            INVALID_ARGUMENT, f"{name}: found byte strides {array.strides}, allowed multiples of {array.itemsize}"
        )
    return _array_view(array, name, ALLOWED)


def _as_array(value: Any, name: str, allowed: str) -> npt.NDArray[Any]:
    """An array that shares the memory of a buffer, or holds what a list says."""
    try:
        # Before np.asarray, which takes bytes for a string.
        return np.asarray(memoryview(value))
    except TypeError:
        pass
    except (ValueError, NotImplementedError, BufferError) as error:
        raise refusal(DTYPE, f"{name}: found a buffer that NumPy cannot view ({error}), allowed {allowed}") from error
    try:
        return np.asarray(value)
    except ValueError as error:
        raise refusal(SHAPE, f"{name}: found {type(value).__name__} that is no array ({error})") from error
    except MemoryError as error:
        raise refusal(OUT_OF_MEMORY, f"{name}: found {type(value).__name__} too large for memory") from error
    except (
        Exception
    ) as error:  # What `__array__` of the elements raises, such as torch for a tensor that requires grad.
        raise refusal(
            INVALID_ARGUMENT, f"{name}: found {type(value).__name__} that cannot be made an array ({error})"
        ) from error


def _array_view(array: npt.NDArray[Any], name: str, allowed: str) -> View:
    if isinstance(array, np.ma.MaskedArray):
        raise refusal(
            INVALID_ARGUMENT, f"{name}: found a masked array, allowed one without a mask: fill or compress it first"
        )
    dtype = _element_type(array, name, allowed)
    if array.flags.c_contiguous:
        strides = None
    else:
        strides = _element_strides(array)
        if strides is None:
            array = np.ascontiguousarray(array)
    rank = array.ndim
    integers = _INTEGERS[rank] if rank < len(_INTEGERS) else ctypes.c_int64 * rank
    extents = integers(*array.shape)
    steps = None if strides is None else integers(*strides)
    structure = structures.Tensor(array.__array_interface__["data"][0], _CPU, rank, dtype, extents, steps, 0)
    return View(structure, (array, extents, steps))


def _element_type(array: npt.NDArray[Any], name: str, allowed: str) -> structures.DType:
    dtype = array.dtype
    if not dtype.isnative and dtype.kind not in "SU":
        native = dtype.newbyteorder("=").name
        raise refusal(DTYPE, f"{name}: found {dtype.str}, allowed native byte order: use {name}.astype({native!r})")
    # Types that NumPy was taught (isbuiltin 2) may reuse the letters of its own.
    known = _NAMED_DTYPES.get(dtype.name) if dtype.isbuiltin == 2 else _DTYPES.get(dtype.char)
    if known is None:
        found = "strings" if dtype.kind in "SU" else f"element type {dtype.name}"
        raise refusal(DTYPE, f"{name}: found {found}, allowed {allowed}")
    return known


def _element_strides(array: npt.NDArray[Any]) -> tuple[int, ...] | None:
    """Strides in elements; None if the bytes do not divide. Axes with at most one entry are never stepped along."""
    size = array.itemsize
    strides = []
    for extent, stride in zip(array.shape, array.strides, strict=True):
        if extent <= 1:
            stride = 0
        elif stride % size:
            return None
        strides.append(stride // size)
    return tuple(strides)
