"""Runs every job beside its peers in one process and prints the ratios.

Usage: bench.py CEILING_LIBRARY [--rounds N] [--only WORD]
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import jobs
import numpy as np
import sklearn
import torch
import trimtab
from threadpoolctl import threadpool_limits
from timing import Timing, paired_ratio, race, spell


def print_job(job: jobs.Job, times: dict[str, Timing]) -> bool:
    """Prints a table, ours first, and says whether what is asked was reached."""
    ours = times[job.ours]
    print(f"\n{job.title}")
    reached = True
    for name, timing in times.items():
        rate = f"{job.bytes_read / timing.median / 1e9:6.1f} GB/s" if job.bytes_read else ""
        ratio = "" if name == job.ours else f"{paired_ratio(timing, ours):7.2f} x ours"
        asked = ""
        if name in job.bounds:
            held = paired_ratio(timing, ours) >= job.bounds[name]
            reached &= held
            asked = f"  asked >= {job.bounds[name]}: {'reached' if held else 'MISSED'}"
        if name == job.ours and job.at_most_seconds is not None:
            held = timing.median <= job.at_most_seconds
            reached &= held
            asked = f"  asked <= {spell(job.at_most_seconds)}: {'reached' if held else 'MISSED'}"
        print(f"  {name:<36} {spell(timing.median):>10} (least {spell(timing.least):>9}) {rate:>12} {ratio:>14}{asked}")
    return reached


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ceiling", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1, help="threads that the peers may use; trimtab uses one")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(
        f"Python {platform.python_version()}, numpy {np.__version__}, torch {torch.__version__}, "
        f"scikit-learn {sklearn.__version__}, trimtab {trimtab.__version__}; peers on {arguments.threads} thread(s); "
        f"medians of {arguments.rounds} rounds in turn"
    )
    all_jobs: dict[str, Callable[[], jobs.Job]] = {
        "summary": lambda: jobs.large_summary(arguments.ceiling),
        "small": jobs.small_summaries,
        "covariance": jobs.covariance,
        "condition": jobs.condition_number,
        "gradients": jobs.gradients,
    }
    reached = True
    with threadpool_limits(limits=arguments.threads):
        for name, make in all_jobs.items():
            if arguments.only in name:
                job = make()
                reached &= print_job(job, race(job.contenders, arguments.rounds))
    print("\nEverything that is asked was reached." if reached else "\nSomething that is asked was MISSED.")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
