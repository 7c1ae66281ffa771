"""What all reports have in common."""

from __future__ import annotations

import ctypes
import math
from dataclasses import fields
from typing import Any, ClassVar, TypeVar

import numpy as np

from . import _words
from ._words import Cause, Outcome, Verdict

_Self = TypeVar("_Self", bound="Report")


def number_text(value: float) -> str:
    """A number as people read it: four digits."""
    return f"{value:.4g}"


def counted(count: int, noun: str) -> str:
    """A count and what it counts: "1 row", "2 rows"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def json_ready(value: Any) -> Any:
    """`value` as JSON can hold it: an infinite or NaN float is "inf", "-inf" or "nan", which `float` reads back."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return number if math.isfinite(number) else str(number)
    if isinstance(value, np.ndarray):
        return [json_ready(element) for element in value.tolist()]
    if isinstance(value, (tuple, list)):
        return [json_ready(element) for element in value]
    return value


class Report:
    """A frozen record whose fields are those of the C report, by the same names."""

    __slots__ = ()
    #: How a field is made from the structure's; by default it is taken as it stands.
    _conversions: ClassVar[dict[str, Any]] = {}
    #: Fields that `as_dict` leaves out.
    _unlisted: ClassVar[frozenset[str]] = frozenset()

    outcome: Outcome
    verdict: Verdict
    cause: Cause

    @classmethod
    def _from_structure(cls: type[_Self], structure: ctypes.Structure, **more: Any) -> _Self:
        values = dict(more)
        for field in fields(cls):  # type: ignore[arg-type]
            if field.name in values:
                continue
            convert = cls._conversions.get(field.name) or _CONVERSIONS.get(field.name)
            value = getattr(structure, field.name)
            if isinstance(value, float) and math.isnan(value):
                value = math.nan  # One object, which equals itself in a comparison of records.
            values[field.name] = value if convert is None else convert(value, structure)
        return cls(**values)

    @property
    def cause_text(self) -> str:
        """One sentence that says what the likely cause is; empty without a cause."""
        return self.cause.text

    @property
    def cure(self) -> str:
        """One sentence that says what cures it; empty where nothing needs curing."""
        return self.cause.cure

    @property
    def check(self) -> str:
        """One sentence that says how to check that this is the cause; empty without a cause."""
        return self.cause.check

    def as_dict(self) -> dict[str, Any]:
        """The fields, ready for `json.dumps`: infinite and NaN numbers are the strings "inf", "-inf" and "nan", which
        `float` reads back.
        """
        listed = (field.name for field in fields(self) if field.name not in self._unlisted)  # type: ignore[arg-type]
        return {name: json_ready(getattr(self, name)) for name in listed}

    def _headline(self) -> str:
        raise NotImplementedError

    def __repr__(self) -> str:
        judged = self.verdict.value if self.outcome is Outcome.OK else f"{self.verdict.value}, {self.outcome.value}"
        lines = [f"{type(self).__name__}: {judged}: {self._headline()}"]
        if self.cause is not Cause.NONE:
            lines.append(f"  cause {self.cause.value}: {self.cause_text}")
            lines += [f"  {word}: {text}" for word, text in (("cure", self.cure), ("check", self.check)) if text]
        return "\n".join(lines)


_CONVERSIONS: dict[str, Any] = {
    "outcome": lambda code, _: _words.outcome(code),
    "verdict": lambda code, _: _words.verdict(code),
    "cause": lambda code, _: _words.cause(code),
}
