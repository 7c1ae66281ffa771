"""The part of generative.h on posterior collapse."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32, c_void_p
from typing import Any, ClassVar

from .._common import Doubles, Integers, Signature, Sized, Status
from ..tensor import Tensor


class Posterior(ctypes.Structure):
    """An opaque trimtab_posterior."""


DECODER = ctypes.CFUNCTYPE(c_int32, c_void_p, POINTER(c_double), c_int64, c_int64, POINTER(c_double), c_int64)


class PosteriorCollapseOptions(Sized):
    """trimtab_posterior_collapse_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("active_variance", c_double),
        ("collapsed_divergence", c_double),
        ("collapsed_share", c_double),
        ("least_active_share", c_double),
        ("expected_active_count", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "active_variance": 0.01,
        "collapsed_divergence": 0.01,
        "collapsed_share": 0.99,
        "least_active_share": 0.1,
    }


class PosteriorCollapseReport(Sized):
    """trimtab_posterior_collapse_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("sample_count", c_int64),
        ("nonfinite_count", c_int64),
        ("dimension_count", c_int64),
        ("active_count", c_int64),
        ("collapsed_count", c_int64),
        ("disputed_count", c_int64),
        ("divergence", c_double),
        ("information_bound", c_double),
        ("information", c_double),
        ("draw_count", c_int64),
        ("threshold", c_double),
        ("measurement", c_double),
    ]


class LatentDimension(ctypes.Structure):
    """trimtab_latent_dimension."""

    _fields_: ClassVar[Any] = [
        ("mean", c_double),
        ("variance", c_double),
        ("divergence", c_double),
        ("collapsed_share", c_double),
        ("is_active", c_int32),
        ("is_collapsed", c_int32),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_posterior_collapse_options": PosteriorCollapseOptions,
    "trimtab_posterior_collapse_report": PosteriorCollapseReport,
    "trimtab_latent_dimension": LatentDimension,
}
CALLBACKS: dict[str, Any] = {"trimtab_decoder": DECODER}
SIGNATURES: dict[str, Signature] = {
    "trimtab_posterior_collapse": (
        Status,
        (
            POINTER(Tensor),
            POINTER(Tensor),
            POINTER(Tensor),
            POINTER(PosteriorCollapseOptions),
            POINTER(PosteriorCollapseReport),
        ),
    ),
    "trimtab_posterior_create": (Status, (POINTER(PosteriorCollapseOptions), POINTER(POINTER(Posterior)))),
    "trimtab_posterior_add": (Status, (POINTER(Posterior), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor))),
    "trimtab_posterior_merge": (Status, (POINTER(Posterior), POINTER(Posterior))),
    "trimtab_posterior_report": (Status, (POINTER(Posterior), POINTER(PosteriorCollapseReport))),
    "trimtab_posterior_dimensions": (Status, (POINTER(Posterior), c_int64, POINTER(LatentDimension))),
    "trimtab_posterior_save": (Status, (POINTER(Posterior), c_void_p, c_int64, Integers)),
    "trimtab_posterior_load": (Status, (c_void_p, c_int64, POINTER(POINTER(Posterior)))),
    "trimtab_posterior_destroy": (None, (POINTER(Posterior),)),
    "trimtab_linear_posterior": (Status, (Doubles, c_int64, c_double, c_double, Integers, Doubles, Doubles)),
    "trimtab_decoder_sensitivity": (Status, (POINTER(Tensor), POINTER(Tensor), Doubles)),
    "trimtab_decoder_sensitivities": (Status, (POINTER(Tensor), c_int64, DECODER, c_void_p, Doubles)),
    "trimtab_annealed_weight": (Status, (c_int64, c_int64, c_int64, c_double, Doubles)),
    "trimtab_free_bits": (Status, (POINTER(Tensor), c_double, Doubles, POINTER(Tensor))),
}
