"""A graph net on Cora, trained by Trimtab: which axis to normalise first, then the papers' subjects from citations.

Cora comes with the package graphdatascience (pip install graphdatascience pyarrow): 2708 papers, 1433 words that are
there or not, 5429 citations, 7 subjects. 20 papers of each subject are learnt from, 1000 others are tested on.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path

import numpy as np
import trimtab
from trimtab import layers


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Words [papers, 1433], subjects [papers] from 0, citations [count, 2]; ends the program where Cora is not there."""
    found = importlib.util.find_spec("graphdatascience")
    folder = (
        None
        if found is None or found.origin is None
        else Path(found.origin).parent / "resources" / "cora"
    )
    if (
        folder is None
        or not folder.is_dir()
        or importlib.util.find_spec("pyarrow") is None
    ):
        print("skipped: Cora needs pip install graphdatascience pyarrow")
        sys.exit(0)
    from pyarrow import parquet

    nodes = parquet.read_table(folder / "cora_nodes.parquet.gzip")
    edges = parquet.read_table(folder / "cora_rels.parquet.gzip")
    names = np.asarray(nodes["nodeId"])
    order = np.argsort(names)
    ends = [np.asarray(edges[column]) for column in ("sourceNodeId", "targetNodeId")]
    places = [order[np.searchsorted(names[order], end)] for end in ends]
    words = np.asarray(nodes["features"].to_pylist(), dtype=np.float64)
    subjects = np.unique(np.asarray(nodes["subject"]), return_inverse=True)[1]
    return words, subjects, np.stack(places, axis=1)


def adjacency(
    count: int, citations: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """D^-1/2 (A + I) D^-1/2 as triples, citations taken both ways."""
    loops = np.arange(count)
    rows = np.concatenate([citations[:, 0], citations[:, 1], loops])
    columns = np.concatenate([citations[:, 1], citations[:, 0], loops])
    rows, columns = np.unique(np.stack([rows, columns]), axis=1)
    degree = np.bincount(rows, minlength=count)
    return rows, columns, 1 / np.sqrt(degree[rows] * degree[columns])


def main() -> None:
    start = time.perf_counter()
    words, subjects, citations = load()
    print(trimtab.feature_scale(words))
    lengths = words / np.maximum(words.sum(axis=1, keepdims=True), 1)
    report = trimtab.feature_scale(lengths)
    print(
        f"with rows that sum to 1 nodes deviate by {report.node_deviation:.2f}: advice {report.advice}"
    )

    count, classes = len(words), int(subjects.max()) + 1
    numbers = np.random.default_rng(0)
    order = numbers.permutation(count)
    learnt = np.concatenate(
        [order[subjects[order] == subject][:20] for subject in range(classes)]
    )
    tested = np.setdiff1d(order, learnt)
    tested = numbers.permutation(tested)[:1000]
    targets = np.zeros((count, classes))
    targets[learnt, subjects[learnt]] = 1

    def loss(
        _tape: trimtab.Tape, output: trimtab.TapeValue, target: trimtab.TapeValue
    ) -> trimtab.TapeValue:
        # Papers that are not learnt from have a target of zeros.
        return (target * output.log_softmax()).sum() * (-1 / len(learnt))

    net = [
        layers.GraphConvolution(16, activation="relu"),
        layers.Dropout(rate=0.5),
        layers.GraphConvolution(classes),
    ]
    trainer = trimtab.Trainer(
        net,
        (words.shape[1],),
        loss=loss,
        optimizer="adamw",
        learning_rate=0.01,
        weight_decay=0.05,
        seed=0,
    )
    trainer.set_graph(count, *adjacency(count, citations))
    inputs = lengths.astype(np.float32)
    for epoch in range(1, 101):
        step = trainer.step(inputs, targets.astype(np.float32))
        if epoch % 25 == 0:
            named = trainer.predict(inputs).argmax(axis=1)
            right = (named == subjects)[tested].mean()
            print(
                f"epoch {epoch}  loss {step.loss:.3f}  {100 * right:.1f} % of the tested papers right"
            )
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
