"""What models and loops do beside the plain case: nothing of it breaks, and nothing healthy is found fault with."""

from __future__ import annotations

import threading
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from watched_models import images, looks, mlp, train, vectors  # noqa: E402

nn = torch.nn


@pytest.fixture(params=[False, True], ids=["host", "late"], autouse=True)
def route(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", request.param)
    return bool(request.param)


def finite(model: Any) -> bool:
    return all(bool(torch.isfinite(value).all()) for value in model.parameters())


def test_a_closure_is_obeyed_in_the_step_that_it_belongs_to() -> None:
    model = mlp()
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=5)
    watch = trimtab_torch.watch(model, optimizer, guard=True, budget=0)
    inputs, classes = vectors()()
    calls = 0

    def closure() -> Any:
        nonlocal calls
        calls += 1
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        if calls == 30:
            model[0].weight.grad[1, 2] = torch.nan
        watch.step(loss)
        return loss

    first = float(closure().detach())
    for _ in range(20):
        optimizer.step(closure)
    assert watch.fault is None, watch.fault
    (finding,) = watch.findings()
    assert (finding.name, finding.first_step, finding.index) == ("0.weight", 30, 18)
    assert finite(model)
    assert float(closure().detach()) < first


def test_a_step_without_loss_two_optimizer_steps_and_gradients_that_stay() -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    watch = trimtab_torch.watch(model, optimizer, guard=True, budget=0)
    for _ in range(60):
        inputs, classes = batch()
        nn.functional.cross_entropy(model(inputs), classes).backward()
        watch.step()
        optimizer.step()
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
    assert watch.fault is None, watch.fault
    assert watch.findings() == []
    assert looks(watch, "0.weight", "gradient") == 60


def test_steps_without_any_gradient() -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    for _ in range(5):
        watch.step(1.0)
        optimizer.step()
    assert watch.fault is None, watch.fault
    assert watch.findings() == []


def test_batches_of_many_sizes() -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    watch = trimtab_torch.watch(model, optimizer, budget=0)
    for step in range(40):
        inputs, classes = vectors(count=(32, 7, 1)[step % 3])()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None, watch.fault
    assert watch.findings() == []


def test_forward_without_gradient_in_evaluation() -> None:
    model = mlp()
    watch = train(model, vectors(), steps=10)
    before = looks(watch, "1.input", "preactivation")
    model.eval()
    with torch.no_grad():
        model(torch.full((8, 16), torch.nan))
    with torch.inference_mode():
        model(torch.full((8, 16), torch.nan))
    model.train()
    assert looks(watch, "1.input", "preactivation") == before
    assert watch.findings() == []


def test_a_layer_that_is_unfrozen_on_the_way() -> None:
    model, batch = mlp(), vectors()
    # As if it were loaded: frozen as it was made it would be a finding of its own.
    nn.init.normal_(model[0].weight, std=0.15)
    model[0].requires_grad_(False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer, budget=0)
    for step in range(90):
        model[0].requires_grad_(step >= 30)
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None, watch.fault
    # While it was frozen, the optimizer held it all the same.
    assert all(one.verdict == "notice" and not one.is_standing for one in watch.findings())
    assert looks(watch, "0.weight", "gradient") == 60


