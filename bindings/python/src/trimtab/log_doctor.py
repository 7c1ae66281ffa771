"""What does the log of a training run say went wrong?"""

from __future__ import annotations

import ctypes
import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

import numpy as np
import numpy.typing as npt

from . import _handle, _options, _words
from ._errors import SHAPE, check, refusal, type_refusal
from ._handle import Handle
from ._headers import log_doctor as structures
from ._library import library
from ._report import Report, counted, json_ready, number_text
from ._words import Cause, Outcome, Verdict

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

COLUMNS = ("loss", "validation_loss", "gradient_norm", "learning_rate", "loss_scale")
_CHECK_COUNT = 18
_CHECK_OUTCOMES = ("ran", "missing_column", "too_few_rows", "not_applicable")


class LogDoctorOptions(TypedDict, total=False):
    """Options of `check_log` and `LogDoctor`.

    false_alarms_per_million  1: of the spike, level-shift and oscillation detectors, in a million healthy rows
    rise_size                 3: standard deviations of the loss that a lasting rise takes to be a warning
    recovery_rows             100: rows after which a high spike that has not come back is a warning
    class_count               0: not known; else the vocabulary: a loss of its logarithm is that of a fresh start
    """

    false_alarms_per_million: float
    rise_size: float
    recovery_rows: int
    class_count: int


@dataclass(frozen=True, slots=True)
class LogExtremes:
    """The first, least, greatest and last finite value of a column, and their steps; NaN where there is none."""

    count: int
    nonfinite_count: int
    first: float
    least: float
    greatest: float
    last: float
    first_step: int
    least_step: int
    greatest_step: int
    last_step: int


@dataclass(frozen=True, slots=True, repr=False)
class LogFinding:
    """One thing that the log says. Fields as in log_doctor.h; `check` and `quantity` are words."""

    check: str
    quantity: str
    verdict: Verdict
    cause: Cause
    is_standing: bool
    first_step: int
    last_step: int
    worst_step: int
    count: int
    value: float
    baseline: float
    size: float
    noise: float
    threshold: float
    confidence: float

    @property
    def cause_text(self) -> str:
        """One sentence that says what the likely cause is."""
        return self.cause.text

    @property
    def cure(self) -> str:
        """One sentence that says what cures it."""
        return self.cause.cure

    @property
    def how_to_check(self) -> str:
        """One sentence that says how to check that this is the cause."""
        return self.cause.check

    def as_dict(self) -> dict[str, Any]:
        """The fields, ready for `json.dumps`."""
        return {name: json_ready(getattr(self, name)) for name in self.__slots__}

    def __repr__(self) -> str:
        steps = f"step {self.first_step}" + (f" to {self.last_step}" if self.last_step != self.first_step else "")
        numbers = f"{number_text(self.value)} at {self.worst_step} against {number_text(self.baseline)}"
        return f"LogFinding: {self.verdict}: {self.check} of {self.quantity}, {steps}: {numbers} ({self.cause})"


@dataclass(frozen=True, slots=True)
class LogCheckState:
    """What became of one check: `outcome` is "ran", "missing_column", "too_few_rows" or "not_applicable"."""

    check: str
    outcome: str
    quantity: str
    row_count: int
    least_row_count: int

    def __str__(self) -> str:
        if self.outcome == "missing_column":
            return f"{self.check}: no {self.quantity} in the log"
        if self.outcome == "too_few_rows":
            return f"{self.check}: {counted(self.row_count, 'row')} of {self.quantity}, it takes {self.least_row_count}"
        return f"{self.check}: {self.outcome}"


