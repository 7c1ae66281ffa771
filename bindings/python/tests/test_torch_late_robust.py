"""A watch that does not wait meets unusual programs and devices."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from watched_models import looks, mlp, poison, train, vectors  # noqa: E402

from trimtab.torch import _device_rows, _late, _stopwatch  # noqa: E402
from trimtab.torch._readback import Letter  # noqa: E402

nn = torch.nn


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", True)


@pytest.mark.usefixtures("late")
def test_a_device_that_is_far_behind_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []
    has_come = [False]
    monkeypatch.setattr(Letter, "has_come", lambda letter: has_come[0])
    monkeypatch.setattr(Letter, "wait", lambda letter: waits.append(1))
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = train(model, vectors(), steps=_late.DEPTH, optimizer=optimizer)
    assert watch.decision is None
    assert waits == []
    has_come[0] = True
    assert watch.findings() == []
    assert looks(watch, "0.weight", "gradient") == _late.DEPTH
    has_come[0] = False
    before = watch._step
    batch = vectors()
    for _ in range(_late.DEPTH + 3):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    # No more than so many are on their way, and only the oldest is waited for.
    assert len(waits) == 3
    assert watch.decision is not None
    assert watch.decision.step == before + 3


@pytest.mark.usefixtures("late")
def test_gradients_that_come_and_go() -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer, guard=True, budget=0)
    for step in range(30):
        inputs, classes = batch()
        model[0].requires_grad_(step % 3 == 0)
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        watch.step(None if step % 2 else loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None, watch.fault
    assert watch.findings() == []
    assert looks(watch, "0.weight", "gradient") == 10
    assert looks(watch, "2.weight", "gradient") == 30


@pytest.mark.usefixtures("late")
def test_a_model_of_two_types() -> None:
    class Mixed(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(16, 32).bfloat16()
            self.table = nn.Embedding(40, 32, sparse=True)
            self.last = nn.Linear(32, 4).double()

        def forward(self, inputs: Any) -> Any:
            hidden = self.first(inputs.bfloat16()) + self.table(inputs[:, 0].abs().long()).bfloat16()
            return self.last(torch.relu(hidden).double())

    model = Mixed()
    watch = train(model, vectors(), steps=40, optimizer=torch.optim.SGD(model.parameters(), lr=0.02), guard=True)
    assert watch.findings() == []
    assert looks(watch, "table.weight", "gradient") == 40
    assert looks(watch, "last.input", "output") >= 20


@pytest.mark.usefixtures("late")
def test_half_precision_gradients_that_underflow_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    model = mlp().half()

    def cast() -> Any:
        inputs, classes = vectors()()
        return inputs.half(), classes

    def shrink(step: int, model: Any) -> None:
        for parameter in model.parameters():
            parameter.grad.mul_(1e-5)

    found = train(model, cast, steps=40, tamper=shrink).findings()
    assert "underflow" in {one.rule for one in found}


@pytest.mark.usefixtures("late")
def test_many_gradients_are_looked_at_in_three_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_device_rows, "CHUNK", 100)
    watch = train(mlp(), vectors(), steps=40, tamper=poison)
    assert all(isinstance(one, _device_rows.Quick) for one in watch._late._gauges.values())
    first = watch.findings()[0]
    assert (first.rule, first.name, first.index, first.first_step) == ("nonfinite", "2.weight", 100, 20)


@pytest.mark.usefixtures("late")
def test_forward_passes_without_a_step_fill_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_late, "_GREATEST_COUNT", 50)
    model = mlp()
    watch = train(model, vectors(), steps=3)
    for _ in range(100):
        model(torch.randn(4, 16))
    (outbox,) = watch._late._outboxes.values()
    assert len(outbox.targets) == 50
    model(torch.randn(4, 16)).sum().backward()
    watch.step(1.0)
    assert watch.findings() == []
    assert watch.fault is None, watch.fault


@pytest.mark.usefixtures("late")
def test_the_time_of_the_device_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    class Event:
        def elapsed_time(self, end: Any) -> float:
            return 20.0

    assert not _stopwatch.is_timed(torch.device("cpu"))
    assert _stopwatch.is_timed(torch.device("cuda"))
    shares = []
    for is_timed in (False, True):
        monkeypatch.setattr(_stopwatch, "is_timed", lambda device, is_timed=is_timed: is_timed)
        monkeypatch.setattr(_stopwatch, "event", lambda device: Event())
        watch = train(mlp(), vectors(), steps=30)
        shares.append(watch.monitor.coverage("0.weight", "gradient").cost_fraction)
    # Six spans of 20 ms in a step of a few milliseconds.
    assert shares[1] > 3 * shares[0]
    assert shares[1] > 2


@pytest.mark.usefixtures("late")
def test_a_device_that_keeps_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Event:
        def elapsed_time(self, end: Any) -> float:
            raise RuntimeError("no timing")

    monkeypatch.setattr(_stopwatch, "is_timed", lambda device: True)
    monkeypatch.setattr(_stopwatch, "event", lambda device: Event())
    assert train(mlp(), vectors(), steps=10).findings() == []


@pytest.mark.usefixtures("late")
def test_a_watched_model_pickles() -> None:
    model = mlp()
    train(model, vectors(), steps=5)
    assert torch.equal(pickle.loads(pickle.dumps(model))[0].weight, model[0].weight)


def accelerator() -> Any:
    if not torch.accelerator.is_available():
        pytest.skip("there is no accelerator")
    return torch.accelerator.current_accelerator()


def on_device(device: Any) -> Callable[[], Any]:
    batch = vectors()

    def moved() -> Any:
        inputs, classes = batch()
        return inputs.to(device), classes.to(device)

    return moved


def test_on_a_real_device() -> None:
    device = accelerator()
    model = mlp().to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    watch = train(model, on_device(device), steps=40, optimizer=optimizer, tamper=poison, guard=True)
    (finding,) = watch.findings()
    assert (finding.name, finding.first_step, finding.index) == ("2.weight", 20, 100)
    assert math.isfinite(float(model[0].weight.detach().abs().max()))


def test_no_wait_on_a_real_device() -> None:
    device = accelerator()
    if device.type != "cuda":
        pytest.skip("only CUDA says where the host waits")
    model = mlp().to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, fused=True)
    watch = trimtab_torch.watch(model, optimizer, guard=True, budget=0)
    batch = on_device(device)
    batches = [batch() for _ in range(20)]
    for step, (inputs, classes) in enumerate(batches):
        # What is laid out once is laid out in the first steps.
        torch.cuda.set_sync_debug_mode("error" if step >= 3 else "default")
        try:
            loss = nn.functional.cross_entropy(model(inputs), classes)
            loss.backward()
            watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
        finally:
            torch.cuda.set_sync_debug_mode("default")
    assert watch.fault is None, watch.fault
    assert watch.findings() == []


def test_a_model_on_two_devices() -> None:
    device = accelerator()

    class Split(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(16, 32)
            self.last = nn.Linear(32, 4).to(device)

        def forward(self, inputs: Any) -> Any:
            return self.last(torch.relu(self.first(inputs)).to(device)).cpu()

    watch = train(Split(), vectors(), steps=40, guard=True)
    assert watch.findings() == []
    assert looks(watch, "first.weight", "gradient") == looks(watch, "last.weight", "gradient") == 40
