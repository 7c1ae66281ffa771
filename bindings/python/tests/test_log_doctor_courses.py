"""The log doctor on short logs, courses and single peaks that were once judged wrongly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from randomness import SEED
from single_logs import ROWS, falling, first, warnings

from trimtab import Verdict, check_log

EPOCHS = np.arange(30)
DECAY = 2 * 0.85**EPOCHS


def test_a_divergence_of_few_rows_is_told_by_its_own_values() -> None:
    loss = np.where(EPOCHS < 15, DECAY + 0.02, 0.2 * 1.5 ** (EPOCHS - 14.0))
    found = first(steps=EPOCHS, loss=loss)
    assert (found.check, found.verdict) == ("divergence", Verdict.CRITICAL)
    assert (found.first_step, found.baseline) == (14, loss[14])
    assert (found.worst_step, found.value) == (29, loss[29])


@pytest.mark.parametrize("rows", [5, 8, 12, 20, 30, 45])
def test_a_jump_of_few_rows(rows: int) -> None:
    place = np.arange(rows)
    onset = max(rows - 6, 3)
    loss = 2 * 0.85**place + np.where(place >= onset, 2, 0) + 0.01 * (place % 3)
    found = first(steps=place, loss=loss)
    assert (found.check, found.first_step, found.verdict) == ("jump", onset, Verdict.WARNING)
    assert found.baseline == loss[onset - 1]
    assert found.value in loss


def test_nan_of_few_rows() -> None:
    found = first(steps=EPOCHS, loss=np.where(EPOCHS < 20, DECAY, math.nan))
    assert (found.check, found.first_step, found.verdict) == ("nonfinite", 20, Verdict.CRITICAL)


def test_few_healthy_rows_are_left_alone() -> None:
    random = np.random.default_rng([SEED, 16])
    false = 0
    for _ in range(600):
        rows = int(random.integers(2, 49))
        noise = 10 ** random.uniform(-3, -1) * random.standard_normal(rows)
        fall = np.exp(-np.arange(rows) / rows * random.uniform(0.5, 8))
        false += bool(warnings(loss=(random.uniform(0, 1) + fall) * (1 + noise)))
    assert false <= 6


def test_a_validation_loss_alone_that_rises() -> None:
    epochs = np.arange(40)
    loss = np.where(epochs < 20, 2 * 0.9**epochs, 0.24 + 0.05 * (epochs - 20))
    found = first(steps=epochs, validation_loss=loss)
    assert (found.check, found.first_step, found.verdict) == ("overfitting", 20, Verdict.WARNING)
    # What is noisy has a low value now and then.
    random = np.random.default_rng([SEED, 17])
    assert check_log(validation_loss=3.4 + 0.05 * random.standard_normal(3000)).verdict == Verdict.HEALTHY


def test_overfitting_needs_no_exact_training_loss() -> None:
    random = np.random.default_rng([SEED, 18])
    validation = np.full(3000, math.nan)
    validation[99::100] = 1.1 * (2 + 2 * np.exp(-np.arange(30) / 4) + 0.06 * np.maximum(np.arange(30) - 10, 0))
    for _ in range(20):
        loss = 2 + 2 * np.exp(-ROWS / 400) + 0.2 * random.standard_normal(3000)
        found = first(loss=loss, validation_loss=validation)
        assert (found.check, found.verdict) == ("overfitting", Verdict.WARNING)


@pytest.mark.parametrize("seed", range(6))
def test_a_loss_that_passes_through_zero_is_no_fault(seed: int) -> None:
    random = np.random.default_rng([SEED, 19, seed])
    assert check_log(loss=-5 + 7 * np.exp(-ROWS / 500) + 0.1 * random.standard_normal(3000)).findings == ()
    assert warnings(loss=0.5 * random.standard_t(3, 3000) + 2 * np.exp(-ROWS / 500)) == []
    assert warnings(loss=1.2 + 0.2 * random.standard_normal(3000) - 1.4) == []


MULTIPLYING = [[2.3, 1.9, 1.6, 1.5, 2.9, 9.8, 55, 320], [2.3, 2.2, 3, 20, 400], [1.0, 2, 4, 8, 16, 32]]


@pytest.mark.parametrize("rows", MULTIPLYING)
def test_few_rows_that_multiply_diverge(rows: list[float]) -> None:
    """From the best on: the last of such rises is the greatest, but no jump."""
    found = first(loss=rows)
    assert (found.check, found.verdict) == ("divergence", Verdict.CRITICAL)
    assert (found.first_step, found.baseline) == (int(np.argmin(rows)), min(rows))


@pytest.mark.parametrize("rate", [0.15, 0.05])
def test_a_loss_that_grows_from_the_start_left_its_best_there(rate: float) -> None:
    loss = 2.3 * np.exp(rate * np.arange(60))
    found = first(loss=loss)
    assert (found.check, found.verdict) == ("divergence", Verdict.CRITICAL)
    assert loss[found.first_step] < 2.5 * found.baseline


@pytest.mark.parametrize("seed", range(6))
def test_a_spike_is_counted_once(seed: int) -> None:
    """Not by the detector of levels once more, which sees what is left of it."""
    random = np.random.default_rng([SEED, 20, seed])
    loss = 3.1 + 7.8 * np.exp(-((ROWS / 33) ** 0.45)) + 0.05 * random.standard_normal(3000)
    loss[2000:2003] += [4, 2, 1]
    found = first(loss=loss)
    assert (found.check, found.count, found.first_step) == ("spike", 1, 2000)


def test_spikes_stand_between_the_steps_that_are_named() -> None:
    """The detector takes the later ones for usual: they are counted, and so named too."""
    loss = falling()
    places = [1200, 1500, 1800, 2100, 2400, 2700]
    for place in places:
        loss[place : place + 2] += [2.5, 1]
    found = first(loss=loss)
    assert (found.check, found.count, found.first_step, found.last_step) == ("spike", 6, 1200, 2700)


def test_a_loss_scale_that_is_printed_as_zero() -> None:
    """Only the halvings that can be seen are counted."""
    scale = np.round(65536 * 0.5 ** np.maximum(0, (np.arange(800) - 300) // 10), 1)
    found = first(loss=falling(800), loss_scale=scale)
    assert (found.check, found.verdict, found.first_step) == ("loss_scale", Verdict.CRITICAL, 310)
    assert found.count == np.count_nonzero(np.diff(scale) < 0)


@pytest.mark.parametrize("seed", range(3))
def test_a_log_with_its_newest_row_first(seed: int) -> None:
    report = check_log(steps=ROWS[::-1], loss=falling(seed=seed)[::-1], learning_rate=[1e-3] * 3000)
    assert [(finding.check, finding.verdict) for finding in report.findings] == [("backward_steps", Verdict.WARNING)]
    assert {"divergence", "spike"} <= {state.check for state in report.not_checked if state.outcome == "not_applicable"}
    # NaN is NaN in whatever order.
    loss = np.where(ROWS < 2500, falling(seed=seed), math.nan)
    assert first(steps=ROWS[::-1], loss=loss[::-1]).check == "nonfinite"


@pytest.mark.parametrize("size", [0.1, 0.3, 1.0])
def test_two_tasks_in_turn_from_the_first_step_on(size: float) -> None:
    """So some runs are made, and they learn; what begins later is a fault."""
    loss = falling(noise=0.02)
    turn = size * (-1.0) ** ROWS
    found = first(loss=loss + turn)
    assert (found.check, found.verdict, found.first_step) == ("oscillation", Verdict.NOTICE, 0)
    found = first(loss=loss + np.where(ROWS < 300, 0, turn))
    assert (found.check, found.verdict) == ("oscillation", Verdict.WARNING)
    assert 300 <= found.first_step < 430


def test_gradient_spikes_stand_between_the_steps_that_are_named() -> None:
    norm = 0.4 * np.exp(0.12 * np.random.default_rng([SEED, 21]).standard_normal(3000))
    for place, factor in {1800: 60, 2200: 80, 2500: 90, 2600: 70}.items():
        norm[place] *= factor
    found = first(loss=falling(), gradient_norm=norm)
    assert (found.check, found.count, found.first_step, found.last_step) == ("gradient_spike", 4, 1800, 2600)


def test_a_validation_loss_that_jitters_is_no_overfitting() -> None:
    """Its least value is low by chance; a rise that goes on is found in most runs all the same."""
    random = np.random.default_rng([SEED, 22])
    false = found = 0
    for _ in range(300):
        count = int(random.integers(6, 60))
        place = np.arange(count)
        noise = random.uniform(0.02, 0.12) * random.standard_normal(count)
        healthy = 0.6 + 2 * np.exp(-place / random.uniform(1, 10)) + noise
        loss = 0.5 + 2 * np.exp(-place / 5)
        false += bool(warnings(steps=place, loss=loss, validation_loss=healthy))
        rising = healthy + np.maximum(0, place - count // 3) * 1.2 / count
        findings = warnings(steps=place, loss=loss, validation_loss=rising)
        found += bool(findings) and findings[0].check == "overfitting"
    assert false <= 6, false
    assert found >= 200, found
