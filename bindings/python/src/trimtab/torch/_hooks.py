"""Hooks that a copy of a model leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ._recorded import Forgotten

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn


#: The number of the backward pass that this thread is in; -1 for none.
_in_backward: Callable[[], int] = getattr(torch._C, "_current_graph_task_id", lambda: -1)
_transform: Callable[[], Any] = getattr(getattr(torch._C, "_functorch", None), "peek_interpreter_stack", lambda: None)


def is_aside() -> bool:
    """Whether what runs now is no forward pass to look at: a graph that is compiled, a backward pass that computes
    again what checkpointing did not keep, a function that torch.func transforms (its tensors have no values yet).
    """
    return torch.compiler.is_compiling() or _in_backward() != -1 or _transform() is not None


class Unwatched:
    """What becomes of a hook in a copy of a model: it does nothing."""

    __slots__ = ()

    def __call__(self, *arguments: Any) -> None:
        return None


class Hook:
    """A hook of a watch. It belongs to one run: a pickled or deep-copied model is not watched."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[..., None]) -> None:
        self._call = call

    def __call__(self, *arguments: Any) -> None:
        # A compiled graph goes without: a look at a tensor would break it in two.
        if is_aside():
            return
        self._call(*arguments)

    def __reduce__(self) -> tuple[type[Unwatched], tuple[()]]:
        return Unwatched, ()


def _is_left(hook: Any) -> bool:
    return isinstance(hook, Unwatched) or isinstance(getattr(hook, "__self__", None), Forgotten)


def forget_copies(model: nn.Module) -> None:
    """Takes off what a copied model still carries of the watch of its original."""
    for module in model.modules():
        for hooks in (module._forward_pre_hooks, module._forward_hooks):
            for key in [key for key, hook in hooks.items() if _is_left(hook)]:
                del hooks[key]