class Attention(nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(16, 32)
        self.block = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
        self.last = nn.Linear(32, 4)

    def forward(self, inputs: Any) -> Any:
        return self.last(self.block(self.embed(inputs).unsqueeze(1).expand(-1, 5, -1)).mean(1))


class Direct(nn.Module):  # type: ignore[misc]
    """Attention as a function."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(16, 32) for _ in range(3))
        self.last = nn.Linear(32, 4)

    def forward(self, inputs: Any) -> Any:
        parts = [one(inputs).view(4, 8, 4, 8).transpose(1, 2) for one in (self.query, self.key, self.value)]
        return self.last(nn.functional.scaled_dot_product_attention(*parts).transpose(1, 2).reshape(32, 32))


class Sequences(nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 8, 3, padding=1)
        self.norm = nn.GroupNorm(2, 8)
        self.recurrent = nn.LSTM(8, 16, batch_first=True)
        self.wide = nn.ConvTranspose1d(16, 4, 3)
        self.last = nn.Linear(4, 4)

    def forward(self, inputs: Any) -> Any:
        hidden = torch.relu(self.norm(self.conv(inputs.unsqueeze(1))))
        hidden, _ = self.recurrent(hidden.transpose(1, 2))
        return self.last(self.wide(hidden.transpose(1, 2)).mean(2))


@pytest.mark.parametrize("kind", [Attention, Direct, Sequences])
def test_healthy_models_of_other_layers(kind: Any) -> None:
    model = kind()
    watch = train(model, vectors(), steps=80, optimizer=torch.optim.Adam(model.parameters(), lr=1e-3), guard=True)
    assert watch.findings() == []
    for name, _ in model.named_parameters():
        assert looks(watch, name, "gradient") == 80
    assert looks(watch, "last.input", "output") >= 20


def test_parametrised_weights() -> None:
    model = mlp()
    nn.utils.parametrizations.spectral_norm(model[0])
    nn.utils.parametrizations.weight_norm(model[2])
    watch = train(model, vectors(), steps=60)
    assert watch.findings() == []
    assert looks(watch, "0.parametrizations.weight.original", "gradient") == 60


def test_channels_last() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(128, 2))
    model = model.to(memory_format=torch.channels_last)

    def batch() -> Any:
        inputs, classes = images()
        return inputs.to(memory_format=torch.channels_last), classes

    watch = train(model, batch, steps=40)
    assert watch.findings() == []
    assert looks(watch, "1.input", "preactivation") >= 20


@pytest.mark.parametrize("reentrant", [False, True])
def test_what_checkpointing_computes_again_is_not_looked_at_again(reentrant: bool) -> None:
    from torch.utils.checkpoint import checkpoint

    class Cheap(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.body = mlp()

        def forward(self, inputs: Any) -> Any:
            return checkpoint(self.body, inputs.requires_grad_(), use_reentrant=reentrant)

    watch = train(Cheap(), vectors(), steps=40)
    assert watch.findings() == []
    assert not any("#" in name for name in watch.monitor.names)
    assert looks(watch, "body.0.weight", "gradient") == 40


def test_replicas_and_threads() -> None:
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    watch = trimtab_torch.watch(model, optimizer, budget=0)
    batch = vectors()
    for _ in range(30):
        inputs, classes = batch()
        outputs: list[Any] = [None, None]

        def part(place: int, inputs: Any = inputs, outputs: list[Any] = outputs) -> None:
            outputs[place] = model(inputs[16 * place : 16 * place + 16])

        workers = [threading.Thread(target=part, args=(place,)) for place in (0, 1)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        # As DataParallel makes them: modules without parameters of their own, with the hooks of the original.
        assert model._replicate_for_data_parallel() is not model
        loss = nn.functional.cross_entropy(torch.cat(outputs), classes)
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None, watch.fault
    assert watch.findings() == []


def test_a_compiled_model_says_what_was_not_seen() -> None:
    model, batch = mlp(), vectors()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    compiled = torch.compile(model, backend="aot_eager", fullgraph=True)
    watch = trimtab_torch.watch(compiled, optimizer, guard=True, budget=0)
    for step in range(12):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(compiled(inputs), classes)
        loss.backward()
        if step == 8:
            model[2].weight.grad[0, 0] = torch.nan
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch.fault is None, watch.fault
    (finding,) = watch.findings()
    assert (finding.name, finding.first_step) == ("_orig_mod.2.weight", 9)
    assert "not seen: activations" in watch.report()
    assert finite(model)
    coverage = watch.coverage()
    assert set(coverage["_orig_mod.0.weight"]) == {"gradient", "weight"}
    assert coverage["_orig_mod.0.weight"]["gradient"].look_count == 12


def test_sharded_parameters_are_refused_and_training_goes_on() -> None:
    if not torch.distributed.is_available():
        pytest.skip("torch has no torch.distributed")
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.tensor import distribute_module

    store = torch.distributed.HashStore()
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        model = distribute_module(nn.Linear(4, 2), init_device_mesh("cpu", (1,)))
        watch = trimtab_torch.watch(model)
        with pytest.warns(RuntimeWarning, match="found weight in shards over ranks"):
            assert watch.step(1.0) is None
    finally:
        torch.distributed.destroy_process_group()
