"""Healthy programs that look like faulty ones: what a rule of the set-up or of learning once took for a fault."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")
nn, functional = torch.nn, torch.nn.functional

import trimtab.torch  # noqa: E402

ROWS, FEATURES = 1200, 24


def _inputs() -> Any:
    return torch.randn(ROWS, FEATURES, generator=torch.Generator().manual_seed(7))


INPUTS = _inputs()
TEACHER = torch.randn(FEATURES, 10, generator=torch.Generator().manual_seed(8))
SCORES = INPUTS @ TEACHER / FEATURES**0.5
CLASSES = SCORES.argmax(1)
RARE = SCORES[:, 0] > SCORES[:, 0].sort().values[-20]


def _net(*sizes: int, act: Any = nn.ReLU) -> Any:
    layers: list[Any] = []
    for given, made in itertools.pairwise(sizes):
        layers += [nn.Linear(given, made), act()]
    return nn.Sequential(*layers[:-1])


def _train(
    model: Any,
    loss: Callable[[Any, Any], Any],
    *,
    steps: int = 200,
    batch: int = 64,
    optimizer: Any = None,
    validates: Callable[[], Any] | None = None,
    each: Callable[[], Any] = lambda: None,
) -> Any:
    """`loss` is given the model and the places of a batch."""
    optimizer = optimizer or torch.optim.Adam(model.parameters(), lr=3e-3)
    watch = trimtab.torch.watch(model, optimizer, budget=0)
    for step in range(1, steps + 1):
        model.train()
        value = loss(model, torch.randint(0, ROWS, (batch,)))
        optimizer.zero_grad()
        value.backward()
        watch.step(value)
        optimizer.step()
        each()
        if validates is not None and step % 20 == 0:
            with torch.no_grad():
                watch.validation_loss = float(validates())
    return watch


def _said(watch: Any) -> list[str]:
    assert watch.fault is None
    assert watch._set_up.failure is None
    found = [f"{one.rule}: {one.cause.value}" for one in watch.findings() if one.verdict >= "warning"]
    watch.remove()
    return found


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)


def _weighted_binary() -> Any:
    weight = torch.tensor([60.0])
    return _train(
        _net(FEATURES, 32, 1),
        lambda model, at: functional.binary_cross_entropy_with_logits(
            model(INPUTS[at])[:, 0], RARE[at].float(), pos_weight=weight
        ),
        batch=256,
    )


def _weighted_classes() -> Any:
    weight = torch.tensor([0.51, 30.0])
    return _train(
        _net(FEATURES, 32, 2),
        lambda model, at: functional.cross_entropy(model(INPUTS[at]), RARE[at].long(), weight=weight),
        batch=256,
    )


def _soft_pictures() -> Any:
    """An autoencoder of grey pictures: most of its binary cross entropy is left at the best."""
    pictures = torch.sigmoid(0.25 * torch.randn(ROWS, 6) @ torch.randn(6, 32))
    model = nn.Sequential(*_net(32, 48, 8, 32, act=nn.Tanh), nn.Sigmoid())
    return _train(model, lambda model, at: functional.binary_cross_entropy(model(pictures[at]), pictures[at]))


def _quantiles() -> Any:
    """Whole numbers, each held against several outputs."""
    ages = torch.round(5 + 2 * SCORES[:, :1])
    model = _net(FEATURES, 32, 5)
    return _train(model, lambda model, at: functional.smooth_l1_loss(model(INPUTS[at]), ages[at].expand(-1, 5)))


def _patches() -> Any:
    """A critic of patches: all of a picture is real, or all of it made."""
    real = nn.Conv2d(1, 1, 3, padding=1)(torch.randn(ROWS, 1, 8, 8)).detach()
    critic = nn.Sequential(nn.Conv2d(1, 16, 3, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(16, 1, 3, 2, 1))

    def loss(model: Any, at: Any) -> Any:
        outputs = model(torch.cat([real[at], torch.randn(len(at), 1, 8, 8)]))
        targets = torch.cat([torch.ones_like(outputs[: len(at)]), torch.zeros_like(outputs[: len(at)])])
        return functional.mse_loss(outputs, targets)

    return _train(critic, loss)


def _advantages() -> Any:
    """A policy's gradient, as cross entropy with one class of each sample times its advantage."""

    def loss(model: Any, at: Any) -> Any:
        logits = model(INPUTS[at])
        actions = torch.distributions.Categorical(logits=logits).sample()
        rewards = (actions == CLASSES[at]).float()
        advantages = rewards - rewards.mean()
        return functional.cross_entropy(logits, functional.one_hot(actions, 10) * advantages[:, None])

    return _train(_net(FEATURES, 32, 10), loss)


