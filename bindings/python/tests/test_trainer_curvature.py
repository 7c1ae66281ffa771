"""Second derivatives of the trainer against PyTorch's double backward and full Hessians, and the edge of stability."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from randomness import generator

import trimtab
from trimtab import layers

torch = pytest.importorskip("torch")

import twins  # noqa: E402 - needs torch
from test_trainer_twins import ACTIVATIONS, Recurrent, SelfAttention, sequential, trainer  # noqa: E402


def said(name: str, value: float) -> float:
    """Prints a deviation on request."""
    if os.environ.get("TRIMTAB_TWINS"):
        print(f"{name} {value:.1e}")
    return value


def assert_derivatives(own: trimtab.Trainer, theirs: Any, inputs: Any, targets: Any, loss: str = "squared") -> None:
    """Loss, gradient and Hessian-vector product are PyTorch's, and asking for them moved nothing."""
    parameters = list(theirs.parameters())
    twins.copy_weights(own, parameters)
    theirs.train()
    before = own.save()
    vector = generator(20).normal(size=own.parameter_count)
    found = own.derivatives(inputs, targets, vector)
    value = twins.LOSSES[loss](theirs(torch.from_numpy(inputs)), torch.from_numpy(targets))
    gradients = torch.autograd.grad(value, parameters, create_graph=True)
    directions = [torch.from_numpy(part.copy()) for part in own.split(vector).values()]
    total = sum((one * part).sum() for one, part in zip(gradients, directions, strict=True))
    products = torch.autograd.grad(total, parameters, allow_unused=True, materialize_grads=True)
    assert found.loss == pytest.approx(value.item(), rel=1e-12)
    assert found.product is not None
    for shown, expected in ((found.gradient, gradients), (found.product, products)):
        whole = np.concatenate([part.ravel() for part in own.split(shown).values()])
        flat = torch.cat([part.detach().reshape(-1) for part in expected]).numpy()
        assert said("derivative", twins.deviation(whole, flat)) < 1e-9
    alone = own.derivatives(inputs, targets)
    assert alone.product is None
    np.testing.assert_allclose(alone.gradient, found.gradient, rtol=1e-12, atol=1e-15)
    assert own.save() == before


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_products_of_each_activation(name: str) -> None:
    options, module = ACTIVATIONS[name]
    rng = generator(21)
    own = trainer([layers.Dense(9, **options), layers.Dense(7, **options), layers.Dense(3)], (5,))
    theirs = sequential(torch.nn.Linear(5, 9), module(), torch.nn.Linear(9, 7), module(), torch.nn.Linear(7, 3))
    assert_derivatives(own, theirs, rng.normal(size=(10, 5)), rng.normal(size=(10, 3)))


@pytest.mark.parametrize("loss", twins.LOSSES)
def test_products_of_each_loss(loss: str) -> None:
    rng = generator(22)
    own = trainer([layers.Dense(6, activation="tanh"), layers.Dense(4)], (5,), loss=loss)
    theirs = sequential(torch.nn.Linear(5, 6), torch.nn.Tanh(), torch.nn.Linear(6, 4))
    targets = rng.integers(0, 4, size=10) if loss == "cross_entropy" else rng.random(size=(10, 4))
    assert_derivatives(own, theirs, rng.normal(size=(10, 5)), targets, loss)


def test_products_of_images() -> None:
    rng = generator(23)
    own = trainer(
        [
            layers.Convolution(3, 3, padding=1),
            layers.Normalisation("batch"),
            layers.Activation("silu"),
            layers.MaximumPooling(2),
            layers.MeanPooling(2, 1),
            layers.Flatten(),
            layers.Dense(2),
        ],
        (6, 6, 2),
    )
    theirs = sequential(
        twins.images_first(),
        torch.nn.Conv2d(2, 3, 3, padding=1),
        torch.nn.BatchNorm2d(3),
        torch.nn.SiLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.AvgPool2d(2, 1),
        twins.images_last(),
        torch.nn.Flatten(),
        torch.nn.Linear(12, 2),
    )
    assert_derivatives(own, theirs, rng.normal(size=(7, 6, 6, 2)), rng.normal(size=(7, 2)))


def test_products_of_sequences() -> None:
    rng = generator(24)
    own = trainer([layers.Attention(2, causal=True, normalised_queries=True), layers.GRU(4), layers.Dense(2)], (5, 6))
    attention = SelfAttention(6, 6, 2, causal=True, normalised=True)
    # The fused kernels have no second derivative.
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        theirs = sequential(attention, Recurrent(6, 4, sequence=False), torch.nn.Linear(4, 2))
        assert_derivatives(own, theirs, rng.normal(size=(4, 5, 6)), rng.normal(size=(4, 2)))


