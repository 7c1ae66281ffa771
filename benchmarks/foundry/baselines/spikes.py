"""Rules on the loss or the gradient norm that large trainers use: llm-foundry, OLMo, Megatron, Lightning, ZClip.

Written after the cited logic, blindness after a NaN included: that is how they behave.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from . import Alarm, first

if TYPE_CHECKING:
    from ..trace import Trace

_CAUSES = ("bad_batch", "learning_rate_too_high", "divergence")


def llm_foundry(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """KillLossSpike: a loss of twice the mean of a window for more than four steps, or half of the window above the cap
    min(10, the greatest of the first window).

    The published window is 100 steps, or 5 % of the run where that is more. Runs of 150 would not have been judged at
    all: here it is 20.
    """
    window = max(int(0.05 * trace.steps), 20)
    past: deque[float] = deque(maxlen=window)
    outliers, cap = 0, math.inf
    spikes, high = np.zeros(trace.steps, dtype=bool), np.zeros(trace.steps, dtype=bool)
    for step, loss in enumerate(trace.loss):
        if len(past) == window:
            if step == window:
                cap = min(10.0 * strictness, max(past))
            mean = sum(past) / window
            outliers = outliers + 1 if loss >= 2 * strictness * mean else 0
            spikes[step] = outliers > 4
            high[step] = sum(value > cap for value in past) >= window // 2
        past.append(float(loss))
    return _in_order(first(spikes, "KillLossSpike", *_CAUSES) + first(high, "high_loss", *_CAUSES))


def olmo(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """SkipStep: the loss or the gradient norm above the mean plus six deviations of the last 128, from 64 on."""
    alarms: list[Alarm] = []
    for values, rule in ((trace.loss, "loss"), (trace.global_norm, "norm")):
        skipped = np.zeros(trace.steps, dtype=bool)
        for step in range(64, trace.steps):
            past = values[max(0, step - 128) : step]
            with np.errstate(invalid="ignore"):
                limit = past.mean() + 6 * strictness * past.std(ddof=1)
            skipped[step] = not values[step] <= limit
        alarms += first(skipped, f"SkipStep {rule}", *_CAUSES)
    return _in_order(alarms)


def megatron(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """NaN and Inf; ten times the greatest of the first 100 values."""
    bad = ~np.isfinite(trace.loss) | ~np.isfinite(trace.global_norm)
    alarms = first(bad, "nan", "nonfinite_loss", "nonfinite_gradient")
    if trace.steps > 100:
        large = np.zeros(trace.steps, dtype=bool)
        large[100:] = trace.loss[100:] >= 10 * strictness * np.max(np.abs(trace.loss[:100]))
        alarms += first(large, "unexpectedly_large", *_CAUSES)
    return _in_order(alarms)


def lightning(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """SpikeDetection: above the last, and farther from the mean of ten than twice that mean; not finite."""
    past: deque[float] = deque(maxlen=10)
    last = math.inf
    spikes, nonfinite = np.zeros(trace.steps, dtype=bool), ~np.isfinite(trace.loss)
    for step in np.flatnonzero(~nonfinite):
        loss = float(trace.loss[step])
        mean = sum(past) / max(len(past), 1)
        spikes[step] = bool(past) and loss > last and abs(loss - mean) >= abs(2 * strictness * mean)
        if not spikes[step]:
            past.append(loss)
            last = loss
    alarms = first(nonfinite, "SpikeDetection", "nonfinite_loss") + first(spikes, "SpikeDetection", *_CAUSES)
    return _in_order(alarms)


def zclip(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """A gradient norm that it would clip: z above 2.5 of an exponential mean (0.97) after 25 steps.

    The mean takes what is left of a clipped norm: the limit's square over z, in deviations above it.
    """
    norms = trace.global_norm
    clipped = np.zeros(trace.steps, dtype=bool)
    if trace.steps > 25:
        mean, variance = float(norms[:25].mean()), float(norms[:25].var())
        for step in range(25, trace.steps):
            norm, limit = float(norms[step]), 2.5 * strictness
            deviation = math.sqrt(variance) if variance >= 0 else math.nan
            z = (norm - mean) / (deviation + 1e-6)
            clipped[step] = z > limit
            if z > limit:
                norm = mean + limit * limit / z * deviation
            mean = 0.97 * mean + 0.03 * norm
            variance = 0.97 * variance + 0.03 * (norm - mean) ** 2
    return first(clipped, "ZClip", *_CAUSES)


def _in_order(alarms: list[Alarm]) -> list[Alarm]:
    return sorted(alarms, key=lambda alarm: alarm.step)
