"""Loops that call things at the wrong place, from other threads, or with a loss that cannot be read."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from watched_models import looks, mlp, vectors  # noqa: E402

nn = torch.nn


@pytest.fixture(params=[False, True], ids=["host", "late"], autouse=True)
def route(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", request.param)
    return bool(request.param)


# Threads


@pytest.mark.parametrize("mode", ["train", "no gradient", "eval"])
def test_forward_passes_of_another_thread(mode: str) -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    stop, failed = threading.Event(), []

    def forward() -> None:
        inputs = torch.randn(10, 16)
        while not stop.is_set():
            try:
                with torch.set_grad_enabled(mode == "train"):
                    model(inputs)
            except Exception as error:
                failed.append(error)
                return

    worker = threading.Thread(target=forward)
    try:
        for step in range(300):
            if step == 3:
                worker.start()
            inputs, classes = batch()
            loss = nn.functional.cross_entropy(model(inputs), classes)
            loss.backward()
            watch.step(loss)
            watch.report() if step % 50 == 0 else None
            optimizer.step()
            optimizer.zero_grad()
    finally:
        stop.set()
        worker.join()
    watch.findings()
    assert failed == []
    assert watch.fault is None, watch.fault
    assert looks(watch, "0.weight", "gradient") == 300


def test_a_forward_pass_waits_for_a_step_that_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer, guard=True, budget=0)
    plain, workers = watch._others, []

    @torch.no_grad()
    def evaluate() -> None:
        model(torch.full((4, 16), torch.nan))

    def others() -> Any:
        # In the middle of `step`, as another thread does it while the library is at work.
        if watch._step in (10, 20):
            workers.append(threading.Thread(target=evaluate))
            workers[-1].start()
            workers[-1].join(0.1)
            assert workers[-1].is_alive()
        return plain()

    monkeypatch.setattr(watch, "_others", others)
    for _ in range(30):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        watch.step(loss)
        for worker in workers:
            worker.join()
        optimizer.step()
        optimizer.zero_grad()
    assert len(workers) >= 2
    assert watch.fault is None, watch.fault
    assert watch.findings() == []
    assert looks(watch, "1.input", "preactivation") >= 29


def test_a_step_that_is_judged_in_a_backward_pass() -> None:
    """As callbacks of trainers do it, in the thread of the backward pass."""
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    engine = torch.autograd.Variable._execution_engine
    for _ in range(20):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.register_hook(lambda _, loss=loss: engine.queue_callback(lambda: watch.step(loss.detach())))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert watch.findings() == []
    assert watch.fault is None, watch.fault
    assert looks(watch, "0.weight", "gradient") == 20


# The loss


class Unreadable:
    def __float__(self) -> float:
        raise RuntimeError("not to be read")


def unreadable(kind: str) -> Any:
    if kind == "object":
        return Unreadable()
    if kind == "fake":
        from torch._subclasses.fake_tensor import FakeTensorMode

        with FakeTensorMode():
            return torch.ones(())
    return {"meta": lambda: torch.empty((), device="meta"), "sparse": lambda: torch.ones(1).to_sparse()}[kind]()


@pytest.mark.parametrize("kind", ["meta", "fake", "object"])
def test_a_loss_that_cannot_be_read(kind: str) -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer, guard=True, budget=0)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for step in range(20):
            inputs, classes = batch()
            loss = nn.functional.cross_entropy(model(inputs), classes)
            loss.backward()
            if step == 7:
                watch.validation_loss = unreadable(kind)
            watch.step(unreadable(kind) if step in (5, 6) else loss)
            optimizer.step()
            optimizer.zero_grad()
    assert sum("judged without it" in str(one.message) for one in said) == 2
    assert watch.fault is None, watch.fault
    assert watch.findings() == []
    assert watch.report().count("not looked at: loss: ") == 1
    assert watch.report().count("not looked at: validation_loss: ") == 1
    assert looks(watch, "0.weight", "gradient") == 20


# Modes


def report_of(model: Any, *, steps: int = 5, call: Any = None) -> str:
    batch, optimizer = vectors(), torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    for _ in range(steps):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy((call or model)(inputs), classes)
        if loss.requires_grad:
            loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None
    report: str = watch.report()
    watch.remove()
    return report


def test_why_no_activation_was_seen() -> None:
    assert "not seen: activations (the model was in evaluation mode" in report_of(mlp().eval())
    model = mlp()
    for one in model:
        one.eval()
    assert "not seen: activations (its modules were in evaluation mode" in report_of(model)
    compiled = torch.compile(mlp(), backend="eager")
    assert "not seen: activations (no hook ran: a compiled model shows none" in report_of(compiled)
    plain = mlp()
    assert "not seen: activations (no hook ran" in report_of(
        plain, call=lambda inputs: inputs @ plain[0].weight.T @ plain[4].weight.T
    )

    class Bare(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.randn(4, 16))

        def forward(self, inputs: Any) -> Any:
            return inputs @ self.weight.T

    assert "not seen: activations (no linear, convolutional or activation module was called)" in report_of(Bare())
    assert "not seen" not in report_of(mlp())


# Order


ORDERS = {
    "after optimizer": "forward backward optimize judge clear",
    "after clearing": "forward backward optimize clear judge",
    "only cleared": "forward backward clear judge optimize",
    "before backward": "forward judge backward optimize clear",
    "before backward, cleared between": "forward judge clear backward optimize",
}
RIGHT = {
    "plain": "forward backward judge optimize clear",
    "cleared first": "clear forward backward judge optimize",
    "cleared between": "forward clear backward judge optimize",
    "accumulated": "forward backward forward backward judge optimize clear",
    "another forward": "forward backward evaluate judge optimize clear",
    "judged twice": "forward backward judge judge optimize clear",
    "never moved": "forward backward judge clear",
}


def ordered(order: str, steps: int = 12, to_none: bool = True) -> Any:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    loss: Any = None
    for _ in range(steps):
        for word in order.split():
            if word == "forward":
                inputs, classes = batch()
                loss = nn.functional.cross_entropy(model(inputs), classes)
            elif word == "evaluate":
                model.eval()
                with torch.no_grad():
                    model(inputs)
                model.train()
            elif word == "judge":
                watch.step(loss)
            elif word == "clear":
                optimizer.zero_grad(set_to_none=to_none)
            else:
                loss.backward() if word == "backward" else optimizer.step()
    assert watch.fault is None
    return watch


@pytest.mark.parametrize("to_none", [True, False])
@pytest.mark.parametrize("name", ORDERS)
def test_a_step_at_the_wrong_place(name: str, to_none: bool, route: bool) -> None:
    if name == "only cleared" and route and not to_none:
        pytest.skip("that would have to be read from the device")
    with pytest.warns(RuntimeWarning, match="is to come after loss.backward\\(\\) and before optimizer.step") as said:
        watch = ordered(ORDERS[name], to_none=to_none)
    assert len([one for one in said if "watch.step" in str(one.message)]) == 1
    place = "before loss.backward()" if name.startswith("before") else "after optimizer.step()"
    place = "after the gradients were cleared" if name == "only cleared" else place
    assert f"watch.step came {place}" in watch.report()
    assert "loss.backward(), watch.step(loss), optimizer.step(), optimizer.zero_grad()" in watch.report()


@pytest.mark.parametrize("to_none", [True, False])
@pytest.mark.parametrize("name", RIGHT)
def test_a_step_at_the_right_place(name: str, to_none: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "watch.step came" not in ordered(RIGHT[name], to_none=to_none).report()
