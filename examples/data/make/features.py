"""Raw and standardised features of the wine and digits data sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from archives import write_csv, write_npy
from numpy.typing import NDArray
from sklearn.datasets import load_digits, load_wine


def standardise(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Drop constant features, then give each remaining one mean 0 and variance 1 (divisor n)."""
    varying = samples[:, samples.var(axis=0) > 0]
    standardised: NDArray[np.float64] = (varying - varying.mean(axis=0)) / varying.std(axis=0)
    return standardised


def make_wine(folder: Path) -> None:
    """Write the 13 wine features, raw and standardised."""
    wine = load_wine()
    names = [name.replace("/", "_per_") for name in wine.feature_names]
    write_csv(folder / "features_raw.csv", names, wine.data)
    write_csv(folder / "features_standardised.csv.gz", names, standardise(wine.data))


def make_digits(folder: Path) -> None:
    """Write the 64 pixels as stored (0 to 16), the varying ones standardised, and the digit that each image shows."""
    digits = load_digits()
    pixels = digits.data
    write_npy(folder / "labels.npy", digits.target.astype(np.uint8))
    write_npy(folder / "features_raw.npy", pixels.astype(np.uint8))
    write_npy(folder / "features_standardised.npy", standardise(pixels).astype(np.float32))
