"""A trainer's losses as functions of a tape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from randomness import generator
from trainers import INPUTS, TARGETS, make, run

import trimtab

if TYPE_CHECKING:
    pass


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
