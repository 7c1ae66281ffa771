"""Trimtab tells a training program that training is becoming unstable, why, and what cures it.

    trimtab.condition_number(samples)           is the data too ill-conditioned to learn from?     streaming: Covariance
    trimtab.matrix_condition(matrix)            and a weight matrix?
    trimtab.dead_neurons(preactivations)        which units are dead, dormant or saturated?        streaming: Activity
    trimtab.pseudo_label_drift(before, after)   do pseudo-labels hold still?                       streaming: LabelDrift
    trimtab.gradient_norm(gradients)            do gradients vanish, explode or hold NaN?          streaming: Gradients
    trimtab.smoothness.probe(function, low, high)   what will an adaptive ODE solver pay?         also kinks and solve
    trimtab.Detector                            does a series spike, shift, drift, diverge or stand still?
    trimtab.Whitener                            a cure: PCA, ZCA and Cholesky whitening
    trimtab.Monitor                             watches a whole run, and says what to do with each step
    trimtab.Trainer                             trains a small net, with exact second derivatives; `trimtab.layers`
    trimtab.lab.run(name)                       instabilities shown failing and cured
    trimtab.torch.watch(model, optimizer)       the same for a PyTorch model; `import trimtab.torch`

Options are keywords; `ConditioningOptions`, `MatrixOptions`, `ActivityOptions`, `DriftOptions`, `GradientOptions` and
`WhiteningOptions` say what each means and its default.

Tensors are NumPy arrays, objects with `__dlpack__` (PyTorch, JAX) or the buffer protocol, or lists; none is copied
that need not be. Every error is a `TrimtabError` and a ValueError, TypeError, MemoryError or RuntimeError at once;
its message names the argument.
"""

from . import lab, layers, smoothness
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
from .detectors import Detector, DetectorResult, DetectorState
from .drift import DriftOptions, DriftReport, LabelDrift, pseudo_label_drift
from .gradients import GradientOptions, GradientReport, Gradients, gradient_norm
from .monitor import Action, Coverage, Decision, Finding, LogState, Monitor, MonitorOptions
from .neurons import Activity, ActivityOptions, ActivityReport, RevivalReport, UnitActivity, UnitFlag, dead_neurons
from .remedies import NotFittedError, Whitener, WhiteningOptions
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
    "RevivalReport",
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
    "Whitener",
    "WhiteningOptions",
    "__version__",
    "condition_number",
    "dead_neurons",
    "gradient_norm",
    "lab",
    "layers",
    "matrix_condition",
    "objective_derivatives",
    "pseudo_label_drift",
    "smoothness",
    "summarize",
    "summarize_all",
]
