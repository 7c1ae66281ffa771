"""What models and loops do beside the plain case: nothing of it breaks, and nothing healthy is found fault with."""

from __future__ import annotations

import copy
import pickle
import threading
import warnings
from typing import Any

import pytest

from trimtab import Action

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")

from test_torch_watch import hooks, images, looks, mlp, train, vectors  # noqa: E402

nn = torch.nn


@pytest.fixture(params=[False, True], ids=["host", "late"], autouse=True)
def route(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", request.param)
    return bool(request.param)


def finite(model: Any) -> bool:
    return all(bool(torch.isfinite(value).all()) for value in model.parameters())


# Loops


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


# Mixed precision


def scaled_run(model: Any, steps: int, *, unscale: bool, tamper: Any = None, **options: Any) -> tuple[Any, list[Any]]:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**16)
    watch = trimtab_torch.watch(model, optimizer, scaler=scaler, guard=True, budget=0, **options)
    batch, seen = vectors(), []
    for step in range(steps):
        inputs, classes = batch()
        loss = nn.functional.cross_entropy(model(inputs), classes)
        scaler.scale(loss).backward()
        norm = float(nn.utils.get_total_norm([p.grad for p in model.parameters()])) / scaler.get_scale()
        if tamper is not None:
            tamper(step, model)
        if unscale:
            scaler.unscale_(optimizer)
        watch.step(loss)
        seen.append((norm, watch.decision))
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
    assert watch.fault is None, watch.fault
    return watch, seen


@pytest.mark.parametrize("unscale", [False, True])
def test_norms_are_free_of_the_loss_scale(unscale: bool, route: bool) -> None:
    watch, seen = scaled_run(mlp(), 30, unscale=unscale)
    assert watch.findings() == []
    for place in range(1, 30):
        norm, decision = seen[place - 1][0] if route else seen[place][0], seen[place][1]
        assert decision.gradient_norm == pytest.approx(norm, rel=1e-5)


