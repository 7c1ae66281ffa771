"""The monitor's own snapshots, and what else it can be asked."""

from __future__ import annotations

import math

import numpy as np
import pytest
from randomness import generator

from trimtab import Action, Monitor
from trimtab.monitor import RULES, published_name


def take(monitor: Monitor, step: int, loss: float) -> Action:
    monitor.begin_step(step)
    monitor.observe_scalar("loss", loss)
    return monitor.end_step().action


def test_a_rollback_restores_the_last_good_copy() -> None:
    monitor = Monitor(may_roll_back=True, greatest_skips=1)
    weight = generator(1).normal(size=(6, 4)).astype(np.float32)[::2, ::-1]
    count = np.array([7], dtype=np.int64)
    good = weight.copy()
    assert take(monitor, 1, 1.0) is Action.PROCEED
    monitor.keep([weight, count], healthy_steps=2)
    with pytest.raises(ValueError, match="no good snapshot"):
        monitor.restore([weight, count])
    for step in (2, 3):
        weight *= 2
        take(monitor, step, 1.0)
    weight[:] = np.nan
    count[:] = 0
    assert [take(monitor, step, math.nan) for step in (4, 5)] == [Action.SKIP, Action.ROLL_BACK]
    assert monitor.restore([weight, count]) == 1
    assert np.array_equal(weight, good)
    assert count[0] == 7
    assert take(monitor, 2, 1.0) is Action.PROCEED


def test_what_cannot_be_restored_is_refused() -> None:
    monitor = Monitor()
    weight = np.ones((2, 3))
    monitor.keep([weight], healthy_steps=0)
    with pytest.raises(ValueError, match=r"tensors\[0\]: found 3 on axis 0, allowed 2 as at first"):
        monitor.keep([np.ones((3, 2))])
    with pytest.raises(ValueError, match="count"):
        monitor.restore([weight, weight])
    with pytest.raises(ValueError, match="list"):
        monitor.restore([[[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]])
    weight.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        monitor.restore([weight])


def test_the_slope_over_widths() -> None:
    monitor = Monitor()
    monitor.register("layer", "hidden", width=64)
    monitor.begin_step(1)
    monitor.observe("layer", "output", np.full((2, 64), 8.0))
    for width in (128, 256):
        monitor.observe_width("layer", width, math.sqrt(width))
    monitor.end_step()
    (finding,) = monitor.findings()
    assert finding.rule == "width_slope"
    assert finding.value == pytest.approx(0.5)
    assert finding.cause == "width_scaling"


def test_noise_and_spectrum_are_read_back() -> None:
    monitor = Monitor()
    weight = monitor.register("weight")
    assert all(math.isnan(value) for value in (*monitor.noise(), *monitor.spectrum(weight)))
    for step in range(1, 30):
        monitor.begin_step(step)
        monitor.observe(weight, "weight", np.diag([1.0, 0.5]))
        monitor.observe_noise(20, 6.0, 400, 1.25)
        monitor.end_step()
    assert monitor.noise() == (pytest.approx(100), pytest.approx(4))
    assert monitor.spectrum("weight") == (pytest.approx(1), pytest.approx(1.25), pytest.approx(1.88988157))


def test_published_names() -> None:
    names = {name for name in map(published_name, RULES) if name}
    assert len(names) == 13
    assert published_name("dead_units") == "DeadRelu"
    assert published_name("loss_spike") == ""
