"""Trimtab tells a training program that training is becoming unstable, why, and what cures it.

    trimtab.condition_number(samples)           is the data too ill-conditioned to learn from?     streaming: Covariance
    trimtab.matrix_condition(matrix)            and a weight matrix?
    trimtab.conditioning_advice(samples)        and would scaling or whitening help?
    trimtab.dead_neurons(preactivations)        which units are dead, dormant or saturated?        streaming: Activity
    trimtab.pseudo_label_drift(before, after)   do pseudo-labels hold still?                       streaming: LabelDrift
    trimtab.gradient_norm(gradients)            do gradients vanish, explode or hold NaN?          streaming: Gradients
    trimtab.feature_scale(features)             which axis of a graph's features to normalise?     ScaleProfile
    trimtab.overlap(real, fake)                 do two distributions overlap, at a resolution?     GeneratorSignal
    trimtab.Curriculum                          when does a coarse-to-fine training grow?
    trimtab.batch_leakage(function, inputs)     does a sample owe its output to its batch?     streaming: BatchLeakage
    trimtab.gradient_balance(pixel, adversarial)  do two parts of a loss pull alike?          streaming: GradientBalance
    trimtab.objectives                          blur, game stability; cures: PCGrad, GradNorm, adaptive weight, R1
    trimtab.smoothness.probe(function, low, high)   what will an adaptive ODE solver pay?         also kinks and solve
    trimtab.Detector                            does a series spike, shift, drift, diverge or stand still?
    trimtab.Whitener                            a cure: PCA, ZCA and Cholesky whitening
    trimtab.leak_slope(start, end, time, step)  a cure of dead units: a leak that fades; `Trainer.set_leak`
    trimtab.PseudoLabelGate(method, classes)    a cure of drift: FixMatch, FlexMatch, FreeMatch; `consistency`,
                                                `average_update` for an averaged teacher
    trimtab.check_log(steps=..., loss=...)      what went wrong in the log of a run?           streaming: LogDoctor
    trimtab.Monitor                             watches a whole run, and says what to do with each step
    trimtab.Trainer                             trains a small net, with exact second derivatives; `trimtab.layers`
    trimtab.generative                          where generative models fail: samples that miss data, collapsed latents
    trimtab.lab.run(name)                       instabilities shown failing and cured
    trimtab.peak_rate_search(run)               the greatest learning rate that a training bears; `warm_up_need`
    trimtab.safe_rate(layers, shape, x, y)      the same for a net on data
    trimtab.torch.watch(model, optimizer)       the same for a PyTorch model; `import trimtab.torch`

Options are keywords; `ConditioningOptions`, `MatrixOptions`, `ActivityOptions`, `DriftOptions`, `GradientOptions` and
`WhiteningOptions` say what each means and its default.

Tensors are NumPy arrays, objects with `__dlpack__` (PyTorch, JAX) or the buffer protocol, or lists; none is copied
that need not be. Every error is a `TrimtabError` and a ValueError, TypeError, MemoryError or RuntimeError at once;
its message names the argument.
"""

import importlib.util as _importlib

if _importlib.find_spec("numpy") is None:
    raise ImportError("trimtab: NumPy is not installed, and is needed: pip install numpy")

