"""A run under watch, with NumPy alone."""

from __future__ import annotations

import copy
import math
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from randomness import generator

import trimtab
from trimtab import Action, Monitor, Verdict
from trimtab.monitor import QUANTITIES, RULES


def run(monitor: Monitor, steps: int, start: int = 1, **tensors: Any) -> Iterator[trimtab.Decision]:
    """Steps in which each entry shows what `tensors` gives of it: (quantity, function of the step)."""
    for step in range(start, start + steps):
        monitor.begin_step(step)
        for name, (quantity, make) in tensors.items():
            monitor.observe(name, quantity, make(step))
        yield monitor.end_step()


def test_a_nan_costs_one_step() -> None:
    random = generator(1)
    monitor = Monitor()
    monitor.register("first")
    monitor.register("second")
    bad = random.normal(size=(4, 6)).astype(np.float32)
    bad[2, 5] = np.nan
    decisions = list(
        run(
            monitor,
            60,
            first=("gradient", lambda step: random.normal(size=(4, 6)).astype(np.float32)),
            second=("gradient", lambda step: bad if step == 40 else random.normal(size=(4, 6)).astype(np.float32)),
        )
    )
    assert [one.step for one in decisions if one.action is not Action.PROCEED] == [40]
    assert not decisions[39]
    assert all(decisions[:39])
    assert all(decisions[40:])
    assert decisions[39].rule == "nonfinite"
    assert decisions[39].entry == 1
    (finding,) = monitor.findings()
    assert finding.name == "second"
    assert finding.where == "second (gradient)"
    assert finding.index == 17
    assert finding.first_step == finding.last_step == 40
    assert finding.cause == "nonfinite_gradient"
    assert finding.verdict is Verdict.CRITICAL
    assert not finding.is_standing
    assert decisions[-1].verdict is Verdict.HEALTHY
    text = str(finding)
    assert "second (gradient) at index 17, step 40" in text
    assert "cure: " in text
    assert "before: " in text
    assert finding.as_dict()["cure"] == finding.cause.cure


def test_the_norm_is_that_of_all_gradients() -> None:
    random = generator(2)
    monitor = Monitor()
    shapes = [(3,), (40, 50), (2, 3, 4), (1, 1), (1000, 7)]
    entries = [monitor.register(f"tensor{place}") for place in range(len(shapes))]
    for step in range(1, 25):
        gradients = [random.normal(size=shape).astype(np.float32 if step % 2 else np.float64) for shape in shapes]
        monitor.begin_step(step)
        monitor.observe_all(entries, ["gradient"] * len(entries), gradients)
        wanted = math.sqrt(sum(float((one.astype(np.float64) ** 2).sum()) for one in gradients))
        assert monitor.end_step().gradient_norm == pytest.approx(wanted, rel=1e-6)


def test_strides_and_types_are_taken_as_they_are() -> None:
    monitor = Monitor()
    monitor.register("w")
    values = np.arange(24, dtype=np.float64).reshape(4, 6)
    forms = [values, values.T, values[::-1, ::2], np.asfortranarray(values), values.astype(np.float16)]
    for step, form in enumerate(forms, 1):
        monitor.begin_step(step)
        monitor.observe("w", "gradient", form)
        assert monitor.end_step().gradient_norm == pytest.approx(np.linalg.norm(form.astype(np.float64)))


def test_dead_units_and_what_killed_them() -> None:
    random = generator(3)
    monitor = Monitor(budget=0, warm_up=1)
    monitor.register("layer", "hidden", activation="relu")
    dead = np.arange(20) < 12

    def preactivations(step: int) -> Any:
        values = random.normal(size=(256, 20))
        return np.where(dead, values - 200 if step > 5 else values, values).astype(np.float32)

    list(run(monitor, 40, layer=("preactivation", preactivations)))
    (finding,) = monitor.findings()
    assert finding.rule == "dead_units"
    assert finding.value == pytest.approx(0.6)
    assert finding.cause == "learning_rate_too_high"
    assert finding.quantity == "preactivation"
    assert finding.confidence >= 0.95


