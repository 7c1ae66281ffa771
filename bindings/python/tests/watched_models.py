"""Small models and the loop that trains them under watch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

nn = torch.nn


def train(
    model: Any,
    batch: Callable[[], Any],
    steps: int = 40,
    *,
    optimizer: Any = None,
    accumulate: int = 1,
    autocast: bool = False,
    tamper: Callable[[int, Any], None] | None = None,
    **options: Any,
) -> Any:
    """Trains under watch on (input, class) batches, and gives the watch back; a fault of the watch fails the test."""
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    watch = trimtab_torch.watch(model, optimizer, budget=0, **options)
    for step in range(1, steps + 1):
        for _ in range(accumulate):
            inputs, classes = batch()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
                loss = nn.functional.cross_entropy(model(inputs), classes) / accumulate
            loss.backward()
        if tamper is not None:
            tamper(step, model)
        watch.step(loss * accumulate)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None, watch.fault
    return watch


def vectors(size: int = 16, count: int = 32) -> Callable[[], Any]:
    def batch() -> Any:
        inputs = torch.randn(count, size)
        return inputs, (inputs[:, 0] > 0).long() + 2 * (inputs[:, 1] > 0).long()

    return batch


def images() -> Any:
    inputs = torch.randn(16, 3, 8, 8)
    return inputs, (inputs.mean((1, 2, 3)) > 0).long()


def mlp(norm: bool = False) -> Any:
    layers: list[Any] = []
    for before, after in ((16, 32), (32, 32)):
        layers += [nn.Linear(before, after), *([nn.BatchNorm1d(after)] if norm else []), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(32, 4))


def names(watch: Any) -> list[str]:
    return list(watch.monitor.names)


def looks(watch: Any, name: str, quantity: str) -> int:
    return int(watch.monitor.coverage(name, quantity).look_count)


class Functional(nn.Module):  # type: ignore[misc]
    """Activations as functions, one layer called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(16, 32)
        self.shared = nn.Linear(32, 32)
        self.last = nn.Linear(32, 4)

    def forward(self, inputs: Any) -> Any:
        hidden = torch.relu(self.first(inputs))
        hidden = torch.tanh(self.shared(hidden))
        return self.last(torch.relu(self.shared(hidden)))


def poison(step: int, model: Any) -> None:
    if step in (20, 21):
        model[2].weight.grad[3, 4] = float("nan")


def hooks(model: Any) -> int:
    return sum(
        len(found)
        for module in model.modules()
        for found in (module._forward_pre_hooks, module._forward_hooks, module._backward_hooks)
    )
