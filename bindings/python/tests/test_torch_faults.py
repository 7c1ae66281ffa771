"""Faults of whole runs that look like other faults: each is named for what it is, and its healthy twin for nothing."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn = torch.nn

from test_torch_runs import digits, digits_mlp, momentum  # noqa: E402
from watched_models import mlp, train, vectors  # noqa: E402

import trimtab.torch as trimtab_torch  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

SEEDS = range(3)


def adam(model: Any, rate: float = 1e-3) -> Any:
    return torch.optim.Adam(model.parameters(), lr=rate)


def descent(model: Any, rate: float) -> Any:
    return torch.optim.SGD(model.parameters(), lr=rate)


def times(factor: float, batch: Callable[[], Any]) -> Callable[[], Any]:
    def scaled() -> Any:
        inputs, classes = batch()
        return (inputs + 0.3) * factor, classes

    return scaled


def warnings_of(watch: Any) -> list[Any]:
    return [one for one in watch.findings() if one.verdict != "notice"]


# The learning rate


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("make", "rate", "factor"),
    [(adam, 1.0, 1), (adam, 10.0, 1), (adam, 0.3, 16), (descent, 1.0, 16), (descent, 10.0, 1), (momentum, 0.5, 16)],
)
def test_a_rate_far_too_high(make: Any, rate: float, factor: float, seed: int) -> None:
    torch.manual_seed(seed)
    model, batch = digits_mlp(sizes=(64, 128, 64, 10)), times(factor, digits()(64))
    optimizer = make(model, rate)
    watch = trimtab_torch.watch(model, optimizer)
    for _ in range(120):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        optimizer.zero_grad()
        loss.backward()
        watch.step(loss)
        optimizer.step()
    assert watch.fault is None, watch.fault
    assert watch.findings(), watch.report()
    assert watch.findings()[0].cause == "learning_rate_too_high", watch.report()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("at", [12, 60])
def test_a_bad_batch_is_no_rate(at: int, seed: int) -> None:
    torch.manual_seed(seed)
    model, batch, step = digits_mlp(), digits()(64), [0]

    def tampered() -> Any:
        step[0] += 1
        inputs, classes = batch()
        return inputs * (1000 if step[0] == at else 1), classes

    found = train(model, tampered, steps=at + 10, optimizer=descent(model, 0.1)).findings()
    assert found
    assert (found[0].cause, found[0].first_step - at in (0, 1)) == ("bad_batch", True)


@pytest.mark.parametrize("seed", SEEDS)
def test_weights_that_start_too_large_are_no_rate(seed: int) -> None:
    torch.manual_seed(seed)
    model = digits_mlp(sizes=(64,) + (64,) * 8 + (10,))
    with torch.no_grad():
        for module in model:
            if isinstance(module, nn.Linear):
                module.weight.mul_(20)
    found = train(model, digits()(64), steps=30, optimizer=adam(model)).findings()
    assert found
    assert found[0].cause == "large_initialisation"


# Gradients that are not cleared


@pytest.mark.parametrize("is_late", [False, True])
def test_a_forgotten_zero_grad(is_late: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", is_late)
    torch.manual_seed(0)
    model, batch = digits_mlp(), digits()(64)
    optimizer = adam(model)
    watch = trimtab_torch.watch(model, optimizer, budget=0)
    for _ in range(30):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        watch.step(loss)
        # A clip writes to the gradient, as clearing would.
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    found = watch.findings()[0]
    assert (found.rule, found.cause, found.where) == ("stale_gradient", "gradient_not_cleared", "the run")
    assert found.first_step == 4


@pytest.mark.parametrize("place", ["before forward", "after forward", "after step"])
@pytest.mark.parametrize("to_none", [False, True])
@pytest.mark.parametrize("passes", [1, 3])
def test_gradients_that_are_cleared(passes: int, to_none: bool, place: str) -> None:
    torch.manual_seed(0)
    model, batch = digits_mlp(), digits()(64)
    optimizer = adam(model)
    watch = trimtab_torch.watch(model, optimizer, budget=0)
    for _ in range(20):
        for number in range(passes):
            if place == "before forward" and number == 0:
                optimizer.zero_grad(set_to_none=to_none)
            inputs, classes = batch()
            loss = nn.functional.cross_entropy(model(inputs), classes) / passes
            if place == "after forward" and number == 0:
                optimizer.zero_grad(set_to_none=to_none)
            loss.backward()
        watch.step(loss * passes)
        optimizer.step()
        if place == "after step":
            optimizer.zero_grad(set_to_none=to_none)
    assert watch.findings() == [], watch.report()


def test_two_models_that_train_against_each_other() -> None:
    """The gradients of the other's loss pass through a model before it is cleared."""
    torch.manual_seed(0)
    maker, judge = digits_mlp(sizes=(8, 32, 64)), digits_mlp(sizes=(64, 32, 1))
    optimizers = adam(maker), adam(judge)
    watches = [trimtab_torch.watch(one, two, budget=0) for one, two in zip((maker, judge), optimizers, strict=True)]
    for _ in range(20):
        for place, target in ((1, 0.0), (0, 1.0)):
            optimizers[place].zero_grad()
            shown = judge(maker(torch.randn(32, 8)))
            loss = nn.functional.binary_cross_entropy_with_logits(shown, torch.full_like(shown, target))
            loss.backward()
            watches[place].step(loss)
            optimizers[place].step()
    assert [one.rule for watch in watches for one in watch.findings() if one.rule == "stale_gradient"] == []


