"""Mixed precision and accumulation: norms free of the loss scale, and those of micro-batches."""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import pytest

from trimtab import Action

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from watched_models import hooks, mlp, train, vectors  # noqa: E402

nn = torch.nn


@pytest.fixture(params=[False, True], ids=["host", "late"], autouse=True)
def route(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", request.param)
    return bool(request.param)


def finite(model: Any) -> bool:
    return all(bool(torch.isfinite(value).all()) for value in model.parameters())


def scaled_run(model: Any, steps: int, *, unscale: bool, tamper: Any = None, **options: Any) -> tuple[Any, list[Any]]:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**16)
    watch = trimtab_torch.watch(model, optimizer, scaler=scaler, guard=True, budget=0, **options)
    batch, seen = vectors(), []
    for step in range(steps):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        scaler.scale(loss).backward()
        norm = float(nn.utils.get_total_norm([p.grad for p in model.parameters()])) / scaler.get_scale()
        if tamper is not None:
            tamper(step, model)
        if unscale:
            scaler.unscale_(optimizer)
        watch.step(loss)
        seen.append((norm, watch.decision))
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
    assert watch.fault is None, watch.fault
    return watch, seen


@pytest.mark.parametrize("unscale", [False, True])
def test_norms_are_free_of_the_loss_scale(unscale: bool, route: bool) -> None:
    watch, seen = scaled_run(mlp(), 30, unscale=unscale)
    assert watch.findings() == []
    for place in range(1, 30):
        norm, decision = seen[place - 1][0] if route else seen[place][0], seen[place][1]
        assert decision.gradient_norm == pytest.approx(norm, rel=1e-5)


