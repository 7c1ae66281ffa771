"""Tells of every optimizer's step in the process: the one that takes another's place is known to nobody beforehand."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Protocol

from torch.optim.optimizer import register_optimizer_step_pre_hook

if TYPE_CHECKING:
    import torch
    from torch.utils.hooks import RemovableHandle


class Follower(Protocol):
    """Somebody who wants to know."""

    def stepping(self, optimizer: torch.optim.Optimizer) -> None: ...


#: Not kept alive by being listed here.
_followers: weakref.WeakSet[Any] = weakref.WeakSet()
_handle: RemovableHandle | None = None
_inside = 0


def follow(follower: Follower) -> None:
    """From now on it is told, just before the step, for as long as it lives."""
    global _handle
    _followers.add(follower)
    if _handle is None:
        _handle = register_optimizer_step_pre_hook(_stepping)


def leave(follower: Follower) -> None:
    """Ends it."""
    global _handle
    _followers.discard(follower)
    # Never while torch goes through its hooks, and so never because somebody was dropped: that may be at any time.
    if not _followers and _handle is not None and not _inside:
        _handle.remove()
        _handle = None


def _stepping(optimizer: torch.optim.Optimizer, arguments: Any, keywords: Any) -> None:
    global _inside
    _inside += 1
    try:
        for follower in tuple(_followers):
            follower.stepping(optimizer)
    finally:
        _inside -= 1
