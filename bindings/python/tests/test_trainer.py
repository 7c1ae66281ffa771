"""The trainer's contract in Python: views, states, determinism, monitors, losses as functions, and bad input."""

from __future__ import annotations

import copy
import gc
import math
import re
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from randomness import generator

import trimtab
from trimtab import layers, tape, trainer

if TYPE_CHECKING:
    from collections.abc import Callable

Trainer = trimtab.Trainer
Dense = layers.Dense
INPUTS = np.random.default_rng(1).normal(size=(8, 3))
TARGETS = np.random.default_rng(2).normal(size=(8, 2))


def make(**options: Any) -> trimtab.Trainer:
    return Trainer([Dense(5, activation="tanh"), layers.Dropout(0.2), Dense(2)], (3,), **options)


def run(own: trimtab.Trainer, steps: int = 5, start: int = 0) -> list[trimtab.TrainerStep]:
    """Steps on batches that depend on their number."""
    found = []
    for step in range(start, start + steps):
        rng = np.random.default_rng(step)
        found.append(own.step(rng.normal(size=(8, 3)), rng.normal(size=(8, 2))))
    return found


# Words and constants


def test_words_are_the_header_s_constants() -> None:
    from test_contract import CONSTANTS

    def declared(prefix: str) -> dict[str, int]:
        return {name[len(prefix) :].lower(): code for name, code in CONSTANTS.items() if name.startswith(prefix)}

    def numbered(words: tuple[str, ...]) -> dict[str, int]:
        return {word: code for code, word in enumerate(words)}

    assert numbered(layers.INITIALISERS) == declared("TRIMTAB_INITIALISER_")
    assert numbered(layers.NORMALISATIONS) == declared("TRIMTAB_NORMALISATION_")
    own = declared("TRIMTAB_LAYER_ACTIVATION_")
    assert own.pop("none") == -1
    assert {word: code for word, code in numbered(layers.ACTIVATIONS).items() if code > 7} == own
    assert numbered((*trainer.LOSSES, "custom")) == declared("TRIMTAB_LOSS_")
    assert numbered(trainer.OPTIMIZERS) == declared("TRIMTAB_OPTIMIZER_")
    assert numbered(trainer.SCHEDULES) == declared("TRIMTAB_SCHEDULE_")
    assert numbered(trainer.PRECISIONS) == declared("TRIMTAB_PRECISION_")
    assert numbered(("parameter", "buffer", "gradient", "activation", "average")) == declared("TRIMTAB_TRAINER_")
    assert declared("TRIMTAB_OPERATION_") == tape.OPERATIONS
    kinds = declared("TRIMTAB_LAYER_")
    for name, code in kinds.items():
        if name in ("dense", "gru", "embedding", "attention", "activation", "flatten", "dropout"):
            cls = getattr(layers, "GRU" if name == "gru" else name.capitalize())
            assert cls._kind == code
    assert layers.MaximumPooling._kind == kinds["maximum_pooling"]
    assert layers.MeanPooling._kind == kinds["mean_pooling"]
    assert layers.GraphConvolution._kind == kinds["graph_convolution"]
    assert layers.TimeMean._kind == kinds["time_mean"]
    assert layers.Upsampling._kind == kinds["upsampling"]
    assert layers.Normalisation._kind == kinds["normalisation"]
    assert layers.Convolution._kind == kinds["convolution"]
    assert kinds["no_bias"] == layers._NO_BIAS
    assert {
        "spectral": kinds["spectral"],
        "causal": kinds["causal"],
        "normalised_queries": kinds["normalised_queries"],
        "sequence": kinds["sequence"],
        "residual": kinds["residual"],
        "scheduled_leak": kinds["scheduled_leak"],
    } == layers._FLAGS


# Views


def test_views_are_the_trainer_s_memory() -> None:
    own = make()
    weights = own.parameters()
    assert list(weights) == ["layer0.weight", "layer0.bias", "layer2.weight", "layer2.bias"]
    assert [weight.shape for weight in weights.values()] == [(5, 3), (5,), (2, 5), (2,)]
    before = weights["layer0.weight"].copy()
    own.step(INPUTS, TARGETS)
    assert not np.array_equal(weights["layer0.weight"], before)
    assert own.parameter_count == 5 * 3 + 5 + 2 * 5 + 2
    weights["layer2.weight"][...] = 0
    weights["layer2.bias"][...] = [1, 2]
    np.testing.assert_array_equal(own.predict(INPUTS), np.tile([1.0, 2.0], (8, 1)))
    assert own.output_shape == (2,)
    assert own.gradients().keys() == weights.keys()
    assert list(own.activations()) == ["layer0.output", "layer2.output"]
    assert own.activations()["layer0.output"].shape == (8, 5)
    for view in (*own.gradients().values(), *own.activations().values()):
        assert not view.flags.writeable
    assert own.buffers() == {}
    assert own.averages() == {}


def test_nothing_is_shown_before_the_first_step() -> None:
    own = make()
    assert own.gradients() == {}
    assert own.activations() == {}


def test_views_keep_the_memory_alive() -> None:
    weights = make(seed=3).parameters()
    again = make(seed=3)
    gc.collect()
    for name, weight in again.parameters().items():
        np.testing.assert_array_equal(weights[name], weight)
    own = make()
    own.step(INPUTS, TARGETS)
    gradient = own.gradients()["layer0.weight"]
    kept = gradient.copy()
    own.close()
    del own
    gc.collect()
    np.testing.assert_array_equal(gradient, kept)