def full_hessian(theirs: Any, inputs: Any, targets: Any, loss: str) -> Any:
    """All second derivatives, by double backward."""
    parameters = {name: one.detach() for name, one in theirs.named_parameters()}
    sizes = [one.numel() for one in parameters.values()]
    x, t = torch.from_numpy(inputs), torch.from_numpy(targets)

    def value(flat: Any) -> Any:
        parts = {
            name: part.reshape(one.shape)
            for part, (name, one) in zip(flat.split(sizes), parameters.items(), strict=True)
        }
        return twins.LOSSES[loss](torch.func.functional_call(theirs, parts, (x,)), t)

    flat = torch.cat([one.reshape(-1) for one in parameters.values()])
    gradient = torch.func.grad(value)
    chunks = [
        torch.func.vmap(lambda v: torch.func.vjp(gradient, flat)[1](v)[0])(rows)
        for rows in torch.eye(len(flat), dtype=torch.float64).split(256)
    ]
    return torch.cat(chunks).numpy()


def test_sharpness_of_the_digits_net_is_that_of_the_full_hessian() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    inputs, targets = datasets.load_digits(return_X_y=True)
    inputs, targets = inputs[:100] / 16.0, targets[:100].astype(np.int64)
    own = trainer(
        [layers.Dense(32, activation="tanh"), layers.Dense(10)], (64,), loss="cross_entropy", learning_rate=0.2
    )
    for _ in range(30):
        own.step(inputs, targets)
    theirs = sequential(torch.nn.Linear(64, 32), torch.nn.Tanh(), torch.nn.Linear(32, 10))
    with torch.no_grad():
        for one, view in zip(theirs.parameters(), own.parameters().values(), strict=True):
            one.copy_(torch.from_numpy(view.copy()))
    hessian = full_hessian(theirs, inputs, targets, "cross_entropy")
    eigenvalues = np.linalg.eigvalsh(hessian)
    found = own.sharpness(inputs, targets, tolerance=1e-6, greatest_iterations=100, trace_samples=30)
    assert found.is_converged
    assert found.outcome is trimtab.Outcome.OK
    assert said("sharpness", abs(found.largest_eigenvalue / eigenvalues[-1] - 1)) < 1e-4
    assert abs(found.largest_eigenvalue - eigenvalues[-1]) <= found.residual_bound + 1e-12
    assert found.threshold == pytest.approx(2 / 0.2)
    assert found.index == pytest.approx(eigenvalues[-1] * 0.2 / 2, rel=1e-4)
    assert abs(found.trace - eigenvalues.sum()) < 5 * found.trace_error
    # Column after column of the same matrix, in the order of PyTorch's parameters.
    vector = generator(25).normal(size=own.parameter_count)
    product = own.derivatives(inputs, targets, vector).product
    flat = [np.concatenate([part.ravel() for part in own.split(one).values()]) for one in (vector, product)]
    assert said("product", twins.deviation(flat[1], hessian @ flat[0])) < 1e-9


@pytest.mark.parametrize(
    ("optimizer", "momentum", "constant"),
    [("sgd", None, 2.0), ("heavy_ball", 0.9, 3.8), ("nesterov", 0.9, 3.8 / 2.8), ("adam", None, 38.0)],
)
def test_thresholds(optimizer: str, momentum: float | None, constant: float) -> None:
    options = {} if momentum is None else {"momentum": momentum}
    own = trainer([layers.Dense(1)], (2,), optimizer=optimizer, learning_rate=0.1, **options)
    x = generator(26).normal(size=(20, 2))
    found = own.sharpness(x, np.zeros((20, 1)), tolerance=1e-9)
    assert found.threshold == pytest.approx(constant / 0.1)
    # Twice the largest eigenvalue of the second moments of (x, 1).
    rows = np.column_stack([x, np.ones(20)])
    assert found.largest_eigenvalue == pytest.approx(2 * np.linalg.eigvalsh(rows.T @ rows / 20)[-1], rel=1e-10)
    assert np.isnan(found.trace)


def test_gradient_penalty() -> None:
    """(|dD/dx| - 1)^2 with respect to weights and inputs: derivatives of a loss that holds a gradient."""
    rng = generator(27)
    arrays = [rng.normal(size=shape) for shape in ((6, 4), (4, 7), (7,), (7, 1))]
    vectors = [rng.normal(size=array.shape) for array in arrays]

    def penalty(tape: trimtab.Tape, x: Any, w1: Any, b1: Any, w2: Any) -> Any:
        score = ((x @ w1 + b1).tanh() @ w2).sum()
        slope = tape.gradient(score, x)
        return (((slope * slope).sum_last().sqrt() - 1) ** 2).mean() + 0.1 * score

    found = trimtab.objective_derivatives(penalty, arrays, vectors)
    leaves = [torch.from_numpy(array).requires_grad_() for array in arrays]
    x, w1, b1, w2 = leaves
    score = (torch.tanh(x @ w1 + b1) @ w2).sum()
    slope = torch.autograd.grad(score, x, create_graph=True)[0]
    loss = ((slope.norm(dim=-1) - 1) ** 2).mean() + 0.1 * score
    gradients = torch.autograd.grad(loss, leaves, create_graph=True)
    total = sum((one * torch.from_numpy(vector)).sum() for one, vector in zip(gradients, vectors, strict=True))
    products = torch.autograd.grad(total, leaves)
    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    assert found.products is not None
    for own, expected in (*zip(found.gradients, gradients, strict=True), *zip(found.products, products, strict=True)):
        assert said("penalty", twins.deviation(own, expected.detach().numpy())) < 1e-9


