"""conditioning.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32
from typing import Any, ClassVar

from ._common import VERDICT, Doubles, Signature, Sized, Status, accumulator_functions
from .tensor import Tensor


class Covariance(ctypes.Structure):
    """An opaque trimtab_covariance."""


BLAME_CAPACITY = 8


class ConditioningOptions(Sized):
    """trimtab_conditioning_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("warning_condition_number", c_double),
        ("critical_condition_number", c_double),
        ("null_factor", c_double),
        ("maximum_features", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "warning_condition_number": 1e3,
        "critical_condition_number": 1e6,
        "null_factor": 10.0,
        "maximum_features": 8192,
    }


class ConditioningReport(Sized):
    """trimtab_conditioning_report."""

    _fields_: ClassVar[Any] = [
        *VERDICT,
        ("sample_count", c_int64),
        ("nonfinite_sample_count", c_int64),
        ("feature_count", c_int64),
        ("constant_feature_count", c_int64),
        ("rank", c_int64),
        ("condition_number", c_double),
        ("condition_number_on_support", c_double),
        ("condition_number_shrunk", c_double),
        ("shrinkage", c_double),
        ("condition_number_of_correlation", c_double),
        ("null_condition_number", c_double),
        ("largest_eigenvalue", c_double),
        ("smallest_eigenvalue", c_double),
        ("effective_rank", c_double),
        ("participation_ratio", c_double),
        ("largest_stable_learning_rate", c_double),
        ("gradient_descent_rate", c_double),
        ("threshold", c_double),
        ("blamed_count", c_int64),
        ("blamed_features", c_int64 * BLAME_CAPACITY),
        ("blamed_shares", c_double * BLAME_CAPACITY),
        ("measurement", c_double),
    ]


class ConditioningAdviceReport(Sized):
    """trimtab_conditioning_advice_report."""

    _fields_: ClassVar[Any] = [
        *VERDICT,
        ("advice", c_int32),
        ("reserved", c_int32),
        ("tolerance", c_double),
        ("condition_number", c_double),
        ("condition_number_standardised", c_double),
        ("steps", c_double),
        ("steps_standardised", c_double),
        ("steps_whitened", c_double),
    ]


class MatrixOptions(Sized):
    """trimtab_matrix_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("norm", c_int32),
        ("method", c_int32),
        ("reserved", c_int32),
        ("critical_condition_number", c_double),
        ("relative_tolerance", c_double),
        ("maximum_elements", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {"norm": 2, "relative_tolerance": 1e-6, "maximum_elements": 67108864}


class MatrixReport(Sized):
    """trimtab_matrix_report."""

    _fields_: ClassVar[Any] = [
        *VERDICT,
        ("row_count", c_int64),
        ("column_count", c_int64),
        ("nonfinite_count", c_int64),
        ("zero_row_count", c_int64),
        ("zero_column_count", c_int64),
        ("rank", c_int64),
        ("method", c_int32),
        ("certain", c_int32),
        ("condition_number", c_double),
        ("condition_number_on_support", c_double),
        ("largest_singular_value", c_double),
        ("smallest_singular_value", c_double),
        ("stable_rank", c_double),
        ("relative_error_bound", c_double),
        ("threshold", c_double),
        ("measurement", c_double),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_conditioning_options": ConditioningOptions,
    "trimtab_conditioning_report": ConditioningReport,
    "trimtab_conditioning_advice_report": ConditioningAdviceReport,
    "trimtab_matrix_options": MatrixOptions,
    "trimtab_matrix_report": MatrixReport,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {
    "trimtab_condition_number": (
        Status,
        (POINTER(Tensor), POINTER(ConditioningOptions), POINTER(ConditioningReport)),
    ),
    **accumulator_functions(
        "covariance",
        Covariance,
        ConditioningOptions,
        add=(POINTER(Tensor),),
        report=(POINTER(ConditioningReport),),
    ),
    "trimtab_conditioning_advice": (
        Status,
        (
            POINTER(Tensor),
            POINTER(ConditioningOptions),
            c_double,
            POINTER(ConditioningAdviceReport),
        ),
    ),
    "trimtab_covariance_advice": (
        Status,
        (POINTER(Covariance), c_double, POINTER(ConditioningAdviceReport)),
    ),
    "trimtab_covariance_features": (Status, (POINTER(Covariance), POINTER(c_int64))),
    "trimtab_covariance_moments": (Status, (POINTER(Covariance), c_int64, Doubles, Doubles, Doubles)),
    "trimtab_matrix_condition": (
        Status,
        (POINTER(Tensor), POINTER(MatrixOptions), POINTER(MatrixReport)),
    ),
}