# Recurrences


class Recurrence(nn.Module):  # type: ignore[misc]
    """A recurrence of modules; `linear` has no activation."""

    def __init__(self, scale: float, linear: bool) -> None:
        super().__init__()
        self.given, self.kept, self.last = nn.Linear(4, 32), nn.Linear(32, 32), nn.Linear(32, 2)
        self.linear = linear
        with torch.no_grad():
            self.kept.weight.mul_(scale)

    def forward(self, inputs: Any) -> Any:
        state = torch.zeros(len(inputs), 32)
        for step in range(inputs.shape[1]):
            state = self.given(inputs[:, step]) + self.kept(state)
            state = state if self.linear else torch.tanh(state)
        return self.last(state)


class Recurrent(nn.Module):  # type: ignore[misc]
    """torch's recurrent module, which shows nothing but its gradients and weights."""

    def __init__(self, scale: float, kind: str) -> None:
        super().__init__()
        self.inner, self.last = nn.RNN(4, 32, batch_first=True, nonlinearity=kind), nn.Linear(32, 2)
        with torch.no_grad():
            self.inner.weight_hh_l0.mul_(scale)

    def forward(self, inputs: Any) -> Any:
        return self.last(self.inner(inputs)[0][:, -1])


def sequences() -> Any:
    inputs = torch.randn(32, 50, 4)
    return inputs, (inputs[:, :, 0].mean(1) > 0).long()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "make",
    [lambda: Recurrence(3, True), lambda: Recurrent(5, "tanh"), lambda: Recurrent(5, "relu")],
    ids=["linear", "tanh", "relu"],
)
def test_a_recurrence_that_explodes(make: Any, seed: int) -> None:
    torch.manual_seed(seed)
    model = make()
    found = warnings_of(train(model, sequences, steps=40, optimizer=adam(model)))
    assert found
    assert {one.rule for one in found} <= {"exploding_gradient", "activation_scale"}
    assert found[0].cause in ("exploding_gradient", "large_initialisation")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "make",
    [lambda: Recurrence(1, True), lambda: Recurrence(1, False), lambda: Recurrent(1, "tanh")],
    ids=["linear", "modules", "tanh"],
)
def test_a_recurrence_that_does_not(make: Any, seed: int) -> None:
    torch.manual_seed(seed)
    model = make()
    # Its state begins at zero: no layer whose output is gone.
    assert warnings_of(train(model, sequences, steps=60, optimizer=adam(model))) == []


# Bounded functions


class Functions(nn.Module):  # type: ignore[misc]
    def __init__(self, function: Any, scale: float) -> None:
        super().__init__()
        self.first, self.second, self.last = nn.Linear(64, 128), nn.Linear(128, 64), nn.Linear(64, 10)
        self.function = function
        with torch.no_grad():
            self.first.weight.mul_(scale)
            self.second.weight.mul_(scale)

    def forward(self, inputs: Any) -> Any:
        return self.last(self.function(self.second(self.function(self.first(inputs)))))


