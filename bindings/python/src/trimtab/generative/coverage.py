"""Do samples cover the data?"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypedDict

from .. import _options
from .._errors import check
from .._handle import Accumulator, Handle
from .._headers import generative as structures
from .._library import library
from .._report import Report, counted, number_text
from .._tensors import TensorLike, view
from .._words import Cause, Outcome, Verdict

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class CoverageOptions(TypedDict, total=False):
    """Thresholds of `sample_coverage`.

    neighbours          5: k of the k-th nearest neighbour
    bin_count           100: bins of the two-sample test, at least ten real points each; 0: no test
    significance        0.05: of the test of each bin
    least_coverage      0.8: of what the data's own law would have, below which it is a collapse
    least_density       0.6: below it samples are blurred; the data's own law has 1
    greatest_bin_share  0.3: of bins that differ: beyond it a collapse, unless chance does so once in 1000
    mode_deviation      the standard deviation of a known mode; within three of it a sample is of the mode
    least_mode_count    1: samples that make a mode captured
    """

    neighbours: int
    bin_count: int
    significance: float
    least_coverage: float
    least_density: float
    greatest_bin_share: float
    mode_deviation: float
    least_mode_count: int


@dataclass(frozen=True, slots=True, repr=False)
class CoverageReport(Report):
    """How well samples of a model cover data. Fields as in generative.h; what was not measured is NaN."""

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    real_count: int
    fake_count: int
    nonfinite_count: int
    zero_radius_count: int
    precision: float
    recall: float
    density: float
    coverage: float
    expected_coverage: float
    bin_count: int
    bin_share: float
    jensen_shannon: float
    mode_count: int
    captured_mode_count: int
    mode_share: float
    threshold: float
    measurement: float

    def _headline(self) -> str:
        counts = f"{counted(self.fake_count, 'sample')} beside {self.real_count} of the data"
        if self.outcome is Outcome.INSUFFICIENT:
            return f"fewer samples than neighbours and two: {counts}"
        if self.outcome is Outcome.DEGENERATE:
            return f"all the data have their neighbours at their own place: no ball has an inside: {counts}"
        if self.outcome is not Outcome.OK:
            return f"no finite sample on a side: {counts}, {self.nonfinite_count} left out"
        return (
            f"coverage {number_text(self.coverage)} where {number_text(self.expected_coverage)} is expected, "
            f"density {number_text(self.density)}, {counts}"
        )


def sample_coverage(
    real: TensorLike, fake: TensorLike, modes: TensorLike | None = None, **options: Unpack[CoverageOptions]
) -> CoverageReport:
    """Whether samples of a model cover the data; the verdict rests on density and coverage, never on recall.

    real, fake  [n, ...], or [n]
    modes       [m, ...] known centres, with mode_deviation; None: none
    options     as in `CoverageOptions`

    Cost: O((N + M)^2 d): take a few thousand points. Errors: ValueError, TypeError.
    Source: Naeem et al. 2020; Kynkäänniemi et al. 2019; Richardson & Weiss 2018. Since 0.4.
    """
    settings = _options.build(structures.CoverageOptions, options)
    report = structures.CoverageReport()
    data, samples = view(real, "real"), view(fake, "fake")
    centres = None if modes is None else view(modes, "modes")
    check(
        library.trimtab_sample_coverage(
            ctypes.byref(data.structure),
            ctypes.byref(samples.structure),
            None if centres is None else ctypes.byref(centres.structure),
            ctypes.byref(settings),
            ctypes.byref(report),
        )
    )
    return CoverageReport._from_structure(report)


def expected_coverage(real: int, fake: int, neighbours: int = 5) -> float:
    """The coverage that `fake` samples of the data's own law have on average beside `real` ones, whatever the law.

    Errors: ValueError, TypeError. Since 0.4.

    >>> round(expected_coverage(500, 100, 3), 5)
    0.42246
    """
    found = ctypes.c_double()
    named = (("real", real), ("fake", fake), ("neighbours", neighbours))
    numbers = [_options.integer(name, value) for name, value in named]
    check(library.trimtab_expected_coverage(*numbers, ctypes.byref(found)))
    return found.value


@dataclass(frozen=True, slots=True, repr=False)
class BinReport(Report):
    """What a two-sample test over bins came to; `share` is `significance` on average for the data's own law."""

    outcome: Outcome
    bin_count: int
    real_count: int
    fake_count: int
    nonfinite_count: int
    different_count: int
    share: float
    jensen_shannon: float

    def __repr__(self) -> str:
        if self.outcome is not Outcome.OK:
            left_out = f", {self.nonfinite_count} left out" if self.nonfinite_count else ""
            return f"BinReport: {self.outcome.value}: no sample in {counted(self.bin_count, 'bin')}{left_out}"
        return (
            f"BinReport: {self.different_count} of {counted(self.bin_count, 'bin')} differ, "
            f"{counted(self.fake_count, 'sample')} beside {self.real_count} of the data ({self.outcome.value})"
        )


class DataBins(Accumulator):
    """Bins around real points by k-means, and how many fake points fall in each.

    real          [n, ...], 20 finite points or more
    bin_count     100; fewer where that leaves fewer than ten points a bin
    significance  0.05: of the test of each bin

    Source: Richardson & Weiss 2018 (NDB). Since 0.4.
    """

    _kind: ClassVar[str] = "bins"

    def __init__(self, real: TensorLike, *, bin_count: int = 100, significance: float = 0.05) -> None:
        super().__init__()
        settings = _options.build(structures.BinOptions, {"bin_count": bin_count, "significance": significance})
        data = view(real, "real")
        handle = Handle(self._kind)
        check(
            library.trimtab_bins_create(
                ctypes.byref(data.structure), ctypes.byref(settings), ctypes.byref(handle.pointer)
            )
        )
        self._handle = handle

    def add(self, fake: TensorLike) -> Self:
        """Adds fake points and returns self; on an error nothing has changed."""
        samples = view(fake, "fake")
        with self._lock:
            check(library.trimtab_bins_add(self._pointer(), ctypes.byref(samples.structure)))
        return self

    def report(self) -> BinReport:
        """What is known so far; changes nothing."""
        report = structures.BinReport()
        with self._lock:
            check(library.trimtab_bins_report(self._pointer(), ctypes.byref(report)))
        return BinReport._from_structure(report)

    def __repr__(self) -> str:
        return "DataBins(closed)" if self._handle is None else f"DataBins({self.report()!r})"