def test_rules_are_switched_and_silenced() -> None:
    def findings(change: Any) -> set[str]:
        random = generator(4)
        monitor = Monitor()
        for name in "abcd":
            monitor.register(name)
        change(monitor)
        list(
            run(
                monitor,
                15,
                a=("gradient", lambda step: random.normal(size=(5, 5))),
                b=("gradient", lambda step: np.zeros((5, 5))),
                c=("gradient", lambda step: random.normal(size=(5, 5)) * 1e-9),
                d=("gradient", lambda step: random.normal(size=(5, 5))),
            )
        )
        return {finding.rule for finding in monitor.findings()}

    both = {"zero_gradient", "vanishing_gradient"}
    assert findings(lambda monitor: None) == both
    assert findings(lambda monitor: monitor.silence("zero_gradient", "b")) == both - {"zero_gradient"}
    assert findings(lambda monitor: monitor.silence(None, "c")) == both - {"vanishing_gradient"}
    assert findings(lambda monitor: monitor.set_rule("zero_gradient", is_enabled=False)) == both - {"zero_gradient"}
    assert findings(lambda monitor: monitor.set_rule("zero_gradient", patience=16)) == both - {"zero_gradient"}


def test_switches_are_read_and_set() -> None:
    monitor = Monitor()
    assert len(RULES) == len(set(RULES))
    assert "unknown" not in RULES
    before = {rule: monitor.rule(rule) for rule in RULES}
    monitor.set_rule("noise_scale", warning=50)
    assert monitor.rule("noise_scale") == {**before["noise_scale"], "warning": 50.0}
    for rule in RULES:
        if rule != "noise_scale":
            assert monitor.rule(rule) == before[rule]
    with pytest.raises(ValueError, match="switches"):
        monitor.set_rule("noise_scale", paitence=3)
    with pytest.raises(ValueError, match="patience"):
        monitor.set_rule("noise_scale", patience=0)
    with pytest.raises(ValueError, match="rule"):
        monitor.set_rule("noise", patience=1)
    assert Monitor(preset="sagemaker").rule("dead_units")["warning"] == 0.5


def test_clipping() -> None:
    monitor = Monitor(clipping="fixed", maximum_norm=2.0)
    monitor.register("w")
    small, large = run(monitor, 2, w=("gradient", lambda step: np.full(4, 0.5 if step == 1 else 5.0)))
    assert small.action is Action.PROCEED
    assert small.clip_factor == 1
    assert large.action is Action.CLIP
    assert large.clip_factor == pytest.approx(2 / (10 + 1e-6))
    assert large
    each = Monitor(clipping="per_tensor", maximum_norm=100.0)
    each.register("a")
    each.register("b")
    *_, last = run(
        each,
        150,
        a=("gradient", lambda step: np.full(4, 1.0)),
        b=("gradient", lambda step: np.full(4, 10.0 if step == 150 else 1.0)),
    )
    assert last.action is Action.CLIP
    assert last.clip_factor == 1
    assert each.clip_factor("a") == 1
    assert each.clip_factor("b") == pytest.approx(0.105)


def test_scalars_and_summaries() -> None:
    monitor = Monitor()
    monitor.register("w")
    monitor.begin_step(1)
    monitor.observe_summary("w", "gradient", trimtab.summarize([3.0, 4.0]), rank=1)
    for scalar in ("loss", "learning_rate", "validation_loss", "loss_scale"):
        monitor.observe_scalar(scalar, 1)
    monitor.observe_sample("w", "weight", [3.0, 4.0], rows=2)
    with pytest.raises(ValueError, match="rows"):
        monitor.observe_sample("w", "weight", [3.0], rows=-1)
    with pytest.raises(TypeError):
        monitor.observe_sample("w", "weight", [3])
    monitor.observe_noise(1, 2.0, 8, 1.5)
    decision = monitor.end_step()
    assert decision.gradient_norm == 5
    assert decision.loss == 1
    monitor.begin_step(2)
    monitor.observe_scalar("loss", math.nan)
    decision = monitor.end_step()
    assert decision.action is Action.SKIP
    assert math.isnan(decision.loss)
    assert monitor.findings()[0].where == "the run"


def test_coverage_and_wants() -> None:
    monitor = Monitor(budget=0)
    monitor.register("w")
    wanted = []
    for step in range(1, 31):
        monitor.begin_step(step)
        assert monitor.wants("w", "gradient")
        if monitor.wants("w", "weight"):
            wanted.append(step)
            monitor.observe("w", "weight", [float(step), 1.0])
        monitor.end_step()
    assert wanted == [1, 2, 11, 21]
    coverage = monitor.coverage("w", "weight")
    assert (coverage.step_count, coverage.look_count, coverage.left_out_count) == (30, 4, 26)
    assert coverage.interval == 10
    assert 0 <= coverage.cost_fraction <= 1


