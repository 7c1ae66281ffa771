"""overlap.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Any, ClassVar

from ._common import Sized
from .tensor import Tensor


class GeneratorSignal(ctypes.Structure):
    """An opaque trimtab_generator_signal."""


class Curriculum(ctypes.Structure):
    """An opaque trimtab_curriculum."""


class OverlapOptions(Sized):
    """trimtab_overlap_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("features", c_int32),
        ("resolution", c_int64),
        ("test_share", c_double),
        ("ridge", c_double),
        ("seed", c_uint64),
        ("direction_count", c_int64),
        ("paired_sample_count", c_int64),
        ("least_test_count", c_int64),
        ("warning_overlap", c_double),
        ("warning_accuracy", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "test_share": 0.5,
        "ridge": 1e-2,
        "direction_count": 64,
        "paired_sample_count": 500,
        "least_test_count": 50,
        "warning_overlap": 0.1,
        "warning_accuracy": 0.95,
    }


_VERDICT: list[tuple[str, Any]] = [
    ("struct_size", c_uint32),
    ("outcome", c_int32),
    ("verdict", c_int32),
    ("cause", c_int32),
]


class OverlapReport(Sized):
    """trimtab_overlap_report."""

    _fields_: ClassVar[Any] = [
        *_VERDICT,
        ("resolution", c_int64),
        ("real_count", c_int64),
        ("fake_count", c_int64),
        ("nonfinite_count", c_int64),
        ("width", c_int64),
        ("test_count", c_int64),
        ("accuracy", c_double),
        ("z", c_double),
        ("overlap", c_double),
        ("sliced_wasserstein", c_double),
        ("energy_distance", c_double),
        ("maximum_mean_discrepancy", c_double),
        ("bandwidth", c_double),
        ("threshold", c_double),
        ("measurement", c_double),
    ]


class GeneratorSignalReport(Sized):
    """trimtab_generator_signal_report."""

    _fields_: ClassVar[Any] = [
        *_VERDICT,
        ("real_count", c_int64),
        ("fake_count", c_int64),
        ("nonfinite_count", c_int64),
        ("accuracy", c_double),
        ("z", c_double),
        ("overlap", c_double),
        ("mean_discriminator", c_double),
        ("saturating", c_double),
        ("non_saturating", c_double),
        ("threshold", c_double),
        ("measurement", c_double),
    ]


class CurriculumOptions(Sized):
    """trimtab_curriculum_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("level_count", c_int64),
        ("grow_overlap", c_double),
        ("least_overlap", c_double),
        ("patience", c_int64),
        ("fade_images", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "level_count": 1,
        "grow_overlap": 0.5,
        "least_overlap": 0.2,
        "patience": 2,
    }


class CurriculumState(Sized):
    """trimtab_curriculum_state."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("decision", c_int32),
        ("level", c_int64),
        ("level_count", c_int64),
        ("fade_weight", c_double),
        ("good_audit_count", c_int64),
        ("audit_count", c_int64),
        ("image_count", c_int64),
        ("is_complete", c_int32),
        ("reserved", c_int32),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_overlap_options": OverlapOptions,
    "trimtab_overlap_report": OverlapReport,
    "trimtab_generator_signal_report": GeneratorSignalReport,
    "trimtab_curriculum_options": CurriculumOptions,
    "trimtab_curriculum_state": CurriculumState,
}
CALLBACKS: dict[str, Any] = {}
_Tensor = POINTER(Tensor)
_Signal = POINTER(GeneratorSignal)
_Curriculum = POINTER(Curriculum)
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "trimtab_overlap": (c_int32, (_Tensor, _Tensor, POINTER(OverlapOptions), POINTER(OverlapReport))),
    "trimtab_block_average": (c_int32, (_Tensor, c_int64, _Tensor)),
    "trimtab_generator_signal_create": (c_int32, (POINTER(_Signal),)),
    "trimtab_generator_signal_add": (c_int32, (_Signal, _Tensor, _Tensor, _Tensor)),
    "trimtab_generator_signal_merge": (c_int32, (_Signal, _Signal)),
    "trimtab_generator_signal_sum": (c_int32, (_Signal, POINTER(GeneratorSignalReport))),
    "trimtab_generator_signal_save": (c_int32, (_Signal, c_void_p, c_int64, POINTER(c_int64))),
    "trimtab_generator_signal_load": (c_int32, (c_void_p, c_int64, POINTER(_Signal))),
    "trimtab_generator_signal_destroy": (None, (_Signal,)),
    "trimtab_curriculum_create": (c_int32, (POINTER(CurriculumOptions), POINTER(_Curriculum))),
    "trimtab_curriculum_audit": (c_int32, (_Curriculum, c_int64, c_double, c_int32, POINTER(CurriculumState))),
    "trimtab_curriculum_report": (c_int32, (_Curriculum, POINTER(CurriculumState))),
    "trimtab_curriculum_save": (c_int32, (_Curriculum, c_void_p, c_int64, POINTER(c_int64))),
    "trimtab_curriculum_load": (c_int32, (c_void_p, c_int64, POINTER(_Curriculum))),
    "trimtab_curriculum_destroy": (None, (_Curriculum,)),
}
