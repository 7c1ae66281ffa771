"""Cures of pseudo-label drift: which labels to train on, and a term that holds predictions still."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from . import _options, _words
from ._errors import INVALID_ARGUMENT, check, refusal
from ._handle import Accumulator
from ._headers import drift as headers
from ._library import library
from ._report import Report, counted, number_text
from ._tensors import TensorLike, output_view, view
from ._words import Cause, Outcome, Verdict

_METHODS = ("fixmatch", "flexmatch", "freematch")
_FORMS = ("kl", "squared")
_Doubles = ctypes.POINTER(ctypes.c_double)


@dataclass(frozen=True, slots=True, repr=False)
class GateReport(Report):
    """What a gate let through of a batch. Fields as in drift.h, and

    passes      [n] whether to train on a sample
    thresholds  [classes] what the batch was held against
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    sample_count: int
    passed_count: int
    nonfinite_count: int
    coverage: float
    least_threshold: float
    greatest_threshold: float
    passes: npt.NDArray[np.bool_]
    thresholds: npt.NDArray[np.float64]

    _unlisted: ClassVar[frozenset[str]] = frozenset(("passes", "thresholds"))

    def _headline(self) -> str:
        left_out = f", {counted(self.nonfinite_count, 'sample')} unusable" if self.nonfinite_count else ""
        passed = f"{self.passed_count} of {counted(self.sample_count, 'sample')}"
        held = f"{number_text(self.least_threshold)} to {number_text(self.greatest_threshold)}"
        return f"{passed} pass thresholds of {held}{left_out}"


class PseudoLabelGate(Accumulator):
    """A confidence gate over pseudo-labels that remembers what it has seen.

    method         "fixmatch": the same threshold for all classes; "flexmatch": it grows with how much of a class was
                   learned; "freematch": from moving averages of confidence and class shares
    class_count    2 or more
    sample_count   "flexmatch": unlabelled samples in all
    threshold      0.95 of "fixmatch" and "flexmatch"
    decay          0.999: what stays of the averages of "freematch" a batch
    starts_at_one  whether those averages start at 1, as the published code has it, or at 1 / classes, as the paper

    It makes the labels that are used drift less; it does not make accuracy greater: what is shut out early stays wrong.
    A gate saves, loads and pickles with all it remembers. Safe to share between threads.
    Errors: ValueError, TypeError. Since 0.4.
    Source: Sohn et al. 2020; Zhang et al. 2021; Wang et al. 2023.

    >>> gate = PseudoLabelGate("fixmatch", class_count=2, threshold=0.8)
    >>> gate.apply([[0.9, 0.1], [0.6, 0.4]]).passes.tolist()
    [True, False]
    """

    _kind: ClassVar[str] = "pseudo_label_gate"

    def __init__(
        self,
        method: str = "fixmatch",
        *,
        class_count: int,
        sample_count: int = 0,
        threshold: float = 0.95,
        decay: float = 0.999,
        starts_at_one: bool = False,
    ) -> None:
        super().__init__()
        options = headers.GateOptions()
        options.method = _options.named("method", method, _METHODS)
        options.class_count = _options.integer("class_count", class_count)
        options.sample_count = _options.integer("sample_count", sample_count)
        options.threshold = _options.number("threshold", threshold)
        options.decay = _options.number("decay", decay)
        options.starts_at_one = int(bool(starts_at_one))
        self._create(options)

    def apply(self, probabilities: TensorLike, ids: TensorLike | None = None) -> GateReport:
        """Judges a batch of predictions and takes it up.

        probabilities  [n, classes]; rows are normalised, and may be one-hot integers or bool
        ids            "flexmatch": [n] integers from 0 to below sample_count; None: the row's index

        Rows with NaN, Inf, a negative number or only zeros never pass. Errors: ValueError (shape, logits, an id
        outside), TypeError; nothing has changed then. Cost: O(n classes).
        """
        given = view(probabilities, "probabilities")
        names = None if ids is None else view(ids, "ids", "integers of shape [n]")
        # The library refuses other shapes before it writes.
        rows, classes = given.shape if len(given.shape) == 2 else (0, 0)
        passes, thresholds = np.zeros(rows, dtype=np.uint8), np.zeros(classes)
        report = headers.GateReport()
        with self._lock:
            check(
                library.trimtab_pseudo_label_gate_apply(
                    self._pointer(),
                    ctypes.byref(given.structure),
                    None if names is None else ctypes.byref(names.structure),
                    passes.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8)),
                    thresholds.ctypes.data_as(_Doubles),
                    ctypes.byref(report),
                )
            )
        return GateReport._from_structure(report, passes=passes.astype(bool), thresholds=thresholds)

    def merge(self, other: PseudoLabelGate) -> PseudoLabelGate:
        """Refused: batches follow one another and do not add. Errors: ValueError."""
        raise refusal(INVALID_ARGUMENT, "merge: found a gate, allowed accumulators alone")


@dataclass(frozen=True, slots=True)
class Consistency:
    """A consistency term: its loss (NaN without a usable sample) and its gradient for the logits, [n, classes]."""

    outcome: Outcome
    loss: float
    gradient: npt.NDArray[np.float64]
    sample_count: int
    nonfinite_count: int


def consistency(before: TensorLike, after: TensorLike, form: str = "kl") -> Consistency:
    """The term that holds predictions to those of the round before, and its gradient for the logits of `after`.

    before, after  [n, classes] probabilities; rows are normalised; `before` is held fixed
    form           "kl": mean sum q ln(q / p), gradient (p - q) / n; "squared": mean sum (p - q)^2

    Times a weight of 3 to 10 it is added to the loss. It makes drift smaller and accuracy no greater, and adds
    curvature: where the learning rate is too high already labels swing more with it, and the cure is a lower rate or
    an averaged teacher.
    Errors: ValueError (shapes, logits, form), TypeError. Cost: O(n classes). Source: definitions 8. Since 0.4.

    >>> consistency([[0.5, 0.5]], [[0.75, 0.25]]).gradient.tolist()
    [[0.25, -0.25]]
    """
    earlier, later = view(before, "before"), view(after, "after")
    if len(later.shape) != 2:
        raise refusal(INVALID_ARGUMENT, f"after: found rank {len(later.shape)}, allowed [n, classes]")
    gradient = np.zeros(later.shape)
    target = output_view(gradient, "gradient")
    report = headers.ConsistencyReport()
    check(
        library.trimtab_consistency(
            ctypes.byref(earlier.structure),
            ctypes.byref(later.structure),
            _options.named("form", form, _FORMS),
            ctypes.byref(target.structure),
            ctypes.byref(report),
        )
    )
    return Consistency(
        _words.outcome(report.outcome), report.loss, gradient, report.sample_count, report.nonfinite_count
    )
