"""Is the data, or a matrix, too ill-conditioned to learn from?"""

from __future__ import annotations

import ctypes
import math
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


#: The words of `ConditioningAdvice.advice`.
ADVICE = ("none", "standardise", "whiten")


class ConditioningOptions(TypedDict, total=False):
    """Thresholds and limits of `condition_number` and `Covariance`.

    warning_condition_number   1e3: about 7e3 steps of gradient descent to 1e-6
    critical_condition_number  1e6
    null_factor                10: a verdict needs kappa > null_factor * the Marchenko-Pastur null
    maximum_features           8192: the state takes 8 * features^2 bytes
    """

    warning_condition_number: float
    critical_condition_number: float
    null_factor: float
    maximum_features: int


class MatrixOptions(TypedDict, total=False):
    """How `matrix_condition` works and judges.

    norm                       2, 1, inf or "fro", as in `numpy.linalg.cond`; 2 by default
    method                     "automatic", "exact" or "estimate" (1-norm, square matrices)
    critical_condition_number  0: 1 / (sqrt(max(m, n)) * epsilon of the element type, at most float32's)
    relative_tolerance         1e-6: how closely Lanczos must pin the condition number before it is believed
    maximum_elements           67108864: what the work space may take, in float64 elements
    """

    norm: float | str
    method: str
    critical_condition_number: float
    relative_tolerance: float
    maximum_elements: int


@dataclass(frozen=True, slots=True, repr=False)
class ConditioningReport(Report):
    """Condition of the covariance S = M2 / n of samples, with eigenvalues l1 >= ... >= ld. Fields as in conditioning.h.

    condition_number is l1 / ld, inf where S is singular. measurement is the one that decided, held against threshold:
    condition_number_on_support (l1 over the smallest eigenvalue that counts in the rank), condition_number_shrunk where
    there are no more samples than features, and where scale alone makes S singular the least that it can be. Constant
    features are counted and left out of every other number. blamed_features are indices, worst first. Where the outcome
    is not ok, the measurements are NaN.
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    sample_count: int
    nonfinite_sample_count: int
    feature_count: int
    constant_feature_count: int
    rank: int
    condition_number: float
    condition_number_on_support: float
    condition_number_shrunk: float
    shrinkage: float
    condition_number_of_correlation: float
    null_condition_number: float
    largest_eigenvalue: float
    smallest_eigenvalue: float
    effective_rank: float
    participation_ratio: float
    largest_stable_learning_rate: float
    gradient_descent_rate: float
    threshold: float
    blamed_count: int
    blamed_features: tuple[int, ...]
    blamed_shares: tuple[float, ...]
    measurement: float

    _conversions: ClassVar[dict[str, Any]] = {
        "blamed_features": lambda entries, report: tuple(entries[: report.blamed_count]),
        "blamed_shares": lambda entries, report: tuple(entries[: report.blamed_count]),
    }

    def _headline(self) -> str:
        blamed = f", features {', '.join(map(str, self.blamed_features))}" if self.blamed_features else ""
        left_out = self.nonfinite_sample_count
        samples = counted(self.sample_count, "sample")
        if left_out:
            samples += f", {counted(left_out, 'row')} with NaN or Inf left out"
        return f"{self._measured()}, {samples}{blamed}"

    def _measured(self) -> str:
        """The number that decided, or why there is none."""
        if self.outcome is Outcome.DEGENERATE:
            if self.feature_count == self.constant_feature_count:
                return "no feature" if not self.feature_count else f"all {self.feature_count} features are constant"
            return "no variance that float64 can hold"
        if self.outcome is Outcome.NONFINITE:
            return "the moments leave float64"
        if self.outcome is not Outcome.OK:
            return "too few samples to tell"
        rank = f"rank {self.rank} of {self.feature_count}"
        if math.isnan(self.measurement):
            return f"no condition number could be judged, {rank}"
        which = "at least"
        if self.sample_count <= self.feature_count - self.constant_feature_count:
            which = "after shrinkage"
        elif self.measurement == self.condition_number_on_support:
            which = "on the support"
        return f"condition number {which} {number_text(self.measurement)} against {number_text(self.threshold)}, {rank}"


@dataclass(frozen=True, slots=True, repr=False)
class MatrixReport(Report):
    """Condition of a matrix as it is. Fields as in conditioning.h; rank is -1 and the singular values NaN where the
    method cannot tell.

    measurement is the condition number that decided, held against threshold: condition_number_on_support, or, where
    singular values fall out of the rank, the one with them. Where the outcome is nonfinite or insufficient, the
    measurements are NaN.
    certain says whether relative_error_bound holds by a proof or a residual; it is inf for an estimate.
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    row_count: int
    column_count: int
    nonfinite_count: int
    zero_row_count: int
    zero_column_count: int
    rank: int
    method: str
    certain: bool
    condition_number: float
    condition_number_on_support: float
    largest_singular_value: float
    smallest_singular_value: float
    stable_rank: float
    relative_error_bound: float
    threshold: float
    measurement: float

    _conversions: ClassVar[dict[str, Any]] = {
        "method": lambda code, _: _options.METHODS[code],
        "certain": lambda flag, _: bool(flag),
    }

    def _headline(self) -> str:
        shape = f"{self.row_count} x {self.column_count}"
        if self.outcome is Outcome.NONFINITE:
            return f"{self.nonfinite_count} of {shape} elements are NaN or Inf"
        if self.outcome is not Outcome.OK:
            return f"{shape}, {'no element' if self.outcome is Outcome.INSUFFICIENT else 'every element is 0'}"
        rank = "" if self.rank < 0 else f", rank {self.rank} of {min(self.row_count, self.column_count)}"
        zeros = self.zero_row_count + self.zero_column_count
        structure = f", {self.zero_row_count} zero rows and {self.zero_column_count} zero columns" if zeros else ""
        return (
            f"condition number {number_text(self.measurement)} against {number_text(self.threshold)}, "
            f"{shape}{rank}{structure}"
        )


