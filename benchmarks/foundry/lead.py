"""When a faulty run's harm is there for all to see: in the curves that everybody plots."""

from __future__ import annotations

import math
from typing import Any

#: A training loss of so many times what the run began with, or of the twin's for ten steps in a row,
LOSS_FACTOR = 2.0
IN_A_ROW = 10
#: or a score that is so much of the twin's best below it.
SCORE_SHARE = 0.1


def harm_step(faulty: dict[str, Any], twin: dict[str, Any], onset: int, is_comparable: bool) -> int | None:
    """The first step with a loss that is not finite, or far above its own or the twin's, with a score that lags, or a
    crash."""
    steps = [_loss_step(faulty["losses"], twin["losses"], onset, is_comparable), _score_step(faulty, twin)]
    if faulty.get("failure"):
        steps.append(len(faulty["losses"]))
    found = [step for step in steps if step is not None]
    return min(found) if found else None


def _loss_step(losses: list[float], others: list[float], onset: int, is_comparable: bool) -> int | None:
    streak = 0
    for step, loss in enumerate(losses):
        if not math.isfinite(loss):
            return step
        other = others[step] if step < len(others) else math.nan
        is_far = loss > LOSS_FACTOR * max(losses[0], 0.0) > 0 or (is_comparable and loss > LOSS_FACTOR * other > 0)
        streak = streak + 1 if is_far and step >= onset else 0
        if streak == IN_A_ROW:
            return step
    return None


def _score_step(faulty: dict[str, Any], twin: dict[str, Any]) -> int | None:
    pairs = zip(faulty["evaluation_steps"], faulty["scores"], twin["scores"], strict=False)
    for step, score, other in pairs:
        if not score >= other - SCORE_SHARE * max(abs(other), 0.1):
            return int(step)
    return None
