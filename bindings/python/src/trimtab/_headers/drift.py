"""What drift.h has gained since 0.4: gates and consistency."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint8, c_uint32, c_void_p
from typing import Any, ClassVar

from .._structures import Sized, Tensor


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
    "trimtab_gate_options": GateOptions,
    "trimtab_gate_report": GateReport,
    "trimtab_consistency_report": ConsistencyReport,
}
CALLBACKS: dict[str, Any] = {}
_Gate = POINTER(PseudoLabelGate)
_Tensor = POINTER(Tensor)
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "trimtab_pseudo_label_gate_create": (c_int32, (POINTER(GateOptions), POINTER(_Gate))),
    "trimtab_pseudo_label_gate_apply": (
        c_int32,
        (_Gate, _Tensor, _Tensor, POINTER(c_uint8), POINTER(c_double), POINTER(GateReport)),
    ),
    "trimtab_pseudo_label_gate_save": (c_int32, (_Gate, c_void_p, c_int64, POINTER(c_int64))),
    "trimtab_pseudo_label_gate_load": (c_int32, (c_void_p, c_int64, POINTER(_Gate))),
    "trimtab_pseudo_label_gate_destroy": (None, (_Gate,)),
    "trimtab_consistency": (c_int32, (_Tensor, _Tensor, c_int32, _Tensor, POINTER(ConsistencyReport))),
}
