"""The tapes of trainer.h: losses that a callback records."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_void_p
from typing import Any

from .._common import Doubles, Integers, Signature, Status
from ..tensor import Tensor


class Tape(ctypes.Structure):
    """An opaque trimtab_tape."""


#: trimtab_objective: user, tape, operands, count, loss.
OBJECTIVE = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, POINTER(c_int64), c_int64, POINTER(c_int64))

STRUCTURES: dict[str, type[ctypes.Structure]] = {}
CALLBACKS: dict[str, Any] = {"trimtab_objective": OBJECTIVE}
SIGNATURES: dict[str, Signature] = {
    "trimtab_tape_record": (Status, (POINTER(Tape), c_int32, Integers, c_int64, c_double, c_double, Integers)),
    "trimtab_tape_shape": (Status, (POINTER(Tape), c_int64, Integers, Integers)),
    "trimtab_objective_derivatives": (
        Status,
        (OBJECTIVE, c_void_p, POINTER(Tensor), c_int64, POINTER(Tensor), Doubles, POINTER(Tensor), POINTER(Tensor)),
    ),
}
