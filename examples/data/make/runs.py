"""The healthy and the killed run: the same network, data and seed, another learning rate."""

from __future__ import annotations

from pathlib import Path

import network
import numpy as np
from archives import write_npz, write_safetensors
from network import Floats, Parameters, Schedule, Task
from numpy.typing import NDArray
from sklearn.datasets import load_digits

WIDTHS = (64, 128, 128, 10)
SEED = 0
TRAIN_SAMPLES = 1347
PROBE_SAMPLES = 1024
# Dense at the start, where the killed run dies.
GRADIENT_STEPS = (0, 1, 2, 4, 6, 12, 20, 60, 200, 629)
SIGNIFICANT_BITS = 11


def digits_task(random: np.random.Generator) -> Task:
    """Pixels divided by 16, split at random into 1347 to train and 450 to test."""
    digits = load_digits()
    samples, labels = digits.data / 16, digits.target
    order = random.permutation(len(labels))
    train, test = order[:TRAIN_SAMPLES], order[TRAIN_SAMPLES:]
    return Task(samples[train], labels[train], samples[test], labels[test])


def make_run(folder: Path, learning_rate: float) -> str:
    """Train one network, write its files, and give a line of what was seen."""
    random = np.random.default_rng(SEED)
    task = digits_task(random)
    parameters = network.initial_parameters(WIDTHS, random)
    probe = task.train_samples[:PROBE_SAMPLES]
    write_npz(folder / "preactivations_before.npz", hidden_preactivations(parameters, probe))
    losses: list[float] = []
    kept: dict[str, NDArray[np.float32]] = {}

    def observe(step: int, loss: float, gradient: Parameters) -> None:
        losses.append(loss)
        if step in GRADIENT_STEPS:
            for name, value in gradient.items():
                kept[f"step_{step:04d}/{name}"] = rounded(value)

    schedule = Schedule(learning_rate)
    network.train(parameters, task, schedule, random, observe)
    write_npz(folder / "gradients.npz", kept)
    write_weights(folder / "weights.safetensors", parameters, schedule, len(losses))
    write_npz(folder / "preactivations.npz", hidden_preactivations(parameters, probe))
    return summary(parameters, task, losses)


def hidden_preactivations(parameters: Parameters, probe: Floats) -> dict[str, NDArray[np.float16]]:
    """Give the hidden layers' pre-activations in float16, which must not change the sign of any."""
    result: dict[str, NDArray[np.float16]] = {}
    for layer, values in enumerate(network.preactivations(parameters, probe)[:-1]):
        stored = values.astype(np.float16)
        if not np.array_equal(stored > 0, values > 0) or not np.isfinite(stored).all():
            raise ArithmeticError(f"layers.{layer}: float16 cannot hold these pre-activations")
        result[f"layers.{layer}"] = stored
    return result


def rounded(values: Floats) -> NDArray[np.float32]:
    """Round to 11 significant bits, the precision of float16 with the range of float32.

    The zero low bits halve the compressed size, and gradients of 1e-9 stay what they are.
    """
    fraction, exponent = np.frexp(values)
    scale = 2.0**SIGNIFICANT_BITS
    return np.ldexp(np.rint(fraction * scale) / scale, exponent).astype(np.float32)


def write_weights(path: Path, parameters: Parameters, schedule: Schedule, steps: int) -> None:
    """Write the trained parameters in float32, with how they were trained."""
    metadata = {
        "activation": "relu",
        "architecture": "mlp " + "-".join(map(str, WIDTHS)),
        "data": "scikit-learn digits, pixels / 16",
        "initialisation": "he normal",
        "learning_rate": str(schedule.learning_rate),
        "optimizer": f"sgd, momentum {schedule.momentum}, batch {schedule.batch}",
        "seed": str(SEED),
        "steps": str(steps),
    }
    tensors = {name: value.astype(np.float32) for name, value in parameters.items()}
    write_safetensors(path, tensors, metadata)


def summary(parameters: Parameters, task: Task, losses: list[float]) -> str:
    """Accuracy and losses of a finished run in one line."""
    test = network.accuracy(parameters, task.test_samples, task.test_labels)
    train = network.accuracy(parameters, task.train_samples, task.train_labels)
    return (
        f"test accuracy {test:.4f}, train accuracy {train:.4f}, {len(losses)} losses, "
        f"{sum(map(np.isfinite, losses))} finite: first {losses[0]:.4f}, greatest {max(losses):.4f} "
        f"at step {int(np.argmax(losses))}, mean of the last 21 {np.mean(losses[-21:]):.4f}"
    )
