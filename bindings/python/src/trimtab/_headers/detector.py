"""detector.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32
from typing import Any, ClassVar

from ._common import Signature, Sized, Status, state_functions


class Detector(ctypes.Structure):
    """An opaque trimtab_detector."""


class DetectorOptions(Sized):
    """trimtab_detector_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("kind", c_int32),
        ("direction", c_int32),
        ("scale", c_int32),
        ("warm_up", c_int64),
        ("confirmation", c_int64),
        ("patience", c_int64),
        ("false_alarms_per_million", c_double),
        ("hysteresis", c_double),
        ("divergence_ratio", c_double),
        ("sustained_ratio", c_double),
        ("plateau_tolerance", c_double),
        ("oscillation_rate", c_double),
        ("vanishing_magnitude", c_double),
        ("unchanged_tolerance", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "warm_up": 25,
        "false_alarms_per_million": 1.0,
        "hysteresis": 0.8,
        "divergence_ratio": 4.0,
        "sustained_ratio": 2.0,
        "plateau_tolerance": 1e-4,
        "oscillation_rate": 0.8,
        "vanishing_magnitude": 1e-7,
        "unchanged_tolerance": 1e-5,
    }


class DetectorResult(Sized):
    """trimtab_detector_result."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("state", c_int32),
        ("kind", c_int32),
        ("scale", c_int32),
        ("value", c_double),
        ("score", c_double),
        ("threshold", c_double),
        ("baseline", c_double),
        ("spread", c_double),
        ("step_count", c_int64),
        ("nonfinite_count", c_int64),
        ("alarm_count", c_int64),
        ("first_alarm_step", c_int64),
        ("consecutive_steps", c_int64),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_detector_options": DetectorOptions,
    "trimtab_detector_result": DetectorResult,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {
    "trimtab_detector_create": (Status, (POINTER(DetectorOptions), POINTER(POINTER(Detector)))),
    "trimtab_detector_add": (Status, (POINTER(Detector), c_double, POINTER(DetectorResult))),
    "trimtab_detector_reset": (Status, (POINTER(Detector),)),
    "trimtab_detector_report": (Status, (POINTER(Detector), POINTER(DetectorResult))),
    **state_functions("detector", Detector),
}