@dataclass(frozen=True, slots=True, repr=False)
class LogReport(Report):
    """What a log says. Fields as in log_doctor.h.

    findings  the most important first
    checks    every check, and whether it ran
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    row_count: int
    first_step: int
    last_step: int
    finding_count: int
    left_out_finding_count: int
    ran_count: int
    loss: LogExtremes
    validation_loss: LogExtremes
    gradient_norm: LogExtremes
    learning_rate: LogExtremes
    loss_scale: LogExtremes
    noise: float
    findings: tuple[LogFinding, ...]
    checks: tuple[LogCheckState, ...]

    _conversions: ClassVar[dict[str, Any]] = {
        name: lambda value, _: LogExtremes(*(_one_nan(getattr(value, field)) for field, *_ in value._fields_))
        for name in COLUMNS
    }
    _unlisted: ClassVar[frozenset[str]] = frozenset((*COLUMNS, "findings", "checks"))

    @property
    def not_checked(self) -> tuple[LogCheckState, ...]:
        """The checks that did not run, and why."""
        return tuple(state for state in self.checks if state.outcome != "ran")

    def as_dict(self) -> dict[str, Any]:
        """The fields, ready for `json.dumps`."""
        fields = Report.as_dict(self)
        for name in COLUMNS:
            extremes = getattr(self, name)
            fields[name] = {field: json_ready(getattr(extremes, field)) for field in LogExtremes.__slots__}
        fields["findings"] = [finding.as_dict() for finding in self.findings]
        fields["checks"] = [{name: getattr(state, name) for name in LogCheckState.__slots__} for state in self.checks]
        return fields

    def _headline(self) -> str:
        found = counted(self.finding_count, "finding")
        first = f", first {self.findings[0]!r}" if self.findings else ""
        return f"{counted(self.row_count, 'row')}, steps {self.first_step} to {self.last_step}: {found}{first}"


class LogDoctor:
    """Reads a training log row by row, in constant memory; `report` says what went wrong so far.

    Safe to share between Python threads: a lock is held for each call. Errors: ValueError, TypeError for an option.
    Since 0.5.

    >>> doctor = LogDoctor()
    >>> for step in range(40):
    ...     doctor.add(step, loss=2 / (1 + step) if step < 30 else float("nan"))
    >>> doctor.report().findings[0].check
    'nonfinite'
    """

    def __init__(self, **options: Unpack[LogDoctorOptions]) -> None:
        self._lock = threading.RLock()
        built = _options.build(structures.LogDoctorOptions, options)
        self._handle: Handle | None = Handle("log_doctor")
        check(library.trimtab_log_doctor_create(ctypes.byref(built), ctypes.byref(self._handle.pointer)))

    def add(
        self,
        step: int,
        *,
        loss: float | None = None,
        validation_loss: float | None = None,
        gradient_norm: float | None = None,
        learning_rate: float | None = None,
        loss_scale: float | None = None,
    ) -> None:
        """Takes a row; None for what it does not say. Errors: TypeError."""
        row = structures.LogRows()
        row.count = 1
        row.steps = ctypes.pointer(ctypes.c_int64(_options.integer("step", step)))
        values = (loss, validation_loss, gradient_norm, learning_rate, loss_scale)
        for name, value in zip(COLUMNS, values, strict=True):
            if value is not None:
                setattr(row, name, ctypes.pointer(ctypes.c_double(_options.number(name, value))))
        self._take(row)

    def add_rows(
        self,
        *,
        steps: Any = None,
        loss: Any = None,
        validation_loss: Any = None,
        gradient_norm: Any = None,
        learning_rate: Any = None,
        loss_scale: Any = None,
    ) -> None:
        """Takes arrays of one length, as `check_log` does. Errors: ValueError for their shapes, TypeError."""
        given = (loss, validation_loss, gradient_norm, learning_rate, loss_scale)
        columns: dict[str, tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_] | None]] = {}
        for name, value in zip(COLUMNS, given, strict=True):
            if value is not None:
                columns[name] = _column(name, value)
        lengths = {name: len(values) for name, (values, _) in columns.items()}
        numbered = None if steps is None else _steps(steps)
        if numbered is not None:
            lengths["steps"] = len(numbered)
        if len(set(lengths.values())) > 1:
            found = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise refusal(SHAPE, f"columns: found lengths {found}, allowed one length")
        rows = structures.LogRows()
        rows.count = next(iter(lengths.values()), 0)
        present = np.full(rows.count, 0xFF, np.uint8)
        for name, (values, missing) in columns.items():
            setattr(rows, name, values.ctypes.data_as(ctypes.POINTER(ctypes.c_double)))
            if missing is not None:
                present[missing] &= np.uint8(0xFF ^ (1 << COLUMNS.index(name)))
        if numbered is not None:
            rows.steps = numbered.ctypes.data_as(ctypes.POINTER(ctypes.c_int64))
        rows.present = present.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
        self._take(rows)

    def _take(self, rows: structures.LogRows) -> None:
        with self._lock:
            check(library.trimtab_log_doctor_add(self._pointer(), ctypes.byref(rows)))

    def report(self) -> LogReport:
        """Judges what was taken so far; rows may follow."""
        with self._lock:
            found = structures.LogReport()
            check(library.trimtab_log_doctor_finish(self._pointer(), ctypes.byref(found)))
            findings = tuple(self._finding(index) for index in range(found.finding_count))
            checks = tuple(self._state(index) for index in range(_CHECK_COUNT))
            return LogReport._from_structure(found, findings=findings, checks=checks)

    def _finding(self, index: int) -> LogFinding:
        found = structures.LogFinding()
        check(library.trimtab_log_doctor_finding(self._pointer(), index, ctypes.byref(found)))
        values = {name: _one_nan(getattr(found, name)) for name in LogFinding.__slots__}
        values["check"] = library.trimtab_log_check_name(found.check).decode()
        values["quantity"] = library.trimtab_log_quantity_name(found.quantity).decode()
        values["verdict"] = _words.verdict(found.verdict)
        values["cause"] = _words.cause(found.cause)
        values["is_standing"] = found.is_standing != 0
        return LogFinding(**values)

    def _state(self, index: int) -> LogCheckState:
        state = structures.LogCheckState()
        check(library.trimtab_log_doctor_check(self._pointer(), index, ctypes.byref(state)))
        return LogCheckState(
            library.trimtab_log_check_name(state.check).decode(),
            _CHECK_OUTCOMES[state.outcome],
            library.trimtab_log_quantity_name(state.quantity).decode(),
            state.row_count,
            state.least_row_count,
        )

    def _pointer(self) -> Any:
        if self._handle is None:
            raise refusal(SHAPE, "log doctor: found closed, allowed an open one")
        return self._handle.pointer

    def save(self) -> bytes:
        """The state as portable bytes with a checksum; `load` continues from it bit for bit."""
        with self._lock:
            self._pointer()
            assert self._handle is not None
            return _handle.save("log_doctor", self._handle)

    @classmethod
    def load(cls, state: bytes | bytearray | memoryview) -> Self:
        """Continues from what `save` gave, options included.

        Errors: ValueError for bytes that are truncated or corrupt, of another kind, or of a newer version, TypeError.
        """
        made = cls.__new__(cls)
        made._lock = threading.RLock()
        made._handle = _handle.load("log_doctor", state)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).load, (self.save(),)

    def close(self) -> None:
        """Frees the memory; a second time does nothing."""
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def check_log(
    *,
    steps: Any = None,
    loss: Any = None,
    validation_loss: Any = None,
    gradient_norm: Any = None,
    learning_rate: Any = None,
    loss_scale: Any = None,
    **options: Unpack[LogDoctorOptions],
) -> LogReport:
    """What the log of a training run says went wrong.

    steps            [n] integers in the log's own order; None: the rows are numbered from 0 on
    loss             [n]; NaN and Inf are values, and count as such
    validation_loss  [n]; NaN is taken for "no evaluation in this row" where most rows have none and some do
    gradient_norm    [n], before clipping
    learning_rate    [n]
    loss_scale       [n] of dynamic loss scaling

    None in a list, and what is masked in a masked array, is missing. Errors: ValueError for shapes and options,
    TypeError. Complexity: about a microsecond a row. Since 0.5.

    >>> report = check_log(loss=[2.0 - 0.01 * step for step in range(50)] + [float("nan")] * 10)
    >>> report.verdict.value, report.findings[0].first_step
    ('critical', 50)
    """
    with LogDoctor(**options) as doctor:
        doctor.add_rows(
            steps=steps,
            loss=loss,
            validation_loss=validation_loss,
            gradient_norm=gradient_norm,
            learning_rate=learning_rate,
            loss_scale=loss_scale,
        )
        return doctor.report()


def _one_nan(value: Any) -> Any:
    """NaN as the one object that equals itself in a comparison of records."""
    return math.nan if isinstance(value, float) and math.isnan(value) else value


def _column(name: str, values: Any) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_] | None]:
    """A column's numbers, and which of them are missing."""
    missing: npt.NDArray[np.bool_] | None = None
    if isinstance(values, np.ma.MaskedArray):
        missing = np.ma.getmaskarray(values)
        values = values.filled(np.nan)
    elif isinstance(values, (list, tuple)) and any(value is None for value in values):
        missing = np.array([value is None for value in values])
        values = [np.nan if value is None else value for value in values]
    try:
        column = np.ascontiguousarray(values, np.float64)
    except (TypeError, ValueError):
        raise type_refusal(f"{name}: found {type(values).__name__}, allowed an array of numbers") from None
    if column.ndim != 1:
        raise refusal(SHAPE, f"{name}: found {column.ndim} axes, allowed 1")
    if name == "validation_loss" and missing is None:
        absent = np.isnan(column)
        if 2 * np.count_nonzero(absent) >= len(column) and not absent.all():
            missing = absent
    return column, missing


def _steps(values: Any) -> npt.NDArray[np.int64]:
    try:
        steps = np.asarray(values)
        with np.errstate(invalid="ignore"):
            whole = steps.astype(np.int64, casting="unsafe")
        if steps.ndim != 1 or steps.dtype.kind not in "iuf" or not np.array_equal(whole, steps):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise type_refusal("steps: found what is no array of integers, allowed one axis of integers") from None
    return np.ascontiguousarray(whole)
