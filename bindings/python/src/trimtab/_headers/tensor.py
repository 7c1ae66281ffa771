"""tensor.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_int32, c_int64, c_uint8, c_uint16, c_uint64, c_void_p
from typing import Any, ClassVar

from ._common import Signature

MAXIMUM_RANK = 8


class Device(ctypes.Structure):
    """trimtab_device."""

    _fields_: ClassVar[Any] = [("device_type", c_int32), ("device_id", c_int32)]


class DType(ctypes.Structure):
    """trimtab_dtype."""

    _fields_: ClassVar[Any] = [("code", c_uint8), ("bits", c_uint8), ("lanes", c_uint16)]


class Tensor(ctypes.Structure):
    """trimtab_tensor, which is DLPack's DLTensor."""

    _fields_: ClassVar[Any] = [
        ("data", c_void_p),
        ("device", Device),
        ("ndim", c_int32),
        ("dtype", DType),
        ("shape", POINTER(c_int64)),
        ("strides", POINTER(c_int64)),
        ("byte_offset", c_uint64),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_device": Device,
    "trimtab_dtype": DType,
    "trimtab_tensor": Tensor,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {}
