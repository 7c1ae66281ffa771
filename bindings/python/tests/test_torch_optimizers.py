"""Several optimizers under one guard, those that are not the model's, and decisions that outlive the watch."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from watched_models import hooks, mlp, vectors  # noqa: E402

nn = torch.nn


@pytest.fixture(params=[False, True], ids=["host", "late"], autouse=True)
def route(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", request.param)
    return bool(request.param)


def two(model: Any, fused: bool = False) -> list[Any]:
    return [
        torch.optim.AdamW(model[:3].parameters(), lr=1e-2, fused=fused),
        torch.optim.SGD(model[3:].parameters(), lr=0.05, fused=fused),
    ]


def weights(model: Any) -> list[Any]:
    return [one.detach().clone() for one in model.parameters()]


def finite(model: Any) -> bool:
    return all(bool(torch.isfinite(one).all()) for one in model.parameters())


def run(model: Any, optimizers: list[Any], watch: Any, steps: int, at: int = 0, ruin: Any = None) -> list[list[Any]]:
    """The weights before each step of the optimizers, and after the last; the step `at` has a bad batch."""
    batch, seen = vectors(), []
    for step in range(1, steps + 1):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs * torch.nan if step == at else inputs), classes)
        loss.backward()
        seen.append(weights(model))
        watch.step(loss)
        for optimizer in optimizers:
            optimizer.step()
        if ruin is not None and step == ruin:
            with torch.no_grad():
                model[4].weight[0, 0] = torch.nan
        for optimizer in optimizers:
            optimizer.zero_grad()
    assert watch.fault is None, watch.fault
    return [*seen, weights(model)]


@pytest.mark.parametrize("make", [list, tuple])
def test_each_of_two_leaves_out_the_step(make: Any) -> None:
    model = mlp()
    optimizers = two(model, fused=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        watch = trimtab_torch.watch(model, make(optimizers), guard=True, budget=0)
        seen = run(model, optimizers, watch, 40, at=20)
    assert len(watch.findings()) == 1
    assert all(torch.equal(one, other) for one, other in zip(seen[19], seen[20], strict=True))
    # And each of them takes all others.
    for step in (19, 21):
        assert not any(torch.equal(one, other) for one, other in zip(seen[step - 1], seen[step], strict=True))
    assert finite(model)


def test_both_go_back() -> None:
    model = mlp()
    optimizers = two(model)
    watch = trimtab_torch.watch(model, optimizers, guard=True, snapshots=10, budget=0)
    with pytest.warns(RuntimeWarning, match="went back") as said:
        run(model, optimizers, watch, 80, ruin=50)
    assert len(said) == 1
    assert watch._guard.snapshots.restored_count == 1
    assert finite(model)
    assert all(
        bool(torch.isfinite(value).all())
        for optimizer in optimizers
        for state in optimizer.state.values()
        for value in state.values()
        if isinstance(value, torch.Tensor)
    )


@pytest.mark.parametrize("clipping", ["fixed", "per_tensor"])
def test_gradients_are_clipped_once(clipping: str) -> None:
    model = mlp()
    optimizers = two(model)
    watch = trimtab_torch.watch(model, optimizers, guard=True, clipping=clipping, maximum_norm=0.05, budget=0)
    seen: list[float] = []
    optimizers[1].register_step_pre_hook(
        lambda *_: seen.append(float(nn.utils.get_total_norm([one.grad for one in model.parameters()])))
    )
    run(model, optimizers, watch, 10)
    assert seen == pytest.approx([0.05] * 10, rel=1e-3)


def test_one_that_is_stepped_alone_obeys_alone() -> None:
    """Two losses of one model, each with an optimizer and a verdict of its own."""
    model, batch = mlp(), vectors()
    optimizers = two(model)
    watch = trimtab_torch.watch(model, optimizers, guard=True, budget=0)
    for step in range(1, 41):
        for optimizer in optimizers:
            inputs, classes = batch()
            bad = step == 20 and optimizer is optimizers[0]
            loss = nn.functional.cross_entropy(model(inputs * torch.nan if bad else inputs), classes)
            model.zero_grad()
            loss.backward()
            before = weights(model)
            watch.step(loss)
            optimizer.step()
            moved = any(not torch.equal(one, other) for one, other in zip(before, weights(model), strict=True))
            if not bad:
                assert moved
    assert finite(model)


def test_parameters_of_no_optimizer_are_told() -> None:
    model = mlp()
    optimizers = two(model)
    watch = trimtab_torch.watch(model, optimizers[0], guard=True, budget=0)
    with pytest.warns(RuntimeWarning, match=r"4\.weight, 4\.bias") as said:
        run(model, optimizers, watch, 40)
    assert len(said) == 1
    assert "not guarded: 4.weight, 4.bias" in watch.report()


def test_frozen_parameters_need_no_optimizer() -> None:
    model = mlp()
    model[0].requires_grad_(False)
    optimizer = torch.optim.SGD([one for one in model.parameters() if one.requires_grad], lr=0.02)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        watch = trimtab_torch.watch(model, optimizer, guard=True, budget=0)
        run(model, [optimizer], watch, 40)
    assert "not guarded" not in watch.report()


def test_a_parameter_that_came_later_without_an_optimizer_is_told() -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer, guard=True, budget=0)
    run(model, [optimizer], watch, 20)
    model[2].weight = nn.Parameter(model[2].weight.detach().clone())
    with pytest.warns(RuntimeWarning, match=r"2\.weight"):
        run(model, [optimizer], watch, 40)
    assert "not guarded: 2.weight" in watch.report()


def test_an_optimizer_of_another_model_is_refused() -> None:
    model, other = mlp(), mlp()
    optimizer = torch.optim.SGD(other.parameters(), lr=0.1)
    for given in (optimizer, [*two(model), optimizer]):
        with pytest.raises(ValueError, match=r"optimizer.*found .*none of the model's parameters, allowed"):
            trimtab_torch.watch(model, given)
    with pytest.raises(TypeError, match=r"optimizer: found .*, allowed "):
        trimtab_torch.watch(model, "adam")
    assert hooks(model) == 0
    assert not optimizer._optimizer_step_pre_hooks


def test_the_same_optimizer_twice_is_one() -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = trimtab_torch.watch(model, [optimizer, optimizer], guard=True)
    assert len(optimizer._optimizer_step_pre_hooks) == 1
    watch.remove()


def test_no_optimizer_in_a_list_is_none() -> None:
    model = mlp()
    watch = trimtab_torch.watch(model, [], guard=True)
    run(model, [], watch, 3)
    assert watch._guard is None


# What was decided holds after the watch has gone


@pytest.mark.parametrize("count", [1, 2])
def test_a_step_that_was_to_be_left_out_is_when_the_watch_has_gone(count: int, route: bool) -> None:
    model, batch = mlp(), vectors()
    optimizers = two(model, fused=True) if count == 2 else [torch.optim.SGD(model.parameters(), lr=0.1, fused=True)]
    watch = trimtab_torch.watch(model, optimizers, guard=True, budget=0)
    run(model, optimizers, watch, 10)
    for is_bad in (True, False):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs * torch.nan if is_bad else inputs), classes)
        loss.backward()
        before = weights(model)
        if is_bad:
            watch.step(loss)
            watch.remove()
            watch.remove()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
            assert not optimizer._optimizer_step_pre_hooks
            assert not optimizer._optimizer_step_post_hooks
        changed = [not torch.equal(one, other) for one, other in zip(before, weights(model), strict=True)]
        # Gradients on an accelerator are zeroed then, and moments still move the weights.
        if not (is_bad and route and count == 2):
            assert all(changed) != is_bad
            assert any(changed) != is_bad
    assert finite(model)
    assert hooks(model) == 0


def test_a_step_that_was_to_be_taken_needs_no_guard_any_more() -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    run(model, [optimizer], watch, 10)
    watch.remove()
    assert not optimizer._optimizer_step_pre_hooks
    assert not optimizer._optimizer_step_post_hooks
