"""Smoothness and the solver: the oracles, the counts of scipy's RK45, kinks, and what functions do that fail."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from trimtab import Cause, Outcome, TrimtabError, Verdict, smoothness

integrate = pytest.importorskip("scipy.integrate", reason="scipy is not installed")

TOLERANCES = (1e-3, 1e-6, 1e-9, 1e-11)
Activation = Callable[[Any], Any]
ACTIVATIONS: dict[str, Activation] = {
    "relu": lambda z: np.maximum(z, 0),
    "leaky": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "softplus": lambda z: np.logaddexp(0, z),
}


def counts(field: smoothness.Field, end: float, initial: Any, tolerance: float, **options: Any) -> tuple[int, int, int]:
    report = smoothness.solve(
        field, 0, end, initial, relative_tolerance=tolerance, absolute_tolerance=1e-3 * tolerance, **options
    ).report
    assert report.end == "finished"
    assert report.evaluation_count == 2 + 6 * (report.accepted_count + report.rejected_count)
    return report.accepted_count, report.rejected_count, report.evaluation_count


def scipy_counts(
    field: smoothness.Field, end: float, initial: Any, tolerance: float, **options: Any
) -> tuple[int, int, int]:
    solver = integrate.RK45(field, 0, np.array(initial), end, rtol=tolerance, atol=1e-3 * tolerance, **options)
    accepted = 0
    while solver.status == "running":
        solver.step()
        accepted += 1
    assert solver.status == "finished"
    return accepted, (solver.nfev - 2) // 6 - accepted, solver.nfev


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        (lambda t, y: [abs(t - 0.7853)], [(7, 1), (13, 9), (19, 10), (23, 12)]),
        (lambda t, y: [math.sin(t)], [(6, 0), (9, 0), (20, 0), (46, 1)]),
    ],
)
def test_one_kink_costs_about_ten_rejections(field: smoothness.Field, wanted: list[tuple[int, int]]) -> None:
    assert [counts(field, 2, [0.0], tolerance)[:2] for tolerance in TOLERANCES] == wanted


def lotka(t: float, y: Any) -> Any:
    return np.array([1.5 * y[0] - y[0] * y[1], -3 * y[1] + y[0] * y[1]])


def pendulum(t: float, y: Any) -> Any:
    return np.array([y[1], -np.sin(y[0]) - 0.1 * y[1] + np.cos(2 * t)])


def bouncing(t: float, y: Any) -> Any:
    return np.array([y[1], -abs(y[0]) - y[0]])


def van_der_pol(t: float, y: Any) -> Any:
    return np.array([y[1], 5 * (1 - y[0] ** 2) * y[1] - y[0]])


def orbit(t: float, y: Any) -> Any:
    return np.array([y[2], y[3], *(-y[:2] / (y[0] ** 2 + y[1] ** 2) ** 1.5)])


@pytest.mark.parametrize("tolerance", [1e-3, 1e-5, 1e-7, 1e-9])
@pytest.mark.parametrize(
    ("field", "initial"),
    [
        (lotka, [10.0, 5.0]),
        (pendulum, [0.3, 0.0]),
        (bouncing, [1.0, 0.2]),
        (van_der_pol, [2.0, 0.0]),
        (orbit, [1.0, 0.0, 0.0, 0.8]),
        (lambda t, y: -y, [1.0, 2.0, 3.0]),
        (lambda t, y: 0 * y, [1.0]),
    ],
)
def test_counts_are_those_of_scipy(field: smoothness.Field, initial: list[float], tolerance: float) -> None:
    assert counts(field, 6, initial, tolerance) == scipy_counts(field, 6, initial, tolerance)
    # Backwards in time, with a bound on the step, and from a first step that is given.
    assert counts(field, -1, initial, tolerance) == scipy_counts(field, -1, initial, tolerance)
    assert counts(field, 6, initial, tolerance, maximum_step=0.05) == scipy_counts(
        field, 6, initial, tolerance, max_step=0.05
    )
    given = smoothness.solve(
        field, 0, 6, initial, relative_tolerance=tolerance, first_step=0.01, absolute_tolerance=1e-9
    )
    theirs = integrate.solve_ivp(field, (0, 6), initial, rtol=tolerance, first_step=0.01, atol=1e-9)
    assert given.report.evaluation_count == theirs.nfev
    assert np.allclose(given.state, theirs.y[:, -1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_counts_are_those_of_scipy_on_nets(name: str) -> None:
    rng = np.random.default_rng(5)
    first, bias, second = rng.normal(size=(64, 2)), rng.normal(size=64), rng.normal(size=(2, 64)) / 8

    def field(t: float, y: Any) -> Any:
        return np.concatenate([y[2:], second @ ACTIVATIONS[name](first @ y[:2] + bias)])

    for tolerance in (1e-3, 1e-6, 1e-8):
        found = counts(field, 3, [0.5, -0.3, 0.0, 0.4], tolerance)
        # Where steps cross many kinks, rounding decides which is rejected: scipy's own counts change with the last
        # place of the initial state.
        moved = [scipy_counts(field, 3, [0.5 + k * 1e-15, -0.3, 0.0, 0.4], tolerance) for k in range(5)]
        if len(set(moved)) == 1:
            assert found == moved[0]
        else:
            assert name in ("relu", "leaky", "elu")
            assert found[2] == pytest.approx(np.mean([one[2] for one in moved]), rel=0.1)


@pytest.mark.parametrize(
    ("name", "wanted", "order"),
    [
        ("relu", (-0.02, -0.99, -1.98, -2.99), 1),
        ("leaky", (-0.02, -0.99, -1.98, -2.99), 1),
        ("elu", (-0.01, -0.10, -1.04, -2.01), 2),
        ("silu", (0.0, -0.01, -0.08, -0.02), 4),
        ("tanh", (0.0, -0.03, -0.06, -0.12), 4),
        ("softplus", (0.0, -0.01, -0.02, -0.04), 4),
    ],
)
def test_slopes_of_the_differences(name: str, wanted: tuple[float, ...], order: int) -> None:
    activation = ACTIVATIONS[name]
    report = smoothness.probe(lambda x: activation(x - 0.1), -1, 1)
    assert report.slopes == pytest.approx(wanted, abs=0.12)
    assert report.broken_order == order
    assert report.regularity == pytest.approx(4 + report.slopes[3])
    verdicts = {1: Verdict.WARNING, 2: Verdict.NOTICE, 4: Verdict.HEALTHY}
    assert report.verdict is verdicts[order]
    causes = {1: Cause.NONSMOOTH_FIELD, 2: Cause.LIMITED_SMOOTHNESS, 4: Cause.NONE}
    assert report.cause is causes[order]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nets_pay_by_their_smoothness(name: str) -> None:
    rng = np.random.default_rng(1)
    shapes = [(64, 2), (64, 64), (2, 64)]
    weights = [rng.normal(size=shape) / (1 if shape[1] == 2 else 8) for shape in shapes]
    biases = [0.5 * rng.normal(size=64), 0.1 * rng.normal(size=64)]
    activation = ACTIVATIONS[name]

    def net(x: Any) -> Any:
        return weights[2] @ activation(weights[1] @ activation(weights[0] @ x + biases[0]) + biases[1])

    report = smoothness.probe(net, [-2, -2], [2, 2], tolerance=1e-9)
    order = {"relu": 1, "leaky": 1, "elu": 2}.get(name, 4)
    assert report.broken_order == order
    if order == 1:
        assert report.verdict is Verdict.CRITICAL
        assert report.solver_rejection_ratio > 0.45
        assert report.solver_cost > 3
        assert report.cost_exponent > 0.25
        assert 1e-7 < report.advised_tolerance <= 1e-4
    elif order == 4:
        assert report.verdict is Verdict.HEALTHY
        assert report.solver_cost < 1.1
        assert report.cost_exponent < 0.2
        assert report.advised_tolerance == 1e-9
    points = rng.uniform(-2, 2, size=(200, 2))
    slopes = [np.linalg.norm(net(p + 1e-7) - net(p)) / np.linalg.norm([1e-7, 1e-7]) for p in points]
    assert report.lipschitz > 0.8 * max(slopes)


def test_edges_of_the_probe() -> None:
    constant = smoothness.probe(lambda x: 3.0, [0, 0], [1, 1])
    assert (constant.outcome, constant.verdict, constant.broken_order) == (Outcome.OK, Verdict.HEALTHY, 4)
    assert constant.slopes == (0, 0, 0, 0)
    assert constant.lipschitz == 0
    line = smoothness.probe(lambda x: 2 * x[0] - x[1], [0, 0], [1, 1])
    assert line.broken_order == 4
    assert line.lipschitz == pytest.approx(math.sqrt(5), rel=0.02)
    jump = smoothness.probe(lambda x: float(x[0] > 0.3), 0, 1)
    assert (jump.verdict, jump.cause, jump.broken_order) == (Verdict.CRITICAL, Cause.DISCONTINUOUS_FIELD, 0)
    steep = smoothness.probe(lambda x: np.tanh(40 * x), -1, 1)
    assert steep.second_slope < -0.5
    assert steep.broken_order >= 3
    assert steep.verdict is Verdict.HEALTHY
    single = {"finest": 8, "rounding": 2.0**-23}
    rounded = smoothness.probe(lambda x: np.sin(3 * x).astype(np.float32), -1, 1, **single)  # type: ignore[arg-type]
    assert rounded.broken_order == 4
    nowhere = smoothness.probe(lambda x: math.nan, 0, 1)
    assert (nowhere.outcome, nowhere.cause) == (Outcome.NONFINITE, Cause.NONFINITE_FIELD)
    half = smoothness.probe(lambda x: math.sqrt(x[0]) if x[0] >= 0 else math.nan, -1, 1)
    assert (half.outcome, half.verdict, half.cause) == (Outcome.OK, Verdict.CRITICAL, Cause.NONFINITE_FIELD)
    assert half.nonfinite_count > 0
    point = smoothness.probe(lambda x: x, 1, 1)
    assert (point.outcome, point.verdict) == (Outcome.DEGENERATE, Verdict.UNKNOWN)
    assert "derivative 1 jumps" in repr(smoothness.probe(abs, -1, 1))
    assert smoothness.probe(abs, -1, 1, seed=1).evaluation_count > 0


def test_kinks_are_found_to_a_part_in_1e12() -> None:
    found = smoothness.kinks(lambda x: abs(x - 0.3) + 0.01 * abs(x - 0.31) + x**2, 0, 1)
    assert [one.position for one in found] == pytest.approx([0.3, 0.31], abs=1e-12)
    assert [one.jump for one in found] == pytest.approx([2, 0.02], rel=0.05)
    assert all(one.width <= 1e-12 for one in found)
    rng = np.random.default_rng(3)
    weights, bias, out = rng.normal(size=(30, 2)), rng.normal(size=30), rng.normal(size=(2, 30))
    start, end = np.array([-2.0, -2.0]), np.array([2.0, 2.0])
    found = smoothness.kinks(lambda x: out @ np.maximum(weights @ x + bias, 0), start, end, resolution=1 << 14)
    places = -(weights @ start + bias) / (weights @ (end - start))
    wanted = np.sort(places[(places > 0) & (places < 1)])
    assert [one.position for one in found] == pytest.approx(wanted, abs=1e-11)
    assert not smoothness.kinks(np.sin, -3, 3)
    assert not smoothness.kinks(ACTIVATIONS["elu"], -3, 3)
    assert not smoothness.kinks(lambda x: 1.0, 0, 1)
    assert not smoothness.kinks(lambda x: x, 1, 1)


def test_steps_that_end_at_kinks_are_not_rejected() -> None:
    def field(t: float, y: Any) -> Any:
        return [abs(math.sin(5 * t)) + 0 * y[0]]

    def guards(t: float, y: Any) -> Any:
        return [math.sin(5 * t)]

    times = [math.pi * k / 5 for k in range(1, 10)]
    tight: dict[str, Any] = {"relative_tolerance": 1e-10, "absolute_tolerance": 1e-12}
    plain = smoothness.solve(field, 0.05, 6, [0.0], **tight)
    cured = smoothness.solve(field, 0.05, 6, [0.0], guards=guards, **tight)
    told = smoothness.solve(field, 0.05, 6, [0.0], stops=times, **tight)
    assert cured.kinks == pytest.approx(times, abs=1e-8)
    assert (cured.report.kink_count, told.report.kink_count) == (9, 0)
    for one in (cured, told):
        assert one.report.rejected_count < 0.2 * plain.report.rejected_count
    assert told.report.evaluation_count < 0.7 * plain.report.evaluation_count
    exact = 9 * 0.4 + (math.cos(0.25) - 1) / 5 + (1 - math.cos(30 - 9 * math.pi)) / 5
    for one in (plain, cured, told):
        assert one.state[0] == pytest.approx(exact, abs=1e-7)


def test_a_run_of_rejections_is_critical() -> None:
    rough = smoothness.solve(lambda t, y: [abs(math.sin(20 * t))], 0, 6, [0.0], relative_tolerance=1e-9)
    assert (rough.report.verdict, rough.report.cause) == (Verdict.CRITICAL, Cause.REJECTED_STEPS)
    stiff = smoothness.solve(lambda t, y: -500 * (y - math.cos(t)), 0, 3, [0.0], relative_tolerance=1e-6)
    assert stiff.report.verdict is Verdict.HEALTHY


def test_how_a_solver_may_end() -> None:
    pole = smoothness.solve(lambda t, y: y**2, 0, 2, [1.0])
    assert (pole.report.end, pole.report.cause) == ("step underflow", Cause.STEP_UNDERFLOW)
    assert pole.report.time == pytest.approx(1, abs=1e-2)
    bad = smoothness.solve(lambda t, y: [math.nan if t > 0.5 else 1.0], 0, 2, [0.0])
    assert (bad.report.end, bad.report.outcome, bad.report.cause) == (
        "nonfinite",
        Outcome.NONFINITE,
        Cause.NONFINITE_FIELD,
    )
    assert bad.state[0] == pytest.approx(bad.report.time)
    at_once = smoothness.solve(lambda t, y: [math.inf], 0, 2, [4.0])
    assert (at_once.report.end, at_once.report.evaluation_count, at_once.state[0]) == ("nonfinite", 1, 4)
    assert math.isnan(at_once.report.median_step)
    limited = smoothness.solve(lambda t, y: [math.cos(50 * t)], 0, 100, [0.0], maximum_evaluations=100)
    assert (limited.report.end, limited.report.cause) == ("evaluation limit", Cause.EVALUATION_LIMIT)
    assert limited.report.evaluation_count <= 100
    nothing = smoothness.solve(lambda t, y: y, 1, 1, [2.0])
    assert (nothing.report.outcome, nothing.state[0]) == (Outcome.DEGENERATE, 2)


class EnoughError(Exception):
    pass


def test_what_functions_raise_comes_back() -> None:
    calls = []

    def stop(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) > 7:
            raise EnoughError
        return arguments[-1]

    for call in (
        lambda: smoothness.probe(stop, 0, 1),
        lambda: smoothness.kinks(stop, 0, 1),
        lambda: smoothness.solve(stop, 0, 1, [1.0]),
        lambda: smoothness.solve(lambda t, y: -y, 0, 9, [1.0], guards=stop),
    ):
        calls.clear()
        with pytest.raises(EnoughError):
            call()
    with pytest.raises(KeyboardInterrupt):
        smoothness.solve(lambda t, y: (_ for _ in ()).throw(KeyboardInterrupt), 0, 1, [1.0])


def test_refusals_name_what_was_found() -> None:
    with pytest.raises(TypeError, match="function: found int"):
        smoothness.probe(3, 0, 1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="field: found NoneType"):
        smoothness.solve(None, 0, 1, [1.0])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="function: found str returned, allowed numbers"):
        smoothness.probe(lambda x: "no", 0, 1)
    with pytest.raises(ValueError, match="field: found 2 numbers returned, allowed 1"):
        smoothness.solve(lambda t, y: [1, 2], 0, 1, [1.0])
    with pytest.raises(ValueError, match="high: found 1 numbers, allowed 2 as in low"):
        smoothness.probe(abs, [0, 0], [1])
    with pytest.raises(TrimtabError, match="low, high: found 1 to 0 at 0"):
        smoothness.probe(abs, 1, 0)
    with pytest.raises(TrimtabError, match=r"options.tolerance: found 2, allowed 1e-12 to 0.1"):
        smoothness.probe(abs, 0, 1, tolerance=2)
    with pytest.raises(TrimtabError, match=r"options.finest: found 3, allowed 6 to 16"):
        smoothness.probe(abs, 0, 1, finest=3)
    with pytest.raises(TrimtabError, match="resolution: found 4, allowed 8"):
        smoothness.kinks(abs, 0, 1, resolution=4)
    with pytest.raises(TrimtabError, match=r"options.stops\[1\]: found 0.5, allowed between 0.5 and 1"):
        smoothness.solve(lambda t, y: y, 0, 1, [1.0], stops=[0.5, 0.5])
    with pytest.raises(TrimtabError, match=r"initial\[1\]: found nan"):
        smoothness.solve(lambda t, y: y, 0, 1, [1.0, math.nan])
    with pytest.raises(TrimtabError, match=r"options.first_step: found 2, allowed 0 to the length"):
        smoothness.solve(lambda t, y: y, 0, 1, [1.0], first_step=2)
    with pytest.raises(TypeError, match="unknown option 'stop_count'"):
        smoothness.solve(lambda t, y: y, 0, 1, [1.0], stop_count=2)  # type: ignore[call-arg]


@pytest.mark.parametrize("function", [lambda x: None, lambda x: x * 1j])
def test_what_is_no_real_number_is_refused(function: Any) -> None:
    with pytest.raises(TypeError, match="returned, allowed numbers"):
        smoothness.probe(function, -1, 1)


def float32_net(activation: Any, seed: int) -> tuple[Any, np.ndarray]:
    """A net of 16 units that is computed in float32 throughout, and where its units change their sign along [-1, 1]."""
    rng = np.random.default_rng(seed)
    one = np.float32
    weights, bias, out = (
        rng.normal(size=16).astype(one),
        rng.normal(size=16).astype(one),
        rng.normal(size=16).astype(one),
    )

    def net(x: np.ndarray) -> np.ndarray:
        found: np.ndarray = out @ activation(weights * one(x[0]) + bias)
        return found

    zeros = np.sort(-bias / weights)
    return net, zeros[abs(zeros) < 0.99]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("resolution", [64, 1024, 1 << 14])
def test_rounding_of_float32_is_no_kink(seed: int, resolution: int) -> None:
    net, _ = float32_net(lambda x: x / (1 + np.exp(-x)), seed)
    found = smoothness.kinks(net, -1, 1, resolution=resolution)
    assert found == ()
    assert 1e-8 < found.noise < 1e-4
    assert "nan" not in repr(found)
    report = smoothness.probe(net, -1, 1, seed=seed)
    assert (report.verdict, report.cause, report.broken_order) == (Verdict.HEALTHY, Cause.NONE, 4)
    assert 1e-9 < report.rounding < 1e-5


@pytest.mark.parametrize("seed", range(8))
def test_kinks_of_a_float32_net_are_those_above_rounding(seed: int) -> None:
    net, zeros = float32_net(lambda x: np.maximum(x, np.float32(0)), seed)
    found = smoothness.kinks(net, -1, 1, resolution=1024)
    places = np.array([2 * kink.position - 1 for kink in found])
    assert all(abs(zeros - place).min() < 4e-3 for place in places)
    assert len(places) >= 0.5 * len(zeros)
    assert found.outcome is (Outcome.INSUFFICIENT if found.undecided_count else Outcome.OK)
    # Of a jump that is claimed, more than the noise.
    assert all(kink.jump == 0 or kink.jump > found.least_jump / 8 for kink in found)
    report = smoothness.probe(net, -1, 1, seed=seed)
    assert (report.broken_order, report.cause) == (1, Cause.NONSMOOTH_FIELD)


def test_kinks_say_what_they_could_not_tell() -> None:
    # A jump of 2e-6 in the slope is below what float32 shows at a thousand windows; in float64 it is there.
    small = smoothness.kinks(lambda x: np.float32(1) + np.float32(0.01 * abs(x[0] - 0.3)), 0, 1)
    assert small == () or small[0].position == pytest.approx(0.3, abs=1e-2)
    assert small.least_jump > 0.02
    faint = smoothness.kinks(lambda x: 1 + 0.01 * abs(x[0] - 0.3), 0, 1)
    assert [round(one.position, 6) for one in faint] == [0.3]
    assert faint.least_jump < 1e-8
    at_once = smoothness.kinks(abs, 1, 1)
    assert (at_once.outcome, repr(at_once)) == (Outcome.DEGENERATE, "Kinks: none, degenerate")
    lost = smoothness.kinks(lambda x: math.nan, 0, 1)
    assert (lost.outcome, lost.nonfinite_count) == (Outcome.NONFINITE, 1025)
    # What is random has no kinks to be told.
    rng = np.random.default_rng(0)
    noise = smoothness.kinks(lambda x: rng.normal(), 0, 1)
    assert len(noise) == 0
