"""Is a function smooth, and what will an adaptive ODE solver pay for it?"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt

from . import _options, _words
from ._errors import SHAPE, check, refusal, type_refusal
from ._headers import smoothness as structures
from ._library import library
from ._report import Report, counted, number_text
from ._words import Cause, Outcome, Verdict

if TYPE_CHECKING:
    from typing_extensions import Unpack

Numbers = npt.NDArray[np.float64]
#: x of shape [n] to a number or an array of m.
Function = Callable[[Numbers], Any]
#: t and y of shape [n] to dy/dt, as `scipy.integrate.solve_ivp` takes it.
Field = Callable[[float, Numbers], Any]

ENDS = ("finished", "step underflow", "nonfinite", "evaluation limit")


class SmoothnessOptions(TypedDict, total=False):
    """How `probe` goes.

    segments                  32: segments between random points of the domain
    finest                    9: the finest step along a segment is 2^-finest of it, the coarsest 2^-3
    seed                      0: the same seed, the same segments
    rounding                  2^-52: relative error of one value; a greater one that is measured counts instead
    broken_slope              -0.5: slope below which a derivative is broken
    tolerance                 1e-6: of the solver that is tried on segments
    solver_segments           4: segments that it is tried on; 0: none
    critical_rejection_ratio  0.35: share of rejected steps that is critical for a function with kinks
    critical_cost             3: evaluations, over those of a smooth function, that are
    """

    segments: int
    finest: int
    seed: int
    rounding: float
    broken_slope: float
    tolerance: float
    solver_segments: int
    critical_rejection_ratio: float
    critical_cost: float


class SolverOptions(TypedDict, total=False):
    """How `solve` goes; the defaults are those of scipy.

    relative_tolerance        1e-3
    absolute_tolerance        1e-6
    first_step                0: chosen by the solver
    maximum_step              0: none
    maximum_evaluations       10000000, after which the solver gives up
    critical_rejection_ratio  0.35: share of rejected steps that is critical
    least_attempts            50: attempted steps below which that is not judged
    """

    relative_tolerance: float
    absolute_tolerance: float
    first_step: float
    maximum_step: float
    maximum_evaluations: int
    critical_rejection_ratio: float
    least_attempts: int


@dataclass(frozen=True, slots=True, repr=False)
class SmoothnessReport(Report):
    """How smooth a function is. Fields as in smoothness.h.

    broken_order       the least order of a derivative that jumps: 0, the function itself, to 3; 4: none to that order
    *_slope            of the p-th differences over the step, in logarithms; 0 where rounding covers them
    solver_*           what Dormand-Prince takes to integrate the function along segments at `tolerance`
    advised_tolerance  the tightest of 1e-2, 1e-3, ... at which no more steps are rejected than is allowed
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    broken_order: int
    segment_count: int
    evaluation_count: int
    nonfinite_count: int
    first_slope: float
    second_slope: float
    third_slope: float
    fourth_slope: float
    regularity: float
    finest_step: float
    lipschitz: float
    tolerance: float
    solver_evaluation_count: int
    solver_rejection_ratio: float
    solver_cost: float
    cost_exponent: float
    advised_tolerance: float
    measurement: float
    threshold: float
    rounding: float

    @property
    def slopes(self) -> tuple[float, float, float, float]:
        """Those of the first to the fourth differences."""
        return self.first_slope, self.second_slope, self.third_slope, self.fourth_slope

    def _headline(self) -> str:
        if self.outcome is not Outcome.OK:
            return f"no segment to judge, {counted(self.nonfinite_count, 'value')} not finite"
        order = self.broken_order
        what = "no derivative to the third jumps" if order > 3 else f"derivative {order} jumps"
        return (
            f"{what}, slopes {', '.join(number_text(one) for one in self.slopes)}; at {number_text(self.tolerance)} a "
            f"solver rejects {number_text(100 * self.solver_rejection_ratio)} % of its steps"
        )