def test_memory_that_a_view_shows_is_not_freed() -> None:
    own = make()
    own.step(INPUTS, TARGETS)
    view = own.gradients()["layer0.bias"][1:]
    own.step(INPUTS[:4], TARGETS[:4])
    before = own.save()
    with pytest.raises(trimtab.TrimtabValueError, match="a batch of 3, another size, while views"):
        own.step(INPUTS[:3], TARGETS[:3])
    with pytest.raises(trimtab.TrimtabValueError, match="a batch of 3, another size, while views"):
        own.derivatives(INPUTS[:3], TARGETS[:3])
    assert own.save() == before
    own.derivatives(INPUTS[:3], TARGETS[:3], np.ones(own.parameter_count))
    own.step(INPUTS, TARGETS)
    del view
    own.step(INPUTS[:3], TARGETS[:3])


def test_views_and_failed_calls() -> None:
    own = make()
    own.step(INPUTS, TARGETS)
    for size in (4, 5, 6):
        with pytest.raises(ValueError, match="targets"):
            own.step(INPUTS[:size], TARGETS)
    own.step(INPUTS, TARGETS)
    view = own.gradients()["layer0.bias"]
    with pytest.raises(trimtab.TrimtabValueError, match="while views"):
        own.step(INPUTS[:2], TARGETS[:2])
    del view
    own.step(INPUTS[:2], TARGETS[:2])


def test_split_shows_vectors_by_name() -> None:
    own = Trainer([layers.Convolution(3, 2), layers.Flatten(), Dense(2)], (3, 3, 2), precision="float64")
    inputs, targets = generator(1).normal(size=(4, 3, 3, 2)), np.zeros((4, 2))
    own.step(inputs, targets)
    gradient = own.derivatives(inputs, targets)
    own.step(inputs, targets)
    for name, shown in own.split(gradient.gradient).items():
        np.testing.assert_array_equal(shown, own.gradients()[name])
    vector = np.zeros(own.parameter_count)
    own.split(vector)["layer0.weight"][1, 0, 0, 1] = 7
    assert vector.sum() == 7
    with pytest.raises(trimtab.TrimtabValueError, match="vector: found shape"):
        own.split(vector[1:])


def test_each_weight_has_spectral_vectors_of_its_own_name() -> None:
    own = Trainer([layers.GRU(2, spectral=True, sequence=True), layers.Attention(spectral=True)], (3, 2))
    weights = [*("layer0.weight_" + place for place in ("ih", "hh"))]
    weights += [f"layer1.{place}.weight" for place in ("query", "key", "value", "output")]
    assert set(own.buffers()) == {f"{name}.spectral_{side}" for name in weights for side in "uv"}


def test_targets_that_never_vary_are_told() -> None:
    def train(targets: Any, count: int, **options: Any) -> list[bool]:
        own = Trainer([Dense(2)], (3,), **options)
        return [own.step(np.ones((5, 3)) * step, targets).has_constant_targets for step in range(count)]

    constant = np.tile([0.5, -1.0], (5, 1))
    with pytest.warns(RuntimeWarning, match="targets: found the same one in all samples so far"):
        assert train(constant, 5) == [False, False, False, True, True]
    with pytest.warns(RuntimeWarning, match="targets"):
        assert train([1] * 5, 4, loss="cross_entropy")[-1]
    assert not any(train(constant + np.arange(5)[:, None], 6))
    assert not any(train([1, 1, 1, 1, 0], 6, loss="cross_entropy"))
    assert not any(train(constant, 6, loss=lambda tape, prediction, target: (prediction * prediction).mean()))
    # Where a warning is an error the step is taken, and returned, all the same.
    assert train(constant, 4)[-1]


# States and determinism

OPTIMIZERS = [
    *({"optimizer": name} for name in trainer.OPTIMIZERS),
    {"optimizer": "adam", "weight_decay": 0.1, "average_decay": 0.9, "schedule": "cosine", "total_steps": 50},
    {"optimizer": "sgd", "clipping": "adaptive", "maximum_norm": 0.5, "warm_up_steps": 4},
    {"optimizer": "sgd", "clipping": "per_tensor", "maximum_norm": 0.5},
    {"optimizer": "nesterov", "precision": "float64", "clipping": "fixed", "maximum_norm": 0.1},
]


@pytest.mark.parametrize("options", OPTIMIZERS, ids=lambda options: "-".join(map(str, options.values())))
def test_a_saved_trainer_goes_on_bit_for_bit(options: dict[str, Any]) -> None:
    own = make(seed=4, **options)
    run(own, 7)
    state = own.save()
    twin = make(seed=4, **options)
    run(twin, 3)  # What it did before does not matter.
    twin.load(state)
    assert twin.save() == state
    assert run(twin, 9, start=7) == run(own, 9, start=7)
    assert twin.save() == own.save()
    for name, average in own.averages().items():
        np.testing.assert_array_equal(average, twin.averages()[name])


def test_running_numbers_and_spectral_vectors_are_saved() -> None:
    def net() -> trimtab.Trainer:
        return Trainer(
            [Dense(4, spectral=True), layers.Normalisation("batch"), layers.Activation("relu"), Dense(2)], (3,)
        )

    own, twin = net(), net()
    run(own)
    twin.load(own.save())
    assert run(twin, 4, start=5) == run(own, 4, start=5)
    assert twin.evaluate(INPUTS, TARGETS) == own.evaluate(INPUTS, TARGETS)
    assert twin.save() == own.save()


