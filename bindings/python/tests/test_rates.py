"""Learning rates found by training: bowls whose stable rates are known, and the package's own trainer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import trimtab
from trimtab import layers

CURVATURE = 4.0


def bowl(seed: int, peak_rate: float, warm_up_steps: int) -> Iterator[float]:
    """Gradient descent on c x^2 / 2, stable below 2 / c; the seed makes it steeper."""
    x, c = 1.0, CURVATURE * (1 + seed / 100)
    for step in range(300):
        yield 0.5 * c * x * x
        x -= peak_rate * min(1.0, (step + 1) / max(warm_up_steps, 1)) * c * x


def test_the_peak_of_a_bowl() -> None:
    found = trimtab.peak_rate_search(bowl)
    limits = [2 / (CURVATURE * (1 + seed / 100)) for seed in range(1, 7)]
    assert found.outcome is trimtab.Outcome.OK
    assert found.seed_count == 6
    assert found.run_count == 6 * 14
    assert found.rate == pytest.approx(math.prod(limits) ** (1 / 6), rel=5e-3)
    assert min(limits) * 0.99 < found.least_rate <= found.greatest_rate < max(limits)
    low = trimtab.peak_rate_search(bowl, highest_rate=0.1, seed_count=2, first_seed=2**64 - 1)
    assert low.outcome is trimtab.Outcome.INSUFFICIENT
    assert math.isnan(low.rate)


def test_a_range_of_rates_of_a_trainer() -> None:
    random = np.random.default_rng(0)
    inputs = 4 * random.normal(size=(64, 4))
    targets = inputs @ random.normal(size=(4, 1))
    own = trimtab.Trainer([layers.Dense(1, bias=False)], (4,), loss="half_squared", precision="float64")
    sharpness = float(np.linalg.eigvalsh(inputs.T @ inputs / 64)[-1])

    def step(rate: float) -> float:
        own.set_learning_rate(rate)
        return own.step(inputs, targets).loss

    found = trimtab.rate_range_test(step)
    assert found.outcome is trimtab.Outcome.OK
    assert found.steps < 100
    assert 2 / sharpness < found.divergence_rate < 30 / sharpness
    assert found.suggested_rate == found.divergence_rate / 10 < 2 / sharpness


def test_the_warm_up_that_is_needed() -> None:
    def run(_seed: int, peak_rate: float, warm_up_steps: int) -> list[float]:
        return [1.0, 100.0 if peak_rate / max(warm_up_steps, 1) > 0.1 else 0.5, 0.0]

    found = trimtab.warm_up_need(run, 1.0, 1000)
    assert (found.outcome, found.steps) == (trimtab.Outcome.OK, 10)
    assert found.run_count <= 12
    assert trimtab.warm_up_need(run, 0.05, 1000) == trimtab.WarmUpNeed(trimtab.Outcome.OK, 0, 1)
    assert trimtab.warm_up_need(run, 1.0, 4).steps == -1


def test_a_generator_is_left_where_it_diverges() -> None:
    taken = []

    def run(_seed: int, _rate: float, _steps: int) -> Iterator[float]:
        for step in range(1000):
            taken.append(step)
            yield 1.0 if step < 5 else math.inf

    assert trimtab.warm_up_need(run, 1.0, 0).steps == -1
    assert taken == list(range(6))


def raises(*_: Any) -> float:
    raise KeyError("of the user's")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: trimtab.rate_range_test(raises), KeyError, "of the user's"),
        (lambda: trimtab.peak_rate_search(raises), KeyError, "of the user's"),  # type: ignore[arg-type]
        (lambda: trimtab.warm_up_need(raises, 1, 2), KeyError, "of the user's"),  # type: ignore[arg-type]
        (lambda: trimtab.rate_range_test(3), TypeError, "step: found int, allowed a function"),  # type: ignore[arg-type]
        (lambda: trimtab.peak_rate_search(None), TypeError, "run: found NoneType"),  # type: ignore[arg-type]
        (lambda: trimtab.rate_range_test(lambda _: "a"), TypeError, "loss: found str"),  # type: ignore[arg-type,return-value]
        (lambda: trimtab.peak_rate_search(lambda *_: []), ValueError, "run: found no loss"),
        (
            lambda: trimtab.rate_range_test(float, lowest_rate=0),
            ValueError,
            "lowest_rate, highest_rate: found 0 and 10",
        ),
        (lambda: trimtab.rate_range_test(float, step_count=1), ValueError, "step_count"),
        (lambda: trimtab.peak_rate_search(bowl, bisections=65), ValueError, "bisections"),
        (lambda: trimtab.peak_rate_search(bowl, first_seed=-1), ValueError, "first_seed: found -1"),
        (lambda: trimtab.warm_up_need(bowl, 0.0, 4), ValueError, "peak_rate: found 0"),
        (lambda: trimtab.warm_up_need(bowl, 1.0, -1), ValueError, "longest_steps: found -1"),
    ],
)
def test_what_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
