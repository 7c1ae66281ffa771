"""generative.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Any, ClassVar

from .._structures import Sized, Tensor

DECODER = ctypes.CFUNCTYPE(c_int32, c_void_p, POINTER(c_double), c_int64, c_int64, POINTER(c_double), c_int64)


class Exposure(ctypes.Structure):
    """An opaque trimtab_exposure."""


class Posterior(ctypes.Structure):
    """An opaque trimtab_posterior."""


class Bins(ctypes.Structure):
    """An opaque trimtab_bins."""


class Vendi(ctypes.Structure):
    """An opaque trimtab_vendi."""


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


class SamplingOptions(Sized):
    """trimtab_sampling_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("factor", c_double),
        ("noise_floor", c_double),
        ("evaluations_in_use", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "factor": 1.5,
    }


class SamplingReport(Sized):
    """trimtab_sampling_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("point_count", c_int64),
        ("nonfinite_count", c_int64),
        ("greatest_evaluations", c_int64),
        ("many_step_distance", c_double),
        ("least_evaluations", c_int64),
        ("distance", c_double),
        ("order", c_double),
        ("threshold", c_double),
        ("measurement", c_double),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_exposure_bias_options": ExposureBiasOptions,
    "trimtab_exposure_bias_report": ExposureBiasReport,
    "trimtab_exposure_length": ExposureLength,
    "trimtab_state_noise_options": StateNoiseOptions,
    "trimtab_posterior_collapse_options": PosteriorCollapseOptions,
    "trimtab_posterior_collapse_report": PosteriorCollapseReport,
    "trimtab_latent_dimension": LatentDimension,
    "trimtab_coverage_options": CoverageOptions,
    "trimtab_coverage_report": CoverageReport,
    "trimtab_bin_options": BinOptions,
    "trimtab_bin_report": BinReport,
    "trimtab_birthday_report": BirthdayReport,
    "trimtab_vendi_score_report": VendiScoreReport,
    "trimtab_sampling_options": SamplingOptions,
    "trimtab_sampling_report": SamplingReport,
}
CALLBACKS: dict[str, Any] = {"trimtab_decoder": DECODER}
_Tensor = POINTER(Tensor)
_Double = POINTER(c_double)
_Integer = POINTER(c_int64)
_Exposure = POINTER(Exposure)
_Posterior = POINTER(Posterior)
_Bins = POINTER(Bins)
_Vendi = POINTER(Vendi)
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "trimtab_exposure_bias": (
        c_int32,
        (
            _Tensor,
            _Tensor,
            _Tensor,
            POINTER(ExposureBiasOptions),
            POINTER(ExposureBiasReport),
        ),
    ),
    "trimtab_exposure_create": (
        c_int32,
        (
            POINTER(ExposureBiasOptions),
            POINTER(_Exposure),
        ),
    ),
    "trimtab_exposure_add": (
        c_int32,
        (
            _Exposure,
            _Tensor,
            _Tensor,
            _Tensor,
        ),
    ),
    "trimtab_exposure_merge": (
        c_int32,
        (
            _Exposure,
            _Exposure,
        ),
    ),
    "trimtab_exposure_report": (
        c_int32,
        (
            _Exposure,
            POINTER(ExposureBiasReport),
        ),
    ),
    "trimtab_exposure_lengths": (
        c_int32,
        (
            _Exposure,
            POINTER(ExposureLength),
            c_int64,
            _Integer,
        ),
    ),
    "trimtab_exposure_save": (
        c_int32,
        (
            _Exposure,
            c_void_p,
            c_int64,
            _Integer,
        ),
    ),
    "trimtab_exposure_load": (
        c_int32,
        (
            c_void_p,
            c_int64,
            POINTER(_Exposure),
        ),
    ),
    "trimtab_exposure_destroy": (None, (_Exposure,)),
    "trimtab_state_noise": (
        c_int32,
        (
            _Tensor,
            c_int64,
            POINTER(StateNoiseOptions),
            _Tensor,
        ),
    ),
    "trimtab_posterior_collapse": (
        c_int32,
        (
            _Tensor,
            _Tensor,
            _Tensor,
            POINTER(PosteriorCollapseOptions),
            POINTER(PosteriorCollapseReport),
        ),
    ),
    "trimtab_posterior_create": (
        c_int32,
        (
            POINTER(PosteriorCollapseOptions),
            POINTER(_Posterior),
        ),
    ),
    "trimtab_posterior_add": (
        c_int32,
        (
            _Posterior,
            _Tensor,
            _Tensor,
            _Tensor,
        ),
    ),
    "trimtab_posterior_merge": (
        c_int32,
        (
            _Posterior,
            _Posterior,
        ),
    ),
    "trimtab_posterior_report": (
        c_int32,
        (
            _Posterior,
            POINTER(PosteriorCollapseReport),
        ),
    ),
    "trimtab_posterior_dimensions": (
        c_int32,
        (
            _Posterior,
            c_int64,
            POINTER(LatentDimension),
        ),
    ),
    "trimtab_posterior_save": (
        c_int32,
        (
            _Posterior,
            c_void_p,
            c_int64,
            _Integer,
        ),
    ),
    "trimtab_posterior_load": (
        c_int32,
        (
            c_void_p,
            c_int64,
            POINTER(_Posterior),
        ),
    ),
    "trimtab_posterior_destroy": (None, (_Posterior,)),
    "trimtab_linear_posterior": (
        c_int32,
        (
            _Double,
            c_int64,
            c_double,
            c_double,
            _Integer,
            _Double,
            _Double,
        ),
    ),
    "trimtab_decoder_sensitivity": (
        c_int32,
        (
            _Tensor,
            _Tensor,
            _Double,
        ),
    ),
    "trimtab_decoder_sensitivities": (
        c_int32,
        (
            _Tensor,
            c_int64,
            DECODER,
            c_void_p,
            _Double,
        ),
    ),
    "trimtab_annealed_weight": (
        c_int32,
        (
            c_int64,
            c_int64,
            c_int64,
            c_double,
            _Double,
        ),
    ),
    "trimtab_free_bits": (
        c_int32,
        (
            _Tensor,
            c_double,
            _Double,
            _Tensor,
        ),
    ),
    "trimtab_sample_coverage": (
        c_int32,
        (
            _Tensor,
            _Tensor,
            _Tensor,
            POINTER(CoverageOptions),
            POINTER(CoverageReport),
        ),
    ),
    "trimtab_expected_coverage": (
        c_int32,
        (
            c_int64,
            c_int64,
            c_int64,
            _Double,
        ),
    ),
    "trimtab_bins_create": (
        c_int32,
        (
            _Tensor,
            POINTER(BinOptions),
            POINTER(_Bins),
        ),
    ),
    "trimtab_bins_add": (
        c_int32,
        (
            _Bins,
            _Tensor,
        ),
    ),
    "trimtab_bins_merge": (
        c_int32,
        (
            _Bins,
            _Bins,
        ),
    ),
    "trimtab_bins_report": (
        c_int32,
        (
            _Bins,
            POINTER(BinReport),
        ),
    ),
    "trimtab_bins_save": (
        c_int32,
        (
            _Bins,
            c_void_p,
            c_int64,
            _Integer,
        ),
    ),
    "trimtab_bins_load": (
        c_int32,
        (
            c_void_p,
            c_int64,
            POINTER(_Bins),
        ),
    ),
    "trimtab_bins_destroy": (None, (_Bins,)),
    "trimtab_birthday": (
        c_int32,
        (
            _Tensor,
            c_double,
            POINTER(BirthdayReport),
        ),
    ),
    "trimtab_birthday_probability": (
        c_int32,
        (
            c_int64,
            c_int64,
            _Double,
        ),
    ),
    "trimtab_vendi_score": (
        c_int32,
        (
            _Tensor,
            c_double,
            POINTER(VendiScoreReport),
        ),
    ),
    "trimtab_vendi_score_of_kernel": (
        c_int32,
        (
            _Tensor,
            POINTER(VendiScoreReport),
        ),
    ),
    "trimtab_vendi_create": (c_int32, (POINTER(_Vendi),)),
    "trimtab_vendi_add": (
        c_int32,
        (
            _Vendi,
            _Tensor,
        ),
    ),
    "trimtab_vendi_merge": (
        c_int32,
        (
            _Vendi,
            _Vendi,
        ),
    ),
    "trimtab_vendi_report": (
        c_int32,
        (
            _Vendi,
            POINTER(VendiScoreReport),
        ),
    ),
    "trimtab_vendi_save": (
        c_int32,
        (
            _Vendi,
            c_void_p,
            c_int64,
            _Integer,
        ),
    ),
    "trimtab_vendi_load": (
        c_int32,
        (
            c_void_p,
            c_int64,
            POINTER(_Vendi),
        ),
    ),
    "trimtab_vendi_destroy": (None, (_Vendi,)),
    "trimtab_sampling_cost": (
        c_int32,
        (
            _Tensor,
            _Tensor,
            POINTER(SamplingOptions),
            POINTER(SamplingReport),
        ),
    ),
    "trimtab_wasserstein_distance": (
        c_int32,
        (
            _Tensor,
            _Tensor,
            _Double,
        ),
    ),
}
