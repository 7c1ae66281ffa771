"""Gradient norms against NumPy and torch, where those can answer, and against closed forms where they cannot."""

from __future__ import annotations

import json
import math
import pickle
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from randomness import generator, seeded

import trimtab
from trimtab import Cause, Outcome, Verdict


def layers(slope: float, depth: int, salt: int = 0) -> list[np.ndarray[Any, Any]]:
    """Gaussian weight gradients whose rms changes by `slope` decades a layer."""
    random = generator(salt)
    return [random.normal(size=(20, 30)) * 10.0 ** (slope * layer) for layer in range(depth)]


@seeded
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_global_norm_is_numpy_s(salt: int, count: int) -> None:
    random = generator(salt)
    tensors = [
        random.normal(size=random.integers(1, 9, size=random.integers(0, 4))).astype(random.choice(["f4", "f8"]))
        for _ in range(count)
    ]
    report = trimtab.gradient_norm(tensors)
    everything = np.concatenate([np.ravel(tensor).astype(np.float64) for tensor in tensors])
    assert report.global_norm == pytest.approx(np.linalg.norm(everything), rel=1e-12)
    assert report.mean_magnitude == pytest.approx(np.abs(everything).mean(), rel=1e-12)
    assert report.greatest_magnitude == np.abs(everything).max()
    assert (report.tensor_count, report.element_count) == (count, everything.size)
    assert report.clip_factor == pytest.approx(min(1, 1 / (report.global_norm + 1e-6)), rel=1e-12)


@pytest.mark.parametrize(
    ("tensors", "norm"),
    [
        ([np.full(10, 2e200)], 2e200 * math.sqrt(10)),
        ([np.full(1000, 1e20, np.float32)], float(np.float32(1e20)) * math.sqrt(1000)),
        ([np.full(1000, 1e-30, np.float32)], float(np.float32(1e-30)) * math.sqrt(1000)),
        ([np.full(4, 3e307), np.full(4, 1e-300)], 6e307),
        ([np.full(4, 1e-200), np.full(5, 1e-200)], 3e-200),
    ],
)
def test_norms_that_peers_lose(tensors: list[Any], norm: float) -> None:
    assert trimtab.gradient_norm(tensors).global_norm == pytest.approx(norm, rel=1e-14)


def test_clip_factor_brings_the_norm_down_and_never_above() -> None:
    """torch's own test of clip_grad_norm_."""
    gradients = [np.arange(1.0, 101).reshape(10, 10), np.ones(10) / 1000]
    factor = trimtab.gradient_norm(gradients, maximum_norm=2).clip_factor
    after = trimtab.gradient_norm([gradient * factor for gradient in gradients]).global_norm
    assert 2 - 1e-6 <= after <= 2
    assert trimtab.gradient_norm([np.full(3, 0.1)], maximum_norm=2).clip_factor == 1


def test_same_factor_as_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    parameters = [torch.nn.Parameter(torch.zeros(5, 4, dtype=torch.float64)) for _ in range(3)]
    for index, parameter in enumerate(parameters):
        parameter.grad = torch.from_numpy(generator(index).normal(size=(5, 4)))
    report = trimtab.gradient_norm(parameters)
    before = parameters[0].grad.clone()
    total = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    assert report.global_norm == pytest.approx(float(total), rel=1e-14)
    assert (before * report.clip_factor).numpy() == pytest.approx(parameters[0].grad.numpy(), rel=1e-14)


@pytest.mark.parametrize(
    ("slope", "verdict", "cause"),
    [
        (0.0, Verdict.HEALTHY, Cause.NONE),
        (0.147, Verdict.WARNING, Cause.VANISHING_GRADIENT),
        (-0.146, Verdict.WARNING, Cause.EXPLODING_GRADIENT),
        (0.626, Verdict.CRITICAL, Cause.VANISHING_GRADIENT),
    ],
)
def test_depth_slope(slope: float, verdict: Verdict, cause: Cause) -> None:
    """Slopes measured on 30-layer nets: He ReLU, Xavier ReLU, twice He, sigmoid."""
    tensors = layers(slope, 20)
    report = trimtab.gradient_norm(tensors, vanishing_mean_magnitude=0.0)
    roots = [np.sqrt((tensor**2).mean()) for tensor in tensors]
    assert report.depth_slope == pytest.approx(np.polyfit(np.arange(20), np.log10(roots), 1)[0], rel=1e-9, abs=1e-12)
    assert report.depth_ratio == pytest.approx(roots[0] / roots[-1], rel=1e-12)
    assert (report.verdict, report.cause, report.depth) == (verdict, cause, 20)


def test_biases_are_no_layers() -> None:
    weights = layers(0.2, 6)
    biased = [tensor for weight in weights for tensor in (weight, np.full(30, 1e-9))]
    assert trimtab.gradient_norm(biased).depth == 6
    assert trimtab.gradient_norm(biased).depth_slope == trimtab.gradient_norm(weights).depth_slope


