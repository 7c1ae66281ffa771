"""Faults of the set-up, seen by the watch with no more than the loop's own lines; each beside its repaired twin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
nn, functional = torch.nn, torch.nn.functional

from set_up_programs import CLASSES, FEATURES, INPUTS, LABELS, NUMBERS, Net, Program, regression, warned  # noqa: E402
from set_up_programs import torch_is_left_as_it_was as torch_is_left_as_it_was  # noqa: E402

from trimtab import Monitor, TrimtabError, set_up  # noqa: E402


def _sgd(parameters: Any) -> Any:
    return torch.optim.SGD(parameters, lr=0.05, momentum=0.9)


def _anew(model: Any, optimizer: Any) -> Any:
    return torch.optim.Adam(model.parameters(), lr=2e-3)


def _forgets(model: Any, optimizer: Any) -> None:
    optimizer.state.clear()


def _numbers_of_labels(outputs: Any, labels: Any) -> Any:
    return functional.mse_loss(outputs, labels.float()[:, None].expand_as(outputs))


def _binary(outputs: Any, labels: Any) -> Any:
    return functional.binary_cross_entropy_with_logits(outputs.squeeze(-1), (labels % 2).float())


def _probability(outputs: Any, labels: Any) -> Any:
    return functional.binary_cross_entropy(outputs.squeeze(-1), (labels % 2).float())


FAULTS: dict[str, tuple[str, Program, Program]] = {
    "softmax before cross entropy": (
        "output_activation",
        Program(make=lambda: Net(CLASSES, nn.Softmax(-1))),
        Program(make=lambda: Net(CLASSES)),
    ),
    "log-softmax twice is the same": ("", Program(make=lambda: Net(CLASSES, nn.LogSoftmax(-1))), Program()),
    "softmax over one unit": (
        "output_activation",
        Program(make=lambda: Net(1, nn.Softmax(-1)), loss=_probability),
        Program(make=lambda: Net(1, nn.Sigmoid()), loss=_probability),
    ),
    "sigmoid before logits": (
        "output_activation",
        Program(make=lambda: Net(1, nn.Sigmoid()), loss=_binary),
        Program(make=lambda: Net(1), loss=_binary),
    ),
    "relu at a regression's output": (
        "output_activation",
        regression(make=lambda: Net(1, nn.ReLU())),
        regression(make=lambda: Net(1, nn.ReLU()), targets=NUMBERS - NUMBERS.min()),
    ),
    "sigmoid at a regression's output": (
        "output_activation",
        regression(make=lambda: Net(1, nn.Sigmoid())),
        regression(make=lambda: Net(1, nn.Sigmoid()), targets=(NUMBERS - NUMBERS.min()) / 10),
    ),
    "squared error of labels": ("wrong_loss", Program(loss=_numbers_of_labels), Program()),
    "cross entropy of one output": (
        "wrong_loss",
        regression(loss=functional.cross_entropy),
        regression(),
    ),
    "binary cross entropy of numbers": (
        "wrong_loss",
        regression(loss=functional.binary_cross_entropy_with_logits),
        regression(loss=functional.binary_cross_entropy_with_logits, targets=torch.sigmoid(NUMBERS)),
    ),
    "likelihood of logits": (
        "wrong_loss",
        Program(loss=functional.nll_loss),
        Program(make=lambda: Net(CLASSES, nn.LogSoftmax(-1)), loss=functional.nll_loss),
    ),
    "sum over the batch": (
        "summed_loss",
        Program(loss=lambda o, t: functional.cross_entropy(o, t, reduction="sum"), optimizer=_sgd, batch=128),
        Program(loss=lambda o, t: functional.cross_entropy(o, t, reduction="sum") / len(t), optimizer=_sgd, batch=128),
    ),
    "broadcast": (
        "broadcast_loss",
        regression(targets=NUMBERS[:, 0]),
        regression(loss=lambda o, t: functional.mse_loss(o[:, 0], t), targets=NUMBERS[:, 0]),
    ),
    "broadcast by hand": (
        "broadcast_loss",
        regression(loss=lambda o, t: ((o - t) ** 2).mean(), targets=NUMBERS[:, 0]),
        regression(loss=lambda o, t: ((o - t) ** 2).mean()),
    ),
    "targets far away": ("unscaled_target", regression(targets=100 * NUMBERS + 300), regression()),
    "ascent": ("gradient_ascent", Program(sign=-1, optimizer=_sgd), Program(optimizer=_sgd)),
    # What is learnt by heart has to show: a small training set in one batch looks the same.
    "one batch again and again": ("repeated_batch", Program(repeats=True, steps=220), Program(steps=220)),
    "batch normalisation of two": (
        "batch_of_one",
        Program(make=lambda: Net(CLASSES, norm=True), batch=2),
        Program(make=lambda: Net(CLASSES, norm=True), batch=16),
    ),
    "trained in evaluation mode": (
        "evaluation_mode",
        Program(make=lambda: Net(CLASSES, norm=True), training_mode=False),
        Program(make=lambda: Net(CLASSES, norm=True)),
    ),
    "evaluated in training mode": (
        "evaluation_mode",
        Program(make=lambda: Net(CLASSES, norm=True), evaluation_mode=True),
        Program(make=lambda: Net(CLASSES), evaluation_mode=True),
    ),
    "weights decay": (
        "weight_decay_too_strong",
        Program(optimizer=lambda ps: torch.optim.AdamW(ps, lr=2e-3, weight_decay=30)),
        Program(optimizer=lambda ps: torch.optim.AdamW(ps, lr=2e-3, weight_decay=0.1)),
    ),
    "dropout": ("dropout_too_strong", Program(make=lambda: Net(CLASSES, dropout=0.95)), Program()),
    "epsilon of zero": (
        "optimizer_epsilon",
        Program(targets=LABELS, optimizer=lambda ps: torch.optim.Adam(ps, lr=2e-3, eps=0.0)),
        Program(),
    ),
    "epsilon above the gradients": (
        "optimizer_epsilon",
        Program(optimizer=lambda ps: torch.optim.Adam(ps, lr=2e-3, eps=10.0)),
        Program(optimizer=lambda ps: torch.optim.Adam(ps, lr=1.0, eps=10.0)),
    ),
    "tiny clip": ("clipping_rules", Program(optimizer=_sgd, clip=1e-4), Program(optimizer=_sgd, clip=1.0)),
    "another optimizer": ("optimizer_state_lost", Program(at={60: _anew}), Program()),
    "state cleared": ("optimizer_state_lost", Program(at={60: _forgets}), Program()),
}


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_and_its_twin_is_silent(name: str) -> None:
    cause, faulty, twin = FAULTS[name]
    if cause == "optimizer_epsilon" and name == "epsilon of zero":
        # A unit that never fires has a gradient of exactly 0.
        made = faulty.make

        def with_a_dead_unit() -> Any:
            model = made()
            with torch.no_grad():
                model[0].bias[0] = -100
            return model

        faulty.make = with_a_dead_unit
    found = warned(faulty.run())
    assert (cause in found and found[0] == cause) if cause else found == []
    assert warned(twin.run()) == []


@pytest.mark.filterwarnings("ignore:Using a target size")
def test_the_report_says_what_was_found() -> None:
    report = regression(targets=NUMBERS[:, 0], steps=5).run().report()
    assert "loss: squared error (mean) of outputs [32, 32]" in report
    assert "broadcast against each other" in report
    assert "loss:" not in regression(steps=5).run().report()


def test_the_facts_of_a_loss_are_what_numpy_says() -> None:
    from trimtab.torch._losses import call
    from trimtab.torch._objective import Objectives

    targets = NUMBERS[:64] * 3 + 2
    model = nn.Linear(FEATURES, 1)
    outputs = model(INPUTS[:64])
    result = functional.mse_loss(outputs, targets)
    objectives = Objectives()
    heard = call("squared_error", (outputs, targets, 1), {}, result)
    assert heard is not None
    objectives.hear(heard)
    found = objectives.facts(0.5 * result, 0.5 * float(result.detach()))
    assert found is not None
    values, made = targets.double().numpy(), outputs.detach().double().numpy()
    np.testing.assert_allclose(found.target_mean, values.mean(), rtol=1e-6)
    np.testing.assert_allclose(found.target_deviation, values.std(), rtol=1e-6)
    np.testing.assert_allclose(found.guess_loss, values.var(), rtol=1e-6)
    np.testing.assert_allclose(found.mean_loss, ((made - values) ** 2).mean(), rtol=1e-5)
    np.testing.assert_allclose(found.scale, 0.5, rtol=1e-6)
    np.testing.assert_allclose(found.output_deviation, made.std(), rtol=1e-6)
    assert (found.loss, found.reduction, found.activation) == ("squared_error", "mean", "none")
    assert (found.sample_count, found.output_count, found.distinct_count) == (64, 1, 64)


def test_a_monitor_takes_facts_from_anybody() -> None:
    monitor = Monitor()
    with pytest.raises(TrimtabError):
        monitor.observe_objective(set_up.Objective())
    monitor.begin_step(1)
    with pytest.raises(ValueError, match="loss: found 'none'"):
        monitor.observe_objective(set_up.Objective(loss="none"))
    monitor.observe_objective(set_up.Objective(loss="cross_entropy", activation="softmax", output_count=10))
    monitor.observe_set_up(set_up.SetUp(normalisation_count=1, batch_rows=2, batch_values=2))
    monitor.end_step()
    assert [one.cause.value for one in monitor.findings()] == ["output_activation", "batch_of_one"]
