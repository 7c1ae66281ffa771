"""What the hooks that run no Python keep of a forward pass, and what becomes of it."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

nn = torch.nn


def net(inplace: bool = False) -> Any:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(16, 32), nn.ReLU(inplace), nn.Linear(32, 32), nn.ReLU(inplace), nn.Linear(32, 4))


class Run:
    """A model in training under watch, step by step."""

    def __init__(self, model: Any, sparing: bool = False, **options: Any) -> None:
        self.model = model
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
        self.watch = trimtab_torch.watch(model, self.optimizer, **{"budget": 0, **options})
        self.sparing = sparing

    def step(self, poison: int = -1, passes: int = 1) -> None:
        for _ in range(passes):
            inputs = torch.randn(32, 16)
            if poison >= 0:
                inputs[poison, 3] = float("nan")
            classes = (inputs[:, 0] > 0).long()
            loss = nn.functional.cross_entropy(self.model(inputs), classes) / passes
            loss.backward()
        self.watch.step(loss)
        assert self.watch.fault is None, self.watch.fault
        self.watch._recorder.turn(True, self.sparing)
        if poison < 0:
            self.optimizer.step()
        self.optimizer.zero_grad()

    def look_count(self, name: str, quantity: str) -> int:
        return int(self.watch.monitor.coverage(name, quantity).look_count)


@pytest.mark.parametrize("sparing", [False, True])
def test_every_pass_of_an_accumulating_step_is_looked_at(sparing: bool) -> None:
    run = Run(net(), sparing)
    for _ in range(10):
        run.step(passes=3)
    assert run.look_count("1.input", "preactivation") == 10
    # All three passes are in the look: a NaN in the first of them is found.
    hook = run.model[0].register_forward_hook(poison_once())
    run.step(passes=3)
    hook.remove()
    (finding,) = [one for one in run.watch.findings() if one.rule == "nonfinite"]
    assert (finding.name, finding.quantity) == ("1.input", "preactivation")


def poison_once() -> Any:
    left = [1]

    def after(module: Any, arguments: Any, output: Any) -> Any:
        if left:
            left.pop()
            output = output.clone()
            output[5, 7] = float("nan")
            return output
        return None

    return after


@pytest.mark.parametrize("sparing", [False, True])
@pytest.mark.parametrize("inplace", [False, True])
def test_the_origin_is_found_whoever_looks(sparing: bool, inplace: bool) -> None:
    run = Run(net(inplace), sparing)
    for _ in range(30):
        run.step()
    hook = run.model[2].register_forward_hook(poison_once())
    run.step()
    hook.remove()
    first = run.watch.findings()[0]
    assert (first.rule, first.name, first.first_step) == ("nonfinite", "3.input", 31)
    assert first.index == 5 * 32 + 7


def test_an_activation_that_is_written_over_is_looked_at_at_once() -> None:
    run = Run(net(inplace=True), sparing=True)
    for _ in range(12):
        run.step()
    assert [seen.name for seen in run.watch._recorder.calls] == ["0.input", "2.input", "4.input"]
    assert run.look_count("1.input", "preactivation") == 11
    # Half of the pre-activations are below zero; what ReLU has made of them is not.
    assert run.watch.monitor.coverage("3.input", "preactivation").look_count == 11


@pytest.mark.parametrize("sparing", [False, True])
def test_nothing_is_kept_after_the_step_nor_in_an_evaluation(sparing: bool) -> None:
    run = Run(net(), sparing)
    for _ in range(5):
        run.step()
    kept: list[Any] = []
    hook = run.model[1].register_forward_pre_hook(lambda module, arguments: kept.append(weakref.ref(arguments[0])))
    run.step()
    gc.collect()
    assert [one() for one in kept] == [None]
    kept.clear()
    run.model.eval()
    with torch.no_grad():
        run.model(torch.randn(8, 16))
    assert not run.watch._recorder.record
    assert [one() for one in kept] == [None]
    run.model.train()
    run.step()
    hook.remove()
    assert run.look_count("1.input", "preactivation") == 7


def test_an_evaluation_between_forward_and_step_hides_nothing() -> None:
    run = Run(net(), sparing=True)
    for _ in range(5):
        run.step()
    loss = nn.functional.cross_entropy(run.model(torch.randn(32, 16)), torch.zeros(32, dtype=torch.long))
    run.model.eval()
    with torch.no_grad():
        run.model(torch.full((8, 16), float("nan")))
    run.model.train()
    loss.backward()
    run.watch.step(loss)
    assert run.watch.fault is None
    assert run.watch.findings() == []
    assert run.look_count("1.input", "preactivation") == 6


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_keep_nothing(duplicate: Any) -> None:
    run = Run(net(), sparing=True)
    for _ in range(5):
        run.step()
    run.model(torch.randn(32, 16))  # A copy made between a forward pass and its step.
    assert run.watch._recorder.record
    other = duplicate(run.model)
    other(torch.randn(4, 16)).sum().backward()
    watch = trimtab_torch.watch(other, torch.optim.SGD(other.parameters(), lr=0.01))
    watch.remove()
    assert not any(module._forward_pre_hooks or module._forward_hooks for module in other.modules())


@pytest.mark.parametrize("sparing", [False, True])
def test_a_model_that_is_compiled_while_it_is_watched(sparing: bool) -> None:
    run = Run(net(), sparing)
    for _ in range(5):
        run.step()
    graphs: list[Any] = []

    def backend(graph: Any, inputs: Any) -> Any:
        graphs.append(graph)
        return graph.forward

    eager = run.model
    run.model = torch.compile(eager, backend=backend, fullgraph=True)
    for _ in range(40):
        run.step()
    assert len(graphs) == 1
    assert run.watch.findings() == []
    assert run.look_count("0.weight", "gradient") == 45


def test_the_hooks_are_gone_after_a_fault() -> None:
    run = Run(net(), sparing=True)
    for _ in range(5):
        run.step()
    run.watch._fail(RuntimeError("the watch fell over"))
    run.model(torch.randn(4, 16))
    assert run.watch.step(torch.tensor(1.0)) is None
    run.model(torch.randn(4, 16))
    assert not run.watch._recorder.record
    run.watch.remove()
    assert not any(module._forward_pre_hooks or module._forward_hooks for module in run.model.modules())


def test_the_budget_changes_who_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(net(), budget=1e-9)
    turned: list[Any] = []
    turn = run.watch._recorder.__class__.turn
    monkeypatch.setattr(
        run.watch._recorder.__class__, "turn", lambda self, *given: (turned.append(given), turn(self, *given))[1]
    )
    for _ in range(200):
        inputs = torch.randn(32, 16)
        loss = nn.functional.cross_entropy(run.model(inputs), (inputs[:, 0] > 0).long())
        loss.backward()
        run.watch.step(loss)
        run.optimizer.step()
        run.optimizer.zero_grad()
    assert run.watch.fault is None
    # Watching costs more than a billionth of the step: from some step on activations are seen in few steps only.
    assert (True, True) in turned
    assert run.look_count("1.input", "preactivation") < 150
    assert run.look_count("0.weight", "gradient") == 200
