"""Conditioning of the data that make it hard: too few, broken, constant, in every memory order, and what is refused."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from randomness import generator
from reports import same
from samples import correlated
from sklearn.datasets import load_digits

import trimtab
from trimtab import Cause, Outcome, Verdict


@pytest.mark.parametrize(("count", "features"), [(20, 50), (10, 10), (2, 5)])
def test_no_more_samples_than_features(count: int, features: int) -> None:
    samples = correlated(count, features)
    report = trimtab.condition_number(samples)
    assert (report.condition_number, report.rank, report.cause) == (math.inf, count - 1, Cause.TOO_FEW_SAMPLES)
    singular = np.linalg.svd(samples - samples.mean(0), compute_uv=False)[: count - 1]
    assert report.condition_number_on_support == pytest.approx((singular[0] / singular[-1]) ** 2, rel=1e-8)
    assert report.as_dict()["condition_number"] == "inf"
    json.dumps(report.as_dict(), allow_nan=False)


def test_two_samples_are_too_few_for_any_alarm() -> None:
    for salt in range(50):
        report = trimtab.condition_number(correlated(2, 5, salt))
        assert (report.verdict, report.cause) == (Verdict.NOTICE, Cause.TOO_FEW_SAMPLES)


def test_outcomes() -> None:
    for samples in (np.empty((0, 3)), np.ones((1, 3)), np.full((5, 2), np.nan)):
        report = trimtab.condition_number(samples)
        assert (report.outcome, report.verdict) == (Outcome.INSUFFICIENT, Verdict.UNKNOWN)
    constant = trimtab.condition_number(np.ones((9, 3)))
    assert (constant.outcome, constant.constant_feature_count) == (Outcome.DEGENERATE, 3)
    assert trimtab.Covariance().report().outcome is Outcome.INSUFFICIENT
    assert trimtab.Covariance().mean.shape == (0,)


def test_rows_with_nan_or_inf_are_left_out() -> None:
    samples = correlated(100, 4)
    damaged = np.insert(samples, [3, 50, 99], [[np.nan, 1, 1, 1], [1, np.inf, 1, 1], [1, 1, 1, -np.inf]], axis=0)
    report = trimtab.condition_number(damaged)
    assert (report.nonfinite_sample_count, report.sample_count) == (3, 100)
    assert report.condition_number == pytest.approx(trimtab.condition_number(samples).condition_number, rel=1e-10)


def test_duplicated_feature_is_singular() -> None:
    samples = correlated(100, 3)
    report = trimtab.condition_number(np.column_stack([samples, samples[:, 0]]))
    assert (report.rank, report.condition_number) == (3, math.inf)


def test_blamed_features() -> None:
    random = generator()
    samples = random.normal(size=(2000, 6))
    scaled = samples.copy()
    scaled[:, 4] *= 1e5
    report = trimtab.condition_number(scaled)
    assert (report.cause, report.blamed_features[0]) == (Cause.FEATURE_SCALE, 4)
    samples[:, 2] = samples[:, 5] + 1e-4 * random.normal(size=2000)
    report = trimtab.condition_number(samples)
    assert report.cause is Cause.FEATURE_CORRELATION
    assert set(report.blamed_features[:2]) == {2, 5}
    assert len(report.blamed_features) == len(report.blamed_shares) == report.blamed_count
    assert all(0 <= share <= 1 for share in report.blamed_shares)
    assert "2" in repr(report)


def test_shapes_above_rank_two_are_flattened() -> None:
    samples = generator().normal(size=(60, 2, 3))
    assert trimtab.condition_number(samples) == trimtab.condition_number(samples.reshape(60, 6))
    single = trimtab.condition_number(samples[:, 0, 0])
    assert (single.feature_count, single.condition_number) == (1, 1)


@pytest.mark.parametrize("convert", [np.asfortranarray, lambda x: x[::-1][::-1], lambda x: np.repeat(x, 2, 1)[:, ::2]])
def test_memory_order_does_not_matter(convert: Any) -> None:
    samples = correlated(300, 7)
    same(trimtab.condition_number(convert(samples)), trimtab.condition_number(samples), relative=1e-10)


def test_integers_and_halves() -> None:
    pixels = load_digits().data
    reference = trimtab.condition_number(pixels)
    for dtype in (np.uint8, np.int64, np.float16, np.float32):
        same(trimtab.condition_number(pixels.astype(dtype)), reference, relative=1e-10)


@pytest.mark.parametrize(
    ("samples", "options", "error", "message"),
    [
        (1.0, {}, ValueError, "samples: found rank 0"),
        (np.ones((3, 4)), {"maximum_features": 3}, ValueError, "maximum_features|samples"),
        (np.ones((3, 4)), {"maximum_features": 0}, ValueError, "maximum_features"),
        (np.ones((3, 4)), {"warning_condition_number": -1}, ValueError, "warning_condition_number"),
        (np.ones((3, 4)), {"critical_condition_number": math.nan}, ValueError, "critical_condition_number"),
        (np.ones((3, 4)), {"null_factor": None}, TypeError, "null_factor: found NoneType, allowed a number"),
        (
            np.ones((3, 4)),
            {"kappa": 1},
            TypeError,
            "unknown option 'kappa', allowed: warning_condition_number, critical",
        ),
    ],
)
def test_what_is_refused(samples: Any, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        trimtab.condition_number(samples, **options)


def test_features_must_stay_the_same() -> None:
    covariance = trimtab.Covariance().add(np.eye(3))
    before = covariance.save()
    with pytest.raises(ValueError, match="samples"):
        covariance.add(np.eye(4))
    with pytest.raises(ValueError, match="other"):
        covariance.merge(trimtab.Covariance().add(np.eye(4)))
    assert covariance.save() == before


def test_counts_of_samples_stay_inside_64_bits() -> None:
    half = np.broadcast_to(np.zeros((1, 0), dtype=np.int8), (1 << 62, 0))
    covariance = trimtab.Covariance().add(half)
    other = trimtab.Covariance().add(half)
    with pytest.raises(ValueError, match="samples: the number of samples leaves 64 bits"):
        covariance.add(half)
    with pytest.raises(ValueError, match="other: the number of samples leaves 64 bits"):
        covariance.merge(other)
    assert covariance.report().sample_count == 1 << 62
    assert trimtab.Covariance.load(covariance.save()).report() == covariance.report()
