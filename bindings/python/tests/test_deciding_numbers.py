"""A report shows the number that decided, held against its threshold, and no number where none could be had."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from randomness import generator

import trimtab
from trimtab import Cause, Outcome, Verdict


@pytest.mark.parametrize("scale", [1e7, 1e9, 1e30, 1e160])
def test_scale_beyond_float64_shows_how_far_it_goes(scale: float) -> None:
    samples = generator().normal(size=(1000, 8))
    variance = samples.var(axis=0)
    samples[:, 3] *= scale
    report = trimtab.condition_number(samples)
    assert (report.verdict, report.cause) == (Verdict.CRITICAL, Cause.FEATURE_SCALE)
    assert report.condition_number_on_support == pytest.approx(1)
    # The true condition number: lambda1 over the least variance, up to what the correlations of noise do to it.
    ratio = variance[3] * scale * scale / np.delete(variance, 3).min() if scale < 1e150 else math.inf
    assert report.measurement == pytest.approx(ratio, rel=0.05)
    assert report.measurement > report.threshold == 1e6
    assert f"condition number at least {report.measurement:.4g} against 1e+06, rank" in repr(report)


def test_one_cell_beyond_float64_is_told_by_its_number() -> None:
    samples = generator().normal(size=(1000, 8))
    samples[17, 2] = 1e12
    report = trimtab.condition_number(samples)
    assert report.verdict is Verdict.CRITICAL
    assert report.measurement == pytest.approx(np.var(samples[:, 2]) / np.delete(samples.var(0), 2).min(), rel=0.05)


def test_the_measurement_is_never_more_than_the_condition_number() -> None:
    """By exact arithmetic on small integers, whose covariance fractions hold."""
    for salt in range(20):
        random = generator(salt)
        columns = [[Fraction(int(v)) for v in random.integers(-9, 10, size=40)] for _ in range(2)]
        scale = Fraction(10) ** 12
        columns[1] = [scale * a + 3 * b for a, b in zip(columns[1], columns[0], strict=True)]
        means = [sum(c) / 40 for c in columns]
        a, b = ([v - m for v in c] for c, m in zip(columns, means, strict=True))
        s = [[sum(p * q for p, q in zip(x, y, strict=True)) / 40 for y in (a, b)] for x in (a, b)]
        trace, determinant = s[0][0] + s[1][1], s[0][0] * s[1][1] - s[0][1] * s[1][0]
        exact = float(trace * trace / determinant)  # l1 / l2 = (l1 + l2)^2 / (l1 l2) up to 1e-24
        report = trimtab.condition_number(np.array([[float(v) for v in c] for c in columns]).T)
        assert report.verdict is Verdict.CRITICAL
        assert report.threshold < report.measurement <= exact * (1 + 1e-9)


def test_what_decides_elsewhere() -> None:
    random = generator()
    full = trimtab.condition_number(random.normal(size=(500, 3)) * [1, 1, 100])
    assert full.measurement == full.condition_number_on_support == full.condition_number
    short = trimtab.condition_number(random.normal(size=(10, 20)))
    assert short.measurement == short.condition_number_shrunk
    assert "after shrinkage" in repr(short)
    two = trimtab.condition_number(random.normal(size=(2, 5)))
    assert math.isnan(two.measurement)
    assert "no condition number could be judged, rank 1 of 5" in repr(two)


def test_duplicates_show_the_rank() -> None:
    samples = generator().normal(size=(500, 8))
    report = trimtab.condition_number(np.column_stack([samples, samples[:, 2]]))
    assert (report.verdict, report.cause) == (Verdict.NOTICE, Cause.REDUNDANT_FEATURE)
    assert "rank 8 of 9" in repr(report)
    assert "iten" not in repr(report)  # The condition number is that of noise: whitening cures nothing.
    one_hot = trimtab.condition_number(np.eye(4)[np.arange(400) % 4])
    assert (one_hot.verdict, one_hot.cause) == (Verdict.NOTICE, Cause.REDUNDANT_FEATURE)
    assert "a one-hot code needs no cure" in repr(one_hot)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_duplicated_row_of_a_weight_shows_the_number_and_the_rank(dtype: type) -> None:
    weight = generator().normal(size=(256, 256)).astype(dtype)
    weight[7] = weight[200]
    report = trimtab.matrix_condition(weight)
    assert (report.verdict, report.cause, report.rank) == (Verdict.CRITICAL, Cause.RANK_DEFICIENT, 255)
    assert report.measurement == report.condition_number > report.threshold
    assert report.condition_number_on_support < 1e6
    assert "rank 255 of 256" in repr(report)
    assert f"condition number {report.measurement:.4g}" in repr(report)


def test_deficient_matrices_are_measured_with_what_falls_out_of_the_rank() -> None:
    ones = trimtab.matrix_condition(np.ones((100, 3)))
    assert ones.verdict is Verdict.CRITICAL
    assert ones.measurement > ones.threshold
    assert "rank 1 of 3" in repr(ones)
    index = np.arange(1, 13)
    hilbert = trimtab.matrix_condition(1 / (index[:, None] + index[None, :] - 1.0))
    assert hilbert.verdict is Verdict.CRITICAL
    assert hilbert.measurement == pytest.approx(1.6e16, rel=0.5)
    assert hilbert.measurement > hilbert.threshold
    # Zero rows are structure: what decides leaves them out.
    padded = np.zeros((40, 30))
    padded[:20] = generator().normal(size=(20, 30))
    assert trimtab.matrix_condition(padded).measurement < 1e3
    padded[3] = 2 * padded[4]
    assert trimtab.matrix_condition(padded).measurement > trimtab.matrix_condition(padded).threshold


def test_a_critical_matrix_is_always_above_its_threshold() -> None:
    """Also where the smallest singular value lies between the rank's floor and the threshold of rounding."""
    random = generator()
    for exponent in np.linspace(12, 17, 60):
        left, _ = np.linalg.qr(random.normal(size=(60, 60)))
        right, _ = np.linalg.qr(random.normal(size=(60, 60)))
        report = trimtab.matrix_condition(left @ np.diag([1] * 59 + [10**-exponent]) @ right)
        assert (report.measurement > report.threshold) == (report.verdict is Verdict.CRITICAL), exponent


