"""DLPack capsules read through ctypes, for element types that NumPy cannot hold (bfloat16, float8).

A capsule is borrowed, never consumed: it keeps its name and stays alive with the view, and its own destructor calls
the producer's deleter, once, when the last reference goes. That is the protocol's answer for a consumer that takes no
ownership, and needs no callback from here.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char_p, c_int, c_uint32, c_uint64, c_void_p, py_object
from typing import Any, ClassVar

from . import _structures as structures
from ._errors import DEVICE, INVALID_ARGUMENT, TrimtabError, refusal

_HOST_DEVICES = (1, 3, 11)
_DEVICE_NAMES = {
    2: "cuda",
    4: "opencl",
    7: "vulkan",
    8: "metal",
    9: "vpi",
    10: "rocm",
    12: "ext_dev",
    13: "cuda_managed",
    14: "oneapi",
    15: "webgpu",
    16: "hexagon",
    17: "maia",
}
_MAJOR_VERSION = 1


class _Version(ctypes.Structure):
    _fields_: ClassVar[Any] = [("major", c_uint32), ("minor", c_uint32)]


class _ManagedTensor(ctypes.Structure):
    _fields_: ClassVar[Any] = [("tensor", structures.Tensor), ("manager_context", c_void_p), ("deleter", c_void_p)]


class _ManagedTensorVersioned(ctypes.Structure):
    _fields_: ClassVar[Any] = [
        ("version", _Version),
        ("manager_context", c_void_p),
        ("deleter", c_void_p),
        ("flags", c_uint64),
        ("tensor", structures.Tensor),
    ]


_python = ctypes.pythonapi
_is_valid = ctypes.PYFUNCTYPE(c_int, py_object, c_char_p)(("PyCapsule_IsValid", _python))
_get_pointer = ctypes.PYFUNCTYPE(c_void_p, py_object, c_char_p)(("PyCapsule_GetPointer", _python))


def device_refusal(name: str, device: str) -> TrimtabError:
    """The exception for memory that the host cannot read."""
    return refusal(
        DEVICE, f"{name}: found a tensor on {device}, allowed host memory: copy it there first, as by .cpu()"
    )


def borrow(value: Any, name: str) -> tuple[structures.Tensor, Any]:
    """The DLTensor of an object with `__dlpack__`, and the capsule that must outlive its use.

    A torch tensor that requires grad is detached, one with a pending negation resolved. Errors: ValueError for
    another device, a sparse or otherwise unsharable tensor, or a DLPack version that is not 1.
    """
    _require_host(value, name)
    if getattr(value, "requires_grad", False) is True:
        value = value.detach()
    # torch exports the memory of a lazily negated tensor as if it were not negated.
    is_negated = getattr(value, "is_neg", None)
    if callable(is_negated) and is_negated():
        value = value.resolve_neg()
    capsule = _capsule(value, name)
    if _is_valid(capsule, b"dltensor_versioned"):
        versioned = _ManagedTensorVersioned.from_address(_get_pointer(capsule, b"dltensor_versioned"))
        if versioned.version.major != _MAJOR_VERSION:
            raise refusal(
                INVALID_ARGUMENT, f"{name}: found DLPack version {versioned.version.major}, allowed {_MAJOR_VERSION}"
            )
        tensor = versioned.tensor
    elif _is_valid(capsule, b"dltensor"):
        tensor = _ManagedTensor.from_address(_get_pointer(capsule, b"dltensor")).tensor
    else:
        raise refusal(INVALID_ARGUMENT, f"{name}: found a DLPack capsule that is used or unnamed, allowed a fresh one")
    return structures.Tensor.from_buffer_copy(tensor), capsule


def _require_host(value: Any, name: str) -> None:
    # torch's meta tensors have no memory and no DLPack device.
    if getattr(value, "is_meta", False) is True:
        raise device_refusal(name, "meta")
    # torch says at once what takes two calls by DLPack, which counts over the hundreds of tensors of a model.
    if getattr(value, "is_cpu", False) is True:
        return
    query = getattr(value, "__dlpack_device__", None)
    if query is None:
        return
    try:
        kind, index = (int(part) for part in query())
    except Exception as error:
        raise refusal(
            DEVICE, f"{name}: found a tensor whose device DLPack cannot name ({error}), allowed host memory"
        ) from error
    if kind not in _HOST_DEVICES:
        raise device_refusal(name, f"{_DEVICE_NAMES.get(kind, f'DLPack device {kind}')}:{index}")


def _capsule(value: Any, name: str) -> Any:
    try:
        try:
            return value.__dlpack__(max_version=(_MAJOR_VERSION, 0))
        except TypeError:  # A producer from before DLPack 1.0 has no such parameter.
            return value.__dlpack__()
    except Exception as error:
        raise refusal(
            INVALID_ARGUMENT, f"{name}: found {type(value).__name__} that cannot be shared by DLPack ({error})"
        ) from error