class Kink(NamedTuple):
    """A place where the first derivative jumps.

    position  along the segment, 0 to 1
    width     how closely it is known
    jump      of the derivative along the segment per unit of length, the greatest over the outputs
    """

    position: float
    width: float
    jump: float


@dataclass(frozen=True, slots=True, repr=False)
class SolverReport(Report):
    """What an adaptive solver paid. Fields as in smoothness.h; `end` is one of `ENDS`."""

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    end: str
    evaluation_count: int
    accepted_count: int
    rejected_count: int
    search_count: int
    kink_count: int
    time: float
    minimum_step: float
    median_step: float
    rejection_ratio: float
    measurement: float
    threshold: float

    _conversions: ClassVar[dict[str, Any]] = {"end": lambda code, _: ENDS[code]}

    def _headline(self) -> str:
        return (
            f"{self.end} at {number_text(self.time)}: {counted(self.evaluation_count, 'evaluation')}, "
            f"{self.accepted_count} steps accepted, {self.rejected_count} rejected"
        )


class Solution(NamedTuple):
    """Where a solver arrived, what it paid, and the times of the kinks that steps were ended at."""

    state: Numbers
    report: SolverReport
    kinks: Numbers


class Kinks(tuple[Kink, ...]):
    """The kinks that were found, in the order of their positions, and what can be said of the search.

    outcome          "insufficient": some windows stand out, and rounding takes over before it shows whether they hold a
                     kink; "nonfinite": no value is finite; "degenerate": the segment is a point
    undecided_count  those windows, which are not among the kinks
    nonfinite_count  values on the grid that are NaN or Inf
    noise            what rounding makes of a second difference, as measured
    least_jump       a smaller jump of the slope is lost in it; a coarser resolution makes it less
    """

    outcome: Outcome
    undecided_count: int
    evaluation_count: int
    nonfinite_count: int
    noise: float
    least_jump: float

    @classmethod
    def _from_structures(cls, found: Iterable[structures.Kink], report: structures.KinkReport) -> Kinks:
        self = cls(Kink(one.position, one.width, one.jump) for one in found)
        self.outcome = _words.outcome(report.outcome)
        self.undecided_count, self.nonfinite_count = report.undecided_count, report.nonfinite_count
        self.evaluation_count = report.evaluation_count
        self.noise, self.least_jump = report.noise, report.least_jump
        return self

    def __repr__(self) -> str:
        if self.outcome in (Outcome.NONFINITE, Outcome.DEGENERATE):
            return f"Kinks: none, {self.outcome.value}"
        lines = [f"Kinks: {counted(len(self), 'kink')} whose slope jumps by {number_text(self.least_jump)} or more"]
        if self.undecided_count:
            lines.append(
                f"  {counted(self.undecided_count, 'window')} undecided ({self.outcome.value}): rounding covers them"
            )
        return "\n".join(lines + [f"  {kink}" for kink in self[:12]] + ["  ..."] * (len(self) > 12))


class _Callback:
    """A function as C calls it; what it raises is kept and raised again by `check`."""

    def __init__(self, name: str, function: Any, inputs: int, outputs: int, *, has_time: bool) -> None:
        self._name, self._function, self._inputs, self._outputs = name, function, inputs, outputs
        self.error: BaseException | None = None
        self.pointer = structures.FIELD(self._call) if has_time else structures.FUNCTION(self._call_without_time)

    def _call_without_time(self, _user: Any, x: Any, values: Any) -> int:
        return self._run((), x, values)

    def _call(self, _user: Any, time: float, y: Any, values: Any) -> int:
        return self._run((time,), y, values)

    def _run(self, before: tuple[float, ...], x: Any, values: Any) -> int:
        try:
            point = np.ctypeslib.as_array(x, (self._inputs,)).copy()
            found = _values(self._name, self._function(*before, point))
            if len(found) != self._outputs:
                raise refusal(SHAPE, f"{self._name}: found {len(found)} numbers returned, allowed {self._outputs}")
            np.ctypeslib.as_array(values, (self._outputs,))[:] = found
        except BaseException as error:
            self.error = error
            return 1
        return 0


