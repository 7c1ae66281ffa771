"""Healthy programs that look like those with a faulty set-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")
nn, functional = torch.nn, torch.nn.functional

from set_up_programs import CLASSES, FEATURES, INPUTS, LABELS, NUMBERS, Net, regression, warned  # noqa: E402
from set_up_programs import torch_is_left_as_it_was as torch_is_left_as_it_was  # noqa: E402

import trimtab.torch  # noqa: E402


def _healthy(model: Any, optimizer: Any, loss: Callable[[int], Any], steps: int = 110) -> list[str]:
    watch = trimtab.torch.watch(model, optimizer, budget=0)
    for step in range(1, steps + 1):
        value = loss(step)
        value.backward()
        watch.step(value)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None
    assert watch._set_up.failure is None
    watch.remove()
    return warned(watch)


def test_a_variational_autoencoder_sums_over_pixels() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(FEATURES, 16), nn.ReLU(), nn.Linear(16, FEATURES), nn.Sigmoid())
    data = torch.sigmoid(INPUTS)

    def loss(step: int) -> Any:
        batch = data[step % 8 * 32 :][:32]
        return functional.binary_cross_entropy(model(batch), batch, reduction="sum") / len(batch)

    assert _healthy(model, torch.optim.Adam(model.parameters(), 3e-3), loss) == []


@pytest.mark.parametrize("kind", ["bce", "saturating", "least squares", "negative critic"])
def test_adversaries_are_silent(kind: str) -> None:
    torch.manual_seed(0)
    made, judge = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2)), nn.Linear(2, 1)
    optimizer = torch.optim.Adam(made.parameters(), 1e-3)

    def loss(step: int) -> Any:
        score = judge(made(torch.randn(64, 4)))
        if kind == "bce":
            return functional.binary_cross_entropy_with_logits(score, torch.ones(64, 1))
        if kind == "saturating":
            return -functional.binary_cross_entropy_with_logits(score, torch.zeros(64, 1))
        if kind == "least squares":
            return functional.mse_loss(score, torch.ones(1).expand_as(score))
        return -score.mean()

    assert _healthy(made, optimizer, loss, 60) == []


def test_a_policy_gradient_is_no_ascent() -> None:
    torch.manual_seed(0)
    model = Net(CLASSES)

    def loss(step: int) -> Any:
        logits = model(INPUTS[:64])
        actions = torch.distributions.Categorical(logits=logits.detach()).sample()
        advantage = (actions == LABELS[:64]).float() - 0.3
        return (functional.cross_entropy(logits, actions, reduction="none") * advantage).mean()

    assert _healthy(model, torch.optim.Adam(model.parameters(), 1e-3), loss) == []


def test_quantiles_are_broadcast_on_purpose() -> None:
    torch.manual_seed(0)
    model = Net(5)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)

    def loss(step: int) -> Any:
        places = torch.randint(0, 300, (32,))
        quantiles = model(INPUTS[places])[:, :, None]
        targets = (NUMBERS[places] + torch.randn(32, 7) * 0.1)[:, None, :]
        return functional.smooth_l1_loss(
            quantiles.expand(-1, -1, 7), targets.expand(-1, 5, -1), reduction="none"
        ).mean()

    assert _healthy(model, optimizer, loss) == []


def test_all_samples_in_one_batch_are_no_repetition() -> None:
    torch.manual_seed(0)
    model = Net(CLASSES)

    def loss(step: int) -> Any:
        if step % 20 == 0:
            model.eval()
            with torch.no_grad():
                model(INPUTS[300:])
            model.train()
        return functional.cross_entropy(model(INPUTS[:300]), LABELS[:300])

    assert _healthy(model, torch.optim.Adam(model.parameters(), 2e-3), loss) == []


def test_a_frozen_normalisation_may_be_in_evaluation_mode() -> None:
    torch.manual_seed(0)
    model = Net(CLASSES, norm=True)
    model(INPUTS)
    model.eval()
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    assert _healthy(model, optimizer, lambda step: functional.cross_entropy(model(INPUTS[:64]), LABELS[:64])) == []


def test_dropout_at_evaluation_without_a_loss_is_no_mistake() -> None:
    torch.manual_seed(0)
    model = Net(CLASSES, dropout=0.3)

    def loss(step: int) -> Any:
        with torch.no_grad():
            guesses = model(INPUTS[:64]).argmax(1)
        return functional.cross_entropy(model(INPUTS[:64]), torch.where(LABELS[:64] == guesses, guesses, LABELS[:64]))

    assert _healthy(model, torch.optim.Adam(model.parameters(), 2e-3), loss) == []


def test_unscaled_targets_that_are_reached_are_a_notice() -> None:
    program = regression(
        targets=100 * NUMBERS + 50, optimizer=lambda ps: torch.optim.Adam(ps, lr=0.3), steps=110, batch=64
    )
    watch = program.run()
    assert warned(watch) == []
    assert [one.cause.value for one in watch.findings()] == ["unscaled_target"]