def _one_batch() -> Any:
    """All of a small training set in one batch, and a fine grid to evaluate on."""
    inputs = torch.linspace(-1, 1, 100)[:, None]
    grid = torch.linspace(-1, 1, 1000)[:, None]
    model = _net(1, 32, 32, 1, act=nn.Tanh)
    return _train(
        model,
        lambda model, at: functional.mse_loss(model(inputs), torch.sin(3 * inputs)),
        validates=lambda: functional.mse_loss(model(grid), torch.sin(3 * grid)),
    )


def _converted() -> Any:
    """Statistics from elsewhere, that are to stay, without the number of batches that they are of."""
    model = nn.Sequential(nn.Linear(FEATURES, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10))
    model[1].running_mean.normal_()
    model.train = lambda mode=True: nn.Module.train(model, False)
    return _train(model, lambda model, at: functional.cross_entropy(model(INPUTS[at]), CLASSES[at]))


def _averaged() -> Any:
    """Labels come of the model in training mode, and its average is what is evaluated."""
    model = nn.Sequential(nn.Linear(FEATURES, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 10))
    average = copy.deepcopy(model).eval()

    def loss(model: Any, at: Any) -> Any:
        with torch.no_grad():
            labels = model(INPUTS[at]).argmax(1)
        supervised = functional.cross_entropy(model(INPUTS[at]), CLASSES[at])
        return supervised + 0.1 * functional.cross_entropy(model(INPUTS[at] + 0.1 * torch.randn(64, 24)), labels)

    def follow() -> None:
        with torch.no_grad():
            for own, other in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
                own.copy_(0.9 * own + 0.1 * other if own.is_floating_point() else other)

    return _train(
        model, loss, each=follow, validates=lambda: functional.cross_entropy(average(INPUTS[:400]), CLASSES[:400])
    )


def _last_batch() -> Any:
    model = nn.Sequential(nn.Linear(FEATURES, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10))
    sizes = iter([48, 48, 2] * 70)
    return _train(
        model,
        lambda model, at: (lambda own: functional.cross_entropy(model(INPUTS[own]), CLASSES[own]))(at[: next(sizes)]),
    )


class _Contrast(nn.Module):
    """Keys come of a copy that follows, and is in the optimizer's list with all the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.queries = _net(FEATURES, 64, 16)
        self.keys = copy.deepcopy(self.queries).requires_grad_(False)

    def forward(self, inputs: Any) -> Any:
        queries = functional.normalize(self.queries(inputs + 0.1 * torch.randn_like(inputs)), dim=1)
        with torch.no_grad():
            for own, other in zip(self.keys.parameters(), self.queries.parameters(), strict=True):
                own.mul_(0.95).add_(other, alpha=0.05)
            keys = functional.normalize(self.keys(inputs + 0.1 * torch.randn_like(inputs)), dim=1)
        return queries @ keys.T / 0.2


def _follower() -> Any:
    return _train(_Contrast(), lambda model, at: functional.cross_entropy(model(INPUTS[at]), torch.arange(len(at))))


class _Beside(nn.Module):
    """Linear maps beside each other, that start at zero."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(FEATURES, 10), nn.Linear(FEATURES, 2)
        for one in self.parameters():
            nn.init.zeros_(one)

    def forward(self, inputs: Any) -> Any:
        return self.first(inputs), self.second(inputs)


def _zero_maps() -> Any:
    def loss(model: Any, at: Any) -> Any:
        first, second = model(INPUTS[at])
        return functional.cross_entropy(first, CLASSES[at]) + functional.cross_entropy(second, RARE[at].long())

    return _train(_Beside(), loss)


