"""One contender in a process of its own: trains as many steps as each line of its input says, and answers with times.

A block ends early when it has lasted two seconds, so that a contender a hundred times slower does not hold up the rest;
a count with a minus sign before it is kept to.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
import warnings
from pathlib import Path

import torch
from contenders import CONTENDERS, Contender
from jobs import Job


def block(job: Job, contender: Contender, count: int) -> dict[str, object]:
    before = contender.own
    seconds: list[float] = []
    thread: list[float] = []
    end = time.perf_counter() + 2 if count > 0 else float("inf")
    while len(seconds) < abs(count) and time.perf_counter() < end:
        start, busy = time.perf_counter(), time.thread_time()
        job.step(contender)
        seconds.append(time.perf_counter() - start)
        thread.append(time.thread_time() - busy)
    own = None if contender.own is None or before is None else (contender.own - before) / len(seconds)
    return {"seconds": seconds, "thread": thread, "own": own}


def main() -> None:
    name, kind, threads, cached = sys.argv[1:]
    answers = sys.stdout
    torch.set_num_threads(int(threads))
    warnings.simplefilter("ignore")
    # What a peer prints must not stand among the answers.
    with contextlib.redirect_stdout(sys.stderr):
        job = Job(kind, Path(cached))
        contender = CONTENDERS[name](job)
        for line in sys.stdin:
            if not line.strip().lstrip("-").isdigit():
                break
            print(json.dumps(block(job, contender, int(line))), file=answers, flush=True)
        print(json.dumps({"said": contender.done()}), file=answers, flush=True)


main()