@pytest.mark.parametrize("options", OPTIMIZERS, ids=lambda options: "-".join(map(str, options.values())))
def test_the_same_seed_gives_the_same_bytes(options: dict[str, Any]) -> None:
    first, second, other = make(seed=5, **options), make(seed=5, **options), make(seed=6, **options)
    assert run(first, 20) == run(second, 20) != run(other, 20)
    assert first.save() == second.save() != other.save()
    assert first.predict(INPUTS).tobytes() == second.predict(INPUTS).tobytes()


def test_trainers_on_other_threads_give_the_same_bytes() -> None:
    states = []

    def work() -> None:
        own = make(seed=5, optimizer="adam")
        run(own, 20)
        states.append(own.save())

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(states) == 3
    assert len(set(states)) == 1


# Monitors


def test_a_nan_in_a_weight_is_not_trained_on() -> None:
    monitor = trimtab.Monitor()
    own = make(seed=7)
    own.attach(monitor)
    assert monitor.names == (*own.parameters(), "layer0.output", "layer2.output")
    healthy = run(own, 3)
    assert all(step.is_taken and step.action is trimtab.Action.PROCEED for step in healthy)
    good = own.save()
    own.parameters()["layer0.weight"][1, 2] = math.nan
    poisoned = own.parameters()["layer2.weight"].copy()
    found = own.step(INPUTS, TARGETS)
    assert not found.is_taken
    assert found.action is trimtab.Action.STOP  # A lost weight does not come back by itself.
    assert math.isnan(found.loss)
    np.testing.assert_array_equal(own.parameters()["layer2.weight"], poisoned)
    finding = monitor.findings()[0]
    assert (finding.rule, finding.name, finding.first_step) == ("nonfinite", "layer0.weight", 4)
    own.load(good)
    assert own.step(INPUTS, TARGETS).is_taken
    own.attach(None)
    own.parameters()["layer0.weight"][1, 2] = math.nan
    assert own.step(INPUTS, TARGETS).is_taken


def test_a_step_that_a_monitor_cannot_take_leaves_the_trainer_as_it_was() -> None:
    def net() -> trimtab.Trainer:
        return Trainer([Dense(4, spectral=True, activation="relu"), layers.Dropout(0.3), Dense(2)], (3,), seed=8)

    own, twin = net(), net()
    monitor, other = trimtab.Monitor(), trimtab.Monitor()
    own.attach(monitor)
    twin.attach(other)
    assert run(own, 3) == run(twin, 3)
    monitor.begin_step(9)
    for _ in range(2):
        with pytest.raises(trimtab.TrimtabValueError, match="step"):
            own.step(INPUTS, TARGETS)
    with pytest.raises(trimtab.TrimtabValueError, match="monitor: found an open step"):
        own.load(twin.save())
    monitor.end_step()
    monitor.restored(3)
    other.restored(3)
    assert own.save() == twin.save()
    assert run(own, 3, start=3) == run(twin, 3, start=3)


def test_a_monitor_that_proceeds_changes_nothing() -> None:
    own, twin = make(seed=8, optimizer="adam"), make(seed=8, optimizer="adam")
    own.attach(trimtab.Monitor())
    gc.collect()  # The trainer keeps the monitor.
    assert [step.loss for step in run(own, 30)] == [step.loss for step in run(twin, 30)]
    assert own.save() == twin.save()


def test_a_monitor_may_clip() -> None:
    own = make(seed=8, learning_rate=1.0)
    own.attach(trimtab.Monitor(clipping="fixed", maximum_norm=1e-3))
    before = {name: view.copy() for name, view in own.parameters().items()}
    found = own.step(INPUTS, TARGETS)
    assert found.action is trimtab.Action.CLIP
    assert found.clip_factor == pytest.approx(1e-3 / found.gradient_norm, rel=1e-2)
    moved = math.sqrt(sum(float(((view - before[name]) ** 2).sum()) for name, view in own.parameters().items()))
    assert moved == pytest.approx(1e-3, rel=1e-2)


def test_a_monitor_belongs_to_one_trainer() -> None:
    monitor = trimtab.Monitor()
    make().attach(monitor)
    own = make()
    with pytest.raises(trimtab.TrimtabValueError, match=r"monitor: found an entry layer0\.weight"):
        own.attach(monitor)
    with pytest.raises(trimtab.TrimtabTypeError, match="monitor: found int"):
        own.attach(3)  # type: ignore[arg-type]
    closed = trimtab.Monitor()
    closed.close()
    with pytest.raises(trimtab.TrimtabValueError, match="closed"):
        own.attach(closed)
    assert own.step(INPUTS, TARGETS).is_taken


def test_an_attachment_that_fails_registers_nothing() -> None:
    monitor = trimtab.Monitor()
    monitor.register("layer1.bias")
    with pytest.raises(trimtab.TrimtabValueError, match=r"monitor: found an entry layer1\.bias"):
        trimtab.Trainer([layers.Dense(2), layers.Dense(1)], (3,)).attach(monitor)
    # One whose names are all new is watched.
    trimtab.Trainer([layers.Dense(1)], (3,)).attach(monitor)


