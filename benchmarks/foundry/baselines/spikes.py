"""Rules on the loss or the gradient norm that large trainers use: llm-foundry, OLMo, Megatron, Lightning, ZClip.

Written after the cited logic, blindness after a NaN included: that is how they behave.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from . import Alarm

if TYPE_CHECKING:
    from ..trace import Trace

_CAUSES = ("bad_batch", "learning_rate_too_high", "divergence")


def llm_foundry(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """KillLossSpike: a loss of twice the mean of the last 100 (5 % of the run at least) for more than four steps, or
    half of the window above the cap min(10, the greatest of the first window)."""
    window = max(int(0.05 * trace.steps), 20)
    past: deque[float] = deque(maxlen=window)
    outliers, cap = 0, math.inf
    for step, loss in enumerate(trace.loss):
        if len(past) == window:
            if step == window:
                cap = min(10.0 * strictness, max(past))
            mean = sum(past) / window
            outliers = outliers + 1 if loss >= 2 * strictness * mean else 0
            if outliers > 4:
                return [Alarm(step, "KillLossSpike", _CAUSES)]
            if sum(value > cap for value in past) >= window // 2:
                return [Alarm(step, "high_loss", _CAUSES)]
        past.append(float(loss))
    return []


def olmo(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """SkipStep: the loss or the gradient norm above the mean plus six deviations of the last 128, from 64 on."""
    for values, rule in ((trace.loss, "loss"), (trace.global_norm, "norm")):
        for step in range(64, trace.steps):
            past = values[max(0, step - 128) : step]
            with np.errstate(invalid="ignore"):
                limit = past.mean() + 6 * strictness * past.std(ddof=1)
            if not values[step] <= limit:
                return [Alarm(step, f"SkipStep {rule}", _CAUSES)]
    return []


def megatron(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """NaN and Inf; ten times the greatest of the first 100 values."""
    bad = np.flatnonzero(~np.isfinite(trace.loss) | ~np.isfinite(trace.global_norm))
    if len(bad):
        return [Alarm(int(bad[0]), "nan", ("nonfinite_loss", "nonfinite_gradient"))]
    if trace.steps <= 100:
        return []
    large = np.flatnonzero(trace.loss[100:] >= 10 * strictness * np.max(np.abs(trace.loss[:100])))
    return [Alarm(100 + int(large[0]), "unexpectedly_large", _CAUSES)] if len(large) else []


def lightning(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """SpikeDetection: above the last, and farther from the mean of ten than twice that mean; not finite."""
    past: deque[float] = deque(maxlen=10)
    last = math.inf
    for step, loss in enumerate(trace.loss):
        if not math.isfinite(loss):
            return [Alarm(step, "SpikeDetection", ("nonfinite_loss",))]
        if past:
            mean = sum(past) / len(past)
            if loss > last and abs(loss - mean) >= 2 * strictness * mean:
                return [Alarm(step, "SpikeDetection", _CAUSES)]
        past.append(float(loss))
        last = float(loss)
    return []


def zclip(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """A gradient norm that it would clip: z above 2.5 of an exponential mean (0.97) after 25 steps."""
    norms = trace.global_norm
    if trace.steps <= 25:
        return []
    mean, variance = float(norms[:25].mean()), float(norms[:25].var())
    for step in range(25, trace.steps):
        norm, limit = float(norms[step]), 2.5 * strictness
        z = (norm - mean) / (math.sqrt(variance) + 1e-6) if variance >= 0 else math.nan
        if z > limit:
            return [Alarm(step, "ZClip", _CAUSES)]
        mean = 0.97 * mean + 0.03 * norm
        variance = 0.97 * variance + 0.03 * (norm - mean) ** 2
    return []
