"""drift.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint8, c_uint32
from typing import Any, ClassVar

from ._common import VERDICT, Signature, Sized, Status, accumulator_functions, state_functions
from .tensor import Tensor


class LabelDrift(ctypes.Structure):
    """An opaque trimtab_label_drift."""


class DriftOptions(Sized):
    """trimtab_drift_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("class_count", c_int64),
        ("confidence_gate", c_double),
        ("warning_flip_rate", c_double),
        ("critical_flip_rate", c_double),
        ("oscillation_share", c_double),
        ("oscillation_flip_rate", c_double),
        ("class_distance", c_double),
        ("collapse_share", c_double),
        ("class_prior", POINTER(c_double)),
        ("class_prior_count", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "confidence_gate": 0.95,
        "warning_flip_rate": 0.05,
        "critical_flip_rate": 0.20,
        "oscillation_share": 0.5,
        "oscillation_flip_rate": 0.02,
        "class_distance": 0.2,
        "collapse_share": 0.99,
    }


class DriftReport(Sized):
    """trimtab_drift_report."""

    _fields_: ClassVar[Any] = [
        *VERDICT,
        ("round", c_int64),
        ("round_count", c_int64),
        ("sample_count", c_int64),
        ("nonfinite_count", c_int64),
        ("unmatched_count", c_int64),
        ("class_count", c_int64),
        ("oscillation_sample_count", c_int64),
        ("confident_sample_count", c_int64),
        ("flip_rate", c_double),
        ("confident_flip_rate", c_double),
        ("oscillation_rate", c_double),
        ("oscillation_share", c_double),
        ("oscillation_null", c_double),
        ("total_variation", c_double),
        ("jensen_shannon", c_double),
        ("kullback_leibler", c_double),
        ("gate_coverage", c_double),
        ("class_prior_distance", c_double),
        ("class_shift", c_double),
        ("least_class_share", c_double),
        ("greatest_class_share", c_double),
        ("mean_flip_rate", c_double),
        ("threshold", c_double),
        ("measurement", c_double),
        ("has_probabilities", c_int32),
        ("reserved", c_int32),
    ]


class PseudoLabelGate(ctypes.Structure):
    """An opaque trimtab_pseudo_label_gate."""


class GateOptions(Sized):
    """trimtab_gate_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("method", c_int32),
        ("class_count", c_int64),
        ("sample_count", c_int64),
        ("threshold", c_double),
        ("decay", c_double),
        ("starts_at_one", c_int32),
        ("reserved", c_int32),
    ]
    defaults: ClassVar[dict[str, float]] = {"threshold": 0.95, "decay": 0.999}


class GateReport(Sized):
    """trimtab_gate_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("sample_count", c_int64),
        ("passed_count", c_int64),
        ("nonfinite_count", c_int64),
        ("coverage", c_double),
        ("least_threshold", c_double),
        ("greatest_threshold", c_double),
    ]


class ConsistencyReport(Sized):
    """trimtab_consistency_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("loss", c_double),
        ("sample_count", c_int64),
        ("nonfinite_count", c_int64),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_drift_options": DriftOptions,
    "trimtab_drift_report": DriftReport,
    "trimtab_gate_options": GateOptions,
    "trimtab_gate_report": GateReport,
    "trimtab_consistency_report": ConsistencyReport,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {
    "trimtab_pseudo_label_drift": (
        Status,
        (POINTER(Tensor), POINTER(Tensor), POINTER(DriftOptions), POINTER(DriftReport)),
    ),
    **accumulator_functions(
        "label_drift",
        LabelDrift,
        DriftOptions,
        add=(c_int64, POINTER(Tensor), POINTER(Tensor)),
        report=(POINTER(DriftReport),),
    ),
    "trimtab_label_drift_report_round": (Status, (POINTER(LabelDrift), c_int64, POINTER(DriftReport))),
    "trimtab_pseudo_label_gate_create": (c_int32, (POINTER(GateOptions), POINTER(POINTER(PseudoLabelGate)))),
    "trimtab_pseudo_label_gate_apply": (
        c_int32,
        (
            POINTER(PseudoLabelGate),
            POINTER(Tensor),
            POINTER(Tensor),
            POINTER(c_uint8),
            POINTER(c_double),
            POINTER(GateReport),
        ),
    ),
    **state_functions("pseudo_label_gate", PseudoLabelGate),
    "trimtab_consistency": (
        c_int32,
        (POINTER(Tensor), POINTER(Tensor), c_int32, POINTER(Tensor), POINTER(ConsistencyReport)),
    ),
}
