"""The part of generative.h on exposure bias."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Any, ClassVar

from .._common import Integers, Signature, Sized, Status
from ..tensor import Tensor


class Exposure(ctypes.Structure):
    """An opaque trimtab_exposure."""


class ExposureBiasOptions(Sized):
    """trimtab_exposure_bias_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("warning_excess", c_double),
        ("critical_excess", c_double),
        ("divergence_error", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "warning_excess": 0.5,
        "critical_excess": 5.0,
        "divergence_error": 1e6,
    }


class ExposureBiasReport(Sized):
    """trimtab_exposure_bias_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("sequence_count", c_int64),
        ("nonfinite_count", c_int64),
        ("diverged_count", c_int64),
        ("first_divergence", c_int64),
        ("length", c_int64),
        ("step_error", c_double),
        ("accumulated_error", c_double),
        ("ratio", c_double),
        ("excess", c_double),
        ("growth_exponent", c_double),
        ("growth_rate", c_double),
        ("threshold", c_double),
        ("measurement", c_double),
        ("is_exponential", c_int32),
        ("reserved", c_int32),
    ]


class ExposureLength(ctypes.Structure):
    """trimtab_exposure_length."""

    _fields_: ClassVar[Any] = [
        ("length", c_int64),
        ("teacher_count", c_int64),
        ("free_count", c_int64),
        ("step_error", c_double),
        ("accumulated_error", c_double),
        ("ratio", c_double),
        ("excess", c_double),
    ]


class StateNoiseOptions(Sized):
    """trimtab_state_noise_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("deviation", c_double),
        ("ramp_steps", c_int64),
        ("seed", c_uint64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "deviation": 0.05,
    }


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_exposure_bias_options": ExposureBiasOptions,
    "trimtab_exposure_bias_report": ExposureBiasReport,
    "trimtab_exposure_length": ExposureLength,
    "trimtab_state_noise_options": StateNoiseOptions,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {
    "trimtab_exposure_bias": (
        Status,
        (POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(ExposureBiasOptions), POINTER(ExposureBiasReport)),
    ),
    "trimtab_exposure_create": (Status, (POINTER(ExposureBiasOptions), POINTER(POINTER(Exposure)))),
    "trimtab_exposure_add": (Status, (POINTER(Exposure), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor))),
    "trimtab_exposure_merge": (Status, (POINTER(Exposure), POINTER(Exposure))),
    "trimtab_exposure_report": (Status, (POINTER(Exposure), POINTER(ExposureBiasReport))),
    "trimtab_exposure_lengths": (Status, (POINTER(Exposure), POINTER(ExposureLength), c_int64, Integers)),
    "trimtab_exposure_save": (Status, (POINTER(Exposure), c_void_p, c_int64, Integers)),
    "trimtab_exposure_load": (Status, (c_void_p, c_int64, POINTER(POINTER(Exposure)))),
    "trimtab_exposure_destroy": (None, (POINTER(Exposure),)),
    "trimtab_state_noise": (Status, (POINTER(Tensor), c_int64, POINTER(StateNoiseOptions), POINTER(Tensor))),
}
