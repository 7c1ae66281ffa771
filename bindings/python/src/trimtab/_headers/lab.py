"""lab.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_double, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Any, ClassVar

from ._common import Sized

PROGRESS = ctypes.CFUNCTYPE(c_int32, c_void_p, c_int64, c_int64)


class LabResult(ctypes.Structure):
    """An opaque trimtab_lab_result."""


class Experiment(Sized):
    """trimtab_experiment."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("section", c_int32),
        ("name", c_char_p),
        ("title", c_char_p),
        ("horizontal", c_char_p),
        ("vertical", c_char_p),
        ("is_horizontal_logarithmic", c_int32),
        ("is_vertical_logarithmic", c_int32),
    ]


class LabOptions(Sized):
    """trimtab_lab_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("seeds", c_int64),
        ("first_seed", c_uint64),
        ("progress", PROGRESS),
        ("user", c_void_p),
    ]
    defaults: ClassVar[dict[str, float]] = {"seeds": 8}


class SeedSummary(ctypes.Structure):
    """trimtab_seed_summary."""

    _fields_: ClassVar[Any] = [("median", c_double), ("low", c_double), ("high", c_double), ("coverage", c_double)]


class LabMeasurement(Sized):
    """trimtab_lab_measurement."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("role", c_int32),
        ("arm", c_char_p),
        ("quantity", c_char_p),
        ("over_seeds", SeedSummary),
    ]


class LabExpectation(Sized):
    """trimtab_lab_expectation."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("is_held", c_int32),
        ("claim", c_char_p),
        ("bound", c_double),
        ("is_lowest", c_int32),
        ("reserved", c_int32),
        ("measured", c_double),
        ("over_seeds", SeedSummary),
    ]


class LabReport(Sized):
    """trimtab_lab_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("is_held", c_int32),
        ("seed_count", c_int64),
        ("measurement_count", c_int64),
        ("expectation_count", c_int64),
        ("held_count", c_int64),
        ("curve_count", c_int64),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_experiment": Experiment,
    "trimtab_lab_options": LabOptions,
    "trimtab_seed_summary": SeedSummary,
    "trimtab_lab_measurement": LabMeasurement,
    "trimtab_lab_expectation": LabExpectation,
    "trimtab_lab_report": LabReport,
}
CALLBACKS: dict[str, Any] = {"trimtab_lab_progress": PROGRESS}
_Result = POINTER(LabResult)
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "trimtab_lab_count": (c_int32, (POINTER(c_int64),)),
    "trimtab_lab_experiment": (c_int32, (c_int64, POINTER(Experiment))),
    "trimtab_lab_run": (c_int32, (c_char_p, POINTER(LabOptions), POINTER(_Result))),
    "trimtab_lab_result_report": (c_int32, (_Result, POINTER(LabReport))),
    "trimtab_lab_result_measurement": (c_int32, (_Result, c_int64, POINTER(LabMeasurement))),
    "trimtab_lab_result_expectation": (c_int32, (_Result, c_int64, POINTER(LabExpectation))),
    "trimtab_lab_result_curve": (
        c_int32,
        (_Result, c_int64, POINTER(c_char_p), c_int64, POINTER(c_double), POINTER(c_double), POINTER(c_int64)),
    ),
    "trimtab_lab_result_destroy": (None, (_Result,)),
}