@pytest.mark.parametrize("unscale", [False, True])
def test_clipping_under_a_loss_scale(unscale: bool) -> None:
    torch.manual_seed(1)
    one, two = mlp(), mlp()
    two.load_state_dict(one.state_dict())
    torch.manual_seed(2)
    scaled_run(one, 20, unscale=unscale, clipping="fixed", maximum_norm=0.05)
    torch.manual_seed(2)
    optimizer, batch = torch.optim.SGD(two.parameters(), lr=0.02), vectors()
    for _ in range(20):
        inputs, classes = batch()
        nn.functional.cross_entropy(two(inputs), classes).backward()
        nn.utils.clip_grad_norm_(two.parameters(), 0.05)
        optimizer.step()
        optimizer.zero_grad()
    for left, right in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.allclose(left, right, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("unscale", [False, True])
def test_overflow_while_the_scale_falls_is_expected(unscale: bool) -> None:
    def overflow(step: int, model: Any) -> None:
        if step < 5:
            model[0].weight.grad[0, 0] = torch.inf

    watch, _ = scaled_run(mlp(), 30, unscale=unscale, tamper=overflow)
    assert watch.findings() == []


@pytest.mark.parametrize("unscale", [False, True])
def test_overflow_that_never_ends_is_named(unscale: bool) -> None:
    def overflow(step: int, model: Any) -> None:
        model[0].weight.grad[0, 0] = torch.inf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        watch, _ = scaled_run(mlp(), 40, unscale=unscale, tamper=overflow)
    first = watch.findings()[0]
    # When the scale has come down to 1 it explains nothing more.
    assert (first.rule, first.name, first.first_step) == ("nonfinite", "0.weight", 17)
    assert watch.decision.action is Action.STOP


def accumulate(scaled: str = "", **options: Any) -> tuple[Any, list[Any], list[Any]]:
    """What the monitor was told, and what it should be."""
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    scaler = torch.amp.GradScaler("cpu", init_scale=512.0) if scaled else None
    watch = trimtab_torch.watch(model, optimizer, scaler=scaler, budget=0, **options)
    told: list[Any] = []
    plain = watch.monitor.observe_noise
    watch.monitor.observe_noise = lambda *numbers: (told.append(numbers), plain(*numbers))[1]
    wanted = []
    for _ in range(12):
        total, small = None, []
        for _ in range(4):
            inputs, classes = vectors(count=8)()
            loss = nn.functional.cross_entropy(model(inputs), classes)
            own = torch.cat([one.flatten() for one in torch.autograd.grad(loss, model.parameters(), retain_graph=True)])
            small.append(float(own.square().sum()))
            total = own if total is None else total + own
            (loss / 4 if scaler is None else scaler.scale(loss / 4)).backward()
        wanted.append((sum(small) / 4, float((total / 4).square().sum())))
        if scaled == "unscaled":
            scaler.unscale_(optimizer)
        watch.step(loss)
        optimizer.zero_grad()
        if scaler is not None:
            scaler._per_optimizer_states.clear()
    watch.findings()
    assert watch.fault is None, watch.fault
    return watch, told, wanted


@pytest.mark.parametrize("scaled", ["", "scaled", "unscaled"])
def test_norms_of_micro_batches(scaled: str) -> None:
    watch, told, wanted = accumulate(scaled, noise=8)
    assert len(told) == 12
    for (small, small_square, big, big_square), (one, all_of_them) in zip(told, wanted, strict=True):
        assert (small, big) == (8, 32)
        assert small_square == pytest.approx(one, rel=1e-4)
        assert big_square == pytest.approx(all_of_them, rel=1e-4)
    watch.remove()
    for parameter in watch._model.parameters():
        assert not parameter._backward_hooks
        assert not parameter._post_accumulate_grad_hooks


def test_no_norms_unless_asked_for() -> None:
    _, told, _ = accumulate()
    assert told == []


def test_no_norms_without_accumulation() -> None:
    watch = train(mlp(), vectors(), steps=10, noise=True)
    assert watch.findings() == []


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_leaves_the_hooks_on_parameters_behind(duplicate: Any) -> None:
    model = mlp()
    train(model, vectors(), steps=5, noise=True, guard=True, snapshots=2)
    twin = duplicate(model)
    assert not any(parameter._backward_hooks for parameter in twin.parameters())
    other = train(twin, vectors(), steps=5)
    other.remove()
    assert hooks(twin) == 0


def test_a_watch_that_was_removed_does_nothing() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    loss = model(torch.ones(2, 4)).square().mean()
    loss.backward()
    watch.remove()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert watch.step(loss) is None
    assert watch.fault is None


@pytest.mark.parametrize("option", ["log", "record"])
def test_a_path_with_a_zero_byte_is_refused(option: str, tmp_path: Any) -> None:
    model = nn.Linear(2, 1)
    with pytest.raises(ValueError, match="zero byte"):
        trimtab_torch.watch(model, **{option: f"{tmp_path}/x\0y"})
    assert not list(tmp_path.iterdir())


def test_a_record_that_has_no_place_is_told_once(tmp_path: Any) -> None:
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = trimtab_torch.watch(model, optimizer, record=tmp_path / "missing" / "record.jsonl")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for step in range(40):
            loss = model(torch.full((2, 2), float("nan") if step == 20 else 1.0)).square().mean()
            optimizer.zero_grad()
            loss.backward()
            watch.step(loss)
    found = [str(one.message) for one in said if "not written" in str(one.message)]
    assert len(found) == 1
    assert "[Errno 2]" in found[0]
    assert "record.jsonl" in found[0]


def test_an_optimizer_that_was_replaced_is_told() -> None:
    model = nn.Linear(2, 1)
    watch = trimtab_torch.watch(model, torch.optim.SGD(model.parameters(), lr=0.1), guard=True)
    other = torch.optim.SGD(model.parameters(), lr=0.1)

    def train() -> None:
        for _ in range(40):
            loss = model(torch.ones(2, 2)).square().mean()
            other.zero_grad()
            loss.backward()
            watch.step(loss)
            other.step()

    with pytest.warns(RuntimeWarning, match="no optimizer under guard has taken a step"):
        train()
