"""Comparing reports field by field."""

from __future__ import annotations

from typing import Any

import pytest


def same(report: Any, other: Any, relative: float = 1e-12, absolute: float = 1e-300) -> None:
    """Counts and words are equal, measurements agree to `relative`."""
    first, second = report.as_dict(), other.as_dict()
    assert first.keys() == second.keys()
    for name, value in first.items():
        expected = pytest.approx(second[name], rel=relative, abs=absolute) if isinstance(value, float) else second[name]
        assert value == expected, name