def test_targets_have_the_shape_of_the_output() -> None:
    own = trimtab.Trainer([layers.Dense(4)], (3, 3), loss="squared")
    inputs, targets = np.zeros((5, 3, 3)), np.ones((5, 3, 4))
    assert own.evaluate(inputs, targets).count == 5
    for wrong in (targets.transpose(0, 2, 1), targets.reshape(5, 12), targets.reshape(5, 3, 4, 1)):
        with pytest.raises(trimtab.TrimtabValueError, match="targets: found"):
            own.evaluate(inputs, wrong)
    # The axis of a single output may be missing, and so may no other.
    single = trimtab.Trainer([layers.Dense(1)], (3,))
    assert single.evaluate(np.zeros((5, 3)), np.ones(5)).loss == single.evaluate(np.zeros((5, 3)), np.ones((5, 1))).loss
    labels = trimtab.Trainer([layers.Dense(4)], (3, 3), loss="cross_entropy")
    with pytest.raises(trimtab.TrimtabValueError, match="targets: found rank 1, allowed 2"):
        labels.evaluate(inputs, np.zeros(15, dtype=np.int64))


def test_gain_holds_for_the_default_initialiser_too() -> None:
    plain, wide = (
        trimtab.Trainer([layers.Dense(5, gain=gain)], (3,), precision="float64").parameters()["layer0.weight"]
        for gain in (1.0, 5.0)
    )
    assert np.allclose(wide, 5 * plain, rtol=1e-12)
    with pytest.raises(trimtab.TrimtabValueError, match="gain: found nan"):
        trimtab.Trainer([layers.Dense(5, gain=math.nan)], (3,))


@pytest.mark.parametrize(
    "other", [{"weight_decay": 0.1}, {"momentum": 0.5}, {"schedule": "cosine", "total_steps": 9}, {"seed": 1}]
)
def test_a_state_of_another_rule_or_schedule_is_refused(other: dict[str, Any]) -> None:
    def made(**options: Any) -> trimtab.Trainer:
        return trimtab.Trainer([layers.Dense(1)], (3,), optimizer="heavy_ball", **options)

    with pytest.raises(trimtab.TrimtabError, match="another description, allowed the same in all but"):
        made(**other).load(made().save())
    made(learning_rate=0.5).load(made().save())


def test_a_sharpness_that_cannot_be_compared_has_no_index() -> None:
    own = trimtab.Trainer([layers.Dense(1)], (3,), optimizer="adam", learning_rate=0.01)
    inputs, targets = np.ones((4, 3)), np.ones((4, 1))
    with pytest.raises(trimtab.TrimtabValueError, match="is_preconditioned: found 1 before the first step"):
        own.sharpness(inputs, targets, preconditioned=True)
    own.step(inputs, targets)
    assert math.isnan(own.sharpness(inputs, targets).index)
    assert own.sharpness(inputs, targets, preconditioned=True).index > 0


# Losses as functions


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("squared", lambda tape, p, t: ((p - t) ** 2).mean()),
        ("absolute", lambda tape, p, t: abs(p - t).mean()),
        ("huber", lambda tape, p, t: (p - t).huber().mean()),
    ],
)
def test_a_loss_of_operations_is_the_built_in_one(name: str, function: Any) -> None:
    own, twin = make(loss=function, precision="float64"), make(loss=name, precision="float64")
    assert run(own, 10) == run(twin, 10)
    assert own.evaluate(INPUTS, TARGETS).loss == twin.evaluate(INPUTS, TARGETS).loss
    vector = generator(2).normal(size=own.parameter_count)
    for one, other in zip(
        own.derivatives(INPUTS, TARGETS, vector).gradient, twin.derivatives(INPUTS, TARGETS).gradient, strict=True
    ):
        assert one == pytest.approx(other, rel=1e-12, abs=1e-15)


def test_a_loss_is_recorded_once_for_each_batch_size() -> None:
    sizes: list[int] = []

    def loss(tape: trimtab.Tape, prediction: trimtab.TapeValue, target: trimtab.TapeValue) -> trimtab.TapeValue:
        sizes.append(prediction.shape[0])
        assert target.shape == prediction.shape
        return ((prediction - target) ** 2).mean()

    own = make(loss=loss)
    run(own, 10)
    own.step(INPUTS[:2], TARGETS[:2])
    run(own, 10)
    assert sizes == [1, 8, 2]


class OfTheLossError(Exception):
    pass


def test_what_a_loss_raises_comes_back() -> None:
    state = {"fails": False}

    def loss(tape: trimtab.Tape, prediction: Any, target: Any) -> Any:
        if state["fails"]:
            raise OfTheLossError("here")
        return ((prediction - target) ** 2).mean()

    own, twin = make(loss=loss, seed=9), make(loss=loss, seed=9)
    run(own)
    run(twin)
    state["fails"] = True
    for call in (own.step, own.evaluate, own.derivatives, own.sharpness):
        with pytest.raises(OfTheLossError, match="here"):
            call(INPUTS[:3], TARGETS[:3])
    with pytest.raises(OfTheLossError):
        make(loss=loss)
    with pytest.raises(OfTheLossError):
        trimtab.objective_derivatives(lambda tape, x: loss(tape, x, x), [[1.0]])
    state["fails"] = False
    assert run(own, 5, start=5) == run(twin, 5, start=5)
    assert own.save() == twin.save()


