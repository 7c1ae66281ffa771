"""Twin runs: a net in Trimtab and the same one in PyTorch, from the same weights on the same batches."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

import trimtab

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    Array = npt.NDArray[Any]

STEPS = 100
#: What the twins may differ by, relative: rounding in another order over 100 steps. Mostly 1e-14; NodeNorm and PairNorm
#: grow it to 1e-10 on some data.
TOLERANCE = 1e-6


class Apply(torch.nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x)


#: Images of Trimtab are (batch, height, width, channels), of PyTorch (batch, channels, height, width).
def images_first() -> Apply:
    return Apply(lambda x: x.permute(0, 3, 1, 2))


def images_last() -> Apply:
    return Apply(lambda x: x.permute(0, 2, 3, 1))


class Twins(NamedTuple):
    """Worst relative deviations of a pair."""

    loss: float
    weight: float
    buffer: float
    evaluation: float


LOSSES: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "squared": torch.nn.functional.mse_loss,
    "half_squared": lambda p, t: 0.5 * ((p - t) ** 2).sum() / len(p),
    "absolute": torch.nn.functional.l1_loss,
    "huber": torch.nn.functional.huber_loss,
    "cross_entropy": lambda p, t: torch.nn.functional.cross_entropy(p.reshape(-1, p.shape[-1]), t.reshape(-1)),
    "binary_cross_entropy": torch.nn.functional.binary_cross_entropy_with_logits,
}


def copy_weights(trainer: trimtab.Trainer, parameters: Sequence[torch.Tensor]) -> None:
    """Sets the trainer's weights to PyTorch's, in the same order."""
    views = trainer.parameters()
    assert [view.shape for view in views.values()] == [tuple(one.shape) for one in parameters], list(views)
    for view, parameter in zip(views.values(), parameters, strict=True):
        view[...] = parameter.detach().numpy()


def deviation(found: Array, expected: Array) -> float:
    """The largest difference, relative to the largest number."""
    scale = max(float(np.abs(expected).max(initial=0.0)), 1e-30)
    return float(np.abs(found - expected).max(initial=0.0)) / scale


def run(
    trainer: trimtab.Trainer,
    module: torch.nn.Module,
    batches: Sequence[tuple[Array, Array]],
    *,
    loss: str = "squared",
    parameters: Sequence[torch.Tensor] | None = None,
    buffers: Sequence[str] = (),
    optimizer: torch.optim.Optimizer | None = None,
    scheduler: Any = None,
    maximum_norm: float | None = None,
    learning_rate: float = 0.05,
    steps: int = STEPS,
    check_evaluation: bool = True,
) -> Twins:
    """Trains both and compares losses, weights and buffers, gradients of each step, and the evaluation at the end."""
    own = list(module.parameters()) if parameters is None else list(parameters)
    copy_weights(trainer, own)
    optimizer = optimizer or torch.optim.SGD(own, lr=learning_rate)
    module.train()
    losses: list[tuple[float, float]] = []
    for step in range(steps):
        inputs, targets = batches[step % len(batches)]
        optimizer.zero_grad()
        expected = LOSSES[loss](module(torch.from_numpy(inputs)), torch.from_numpy(targets))
        expected.backward()
        if maximum_norm is not None:
            torch.nn.utils.clip_grad_norm_(own, maximum_norm)
        rate = optimizer.param_groups[0]["lr"]
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        found = trainer.step(inputs, targets)
        assert found.is_taken
        assert abs(found.learning_rate - rate) <= 1e-12 * rate, step
        losses.append((found.loss, expected.item()))
    curve = np.array(losses)
    loss_deviation = float((np.abs(curve[:, 0] - curve[:, 1]) / np.maximum(np.abs(curve[:, 1]), 1e-12)).max())
    views = trainer.parameters()
    weight = max(
        (deviation(view, one.detach().numpy()) for view, one in zip(views.values(), own, strict=True)), default=0.0
    )
    shown = trainer.buffers()
    state = dict(module.named_buffers())
    buffer = max(
        (deviation(view, state[name].numpy()) for view, name in zip(shown.values(), buffers, strict=False)), default=0.0
    )
    evaluation = 0.0
    if check_evaluation:
        module.eval()
        inputs, targets = batches[0]
        with torch.no_grad():
            outputs = module(torch.from_numpy(inputs))
            expected = LOSSES[loss](outputs, torch.from_numpy(targets))
        evaluation = max(
            abs(trainer.evaluate(inputs, targets).loss - expected.item()) / max(abs(expected.item()), 1e-12),
            deviation(trainer.predict(inputs), outputs.numpy()),
        )
    twins = Twins(loss_deviation, weight, buffer, evaluation)
    if os.environ.get("TRIMTAB_TWINS"):
        print(" ".join(f"{name} {value:.1e}" for name, value in twins._asdict().items()), f"last {losses[-1][0]:.3g}")
    assert max(twins) < TOLERANCE, twins
    assert np.isfinite(curve).all()
    return twins
