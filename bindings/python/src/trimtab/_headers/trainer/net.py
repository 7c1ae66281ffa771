"""The trainer of trainer.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_double, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Any, ClassVar

from .._common import Doubles, Integers, Signature, Sized, Status
from ..monitor import Monitor
from ..tensor import Tensor
from .tape import OBJECTIVE


class Trainer(ctypes.Structure):
    """An opaque trimtab_trainer."""


class Layer(Sized):
    """trimtab_layer."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("kind", c_int32),
        ("units", c_int64),
        ("kernel", c_int64),
        ("stride", c_int64),
        ("padding", c_int64),
        ("groups", c_int64),
        ("words", c_int64),
        ("activation", c_int32),
        ("normalisation", c_int32),
        ("initialiser", c_int32),
        ("flags", c_uint32),
        ("slope", c_double),
        ("rate", c_double),
        ("epsilon", c_double),
        ("gain", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "kernel": 1,
        "stride": 1,
        "groups": 1,
        "activation": -1,
        "slope": -1.0,
        "rate": -1.0,
        "epsilon": 1e-5,
        "gain": 1.0,
    }


class TrainerOptions(Sized):
    """trimtab_trainer_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("precision", c_int32),
        ("layers", POINTER(Layer)),
        ("layer_count", c_int64),
        ("input_shape", POINTER(c_int64)),
        ("input_rank", c_int64),
        ("seed", c_uint64),
        ("loss", c_int32),
        ("optimizer", c_int32),
        ("learning_rate", c_double),
        ("momentum", c_double),
        ("beta1", c_double),
        ("beta2", c_double),
        ("epsilon", c_double),
        ("smoothing", c_double),
        ("weight_decay", c_double),
        ("schedule", c_int32),
        ("clipping", c_int32),
        ("warm_up_steps", c_int64),
        ("total_steps", c_int64),
        ("step_size", c_int64),
        ("decay", c_double),
        ("minimum_factor", c_double),
        ("maximum_norm", c_double),
        ("average_decay", c_double),
        ("leak_start", c_double),
        ("leak_end", c_double),
        ("leak_time", c_double),
        ("objective", OBJECTIVE),
        ("user", c_void_p),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "learning_rate": 0.01,
        "momentum": 0.9,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-8,
        "smoothing": 0.99,
        "decay": 0.1,
        "maximum_norm": 1.0,
        "leak_start": 0.3,
        "leak_end": 0.01,
        "leak_time": 200.0,
    }


class TrainerReport(Sized):
    """trimtab_trainer_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("action", c_int32),
        ("step", c_int64),
        ("loss", c_double),
        ("gradient_norm", c_double),
        ("learning_rate", c_double),
        ("clip_factor", c_double),
        ("is_taken", c_int32),
        ("has_constant_targets", c_int32),
    ]


class EvaluationReport(Sized):
    """trimtab_evaluation_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("loss", c_double),
        ("accuracy", c_double),
        ("count", c_int64),
    ]


class SharpnessOptions(Sized):
    """trimtab_sharpness_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("is_preconditioned", c_int32),
        ("greatest_iterations", c_int64),
        ("trace_samples", c_int64),
        ("tolerance", c_double),
        ("seed", c_uint64),
    ]
    defaults: ClassVar[dict[str, float]] = {"greatest_iterations": 40, "tolerance": 1e-3}


class SharpnessReport(Sized):
    """trimtab_sharpness_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("largest_eigenvalue", c_double),
        ("residual_bound", c_double),
        ("threshold", c_double),
        ("index", c_double),
        ("trace", c_double),
        ("trace_error", c_double),
        ("iterations", c_int64),
        ("is_converged", c_int32),
        ("reserved", c_int32),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_layer": Layer,
    "trimtab_trainer_options": TrainerOptions,
    "trimtab_trainer_report": TrainerReport,
    "trimtab_evaluation_report": EvaluationReport,
    "trimtab_sharpness_options": SharpnessOptions,
    "trimtab_sharpness_report": SharpnessReport,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {
    "trimtab_trainer_create": (Status, (POINTER(TrainerOptions), POINTER(POINTER(Trainer)))),
    "trimtab_trainer_destroy": (None, (POINTER(Trainer),)),
    "trimtab_trainer_step": (Status, (POINTER(Trainer), POINTER(Tensor), POINTER(Tensor), POINTER(TrainerReport))),
    "trimtab_trainer_evaluate": (
        Status,
        (POINTER(Trainer), POINTER(Tensor), POINTER(Tensor), POINTER(EvaluationReport)),
    ),
    "trimtab_trainer_predict": (Status, (POINTER(Trainer), POINTER(Tensor), POINTER(Tensor))),
    "trimtab_trainer_output_shape": (Status, (POINTER(Trainer), Integers, Integers)),
    "trimtab_trainer_set_learning_rate": (Status, (POINTER(Trainer), c_double)),
    "trimtab_trainer_set_leak": (Status, (POINTER(Trainer), c_double, c_double, c_double)),
    "trimtab_trainer_set_graph": (Status, (POINTER(Trainer), c_int64, c_int64, Integers, Integers, Doubles)),
    "trimtab_trainer_tensor_count": (Status, (POINTER(Trainer), c_int32, Integers)),
    "trimtab_trainer_tensor": (Status, (POINTER(Trainer), c_int32, c_int64, POINTER(c_char_p), POINTER(Tensor))),
    "trimtab_trainer_attach": (Status, (POINTER(Trainer), POINTER(Monitor))),
    "trimtab_trainer_save": (Status, (POINTER(Trainer), c_void_p, c_int64, Integers)),
    "trimtab_trainer_load": (Status, (POINTER(Trainer), c_void_p, c_int64)),
    "trimtab_trainer_derivatives": (
        Status,
        (POINTER(Trainer), POINTER(Tensor), POINTER(Tensor), Doubles, c_int64, Doubles, Doubles, Doubles),
    ),
    "trimtab_trainer_sharpness": (
        Status,
        (
            POINTER(Trainer),
            POINTER(Tensor),
            POINTER(Tensor),
            POINTER(SharpnessOptions),
            POINTER(SharpnessReport),
        ),
    ),
}
