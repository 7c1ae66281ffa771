"""Detectors: what they find, what they promise to stay silent on, and states that continue bit for bit."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from randomness import SEED, generator, seeded

import trimtab
from trimtab import _options

KINDS = _options.DETECTOR_KINDS


def loss(count: int, salt: int, level: float = 3.0, noise: float = 0.05) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A healthy series: a level with log-normal noise."""
    return level * np.exp(noise * generator(salt).standard_normal(count))


def alarms(detector: trimtab.Detector, values: Iterable[float]) -> list[int]:
    """The steps, counted from the first of `values`, at which an alarm began."""
    return [index for index, value in enumerate(values) if detector.add(value).state == "alarm"]


def outputs(detector: trimtab.Detector, values: Iterable[float]) -> list[str]:
    """All that a detector says, so that NaN equals NaN."""
    return [repr(dataclasses.astuple(detector.add(value))) for value in values]


def test_a_spike_of_three_times_is_found_after_two_hundred_steps() -> None:
    found = 0
    for salt in range(100):
        detector = trimtab.Detector("spike")
        healthy = alarms(detector, loss(200, salt))
        assert len(healthy) <= 1
        found += detector.add(9.5).is_alarm
    # 19 in 20 by simulation; fewer than 80 in 100 has a chance of 1e-8.
    assert found >= 80, f"seed {SEED}"


def test_a_spike_of_25_times_is_found_after_fifty_steps() -> None:
    found = 0
    for salt in range(50):
        detector = trimtab.Detector("spike")
        detector.add_all(loss(50, salt))
        found += detector.add(75.0).is_alarm
    # All but one in 1500 by simulation; five missed of 50 has a chance of 1e-10.
    assert found >= 46, f"seed {SEED}"


def test_one_outlier_does_not_numb_it() -> None:
    found = 0
    for salt in range(50):
        detector = trimtab.Detector("spike")
        detector.add_all(loss(1000, salt))
        assert detector.add(1e6).state == "alarm"
        detector.add_all(loss(50, salt + 1000))
        found += detector.add(12.0).is_alarm
    assert found >= 40, f"seed {SEED}"


def test_every_one_of_twenty_spikes_in_a_row_is_in_the_alarm() -> None:
    detector = trimtab.Detector("spike")
    detector.add_all(loss(500, 1))
    assert all(detector.add(75.0).is_alarm for _ in range(20))
    assert detector.add(3.0).state == "recovered"


@pytest.mark.parametrize("size", [5.0, 8.0])
def test_a_shift_by_five_standard_deviations_is_found_within_twenty_steps(size: float) -> None:
    late = 0
    for salt in range(60):
        random = generator(salt)
        detector = trimtab.Detector("level_shift", direction="both", scale="linear")
        healthy = random.standard_normal(3000 + salt % 10)
        assert alarms(detector, healthy) == []
        sign = 1 if salt % 2 else -1
        found = alarms(detector, random.standard_normal(100) + sign * size)
        late += not found or found[0] >= 20
    assert late <= (6 if size == 5.0 else 0), f"seed {SEED}"


def test_a_level_that_lasts_is_alarmed_once_and_learnt_anew() -> None:
    detector = trimtab.Detector("spike")
    detector.add_all(loss(500, 2))
    assert alarms(detector, loss(500, 3, level=30.0)) == [0]
    assert detector.report().state == "quiet"
    assert detector.add(300.0).state == "alarm"


def test_a_drift_is_found_and_a_fall_is_not_one() -> None:
    count = 20000
    fall = 3 * (1 + np.arange(count) / 500) ** -0.1 * loss(count, 4, level=1.0, noise=0.01)
    detector = trimtab.Detector("drift")
    assert alarms(detector, fall) == []
    rise = fall[-1] + 0.73 * np.arange(5000) / 5000
    found = alarms(detector, rise * loss(5000, 5, level=1.0, noise=0.01))
    assert len(found) >= 1
    # Found at 1000 to 1750 by simulation; by 2500 the rise is 36 standard deviations of the noise.
    assert found[0] < 2500


def test_oscillation_is_told_from_noise() -> None:
    detector = trimtab.Detector("oscillation")
    assert alarms(detector, loss(20000, 6)) == []
    found = alarms(detector, [3 + 0.5 * (-1) ** step for step in range(200)])
    assert len(found) == 1
    assert found[0] <= 128


def test_divergence_once_and_sustained() -> None:
    for factor, most in ((6.0, 60), (3.0, 110)):
        detector = trimtab.Detector("divergence")
        assert alarms(detector, loss(5000, 7)) == []
        found = alarms(detector, loss(500, 8, level=3 * factor))
        assert len(found) == 1
        assert found[0] < most
        assert detector.report().verdict == "critical"


def test_plateau_is_that_of_reduce_lr_on_plateau() -> None:
    random = generator(9)
    values = np.minimum.accumulate(random.random(400)) + 0.2 * (random.random(400) < 0.7)
    best, bad, expected = math.inf, 0, []
    for value in values:
        if value < best * (1 - 1e-4):
            best, bad = value, 0
        else:
            bad += 1
        expected.append(bad > 10)
    detector = trimtab.Detector("plateau")
    assert [detector.add(value).is_alarm for value in values] == expected


def test_a_constant_series_reports_its_jump_as_a_ratio() -> None:
    detector = trimtab.Detector("spike")
    assert alarms(detector, [2.0] * 300) == []
    result = detector.add(3.0)
    assert result.state == "alarm"
    assert result.spread == 1e-3
    assert result.score == pytest.approx(math.log(1.5) / 1e-3)