def test_a_rollback_begins_where_it_was() -> None:
    monitor = Monitor(may_roll_back=True, greatest_skips=2)
    actions = []
    for step in range(1, 4):
        monitor.begin_step(step)
        monitor.observe_scalar("loss", math.inf)
        actions.append(monitor.end_step().action)
    assert actions == [Action.SKIP, Action.SKIP, Action.ROLL_BACK]
    monitor.restored(0)
    monitor.begin_step(1)
    assert monitor.end_step().action is Action.PROCEED


def test_each_error_leaves_the_monitor_as_it_was() -> None:
    monitor = Monitor()
    monitor.register("w")
    monitor.register("layer", "hidden", activation="relu")
    for wrong, error in [
        (lambda: monitor.register("w"), ValueError),
        (lambda: monitor.register(""), ValueError),
        (lambda: monitor.register("x" * 513), ValueError),
        (lambda: monitor.register("a\0b"), ValueError),
        (lambda: monitor.register(3), TypeError),  # type: ignore[arg-type]
        (lambda: monitor.register("v", "wieght"), ValueError),
        (lambda: monitor.register("v", "hidden", activation="rleu"), ValueError),
        (lambda: monitor.register("v", order=-1), ValueError),
        (lambda: monitor.register("v", order=1.5), TypeError),  # type: ignore[arg-type]
        (lambda: monitor.register("v", "hidden", unit_axis=99), ValueError),
        (lambda: monitor.observe("w", "gradient", [math.nan]), ValueError),
        (lambda: monitor.observe_scalar("loss", math.nan), ValueError),
        (lambda: monitor.end_step(), ValueError),
    ]:
        with pytest.raises(error) as caught:
            wrong()
        assert isinstance(caught.value, trimtab.TrimtabError) or error is TypeError
    assert monitor.names == ("w", "layer")
    monitor.begin_step(1)
    for wrong, error in [
        (lambda: monitor.begin_step(2), ValueError),
        (lambda: monitor.begin_step("2"), TypeError),  # type: ignore[arg-type]
        (lambda: monitor.register("late"), ValueError),
        (lambda: monitor.restored(0), ValueError),
        (lambda: monitor.observe("v", "gradient", [math.nan]), ValueError),
        (lambda: monitor.observe(7, "gradient", [math.nan]), ValueError),
        (lambda: monitor.observe("w", "gradeint", [math.nan]), ValueError),
        (lambda: monitor.observe("w", "output", [math.nan]), ValueError),
        (lambda: monitor.observe("layer", "gradient", [math.nan]), ValueError),
        (lambda: monitor.observe("w", "gradient", np.array([1, 2])), TypeError),
        (lambda: monitor.observe("w", "gradient", "text"), TypeError),
        (lambda: monitor.observe_all([0], ["gradient"], []), ValueError),
        (lambda: monitor.observe_scalar("lsos", math.nan), ValueError),
        (lambda: monitor.observe_scalar("loss", "nan"), TypeError),  # type: ignore[arg-type]
        (lambda: monitor.observe_noise(2, 1, 1, 1), ValueError),
        (lambda: monitor.observe_noise("2", 1, 1, 1), TypeError),  # type: ignore[arg-type]
    ]:
        with pytest.raises(error):
            wrong()
    monitor.observe("w", "gradient", [3.0, 4.0])
    decision = monitor.end_step()
    assert decision.action is Action.PROCEED
    assert decision.gradient_norm == 5
    assert monitor.findings() == []


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"preset": "trim"}, ValueError),
        ({"clipping": 3}, TypeError),
        ({"warm_up": 0}, ValueError),
        ({"warm_up": 2.5}, TypeError),
        ({"budget": -1}, ValueError),
        ({"maximum_norm": math.nan}, ValueError),
        ({"clipping": "fixed", "maximum_norm": 0}, ValueError),
        ({"false_alarms_per_million": 0}, ValueError),
        ({"greatest_skips": 1 << 70}, ValueError),
        ({"patience": 3}, TypeError),
    ],
)
def test_options_out_of_range(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        Monitor(**options)  # type: ignore[misc]


def test_closing() -> None:
    with Monitor() as monitor:
        monitor.register("w")
    monitor.close()
    for use in (monitor.findings, monitor.end_step, lambda: monitor.begin_step(1), lambda: monitor.register("v")):
        with pytest.raises(ValueError, match="closed"):
            use()


def test_a_monitor_belongs_to_one_run() -> None:
    for make in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="one run"):
            make(Monitor())


