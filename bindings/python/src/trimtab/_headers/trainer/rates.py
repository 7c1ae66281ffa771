"""The learning rates of trainer.h: what a training can bear."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Any, ClassVar

from .._common import Signature, Sized, Status
from ..tensor import Tensor
from .net import TrainerOptions


class RunCourse(ctypes.Structure):
    """trimtab_run_course."""

    _fields_: ClassVar[Any] = [("initial_loss", c_double), ("greatest_loss", c_double), ("final_loss", c_double)]


#: trimtab_rate_step: user, rate, loss.
RATE_STEP = ctypes.CFUNCTYPE(c_int32, c_void_p, c_double, POINTER(c_double))

#: trimtab_training_run: user, seed, peak rate, warm-up steps, course.
TRAINING_RUN = ctypes.CFUNCTYPE(c_int32, c_void_p, c_uint64, c_double, c_int64, POINTER(RunCourse))


class RateRangeOptions(Sized):
    """trimtab_rate_range_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("lowest_rate", c_double),
        ("highest_rate", c_double),
        ("step_count", c_int64),
        ("smoothing", c_double),
        ("greatest_rise", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "lowest_rate": 1e-7,
        "highest_rate": 10.0,
        "step_count": 100,
        "smoothing": 0.98,
        "greatest_rise": 4.0,
    }


class RateRangeReport(Sized):
    """trimtab_rate_range_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("divergence_rate", c_double),
        ("steepest_rate", c_double),
        ("suggested_rate", c_double),
        ("best_loss", c_double),
        ("steps", c_int64),
    ]


class PeakRateOptions(Sized):
    """trimtab_peak_rate_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("lowest_rate", c_double),
        ("highest_rate", c_double),
        ("bisections", c_int64),
        ("seed_count", c_int64),
        ("first_seed", c_uint64),
        ("warm_up_steps", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "lowest_rate": 1e-7,
        "highest_rate": 10.0,
        "bisections": 12,
        "seed_count": 6,
        "first_seed": 1,
    }


class PeakRateReport(Sized):
    """trimtab_peak_rate_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("rate", c_double),
        ("least_rate", c_double),
        ("greatest_rate", c_double),
        ("seed_count", c_int64),
        ("seeds_above", c_int64),
        ("seeds_below", c_int64),
        ("run_count", c_int64),
    ]


class WarmUpReport(Sized):
    """trimtab_warm_up_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("steps", c_int64),
        ("run_count", c_int64),
    ]


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
    "trimtab_run_course": RunCourse,
    "trimtab_rate_range_options": RateRangeOptions,
    "trimtab_rate_range_report": RateRangeReport,
    "trimtab_peak_rate_options": PeakRateOptions,
    "trimtab_peak_rate_report": PeakRateReport,
    "trimtab_warm_up_report": WarmUpReport,
    "trimtab_safe_rate_options": SafeRateOptions,
    "trimtab_safe_rate_report": SafeRateReport,
}
CALLBACKS: dict[str, Any] = {"trimtab_rate_step": RATE_STEP, "trimtab_training_run": TRAINING_RUN}
SIGNATURES: dict[str, Signature] = {
    "trimtab_rate_range_test": (
        Status,
        (
            RATE_STEP,
            c_void_p,
            POINTER(RateRangeOptions),
            POINTER(RateRangeReport),
        ),
    ),
    "trimtab_peak_rate_search": (
        Status,
        (
            TRAINING_RUN,
            c_void_p,
            POINTER(PeakRateOptions),
            POINTER(PeakRateReport),
        ),
    ),
    "trimtab_warm_up_need": (
        Status,
        (TRAINING_RUN, c_void_p, c_double, c_int64, c_uint64, POINTER(WarmUpReport)),
    ),
    "trimtab_safe_rate": (
        c_int32,
        (POINTER(TrainerOptions), POINTER(Tensor), POINTER(Tensor), POINTER(SafeRateOptions), POINTER(SafeRateReport)),
    ),
}
