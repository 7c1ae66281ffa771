"""Every layer and loss of the trainer against PyTorch: the same weights and batches, 100 steps in float64."""

from __future__ import annotations

import warnings
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

ACTIVATIONS: dict[str, tuple[dict[str, Any], Callable[[], Any]]] = {
    "none": ({}, torch.nn.Identity),
    "relu": ({"activation": "relu"}, torch.nn.ReLU),
    "leaky_relu": ({"activation": "leaky_relu"}, torch.nn.LeakyReLU),
    "leaky_relu_0.3": ({"activation": "leaky_relu", "slope": 0.3}, lambda: torch.nn.LeakyReLU(0.3)),
    "elu": ({"activation": "elu"}, torch.nn.ELU),
    "elu_0.5": ({"activation": "elu", "slope": 0.5}, lambda: torch.nn.ELU(0.5)),
    "silu": ({"activation": "silu"}, torch.nn.SiLU),
    "gelu": ({"activation": "gelu"}, torch.nn.GELU),
    "tanh": ({"activation": "tanh"}, torch.nn.Tanh),
    "sigmoid": ({"activation": "sigmoid"}, torch.nn.Sigmoid),
    "identity": ({"activation": "identity"}, torch.nn.Identity),
    "selu": ({"activation": "selu"}, torch.nn.SELU),
    "softplus": ({"activation": "softplus"}, torch.nn.Softplus),
}


def batches(shape: tuple[int, ...], outputs: tuple[int, ...], batch: int = 12, count: int = 4) -> list[Any]:
    rng = generator(hash(shape) % 1000)
    return [(rng.normal(size=(batch, *shape)), rng.normal(size=(batch, *outputs))) for _ in range(count)]


def trainer(net: list[layers.Layer], shape: tuple[int, ...], **options: Any) -> trimtab.Trainer:
    options.setdefault("learning_rate", 0.05)
    return trimtab.Trainer(net, shape, precision="float64", **options)


def sequential(*modules: Any) -> Any:
    return torch.nn.Sequential(*modules).double()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_dense_net_with_each_activation(name: str) -> None:
    options, module = ACTIVATIONS[name]
    own = trainer([layers.Dense(9, **options), layers.Dense(7, **options), layers.Dense(3)], (5,))
    theirs = sequential(torch.nn.Linear(5, 9), module(), torch.nn.Linear(9, 7), module(), torch.nn.Linear(7, 3))
    twins.run(own, theirs, batches((5,), (3,)))


@pytest.mark.parametrize("loss", twins.LOSSES)
def test_each_loss(loss: str) -> None:
    rng = generator(1)
    own = trainer([layers.Dense(8, activation="tanh"), layers.Dense(4)], (6,), loss=loss)
    theirs = sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 4))
    data = []
    for inputs, targets in batches((6,), (4,)):
        if loss == "cross_entropy":
            targets = rng.integers(0, 4, size=12)
        elif loss == "binary_cross_entropy":
            targets = rng.random(size=(12, 4))
        data.append((inputs, targets))
    twins.run(own, theirs, data, loss=loss)
    if loss == "cross_entropy":
        found = own.evaluate(*data[0])
        right = (theirs(torch.from_numpy(data[0][0])).argmax(-1).numpy() == data[0][1]).mean()
        assert (found.accuracy, found.count) == (right, 12)
    else:
        assert np.isnan(own.evaluate(*data[0]).accuracy)


def test_dense_over_the_last_axis_of_sequences_without_bias_and_with_a_residual() -> None:
    own = trainer(
        [layers.Dense(4, bias=False, residual=True, activation="tanh"), layers.TimeMean(), layers.Dense(2)], (5, 4)
    )
    first = torch.nn.Linear(4, 4, bias=False)

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = first, torch.nn.Linear(4, 2)

        def forward(self, x: Any) -> Any:
            return self.last((x + torch.tanh(self.first(x))).mean(1))

    twins.run(own, Net().double(), batches((5, 4), (2,)))


