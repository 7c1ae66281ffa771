"""Conditioning against NumPy, SciPy and scikit-learn, and the oracles of the definitions and of linear algebra."""

from __future__ import annotations

import json
import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from randomness import generator, seeded
from reports import same
from sklearn.covariance import LedoitWolf, ledoit_wolf
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine

import trimtab
from trimtab import Cause, Outcome, Verdict

Array = np.ndarray[Any, Any]


def with_covariance(covariance: Array, count: int, salt: int = 0) -> Array:
    """`count` samples whose covariance (divisor n) is exactly the given one, up to rounding."""
    random = generator(salt).normal(size=(count, len(covariance)))
    basis = np.linalg.qr(random - random.mean(0))[0]
    return np.asarray(basis @ np.linalg.cholesky(covariance).T * math.sqrt(count))


def correlated(count: int, features: int, salt: int = 0) -> Array:
    random = generator(salt)
    return np.asarray(
        random.normal(size=(count, features)) @ random.normal(size=(features, features)) + random.normal(size=features)
    )


EQUICORRELATED = np.full((50, 50), 0.9) + 0.1 * np.eye(50)
AUTOREGRESSIVE = 0.9 ** np.abs(np.subtract.outer(np.arange(50), np.arange(50)))


@pytest.mark.parametrize(
    ("covariance", "kappa"), [(EQUICORRELATED, 451.0), (AUTOREGRESSIVE, 302.401), (np.diag([1.0, 10, 100]), 100.0)]
)
def test_condition_number_oracles(covariance: Array, kappa: float) -> None:
    samples = with_covariance(covariance, 400)
    report = trimtab.condition_number(samples)
    assert report.condition_number == pytest.approx(kappa, rel=1e-6)
    assert report.condition_number == pytest.approx(np.linalg.cond(covariance), rel=1e-11)
    assert report.condition_number_on_support == report.condition_number
    assert report.gradient_descent_rate == pytest.approx(
        (report.condition_number - 1) / (report.condition_number + 1), rel=1e-14
    )


@pytest.mark.parametrize(("kappa", "rate"), [(10, 0.8181818), (100, 0.9801980), (1000, 0.9980020)])
def test_gradient_descent_rates(kappa: float, rate: float) -> None:
    report = trimtab.condition_number(with_covariance(np.diag([1.0, kappa]), 50))
    assert report.gradient_descent_rate == pytest.approx(rate, abs=5e-8)
    assert report.largest_stable_learning_rate == pytest.approx(2 / kappa, rel=1e-12)


@seeded
@given(st.integers(0, 2**32), st.integers(2, 60), st.integers(1, 12), st.sampled_from(["f4", "f8"]))
def test_every_measurement_is_numpy_s(salt: int, count: int, features: int, dtype: str) -> None:
    samples = correlated(count, features, salt).astype(dtype)
    wide = samples.astype(np.float64)
    covariance = np.atleast_2d(np.cov(wide.T, bias=True))
    eigenvalues = np.clip(np.linalg.eigvalsh(covariance)[::-1], 0, None)
    report = trimtab.condition_number(samples)
    scale = eigenvalues[0]
    support = eigenvalues[eigenvalues > scale * max(count, features) * 2.0**-52]
    assert report.rank == len(support) == min(count - 1, features)
    assert report.largest_eigenvalue == pytest.approx(scale, rel=1e-12)
    assert report.smallest_eigenvalue == pytest.approx(eigenvalues[-1], rel=1e-9, abs=1e-13 * scale)
    # Eigenvalues are known to about 1e-14 of the largest: their ratio to that times the condition number.
    tolerance = 1e-12 + 1e-13 * scale / support[-1]
    assert report.condition_number_on_support == pytest.approx(scale / support[-1], rel=tolerance)
    full = len(support) == features
    assert report.condition_number == (report.condition_number_on_support if full else math.inf)
    shares = eigenvalues[eigenvalues > 0] / eigenvalues.sum()
    assert report.effective_rank == pytest.approx(math.exp(-(shares * np.log(shares)).sum()), rel=1e-10)
    assert report.participation_ratio == pytest.approx(eigenvalues.sum() ** 2 / (eigenvalues**2).sum(), rel=1e-12)
    aspect = features / count
    null = ((1 + math.sqrt(aspect)) / (1 - math.sqrt(aspect))) ** 2 if aspect < 1 else math.inf
    assert report.null_condition_number == pytest.approx(null, rel=1e-12)
    if full:
        deviations = np.sqrt(np.diag(covariance))
        correlation = np.linalg.eigvalsh(covariance / np.outer(deviations, deviations))[::-1]
        tolerance = 1e-11 + 1e-13 * correlation[0] / correlation[-1]
        assert report.condition_number_of_correlation == pytest.approx(correlation[0] / correlation[-1], rel=tolerance)


