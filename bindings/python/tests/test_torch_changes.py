"""Models that change while they train: what is new is seen and guarded, and what cannot be seen is said."""

from __future__ import annotations

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


def adam(model: Any) -> Any:
    return torch.optim.Adam([one for one in model.parameters() if one.requires_grad], lr=1e-3)


def go(model: Any, optimizer: Any, watch: Any, steps: int, spoil: Any = None) -> None:
    batch = vectors()
    for step in range(steps):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        if spoil is not None and step == steps - 1:
            spoil(model)
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None, watch.fault


def add(model: Any, optimizer: Any) -> str:
    model.append(nn.ReLU())
    model.append(nn.Linear(4, 4))
    optimizer.add_param_group({"params": model[-1].parameters()})
    return "6.weight"


def replace(model: Any, optimizer: Any) -> str:
    model[2] = nn.Linear(32, 32)
    optimizer.param_groups[0]["params"] = list(model.parameters())
    return "2.weight#2"


def replace_by_another_shape(model: Any, optimizer: Any) -> str:
    model[4] = nn.Linear(32, 7)
    optimizer.param_groups[0]["params"] = list(model.parameters())
    return "4.weight#2"


@pytest.mark.parametrize("steps", [1, 3, 40])
@pytest.mark.parametrize("change", [add, replace, replace_by_another_shape])
def test_a_parameter_that_is_new_is_guarded_at_once(change: Any, steps: int) -> None:
    model = mlp()
    optimizer = adam(model)
    watch = trimtab_torch.watch(model, optimizer, guard=True, budget=0)
    go(model, optimizer, watch, 20)
    name = change(model, optimizer)
    place = int(name[0])

    def spoil(model: Any) -> None:
        model[place].weight.grad[1, 2] = torch.nan

    go(model, optimizer, watch, steps, spoil)
    go(model, optimizer, watch, 20)
    found = [one for one in watch.findings() if one.verdict != "notice"]
    assert [(one.name, one.first_step) for one in found] == [(name, 20 + steps)]
    assert all(bool(torch.isfinite(one).all()) for one in model.parameters())
    assert looks(watch, name, "gradient") == 20 + steps
    assert f"since step 21: {name}" in watch.report()


def test_what_modules_that_are_new_are_given_is_told_not_to_be_seen() -> None:
    model = mlp()
    optimizer = adam(model)
    watch = trimtab_torch.watch(model, optimizer, budget=0)
    go(model, optimizer, watch, 5)
    assert "not looked at" not in watch.report()
    add(model, optimizer)
    replace(model, optimizer)
    go(model, optimizer, watch, 5)
    report = watch.report()
    assert "not looked at: 2.input: its module came after the first step" in report
    assert "not looked at: 6.input: its module came after the first step" in report


def test_a_parameter_that_no_optimizer_tells_of_is_found_in_time() -> None:
    model = mlp()
    optimizer = adam(model)
    watch = trimtab_torch.watch(model, budget=0)
    go(model, optimizer, watch, 20)
    model[2].weight = nn.Parameter(model[2].weight.detach().clone())
    optimizer = adam(model)
    go(model, optimizer, watch, 60)
    assert looks(watch, "2.weight#2", "gradient") >= 40
    assert "2.weight#2" in watch.report()


def test_a_parameter_that_begins_to_train_is_told() -> None:
    model = mlp()
    model[0].requires_grad_(False)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    watch = trimtab_torch.watch(model, optimizer, guard=True, budget=0)
    go(model, optimizer, watch, 10)
    model[0].requires_grad_(True)

    def spoil(model: Any) -> None:
        model[0].weight.grad[0, 0] = torch.nan

    go(model, optimizer, watch, 60, spoil)
    assert "requires_grad has changed, found in step 32: 0.weight, 0.bias" in watch.report()
    assert ("0.weight", 70) in [(one.name, one.first_step) for one in watch.findings() if one.rule == "nonfinite"]
    assert bool(torch.isfinite(model[0].weight).all())


def test_a_model_that_does_not_change_is_told_nothing_of() -> None:
    model = mlp()
    optimizer = adam(model)
    watch = trimtab_torch.watch(model, optimizer, guard=True, budget=0)
    go(model, optimizer, watch, 70)
    assert watch.report() == "healthy: no finding in 70 steps"


def test_parameters_that_stand_in_for_a_call_are_no_change() -> None:
    model = mlp()
    optimizer = adam(model)
    watch = trimtab_torch.watch(model, optimizer, budget=0)
    go(model, optimizer, watch, 31)
    others = {name: one.detach() + 1 for name, one in model.named_parameters()}
    torch.func.functional_call(model, others, (vectors()()[0],))
    go(model, optimizer, watch, 40)
    assert watch.report() == "healthy: no finding in 71 steps"


def test_the_way_back_after_a_change() -> None:
    model = mlp()
    optimizer = adam(model)
    watch = trimtab_torch.watch(model, optimizer, guard=True, snapshots=5, budget=0)
    go(model, optimizer, watch, 30)
    replace_by_another_shape(model, optimizer)
    go(model, optimizer, watch, 30)
    with torch.no_grad():
        model[4].weight[0, 0] = torch.nan
    with pytest.warns(RuntimeWarning, match="went back"):
        go(model, optimizer, watch, 30)
    assert all(bool(torch.isfinite(one).all()) for one in model.parameters())