def test_nonfinite_is_located_by_name() -> None:
    tensors = {"a.weight": np.ones((2, 3)), "b.weight": np.ones((2, 3)), "c.weight": np.ones(4)}
    tensors["b.weight"][1, 1] = np.nan
    tensors["c.weight"][0] = np.inf
    report = trimtab.gradient_norm(tensors)
    assert (report.first_nonfinite_tensor, report.first_nonfinite_index, report.first_nonfinite_name) == (
        1,
        4,
        "b.weight",
    )
    assert (report.nonfinite_count, report.nonfinite_tensor_count) == (2, 2)
    assert (report.cause, report.verdict, report.clip_factor) == (Cause.NONFINITE_GRADIENT, Verdict.CRITICAL, 0)
    assert report.global_norm == pytest.approx(math.sqrt(14), rel=1e-15)
    assert "b.weight" in repr(report)
    assert report.as_dict()["first_nonfinite_name"] == "b.weight"


def test_zero_and_vanishing_tensors() -> None:
    report = trimtab.gradient_norm([np.zeros((3, 3)), np.full((3, 3), 1e-9), np.ones((3, 3))])
    assert (report.zero_tensor_count, report.vanishing_tensor_count) == (1, 2)


def test_nothing_is_insufficient() -> None:
    nothing: list[Any] = [[], {}, [np.empty((0, 3))]]
    for gradients in nothing:
        report = trimtab.gradient_norm(gradients)
        assert (report.outcome, report.verdict) == (Outcome.INSUFFICIENT, Verdict.UNKNOWN)
        assert math.isnan(report.global_norm)


def test_each_tensor_has_its_summary() -> None:
    tensors = layers(0.1, 4)
    assert trimtab.gradient_norm(tensors).each == tuple(trimtab.summarize(tensor) for tensor in tensors)


def test_torch_module_parameters_and_missing_gradients() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
    assert trimtab.gradient_norm(module).without_gradient == ("0.weight", "0.bias", "2.weight", "2.bias")
    module[0](torch.randn(5, 4)).sum().backward()
    report = trimtab.gradient_norm(module)
    assert (report.names, report.without_gradient) == (("0.weight", "0.bias"), ("2.weight", "2.bias"))
    for gradients in (
        module.named_parameters(),
        module.parameters(),
        dict(module.named_parameters()),
        [parameter.grad for parameter in module.parameters()],
    ):
        assert trimtab.gradient_norm(gradients).global_norm == report.global_norm
    assert trimtab.gradient_norm(module.parameters()).without_gradient == ("2", "3")
    half = module.to(torch.bfloat16)
    assert trimtab.gradient_norm(half).global_norm == pytest.approx(report.global_norm, rel=1e-2)


def test_one_array_is_one_tensor() -> None:
    assert trimtab.gradient_norm(np.ones((3, 4))).tensor_count == 1


@pytest.mark.parametrize(
    ("gradients", "error", "message"),
    [
        ([np.ones(3), np.ones(3, dtype=int)], TypeError, r"gradients\[1\]"),
        ({"w": np.array(["x"])}, TypeError, r"gradients\['w'\]"),
        (7, TypeError, "gradients: found int, allowed arrays"),
        ([np.zeros((1,) * 9)], ValueError, r"gradients\[0\]"),
    ],
)
def test_what_is_refused(gradients: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        trimtab.gradient_norm(gradients)


def test_shards_add_to_the_whole() -> None:
    tensors = layers(0.2, 5)
    whole = trimtab.gradient_norm(tensors)
    first, second = trimtab.Gradients(), trimtab.Gradients()
    first.add([tensor[:7] for tensor in tensors])
    second.add([tensor[7:] for tensor in tensors])
    by_merge = first.merge(second).report()
    by_summaries = (
        trimtab.Gradients().add_summaries([trimtab.summarize(tensor) for tensor in tensors], ranks=[2] * 5).report()
    )
    for report in (by_merge, by_summaries):
        assert report.global_norm == pytest.approx(whole.global_norm, rel=1e-14)
        assert report.depth_slope == pytest.approx(whole.depth_slope, rel=1e-12)
        assert (report.depth, report.element_count, report.verdict) == (5, 3000, whole.verdict)


def test_ranks_choose_the_layers_of_the_slope() -> None:
    summaries = [trimtab.summarize(tensor) for tensor in layers(0.2, 6)]
    assert trimtab.Gradients().add_summaries(summaries, ranks=[2, 1, 2, 1, 2, 1]).report().depth == 3
    assert trimtab.Gradients().add_summaries(summaries).report().depth == 6
    with pytest.raises(ValueError, match="ranks: found 1 entries, allowed 6"):
        trimtab.Gradients().add_summaries(summaries, ranks=[2])
    with pytest.raises(TypeError, match=r"summaries\[0\]: found float"):
        trimtab.Gradients().add_summaries([1.0])  # type: ignore[list-item]


def test_names_are_remembered_pickled_and_compared() -> None:
    gradients = trimtab.Gradients().add({"a": np.ones((2, 2)), "b": np.array([np.nan])})
    again = pickle.loads(pickle.dumps(gradients))
    assert again.report() == gradients.report()
    assert again.report().first_nonfinite_name == "b"
    with pytest.raises(ValueError, match="gradients: found the names"):
        gradients.add({"a": np.ones((2, 2)), "c": np.ones(1)})
    with pytest.raises(ValueError, match="gradients"):
        gradients.add([np.ones(3)])


def test_as_dict_is_json() -> None:
    listed = json.loads(json.dumps(trimtab.gradient_norm(layers(0.7, 5)).as_dict(), allow_nan=False))
    assert listed["verdict"] == "critical"
    assert "_summaries" not in listed
