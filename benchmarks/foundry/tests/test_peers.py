"""The peers' rules see what they are published for, and see it again after a first alarm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from foundry import cache
from foundry.baselines import academic, by_hand, first, sagemaker, spikes
from foundry.baselines.judging import Baselines
from foundry.recipe import Recipe
from foundry.runner import run_one
from foundry.trace import LAYER_FIELDS, PARAMETER_FIELDS, Trace, without_skipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STEPS = 300


def trace(loss: Any = 1.0, norm: Any = 1.0, **fields: Any) -> Trace:
    """Of one kernel with these gradient norms; all else is steady."""
    shape = (STEPS, 1)
    parameters = {name: np.full(shape, 1e-2) for name in PARAMETER_FIELDS}
    parameters |= {name: np.zeros(shape) for name in ("gradient_zeros", "gradient_nonfinite", "weight_nonfinite")}
    parameters["gradient_norm"] = np.broadcast_to(np.asarray(norm, dtype=float), STEPS).reshape(shape).copy()
    given: dict[str, Any] = {
        "parameters": ["weight"],
        "is_kernel": np.asarray([True]),
        "sizes": np.asarray([10.0]),
        "layers": [],
        "kinds": [],
        "loss": np.broadcast_to(np.asarray(loss, dtype=float), STEPS).copy(),
        "of_parameters": parameters,
        "of_layers": {name: np.zeros((STEPS, 0)) for name in LAYER_FIELDS},
        "evaluation_steps": np.asarray([49, 99, 149, 199, 249, 299]),
        "evaluation_losses": np.full(6, 1.0),
        "scores": np.full(6, 0.9),
    }
    given |= {name: np.full(STEPS, 0.5) for name in ("rate", "input_least", "input_greatest", "output_sum")}
    return Trace(**(given | fields))


def with_spikes(factor: float, *places: int) -> np.ndarray:
    values = 1.0 + 0.01 * np.sin(np.arange(STEPS))
    values[list(places)] *= factor
    return values


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (spikes.olmo, "loss"),
        (spikes.olmo, "norm"),
        (spikes.lightning, "loss"),
        (spikes.zclip, "norm"),
        (by_hand.rules, "norm"),
        (spikes.megatron, "loss"),
    ],
)
def test_a_spike_early_on_does_not_hide_one_at_the_onset(rules: Callable[..., Any], field: str) -> None:
    found = rules(trace(**{field: with_spikes(100.0, 101, 255)}))
    steps = [alarm.step for alarm in found]
    assert steps == sorted(steps)
    assert {101, 255} <= set(steps)
    assert rules(trace()) == []


def test_alarms_are_where_a_condition_begins_one_a_block() -> None:
    holds = np.zeros(40, dtype=bool)
    holds[[3, 5, 7]] = True
    holds[18:35] = True
    assert [alarm.step for alarm in first(holds, "rule")] == [3, 18]
    assert first(np.zeros(0), "rule") == []


def test_a_negative_loss_that_rises_a_little_is_no_spike() -> None:
    assert spikes.lightning(trace(loss=-with_spikes(0.9, 120))) == []


def test_autotrainer_judges_gradients_after_an_epoch_and_by_all_their_entries() -> None:
    fading = {"norm": np.full(STEPS, math.nan), "scores": np.full(6, 0.2)}
    explodes = [alarm.step for alarm in academic.autotrainer(trace(**fading)) if alarm.rule == "exploding"]
    assert explodes == [49]
    two = trace(scores=np.full(6, 0.2))
    two.sizes, two.is_kernel = np.asarray([90.0, 10.0]), np.asarray([True, False])
    two.of_parameters = {name: np.repeat(values, 2, axis=1) for name, values in two.of_parameters.items()}
    two.of_parameters["gradient_zeros"] = np.tile([0.8, 0.0], (STEPS, 1))
    assert "dying_relu" in [alarm.rule for alarm in academic.autotrainer(two)]
    two.sizes = np.asarray([10.0, 90.0])
    assert "dying_relu" not in [alarm.rule for alarm in academic.autotrainer(two)]


def test_overfitting_is_held_against_the_mean_training_loss() -> None:
    lucky = np.ones(STEPS)
    lucky[[49, 99, 149, 199, 249, 299]] = 0.5
    assert "Overfit" not in [alarm.rule for alarm in sagemaker.rules_without_noisy(trace(loss=lucky))]
    over = sagemaker.rules_without_noisy(trace(loss=lucky, evaluation_losses=np.full(6, 1.2)))
    assert "Overfit" in [alarm.rule for alarm in over]


def test_updates_are_held_against_weights_and_not_against_biases_that_start_at_zero() -> None:
    rules = {}
    for name in ("weight", "bias"):
        one = trace()
        one.parameters = [name]
        one.of_parameters["weight_norm"][0] = 0.0
        rules[name] = [alarm.rule for alarm in sagemaker.rules_without_noisy(one)]
    assert "WeightUpdateRatio" in rules["weight"]
    assert "WeightUpdateRatio" not in rules["bias"]


def test_skipped_steps_have_their_neighbours_gradients() -> None:
    assert without_skipped([0, 1, 2, 3], [True, True, False, True]) == [2, 2, 2, 2]
    assert without_skipped([0, 1], [True, True]) == [0, 1]


@pytest.mark.parametrize("clip", [None, 5.0])
def test_a_scaler_that_finds_its_scale_is_no_alarm_and_gradients_are_unscaled(clip: float | None) -> None:
    recipe = Recipe("mlp_classifier", data="iris", width=8, steps=50, clip=clip)
    scaled = recipe.changed(precision="float16_scaled", loss_factor=30.0)
    answer = run_one(scaled, {"peers": Baselines})["answers"]["peers"]
    assert answer["by hand: NaN and 10x norm"]["1.0"] == []
    assert answer["Megatron"]["1.0"] == []


def test_a_change_of_a_rule_is_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache.version({"peers": Baselines})
    (tmp_path / "baselines").mkdir()
    for name in ("trace.py", "baselines/spikes.py"):
        (tmp_path / name).write_text((cache.HERE / name).read_text())
    (tmp_path / "baselines" / "spikes.py").write_text("")
    monkeypatch.setattr(cache, "HERE", tmp_path)
    assert cache.version({"peers": Baselines}) != before


def test_an_overflow_of_the_loss_itself_is_still_seen() -> None:
    assert by_hand.rules(trace(loss=with_spikes(math.inf, 30)))[0].step == 30
