"""What a GradScaler has done to the gradients so far, read without waiting for a device."""

from __future__ import annotations

import functools
import threading
import weakref
from typing import Any, ClassVar

import torch


def scale_of(scaler: Any) -> Any:
    """The loss scale: a tensor where the scaler keeps it, a number before its first use; None without one."""
    if scaler is None or not scaler.is_enabled():
        return None
    scale = getattr(scaler, "_scale", None)
    return getattr(scaler, "_init_scale", None) if scale is None else scale


def is_unscaled(scaler: Any, optimizer: Any) -> bool:
    """Whether the gradients are free of the loss scale: `scaler.unscale_` was called for this step."""
    if scaler is None or not scaler.is_enabled() or optimizer is None:
        return True
    state = getattr(scaler, "_per_optimizer_states", {}).get(id(optimizer))
    stage = None if state is None else state.get("stage")
    # READY, UNSCALED and STEPPED; one that was not asked yet has no state.
    return stage is not None and getattr(stage, "value", stage) != 0


class FoundScaler:
    """The scaler of a program that did not name it: the one that scales a loss before the first step is judged.

    For so long `GradScaler.scale` also tells; then it is as it was.
    """

    _lock = threading.Lock()
    _waiting: ClassVar[weakref.WeakSet[FoundScaler]] = weakref.WeakSet()
    _original: Any = None
    _telling: Any = None

    def __init__(self) -> None:
        self.scaler: Any = None
        with FoundScaler._lock:
            FoundScaler._waiting.add(self)
            if FoundScaler._original is None:
                FoundScaler._replace()

    def end(self) -> Any:
        """Listens no more; the scaler, or None."""
        with FoundScaler._lock:
            FoundScaler._waiting.discard(self)
            if not FoundScaler._waiting and FoundScaler._original is not None:
                # Somebody else may have put a function of their own there.
                if torch.amp.GradScaler.scale is FoundScaler._telling:
                    torch.amp.GradScaler.scale = FoundScaler._original
                FoundScaler._original = FoundScaler._telling = None
        return self.scaler

    @staticmethod
    def _replace() -> None:
        original = FoundScaler._original = torch.amp.GradScaler.scale

        @functools.wraps(original)
        def scale(scaler: Any, outputs: Any) -> Any:
            for waiting in list(FoundScaler._waiting):
                waiting.scaler = scaler
            return original(scaler, outputs)

        torch.amp.GradScaler.scale = FoundScaler._telling = scale