def test_a_loss_may_be_interrupted() -> None:
    def loss(tape: trimtab.Tape, *_: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(loss=loss)


def test_values_live_as_long_as_their_tape() -> None:
    kept: list[Any] = []

    def loss(tape: trimtab.Tape, prediction: Any, target: Any) -> Any:
        kept.append(prediction)
        return ((prediction - target) ** 2).mean()

    make(loss=loss)
    for use in (lambda: kept[0].sum(), lambda: kept[0].shape, lambda: kept[0] + 1):
        with pytest.raises(trimtab.TrimtabValueError, match="tape: found one whose loss function has ended"):
            use()
    with pytest.raises(trimtab.TrimtabValueError, match="another tape"):
        make(loss=lambda tape, p, t: (p + kept[0]).mean())
    with pytest.raises(trimtab.TrimtabTypeError, match="loss: found TapeValue returned"):
        make(loss=lambda tape, p, t: kept[0])


def test_a_loss_cannot_call_its_trainer() -> None:
    found: list[Any] = []

    def loss(tape: trimtab.Tape, prediction: Any, target: Any) -> Any:
        if found:
            found[0].step(INPUTS, TARGETS)
        return ((prediction - target) ** 2).mean()

    own = make(loss=loss)
    found.append(own)
    with pytest.raises(trimtab.TrimtabValueError, match="a call within its own loss"):
        own.step(INPUTS, TARGETS)
    found.clear()
    own.step(INPUTS, TARGETS)


BAD_LOSSES: dict[str, tuple[Any, str]] = {
    "no_scalar": (lambda tape, p, t: p - t, "loss: found 2 elements, allowed 1"),
    "none": (lambda tape, p, t: None, "loss: found NoneType returned"),
    "shapes": (lambda tape, p, t: (p @ t).sum(), "product: found inner extents 2 and 1"),
    "array": (lambda tape, p, t: (p * np.ones(2)).sum(), "operand: found an array"),
    "word": (lambda tape, p, t: p + "a", "operand: found str, allowed a number"),
    "operation": (lambda tape, p, t: tape.record("cosine", p), "operation: found 'cosine', allowed one of"),
    "operands": (lambda tape, p, t: tape.record("add", p), "count: found 1 operands, allowed 2"),
    "no_value": (lambda tape, p, t: tape.record("add", p, 3), r"operands\[1\]: found int"),
    "gradient": (lambda tape, p, t: tape.gradient(p, p).sum(), "found 2 elements, allowed 1"),
}


@pytest.mark.parametrize("name", BAD_LOSSES)
def test_bad_losses(name: str) -> None:
    function, message = BAD_LOSSES[name]
    with pytest.raises(trimtab.TrimtabError, match=message):
        make(loss=function)


# Bad input

BAD_NETS: dict[str, tuple[Callable[[], Any], str]] = {
    "no_layers": (lambda: Trainer([], (3,)), "layer_count: found 0"),
    "no_list": (lambda: Trainer(5, (3,)), "layers: found int"),  # type: ignore[arg-type]
    "no_layer": (lambda: Trainer(["dense"], (3,)), r"layers\[0\]: found str"),  # type: ignore[list-item]
    "zero_units": (lambda: Trainer([Dense(4), Dense(0)], (3,)), r"layers\[1\].units: found 0, allowed 1 to"),
    "negative_units": (lambda: Trainer([Dense(-1)], (3,)), r"layers\[0\].units: found -1"),
    "half_units": (lambda: Trainer([Dense(1.5)], (3,)), r"layers\[0\].units: found float"),  # type: ignore[arg-type]
    "huge_units": (lambda: Trainer([Dense(1 << 40)], (3,)), r"layers\[0\].units: found 1099511627776"),
    "huge_weight": (lambda: Trainer([Dense(1 << 24), Dense(1 << 24)], (3,)), r"layers\[1\]"),
    "activation": (lambda: Trainer([Dense(4, activation="rleu")], (3,)), r"layers\[0\].activation: found 'rleu'"),
    "initialiser": (lambda: Trainer([Dense(4, initialiser="he")], (3,)), r"layers\[0\].initialiser: found 'he'"),
    "slope": (
        lambda: Trainer([Dense(4, activation="leaky_relu", slope=math.nan)], (3,)),
        r"layers\[0\].slope: found nan",
    ),
    "leak": (lambda: Trainer([Dense(4, activation="tanh", scheduled_leak=True)], (3,)), r"layers\[0\]\.\w+: found"),
    "residual": (lambda: Trainer([Dense(4, residual=True)], (3,)), r"layers\[0\].residual: found a layer that changes"),
    "images": (lambda: Trainer([layers.Convolution(4, 3)], (3,)), r"layers\[0\].input: found rank 2, allowed 4"),
    "kernel": (lambda: Trainer([layers.Convolution(4, 9)], (5, 5, 1)), r"layers\[0\].kernel: found 9"),
    "stride": (lambda: Trainer([layers.Convolution(4, 2, stride=0)], (5, 5, 1)), r"layers\[0\].stride: found 0"),
    "pooling": (lambda: Trainer([layers.MaximumPooling(0)], (5, 5, 1)), r"layers\[0\].kernel: found 0"),
    "sequence": (lambda: Trainer([layers.GRU(4)], (3,)), r"layers\[0\].input: found rank 2, allowed 3"),
    "heads": (lambda: Trainer([layers.Attention(4)], (5, 6)), r"layers\[0\].groups: found 4 heads for 6"),
    "embedding": (lambda: Trainer([Dense(3), layers.Embedding(4, 4)], (3,)), r"layers\[1\].kind: found an embedding"),
    "groups": (lambda: Trainer([layers.Normalisation("group", groups=2)], (3,)), r"layers\[0\].groups: found 2 for 3"),
    "epsilon": (lambda: Trainer([layers.Normalisation(epsilon=-1)], (3,)), r"layers\[0\].epsilon: found -1"),
    "instance": (lambda: Trainer([layers.Normalisation("instance")], (3,)), r"layers\[0\].input: found rank 2"),
    "dropout": (lambda: Trainer([layers.Dropout(1.0)], (3,)), r"layers\[0\].rate: found 1"),
    "no_activation": (lambda: Trainer([layers.Activation(None)], (3,)), r"layers\[0\].activation: found none"),
    "shape": (lambda: Trainer([Dense(3)], (0,)), r"input_shape\[0\]: found 0"),
    "huge_shape": (lambda: Trainer([Dense(3)], (1 << 62, 4)), r"input_shape\[0\]: found 4611686018427387904"),
    "no_shape": (lambda: Trainer([Dense(3)], ()), "input_rank: found 0"),
    "loss": (lambda: make(loss="mse"), "loss: found 'mse', allowed one of 'squared'"),
    "optimizer": (lambda: make(optimizer="lion"), "optimizer: found 'lion'"),
    "precision": (lambda: make(precision="float16"), "precision: found 'float16'"),
    "schedule": (lambda: make(schedule="linear"), "schedule: found 'linear'"),
    "option": (lambda: make(momentun=0.9), "unknown option 'momentun'"),
    "nan_rate": (lambda: make(learning_rate=math.nan), "rate: found nan"),
    "negative_rate": (lambda: make(learning_rate=-1.0), "learning_rate: found -1"),
    "momentum": (lambda: make(optimizer="heavy_ball", momentum=1.0), "momentum: found 1"),
    "seed": (lambda: make(seed=-1), "seed: found -1"),
    "big_seed": (lambda: make(seed=1 << 64), "seed: found 18446744073709551616"),
    "clipping": (lambda: make(clipping="fixed", maximum_norm=0.0), "maximum_norm: found 0"),
    "cosine": (lambda: make(schedule="cosine"), "total_steps: found 0"),
    "step": (lambda: make(schedule="step"), "step_size: found 0"),
    "average": (lambda: make(average_decay=1.0), "average_decay: found 1"),
    "leak_time": (lambda: make(leak_time=0.0), "leak_time: found 0"),
}


@pytest.mark.parametrize("name", BAD_NETS)
def test_descriptions_that_do_not_fit(name: str) -> None:
    call, message = BAD_NETS[name]
    with pytest.raises(trimtab.TrimtabError, match=message) as found:
        call()
    assert isinstance(found.value, (ValueError, TypeError))


def test_every_number_is_allowed_that_is() -> None:
    assert make(seed=(1 << 64) - 1).step(INPUTS, TARGETS).step == 1
    assert make(learning_rate=0.0).step(INPUTS, TARGETS).is_taken


NAN = np.array([[math.nan, 0, 0]])
ZERO = np.zeros((1, 3))
BAD_CALLS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "rank": (lambda own: own.step(np.zeros(3), [0]), "inputs: found rank 1, allowed 2"),
    "shape": (lambda own: own.step(np.zeros((2, 4)), [0, 0]), "inputs: found extent 4 on axis 1, allowed 3"),
    "empty": (lambda own: own.step(np.zeros((0, 3)), np.zeros(0)), "inputs: found no sample"),
    "scalar": (lambda own: own.step(0.0, 0), "inputs: found rank 0"),
    "strings": (lambda own: own.step([["a"]], [0]), "inputs: found strings"),
    "nan": (lambda own: own.step(NAN, [0]), "inputs: found NaN or Inf at index 0"),
    "infinite": (lambda own: own.step(np.full((1, 3), math.inf), [0]), "inputs: found NaN or Inf at index 0"),
    "overflow": (lambda own: own.step(np.array([[0, 1e300, 0]]), [0]), "inputs: found NaN or Inf at index 1"),
    "label": (lambda own: own.step(ZERO, [4]), "targets: found 4 at index 0, allowed whole numbers from 0 to 3"),
    "negative_label": (lambda own: own.step(ZERO, [-1]), "targets: found -1 at index 0"),
    "half_label": (lambda own: own.step(ZERO, [0.5]), "targets: found 0.5 at index 0"),
    "nan_label": (lambda own: own.step(ZERO, [math.nan]), "targets: found nan at index 0"),
    "labels": (lambda own: own.step(ZERO, [0, 1]), "targets: found extent 2 on axis 0, allowed 1"),
    "evaluate": (lambda own: own.evaluate(NAN, [0]), "inputs: found NaN or Inf"),
    "predict": (lambda own: own.predict(np.zeros((2, 4))), "inputs: found extent 4"),
    "predict_nan": (lambda own: own.predict(NAN), "inputs: found NaN or Inf"),
    "derivatives": (lambda own: own.derivatives(NAN, [0]), "inputs: found NaN or Inf"),
    "vector": (lambda own: own.derivatives(ZERO, [0], np.zeros(3)), "vector: found 3 numbers, allowed"),
    "sharpness": (lambda own: own.sharpness(NAN, [0]), "inputs: found NaN or Inf"),
    "iterations": (lambda own: own.sharpness(ZERO, [0], greatest_iterations=0), "found 0 iterations"),
    "tolerance": (lambda own: own.sharpness(ZERO, [0], tolerance=math.nan), "tolerance of nan"),
    "samples": (lambda own: own.sharpness(ZERO, [0], trace_samples=-1), "trace_samples: found -1"),
    "nan_rate": (lambda own: own.set_learning_rate(math.nan), "rate: found nan"),
    "negative_rate": (lambda own: own.set_learning_rate(-0.1), "rate: found -0.1"),
    "word_rate": (lambda own: own.set_learning_rate("fast"), "rate: found str"),
    "bytes": (lambda own: own.load(b"trainer"), "buffer: found 7 bytes"),
    "no_bytes": (lambda own: own.load(3), "state: found int"),
    "another": (lambda own: own.load(make().save()), "found a trainer of another description"),
    "another_kind": (lambda own: own.load(trimtab.Detector("spike").save()), "of kind"),
    "attach": (lambda own: own.attach("monitor"), "monitor: found str"),
}


