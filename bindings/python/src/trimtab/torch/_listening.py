"""Listens to functions of torch as a program calls them: what they are given tells what is minimised, and what
attention looks at.

For a step at a time the functions are replaced by ones that also tell; in between torch is as it was.
"""

from __future__ import annotations

import functools
import threading
import weakref
from typing import Any

import torch

from ._hooks import is_aside

#: Where a function lives, its name there, and what it is here. Losses are caught where torch.nn.functional calls them.
_FUNCTIONS: tuple[tuple[Any, str, str], ...] = (
    (torch._C._nn, "cross_entropy_loss", "cross_entropy"),
    (torch._C._nn, "nll_loss_nd", "negative_log_likelihood"),
    (torch._C._nn, "binary_cross_entropy", "binary_cross_entropy"),
    (torch, "binary_cross_entropy_with_logits", "binary_cross_entropy_with_logits"),
    (torch._C._nn, "mse_loss", "squared_error"),
    (torch._C._nn, "l1_loss", "absolute_error"),
    (torch._C._nn, "smooth_l1_loss", "huber"),
    (torch._C._nn, "huber_loss", "huber"),
    (torch.nn.functional, "scaled_dot_product_attention", "attention"),
    (torch, "softmax", "softmax"),
    (torch.Tensor, "softmax", "softmax"),
)

#: Not kept alive by being listed here: a watch that is dropped listens no more.
_ears: list[weakref.WeakMethod[Any]] = []
_lock = threading.Lock()
#: What was replaced: where, under which name, whether it stood there itself or was inherited, by what.
_replaced: list[tuple[Any, str, Any, bool, Any]] = []


def listen(ear: Any) -> None:
    """From now on `ear`, a method, is told of every such call that a gradient can go through: the function's word, its
    arguments by place and by name, and its result.
    """
    listed = weakref.WeakMethod(ear)
    with _lock:
        if listed not in _ears:
            _ears.append(listed)
        if not _replaced:
            _replace()


def leave(ear: Any) -> None:
    """Ends it."""
    listed = weakref.WeakMethod(ear)
    with _lock:
        _ears[:] = [one for one in _ears if one != listed and one() is not None]
        if not _ears:
            _put_back()


def _replace() -> None:
    for place, name, kind in _FUNCTIONS:
        original = getattr(place, name, None)
        if original is not None:
            telling = _telling(original, kind)
            _replaced.append((place, name, original, name in vars(place), telling))
            setattr(place, name, telling)


def _put_back() -> None:
    for place, name, original, is_own, telling in _replaced:
        # Somebody else may have put a function of their own there.
        if getattr(place, name, None) is telling:
            if is_own:
                setattr(place, name, original)
            else:
                delattr(place, name)
    _replaced.clear()


@functools.lru_cache(maxsize=64)
def _telling(original: Any, kind: str) -> Any:
    """The function, which also tells."""

    @functools.wraps(original)
    def telling(*arguments: Any, **keywords: Any) -> Any:
        result = original(*arguments, **keywords)
        if is_aside() or not isinstance(result, torch.Tensor):
            return result
        if result.grad_fn is not None:
            for listed in tuple(_ears):
                ear = listed()
                if ear is not None:
                    ear(kind, arguments, keywords, result)
        return result

    _tell_scripts(telling, original)
    return telling


def _tell_scripts(telling: Any, original: Any) -> None:
    """A function that is scripted meanwhile takes it for the original."""
    try:
        from torch.jit import _builtins

        name = _builtins._find_builtin(original)
        if name is not None:
            _builtins._register_builtin(telling, name)
    except Exception:
        pass
