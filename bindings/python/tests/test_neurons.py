"""Dead, dormant and saturated units against NumPy and SciPy, the definitions' oracles, and real digits nets."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import headers
import numpy as np
import pytest
from randomness import generator
from reports import same
from scipy import special, stats

import trimtab
from trimtab import Cause, Outcome, UnitFlag, Verdict

Array = np.ndarray[Any, Any]
ORACLE = np.array([[1.0, -1, -1, -1], [1, 1, -1, -1], [1, -1, -1, -1], [1, -1, -1, 1]])
OUTPUTS: dict[str, Callable[[Array], Array]] = {
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "silu": lambda z: z * special.expit(z),
    "gelu": lambda z: z * stats.norm.cdf(z),
    "tanh": np.tanh,
    "sigmoid": special.expit,
    "identity": lambda z: z,
}


def test_the_definitions_oracle() -> None:
    activity = trimtab.Activity().add(ORACLE)
    units = activity.units()
    assert units.active_fraction.tolist() == [1, 0.25, 0, 0.25]
    assert units.dormancy_score == pytest.approx([8 / 3, 2 / 3, 0, 2 / 3], rel=1e-8)  # 1e-9 in the denominator
    report = activity.report()
    assert (report.dead_count, report.dead_fraction, report.unit_count, report.sample_count) == (1, 0.25, 4, 4)
    assert report.dead_units.tolist() == [2]
    assert (report.outcome, report.verdict) == (Outcome.INSUFFICIENT, Verdict.UNKNOWN)


@pytest.mark.parametrize("activation", OUTPUTS)
def test_units_are_numpy_s(activation: str) -> None:
    z = generator().normal(size=(1500, 24)) * 6 - np.linspace(-3, 14, 24)
    z[:, 5] = 0.0
    units = trimtab.Activity(activation=activation).add(z).units()
    if activation in ("tanh", "sigmoid"):
        active = np.ones_like(z, dtype=bool)
    else:
        active = z != 0 if activation == "identity" else z > 0
    assert units.active_fraction == pytest.approx(active.mean(0), rel=1e-12)
    output = np.abs(OUTPUTS[activation](z)).mean(0)
    score = output / (output.mean() + 1e-9)
    assert units.dormancy_score == pytest.approx(score, rel=1e-9, abs=1e-15)
    assert units.has(UnitFlag.DEAD).tolist() == (~active.any(0)).tolist()
    assert units.has(UnitFlag.INACTIVE).tolist() == (active.mean(0) < 0.01).tolist()
    assert units.has(UnitFlag.DORMANT).tolist() == (score <= 0.025).tolist()


@pytest.mark.parametrize(("activation", "low", "high"), [("tanh", -9.4999, 9.4999), ("sigmoid", -23.0, 16.99999)])
def test_saturation(activation: str, low: float, high: float) -> None:
    z = np.zeros((1000, 4))
    z[:, 0], z[:, 1], z[:990, 2], z[:980, 3] = high + 0.01, low - 0.01, high + 1, high + 1
    report = trimtab.dead_neurons(z, activation=activation)
    assert report.saturated_count == 3
    assert (report.verdict, report.cause) == (Verdict.CRITICAL, Cause.SATURATION)
    assert trimtab.dead_neurons(z, activation=activation, saturation_low=-100, saturation_high=100).saturated_count == 0


def test_counts_match_the_flags() -> None:
    z = generator().normal(size=(2000, 60)) - np.linspace(0, 9, 60)
    activity = trimtab.Activity().add(z)
    report, units = activity.report(), activity.units()
    assert report.dead_count == units.has(UnitFlag.DEAD).sum() == report.dead.sum()
    assert report.inactive_count == units.has(UnitFlag.INACTIVE).sum()
    assert report.dormant_count == units.has(UnitFlag.DORMANT).sum()
    assert report.mean_active_fraction == pytest.approx((z > 0).mean(), rel=1e-12)
    assert report.mean_preactivation == pytest.approx(z.mean(), rel=1e-12)
    assert report.preactivation_scale == pytest.approx(np.sqrt((z**2).mean()), rel=1e-12)
    assert report == trimtab.dead_neurons(z)


def test_confidence_is_the_chance_to_have_seen_a_rare_unit() -> None:
    report = trimtab.dead_neurons(generator().normal(size=(512, 8)))
    assert report.confidence == pytest.approx(1 - 0.997**512, rel=1e-12)
    assert report.outcome is Outcome.INSUFFICIENT
    enough = math.ceil(math.log(0.05) / math.log(1 - 0.003))
    assert enough == 998
    assert trimtab.dead_neurons(generator().normal(size=(enough, 8))).outcome is Outcome.OK
    assert trimtab.dead_neurons(generator().normal(size=(enough - 1, 8))).outcome is Outcome.INSUFFICIENT
    lenient = trimtab.dead_neurons(generator().normal(size=(512, 8)), least_active_fraction=0.01)
    assert lenient.outcome is Outcome.OK


@pytest.mark.parametrize("shift", [1.0, 2.0, 3.0])
def test_gaussian_unit_is_active_as_often_as_phi_says(shift: float) -> None:
    count = 200_000
    units = trimtab.Activity().add(generator().normal(-shift, 1, size=(count, 1))).units()
    expected = stats.norm.cdf(-shift)
    assert abs(units.active_fraction[0] - expected) < 6 * math.sqrt(expected / count)


def test_unit_axis_of_a_convolution() -> None:
    z = generator().normal(size=(4, 6, 20, 20))
    z[:, 2] = -np.abs(z[:, 2])
    report = trimtab.dead_neurons(z, unit_axis=1)
    assert (report.unit_count, report.sample_count, report.dead_units.tolist()) == (6, 1600, [2])
    last = trimtab.dead_neurons(z.transpose(0, 2, 3, 1))
    assert (last.dead_count, last.unit_count) == (1, 6)
    assert last.mean_preactivation == pytest.approx(report.mean_preactivation, rel=1e-12)


def test_nonfinite_is_counted_and_left_out() -> None:
    z = generator().normal(size=(1200, 3))
    z[:, 1] = np.nan
    z[5, 0] = np.inf
    activity = trimtab.Activity().add(z)
    report = activity.report()
    assert (report.nonfinite_count, report.dead_count) == (1201, 0)
    assert report.outcome is Outcome.NONFINITE
    assert activity.units().has(UnitFlag.UNSEEN).tolist() == [False, True, False]
    finite = np.delete(z[:, 0], 5)
    assert activity.units().active_fraction[0] == pytest.approx((finite > 0).mean(), rel=1e-12)


def test_layer_thresholds() -> None:
    z = np.abs(generator().normal(size=(1200, 100))) + 1
    for dead, verdict in ((5, Verdict.HEALTHY), (15, Verdict.WARNING), (60, Verdict.CRITICAL)):
        layer = z.copy()
        layer[:, :dead] *= -1
        report = trimtab.dead_neurons(layer)
        # A few dead units may be worth a notice, but no warning.
        assert (report.verdict if report.verdict > "notice" else Verdict.HEALTHY) == verdict
        assert report.dead_count == dead
    assert trimtab.dead_neurons(layer, layer_warning_fraction=0.7, layer_critical_fraction=0.9).verdict < "warning"


def test_stream_in_batches_is_one_call() -> None:
    z = generator().normal(size=(1500, 20)) - np.linspace(0, 5, 20)
    whole = trimtab.dead_neurons(z)
    first, second = trimtab.Activity(), trimtab.Activity()
    for batch in np.array_split(z[:900], 7):
        first.add(batch)
    second.add(z[900:].astype(np.float64))
    report = first.merge(second).report()
    assert report.dead.tolist() == whole.dead.tolist()
    same(report, whole)


def test_revival() -> None:
    random = generator()
    before, after = np.abs(random.normal(size=(2, 1200, 10))) + 0.1
    before[:, :4] *= -1
    after[:, 2:7] *= -1
    report = trimtab.Activity().add(before).compare(trimtab.Activity().add(after))
    assert (report.unit_count, report.dead_before, report.dead_after) == (10, 4, 5)
    assert (report.revived, report.newly_dead) == (2, 3)
    assert (report.revival_fraction, report.new_death_fraction, report.persistence) == (0.5, 0.5, 0.5)
    assert report.newly_dead_units.tolist() == [4, 5, 6]
    assert report.as_dict()["newly_dead_units"] == [4, 5, 6]
    assert report.verdict >= Verdict.WARNING
    json.dumps(report.as_dict(), allow_nan=False)
    with pytest.raises(ValueError, match="units"):
        trimtab.Activity().add(before).compare(trimtab.Activity().add(after[:, :5]))
    with pytest.raises(TypeError, match="after: found int"):
        trimtab.Activity().compare(3)  # type: ignore[arg-type]


def test_empty_input_is_insufficient() -> None:
    report = trimtab.dead_neurons(np.empty((0, 5)))
    assert (report.outcome, report.verdict, report.dead_count) == (Outcome.INSUFFICIENT, Verdict.UNKNOWN, 0)
    assert trimtab.Activity().report().outcome is Outcome.INSUFFICIENT
    assert trimtab.Activity().units().flags.shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (1.0, {}, ValueError, "preactivations: found rank 0"),
        (np.ones((3, 4)), {"unit_axis": 2}, ValueError, "unit_axis"),
        (np.ones((3, 4)), {"unit_axis": -2}, ValueError, "unit_axis"),
        (np.ones((3, 4)), {"inactive_fraction": -1}, ValueError, "inactive_fraction"),
        (np.ones((3, 4)), {"dormant_threshold": math.nan}, ValueError, "dormant_threshold"),
        (np.ones((3, 4)), {"confidence": 1.5}, ValueError, "confidence"),
        (np.ones((3, 4)), {"activation": "swish"}, ValueError, "activation: found 'swish', allowed one of 'relu'"),
        (np.ones((3, 4)), {"activation": 3}, TypeError, "activation: found int, allowed one of 'relu'"),
        (np.ones((3, 4)), {"leak": "much"}, TypeError, "leak: found str, allowed a number"),
        (np.ones((3, 4)), {"unit_axis": 1.0}, TypeError, "unit_axis: found float, allowed an integer"),
        (np.ones((3, 4)), {"unit_axis": 2**40}, ValueError, "unit_axis: found 1099511627776, allowed 32 bits"),
        (np.ones((3, 4)), {"tau": 1}, TypeError, "unknown option 'tau', allowed: activation, unit_axis, leak"),
        (np.ones((3, 4)), {"struct_size": 1}, TypeError, "unknown option 'struct_size'"),
    ],
)
def test_what_is_refused(arguments: Any, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        trimtab.dead_neurons(arguments, **options)
    if "rank" not in message and message != "unit_axis":
        with pytest.raises(error, match=message):
            trimtab.Activity(**options)


def test_units_must_stay_the_same() -> None:
    activity = trimtab.Activity().add(np.ones((3, 4)))
    with pytest.raises(ValueError, match="preactivations"):
        activity.add(np.ones((3, 5)))
    assert activity.report().sample_count == 3
    with pytest.raises(ValueError, match="other"):
        activity.merge(trimtab.Activity().add(np.ones((3, 5))))


@pytest.mark.parametrize("run", ["healthy", "killed"])
def test_digits_nets(run: str) -> None:
    """The digits net lives at learning rate 0.05; at 1.0 its hidden layers are dead while the loss stays finite."""
    file = headers.CHECKOUT / "examples" / "data" / run / "preactivations.npz"
    if not file.exists():
        pytest.skip(f"{file.parent.name}/{file.name} is not in examples/data")
    with np.load(file) as layers, np.load(file.with_name("preactivations_before.npz")) as before:
        assert len(layers.files) == 2
        for name in layers.files:
            report = trimtab.dead_neurons(layers[name])
            assert report.dead.tolist() == (~(layers[name] > 0).any(0)).tolist()
            assert (report.verdict >= Verdict.WARNING) == (run == "killed")
            assert report.cause is (Cause.LEARNING_RATE_TOO_HIGH if run == "killed" else Cause.NONE)
            revival = trimtab.Activity().add(before[name]).compare(trimtab.Activity().add(layers[name]))
            assert revival.dead_after == report.dead_count
            assert (revival.verdict >= Verdict.WARNING) == (run == "killed")


def test_without_a_finite_element_fractions_are_nan() -> None:
    for values in (np.zeros((0, 4)), np.full((2000, 4), np.nan), np.zeros((5, 0))):
        report = trimtab.dead_neurons(values)
        assert report.verdict is Verdict.UNKNOWN
        for name in ("dead_fraction", "saturated_fraction", "mean_active_fraction", "preactivation_scale"):
            assert np.isnan(getattr(report, name)), name
        assert "no finite value" in repr(report)
        assert "nan" not in repr(report)