def _values(name: str, found: Any) -> Numbers:
    try:
        # None would be NaN, and complex numbers lose their imaginary part.
        if found is None or np.iscomplexobj(found):
            raise TypeError
        return np.atleast_1d(np.asarray(found, dtype=np.float64)).ravel()
    except (TypeError, ValueError):
        raise type_refusal(f"{name}: found {type(found).__name__} returned, allowed numbers") from None


def _check(status: int, *callbacks: _Callback) -> None:
    for callback in callbacks:
        if status != 0 and callback.error is not None:
            raise callback.error
    check(status)


def _vector(name: str, given: Any) -> Numbers:
    try:
        found = np.atleast_1d(np.array(given, dtype=np.float64))
    except (TypeError, ValueError):
        raise type_refusal(f"{name}: found {type(given).__name__}, allowed numbers") from None
    if found.ndim != 1 or not found.size:
        raise refusal(SHAPE, f"{name}: found shape {found.shape}, allowed a vector of 1 number or more")
    return found


def _callable(name: str, function: Any) -> None:
    if not callable(function):
        raise type_refusal(f"{name}: found {type(function).__name__}, allowed a function")


def _pointer(numbers: Numbers) -> Any:
    return numbers.ctypes.data_as(ctypes.POINTER(ctypes.c_double))


def _ends(names: tuple[str, str], first: Any, second: Any) -> tuple[Numbers, Numbers]:
    a, b = _vector(names[0], first), _vector(names[1], second)
    if len(a) != len(b):
        raise refusal(SHAPE, f"{names[1]}: found {len(b)} numbers, allowed {len(a)} as in {names[0]}")
    return a, b


def _function(function: Function, low: Numbers, high: Numbers) -> _Callback:
    """The function as a callback; a first call says how many numbers it gives."""
    _callable("function", function)
    outputs = len(_values("function", function(0.5 * (low + high))))
    return _Callback("function", function, len(low), outputs, has_time=False)


def probe(function: Function, low: Any, high: Any, **options: Unpack[SmoothnessOptions]) -> SmoothnessReport:
    """How smooth a function is on random segments of a box, and what an adaptive solver will pay for it.

    function   takes x of shape [n], returns a number or an array; it is called once more than the report says
    low, high  numbers or [n] each: the box
    options    as in `SmoothnessOptions`

    Where the r-th derivative jumps, the slope of the p-th differences is r - p for p > r, and 0 for p <= r. NaN or Inf
    anywhere and a jump of the function are critical; a jump of the first derivative is a warning, critical where the
    solver pays too much, or rejects too much and pays half more than for a smooth function; one of the second a notice.
    Errors: ValueError, TypeError, and whatever the function raises.
    Cost: segments (2^finest + 1) calls, and the solver's. Source: definitions 10. Since 0.4.

    >>> probe(lambda x: abs(x - 0.3), -1, 1).broken_order
    1
    """
    bottom, top = _ends(("low", "high"), low, high)
    settings = _options.build(structures.SmoothnessOptions, options)
    callback = _function(function, bottom, top)
    report = structures.SmoothnessReport()
    status = library.trimtab_smoothness_probe(
        callback.pointer,
        None,
        len(bottom),
        callback._outputs,
        _pointer(bottom),
        _pointer(top),
        ctypes.byref(settings),
        ctypes.byref(report),
    )
    _check(status, callback)
    return SmoothnessReport._from_structure(report)