CONVOLUTIONS = {
    "plain": ({"kernel": 3}, None),
    "padded": ({"kernel": 3, "padding": 1}, None),
    "strided": ({"kernel": 3, "stride": 2, "padding": 1}, None),
    "one": ({"kernel": 1}, None),
    "even": ({"kernel": 2, "stride": 2}, None),
    "maximum": ({"kernel": 3, "padding": 1}, (layers.MaximumPooling, torch.nn.MaxPool2d, {"kernel": 2})),
    "maximum_overlapping": (
        {"kernel": 3, "padding": 1},
        (layers.MaximumPooling, torch.nn.MaxPool2d, {"kernel": 3, "stride": 2, "padding": 1}),
    ),
    "mean": ({"kernel": 3, "padding": 1}, (layers.MeanPooling, torch.nn.AvgPool2d, {"kernel": 2})),
    "mean_overlapping": (
        {"kernel": 3, "padding": 1},
        (layers.MeanPooling, torch.nn.AvgPool2d, {"kernel": 3, "stride": 2, "padding": 1}),
    ),
}


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolutional_net(name: str) -> None:
    window, pooling = CONVOLUTIONS[name]
    net: list[layers.Layer] = [layers.Convolution(3, activation="tanh", **window)]
    kernel = {"kernel_size" if key == "kernel" else key: value for key, value in window.items()}
    modules = [twins.images_first(), torch.nn.Conv2d(2, 3, **kernel), torch.nn.Tanh()]
    if pooling is not None:
        own_pool, their_pool, options = pooling
        net.append(own_pool(**options))
        modules.append(their_pool(**{"kernel_size" if key == "kernel" else key: options[key] for key in options}))
    net += [layers.Convolution(4, 2, activation="relu"), layers.Flatten(), layers.Dense(3)]
    modules += [torch.nn.Conv2d(3, 4, 2), torch.nn.ReLU(), twins.images_last(), torch.nn.Flatten()]
    size = torch.nn.Sequential(*modules)(torch.zeros(1, 7, 6, 2)).shape[1]
    theirs = sequential(*modules, torch.nn.Linear(size, 3))
    twins.run(trainer(net, (7, 6, 2)), theirs, batches((7, 6, 2), (3,), batch=5))


def test_upsampling() -> None:
    own = trainer([layers.Convolution(2, 3, padding=1, activation="tanh"), layers.Upsampling(2)], (4, 3, 2))
    theirs = sequential(
        twins.images_first(),
        torch.nn.Conv2d(2, 2, 3, padding=1),
        torch.nn.Tanh(),
        torch.nn.Upsample(scale_factor=2, mode="nearest"),
        twins.images_last(),
    )
    twins.run(own, theirs, batches((4, 3, 2), (8, 6, 2), batch=4))


def test_graph_convolutional_net() -> None:
    rng = generator(2)
    nodes = 15
    edges = rng.integers(0, nodes, size=(60, 2))
    values = rng.random(60)
    rows, columns = np.concatenate([edges, edges[:5]]).T  # Places named twice add up.
    values = np.concatenate([values, values[:5]]) / 4
    matrix = np.zeros((nodes, nodes))
    np.add.at(matrix, (rows, columns), values)
    dense = torch.from_numpy(matrix)

    class Graph(torch.nn.Module):
        def __init__(self, inputs: int, outputs: int) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.randn(outputs, inputs) / inputs**0.5)
            self.bias = torch.nn.Parameter(torch.zeros(outputs))

        def forward(self, x: Any) -> Any:
            return dense @ (x @ self.weight.T) + self.bias

    own = trainer(
        [layers.GraphConvolution(8, activation="relu"), layers.GraphConvolution(3)], (4,), loss="cross_entropy"
    )
    own.set_graph(nodes, rows, columns, values)
    theirs = sequential(Graph(4, 8), torch.nn.ReLU(), Graph(8, 3))
    data = [(rng.normal(size=(nodes, 4)), rng.integers(0, 3, size=nodes)) for _ in range(2)]
    twins.run(own, theirs, data, loss="cross_entropy")


class Recurrent(torch.nn.Module):
    """A GRU's states, or its last one."""

    def __init__(self, inputs: int, units: int, *, sequence: bool) -> None:
        super().__init__()
        self.gru = torch.nn.GRU(inputs, units, batch_first=True)
        self.sequence = sequence

    def forward(self, x: Any) -> Any:
        states = self.gru(x)[0]
        return states if self.sequence else states[:, -1]


@pytest.mark.parametrize("sequence", [False, True])
def test_gated_recurrent_unit(sequence: bool) -> None:
    own = trainer([layers.GRU(6, sequence=sequence), layers.Dense(2)], (5, 3))
    theirs = sequential(Recurrent(3, 6, sequence=sequence), torch.nn.Linear(6, 2))
    twins.run(own, theirs, batches((5, 3), (5, 2) if sequence else (2,), batch=6))


