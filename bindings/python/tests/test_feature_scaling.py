"""Which axis to normalise: the oracles of the definitions, SciPy, regression by hand, and what adds."""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import trimtab
from trimtab import Cause, Outcome, ScaleProfile, Verdict, feature_scale


def test_oracle_of_two_by_two() -> None:
    report = feature_scale(np.exp([[0.0, 1.0], [2.0, 3.0]]))
    assert report.node_share == pytest.approx(0.8, abs=1e-12)
    assert report.feature_share == pytest.approx(0.2, abs=1e-12)
    assert report.residual_deviation == 0
    assert report.node_deviation == pytest.approx(math.sqrt(2), abs=1e-12)
    assert report.feature_deviation == pytest.approx(math.sqrt(0.5), abs=1e-12)
    assert report.node_statistic == math.inf
    assert report.node_probability == 0


def test_deviations_are_those_that_went_in() -> None:
    numbers = np.random.default_rng(3)
    size = numbers.normal(size=500)
    entries = numbers.normal(size=(500, 32))
    by_node = feature_scale(entries * np.exp(2 * size)[:, None])
    assert by_node.node_deviation == pytest.approx(2 * size.std(ddof=1), rel=0.02)
    assert by_node.feature_deviation < 0.05
    assert (by_node.advice, by_node.cause, by_node.verdict) == ("node_wise", Cause.NODE_SCALE, Verdict.CRITICAL)
    columns = numbers.normal(size=32)
    by_feature = feature_scale(entries * np.exp(2 * columns)[None])
    assert by_feature.feature_deviation == pytest.approx(2 * columns.std(ddof=1), rel=0.03)
    assert (by_feature.advice, by_feature.cause) == ("feature_wise", Cause.PER_FEATURE_SCALE)
    both = feature_scale(entries * np.exp(size)[:, None] * np.exp(columns)[None])
    assert (both.advice, both.cause) == ("both", Cause.NODE_AND_FEATURE_SCALE)
    # Independent entries: the shares are biased by 1 / d and 1 / n, the deviations are not.
    alike = feature_scale(entries)
    assert alike.node_share == pytest.approx(1 / 32, rel=0.2)
    assert alike.node_deviation < 0.1
    assert alike.residual_deviation**2 == pytest.approx(math.pi**2 / 8, rel=0.05)
    assert (alike.advice, alike.verdict) == ("none", Verdict.HEALTHY)


def test_statistics_are_those_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    entries = np.random.default_rng(4).normal(size=(60, 7))
    report = feature_scale(entries)
    logs = np.log(np.abs(entries))
    n, d = logs.shape
    rows, columns = logs.mean(1) - logs.mean(), logs.mean(0) - logs.mean()
    residual = logs - logs.mean() - rows[:, None] - columns
    square = (residual**2).sum() / ((n - 1) * (d - 1))
    node = d * (rows**2).sum() / (n - 1) / square
    feature = n * (columns**2).sum() / (d - 1) / square
    assert report.node_statistic == pytest.approx(node, rel=1e-9)
    assert report.feature_statistic == pytest.approx(feature, rel=1e-9)
    assert report.node_probability == pytest.approx(stats.f.sf(node, n - 1, (n - 1) * (d - 1)), rel=1e-9)
    assert report.feature_probability == pytest.approx(stats.f.sf(feature, d - 1, (n - 1) * (d - 1)), rel=1e-9)


def test_missing_entries_are_fitted_as_regression_does() -> None:
    numbers = np.random.default_rng(5)
    entries = numbers.normal(size=(40, 7)) * np.exp(numbers.normal(size=40))[:, None]
    entries[numbers.random(entries.shape) < 0.4] = 0
    entries[3] = math.nan
    report = feature_scale(entries)
    rows, columns = np.nonzero(np.nan_to_num(entries))
    logs = np.log(np.abs(entries[rows, columns]))
    design = np.zeros((len(logs), 47))
    design[np.arange(len(logs)), rows] = design[np.arange(len(logs)), 40 + columns] = 1

    def residual(part: np.ndarray) -> float:
        return float(((logs - part @ np.linalg.lstsq(part, logs, rcond=None)[0]) ** 2).sum())

    whole, by_row, by_column = residual(design), residual(design[:, :40]), residual(design[:, 40:])
    count, n, d = len(logs), 39, 7
    square = whole / (count - n - d + 1)
    assert report.residual_deviation**2 == pytest.approx(square, rel=1e-9)
    assert report.node_deviation**2 == pytest.approx((by_column - whole - (n - 1) * square) / (count - d), rel=1e-9)
    expected = max(0.0, (by_row - whole - (d - 1) * square) / (count - n))
    assert report.feature_deviation**2 == pytest.approx(expected, abs=1e-9)
    assert (report.empty_node_count, report.nonfinite_count, report.entry_count) == (1, 7, count)
    assert report.coverage == pytest.approx(count / 280)


