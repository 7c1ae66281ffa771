"""Runs programs in two processes: cached, with a time limit each; a run that crashes is a result like any other."""

from __future__ import annotations

import multiprocessing
import sys
import time
import warnings
from collections import deque
from dataclasses import asdict
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Protocol

from . import cache
from .loop import Observer, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from multiprocessing.connection import Connection

    from .program import Program
    from .recipe import Recipe

#: Seconds: twenty times what a run takes.
TIME_LIMIT = 60.0
PROCESSES = 2


class Answering(Observer, Protocol):
    """An observer whose findings can be kept: `answer()` is JSON."""

    def answer(self) -> dict[str, Any]: ...


def run_one(recipe: Recipe, observers: Mapping[str, Callable[[], Answering]]) -> dict[str, Any]:
    """One run: {"course": ..., "answers": {name: ...}, "seconds": ...}."""
    looking = {name: make() for name, make in observers.items()}
    start = time.perf_counter()
    with warnings.catch_warnings():
        # torch says that a broadcast is odd: the program's author did not read it.
        warnings.simplefilter("ignore")
        course = run(recipe, list(looking.values()))
        seconds = time.perf_counter() - start
        # Peers take means of what was never seen.
        answers = {name: observer.answer() for name, observer in looking.items()}
    return {"course": asdict(course), "answers": answers, "seconds": seconds}


def _failed(reason: str) -> dict[str, Any]:
    course = {"losses": [], "evaluation_steps": [], "evaluation_losses": [], "scores": [], "failure": reason}
    return {"course": course, "answers": {}, "seconds": 0.0}


def _work(connection: Connection, observers: Mapping[str, Callable[[], Answering]]) -> None:
    """A worker: recipes in, results out, until there are no more."""
    while True:
        try:
            recipe = connection.recv()
        except EOFError:
            return
        try:
            result = run_one(recipe, observers)
        except Exception as error:
            result = _failed(f"runner: {type(error).__name__}: {error}")
        connection.send(result)


class _Worker:
    """A process, and what it is at."""

    def __init__(self, observers: Mapping[str, Callable[[], Answering]]) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, observers), daemon=True)
        self.process.start()
        theirs.close()
        self.recipe: Recipe | None = None
        self.deadline = float("inf")

    def begin(self, recipe: Recipe) -> None:
        self.recipe = recipe
        # The first run of a process reads data and imports torch as well.
        self.deadline = time.monotonic() + TIME_LIMIT
        self.connection.send(recipe)

    def result(self) -> dict[str, Any] | None:
        """Of the run that is on: None while it goes on."""
        if self.connection.poll():
            try:
                found: dict[str, Any] = self.connection.recv()
                return found
            except EOFError:
                pass
        if not self.process.is_alive():
            return _failed(f"runner: the process ended with {self.process.exitcode}")
        return _failed(f"runner: more than {TIME_LIMIT:.0f} s") if time.monotonic() > self.deadline else None

    def close(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.join()


def _todo(recipes: Iterable[Recipe], code: str, results: dict[str, dict[str, Any]]) -> deque[Recipe]:
    """Recipes that are not known yet, each once; what is known goes to the results."""
    missing: dict[str, Recipe] = {}
    for recipe in recipes:
        known = cache.load(recipe, code) if recipe.key not in results else None
        if known is not None:
            results[recipe.key] = known
        elif recipe.key not in results:
            missing[recipe.key] = recipe
    return deque(missing.values())


def run_all(
    programs: Iterable[Program], observers: Mapping[str, Callable[[], Answering]], processes: int = PROCESSES
) -> dict[str, dict[str, Any]]:
    """Results by `program.recipe.key`. Two programs of one recipe are one run.

    A time-out, or the end of a process, is told as the course's failure, and tried again the next time.
    observers: by name, what makes one; importable, as they are made in other processes.
    """
    from tqdm import tqdm

    code = cache.version(observers)
    results: dict[str, dict[str, Any]] = {}
    todo = _todo((program.recipe for program in programs), code, results)
    total = len(todo)
    workers = [_Worker(observers) for _ in range(min(processes, total))]
    with tqdm(total=total, unit="run", file=sys.stderr, disable=None if total else True) as progress:
        while len(workers) and (todo or any(worker.recipe for worker in workers)):
            for place, worker in enumerate(workers):
                if worker.recipe is not None:
                    result = worker.result()
                    if result is None:
                        continue
                    results[worker.recipe.key] = result
                    if not result["course"]["failure"].startswith("runner:"):
                        cache.store(worker.recipe, code, result)
                    else:
                        worker.close()
                        worker = workers[place] = _Worker(observers)
                    worker.recipe = None
                    progress.update()
                if todo:
                    worker.begin(todo.popleft())
            busy = [worker.connection for worker in workers if worker.recipe is not None]
            wait(busy, timeout=1.0)
    for worker in workers:
        worker.close()
    return results
