"""The real data sets, loaded once a process: numbers as they come, split into training and held-out samples."""

from __future__ import annotations

import functools

import numpy as np
import torch


@functools.lru_cache(maxsize=None)
def table(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Samples [N, d] as they are, and labels or targets [N]."""
    from sklearn import datasets

    loaders = {
        "digits": datasets.load_digits,
        "wine": datasets.load_wine,
        "breast_cancer": datasets.load_breast_cancer,
        "diabetes": functools.partial(datasets.load_diabetes, scaled=False),
        "iris": datasets.load_iris,
    }
    samples, targets = loaders[name](return_X_y=True)
    return np.asarray(samples, dtype=np.float64), np.asarray(targets)


def split(count: int, seed: int, share: float = 0.25) -> tuple[np.ndarray, np.ndarray]:
    """Places of training and held-out samples."""
    order = np.random.default_rng(seed).permutation(count)
    held = int(count * share)
    return order[held:], order[:held]


def standardised(samples: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Zero mean and unit variance over the training samples; features that never vary stay 0."""
    mean, deviation = samples[training].mean(0), samples[training].std(0)
    return (samples - mean) / np.where(deviation > 0, deviation, 1)


def endless(count: int, batch_size: int, generator: torch.Generator):
    """Places of one batch after the other, shuffled every epoch; the last, shorter one is left out."""
    size = min(batch_size, count)
    while True:
        order = torch.randperm(count, generator=generator)
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]
