"""PyTorch models under watch: what is seen of them, and what is said."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from watched_models import Functional, images, looks, mlp, names, train, vectors  # noqa: E402

nn = torch.nn


def test_an_mlp_is_seen_whole() -> None:
    model = mlp()
    watch = train(model, vectors())
    assert watch.findings() == []
    assert watch.report() == "healthy: no finding in 40 steps"
    assert [name for name in names(watch) if not name.endswith(".input")] == [n for n, _ in model.named_parameters()]
    for name, _ in model.named_parameters():
        assert looks(watch, name, "gradient") == 40
        assert looks(watch, name, "weight") >= 4
    # ReLU's inputs are pre-activations.
    assert looks(watch, "1.input", "preactivation") == 40
    assert looks(watch, "3.input", "preactivation") == 40


def test_the_norm_is_torchs() -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer)
    for _ in range(25):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        wanted = float(torch.nn.utils.get_total_norm([p.grad for p in model.parameters()]))
        decision = watch.step(loss)
        assert decision is not None
        assert decision.gradient_norm == pytest.approx(wanted, rel=1e-5)
        assert decision.loss == pytest.approx(loss.item())
        optimizer.step()
        optimizer.zero_grad()


def test_watching_changes_nothing() -> None:
    results = []
    for is_watched in (False, True):
        torch.manual_seed(3)
        model, batch = mlp(norm=True), vectors()
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
        watch = trimtab_torch.watch(model, optimizer, guard=True) if is_watched else None
        for _ in range(30):
            inputs, classes = batch()
            loss = nn.functional.cross_entropy(model(inputs), classes)
            loss.backward()
            if watch is not None:
                watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
        results.append([value.clone() for value in model.state_dict().values()])
    assert all(torch.equal(left, right) for left, right in zip(*results, strict=True))


def test_a_bias_before_batch_norm_has_no_gradient_by_construction() -> None:
    watch = train(mlp(norm=True), vectors(), steps=60)
    assert watch.findings() == []


def test_convolutions_have_their_units_on_the_second_axis() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, stride=2), nn.BatchNorm2d(8), nn.ReLU(),
        nn.Flatten(), nn.Linear(72, 2),
    )  # fmt: skip
    with torch.no_grad():
        model[0].bias[:6] = -100.0
    watch = train(model, images, steps=130)
    (finding,) = [one for one in watch.findings() if one.rule == "dead_units"]
    assert finding.name == "1.input"
    assert finding.value == pytest.approx(6 / 8)


def test_functions_and_a_module_called_twice() -> None:
    watch = train(Functional(), vectors())
    assert watch.findings() == []
    # Who gets a function's result knows which function it was; the second call is an entry of its own.
    assert looks(watch, "shared.input", "preactivation") == 40
    assert (
        looks(watch, "shared.input#2" if "shared.input#2" in names(watch) else "shared#2.input", "preactivation") == 40
    )
    assert looks(watch, "last.input", "preactivation") == 40


def test_shared_parameters_are_one() -> None:
    model = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 4))
    model[2].weight = model[0].weight
    watch = train(model, vectors(), steps=60)
    assert "2.weight" not in names(watch)
    assert "0.weight" in names(watch)
    assert watch.findings() == []


def _loaded(layer: Any) -> None:
    """Weights of another law than those that a layer is made with."""
    nn.init.normal_(layer.weight, std=0.15)


def test_frozen_parameters_are_silent() -> None:
    model = mlp()
    _loaded(model[0])
    model[0].requires_grad_(False)
    optimizer = torch.optim.SGD([one for one in model.parameters() if one.requires_grad], lr=0.02)
    assert train(model, vectors(), steps=60, optimizer=optimizer).findings() == []


@pytest.mark.parametrize(("is_held", "verdict"), [(False, "notice"), (True, "warning")])
def test_parameters_that_are_frozen_as_they_were_made(is_held: bool, verdict: str) -> None:
    model = mlp()
    model[0].requires_grad_(False)
    optimizer = torch.optim.SGD([one for one in model.parameters() if one.requires_grad or is_held], lr=0.02)
    first = train(model, vectors(), steps=60, optimizer=optimizer).diagnosis()[0]
    assert (first.verdict, first.rule, first.name, first.cause, first.first_step) == (
        verdict,
        "weight_start",
        "0.weight",
        "frozen_parameter",
        1,
    )


def test_frozen_parameters_that_the_optimizer_holds_are_a_notice() -> None:
    model = mlp()
    _loaded(model[2])
    model[2].requires_grad_(False)
    found = train(model, vectors(), steps=60).findings()
    assert [(one.verdict, one.rule, one.name, one.cause) for one in found] == [
        ("notice", "unchanged_parameter", "2.weight", "frozen_parameter"),
        ("notice", "unchanged_parameter", "2.bias", "frozen_parameter"),
    ]


def test_a_parameter_that_nothing_uses_is_missing() -> None:
    model = mlp()
    model.register_parameter("forgotten", nn.Parameter(torch.randn(3, 3)))
    (finding,) = train(model, vectors(), steps=60).findings()
    assert finding.rule == "missing_gradient"
    assert finding.name == "forgotten"


def test_a_parameter_that_the_optimizer_does_not_have() -> None:
    model = mlp()
    optimizer = torch.optim.SGD([*model[0].parameters(), *model[4].parameters()], lr=0.02)
    found = train(model, vectors(), steps=60, optimizer=optimizer).findings()
    assert {(one.rule, one.name) for one in found} == {
        ("unchanged_parameter", "2.weight"),
        ("unchanged_parameter", "2.bias"),
    }


@pytest.mark.parametrize("sparse", [False, True])
def test_embeddings(sparse: bool) -> None:
    class Bag(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(500, 16, sparse=sparse)
            self.last = nn.Linear(16, 4)

        def forward(self, tokens: Any) -> Any:
            return self.last(self.table(tokens).mean(1))

    def batch() -> Any:
        tokens = torch.randint(0, 500, (16, 5))
        return tokens, tokens[:, 0] % 4

    model = Bag()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = train(model, batch, steps=60, optimizer=optimizer)
    assert watch.findings() == []
    assert looks(watch, "table.weight", "gradient") == 60


def test_accumulation_adds_what_is_seen() -> None:
    watch = train(mlp(), vectors(count=8), accumulate=4)
    assert watch.findings() == []
    assert looks(watch, "1.input", "preactivation") == 40
    assert "1#2.input" not in names(watch)
    assert "1.input#2" not in names(watch)


def test_bfloat16_autocast() -> None:
    assert train(mlp(), vectors(), autocast=True, steps=60).findings() == []


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_parameters_of_other_types(dtype: Any) -> None:
    batch = vectors()

    def cast() -> Any:
        inputs, classes = batch()
        return inputs.to(dtype), classes

    watch = train(mlp().to(dtype), cast, steps=30)
    assert watch.findings() == []
    assert looks(watch, "0.weight", "gradient") == 30


def test_complex_parameters_are_left_out() -> None:
    class Wave(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.phase = nn.Parameter(torch.randn(16, dtype=torch.complex64))
            self.last = nn.Linear(16, 4)

        def forward(self, inputs: Any) -> Any:
            return self.last((inputs * self.phase).real)

    watch = train(Wave(), vectors())
    assert "phase" not in names(watch)
    assert "last.weight" in names(watch)


def test_evaluation_is_not_looked_at() -> None:
    model = mlp()
    watch = train(model, vectors(), steps=10)
    before = looks(watch, "1.input", "preactivation")
    model.eval()
    model(torch.full((64, 16), float("nan")))
    model.train()
    with torch.no_grad():
        model(torch.full((64, 16), float("nan")))
    assert looks(watch, "1.input", "preactivation") == before
    assert watch.findings() == []
