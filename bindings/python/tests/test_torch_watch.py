"""PyTorch models under watch: what is seen, what is said, and that training goes on whatever happens."""

from __future__ import annotations

import copy
import io
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from trimtab import Action

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

nn = torch.nn


def train(
    model: Any,
    batch: Callable[[], Any],
    steps: int = 40,
    *,
    optimizer: Any = None,
    accumulate: int = 1,
    autocast: bool = False,
    tamper: Callable[[int, Any], None] | None = None,
    **options: Any,
) -> Any:
    """Trains under watch on (input, class) batches, and gives the watch back; a fault of the watch fails the test."""
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    watch = trimtab_torch.watch(model, optimizer, budget=0, **options)
    for step in range(1, steps + 1):
        for _ in range(accumulate):
            inputs, classes = batch()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
                loss = nn.functional.cross_entropy(model(inputs), classes) / accumulate
            loss.backward()
        if tamper is not None:
            tamper(step, model)
        watch.step(loss * accumulate)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None, watch.fault
    return watch


def vectors(size: int = 16, count: int = 32) -> Callable[[], Any]:
    def batch() -> Any:
        inputs = torch.randn(count, size)
        return inputs, (inputs[:, 0] > 0).long() + 2 * (inputs[:, 1] > 0).long()

    return batch


def images() -> Any:
    inputs = torch.randn(16, 3, 8, 8)
    return inputs, (inputs.mean((1, 2, 3)) > 0).long()


def mlp(norm: bool = False) -> Any:
    layers: list[Any] = []
    for before, after in ((16, 32), (32, 32)):
        layers += [nn.Linear(before, after), *([nn.BatchNorm1d(after)] if norm else []), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(32, 4))


def names(watch: Any) -> list[str]:
    return list(watch.monitor.names)


def looks(watch: Any, name: str, quantity: str) -> int:
    return int(watch.monitor.coverage(name, quantity).look_count)


