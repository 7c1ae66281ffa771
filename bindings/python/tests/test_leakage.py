"""Batch leakage: closed forms, PyTorch's own layers, and functions that fail."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import trimtab
from trimtab import BatchLeakage, Cause, Outcome, Verdict, batch_leakage


def batch_norm(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


def layer_norm(x):
    return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)


def share_of_batch_norm(x):
    """The share from dy_i/dx_j = (delta_ij - 1/B - y_i y_j / B) / sigma."""
    y = batch_norm(x)
    jacobian = np.eye(len(x)) - 1 / len(x) - np.outer(y, y) / len(x)
    off = jacobian - np.diag(np.diag(jacobian))
    return (off**2).sum() / (jacobian**2).sum()


def test_scalar_batch_norm_is_three_eighths():
    report = batch_leakage(batch_norm, [[1.0], [2.0], [3.0], [6.0]], step=1e-5, direction_count=0)
    assert report.cross_share == pytest.approx(0.375, abs=1e-9)
    assert report.jacobian_norm**2 * 4 * 3.5 == pytest.approx(4 - 2, abs=1e-8)
    assert report.verdict is Verdict.NOTICE
    assert report.cause is Cause.BATCH_DEPENDENCE
    assert report.common_response == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("size", "wanted"), [(16, 0.1177), (64, 0.0308), (256, 0.0078)])
def test_normal_batches(size, wanted):
    """lambda of a normal batch is about (2 - 6/B)/(B - 2): .1161, .0307, .0078."""
    numbers = np.random.default_rng(size)
    batches = [numbers.normal(size=size) for _ in range(20)]
    shares = [
        batch_leakage(batch_norm, x[:, None], step=1e-5, direction_count=0, replay_count=0).cross_share for x in batches
    ]
    assert shares == pytest.approx([share_of_batch_norm(x) for x in batches], abs=1e-9)
    assert np.mean(shares) == pytest.approx(wanted, rel=0.04)
    assert np.mean(shares) == pytest.approx((2 - 6 / size) / (size - 2), rel=0.04)


def test_layer_norm_and_plain_nets_have_none():
    numbers = np.random.default_rng(0)
    x = numbers.normal(size=(16, 8))
    weights = numbers.normal(size=(8, 1))
    for function in (layer_norm, lambda x: np.tanh(x @ weights)):
        report = batch_leakage(function, x)
        assert report.cross_share == 0
        assert report.replay_ratio == 0
        assert report.verdict is Verdict.HEALTHY


def _net(torch, norm):
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(8, 16), norm, torch.nn.ReLU(), torch.nn.Linear(16, 1))


@pytest.mark.parametrize(("size", "wanted"), [(4, 0.462), (16, 0.126), (64, 0.036), (256, 0.008)])
def test_torch_module(size, wanted):
    """A random 8-16-1 net behind a batch norm, against the Jacobian that autograd gives."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    net = _net(torch, torch.nn.BatchNorm1d(16)).double()
    x = torch.randn(size, 8, dtype=torch.float64)
    running = net[1].running_mean.clone()
    chance = torch.random.get_rng_state().clone()
    report = batch_leakage(net, x, direction_count=0, step=1e-6, replay_count=0)
    assert net.training
    assert torch.equal(net[1].running_mean, running)
    assert int(net[1].num_batches_tracked) == 0
    assert torch.equal(torch.random.get_rng_state(), chance)
    jacobian = torch.autograd.functional.jacobian(lambda x: net(x)[:, 0], x).pow(2).sum(-1)
    exact = float(1 - torch.diagonal(jacobian).sum() / jacobian.sum())
    # A ReLU that bends within the step is the only difference.
    assert report.cross_share == pytest.approx(exact, abs=1e-6)
    assert wanted / 2 < report.cross_share < 2 * wanted
    net.eval()
    assert batch_leakage(net, x[:8]).cross_share == 0


def test_torch_module_that_gives_no_tensor():
    torch = pytest.importorskip("torch")

    class Pair(torch.nn.Module):
        def forward(self, x):
            return x, x

    with pytest.raises(TypeError, match="function: found tuple returned by the module, allowed a tensor"):
        batch_leakage(Pair(), np.ones((4, 2)))


def test_torch_cures():
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(1).normal(size=(16, 8)).astype(np.float32)
    for norm in (torch.nn.LayerNorm(16), torch.nn.Identity(), torch.nn.Dropout(0.5)):
        report = batch_leakage(_net(torch, norm), x)
        assert report.verdict is Verdict.HEALTHY, norm
        assert report.cross_share < 1e-6, norm
    image = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3), torch.nn.InstanceNorm2d(4), torch.nn.Flatten(), torch.nn.Linear(16, 1)
    )
    assert batch_leakage(image, np.random.default_rng(2).normal(size=(8, 1, 4, 4))).cross_share < 1e-6


