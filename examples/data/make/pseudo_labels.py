"""Rounds of self-training on digits: a calm series and one that drifts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from archives import Array, write_npz
from network import Floats, Integers, softmax
from sklearn.datasets import load_digits

CLASSES = 10
LABELLED = 100
POOL = 600
ROUNDS = 9
SUPERVISED_STEPS = 300
SUPERVISED_RATE = 0.5


@dataclass(frozen=True)
class Method:
    """How the student learns; `teacher_decay` 0 makes the student its own teacher."""

    learning_rate: float
    steps_per_round: int
    batch: int
    gate: float
    teacher_decay: float
    seed: int


# The teacher is an average of the student, and labels below the gate are not used.
CALM = Method(learning_rate=0.5, steps_per_round=60, batch=64, gate=0.8, teacher_decay=0.99, seed=1)
# A step size above the largest stable one, every label used, no averaging.
DRIFTING = Method(learning_rate=5.0, steps_per_round=1, batch=POOL, gate=0.0, teacher_decay=0.0, seed=1)


@dataclass(frozen=True)
class Pool:
    """A few labelled samples and many unlabelled ones; a column of ones carries the bias."""

    samples: Floats
    labels: Integers
    labelled: Integers
    unlabelled: Integers


def digits_pool(random: np.random.Generator) -> Pool:
    """Draw 100 labelled and 600 unlabelled digits; ids are row numbers of the data set."""
    digits = load_digits()
    samples = np.column_stack([digits.data / 16, np.ones(len(digits.target))])
    order = random.permutation(len(digits.target))
    unlabelled = np.sort(order[LABELLED : LABELLED + POOL])
    return Pool(samples, digits.target, order[:LABELLED], unlabelled)


def gradient(weight: Floats, samples: Floats, labels: Integers) -> Floats:
    """Gradient of the mean cross-entropy of softmax regression."""
    targets = np.eye(CLASSES)[labels]
    result: Floats = (softmax(samples @ weight.T) - targets).T @ samples / len(labels)
    return result


def supervised(pool: Pool) -> Floats:
    """Weights after gradient descent on the labelled samples alone."""
    weight = np.zeros((CLASSES, pool.samples.shape[1]))
    rows = pool.labelled
    for _ in range(SUPERVISED_STEPS):
        weight -= SUPERVISED_RATE * gradient(weight, pool.samples[rows], pool.labels[rows])
    return weight


def round_of_training(
    student: Floats, teacher: Floats, pool: Pool, method: Method, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Train the student on the teacher's labels of this round; give student and teacher after it."""
    probabilities = softmax(pool.samples[pool.unlabelled] @ teacher.T)
    pseudo_labels = probabilities.argmax(axis=1)
    passes = probabilities.max(axis=1) >= method.gate
    for _ in range(method.steps_per_round):
        step = gradient(student, pool.samples[pool.labelled], pool.labels[pool.labelled])
        drawn = random.choice(POOL, method.batch, replace=False)
        drawn = drawn[passes[drawn]]
        if len(drawn):
            step += gradient(student, pool.samples[pool.unlabelled[drawn]], pseudo_labels[drawn])
        student = student - method.learning_rate * step
        teacher = method.teacher_decay * teacher + (1 - method.teacher_decay) * student
    return student, teacher


def make_series(folder: Path, method: Method) -> str:
    """Write the teacher's probabilities of every round; give the accuracies in a line."""
    random = np.random.default_rng(method.seed)
    pool = digits_pool(random)
    student = supervised(pool)
    teacher = student
    series: dict[str, Array] = {"ids": pool.unlabelled}
    accuracies: list[float] = []
    for number in range(ROUNDS):
        if number:
            student, teacher = round_of_training(student, teacher, pool, method, random)
        probabilities = softmax(pool.samples[pool.unlabelled] @ teacher.T)
        series[f"round_{number:02d}"] = probabilities.astype(np.float32)
        truth = pool.labels[pool.unlabelled]
        accuracies.append(float(np.mean(probabilities.argmax(axis=1) == truth)))
    write_npz(folder / "predictions.npz", series)
    return "accuracy of the rounds " + " ".join(f"{value:.3f}" for value in accuracies)
