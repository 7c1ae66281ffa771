"""The log doctor: on real logs, on healthy logs made up, on planted faults, and on what no log should be."""

from __future__ import annotations

import gzip
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import synthetic_logs
from randomness import SEED

import trimtab
from trimtab import Cause, LogReport, Verdict, check_log

LOGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "logs"
HEALTHY_COUNT = 640
FAULT_COUNT = 40
FAULT_SEEDS = (1, 2, 3)


def real(name: str) -> LogReport:
    path = LOGS / name
    if not path.exists():
        pytest.skip(f"{path} is not there: the real logs lie beside the repository, in shared/data/logs")
    content = path.read_bytes()
    header, *lines = (gzip.decompress(content) if name.endswith(".gz") else content).decode().splitlines()
    names = header.split(",")
    table = np.loadtxt(lines, delimiter=",")
    words = {"step": "steps", "lr": "learning_rate", "grad_norm": "gradient_norm"}
    return check_log(**{words.get(column, column): table[:, place] for place, column in enumerate(names)})


def of(log: synthetic_logs.Log) -> LogReport:
    return check_log(steps=log.steps, **log.columns())


def warnings(report: LogReport) -> list[trimtab.LogFinding]:
    return [finding for finding in report.findings if finding.verdict >= Verdict.WARNING]


@pytest.mark.parametrize("name", ["gpt2_124M.csv", "pythia_160m_seed5.csv.gz"])
def test_calm_runs_have_no_warning(name: str) -> None:
    assert warnings(real(name)) == []


def test_a_resume_without_its_weights_is_named() -> None:
    first = real("pythia_410m_seed3.csv.gz").findings[0]
    assert (first.check, first.first_step, first.cause) == ("resume", 75002, Cause.WEIGHTS_LOST_AT_RESUME)
    assert first.baseline == 2.20785
    assert first.value == 11.0845
    assert [one.check for one in warnings(real("pythia_410m_seed3.csv.gz"))] == ["resume"]


def test_an_upward_drift_is_found_where_it_begins() -> None:
    report = real("pythia_14m_seed4.csv.gz")
    first = report.findings[0]
    assert (first.check, first.cause, first.is_standing) == ("drift", Cause.UPWARD_DRIFT, True)
    # The level is lowest about step 90,000 and above its 3.46 for good from 92,900 to 96,000 on.
    assert 89_000 < first.first_step < 98_000
    assert 0.4 < first.size < 0.75
    assert 138_000 < first.worst_step <= 143_000
    assert [one.check for one in warnings(report)] == ["drift"]


def test_healthy_logs_get_no_warning(capsys: pytest.CaptureFixture[str]) -> None:
    """At most two in a hundred of eight kinds, where one is usual at the most."""
    counts: dict[str, list[int]] = {}
    for index in range(HEALTHY_COUNT):
        log = synthetic_logs.healthy(np.random.default_rng([SEED, index]), index, most=20_000)
        row = counts.setdefault(log.kind, [0, 0])
        row[0] += 1
        row[1] += bool(warnings(of(log)))
    with capsys.disabled():
        print(f"\nhealthy logs with a warning (seed {SEED}):")
        for kind, (total, false) in counts.items():
            print(f"  {kind:20s} {false:3d} of {total}")
    assert sum(false for _, false in counts.values()) <= 0.02 * HEALTHY_COUNT


def test_planted_faults_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    """At least 95 in a hundred of every kind, with the right kind first, and of all of them the onset where it is.

    The seeds are fixed: of forty logs with a seed of their own, three are missed now and then where one in fifty is.
    """
    totals = [0, 0]
    with capsys.disabled():
        print(f"\nplanted faults, {FAULT_COUNT} of each with seeds {FAULT_SEEDS}:   found   first   onset")
        for fault in synthetic_logs.FAULTS:
            found = first = onset = 0
            for seed in FAULT_SEEDS:
                for index in range(FAULT_COUNT):
                    log = synthetic_logs.planted(np.random.default_rng([seed, index, 7]), fault, most=10_000)
                    findings = of(log).findings
                    right = [finding for finding in findings if finding.check in log.accepted]
                    found += bool(right)
                    first += bool(right) and findings[0].check in log.accepted
                    if right:
                        places = np.flatnonzero(log.steps == right[0].first_step)
                        onset += bool(len(places)) and bool(np.min(np.abs(places - log.onset)) <= log.reach)
            count = FAULT_COUNT * len(FAULT_SEEDS)
            print(f"  {fault:42s} {found / count:7.1%} {first / count:7.1%} {onset / max(found, 1):7.1%}")
            assert found >= 0.95 * count, fault
            assert first >= 0.95 * count, fault
            totals = [totals[0] + found, totals[1] + onset]
    assert totals[1] >= 0.95 * totals[0]


@pytest.mark.parametrize(
    ("loss", "verdict"),
    [
        ([], Verdict.UNKNOWN),
        ([1.0], Verdict.HEALTHY),
        ([math.nan], Verdict.CRITICAL),
        ([math.inf, 1.0, 0.9], Verdict.WARNING),
        ([2.0 - 0.1 * row for row in range(10)], Verdict.HEALTHY),
        ([3.5] * 50, Verdict.WARNING),
        ([1e308, -1e308] * 40, None),
        ([0.0] * 100, None),
        ([5e-324] * 100, None),
    ],
)
def test_odd_series(loss: list[float], verdict: Verdict | None) -> None:
    report = check_log(loss=loss)
    assert report.row_count == len(loss)
    assert verdict is None or report.verdict == verdict


