"""What people write themselves: a check for NaN, and a gradient norm ten times its running mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import Alarm, first

if TYPE_CHECKING:
    from ..trace import Trace


def rules(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """NaN or Inf in loss or gradients; a norm above 10x the mean of those before, after 20 steps."""
    norm = trace.global_norm
    alarms = first(~np.isfinite(trace.loss) | ~np.isfinite(norm), "nonfinite", "nonfinite_gradient", "nonfinite_loss")
    usual = np.cumsum(np.where(np.isfinite(norm), norm, 0)) / np.arange(1, len(norm) + 1)
    above = np.zeros(len(norm), dtype=bool)
    above[20:] = norm[20:] > 10 * strictness * usual[19:-1]
    alarms += first(above, "norm", "exploding_gradient", "bad_batch")
    return sorted(alarms, key=lambda alarm: alarm.step)