def test_one_bad_node_of_many_is_an_outlier() -> None:
    entries = np.random.default_rng(6).normal(size=(5000, 16))
    entries[1234] *= 1e4
    report = feature_scale(entries)
    assert report.node_deviation < 0.5
    assert report.advice == "none"
    assert (report.verdict, report.cause) == (Verdict.NOTICE, Cause.OUTLIER_SCALE)
    assert (report.outlier_nodes, report.outlier_node_count) == ((1234,), 1)
    assert report.greatest_node_effect == pytest.approx(math.log(1e4), abs=2)


def test_rows_add() -> None:
    numbers = np.random.default_rng(7)
    entries = numbers.normal(size=(90, 70))
    entries[numbers.random(entries.shape) < 0.3] = 0
    whole = feature_scale(entries)
    parts = [ScaleProfile().add(part) for part in np.split(entries, 3)]
    merged = parts[0].merge(parts[1]).merge(ScaleProfile.load(parts[2].save()))
    found = merged.report()
    for name, value in whole.as_dict().items():
        expected = value if isinstance(value, (str, list)) else pytest.approx(value, rel=1e-9)
        assert found.as_dict()[name] == expected, name
    assert ScaleProfile.load(merged.save()).report() == found


@pytest.mark.parametrize(
    ("entries", "outcome"),
    [
        (np.ones((1, 4)), Outcome.INSUFFICIENT),
        (np.ones((4, 1)), Outcome.INSUFFICIENT),
        (np.ones((0, 4)), Outcome.INSUFFICIENT),
        (np.eye(4), Outcome.INSUFFICIENT),
        (np.zeros((4, 4)), Outcome.DEGENERATE),
        (np.full((4, 4), math.nan), Outcome.NONFINITE),
    ],
)
def test_what_cannot_be_told_says_so(entries: np.ndarray, outcome: Outcome) -> None:
    report = feature_scale(entries)
    assert (report.outcome, report.verdict) == (outcome, Verdict.UNKNOWN)
    assert math.isnan(report.node_deviation)
    assert math.isnan(report.measurement)


def test_equal_entries_have_no_deviation() -> None:
    report = feature_scale(np.full((5, 4), 3.7))
    assert (report.outcome, report.verdict) == (Outcome.OK, Verdict.HEALTHY)
    assert (report.node_deviation, report.feature_deviation, report.residual_deviation) == (0, 0, 0)


def test_refusals_name_what_was_found() -> None:
    with pytest.raises(trimtab.TrimtabError, match="features: found rank 1, allowed 2"):
        feature_scale([1.0, 2.0])
    with pytest.raises(trimtab.TrimtabError, match=r"options.dominance: found 0.5, allowed 1 or more"):
        feature_scale(np.ones((3, 3)), dominance=0.5)
    profile = ScaleProfile().add(np.ones((3, 3)))
    with pytest.raises(trimtab.TrimtabError, match="features: found 2 features, allowed 3 as before"):
        profile.add(np.ones((3, 2)))
    with pytest.raises(trimtab.TrimtabError, match="other: found other options"):
        profile.merge(ScaleProfile(outlier_score=5))
    assert profile.report().node_count == 3
    state = bytearray(profile.save())
    state[-1] ^= 1
    with pytest.raises(trimtab.TrimtabError, match="checksum"):
        ScaleProfile.load(state)


@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("graphdatascience", "pyarrow")), reason="Cora is not there"
)
def test_the_cora_example_runs() -> None:
    example = Path(__file__).resolve().parents[3] / "examples" / "python" / "cora.py"
    run = subprocess.run([sys.executable, str(example)], check=True, capture_output=True, text=True, timeout=120)
    assert "2708 nodes x 1433 features" in run.stdout
    assert float(run.stdout.split("epoch 100")[1].split("%")[0].split()[-1]) > 70
