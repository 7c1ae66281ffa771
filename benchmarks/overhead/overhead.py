"""`make bench-overhead`: what watching a training step costs, as ratios to the plain step, all contenders in turn.

Every contender has a process of its own, and they train blocks of steps one after the other, round after round; in each
round a plain block stands beside every block that is watched. `wall` is the median over the rounds of the ratio of the
two median steps. `own` is the time spent in Trimtab's hooks and in its step, added up over whole cycles of its
cadences, over the plain step: what wall time is too coarse to show. It is time of the processor, so that what else the
machine does is not counted; with one thread the plain step's is too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import torch
from contenders import CONTENDERS, PACKAGES
from jobs import images

HERE = Path(__file__).parent
CYCLE = 20


class Worker:
    """A process that trains when it is told to."""

    def __init__(self, name: str, kind: str, threads: int, cache: Path) -> None:
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
        if name in PACKAGES:
            environment["PYTHONPATH"] = str(cache / "peers" / PACKAGES[name])
        self.errors = cache / f"{PACKAGES.get(name, 'trimtab')}.log"
        # The log is read after the process, and written by it alone.
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(HERE / "worker.py"), name, kind, str(threads), str(cache / "images.pt")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment,
            )

    def ask(self, line: str) -> dict[str, object] | None:
        """The answer; None once the process has ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except OSError:
            return None
        answer = self.process.stdout.readline()
        return dict(json.loads(answer)) if answer.strip() else None

    def reason(self) -> str:
        """Why it ended: the last line that it wrote."""
        self.process.kill()
        self.process.wait()
        lines = [line.strip() for line in self.errors.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1][:110] if lines else f"ended with {self.process.returncode}"


def race(kind: str, threads: int, rounds: int, cache: Path, names: list[str]) -> list[tuple[str, str, str, str]]:
    plain = Worker("plain again", kind, threads, cache)
    workers = {name: Worker(name, kind, threads, cache) for name in names}
    failed: dict[str, str] = {}
    ratios: dict[str, list[float]] = {name: [] for name in names}
    shares: dict[str, list[float]] = {name: [] for name in names}
    steps: list[float] = []
    for number in range(-2, rounds):
        for name in names:
            if name in failed:
                continue
            beside = plain.ask(str(CYCLE))
            found = workers[name].ask(str(CYCLE))
            if beside is None:
                raise SystemExit(f"the plain step failed: {plain.reason()}")
            if found is None:
                failed[name] = workers[name].reason()
                continue
            if number < 0:
                continue
            step = statistics.median(beside["seconds"])  # type: ignore[arg-type]
            steps.append(step)
            ratios[name].append(statistics.median(found["seconds"]) / step)  # type: ignore[arg-type]
            if isinstance(found["own"], float):
                plain_step = statistics.median(beside["thread"]) if threads == 1 else step  # type: ignore[arg-type]
                shares[name].append(found["own"] / plain_step)
    said = {
        name: str((worker.ask("end") or {}).get("said", "")) for name, worker in workers.items() if name not in failed
    }
    plain.ask("end")
    print(f"\n{kind}, {threads} thread{'s' if threads > 1 else ''}: plain step {statistics.median(steps) * 1e3:.2f} ms")
    rows = []
    for name in names:
        if name in failed:
            rows.append((name, "-", "-", f"left out: {failed[name]}"))
            continue
        own = f"{1 + statistics.median(shares[name]):.4f}" if shares[name] else ""
        rows.append((name, f"{statistics.median(ratios[name]):.2f}", own, said[name]))
    for name, wall, own, remark in [("", "wall", "own", ""), *rows]:
        print(f"  {name:<22}{wall:>8}{own:>9}  {remark}".rstrip(), flush=True)
    return rows


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("cache", type=Path)
    arguments.add_argument("--jobs", nargs="+", default=["mlp", "cnn"], choices=["mlp", "cnn"])
    arguments.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    arguments.add_argument("--rounds", type=int, default=15)
    arguments.add_argument("--only", nargs="+", default=list(CONTENDERS), choices=list(CONTENDERS), metavar="NAME")
    chosen = arguments.parse_args()
    torch.save(images(), chosen.cache / "images.pt")
    for kind in chosen.jobs:
        for threads in chosen.threads:
            race(kind, threads, chosen.rounds, chosen.cache, chosen.only)


main()
