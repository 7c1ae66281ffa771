"""When the classes of pseudo-labels have collapsed, and when they only are rare or move."""

from __future__ import annotations

import numpy as np
import pytest

import trimtab
from trimtab import Cause, Outcome, Verdict


def test_all_in_one_class_is_a_collapse() -> None:
    confident = np.eye(3)[np.zeros(40, int)]
    report = trimtab.pseudo_label_drift(confident, confident)
    assert (report.verdict, report.cause) == (Verdict.WARNING, Cause.CLASS_COLLAPSE)
    assert (report.measurement, report.threshold, report.greatest_class_share) == (1, 0.99, 1)
    prior = trimtab.pseudo_label_drift(confident, confident, class_prior=[0.995, 0.004, 0.001])
    assert prior.verdict is Verdict.HEALTHY
    collapse = trimtab.pseudo_label_drift(np.arange(40) % 4, np.full(40, 2))
    assert (collapse.verdict, collapse.cause) == (Verdict.CRITICAL, Cause.CLASS_COLLAPSE)
    for labels in (np.zeros(40, int), np.full(40, 2)):  # Nothing says that there is another class.
        alone = trimtab.pseudo_label_drift(labels, labels)
        assert (alone.outcome, alone.verdict) == (Outcome.DEGENERATE, Verdict.UNKNOWN)
        assert "one class alone was seen" in repr(alone)
        assert trimtab.pseudo_label_drift(labels, labels, class_count=3).cause is Cause.CLASS_COLLAPSE
        first = trimtab.LabelDrift().add(0, labels).add(1, labels)
        assert first.report().outcome is Outcome.DEGENERATE
        assert first.add(2, np.arange(40) % 3).add(3, labels).add(4, labels).report().cause is Cause.CLASS_COLLAPSE


def test_a_slow_collapse_is_told_by_the_first_round() -> None:
    """Class 0 takes 2 % of the samples a round: no round differs much from the one before."""
    stream = trimtab.LabelDrift()
    reports = []
    for round in range(40):
        labels = np.arange(1000) % 11 % 5
        labels[(np.arange(1000) * 7919) % 1000 < 20 * round] = 0
        reports.append(stream.add(round, labels).report())
    shares = [float(report.greatest_class_share) for report in reports[1:]]
    for report, share in zip(reports[1:], shares, strict=True):
        slow = share > 0.8  # It began at 0.272, so that it has grown by more than 0.4 long before.
        assert (report.verdict is Verdict.WARNING) == slow, share
    report = stream.report()
    assert report.cause is Cause.CLASS_COLLAPSE
    assert max(report.class_shift, report.flip_rate) < 0.03
    assert report.measurement == pytest.approx(report.greatest_class_share - 0.272, abs=1e-12)
    assert report.threshold == 0.4
    assert "since the first round" in repr(report)
    assert trimtab.LabelDrift.load(stream.save()).report() == report
    relaxed = trimtab.LabelDrift(class_distance=0.5).add(0, np.arange(1000) % 11 % 5).add(1, labels)
    assert relaxed.add(2, labels).report().verdict is Verdict.HEALTHY
    prior = trimtab.LabelDrift(class_prior=[0.9, 0.025, 0.025, 0.025, 0.025]).add(0, np.arange(1000) % 11 % 5)
    assert prior.add(1, labels).add(2, labels).report().verdict is Verdict.HEALTHY


def test_shares_that_move_into_no_single_class_are_no_collapse() -> None:
    """Self-training that starts with all samples of ten classes in two, and sorts them out."""
    stream = trimtab.LabelDrift()
    truth = np.arange(1000) % 10
    for round in range(41):
        labels = np.where((np.arange(1000) * 7919) % 1000 < 25 * round, truth, truth % 2)
        report = stream.add(round, labels).report()
        assert round == 0 or report.verdict is Verdict.HEALTHY


def test_a_rare_class_that_always_was_rare_is_a_notice() -> None:
    rare = np.zeros(2000, int)
    rare[:7] = 1
    probabilities = np.where(np.eye(2)[rare] == 1, 0.99, 0.01)
    for before in (rare, probabilities):
        report = trimtab.pseudo_label_drift(before, before)
        assert (report.verdict, report.cause) == (Verdict.NOTICE, Cause.CLASS_COLLAPSE)
        assert (report.measurement, report.threshold) == (1993 / 2000, 0.99)
        stream = trimtab.LabelDrift().add(0, before).add(1, before).add(2, before)
        assert stream.report().verdict is Verdict.NOTICE
    died = trimtab.pseudo_label_drift(rare, np.zeros(2000, int))
    fallen = trimtab.pseudo_label_drift(np.where(np.arange(2000) < 30, 1, 0), rare)
    never = trimtab.pseudo_label_drift(rare, rare, class_count=3)
    assert {report.verdict for report in (died, fallen, never)} == {Verdict.WARNING}
    began_elsewhere = trimtab.LabelDrift().add(0, np.where(np.arange(2000) < 60, 1, 0)).add(1, rare).add(2, rare)
    assert began_elsewhere.report().verdict is Verdict.WARNING


def test_the_number_is_named_by_its_cause_and_not_by_its_value() -> None:
    """All flip, and all into one class: both rates are 1."""
    report = trimtab.pseudo_label_drift(1 + np.arange(60) % 3, np.zeros(60, int))
    assert (report.cause, report.flip_rate, report.greatest_class_share) == (Cause.CLASS_COLLAPSE, 1, 1)
    assert "greatest class share 1 against 0.99" in repr(report)
