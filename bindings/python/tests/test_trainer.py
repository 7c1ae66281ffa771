"""The trainer in Python: words, views, states, determinism."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from randomness import generator
from trainers import INPUTS, TARGETS, Dense, Trainer, make, run

import trimtab
from trimtab import layers, tape, trainer

if TYPE_CHECKING:
    pass


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
    # The kinds of loss that a host may have (set_up.h) are other words.
    losses = {word: code for word, code in declared("TRIMTAB_LOSS_").items() if not word.startswith("kind_")}
    assert numbered((*trainer.LOSSES, "custom")) == losses
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


def test_what_a_loaded_trainer_says_of_targets_is_of_what_it_has_seen() -> None:
    inputs = np.linspace(-1, 1, 16).reshape(16, 1)
    first, second = (Trainer([layers.Dense(1)], (1,)) for _ in range(2))
    first.step(inputs, inputs)
    with pytest.warns(RuntimeWarning, match="constant"):
        assert second.step(inputs, np.ones((16, 1))).has_constant_targets
    second.load(first.save())
    assert not second.step(inputs[:8], np.ones((8, 1))).has_constant_targets


@pytest.mark.parametrize("dtype", ["float64", "float16", "int8", "bool"])
def test_any_element_type_and_strides_give_the_same_step(dtype: str) -> None:
    inputs = (np.arange(24).reshape(8, 3) % 2).astype(dtype)
    targets = np.zeros((8, 2), dtype=dtype)
    expected = make().step(inputs.astype(np.float32), targets.astype(np.float32))
    assert make().step(inputs, targets) == expected
    assert make().step(np.asfortranarray(inputs), targets[::-1]) == expected
    assert make().step(inputs.tolist(), targets.tolist()) == expected
