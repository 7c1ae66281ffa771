"""Every function of the headers: its result type and its argument types. Nothing else in the package declares one."""

from __future__ import annotations

import ctypes

from . import _headers
from ._headers._common import Signature
from ._headers.trainer import Tape

__all__ = ["SIGNATURES", "STRUCTURES", "Tape"]

SIGNATURES: dict[str, Signature] = _headers.SIGNATURES
#: Every structure of the headers, by its name in C.
STRUCTURES: dict[str, type[ctypes.Structure]] = _headers.STRUCTURES
