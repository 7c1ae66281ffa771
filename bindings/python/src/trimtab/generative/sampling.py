"""What does quality cost a sampler?"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from .. import _options
from .._errors import check
from .._headers import generative as structures
from .._library import library
from .._report import Report, counted, number_text
from .._tensors import TensorLike, view
from .._words import Cause, Outcome, Verdict

if TYPE_CHECKING:
    from typing_extensions import Unpack


class SamplingOptions(TypedDict, total=False):
    """Thresholds of `sampling_cost`.

    factor              1.5: as good as many steps is at most this many times as far off
    noise_floor         0: the distance of two samples of the data from each other, below which differences are noise
    evaluations_in_use  0: one of the curve's; 0: none, no verdict on them
    """

    factor: float
    noise_floor: float
    evaluations_in_use: int


@dataclass(frozen=True, slots=True, repr=False)
class SamplingReport(Report):
    """What quality costs a sampler. Fields as in generative.h."""

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    point_count: int
    nonfinite_count: int
    greatest_evaluations: int
    many_step_distance: float
    least_evaluations: int
    distance: float
    order: float
    threshold: float
    measurement: float

    def _headline(self) -> str:
        if self.outcome is not Outcome.OK:
            reason = (
                "the distance of the most evaluations is not finite"
                if self.outcome is Outcome.NONFINITE
                else "two or more are needed"
            )
            return f"{counted(self.point_count, 'usable point')}: {reason}"
        return (
            f"{self.least_evaluations} evaluations are as good as {self.greatest_evaluations} "
            f"(distance {number_text(self.many_step_distance)})"
        )


def sampling_cost(evaluations: TensorLike, distances: TensorLike, **options: Unpack[SamplingOptions]) -> SamplingReport:
    """The least function evaluations of a sampler that are as good as many.

    evaluations  [n] whole numbers from 1 on, each once, in any order
    distances    [n], 0 or more, of the samples from the data
    options      as in `SamplingOptions`

    Errors: ValueError, TypeError. Since 0.4.

    >>> sampling_cost([4, 8, 16, 1000], [0.6, 0.1, 0.05, 0.04]).least_evaluations
    16
    """
    settings = _options.build(structures.SamplingOptions, options)
    report = structures.SamplingReport()
    steps, values = view(evaluations, "evaluations"), view(distances, "distances")
    check(
        library.trimtab_sampling_cost(
            ctypes.byref(steps.structure),
            ctypes.byref(values.structure),
            ctypes.byref(settings),
            ctypes.byref(report),
        )
    )
    return SamplingReport._from_structure(report)


def wasserstein_distance(a: TensorLike, b: TensorLike) -> float:
    """The 1-Wasserstein distance of two samples of numbers, of any sizes, as `scipy.stats.wasserstein_distance`.

    Errors: ValueError (none, NaN or Inf), TypeError. Since 0.4.

    >>> wasserstein_distance([0.0, 1.0, 3.0], [5.0, 6.0, 8.0])
    5.0
    """
    found = ctypes.c_double()
    first, second = view(a, "a"), view(b, "b")
    check(
        library.trimtab_wasserstein_distance(
            ctypes.byref(first.structure), ctypes.byref(second.structure), ctypes.byref(found)
        )
    )
    return found.value
