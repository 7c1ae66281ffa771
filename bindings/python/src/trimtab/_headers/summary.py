"""summary.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64
from typing import Any, ClassVar

from ._common import Signature, Status
from .tensor import Tensor


class Summary(ctypes.Structure):
    """trimtab_summary."""

    _fields_: ClassVar[Any] = [
        ("count", c_int64),
        ("nan_count", c_int64),
        ("positive_infinity_count", c_int64),
        ("negative_infinity_count", c_int64),
        ("zero_count", c_int64),
        ("subnormal_count", c_int64),
        ("first_nonfinite_index", c_int64),
        ("minimum", c_double),
        ("maximum", c_double),
        ("greatest_magnitude", c_double),
        ("mean", c_double),
        ("l1_norm", c_double),
        ("l2_norm", c_double),
        ("scaled_sum", c_double),
        ("scaled_absolute_sum", c_double),
        ("scaled_square_sum", c_double),
        ("scale_exponent", c_int32),
        ("reserved32", c_int32),
        ("reserved", c_int64 * 3),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_summary": Summary,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {
    "trimtab_summarize": (Status, (POINTER(Tensor), POINTER(Summary))),
    "trimtab_summarize_all": (Status, (POINTER(Tensor), c_int64, POINTER(Summary))),
    "trimtab_summary_identity": (Status, (POINTER(Summary),)),
    "trimtab_summary_merge": (Status, (POINTER(Summary), POINTER(Summary))),
}
