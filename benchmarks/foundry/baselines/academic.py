"""AUTOTRAINER's and DeepDiagnosis's rules, from their published code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import Alarm, first

if TYPE_CHECKING:
    from ..trace import Trace


def autotrainer(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """Vanishing, exploding, dying ReLU, oscillation, slow convergence; gradients are judged only where accuracy is bad.

    An epoch is what lies between two evaluations. A score that is no accuracy counts as bad below 0.7 likewise.
    """
    norms = trace.of_parameters["gradient_norm"][:, trace.is_kernel]
    alarms: list[Alarm] = []
    loss = trace.loss
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        alarms += first(~(loss < 1e3 * strictness), "nan_loss", "learning_rate_too_high", "exploding_gradient")
        ratio = norms[:, 0] / norms[:, -1] if norms.shape[1] else np.full(trace.steps, np.nan)
        vanishes = (ratio < 1e-3 / strictness) & (norms[:, 0] < 1e-4) if norms.shape[1] else ratio > 1
        explodes = (ratio > 70 * strictness) | ~np.isfinite(norms).all(1)
    zeros = _zeros(trace)
    is_bad = _is_bad(trace, strictness)
    dies = zeros >= min(0.7 * strictness, 0.999)
    alarms += first(vanishes & is_bad, "vanishing", "vanishing_gradient", "small_initialisation")
    alarms += first(explodes & is_bad, "exploding", "exploding_gradient", "learning_rate_too_high")
    alarms += first(dies & is_bad, "dying_relu", "negative_bias", "learning_rate_too_high", "zero_gradient")
    alarms += _of_scores(trace, strictness)
    return sorted(alarms, key=lambda alarm: alarm.step)


def _zeros(trace: Trace) -> np.ndarray:
    """Of all entries of all gradients, the share that is exactly zero; NaN where there are no gradients."""
    shares = trace.of_parameters["gradient_zeros"]
    sizes = np.where(np.isnan(shares), 0.0, trace.sizes)
    with np.errstate(invalid="ignore", divide="ignore"):
        zeros: np.ndarray = (np.nan_to_num(shares) * sizes).sum(1) / sizes.sum(1)
    return zeros


def _is_bad(trace: Trace, strictness: float) -> np.ndarray:
    """At each step: the last score is below 0.7. Before the first epoch's end nothing is judged by gradients."""
    is_bad = np.zeros(trace.steps, dtype=bool)
    for step, score in zip(trace.evaluation_steps, trace.scores, strict=True):
        is_bad[step:] = not score >= 0.7 / strictness
    return is_bad


def _of_scores(trace: Trace, strictness: float) -> list[Alarm]:
    scores, steps = trace.scores, trace.evaluation_steps
    if len(scores) < 3:
        return []
    last = int(steps[-1])
    changes = np.diff(scores)
    # A local maximum followed by a local minimum that far below it.
    falls = [max(-change, 0) for change in changes]
    share = float(np.mean(np.asarray(falls) >= 0.03 * strictness))
    alarms = []
    if share >= 0.2:
        alarms.append(Alarm(last, "oscillating", ("learning_rate_too_high", "oscillation")))
    if scores[-1] < 0.7 / strictness and np.max(np.abs(changes)) < 0.01 / strictness:
        alarms.append(Alarm(last, "slow_convergence", ("learning_rate_too_low",)))
    elif not scores[-1] >= 0.7 / strictness:
        alarms.append(Alarm(last, "not_converged", ()))
    return alarms


def deep_diagnosis(trace: Trace, strictness: float = 1.0) -> list[Alarm]:
    """Dead and saturated layers, vanishing updates, weights' variance, learning rate, numerical errors, inputs."""
    parameters, layers = trace.of_parameters, trace.of_layers
    kernels = trace.is_kernel
    alarms = first(~np.isfinite(trace.loss) | (trace.loss == 0), "numerical", "nonfinite_loss", "nonfinite_gradient")
    nonfinite = (parameters["weight_nonfinite"] > 0).any(1) | (parameters["gradient_nonfinite"] > 0).any(1)
    alarms += first(nonfinite, "numerical", "nonfinite_gradient", "nonfinite_weight")
    is_relu = np.asarray([kind == "ReLU" for kind in trace.kinds], dtype=bool)
    is_bounded = np.asarray([kind in ("Tanh", "Sigmoid") for kind in trace.kinds], dtype=bool)
    dead = layers["nonpositive"][:, is_relu] >= min(0.7 * strictness, 0.999)
    if is_relu.any():
        alarms += first(dead.any(1), "dead_node", "negative_bias", "learning_rate_too_high")
    if is_bounded.any():
        saturated = layers["beyond_five"][:, is_bounded] > min(0.5 * strictness, 0.999)
        alarms += first(saturated.any(1), "saturated", "saturation")
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        alarms += first(
            (parameters["update_mean"][:, kernels] < 1e-7 / strictness).any(1),
            "vanishing_gradient",
            "vanishing_gradient",
        )
        variance = parameters["weight_variance"][:, kernels]
        alarms += first(
            (variance < 1e-5 / strictness).any(1), "weights", "small_initialisation", "constant_initialisation"
        )
        alarms += first((variance > 10 * strictness).any(1), "weights", "large_initialisation", "exploding_gradient")
        change = trace.rate[:, None] * parameters["update_norm"] / parameters["weight_norm"]
        high = (change[:, kernels] > 0.1 * strictness).any(1)
        low = (change[:, kernels] < 1e-5 / strictness / 100).any(1)
    alarms += first(high, "learning_rate", "learning_rate_too_high")
    alarms += first(low, "learning_rate", "learning_rate_too_low")
    with np.errstate(invalid="ignore"):
        outside = (trace.input_least < -1 * strictness) | (trace.input_greatest > 1 * strictness)
    alarms += first(outside, "input", "unscaled_input")
    return sorted(alarms, key=lambda alarm: alarm.step)
