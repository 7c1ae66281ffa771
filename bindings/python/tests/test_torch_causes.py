"""What broken runs are laid to at the default budget, which leaves out most looks at activations and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn = torch.nn

from test_torch_runs import digits_mlp, momentum  # noqa: E402

import trimtab.torch as trimtab_torch  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def data(name: str) -> tuple[Any, Any]:
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    inputs, classes = getattr(datasets, f"load_{name}")(return_X_y=True)
    return torch.tensor(inputs, dtype=torch.float32), torch.tensor(classes)


def shifted() -> tuple[Any, Any]:
    inputs, classes = data("digits")
    return inputs / 16 - 0.3, classes


def sixteenths() -> tuple[Any, Any]:
    inputs, classes = data("digits")
    return inputs / 16, classes


def standardised() -> tuple[Any, Any]:
    inputs, classes = data("digits")
    return (inputs - inputs.mean(0)) / (inputs.std(0) + 1e-6), classes


def watched(
    model: Any,
    optimizer: Any,
    source: tuple[Any, Any],
    *,
    steps: int = 250,
    batch: int = 128,
    tamper: Callable[[int], None] | None = None,
    half: bool = False,
    scale: Callable[[int], float] = lambda step: 1.0,
    **options: Any,
) -> Any:
    """Trains at the default budget."""
    inputs, classes = source
    watch = trimtab_torch.watch(model, optimizer, **options)
    for step in range(1, steps + 1):
        chosen = torch.randint(0, len(inputs), (batch,))
        with torch.autocast("cpu", dtype=torch.float16, enabled=half):
            loss = nn.functional.cross_entropy(model(inputs[chosen] * scale(step)), classes[chosen])
        loss.backward()
        if tamper is not None:
            tamper(step)
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None, watch.fault
    return watch


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("source", [shifted, sixteenths, standardised])
def test_a_learning_rate_far_too_high(source: Any, seed: int) -> None:
    torch.manual_seed(seed)
    model = digits_mlp()
    found = watched(model, momentum(model, 1.0), source()).diagnosis()
    assert found
    assert found[0].cause == "learning_rate_too_high", found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rate", [1e4, 1e6, 1e10, 1e30])
@pytest.mark.parametrize("kind", [torch.optim.SGD, momentum, torch.optim.Adam])
def test_a_learning_rate_that_leaves_the_range(kind: Any, rate: float, seed: int) -> None:
    torch.manual_seed(seed)
    model = digits_mlp()
    found = watched(model, kind(model.parameters() if kind is not momentum else model, rate), shifted(), steps=40)
    assert found.findings()[0].cause == "learning_rate_too_high", found.report()


def test_a_learning_rate_that_leaps_out_of_the_range() -> None:
    torch.manual_seed(0)
    model = digits_mlp()
    optimizer = momentum(model, 0.05)

    def leap(step: int) -> None:
        if step == 200:
            optimizer.param_groups[0]["lr"] = 1e30

    first = watched(model, optimizer, shifted(), steps=210, tamper=leap).findings()[0]
    assert (first.rule, first.cause, first.first_step) == ("nonfinite", "learning_rate_too_high", 201)


@pytest.mark.parametrize("seed", range(3))
def test_an_input_that_leaves_float16_under_autocast(seed: int) -> None:
    torch.manual_seed(seed)
    model = digits_mlp()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    (finding,) = watched(
        model, optimizer, shifted(), steps=80, half=True, guard=True, scale=lambda step: 1e6 if step == 60 else 1.0
    ).findings()
    assert (finding.rule, finding.cause, finding.name) == ("nonfinite", "range_overflow", "1.input")


@pytest.mark.parametrize("seed", range(3))
def test_a_weight_that_leaves_float16_under_autocast(seed: int) -> None:
    torch.manual_seed(seed)
    model = digits_mlp()

    def grow(step: int) -> None:
        if step == 60:
            with torch.no_grad():
                model[2].weight.mul_(4e5)

    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    first = watched(model, optimizer, shifted(), steps=70, half=True, guard=True, tamper=grow).findings()[0]
    assert (first.rule, first.cause, first.name) == ("nonfinite", "range_overflow", "3.input")


class Logarithm(nn.Module):
    """Of numbers below 0, once asked to."""

    is_on = False

    def forward(self, values: Any) -> Any:
        return torch.log(-1 - values.abs()) if self.is_on else values


def test_nan_under_autocast_that_is_no_overflow() -> None:
    torch.manual_seed(0)
    model = digits_mlp()
    model.insert(3, Logarithm())

    def turn(step: int) -> None:
        model[3].is_on = step == 59

    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    (finding,) = watched(model, optimizer, shifted(), steps=80, half=True, guard=True, tamper=turn).findings()
    assert (finding.cause, finding.name) == ("nonfinite_activation", "4.input")


@pytest.mark.parametrize("sizes", [(13, 32, 3), (13, 64, 64, 3), (13, 32, 32, 32, 3)])
@pytest.mark.parametrize("act", [nn.Tanh, nn.Sigmoid, nn.ReLU, nn.GELU, nn.LeakyReLU])
@pytest.mark.parametrize("rate", ["adam", "sgd"])
def test_features_of_unequal_scale(act: Any, sizes: Any, rate: str) -> None:
    torch.manual_seed(0)
    model = digits_mlp(act=act, sizes=sizes)
    # What a leaky unit lets through diverges under momentum: then the rate is too high too.
    rates = 1e-5 if act is nn.LeakyReLU else 0.01
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3) if rate == "adam" else momentum(model, rates)
    found = watched(model, optimizer, data("wine"), steps=400, batch=32).diagnosis()
    assert found
    assert found[0].cause == "unscaled_input", found


def test_features_of_unequal_scale_in_a_linear_model() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(13, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    finding, *others = watched(model, optimizer, data("wine"), steps=400, batch=32).diagnosis()
    assert {one.rule for one in others} <= {"learning"}
    assert (finding.rule, finding.cause, finding.name) == ("activation_scale", "unscaled_input", "0.input")


@pytest.mark.parametrize("factor", [16.0, 1.0])
@pytest.mark.parametrize("last", [1.0, 1e-6])
def test_features_that_are_not_standardised_and_train_well(factor: float, last: float) -> None:
    torch.manual_seed(0)
    inputs, classes = data("digits")
    inputs[:, -1] *= last
    model = digits_mlp()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    assert watched(model, optimizer, (inputs / factor, classes), steps=400).findings() == []


@pytest.mark.parametrize("bias", [-5.0, -1.5])
def test_units_that_were_dead_before_the_first_step(bias: float) -> None:
    torch.manual_seed(0)
    model = digits_mlp()
    with torch.no_grad():
        model[2].bias.fill_(bias)
    finding, *others = watched(model, momentum(model, 0.05), shifted()).diagnosis()
    # A net whose layer is dead learns nothing, which is told after that.
    assert {one.rule for one in others} <= {"learning"}
    assert (finding.rule, finding.cause, finding.name) == ("dead_units", "negative_bias", "3.input")


@pytest.mark.parametrize("rate", [30.0, 100.0])
def test_units_that_the_first_step_killed(rate: float) -> None:
    torch.manual_seed(0)
    model = digits_mlp()
    found = watched(model, torch.optim.SGD(model.parameters(), lr=rate), shifted()).findings()
    assert {one.cause for one in found} == {"learning_rate_too_high"}
    assert "dead_units" in {one.rule for one in found}


@pytest.mark.parametrize("how", ["requires_grad", "gradient", "rate"])
def test_a_layer_that_is_frozen_in_the_midst_of_the_run(how: str) -> None:
    torch.manual_seed(0)
    model = digits_mlp()
    layers = [layer for layer in model if isinstance(layer, nn.Linear)]
    optimizer = torch.optim.SGD([{"params": layer.parameters()} for layer in layers], lr=0.05, momentum=0.9)

    def freeze(step: int) -> None:
        if step >= 300:
            if how == "requires_grad":
                model[2].requires_grad_(False)
            elif how == "gradient":
                model[2].weight.grad = model[2].bias.grad = None
            else:
                optimizer.param_groups[1]["lr"] = 0.0

    found = watched(model, optimizer, shifted(), steps=400, tamper=freeze).findings()
    assert {one.name for one in found} == {"2.weight", "2.bias"}
    assert {one.cause for one in found} == {"frozen_parameter"}
    assert all(300 < one.first_step <= 350 for one in found), found


def test_a_branch_that_is_used_in_some_steps_only() -> None:
    torch.manual_seed(0)
    model = digits_mlp()

    def leave_out(step: int) -> None:
        if step % 50 >= 10:
            model[2].weight.grad = model[2].bias.grad = None

    assert watched(model, momentum(model, 0.05), shifted(), steps=300, tamper=leave_out).findings() == []