def test_rounded_logs_are_no_spikes() -> None:
    random = generator(10)
    rounded = np.round(0.15 + 0.004 * random.standard_normal(20000), 2)
    assert len(alarms(trimtab.Detector("spike"), rounded)) <= 1, f"seed {SEED}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("split", [0, 1, 7, 26, 130, 700, 1801])
def test_a_saved_state_continues_bit_for_bit(kind: str, split: int) -> None:
    values = loss(2200, 11)
    values[[40, 300, 301, 1500]] = math.nan, 80.0, math.inf, -1.0
    values[900:1000] *= 30
    whole = trimtab.Detector(kind, direction="both")
    said = outputs(whole, values)
    first = trimtab.Detector(kind, direction="both")
    outputs(first, values[:split])
    second = trimtab.Detector.load(first.save())
    assert second.save() == first.save()
    assert outputs(second, values[split:]) == said[split:]
    assert second.save() == whole.save()


@pytest.mark.parametrize("kind", KINDS)
def test_pickles_and_copies_continue_too(kind: str) -> None:
    original = trimtab.Detector(kind)
    outputs(original, loss(300, 12))
    for twin in (pickle.loads(pickle.dumps(original)), copy.deepcopy(original)):
        assert outputs(twin, [3.0, 50.0, math.nan]) == outputs(
            trimtab.Detector.load(original.save()), [3.0, 50.0, math.nan]
        )


def test_results_speak() -> None:
    detector = trimtab.Detector("spike")
    detector.add_all(loss(300, 13))
    result = detector.add(math.nan)
    assert result
    assert result.outcome == "nonfinite"
    assert result.as_dict()["value"] == "nan"
    assert "spike: alarm" in repr(result)
    assert "spike" in repr(detector)
    assert detector.report().nonfinite_count == 1
    with pytest.raises(TypeError, match="merge"):
        detector.merge(trimtab.Detector())
    with pytest.raises(ValueError, match="kind"):
        trimtab.Detector("hiccup")
    with pytest.raises(TypeError, match="value"):
        detector.add("3")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="false_alarms_per_million"):
        trimtab.Detector(false_alarms_per_million=0.0)
    detector.close()
    with pytest.raises(ValueError, match="closed"):
        detector.add(1.0)


@pytest.mark.parametrize("promise", [1e3, 1e4, 1e5])
def test_a_generous_promise_is_used_and_kept(promise: float) -> None:
    """More alarms than one in a million where so many are allowed; over 50,000 steps never more than those."""
    random = np.random.default_rng(12)
    for values in (random.normal(size=50_000), np.exp(0.3 * random.normal(size=50_000))):
        detector = trimtab.Detector(false_alarms_per_million=promise)
        alarms = sum(detector.add(float(value)).state == "alarm" for value in values)
        expected = 50_000 * promise / 1e6
        # Three deviations of a Poisson count above it: a chance of one in a thousand, were all of it used.
        assert 0 < alarms < expected + 3 * math.sqrt(expected), (promise, alarms)


ENDS = [0.0, -0.0, 1.0, -1.0, 1e300, -1e300, 1e-300, 5e-324, 1.7e308, math.nan, math.inf, -math.inf]
RUNS = st.lists(st.tuples(st.sampled_from(ENDS), st.integers(1, 300)), max_size=4)
MIXED = st.lists(st.sampled_from(ENDS), max_size=60)


@seeded
# A level that moves while a spread is learned once left its scores in the tail for good.
@example([(1.0, 13)], [0.0, 0.0, 1.0, *[1e-300] * 5], 1.0, 0)
@given(RUNS, MIXED, st.sampled_from([1.0, 1e-8, 1e8]), st.integers(0, 2**31))
def test_after_any_prefix_a_spike_is_found_and_healthy_steps_are_not_flagged(
    runs: list[tuple[float, int]], mixed: list[float], level: float, salt: int
) -> None:
    detector = trimtab.Detector("spike")
    for value in [value for value, count in runs for _ in range(count)] + mixed:
        result = detector.add(value)
        assert math.isfinite(result.score)
        assert math.isfinite(result.baseline)
    healthy = loss(1000, salt, level=level)
    # The step from the prefix to the series is a change of its own, and its level takes 32 steps to be believed.
    detector.add_all(healthy[:200])
    assert alarms(detector, healthy[200:]) == []
    assert detector.add(25 * level).state == "alarm"


def long_prefix(salt: int) -> list[float]:
    """Some thousand values of every bad kind, in twenty stretches and all mixed."""
    random = generator(salt)
    values: list[float] = []
    for _ in range(20):
        count = int(random.integers(1, 300 if salt % 2 else 20))
        kind = random.integers(4)
        constant = float(random.choice(ENDS))
        ends = [float(end) for end in random.choice([1e300, 1e-300] if kind == 1 else ENDS, count)]
        values += ends if kind < 3 else [constant] * count
    return values


def test_after_a_long_mixed_prefix_a_spike_is_found_and_healthy_steps_are_not_flagged() -> None:
    missed = {5.0: 0, 25.0: 0}
    flagged = 0
    for salt in range(400):
        factor, steps = ((25.0, 150), (5.0, 250))[salt % 4 // 2]
        detector = trimtab.Detector("spike")
        detector.add_all(long_prefix(salt))
        level = (1.0, 1e-8, 3.0)[salt % 3]
        healthy = loss(steps, salt + 1000, level=level)
        detector.add_all(healthy[:100])
        flagged += len(alarms(detector, healthy[100:]))
        missed[factor] += not detector.add(factor * level).is_alarm
    # By simulation none in 3000, and one in 1500 of five times; before, up to four in five were
    # missed for a thousand steps.
    assert flagged <= 1, f"seed {SEED}"
    assert missed[25.0] <= 1, f"seed {SEED}"
    assert missed[5.0] <= 3, f"seed {SEED}"
