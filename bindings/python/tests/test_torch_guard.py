"""The guard of a watch: steps left out, weights put back, clipping, decisions that are obeyed once."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from trimtab import Action

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from watched_models import mlp, poison, train, vectors  # noqa: E402

nn = torch.nn


@pytest.mark.parametrize("kind", ["sgd", "adam", "adamw", "foreach"])
def test_the_guard_leaves_out_the_step(kind: str) -> None:
    model = mlp()
    optimizer = {
        "sgd": lambda: torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-2),
        "adam": lambda: torch.optim.Adam(model.parameters(), lr=1e-2),
        "adamw": lambda: torch.optim.AdamW(model.parameters(), lr=1e-2),
        "foreach": lambda: torch.optim.Adam(model.parameters(), lr=1e-2, foreach=True),
    }[kind]()
    weights: list[Any] = []

    def tamper(step: int, model: Any) -> None:
        weights.append([value.detach().clone() for value in model.parameters()])
        poison(step, model)

    # A single batch of 32 says little of a loss: enough steps that the worst of them is far below where it began.
    watch = train(model, vectors(), steps=240, optimizer=optimizer, tamper=tamper, guard=True)
    (finding,) = watch.findings()
    assert finding.name == "2.weight"
    assert finding.first_step == 20
    assert finding.count == 2
    assert finding.index == 3 * 32 + 4
    assert not finding.is_standing
    # Steps 20 and 21 moved nothing, and 22 did.
    assert all(torch.equal(left, right) for left, right in zip(weights[19], weights[21], strict=True))
    assert not torch.equal(weights[21][0], weights[22][0])
    assert watch.decision is not None
    assert watch.decision.loss < 1.0


def test_without_the_guard_the_weights_are_lost_and_named() -> None:
    watch = train(mlp(), vectors(), steps=30, tamper=poison)
    first = watch.findings()[0]
    assert first.rule == "nonfinite"
    assert first.name == "2.weight"
    assert first.quantity == "gradient"
    assert watch.decision is not None
    assert watch.decision.action is not Action.PROCEED


def test_the_guard_and_a_scheduler() -> None:
    for scheduler_first in (False, True):
        model, batch = mlp(), vectors()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        schedulers = [torch.optim.lr_scheduler.StepLR(optimizer, 5)] if scheduler_first else []
        watch = trimtab_torch.watch(model, optimizer, guard=True)
        schedulers = schedulers or [torch.optim.lr_scheduler.StepLR(optimizer, 5)]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for _ in range(10):
                inputs, classes = batch()
                loss = nn.functional.cross_entropy(model(inputs), classes)
                loss.backward()
                watch.step(loss)
                optimizer.step()
                optimizer.zero_grad()
                schedulers[0].step()
        assert optimizer.param_groups[0]["lr"] == pytest.approx(1e-3)


def test_the_guard_and_a_gradient_scaler() -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**16)
    watch = trimtab_torch.watch(model, optimizer, guard=True, scaler=scaler)
    for step in range(40):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        scaler.scale(loss).backward()
        if step < 5:
            model[0].weight.grad[0, 0] = float("inf")
        scaler.unscale_(optimizer)
        watch.step(loss)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
    assert watch.fault is None
    assert watch.findings() == []
    assert scaler.get_scale() == 2.0**11
    assert all(torch.isfinite(value).all() for value in model.parameters())


def test_clipping_is_done() -> None:
    for clipping in ("fixed", "per_tensor"):
        model = mlp()
        seen: list[float] = []
        optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
        watch = trimtab_torch.watch(model, optimizer, guard=True, clipping=clipping, maximum_norm=0.05)
        optimizer.register_step_pre_hook(
            lambda *_, model=model, seen=seen: seen.append(
                float(torch.nn.utils.get_total_norm([p.grad for p in model.parameters()]))
            )
        )
        batch = vectors()
        for _ in range(10):
            inputs, classes = batch()
            loss = nn.functional.cross_entropy(model(inputs), classes)
            loss.backward()
            decision = watch.step(loss)
            assert decision is not None
            assert decision.action is Action.CLIP
            assert decision.gradient_norm > 0.05
            optimizer.step()
            optimizer.zero_grad()
        assert seen == pytest.approx([0.05] * 10, rel=1e-4)


def test_a_run_that_is_lost_is_said_once() -> None:
    model = mlp()

    def ruin(step: int, model: Any) -> None:
        for parameter in model.parameters():
            parameter.grad.fill_(float("nan"))

    with pytest.warns(RuntimeWarning, match="does not recover") as caught:
        watch = train(model, vectors(), steps=20, tamper=ruin, guard=True)
    assert len(caught) == 1
    assert [one.rule for one in watch.findings()] == ["nonfinite", "guard"]
    assert all(torch.isfinite(value).all() for value in model.parameters())


def test_a_decision_is_obeyed_once() -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = train(model, vectors(), steps=20, optimizer=optimizer, tamper=poison, guard=True)
    assert watch.decision is not None
    assert watch.decision.action is Action.SKIP
    # A step that nobody asked about is the caller's own business.
    before = model[0].weight.detach().clone()
    nn.functional.cross_entropy(model(torch.randn(8, 16)), torch.zeros(8, dtype=torch.long)).backward()
    optimizer.step()
    assert not torch.equal(before, model[0].weight)
