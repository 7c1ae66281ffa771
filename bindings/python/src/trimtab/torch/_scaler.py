"""What a GradScaler has done to the gradients so far, read without waiting for a device."""

from __future__ import annotations

from typing import Any


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