def test_any_prefix_is_judged() -> None:
    """Finishing early changes nothing of what a later finish says."""
    random = np.random.default_rng([SEED, 3])
    loss = 2 + np.exp(-np.arange(400) / 50) + 0.05 * random.standard_normal(400)
    loss[0] = np.nan
    with trimtab.LogDoctor() as doctor:
        for row in range(400):
            doctor.add(row, loss=loss[row])
            if row % 7 == 0:
                assert doctor.report().row_count == row + 1
        late = doctor.report()
    assert late == check_log(loss=loss)
    assert late.findings[0].check == "nonfinite"
    assert late.findings[0].first_step == 0


def test_what_did_not_run_says_why() -> None:
    report = check_log(loss=np.linspace(3, 1, 40))
    reasons = {state.check: str(state) for state in report.not_checked}
    assert reasons["overfitting"] == "overfitting: no validation_loss in the log"
    assert reasons["gradient_growth"] == "gradient_growth: no gradient_norm in the log"
    assert reasons["plateau"] == "plateau: 40 rows of loss, it takes 100"
    assert "spike" not in reasons
    assert report.ran_count + len(reasons) == 18


def test_steps_of_any_distance_are_no_gap() -> None:
    steps = np.concatenate([np.arange(0, 100), np.arange(100, 1100, 10), [1105, 1200, 1300, 1400]])
    loss = 3 / (1 + 0.01 * np.arange(len(steps)))
    assert not any(finding.quantity == "step" for finding in check_log(steps=steps, loss=loss).findings)


def test_an_evaluation_is_no_repeat() -> None:
    """A row of its own for the validation loss, at the step of the row before."""
    with trimtab.LogDoctor() as doctor:
        for step in range(100):
            doctor.add(step, loss=3 / (1 + step))
            if step % 10 == 9:
                doctor.add(step, validation_loss=3.1 / (1 + step))
        report = doctor.report()
    assert report.validation_loss.count == 10
    assert report.findings == ()


def test_zeros_of_hugging_face() -> None:
    """What `logging_nan_inf_filter` makes of a run that turned NaN in the middle of a logging interval of ten steps."""
    random = np.random.default_rng([SEED, 9])
    losses = 2 + 0.1 * random.standard_normal(1000)
    logged, sum_of_interval = [], 0.0
    for step in range(1000):
        value = losses[step] if step < 604 else math.nan
        in_interval = step % 10
        sum_of_interval += sum_of_interval / (1 + in_interval) if math.isnan(value) else value
        if in_interval == 9:
            logged.append(round(sum_of_interval / 10, 4))
            sum_of_interval = 0.0
    first = check_log(steps=np.arange(10, 1001, 10), loss=logged).findings[0]
    assert (first.check, first.cause, first.verdict) == (
        "hidden_nonfinite",
        Cause.HIDDEN_NONFINITE,
        Verdict.CRITICAL,
    )
    # NaN begins between 600 and 610: that interval may be too close to the others to be told.
    assert first.first_step in (610, 620)
    assert first.is_standing


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ({"loss": [1.0, 2.0], "steps": [1]}, ValueError, "columns: found lengths loss 2, steps 1, allowed one length"),
        ({"loss": [[1.0]]}, ValueError, "loss: found 2 axes, allowed 1"),
        ({"loss": ["a"]}, TypeError, "loss: found list, allowed an array of numbers"),
        ({"loss": [1.0], "steps": [0.5]}, TypeError, "steps: found what is no array of integers"),
        ({"loss": [1.0], "rise_size": 0.5}, ValueError, "options.rise_size: found 0.5, allowed 1 to"),
        ({"loss": [1.0], "recovery_rows": 0}, ValueError, "options.recovery_rows: found 0"),
        ({"loss": [1.0], "speed": 1}, TypeError, "unknown option 'speed'"),
    ],
)
def test_errors_name_the_argument(columns: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message.replace("(", r"\(")):
        check_log(**columns)


def test_missing_values_are_not_nan() -> None:
    listed = check_log(loss=[2.0, None, 1.5, 1.2])
    masked = check_log(loss=np.ma.masked_invalid([2.0, np.nan, 1.5, 1.2]))
    assert listed.loss.count == masked.loss.count == 3
    assert listed.verdict == Verdict.HEALTHY
    assert check_log(loss=[2.0, math.nan, 1.5, 1.2]).findings[0].check == "nonfinite"


def test_extreme_steps_do_no_harm() -> None:
    """Steps may be any integers."""
    ends = [-(2**63), 2**63 - 1, 0, -1, 2**62, -(2**62)] * 20
    assert check_log(steps=np.array(ends, np.int64), loss=np.linspace(3, 1, 120)).row_count == 120


def test_a_report_is_ready_for_json() -> None:
    report = check_log(loss=[1.0, math.nan, 2.0])
    fields = report.as_dict()
    assert fields["findings"][0]["value"] == "nan"
    assert fields["loss"]["nonfinite_count"] == 1
    assert len(fields["checks"]) == 18
    assert "nonfinite" in repr(report)
