"""Do errors pile up under a model's own outputs?"""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt

from .. import _options
from .._errors import INVALID_ARGUMENT, check, refusal
from .._handle import Accumulator
from .._headers import generative as structures
from .._library import library
from .._report import Report, counted, number_text
from .._tensors import TensorLike, View, output_view, view
from .._words import Cause, Outcome, Verdict

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class ExposureOptions(TypedDict, total=False):
    """Thresholds of `exposure_bias` and `ExposureBias`.

    warning_excess    0.5: of the accumulated error beyond what single steps explain, over what they explain
    critical_excess   5
    divergence_error  1e6: a free-running error beyond it, NaN or Inf is a divergence, and ends its sequence
    """

    warning_excess: float
    critical_excess: float
    divergence_error: float


@dataclass(frozen=True, slots=True, repr=False)
class ExposureReport(Report):
    """Whether a model's own outputs lead it astray. Fields as in generative.h; step_error and what follows it are of
    `length`, and NaN where nothing was measured both ways.
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    sequence_count: int
    nonfinite_count: int
    diverged_count: int
    first_divergence: int
    length: int
    step_error: float
    accumulated_error: float
    ratio: float
    excess: float
    growth_exponent: float
    growth_rate: float
    threshold: float
    measurement: float
    is_exponential: bool

    _conversions: ClassVar[dict[str, Any]] = {"is_exponential": lambda flag, _: bool(flag)}

    def _headline(self) -> str:
        if self.diverged_count and self.outcome is Outcome.OK:
            diverged = f"{self.diverged_count} of {counted(self.sequence_count, 'sequence')} diverged"
            return f"{diverged}, the first at step {self.first_divergence}"
        if not self.length:
            left_out = f", {counted(self.nonfinite_count, 'error')} left out" if self.nonfinite_count else ""
            return f"no step was measured both ways{left_out}"
        if self.outcome is Outcome.DEGENERATE:
            return (
                f"steps with true prefixes have no error to length {self.length}, which leaves nothing to hold the "
                f"accumulated error of {number_text(self.accumulated_error)} against"
            )
        # Fewer than three lengths have no growth.
        growth = "" if math.isnan(self.growth_exponent) else f", growing as length^{number_text(self.growth_exponent)}"
        return (
            f"{number_text(100 * self.excess)} % more error at length {self.length} than single steps explain{growth}"
        )


class ExposureLength(NamedTuple):
    """A row of the curve: `ratio` and `excess` are NaN where step_error is 0."""

    length: int
    teacher_count: int
    free_count: int
    step_error: float
    accumulated_error: float
    ratio: float
    excess: float


def _views(teacher: TensorLike, free: TensorLike, lengths: TensorLike | None) -> tuple[View, View, View | None]:
    named = None if lengths is None else view(lengths, "lengths", "integers of shape [n]")
    return view(teacher, "teacher"), view(free, "free_running"), named


def _pointer(tensor: View | None) -> Any:
    return None if tensor is None else ctypes.byref(tensor.structure)


def exposure_bias(
    teacher: TensorLike, free: TensorLike, lengths: TensorLike | None = None, **options: Unpack[ExposureOptions]
) -> ExposureReport:
    """Whether a model trained on true prefixes finds its way under its own outputs.

    teacher  [n, steps] errors, 0 or more, of each step whose prefix was true
    free     [n, steps] of the same sequences under the model's own outputs: of the step from its own state, held
             against the true map where there is one, else against the sequence
    lengths  [n] integers, the steps of each sequence; None: all have them all
    options  as in `ExposureOptions`

    Of a stochastic model give divergences or energy distances of each step, not pointwise errors.
    Errors: ValueError, TypeError. Source: Arora et al. 2022. Since 0.4.

    >>> exposure_bias([[1.0, 1.0, 1.0]], [[1.0, 2.0, 3.0]]).excess
    1.0
    """
    settings = _options.build(structures.ExposureBiasOptions, options)
    report = structures.ExposureBiasReport()
    forced, own, named = _views(teacher, free, lengths)
    check(
        library.trimtab_exposure_bias(
            _pointer(forced), _pointer(own), _pointer(named), ctypes.byref(settings), ctypes.byref(report)
        )
    )
    return ExposureReport._from_structure(report)


class ExposureBias(Accumulator):
    """The streaming form of `exposure_bias`: per step two counts and two sums. Takes its options."""

    _kind: ClassVar[str] = "exposure"

    def __init__(self, **options: Unpack[ExposureOptions]) -> None:
        super().__init__()
        self._create(_options.build(structures.ExposureBiasOptions, options))

    def add(self, teacher: TensorLike, free: TensorLike, lengths: TensorLike | None = None) -> Self:
        """Adds sequences, as in `exposure_bias`, and returns self; on an error nothing has changed."""
        forced, own, named = _views(teacher, free, lengths)
        with self._lock:
            check(library.trimtab_exposure_add(self._pointer(), _pointer(forced), _pointer(own), _pointer(named)))
        return self

    def report(self) -> ExposureReport:
        """What is known so far; changes nothing."""
        report = structures.ExposureBiasReport()
        with self._lock:
            check(library.trimtab_exposure_report(self._pointer(), ctypes.byref(report)))
        return ExposureReport._from_structure(report)

    def lengths(self) -> list[ExposureLength]:
        """The curve: a row for each length that was measured both ways."""
        count = ctypes.c_int64()
        with self._lock:
            check(library.trimtab_exposure_lengths(self._pointer(), None, 0, ctypes.byref(count)))
            rows = (structures.ExposureLength * max(count.value, 1))()
            check(library.trimtab_exposure_lengths(self._pointer(), rows, count.value, ctypes.byref(count)))
        names = ExposureLength._fields
        return [ExposureLength(*(getattr(row, name) for name in names)) for row in rows[: count.value]]

    def __repr__(self) -> str:
        return "ExposureBias(closed)" if self._handle is None else f"ExposureBias({self.report()!r})"


def state_noise(
    states: TensorLike, step: int, *, deviation: float = 0.05, ramp_steps: int = 0, seed: int = 0
) -> npt.NDArray[np.float64]:
    """A cure of exposure bias: states with normal noise, to train the model from.

    states      any shape
    step        0 or more; the same step and seed give the same noise
    deviation   of the noise
    ramp_steps  over which it rises from 0 in a line; 0: none
    seed        0 to 2^64 - 1

    Errors: ValueError, TypeError. Source: Ross, Gordon & Bagnell 2011 (DAgger). Since 0.4.
    """
    settings = structures.StateNoiseOptions()
    settings.deviation = _options.number("deviation", deviation)
    settings.ramp_steps = _options.integer("ramp_steps", ramp_steps)
    if not 0 <= (number := _options.integer("seed", seed, 65)) < 1 << 64:
        raise refusal(INVALID_ARGUMENT, f"seed: found {number}, allowed 0 to {(1 << 64) - 1}")
    settings.seed = number
    given = view(states, "states")
    noisy = np.empty(given.shape)
    output = output_view(noisy, "output")
    check(
        library.trimtab_state_noise(
            ctypes.byref(given.structure),
            _options.integer("step", step),
            ctypes.byref(settings),
            ctypes.byref(output.structure),
        )
    )
    return noisy
