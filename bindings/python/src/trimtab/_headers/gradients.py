"""gradients.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32
from typing import Any, ClassVar

from ._common import VERDICT, Signature, Sized, Status, accumulator_functions
from .summary import Summary
from .tensor import Tensor


class Gradients(ctypes.Structure):
    """An opaque trimtab_gradients."""


class GradientOptions(Sized):
    """trimtab_gradient_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("maximum_norm", c_double),
        ("vanishing_mean_magnitude", c_double),
        ("warning_depth_slope", c_double),
        ("critical_depth_slope", c_double),
        ("least_depth_span", c_double),
        ("least_depth", c_int64),
        ("exploding_norm_factor", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "maximum_norm": 1.0,
        "vanishing_mean_magnitude": 1e-7,
        "warning_depth_slope": 0.1,
        "critical_depth_slope": 0.3,
        "least_depth_span": 2.0,
        "least_depth": 3,
        "exploding_norm_factor": 1e6,
    }


class GradientReport(Sized):
    """trimtab_gradient_report."""

    _fields_: ClassVar[Any] = [
        *VERDICT,
        ("tensor_count", c_int64),
        ("element_count", c_int64),
        ("nonfinite_count", c_int64),
        ("nonfinite_tensor_count", c_int64),
        ("first_nonfinite_tensor", c_int64),
        ("first_nonfinite_index", c_int64),
        ("zero_tensor_count", c_int64),
        ("vanishing_tensor_count", c_int64),
        ("depth", c_int64),
        ("global_norm", c_double),
        ("greatest_magnitude", c_double),
        ("mean_magnitude", c_double),
        ("depth_slope", c_double),
        ("depth_ratio", c_double),
        ("clip_factor", c_double),
        ("threshold", c_double),
        ("measurement", c_double),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_gradient_options": GradientOptions,
    "trimtab_gradient_report": GradientReport,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {
    "trimtab_gradient_norm": (
        Status,
        (POINTER(Tensor), c_int64, POINTER(GradientOptions), POINTER(GradientReport), POINTER(Summary)),
    ),
    **accumulator_functions(
        "gradients",
        Gradients,
        GradientOptions,
        add=(POINTER(Tensor), c_int64),
        report=(POINTER(GradientReport), POINTER(Summary), c_int64),
    ),
    "trimtab_gradients_add_summaries": (Status, (POINTER(Gradients), POINTER(Summary), POINTER(c_int32), c_int64)),
}