def condition_number(samples: TensorLike, **options: Unpack[ConditioningOptions]) -> ConditioningReport:
    """Condition number of the covariance of samples, and what follows from it.

    samples  [n, d], rows are samples; rank 1: n samples of one feature; above 2: all axes but the first are flattened
             into features
    options  as in `ConditioningOptions`

    Edge cases: rows with NaN or Inf are left out and counted; one sample is insufficient; n <= d gives
    condition_number inf and the number on the support; constant features are dropped and counted.
    Errors: ValueError (shape, device, options, too many features), TypeError (element type, unknown option),
    MemoryError.
    Cost: n d^2 multiply-adds and one symmetric eigenproblem. Source: Chan, Golub & LeVeque 1983; Ledoit & Wolf 2004.
    Since 0.1.

    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(500, 3)) * [1, 10, 1e4]
    >>> condition_number(x).cause
    <Cause.FEATURE_SCALE: 'feature_scale'>
    """
    settings = _options.build(structures.ConditioningOptions, options)
    report = structures.ConditioningReport()
    tensor = view(samples, "samples")
    check(
        library.trimtab_condition_number(ctypes.byref(tensor.structure), ctypes.byref(settings), ctypes.byref(report))
    )
    return ConditioningReport._from_structure(report)


def matrix_condition(matrix: TensorLike, **options: Unpack[MatrixOptions]) -> MatrixReport:
    """Condition number of a matrix as it is (not of a covariance): s1 / sn, or |A| |A^-1| in another norm.

    matrix   [m, n]; rank 1 is one row; above 2 the first axis is kept and the rest flattened, as a convolution's weight
    options  as in `MatrixOptions`

    Accurate where the square root of the condition of a Gram matrix is not. Edge cases: NaN or Inf give the outcome
    nonfinite; all zeros degenerate; an empty matrix insufficient; zero rows and columns are counted and left out of
    condition_number_on_support.
    Errors: ValueError (shape, device, options), TypeError (element type, unknown option), MemoryError.
    Cost: O(m n min(m, n)). Source: Drmac & Veselic 2008; Higham 1988. Since 0.1.
    """
    settings = _options.build(structures.MatrixOptions, options)
    report = structures.MatrixReport()
    tensor = view(matrix, "matrix")
    check(
        library.trimtab_matrix_condition(ctypes.byref(tensor.structure), ctypes.byref(settings), ctypes.byref(report))
    )
    return MatrixReport._from_structure(report)


