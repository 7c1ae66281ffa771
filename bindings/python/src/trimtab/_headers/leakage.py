"""leakage.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Any, ClassVar

from ._common import Sized
from .tensor import Tensor

BATCH_FUNCTION = ctypes.CFUNCTYPE(c_int32, c_void_p, POINTER(c_double), c_int64, c_int64, POINTER(c_double), c_int64)


class Leakage(ctypes.Structure):
    """An opaque trimtab_leakage."""


class LeakageOptions(Sized):
    """trimtab_leakage_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("gives_probabilities", c_int32),
        ("batch_size", c_int64),
        ("direction_count", c_int64),
        ("probed_batches", c_int64),
        ("replay_count", c_int64),
        ("seed", c_uint64),
        ("step", c_double),
        ("share_threshold", c_double),
        ("gap_threshold", c_double),
        ("common_threshold", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "direction_count": 4,
        "probed_batches": 1,
        "replay_count": 8,
        "step": 1e-3,
        "share_threshold": 1e-6,
        "gap_threshold": 0.10,
        "common_threshold": 0.10,
    }


class BatchLeakageReport(Sized):
    """trimtab_batch_leakage_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("regime", c_int32),
        ("composition_outcome", c_int32),
        ("replay_outcome", c_int32),
        ("reserved", c_int32),
        ("probe_count", c_int64),
        ("cross_share", c_double),
        ("jacobian_norm", c_double),
        ("noise_share", c_double),
        ("common_response", c_double),
        ("replay_ratio", c_double),
        ("batch_count", c_int64),
        ("sample_count", c_int64),
        ("natural_accuracy", c_double),
        ("shuffled_accuracy", c_double),
        ("composition_gap", c_double),
        ("gap_error", c_double),
        ("fake_mean", c_double),
        ("shuffled_fake_mean", c_double),
        ("measurement", c_double),
        ("threshold", c_double),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_leakage_options": LeakageOptions,
    "trimtab_batch_leakage_report": BatchLeakageReport,
}
CALLBACKS: dict[str, Any] = {"trimtab_batch_function": BATCH_FUNCTION}
_Handle, _Tensor = POINTER(Leakage), POINTER(Tensor)
_Function = (BATCH_FUNCTION, c_void_p, _Tensor, _Tensor, c_int64)
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "trimtab_batch_leakage": (c_int32, (*_Function, POINTER(LeakageOptions), POINTER(BatchLeakageReport))),
    "trimtab_leakage_create": (c_int32, (POINTER(LeakageOptions), POINTER(_Handle))),
    "trimtab_leakage_add": (c_int32, (_Handle, *_Function)),
    "trimtab_leakage_merge": (c_int32, (_Handle, _Handle)),
    "trimtab_leakage_report": (c_int32, (_Handle, POINTER(BatchLeakageReport))),
    "trimtab_leakage_save": (c_int32, (_Handle, c_void_p, c_int64, POINTER(c_int64))),
    "trimtab_leakage_load": (c_int32, (c_void_p, c_int64, POINTER(_Handle))),
    "trimtab_leakage_destroy": (None, (_Handle,)),
}
