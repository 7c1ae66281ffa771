"""The structures that several modules of the package use, by name; `_headers` has each beside its functions."""

from __future__ import annotations

from ._headers._common import Sized
from ._headers.conditioning import (
    BLAME_CAPACITY,
    ConditioningAdviceReport,
    ConditioningOptions,
    ConditioningReport,
    MatrixOptions,
    MatrixReport,
)
from ._headers.detector import DetectorOptions, DetectorResult
from ._headers.drift import DriftOptions, DriftReport
from ._headers.gradients import GradientOptions, GradientReport
from ._headers.monitor import Coverage, Decision, Entry, Finding, LogState, MonitorOptions, RuleOptions
from ._headers.neurons import ActivityOptions, ActivityReport, RevivalReport
from ._headers.remedies import WhiteningOptions
from ._headers.summary import Summary
from ._headers.tensor import MAXIMUM_RANK, Device, DType, Tensor
from ._headers.trainer import (
    OBJECTIVE,
    RATE_STEP,
    TRAINING_RUN,
    EvaluationReport,
    Layer,
    PeakRateOptions,
    PeakRateReport,
    RateRangeOptions,
    RateRangeReport,
    RunCourse,
    SharpnessOptions,
    SharpnessReport,
    TrainerOptions,
    TrainerReport,
    WarmUpReport,
)

__all__ = [
    "BLAME_CAPACITY",
    "MAXIMUM_RANK",
    "OBJECTIVE",
    "RATE_STEP",
    "TRAINING_RUN",
    "ActivityOptions",
    "ActivityReport",
    "ConditioningAdviceReport",
    "ConditioningOptions",
    "ConditioningReport",
    "Coverage",
    "DType",
    "Decision",
    "DetectorOptions",
    "DetectorResult",
    "Device",
    "DriftOptions",
    "DriftReport",
    "Entry",
    "EvaluationReport",
    "Finding",
    "GradientOptions",
    "GradientReport",
    "Layer",
    "LogState",
    "MatrixOptions",
    "MatrixReport",
    "MonitorOptions",
    "PeakRateOptions",
    "PeakRateReport",
    "RateRangeOptions",
    "RateRangeReport",
    "RevivalReport",
    "RuleOptions",
    "RunCourse",
    "SharpnessOptions",
    "SharpnessReport",
    "Sized",
    "Summary",
    "Tensor",
    "TrainerOptions",
    "TrainerReport",
    "WarmUpReport",
    "WhiteningOptions",
]