@seeded
@given(st.integers(0, 2**32), st.integers(2, 50), st.integers(1, 12))
def test_shrinkage_is_scikit_learn_s(salt: int, count: int, features: int) -> None:
    samples = correlated(count, features, salt)
    shrunk, shrinkage = ledoit_wolf(samples)
    eigenvalues = np.linalg.eigvalsh(shrunk)
    report = trimtab.condition_number(samples)
    assert report.shrinkage == pytest.approx(shrinkage, rel=1e-9, abs=1e-12)
    if eigenvalues[0] > 1e-9 * eigenvalues[-1]:
        tolerance = 1e-9 + 1e-12 * eigenvalues[-1] / eigenvalues[0]
        assert report.condition_number_shrunk == pytest.approx(eigenvalues[-1] / eigenvalues[0], rel=tolerance)


def test_scikit_learn_s_own_ledoit_wolf_examples() -> None:
    samples = np.random.RandomState(0).multivariate_normal([0, 0], [[0.4, 0.2], [0.2, 0.8]], size=50)
    assert trimtab.condition_number(samples).shrinkage == pytest.approx(LedoitWolf().fit(samples).shrinkage_, rel=1e-12)
    assert trimtab.condition_number(samples).shrinkage == pytest.approx(0.23, abs=5e-3)
    diabetes = load_diabetes().data[:, :4]
    assert trimtab.condition_number(diabetes).shrinkage == pytest.approx(
        LedoitWolf().fit(diabetes).shrinkage_, rel=1e-10
    )


def test_empirical_covariance_example() -> None:
    covariance = trimtab.Covariance().add([[0, 1], [1, 0]]).covariance
    assert covariance.tolist() == [[0.25, -0.25], [-0.25, 0.25]]


@pytest.mark.parametrize(
    ("load", "raw", "standardised"), [(load_wine, 3.48e3, 6.75), (load_breast_cancer, 7.95e5, 316)]
)
def test_real_data_sets(load: Any, raw: float, standardised: float) -> None:
    """Their data matrices' condition is the root of the covariance's; standardising is what cures them."""
    data = load().data
    report = trimtab.condition_number(data)
    exact = np.linalg.cond(data - data.mean(0)) ** 2
    # The covariance holds its eigenvalues to 1e-16 of the largest.
    assert report.condition_number == pytest.approx(exact, rel=max(1e-10, 1e-15 * exact))
    assert math.sqrt(report.condition_number) == pytest.approx(raw, rel=5e-3)
    scaled = (data - data.mean(0)) / data.std(0)
    assert report.condition_number_of_correlation == pytest.approx(np.linalg.cond(scaled) ** 2, rel=1e-9)
    assert math.sqrt(report.condition_number_of_correlation) == pytest.approx(standardised, rel=5e-3)
    assert report.verdict >= Verdict.WARNING
    if load is load_wine:
        assert report.cause is Cause.FEATURE_SCALE
        assert trimtab.condition_number(scaled).verdict < Verdict.WARNING


def test_digits_have_constant_pixels() -> None:
    pixels = load_digits().data
    report = trimtab.condition_number(pixels)
    varying = pixels[:, pixels.std(0) > 0]
    assert report.constant_feature_count == 64 - varying.shape[1] == 3
    assert report.feature_count == 64
    assert report.rank == np.linalg.matrix_rank(varying - varying.mean(0)) == 61
    same_part = trimtab.condition_number(varying)
    assert report.condition_number == pytest.approx(same_part.condition_number, rel=1e-10)


def test_offset_that_the_naive_formula_does_not_survive() -> None:
    samples = np.random.default_rng(4).normal(size=(10_000, 3)) + 1e8
    covariance = trimtab.Covariance()
    for batch in np.array_split(samples, 37):
        covariance.add(batch)
    naive = (samples**2).mean(0) - samples.mean(0) ** 2
    assert np.abs(naive - samples.var(0)).max() > 1
    assert np.diag(covariance.covariance) == pytest.approx(samples.var(0), rel=1e-9)
    exact = [math.fsum(column) / len(samples) for column in samples.T]
    assert covariance.mean == pytest.approx(exact, rel=1e-14)  # One rounding a batch.


