"""What trainer.h has gained since 0.4: safe rates."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32
from typing import Any, ClassVar

from .._structures import Sized, Tensor, TrainerOptions


class SafeRateOptions(Sized):
    """trimtab_safe_rate_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("step_count", c_int64),
        ("batch", c_int64),
        ("lowest_rate", c_double),
        ("highest_rate", c_double),
        ("bisections", c_int64),
        ("seed_count", c_int64),
        ("longest_warm_up", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "step_count": 200,
        "lowest_rate": 1e-5,
        "highest_rate": 10.0,
        "bisections": 7,
        "seed_count": 3,
        "longest_warm_up": 100,
    }


class SafeRateReport(Sized):
    """trimtab_safe_rate_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("rate", c_double),
        ("peak_rate", c_double),
        ("least_peak_rate", c_double),
        ("greatest_peak_rate", c_double),
        ("divergence_rate", c_double),
        ("suggested_rate", c_double),
        ("sharpness", c_double),
        ("warm_up_steps", c_int64),
        ("seeds_above", c_int64),
        ("seeds_below", c_int64),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_safe_rate_options": SafeRateOptions,
    "trimtab_safe_rate_report": SafeRateReport,
}
CALLBACKS: dict[str, Any] = {}
_Tensor = POINTER(Tensor)
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "trimtab_safe_rate": (
        c_int32,
        (POINTER(TrainerOptions), _Tensor, _Tensor, POINTER(SafeRateOptions), POINTER(SafeRateReport)),
    ),
}
