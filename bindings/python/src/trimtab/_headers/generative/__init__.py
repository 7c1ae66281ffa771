"""generative.h, by its parts."""

from __future__ import annotations

import ctypes
from typing import Any

from .._common import Signature
from . import coverage, exposure, posterior, sampling
from .coverage import (
    BinOptions,
    BinReport,
    Bins,
    BirthdayReport,
    CoverageOptions,
    CoverageReport,
    Vendi,
    VendiScoreReport,
)
from .exposure import (
    Exposure,
    ExposureBiasOptions,
    ExposureBiasReport,
    ExposureLength,
    StateNoiseOptions,
)
from .posterior import (
    DECODER,
    LatentDimension,
    Posterior,
    PosteriorCollapseOptions,
    PosteriorCollapseReport,
)
from .sampling import (
    SamplingOptions,
    SamplingReport,
)

__all__ = [
    "CALLBACKS",
    "DECODER",
    "SIGNATURES",
    "STRUCTURES",
    "BinOptions",
    "BinReport",
    "Bins",
    "BirthdayReport",
    "CoverageOptions",
    "CoverageReport",
    "Exposure",
    "ExposureBiasOptions",
    "ExposureBiasReport",
    "ExposureLength",
    "LatentDimension",
    "Posterior",
    "PosteriorCollapseOptions",
    "PosteriorCollapseReport",
    "SamplingOptions",
    "SamplingReport",
    "StateNoiseOptions",
    "Vendi",
    "VendiScoreReport",
]

STRUCTURES: dict[str, type[ctypes.Structure]] = (
    coverage.STRUCTURES | exposure.STRUCTURES | posterior.STRUCTURES | sampling.STRUCTURES
)
CALLBACKS: dict[str, Any] = coverage.CALLBACKS | exposure.CALLBACKS | posterior.CALLBACKS | sampling.CALLBACKS
SIGNATURES: dict[str, Signature] = (
    coverage.SIGNATURES | exposure.SIGNATURES | posterior.SIGNATURES | sampling.SIGNATURES
)
