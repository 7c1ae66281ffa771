"""What the tables of all headers are made of."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint8, c_uint32, c_void_p
from typing import Any, ClassVar


class Sized(ctypes.Structure):
    """A structure that begins with struct_size, which is filled, as are the defaults of options."""

    defaults: ClassVar[dict[str, float]] = {}
    struct_size: int

    def __init__(self) -> None:
        super().__init__(struct_size=ctypes.sizeof(self), **self.defaults)


#: How the reports begin that judge.
VERDICT: list[tuple[str, Any]] = [
    ("struct_size", c_uint32),
    ("outcome", c_int32),
    ("verdict", c_int32),
    ("cause", c_int32),
]

Status = c_int32
Doubles = POINTER(c_double)
Integers = POINTER(c_int64)
Bytes = POINTER(c_uint8)

#: Result type and argument types.
Signature = tuple[Any, tuple[Any, ...]]


def state_functions(kind: str, opaque: type[ctypes.Structure]) -> dict[str, Signature]:
    """The functions that every handle has."""
    handle = POINTER(opaque)
    return {
        f"trimtab_{kind}_save": (Status, (handle, c_void_p, c_int64, POINTER(c_int64))),
        f"trimtab_{kind}_load": (Status, (c_void_p, c_int64, POINTER(handle))),
        f"trimtab_{kind}_destroy": (None, (handle,)),
    }


def accumulator_functions(
    kind: str,
    opaque: type[ctypes.Structure],
    options: type[ctypes.Structure],
    add: tuple[Any, ...],
    report: tuple[Any, ...],
) -> dict[str, Signature]:
    """The functions that every accumulator has; `add` and `report` are what follows the handle."""
    handle = POINTER(opaque)
    return {
        f"trimtab_{kind}_create": (Status, (POINTER(options), POINTER(handle))),
        f"trimtab_{kind}_add": (Status, (handle, *add)),
        f"trimtab_{kind}_merge": (Status, (handle, handle)),
        f"trimtab_{kind}_report": (Status, (handle, *report)),
        **state_functions(kind, opaque),
    }