def kinks(function: Function, start: Any, end: Any, *, resolution: int = 1024) -> Kinks:
    """The places along a segment where the first derivative jumps, to 1e-12 of it or to where rounding takes over.

    The rounding is measured: of a function computed in float32 only what stands above it is claimed, and `outcome` says
    where that left something undecided.

    start, end  numbers or [n] each: the ends of the segment
    resolution  windows of the grid, 8 to 2^20: two kinks in one of them count as one

    Errors: ValueError, TypeError, and whatever the function raises.
    Cost: resolution + 320 calls, and about 100 a kink. Since 0.4.

    >>> [round(one.position, 9) for one in kinks(lambda x: abs(x - 0.3), 0, 1)]
    [0.3]
    """
    first, last = _ends(("start", "end"), start, end)
    windows = _options.integer("resolution", resolution)
    callback = _function(function, first, last)
    report = structures.KinkReport()
    # There are no more kinks than windows; what is wrong with their number is the library's to say.
    capacity = min(max(windows, 1), 1 << 20)
    found = (structures.Kink * capacity)()
    status = library.trimtab_kinks(
        callback.pointer,
        None,
        len(first),
        callback._outputs,
        _pointer(first),
        _pointer(last),
        windows,
        capacity,
        found,
        ctypes.byref(report),
    )
    _check(status, callback)
    return Kinks._from_structures(found[: report.count], report)


def solve(
    field: Field,
    start: float,
    end: float,
    initial: Any,
    *,
    guards: Field | None = None,
    stops: Any = (),
    **options: Unpack[SolverOptions],
) -> Solution:
    """Solves dy/dt = field(t, y) by Dormand-Prince, step by step as scipy's RK45: the counts are the same,
    as far as they do not hang on the last bit of the field (among many kinks, past 1e-9, or
    where a stiff field and not its accuracy bounds the step, scipy's own do).

    initial  [n] y at start
    guards   numbers that change their sign where the field has a kink, as a function of t and y: steps end there
    stops    times between start and end, in their order, at which a step ends: the kinks, where they are known
    options  as in `SolverOptions`

    A pole, NaN or too many evaluations end it early: `report.end` says so, and `state` is that of `report.time`.
    Errors: ValueError, TypeError, and whatever the functions raise. Since 0.4.

    >>> import math
    >>> solution = solve(lambda t, y: -y, 0, 1, [1.0], relative_tolerance=1e-8)
    >>> bool(abs(solution.state[0] - math.exp(-1)) < 1e-5)
    True
    """
    _callable("field", field)
    state = _vector("initial", initial)
    begin, bound = _options.number("start", start), _options.number("end", end)
    settings = _options.build(structures.SolverOptions, options)
    times = np.zeros(0) if not np.size(stops) else _vector("stops", stops)
    settings.stops, settings.stop_count = _pointer(times), len(times)
    callback = _Callback("field", field, len(state), len(state), has_time=True)
    report = structures.SolverReport()
    if guards is None:
        status = library.trimtab_solve(
            callback.pointer,
            None,
            begin,
            bound,
            len(state),
            _pointer(state),
            ctypes.byref(settings),
            _pointer(state),
            ctypes.byref(report),
        )
        _check(status, callback)
        return Solution(state, SolverReport._from_structure(report), np.zeros(0))
    return _solve_to_kinks(callback, guards, (begin, bound), state, settings)


def _solve_to_kinks(
    field: _Callback, guards: Field, times: tuple[float, float], state: Numbers, settings: structures.SolverOptions
) -> Solution:
    _callable("guards", guards)
    width = len(_values("guards", guards(times[0], state.copy())))
    watched = _Callback("guards", guards, len(state), width, has_time=True)
    report = structures.SolverReport()
    # A kink takes an attempt, and an attempt six evaluations.
    found = np.full(
        min(settings.maximum_evaluations // 6 + 1, 1 << 20) if settings.maximum_evaluations > 0 else 1, math.nan
    )
    status = library.trimtab_solve_to_kinks(
        field.pointer,
        watched.pointer,
        None,
        *times,
        len(state),
        width,
        _pointer(state),
        ctypes.byref(settings),
        len(found),
        _pointer(found),
        _pointer(state),
        ctypes.byref(report),
    )
    _check(status, field, watched)
    return Solution(state, SolverReport._from_structure(report), found[: report.kink_count].copy())
