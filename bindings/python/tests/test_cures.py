"""Cures that are called: leaks, averages, gates and consistency, against their published forms in NumPy and PyTorch."""

from __future__ import annotations

import copy
import math
import pickle
from collections import Counter
from typing import Any

import numpy as np
import pytest

import trimtab
from trimtab import layers


def softmax(logits: Any) -> Any:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def rounds(count: int, samples: int, classes: int) -> Any:
    """Predictions that grow surer from round to round."""
    random = np.random.default_rng(5)
    base = random.normal(size=(samples, classes))
    for step in range(count):
        yield softmax((0.5 + step) * base + random.normal(size=base.shape))


def test_the_leak_of_the_definitions() -> None:
    assert trimtab.leak_slope(0.3, 0.01, 200, 0) == pytest.approx(0.3, abs=1e-15)
    assert trimtab.leak_slope(0.3, 0.01, 200, 200) == pytest.approx(0.01 + 0.29 * math.exp(-1), rel=1e-14)
    assert trimtab.leak_slope(0.3, 0.01, 200, 10**9) == 0.01
    # Its slope at 0 is that of a line that gets there in `time` steps.
    early = trimtab.leak_slope(0.3, 0.01, 1e6, 1) - trimtab.leak_slope(0.3, 0.01, 1e6, 0)
    assert early == pytest.approx(-0.29 / 1e6, rel=1e-5)


def test_a_leaky_net_as_a_plain_one() -> None:
    net = [layers.Dense(8, activation="leaky_relu", scheduled_leak=True), layers.Dense(1)]
    own = trimtab.Trainer(net, (4,), leak_start=0.3, leak_end=0.3, precision="float64")
    plain = trimtab.Trainer([layers.Dense(8, activation="relu"), layers.Dense(1)], (4,), precision="float64")
    for name, weights in plain.parameters().items():
        weights[...] = own.parameters()[name]
    x = np.random.default_rng(0).normal(size=(32, 4))
    assert not np.allclose(own.predict(x), plain.predict(x))
    own.set_leak(0)
    np.testing.assert_allclose(own.predict(x), plain.predict(x), rtol=1e-12)
    with pytest.raises(ValueError, match="time: found 0"):
        own.set_leak(0.1, 0, 0)


def test_averages_are_torch_s() -> None:
    torch = pytest.importorskip("torch")
    random = np.random.default_rng(1)
    average = random.normal(size=(3, 5))
    strided = np.zeros((6, 10))[::2, ::2]
    strided[...] = average
    wanted = torch.from_numpy(average.copy())
    for _ in range(20):
        weights = random.normal(size=(3, 5))
        trimtab.average_update(average, weights, 0.9)
        trimtab.average_update(strided, weights.astype(np.float32), 0.9)
        wanted.lerp_(torch.from_numpy(weights), 1 - 0.9)
    np.testing.assert_allclose(average, wanted.numpy(), rtol=1e-12)
    np.testing.assert_allclose(strided, average, rtol=1e-6)


