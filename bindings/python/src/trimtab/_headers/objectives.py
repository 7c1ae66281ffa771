"""objectives.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Any, ClassVar

from ._common import Sized
from .tensor import Tensor

_VERDICT: list[tuple[str, Any]] = [
    ("struct_size", c_uint32),
    ("outcome", c_int32),
    ("verdict", c_int32),
    ("cause", c_int32),
]


class Balance(ctypes.Structure):
    """An opaque trimtab_balance."""


class Tape(ctypes.Structure):
    """An opaque trimtab_tape."""


class BalanceOptions(Sized):
    """trimtab_balance_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("pixel_weight", c_double),
        ("adversarial_weight", c_double),
        ("least_ratio", c_double),
        ("greatest_ratio", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "pixel_weight": 1.0,
        "adversarial_weight": 1.0,
        "least_ratio": 0.1,
        "greatest_ratio": 2.0,
    }


class GradientBalanceReport(Sized):
    """trimtab_gradient_balance_report."""

    _fields_: ClassVar[Any] = [
        *_VERDICT,
        ("count", c_int64),
        ("nonfinite_count", c_int64),
        ("ratio", c_double),
        ("mean_cosine", c_double),
        ("cosine", c_double),
        ("conflict_share", c_double),
        ("pixel_norm", c_double),
        ("adversarial_norm", c_double),
        ("adaptive_weight", c_double),
        ("measurement", c_double),
        ("threshold", c_double),
    ]


class LossBalanceOptions(Sized):
    """trimtab_loss_balance_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("asymmetry", c_double),
        ("rate", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {"asymmetry": 1.5, "rate": 0.025}


class BlurReport(Sized):
    """trimtab_blur_report."""

    _fields_: ClassVar[Any] = [
        *_VERDICT,
        ("image_count", c_int64),
        ("nonfinite_count", c_int64),
        ("output_laplacian", c_double),
        ("reference_laplacian", c_double),
        ("ratio", c_double),
        ("mean_squared_error", c_double),
        ("peak_signal_to_noise", c_double),
        ("threshold", c_double),
    ]


class GameReport(Sized):
    """trimtab_game_report."""

    _fields_: ClassVar[Any] = [
        *_VERDICT,
        ("greatest_modulus", c_double),
        ("real", c_double),
        ("imaginary", c_double),
        ("greatest_real", c_double),
        ("threshold", c_double),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_balance_options": BalanceOptions,
    "trimtab_gradient_balance_report": GradientBalanceReport,
    "trimtab_loss_balance_options": LossBalanceOptions,
    "trimtab_blur_report": BlurReport,
    "trimtab_game_report": GameReport,
}
CALLBACKS: dict[str, Any] = {}
_Handle, _Tensor, _Doubles = POINTER(Balance), POINTER(Tensor), POINTER(c_double)
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "trimtab_gradient_balance": (
        c_int32,
        (_Tensor, _Tensor, POINTER(BalanceOptions), POINTER(GradientBalanceReport)),
    ),
    "trimtab_balance_create": (c_int32, (POINTER(BalanceOptions), POINTER(_Handle))),
    "trimtab_balance_add": (c_int32, (_Handle, _Tensor, _Tensor)),
    "trimtab_balance_merge": (c_int32, (_Handle, _Handle)),
    "trimtab_balance_report": (c_int32, (_Handle, POINTER(GradientBalanceReport))),
    "trimtab_balance_save": (c_int32, (_Handle, c_void_p, c_int64, POINTER(c_int64))),
    "trimtab_balance_load": (c_int32, (c_void_p, c_int64, POINTER(_Handle))),
    "trimtab_balance_destroy": (None, (_Handle,)),
    "trimtab_adaptive_weight": (c_double, (c_double, c_double, c_double, c_int64, c_int64)),
    "trimtab_project_conflicts": (c_int32, (_Tensor, c_int64, c_uint64, POINTER(c_int64))),
    "trimtab_balance_losses": (
        c_int32,
        (c_int64, _Doubles, _Doubles, _Doubles, POINTER(LossBalanceOptions), _Doubles, _Doubles),
    ),
    "trimtab_blur": (c_int32, (_Tensor, _Tensor, c_double, c_double, POINTER(BlurReport))),
    "trimtab_game_stability": (c_int32, (_Tensor, c_double, POINTER(GameReport))),
    "trimtab_interpolates": (c_int32, (_Tensor, _Tensor, c_int64, c_uint64, _Tensor)),
    "trimtab_tape_gradient_penalty": (
        c_int32,
        (POINTER(Tape), c_int64, c_int64, c_double, c_double, POINTER(c_int64)),
    ),
}
