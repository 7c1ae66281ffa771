"""Compares two texts word by word: numbers with a point or an exponent within 1e-9 relative, all else exactly. Prints what differs."""

from __future__ import annotations

import math
import sys
from pathlib import Path

TOLERANCE = 1e-9


def alike(first: str, second: str) -> bool:
    if first == second:
        return True
    if not any(mark in first + second for mark in ".e"):
        return False
    try:
        return math.isclose(float(first), float(second), rel_tol=TOLERANCE, abs_tol=1e-15)
    except ValueError:
        return False


def main() -> int:
    first, second = (Path(name).read_text().splitlines() for name in sys.argv[1:3])
    differences = 0 if len(first) == len(second) else 1
    for left, right in zip(first, second):
        words = list(zip(left.split(), right.split()))
        if len(left.split()) != len(right.split()) or not all(alike(a, b) for a, b in words):
            differences += 1
            print(f"  {' '.join(f'{a}|{b}' for a, b in words if not alike(a, b))} in: {left[:60]}")
    return 1 if differences else 0


sys.exit(main())
