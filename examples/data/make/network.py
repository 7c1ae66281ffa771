"""A ReLU network and its training by SGD with momentum, in float64 numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Parameters = dict[str, Floats]


@dataclass(frozen=True)
class Task:
    """Samples `[n, features]` with labels `[n]`, already split."""

    train_samples: Floats
    train_labels: Integers
    test_samples: Floats
    test_labels: Integers


def initial_parameters(widths: Sequence[int], random: np.random.Generator) -> Parameters:
    """He initialisation: weights `[out, in]` from N(0, 2/in), biases 0."""
    parameters: Parameters = {}
    for layer, (fan_in, fan_out) in enumerate(pairwise(widths)):
        scale = np.sqrt(2 / fan_in)
        parameters[f"layers.{layer}.weight"] = scale * random.standard_normal((fan_out, fan_in))
        parameters[f"layers.{layer}.bias"] = np.zeros(fan_out)
    return parameters


def preactivations(parameters: Parameters, samples: Floats) -> list[Floats]:
    """Give the inputs of every layer's activation; the last entry holds the logits."""
    values: list[Floats] = []
    inputs = samples
    for layer in range(len(parameters) // 2):
        weight, bias = parameters[f"layers.{layer}.weight"], parameters[f"layers.{layer}.bias"]
        values.append(inputs @ weight.T + bias)
        inputs = np.maximum(values[-1], 0)
    return values


def softmax(logits: Floats) -> Floats:
    """Probabilities along the last axis, shifted by the maximum so that no exponential overflows."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities


def cross_entropy(logits: Floats, labels: Integers) -> float:
    """Mean of `log sum exp(logits) - logits[label]`, finite for every finite logit."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    chosen = shifted[np.arange(len(labels)), labels]
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - chosen))


def accuracy(parameters: Parameters, samples: Floats, labels: Integers) -> float:
    """Share of samples whose greatest logit is at the label."""
    return float(np.mean(preactivations(parameters, samples)[-1].argmax(axis=1) == labels))


def gradients(parameters: Parameters, samples: Floats, labels: Integers) -> tuple[float, Parameters]:
    """Mean cross-entropy of a batch and its gradient by back-propagation."""
    values = preactivations(parameters, samples)
    delta = softmax(values[-1])
    delta[np.arange(len(labels)), labels] -= 1
    delta /= len(labels)
    result: Parameters = {}
    for layer in reversed(range(len(values))):
        inputs = np.maximum(values[layer - 1], 0) if layer else samples
        result[f"layers.{layer}.weight"] = delta.T @ inputs
        result[f"layers.{layer}.bias"] = delta.sum(axis=0)
        if layer:
            delta = (delta @ parameters[f"layers.{layer}.weight"]) * (values[layer - 1] > 0)
    return cross_entropy(values[-1], labels), {name: result[name] for name in parameters}


@dataclass(frozen=True)
class Schedule:
    """What the optimiser does; momentum as in PyTorch: `v = momentum v + g; w -= rate v`."""

    learning_rate: float
    momentum: float = 0.9
    batch: int = 64
    epochs: int = 30


def train(
    parameters: Parameters,
    task: Task,
    schedule: Schedule,
    random: np.random.Generator,
    observe: Callable[[int, float, Parameters], None],
) -> None:
    """Train in place; `observe` gets the step, the batch loss and the gradient before each update."""
    velocity = {name: np.zeros_like(value) for name, value in parameters.items()}
    batches = len(task.train_labels) // schedule.batch
    for epoch in range(schedule.epochs):
        order = random.permutation(len(task.train_labels))
        for index in range(batches):
            rows = order[index * schedule.batch : (index + 1) * schedule.batch]
            loss, gradient = gradients(parameters, task.train_samples[rows], task.train_labels[rows])
            observe(epoch * batches + index, loss, gradient)
            for name, value in gradient.items():
                velocity[name] = schedule.momentum * velocity[name] + value
                parameters[name] -= schedule.learning_rate * velocity[name]
