"""What is known of the targets over the looks so far, and of what the best constant output would lose on them."""

from __future__ import annotations

import math

import numpy as np

#: Columns, classes and different values that are told apart.
_COLUMNS, _CLASSES, _VALUES = 1 << 14, 1 << 14, 64


def _entropy(shares: np.ndarray) -> np.ndarray:
    """Of two classes; 0 beyond [0, 1]."""
    inner = np.clip(shares, 1e-300, 1 - 1e-16)
    found = -(inner * np.log(inner) + (1 - inner) * np.log1p(-inner))
    return np.where((shares > 0) & (shares < 1), found, 0.0)


class Pooled:
    """Sums over the targets of one loss."""

    def __init__(self) -> None:
        self._counts = np.zeros(0)
        self._columns: tuple[int, np.ndarray, np.ndarray] | None = None
        self._magnitude = math.nan
        #: What targets between 0 and 1 leave of a binary cross entropy at its best.
        self._floor = 0.0
        self.values: set[float] = set()

    def add_labels(self, labels: np.ndarray) -> None:
        """Class numbers, those that stand for none left out."""
        labels = labels[(labels >= 0) & (labels < _CLASSES)].astype(np.int64)
        counts = np.bincount(labels, minlength=len(self._counts)).astype(float)
        counts[: len(self._counts)] += self._counts
        self._counts = counts

    def add_values(self, values: np.ndarray) -> None:
        """Targets [samples, columns]."""
        if len(self.values) < _VALUES:
            self.values.update(np.unique(values)[:_VALUES].tolist())
        values = values[:, :_COLUMNS].astype(np.float64)
        if len(values) > 1:
            magnitude = float(np.abs(values - np.median(values, axis=0)).mean())
            self._magnitude = magnitude if math.isnan(self._magnitude) else 0.5 * (self._magnitude + magnitude)
        if len(values):
            self._floor = max(self._floor, float(_entropy(values).mean()))
        fresh = (len(values), values.sum(0), (values**2).sum(0))
        old = self._columns
        if old is not None and old[1].shape == fresh[1].shape:
            fresh = (old[0] + fresh[0], old[1] + fresh[1], old[2] + fresh[2])
        self._columns = fresh

    @property
    def distinct_count(self) -> int:
        return int((self._counts > 0).sum()) if len(self._counts) else len(self.values)

    def guess_of_labels(self, weight: np.ndarray | None, smoothing: float, classes: int) -> float:
        """The same under cross entropy, with weights of the classes and with smoothed labels.

        weight   of each class; the mean is weighted by the label's
        classes  that smoothed labels are spread over
        """
        total = self._counts.sum()
        if total < 3 * max(self.distinct_count, 1):
            return math.nan
        shares = self._counts / total
        if weight is not None:
            if smoothing or len(weight) < len(shares):
                return math.nan
            shares = shares * weight[: len(shares)]
            shares = shares / shares.sum() if shares.sum() > 0 else shares
        if smoothing:
            shares = (1 - smoothing) * np.pad(shares, (0, max(classes - len(shares), 0))) + smoothing / classes
        shares = shares[shares > 0]
        guess = float(-(shares * np.log(shares)).sum())
        label = np.full(classes, smoothing / classes)
        label[0] += 1 - smoothing
        floor = float(-(label[label > 0] * np.log(label[label > 0])).sum())
        return guess if floor <= 0.5 * guess else math.nan

    def guess(self, loss: str) -> float:
        """The mean loss of the best constant output; NaN where too few targets are known for the number of classes."""
        if self._columns is None or self._columns[0] < 2:
            return math.nan
        count, sums, squares = self._columns
        mean = sums / count
        if loss.startswith("binary"):
            guess = float(_entropy(mean).mean())
            # Of targets between 0 and 1 most may be left at the best: then a guess tells little.
            return guess if self._floor <= 0.3 * guess else math.nan
        if loss == "squared_error":
            return float(np.maximum(squares / count - mean**2, 0).mean())
        return self._magnitude

    def moments(self) -> tuple[float, float]:
        """Mean of all targets, and their deviation about the columns' means."""
        if self._columns is None:
            return math.nan, math.nan
        count, sums, squares = self._columns
        mean = sums / count
        return float(mean.mean()), float(np.sqrt(np.maximum(squares / count - mean**2, 0).mean()))