def test_rows_left_out_are_named() -> None:
    samples = generator().normal(size=(1000, 4))
    samples[:900, 1] = np.nan
    assert "100 samples, 900 rows with NaN or Inf left out" in repr(trimtab.condition_number(samples))
    samples[900:999, 2] = np.inf
    assert "1 sample, 999 rows with NaN or Inf left out" in repr(trimtab.condition_number(samples))
    samples[999] = np.nan
    assert "0 samples, 1000 rows with NaN or Inf left out" in repr(trimtab.condition_number(samples))


def test_constant_features_are_named() -> None:
    assert "all 5 features are constant" in repr(trimtab.condition_number(np.ones((20, 5))))


MEASURED = [
    "condition_number",
    "condition_number_on_support",
    "condition_number_shrunk",
    "shrinkage",
    "condition_number_of_correlation",
    "null_condition_number",
    "largest_eigenvalue",
    "smallest_eigenvalue",
    "effective_rank",
    "participation_ratio",
    "largest_stable_learning_rate",
    "gradient_descent_rate",
    "measurement",
]


@pytest.mark.parametrize(
    "samples", [np.zeros((0, 3)), np.ones((1, 3)), np.full((9, 3), np.nan), np.ones((9, 3)), np.zeros((9, 0))]
)
def test_what_could_not_be_told_is_nan(samples: np.ndarray[Any, Any]) -> None:
    report = trimtab.condition_number(samples)
    assert report.outcome is not Outcome.OK
    assert all(math.isnan(getattr(report, name)) for name in MEASURED)
    assert "nan" not in repr(report).lower().replace("nan or inf", "")


def test_what_could_not_be_told_of_a_matrix_is_nan() -> None:
    for matrix in (np.full((3, 3), np.nan), np.zeros((0, 3))):
        report = trimtab.matrix_condition(matrix)
        for name in ("condition_number", "condition_number_on_support", "largest_singular_value", "stable_rank"):
            assert math.isnan(getattr(report, name))
        assert math.isnan(report.measurement)
        assert "condition number" not in repr(report)
    assert "9 of 3 x 3 elements are NaN or Inf" in repr(trimtab.matrix_condition(np.full((3, 3), np.nan)))
    assert "every element is 0" in repr(trimtab.matrix_condition(np.zeros((2, 3))))
