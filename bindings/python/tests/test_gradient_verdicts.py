"""What one step of gradients says, in words that are true of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from randomness import generator

import trimtab
from trimtab import Cause, Outcome, Verdict


@pytest.mark.parametrize("value", [1e12, 1e300])
def test_a_norm_a_million_times_the_maximum_is_an_explosion(value: float) -> None:
    report = trimtab.gradient_norm([np.full((3, 3), value)])
    assert (report.verdict, report.cause) == (Verdict.WARNING, Cause.EXPLODING_GRADIENT)
    assert report.measurement == report.global_norm > report.threshold == 1e6
    assert "towards the first layers" not in report.cause_text.replace("over all or growing towards", "")
    relaxed = trimtab.gradient_norm([np.full((3, 3), value)], maximum_norm=value)
    assert relaxed.verdict is Verdict.HEALTHY


def test_an_infinite_norm_is_critical() -> None:
    report = trimtab.gradient_norm([np.full((3, 3), 1e308)])
    assert (report.verdict, report.cause, report.global_norm) == (Verdict.CRITICAL, Cause.EXPLODING_GRADIENT, math.inf)


@pytest.mark.parametrize("norm", [1.0, 1e3, 1e4, 1e5])
def test_norms_of_losses_that_are_sums_are_healthy(norm: float) -> None:
    layers = [generator(salt).normal(size=(20, 20)) for salt in range(5)]
    total = math.sqrt(sum(float((layer**2).sum()) for layer in layers))
    assert trimtab.gradient_norm([layer * norm / total for layer in layers]).verdict is Verdict.HEALTHY


def test_the_factor_is_an_option() -> None:
    gradients = [np.full((3, 3), 1e12)]
    assert trimtab.gradient_norm(gradients, exploding_norm_factor=1e15).verdict is Verdict.HEALTHY
    with pytest.raises(ValueError, match=r"exploding_norm_factor: found 0\.5, allowed 1 or more"):
        trimtab.gradient_norm(gradients, exploding_norm_factor=0.5)
    kept = trimtab.Gradients(exploding_norm_factor=1e15).add(gradients)
    assert trimtab.Gradients.load(kept.save()).report().verdict is Verdict.HEALTHY


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_small_tensor_is_told_as_it_is_wherever_it_stands(order: tuple[str, str]) -> None:
    values = {"a": np.ones((4, 4)), "b": np.full((4, 4), 1e-9)}
    report = trimtab.gradient_norm({name: values[name] for name in order})
    assert (report.verdict, report.cause) == (Verdict.WARNING, Cause.TINY_GRADIENT)
    assert "first layers" not in repr(report)
    everywhere = trimtab.gradient_norm([np.full((4, 4), 1e-9)] * 2)
    assert (everywhere.verdict, everywhere.cause) == (Verdict.NOTICE, Cause.TINY_GRADIENT)


def test_one_step_cannot_tell_a_zero_from_a_start_at_zero() -> None:
    """LoRA at its first step: B is 0, so the gradient of A is exactly zero."""
    a, b = np.zeros((4, 64)), generator().normal(size=(64, 4))
    report = trimtab.gradient_norm({"lora_a": a, "lora_b": b})
    assert (report.verdict, report.cause, report.zero_tensor_count) == (Verdict.NOTICE, Cause.ZERO_GRADIENT, 1)
    assert trimtab.gradient_norm([a, np.zeros((3, 3))]).verdict is Verdict.CRITICAL


def test_what_could_not_be_told_is_nan() -> None:
    broken = trimtab.gradient_norm([np.full((3, 3), np.nan)])
    assert (broken.outcome, broken.verdict, broken.clip_factor) == (Outcome.NONFINITE, Verdict.CRITICAL, 0)
    empty = trimtab.gradient_norm([np.zeros((0, 3))])
    assert empty.outcome is Outcome.INSUFFICIENT
    for report in (broken, empty):
        for name in ("global_norm", "greatest_magnitude", "mean_magnitude", "depth_slope", "depth_ratio"):
            assert math.isnan(getattr(report, name)), name
        assert "no finite element in 1 tensor" in repr(report)
        assert "slope" not in repr(report)
    partly: Any = trimtab.gradient_norm([np.array([3.0, np.nan, 4.0])])
    assert partly.global_norm == 5


def test_units_at_which_nothing_arrives() -> None:
    report = trimtab.dead_neurons(np.zeros((2000, 16)))
    assert (report.verdict, report.cause) == (Verdict.CRITICAL, Cause.SILENT_INPUT)
    assert "Nothing arrives" in repr(report)
