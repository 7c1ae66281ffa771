"""What forward passes leave behind in a model: a batch that is left out is left out of it too."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from watched_models import images, mlp, vectors  # noqa: E402

nn = torch.nn


@pytest.fixture(params=[False, True], ids=["host", "late"])
def route(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", request.param)
    return bool(request.param)


def bad(step: int, inputs: Any) -> Any:
    inputs = inputs.clone()
    inputs[0, 0] = torch.nan if step % 2 else torch.inf
    return inputs


def run(model: Any, steps: int, at: Any = (), *, batch: Any = None, leave_out: bool = False, **options: Any) -> Any:
    """Trains on the same batches each time; those of the steps `at` are bad, or are left out by hand."""
    torch.manual_seed(5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, fused=options.pop("fused", False))
    watch = trimtab_torch.watch(model, optimizer, budget=0, **options) if options else None
    batch = batch or vectors()
    for step in range(1, steps + 1):
        inputs, classes = batch()
        if step in at and leave_out:
            continue
        loss = nn.functional.cross_entropy(model(bad(step, inputs) if step in at else inputs), classes)
        loss.backward()
        if watch is not None:
            watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch is None or watch.fault is None, watch.fault
    return watch


def pairs(kind: str) -> tuple[Any, Any, Any]:
    torch.manual_seed(1)
    if kind == "images":
        norms = nn.BatchNorm2d(4), nn.InstanceNorm2d(4, track_running_stats=True)
        one: Any = nn.Sequential(nn.Conv2d(3, 4, 3), norms[0], nn.ReLU(), norms[1], nn.Flatten(), nn.Linear(144, 2))
    else:
        one = mlp(norm=True)
    two = copy.deepcopy(one)
    return one, two, images if kind == "images" else vectors()


@pytest.mark.parametrize("at", [(1,), (30,), (30, 31, 40)])
@pytest.mark.parametrize("kind", ["vectors", "images"])
def test_a_batch_that_is_left_out_leaves_nothing_behind(kind: str, at: Any, route: bool) -> None:
    one, two, batch = pairs(kind)
    # On the accelerators' route the optimizer has to be fused for a step to be left out whole.
    watch = run(one, 60, at, batch=batch, guard=True, fused=True)
    run(two, 60, at, batch=batch, leave_out=True, fused=True)
    assert len(watch.findings()) == 1
    for (name, left), right in zip(one.state_dict().items(), two.state_dict().values(), strict=True):
        assert torch.equal(left, right), name


class Running(nn.Module):  # type: ignore[misc]
    """Keeps a mean of its own, in place or as another tensor at each call; and a mask of infinities."""

    def __init__(self, is_in_place: bool) -> None:
        super().__init__()
        self.body = mlp()
        self.is_in_place = is_in_place
        self.register_buffer("mean", torch.zeros(16))
        self.register_buffer("mask", torch.full((4, 4), -torch.inf).triu(1))

    def forward(self, inputs: Any) -> Any:
        with torch.no_grad():
            if self.is_in_place:
                self.mean.lerp_(inputs.mean(0), 0.1)
            else:
                self.mean = self.mean.lerp(inputs.mean(0), 0.1)
        return self.body(inputs - self.mean)


@pytest.mark.parametrize("is_in_place", [False, True])
@pytest.mark.parametrize("at", [(1,), (30, 31)])
def test_a_buffer_of_ones_own(at: Any, is_in_place: bool, route: bool) -> None:
    torch.manual_seed(1)
    one, two = Running(is_in_place), Running(is_in_place)
    two.load_state_dict(one.state_dict())
    watch = run(one, 60, at, guard=True, fused=True)
    run(two, 60, at, leave_out=True, fused=True)
    assert len(watch.findings()) == 1
    assert torch.equal(one.mean, two.mean)
    assert torch.equal(one.mask, two.mask)


@pytest.mark.usefixtures("route")
def test_a_graph_that_is_kept_for_another_backward_pass() -> None:
    model, batch = mlp(norm=True), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    for step in range(1, 30):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(bad(step, inputs) if step == 20 else inputs), classes)
        loss.backward(retain_graph=True)
        watch.step(loss)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None
    assert bool(torch.isfinite(model[1].running_mean).all())


def test_a_model_that_is_moved_to_another_type() -> None:
    model, batch = mlp(norm=True), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    model.double()
    for step in range(1, 30):
        inputs, classes = batch()
        inputs = inputs.double()
        loss = nn.functional.cross_entropy(model(bad(step, inputs) if step in (1, 20) else inputs), classes)
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None
    assert bool(torch.isfinite(model[1].running_var).all())


def test_without_a_guard_they_are_named(route: bool) -> None:
    """A loop that obeys by hand leaves out the step, and knows nothing of what the forward pass wrote."""
    model, batch = mlp(norm=True), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    watch = trimtab_torch.watch(model, optimizer, budget=0)
    for step in range(1, 60):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(bad(step, inputs) if step == 20 else inputs), classes)
        loss.backward()
        watch.step(loss)
        if step != 20:
            optimizer.step()
        optimizer.zero_grad()
    first, second = watch.findings()[:2]
    assert (first.name, first.first_step) == ("0.input", 20)
    assert (second.rule, second.name, second.cause) == ("nonfinite", "1.running_mean", "nonfinite_weight")
    assert second.first_step == (22 if route else 21)


@pytest.mark.usefixtures("route")
def test_statistics_are_no_findings_of_a_healthy_run() -> None:
    assert run(mlp(norm=True), 150, guard=False).findings() == []
    assert run(Running(True), 150, guard=True).findings() == []


@pytest.mark.usefixtures("route")
def test_going_back_takes_them_along() -> None:
    model = mlp(norm=True)
    torch.manual_seed(5)
    optimizer, batch = torch.optim.SGD(model.parameters(), lr=0.05), vectors()
    watch = trimtab_torch.watch(model, optimizer, budget=0, guard=True, snapshots=20)
    counts = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for step in range(1, 121):
            if step == 80:
                with torch.no_grad():
                    model[-1].weight[1, 2] = torch.nan
            inputs, classes = batch()
            loss = nn.functional.cross_entropy(model(inputs), classes)
            loss.backward()
            watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
            counts.append(int(model[1].num_batches_tracked))
    assert watch._guard.snapshots.restored_count == 1
    assert all(bool(torch.isfinite(one).all()) for one in model.state_dict().values())
    # The count falls by what was undone, and goes on by one a step.
    back = [place for place in range(1, 120) if counts[place] < counts[place - 1] - 5]
    assert len(back) == 1
    assert counts[-1] == counts[back[0]] + 119 - back[0]