OPERATIONS: dict[str, Any] = {
    "add": lambda m, a, b: a + b,
    "subtract": lambda m, a, b: a - b,
    "multiply": lambda m, a, b: a * b,
    "divide": lambda m, a, b: a / b,
    "product": lambda m, a, b: a @ b,
    "numbers": lambda m, a, b: 2 - (3 + a) * 0.5 / 4 + (-a) / 3 - 1 / b - (b - 2) + 2 * a,
    "power": lambda m, a, b: b**1.5 + b**-2 + a**3,
    "sqrt": lambda m, a, b: b.sqrt(),
    "exp": lambda m, a, b: a.exp(),
    "log": lambda m, a, b: b.log(),
    "magnitude": lambda m, a, b: abs(a),
    "softmax": lambda m, a, b: (a.softmax() if m is None else m.softmax(a, -1)) * b,
    "log_softmax": lambda m, a, b: (a.log_softmax() if m is None else m.log_softmax(a, -1)) * b,
    "sum_last": lambda m, a, b: (a.sum_last() if m is None else a.sum(-1, keepdim=True)) * b,
    "mean": lambda m, a, b: a.mean() * b,
    "relu": lambda m, a, b: a.relu() * b,
    "leaky_relu": lambda m, a, b: (a.leaky_relu(0.2) if m is None else m.nn.functional.leaky_relu(a, 0.2)) * b,
    "elu": lambda m, a, b: (a.elu(0.7) if m is None else m.nn.functional.elu(a, 0.7)) * b,
    "silu": lambda m, a, b: (a.silu() if m is None else m.nn.functional.silu(a)) * b,
    "gelu": lambda m, a, b: (a.gelu() if m is None else m.nn.functional.gelu(a)) * b,
    "softplus": lambda m, a, b: (a.softplus() if m is None else m.nn.functional.softplus(a)) * b,
    "tanh": lambda m, a, b: a.tanh() * b,
    "sigmoid": lambda m, a, b: a.sigmoid() * b,
    "huber": lambda m, a, b: (
        (a.huber(0.5) if m is None else m.nn.functional.huber_loss(a, a * 0, reduction="none", delta=0.5)) * b
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_of_a_tape(name: str) -> None:
    rng = generator(28)
    operation = OPERATIONS[name]
    arrays = [rng.normal(size=(4, 4)), rng.random(size=(4, 4)) + 0.5]
    vectors = [rng.normal(size=(4, 4)), rng.normal(size=(4, 4))]

    def own_loss(tape: trimtab.Tape, a: Any, b: Any) -> Any:
        result = operation(None, a, b)
        assert result.shape == (4, 4)
        return (result * result * a).sum()

    found = trimtab.objective_derivatives(own_loss, arrays, vectors)
    leaves = [torch.from_numpy(array).requires_grad_() for array in arrays]
    result = operation(torch, *leaves)
    loss = (result * result * leaves[0]).sum()
    gradients = torch.autograd.grad(loss, leaves, create_graph=True, allow_unused=True, materialize_grads=True)
    total = sum((one * torch.from_numpy(vector)).sum() for one, vector in zip(gradients, vectors, strict=True))
    products = torch.autograd.grad(total, leaves, allow_unused=True, materialize_grads=True)
    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    assert found.products is not None
    for own, expected in (*zip(found.gradients, gradients, strict=True), *zip(found.products, products, strict=True)):
        np.testing.assert_allclose(own, expected.detach().numpy(), rtol=1e-10, atol=1e-10)


def _edge_data() -> tuple[Any, Any]:
    # Of its own seed: definitions 2 (e) gives its numbers for one data set.
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(256, 16))
    return inputs, np.sin(inputs @ rng.normal(size=(16, 1)))


def _edge_trainer(activation: str, **options: Any) -> trimtab.Trainer:
    net = [layers.Dense(32, activation=activation), layers.Dense(32, activation=activation), layers.Dense(1)]
    return trainer(net, (16,), loss="half_squared", seed=1, **options)


@pytest.mark.parametrize("activation", ["relu", "elu"])
def test_gradient_descent_settles_at_the_edge_of_stability(activation: str) -> None:
    inputs, targets = _edge_data()
    own = _edge_trainer(activation, learning_rate=0.1)
    indices = []
    for step in range(3000):
        if step >= 1500 and step % 250 == 0:
            indices.append(own.sharpness(inputs, targets).index)
        own.step(inputs, targets)
    assert min(indices) > 0.95, indices
    assert max(indices) < 1.05, indices


def test_adam_settles_at_its_own_edge() -> None:
    inputs, targets = _edge_data()
    own = _edge_trainer("tanh", learning_rate=3e-3, optimizer="adam", beta2=0.99)
    found = []
    for step in range(2001):
        if step >= 500 and step % 500 == 0:
            sharpness = own.sharpness(inputs, targets, preconditioned=True)
            found.append(sharpness.largest_eigenvalue * 3e-3)
            assert sharpness.index == pytest.approx(found[-1] / 38)
        own.step(inputs, targets)
    assert all(abs(value - 38) <= 4 for value in found), found
