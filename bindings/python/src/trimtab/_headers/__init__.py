"""The headers, each with a file of its own: its structures, its functions, its callbacks. A new header is one more."""

from __future__ import annotations

import ctypes
import importlib
from typing import Any

#: One for each header of include/trimtab.
_MODULES = tuple(
    importlib.import_module(f".{name}", __name__)
    for name in (
        "conditioning",
        "detector",
        "drift",
        "feature_scale",
        "generative",
        "gradients",
        "lab",
        "leakage",
        "log_doctor",
        "monitor",
        "neurons",
        "objectives",
        "overlap",
        "remedies",
        "set_up",
        "smoothness",
        "status",
        "summary",
        "tensor",
        "trainer",
    )
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
