"""set_up.h: what a host tells a monitor of loss, mode and optimizer."""

from __future__ import annotations

import ctypes
import math
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32, c_uint64
from typing import Any, ClassVar

from ._common import Signature, Sized, Status
from .monitor import Monitor

_OBJECTIVE_NUMBERS = (
    "scale",
    "mean_loss",
    "guess_loss",
    "target_mean",
    "target_deviation",
    "target_minimum",
    "target_maximum",
    "integer_share",
    "unreachable_share",
    "output_mean",
    "output_deviation",
    "output_minimum",
    "output_maximum",
    "zero_output_share",
)
_SET_UP_COUNTS = (
    "normalisation_count",
    "dropout_count",
    "batch_rows",
    "batch_values",
    "training_passes",
    "frozen_passes",
    "evaluations_in_training",
    "evaluations",
    "evaluation_rows",
    "training_rows",
)
_SET_UP_NUMBERS = (
    "dropout",
    "learning_rate",
    "weight_decay",
    "epsilon",
    "held_epsilon",
    "gradient_scale",
    "zero_gradient_share",
    "gradient_norm",
    "weight_norm",
    "norm_before",
    "norm_after",
)


class Objective(Sized):
    """trimtab_objective_facts."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("loss", c_int32),
        ("reduction", c_int32),
        ("activation", c_int32),
        ("flags", c_uint32),
        ("reserved", c_int32),
        ("sample_count", c_int64),
        ("element_count", c_int64),
        ("output_count", c_int64),
        ("distinct_count", c_int64),
        ("input_fingerprint", c_uint64),
        ("target_fingerprint", c_uint64),
        *((name, c_double) for name in _OBJECTIVE_NUMBERS),
    ]
    defaults: ClassVar[dict[str, float]] = dict.fromkeys(_OBJECTIVE_NUMBERS, math.nan)


class SetUp(Sized):
    """trimtab_set_up_facts."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
        *((name, c_int64) for name in _SET_UP_COUNTS),
        *((name, c_double) for name in _SET_UP_NUMBERS),
    ]
    defaults: ClassVar[dict[str, float]] = dict.fromkeys(_SET_UP_NUMBERS, math.nan)


STRUCTURES: dict[str, type[ctypes.Structure]] = {"trimtab_objective_facts": Objective, "trimtab_set_up_facts": SetUp}
SIGNATURES: dict[str, Signature] = {
    "trimtab_monitor_observe_objective": (Status, (POINTER(Monitor), POINTER(Objective))),
    "trimtab_monitor_observe_set_up": (Status, (POINTER(Monitor), POINTER(SetUp))),
}
CALLBACKS: dict[str, Any] = {}
