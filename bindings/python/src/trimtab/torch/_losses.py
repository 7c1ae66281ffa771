"""Listens to loss functions as a program calls them: what they are given tells what is minimised, and of what.

For a step or two at a time the functions that `torch.nn.functional` calls are replaced by ones that also tell; in between
torch is as it was.
"""

from __future__ import annotations

import functools
import threading
import weakref
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

_REDUCTIONS = ("none", "mean", "sum")
#: Where a loss function lives, its name there, what it is here, and the place of the reduction among its arguments.
_FUNCTIONS: tuple[tuple[Any, str, str, int], ...] = (
    (torch._C._nn, "cross_entropy_loss", "cross_entropy", 3),
    (torch._C._nn, "nll_loss_nd", "negative_log_likelihood", 3),
    (torch._C._nn, "binary_cross_entropy", "binary_cross_entropy", 3),
    (torch, "binary_cross_entropy_with_logits", "binary_cross_entropy_with_logits", 4),
    (torch._C._nn, "mse_loss", "squared_error", 2),
    (torch._C._nn, "l1_loss", "absolute_error", 2),
    (torch._C._nn, "smooth_l1_loss", "huber", 2),
    (torch._C._nn, "huber_loss", "huber", 2),
)


class Call:
    """A loss function and what it was given."""

    __slots__ = ("ignored", "loss", "node", "outputs", "reduction", "result", "targets")

    def __init__(self, loss: str, arguments: tuple[Any, ...], reduction: str, result: torch.Tensor) -> None:
        self.loss, self.reduction = loss, reduction
        self.outputs: torch.Tensor = arguments[0]
        self.targets: torch.Tensor = arguments[1]
        self.result = result.detach()
        self.node: Any = result.grad_fn
        #: The label that stands for none.
        self.ignored = arguments[4] if loss in ("cross_entropy", "negative_log_likelihood") else None


#: Not kept alive by being listed here: a watch that is dropped listens no more.
_ears: list[weakref.WeakMethod[Callable[[Call], None]]] = []
_lock = threading.Lock()
_originals: list[tuple[Any, str, Any, Any]] = []


def listen(ear: Callable[[Call], None]) -> None:
    """From now on `ear` is told of every loss that a gradient can go through, in the thread that computes it."""
    listed = weakref.WeakMethod(ear)
    with _lock:
        if listed not in _ears:
            _ears.append(listed)
        if not _originals:
            _replace()


def leave(ear: Callable[[Call], None]) -> None:
    """Ends it."""
    listed = weakref.WeakMethod(ear)
    with _lock:
        _ears[:] = [one for one in _ears if one != listed and one() is not None]
        if not _ears:
            _put_back()


def _replace() -> None:
    for place, name, loss, position in _FUNCTIONS:
        original = getattr(place, name, None)
        if original is None:
            continue
        telling = _telling(original, loss, position)
        _originals.append((place, name, original, telling))
        setattr(place, name, telling)


def _put_back() -> None:
    for place, name, original, telling in _originals:
        # Somebody else may have put a function of their own there.
        if getattr(place, name, None) is telling:
            setattr(place, name, original)
    _originals.clear()


@functools.lru_cache(maxsize=64)
def _telling(original: Any, loss: str, position: int) -> Any:
    """The function, which also tells."""

    @functools.wraps(original)
    def telling(*arguments: Any, **keywords: Any) -> Any:
        result = original(*arguments, **keywords)
        if torch.compiler.is_compiling() or keywords or not isinstance(result, torch.Tensor):
            return result
        try:
            if result.grad_fn is not None and len(arguments) > position:
                call = Call(loss, arguments, _REDUCTIONS[arguments[position]], result)
                for listed in tuple(_ears):
                    ear = listed()
                    if ear is not None:
                        ear(call)
        except Exception:  # noqa: BLE001, S110 - what cannot be told is not known, and the program goes on
            pass
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
    except Exception:  # noqa: BLE001, S110 - nothing is scripted in such a torch
        pass
