"""The runner: crashes and time-outs are results, caches hold, observers see every step."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path
from typing import Any

import pytest
from foundry import cache, harm, healthy, runner
from foundry.bases import BASES
from foundry.program import Fault, Program
from foundry.recipe import Recipe
from foundry.watching import Watching

SHORT = Recipe("mlp_classifier", data="iris", width=8, steps=50)


class Silent:
    """Looks on, and does nothing."""

    def begin(self, task: Any, optimizer: Any, recipe: Recipe) -> None: ...
    def judged(self, step: int, loss: Any) -> None: ...
    def stepped(self, step: int) -> None: ...
    def evaluated(self, step: int, loss: float, score: float) -> None: ...
    def replaced(self, optimizer: Any) -> None: ...
    def end(self) -> None: ...
    def answer(self) -> dict[str, Any]:
        return {"process": os.getpid()}


class Counting(Silent):
    def __init__(self) -> None:
        self.steps: list[int] = []

    def judged(self, step: int, loss: Any) -> None:
        self.steps.append(step)

    def answer(self) -> dict[str, Any]:
        return {"steps": self.steps}


class Dying(Silent):
    """Takes the process with it, as a bug in a library would."""

    def judged(self, step: int, loss: Any) -> None:
        os._exit(7)


class Sleeping(Silent):
    def judged(self, step: int, loss: Any) -> None:
        time.sleep(30)


class Raising(Silent):
    def begin(self, task: Any, optimizer: Any, recipe: Recipe) -> None:
        raise KeyError("found nothing")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "FOLDER", tmp_path)


def _program(recipe: Recipe = SHORT) -> Program:
    return Program("healthy/test", "healthy", recipe)


def test_every_step_is_seen_and_the_second_run_comes_from_the_cache() -> None:
    first = runner.run_all([_program()], {"counting": Counting}, 1)[SHORT.key]
    assert first["answers"]["counting"]["steps"] == list(range(50))
    assert len(first["course"]["losses"]) == 50
    assert len(first["course"]["scores"]) == 1
    again = runner.run_all([_program()], {"counting": Counting}, 1)[SHORT.key]
    assert again == first


def test_one_recipe_is_run_once_whoever_has_it() -> None:
    results = runner.run_all([_program(), _program()], {}, 2)
    assert list(results) == [SHORT.key]


@pytest.mark.parametrize(("kind", "reason"), [(Dying, "the process ended with 7"), (Raising, "KeyError")])
def test_a_crash_is_a_result_and_the_next_run_goes_on(kind: type, reason: str) -> None:
    other = SHORT.changed(seed=1)
    results = runner.run_all([_program(), _program(other)], {"kind": kind}, 1)
    assert {SHORT.key, other.key} == set(results)
    assert all(reason in result["course"]["failure"] for result in results.values())
    assert not list(cache.FOLDER.iterdir())


def test_a_run_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "TIME_LIMIT", 10.0)
    result = runner.run_all([_program()], {"sleeping": Sleeping}, 1)[SHORT.key]
    assert "more than 10 s" in result["course"]["failure"]


def test_a_file_that_is_cut_off_is_run_again() -> None:
    code = cache.version({})
    cache.path_of(SHORT, code).write_text('{"course": ')
    assert cache.load(SHORT, code) is None


def test_asking_for_findings_changes_nothing() -> None:
    recipe = BASES["plane"].changed(steps=100)
    plain, watched = runner.run_one(recipe, {}), runner.run_one(recipe, {"trimtab": Watching})
    assert watched["course"] == plain["course"]
    rules = {flag["rule"] for flag in watched["answers"]["trimtab"]["flags"]}
    assert "asked" in rules, "after a hundred steps the samples cover little"


def test_the_watch_changes_nothing_and_names_what_was_forgotten() -> None:
    plain = runner.run_one(SHORT, {})
    watched = runner.run_one(SHORT, {"trimtab": Watching})
    assert watched["course"] == plain["course"]
    assert watched["answers"]["trimtab"]["flags"] == []
    forgotten = runner.run_one(SHORT.changed(takes_steps=False), {"trimtab": Watching})
    causes = [flag["cause"].lower() for flag in forgotten["answers"]["trimtab"]["flags"]]
    assert "missing_optimizer_step" in causes


def _result(losses: list[float], evaluation: float, score: float, failure: str = "") -> dict[str, Any]:
    course = {
        "losses": losses,
        "evaluation_steps": [49, 99],
        "evaluation_losses": [evaluation] * 2,
        "scores": [score] * 2,
        "failure": failure,
    }
    return {"course": course}


@pytest.mark.parametrize(
    ("faulty", "reason"),
    [
        (_result([1.0] * 100, 1.0, 0.9), ""),
        (_result([1.0] * 100, 1.0, 0.84), "score"),
        (_result([1.0] * 100, 1.6, 0.9), "loss"),
        (_result([1.0] * 99 + [math.nan], 1.0, 0.9), "not finite"),
        (_result([1.0], 1.0, 0.9, "RuntimeError"), "crash"),
        (_result([1.0] * 50 + [5.0] * 20 + [1.0] * 30, 1.0, 0.9), "jump"),
    ],
)
def test_harm_is_what_the_twin_does_not_suffer(faulty: dict[str, Any], reason: str) -> None:
    program = Program("x", "faulty", SHORT, Fault("x", {"lr": 1.0}, ("plateau",), onset=40))
    assert harm.harm_of(program, faulty, _result([1.0] * 100, 1.0, 0.9)).reason == reason


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ([0.5, 0.95], ""),
        ([0.5, 0.6], "score too low"),
        ([0.95, 0.5], "score lost again"),
        ([0.95, math.nan], "not finite"),
    ],
)
def test_a_program_is_healthy_by_its_score(scores: list[float], reason: str) -> None:
    course = {"failure": "", "scores": scores, "losses": [0.1]}
    assert healthy.verdict_on(_program(), course) == reason
