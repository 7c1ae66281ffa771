"""Faults of the set-up, seen by the watch with no more than the loop's own lines; each beside its repaired twin."""

from __future__ import annotations

import copy
import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
nn, functional = torch.nn, torch.nn.functional

import trimtab.torch  # noqa: E402
from trimtab import Monitor, TrimtabError, set_up  # noqa: E402
from trimtab.torch import _listening, _steps  # noqa: E402

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


def _warnings(watch: Any) -> list[str]:
    found = [one for one in watch.findings() if one.verdict >= "warning"]
    return [one.cause.value for one in sorted(found, key=lambda one: one.first_step)]


def _regression(**changes: Any) -> Program:
    chosen: dict[str, Any] = {"make": lambda: Net(1), "loss": functional.mse_loss, "targets": NUMBERS}
    return Program(**{**chosen, **changes})


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
        _regression(make=lambda: Net(1, nn.ReLU())),
        _regression(make=lambda: Net(1, nn.ReLU()), targets=NUMBERS - NUMBERS.min()),
    ),
    "sigmoid at a regression's output": (
        "output_activation",
        _regression(make=lambda: Net(1, nn.Sigmoid())),
        _regression(make=lambda: Net(1, nn.Sigmoid()), targets=(NUMBERS - NUMBERS.min()) / 10),
    ),
    "squared error of labels": ("wrong_loss", Program(loss=_numbers_of_labels), Program()),
    "cross entropy of one output": (
        "wrong_loss",
        _regression(loss=functional.cross_entropy),
        _regression(),
    ),
    "binary cross entropy of numbers": (
        "wrong_loss",
        _regression(loss=functional.binary_cross_entropy_with_logits),
        _regression(loss=functional.binary_cross_entropy_with_logits, targets=torch.sigmoid(NUMBERS)),
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
        _regression(targets=NUMBERS[:, 0]),
        _regression(loss=lambda o, t: functional.mse_loss(o[:, 0], t), targets=NUMBERS[:, 0]),
    ),
    "broadcast by hand": (
        "broadcast_loss",
        _regression(loss=lambda o, t: ((o - t) ** 2).mean(), targets=NUMBERS[:, 0]),
        _regression(loss=lambda o, t: ((o - t) ** 2).mean()),
    ),
    "targets far away": ("unscaled_target", _regression(targets=100 * NUMBERS + 300), _regression()),
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


def _put_back() -> None:
    """What watches that were dropped without being removed have left goes with the next that is removed."""
    gc.collect()
    model = nn.Linear(1, 1)
    trimtab.torch.watch(model, torch.optim.SGD(model.parameters(), lr=0.1)).remove()


@pytest.fixture(autouse=True)
def torch_is_left_as_it_was() -> Iterator[None]:
    _put_back()
    before = [getattr(place, name) for place, name, _ in _listening._FUNCTIONS]
    yield
    assert [getattr(place, name) for place, name, _ in _listening._FUNCTIONS] == before
    assert "softmax" not in vars(torch.Tensor)


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
    found = _warnings(faulty.run())
    assert (cause in found and found[0] == cause) if cause else found == []
    assert _warnings(twin.run()) == []


@pytest.mark.filterwarnings("ignore:Using a target size")
def test_the_report_says_what_was_found() -> None:
    report = _regression(targets=NUMBERS[:, 0], steps=5).run().report()
    assert "loss: squared error (mean) of outputs [32, 32]" in report
    assert "broadcast against each other" in report
    assert "loss:" not in _regression(steps=5).run().report()


# Healthy programs that look like faulty ones


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
    return _warnings(watch)


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
    program = _regression(
        targets=100 * NUMBERS + 50, optimizer=lambda ps: torch.optim.Adam(ps, lr=0.3), steps=110, batch=64
    )
    watch = program.run()
    assert _warnings(watch) == []
    assert [one.cause.value for one in watch.findings()] == ["unscaled_target"]


# Attention


class Attending(nn.Module):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.inner = nn.MultiheadAttention(16, 2, batch_first=True)
        self.factor = 1.0

    def forward(self, values: Any) -> Any:
        if self.kind.startswith("module"):
            values = values * self.factor
            return self.inner(values, values, values, need_weights=self.kind == "module, weights")[0]
        shape = (len(values), 8, 2, 8)
        query, key = (values.reshape(shape).transpose(1, 2) * self.factor for _ in range(2))
        query = query * self.inner.in_proj_weight.mean().add(1)
        if self.kind == "function":
            return functional.scaled_dot_product_attention(query, key, key, is_causal=True)
        return torch.softmax(query @ key.transpose(-1, -2) / 8**0.5, -1) @ key


@pytest.mark.parametrize("kind", ["module", "module, weights", "function", "by hand"])
def test_attention_logits_are_seen(kind: str) -> None:
    torch.manual_seed(0)
    model = Attending(kind)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-9)
    watch = trimtab.torch.watch(model, optimizer, budget=0)
    for step in range(1, 12):
        model.factor = 30.0 if step > 5 else 1.0
        loss = model(torch.randn(3, 8, 16)).square().mean()
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch._set_up.failure is None
    found = [one for one in watch.findings() if one.rule == "logit_growth"]
    assert [(one.name, one.first_step) for one in found] == [("attention#1", 6)]
    assert "attention" in watch.coverage()["attention#1"]
    watch.remove()


def test_attention_logits_are_those_of_the_function() -> None:
    from trimtab.torch._attention import Attention

    generator = torch.Generator().manual_seed(2)
    query, key = (torch.randn(2, 3, 6, 4, generator=generator, requires_grad=True) for _ in range(2))
    mask = torch.rand(6, 6, generator=generator) > 0.4
    mask |= torch.eye(6, dtype=torch.bool)
    for chosen in ({}, {"is_causal": True}, {"attn_mask": mask}, {"scale": 0.1}):
        seen = Attention()
        seen.hear("attention", (query, key, key), chosen)
        ((logits, probabilities),) = seen._looks
        wanted = functional.scaled_dot_product_attention(query, key, key, **chosen)
        torch.testing.assert_close(probabilities @ key, wanted)
        assert torch.isfinite(logits).all()


# Nothing is broken


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
    _put_back()


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


# The facts themselves


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
