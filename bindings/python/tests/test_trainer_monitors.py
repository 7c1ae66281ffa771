"""A trainer that a monitor watches, and what the targets and options of a step have to be."""

from __future__ import annotations

import gc
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from trainers import INPUTS, TARGETS, Dense, Trainer, make, run

import trimtab
from trimtab import layers

if TYPE_CHECKING:
    pass


# Monitors


def test_a_nan_in_a_weight_is_not_trained_on() -> None:
    monitor = trimtab.Monitor()
    own = make(seed=7)
    own.attach(monitor)
    assert monitor.names == (*own.parameters(), "layer0.output", "layer2.output")
    healthy = run(own, 3)
    assert all(step.is_taken and step.action is trimtab.Action.PROCEED for step in healthy)
    good = own.save()
    own.parameters()["layer0.weight"][1, 2] = math.nan
    poisoned = own.parameters()["layer2.weight"].copy()
    found = own.step(INPUTS, TARGETS)
    assert not found.is_taken
    assert found.action is trimtab.Action.STOP  # A lost weight does not come back by itself.
    assert math.isnan(found.loss)
    np.testing.assert_array_equal(own.parameters()["layer2.weight"], poisoned)
    finding = monitor.findings()[0]
    assert (finding.rule, finding.name, finding.first_step) == ("nonfinite", "layer0.weight", 4)
    own.load(good)
    assert own.step(INPUTS, TARGETS).is_taken
    own.attach(None)
    own.parameters()["layer0.weight"][1, 2] = math.nan
    assert own.step(INPUTS, TARGETS).is_taken


def test_a_step_that_a_monitor_cannot_take_leaves_the_trainer_as_it_was() -> None:
    def net() -> trimtab.Trainer:
        return Trainer([Dense(4, spectral=True, activation="relu"), layers.Dropout(0.3), Dense(2)], (3,), seed=8)

    own, twin = net(), net()
    monitor, other = trimtab.Monitor(), trimtab.Monitor()
    own.attach(monitor)
    twin.attach(other)
    assert run(own, 3) == run(twin, 3)
    monitor.begin_step(9)
    for _ in range(2):
        with pytest.raises(trimtab.TrimtabValueError, match="step"):
            own.step(INPUTS, TARGETS)
    with pytest.raises(trimtab.TrimtabValueError, match="monitor: found an open step"):
        own.load(twin.save())
    monitor.end_step()
    monitor.restored(3)
    other.restored(3)
    assert own.save() == twin.save()
    assert run(own, 3, start=3) == run(twin, 3, start=3)


def test_a_monitor_that_proceeds_changes_nothing() -> None:
    own, twin = make(seed=8, optimizer="adam"), make(seed=8, optimizer="adam")
    own.attach(trimtab.Monitor())
    gc.collect()  # The trainer keeps the monitor.
    assert [step.loss for step in run(own, 30)] == [step.loss for step in run(twin, 30)]
    assert own.save() == twin.save()


def test_a_monitor_may_clip() -> None:
    own = make(seed=8, learning_rate=1.0)
    own.attach(trimtab.Monitor(clipping="fixed", maximum_norm=1e-3))
    before = {name: view.copy() for name, view in own.parameters().items()}
    found = own.step(INPUTS, TARGETS)
    assert found.action is trimtab.Action.CLIP
    assert found.clip_factor == pytest.approx(1e-3 / found.gradient_norm, rel=1e-2)
    moved = math.sqrt(sum(float(((view - before[name]) ** 2).sum()) for name, view in own.parameters().items()))
    assert moved == pytest.approx(1e-3, rel=1e-2)


def test_a_monitor_belongs_to_one_trainer() -> None:
    monitor = trimtab.Monitor()
    make().attach(monitor)
    own = make()
    with pytest.raises(trimtab.TrimtabValueError, match=r"monitor: found an entry layer0\.weight"):
        own.attach(monitor)
    with pytest.raises(trimtab.TrimtabTypeError, match="monitor: found int"):
        own.attach(3)  # type: ignore[arg-type]
    closed = trimtab.Monitor()
    closed.close()
    with pytest.raises(trimtab.TrimtabValueError, match="closed"):
        own.attach(closed)
    assert own.step(INPUTS, TARGETS).is_taken


def test_an_attachment_that_fails_registers_nothing() -> None:
    monitor = trimtab.Monitor()
    monitor.register("layer1.bias")
    with pytest.raises(trimtab.TrimtabValueError, match=r"monitor: found an entry layer1\.bias"):
        trimtab.Trainer([layers.Dense(2), layers.Dense(1)], (3,)).attach(monitor)
    # One whose names are all new is watched.
    trimtab.Trainer([layers.Dense(1)], (3,)).attach(monitor)


def test_targets_have_the_shape_of_the_output() -> None:
    own = trimtab.Trainer([layers.Dense(4)], (3, 3), loss="squared")
    inputs, targets = np.zeros((5, 3, 3)), np.ones((5, 3, 4))
    assert own.evaluate(inputs, targets).count == 5
    for wrong in (targets.transpose(0, 2, 1), targets.reshape(5, 12), targets.reshape(5, 3, 4, 1)):
        with pytest.raises(trimtab.TrimtabValueError, match="targets: found"):
            own.evaluate(inputs, wrong)
    # The axis of a single output may be missing, and so may no other.
    single = trimtab.Trainer([layers.Dense(1)], (3,))
    assert single.evaluate(np.zeros((5, 3)), np.ones(5)).loss == single.evaluate(np.zeros((5, 3)), np.ones((5, 1))).loss
    labels = trimtab.Trainer([layers.Dense(4)], (3, 3), loss="cross_entropy")
    with pytest.raises(trimtab.TrimtabValueError, match="targets: found rank 1, allowed 2"):
        labels.evaluate(inputs, np.zeros(15, dtype=np.int64))


def test_gain_holds_for_the_default_initialiser_too() -> None:
    plain, wide = (
        trimtab.Trainer([layers.Dense(5, gain=gain)], (3,), precision="float64").parameters()["layer0.weight"]
        for gain in (1.0, 5.0)
    )
    assert np.allclose(wide, 5 * plain, rtol=1e-12)
    with pytest.raises(trimtab.TrimtabValueError, match="gain: found nan"):
        trimtab.Trainer([layers.Dense(5, gain=math.nan)], (3,))


@pytest.mark.parametrize(
    "other", [{"weight_decay": 0.1}, {"momentum": 0.5}, {"schedule": "cosine", "total_steps": 9}, {"seed": 1}]
)
def test_a_state_of_another_rule_or_schedule_is_refused(other: dict[str, Any]) -> None:
    def made(**options: Any) -> trimtab.Trainer:
        return trimtab.Trainer([layers.Dense(1)], (3,), optimizer="heavy_ball", **options)

    with pytest.raises(trimtab.TrimtabError, match="another description, allowed the same in all but"):
        made(**other).load(made().save())
    made(learning_rate=0.5).load(made().save())


def test_a_sharpness_that_cannot_be_compared_has_no_index() -> None:
    own = trimtab.Trainer([layers.Dense(1)], (3,), optimizer="adam", learning_rate=0.01)
    inputs, targets = np.ones((4, 3)), np.ones((4, 1))
    with pytest.raises(trimtab.TrimtabValueError, match="is_preconditioned: found 1 before the first step"):
        own.sharpness(inputs, targets, preconditioned=True)
    own.step(inputs, targets)
    assert math.isnan(own.sharpness(inputs, targets).index)
    assert own.sharpness(inputs, targets, preconditioned=True).index > 0
