"""SageMaker Debugger's built-in rules, from the definitions and defaults in AWS's documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import Alarm, first

if TYPE_CHECKING:
    from ..trace import Trace


def rules_without_noisy(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """All but LossNotDecreasing and PoorWeightInitialization, which cry wolf on nearly every healthy run."""
    parameters, layers = trace.of_parameters, trace.of_layers
    is_any = np.zeros(trace.steps, dtype=bool)
    is_bad = is_any.copy()
    is_bad |= ~np.isfinite(trace.loss) | (parameters["gradient_nonfinite"] > 0).any(1)
    is_bad |= (parameters["weight_nonfinite"] > 0).any(1)
    alarms = first(is_bad, "ExplodingTensor", "nonfinite_gradient", "nonfinite_loss", "exploding_gradient")
    vanishing = (parameters["gradient_mean"] < 1e-7 / strictness).any(1)
    alarms += first(vanishing, "VanishingGradient", "vanishing_gradient", "small_initialisation")
    with np.errstate(invalid="ignore", over="ignore"):
        # Of the collection "weights": biases are another, and start at zero.
        is_weight = np.asarray(["bias" not in name for name in trace.parameters], dtype=bool)
        ratio = (parameters["update_norm"] / (parameters["weight_norm"] + 1e-9))[:, is_weight]
    alarms += first((ratio > 10 * strictness).any(1), "WeightUpdateRatio", "learning_rate_too_high")
    alarms += first((ratio < 1e-8 / strictness).any(1), "WeightUpdateRatio", "learning_rate_too_low")
    is_relu = np.asarray([kind == "ReLU" for kind in trace.kinds], dtype=bool)
    share = min(0.5 * strictness, 0.999)
    dead = (layers["inactive_units"] > share)[:, is_relu].any(1) if is_relu.any() else is_any
    alarms += first(dead, "DeadRelu", "negative_bias", "learning_rate_too_high")
    alarms += first((layers["saturated_units"] > share).any(1), "SaturatedActivation", "saturation")
    unchanged = (parameters["update_norm"] <= 1e-5 / strictness * parameters["weight_norm"] + 1e-8).astype(int)
    in_a_row = unchanged[2:] + unchanged[1:-1] + unchanged[:-2] == 3 if trace.steps > 2 else unchanged[:0]
    alarms += first(
        np.concatenate([np.zeros(2, dtype=bool), in_a_row.any(1)]) if trace.steps > 2 else is_any,
        "UnchangedTensor", "frozen_parameter", "missing_optimizer_step",
    )  # fmt: skip
    alarms += first((parameters["gradient_zeros"] >= 1).any(1), "AllZero", "zero_gradient")
    if len(trace.evaluation_steps):
        train = _training_losses(trace)
        with np.errstate(invalid="ignore", divide="ignore"):
            over = (trace.evaluation_losses[: len(train)] - train) / train > 0.1 * strictness
        steps = np.zeros(trace.steps, dtype=bool)
        steps[np.minimum(trace.evaluation_steps[: len(over)], trace.steps - 1)] = over
        alarms += first(steps, "Overfit", "overfitting")
    return sorted(alarms, key=lambda alarm: alarm.step)


def _training_losses(trace: Trace) -> np.ndarray:
    """At each evaluation, the mean of the training losses since the one before it."""
    ends = np.minimum(trace.evaluation_steps + 1, trace.steps)
    starts = np.concatenate([[0], ends[:-1]])
    pairs = zip(starts, ends, strict=True)
    return np.asarray([trace.loss[start:end].mean() if end > start else np.nan for start, end in pairs])


def rules(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """All of them."""
    alarms = rules_without_noisy(trace, strictness)
    loss = trace.loss
    idle = np.zeros(trace.steps, dtype=bool)
    if trace.steps > 10:
        with np.errstate(invalid="ignore", divide="ignore"):
            fall = (loss[:-10] - loss[10:]) / np.abs(loss[:-10])
        idle[10:] = fall < 0.001 / strictness
        idle[np.arange(trace.steps) % 10 != 0] = False
    alarms += first(idle, "LossNotDecreasing", "learning_rate_too_low", "plateau")
    early = trace.of_layers["input_variance"][:10]
    if early.size:
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.nanmax(early, 1) / np.nanmin(early, 1)
        poor = np.zeros(trace.steps, dtype=bool)
        poor[: len(ratio)] = ratio > 10 * strictness
        alarms += first(poor, "PoorWeightInitialization", "small_initialisation", "large_initialisation")
    spread = np.zeros(trace.steps, dtype=bool)
    with np.errstate(invalid="ignore"):
        spread[:10] = (trace.of_parameters["gradient_range"][:10] < 0.001 / strictness).any(1)
    alarms += first(spread, "PoorWeightInitialization", "small_initialisation", "large_initialisation")
    return sorted(alarms, key=lambda alarm: alarm.step)
