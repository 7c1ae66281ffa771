"""What deployed guards do after one bad value, and a monitor must not: each test is one such failure."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from randomness import generator
from test_detectors import loss

from trimtab import Action, Finding, Monitor


class Run:
    """A run of which only loss and gradient norm are shown."""

    def __init__(self, **options: Any) -> None:
        self.monitor = Monitor(**{"budget": 0.0, **options})
        # A loss that stays where it is: that nothing is learnt is another rule's.
        self.monitor.set_rule("learning", is_enabled=False)
        self.step = 0

    def add(self, value: float, norm: float | None = None) -> Action:
        """One step; without a norm of its own the gradient's is a third of the loss."""
        self.step += 1
        self.monitor.begin_step(self.step)
        self.monitor.observe_scalar("loss", value)
        self.monitor.observe_scalar("gradient_norm", value / 3 if norm is None else norm)
        return self.monitor.end_step().action

    def add_all(self, values: Any) -> list[Action]:
        return [self.add(float(value)) for value in values]

    def rules(self) -> list[str]:
        return [finding.rule for finding in self.monitor.findings()]

    def finding(self, rule: str) -> Finding:
        return next(finding for finding in self.monitor.findings() if finding.rule == rule)

    def saw(self, rule: str) -> bool:
        """Whether the rule spoke of the last step."""
        return any(finding.rule == rule and finding.last_step == self.step for finding in self.monitor.findings())


def proceeds(actions: list[Action]) -> bool:
    return set(actions) == {Action.PROCEED}


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_llm_c_never_skips_again_after_one_nan(bad: float) -> None:
    run = Run()
    assert proceeds(run.add_all(loss(200, 1)))
    assert run.add(bad) is Action.SKIP
    assert proceeds(run.add_all(loss(1280, 2)))
    assert run.add(75.0) is Action.SKIP
    assert run.saw("loss_spike")
    assert run.saw("gradient_spike")


def test_llm_c_cannot_reach_a_strict_threshold() -> None:
    run = Run(false_alarms_per_million=1e-6)
    run.add_all(loss(2000, 3))
    # However heavy 2000 scores make the tail seem, no threshold lies above 1200 spreads: 60 in the logarithm here, and
    # 66 with a spread that is a tenth too great.
    assert run.add(3e30) is Action.SKIP
    assert run.saw("loss_spike")
    # The limit lies by more than 11.2 of the noise's standard deviations above the level.
    assert math.log(run.finding("loss_spike").threshold / 3) / 0.05 > 11.2


def test_llm_c_cancels_at_a_huge_offset() -> None:
    run = Run()
    noise = generator(4).standard_normal(1000)
    assert proceeds(run.add_all(1e8 + 1e-3 * noise))
    assert run.add(1e8 + 1) is Action.SKIP
    assert run.saw("loss_spike")


def test_llm_c_loses_its_place_in_the_ring_after_an_outlier_at_any_index() -> None:
    values = loss(330, 5)
    for index in range(130, 262):
        run = Run()
        assert proceeds(run.add_all(values[:index]))
        assert run.add(300.0) is Action.SKIP
        assert proceeds(run.add_all(values[index:]))
        assert run.add(75.0) is Action.SKIP


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_llm_foundry_misses_the_nan_and_twenty_spikes_after_it(bad: float) -> None:
    run = Run()
    run.add_all(loss(200, 6))
    assert run.add(bad) is Action.SKIP
    assert run.saw("nonfinite")
    for _ in range(20):
        run.add(75.0)
        assert run.saw("loss_spike")
        assert run.saw("gradient_spike")


def test_llm_foundry_ignores_one_spike_and_lets_it_raise_the_window() -> None:
    run = Run()
    assert proceeds(run.add_all(loss(400, 7, level=2.0, noise=0.02)))
    assert run.add(2000.0) is Action.SKIP
    assert run.saw("loss_spike")
    for _ in range(30):
        run.add(8.0)
        assert run.saw("loss_spike")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("clipping", ["none", "fixed", "adaptive"])
def test_olmo_skips_128_healthy_steps_after_one_nan(bad: float, clipping: str) -> None:
    run = Run(clipping=clipping, maximum_norm=100.0)
    assert Action.SKIP not in run.add_all(loss(200, 8))
    assert run.add(bad) is Action.SKIP
    assert Action.SKIP not in run.add_all(loss(128, 9))
    assert run.rules() == ["nonfinite"]


def test_megatron_freezes_its_baseline_at_the_first_losses() -> None:
    run = Run()
    falling = 2 + 9 * np.exp(-np.arange(400) / 30)
    assert proceeds(run.add_all(falling * loss(400, 10, level=1.0, noise=0.02)))
    assert run.add(40.0) is Action.SKIP
    assert run.saw("loss_spike")


