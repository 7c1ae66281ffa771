"""Every optimizer, schedule, clipping and average of the trainer against PyTorch, 100 steps in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from randomness import generator

import trimtab
from trimtab import layers

torch = pytest.importorskip("torch")

import twins  # noqa: E402 - needs torch

if TYPE_CHECKING:
    from collections.abc import Callable

Optim = torch.optim


def pair(**options: Any) -> tuple[trimtab.Trainer, Any, list[Any]]:
    """A small net twice, and its data."""
    rng = generator(10)
    own = trimtab.Trainer([layers.Dense(8, activation="tanh"), layers.Dense(3)], (5,), precision="float64", **options)
    theirs = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3)).double()
    return own, theirs, [(rng.normal(size=(10, 5)), rng.normal(size=(10, 3))) for _ in range(4)]


OPTIMIZERS: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "sgd": ({"optimizer": "sgd"}, lambda p: Optim.SGD(p, lr=0.05)),
    "sgd_decay": ({"optimizer": "sgd", "weight_decay": 0.1}, lambda p: Optim.SGD(p, lr=0.05, weight_decay=0.1)),
    "heavy_ball": ({"optimizer": "heavy_ball"}, lambda p: Optim.SGD(p, lr=0.05, momentum=0.9)),
    "heavy_ball_decay": (
        {"optimizer": "heavy_ball", "momentum": 0.7, "weight_decay": 0.1},
        lambda p: Optim.SGD(p, lr=0.05, momentum=0.7, weight_decay=0.1),
    ),
    "nesterov": ({"optimizer": "nesterov"}, lambda p: Optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True)),
    "nesterov_decay": (
        {"optimizer": "nesterov", "weight_decay": 0.1},
        lambda p: Optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.1),
    ),
    "adam": ({"optimizer": "adam"}, lambda p: Optim.Adam(p, lr=0.05)),
    "adam_decay": (
        {"optimizer": "adam", "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-4, "weight_decay": 0.1},
        lambda p: Optim.Adam(p, lr=0.05, betas=(0.8, 0.99), eps=1e-4, weight_decay=0.1),
    ),
    "adamw": (
        {"optimizer": "adamw", "weight_decay": 0.1},
        lambda p: Optim.AdamW(p, lr=0.05, weight_decay=0.1),
    ),
    "rmsprop": ({"optimizer": "rmsprop"}, lambda p: Optim.RMSprop(p, lr=0.05)),
    "rmsprop_decay": (
        {"optimizer": "rmsprop", "smoothing": 0.9, "epsilon": 1e-6, "weight_decay": 0.1},
        lambda p: Optim.RMSprop(p, lr=0.05, alpha=0.9, eps=1e-6, weight_decay=0.1),
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer(name: str) -> None:
    options, make = OPTIMIZERS[name]
    own, theirs, data = pair(learning_rate=0.05, **options)
    twins.run(own, theirs, data, optimizer=make(theirs.parameters()))


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_clipping_of_the_common_norm(optimizer: str) -> None:
    # A tenth of what norms begin with, so that it is at work in every step whatever data are drawn.
    own, theirs, data = pair(learning_rate=0.05, optimizer=optimizer, clipping="fixed", maximum_norm=0.1)
    make = OPTIMIZERS[optimizer][1]
    twins.run(own, theirs, data, optimizer=make(theirs.parameters()), maximum_norm=0.1)
    report = own.step(*data[0])
    assert report.gradient_norm > 0.1
    assert report.clip_factor == pytest.approx(0.1 / (report.gradient_norm + 1e-6), rel=1e-12)


def _warm_cosine(optimizer: Any) -> Any:
    schedulers = Optim.lr_scheduler
    return schedulers.SequentialLR(
        optimizer,
        [
            schedulers.LinearLR(optimizer, start_factor=0.1, total_iters=9),
            schedulers.CosineAnnealingLR(optimizer, T_max=90),
        ],
        milestones=[10],
    )


SCHEDULES: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "cosine": (
        {"schedule": "cosine", "total_steps": 100, "minimum_factor": 0.1},
        lambda o: Optim.lr_scheduler.CosineAnnealingLR(o, T_max=100, eta_min=0.01),
    ),
    "step": (
        {"schedule": "step", "step_size": 30, "decay": 0.5},
        lambda o: Optim.lr_scheduler.StepLR(o, step_size=30, gamma=0.5),
    ),
    "exponential": (
        {"schedule": "exponential", "decay": 0.98},
        lambda o: Optim.lr_scheduler.ExponentialLR(o, gamma=0.98),
    ),
    "warm_up": (
        {"warm_up_steps": 10},
        lambda o: Optim.lr_scheduler.LinearLR(o, start_factor=0.1, total_iters=9),
    ),
    "warm_cosine": ({"schedule": "cosine", "total_steps": 100, "warm_up_steps": 10}, _warm_cosine),
}


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.filterwarnings("ignore:The epoch parameter")
def test_each_schedule(name: str) -> None:
    options, make = SCHEDULES[name]
    own, theirs, data = pair(learning_rate=0.1, **options)
    optimizer = Optim.SGD(theirs.parameters(), lr=0.1)
    twins.run(own, theirs, data, optimizer=optimizer, scheduler=make(optimizer))


def test_another_learning_rate_counts_from_the_next_step() -> None:
    own, theirs, data = pair(learning_rate=0.05, optimizer="heavy_ball")
    optimizer = Optim.SGD(theirs.parameters(), lr=0.05, momentum=0.9)
    twins.run(own, theirs, data, optimizer=optimizer, steps=20)
    own.set_learning_rate(0.01)
    optimizer.param_groups[0]["lr"] = 0.01
    twins.run(own, theirs, data, optimizer=optimizer, steps=20)


def test_moving_average_of_the_weights() -> None:
    own, theirs, data = pair(learning_rate=0.05, average_decay=0.95)
    twins.copy_weights(own, list(theirs.parameters()))
    swa = torch.optim.swa_utils
    average = swa.AveragedModel(theirs, multi_avg_fn=swa.get_ema_multi_avg_fn(0.95))
    optimizer = Optim.SGD(theirs.parameters(), lr=0.05)
    for step in range(twins.STEPS):
        inputs, targets = data[step % 4]
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(theirs(torch.from_numpy(inputs)), torch.from_numpy(targets)).backward()
        optimizer.step()
        average.update_parameters(theirs)
        own.step(inputs, targets)
    for found, expected in zip(own.averages().values(), average.module.parameters(), strict=True):
        assert twins.deviation(found, expected.detach().numpy()) < 1e-10
    assert own.averages().keys() == own.parameters().keys()


def test_leak_schedule() -> None:
    options = {"leak_start": 0.5, "leak_end": 0.05, "leak_time": 20.0}
    own = trimtab.Trainer(
        [layers.Dense(8, activation="leaky_relu", scheduled_leak=True), layers.Dense(2)],
        (4,),
        precision="float64",
        learning_rate=0.05,
        **options,
    )
    clock = {"step": 0}

    def leaky(x: Any) -> Any:
        slope = 0.05 + 0.45 * np.exp(-clock["step"] / 20.0)
        clock["step"] += 1
        return torch.nn.functional.leaky_relu(x, slope)

    theirs = torch.nn.Sequential(torch.nn.Linear(4, 8), twins.Apply(leaky), torch.nn.Linear(8, 2)).double()
    rng = generator(11)
    data = [(rng.normal(size=(10, 4)), rng.normal(size=(10, 2))) for _ in range(4)]
    twins.run(own, theirs, data)


def test_single_precision_follows_to_its_rounding() -> None:
    own, _theirs, data = pair(learning_rate=0.05, optimizer="adam")
    single = trimtab.Trainer(
        [layers.Dense(8, activation="tanh"), layers.Dense(3)], (5,), learning_rate=0.05, optimizer="adam"
    )
    for view, other in zip(single.parameters().values(), own.parameters().values(), strict=True):
        assert view.dtype == np.float32
        view[...] = other
    for step in range(50):
        inputs, targets = data[step % 4]
        expected = own.step(inputs, targets).loss
        found = single.step(inputs.astype(np.float32), targets.astype(np.float32)).loss
        assert found == pytest.approx(expected, rel=1e-4)
