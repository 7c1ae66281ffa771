"""Times several ways of doing one job in turn, so that a drifting machine drifts for all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds of one contender over the rounds of a job."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def least(self) -> float:
        return min(self.seconds)


def race(contenders: dict[str, Callable[[], object]], rounds: int = 7) -> dict[str, Timing]:
    """Runs every contender once to warm up, then `rounds` times in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for body in contenders.values():
        body()
    for _ in range(rounds):
        for name, body in contenders.items():
            start = time.perf_counter()
            body()
            seconds[name].append(time.perf_counter() - start)
    return {name: Timing(name, tuple(values)) for name, values in seconds.items()}


def spell(seconds: float) -> str:
    """Seconds in a unit that suits them."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.1f} us"
    if seconds < 1:
        return f"{seconds * 1e3:.1f} ms"
    return f"{seconds:.2f} s"


def paired_ratio(slower: Timing, faster: Timing) -> float:
    """The median over the rounds of slower / faster, each round paired with itself."""
    return statistics.median(a / b for a, b in zip(slower.seconds, faster.seconds, strict=True))
