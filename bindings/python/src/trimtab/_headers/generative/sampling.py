"""The part of generative.h on the cost of sampling."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32
from typing import Any, ClassVar

from .._common import Doubles, Signature, Sized, Status
from ..tensor import Tensor


class SamplingOptions(Sized):
    """trimtab_sampling_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("factor", c_double),
        ("noise_floor", c_double),
        ("evaluations_in_use", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "factor": 1.5,
    }


class SamplingReport(Sized):
    """trimtab_sampling_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("point_count", c_int64),
        ("nonfinite_count", c_int64),
        ("greatest_evaluations", c_int64),
        ("many_step_distance", c_double),
        ("least_evaluations", c_int64),
        ("distance", c_double),
        ("order", c_double),
        ("threshold", c_double),
        ("measurement", c_double),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_sampling_options": SamplingOptions,
    "trimtab_sampling_report": SamplingReport,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {
    "trimtab_sampling_cost": (
        Status,
        (POINTER(Tensor), POINTER(Tensor), POINTER(SamplingOptions), POINTER(SamplingReport)),
    ),
    "trimtab_wasserstein_distance": (Status, (POINTER(Tensor), POINTER(Tensor), Doubles)),
}
