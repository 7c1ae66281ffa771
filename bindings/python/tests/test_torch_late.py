"""The route of accelerators: nothing waits for the device, and what is found is what the library itself finds.

Without an accelerator the same code runs on tensors of the host, by a private switch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import trimtab
from trimtab import Action

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from test_torch_runs import digits, digits_mlp, momentum  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402
from watched_models import Functional, images, mlp, poison, train, vectors  # noqa: E402

from trimtab.torch import _device_rows, _late  # noqa: E402
from trimtab.torch._device_guard import DeviceGuard  # noqa: E402

nn = torch.nn


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", True)


class NoWait(TorchDispatchMode):  # type: ignore[misc]
    """Refuses what would make the host wait for a device, or move data between devices."""

    refused = ("_local_scalar_dense", "item", "nonzero", "masked_select", "_unique", "unique", "equal", "is_nonzero")

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def __torch_dispatch__(self, function: Any, types: Any, arguments: Any = (), keywords: Any = None) -> Any:
        keywords = keywords or {}
        name = function.overloadpacket.__name__
        assert name not in self.refused, name
        if name == "_to_copy":
            target = keywords.get("device")
            assert target is None or torch.device(target) == arguments[0].device, "a copy between devices"
        if name == "index":
            assert all(one is None or one.dtype != torch.bool for one in arguments[1]), "an index by a mask"
        flat = torch.utils._pytree.tree_leaves((arguments, keywords))
        devices = {one.device.type for one in flat if isinstance(one, torch.Tensor)}
        # A number of the host among tensors of a device is copied there, and the host waits for it.
        assert len(devices) <= 1, (name, sorted(devices))
        self.calls += 1
        return function(*arguments, **keywords)


@pytest.mark.parametrize("guard", [False, True])
@pytest.mark.parametrize("clipping", ["none", "fixed", "adaptive", "per_tensor"])
@pytest.mark.usefixtures("late")
def test_no_step_waits_for_the_device(guard: bool, clipping: str) -> None:
    model = mlp(norm=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, fused=guard)
    watch = trimtab_torch.watch(model, optimizer, guard=guard, clipping=clipping, budget=0)
    batch, mode = vectors(), NoWait()
    for step in range(30):
        inputs, classes = batch()
        with mode:
            loss = nn.functional.cross_entropy(model(inputs), classes)
            loss.backward()
            if step in (11, 12):
                model[0].weight.grad.fill_(torch.nan)
            watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
    assert watch.fault is None, watch.fault
    assert mode.calls > 1000
    assert [one.name for one in watch.findings() if one.rule == "nonfinite"][:1] == ["0.weight"]


def test_the_mode_sees_a_wait() -> None:
    with NoWait(), pytest.raises(AssertionError, match="_local_scalar_dense"):
        torch.ones(1).item()
    with NoWait(), pytest.raises(AssertionError, match="cpu"):
        torch.where(torch.ones(1, device="meta") > 0, torch.ones(1, device="meta"), torch.tensor(2.0))


@pytest.mark.parametrize("clipping", ["none", "fixed", "adaptive", "per_tensor"])
@pytest.mark.parametrize("is_fused", [False, True])
def test_nothing_is_read_from_tensors_without_values(clipping: str, is_fused: bool) -> None:
    """Tensors of the device `meta` have no values at all: whatever reads one fails."""
    model = nn.Sequential(nn.Linear(8, 16), nn.Linear(16, 4)).to("meta")
    for parameter in model.parameters():
        parameter.grad = torch.empty_like(parameter)
    gradients = [parameter.grad for parameter in model.parameters()]
    stage, quick = _device_rows.Stage(gradients), _device_rows.Quick(gradients)
    route = _late.Late(trimtab.Monitor(), [], {})
    guard = DeviceGuard(route, {"clipping": clipping})
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    optimizer.param_groups[0]["fused"] = is_fused
    with NoWait():
        for _ in range(3):
            for counts, measures in (
                stage.measure(gradients),
                quick.measure(gradients),
                tuple(torch.cat(part) for part in zip(*map(_device_rows.tensor_rows, gradients), strict=True)),
            ):
                assert counts.shape == measures.shape == (4, 6)
                device = torch.device("meta")
                route.gradients[device] = (list(model.parameters()), [counts], [measures])
                route.loss = torch.empty((), device="meta")
                guard.obey(optimizer)
                guard.end(optimizer)


def scenario(kind: str) -> Any:
    """A run and what it takes; the same each time."""
    torch.manual_seed(7)
    np.random.seed(7)
    if kind == "poison":
        model = mlp()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
        return train(model, vectors(), steps=40, optimizer=optimizer, tamper=poison, guard=True)
    if kind == "healthy":
        return train(mlp(norm=True), vectors(), steps=60)
    if kind == "functions":
        return train(Functional(), vectors(), steps=40)
    if kind == "dead units":
        model = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, stride=2), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Flatten(), nn.Linear(72, 2),
        )  # fmt: skip
        with torch.no_grad():
            model[0].bias[:6] = -100.0
        return train(model, images, steps=30)
    if kind == "frozen":
        model = mlp()
        optimizer = torch.optim.SGD([*model[0].parameters(), *model[4].parameters()], lr=0.02)
        return train(model, vectors(), steps=60, optimizer=optimizer)
    if kind == "tiny":

        def shrink(step: int, model: Any) -> None:
            model[0].weight.grad *= 1e-9
            model[0].bias.grad *= 1e-9

        model = digits_mlp()
        return train(model, digits()(128), steps=60, optimizer=momentum(model, 0.05), tamper=shrink)
    if kind == "deep":
        model = digits_mlp(sizes=(64,) + (64,) * 20 + (10,))
        for module in model.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)
        return train(model, digits()(128), steps=60, optimizer=momentum(model, 0.05))
    torch.manual_seed(0)
    model = digits_mlp()
    return train(model, digits()(128), steps=250, optimizer=momentum(model, 1.0))


@pytest.mark.parametrize(
    "kind", ["healthy", "functions", "poison", "dead units", "frozen", "tiny", "deep", "learning rate"]
)
def test_findings_are_those_of_the_other_route(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for is_late in (False, True):
        monkeypatch.setattr(trimtab_torch.Watch, "_is_late", is_late)
        watch = scenario(kind)
        assert (watch._late is not None) == is_late
        found.append(watch.findings())
    here, there = ({(one.rule, one.cause, one.where, one.index) for one in those} for those in found)
    if kind == "learning rate":
        # What follows from the first depends on which samples were looked at.
        assert {one.cause for one in found[1]} <= {one.cause for one in found[0]} | {"divergence", "bad_batch"}
    else:
        assert here == there
    if found[0]:
        assert found[1][0].cause == found[0][0].cause
        # Units are looked at in spells of 24 steps, and of some samples only on the other route.
        most = {"poison": 0, "frozen": 1, "learning rate": 24}.get(kind, 10)
        assert abs(found[1][0].first_step - found[0][0].first_step) <= most


def test_decisions_come_one_step_later(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    for is_late in (False, True):
        monkeypatch.setattr(trimtab_torch.Watch, "_is_late", is_late)
        torch.manual_seed(3)
        model, batch = mlp(), vectors()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
        watch = trimtab_torch.watch(model, optimizer, budget=0)
        decisions = []
        for step in range(30):
            inputs, classes = batch()
            loss = nn.functional.cross_entropy(model(inputs), classes)
            loss.backward()
            if step == 20:
                loss = loss * torch.nan
            decisions.append(watch.step(loss))
            optimizer.step()
            optimizer.zero_grad()
        watch.findings()
        decisions.append(watch.decision)
        seen.append(decisions)
    here, there = seen
    assert there[0] is None
    assert [one.step for one in there[1:]] == list(range(1, 31))
    for left, right in zip(here[:30], there[1:], strict=True):
        assert (left.action, left.rule, left.verdict) == (right.action, right.rule, right.verdict)
        assert left.gradient_norm == pytest.approx(right.gradient_norm, rel=1e-6)
        assert left.loss == pytest.approx(right.loss, nan_ok=True)
    assert there[21].action is Action.SKIP