def test_megatron_flags_every_zero_after_zeros() -> None:
    run = Run()
    assert proceeds(run.add_all([0.0] * 500))
    assert run.monitor.findings() == []
    assert run.add(1.0) is Action.SKIP
    assert run.saw("loss_spike")


@pytest.mark.parametrize("level", [0.5, 0.001])
def test_lightning_is_purely_relative(level: float) -> None:
    run = Run()
    assert proceeds(run.add_all(loss(1000, 11, level=level, noise=0.02)))
    assert run.add(2.8 * level) is Action.SKIP
    assert run.saw("loss_spike")
    noisy = Run()
    assert proceeds(noisy.add_all(loss(1000, 12, level=level, noise=0.5)))
    assert noisy.add(3.1 * level) is Action.PROCEED
    assert noisy.monitor.findings() == []


def test_lightning_cannot_resume() -> None:
    run = Run()
    run.add_all(loss(300, 13))
    run.monitor.restored(150)
    run.step = 150
    assert proceeds(run.add_all(loss(150, 14)))
    assert run.add(75.0) is Action.SKIP
    assert run.saw("loss_spike")


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_zclip_never_clips_again_after_one_nan_norm(bad: float) -> None:
    run = Run(clipping="adaptive", maximum_norm=0.0)
    for value in loss(30, 15, level=0.7):
        run.add(1.0, norm=value)
    assert run.add(1.0, norm=bad) is Action.SKIP
    for value in loss(60, 16, level=0.7):
        run.add(1.0, norm=value)
    run.step += 1
    run.monitor.begin_step(run.step)
    run.monitor.observe_scalar("gradient_norm", 70.0)
    decision = run.monitor.end_step()
    assert decision.action is Action.CLIP
    assert decision.clip_factor * 70 < 1.0


@pytest.mark.parametrize("may_roll_back", [False, True])
def test_optax_accepts_the_nan_in_the_end(may_roll_back: bool) -> None:
    run = Run(may_roll_back=may_roll_back, greatest_skips=5)
    run.add_all(loss(30, 17))
    last = Action.ROLL_BACK if may_roll_back else Action.STOP
    assert run.add_all([math.nan] * 1000) == [Action.SKIP] * 5 + [last] * 995
    assert run.saw("guard")
    # Nor does one good value make a lost run a good one: somebody has to have restored something.
    assert run.add(3.0) is last
    run.monitor.restored(run.step)
    assert run.add(3.0) is Action.PROCEED


def prefix(random: np.random.Generator) -> list[float]:
    """A run of bad values: of one kind, or of all kinds mixed."""
    kinds = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1e300, -1e300, 1e-300, 1.7e308, 5e-324, 1.0, 1e8, -1.0]
    count = int(random.integers(1, 200))
    if random.integers(2):
        return [kinds[random.integers(len(kinds))]] * count
    return [kinds[place] for place in random.integers(len(kinds), size=count)]


@pytest.mark.parametrize("clipping", ["none", "adaptive"])
@pytest.mark.parametrize("case", range(60))
def test_after_any_prefix_a_spike_is_found_and_healthy_steps_are_not_flagged(case: int, clipping: str) -> None:
    random = generator(1000 + case)
    # A run that is stopped stays so: as many steps as come may be skipped here.
    run = Run(clipping=clipping, maximum_norm=0.0, greatest_skips=1000)
    losses, norms = prefix(random), prefix(random)
    for index in range(max(len(losses), len(norms))):
        run.add(losses[index % len(losses)], norm=norms[index % len(norms)])
    level = float(np.exp(random.uniform(-5, 5)))

    def healthy() -> tuple[float, float]:
        value, norm = np.exp(0.05 * random.standard_normal(2))
        return level * float(value), 3 * level * float(norm)

    # The step from the prefix to the series is a change of its own, and its level takes 32 steps to be believed.
    for _ in range(60):
        run.add(*healthy())
    allowed = {"clip_fraction"} if clipping == "adaptive" else set()
    # Where the loss was lower for a while, it did leave its best for good: also the least number that there is, if it
    # was that throughout.
    if any(1e-100 < value < level for value in losses) or 0 < losses[0] == min(losses) == max(losses) < level:
        allowed.add("loss_divergence")
    for step in range(60, 210):
        action = run.add(*healthy())
        assert action in ((Action.PROCEED,) if clipping == "none" else (Action.PROCEED, Action.CLIP))
        flagged = {finding.rule for finding in run.monitor.findings() if finding.last_step == run.step}
        # Oscillation looks back over 128 steps.
        assert flagged <= (allowed | {"loss_oscillation"} if step < 130 else allowed)
    action = run.add(25 * level, norm=75 * level)
    assert action is (Action.SKIP if clipping == "none" else Action.CLIP)
    assert run.saw("loss_spike")
    assert run.saw("gradient_spike")
