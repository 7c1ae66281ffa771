"""Learning rates that a training can bear, found by training: any training that a function runs."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from . import _options, _words
from . import _structures as structures
from ._errors import INVALID_ARGUMENT, check, refusal, type_refusal
from ._library import library
from ._words import Outcome

#: Takes a training step at a rate and returns the loss from which it was taken.
RateStep = Callable[[float], float]
#: Trains from a seed, to a peak rate, after a linear warm-up of so many steps, and gives the losses of all steps, the
#: first being that before the first step.
TrainingRun = Callable[[int, float, int], Iterable[float]]


@dataclass(frozen=True, slots=True)
class RateRange:
    """What a range test found; NaN where it could not tell.

    divergence_rate  of the step at which the smoothed loss diverged
    steepest_rate    where the smoothed loss fell fastest against the rate's logarithm
    suggested_rate   a tenth of the divergence rate; the steepest where nothing diverged
    """

    outcome: Outcome
    divergence_rate: float
    steepest_rate: float
    suggested_rate: float
    best_loss: float
    steps: int


@dataclass(frozen=True, slots=True)
class PeakRate:
    """The geometric mean over the seeds of the greatest rate that did not fail, the least and the greatest of them.

    seed_count    seeds that count above
    seeds_above   that did not even fail at the highest rate
    seeds_below   that failed even at the lowest
    """

    outcome: Outcome
    rate: float
    least_rate: float
    greatest_rate: float
    seed_count: int
    seeds_above: int
    seeds_below: int
    run_count: int


@dataclass(frozen=True, slots=True)
class WarmUpNeed:
    """The shortest warm-up that does not fail, in steps; 0: none is needed, -1: none was found."""

    outcome: Outcome
    steps: int
    run_count: int


def rate_range_test(
    step: RateStep,
    *,
    lowest_rate: float = 1e-7,
    highest_rate: float = 10.0,
    step_count: int = 100,
    smoothing: float = 0.98,
    greatest_rise: float = 4.0,
) -> RateRange:
    """The learning-rate range test (Smith 2017): a step at each of `step_count` rates, evenly in the logarithm, until
    the smoothed loss rises above `greatest_rise` times its best. It moves what is trained.

    Errors: ValueError, TypeError, and whatever `step` raises. Since 0.3.

    >>> weight = [1.0]
    >>> def step(rate):
    ...     loss = 10 * weight[0] ** 2
    ...     weight[0] -= rate * 20 * weight[0]
    ...     return loss
    >>> 2 / 20 < rate_range_test(step).divergence_rate < 30 / 20
    True
    """
    options = _options.build(
        structures.RateRangeOptions,
        {
            "lowest_rate": lowest_rate,
            "highest_rate": highest_rate,
            "step_count": step_count,
            "smoothing": smoothing,
            "greatest_rise": greatest_rise,
        },
    )
    kept = _Kept(step, "step")

    def call(_user: Any, rate: float, loss: Any) -> int:
        return kept.run(lambda: loss.__setitem__(0, _options.number("loss", step(rate))))

    report = structures.RateRangeReport()
    pointer = structures.RATE_STEP(call)
    kept.check(library.trimtab_rate_range_test(pointer, None, ctypes.byref(options), ctypes.byref(report)))
    return RateRange(
        _words.outcome(report.outcome),
        report.divergence_rate,
        report.steepest_rate,
        report.suggested_rate,
        report.best_loss,
        report.steps,
    )


def peak_rate_search(
    run: TrainingRun,
    *,
    lowest_rate: float = 1e-7,
    highest_rate: float = 10.0,
    bisections: int = 12,
    seed_count: int = 6,
    first_seed: int = 1,
    warm_up_steps: int = 0,
) -> PeakRate:
    """The greatest stable peak rate, by bisection on its logarithm for each of several seeds.

    run   `run(seed, peak_rate, warm_up_steps)` trains anew and gives the losses; it may be a generator, which is left
          at the first loss that is not finite. A run failed with a loss that is not finite, a greatest loss above 4
          times the first plus 1, or a last loss above the first.

    Up to seed_count (bisections + 2) runs. Errors: ValueError, TypeError, and whatever `run` raises. Since 0.3.

    >>> def run(seed, peak_rate, warm_up_steps):
    ...     weight = 1.0
    ...     for step in range(200):
    ...         yield 2 * weight * weight
    ...         weight -= peak_rate * 4 * weight
    >>> round(peak_rate_search(run, seed_count=1).rate, 2)
    0.5
    """
    options = _options.build(
        structures.PeakRateOptions,
        {
            "lowest_rate": lowest_rate,
            "highest_rate": highest_rate,
            "bisections": bisections,
            "seed_count": seed_count,
            "warm_up_steps": warm_up_steps,
        },
    )
    options.first_seed = _seed("first_seed", first_seed)
    kept = _Kept(run, "run")
    report = structures.PeakRateReport()
    pointer = kept.training_run()
    kept.check(library.trimtab_peak_rate_search(pointer, None, ctypes.byref(options), ctypes.byref(report)))
    return PeakRate(
        _words.outcome(report.outcome),
        report.rate,
        report.least_rate,
        report.greatest_rate,
        report.seed_count,
        report.seeds_above,
        report.seeds_below,
        report.run_count,
    )


def warm_up_need(run: TrainingRun, peak_rate: float, longest_steps: int, *, seed: int = 1) -> WarmUpNeed:
    """The shortest linear warm-up with which a peak rate does not fail, by bisection; it takes that a longer one is
    never worse. `run` is as for `peak_rate_search`.

    Up to 2 + log2(longest_steps) runs. Errors: ValueError, TypeError, and whatever `run` raises. Since 0.3.
    """
    kept = _Kept(run, "run")
    report = structures.WarmUpReport()
    pointer = kept.training_run()
    kept.check(
        library.trimtab_warm_up_need(
            pointer,
            None,
            _options.number("peak_rate", peak_rate),
            _options.integer("longest_steps", longest_steps),
            _seed("seed", seed),
            ctypes.byref(report),
        )
    )
    return WarmUpNeed(_words.outcome(report.outcome), report.steps, report.run_count)


def _seed(name: str, value: Any) -> int:
    seed = _options.integer(name, value, 128)
    if not 0 <= seed < 1 << 64:
        raise refusal(INVALID_ARGUMENT, f"{name}: found {seed}, allowed 0 to 2^64 - 1")
    return seed


class _Kept:
    """A function that C calls; what it raises is kept and raised again by `check`."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        if not callable(function):
            raise type_refusal(f"{name}: found {type(function).__name__}, allowed a function")
        self._function = function
        self._error: BaseException | None = None

    def run(self, body: Callable[[], Any]) -> int:
        try:
            body()
        except BaseException as error:
            self._error = error
            return 1
        return 0

    def training_run(self) -> Any:
        """The function as C calls a run: its losses become their course."""

        def call(_user: Any, seed: int, peak_rate: float, warm_up_steps: int, course: Any) -> int:
            return self.run(lambda: _follow(self._function(seed, peak_rate, warm_up_steps), course.contents))

        return structures.TRAINING_RUN(call)

    def check(self, status: int) -> None:
        """Raises what the function raised, else what the status says."""
        if status != 0 and self._error is not None:
            raise self._error
        check(status)


def _follow(losses: Iterable[float], course: structures.RunCourse) -> None:
    greatest, last, is_first = -math.inf, math.nan, True
    for given in losses:
        last = _options.number("loss", given)
        if is_first:
            course.initial_loss, is_first = last, False
        greatest = max(greatest, last)
        if not math.isfinite(last):
            break
    if is_first:
        raise refusal(INVALID_ARGUMENT, "run: found no loss, allowed one before the first step and one after each")
    course.greatest_loss = greatest
    course.final_loss = last
