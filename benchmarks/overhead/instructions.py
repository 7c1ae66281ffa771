"""What watching costs a step in instructions, counted by callgrind: a check of the times, which other work disturbs.

Each contender trains twice, a shorter and a longer run; the difference is the steps alone. A count is the same again for
the same binaries, whatever else the machine does. It weighs every instruction alike: a vector instruction of a matrix
product as much as one of the interpreter, and no wait for memory. valgrind offers no AVX-512, so kernels of AVX2 are
counted on both sides. A step takes some ten seconds there, so the runs are short: the looks at activations of every step
are in them, those at weights of one step in ten once.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
#: Steps of the two runs: past registration, and a whole cycle of the default cadences apart.
SHORT, LONG = 2, 12


def count(name: str, kind: str, steps: int, cache: Path) -> int:
    """All instructions of a process that trains so many steps."""
    environment = dict(os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", PYTHONHASHSEED="0")
    # Steps are counted, not timed: a block must not end early.
    command = [
        *("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable),
        *(str(HERE / "worker.py"), name, kind, "1", str(cache / "images.pt")),
    ]
    ended = subprocess.run(command, input=f"{-steps}\nend\n", capture_output=True, text=True, env=environment)
    found = re.search(r"Collected\s*:\s*(\d+)", ended.stderr)
    if ended.returncode != 0 or found is None:
        raise SystemExit(f"{name}: {(ended.stderr.strip().splitlines() or ['nothing said'])[-1]}")
    return int(found[1])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("cache", type=Path)
    arguments.add_argument("--jobs", nargs="+", default=["mlp", "cnn"], choices=["mlp", "cnn"])
    arguments.add_argument("--only", nargs="+", default=["trimtab", "trimtab, budget 1 %"], metavar="NAME")
    chosen = arguments.parse_args()
    for kind in chosen.jobs:
        per_step = {
            name: (count(name, kind, LONG, chosen.cache) - count(name, kind, SHORT, chosen.cache)) / (LONG - SHORT)
            for name in ["plain again", *chosen.only]
        }
        plain = per_step.pop("plain again")
        print(f"\n{kind}, instructions by callgrind: plain step {plain / 1e6:.1f} million")
        for name, found in per_step.items():
            print(f"  {name:<22}{found / plain:>8.4f}", flush=True)


main()
