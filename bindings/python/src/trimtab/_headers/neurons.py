"""neurons.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32
from typing import Any, ClassVar

from ._common import VERDICT, Bytes, Doubles, Signature, Sized, Status, accumulator_functions
from .tensor import Tensor


class Neurons(ctypes.Structure):
    """An opaque trimtab_neurons."""


class ActivityOptions(Sized):
    """trimtab_activity_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("activation", c_int32),
        ("unit_axis", c_int32),
        ("reserved", c_int32),
        ("leak", c_double),
        ("inactive_fraction", c_double),
        ("dormant_threshold", c_double),
        ("saturation_low", c_double),
        ("saturation_high", c_double),
        ("saturated_fraction", c_double),
        ("layer_warning_fraction", c_double),
        ("layer_critical_fraction", c_double),
        ("confidence", c_double),
        ("least_active_fraction", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "unit_axis": -1,
        "leak": 0.01,
        "inactive_fraction": 0.01,
        "dormant_threshold": 0.025,
        "saturated_fraction": 0.99,
        "layer_warning_fraction": 0.10,
        "layer_critical_fraction": 0.50,
        "confidence": 0.95,
        "least_active_fraction": 0.003,
    }


class ActivityReport(Sized):
    """trimtab_activity_report."""

    _fields_: ClassVar[Any] = [
        *VERDICT,
        ("sample_count", c_int64),
        ("unit_count", c_int64),
        ("nonfinite_count", c_int64),
        ("dead_count", c_int64),
        ("inactive_count", c_int64),
        ("dormant_count", c_int64),
        ("saturated_count", c_int64),
        ("dead_fraction", c_double),
        ("inactive_fraction", c_double),
        ("dormant_fraction", c_double),
        ("saturated_fraction", c_double),
        ("mean_active_fraction", c_double),
        ("mean_preactivation", c_double),
        ("preactivation_scale", c_double),
        ("confidence", c_double),
        ("threshold", c_double),
    ]


class RevivalReport(Sized):
    """trimtab_revival_report."""

    _fields_: ClassVar[Any] = [
        *VERDICT,
        ("unit_count", c_int64),
        ("dead_before", c_int64),
        ("dead_after", c_int64),
        ("revived", c_int64),
        ("newly_dead", c_int64),
        ("revival_fraction", c_double),
        ("new_death_fraction", c_double),
        ("persistence", c_double),
        ("threshold", c_double),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_activity_options": ActivityOptions,
    "trimtab_activity_report": ActivityReport,
    "trimtab_revival_report": RevivalReport,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {
    "trimtab_dead_neurons": (
        Status,
        (POINTER(Tensor), POINTER(ActivityOptions), POINTER(ActivityReport), Bytes),
    ),
    **accumulator_functions(
        "neurons",
        Neurons,
        ActivityOptions,
        add=(POINTER(Tensor),),
        report=(POINTER(ActivityReport),),
    ),
    "trimtab_neurons_units": (Status, (POINTER(Neurons), c_int64, Doubles, Doubles, Bytes)),
    "trimtab_neurons_compare": (
        Status,
        (POINTER(Neurons), POINTER(Neurons), POINTER(RevivalReport), Bytes),
    ),
}
