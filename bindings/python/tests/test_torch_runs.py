"""What a watch says of whole runs: nothing of healthy ones, and of broken ones what broke."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn = torch.nn

from watched_models import mlp, train, vectors  # noqa: E402

import trimtab.torch as trimtab_torch  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

#: 250 steps by default; TRIMTAB_RUN_STEPS=630 trains to the end.
STEPS = int(os.environ.get("TRIMTAB_RUN_STEPS", "250"))


def digits() -> Callable[[int], Callable[[], Any]]:
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    inputs, classes = datasets.load_digits(return_X_y=True)
    x, y = torch.tensor(inputs / 16 - 0.3, dtype=torch.float32), torch.tensor(classes)

    def batches(count: int) -> Callable[[], Any]:
        def batch() -> Any:
            chosen = torch.randint(0, len(x), (count,))
            return x[chosen], y[chosen]

        return batch

    return batches


def digits_mlp(*, act: Any = nn.ReLU, norm: bool = False, drop: float = 0.0, sizes: Any = (64, 128, 128, 10)) -> Any:
    layers: list[Any] = []
    for before, after in itertools.pairwise(sizes[:-1]):
        layers += [nn.Linear(before, after), *([nn.BatchNorm1d(after)] if norm else []), act()]
        layers += [nn.Dropout(drop)] if drop else []
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


def momentum(model: Any, rate: float) -> Any:
    return torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)


VARIANTS = [
    "plain", "dropout", "batchnorm", "cosine restarts", "warm-up", "label noise", "small batch", "bf16", "accumulation",
    "decay", "adam wide", "tanh",
]  # fmt: skip


def schedule(variant: str, optimizer: Any) -> Any:
    if variant == "cosine restarts":
        return torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, STEPS // 5)
    if variant == "warm-up":
        return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / 50, 1.0))
    return None


def noisy(batch: Callable[[], Any]) -> Callable[[], Any]:
    """A fifth of the labels drawn at random."""

    def tampered() -> Any:
        inputs, classes = batch()
        chosen = torch.rand(len(classes)) < 0.2
        return inputs, torch.where(chosen, torch.randint(0, 10, classes.shape), classes)

    return tampered


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("variant", VARIANTS)
def test_healthy_runs_on_digits(variant: str, seed: int) -> None:
    torch.manual_seed(seed)
    model = digits_mlp(
        act=nn.Tanh if variant == "tanh" else nn.ReLU,
        norm=variant == "batchnorm",
        drop=0.3 if variant == "dropout" else 0.0,
        sizes=(64, 512, 512, 10) if variant == "adam wide" else (64, 128, 128, 10),
    )
    optimizer = {
        "adam wide": lambda: torch.optim.Adam(model.parameters(), lr=1e-3),
        "small batch": lambda: momentum(model, 0.01),
        "decay": lambda: torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-2),
    }.get(variant, lambda: momentum(model, 0.05))()
    scheduler = schedule(variant, optimizer)
    batch = digits()(8 if variant == "small batch" else 32 if variant == "accumulation" else 128)
    watch = train(
        model,
        noisy(batch) if variant == "label noise" else batch,
        steps=STEPS,
        optimizer=optimizer,
        accumulate=4 if variant == "accumulation" else 1,
        autocast=variant == "bf16",
        # Between two steps, as a schedule does.
        tamper=None if scheduler is None else lambda step, model: scheduler.step() if step > 1 else None,
    )
    assert watch.findings() == [], watch.report()


def test_a_learning_rate_far_too_high() -> None:
    torch.manual_seed(0)
    model = digits_mlp()
    found = train(model, digits()(128), steps=250, optimizer=momentum(model, 1.0)).findings()
    assert found
    assert found[0].cause == "learning_rate_too_high"
    assert {one.cause for one in found} <= {"learning_rate_too_high", "bad_batch", "divergence", "oscillation"}


def test_twenty_one_layers_that_start_too_small() -> None:
    torch.manual_seed(0)
    model = digits_mlp(sizes=(64,) + (64,) * 20 + (10,))
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.01)
            nn.init.zeros_(module.bias)
    found = train(model, digits()(128), steps=60, optimizer=momentum(model, 0.05)).findings()
    assert [(one.rule, one.cause, one.where) for one in found] == [
        ("vanishing_gradient", "small_initialisation", "the run")
    ]


def test_features_of_unequal_scale() -> None:
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    torch.manual_seed(0)
    inputs, classes = datasets.load_wine(return_X_y=True)
    x, y = torch.tensor(inputs, dtype=torch.float32), torch.tensor(classes)

    def batch() -> Any:
        chosen = torch.randint(0, len(x), (64,))
        return x[chosen], y[chosen]

    model = digits_mlp(sizes=(13, 32, 3))
    found = train(model, batch, steps=200, optimizer=momentum(model, 0.05)).findings()
    assert found
    assert found[0].rule == "dead_units"
    assert found[0].cause == "unscaled_input"


def test_a_gradient_a_billion_times_too_small() -> None:
    torch.manual_seed(0)
    model = digits_mlp()

    def shrink(step: int, model: Any) -> None:
        model[0].weight.grad *= 1e-9
        model[0].bias.grad *= 1e-9

    (finding,) = train(model, digits()(128), steps=150, optimizer=momentum(model, 0.05), tamper=shrink).findings()
    assert finding.rule == "vanishing_gradient"
    assert finding.where == "0.weight (gradient)"


def test_gradients_that_are_zeroed() -> None:
    torch.manual_seed(0)
    model = digits_mlp()

    def zero(step: int, model: Any) -> None:
        model[2].weight.grad.zero_()
        model[2].bias.grad.zero_()

    found = train(model, digits()(128), steps=100, optimizer=momentum(model, 0.05), tamper=zero).findings()
    assert [(one.rule, one.name) for one in found] == [("zero_gradient", "2.weight"), ("zero_gradient", "2.bias")]


def test_an_optimizer_whose_step_is_forgotten() -> None:
    model, batch = mlp(), vectors()
    watch = trimtab_torch.watch(model, torch.optim.SGD(model.parameters(), lr=0.02), budget=0)
    for _ in range(60):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        watch.step(loss)
        model.zero_grad()
    assert [(one.rule, one.cause) for one in watch.findings()] == [("unchanged_parameter", "missing_optimizer_step")]


@pytest.mark.parametrize("guard", [False, True])
@pytest.mark.parametrize("layer", ["0.weight", "2.weight", "4.weight"])
def test_a_nan_in_a_known_layer_and_step(layer: str, guard: bool) -> None:
    torch.manual_seed(0)
    model = digits_mlp()

    def poison(step: int, model: Any) -> None:
        if step == 100:
            model.get_parameter(layer).grad[3, 4] = float("nan")

    watch = train(model, digits()(128), steps=150, optimizer=momentum(model, 0.05), tamper=poison, guard=guard)
    first = watch.findings()[0]
    assert (first.rule, first.cause, first.name) == ("nonfinite", "nonfinite_gradient", layer)
    assert first.first_step == 100
    assert first.index == 3 * model.get_parameter(layer).shape[1] + 4
    assert (len(watch.findings()) == 1 and first.last_step == 100) is guard


def test_an_activation_that_leaves_float16() -> None:
    torch.manual_seed(0)
    model, batch = digits_mlp().half(), digits()(128)
    optimizer = momentum(model, 0.01)
    watch = trimtab_torch.watch(model, optimizer, budget=0)
    for step in range(60):
        inputs, classes = batch()
        if step == 50:
            with torch.no_grad():
                model[2].weight.mul_(4e5)
        loss = nn.functional.cross_entropy(model(inputs.half()).float(), classes)
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    first = next(one for one in watch.findings() if one.rule == "nonfinite")
    assert (first.name, first.cause, first.first_step) == ("3.input", "range_overflow", 51), watch.report()


def test_gradients_that_leave_float16() -> None:
    torch.manual_seed(0)
    model, batch = digits_mlp().half(), digits()(128)
    optimizer = momentum(model, 0.01)
    watch = trimtab_torch.watch(model, optimizer, budget=0)
    for step in range(60):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs.half()).float(), classes)
        (loss * (2.0**24 if step == 50 else 1)).backward()
        watch.step(loss)
        if step != 50:
            optimizer.step()
        optimizer.zero_grad()
    (finding,) = watch.findings()
    assert (finding.rule, finding.cause, finding.first_step) == ("nonfinite", "range_overflow", 51)


@pytest.mark.parametrize("kind", ["weight", "output", "input"])
def test_an_origin_is_named_though_the_budget_leaves_it_out(kind: str) -> None:
    torch.manual_seed(0)
    model, batch = digits_mlp(), digits()(32)
    optimizer = momentum(model, 0.01)
    # A budget that nothing can hold: activations and weights are left out of nearly every step.
    watch = trimtab_torch.watch(model, optimizer, budget=1e-9, guard=True)
    for step in range(1, 203):
        inputs, classes = batch()
        handle = None
        if step == 200 and kind == "weight":
            with torch.no_grad():
                model[2].weight[5, 5] = float("nan")
        if step == 200 and kind == "output":
            handle = model[2].register_forward_hook(lambda module, given, output: output * float("nan"))
        if step == 200 and kind == "input":
            inputs[3, 4] = float("nan")
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
        if handle is not None:
            handle.remove()
    first = next(one for one in watch.findings() if one.rule == "nonfinite")
    name, cause = {
        "weight": ("2.weight", "nonfinite_weight"),
        "output": ("3.input", "nonfinite_activation"),
        "input": ("0.input", "nonfinite_activation"),
    }[kind]
    assert (first.name, first.cause, first.first_step) == (name, cause, 200), watch.report()


@pytest.mark.parametrize("bad", [(3,), (24,), (150, 151), (150, 151, 152, 153)])
def test_bad_batches_in_a_row_are_all_left_out(bad: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    skipped = []
    for step in range(1, 301):
        inputs = torch.randn(32, 10)
        loss = nn.functional.mse_loss(model(inputs * (1000 if step in bad else 1)), inputs[:, :1] / 2)
        loss.backward()
        decision = watch.step(loss)
        if decision is not None and not decision:
            skipped.append(step)
        optimizer.step()
        optimizer.zero_grad()
    assert tuple(skipped) == bad
    inputs = torch.randn(512, 10)
    assert nn.functional.mse_loss(model(inputs), inputs[:, :1] / 2).item() < 0.02


def test_a_path_that_cannot_be_written_stops_nothing(tmp_path: Any) -> None:
    model = mlp()
    with pytest.warns(RuntimeWarning, match="training goes on"):
        watch = trimtab_torch.watch(model, momentum(model, 0.01), log=tmp_path / "none" / "run.jsonl")
    assert "not written: " in watch.report()


def test_a_gradient_that_is_dropped_before_the_look() -> None:
    torch.manual_seed(0)
    model, batch = digits_mlp(), digits()(32)
    optimizer = momentum(model, 0.01)
    watch = trimtab_torch.watch(model, optimizer, budget=0)
    for _ in range(60):
        inputs, classes = batch()
        nn.functional.cross_entropy(model(inputs), classes).backward()
        optimizer.step()
        optimizer.zero_grad()
        watch.step(1.0)
    assert [(one.rule, one.where) for one in watch.findings()] == [("missing_gradient", "the run")]
