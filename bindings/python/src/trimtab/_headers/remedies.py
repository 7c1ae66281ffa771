"""remedies.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32
from typing import Any, ClassVar

from ._common import Doubles, Signature, Sized, Status, state_functions
from .conditioning import Covariance
from .tensor import Tensor


class Whitener(ctypes.Structure):
    """An opaque trimtab_whitener."""


class WhiteningOptions(Sized):
    """trimtab_whitening_options."""

    _fields_: ClassVar[Any] = [("struct_size", c_uint32), ("method", c_int32), ("regularisation", c_double)]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_whitening_options": WhiteningOptions,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {
    "trimtab_whitener_fit": (
        Status,
        (POINTER(Covariance), POINTER(WhiteningOptions), POINTER(POINTER(Whitener))),
    ),
    "trimtab_whitener_apply": (Status, (POINTER(Whitener), POINTER(Tensor), POINTER(Tensor))),
    "trimtab_whitener_parameters": (Status, (POINTER(Whitener), c_int64, Doubles, Doubles)),
    "trimtab_whitener_fitted_options": (Status, (POINTER(Whitener), POINTER(WhiteningOptions))),
    "trimtab_whitener_features": (Status, (POINTER(Whitener), POINTER(c_int64))),
    **state_functions("whitener", Whitener),
    "trimtab_leak_slope": (c_int32, (c_double, c_double, c_double, c_int64, POINTER(c_double))),
    "trimtab_average_update": (c_int32, (POINTER(Tensor), POINTER(Tensor), c_double)),
}
