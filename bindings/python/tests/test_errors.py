"""Every error is a TrimtabError and the builtin of its kind at once, and names the argument."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import trimtab
from trimtab import TrimtabError

ONES = np.ones((9, 3))


class Unwilling:
    """An element that refuses to be an array, as a torch tensor that requires grad does."""

    def __array__(self, *_: object, **__: object) -> Any:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


def closed() -> trimtab.Covariance:
    covariance = trimtab.Covariance()
    covariance.close()
    return covariance


def loaded() -> trimtab.Whitener:
    return trimtab.Whitener.load(trimtab.Whitener().fit(np.diag([1.0, 2.0, 3.0])).save())


REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: trimtab.gradient_norm(None), TypeError, "gradients: found NoneType, allowed"),
    (lambda: trimtab.gradient_norm(3.0), TypeError, "gradients: found float, allowed"),
    (lambda: trimtab.gradient_norm([np.ones(3)], surprise=1), TypeError, "unknown option 'surprise', allowed: "),  # type: ignore[call-arg]
    (lambda: trimtab.gradient_norm([np.ones(3)], maximum_norm="1"), TypeError, "maximum_norm: found str, allowed a"),  # type: ignore[arg-type]
    (lambda: trimtab.gradient_norm([np.ones(3)], least_depth=2.5), TypeError, "least_depth: found float, allowed an"),  # type: ignore[arg-type]
    (lambda: trimtab.dead_neurons(ONES, activation=1), TypeError, "activation: found int, allowed one of"),  # type: ignore[arg-type]
    (lambda: trimtab.dead_neurons(ONES, activation="x"), ValueError, "activation: found 'x', allowed one of"),
    (lambda: trimtab.pseudo_label_drift([0], [0], class_prior="ab"), TypeError, "class_prior: found str"),  # type: ignore[arg-type]
    (lambda: trimtab.Covariance().merge(None), TypeError, "other: found NoneType, allowed Covariance"),  # type: ignore[arg-type]
    (lambda: trimtab.Activity().compare(None), TypeError, "after: found NoneType, allowed Activity"),  # type: ignore[arg-type]
    (lambda: trimtab.Summary.identity().merge(None), TypeError, "other: found NoneType, allowed Summary"),  # type: ignore[arg-type]
    (lambda: trimtab.Covariance.load(None), TypeError, "state: found NoneType, allowed bytes"),  # type: ignore[arg-type]
    (lambda: trimtab.Whitener.load(None), TypeError, "state: found NoneType, allowed bytes"),  # type: ignore[arg-type]
    (lambda: trimtab.summarize_all(None), TypeError, "tensors: found NoneType, allowed"),  # type: ignore[call-overload]
    (lambda: trimtab.summarize([Unwilling(), Unwilling()]), ValueError, "tensor: found list that cannot be made an"),
    (lambda: trimtab.summarize(None), TypeError, "tensor: found element type object, allowed"),  # type: ignore[arg-type]
    (lambda: trimtab.Gradients().add_summaries(None), TypeError, "summaries: found NoneType, allowed"),  # type: ignore[arg-type]
    (lambda: trimtab.Gradients().add_summaries([None]), TypeError, r"summaries\[0\]: found NoneType, allowed"),  # type: ignore[list-item]
    (lambda: trimtab.Gradients().add_summaries([], 5), TypeError, "ranks: found int, allowed"),  # type: ignore[arg-type]
    (lambda: closed().report(), ValueError, "self: found a closed Covariance, allowed an open one"),
    (lambda: closed().add(ONES), ValueError, "self: found a closed Covariance"),
    (lambda: closed().save(), ValueError, "self: found a closed Covariance"),
    (lambda: trimtab.Covariance().merge(closed()), ValueError, "self: found a closed Covariance"),
    (lambda: trimtab.LabelDrift().add("a", [0]), TypeError, "round: found str, allowed an integer"),  # type: ignore[arg-type]
    (lambda: trimtab.Whitener().set_params(depth=1), ValueError, "unknown parameter 'depth', allowed: method"),
    (lambda: trimtab.Whitener().transform(ONES), ValueError, "self: found a Whitener that is not fitted"),
    (lambda: loaded().partial_fit(ONES), ValueError, "self: found a Whitener loaded from a saved map"),
    (lambda: trimtab.Whitener(method=7).fit(ONES), TypeError, "method: found int, allowed one of"),  # type: ignore[arg-type]
    (lambda: trimtab.Verdict.HEALTHY < "grave", ValueError, "verdict: found 'grave', allowed unknown, healthy"),
    (lambda: trimtab.Whitener().fit(np.zeros((3, 0))), ValueError, "X: found 0 features, allowed 1 or more"),
    (lambda: trimtab.Whitener().fit(np.zeros((1, 3))), ValueError, "X: found 1 samples, allowed 2 or more"),
    (lambda: trimtab.Whitener().fit("abc"), TypeError, "X: found strings, allowed"),
    (lambda: trimtab.Whitener().fit(np.ones(())), ValueError, "X: found rank 0, allowed"),
    (lambda: loaded().transform(np.ones((2, 5))), ValueError, "X: found 5 features, allowed 3"),
]


@pytest.mark.parametrize(("call", "builtin", "text"), REFUSED, ids=[text for _, _, text in REFUSED])
def test_errors_are_both(call: Callable[[], Any], builtin: type[Exception], text: str) -> None:
    with pytest.raises(builtin, match=text) as raised:
        call()
    assert isinstance(raised.value, TrimtabError)
    assert raised.value.name.startswith("TRIMTAB_ERROR_")


def test_a_whitener_that_is_not_fitted_lacks_its_attributes() -> None:
    assert not hasattr(trimtab.Whitener(), "mean_")


def test_torch_tensors_that_require_grad_in_a_list() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(TrimtabError, match="tensor: found list that cannot be made an array"):
        trimtab.summarize([torch.ones(2, requires_grad=True), torch.ones(2)])


@pytest.mark.parametrize(
    "call",
    [
        trimtab.condition_number,
        trimtab.matrix_condition,
        trimtab.dead_neurons,
        trimtab.pseudo_label_drift,
        trimtab.gradient_norm,
    ],
)
def test_the_options_that_help_refers_to_are_public(call: Callable[..., Any]) -> None:
    """Also: they name every option that the library takes, and say its default."""
    from trimtab import _options, _structures

    annotation = inspect.signature(call).parameters["options"].annotation
    name = annotation.removeprefix("Unpack[").removesuffix("]")
    public = getattr(trimtab, name)
    assert name in trimtab.__all__
    assert f"`{name}`" in (call.__doc__ or "")
    assert set(public.__annotations__) == set(_options.allowed(getattr(_structures, name)))
    assert all(option in public.__doc__ for option in public.__annotations__)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (trimtab.condition_number, "samples"),
        (trimtab.matrix_condition, "matrix"),
        (trimtab.dead_neurons, "preactivations"),
        (trimtab.Whitener().fit, "X"),
    ],
)
def test_ranks_are_allowed_in_one_form(call: Callable[..., Any], name: str) -> None:
    for rank in (0, 9):
        with pytest.raises(ValueError, match=f"^{name}: found rank {rank}, allowed 1 to 8$"):
            call(np.ones((1,) * rank))


def test_a_tensor_among_many_is_named_once() -> None:
    with pytest.raises(ValueError, match=r"^gradients\[1\]: found rank 9, allowed 0 to 8$"):
        trimtab.gradient_norm([np.ones(3), np.ones((1,) * 9)])
    with pytest.raises(ValueError, match=r"^tensors\[0\]: found rank 9, allowed 0 to 8$"):
        trimtab.summarize_all([np.ones((1,) * 9)])


@pytest.mark.parametrize("method", ["zca", "pca", "cholesky"])
def test_a_loaded_whitener_knows_how_it_was_fitted(method: str) -> None:
    whitener = trimtab.Whitener(method, regularisation=0.25).fit(ONES * np.arange(27).reshape(9, 3) ** 0.5)
    again = trimtab.Whitener.load(whitener.save())
    assert repr(again) == repr(whitener) == f"Whitener(method='{method}', regularisation=0.25)"
    assert trimtab.Whitener.load(whitener.save(), method="zca").method == "zca"