def _segments() -> Any:
    """Classes on the last of four axes are no keys."""
    model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 3, 1))
    pictures = torch.rand(ROWS, 1, 8, 8)
    masks = functional.one_hot((pictures[:, 0] * 2.99).long(), 3).float()

    def loss(model: Any, at: Any) -> Any:
        shares = torch.softmax(model(pictures[at]).permute(0, 2, 3, 1), -1)
        both = (shares * masks[at]).sum((0, 1, 2))
        return 1 - (2 * both / (shares.sum((0, 1, 2)) + masks[at].sum((0, 1, 2)))).mean()

    return _train(model, loss, steps=300, optimizer=torch.optim.Adam(model.parameters(), 1e-2))


def _slow_start() -> Any:
    """A loss that starts far above a guess and is on its way down."""
    numbers = 3 + SCORES[:, :2]
    model = _net(FEATURES, 32, 2)
    return _train(
        model,
        lambda model, at: functional.mse_loss(model(INPUTS[at]), numbers[at]),
        optimizer=torch.optim.Adam(model.parameters(), 2e-3),
    )


def _focal(outputs: Any, labels: Any) -> Any:
    each = functional.cross_entropy(outputs, labels, reduction="none")
    return ((1 - torch.exp(-each)) ** 2 * each).mean()


def _goes_on() -> Any:
    """A loss of one's own, with weights that are near their best already."""
    model = _net(FEATURES, 64, 10)
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(500):
        at = torch.randint(0, ROWS, (64,))
        optimizer.zero_grad()
        _focal(model(INPUTS[at]), CLASSES[at]).backward()
        optimizer.step()
    return _train(
        model,
        lambda model, at: _focal(model(INPUTS[at]), CLASSES[at]) + 0.5,
        optimizer=torch.optim.Adam(model.parameters(), 1e-5),
        validates=lambda: _focal(model(INPUTS[:400]), CLASSES[:400]) + 0.5,
    )


def _each_sample() -> Any:
    """Gradients of single samples, by torch.func."""
    model = _net(FEATURES, 32, 10)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    watch = trimtab.torch.watch(model, optimizer, budget=0)

    def of_one(parameters: Any, inputs: Any, label: Any) -> Any:
        outputs = torch.func.functional_call(model, parameters, (inputs[None],))
        return functional.cross_entropy(outputs, label[None])

    own = dict(model.named_parameters())
    for _ in range(60):
        at = torch.randint(0, ROWS, (32,))
        given = {name: one.detach() for name, one in own.items()}
        gradients = torch.func.vmap(torch.func.grad(of_one), (None, 0, 0))(given, INPUTS[at], CLASSES[at])
        for name, one in own.items():
            one.grad = gradients[name].mean(0)
        with torch.no_grad():
            loss = functional.cross_entropy(model(INPUTS[at]), CLASSES[at])
        watch.step(loss)
        optimizer.step()
    return watch


HEALTHY: list[Callable[[], Any]] = [
    _weighted_binary,
    _weighted_classes,
    _soft_pictures,
    _quantiles,
    _patches,
    _advantages,
    _one_batch,
    _converted,
    _averaged,
    _last_batch,
    _follower,
    _zero_maps,
    _segments,
    _slow_start,
    _goes_on,
    _each_sample,
]


@pytest.mark.parametrize("program", HEALTHY, ids=lambda one: one.__name__.strip("_"))
def test_nothing_is_said_of_it(program: Callable[[], Any]) -> None:
    assert _said(program()) == []


def test_only_what_comes_of_products_is_attention() -> None:
    """Classes on the last of four axes are no keys; products of queries and fewer keys are; a number has no axes."""
    from trimtab.torch._attention import _of_softmax

    weight = torch.ones(1, requires_grad=True)
    classes = functional.conv2d(torch.rand(2, 3, 8, 8), torch.rand(4, 3, 1, 1) * weight).permute(0, 2, 3, 1)
    assert _of_softmax((classes, -1), {}) is None
    logits = torch.rand(2, 4, 8, 16) * weight @ torch.rand(2, 4, 16, 5)
    seen = _of_softmax((logits, -1), {})
    assert seen is not None
    assert torch.equal(seen, logits.detach())
    assert _of_softmax((weight.sum(), -1), {}) is None
