"""Instructions of a training step, plain and watched, as callgrind counts them: a check on the times that no noise
reaches. Counting is switched on after the start, for the same number of steps of both.

callgrind knows no 512-bit instructions, so PyTorch and Trimtab both run their 256-bit code.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

STEPS = 20
WARM_UP = 25


def steps(name: str, kind: str, cached: Path) -> None:
    """What runs under callgrind."""
    import torch
    from contenders import CONTENDERS
    from jobs import Job

    torch.set_num_threads(1)
    job = Job(kind, cached)
    contender = CONTENDERS[name](job)
    for _ in range(WARM_UP):
        job.step(contender)
    switch("--instr=on")
    for _ in range(STEPS):
        job.step(contender)
    switch("--instr=off")


def switch(word: str) -> None:
    subprocess.run(["callgrind_control", word, str(os.getpid())], check=True, stdout=subprocess.DEVNULL)


def count(name: str, kind: str, cached: Path) -> float:
    """Instructions of a step."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                *("valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder}/out"),
                *(sys.executable, __file__, "--steps", name, kind, str(cached)),
            ],
            check=True,
            capture_output=True,
            env=dict(os.environ, OMP_NUM_THREADS="1"),
        )
        # One part a switch: their totals together.
        totals = [
            int(line.split()[1])
            for part in Path(folder).glob("out*")
            for line in part.read_text(errors="replace").splitlines()
            if line.startswith(("totals:", "summary:"))
        ]
    return max(totals, default=0) / STEPS


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("cache", type=Path, nargs="?")
    arguments.add_argument("--jobs", nargs="+", default=["mlp", "cnn"])
    arguments.add_argument("--steps", nargs=3, metavar=("NAME", "JOB", "IMAGES"), help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.steps:
        steps(chosen.steps[0], chosen.steps[1], Path(chosen.steps[2]))
        return
    for kind in chosen.jobs:
        plain = count("plain again", kind, chosen.cache / "images.pt")
        watched = count("trimtab", kind, chosen.cache / "images.pt")
        print(f"{kind}: {plain / 1e6:.2f} M instructions a plain step, ratio watched {watched / plain:.4f}", flush=True)


main()
