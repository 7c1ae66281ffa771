"""Make every file of examples/data: `python examples/data/make/make_data.py [folder]`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# One thread, set before numpy loads its BLAS: the order of sums must not depend on the core count.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import features
import pseudo_labels
import runs


def main() -> None:
    """Write all files below the folder given, or beside this script's folder."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    features.make_wine(root / "wine")
    features.make_digits(root / "digits")
    print("healthy:", runs.make_run(root / "healthy", learning_rate=0.05))
    print("killed:", runs.make_run(root / "killed", learning_rate=1.0))
    calm = pseudo_labels.make_series(root / "self_training", pseudo_labels.CALM)
    print("self_training:", calm)
    drifting = pseudo_labels.make_series(root / "self_training_drifting", pseudo_labels.DRIFTING)
    print("self_training_drifting:", drifting)


if __name__ == "__main__":
    main()
