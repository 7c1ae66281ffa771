"""Deployed spike and NaN logic goes blind or mad after one bad value: each test is one such failure."""

from __future__ import annotations

import gzip
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_detectors import alarms, loss

import trimtab

LOGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "logs"


def flagged(detector: trimtab.Detector, values: Any) -> list[bool]:
    return [detector.add(value).is_alarm for value in values]


def test_llm_c_outlier_detector_is_blind_for_ever_after_one_nan() -> None:
    detector = trimtab.Detector()
    assert alarms(detector, loss(200, 1)) == []
    assert detector.add(math.nan).is_alarm
    assert alarms(detector, loss(1280, 2)) == []
    assert detector.add(75.0).state == "alarm"


def test_llm_c_score_is_bounded_by_its_own_window() -> None:
    detector = trimtab.Detector()
    detector.add_all(loss(200, 3))
    assert detector.add(3e6).score > 100


def test_llm_c_cancels_at_a_huge_offset() -> None:
    detector = trimtab.Detector()
    assert alarms(detector, 1e8 + 1e-3 * np.random.default_rng(4).standard_normal(1000)) == []
    result = detector.add(1e8 + 1)
    assert result.state == "alarm"
    assert 2e-12 < result.spread < 5e-11


def test_llm_c_ring_and_sum_disagree_after_an_outlier_at_any_index() -> None:
    values = loss(400, 5)
    plain = trimtab.Detector()
    plain.add_all(values)
    for index in range(130, 270):
        detector = trimtab.Detector()
        detector.add_all(values[:index])
        detector.add(300.0)
        detector.add_all(values[index:])
        last = detector.report()
        assert last.baseline == plain.report().baseline
        assert last.spread == pytest.approx(plain.report().spread, rel=0.1)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_llm_foundry_misses_the_nan_and_twenty_spikes_after_it(bad: float) -> None:
    detector = trimtab.Detector()
    detector.add_all(loss(200, 6))
    assert detector.add(bad).is_alarm
    assert all(flagged(detector, [75.0] * 20))


def test_llm_foundry_ignores_one_spike_and_lets_it_raise_the_window() -> None:
    detector = trimtab.Detector()
    detector.add_all(loss(400, 7, level=2.0, noise=0.02))
    before = detector.report().baseline
    assert detector.add(2000.0).state == "alarm"
    assert all(flagged(detector, [8.0] * 30))
    assert detector.report().baseline == pytest.approx(before, rel=0.1)


def test_olmo_skips_128_healthy_steps_after_one_nan() -> None:
    detector = trimtab.Detector()
    detector.add_all(loss(200, 8))
    detector.add(math.nan)
    assert not any(flagged(detector, loss(128, 9)))


def test_megatron_freezes_its_baseline_at_the_first_losses() -> None:
    detector = trimtab.Detector()
    steps = np.arange(400)
    falling = 2 + 9 * np.exp(-steps / 30)
    assert alarms(detector, falling * loss(400, 10, level=1.0, noise=0.02)) == []
    assert detector.add(40.0).state == "alarm"


def test_megatron_flags_every_zero_after_zeros() -> None:
    detector = trimtab.Detector()
    assert alarms(detector, [0.0] * 500) == []
    assert detector.add(1.0).state == "alarm"


def test_lightning_is_purely_relative() -> None:
    for level in (0.5, 0.001):
        detector = trimtab.Detector()
        assert alarms(detector, loss(1000, 11, level=level, noise=0.02)) == []
        assert detector.add(2.8 * level).state == "alarm"
    noisy = trimtab.Detector()
    found = alarms(noisy, loss(1000, 12, level=0.001, noise=0.5))
    assert found == []
    assert not noisy.add(0.0031).is_alarm


def test_lightning_cannot_resume() -> None:
    detector = trimtab.Detector()
    detector.add_all(loss(300, 13))
    again = trimtab.Detector.load(detector.save())
    assert again.add(75.0).state == "alarm"


def test_zclip_never_clips_again_after_one_nan_norm() -> None:
    detector = trimtab.Detector()
    detector.add_all(loss(30, 14, level=0.7))
    detector.add(math.nan)
    detector.add_all(loss(60, 15, level=0.7))
    result = detector.add(70.0)
    assert result.is_alarm
    assert result.baseline == pytest.approx(0.7, rel=0.2)


def test_optax_accepts_the_nan_in_the_end() -> None:
    detector = trimtab.Detector("nonfinite")
    detector.add_all(loss(30, 16))
    assert all(flagged(detector, [math.nan] * 1000))
    assert detector.add(3.0).state == "recovered"
    assert detector.report().nonfinite_count == 1000


def column(name: str, which: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    path = LOGS / name
    if not path.exists():
        pytest.skip(f"{name} is not at hand")
    text = gzip.decompress(path.read_bytes()).decode() if name.endswith(".gz") else path.read_text()
    return np.loadtxt(text.splitlines(), delimiter=",", skiprows=1, usecols=which, dtype=np.float64)


@pytest.mark.parametrize("kind", ["spike", "level_shift", "drift", "divergence", "oscillation"])
@pytest.mark.parametrize(
    ("name", "which"), [("gpt2_124M.csv", 1), ("gpt2_124M.csv", 3), ("pythia_160m_seed5.csv.gz", 1)]
)
def test_healthy_real_runs_give_no_alarm(kind: str, name: str, which: int) -> None:
    assert alarms(trimtab.Detector(kind), column(name, which)) == []


def test_a_run_that_lost_its_weights_at_its_second_step_is_an_alarm() -> None:
    found = trimtab.Detector().add_all(column("pythia_410m_seed3.csv.gz", 1))
    assert len(found) == 1
    assert found[0].step_count <= 10
    assert found[0].first_alarm_step == 1


def test_the_drift_of_a_real_run_is_found() -> None:
    found = [result.step_count for result in trimtab.Detector("drift").add_all(column("pythia_14m_seed4.csv.gz", 1))]
    assert any(52_000 < step < 57_000 for step in found)
    assert any(120_000 < step < 132_000 for step in found)
    assert len(found) <= 6
