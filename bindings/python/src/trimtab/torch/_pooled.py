"""What is known of the targets over the looks so far, and of what the best constant output would lose on them."""

from __future__ import annotations

import math

import numpy as np

#: Columns, classes and different values that are told apart.
_COLUMNS, _CLASSES, _VALUES = 1 << 14, 1 << 14, 64


class Pooled:
    """Sums over the targets of one loss."""

    def __init__(self) -> None:
        self._counts = np.zeros(0)
        self._columns: tuple[int, np.ndarray, np.ndarray] | None = None
        self._magnitude = math.nan
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
        fresh = (len(values), values.sum(0), (values**2).sum(0))
        old = self._columns
        if old is not None and old[1].shape == fresh[1].shape:
            fresh = (old[0] + fresh[0], old[1] + fresh[1], old[2] + fresh[2])
        self._columns = fresh

    @property
    def distinct_count(self) -> int:
        return int((self._counts > 0).sum()) if len(self._counts) else len(self.values)

    def guess(self, loss: str) -> float:
        """The mean loss of the best constant output; NaN where too few targets are known for the number of classes."""
        if loss in ("cross_entropy", "negative_log_likelihood"):
            total = self._counts.sum()
            if total < 3 * max(self.distinct_count, 1):
                return math.nan
            shares = self._counts[self._counts > 0] / total
            return float(-(shares * np.log(shares)).sum())
        if self._columns is None or self._columns[0] < 2:
            return math.nan
        count, sums, squares = self._columns
        mean = sums / count
        if loss.startswith("binary"):
            inner = mean[(mean > 0) & (mean < 1)]
            return float(-(inner * np.log(inner) + (1 - inner) * np.log(1 - inner)).sum() / len(mean))
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
