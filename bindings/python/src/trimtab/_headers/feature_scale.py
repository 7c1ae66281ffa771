"""feature_scale.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32, c_void_p
from typing import Any, ClassVar

from ._common import Sized
from .tensor import Tensor

OUTLIER_CAPACITY = 8


class ScaleProfile(ctypes.Structure):
    """An opaque trimtab_scale_profile."""


class FeatureScaleOptions(Sized):
    """trimtab_feature_scale_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("least_deviation", c_double),
        ("critical_deviation", c_double),
        ("dominance", c_double),
        ("floor_share", c_double),
        ("outlier_score", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "least_deviation": 0.5,
        "critical_deviation": 1.0,
        "dominance": 2.0,
        "floor_share": 1e-12,
        "outlier_score": 6.0,
    }


class FeatureScaleReport(Sized):
    """trimtab_feature_scale_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("advice", c_int32),
        ("reserved", c_int32),
        ("node_count", c_int64),
        ("feature_count", c_int64),
        ("entry_count", c_int64),
        ("zero_count", c_int64),
        ("nonfinite_count", c_int64),
        ("empty_node_count", c_int64),
        ("empty_feature_count", c_int64),
        ("coverage", c_double),
        ("node_deviation", c_double),
        ("feature_deviation", c_double),
        ("residual_deviation", c_double),
        ("node_correlation", c_double),
        ("feature_correlation", c_double),
        ("node_share", c_double),
        ("feature_share", c_double),
        ("node_statistic", c_double),
        ("feature_statistic", c_double),
        ("node_probability", c_double),
        ("feature_probability", c_double),
        ("node_spread", c_double),
        ("feature_spread", c_double),
        ("greatest_node_effect", c_double),
        ("greatest_feature_effect", c_double),
        ("threshold", c_double),
        ("measurement", c_double),
        ("outlier_node_count", c_int64),
        ("outlier_feature_count", c_int64),
        ("outlier_nodes", c_int64 * OUTLIER_CAPACITY),
        ("outlier_features", c_int64 * OUTLIER_CAPACITY),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_feature_scale_options": FeatureScaleOptions,
    "trimtab_feature_scale_report": FeatureScaleReport,
}
CALLBACKS: dict[str, Any] = {}
_Profile = POINTER(ScaleProfile)
_Report = POINTER(FeatureScaleReport)
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "trimtab_feature_scale": (c_int32, (POINTER(Tensor), POINTER(FeatureScaleOptions), _Report)),
    "trimtab_scale_profile_create": (c_int32, (POINTER(FeatureScaleOptions), POINTER(_Profile))),
    "trimtab_scale_profile_add": (c_int32, (_Profile, POINTER(Tensor))),
    "trimtab_scale_profile_merge": (c_int32, (_Profile, _Profile)),
    "trimtab_scale_profile_report": (c_int32, (_Profile, _Report)),
    "trimtab_scale_profile_save": (c_int32, (_Profile, c_void_p, c_int64, POINTER(c_int64))),
    "trimtab_scale_profile_load": (c_int32, (c_void_p, c_int64, POINTER(_Profile))),
    "trimtab_scale_profile_destroy": (None, (_Profile,)),
}
