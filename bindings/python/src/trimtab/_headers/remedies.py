"""What remedies.h has gained since 0.4: leaks and averages."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64
from typing import Any

from .._structures import Tensor

STRUCTURES: dict[str, type[ctypes.Structure]] = {}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "trimtab_leak_slope": (c_int32, (c_double, c_double, c_double, c_int64, POINTER(c_double))),
    "trimtab_average_update": (c_int32, (POINTER(Tensor), POINTER(Tensor), c_double)),
}
