"""The guard of a watch that does not wait for the device."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from watched_models import mlp, poison, train, vectors  # noqa: E402

nn = torch.nn


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", True)


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