def _collapsed(batches=64, rows=16, seed=3):
    """Batches of real samples, and of fakes that all sit at one point."""
    numbers = np.random.default_rng(seed)
    x = numbers.uniform(0, 10, size=(batches, rows, 1))
    x[:, rows // 2 :] = x[:, rows // 2 :][:, :1] + numbers.uniform(0, 0.01, size=(batches, rows // 2, 1))
    return x.reshape(-1, 1), np.tile(np.arange(rows) < rows // 2, batches)


def _crowd(x):
    return 0.4 - np.exp(-((x - x.T) ** 2) / 0.02).mean(axis=1)


def test_shortcut():
    x, real = _collapsed()
    report = batch_leakage(_crowd, x, real, batch_size=16)
    assert report.regime == "mixed"
    assert report.batch_count == 64
    assert report.sample_count == 1024
    assert report.cause is Cause.BATCH_SHORTCUT
    assert report.verdict is Verdict.WARNING
    assert report.natural_accuracy > 0.95
    assert report.shuffled_accuracy < 0.6
    assert report.fake_mean < report.shuffled_fake_mean
    assert "LayerNorm" in report.cure
    assert "cross-sample share" in repr(report)


def test_probabilities_and_classes():
    x, real = _collapsed()
    probability = batch_leakage(
        lambda x: 1 / (1 + np.exp(-_crowd(x))), x, real, batch_size=16, gives_probabilities=True
    )
    logit = batch_leakage(_crowd, x, real, batch_size=16)
    assert probability.natural_accuracy == logit.natural_accuracy
    assert probability.fake_mean == pytest.approx(logit.fake_mean, abs=1e-12)
    classes = batch_leakage(lambda x: np.stack([0 * _crowd(x), _crowd(x)], axis=1), x, real, batch_size=16)
    assert classes.natural_accuracy == logit.natural_accuracy
    assert np.isnan(classes.fake_mean)


def test_blinding():
    numbers = np.random.default_rng(5)
    real = np.repeat(np.arange(64) % 2, 16)
    x = numbers.normal(size=(1024, 1)) + 0.3 * real[:, None]
    report = batch_leakage(batch_norm, x, real, batch_size=16)
    assert report.regime == "separate"
    assert report.cause is Cause.BATCH_BLINDING
    assert report.common_response < 1e-6


def test_streams_add_up():
    x, real = _collapsed()
    options = {"batch_size": 16, "step": 1e-4}
    whole = BatchLeakage(**options).add(_crowd, x, real).add(_crowd, x, real)
    parts = BatchLeakage(**options).add(_crowd, x, real).merge(BatchLeakage(**options).add(_crowd, x, real))
    assert parts.report().sample_count == whole.report().sample_count == 2048
    assert parts.report().natural_accuracy == whole.report().natural_accuracy
    again = pickle.loads(pickle.dumps(parts))
    assert again.report() == parts.report()
    with pytest.raises(ValueError, match="options"):
        whole.merge(BatchLeakage())
    with pytest.raises(ValueError, match="outputs_per_row"):
        whole.add(lambda x: np.hstack([x, x]), x)


def test_exceptions_come_back_and_leave_the_stream():
    stream = BatchLeakage()
    calls = []

    def fails(x):
        calls.append(x)
        if len(calls) > 5:
            raise KeyError("mine")
        return x[:, 0]

    with pytest.raises(KeyError, match="mine"):
        stream.add(fails, np.ones((4, 2)))
    assert stream.report().probe_count == 0
    assert stream.report().outcome is Outcome.INSUFFICIENT
    with pytest.raises(KeyboardInterrupt):
        batch_leakage(lambda x: (_ for _ in ()).throw(KeyboardInterrupt()), np.ones((4, 2)))


def test_what_cannot_be_told():
    x = np.random.default_rng(7).normal(size=(6, 3))
    noise = np.random.default_rng(8)
    found = batch_leakage(lambda x: x[:, 0] + noise.normal(size=len(x)), x)
    assert found.outcome is Outcome.INSUFFICIENT
    assert found.cause is Cause.UNFROZEN_FUNCTION
    assert batch_leakage(lambda x: x[:, 0], x[:1]).outcome is Outcome.INSUFFICIENT
    assert batch_leakage(lambda x: np.ones(len(x)), x).outcome is Outcome.DEGENERATE
    assert batch_leakage(lambda x: x[:, 0] * np.nan, x).outcome is Outcome.NONFINITE
    assert np.isnan(batch_leakage(lambda x: x[:, 0] * np.nan, x).cross_share)


def test_bad_arguments():
    x = np.arange(8.0).reshape(4, 2)
    with pytest.raises(TypeError, match="function"):
        batch_leakage(3, x)
    with pytest.raises(ValueError, match=r"allowed \(4, \.\.\.\)"):
        batch_leakage(lambda x: x[:2], x)
    for returned, kind in ((None, "NoneType"), (x[:, 0] * 1j, "ndarray"), (["a"] * 4, "list")):
        with pytest.raises(TypeError, match=f"function: found {kind} returned, allowed an array of numbers"):
            batch_leakage(lambda _, returned=returned: returned, x)
    with pytest.raises(ValueError, match="batch_size"):
        batch_leakage(layer_norm, x, batch_size=5)
    with pytest.raises(ValueError, match="targets"):
        batch_leakage(lambda x: x[:, 0], x, [0, 1, 2, 1])
    with pytest.raises(ValueError, match="inputs"):
        batch_leakage(layer_norm, [[1.0], [np.nan]])
    with pytest.raises(ValueError, match="replay_count"):
        batch_leakage(layer_norm, x, replay_count=1)
    with pytest.raises(TypeError, match="unknown option"):
        batch_leakage(layer_norm, x, steps=1)
    assert trimtab.Cause.BATCH_SHORTCUT.cure
