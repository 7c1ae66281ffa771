"""Steps to the optimum, and whether scaling or whitening is what is needed: the oracles of definitions 4."""

from __future__ import annotations

import math

import numpy as np
import pytest

import trimtab
from trimtab import Covariance, Outcome, Whitener, condition_number, conditioning_advice


def samples_with(covariance: np.ndarray, count: int = 400) -> np.ndarray:
    """Samples whose covariance is exactly that."""
    numbers = np.random.default_rng(0).normal(size=(count, len(covariance)))
    numbers -= numbers.mean(0)
    values, vectors = np.linalg.eigh(numbers.T @ numbers / count)
    root, axes = np.linalg.eigh(covariance)
    return np.asarray(numbers @ vectors / np.sqrt(values) @ vectors.T @ (axes * np.sqrt(root)) @ axes.T)


@pytest.mark.parametrize(("kappa", "rate"), [(10, 0.8181818), (100, 0.9801980), (1000, 0.9980020)])
def test_steps_are_those_of_gradient_descent(kappa: float, rate: float) -> None:
    data = samples_with(np.diag([1.0, 1 / kappa]))
    report = condition_number(data)
    assert report.gradient_descent_rate == pytest.approx((kappa - 1) / (kappa + 1), rel=1e-12)
    assert report.gradient_descent_rate == pytest.approx(rate, abs=5e-8)
    advice = conditioning_advice(data, tolerance=1e-3)
    assert advice.steps == pytest.approx(math.log(1e3) / math.log((kappa + 1) / (kappa - 1)), rel=1e-10)
    # As gradient descent itself takes them.
    error, taken, hessian, eta = np.ones(2), 0, np.array([1, 1 / kappa]), 2 / (1 + 1 / kappa)
    while np.abs(error).max() > 1e-3:
        error, taken = error - eta * hessian * error, taken + 1
    assert taken == math.ceil(advice.steps)
    assert (advice.steps_standardised, advice.steps_whitened) == (1, 1)


def test_scale_asks_for_standardising_and_correlation_for_whitening() -> None:
    numbers = np.random.default_rng(1).normal(size=(500, 3))
    scaled = conditioning_advice(numbers * [1, 10, 1e4])
    assert scaled.advice == "standardise"
    assert scaled.steps > 1e6
    assert scaled.steps_standardised < 10
    twin = numbers.copy()
    twin[:, 1] = twin[:, 0] + 1e-2 * twin[:, 1]
    correlated = conditioning_advice(twin)
    assert correlated.advice == "whiten"
    assert correlated.steps_standardised > 1e4
    after = conditioning_advice(Whitener().fit(twin).transform(twin))
    assert after.advice == "none"
    assert after.condition_number == pytest.approx(1, abs=1e-9)
    assert after.steps == 1
    assert Covariance().add(twin).advice() == correlated
    # Both at once: standardising is not enough.
    assert conditioning_advice(twin * [1, 1e3, 1e4]).advice == "whiten"


def test_closed_forms() -> None:
    equal = np.full((50, 50), 0.9) + 0.1 * np.eye(50)
    assert condition_number(samples_with(equal)).condition_number == pytest.approx(451, rel=1e-9)
    order = np.arange(50)
    regression = 0.9 ** np.abs(order[:, None] - order[None])
    assert condition_number(samples_with(regression)).condition_number == pytest.approx(302.401, abs=5e-4)


def test_edges() -> None:
    assert conditioning_advice(np.ones((1, 3))).outcome is Outcome.INSUFFICIENT
    constant = conditioning_advice(np.ones((5, 3)))
    assert constant.outcome is Outcome.DEGENERATE
    assert math.isnan(constant.steps)
    assert constant.advice == "none"
    with pytest.raises(trimtab.TrimtabError, match="tolerance: found 0, allowed above 0 to below 1"):
        conditioning_advice(np.eye(3), tolerance=0)
