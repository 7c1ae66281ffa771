"""Watches that fail inside or are dropped leave nothing behind."""

from __future__ import annotations

import copy
import gc
import sys
import weakref
from typing import Any

import pytest

torch = pytest.importorskip("torch")
nn, functional = torch.nn, torch.nn.functional

from set_up_programs import CLASSES, INPUTS, LABELS, Net, put_back  # noqa: E402
from set_up_programs import torch_is_left_as_it_was as torch_is_left_as_it_was  # noqa: E402

import trimtab.torch  # noqa: E402
from trimtab.torch import _listening, _steps  # noqa: E402


def test_a_failure_inside_is_said_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any, **keywords: Any) -> Any:
        raise RuntimeError("inside")

    monkeypatch.setattr("trimtab.torch._objective.Objectives.hear", fail)
    model = Net(CLASSES)
    optimizer = torch.optim.Adam(model.parameters())
    watch = trimtab.torch.watch(model, optimizer)
    for _ in range(4):
        loss = functional.cross_entropy(model(INPUTS[:32]), LABELS[:32])
        loss.backward()
        assert watch.step(loss) is not None
        optimizer.step()
        optimizer.zero_grad()
    assert "not looked at: the set-up: inside" in watch.report()
    watch.remove()


def test_the_same_numbers_with_and_without_a_watch() -> None:
    def weights(is_watched: bool) -> Any:
        torch.manual_seed(4)
        model = Net(CLASSES, norm=True, dropout=0.2)
        optimizer = torch.optim.Adam(model.parameters(), 1e-2)
        watch = trimtab.torch.watch(model, optimizer) if is_watched else None
        for step in range(30):
            loss = functional.cross_entropy(model(INPUTS[step * 8 :][:32]), LABELS[step * 8 :][:32])
            loss.backward()
            if watch is not None:
                watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
        if watch is not None:
            watch.remove()
        return torch.cat([one.detach().reshape(-1) for one in model.parameters()])

    assert torch.equal(weights(True), weights(False))


def _followers() -> tuple[int, bool]:
    """How many are told of steps, watches that other tests hold among them, and whether torch's hook is there."""
    gc.collect()
    return len(_steps._followers), bool(sys.modules["torch.optim.optimizer"]._global_optimizer_pre_hooks)


def test_a_watch_that_is_dropped_leaves_nothing_behind() -> None:
    before = _followers()
    assert before[1] == (before[0] > 0)
    model = Net(CLASSES)
    known = weakref.ref(trimtab.torch.watch(model, torch.optim.Adam(model.parameters())))
    del model
    gc.collect()
    assert known() is None
    other = Net(CLASSES)
    watch = trimtab.torch.watch(other, torch.optim.Adam(other.parameters()))
    watch.remove()
    assert not _listening._ears
    assert not _listening._replaced
    assert _followers() == before


@pytest.mark.parametrize("steps", [1, 5, 12])
def test_a_watch_that_is_dropped_on_the_way_keeps_nothing(steps: int) -> None:
    model = Net(CLASSES)
    optimizer = torch.optim.Adam(model.parameters())
    watch = trimtab.torch.watch(model, optimizer)
    for _ in range(steps):
        loss = functional.cross_entropy(model(INPUTS[:32]), LABELS[:32])
        loss.backward()
        watch.step(loss)
        optimizer.step()
    known = weakref.ref(model[0].weight), weakref.ref(watch._set_up)
    del model, optimizer, watch, loss
    gc.collect()
    assert [one() for one in known] == [None, None]
    put_back()


def test_a_watch_may_be_collected_in_the_midst_of_an_optimizers_step() -> None:
    before = _followers()
    register = sys.modules["torch.optim.optimizer"].register_optimizer_step_pre_hook
    handle = register(lambda *arguments: gc.collect() and None)
    kept = Net(CLASSES)
    watch = trimtab.torch.watch(kept, optimizer := torch.optim.Adam(kept.parameters()))
    dropped = Net(CLASSES)
    known = weakref.ref(trimtab.torch.watch(dropped, torch.optim.Adam(dropped.parameters())))
    gc.collect()
    del dropped
    loss = functional.cross_entropy(kept(INPUTS[:32]), LABELS[:32])
    loss.backward()
    optimizer.step()
    assert known() is None
    watch.remove()
    handle.remove()
    assert _followers() == before


@pytest.mark.filterwarnings("ignore:.*torch.jit.script")
def test_a_model_may_be_copied_and_scripted_while_it_is_listened_to() -> None:
    model = Net(CLASSES, nn.Softmax(-1), norm=True)
    watch = trimtab.torch.watch(model, torch.optim.Adam(model.parameters()))

    def loss(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(torch.softmax(outputs, -1), labels)

    scripted = torch.jit.script(loss)
    wanted = functional.cross_entropy(torch.softmax(torch.ones(2, 4), -1), torch.zeros(2, dtype=torch.long))
    torch.testing.assert_close(scripted(torch.ones(2, 4), torch.zeros(2, dtype=torch.long)), wanted)
    copied = copy.deepcopy(model)
    assert torch.equal(copied.eval()(INPUTS[:4]), model.eval()(INPUTS[:4]))
    watch.remove()
