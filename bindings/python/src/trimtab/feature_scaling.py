"""Which axis of a graph net's features to normalise?"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

from . import _options
from ._errors import check
from ._handle import Accumulator
from ._headers import feature_scale as structures
from ._library import library
from ._report import Report, counted, number_text
from ._tensors import TensorLike, view
from ._words import Cause, Outcome, Verdict

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

#: The words of `FeatureScaleReport.advice`.
ADVICE = ("none", "node_wise", "feature_wise", "both")


class FeatureScaleOptions(TypedDict, total=False):
    """Thresholds of `feature_scale` and `ScaleProfile`.

    least_deviation     0.5: deviation of log scale from which on an axis needs normalising
    critical_deviation  1: from which on it is critical
    dominance           2: how many times the other axis' deviation makes an axis the only one to normalise
    floor_share         1e-12: entries of at most this share of the greatest magnitude are left out, as zeros are
    outlier_score       6: robust z, by the median absolute deviation, of an outlier
    """

    least_deviation: float
    critical_deviation: float
    dominance: float
    floor_share: float
    outlier_score: float


def _listed(count: str) -> Any:
    return lambda entries, report: tuple(entries[: min(getattr(report, count), len(entries))])


@dataclass(frozen=True, slots=True, repr=False)
class FeatureScaleReport(Report):
    """How far log scale varies between nodes and between features. Fields as in feature_scale.h.

    advice  "none", "node_wise" (LayerNorm, NodeNorm, L2, PairNorm-SI), "feature_wise" (BatchNorm, GraphNorm) or "both"
            (features first)
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    advice: str
    node_count: int
    feature_count: int
    entry_count: int
    zero_count: int
    nonfinite_count: int
    empty_node_count: int
    empty_feature_count: int
    coverage: float
    node_deviation: float
    feature_deviation: float
    residual_deviation: float
    node_correlation: float
    feature_correlation: float
    node_share: float
    feature_share: float
    node_statistic: float
    feature_statistic: float
    node_probability: float
    feature_probability: float
    node_spread: float
    feature_spread: float
    greatest_node_effect: float
    greatest_feature_effect: float
    threshold: float
    measurement: float
    outlier_node_count: int
    outlier_feature_count: int
    outlier_nodes: tuple[int, ...]
    outlier_features: tuple[int, ...]

    _conversions: ClassVar[dict[str, Any]] = {
        "advice": lambda code, _: ADVICE[code],
        "outlier_nodes": _listed("outlier_node_count"),
        "outlier_features": _listed("outlier_feature_count"),
    }

    def _headline(self) -> str:
        shape = f"{counted(self.node_count, 'node')} x {counted(self.feature_count, 'feature')}"
        if self.outcome is not Outcome.OK:
            return f"{shape}, {self.entry_count} entries that count"
        outliers = ""
        if self.outlier_node_count or self.outlier_feature_count:
            outliers = (
                f", outliers: {counted(self.outlier_node_count, 'node')}, "
                f"{counted(self.outlier_feature_count, 'feature')}"
            )
        return (
            f"advice {self.advice}: log scale deviates by {number_text(self.node_deviation)} between nodes and "
            f"{number_text(self.feature_deviation)} between features, {shape}, coverage "
            f"{number_text(self.coverage)}{outliers}"
        )


def feature_scale(features: TensorLike, **options: Unpack[FeatureScaleOptions]) -> FeatureScaleReport:
    """Which axis of features to normalise before a graph net reads them.

    features  [nodes, features]
    options   as in `FeatureScaleOptions`

    The two-way decomposition ln|X_ij| = mu + r_i + c_j + e_ij over the entries that are finite and not 0; a deviation
    is the root of the unbiased variance component of r or c.
    Edge cases: zeros, NaN and Inf do not count, and coverage says how much does; fewer than two nodes or features are
    insufficient; nothing but zeros is degenerate.
    Errors: ValueError (shape, options), TypeError. Cost: O(nodes features). Source: definitions 3. Since 0.4.

    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(200, 16))
    >>> x[:10] *= 100
    >>> feature_scale(x).advice
    'node_wise'
    """
    settings = _options.build(structures.FeatureScaleOptions, options)
    report = structures.FeatureScaleReport()
    tensor = view(features, "features")
    check(library.trimtab_feature_scale(ctypes.byref(tensor.structure), ctypes.byref(settings), ctypes.byref(report)))
    return FeatureScaleReport._from_structure(report)


class ScaleProfile(Accumulator):
    """The streaming form of `feature_scale`: rows add. Takes the options of `FeatureScaleOptions`.

    24 bytes a row, and features / 8 where entries are missing.
    """

    _kind: ClassVar[str] = "scale_profile"

    def __init__(self, **options: Unpack[FeatureScaleOptions]) -> None:
        super().__init__()
        self._create(_options.build(structures.FeatureScaleOptions, options))

    def add(self, features: TensorLike) -> Self:
        """Adds rows [n, features], and returns self. Errors: as `feature_scale`; nothing has changed then."""
        tensor = view(features, "features")
        with self._lock:
            check(library.trimtab_scale_profile_add(self._pointer(), ctypes.byref(tensor.structure)))
        return self

    def report(self) -> FeatureScaleReport:
        """The report on all rows so far; changes nothing."""
        report = structures.FeatureScaleReport()
        with self._lock:
            check(library.trimtab_scale_profile_report(self._pointer(), ctypes.byref(report)))
        return FeatureScaleReport._from_structure(report)

    def __repr__(self) -> str:
        return "ScaleProfile(closed)" if self._handle is None else f"ScaleProfile({self.report()!r})"
