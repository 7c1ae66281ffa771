"""Measure the files of examples/data with numpy and scikit-learn: the figures of its README."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from sklearn.covariance import ledoit_wolf

Floats = NDArray[np.float64]


def condition(eigenvalues: NDArray[np.floating[Any]]) -> float:
    """Largest over smallest eigenvalue; infinite when the smallest is not positive."""
    smallest = float(eigenvalues[0])
    return float(eigenvalues[-1]) / smallest if smallest > 0 else float("inf")


def conditioning(name: str, samples: Floats) -> str:
    """Condition numbers of the covariance (divisor n), on its support, shrunk, and of the correlation."""
    count, features = samples.shape
    covariance = np.cov(samples.T, bias=True)
    eigenvalues = np.linalg.eigvalsh(covariance)
    tolerance = eigenvalues[-1] * max(count, features) * np.finfo(np.float64).eps
    support = eigenvalues[eigenvalues > tolerance]
    varying = samples[:, samples.var(axis=0) > 0]
    correlation = np.linalg.eigvalsh(np.corrcoef(varying.T))
    shrunk, shrinkage = ledoit_wolf(samples)
    ratio = np.sqrt(varying.shape[1] / count)
    null = ((1 + ratio) / (1 - ratio)) ** 2
    full = condition(eigenvalues) if len(support) == features else float("inf")
    return (
        f"{name}: {count}x{features}, rank {len(support)}, kappa {full:.6g}, on the support "
        f"{condition(support):.6g}, Ledoit-Wolf {condition(np.linalg.eigvalsh(shrunk)):.6g} "
        f"(shrinkage {shrinkage:.4f}), correlation {condition(correlation):.6g}, null {null:.4g}"
    )


def dead_units(path: Path) -> str:
    """Strictly dead and tau-dormant (0.025) units, rarely active ones, the least active share of a live unit."""
    parts = []
    with np.load(path) as archive:
        for name in archive.files:
            values = archive[name].astype(np.float64)
            active = (values > 0).mean(axis=0)
            scores = np.maximum(values, 0).mean(axis=0)
            scores /= scores.mean() + 1e-9
            live = active[active > 0]
            least = f"{live.min():.4f}" if len(live) else "none"
            dead, dormant = int((active == 0).sum()), int((scores <= 0.025).sum())
            parts.append(
                f"{name} dead {dead}/{len(active)}, dormant {dormant}, "
                f"active below 1 % {int((active < 0.01).sum())}, least active share of a live unit {least}"
            )
    return f"{path.parent.name}/{path.name}: " + "; ".join(parts)


def deaths(folder: Path) -> str:
    """Count new deaths and revivals between the audit before training and the one after."""
    parts = []
    with np.load(folder / "preactivations_before.npz") as before, np.load(folder / "preactivations.npz") as after:
        for name in before.files:
            dead_before, dead_after = (before[name].max(axis=0) <= 0), (after[name].max(axis=0) <= 0)
            newly, revived = (dead_after & ~dead_before).sum(), (dead_before & ~dead_after).sum()
            parts.append(f"{name} dead before {dead_before.sum()}, newly {newly}, revived {revived}")
    return f"{folder.name}: " + "; ".join(parts)


def gradient_table(path: Path) -> list[str]:
    """Per step: global norm, mean |g| of each weight, depth slope of log10 rms over the weights."""
    lines = []
    with np.load(path) as archive:
        for step in sorted({name.split("/")[0] for name in archive.files}):
            names = [name for name in archive.files if name.startswith(step)]
            values = [archive[name].astype(np.float64) for name in names]
            norm = np.sqrt(sum(float(np.sum(value**2)) for value in values))
            weights = [v for name, v in zip(names, values, strict=True) if name.endswith("weight")]
            rms = np.array([np.sqrt(np.mean(weight**2)) for weight in weights])
            slope = np.polyfit(range(len(rms)), np.log10(rms), 1)[0] if (rms > 0).all() else np.nan
            means = " ".join(f"{np.abs(weight).mean():.2e}" for weight in weights)
            lines.append(f"{path.parent.name} {step}: norm {norm:.4g}, mean |g| {means}, slope {slope:.3f}")
    return lines


def drift(path: Path) -> str:
    """Flips per round, A to B to A, total variation, class balance and gate coverage at .95."""
    with np.load(path) as archive:
        rounds = [archive[name] for name in archive.files if name.startswith("round_")]
    labels = [values.argmax(axis=1) for values in rounds]
    pairs = list(pairwise(labels))
    flips = [float(np.mean(a != b)) for a, b in pairs]
    triples = zip(labels, labels[1:], labels[2:], strict=False)
    returns = [float(np.mean((a == c) & (a != b))) for a, b, c in triples]
    moved = [float(0.5 * np.abs(a - b).sum(axis=1).mean()) for a, b in pairwise(rounds)]
    balance = [float(0.5 * np.abs(np.bincount(y, minlength=10) / len(y) - 0.1).sum()) for y in labels]
    gate = [float(np.mean(values.max(axis=1) >= 0.95)) for values in rounds]
    ratio = np.mean(returns) / np.mean(flips[1:])
    rows = {"flip": flips, "osc": returns, "TV": moved, "class TV": balance, "gate": gate}
    text = "; ".join(f"{key} " + " ".join(f"{v:.4f}" for v in row) for key, row in rows.items())
    return f"{path.parent.name}: osc/flip {ratio:.3f}; {text}"


def weights(path: Path) -> str:
    """2-norm condition number of each weight matrix, on its support where rows or columns are zero."""
    parts = []
    for name, tensor in load_file(path).items():
        if tensor.ndim == 2:
            singular = np.linalg.svd(tensor.astype(np.float64), compute_uv=False)
            zero = int((np.abs(tensor).max(axis=1) == 0).sum()), int((np.abs(tensor).max(axis=0) == 0).sum())
            parts.append(f"{name} {singular[0] / singular[-1]:.5g} (zero rows, columns {zero})")
    return f"{path.parent.name} condition numbers: " + "; ".join(parts)


def main() -> None:
    """Print every figure."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    for name in ("features_raw.csv", "features_standardised.csv.gz"):
        print(conditioning(f"wine/{name}", np.loadtxt(root / "wine" / name, delimiter=",", skiprows=1)))
    for name in ("features_raw.npy", "features_standardised.npy"):
        print(conditioning(f"digits/{name}", np.load(root / "digits" / name).astype(np.float64)))
    for run in ("healthy", "killed"):
        print(dead_units(root / run / "preactivations_before.npz"))
        print(dead_units(root / run / "preactivations.npz"))
        print(deaths(root / run))
        print(*gradient_table(root / run / "gradients.npz"), sep="\n")
        print(weights(root / run / "weights.safetensors"))
    for series in ("self_training", "self_training_drifting"):
        print(drift(root / series / "predictions.npz"))


if __name__ == "__main__":
    main()