from . import generative, lab, layers, objectives, smoothness
from ._errors import (
    TrimtabError,
    TrimtabFileError,
    TrimtabMemoryError,
    TrimtabRuntimeError,
    TrimtabTypeError,
    TrimtabValueError,
)
from ._library import LIBRARY_PATH, library
from ._version import __version__
from ._words import Cause, Outcome, Verdict
from .coarse_to_fine import (
    Curriculum,
    CurriculumState,
    GeneratorSignal,
    GeneratorSignalReport,
    OverlapOptions,
    OverlapReport,
    block_average,
    overlap,
    overlap_by_resolution,
)
from .conditioning import (
    ConditioningAdvice,
    ConditioningOptions,
    ConditioningReport,
    Covariance,
    MatrixOptions,
    MatrixReport,
    condition_number,
    conditioning_advice,
    matrix_condition,
)
from .cures import average_update, leak_slope
from .detectors import Detector, DetectorResult, DetectorState
from .drift import DriftOptions, DriftReport, LabelDrift, pseudo_label_drift
from .feature_scaling import FeatureScaleOptions, FeatureScaleReport, ScaleProfile, feature_scale
from .gates import Consistency, GateReport, PseudoLabelGate, consistency
from .gradients import GradientOptions, GradientReport, Gradients, gradient_norm
from .leakage import BatchLeakage, LeakageOptions, LeakageReport, batch_leakage
from .log_doctor import LogCheckState, LogDoctor, LogDoctorOptions, LogExtremes, LogFinding, LogReport, check_log
from .monitor import Action, Coverage, Decision, Finding, LogState, Monitor, MonitorOptions
from .neurons import Activity, ActivityOptions, ActivityReport, RevivalReport, UnitActivity, UnitFlag, dead_neurons
from .objectives import BalanceOptions, BalanceReport, GradientBalance, gradient_balance
from .rates import PeakRate, RateRange, WarmUpNeed, peak_rate_search, rate_range_test, warm_up_need
from .remedies import NotFittedError, Whitener, WhiteningOptions
from .safe_rates import SafeRate, safe_rate
from .summary import Summary, summarize, summarize_all
from .tape import Derivatives, Tape, TapeValue, objective_derivatives
from .trainer import Evaluation, LossDerivatives, Sharpness, Trainer, TrainerOptions, TrainerStep

#: The instruction set that the kernels use here: "baseline", "x86-64-v3" or "x86-64-v4".
KERNEL_LEVEL: str = library.trimtab_kernel_level().decode()

__all__ = [
    "KERNEL_LEVEL",
    "LIBRARY_PATH",
    "Action",
    "Activity",
    "ActivityOptions",
    "ActivityReport",
    "BalanceOptions",
    "BalanceReport",
    "BatchLeakage",
    "Cause",
    "ConditioningAdvice",
    "ConditioningOptions",
    "ConditioningReport",
    "Consistency",
    "Covariance",
    "Coverage",
    "Curriculum",
    "CurriculumState",
    "Decision",
    "Derivatives",
    "Detector",
    "DetectorResult",
    "DetectorState",
    "DriftOptions",
    "DriftReport",
    "Evaluation",
    "FeatureScaleOptions",
    "FeatureScaleReport",
    "Finding",
    "GateReport",
    "GeneratorSignal",
    "GeneratorSignalReport",
    "GradientBalance",
    "GradientOptions",
    "GradientReport",
    "Gradients",
    "LabelDrift",
    "LeakageOptions",
    "LeakageReport",
    "LogCheckState",
    "LogDoctor",
    "LogDoctorOptions",
    "LogExtremes",
    "LogFinding",
    "LogReport",
    "LogState",
    "LossDerivatives",
    "MatrixOptions",
    "MatrixReport",
    "Monitor",
    "MonitorOptions",
    "NotFittedError",
    "Outcome",
    "OverlapOptions",
    "OverlapReport",
    "PeakRate",
    "PseudoLabelGate",
    "RateRange",
    "RevivalReport",
    "SafeRate",
    "ScaleProfile",
    "Sharpness",
    "Summary",
    "Tape",
    "TapeValue",
    "Trainer",
    "TrainerOptions",
    "TrainerStep",
    "TrimtabError",
    "TrimtabFileError",
    "TrimtabMemoryError",
    "TrimtabRuntimeError",
    "TrimtabTypeError",
    "TrimtabValueError",
    "UnitActivity",
    "UnitFlag",
    "Verdict",
    "WarmUpNeed",
    "Whitener",
    "WhiteningOptions",
    "__version__",
    "average_update",
    "batch_leakage",
    "block_average",
    "check_log",
    "condition_number",
    "conditioning_advice",
    "consistency",
    "dead_neurons",
    "feature_scale",
    "generative",
    "gradient_balance",
    "gradient_norm",
    "lab",
    "layers",
    "leak_slope",
    "matrix_condition",
    "objective_derivatives",
    "objectives",
    "overlap",
    "overlap_by_resolution",
    "peak_rate_search",
    "pseudo_label_drift",
    "rate_range_test",
    "safe_rate",
    "smoothness",
    "summarize",
    "summarize_all",
    "warm_up_need",
]
