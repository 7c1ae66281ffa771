"""Experiments: instabilities shown failing and cured, run by the library's own trainer."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _options
from ._errors import INVALID_ARGUMENT, check, refusal, type_refusal
from ._handle import Handle
from ._headers import lab as structures
from ._library import library
from ._report import number_text

if TYPE_CHECKING:
    from collections.abc import Callable

#: What an arm is there for.
ROLES = ("broken", "cured", "reference")


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment of the lab.

    name                                  as `run` takes it
    section                               of the definitions that it reproduces
    horizontal, vertical                  what its curves are drawn over, and of what
    is_horizontal_logarithmic, is_vertical_logarithmic
    """

    name: str
    title: str
    section: int
    horizontal: str
    vertical: str
    is_horizontal_logarithmic: bool
    is_vertical_logarithmic: bool


@dataclass(frozen=True, slots=True)
class SeedSummary:
    """A number over the seeds: the median, and an interval that holds the median of all seeds with a probability of
    `coverage` (0 for one seed).
    """

    median: float
    low: float
    high: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """What an arm came to in one quantity; `role` is "broken", "cured" or "reference"."""

    arm: str
    role: str
    quantity: str
    over_seeds: SeedSummary


@dataclass(frozen=True, slots=True)
class Expectation:
    """What was expected of an effect: its median has to be `bound` or more (`is_lowest`), or `bound` or less.

    measured  what the definitions measured; NaN where they give no number
    """

    claim: str
    bound: float
    is_lowest: bool
    measured: float
    over_seeds: SeedSummary
    is_held: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """An arm's curve, of the first seed."""

    arm: str
    x: list[float]
    y: list[float]


@dataclass(frozen=True, slots=True, repr=False)
class LabResult:
    """What an experiment came to over its seeds."""

    experiment: Experiment
    seed_count: int
    measurements: tuple[Measurement, ...]
    expectations: tuple[Expectation, ...]
    curves: tuple[Curve, ...]

    @property
    def is_held(self) -> bool:
        """Whether all was as expected."""
        return all(one.is_held for one in self.expectations)

    def __repr__(self) -> str:
        held = sum(one.is_held for one in self.expectations)
        lines = [
            f"{'HELD' if self.is_held else 'NOT HELD'}: {self.experiment.name}: {held} of {len(self.expectations)} "
            f"expectations over {self.seed_count} seed{'' if self.seed_count == 1 else 's'}"
        ]
        for one in self.expectations:
            sign = ">=" if one.is_lowest else "<="
            lines.append(
                f"  {one.claim}: {number_text(one.over_seeds.median)}, expected {sign} {number_text(one.bound)}"
                f"{'' if one.is_held else ' (NOT HELD)'}"
            )
        return "\n".join(lines)


def _text(value: bytes | None) -> str:
    return (value or b"").decode()


def experiments() -> tuple[Experiment, ...]:
    """The experiments there are, in the order of the definitions. Since 0.4."""
    count = ctypes.c_int64()
    check(library.trimtab_lab_count(ctypes.byref(count)))
    return tuple(_experiment(index) for index in range(count.value))


def _experiment(index: int) -> Experiment:
    found = structures.Experiment()
    check(library.trimtab_lab_experiment(index, ctypes.byref(found)))
    return Experiment(
        _text(found.name),
        _text(found.title),
        found.section,
        _text(found.horizontal),
        _text(found.vertical),
        bool(found.is_horizontal_logarithmic),
        bool(found.is_vertical_logarithmic),
    )


def run(
    name: str, *, seeds: int = 8, first_seed: int = 0, progress: Callable[[int, int], object] | None = None
) -> LabResult:
    """Runs an experiment over several seeds; the same seeds give the same numbers.

    name      as `experiments` gives it
    seeds     how many, 1 to 10000
    progress  called with how many seeds are done, of how many; what it raises ends the run and is raised here

    Errors: ValueError for a name or a number of seeds that is not allowed. Complexity: seconds. Since 0.4.

    >>> run("dying-relu", seeds=1).is_held  # doctest: +SKIP
    True
    """
    if not isinstance(name, str):
        raise type_refusal(f"name: found {type(name).__name__}, allowed a text")
    known = {one.name: one for one in experiments()}
    if name not in known:
        raise refusal(INVALID_ARGUMENT, f"name: found {name!r}, allowed {', '.join(known)}")
    options = structures.LabOptions()
    options.seeds = _options.integer("seeds", seeds)
    options.first_seed = _options.integer("first_seed", first_seed)
    raised: list[BaseException] = []

    def proceed(_user: Any, done: int, total: int) -> int:
        try:
            if progress is not None:
                progress(done, total)
        except BaseException as error:
            raised.append(error)
            return 1
        return 0

    # The structure keeps the function's address alone.
    options.progress = callback = structures.PROGRESS(proceed)
    handle = Handle("lab_result")
    status = library.trimtab_lab_run(name.encode(), ctypes.byref(options), ctypes.byref(handle.pointer))
    del callback
    if raised:
        raise raised[0]
    check(status)
    return _result(known[name], handle)


def _result(experiment: Experiment, handle: Handle) -> LabResult:
    report = structures.LabReport()
    check(library.trimtab_lab_result_report(handle.pointer, ctypes.byref(report)))
    return LabResult(
        experiment,
        report.seed_count,
        tuple(_measurement(handle, index) for index in range(report.measurement_count)),
        tuple(_expectation(handle, index) for index in range(report.expectation_count)),
        tuple(_curve(handle, index) for index in range(report.curve_count)),
    )


def _summary(found: structures.SeedSummary) -> SeedSummary:
    return SeedSummary(found.median, found.low, found.high, found.coverage)


def _measurement(handle: Handle, index: int) -> Measurement:
    found = structures.LabMeasurement()
    check(library.trimtab_lab_result_measurement(handle.pointer, index, ctypes.byref(found)))
    return Measurement(_text(found.arm), ROLES[found.role], _text(found.quantity), _summary(found.over_seeds))


def _expectation(handle: Handle, index: int) -> Expectation:
    found = structures.LabExpectation()
    check(library.trimtab_lab_result_expectation(handle.pointer, index, ctypes.byref(found)))
    return Expectation(
        _text(found.claim),
        found.bound,
        bool(found.is_lowest),
        found.measured,
        _summary(found.over_seeds),
        bool(found.is_held),
    )


def _curve(handle: Handle, index: int) -> Curve:
    arm, count = ctypes.c_char_p(), ctypes.c_int64()
    function = library.trimtab_lab_result_curve
    check(function(handle.pointer, index, ctypes.byref(arm), 0, None, None, ctypes.byref(count)))
    x, y = (ctypes.c_double * count.value)(), (ctypes.c_double * count.value)()
    check(function(handle.pointer, index, ctypes.byref(arm), count.value, x, y, ctypes.byref(count)))
    return Curve(_text(arm.value), list(x), list(y))
