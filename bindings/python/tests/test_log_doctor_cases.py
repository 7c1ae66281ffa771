"""The log doctor on single logs that were once judged wrongly: what must be told, and what must not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from randomness import SEED
from single_logs import ROWS, falling, first, warnings

from trimtab import Cause, Verdict, check_log

CONVERGED = {
    "float32": (0.3 + 2 * np.exp(-ROWS / 60)).astype(np.float32),
    "float64": 0.05 + np.exp(-np.arange(300) / 8),
    "four digits": np.round(0.1234 + 2 * np.exp(-np.arange(1000) / 60), 4),
    "six digits to 0": np.round(2 * np.exp(-np.arange(1000) / 30), 6),
    "a hinge to 0": np.round(np.maximum(0, 1.2 * np.exp(-np.arange(200) / 12) - 1e-3), 4),
    "a perceptron to 0": np.array([*np.linspace(1.5, 0.02, 30), *[0.0] * 100]),
}


@pytest.mark.parametrize("name", CONVERGED)
def test_a_loss_that_came_to_rest_hides_nothing(name: str) -> None:
    assert warnings(loss=CONVERGED[name]) == []


def test_a_noisy_loss_that_comes_to_rest_hides_nothing() -> None:
    random = np.random.default_rng([SEED, 1])
    decaying = 2 * np.exp(-ROWS / 150) * np.exp(0.5 * random.standard_normal(3000))
    assert warnings(loss=np.round(decaying, 4)) == []
    hinge = np.maximum(0, 1.5 * np.exp(-ROWS / 300) * (1 + random.standard_normal(3000)))
    assert not any(finding.check == "hidden_nonfinite" for finding in check_log(loss=np.round(hinge, 4)).findings)


def test_a_constant_far_above_is_no_mean() -> None:
    loss = falling()
    loss[2000:] = 9.0
    found = check_log(loss=loss).findings
    assert found[0].check in ("jump", "divergence")
    assert found[0].verdict >= Verdict.WARNING
    assert not any(finding.check == "hidden_nonfinite" for finding in found)


@pytest.mark.parametrize("norm", [None, 1.0, math.nan, 0.0])
def test_zeros_after_a_loss_of_three(norm: float | None) -> None:
    """Whatever the gradient norm says; the interval in which NaN begins is named, which is finite in part."""
    loss = np.round(falling(300, 2), 4)
    loss[200:] = 0
    loss[200] = 0.4 * loss[199]
    columns = {} if norm is None else {"gradient_norm": np.where(np.arange(300) < 200, 1.0 + loss / 100, norm)}
    found = first(loss=loss, **columns)
    assert (found.check, found.verdict, found.first_step) == ("hidden_nonfinite", Verdict.CRITICAL, 200)
    assert 2.9 < found.baseline < 3.25


def test_zeros_that_end_reach_no_level() -> None:
    loss = np.round(falling(300, 3), 4)
    loss[200:210] = 0
    found = warnings(loss=loss, gradient_norm=1 + 0.01 * (np.arange(300) % 7))
    assert [finding.check for finding in found] == ["hidden_nonfinite"]
    assert found[0].count == 10
    assert not found[0].is_standing


def test_zeros_from_the_start() -> None:
    found = first(loss=[0.0] * 300, gradient_norm=[math.nan] * 300)
    assert (found.check, found.cause) == ("hidden_nonfinite", Cause.HIDDEN_NONFINITE)


def test_a_running_mean_to_the_end_is_no_jump() -> None:
    loss = np.round(falling(seed=4), 6)
    for row in range(2000, 3000):
        loss[row] = np.round(loss[:row].mean(), 6)
    found = check_log(loss=loss).findings
    assert (found[0].check, found[0].verdict) == ("hidden_nonfinite", Verdict.CRITICAL)
    assert all(finding.verdict <= Verdict.NOTICE for finding in found[1:])


def test_a_loss_that_is_missing_to_the_end() -> None:
    """As pandas writes NaN: an empty cell, while the learning rate goes on."""
    loss = [*falling()[:2000], *[None] * 1000]
    found = first(loss=loss, learning_rate=[1e-3] * 3000)
    assert (found.check, found.cause, found.verdict) == ("nonfinite", Cause.LOSS_ENDS, Verdict.WARNING)
    assert (found.first_step, found.last_step, found.count) == (2000, 2999, 1000)
    assert found.is_standing


@pytest.mark.parametrize("every", [2, 10, 100])
def test_a_loss_that_is_logged_now_and_then_is_not_missing(every: int) -> None:
    loss = [value if row % every == 0 else None for row, value in enumerate(falling())]
    assert check_log(loss=loss, learning_rate=[1e-3] * 3000).verdict == Verdict.HEALTHY
    # Evaluations after the last step say nothing of the training loss.
    ended = [*falling(200), *[None] * 40]
    assert check_log(loss=ended, validation_loss=[*[None] * 200, *[3.1] * 40]).verdict == Verdict.HEALTHY


@pytest.mark.parametrize("rows", [200, 1000, 1900])
def test_a_rise_that_lasts_is_no_less_than_a_short_one(rows: int) -> None:
    loss = falling(seed=5)
    loss[1000 : 1000 + rows] += 2
    found = first(loss=loss)
    assert (found.check, found.verdict) == ("jump", Verdict.WARNING)
    assert 998 <= found.first_step <= 1002
    assert not found.is_standing
    assert 0 <= found.last_step - (1000 + rows) < 40


@pytest.mark.parametrize("scale", [0.3, 0.1, 0.02])
def test_weights_lost_without_a_gap(scale: float) -> None:
    again = 3 + 5 * np.exp(-np.arange(1500) / (scale * 1500))
    loss = np.concatenate([falling(1500, 6), again + 0.03 * np.random.default_rng(SEED).standard_normal(1500)])
    found = first(loss=loss)
    assert found.verdict >= Verdict.WARNING
    assert found.cause == Cause.WEIGHTS_LOST
    assert 1498 <= found.first_step <= 1502


@pytest.mark.parametrize("seed", range(6))
def test_what_happens_where_the_learning_rate_begins_anew_is_its_doing(seed: int) -> None:
    rate = 1e-3 * 0.5 * (1 + np.cos(np.pi * (ROWS % 600) / 600))
    loss = falling(seed=seed) + 0.2 * rate / 1e-3 * np.minimum(1, ROWS / 600)
    loss[1200:1202] += 1
    found = check_log(loss=loss, learning_rate=rate).findings
    assert found
    assert all(finding.cause == Cause.SCHEDULE_RESTARTED and finding.verdict == Verdict.NOTICE for finding in found)


def test_no_value_lies_below_what_it_was_held_against() -> None:
    random = np.random.default_rng([SEED, 8])
    for _ in range(40):
        loss = falling(int(random.integers(300, 3000)), int(random.integers(1000)))
        begin = int(random.integers(100, len(loss)))
        loss[begin : begin + int(random.choice([1, 5, 30, 5000]))] += random.uniform(0.05, 1.5)
        for finding in check_log(loss=loss).findings:
            if finding.check in ("spike", "jump", "drift", "divergence", "overfitting"):
                assert finding.baseline <= finding.threshold <= finding.value, finding


@pytest.mark.parametrize("period", [2, 3, 8, 20, 60, 126, 200])
def test_oscillations_of_any_period(period: int) -> None:
    loss = falling(seed=9)
    loss[1000:] += 0.6 * np.cos(2 * np.pi * np.arange(2000) / period)
    found = first(loss=loss)
    assert (found.check, found.verdict, found.cause) == ("oscillation", Verdict.WARNING, Cause.OSCILLATION)
    assert 940 <= found.first_step <= 1150
    assert found.is_standing
    if period > 2:
        assert found.baseline == pytest.approx(period, rel=0.05)
        assert found.value == pytest.approx(0.6, rel=0.15)


def test_an_oscillation_that_ends() -> None:
    loss = falling(6000, seed=10)
    loss[1000:3000] += 0.5 * np.sin(np.arange(2000) / 5)
    found = first(loss=loss)
    assert (found.check, found.is_standing) == ("oscillation", False)
    assert 2800 <= found.last_step <= 3600


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9, 0.97, 0.997])
def test_noise_is_no_oscillation(correlation: float) -> None:
    random = np.random.default_rng([SEED, 11])
    for rows in (200, 600, 2500, 9000):
        values = random.standard_normal(rows)
        for row in range(1, rows):
            values[row] = correlation * values[row - 1] + np.sqrt(1 - correlation**2) * values[row]
        loss = 3 + 3 * np.exp(-np.arange(rows) / (0.1 * rows)) + 0.1 * values
        assert not any(finding.check == "oscillation" for finding in check_log(loss=loss).findings)


def test_restarts_of_the_learning_rate_are_no_oscillation() -> None:
    for length in (50, 150, 600):
        rate = 1e-3 * 0.5 * (1 + np.cos(np.pi * (ROWS % length) / length))
        loss = falling(seed=12) + 0.4 * rate / 1e-3
        found = check_log(loss=loss, learning_rate=rate).findings
        assert all(finding.verdict == Verdict.NOTICE for finding in found)


@pytest.mark.parametrize("rows", [100, 200, 400, 1000, 3000, 20_000])
@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_a_loss_that_never_leaves_its_start(rows: int, classes: int) -> None:
    noise = np.random.default_rng([SEED, rows]).standard_normal(rows)
    found = first(loss=math.log(classes) * (1 + 0.005 * noise))
    assert (found.check, found.cause, found.verdict) == ("plateau", Cause.NOTHING_LEARNT, Verdict.WARNING)


def test_a_loss_that_comes_back_to_its_start() -> None:
    """After a burst in its first rows, as where the learning rate is far too high."""
    noise = np.random.default_rng([SEED, 13]).standard_normal(300)
    rows = np.arange(300)
    found = first(loss=np.where(rows < 5, 2.3 + 20 * rows, 2.303 + 0.01 * noise))
    assert (found.check, found.verdict) == ("plateau", Verdict.WARNING)


def test_the_loss_of_a_guess_needs_no_exact_level() -> None:
    noise = np.random.default_rng(14).standard_normal(120)
    loss = math.log(10) + 0.2 * noise
    assert check_log(loss=loss).verdict < Verdict.WARNING
    assert first(loss=loss, class_count=10).verdict == Verdict.WARNING


def test_what_has_fallen_is_no_plateau() -> None:
    noise = np.random.default_rng([SEED, 15]).standard_normal(1000)
    rows = np.arange(1000)
    assert warnings(loss=0.1 + 2.2 * np.exp(-rows / 2) + 0.001 * noise) == []
    # Late in a run, and while the validation loss falls.
    assert warnings(steps=80_000 + rows, loss=2.5 + 0.02 * noise) == []
    assert warnings(loss=1.1 + 0.02 * noise, validation_loss=1.2 - 1e-4 * rows) == []
