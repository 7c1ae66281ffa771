"""trainer.h, by its parts."""

from __future__ import annotations

import ctypes
from typing import Any

from .._common import Signature
from . import net, rates, tape
from .net import (
    EvaluationReport,
    Layer,
    SharpnessOptions,
    SharpnessReport,
    Trainer,
    TrainerOptions,
    TrainerReport,
)
from .rates import (
    RATE_STEP,
    TRAINING_RUN,
    PeakRateOptions,
    PeakRateReport,
    RateRangeOptions,
    RateRangeReport,
    RunCourse,
    SafeRateOptions,
    SafeRateReport,
    WarmUpReport,
)
from .tape import (
    OBJECTIVE,
    Tape,
)

__all__ = [
    "CALLBACKS",
    "OBJECTIVE",
    "RATE_STEP",
    "SIGNATURES",
    "STRUCTURES",
    "TRAINING_RUN",
    "EvaluationReport",
    "Layer",
    "PeakRateOptions",
    "PeakRateReport",
    "RateRangeOptions",
    "RateRangeReport",
    "RunCourse",
    "SafeRateOptions",
    "SafeRateReport",
    "SharpnessOptions",
    "SharpnessReport",
    "Tape",
    "Trainer",
    "TrainerOptions",
    "TrainerReport",
    "WarmUpReport",
]

STRUCTURES: dict[str, type[ctypes.Structure]] = net.STRUCTURES | rates.STRUCTURES | tape.STRUCTURES
CALLBACKS: dict[str, Any] = net.CALLBACKS | rates.CALLBACKS | tape.CALLBACKS
SIGNATURES: dict[str, Signature] = net.SIGNATURES | rates.SIGNATURES | tape.SIGNATURES