class SelfAttention(torch.nn.Module):
    """What layers.Attention is, with PyTorch's own attention in the middle."""

    def __init__(self, features: int, units: int, heads: int, *, causal: bool, normalised: bool) -> None:
        super().__init__()
        self.heads, self.causal, self.normalised = heads, causal, normalised
        self.query = torch.nn.Linear(features, units)
        self.key = torch.nn.Linear(features, units)
        self.value = torch.nn.Linear(features, units)
        if normalised:
            self.query_norm = torch.nn.LayerNorm(units // heads, bias=False)
            self.key_norm = torch.nn.LayerNorm(units // heads, bias=False)
        self.output = torch.nn.Linear(units, features)

    def forward(self, x: Any) -> Any:
        def split(y: Any) -> Any:
            return y.reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)

        query, key, value = split(self.query(x)), split(self.key(x)), split(self.value(x))
        if self.normalised:
            query, key = self.query_norm(query), self.key_norm(key)
        mixed = torch.nn.functional.scaled_dot_product_attention(query, key, value, is_causal=self.causal)
        return self.output(mixed.transpose(1, 2).reshape(*x.shape[:2], -1))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("normalised", [False, True])
@pytest.mark.parametrize(("heads", "units"), [(1, 0), (2, 0), (4, 12)])
def test_attention(heads: int, units: int, causal: bool, normalised: bool) -> None:
    own = trainer(
        [
            layers.Attention(heads, units, causal=causal, normalised_queries=normalised, residual=True),
            layers.TimeMean(),
            layers.Dense(2),
        ],
        (5, 6),
    )
    attention = SelfAttention(6, units or 6, heads, causal=causal, normalised=normalised)

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention, self.last = attention, torch.nn.Linear(6, 2)

        def forward(self, x: Any) -> Any:
            return self.last((x + self.attention(x)).mean(1))

    twins.run(own, Net().double(), batches((5, 6), (2,), batch=6))


def test_embedding() -> None:
    rng = generator(3)
    own = trainer(
        [layers.Embedding(11, 4), layers.TimeMean(), layers.Dense(3)], (6,), loss="cross_entropy", learning_rate=0.5
    )
    theirs = sequential(torch.nn.Embedding(11, 4), twins.Apply(lambda x: x.mean(1)), torch.nn.Linear(4, 3))
    data = [(rng.integers(0, 11, size=(8, 6)), rng.integers(0, 3, size=8)) for _ in range(3)]
    twins.run(own, theirs, data, loss="cross_entropy", learning_rate=0.5)


def test_embedding_to_labels_at_every_time() -> None:
    rng = generator(4)
    own = trainer([layers.Embedding(9, 5), layers.GRU(6, sequence=True), layers.Dense(9)], (7,), loss="cross_entropy")
    theirs = sequential(torch.nn.Embedding(9, 5), Recurrent(5, 6, sequence=True), torch.nn.Linear(6, 9))
    data = [(words, np.roll(words, -1, axis=1)) for words in rng.integers(0, 9, size=(3, 4, 7))]
    twins.run(own, theirs, data, loss="cross_entropy")


IMAGE, ROW = (5, 4, 6), (6,)


def _norm2d(module: Any) -> Any:
    return torch.nn.Sequential(twins.images_first(), module, twins.images_last())


class GraphNorm(torch.nn.Module):
    """As Cai 2021 has it, for one graph whose nodes are the batch."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.mean_scale = torch.nn.Parameter(torch.ones(features))
        self.weight = torch.nn.Parameter(torch.ones(features))
        self.bias = torch.nn.Parameter(torch.zeros(features))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        left = x - self.mean_scale * x.mean(0)
        return self.weight * left / ((left**2).mean(0) + 1e-5).sqrt() + self.bias


NORMALISATIONS: dict[str, tuple[tuple[int, ...], layers.Normalisation, Callable[[], Any]]] = {
    "batch": (ROW, layers.Normalisation("batch"), lambda: torch.nn.BatchNorm1d(6)),
    "batch_rate": (
        ROW,
        layers.Normalisation("batch", rate=0.3, epsilon=1e-3),
        lambda: torch.nn.BatchNorm1d(6, eps=1e-3, momentum=0.3),
    ),
    "batch_images": (IMAGE, layers.Normalisation("batch"), lambda: _norm2d(torch.nn.BatchNorm2d(6))),
    "layer": (ROW, layers.Normalisation("layer"), lambda: torch.nn.LayerNorm(6)),
    "layer_images": (IMAGE, layers.Normalisation("layer"), lambda: torch.nn.LayerNorm(6)),
    "instance": (
        IMAGE,
        layers.Normalisation("instance"),
        lambda: _norm2d(torch.nn.InstanceNorm2d(6, affine=True)),
    ),
    "group": (IMAGE, layers.Normalisation("group", groups=3), lambda: _norm2d(torch.nn.GroupNorm(3, 6))),
    "group_rows": (ROW, layers.Normalisation("group", groups=2), lambda: torch.nn.GroupNorm(2, 6)),
    "node": (
        ROW,
        layers.Normalisation("node"),
        lambda: twins.Apply(lambda x: x / (x.var(-1, unbiased=False, keepdim=True) + 1e-5).sqrt()),
    ),
    "node_root": (
        ROW,
        layers.Normalisation("node", rate=2),
        lambda: twins.Apply(lambda x: x / (x.var(-1, unbiased=False, keepdim=True) + 1e-5) ** 0.25),
    ),
    "pair": (
        ROW,
        layers.Normalisation("pair"),
        lambda: twins.Apply(lambda x: (x - x.mean(0)) / ((((x - x.mean(0)) ** 2).sum() / x.shape[0]) + 1e-5).sqrt()),
    ),
    "feature": (
        ROW,
        layers.Normalisation("feature"),
        lambda: twins.Apply(lambda x: x / ((x**2).sum(-1, keepdim=True) + 1e-5).sqrt()),
    ),
    "pair_si": (
        ROW,
        layers.Normalisation("pair_si"),
        lambda: twins.Apply(lambda x: (x - x.mean(0)) / (((x - x.mean(0)) ** 2).sum(-1, keepdim=True) + 1e-5).sqrt()),
    ),
    "graph": (ROW, layers.Normalisation("graph"), lambda: GraphNorm(6)),
}


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_each_normalisation(name: str) -> None:
    shape, own_layer, module = NORMALISATIONS[name]
    own = trainer([layers.Dense(6), own_layer, layers.Activation("tanh"), layers.Flatten(), layers.Dense(2)], shape)
    size = int(np.prod(shape))
    theirs = sequential(torch.nn.Linear(6, 6), module(), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(size, 2))
    running = [key for key, _ in theirs.named_buffers() if "running" in key]
    assert len(own.buffers()) == len(running)
    twins.run(own, theirs, batches(shape, (2,), batch=8), buffers=running)


def test_spectral_normalisation() -> None:
    # This form of PyTorch's turns v before u, as Trimtab does; the newer one turns u first.
    old = torch.nn.utils.spectral_norm
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        theirs = sequential(old(torch.nn.Linear(5, 7)), torch.nn.Tanh(), old(torch.nn.Linear(7, 2)))
    own = trainer([layers.Dense(7, spectral=True, activation="tanh"), layers.Dense(2, spectral=True)], (5,))
    names = [f"{place}.weight_{vector}" for place in (0, 2) for vector in "vu"]
    state = dict(theirs.named_buffers())
    for view, name in zip(own.buffers().values(), names, strict=True):
        view[...] = state[name].numpy()
    parameters = [theirs[0].weight_orig, theirs[0].bias, theirs[2].weight_orig, theirs[2].bias]
    twins.run(own, theirs, batches((5,), (2,)), parameters=parameters, buffers=names)


def test_dropout_statistics() -> None:
    width, rate = 4000, 0.3
    own = trainer([layers.Dropout(rate), layers.Dense(1, bias=False)], (width,), learning_rate=0.0, seed=5)
    own.parameters()["layer1.weight"][...] = 1.0
    x = np.ones((1, width))
    shares, sums = [], []
    for _ in range(20):
        own.step(x, np.zeros((1, 1)))
        # The weight's gradient of (w x)^2 is 2 (w x) x: 0 where x was left out.
        gradient = own.gradients()["layer1.weight"]
        shares.append(float((gradient == 0).mean()))
        sums.append(float(own.activations()["layer1.output"][0, 0]))
        kept = gradient[gradient != 0]
        np.testing.assert_allclose(kept, kept[0], rtol=1e-12)
    error = np.sqrt(rate * (1 - rate) / width / 20)
    assert abs(np.mean(shares) - rate) < 5 * error
    np.testing.assert_allclose(sums, width * (1 - np.array(shares)) / (1 - rate), rtol=1e-12)
    assert len(set(sums)) > 10  # Each step has a mask of its own.
    assert own.predict(x)[0, 0] == width