def test_stream_merge_and_moments() -> None:
    samples = correlated(700, 9)
    whole = trimtab.Covariance().add(samples)
    first, second = trimtab.Covariance(), trimtab.Covariance()
    for batch in np.array_split(samples[:400], 11):
        first.add(batch)
    first.merge(second.add(samples[400:]))
    for covariance in (whole, first):
        assert covariance.mean == pytest.approx(samples.mean(0), rel=1e-13)
        expected = np.cov(samples.T, bias=True)
        assert np.abs(covariance.covariance - expected).max() < 1e-13 * np.abs(expected).max()
        assert covariance.eigenvalues == pytest.approx(np.linalg.eigvalsh(expected)[::-1], rel=1e-10)
    same(first.report(), whole.report(), relative=1e-9)
    same(whole.report(), trimtab.condition_number(samples))


@pytest.mark.parametrize(("count", "features"), [(20, 50), (10, 10), (2, 5)])
def test_no_more_samples_than_features(count: int, features: int) -> None:
    samples = correlated(count, features)
    report = trimtab.condition_number(samples)
    assert (report.condition_number, report.rank, report.cause) == (math.inf, count - 1, Cause.TOO_FEW_SAMPLES)
    singular = np.linalg.svd(samples - samples.mean(0), compute_uv=False)[: count - 1]
    assert report.condition_number_on_support == pytest.approx((singular[0] / singular[-1]) ** 2, rel=1e-8)
    assert report.as_dict()["condition_number"] == "inf"
    json.dumps(report.as_dict(), allow_nan=False)


def test_two_samples_are_too_few_for_any_alarm() -> None:
    for salt in range(50):
        report = trimtab.condition_number(correlated(2, 5, salt))
        assert (report.verdict, report.cause) == (Verdict.NOTICE, Cause.TOO_FEW_SAMPLES)


def test_outcomes() -> None:
    for samples in (np.empty((0, 3)), np.ones((1, 3)), np.full((5, 2), np.nan)):
        report = trimtab.condition_number(samples)
        assert (report.outcome, report.verdict) == (Outcome.INSUFFICIENT, Verdict.UNKNOWN)
    constant = trimtab.condition_number(np.ones((9, 3)))
    assert (constant.outcome, constant.constant_feature_count) == (Outcome.DEGENERATE, 3)
    assert trimtab.Covariance().report().outcome is Outcome.INSUFFICIENT
    assert trimtab.Covariance().mean.shape == (0,)


def test_rows_with_nan_or_inf_are_left_out() -> None:
    samples = correlated(100, 4)
    damaged = np.insert(samples, [3, 50, 99], [[np.nan, 1, 1, 1], [1, np.inf, 1, 1], [1, 1, 1, -np.inf]], axis=0)
    report = trimtab.condition_number(damaged)
    assert (report.nonfinite_sample_count, report.sample_count) == (3, 100)
    assert report.condition_number == pytest.approx(trimtab.condition_number(samples).condition_number, rel=1e-10)


def test_duplicated_feature_is_singular() -> None:
    samples = correlated(100, 3)
    report = trimtab.condition_number(np.column_stack([samples, samples[:, 0]]))
    assert (report.rank, report.condition_number) == (3, math.inf)


def test_blamed_features() -> None:
    random = generator()
    samples = random.normal(size=(2000, 6))
    scaled = samples.copy()
    scaled[:, 4] *= 1e5
    report = trimtab.condition_number(scaled)
    assert (report.cause, report.blamed_features[0]) == (Cause.FEATURE_SCALE, 4)
    samples[:, 2] = samples[:, 5] + 1e-4 * random.normal(size=2000)
    report = trimtab.condition_number(samples)
    assert report.cause is Cause.FEATURE_CORRELATION
    assert set(report.blamed_features[:2]) == {2, 5}
    assert len(report.blamed_features) == len(report.blamed_shares) == report.blamed_count
    assert all(0 <= share <= 1 for share in report.blamed_shares)
    assert "2" in repr(report)


def test_shapes_above_rank_two_are_flattened() -> None:
    samples = generator().normal(size=(60, 2, 3))
    assert trimtab.condition_number(samples) == trimtab.condition_number(samples.reshape(60, 6))
    single = trimtab.condition_number(samples[:, 0, 0])
    assert (single.feature_count, single.condition_number) == (1, 1)


@pytest.mark.parametrize("convert", [np.asfortranarray, lambda x: x[::-1][::-1], lambda x: np.repeat(x, 2, 1)[:, ::2]])
def test_memory_order_does_not_matter(convert: Any) -> None:
    samples = correlated(300, 7)
    same(trimtab.condition_number(convert(samples)), trimtab.condition_number(samples), relative=1e-10)


