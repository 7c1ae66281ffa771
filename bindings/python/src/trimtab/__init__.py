"""Trimtab tells a training program that training is becoming unstable, why, and what cures it.

    trimtab.condition_number(samples)           is the data too ill-conditioned to learn from?     streaming: Covariance
    trimtab.matrix_condition(matrix)            and a weight matrix?
    trimtab.dead_neurons(preactivations)        which units are dead, dormant or saturated?        streaming: Activity
    trimtab.pseudo_label_drift(before, after)   do pseudo-labels hold still?                       streaming: LabelDrift
    trimtab.gradient_norm(gradients)            do gradients vanish, explode or hold NaN?          streaming: Gradients
    trimtab.Detector                            does a series spike, shift, drift, diverge or stand still?
    trimtab.Whitener                            a cure: PCA, ZCA and Cholesky whitening
    trimtab.leak_slope(start, end, time, step)  a cure of dead units: a leak that fades; `Trainer.set_leak`
    trimtab.PseudoLabelGate(method, classes)    a cure of drift: FixMatch, FlexMatch, FreeMatch; `consistency`,
                                                `average_update` for an averaged teacher
    trimtab.Monitor                             watches a whole run, and says what to do with each step
    trimtab.Trainer                             trains a small net, with exact second derivatives; `trimtab.layers`
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

from . import lab, layers
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
from .conditioning import (
    ConditioningOptions,
    ConditioningReport,
    Covariance,
    MatrixOptions,
    MatrixReport,
    condition_number,
    matrix_condition,
)
from .cures import average_update, leak_slope
from .detectors import Detector, DetectorResult, DetectorState
from .drift import DriftOptions, DriftReport, LabelDrift, pseudo_label_drift
from .gates import Consistency, GateReport, PseudoLabelGate, consistency
from .gradients import GradientOptions, GradientReport, Gradients, gradient_norm
from .monitor import Action, Coverage, Decision, Finding, LogState, Monitor, MonitorOptions
from .neurons import Activity, ActivityOptions, ActivityReport, RevivalReport, UnitActivity, UnitFlag, dead_neurons
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
    "Cause",
    "ConditioningOptions",
    "ConditioningReport",
    "Consistency",
    "Covariance",
    "Coverage",
    "Decision",
    "Derivatives",
    "Detector",
    "DetectorResult",
    "DetectorState",
    "DriftOptions",
    "DriftReport",
    "Evaluation",
    "Finding",
    "GateReport",
    "GradientOptions",
    "GradientReport",
    "Gradients",
    "LabelDrift",
    "LogState",
    "LossDerivatives",
    "MatrixOptions",
    "MatrixReport",
    "Monitor",
    "MonitorOptions",
    "NotFittedError",
    "Outcome",
    "PeakRate",
    "PseudoLabelGate",
    "RateRange",
    "RevivalReport",
    "SafeRate",
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
    "condition_number",
    "consistency",
    "dead_neurons",
    "gradient_norm",
    "lab",
    "layers",
    "leak_slope",
    "matrix_condition",
    "objective_derivatives",
    "peak_rate_search",
    "pseudo_label_drift",
    "rate_range_test",
    "safe_rate",
    "summarize",
    "summarize_all",
    "warm_up_need",
]