@pytest.mark.parametrize("unscale", [False, True])
def test_clipping_under_a_loss_scale(unscale: bool) -> None:
    torch.manual_seed(1)
    one, two = mlp(), mlp()
    two.load_state_dict(one.state_dict())
    torch.manual_seed(2)
    scaled_run(one, 20, unscale=unscale, clipping="fixed", maximum_norm=0.05)
    torch.manual_seed(2)
    optimizer, batch = torch.optim.SGD(two.parameters(), lr=0.02), vectors()
    for _ in range(20):
        inputs, classes = batch()
        nn.functional.cross_entropy(two(inputs), classes).backward()
        nn.utils.clip_grad_norm_(two.parameters(), 0.05)
        optimizer.step()
        optimizer.zero_grad()
    for left, right in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.allclose(left, right, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("unscale", [False, True])
def test_overflow_while_the_scale_falls_is_expected(unscale: bool) -> None:
    def overflow(step: int, model: Any) -> None:
        if step < 5:
            model[0].weight.grad[0, 0] = torch.inf

    watch, _ = scaled_run(mlp(), 30, unscale=unscale, tamper=overflow)
    assert watch.findings() == []


@pytest.mark.parametrize("unscale", [False, True])
def test_overflow_that_never_ends_is_named(unscale: bool) -> None:
    def overflow(step: int, model: Any) -> None:
        model[0].weight.grad[0, 0] = torch.inf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        watch, _ = scaled_run(mlp(), 40, unscale=unscale, tamper=overflow)
    first = watch.findings()[0]
    # When the scale has come down to 1 it explains nothing more.
    assert (first.rule, first.name, first.first_step) == ("nonfinite", "0.weight", 17)
    assert watch.decision.action is Action.STOP


# Models


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


# The noise scale


def accumulate(scaled: str = "", **options: Any) -> tuple[Any, list[Any], list[Any]]:
    """What the monitor was told, and what it should be."""
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    scaler = torch.amp.GradScaler("cpu", init_scale=512.0) if scaled else None
    watch = trimtab_torch.watch(model, optimizer, scaler=scaler, budget=0, **options)
    told: list[Any] = []
    plain = watch.monitor.observe_noise
    watch.monitor.observe_noise = lambda *numbers: (told.append(numbers), plain(*numbers))[1]
    wanted = []
    for _ in range(12):
        total, small = None, []
        for _ in range(4):
            inputs, classes = vectors(count=8)()
            loss = nn.functional.cross_entropy(model(inputs), classes)
            own = torch.cat([one.flatten() for one in torch.autograd.grad(loss, model.parameters(), retain_graph=True)])
            small.append(float(own.square().sum()))
            total = own if total is None else total + own
            (loss / 4 if scaler is None else scaler.scale(loss / 4)).backward()
        wanted.append((sum(small) / 4, float((total / 4).square().sum())))
        if scaled == "unscaled":
            scaler.unscale_(optimizer)
        watch.step(loss)
        optimizer.zero_grad()
        if scaler is not None:
            scaler._per_optimizer_states.clear()
    watch.findings()
    assert watch.fault is None, watch.fault
    return watch, told, wanted


@pytest.mark.parametrize("scaled", ["", "scaled", "unscaled"])
def test_norms_of_micro_batches(scaled: str) -> None:
    watch, told, wanted = accumulate(scaled, noise=8)
    assert len(told) == 12
    for (small, small_square, big, big_square), (one, all_of_them) in zip(told, wanted, strict=True):
        assert (small, big) == (8, 32)
        assert small_square == pytest.approx(one, rel=1e-4)
        assert big_square == pytest.approx(all_of_them, rel=1e-4)
    watch.remove()
    for parameter in watch._model.parameters():
        assert not parameter._backward_hooks
        assert not parameter._post_accumulate_grad_hooks


def test_no_norms_unless_asked_for() -> None:
    _, told, _ = accumulate()
    assert told == []


def test_no_norms_without_accumulation() -> None:
    watch = train(mlp(), vectors(), steps=10, noise=True)
    assert watch.findings() == []


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_leaves_the_hooks_on_parameters_behind(duplicate: Any) -> None:
    model = mlp()
    train(model, vectors(), steps=5, noise=True, guard=True, snapshots=2)
    twin = duplicate(model)
    assert not any(parameter._backward_hooks for parameter in twin.parameters())
    other = train(twin, vectors(), steps=5)
    other.remove()
    assert hooks(twin) == 0


def test_a_watch_that_was_removed_does_nothing() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = trimtab_torch.watch(model, optimizer, guard=True)
    loss = model(torch.ones(2, 4)).square().mean()
    loss.backward()
    watch.remove()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert watch.step(loss) is None
    assert watch.fault is None


@pytest.mark.parametrize("option", ["log", "record"])
def test_a_path_with_a_zero_byte_is_refused(option: str, tmp_path: Any) -> None:
    model = nn.Linear(2, 1)
    with pytest.raises(ValueError, match="zero byte"):
        trimtab_torch.watch(model, **{option: f"{tmp_path}/x\0y"})
    assert not list(tmp_path.iterdir())


def test_a_record_that_has_no_place_is_told_once(tmp_path: Any) -> None:
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = trimtab_torch.watch(model, optimizer, record=tmp_path / "missing" / "record.jsonl")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for step in range(40):
            loss = model(torch.full((2, 2), float("nan") if step == 20 else 1.0)).square().mean()
            optimizer.zero_grad()
            loss.backward()
            watch.step(loss)
    found = [str(one.message) for one in said if "not written" in str(one.message)]
    assert len(found) == 1
    assert "[Errno 2]" in found[0]
    assert "record.jsonl" in found[0]


def test_an_optimizer_that_was_replaced_is_told() -> None:
    model = nn.Linear(2, 1)
    watch = trimtab_torch.watch(model, torch.optim.SGD(model.parameters(), lr=0.1), guard=True)
    other = torch.optim.SGD(model.parameters(), lr=0.1)

    def train() -> None:
        for _ in range(40):
            loss = model(torch.ones(2, 2)).square().mean()
            other.zero_grad()
            loss.backward()
            watch.step(loss)
            other.step()

    with pytest.warns(RuntimeWarning, match="no optimizer under guard has taken a step"):
        train()
