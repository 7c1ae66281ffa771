"""A peptide generator under the generative diagnostics: does it stay on course by itself, and does it cover the data?

A small GRU learns the first residues of antimicrobial peptides (modlamp's AMPvsUniProt.csv), residue by residue. A larger
one that has seen more of them and for longer stands for the truth: the Kullback-Leibler divergence of each step from it,
with true prefixes and with the generator's own, is what exposure bias is measured by (Arora et al. 2022). The samples are
held against peptides that neither has seen, by their composition.

Usage: python peptides.py [--steps 120]
"""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from trimtab import Trainer, generative
from trimtab.layers import GRU, Dense, Embedding

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
START = len(RESIDUES)
LENGTH = 20
Words = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def peptides() -> Words | None:
    """The first residues of every long enough antimicrobial peptide; None where modlamp is not installed."""
    package = importlib.util.find_spec("modlamp")
    if package is None or package.origin is None:
        return None
    rows = (
        (Path(package.origin).parent / "data" / "AMPvsUniProt.csv")
        .read_text()
        .splitlines()[1:]
    )
    found = sorted(
        {
            row.split(",")[0].strip()[:LENGTH]
            for row in rows
            if row.rstrip().endswith("1")
        }
    )
    usable = [one for one in found if len(one) == LENGTH and set(one) <= set(RESIDUES)]
    return np.array(
        [[RESIDUES.index(letter) for letter in one] for one in usable], dtype=np.int64
    )


def shifted(words: Words) -> Words:
    """What the net sees where it is to say `words`: each behind a start mark, the last left out."""
    return np.concatenate([np.full((len(words), 1), START), words[:, :-1]], axis=1)


def trained(words: Words, units: int, steps: int, rng: np.random.Generator) -> Trainer:
    layers = [
        Embedding(len(RESIDUES) + 1, 16),
        GRU(units, sequence=True),
        Dense(len(RESIDUES)),
    ]
    trainer = Trainer(
        layers,
        (LENGTH,),
        loss="cross_entropy",
        optimizer="adam",
        learning_rate=5e-3,
        seed=1,
    )
    for _ in range(steps):
        batch = words[rng.integers(0, len(words), 64)]
        trainer.step(shifted(batch), batch)
    return trainer


def probabilities(trainer: Trainer, words: Words) -> Floats:
    logits: Any = trainer.predict(shifted(words)).astype(np.float64)
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    result: Floats = powers / powers.sum(-1, keepdims=True)
    return result


def sampled(trainer: Trainer, count: int, rng: np.random.Generator) -> Words:
    words = np.zeros((count, LENGTH), dtype=np.int64)
    for step in range(LENGTH):
        shares = probabilities(trainer, words)[:, step].cumsum(-1)
        words[:, step] = np.minimum(
            (shares < rng.random((count, 1))).sum(-1), len(RESIDUES) - 1
        )
    return words


def divergences(truth: Trainer, model: Trainer, words: Words) -> Floats:
    """KL(truth || model) of each step, its prefix being that of `words`."""
    p, q = probabilities(truth, words), probabilities(model, words)
    result: Floats = np.maximum((p * np.log(p / q)).sum(-1), 0)
    return result


def composition(words: Words) -> Floats:
    return np.stack(
        [(words == letter).mean(1) for letter in range(len(RESIDUES))], axis=1
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=120)
    steps = parser.parse_args().steps
    words = peptides()
    if words is None:
        print("modlamp is not installed (pip install modlamp): nothing to learn from")
        return
    rng = np.random.default_rng(0)
    words = rng.permutation(words)
    held, seen = words[:300], words[300:]
    truth = trained(seen, 64, 4 * steps, rng)
    model = trained(seen[: len(seen) // 4], 32, steps, rng)
    own = sampled(model, 300, rng)
    print(f"{len(words)} peptides of {LENGTH} residues")
    print(
        "exposure bias:",
        generative.exposure_bias(
            divergences(truth, model, held), divergences(truth, model, own)
        ),
    )
    print(
        "coverage:",
        generative.sample_coverage(composition(held), composition(own), bin_count=0),
    )
    collapsed = own[rng.integers(0, 10, 300)]
    print(
        "ten of them over and over:",
        generative.sample_coverage(
            composition(held), composition(collapsed), bin_count=0
        ),
    )
    print(
        "samples:",
        generative.birthday(own),
        "\n        ",
        generative.vendi_score(composition(own)),
    )
    print("data:   ", generative.vendi_score(composition(held)))


if __name__ == "__main__":
    main()
