"""Loops as people write them, for the rules of the set-up; torch is left as it was."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

torch = pytest.importorskip("torch")
nn, functional = torch.nn, torch.nn.functional

import trimtab.torch  # noqa: E402
from trimtab.torch import _listening  # noqa: E402

COUNT, FEATURES, CLASSES = 400, 12, 4


def _samples() -> tuple[Any, Any, Any]:
    """Inputs, classes and numbers that can be learned from them; the same in every test."""
    generator = torch.Generator().manual_seed(5)
    inputs = torch.randn(COUNT, FEATURES, generator=generator)
    teacher = torch.randn(FEATURES, CLASSES, generator=generator)
    scores = inputs @ teacher
    return inputs, scores.argmax(1), (scores[:, :1] - scores[:, :1].mean()) / scores[:, :1].std()


INPUTS, LABELS, NUMBERS = _samples()


class Net(nn.Sequential):
    """Two layers, and what stands behind them."""

    def __init__(self, outputs: int, *behind: nn.Module, norm: bool = False, dropout: float = 0.0) -> None:
        middle = [nn.BatchNorm1d(24)] if norm else []
        super().__init__(
            nn.Linear(FEATURES, 24), *middle, nn.ReLU(), nn.Dropout(dropout), nn.Linear(24, outputs), *behind
        )


@dataclass
class Program:
    """A loop as people write them; what a test changes of it."""

    make: Callable[[], Any] = lambda: Net(CLASSES)
    loss: Callable[[Any, Any], Any] = functional.cross_entropy
    targets: Any = None
    optimizer: Callable[[Any], Any] = lambda ps: torch.optim.Adam(ps, lr=2e-3)
    steps: int = 110
    batch: int = 32
    repeats: bool = False
    clip: float | None = None
    training_mode: bool = True
    evaluation_mode: bool = False
    sign: int = 1
    at: dict[int, Callable[[Any, Any], Any]] = field(default_factory=dict)

    def run(self) -> Any:
        torch.manual_seed(3)
        torch.set_num_threads(1)
        model = self.make()
        optimizer = self.optimizer(model.parameters())
        watch = trimtab.torch.watch(model, optimizer, budget=0)
        targets = LABELS if self.targets is None else self.targets
        generator = torch.Generator().manual_seed(1)
        places = torch.randperm(300, generator=generator)[: self.batch]
        for step in range(1, self.steps + 1):
            model.train(self.training_mode)
            if not self.repeats:
                places = torch.randperm(300, generator=generator)[: self.batch]
            if step in self.at:
                optimizer = self.at[step](model, optimizer) or optimizer
            loss = self.sign * self.loss(model(INPUTS[places]), targets[places])
            loss.backward()
            watch.step(loss)
            if self.clip is not None:
                nn.utils.clip_grad_norm_(model.parameters(), self.clip)
            optimizer.step()
            optimizer.zero_grad()
            if step % 20 == 0:
                model.train(self.evaluation_mode)
                with torch.no_grad():
                    watch.validation_loss = float(self.loss(model(INPUTS[300:]), targets[300:]))
        assert watch.fault is None
        assert watch._set_up.failure is None
        watch.remove()
        return watch


def warned(watch: Any) -> list[str]:
    found = [one for one in watch.findings() if one.verdict >= "warning"]
    return [one.cause.value for one in sorted(found, key=lambda one: one.first_step)]


def regression(**changes: Any) -> Program:
    chosen: dict[str, Any] = {"make": lambda: Net(1), "loss": functional.mse_loss, "targets": NUMBERS}
    return Program(**{**chosen, **changes})


def put_back() -> None:
    """What watches that were dropped without being removed have left goes with the next that is removed."""
    gc.collect()
    model = nn.Linear(1, 1)
    trimtab.torch.watch(model, torch.optim.SGD(model.parameters(), lr=0.1)).remove()


@pytest.fixture(autouse=True)
def torch_is_left_as_it_was() -> Iterator[None]:
    put_back()
    before = [getattr(place, name) for place, name, _ in _listening._FUNCTIONS]
    yield
    assert [getattr(place, name) for place, name, _ in _listening._FUNCTIONS] == before
    assert "softmax" not in vars(torch.Tensor)
