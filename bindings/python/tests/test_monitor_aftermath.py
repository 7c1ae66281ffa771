"""What holds after something went wrong: a stop stands, and a rollback does not make blind."""

from __future__ import annotations

import math

import numpy as np
import pytest

import trimtab
from trimtab import Action

SEED = 20


class Run:
    """A monitor with one weight, whose loss and gradient go with one level."""

    def __init__(self, **options: object) -> None:
        self.numbers = np.random.default_rng(SEED)
        self.monitor = trimtab.Monitor(budget=0, **options)  # type: ignore[arg-type]
        # A loss that stays where it is: that nothing is learnt is another rule's.
        self.monitor.set_rule("learning", is_enabled=False)
        self.monitor.register("w")
        self.weight = self.numbers.normal(size=(32, 32))
        self.step = 0

    def add(
        self, level: float = 1.0, *, poison: bool = False, rate: float = 1e-3, loss: float | None = None
    ) -> trimtab.Decision:
        self.step += 1
        self.weight = self.weight + 1e-4 * self.numbers.normal(size=self.weight.shape)
        shown = self.weight.copy()
        if poison:
            shown[0, 0] = math.nan
        self.monitor.begin_step(self.step)
        self.monitor.observe("w", "weight", shown)
        self.monitor.observe("w", "gradient", 0.01 * level * self.numbers.normal(size=shown.shape))
        self.monitor.observe_scalar(
            "loss", 0.2 * level * math.exp(0.1 * self.numbers.normal()) if loss is None else loss
        )
        self.monitor.observe_scalar("learning_rate", rate)
        return self.monitor.end_step()

    def restored(self, back: int = 10) -> None:
        self.step = max(self.step - back, 0)
        self.monitor.restored(self.step)

    def saw(self, rule: str) -> bool:
        return any(one.rule == rule for one in self.monitor.findings())


def test_weights_that_moved_before_a_decay_are_not_lost() -> None:
    """Looks 320 steps apart: what moved at the old rate is seen after twenty steps of the new one."""
    numbers = np.random.default_rng(SEED)
    monitor = trimtab.Monitor()
    monitor.register("w")
    weight = numbers.normal(size=(32, 32))
    for step in range(1, 320 * 8 + 1):
        monitor.begin_step(step)
        if step % 320 == 0:
            weight = weight / math.sqrt(2) + numbers.normal(size=weight.shape) / math.sqrt(2)
            monitor.observe("w", "weight", weight)
        monitor.observe("w", "gradient", 0.01 * numbers.normal(size=weight.shape))
        monitor.observe_scalar("loss", 1.0)
        monitor.observe_scalar("learning_rate", 1e-3 if step < 320 * 8 - 20 else 1e-5)
        monitor.end_step()
    assert not [one for one in monitor.findings() if one.rule == "weight_jump"]


@pytest.mark.parametrize("may_roll_back", [False, True])
def test_a_stop_or_a_way_back_stands_until_something_is_restored(may_roll_back: bool) -> None:
    run = Run(may_roll_back=may_roll_back)
    for _ in range(50):
        assert run.add().action is Action.PROCEED
    wanted = Action.ROLL_BACK if may_roll_back else Action.STOP
    assert run.add(poison=True).action is wanted
    for _ in range(200):
        decision = run.add()
        assert (decision.action, decision.rule, decision.verdict.value) == (wanted, "nonfinite", "critical")
    run.restored()
    for _ in range(20):
        decision = run.add()
        assert decision.action is Action.PROCEED
    assert decision.verdict.value == "healthy"


@pytest.mark.parametrize("calm", [2, 6, 20, 40, 150])
def test_a_rollback_does_not_make_blind(calm: int) -> None:
    """A ruin that comes before the baselines have filled again is not the new baseline."""
    run = Run(may_roll_back=True)
    for _ in range(199):
        run.add()
    assert run.add(poison=True).action is Action.ROLL_BACK
    run.restored()
    for _ in range(calm):
        assert run.add().action is Action.PROCEED
    actions = []
    for _ in range(400):
        decision = run.add(1000.0)
        actions.append(decision.action)
        if decision.action is Action.ROLL_BACK:
            run.restored()
    assert run.saw("loss_divergence")
    assert decision.verdict.value == "critical"
    if calm < 100:
        # What no rollback cures is a stop.
        assert actions[-1] is Action.STOP


def test_steps_at_the_restored_level_are_healthy() -> None:
    """The loss there was thirty times the best: that is no divergence."""
    run = Run(may_roll_back=True)
    for step in range(400):
        run.add(math.exp(-step / 100))
    assert run.add(math.exp(-4), poison=True).action is Action.ROLL_BACK
    run.restored(340)
    for step in range(60, 460):
        decision = run.add(math.exp(-step / 100))
        assert decision.action is Action.PROCEED
    assert decision.verdict.value == "healthy"
    assert [one.rule for one in run.monitor.findings()] == ["nonfinite", "guard"]


def test_noise_that_the_run_has_shown_before_throws_nothing() -> None:
    """Single losses far above the first and the best, all along; then one NaN, of the batch."""
    for seed in range(40):
        numbers = np.random.default_rng(seed)
        run = Run()
        for _ in range(90):
            run.add(loss=float(numbers.chisquare(2)) / 2)
        run.add(loss=2.0)
        run.add(loss=2.2)
        run.add(loss=math.nan)
        assert [one.cause.value for one in run.monitor.findings() if one.rule == "nonfinite"] == ["nonfinite_loss"]


def test_a_loss_that_was_thrown_is_laid_to_the_rate() -> None:
    run = Run()
    for _ in range(30):
        run.add()
    for level in (30.0, 300.0, 3000.0):
        run.add(level)
    run.add(loss=math.nan)
    found = [one.cause.value for one in run.monitor.findings() if one.rule == "nonfinite"]
    assert found in (["learning_rate_too_high"], ["nonfinite_loss"])
