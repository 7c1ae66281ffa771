"""smoothness.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Any, ClassVar

from ._common import Sized

FUNCTION = ctypes.CFUNCTYPE(c_int32, c_void_p, POINTER(c_double), POINTER(c_double))
FIELD = ctypes.CFUNCTYPE(c_int32, c_void_p, c_double, POINTER(c_double), POINTER(c_double))


class SmoothnessOptions(Sized):
    """trimtab_smoothness_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("segments", c_int64),
        ("finest", c_int64),
        ("seed", c_uint64),
        ("rounding", c_double),
        ("broken_slope", c_double),
        ("tolerance", c_double),
        ("solver_segments", c_int64),
        ("critical_rejection_ratio", c_double),
        ("critical_cost", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "segments": 32,
        "finest": 9,
        "rounding": 2.0**-52,
        "broken_slope": -0.5,
        "tolerance": 1e-6,
        "solver_segments": 4,
        "critical_rejection_ratio": 0.35,
        "critical_cost": 3.0,
    }


class SmoothnessReport(Sized):
    """trimtab_smoothness_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("broken_order", c_int32),
        ("reserved", c_int32),
        ("segment_count", c_int64),
        ("evaluation_count", c_int64),
        ("nonfinite_count", c_int64),
        ("first_slope", c_double),
        ("second_slope", c_double),
        ("third_slope", c_double),
        ("fourth_slope", c_double),
        ("regularity", c_double),
        ("finest_step", c_double),
        ("lipschitz", c_double),
        ("tolerance", c_double),
        ("solver_evaluation_count", c_int64),
        ("solver_rejection_ratio", c_double),
        ("solver_cost", c_double),
        ("cost_exponent", c_double),
        ("advised_tolerance", c_double),
        ("measurement", c_double),
        ("threshold", c_double),
        ("rounding", c_double),
    ]


class Kink(ctypes.Structure):
    """trimtab_kink."""

    _fields_: ClassVar[Any] = [("position", c_double), ("width", c_double), ("jump", c_double)]


class KinkReport(Sized):
    """trimtab_kink_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("count", c_int64),
        ("undecided_count", c_int64),
        ("evaluation_count", c_int64),
        ("nonfinite_count", c_int64),
        ("noise", c_double),
        ("least_jump", c_double),
    ]


class SolverOptions(Sized):
    """trimtab_solver_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("relative_tolerance", c_double),
        ("absolute_tolerance", c_double),
        ("first_step", c_double),
        ("maximum_step", c_double),
        ("maximum_evaluations", c_int64),
        ("critical_rejection_ratio", c_double),
        ("least_attempts", c_int64),
        ("stops", POINTER(c_double)),
        ("stop_count", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "relative_tolerance": 1e-3,
        "absolute_tolerance": 1e-6,
        "maximum_evaluations": 10_000_000,
        "critical_rejection_ratio": 0.35,
        "least_attempts": 50,
    }


class SolverReport(Sized):
    """trimtab_solver_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("end", c_int32),
        ("reserved", c_int32),
        ("evaluation_count", c_int64),
        ("accepted_count", c_int64),
        ("rejected_count", c_int64),
        ("search_count", c_int64),
        ("kink_count", c_int64),
        ("time", c_double),
        ("minimum_step", c_double),
        ("median_step", c_double),
        ("rejection_ratio", c_double),
        ("measurement", c_double),
        ("threshold", c_double),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_smoothness_options": SmoothnessOptions,
    "trimtab_smoothness_report": SmoothnessReport,
    "trimtab_kink": Kink,
    "trimtab_kink_report": KinkReport,
    "trimtab_solver_options": SolverOptions,
    "trimtab_solver_report": SolverReport,
}
CALLBACKS: dict[str, Any] = {"trimtab_function": FUNCTION, "trimtab_field": FIELD}
_Numbers = POINTER(c_double)
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "trimtab_smoothness_probe": (
        c_int32,
        (
            FUNCTION,
            c_void_p,
            c_int64,
            c_int64,
            _Numbers,
            _Numbers,
            POINTER(SmoothnessOptions),
            POINTER(SmoothnessReport),
        ),
    ),
    "trimtab_kinks": (
        c_int32,
        (
            FUNCTION,
            c_void_p,
            c_int64,
            c_int64,
            _Numbers,
            _Numbers,
            c_int64,
            c_int64,
            POINTER(Kink),
            POINTER(KinkReport),
        ),
    ),
    "trimtab_solve": (
        c_int32,
        (
            FIELD,
            c_void_p,
            c_double,
            c_double,
            c_int64,
            _Numbers,
            POINTER(SolverOptions),
            _Numbers,
            POINTER(SolverReport),
        ),
    ),
    "trimtab_solve_to_kinks": (
        c_int32,
        (
            FIELD,
            FIELD,
            c_void_p,
            c_double,
            c_double,
            c_int64,
            c_int64,
            _Numbers,
            POINTER(SolverOptions),
            c_int64,
            _Numbers,
            _Numbers,
            POINTER(SolverReport),
        ),
    ),
}
