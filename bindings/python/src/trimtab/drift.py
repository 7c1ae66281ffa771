"""Do pseudo-labels hold still?"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

import numpy as np
import numpy.typing as npt

from . import _options
from . import _structures as structures
from ._errors import check
from ._handle import Accumulator
from ._library import library
from ._report import Report, counted, number_text
from ._tensors import TensorLike, view
from ._words import Cause, Outcome, Verdict

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class DriftOptions(TypedDict, total=False):
    """Thresholds of `pseudo_label_drift` and `LabelDrift`.

    class_count            0: probabilities say it; for labels the greatest label plus one
    confidence_gate        0.95: a sample is confident if its greatest probability reaches this
    warning_flip_rate      0.05 per round
    critical_flip_rate     0.20
    oscillation_share      0.5: of the flips that go back, beyond which it is oscillation
    oscillation_flip_rate  0.02: below this flip rate oscillation is not judged
    class_distance         0.2: total variation of the class shares from the prior, or between two rounds; without a
                           prior a class that has grown by more than twice this since the first round, to more than all
                           but this, is a collapse too
    collapse_share         0.99: share of the later round's samples in one class from which on, without a prior, it is
                           a collapse; 1: not judged
    class_prior            [classes], summing to 1; None: unknown, no verdict from the prior
    """

    class_count: int
    confidence_gate: float
    warning_flip_rate: float
    critical_flip_rate: float
    oscillation_share: float
    oscillation_flip_rate: float
    class_distance: float
    collapse_share: float
    class_prior: Sequence[float] | npt.NDArray[np.float64] | None


@dataclass(frozen=True, slots=True, repr=False)
class DriftReport(Report):
    """What changed between a round and the one before it (and, for oscillation, the one before that). Fields as in
    drift.h.

    Without a usable sample all that is over samples is NaN.
    total_variation, jensen_shannon and kullback_leibler are means over samples, in nats where they have a unit, and 0
    for labels.
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    round: int
    round_count: int
    sample_count: int
    nonfinite_count: int
    unmatched_count: int
    class_count: int
    oscillation_sample_count: int
    confident_sample_count: int
    flip_rate: float
    confident_flip_rate: float
    oscillation_rate: float
    oscillation_share: float
    oscillation_null: float
    total_variation: float
    jensen_shannon: float
    kullback_leibler: float
    gate_coverage: float
    class_prior_distance: float
    class_shift: float
    least_class_share: float
    greatest_class_share: float
    mean_flip_rate: float
    threshold: float
    measurement: float
    has_probabilities: bool

    _conversions: ClassVar[dict[str, Any]] = {"has_probabilities": lambda flag, _: bool(flag)}

    def _headline(self) -> str:
        left_out = f", {counted(self.nonfinite_count, 'sample')} left out as unusable" if self.nonfinite_count else ""
        if not self.sample_count:
            return f"no usable sample in both rounds{left_out}"
        flipped = f"{number_text(100 * self.flip_rate)} % of {self.sample_count} labels flipped in round {self.round}"
        if self.outcome is Outcome.DEGENERATE:
            return f"{flipped}, one class alone was seen{left_out}"
        measured = f"{self._measured()} {number_text(self.measurement)} against {number_text(self.threshold)}"
        return f"{flipped}, {measured}{left_out}"

    def _measured(self) -> str:
        """The name of the field that decided."""
        if self.cause is Cause.EMPTY_GATE:
            return "gate coverage"
        if self.cause is Cause.TARGET_OSCILLATION and self.verdict is not Verdict.CRITICAL:
            return "oscillation share"
        if self.cause is not Cause.CLASS_COLLAPSE:
            return "flip rate"
        names = ("greatest_class_share", "class_shift", "class_prior_distance")
        since_first = "class shift since the first round"
        return next((name.replace("_", " ") for name in names if getattr(self, name) == self.measurement), since_first)


def pseudo_label_drift(before: TensorLike, after: TensorLike, **options: Unpack[DriftOptions]) -> DriftReport:
    """Compares two rounds of predictions on the same samples in the same order.

    before, after  both [n] integers (labels) or both [n, classes] floating point (probabilities; rows are
                   normalised); ties in the argmax go to the lowest index
    options        as in `DriftOptions`

    Edge cases: rows with NaN, Inf, a negative number or only zeros, and labels below 0 or >= class_count are left out
    and counted; negative numbers in more than half of the finite rows are logits, and refused; no sample is
    insufficient; one class degenerate, as are labels that alone never show a second class.
    Errors: ValueError (shape, device, options, logits), TypeError (neither labels nor probabilities, unknown option).
    Cost: O(n classes).
    Source: FixMatch (Sohn et al. 2020) for the gate. Since 0.1.

    >>> pseudo_label_drift([0, 1, 1, 2], [0, 1, 2, 2]).flip_rate
    0.25
    """
    settings = _options.build(structures.DriftOptions, options)
    report = structures.DriftReport()
    earlier, later = view(before, "before"), view(after, "after")
    check(
        library.trimtab_pseudo_label_drift(
            ctypes.byref(earlier.structure),
            ctypes.byref(later.structure),
            ctypes.byref(settings),
            ctypes.byref(report),
        )
    )
    return DriftReport._from_structure(report)


class LabelDrift(Accumulator):
    """The streaming form of `pseudo_label_drift`: rounds of predictions keyed by sample id.

    Takes the options of `DriftOptions`. Per sample two labels and one row of float16 probabilities are kept.
    """

    _kind: ClassVar[str] = "label_drift"

    def __init__(self, **options: Unpack[DriftOptions]) -> None:
        super().__init__()
        self._create(_options.build(structures.DriftOptions, options))

    def add(self, round: int, predictions: TensorLike, ids: TensorLike | None = None) -> Self:
        """Adds predictions of one round, or of a part of it, and returns self.

        round        >= 0; the same as before (another batch of it) or greater
        predictions  as in `pseudo_label_drift`; always the same kind and number of classes
        ids          [n] integers that name the samples, each at most once a round; None: the row index, counted on
                     within the round

        Errors: as there, and ValueError for a round that goes back or an id twice in a round; nothing has changed then.
        """
        number = _options.integer("round", round)
        tensor = view(predictions, "predictions")
        names = None if ids is None else view(ids, "ids", "integers of shape [n]")
        with self._lock:
            check(
                library.trimtab_label_drift_add(
                    self._pointer(),
                    number,
                    None if names is None else ctypes.byref(names.structure),
                    ctypes.byref(tensor.structure),
                )
            )
        return self

    def report(self, index: int | None = None) -> DriftReport:
        """The report on the latest round, or on the one that was the index-th seen (0 is the first, which has nothing
        before it).

        Errors: ValueError for an index that no round has.
        """
        report = structures.DriftReport()
        with self._lock:
            if index is None:
                check(library.trimtab_label_drift_report(self._pointer(), ctypes.byref(report)))
            else:
                number = _options.integer("index", index)
                check(library.trimtab_label_drift_report_round(self._pointer(), number, ctypes.byref(report)))
        return DriftReport._from_structure(report)

    def __repr__(self) -> str:
        return "LabelDrift(closed)" if self._handle is None else f"LabelDrift({self.report()!r})"
