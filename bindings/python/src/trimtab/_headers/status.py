"""status.h."""

from __future__ import annotations

import ctypes
from ctypes import c_char_p, c_int32, c_uint32
from typing import Any

from ._common import Signature

STRUCTURES: dict[str, type[ctypes.Structure]] = {}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {
    "trimtab_status_name": (c_char_p, (c_int32,)),
    "trimtab_last_error": (c_char_p, ()),
    "trimtab_version_number": (c_uint32, ()),
    "trimtab_version_string": (c_char_p, ()),
    "trimtab_abi_version": (c_uint32, ()),
    "trimtab_kernel_level": (c_char_p, ()),
    "trimtab_outcome_name": (c_char_p, (c_int32,)),
    "trimtab_verdict_name": (c_char_p, (c_int32,)),
    "trimtab_cause_name": (c_char_p, (c_int32,)),
    "trimtab_cause_text": (c_char_p, (c_int32,)),
    "trimtab_cure_text": (c_char_p, (c_int32,)),
    "trimtab_check_text": (c_char_p, (c_int32,)),
}
