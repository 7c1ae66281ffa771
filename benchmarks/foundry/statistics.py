"""Shares with their intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """So many of so many, with the interval of Wilson at 95 %."""

    count: int
    total: int

    @property
    def value(self) -> float:
        return self.count / self.total if self.total else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        if not self.total:
            return math.nan, math.nan
        z, n, p = 1.959963984540054, self.total, self.value
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(middle - half, 0.0), min(middle + half, 1.0)

    def __str__(self) -> str:
        if not self.total:
            return "-"
        low, high = self.interval
        return f"{100 * self.value:.0f} [{100 * low:.0f}-{100 * high:.0f}]"


def share(hits: list[bool]) -> Share:
    """Of a list of answers."""
    return Share(sum(hits), len(hits))


@dataclass(frozen=True)
class Median:
    """The middle of some numbers, with the interval of order statistics that holds it with 95 % or more."""

    values: tuple[float, ...]

    @property
    def value(self) -> float:
        """The middle one, or the mean of the two; NaN for none."""
        ordered, half = sorted(self.values), len(self.values) // 2
        if not ordered:
            return math.nan
        return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2

    @property
    def interval(self) -> tuple[float, float]:
        """The k-th from below and from above, with the greatest k for which a binomial is below it with 2.5 % at most;
        all that there are where the numbers are too few for one."""
        ordered, n = sorted(self.values), len(self.values)
        if not ordered:
            return math.nan, math.nan
        below, k = 0.0, 0
        while k < n // 2 and below + math.comb(n, k) / 2**n <= 0.025:
            below += math.comb(n, k) / 2**n
            k += 1
        k = max(k, 1)
        return ordered[k - 1], ordered[n - k]

    def __str__(self) -> str:
        if not self.values:
            return "-"
        low, high = self.interval
        return f"{self.value:.0f} [{low:.0f} to {high:.0f}]"