@pytest.mark.parametrize(
    ("average", "current", "decay", "message"),
    [
        (np.zeros(2), np.zeros(3), 0.9, "current: found extent 3 on axis 0, allowed 2"),
        (np.zeros(2), np.array([0, math.nan]), 0.9, "current: found NaN or Inf at index 1"),
        (np.zeros(2), np.zeros(2), 1.0, "decay: found 1"),
    ],
)
def test_what_averages_refuse(average: Any, current: Any, decay: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        trimtab.average_update(average, current, decay)
    assert not average.any()


def test_flexmatch_is_torchssl_s() -> None:
    samples, classes, threshold = 400, 5, 0.8
    gate = trimtab.PseudoLabelGate("flexmatch", class_count=classes, sample_count=samples, threshold=threshold)
    selected = np.full(samples, -1)
    random = np.random.default_rng(0)
    for predictions in rounds(6, samples, classes):
        ids = random.permutation(samples)[:256]
        counter = Counter(selected.tolist())
        learned = np.zeros(classes)
        if max(counter.values()) < samples:
            learned = np.array([counter[c] / max(counter.values()) for c in range(classes)])
        batch = predictions[ids]
        greatest, labels = batch.max(axis=1), batch.argmax(axis=1)
        wanted = greatest >= threshold * (learned[labels] / (2 - learned[labels]))
        found = gate.apply(batch, ids)
        np.testing.assert_array_equal(found.passes, wanted)
        np.testing.assert_allclose(found.thresholds, threshold * learned / (2 - learned), rtol=1e-12)
        chosen = greatest >= threshold
        selected[ids[chosen]] = labels[chosen]


@pytest.mark.parametrize("starts_at_one", [False, True])
def test_freematch_is_its_published_code(starts_at_one: bool) -> None:
    classes, decay = 4, 0.9
    gate = trimtab.PseudoLabelGate("freematch", class_count=classes, decay=decay, starts_at_one=starts_at_one)
    shares = np.full(classes, 1.0 if starts_at_one else 1 / classes)
    time = shares.mean()
    for predictions in rounds(8, 200, classes):
        greatest, labels = predictions.max(axis=1), predictions.argmax(axis=1)
        time = time * decay + (1 - decay) * greatest.mean()
        shares = shares * decay + (1 - decay) * predictions.mean(axis=0)
        wanted = time * shares / shares.max()
        found = gate.apply(predictions)
        np.testing.assert_allclose(found.thresholds, wanted, rtol=1e-12)
        np.testing.assert_array_equal(found.passes, greatest >= wanted[labels])
        assert found.coverage == pytest.approx(found.passes.mean())


GATES: dict[str, dict[str, Any]] = {
    "fixmatch": {"threshold": 0.8},
    "flexmatch": {"threshold": 0.8, "sample_count": 200},
    "freematch": {"decay": 0.9},
}


@pytest.mark.parametrize("method", GATES)
def test_a_gate_goes_on_from_its_saved_state(method: str) -> None:
    gate = trimtab.PseudoLabelGate(method, class_count=4, **GATES[method])
    batches = list(rounds(6, 200, 4))
    for predictions in batches[:3]:
        gate.apply(predictions)
    state = gate.save()
    again = [trimtab.PseudoLabelGate.load(state), pickle.loads(pickle.dumps(gate)), copy.deepcopy(gate)]
    for predictions in batches[3:]:
        wanted = gate.apply(predictions)
        for other in again:
            found = other.apply(predictions)
            np.testing.assert_array_equal(found.passes, wanted.passes)
            np.testing.assert_array_equal(found.thresholds, wanted.thresholds)
    assert all(other.save() == gate.save() != state or method == "fixmatch" for other in again)
    for place in range(len(state)):
        with pytest.raises(ValueError, match="buffer: found"):
            trimtab.PseudoLabelGate.load(state[:place] + bytes([state[place] ^ 4]) + state[place + 1 :])
    with pytest.raises(ValueError, match="buffer: found a state of kind pseudo_label_gate"):
        trimtab.Covariance.load(state)
    with pytest.raises(ValueError, match="merge: found a gate"):
        gate.merge(gate)
    gate.close()
    with pytest.raises(ValueError, match="self: found a closed PseudoLabelGate"):
        gate.apply(batches[0])


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
def test_a_gate_takes_one_hot_predictions(dtype: Any) -> None:
    gate = trimtab.PseudoLabelGate(class_count=3)
    found = gate.apply(np.array([[1, 0, 0], [0, 0, 1], [0, 0, 0]], dtype=dtype))
    assert found.passes.tolist() == [True, True, False]
    assert (found.nonfinite_count, found.coverage) == (1, 1.0)
    with pytest.raises(ValueError, match="probabilities: found int64 of rank 1"):
        gate.apply(np.array([1, 2, 0]))


def test_a_gate_that_nothing_passes_says_so() -> None:
    gate = trimtab.PseudoLabelGate(class_count=2)
    found = gate.apply([[0.5, 0.5], [math.nan, 1.0]])
    assert (found.verdict, found.cause) == (trimtab.Verdict.WARNING, trimtab.Cause.EMPTY_GATE)
    assert (found.nonfinite_count, found.coverage) == (1, 0.0)
    assert gate.apply(np.zeros((0, 2))).outcome is trimtab.Outcome.INSUFFICIENT
    assert gate.apply(np.zeros((3, 2))).outcome is trimtab.Outcome.NONFINITE


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: trimtab.PseudoLabelGate(class_count=1), "options.class_count: found 1"),
        (lambda: trimtab.PseudoLabelGate("flexmatch", class_count=2), "options.sample_count: found 0"),
        (lambda: trimtab.PseudoLabelGate("other", class_count=2), "method: found 'other'"),
        (lambda: trimtab.PseudoLabelGate(class_count=2, threshold=1.5), "options.threshold: found 1.5"),
        (lambda: trimtab.PseudoLabelGate(class_count=2).apply([[0.5, 0.2, 0.3]]), "found 3 classes, allowed 2"),
        (lambda: trimtab.PseudoLabelGate(class_count=2).apply([[-5.0, 2.0]]), "softmax logits first"),
        (lambda: trimtab.consistency([[0.5, 0.5]], [[0.5, 0.5]] * 2), "after: found 2 x 2, allowed 1 x 2"),
        (lambda: trimtab.consistency([[0.5, 0.5]], [[0.5, 0.5]], "other"), "form: found 'other'"),
    ],
)
def test_what_gates_and_consistency_refuse(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("form", ["kl", "squared"])
def test_consistency_is_torch_s(form: str) -> None:
    torch = pytest.importorskip("torch")
    random = np.random.default_rng(2)
    before = softmax(random.normal(size=(50, 6)))
    logits = torch.from_numpy(random.normal(size=(50, 6))).requires_grad_()
    after = torch.softmax(logits, dim=1)
    q = torch.from_numpy(before)
    loss = (q * (q / after).log()).sum(1).mean() if form == "kl" else ((after - q) ** 2).sum(1).mean()
    loss.backward()
    found = trimtab.consistency(before, after.detach().numpy(), form)
    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(found.gradient, logits.grad.numpy(), atol=1e-15)


def test_the_peak_rate_of_a_net() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(128, 16))
    y = np.sin(x @ random.normal(size=(16, 1)))
    net = [layers.Dense(32, activation="relu"), layers.Dense(1)]
    options: dict[str, Any] = {"loss": "half_squared", "seed": 1, "step_count": 60, "seed_count": 2}
    calm = trimtab.safe_rate(net, (16,), x, y, learning_rate=0.01, **options)
    assert calm.outcome is trimtab.Outcome.OK
    assert calm.verdict is trimtab.Verdict.HEALTHY
    assert calm.warm_up_steps == 0
    # Between the edge of stability and what a catapult bears.
    assert 0.8 * 2 / calm.sharpness < calm.peak_rate < 12 / calm.sharpness
    wild = trimtab.safe_rate(net, (16,), x, y, learning_rate=50 / calm.sharpness, **options)
    assert wild.verdict >= trimtab.Verdict.WARNING
    assert wild.cause is trimtab.Cause.LEARNING_RATE_TOO_HIGH
    with pytest.raises(ValueError, match="inputs, targets: found 128 and 127 samples"):
        trimtab.safe_rate(net, (16,), x, y[:127])
    with pytest.raises(ZeroDivisionError):
        trimtab.safe_rate(net, (16,), x, y, loss=lambda tape, prediction, target: 1 / 0)


def test_a_rate_is_not_called_safe_where_the_loss_stands_still() -> None:
    x = np.zeros((16, 4))
    found = trimtab.safe_rate([trimtab.layers.Dense(1)], (4,), x, np.zeros((16, 1)), step_count=5)
    assert (found.verdict, found.outcome) == ("unknown", "degenerate")
    with pytest.raises(ValueError, match="step_count"):
        trimtab.safe_rate([trimtab.layers.Dense(1)], (4,), x, np.zeros((16, 1)), step_count=2**62)
