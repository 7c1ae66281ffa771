"""Does a series (loss, gradient norm, ...) spike, shift, drift, diverge or stand still?"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

from . import _options
from . import _structures as structures
from ._errors import check
from ._handle import Accumulator
from ._library import library
from ._report import json_ready, number_text
from ._words import Outcome, Verdict, outcome, verdict

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class DetectorOptions(TypedDict, total=False):
    """Options of `Detector`, beside its kind.

    direction                 "up", "down" or "both": which way the series must move
    scale                     "automatic": "logarithmic" while the series is positive, else "linear"
    warm_up                   25 steps at least before the baseline is trusted
    confirmation              0: consecutive steps before an alarm; by kind 3 for vanishing and unchanged, else 1
    patience                  0: by kind, divergence 50 steps above sustained_ratio, plateau 10 without improvement
    false_alarms_per_million  1: at most so many alarms in a million healthy steps
    hysteresis                0.8: an alarm goes on while the score is above this share of the threshold
    divergence_ratio          4: divergence at once, smoothed value over its best
    sustained_ratio           2: divergence after `patience` steps
    plateau_tolerance         1e-4: an improvement is better than the best by this share of it
    oscillation_rate          0.8 turning points a step; raised to what noise does not reach
    vanishing_magnitude       1e-7
    unchanged_tolerance       1e-5 of the value that the run began with
    """

    direction: str
    scale: str
    warm_up: int
    confirmation: int
    patience: int
    false_alarms_per_million: float
    hysteresis: float
    divergence_ratio: float
    sustained_ratio: float
    plateau_tolerance: float
    oscillation_rate: float
    vanishing_magnitude: float
    unchanged_tolerance: float


class DetectorState(str, Enum):
    """Where a detector stands."""

    #: The baseline is being learnt; only an enormous jump is an alarm.
    WARMING_UP = "warming_up"
    QUIET = "quiet"
    #: An alarm begins at this step.
    ALARM = "alarm"
    CONTINUING_ALARM = "continuing_alarm"
    #: It ended at this step.
    RECOVERED = "recovered"

    def __str__(self) -> str:
        return str(self.value)


_STATES = tuple(DetectorState)


@dataclass(frozen=True, slots=True, repr=False)
class DetectorResult:
    """The answer to one step. Fields as in detector.h."""

    outcome: Outcome
    verdict: Verdict
    state: DetectorState
    kind: str
    scale: str
    value: float
    score: float
    threshold: float
    baseline: float
    spread: float
    step_count: int
    nonfinite_count: int
    alarm_count: int
    first_alarm_step: int
    consecutive_steps: int

    @classmethod
    def _from_structure(cls, structure: structures.DetectorResult) -> DetectorResult:
        values = {name: getattr(structure, name) for name in cls.__slots__}
        values["outcome"] = outcome(structure.outcome)
        values["verdict"] = verdict(structure.verdict)
        values["state"] = _STATES[structure.state]
        values["kind"] = _options.DETECTOR_KINDS[structure.kind]
        values["scale"] = _options.DETECTOR_SCALES[structure.scale]
        return cls(**values)

    @property
    def is_alarm(self) -> bool:
        """Whether an alarm begins or goes on at this step."""
        return self.state in (DetectorState.ALARM, DetectorState.CONTINUING_ALARM)

    def __bool__(self) -> bool:
        return self.is_alarm

    def as_dict(self) -> dict[str, Any]:
        """The fields, ready for `json.dumps`: infinite and NaN numbers are the strings "inf", "-inf" and "nan"."""
        return {name: json_ready(getattr(self, name)) for name in self.__slots__}

    def __repr__(self) -> str:
        numbers = f"value {number_text(self.value)}, baseline {number_text(self.baseline)}"
        held = f"score {number_text(self.score)} against {number_text(self.threshold)}"
        counts = f"step {self.step_count - 1}, {self.alarm_count} alarms"
        return f"DetectorResult: {self.kind}: {self.state}: {numbers}, {held}; {counts}"


class Detector(Accumulator):
    """Watches one series, step by step, in constant memory.

    kind     "spike", "level_shift", "drift", "divergence", "plateau", "oscillation", "vanishing", "unchanged" or
             "nonfinite"
    options  as in `DetectorOptions`

    The threshold is a promise: at most `false_alarms_per_million` alarms in a million healthy steps. NaN and Inf are
    counted and reach no baseline. Errors: ValueError, TypeError for an option. Since 0.1.

    >>> detector = Detector("spike")
    >>> results = [detector.add(1 + 0.01 * (step % 7)) for step in range(300)]
    >>> any(results), detector.add(25.0).state.value
    (False, 'alarm')
    """

    _kind: ClassVar[str] = "detector"

    def __init__(self, kind: str = "spike", **options: Unpack[DetectorOptions]) -> None:
        super().__init__()
        self._create(_options.build(structures.DetectorOptions, {"kind": kind, **options}))

    def add(self, value: float) -> DetectorResult:
        """Takes the value of the next step and says where the detector stands. Errors: TypeError."""
        number = _options.number("value", value)
        result = structures.DetectorResult()
        with self._lock:
            check(library.trimtab_detector_add(self._pointer(), number, ctypes.byref(result)))
        return DetectorResult._from_structure(result)

    def add_all(self, values: Iterable[float]) -> list[DetectorResult]:
        """Takes a series and gives the steps at which an alarm began."""
        results = (self.add(value) for value in values)
        return [result for result in results if result.state is DetectorState.ALARM]

    def reset(self) -> Self:
        """Starts the baseline anew, after a restore or a restart of the learning rate, and returns self."""
        with self._lock:
            check(library.trimtab_detector_reset(self._pointer()))
        return self

    def report(self) -> DetectorResult:
        """The answer to the last step again; changes nothing."""
        result = structures.DetectorResult()
        with self._lock:
            check(library.trimtab_detector_report(self._pointer(), ctypes.byref(result)))
        return DetectorResult._from_structure(result)

    def merge(self, other: Any) -> Any:
        """Refused: a series has one order; merge the values of a step before they come here."""
        raise TypeError("merge: found a detector, allowed accumulators: merge the values of a step before adding them")

    def __repr__(self) -> str:
        return "Detector(closed)" if self._handle is None else f"Detector({self.report()!r})"
