"""Pseudo-label drift against NumPy and SciPy and the definitions' oracles."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import headers
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from randomness import generator, seeded
from reports import same
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

import trimtab
from trimtab import Cause, Outcome, Verdict

Array = np.ndarray[Any, Any]


def probabilities(count: int, classes: int, sharpness: float = 1.0, salt: int = 0) -> Array:
    logits = generator(salt).normal(size=(count, classes)) * sharpness
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


def test_the_definitions_oracle() -> None:
    report = trimtab.pseudo_label_drift([[0.9, 0.1], [0.5, 0.5]], [[0.1, 0.9], [0.5, 0.5]])
    assert report.flip_rate == 0.5
    assert report.total_variation == pytest.approx(0.4, rel=1e-14)
    assert report.kullback_leibler == pytest.approx(0.8 * math.log(9) / 2, rel=1e-12)
    assert report.jensen_shannon == pytest.approx(0.1840321, abs=5e-8)


def test_one_hot_flip_is_log_two() -> None:
    report = trimtab.pseudo_label_drift([[1.0, 0.0]], [[0.0, 1.0]])
    assert report.jensen_shannon == pytest.approx(math.log(2), rel=1e-12)
    assert report.total_variation == 1
    assert report.kullback_leibler == pytest.approx(math.log(1e12), rel=1e-9)


@seeded
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(2, 12))
def test_two_rounds_are_scipy_s(salt: int, count: int, classes: int) -> None:
    before, after = probabilities(count, classes, 2, salt), probabilities(count, classes, 4, salt + 1)
    after[: count // 2] = before[: count // 2]
    report = trimtab.pseudo_label_drift(before, after)
    first, second = before.argmax(1), after.argmax(1)
    flips = first != second
    confident = (before.max(1) >= 0.95) & (after.max(1) >= 0.95)
    shares, earlier = (np.bincount(labels, minlength=classes) / count for labels in (second, first))
    expected = {
        "flip_rate": flips.mean(),
        "confident_sample_count": confident.sum(),
        "confident_flip_rate": flips[confident].mean() if confident.any() else 0,
        "total_variation": 0.5 * np.abs(before - after).sum(1).mean(),
        "jensen_shannon": (jensenshannon(before, after, axis=1) ** 2).mean(),
        "kullback_leibler": entropy(after, before, axis=1).mean(),
        "gate_coverage": (after.max(1) >= 0.95).mean(),
        "class_prior_distance": 0.5 * np.abs(shares - 1 / classes).sum(),
        "class_shift": 0.5 * np.abs(shares - earlier).sum(),
        "least_class_share": shares.min(),
        "greatest_class_share": shares.max(),
        "oscillation_null": 1 / classes,
        "sample_count": count,
        "class_count": classes,
    }
    for name, value in expected.items():
        assert getattr(report, name) == pytest.approx(value, rel=1e-11, abs=1e-13), name
    assert report.has_probabilities is True


def test_rows_are_normalised() -> None:
    before, after = probabilities(50, 4), probabilities(50, 4, salt=1)
    same(
        trimtab.pseudo_label_drift(before * 7, after * 0.01), trimtab.pseudo_label_drift(before, after), absolute=1e-14
    )


def test_ties_go_to_the_lowest_index() -> None:
    assert trimtab.pseudo_label_drift([[0.5, 0.5]], [[0.6, 0.4]]).flip_rate == 0
    assert trimtab.pseudo_label_drift([[0.5, 0.5]], [[0.4, 0.6]]).flip_rate == 1


def test_labels() -> None:
    before, after = generator(1).integers(0, 5, 1000), generator(2).integers(0, 5, 1000)
    report = trimtab.pseudo_label_drift(before.astype(np.uint8), after.astype(np.int32))
    assert report.flip_rate == (before != after).mean()
    assert report.class_count == 5
    assert report.has_probabilities is False
    assert (report.total_variation, report.jensen_shannon, report.gate_coverage) == (0, 0, 0)
    assert (report.verdict, report.cause) == (Verdict.CRITICAL, Cause.UNSTABLE_TARGETS)


def test_samples_that_cannot_be_read_are_left_out() -> None:
    bad = np.array([[0.7, 0.3], [np.nan, 0.5], [np.inf, 0.5], [-0.1, 1.1], [0.0, 0.0], [0.2, 0.8]])
    report = trimtab.pseudo_label_drift(bad, bad)
    assert (report.nonfinite_count, report.sample_count) == (4, 2)
    labels = trimtab.pseudo_label_drift([0, -1, 1, 9], [0, 1, 1, 1], class_count=3)
    assert (labels.nonfinite_count, labels.sample_count, labels.flip_rate) == (2, 2, 0)


def test_class_prior() -> None:
    labels = np.repeat([0, 1, 2], [80, 10, 10])
    assert trimtab.pseudo_label_drift(labels, labels).verdict < Verdict.WARNING
    balanced = trimtab.pseudo_label_drift(labels, labels, class_prior=[1 / 3, 1 / 3, 1 / 3])
    assert balanced.class_prior_distance == pytest.approx(0.8 - 1 / 3, rel=1e-12)
    assert (balanced.cause, balanced.measurement) == (Cause.CLASS_COLLAPSE, balanced.class_prior_distance)
    assert trimtab.pseudo_label_drift(labels, labels, class_prior=np.array([0.8, 0.1, 0.1])).verdict is Verdict.HEALTHY


def test_outcomes() -> None:
    assert trimtab.pseudo_label_drift(np.array([], int), np.array([], int)).outcome is Outcome.INSUFFICIENT
    assert trimtab.pseudo_label_drift(np.ones((4, 1)), np.ones((4, 1))).outcome is Outcome.DEGENERATE


@pytest.mark.parametrize(
    ("before", "after", "options", "error", "message"),
    [
        ([0, 1], [0, 1, 2], {}, ValueError, "after"),
        ([0, 1], [[0.5, 0.5], [0.5, 0.5]], {}, (ValueError, TypeError), "after|before"),
        ([0.5, 1.0], [0.5, 1.0], {}, (TypeError, ValueError), "before"),
        (np.ones((2, 2, 2)), np.ones((2, 2, 2)), {}, ValueError, "before"),
        ([[1, 0]], [[1, 0]], {}, ValueError, "before: found int64 of rank 2, allowed"),
        ([0], [0], {"confidence_gate": 2.0}, ValueError, "confidence_gate"),
        ([0], [0], {"warning_flip_rate": math.nan}, ValueError, "warning_flip_rate"),
        ([0], [0], {"class_count": -1}, ValueError, "class_count"),
        ([0], [0], {"class_prior": [0.5, 0.6]}, ValueError, "class_prior"),
        ([0], [0], {"class_prior": [[0.5, 0.5]]}, ValueError, "class_prior: found rank 2, allowed 1"),
        ([0], [0], {"class_prior": "ab"}, TypeError, "class_prior: found str"),
        ([0], [0], {"class_prior": []}, ValueError, "class_prior"),
        ([0], [0], {"class_prior_count": 3}, TypeError, "unknown option 'class_prior_count', allowed: class_count"),
    ],
)
def test_what_is_refused(before: Any, after: Any, options: dict[str, Any], error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        trimtab.pseudo_label_drift(before, after, **options)


def stream(rounds: list[Array], **options: Any) -> trimtab.LabelDrift:
    drift = trimtab.LabelDrift(**options)
    for number, predictions in enumerate(rounds):
        drift.add(number, predictions)
    return drift


def test_period_two_is_oscillation() -> None:
    first, second = np.zeros(100, int), np.ones(100, int)
    report = stream([first, second] * 3, class_count=2).report()
    assert (report.flip_rate, report.oscillation_rate, report.oscillation_share) == (1, 1, 1)
    assert (report.round, report.round_count, report.oscillation_sample_count) == (5, 6, 100)
    assert report.cause is Cause.TARGET_OSCILLATION


def test_independent_labels_oscillate_as_often_as_the_null() -> None:
    count = 40_000
    random = generator()
    report = stream([random.integers(0, 3, count) for _ in range(3)]).report()
    assert abs(report.flip_rate - 2 / 3) < 6 * math.sqrt(2 / 9 / count)
    assert abs(report.oscillation_rate - 2 / 9) < 6 * math.sqrt(14 / 81 / count)
    assert report.oscillation_null == pytest.approx(1 / 3)
    assert abs(report.oscillation_share - 1 / 3) < 0.02


def test_stream_is_the_comparison_of_its_rounds() -> None:
    rounds = [probabilities(300, 5, 3, salt) for salt in range(3)]
    drift = stream(rounds)
    for index in (1, 2):
        # The earlier round is kept as float16.
        kept = rounds[index - 1].astype(np.float16).astype(np.float64)
        report, direct = drift.report(index), trimtab.pseudo_label_drift(kept, rounds[index])
        assert report.flip_rate == direct.flip_rate
        assert report.round == index
        for name in ("total_variation", "jensen_shannon", "kullback_leibler"):
            assert getattr(report, name) == pytest.approx(getattr(direct, name), rel=1e-3, abs=1e-6), name
    assert drift.report(0).outcome is Outcome.INSUFFICIENT
    labels = [values.argmax(1) for values in rounds]
    flips = [(labels[index] != labels[index - 1]).mean() for index in (1, 2)]
    assert drift.report().mean_flip_rate == pytest.approx(np.mean(flips), rel=1e-12)
    returned = (labels[2] == labels[0]) & (labels[2] != labels[1])
    assert drift.report().oscillation_rate == pytest.approx(returned.mean(), rel=1e-12)


def test_ids_batches_and_shards_in_any_order() -> None:
    rounds = [probabilities(200, 4, 3, salt) for salt in range(3)]
    whole = stream(rounds).report()
    random = generator(9)
    shuffled, shards = trimtab.LabelDrift(), [trimtab.LabelDrift(), trimtab.LabelDrift()]
    for number, predictions in enumerate(rounds):
        order = random.permutation(200)
        for batch in np.array_split(order, 3):
            shuffled.add(number, predictions[batch], ids=batch + 1000)
        for shard, ids in zip(shards, (np.arange(120), np.arange(120, 200)), strict=True):
            shard.add(number, predictions[ids], ids=ids)
    same(shuffled.report(), whole, relative=1e-11)
    same(shards[0].merge(shards[1]).report(), whole, relative=1e-11)


def test_samples_come_and_go() -> None:
    drift = trimtab.LabelDrift(class_count=3)
    drift.add(0, [0, 1, 2], ids=[1, 2, 3]).add(4, [1, 1, 0], ids=[1, 2, 9])
    report = drift.report()
    assert (report.sample_count, report.unmatched_count, report.flip_rate, report.round) == (2, 2, 0.5, 4)


def test_torch_predictions() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    before, after = probabilities(100, 4, salt=1), probabilities(100, 4, salt=2)
    report = trimtab.pseudo_label_drift(torch.from_numpy(before), torch.from_numpy(after))
    assert report == trimtab.pseudo_label_drift(before, after)
    half = trimtab.pseudo_label_drift(torch.from_numpy(before).bfloat16(), torch.from_numpy(after).bfloat16())
    assert half.total_variation == pytest.approx(report.total_variation, rel=1e-2)


def test_stream_refusals_change_nothing() -> None:
    drift = trimtab.LabelDrift(class_count=3).add(0, [0, 1, 2], ids=[1, 2, 3]).add(1, [0, 1, 1], ids=[1, 2, 3])
    before = drift.save()
    refused: list[tuple[Any, Any, str]] = [
        ((0, [0], [7]), ValueError, "round"),
        ((-1, [0], [7]), ValueError, "round"),
        ((1, [0], [1]), ValueError, "id"),
        ((2, [0, 1], [5, 5]), ValueError, "id"),
        ((2, [0, 1], [5]), ValueError, "id"),
        ((2, [0], [0.5]), TypeError, "ids: found float64, allowed integers of shape \\[n\\]"),
        ((2, [0, 1], ["a", "b"]), TypeError, "ids: found strings, allowed integers of shape \\[n\\]$"),
        ((2, [0, 1], [None, 1]), TypeError, "ids: found element type object, allowed integers of shape \\[n\\]$"),
        ((2, [[0.5, 0.5, 0.0]], [5]), (ValueError, TypeError), "predictions"),
        ((1.5, [0], [7]), TypeError, "round: found float, allowed an integer"),
        ((2**63, [0], [7]), ValueError, "round: found 9223372036854775808, allowed 64 bits"),
    ]
    for arguments, error, message in refused:
        with pytest.raises(error, match=message):
            drift.add(*arguments)
    assert drift.save() == before
    for index in (-1, 2):
        with pytest.raises(ValueError, match="index"):
            drift.report(index)
    with pytest.raises(ValueError, match="other"):
        drift.merge(trimtab.LabelDrift(class_count=4).add(0, [1], ids=[50]))


@pytest.mark.parametrize("run", ["self_training", "self_training_drifting"])
def test_self_training_rounds(run: str) -> None:
    """Real rounds of self-training on the digits: calm, and with a step size that is too high."""
    file = headers.CHECKOUT / "examples" / "data" / run / "predictions.npz"
    if not file.exists():
        pytest.skip(f"{run}/predictions.npz is not in examples/data")
    with np.load(file) as rounds:
        drift = trimtab.LabelDrift()
        names = sorted(name for name in rounds.files if name.startswith("round_"))
        for number, name in enumerate(names):
            drift.add(number, rounds[name], ids=rounds["ids"])
        labels = [rounds[name].argmax(1) for name in names]
    flips = [(after != before).mean() for before, after in itertools.pairwise(labels)]
    assert [drift.report(index + 1).flip_rate for index in range(len(flips))] == pytest.approx(flips, rel=1e-12)
    worst = max(drift.report(index + 1).verdict for index in range(len(flips)))
    assert (worst >= Verdict.WARNING) == (run == "self_training_drifting")
    json.dumps(drift.report().as_dict(), allow_nan=False)


def test_more_samples_than_can_be_kept_are_refused_before_they_are_read() -> None:
    claimed = np.broadcast_to(np.int8(1), (1 << 60,))
    drift = trimtab.LabelDrift().add(0, [1, 2])
    with pytest.raises(ValueError, match="predictions: found 1152921504606846976 samples, allowed at most 1073741824"):
        drift.add(1, claimed)
    assert drift.report().round_count == 1


def test_logits_are_refused() -> None:
    logits = generator().normal(size=(1000, 10))
    for call in (trimtab.pseudo_label_drift, lambda _, after: trimtab.LabelDrift().add(0, after)):
        with pytest.raises(
            ValueError, match=r"found negative numbers in \d+ of 1000 rows, allowed probabilities \(softmax"
        ):
            call(logits, logits)
    drift = trimtab.LabelDrift()
    softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert trimtab.pseudo_label_drift(softmax, softmax).nonfinite_count == 0
    drift.add(0, softmax)
    with pytest.raises(ValueError, match="predictions: found negative numbers"):
        drift.add(1, logits)
    assert drift.report().round_count == 1


def test_a_few_negative_rows_are_left_out_and_named() -> None:
    shares = generator().dirichlet(np.ones(4), size=100)
    broken = shares.copy()
    broken[:40, 1] = -1
    broken[40:60] = np.nan
    report = trimtab.pseudo_label_drift(shares, broken)
    assert (report.sample_count, report.nonfinite_count) == (40, 60)
    assert "60 samples left out" in repr(report)
    broken[60:90, 1] = -1
    with pytest.raises(ValueError, match="after: found negative numbers in 70 of 80 rows"):
        trimtab.pseudo_label_drift(shares, broken)


def test_an_empty_gate_names_the_coverage() -> None:
    hesitant = np.tile([[0.6, 0.4], [0.4, 0.6]], (50, 1))
    report = trimtab.pseudo_label_drift(hesitant, hesitant)
    assert report.cause is trimtab.Cause.EMPTY_GATE
    assert "gate coverage 0 against 0" in repr(report)


def test_without_a_usable_sample_rates_are_nan() -> None:
    for rounds in (np.zeros((0, 3)), np.full((4, 3), np.nan)):
        report = trimtab.pseudo_label_drift(rounds, rounds)
        assert report.outcome is not trimtab.Outcome.OK
        for name in ("flip_rate", "mean_flip_rate", "gate_coverage", "class_shift", "greatest_class_share"):
            assert np.isnan(getattr(report, name)), name
        assert "nan" not in repr(report)
