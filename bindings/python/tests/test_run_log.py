"""The run log and the flight record as a training program leaves them."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from randomness import generator

from trimtab import Action, Monitor

WRITER = """
import sys, numpy as np, trimtab
monitor = trimtab.Monitor()
monitor.register("w")
monitor.log(sys.argv[1])
gradient = np.ones((4, 4))
for step in range(1, 10**9):
    monitor.begin_step(step)
    monitor.observe("w", "gradient", gradient)
    monitor.observe_scalar("loss", 1 / step)
    monitor.end_step()
    if step == 1:
        print("ready", flush=True)
"""


def take(monitor: Monitor, step: int, value: float = 1.0) -> Action:
    monitor.begin_step(step)
    monitor.observe("w", "gradient", np.full((4, 4), value))
    monitor.observe_scalar("loss", 1 / step)
    return monitor.end_step().action


def objects(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line]


@pytest.fixture
def monitor() -> Monitor:
    made = Monitor()
    made.register("w")
    return made


def test_no_line_of_a_new_log_is_empty_and_none_joins_what_was_there(monitor: Monitor, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    for prefix in ("", '{"torn'):
        path.write_text(prefix)
        monitor.log(path)
        take(monitor, 1 if not prefix else 2)
        monitor.log(None)
        lines = path.read_text().splitlines()
        assert lines[0] == prefix or "trimtab_log" in json.loads(lines[0])
        assert "" not in lines
        assert all(json.loads(line) for line in lines[bool(prefix) :])


def test_every_line_is_json_and_the_last_one_closes(monitor: Monitor, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    monitor.register('a "name" \\ of ours')
    monitor.log(path)
    for step in range(1, 31):
        take(monitor, step, float("nan") if step == 20 else 1.0)
    monitor.restored(25)
    monitor.log(None)
    lines = objects(path)
    assert lines[0]["trimtab_log"] == 1
    assert list(lines[0]["entries"]) == ["w", 'a "name" \\ of ours']
    steps = [line for line in lines if "step" in line]
    assert [line["step"] for line in steps] == list(range(1, 31))
    assert steps[19]["action"] == "skip"
    assert steps[19]["rule"] == "nonfinite"
    raised, ended = (line for line in lines if line.get("rule") == "nonfinite" and "finding" in line)
    assert raised["is_standing"] == 1
    assert ended["is_standing"] == 0
    assert raised["before"] == ended["before"] == [1, 1, 1, 1]
    assert {"restored": 25} in lines
    end = lines[-1]
    assert end["end"] == 25
    assert end["step_count"] == 30
    assert end["lost_count"] == 0
    assert end["coverage"]["gradient"] == {"entry_count": 1, "look_count": 30, "left_out_count": 0, "interval": 1}
    assert end["never_seen"] == ['a "name" \\ of ours']


def test_a_kill_costs_at_most_the_last_line(tmp_path: Path) -> None:
    random = generator(1)
    path = tmp_path / "run.jsonl"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for round_ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, env=environment
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(random.uniform(0, 0.03))
            writer.kill()
        runs = path.read_bytes().split(b'{"trimtab_log":1,')[1:]
        assert len(runs) == round_ + 1
        *whole, last = runs[-1].split(b"\n")[1:]
        assert [json.loads(line)["step"] for line in whole] == list(range(1, len(whole) + 1))
        assert last == b"" or last.startswith(b'{"')


def test_the_first_record_is_kept_until_it_is_asked_for_again(monitor: Monitor, tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    monitor.register("v")
    monitor.record_to(path)

    def step(number: int, names: str = "wv", bad: str = "") -> None:
        monitor.begin_step(number)
        for name in names:
            monitor.observe(name, "gradient", np.full((4, 4), np.nan if name == bad else 1.0))
        monitor.end_step()

    for number in range(1, 11):
        step(number, bad="w" if number == 10 else "")
    first = path.read_bytes()
    assert [line["step"] for line in objects(path) if "step" in line] == list(range(1, 11))
    for number in range(11, 201):
        step(number, bad="v" if number == 200 else "")
    assert len(monitor.findings()) == 2
    assert path.read_bytes() == first
    # What is asked for is written, and a path that is named again waits for the next finding.
    monitor.write_record(path)
    assert [line["step"] for line in objects(path) if "step" in line] == list(range(137, 201))
    monitor.record_to(path)
    before = path.read_bytes()
    step(201)
    monitor.begin_step(202)
    monitor.observe_scalar("loss", float("nan"))
    monitor.end_step()
    assert path.read_bytes() != before


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="there is no /dev/full")
def test_a_full_disk_is_told_and_stops_nothing(monitor: Monitor) -> None:
    monitor.log("/dev/full")
    assert [take(monitor, step) for step in range(1, 6)] == [Action.PROCEED] * 5
    state = monitor.log_state()
    assert state.failure == errno.ENOSPC
    assert state.line_count == 0
    assert state.lost_count >= 5


def test_a_watch_says_what_its_log_has_lost(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    import trimtab.torch as trimtab_torch

    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    watch = trimtab_torch.watch(model, optimizer, record=tmp_path / "none" / "record.jsonl")
    for step in range(3):
        loss = model(torch.full((2, 3), float("nan") if step == 1 else 1.0)).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        watch.step(loss)
    assert "not written: 1 lines or records of the log" in watch.report()
