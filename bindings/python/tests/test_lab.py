"""The lab from Python: the numbers of the command, progress, and what ends a run."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from trimtab import TrimtabError, lab

CHECKOUT = Path(__file__).resolve().parents[3]
COMMAND = Path(os.environ.get("TRIMTAB_COMMAND", CHECKOUT / "build" / "bin" / "trimtab"))
NAME = "dying-relu"


def test_every_experiment_has_a_page() -> None:
    for experiment in lab.experiments():
        page = CHECKOUT / "docs" / "lab" / f"{experiment.name}.md"
        if not CHECKOUT.joinpath("docs").is_dir():
            pytest.skip("no checkout around the tests")
        assert f"trimtab lab run {experiment.name}" in page.read_text(), page
        assert page.with_suffix(".svg").is_file()


@pytest.mark.parametrize("name", [one.name for one in lab.experiments()])
def test_every_experiment_runs(name: str) -> None:
    """One seed: what it shows is judged over eight, by `make lab-pages`."""
    found = lab.run(name, seeds=1)
    # Digits of 8 by 8 are learned at once too: nothing fails there to be cured.
    first = "reference" if name == "progressive-digits" else "broken"
    assert {one.role for one in found.measurements} >= {first, "cured"}
    assert len(found.expectations) >= 3
    assert found.curves
    assert all(len(one.x) == len(one.y) >= 1 for one in found.curves)
    assert not any(math.isnan(one.over_seeds.median) for one in found.expectations)


def test_numbers_are_those_of_the_command() -> None:
    if not COMMAND.is_file() or shutil.which(str(COMMAND)) is None:
        pytest.skip(f"no command at {COMMAND}: make cli builds it")
    ran = subprocess.run(
        [COMMAND, "lab", "run", NAME, "--seeds", "2", "--json"], check=False, capture_output=True, text=True
    )
    assert ran.returncode in (0, 1), ran.stderr
    said = json.loads(ran.stdout)["experiments"][0]
    found = lab.run(NAME, seeds=2)
    assert [one["median"] for one in said["measurements"]] == [one.over_seeds.median for one in found.measurements]
    assert [one["claim"] for one in said["expectations"]] == [one.claim for one in found.expectations]
    assert [one["y"] for one in said["curves"]] == [one.y for one in found.curves]
    assert said["is_held"] == found.is_held


def test_progress_is_told_and_may_end_the_run() -> None:
    told: list[tuple[int, int]] = []

    class EnoughError(Exception):
        pass

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        if done == 1:
            raise EnoughError

    with pytest.raises(EnoughError):
        lab.run(NAME, seeds=3, progress=progress)
    assert told == [(0, 3), (1, 3)]


def test_refusals_name_what_was_found() -> None:
    with pytest.raises(TrimtabError, match="name: found 'no-such', allowed dying-relu, edge-of-stability, "):
        lab.run("no-such")
    with pytest.raises(TrimtabError, match=r"options.seeds: found 0, allowed 1 to 10000"):
        lab.run(NAME, seeds=0)
    with pytest.raises(TypeError, match="name: found int"):
        lab.run(3)  # type: ignore[arg-type]