class Functional(nn.Module):  # type: ignore[misc]
    """Activations as functions, one layer called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(16, 32)
        self.shared = nn.Linear(32, 32)
        self.last = nn.Linear(32, 4)

    def forward(self, inputs: Any) -> Any:
        hidden = torch.relu(self.first(inputs))
        hidden = torch.tanh(self.shared(hidden))
        return self.last(torch.relu(self.shared(hidden)))


def test_an_mlp_is_seen_whole() -> None:
    model = mlp()
    watch = train(model, vectors())
    assert watch.findings() == []
    assert watch.report() == "healthy: no finding in 40 steps"
    assert [name for name in names(watch) if not name.endswith(".input")] == [n for n, _ in model.named_parameters()]
    for name, _ in model.named_parameters():
        assert looks(watch, name, "gradient") == 40
        assert looks(watch, name, "weight") >= 4
    # ReLU's inputs are pre-activations.
    assert looks(watch, "1.input", "preactivation") == 40
    assert looks(watch, "3.input", "preactivation") == 40


def test_the_norm_is_torchs() -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer)
    for _ in range(25):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        wanted = float(torch.nn.utils.get_total_norm([p.grad for p in model.parameters()]))
        decision = watch.step(loss)
        assert decision is not None
        assert decision.gradient_norm == pytest.approx(wanted, rel=1e-5)
        assert decision.loss == pytest.approx(loss.item())
        optimizer.step()
        optimizer.zero_grad()


def test_watching_changes_nothing() -> None:
    results = []
    for is_watched in (False, True):
        torch.manual_seed(3)
        model, batch = mlp(norm=True), vectors()
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
        watch = trimtab_torch.watch(model, optimizer, guard=True) if is_watched else None
        for _ in range(30):
            inputs, classes = batch()
            loss = nn.functional.cross_entropy(model(inputs), classes)
            loss.backward()
            if watch is not None:
                watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
        results.append([value.clone() for value in model.state_dict().values()])
    assert all(torch.equal(left, right) for left, right in zip(*results, strict=True))


def test_a_bias_before_batch_norm_has_no_gradient_by_construction() -> None:
    watch = train(mlp(norm=True), vectors(), steps=60)
    assert watch.findings() == []


def test_convolutions_have_their_units_on_the_second_axis() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, stride=2), nn.BatchNorm2d(8), nn.ReLU(),
        nn.Flatten(), nn.Linear(72, 2),
    )  # fmt: skip
    with torch.no_grad():
        model[0].bias[:6] = -100.0
    watch = train(model, images, steps=130)
    (finding,) = [one for one in watch.findings() if one.rule == "dead_units"]
    assert finding.name == "1.input"
    assert finding.value == pytest.approx(6 / 8)


def test_functions_and_a_module_called_twice() -> None:
    watch = train(Functional(), vectors())
    assert watch.findings() == []
    # Who gets a function's result knows which function it was; the second call is an entry of its own.
    assert looks(watch, "shared.input", "preactivation") == 40
    assert (
        looks(watch, "shared.input#2" if "shared.input#2" in names(watch) else "shared#2.input", "preactivation") == 40
    )
    assert looks(watch, "last.input", "preactivation") == 40


def test_shared_parameters_are_one() -> None:
    model = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 4))
    model[2].weight = model[0].weight
    watch = train(model, vectors(), steps=60)
    assert "2.weight" not in names(watch)
    assert "0.weight" in names(watch)
    assert watch.findings() == []


def _loaded(layer: Any) -> None:
    """Weights of another law than those that a layer is made with."""
    nn.init.normal_(layer.weight, std=0.15)


def test_frozen_parameters_are_silent() -> None:
    model = mlp()
    _loaded(model[0])
    model[0].requires_grad_(False)
    optimizer = torch.optim.SGD([one for one in model.parameters() if one.requires_grad], lr=0.02)
    assert train(model, vectors(), steps=60, optimizer=optimizer).findings() == []


@pytest.mark.parametrize(("is_held", "verdict"), [(False, "notice"), (True, "warning")])
def test_parameters_that_are_frozen_as_they_were_made(is_held: bool, verdict: str) -> None:
    model = mlp()
    model[0].requires_grad_(False)
    optimizer = torch.optim.SGD([one for one in model.parameters() if one.requires_grad or is_held], lr=0.02)
    first = train(model, vectors(), steps=60, optimizer=optimizer).diagnosis()[0]
    assert (first.verdict, first.rule, first.name, first.cause, first.first_step) == (
        verdict,
        "weight_start",
        "0.weight",
        "frozen_parameter",
        1,
    )


def test_frozen_parameters_that_the_optimizer_holds_are_a_notice() -> None:
    model = mlp()
    _loaded(model[2])
    model[2].requires_grad_(False)
    found = train(model, vectors(), steps=60).findings()
    assert [(one.verdict, one.rule, one.name, one.cause) for one in found] == [
        ("notice", "unchanged_parameter", "2.weight", "frozen_parameter"),
        ("notice", "unchanged_parameter", "2.bias", "frozen_parameter"),
    ]


def test_a_parameter_that_nothing_uses_is_missing() -> None:
    model = mlp()
    model.register_parameter("forgotten", nn.Parameter(torch.randn(3, 3)))
    (finding,) = train(model, vectors(), steps=60).findings()
    assert finding.rule == "missing_gradient"
    assert finding.name == "forgotten"


def test_a_parameter_that_the_optimizer_does_not_have() -> None:
    model = mlp()
    optimizer = torch.optim.SGD([*model[0].parameters(), *model[4].parameters()], lr=0.02)
    found = train(model, vectors(), steps=60, optimizer=optimizer).findings()
    assert {(one.rule, one.name) for one in found} == {
        ("unchanged_parameter", "2.weight"),
        ("unchanged_parameter", "2.bias"),
    }


@pytest.mark.parametrize("sparse", [False, True])
def test_embeddings(sparse: bool) -> None:
    class Bag(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(500, 16, sparse=sparse)
            self.last = nn.Linear(16, 4)

        def forward(self, tokens: Any) -> Any:
            return self.last(self.table(tokens).mean(1))

    def batch() -> Any:
        tokens = torch.randint(0, 500, (16, 5))
        return tokens, tokens[:, 0] % 4

    model = Bag()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = train(model, batch, steps=60, optimizer=optimizer)
    assert watch.findings() == []
    assert looks(watch, "table.weight", "gradient") == 60


def test_accumulation_adds_what_is_seen() -> None:
    watch = train(mlp(), vectors(count=8), accumulate=4)
    assert watch.findings() == []
    assert looks(watch, "1.input", "preactivation") == 40
    assert "1#2.input" not in names(watch)
    assert "1.input#2" not in names(watch)


def test_bfloat16_autocast() -> None:
    assert train(mlp(), vectors(), autocast=True, steps=60).findings() == []


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_parameters_of_other_types(dtype: Any) -> None:
    batch = vectors()

    def cast() -> Any:
        inputs, classes = batch()
        return inputs.to(dtype), classes

    watch = train(mlp().to(dtype), cast, steps=30)
    assert watch.findings() == []
    assert looks(watch, "0.weight", "gradient") == 30


def test_complex_parameters_are_left_out() -> None:
    class Wave(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.phase = nn.Parameter(torch.randn(16, dtype=torch.complex64))
            self.last = nn.Linear(16, 4)

        def forward(self, inputs: Any) -> Any:
            return self.last((inputs * self.phase).real)

    watch = train(Wave(), vectors())
    assert "phase" not in names(watch)
    assert "last.weight" in names(watch)


def test_evaluation_is_not_looked_at() -> None:
    model = mlp()
    watch = train(model, vectors(), steps=10)
    before = looks(watch, "1.input", "preactivation")
    model.eval()
    model(torch.full((64, 16), float("nan")))
    model.train()
    with torch.no_grad():
        model(torch.full((64, 16), float("nan")))
    assert looks(watch, "1.input", "preactivation") == before
    assert watch.findings() == []


# The guard


def poison(step: int, model: Any) -> None:
    if step in (20, 21):
        model[2].weight.grad[3, 4] = float("nan")


@pytest.mark.parametrize("kind", ["sgd", "adam", "adamw", "foreach"])
def test_the_guard_leaves_out_the_step(kind: str) -> None:
    model = mlp()
    optimizer = {
        "sgd": lambda: torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-2),
        "adam": lambda: torch.optim.Adam(model.parameters(), lr=1e-2),
        "adamw": lambda: torch.optim.AdamW(model.parameters(), lr=1e-2),
        "foreach": lambda: torch.optim.Adam(model.parameters(), lr=1e-2, foreach=True),
    }[kind]()
    weights: list[Any] = []

    def tamper(step: int, model: Any) -> None:
        weights.append([value.detach().clone() for value in model.parameters()])
        poison(step, model)

    # A single batch of 32 says little of a loss: enough steps that the worst of them is far below where it began.
    watch = train(model, vectors(), steps=240, optimizer=optimizer, tamper=tamper, guard=True)
    (finding,) = watch.findings()
    assert finding.name == "2.weight"
    assert finding.first_step == 20
    assert finding.count == 2
    assert finding.index == 3 * 32 + 4
    assert not finding.is_standing
    # Steps 20 and 21 moved nothing, and 22 did.
    assert all(torch.equal(left, right) for left, right in zip(weights[19], weights[21], strict=True))
    assert not torch.equal(weights[21][0], weights[22][0])
    assert watch.decision is not None
    assert watch.decision.loss < 1.0


def test_without_the_guard_the_weights_are_lost_and_named() -> None:
    watch = train(mlp(), vectors(), steps=30, tamper=poison)
    first = watch.findings()[0]
    assert first.rule == "nonfinite"
    assert first.name == "2.weight"
    assert first.quantity == "gradient"
    assert watch.decision is not None
    assert watch.decision.action is not Action.PROCEED


def test_the_guard_and_a_scheduler() -> None:
    for scheduler_first in (False, True):
        model, batch = mlp(), vectors()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        schedulers = [torch.optim.lr_scheduler.StepLR(optimizer, 5)] if scheduler_first else []
        watch = trimtab_torch.watch(model, optimizer, guard=True)
        schedulers = schedulers or [torch.optim.lr_scheduler.StepLR(optimizer, 5)]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for _ in range(10):
                inputs, classes = batch()
                loss = nn.functional.cross_entropy(model(inputs), classes)
                loss.backward()
                watch.step(loss)
                optimizer.step()
                optimizer.zero_grad()
                schedulers[0].step()
        assert optimizer.param_groups[0]["lr"] == pytest.approx(1e-3)


def test_the_guard_and_a_gradient_scaler() -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**16)
    watch = trimtab_torch.watch(model, optimizer, guard=True, scaler=scaler)
    for step in range(40):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        scaler.scale(loss).backward()
        if step < 5:
            model[0].weight.grad[0, 0] = float("inf")
        scaler.unscale_(optimizer)
        watch.step(loss)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
    assert watch.fault is None
    assert watch.findings() == []
    assert scaler.get_scale() == 2.0**11
    assert all(torch.isfinite(value).all() for value in model.parameters())


def test_clipping_is_done() -> None:
    for clipping in ("fixed", "per_tensor"):
        model = mlp()
        seen: list[float] = []
        optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
        watch = trimtab_torch.watch(model, optimizer, guard=True, clipping=clipping, maximum_norm=0.05)
        optimizer.register_step_pre_hook(
            lambda *_, model=model, seen=seen: seen.append(
                float(torch.nn.utils.get_total_norm([p.grad for p in model.parameters()]))
            )
        )
        batch = vectors()
        for _ in range(10):
            inputs, classes = batch()
            loss = nn.functional.cross_entropy(model(inputs), classes)
            loss.backward()
            decision = watch.step(loss)
            assert decision is not None
            assert decision.action is Action.CLIP
            assert decision.gradient_norm > 0.05
            optimizer.step()
            optimizer.zero_grad()
        assert seen == pytest.approx([0.05] * 10, rel=1e-4)


def test_a_run_that_is_lost_is_said_once() -> None:
    model = mlp()

    def ruin(step: int, model: Any) -> None:
        for parameter in model.parameters():
            parameter.grad.fill_(float("nan"))

    with pytest.warns(RuntimeWarning, match="does not recover") as caught:
        watch = train(model, vectors(), steps=20, tamper=ruin, guard=True)
    assert len(caught) == 1
    assert [one.rule for one in watch.findings()] == ["nonfinite", "guard"]
    assert all(torch.isfinite(value).all() for value in model.parameters())


def test_a_decision_is_obeyed_once() -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = train(model, vectors(), steps=20, optimizer=optimizer, tamper=poison, guard=True)
    assert watch.decision is not None
    assert watch.decision.action is Action.SKIP
    # A step that nobody asked about is the caller's own business.
    before = model[0].weight.detach().clone()
    nn.functional.cross_entropy(model(torch.randn(8, 16)), torch.zeros(8, dtype=torch.long)).backward()
    optimizer.step()
    assert not torch.equal(before, model[0].weight)


# What must not break


def test_a_fault_in_a_hook_never_breaks_training(monkeypatch: pytest.MonkeyPatch) -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    losses = []

    def fall(*_: Any) -> None:
        raise RuntimeError("the watch fell over")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for step in range(40):
            if step == 10:
                monkeypatch.setattr(watch, "_look", fall)
            inputs, classes = batch()
            loss = nn.functional.cross_entropy(model(inputs), classes)
            loss.backward()
            decision = watch.step(loss)
            assert (decision is None) == (step >= 10)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
    assert [str(one.message) for one in caught] == ["trimtab: watching stopped, training goes on: the watch fell over"]
    assert np.mean(losses[-5:]) < np.mean(losses[:5])
    assert "watching stopped: the watch fell over" in watch.report()


def test_not_even_where_warnings_are_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    model = mlp()
    watch = trimtab_torch.watch(model)
    model(torch.randn(4, 16)).sum().backward()
    watch.step()
    monkeypatch.setattr(watch, "_look", lambda *_: 1 / 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model(torch.randn(4, 16)).sum().backward()
        assert watch.step() is None
    assert isinstance(watch.fault, ZeroDivisionError)


def hooks(model: Any) -> int:
    return sum(
        len(found)
        for module in model.modules()
        for found in (module._forward_pre_hooks, module._forward_hooks, module._backward_hooks)
    )


def test_hooks_are_removed() -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = train(model, vectors(), optimizer=optimizer, guard=True)
    assert hooks(model) > 0
    assert len(optimizer._optimizer_step_pre_hooks) == 1
    watch.remove()
    watch.remove()
    assert hooks(model) == 0
    assert len(optimizer._optimizer_step_pre_hooks) == 0
    assert "step" not in vars(optimizer)
    # And another watch may follow.
    assert train(model, vectors(), optimizer=optimizer).findings() == []


def pickled(model: Any) -> Any:
    return pickle.loads(pickle.dumps(model))


def saved(model: Any) -> Any:
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled, saved])
def test_a_copy_of_a_watched_model_is_unwatched(duplicate: Callable[[Any], Any]) -> None:
    model = mlp()
    watch = train(model, vectors(), steps=10)
    before = looks(watch, "1.input", "preactivation")
    twin = duplicate(model)
    inputs = torch.randn(8, 16)
    assert torch.equal(twin(inputs), model.eval()(inputs))
    twin(torch.full((8, 16), float("nan"))).sum().backward()
    model.train()
    assert looks(watch, "1.input", "preactivation") == before
    assert watch.fault is None
    # It is trained and watched by itself, and what it carried of the other watch is gone then.
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.02)
    optimizer.zero_grad()
    other = train(twin, vectors(), optimizer=optimizer)
    assert other.findings() == []
    assert looks(other, "1.input", "preactivation") == 40
    other.remove()
    assert hooks(twin) == 0


def test_an_optimizer_under_guard_is_copied_without_it() -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    train(model, vectors(), steps=5, optimizer=optimizer, guard=True)
    for twin in (copy.deepcopy(optimizer), pickled(optimizer)):
        assert twin.param_groups[0]["lr"] == 0.02


def test_state_dicts_are_those_of_the_bare_model() -> None:
    model = mlp()
    keys = list(model.state_dict())
    watch = train(model, vectors(), steps=5)
    assert list(model.state_dict()) == keys
    watch.remove()


def test_compiled_models_are_not_broken_in_pieces() -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    graphs = []

    def backend(graph: Any, inputs: Any) -> Any:
        graphs.append(graph)
        return graph.forward

    compiled = torch.compile(model, backend=backend, fullgraph=True)
    for step in range(12):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(compiled(inputs), classes)
        loss.backward()
        if step == 8:
            model[0].weight.grad[0, 0] = float("nan")
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None
    assert len(graphs) == 1
    (finding,) = watch.findings()
    assert finding.name == "0.weight"
    assert finding.first_step == 9