def test_integers_and_halves() -> None:
    pixels = load_digits().data
    reference = trimtab.condition_number(pixels)
    for dtype in (np.uint8, np.int64, np.float16, np.float32):
        same(trimtab.condition_number(pixels.astype(dtype)), reference, relative=1e-10)


@pytest.mark.parametrize(
    ("samples", "options", "error", "message"),
    [
        (1.0, {}, ValueError, "samples: found rank 0"),
        (np.ones((3, 4)), {"maximum_features": 3}, ValueError, "maximum_features|samples"),
        (np.ones((3, 4)), {"maximum_features": 0}, ValueError, "maximum_features"),
        (np.ones((3, 4)), {"warning_condition_number": -1}, ValueError, "warning_condition_number"),
        (np.ones((3, 4)), {"critical_condition_number": math.nan}, ValueError, "critical_condition_number"),
        (np.ones((3, 4)), {"null_factor": None}, TypeError, "null_factor: found NoneType, allowed a number"),
        (
            np.ones((3, 4)),
            {"kappa": 1},
            TypeError,
            "unknown option 'kappa', allowed: warning_condition_number, critical",
        ),
    ],
)
def test_what_is_refused(samples: Any, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        trimtab.condition_number(samples, **options)


def test_features_must_stay_the_same() -> None:
    covariance = trimtab.Covariance().add(np.eye(3))
    before = covariance.save()
    with pytest.raises(ValueError, match="samples"):
        covariance.add(np.eye(4))
    with pytest.raises(ValueError, match="other"):
        covariance.merge(trimtab.Covariance().add(np.eye(4)))
    assert covariance.save() == before


def kahan(size: int, angle: float = 1.2) -> Array:
    sine, cosine = math.sin(angle), math.cos(angle)
    upper = np.eye(size) - cosine * np.triu(np.ones((size, size)), 1)
    return np.diag(sine ** np.arange(size)) @ upper


def lauchli(size: int, mu: float) -> Array:
    return np.vstack([np.ones(size), mu * np.eye(size)])


def unit_upper(size: int) -> Array:
    return np.eye(size) - np.triu(np.ones((size, size)), 1)


def frank(size: int) -> Array:
    matrix = np.array([[size - max(i, j) for j in range(size)] for i in range(size)], dtype=float)
    return np.where(np.subtract.outer(np.arange(size), np.arange(size)) > 1, 0, matrix)


@pytest.mark.parametrize(
    ("matrix", "kappa", "relative"),
    [
        (scipy.linalg.hilbert(4), 15513.73873893259, 1e-11),
        (scipy.linalg.hilbert(6), 14951058.64013122, 1e-8),
        (scipy.linalg.hilbert(8), 15257575741.64694, 1e-5),
        (kahan(10), 29.85262472001983, 1e-12),
        (kahan(30), 140083.5236804248, 1e-9),
        (scipy.linalg.pascal(8).astype(float), 20645173.41542575, 1e-8),
        (unit_upper(16), 204262.9571835306, 1e-9),
        (unit_upper(24), 80528126.67736958, 1e-7),
        *[(lauchli(6, mu), math.sqrt(6 + mu * mu) / mu, 1e-9) for mu in (1e-3, 1e-5, 1e-7, 1e-9)],
        (np.array([[1.0, 0, 1], [0, -2, 0], [0, 0, 3]]), None, 1e-13),
        (np.eye(7), 1.0, 1e-15),
    ],
)
def test_matrix_oracles(matrix: Array, kappa: float | None, relative: float) -> None:
    expected = np.linalg.cond(matrix) if kappa is None else kappa
    for method in ("automatic", "exact"):
        report = trimtab.matrix_condition(matrix, method=method)
        assert report.condition_number == pytest.approx(expected, rel=relative), method
        assert report.largest_singular_value == pytest.approx(np.linalg.norm(matrix, 2), rel=1e-12)


def test_frank_is_as_ill_conditioned_as_numpy_says() -> None:
    matrix = frank(10)
    report = trimtab.matrix_condition(matrix)
    assert report.condition_number == pytest.approx(np.linalg.cond(matrix), rel=1e-7)
    assert report.condition_number == pytest.approx(28543218.32614488, rel=1e-7)


@seeded
@given(st.integers(0, 2**32), st.integers(1, 30), st.integers(1, 30))
def test_any_matrix_is_numpy_s(salt: int, rows: int, columns: int) -> None:
    matrix = generator(salt).normal(size=(rows, columns))
    report = trimtab.matrix_condition(matrix)
    singular = np.linalg.svd(matrix, compute_uv=False)
    kappa = singular[0] / singular[-1]
    assert report.condition_number == pytest.approx(kappa, rel=1e-12 + 1e-15 * kappa)
    assert report.rank == min(rows, columns)
    assert report.stable_rank == pytest.approx((singular**2).sum() / singular[0] ** 2, rel=1e-12)
    assert (report.row_count, report.column_count) == (rows, columns)


@pytest.mark.parametrize("norm", [1, math.inf, "fro", 2])
def test_norms_are_numpy_s(norm: Any) -> None:
    for matrix in (np.array([[1.0, 0, 1], [0, -2, 0], [0, 0, 3]]), generator().normal(size=(12, 12))):
        report = trimtab.matrix_condition(matrix, norm=norm)
        assert report.condition_number == pytest.approx(np.linalg.cond(matrix, norm), rel=1e-10)


def test_numpy_s_own_cases() -> None:
    matrix = np.array([[1.0, 0, 1], [0, -2, 0], [0, 0, 3]])
    assert trimtab.matrix_condition(matrix, norm=1).condition_number == pytest.approx(4, rel=1e-14)
    assert trimtab.matrix_condition(matrix, norm=math.inf).condition_number == pytest.approx(4, rel=1e-14)
    assert trimtab.matrix_condition(matrix, norm="fro").condition_number == pytest.approx(
        math.sqrt(265 / 12), rel=1e-14
    )


@pytest.mark.parametrize("matrix", [scipy.linalg.hilbert(8), kahan(12), unit_upper(16)])
def test_estimate_is_a_lower_bound_and_says_so(matrix: Array) -> None:
    report = trimtab.matrix_condition(matrix, norm=1, method="estimate")
    exact = np.linalg.cond(matrix, 1)
    assert exact / 3 <= report.condition_number <= exact * (1 + 1e-6)
    assert (report.method, report.certain, report.relative_error_bound) == ("estimate", False, math.inf)


def test_singular_zero_and_nonfinite_matrices() -> None:
    singular = trimtab.matrix_condition([[1.0, 2.0], [2.0, 4.0]])
    assert singular.condition_number > 1e15
    assert (singular.rank, singular.cause) == (1, Cause.RANK_DEFICIENT)
    assert trimtab.matrix_condition([[1.0, np.nan], [0.0, 1.0]]).outcome is Outcome.NONFINITE
    assert trimtab.matrix_condition(np.zeros((3, 2))).outcome is Outcome.DEGENERATE
    assert trimtab.matrix_condition(np.empty((0, 2))).outcome is Outcome.INSUFFICIENT


def test_zero_rows_are_structure() -> None:
    matrix = generator().normal(size=(9, 6))
    padded = np.zeros((11, 7))
    padded[1:10, :6] = matrix
    report = trimtab.matrix_condition(padded)
    assert (report.zero_row_count, report.zero_column_count) == (2, 1)
    assert report.condition_number_on_support == pytest.approx(np.linalg.cond(matrix), rel=1e-11)
    assert report.verdict < Verdict.WARNING


def test_convolution_weights_are_flattened() -> None:
    weight = generator().normal(size=(8, 3, 3, 3)).astype(np.float32)
    report = trimtab.matrix_condition(weight)
    assert (report.row_count, report.column_count) == (8, 27)
    assert report.condition_number == pytest.approx(np.linalg.cond(weight.reshape(8, 27).astype(float)), rel=1e-11)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"norm": 3}, ValueError, "norm: found 3, allowed 2, 1, inf or 'fro'"),
        ({"norm": [1]}, ValueError, "norm: found"),
        ({"method": "svd"}, ValueError, "method: found 'svd', allowed one of 'automatic'"),
        ({"norm": 1}, ValueError, "matrix|norm"),
        ({"relative_tolerance": -1}, ValueError, "relative_tolerance"),
        ({"maximum_elements": 3}, ValueError, "maximum_elements|matrix"),
    ],
)
def test_matrix_refusals(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        trimtab.matrix_condition(np.ones((3, 5)), **options)


def test_counts_of_samples_stay_inside_64_bits() -> None:
    half = np.broadcast_to(np.zeros((1, 0), dtype=np.int8), (1 << 62, 0))
    covariance = trimtab.Covariance().add(half)
    other = trimtab.Covariance().add(half)
    with pytest.raises(ValueError, match="samples: the number of samples leaves 64 bits"):
        covariance.add(half)
    with pytest.raises(ValueError, match="other: the number of samples leaves 64 bits"):
        covariance.merge(other)
    assert covariance.report().sample_count == 1 << 62
    assert trimtab.Covariance.load(covariance.save()).report() == covariance.report()
