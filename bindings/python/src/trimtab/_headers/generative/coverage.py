"""The part of generative.h on mode collapse."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32, c_void_p
from typing import Any, ClassVar

from .._common import Doubles, Integers, Signature, Sized, Status
from ..tensor import Tensor


class Bins(ctypes.Structure):
    """An opaque trimtab_bins."""


class Vendi(ctypes.Structure):
    """An opaque trimtab_vendi."""


class CoverageOptions(Sized):
    """trimtab_coverage_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("neighbours", c_int64),
        ("bin_count", c_int64),
        ("significance", c_double),
        ("least_coverage", c_double),
        ("least_density", c_double),
        ("greatest_bin_share", c_double),
        ("mode_deviation", c_double),
        ("least_mode_count", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "neighbours": 5,
        "bin_count": 100,
        "significance": 0.05,
        "least_coverage": 0.8,
        "least_density": 0.6,
        "greatest_bin_share": 0.3,
        "least_mode_count": 1,
    }


class CoverageReport(Sized):
    """trimtab_coverage_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("real_count", c_int64),
        ("fake_count", c_int64),
        ("nonfinite_count", c_int64),
        ("zero_radius_count", c_int64),
        ("precision", c_double),
        ("recall", c_double),
        ("density", c_double),
        ("coverage", c_double),
        ("expected_coverage", c_double),
        ("bin_count", c_int64),
        ("bin_share", c_double),
        ("jensen_shannon", c_double),
        ("mode_count", c_int64),
        ("captured_mode_count", c_int64),
        ("mode_share", c_double),
        ("threshold", c_double),
        ("measurement", c_double),
    ]


class BinOptions(Sized):
    """trimtab_bin_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("bin_count", c_int64),
        ("significance", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "bin_count": 100,
        "significance": 0.05,
    }


class BinReport(Sized):
    """trimtab_bin_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("bin_count", c_int64),
        ("real_count", c_int64),
        ("fake_count", c_int64),
        ("nonfinite_count", c_int64),
        ("different_count", c_int64),
        ("share", c_double),
        ("jensen_shannon", c_double),
    ]


class BirthdayReport(Sized):
    """trimtab_birthday_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("sample_count", c_int64),
        ("nonfinite_count", c_int64),
        ("pair_count", c_int64),
        ("support", c_double),
        ("least_support", c_double),
    ]


class VendiScoreReport(Sized):
    """trimtab_vendi_score_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("sample_count", c_int64),
        ("unusable_count", c_int64),
        ("score", c_double),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_coverage_options": CoverageOptions,
    "trimtab_coverage_report": CoverageReport,
    "trimtab_bin_options": BinOptions,
    "trimtab_bin_report": BinReport,
    "trimtab_birthday_report": BirthdayReport,
    "trimtab_vendi_score_report": VendiScoreReport,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {
    "trimtab_sample_coverage": (
        Status,
        (POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(CoverageOptions), POINTER(CoverageReport)),
    ),
    "trimtab_expected_coverage": (Status, (c_int64, c_int64, c_int64, Doubles)),
    "trimtab_bins_create": (Status, (POINTER(Tensor), POINTER(BinOptions), POINTER(POINTER(Bins)))),
    "trimtab_bins_add": (Status, (POINTER(Bins), POINTER(Tensor))),
    "trimtab_bins_merge": (Status, (POINTER(Bins), POINTER(Bins))),
    "trimtab_bins_report": (Status, (POINTER(Bins), POINTER(BinReport))),
    "trimtab_bins_save": (Status, (POINTER(Bins), c_void_p, c_int64, Integers)),
    "trimtab_bins_load": (Status, (c_void_p, c_int64, POINTER(POINTER(Bins)))),
    "trimtab_bins_destroy": (None, (POINTER(Bins),)),
    "trimtab_birthday": (Status, (POINTER(Tensor), c_double, POINTER(BirthdayReport))),
    "trimtab_birthday_probability": (Status, (c_int64, c_int64, Doubles)),
    "trimtab_vendi_score": (Status, (POINTER(Tensor), c_double, POINTER(VendiScoreReport))),
    "trimtab_vendi_score_of_kernel": (Status, (POINTER(Tensor), POINTER(VendiScoreReport))),
    "trimtab_vendi_create": (Status, (POINTER(POINTER(Vendi)),)),
    "trimtab_vendi_add": (Status, (POINTER(Vendi), POINTER(Tensor))),
    "trimtab_vendi_merge": (Status, (POINTER(Vendi), POINTER(Vendi))),
    "trimtab_vendi_report": (Status, (POINTER(Vendi), POINTER(VendiScoreReport))),
    "trimtab_vendi_save": (Status, (POINTER(Vendi), c_void_p, c_int64, Integers)),
    "trimtab_vendi_load": (Status, (c_void_p, c_int64, POINTER(POINTER(Vendi)))),
    "trimtab_vendi_destroy": (None, (POINTER(Vendi),)),
}
