"""log_doctor.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_double, c_int32, c_int64, c_uint8, c_uint32, c_void_p
from typing import Any, ClassVar

from ._common import Sized


class LogDoctor(ctypes.Structure):
    """An opaque trimtab_log_doctor."""


class LogDoctorOptions(Sized):
    """trimtab_log_doctor_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("false_alarms_per_million", c_double),
        ("rise_size", c_double),
        ("recovery_rows", c_int64),
        ("class_count", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {"false_alarms_per_million": 1.0, "rise_size": 3.0, "recovery_rows": 100}


class LogRows(Sized):
    """trimtab_log_rows."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("count", c_int64),
        ("steps", POINTER(c_int64)),
        ("loss", POINTER(c_double)),
        ("validation_loss", POINTER(c_double)),
        ("gradient_norm", POINTER(c_double)),
        ("learning_rate", POINTER(c_double)),
        ("loss_scale", POINTER(c_double)),
        ("present", POINTER(c_uint8)),
    ]


class LogExtremes(ctypes.Structure):
    """trimtab_log_extremes."""

    _fields_: ClassVar[Any] = [
        ("count", c_int64),
        ("nonfinite_count", c_int64),
        ("first", c_double),
        ("least", c_double),
        ("greatest", c_double),
        ("last", c_double),
        ("first_step", c_int64),
        ("least_step", c_int64),
        ("greatest_step", c_int64),
        ("last_step", c_int64),
    ]


class LogReport(Sized):
    """trimtab_log_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("row_count", c_int64),
        ("first_step", c_int64),
        ("last_step", c_int64),
        ("finding_count", c_int64),
        ("left_out_finding_count", c_int64),
        ("ran_count", c_int64),
        ("loss", LogExtremes),
        ("validation_loss", LogExtremes),
        ("gradient_norm", LogExtremes),
        ("learning_rate", LogExtremes),
        ("loss_scale", LogExtremes),
        ("noise", c_double),
    ]


class LogFinding(Sized):
    """trimtab_log_finding."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("check", c_int32),
        ("quantity", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("is_standing", c_int32),
        ("first_step", c_int64),
        ("last_step", c_int64),
        ("worst_step", c_int64),
        ("count", c_int64),
        ("value", c_double),
        ("baseline", c_double),
        ("size", c_double),
        ("noise", c_double),
        ("threshold", c_double),
        ("confidence", c_double),
    ]


class LogCheckState(Sized):
    """trimtab_log_check_state."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("check", c_int32),
        ("outcome", c_int32),
        ("quantity", c_int32),
        ("row_count", c_int64),
        ("least_row_count", c_int64),
    ]


_Doctor = POINTER(LogDoctor)

STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_log_doctor_options": LogDoctorOptions,
    "trimtab_log_rows": LogRows,
    "trimtab_log_extremes": LogExtremes,
    "trimtab_log_report": LogReport,
    "trimtab_log_finding": LogFinding,
    "trimtab_log_check_state": LogCheckState,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "trimtab_log_doctor_create": (c_int32, (POINTER(LogDoctorOptions), POINTER(_Doctor))),
    "trimtab_log_doctor_add": (c_int32, (_Doctor, POINTER(LogRows))),
    "trimtab_log_doctor_finish": (c_int32, (_Doctor, POINTER(LogReport))),
    "trimtab_log_doctor_finding": (c_int32, (_Doctor, c_int64, POINTER(LogFinding))),
    "trimtab_log_doctor_check": (c_int32, (_Doctor, c_int64, POINTER(LogCheckState))),
    "trimtab_log_doctor_save": (c_int32, (_Doctor, c_void_p, c_int64, POINTER(c_int64))),
    "trimtab_log_doctor_load": (c_int32, (c_void_p, c_int64, POINTER(_Doctor))),
    "trimtab_log_doctor_destroy": (None, (_Doctor,)),
    "trimtab_log_check_name": (c_char_p, (c_int32,)),
    "trimtab_log_quantity_name": (c_char_p, (c_int32,)),
}
