"""What a watch must not break: training, copies, pickles, state dicts, compiled models."""

from __future__ import annotations

import copy
import io
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from watched_models import hooks, looks, mlp, train, vectors  # noqa: E402

nn = torch.nn


def test_a_fault_in_a_hook_never_breaks_training(monkeypatch: pytest.MonkeyPatch) -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    losses = []

    def fall(*_: Any) -> None:
        raise RuntimeError("the watch fell over")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for step in range(40):
            if step == 10:
                monkeypatch.setattr(watch, "_look", fall)
            inputs, classes = batch()
            loss = nn.functional.cross_entropy(model(inputs), classes)
            loss.backward()
            decision = watch.step(loss)
            assert (decision is None) == (step >= 10)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
    assert [str(one.message) for one in caught] == ["trimtab: watching stopped, training goes on: the watch fell over"]
    assert np.mean(losses[-5:]) < np.mean(losses[:5])
    assert "watching stopped: the watch fell over" in watch.report()


def test_not_even_where_warnings_are_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    model = mlp()
    watch = trimtab_torch.watch(model)
    model(torch.randn(4, 16)).sum().backward()
    watch.step()
    monkeypatch.setattr(watch, "_look", lambda *_: 1 / 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model(torch.randn(4, 16)).sum().backward()
        assert watch.step() is None
    assert isinstance(watch.fault, ZeroDivisionError)


def test_hooks_are_removed() -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = train(model, vectors(), optimizer=optimizer, guard=True)
    assert hooks(model) > 0
    assert len(optimizer._optimizer_step_pre_hooks) == 1
    watch.remove()
    watch.remove()
    assert hooks(model) == 0
    assert len(optimizer._optimizer_step_pre_hooks) == 0
    assert "step" not in vars(optimizer)
    # And another watch may follow.
    assert train(model, vectors(), optimizer=optimizer).findings() == []


def pickled(model: Any) -> Any:
    return pickle.loads(pickle.dumps(model))


def saved(model: Any) -> Any:
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled, saved])
def test_a_copy_of_a_watched_model_is_unwatched(duplicate: Callable[[Any], Any]) -> None:
    model = mlp()
    watch = train(model, vectors(), steps=10)
    before = looks(watch, "1.input", "preactivation")
    twin = duplicate(model)
    inputs = torch.randn(8, 16)
    assert torch.equal(twin(inputs), model.eval()(inputs))
    twin(torch.full((8, 16), float("nan"))).sum().backward()
    model.train()
    assert looks(watch, "1.input", "preactivation") == before
    assert watch.fault is None
    # It is trained and watched by itself, and what it carried of the other watch is gone then.
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.02)
    optimizer.zero_grad()
    other = train(twin, vectors(), optimizer=optimizer)
    assert other.findings() == []
    assert looks(other, "1.input", "preactivation") == 40
    other.remove()
    assert hooks(twin) == 0


def test_an_optimizer_under_guard_is_copied_without_it() -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    train(model, vectors(), steps=5, optimizer=optimizer, guard=True)
    for twin in (copy.deepcopy(optimizer), pickled(optimizer)):
        assert twin.param_groups[0]["lr"] == 0.02


def test_state_dicts_are_those_of_the_bare_model() -> None:
    model = mlp()
    keys = list(model.state_dict())
    watch = train(model, vectors(), steps=5)
    assert list(model.state_dict()) == keys
    watch.remove()


def test_compiled_models_are_not_broken_in_pieces() -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    graphs = []

    def backend(graph: Any, inputs: Any) -> Any:
        graphs.append(graph)
        return graph.forward

    compiled = torch.compile(model, backend=backend, fullgraph=True)
    for step in range(12):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(compiled(inputs), classes)
        loss.backward()
        if step == 8:
            model[0].weight.grad[0, 0] = float("nan")
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None
    assert len(graphs) == 1
    (finding,) = watch.findings()
    assert finding.name == "0.weight"
    assert finding.first_step == 9
