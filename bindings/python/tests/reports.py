"""Comparing reports field by field."""

from __future__ import annotations

from typing import Any

import pytest


def same(report: Any, other: Any, relative: float = 1e-12, absolute: float = 1e-300) -> None:
    """Counts and words are equal, measurements agree to `relative`."""
    first, second = report.as_dict(), other.as_dict()
    assert first.keys() == second.keys()
    for name, value in first.items():
        other_value = second[name]
        is_measured = isinstance(value, float) or (isinstance(value, list) and any(isinstance(x, float) for x in value))
        assert value == (pytest.approx(other_value, rel=relative, abs=absolute) if is_measured else other_value), name
