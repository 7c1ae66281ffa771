"""The route of accelerators: nothing waits for the device, and what is found is what the library itself finds.

Without an accelerator the same code runs on tensors of the host, by a private switch.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import trimtab
from trimtab import Action

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from test_torch_runs import digits, digits_mlp, momentum  # noqa: E402
from test_torch_watch import Functional, images, looks, mlp, poison, train, vectors  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

from trimtab.torch import _device_rows, _late, _stopwatch  # noqa: E402
from trimtab.torch._device_guard import DeviceGuard  # noqa: E402
from trimtab.torch._readback import Letter, _summaries  # noqa: E402

nn = torch.nn


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", True)


# Rows


def tensors(dtype: Any) -> list[Any]:
    made = [torch.randn(300, 7), torch.randn(5), torch.zeros(3), torch.randn(2000) * 1e-40, torch.randn(1500)]
    made += [torch.randn(4, 1024), torch.full((9,), torch.nan), torch.tensor(-2.5), torch.zeros(0, 3)]
    made[4][1300], made[4][1301], made[4][1303] = torch.inf, torch.nan, -torch.inf
    made = [one.to(dtype) for one in made]
    if dtype == torch.float64:
        made += [torch.tensor(values, dtype=dtype) for values in ([1e300, -1e300, 5e-324], [5e-324], [1e-300, 3e-300])]
    return made


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("is_staged", [True, False])
def test_rows_are_the_librarys_summaries(dtype: Any, is_staged: bool) -> None:
    made = tensors(dtype)
    if is_staged:
        counts, measures = _device_rows.Stage(made).measure(made)
    else:
        rows = [_device_rows.tensor_rows(one) for one in made]
        counts, measures = (torch.cat([row[part] for row in rows]) for part in (0, 1))
    sizes = np.array([one.numel() for one in made])
    for one, seen in zip(made, _summaries(sizes, counts.numpy(), measures.numpy()), strict=True):
        wanted = trimtab.summarize(one)
        for name in (
            "count", "nan_count", "positive_infinity_count", "negative_infinity_count", "zero_count",
            "subnormal_count", "first_nonfinite_index", "minimum", "maximum", "scale_exponent",
        ):  # fmt: skip
            assert seen[name] == getattr(wanted, name), (name, one)
        for name in ("scaled_sum", "scaled_absolute_sum", "scaled_square_sum"):
            assert seen[name] == pytest.approx(getattr(wanted, name), rel=1e-12, abs=1e-12), (name, one)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_quick_rows_have_norms_extremes_and_the_first_bad_element(dtype: Any) -> None:
    made = [torch.randn(300, 7), torch.zeros(3), torch.randn(40), torch.randn(40), torch.randn(40)]
    made[2][[7, 9]] = torch.nan
    made[3][[5, 6]] = torch.tensor([-torch.inf, torch.inf])
    made[4][8] = torch.inf
    made = [one.to(dtype) for one in made]
    counts, measures = _device_rows.Quick(made).measure(made)
    sizes = np.array([one.numel() for one in made])
    seen = _summaries(sizes, counts.numpy(), measures.numpy())
    assert seen["first_nonfinite_index"].tolist() == [-1, -1, 7, 5, 8]
    assert (seen["nan_count"] + seen["positive_infinity_count"] + seen["negative_infinity_count"]).tolist() == [
        0, 0, 1, 1, 1,
    ]  # fmt: skip
    wanted = trimtab.summarize(made[0])
    assert seen["scaled_square_sum"][0] == pytest.approx(wanted.scaled_square_sum, rel=1e-5)
    assert (seen["minimum"][0], seen["maximum"][0]) == (wanted.minimum, wanted.maximum)
    assert seen["scaled_absolute_sum"][0] >= wanted.scaled_absolute_sum
    assert seen["zero_count"][:2].tolist() == [0, 3]
    # They are summaries that the library takes.
    monitor = trimtab.Monitor()
    monitor.register("w")
    monitor.begin_step(1)
    for one in seen:
        fields = [one[name].item() for name in trimtab.Summary.__dataclass_fields__]
        monitor.observe_summary("w", "gradient", trimtab.Summary(*fields), 1)


def test_a_tiny_gradient_is_no_zero_gradient() -> None:
    tiny = [torch.full((100,), 1e-30)]
    _, measures = _device_rows.Quick(tiny).measure(tiny)
    assert measures[0, _device_rows.SQUARE] > 0


# No wait


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


# The same findings


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


# The guard


@pytest.mark.parametrize("kind", ["sgd", "adam", "adamw", "adagrad"])
@pytest.mark.usefixtures("late")
def test_a_fused_optimizer_leaves_out_the_step_itself(kind: str) -> None:
    model = mlp()
    optimizer = {
        "sgd": lambda: torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-2, fused=True),
        "adam": lambda: torch.optim.Adam(model.parameters(), lr=1e-2, fused=True),
        "adamw": lambda: torch.optim.AdamW(model.parameters(), lr=1e-2, fused=True),
        "adagrad": lambda: torch.optim.Adagrad(model.parameters(), lr=1e-2, fused=True),
    }[kind]()
    weights: list[Any] = []

    def tamper(step: int, model: Any) -> None:
        weights.append([value.detach().clone() for value in model.parameters()])
        poison(step, model)

    watch = train(model, vectors(), steps=80, optimizer=optimizer, tamper=tamper, guard=True)
    (finding,) = watch.findings()
    assert (finding.name, finding.first_step, finding.count, finding.index) == ("2.weight", 20, 2, 3 * 32 + 4)
    # Steps 20 and 21 moved nothing, and 22 did.
    assert all(torch.equal(left, right) for left, right in zip(weights[19], weights[21], strict=True))
    assert not torch.equal(weights[21][0], weights[22][0])
    assert not hasattr(optimizer, "found_inf")
    assert not hasattr(optimizer, "grad_scale")


@pytest.mark.parametrize("loss_too", [False, True])
@pytest.mark.usefixtures("late")
def test_other_optimizers_get_no_gradient_for_it(loss_too: bool) -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    weights: list[Any] = []

    def tamper(step: int, model: Any) -> None:
        weights.append([value.detach().clone() for value in model.parameters()])
        poison(step, model)

    watch = train(model, vectors(), steps=40, optimizer=optimizer, tamper=tamper, guard=True)
    # Without momentum and weight decay no gradient is no step.
    assert all(torch.equal(left, right) for left, right in zip(weights[19], weights[21], strict=True))
    assert not torch.equal(weights[21][0], weights[22][0])
    assert len(watch.findings()) == 1


@pytest.mark.parametrize("clipping", ["fixed", "adaptive", "per_tensor"])
@pytest.mark.parametrize("is_fused", [False, True])
def test_clipping_on_the_device_is_the_librarys(clipping: str, is_fused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    results = []

    def leap(step: int, model: Any) -> None:
        if step in (60, 130):
            for parameter in model.parameters():
                parameter.grad *= 50

    for is_late in (False, True):
        monkeypatch.setattr(trimtab_torch.Watch, "_is_late", is_late)
        torch.manual_seed(5)
        model = mlp()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, fused=is_fused)
        train(
            model, vectors(), steps=140, optimizer=optimizer, tamper=leap,
            guard=True, clipping=clipping, maximum_norm=0.4 if clipping == "fixed" else 2.0,
        )  # fmt: skip
        results.append(torch.cat([value.detach().flatten() for value in model.parameters()]))
    assert torch.linalg.vector_norm(results[0] - results[1]) < 1e-3 * torch.linalg.vector_norm(results[0])


@pytest.mark.parametrize("is_fused", [False, True])
@pytest.mark.parametrize("is_unscaled", [False, True])
@pytest.mark.usefixtures("late")
def test_a_gradient_scaler(is_unscaled: bool, is_fused: bool) -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, fused=is_fused)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**16)
    watch = trimtab_torch.watch(model, optimizer, guard=True, scaler=scaler)
    norms = []
    for step in range(40):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        scaler.scale(loss).backward()
        norms.append(float(nn.utils.get_total_norm([p.grad for p in model.parameters()])) / scaler.get_scale())
        if step < 5:
            model[0].weight.grad[0, 0] = torch.inf
        if is_unscaled:
            scaler.unscale_(optimizer)
        decision = watch.step(loss)
        if step > 6:
            assert decision is not None
            assert decision.gradient_norm == pytest.approx(norms[-2], rel=1e-5)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
    assert watch.fault is None, watch.fault
    assert watch.findings() == []
    assert scaler.get_scale() == 2.0**11
    assert all(torch.isfinite(value).all() for value in model.parameters())


# Robustness


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


# Real devices


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