@pytest.mark.parametrize("is_late", [False, True])
def test_a_function_that_saturates(is_late: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", is_late)
    torch.manual_seed(0)
    model = Functions(torch.tanh, 50)
    found = train(model, digits()(64), steps=60, optimizer=adam(model)).findings()
    assert {(one.rule, one.cause) for one in found} == {("saturated_units", "saturation")}
    assert {one.name for one in found} == {"second.input", "last.input"}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("function", [torch.tanh, torch.sigmoid], ids=["tanh", "sigmoid"])
def test_a_function_that_does_not(function: Any, seed: int) -> None:
    torch.manual_seed(seed)
    model = Functions(function, 1)
    found = train(model, digits()(64), steps=150, optimizer=adam(model, 3e-3)).findings()
    assert [one for one in found if one.rule == "saturated_units"] == []


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
def test_what_a_function_was_given(dtype: Any) -> None:
    from trimtab.torch._layers import before_function

    given = torch.tensor([-40.0, -2.0, -0.5, 0.0, 0.25, 2.0, 40.0])
    for function in (torch.tanh, torch.sigmoid):
        found = before_function(function(given).to(dtype), function.__name__)
        assert bool(torch.isfinite(found).all())
        assert torch.allclose(found[1:-1].float(), given[1:-1], atol=0.1)
        assert float(found[0]) < -8
        assert float(found[-1]) > 8
    assert bool(before_function(torch.tensor([torch.nan]), "tanh").isnan())


# Sixteen bits


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("is_stepped", [True, False])
def test_updates_that_sixteen_bits_round_away(is_stepped: bool, dtype: Any) -> None:
    torch.manual_seed(0)
    model, batch = digits_mlp().to(dtype), digits()(64)
    optimizer = descent(model, 1e-6 if is_stepped else 0.1)
    watch = trimtab_torch.watch(model, optimizer, budget=0)
    for _ in range(40):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs.to(dtype)).float(), classes)
        optimizer.zero_grad()
        loss.backward()
        watch.step(loss)
        if is_stepped:
            optimizer.step()
    found = [one for one in watch.findings() if one.rule == "unchanged_parameter"]
    assert found
    assert {one.cause.value for one in found} == {"range_underflow" if is_stepped else "missing_optimizer_step"}


# What cannot be taken


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("loss", ["abc", torch.ones(3), 1j, torch.tensor(1j), [1.0]])
def test_a_loss_that_is_no_number(loss: Any, is_late: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", is_late)
    model, batch = mlp(), vectors()
    optimizer = descent(model, 0.02)
    watch = trimtab_torch.watch(model, optimizer, budget=0, guard=True)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for step in range(20):
            inputs, classes = batch()
            real = nn.functional.cross_entropy(model(inputs), classes)
            real.backward()
            watch.step(loss if step in (5, 6) else real)
            optimizer.step()
            optimizer.zero_grad()
    assert sum("judged without" in str(one.message) for one in said) == 1
    assert watch.fault is None
    assert watch.findings() == []
    assert watch.report().count("not looked at: loss: ") == 1
    assert watch.monitor.coverage("0.weight", "gradient").look_count == 20


@pytest.mark.parametrize("is_late", [False, True])
def test_a_layer_that_changes_its_shape(is_late: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", is_late)

    class Shapes(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.first, self.act, self.last = nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 4)

        def forward(self, inputs: Any) -> Any:
            hidden = self.first(inputs)
            shape = (16, 16) if len(inputs) == 8 else hidden.shape
            return self.last(self.act(hidden.reshape(shape)).reshape(-1, 32))

    model = Shapes()
    optimizer = descent(model, 0.02)
    watch = trimtab_torch.watch(model, optimizer, budget=0)
    for step in range(30):
        inputs, classes = vectors(count=8 if step == 5 else 32)()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.findings() == []
    assert watch.fault is None
    assert "not looked at: act.input: " in watch.report()
    assert watch.monitor.coverage("first.weight", "gradient").look_count == 30