@dataclass(frozen=True, slots=True, repr=False)
class ConditioningAdvice(Report):
    """What would make gradient descent on samples quick. Fields as in conditioning.h.

    advice                         "none", "standardise" or "whiten"
    condition_number               that was judged
    condition_number_standardised  what standardising leaves; whitening leaves 1
    steps, steps_standardised, steps_whitened
                                   of gradient descent at its best rate to an error of `tolerance`
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    advice: str
    tolerance: float
    condition_number: float
    condition_number_standardised: float
    steps: float
    steps_standardised: float
    steps_whitened: float

    _conversions: ClassVar[dict[str, Any]] = {"advice": lambda code, _: ADVICE[code]}

    def _headline(self) -> str:
        if self.outcome is not Outcome.OK:
            return "too little to tell"
        return (
            f"advice {self.advice}: {number_text(self.steps)} steps to {number_text(self.tolerance)} as the data are, "
            f"{number_text(self.steps_standardised)} standardised, {number_text(self.steps_whitened)} whitened"
        )


def conditioning_advice(
    samples: TensorLike, *, tolerance: float = 1e-6, **options: Unpack[ConditioningOptions]
) -> ConditioningAdvice:
    """Steps to the optimum before and after standardising and whitening, and which of the two samples need.

    samples    as in `condition_number`
    tolerance  above 0 and below 1: the error of a quadratic that is reached, as a share of the first
    options    as in `ConditioningOptions`

    Steps are ln(1 / tolerance) / ln((k + 1) / (k - 1)), at least 1. Standardising is advised where it brings the
    condition number to the warning threshold or below, else whitening (`Whitener`).
    Errors, edge cases and cost: as `condition_number`. Source: definitions 4. Since 0.4.

    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(500, 3)) * [1, 10, 1e4]
    >>> conditioning_advice(x).advice
    'standardise'
    """
    settings = _options.build(structures.ConditioningOptions, options)
    report = structures.ConditioningAdviceReport()
    tensor = view(samples, "samples")
    share = _options.number("tolerance", tolerance)
    check(
        library.trimtab_conditioning_advice(
            ctypes.byref(tensor.structure), ctypes.byref(settings), share, ctypes.byref(report)
        )
    )
    return ConditioningAdvice._from_structure(report)


class Covariance(Accumulator):
    """The streaming form of `condition_number`: mean and M2 of samples in float64, by Chan's merge.

    Takes the options of `ConditioningOptions`. The first batch fixes the number of features; memory 8 d^2 bytes.

    >>> import numpy as np
    >>> with Covariance() as covariance:
    ...     for batch in np.split(np.random.default_rng(0).normal(size=(600, 2)), 3):
    ...         _ = covariance.add(batch)
    ...     covariance.report().sample_count
    600
    """

    _kind: ClassVar[str] = "covariance"

    def __init__(self, **options: Unpack[ConditioningOptions]) -> None:
        super().__init__()
        self._create(_options.build(structures.ConditioningOptions, options))

    def add(self, samples: TensorLike) -> Self:
        """Adds a batch, as in `condition_number`, and returns self.

        Errors: as there, ValueError if d differs; nothing has changed then.
        """
        tensor = view(samples, "samples")
        with self._lock:
            check(library.trimtab_covariance_add(self._pointer(), ctypes.byref(tensor.structure)))
        return self

    def report(self) -> ConditioningReport:
        """The report on all samples so far; changes nothing. Cost: one symmetric eigenproblem."""
        report = structures.ConditioningReport()
        with self._lock:
            check(library.trimtab_covariance_report(self._pointer(), ctypes.byref(report)))
        return ConditioningReport._from_structure(report)

    def advice(self, tolerance: float = 1e-6) -> ConditioningAdvice:
        """As `conditioning_advice`, on all samples so far. Since 0.4."""
        report = structures.ConditioningAdviceReport()
        share = _options.number("tolerance", tolerance)
        with self._lock:
            check(library.trimtab_covariance_advice(self._pointer(), share, ctypes.byref(report)))
        return ConditioningAdvice._from_structure(report)

    @property
    def mean(self) -> npt.NDArray[np.float64]:
        """[d], the mean of the finite rows."""
        return self._moments(mean=True)

    @property
    def covariance(self) -> npt.NDArray[np.float64]:
        """[d, d], M2 / n: `numpy.cov(samples.T, bias=True)`."""
        return self._moments(covariance=True)

    @property
    def eigenvalues(self) -> npt.NDArray[np.float64]:
        """[d], those of `covariance`, largest first. Cost: one symmetric eigenproblem."""
        return self._moments(eigenvalues=True)

    def _moments(
        self, *, mean: bool = False, covariance: bool = False, eigenvalues: bool = False
    ) -> npt.NDArray[np.float64]:
        with self._lock:
            features = self._feature_count()
            result = np.zeros((features, features) if covariance else features)
            address = result.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
            wanted = (address if flag else None for flag in (mean, covariance, eigenvalues))
            if features:
                check(library.trimtab_covariance_moments(self._pointer(), features, *wanted))
        return result

    def _feature_count(self) -> int:
        features = ctypes.c_int64()
        check(library.trimtab_covariance_features(self._pointer(), ctypes.byref(features)))
        return features.value

    def __repr__(self) -> str:
        return "Covariance(closed)" if self._handle is None else f"Covariance({self.report()!r})"
