"""Trains a small network in NumPy and asks Trimtab at every step whether it stays healthy.

Usage: python train_digits.py [--learning-rate 0.05] [--steps 600]
Try `--learning-rate 1.0`: most units die while the loss stays finite.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
import numpy.typing as npt
import trimtab

DATA = Path(__file__).resolve().parents[1] / "data" / "digits"
Floats = npt.NDArray[np.float64]


def forward(weights: list[Floats], biases: list[Floats], inputs: Floats) -> list[Floats]:
    """The pre-activations of every layer; ReLU between them."""
    preactivations = []
    for weight, bias in zip(weights, biases, strict=True):
        preactivations.append(inputs @ weight.T + bias)
        inputs = np.maximum(preactivations[-1], 0)
    return preactivations


def backward(
    weights: list[Floats], preactivations: list[Floats], inputs: Floats, error: Floats
) -> tuple[list[Floats], list[Floats]]:
    """The gradients of weights and biases, first layer first."""
    weight_gradients, bias_gradients = [], []
    for layer in reversed(range(len(weights))):
        below = np.maximum(preactivations[layer - 1], 0) if layer else inputs
        weight_gradients.append(error.T @ below)
        bias_gradients.append(error.sum(0))
        if layer:
            error = (error @ weights[layer]) * (preactivations[layer - 1] > 0)
    return weight_gradients[::-1], bias_gradients[::-1]


def softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--steps", type=int, default=600)
    arguments = parser.parse_args()

    inputs = np.load(DATA / "features_raw.npy") / 16.0
    labels = np.load(DATA / "labels.npy")
    print("inputs     ", trimtab.condition_number(inputs))

    generator = np.random.default_rng(0)
    widths = [64, 128, 128, 10]
    weights = [generator.normal(0, np.sqrt(2 / a), (b, a)) for a, b in itertools.pairwise(widths)]
    biases = [np.zeros(width) for width in widths[1:]]
    velocity = [np.zeros_like(parameter) for parameter in weights + biases]

    for step in range(arguments.steps):
        batch = generator.integers(0, len(inputs), 64)
        preactivations = forward(weights, biases, inputs[batch])
        probabilities = softmax(preactivations[-1])
        loss = -np.log(probabilities[np.arange(64), labels[batch]] + 1e-300).mean()
        error = probabilities.copy()
        error[np.arange(64), labels[batch]] -= 1
        weight_gradients, bias_gradients = backward(weights, preactivations, inputs[batch], error / 64)

        report = trimtab.gradient_norm(weight_gradients)
        if step % 100 == 0 or report.verdict not in (trimtab.Verdict.HEALTHY, trimtab.Verdict.NOTICE):
            print(f"step {step:4d}  loss {loss:8.4f}  gradients {report.verdict.value}, norm {report.global_norm:.3g}")
        if report.verdict == trimtab.Verdict.CRITICAL:
            print("            ", report.cause_text, report.cure)
            break
        for parameter, gradient, speed in zip(
            weights + biases, weight_gradients + bias_gradients, velocity, strict=True
        ):
            speed *= 0.9
            speed += gradient
            parameter -= arguments.learning_rate * speed

    for layer, preactivation in enumerate(forward(weights, biases, inputs[:1024])[:-1]):
        print(f"layer {layer}    ", trimtab.dead_neurons(preactivation))


if __name__ == "__main__":
    main()
