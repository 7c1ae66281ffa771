"""Whether a net learns, and whether that holds: faults of the data and of the start, each beside its healthy twin."""

from __future__ import annotations

import copy
import gc
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")
datasets = pytest.importorskip("sklearn.datasets")
nn, functional = torch.nn, torch.nn.functional

import trimtab.torch  # noqa: E402

TRAINED = 1400


def _digits() -> tuple[Any, Any]:
    found = datasets.load_digits()
    order = torch.randperm(len(found.target), generator=torch.Generator().manual_seed(2))
    return torch.tensor(found.data / 16.0, dtype=torch.float32)[order], torch.tensor(found.target)[order]


INPUTS, LABELS = _digits()


def _net(start: Callable[[Any], Any] | None = None) -> Any:
    model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 11))
    if start is not None:
        for parameter in model.parameters():
            start(parameter)
    return model


def _adam(parameters: Any) -> Any:
    return torch.optim.Adam(parameters, lr=2e-3)


def _sgd(parameters: Any) -> Any:
    return torch.optim.SGD(parameters, lr=0.1, momentum=0.9)


def _run(
    *,
    trained_on: Any = None,
    start: Callable[[Any], Any] | None = None,
    optimizer: Callable[[Any], Any] = _adam,
    validates: bool = True,
    steps: int = 500,
    every: int = 50,
) -> Any:
    torch.manual_seed(4)
    labels = LABELS[:TRAINED] if trained_on is None else trained_on
    model = _net(start)
    chosen = optimizer(model.parameters())
    watch = trimtab.torch.watch(model, chosen, budget=0)
    for step in range(1, steps + 1):
        places = torch.randint(TRAINED, (64,))
        loss = functional.cross_entropy(model(INPUTS[places]), labels[places])
        loss.backward()
        if validates and step % every == 0:
            model.eval()
            with torch.no_grad():
                watch.validation_loss = float(functional.cross_entropy(model(INPUTS[TRAINED:]), LABELS[TRAINED:]))
            model.train()
        watch.step(loss)
        chosen.step()
        chosen.zero_grad()
    assert watch.fault is None
    watch.remove()
    return watch


def _warnings(watch: Any) -> list[str]:
    return [one.cause.value for one in watch.diagnosis() if one.verdict >= "warning"]


@pytest.mark.parametrize("optimizer", [_adam, _sgd])
def test_a_net_that_learns_is_silent(optimizer: Callable[[Any], Any]) -> None:
    assert _warnings(_run(optimizer=optimizer)) == []
    assert _warnings(_run(optimizer=optimizer, validates=False)) == []


@pytest.mark.parametrize("optimizer", [_adam, _sgd])
def test_shuffled_labels(optimizer: Callable[[Any], Any]) -> None:
    shuffled = LABELS[:TRAINED][torch.randperm(TRAINED, generator=torch.Generator().manual_seed(8))]
    watch = _run(trained_on=shuffled, optimizer=optimizer)
    found = _warnings(watch)
    # On noise Adam may leave a third of a layer dead for a while, which is told before what nothing follows from.
    assert found == ["unrelated_targets"] or (
        optimizer is _adam and set(found) == {"learning_rate_too_high", "unrelated_targets"}
    )
    (named,) = (one for one in watch.diagnosis() if one.rule == "learning")
    assert named.cause.cure
    assert named.cause.check.startswith("Show a validation loss")
    # Without a validation loss it is seen from the training loss alone.
    assert "unrelated_targets" in _warnings(_run(trained_on=shuffled, optimizer=optimizer, validates=False, steps=200))


@pytest.mark.parametrize("optimizer", [_adam, _sgd])
def test_labels_off_by_one(optimizer: Callable[[Any], Any]) -> None:
    watch = _run(trained_on=LABELS[:TRAINED] + 1, optimizer=optimizer)
    assert _warnings(watch)[0] == "target_mismatch"
    assert watch.diagnosis()[0].verdict == "critical"


@pytest.mark.parametrize(("value", "verdict"), [(0.05, "warning"), (0.0, "critical")])
def test_weights_that_start_at_one_value(value: float, verdict: str) -> None:
    watch = _run(start=lambda one: nn.init.constant_(one, value), steps=120)
    first = watch.diagnosis()[0]
    assert (first.cause.value, first.rule, first.verdict, first.first_step) == (
        "constant_initialisation",
        "weight_start",
        verdict,
        1,
    )
    healthy = _run(start=lambda one: nn.init.normal_(one, std=0.15) if one.ndim > 1 else None, steps=120)
    assert "constant_initialisation" not in _warnings(healthy)


def test_a_rate_too_low() -> None:
    assert "learning_rate_too_low" in _warnings(_run(optimizer=lambda ps: torch.optim.SGD(ps, lr=1e-5)))
    assert _warnings(_run(optimizer=lambda ps: torch.optim.SGD(ps, lr=0.1))) == []


# The scaler of a program that does not name it


def _mixed(watch_of: Callable[[Any, Any, Any], Any], steps: int = 60) -> tuple[Any, Any]:
    """A run in float16 under a scale that is far too high at first; the watch and the scaler."""
    torch.manual_seed(6)
    model = _net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**24, growth_interval=1000)
    watch = watch_of(model, optimizer, scaler)
    for _ in range(steps):
        places = torch.randint(TRAINED, (64,))
        with torch.autocast("cpu", dtype=torch.float16):
            outputs = model(INPUTS[places])
        loss = functional.cross_entropy(outputs.float(), LABELS[places])
        scaler.scale(loss).backward()
        watch.step(loss)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
    assert watch.fault is None
    return watch, scaler


def test_a_scaler_is_found() -> None:
    original = torch.amp.GradScaler.scale
    named, scaler = _mixed(
        lambda model, optimizer, scaler: trimtab.torch.watch(model, optimizer, scaler=scaler, budget=0)
    )
    # There was something to see: the scale came down.
    assert scaler.get_scale() < 2.0**24
    found, _ = _mixed(lambda model, optimizer, _: trimtab.torch.watch(model, optimizer, budget=0))
    assert named.findings() == []
    assert found.findings() == []
    assert found._scaler is not None
    assert torch.amp.GradScaler.scale is original
    named.remove()
    found.remove()


def test_what_tells_of_the_scaler_is_put_back() -> None:
    original = torch.amp.GradScaler.scale
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0)

    def watched() -> tuple[Any, Any, Any]:
        model = _net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
        return model, optimizer, trimtab.torch.watch(model, optimizer, budget=0)

    def step(model: Any, optimizer: Any, watch: Any) -> None:
        loss = functional.cross_entropy(model(INPUTS[:64]), LABELS[:64])
        scaler.scale(loss).backward()
        watch.step(loss)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()

    one, other = watched(), watched()
    assert torch.amp.GradScaler.scale is not original
    step(*one)
    # The other has not begun.
    assert torch.amp.GradScaler.scale is not original
    other[2].remove()
    assert torch.amp.GradScaler.scale is original
    assert one[2]._scaler is scaler
    one[2].remove()
    # A watch that is removed, or forgotten, before its first step leaves nothing either.
    removed = watched()
    removed[2].remove()
    assert torch.amp.GradScaler.scale is original
    # A copy of the model has no watch, and a named scaler is not looked for.
    model, optimizer, watch = watched()
    copied = copy.deepcopy(model)
    step(model, optimizer, watch)
    watch.remove()
    trimtab.torch.watch(copied, torch.optim.SGD(copied.parameters(), lr=0.05), scaler=scaler).remove()
    assert torch.amp.GradScaler.scale is original
    gc.collect()
