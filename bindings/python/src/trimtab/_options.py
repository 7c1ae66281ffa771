"""Keyword options, named as the C fields, as option structures."""

from __future__ import annotations

import ctypes
import operator
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from . import _structures as structures
from ._errors import INVALID_ARGUMENT, refusal, type_refusal

_Options = TypeVar("_Options", bound=structures.Sized)
_HIDDEN = frozenset(("struct_size", "reserved", "class_prior_count", "stops", "stop_count"))
_INTEGER_BITS: dict[Any, int] = {ctypes.c_int32: 32, ctypes.c_int64: 64, ctypes.c_uint64: 64}

ACTIVATIONS = ("relu", "leaky_relu", "elu", "silu", "gelu", "tanh", "sigmoid", "identity")
WHITENINGS = ("zca", "pca", "cholesky")
METHODS = ("automatic", "exact", "estimate")
DETECTOR_KINDS = (
    "spike",
    "level_shift",
    "drift",
    "divergence",
    "plateau",
    "oscillation",
    "vanishing",
    "unchanged",
    "nonfinite",
)
DETECTOR_DIRECTIONS = ("up", "down", "both")
DETECTOR_SCALES = ("automatic", "linear", "logarithmic")
_WORDS = {"activation": ACTIVATIONS, "kind": DETECTOR_KINDS, "direction": DETECTOR_DIRECTIONS, "scale": DETECTOR_SCALES}
NORMS: dict[Any, int] = {1: 1, 2: 2, float("inf"): 3, "fro": 4, "one": 1, "two": 2, "infinity": 3, "frobenius": 4}


def allowed(structure: type[structures.Sized]) -> tuple[str, ...]:
    """The options of a structure that a caller may give."""
    return tuple(name for name, *_ in structure._fields_ if name not in _HIDDEN)


def build(structure: type[_Options], options: Mapping[str, Any]) -> _Options:
    """A filled option structure. Memory that it points at (a class prior) lives as long as it does.

    Errors: TypeError for a name that the structure does not have or a value of another type, ValueError for one
    outside its range.
    """
    result = structure()
    types = {name: kind for name, kind, *_ in structure._fields_}
    names = allowed(structure)
    for name, value in options.items():
        if name not in names:
            raise type_refusal(f"unknown option {name!r}, allowed: {', '.join(names)}")
        if name == "class_prior":
            _set_class_prior(result, value)
        elif name in _WORDS:
            setattr(result, name, named(name, value, _WORDS[name]))
        elif name == "method":
            result.method = named(name, value, WHITENINGS if structure is structures.WhiteningOptions else METHODS)
        elif name == "norm":
            result.norm = _norm(value)
        elif types[name] is ctypes.c_double:
            setattr(result, name, number(name, value))
        else:
            setattr(result, name, integer(name, value, _INTEGER_BITS[types[name]]))
    return result


def named(name: str, value: Any, words: tuple[str, ...]) -> int:
    """The code of a word. Errors: ValueError that lists the words, TypeError for what is no string."""
    if not isinstance(value, str):
        raise type_refusal(f"{name}: found {type(value).__name__}, allowed one of {', '.join(map(repr, words))}")
    if value not in words:
        raise refusal(INVALID_ARGUMENT, f"{name}: found {value!r}, allowed one of {', '.join(map(repr, words))}")
    return words.index(value)


def number(name: str, value: Any) -> float:
    """A float. Errors: TypeError."""
    try:
        if isinstance(value, (str, bytes)):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise type_refusal(f"{name}: found {type(value).__name__}, allowed a number") from None


def integer(name: str, value: Any, bits: int = 64) -> int:
    """An integer that C can hold. Errors: TypeError, ValueError."""
    try:
        result = operator.index(value)
    except TypeError:
        raise type_refusal(f"{name}: found {type(value).__name__}, allowed an integer") from None
    # ctypes would cut off what does not fit, without a word.
    if not -(1 << (bits - 1)) <= result < 1 << (bits - 1):
        raise refusal(INVALID_ARGUMENT, f"{name}: found {result}, allowed {bits} bits")
    return result


def _norm(value: Any) -> int:
    try:
        return NORMS[value]
    except (KeyError, TypeError):
        raise refusal(INVALID_ARGUMENT, f"norm: found {value!r}, allowed 2, 1, inf or 'fro'") from None


def _set_class_prior(options: Any, value: Any) -> None:
    if value is None:
        return
    try:
        prior = np.ascontiguousarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise type_refusal(f"class_prior: found {type(value).__name__} that is no sequence of numbers") from error
    if prior.ndim != 1:
        raise refusal(INVALID_ARGUMENT, f"class_prior: found rank {prior.ndim}, allowed 1")
    buffer = (ctypes.c_double * len(prior))(*prior) if len(prior) else (ctypes.c_double * 1)()
    options.class_prior = buffer  # ctypes keeps the buffer alive with the structure.
    options.class_prior_count = len(prior)