def classifier(**options: Any) -> trimtab.Trainer:
    net = [
        Dense(6, spectral=True),
        layers.Normalisation("batch"),
        layers.Activation("relu"),
        layers.Dropout(0.3),
        Dense(4),
    ]
    return Trainer(net, (3,), loss="cross_entropy", optimizer="adam", average_decay=0.9, **options)


def classify(own: trimtab.Trainer, steps: range) -> list[trimtab.TrainerStep]:
    rngs = [np.random.default_rng(step) for step in steps]
    return [own.step(rng.normal(size=(8, 3)), rng.integers(0, 4, size=8)) for rng in rngs]


@pytest.mark.parametrize("name", BAD_CALLS)
def test_a_refused_call_leaves_the_trainer_as_it_was(name: str) -> None:
    call, message = BAD_CALLS[name]
    own, twin = classifier(), classifier()
    assert classify(own, range(4)) == classify(twin, range(4))
    with pytest.raises(trimtab.TrimtabError, match=message) as found:
        call(own)
    assert isinstance(found.value, (ValueError, TypeError))
    assert own.save() == twin.save()
    assert classify(own, range(4, 12)) == classify(twin, range(4, 12))
    assert own.save() == twin.save()


def test_corrupt_states_change_nothing() -> None:
    own, twin = classifier(), classifier()
    assert classify(own, range(4)) == classify(twin, range(4))
    state = own.save()
    assert classify(own, range(4, 6)) == classify(twin, range(4, 6))
    rng = generator(3)
    for place in (*rng.integers(0, len(state), size=60), 0, 8, 16, 32, len(state) - 1):
        bad = bytearray(state)
        bad[place] ^= int(rng.integers(1, 256))
        with pytest.raises(trimtab.TrimtabValueError):
            own.load(bad)
    for length in (0, 31, 32, 40, len(state) // 2, len(state) - 1):
        with pytest.raises(trimtab.TrimtabValueError):
            own.load(state[:length])
    with pytest.raises(trimtab.TrimtabValueError):
        own.load(state + b"\0")
    assert own.save() == twin.save()
    assert classify(own, range(6, 9)) == classify(twin, range(6, 9))


@pytest.mark.parametrize(
    "options", [{"optimizer": "rmsprop"}, {"precision": "float64"}, {"loss": "absolute"}, {"average_decay": 0.5}]
)
def test_a_state_of_other_options_is_refused(options: dict[str, Any]) -> None:
    own = make(optimizer="adam") if "optimizer" in options else make()
    before = own.save()
    with pytest.raises(trimtab.TrimtabValueError, match="another description"):
        own.load(make(**options).save())
    assert own.save() == before


def test_shares_of_binary_classes() -> None:
    own = make(loss="binary_cross_entropy")
    with pytest.raises(trimtab.TrimtabValueError, match=r"targets: found 1\.5 at index 0, allowed 0 to 1"):
        own.step(INPUTS[:1], [[1.5, 0]])
    assert own.step(INPUTS[:1], [[1, 0.5]]).is_taken


def test_words_outside_the_list() -> None:
    own = Trainer([layers.Embedding(5, 2), layers.TimeMean()], (3,))
    for word in (5, -1, 0.5, math.nan):
        with pytest.raises(
            trimtab.TrimtabValueError, match=r"inputs: found .* at index 0, allowed whole numbers from 0"
        ):
            own.step([[word, 0, 0]], [[0, 0]])
    assert own.step([[4, 0, 0]], [[0, 0]]).is_taken


BAD_GRAPHS: dict[str, tuple[tuple[Any, ...], str]] = {
    "outside": ((2, [0, 2], [0, 1], [1.0, 1.0]), r"matrix: found the place \(2, 1\), allowed within 2 x 2"),
    "negative": ((2, [0, -1], [0, 1], [1.0, 1.0]), r"matrix: found the place \(-1, 1\)"),
    "none": ((0, [], [], []), "matrix: found 0 x 0"),
    "huge": ((1 << 60, [0], [0], [1.0]), "matrix: found 1152921504606846976"),
    "lengths": ((2, [0], [0, 1], [1.0, 1.0]), "columns: found 2, allowed 1"),
    "values": ((2, [0, 1], [0, 1], [1.0]), "values: found 1, allowed 2"),
    "nan": ((2, [0, 1], [0, 1], [1.0, math.nan]), "matrix: found nan at index 1"),
    "floats": ((2, [0.0, 1], [0, 1], [1.0, 1.0]), "rows: found element type float64"),
    "rank": ((2, [[0], [1]], [0, 1], [1.0, 1.0]), "rows: found rank 2"),
}


@pytest.mark.parametrize("name", BAD_GRAPHS)
def test_bad_graphs(name: str) -> None:
    arguments, message = BAD_GRAPHS[name]
    own = Trainer([layers.GraphConvolution(2)], (3,))
    with pytest.raises(trimtab.TrimtabValueError, match=r"layers\[0\]\.graph: found none"):
        own.step(np.zeros((2, 3)), np.zeros((2, 2)))
    with pytest.raises(trimtab.TrimtabError, match=message):
        own.set_graph(*arguments)
    own.set_graph(2, [0, 1], [1, 0], [1, 2])
    first = own.step(np.ones((2, 3)), np.zeros((2, 2))).loss
    with pytest.raises(trimtab.TrimtabError, match=message):
        own.set_graph(*arguments)
    own.set_learning_rate(0.0)
    assert own.step(np.ones((2, 3)), np.zeros((2, 2))).loss < first
    with pytest.raises(trimtab.TrimtabValueError, match="found 3 rows, allowed 2"):
        own.step(np.zeros((3, 3)), np.zeros((3, 2)))
    assert own.output_shape == (2,)


BAD_OBJECTIVES: dict[str, tuple[Callable[[], Any], str]] = {
    "no_function": (lambda: trimtab.objective_derivatives(3, [[1.0]]), "function: found int"),  # type: ignore[arg-type]
    "no_operand": (lambda: trimtab.objective_derivatives(lambda tape: tape.constant(1), []), "count: found 0"),
    "vectors": (
        lambda: trimtab.objective_derivatives(lambda tape, x: x.sum(), [[1.0]], [[1.0, 2.0]]),
        r"vectors\[0\]: found another shape",
    ),
    "few_vectors": (lambda: trimtab.objective_derivatives(lambda tape, x: x.sum(), [[1.0]], []), "vectors: found 0"),
    "empty": (lambda: trimtab.objective_derivatives(lambda tape, x: x.sum(), [np.zeros(0)]), "found an extent of 0"),
    "strings": (lambda: trimtab.objective_derivatives(lambda tape, x: x.sum(), [["a"]]), r"operands\[0\]: found str"),
}


@pytest.mark.parametrize("name", BAD_OBJECTIVES)
def test_bad_objectives(name: str) -> None:
    call, message = BAD_OBJECTIVES[name]
    with pytest.raises(trimtab.TrimtabError, match=message):
        call()


def test_an_operand_that_a_loss_does_not_depend_on() -> None:
    found = trimtab.objective_derivatives(lambda tape, x, y: (x * x).sum(), [[3.0], [[1.0, 2.0]]], [[1.0], [[1, 1]]])
    assert found.loss == 9
    assert found.products is not None
    np.testing.assert_array_equal(found.gradients[1], [[0, 0]])
    np.testing.assert_array_equal(found.products[1], [[0, 0]])
    np.testing.assert_array_equal(found.products[0], [2])


def test_closed_trainers_and_copies() -> None:
    with make() as own:
        weights = own.parameters()
    for call in (own.save, own.parameters, lambda: own.step(INPUTS, TARGETS), lambda: own.output_shape):
        with pytest.raises(trimtab.TrimtabValueError, match="trainer: found a closed one"):
            call()
    own.close()
    assert all(np.isfinite(weight).all() for weight in weights.values())
    with pytest.raises(TypeError, match="trainer: found a copy asked for"):
        copy.copy(make())


@pytest.mark.parametrize("dtype", ["float64", "float16", "int8", "bool"])
def test_any_element_type_and_strides_give_the_same_step(dtype: str) -> None:
    inputs = (np.arange(24).reshape(8, 3) % 2).astype(dtype)
    targets = np.zeros((8, 2), dtype=dtype)
    expected = make().step(inputs.astype(np.float32), targets.astype(np.float32))
    assert make().step(inputs, targets) == expected
    assert make().step(np.asfortranarray(inputs), targets[::-1]) == expected
    assert make().step(inputs.tolist(), targets.tolist()) == expected


def test_options_that_the_choice_does_not_have_are_refused() -> None:
    net = [layers.Dense(1)]
    for options, found in [
        ({"optimizer": "sgd", "momentum": 0.9}, 'momentum: found it with optimizer "sgd"'),
        ({"optimizer": "heavy_ball", "beta1": 0.9}, "beta1"),
        ({"schedule": "exponential", "step_size": 3}, 'step_size: found it with schedule "exponential"'),
        ({"decay": 0.5}, 'decay: found it with schedule "constant", allowed only with "step" or "exponential"'),
        ({"maximum_norm": 1.0}, 'maximum_norm: found it with clipping "none"'),
    ]:
        with pytest.raises(ValueError, match=re.escape(found)):
            Trainer(net, (2,), **options)  # type: ignore[arg-type]
    Trainer(net, (2,), optimizer="nesterov", momentum=0.5, clipping="fixed", maximum_norm=2.0)


def test_slopes_and_shares_below_zero_are_refused() -> None:
    for layer, place in [
        (layers.Dense(2, activation="leaky_relu", slope=-1.0), "layers[0].slope"),
        (layers.Dense(2, activation="elu", slope=-0.5), "layers[0].slope"),
        (layers.Dropout(-1.0), "layers[0].rate"),
    ]:
        with pytest.raises(ValueError, match=re.escape(place)):
            Trainer([layer], (2,))
    with pytest.raises(ValueError, match="gain: found"):
        Trainer([layers.Dense(2, gain=1e300)], (2,))
    Trainer([layers.Dense(2, gain=1e300)], (2,), precision="float64")


def test_what_a_loaded_trainer_says_of_targets_is_of_what_it_has_seen() -> None:
    inputs = np.linspace(-1, 1, 16).reshape(16, 1)
    first, second = (Trainer([layers.Dense(1)], (1,)) for _ in range(2))
    first.step(inputs, inputs)
    with pytest.warns(RuntimeWarning, match="constant"):
        assert second.step(inputs, np.ones((16, 1))).has_constant_targets
    second.load(first.save())
    assert not second.step(inputs[:8], np.ones((8, 1))).has_constant_targets
