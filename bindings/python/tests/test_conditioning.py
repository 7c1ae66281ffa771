"""Conditioning against NumPy and scikit-learn, and the oracles of the definitions."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from randomness import generator, seeded
from reports import same
from samples import correlated
from sklearn.covariance import LedoitWolf, ledoit_wolf
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine

import trimtab
from trimtab import Cause, Verdict

Array = np.ndarray[Any, Any]


def with_covariance(covariance: Array, count: int, salt: int = 0) -> Array:
    """`count` samples whose covariance (divisor n) is exactly the given one, up to rounding."""
    random = generator(salt).normal(size=(count, len(covariance)))
    basis = np.linalg.qr(random - random.mean(0))[0]
    return np.asarray(basis @ np.linalg.cholesky(covariance).T * math.sqrt(count))


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
