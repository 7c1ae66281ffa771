"""Bad input: each refused call names its argument and leaves the trainer as it was."""

from __future__ import annotations

import copy
import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from randomness import generator
from trainers import INPUTS, TARGETS, Dense, Trainer, make

import trimtab
from trimtab import layers

if TYPE_CHECKING:
    from collections.abc import Callable


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
