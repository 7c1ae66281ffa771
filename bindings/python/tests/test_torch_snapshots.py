"""A guard that goes back: a run whose weights are ruined is saved, and one that cannot be saved ends."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from trimtab import Action

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from test_torch_runs import digits, digits_mlp  # noqa: E402
from watched_models import mlp, vectors  # noqa: E402

from trimtab.torch._snapshots import CONFIRMING, Snapshots  # noqa: E402

nn = torch.nn


@pytest.fixture(params=[False, True], ids=["host", "late"])
def route(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", request.param)
    return bool(request.param)


def run(
    ruin: Callable[[int, Any], None] | None, steps: int = 200, *, kind: str = "adam", norm: bool = False, **options: Any
) -> tuple[Any, Any, list[float]]:
    """Digits, the same each time; `ruin` comes between two steps. The watch, the model and the losses."""
    torch.manual_seed(3)
    model, batch = digits_mlp(norm=norm), digits()(64)
    optimizer = (
        torch.optim.Adam(model.parameters(), lr=1e-3)
        if kind == "adam"
        else torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    )
    watch = trimtab_torch.watch(model, optimizer, guard=True, budget=0, **options)
    losses = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for step in range(1, steps + 1):
            if ruin is not None:
                ruin(step, model)
            inputs, classes = batch()
            loss = nn.functional.cross_entropy(model(inputs), classes)
            loss.backward()
            watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
    assert watch.fault is None, watch.fault
    return watch, model, losses


def poison(step: int, model: Any) -> None:
    if step == 100:
        with torch.no_grad():
            model[-1].weight[5, 7] = torch.nan


@pytest.mark.parametrize("kind", ["adam", "sgd"])
@pytest.mark.parametrize("norm", [False, True])
def test_a_poisoned_weight_is_undone(kind: str, norm: bool, route: bool) -> None:
    _, _, clean = run(None, kind=kind, norm=norm)
    watch, model, losses = run(poison, kind=kind, norm=norm, snapshots=20)
    assert watch._guard.snapshots.restored_count == 1
    assert all(torch.isfinite(value).all() for value in model.state_dict().values() if value.is_floating_point())
    assert watch.findings()[0].rule == "nonfinite"
    lost = [step for step, loss in enumerate(losses, 1) if not loss < 1e3]
    assert lost[0] == 100
    # From the first bad loss to the way back: at most the audit's interval, and one step more where results come late.
    assert len(lost) <= 10
    assert sum(losses[-20:]) / 20 < sum(clean[-20:]) / 20 + 0.1
    assert watch.decision.action in (Action.PROCEED, Action.CLIP)


def test_without_snapshots_it_ends(route: bool) -> None:
    watch, _, losses = run(poison, steps=130)
    assert watch.decision.action is Action.STOP
    assert not losses[-1] < 1e3


def test_a_poison_that_comes_back_ends_the_run(route: bool) -> None:
    def always(step: int, model: Any) -> None:
        if step >= 100:
            with torch.no_grad():
                model[-1].weight[5, 7] = torch.nan

    watch, _, _ = run(always, steps=200, snapshots=20)
    # It goes back twice, and says then that it does not help.
    assert watch._guard.snapshots.restored_count == 2
    assert watch.decision.action is Action.STOP


def test_nothing_changes_where_nothing_is_wrong(route: bool) -> None:
    _, one, _ = run(None, steps=60, norm=True)
    watch, two, _ = run(None, steps=60, norm=True, snapshots=7)
    assert watch.findings() == []
    assert watch._guard.snapshots.restored_count == 0
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))


def state(model: Any, optimizer: Any) -> list[Any]:
    held = [value.detach().clone() for value in (*model.parameters(), *model.buffers())]
    for parameter in model.parameters():
        for value in optimizer.state.get(parameter, {}).values():
            held.append(value.detach().clone() if isinstance(value, torch.Tensor) else copy.deepcopy(value))
    return held


def steps(model: Any, optimizer: Any, count: int) -> None:
    batch = vectors()
    for _ in range(count):
        inputs, classes = batch()
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), classes).backward()
        optimizer.step()


@pytest.mark.parametrize("kind", ["SGD", "Adam", "Adagrad", "LBFGS"])
def test_a_copy_is_restored_bit_for_bit(kind: str) -> None:
    model = mlp(norm=True)
    made = {"SGD": {"momentum": 0.9}}.get(kind, {})
    if kind == "LBFGS":
        optimizer = torch.optim.LBFGS(model.parameters(), lr=0.1)
        inputs, classes = vectors()()

        def move(count: int) -> None:
            def closure() -> Any:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), classes)
                loss.backward()
                return loss

            for _ in range(count):
                optimizer.step(closure)
    else:
        optimizer = getattr(torch.optim, kind)(model.parameters(), lr=0.01, **made)

        def move(count: int) -> None:
            steps(model, optimizer, count)

    move(3)
    snapshots = Snapshots(model, [optimizer], None, 1)
    wanted = state(model, optimizer)
    addresses = [value.data_ptr() for value in model.parameters()]
    snapshots.healthy(4)
    for step in range(CONFIRMING + 1):
        snapshots.healthy(5 + step)
    move(3)
    assert not torch.equal(wanted[0], state(model, optimizer)[0])
    assert snapshots.restore() == 3
    for left, right in zip(wanted, state(model, optimizer), strict=True):
        assert torch.equal(left, right) if isinstance(left, torch.Tensor) else str(left) == str(right)
    assert addresses == [value.data_ptr() for value in model.parameters()]


def test_a_copy_has_to_prove_itself() -> None:
    model = mlp()
    optimizer = torch.optim.Adam(model.parameters())
    snapshots = Snapshots(model, [optimizer], None, 10)
    snapshots.healthy(1)
    wanted = model[0].weight.detach().clone()
    for step in range(2, CONFIRMING + 2):
        assert snapshots._good is None
        snapshots.healthy(step)
    snapshots.healthy(CONFIRMING + 2)
    assert snapshots._good is not None
    # The next one is taken after the interval, and trouble comes before it has proved itself.
    with torch.no_grad():
        model[0].weight.add_(1)
    for step in range(CONFIRMING + 3, 14):
        snapshots.healthy(step)
    assert snapshots._candidate is not None
    snapshots.unhealthy()
    assert snapshots._candidate is None
    assert snapshots.restore() == 0
    assert torch.equal(model[0].weight, wanted)
    # State that the optimizer got since is gone.
    steps(model, optimizer, 1)
    snapshots.restore()
    assert len(optimizer.state) == 0


def test_no_copy_no_way_back() -> None:
    model = mlp()
    assert Snapshots(model, [torch.optim.SGD(model.parameters(), lr=0.1)], None, 1).restore() is None


def test_the_loss_scale_goes_back_and_the_learning_rate_stays() -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    scaler.scale(torch.ones(()))
    snapshots = Snapshots(model, [optimizer], scaler, 1)
    for step in range(CONFIRMING + 2):
        snapshots.healthy(step + 1)
    scaler.update(2.0)
    optimizer.param_groups[0]["lr"] = 0.01
    assert snapshots.restore() == 0
    assert scaler.get_scale() == 1024.0
    assert optimizer.param_groups[0]["lr"] == 0.01