def test_threads_take_turns() -> None:
    monitor = Monitor()
    entries = [monitor.register(f"tensor{place}") for place in range(4)]
    gradient = np.full((64, 64), 1.0)

    def show(entry: int) -> None:
        for _ in range(200):
            monitor.observe(entry, "gradient", gradient)

    monitor.begin_step(1)
    threads = [threading.Thread(target=show, args=(entry,)) for entry in entries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert monitor.end_step().gradient_norm == pytest.approx(math.sqrt(4 * 200 * 64 * 64))


def test_every_quantity_has_its_kind() -> None:
    monitor = Monitor()
    monitor.register("w")
    monitor.register("layer", "attention")
    monitor.begin_step(1)
    for quantity in QUANTITIES:
        mine, other = ("w", "layer") if quantity in ("gradient", "weight") else ("layer", "w")
        monitor.observe(mine, quantity, [[0.5, 0.5], [1.0, 0.0]])
        with pytest.raises(ValueError, match="quantity"):
            monitor.observe(other, quantity, [[0.5, 0.5]])
    assert monitor.end_step().action is Action.PROCEED


def test_torch_is_not_imported_with_the_package() -> None:
    code = "import sys, trimtab; assert 'torch' not in sys.modules and 'trimtab.torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_step_in_one_call() -> None:
    with trimtab.Monitor(budget=0) as monitor:
        monitor.register("w", "weight", order=1)
        monitor.register("h", "hidden", activation="relu")
        gradient = np.full((4, 3), 0.5, np.float32)
        for step in range(1, 12):
            decision = monitor.step(
                step,
                {"loss": 1.0 / step, "learning_rate": 0.1, "overhead_seconds": 1e-6},
                ["w", 0, "h"],
                ["gradient", "weight", "preactivation"],
                [gradient, gradient * step, gradient],
            )
            assert decision.action is trimtab.Action.PROCEED
            assert decision.gradient_norm == pytest.approx(0.5 * 12**0.5, rel=1e-12)
            assert (decision.step, decision.loss) == (step, 1.0 / step)
        assert monitor.coverage("w", "gradient").look_count == 11
        # Weights are looked at in few steps; the monitor chooses.
        assert 2 <= monitor.coverage("w", "weight").look_count < 11
        with pytest.raises(TypeError, match=r"tensors\[0\].*floating point"):
            monitor.step(12, {}, ["w"], ["gradient"], [np.arange(3)])
        with pytest.raises(ValueError, match="after 12"):
            monitor.step(12, {})
        with pytest.raises(ValueError, match="allowed as many"):
            monitor.step(13, {}, ["w"], ["gradient"], [])
        assert monitor.step(13, {"loss": float("nan")}).rule == "nonfinite"


@pytest.mark.parametrize("slope", [1e-9, 1e-3])
def test_a_fit_to_the_last_digit_is_not_frozen(slope: float) -> None:
    """What is left of a step is rounded away: the weight stands still, and a bias beside it may move on."""
    monitor = Monitor(budget=0)
    weight, bias = monitor.register("weight"), monitor.register("bias", role="bias")
    weights, biases = np.full((4, 4), 3.0, np.float32), np.zeros(4, np.float32)
    for step in range(1, 121):
        monitor.begin_step(step)
        size = 10.0 ** -min(step / 5, 9)
        weights -= np.float32(0.1 * size) if step < 60 else np.float32(0)
        biases += np.float32(0.1 * size)
        monitor.observe(weight, "weight", weights)
        monitor.observe(bias, "weight", biases)
        monitor.observe(weight, "gradient", np.full((4, 4), slope if step >= 60 else size, np.float32))
        monitor.observe(bias, "gradient", np.full(4, size, np.float32))
        monitor.observe_scalar("loss", size * size)
        monitor.observe_scalar("learning_rate", 0.1)
        monitor.end_step()
    found = [one.rule for one in monitor.findings() if one.rule == "unchanged_parameter"]
    assert bool(found) == (slope == 1e-3)
