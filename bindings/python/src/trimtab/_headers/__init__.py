"""Headers that have a file of their own here: its structures and its functions. A new header is one more."""

from __future__ import annotations

import ctypes
from typing import Any

from . import (
    drift,
    feature_scale,
    generative,
    lab,
    leakage,
    log_doctor,
    objectives,
    overlap,
    remedies,
    smoothness,
    trainer,
)

_MODULES = (
    drift,
    feature_scale,
    generative,
    lab,
    leakage,
    log_doctor,
    objectives,
    overlap,
    remedies,
    smoothness,
    trainer,
)

#: Structures by their names in C.
STRUCTURES: dict[str, type[ctypes.Structure]] = {
    name: structure for module in _MODULES for name, structure in module.STRUCTURES.items()
}
#: Functions: result type and argument types.
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    name: signature for module in _MODULES for name, signature in module.SIGNATURES.items()
}
#: Types of callbacks by their names in C.
CALLBACKS: dict[str, Any] = {name: kind for module in _MODULES for name, kind in module.CALLBACKS.items()}
