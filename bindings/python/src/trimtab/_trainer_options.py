"""How a net is trained, from Python to C."""

from __future__ import annotations

import ctypes
import operator
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from . import _options
from . import _structures as structures
from . import layers as _layers
from ._errors import INVALID_ARGUMENT, SHAPE, refusal, type_refusal
from .monitor import CLIPPINGS
from .tape import Callback, Objective

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from ._tensors import TensorLike

LOSSES = ("squared", "half_squared", "absolute", "huber", "cross_entropy", "binary_cross_entropy")
_CUSTOM = len(LOSSES)
OPTIMIZERS = ("sgd", "heavy_ball", "nesterov", "adam", "adamw", "rmsprop")
SCHEDULES = ("constant", "cosine", "step", "exponential")
PRECISIONS = ("float32", "float64")
_CHOICES = {"optimizer": OPTIMIZERS, "precision": PRECISIONS, "schedule": SCHEDULES, "clipping": CLIPPINGS}
_GIVEN_APART = frozenset(("layers", "layer_count", "input_shape", "input_rank", "seed", "loss", "objective", "user"))
#: Options that some optimizers, schedules and clippings alone have.
_OPTIMIZERS_OF = {
    "momentum": ("heavy_ball", "nesterov"),
    "beta1": ("adam", "adamw"),
    "beta2": ("adam", "adamw"),
    "epsilon": ("adam", "adamw", "rmsprop"),
    "smoothing": ("rmsprop",),
}
_SCHEDULES_OF = {
    "total_steps": ("cosine",),
    "minimum_factor": ("cosine",),
    "step_size": ("step",),
    "decay": ("step", "exponential"),
}


class TrainerOptions(TypedDict, total=False):
    """How a net is trained, beside its loss, optimizer and learning rate.

    momentum        0.9 of "heavy_ball" and "nesterov"
    beta1, beta2    0.9, 0.999 of "adam" and "adamw"
    epsilon         1e-8 of "adam", "adamw" and "rmsprop", above 0: PyTorch's 0 gives NaN where a gradient was always 0
    smoothing       0.99 of "rmsprop"
    weight_decay    0.0
    schedule        "constant", "cosine" (to minimum_factor over total_steps), "step" (times decay every step_size
                    steps) or "exponential" (times decay every step)
    warm_up_steps   0 steps in which the rate rises in a line
    total_steps, step_size, decay, minimum_factor   0, 0, 0.1, 0.0: of the schedule
    clipping        "none", "fixed" (to maximum_norm), "adaptive" (ZClip) or "per_tensor" (AdaGC)
    maximum_norm    1.0
    average_decay   0.0: of a moving average of the weights; 0: none
    leak_start, leak_end, leak_time   0.3, 0.01, 200.0: slope of scheduled leaks over the steps
    """

    momentum: float
    beta1: float
    beta2: float
    epsilon: float
    smoothing: float
    weight_decay: float
    schedule: str
    warm_up_steps: int
    total_steps: int
    step_size: int
    decay: float
    minimum_factor: float
    clipping: str
    maximum_norm: float
    average_decay: float
    leak_start: float
    leak_end: float
    leak_time: float


def refuse_unused(optimizer: str, options: TrainerOptions) -> None:
    """What would be left aside in silence is a mistake: momentum belongs to other optimizers than "sgd"."""
    chosen = {"optimizer": optimizer, "schedule": options.get("schedule", "constant")}
    chosen["clipping"] = options.get("clipping", "none")
    clippings = {"maximum_norm": ("fixed", "adaptive", "per_tensor")}
    for kind, table in (("optimizer", _OPTIMIZERS_OF), ("schedule", _SCHEDULES_OF), ("clipping", clippings)):
        for name, users in table.items():
            if name in options and chosen[kind] not in users:
                words = " or ".join(f'"{one}"' for one in users)
                raise refusal(
                    INVALID_ARGUMENT, f'{name}: found it with {kind} "{chosen[kind]}", allowed only with {words}'
                )


def described(
    layers: Sequence[_layers.Layer], input_shape: Sequence[int], loss: str | Objective, seed: int, given: dict[str, Any]
) -> tuple[structures.TrainerOptions, Callback | None]:
    """A net and how it is trained, as C takes it; a loss function has to live as long as it is used."""
    settings = _settings(given)
    settings.seed = seed_number(seed)
    array, settings.layer_count = _layers.build(layers)
    settings.layers = array
    extents = _extents(input_shape)
    settings.input_shape, settings.input_rank = extents, len(extents)
    callback = None if isinstance(loss, str) else Callback(loss, "loss")
    if callback is None:
        settings.loss = _options.named("loss", loss, LOSSES)
    else:
        settings.loss, settings.objective = _CUSTOM, callback.pointer
    return settings, callback


def _settings(given: dict[str, Any]) -> structures.TrainerOptions:
    settings = structures.TrainerOptions()
    types = {name: kind for name, kind, *_ in structures.TrainerOptions._fields_}
    names = [name for name in _options.allowed(structures.TrainerOptions) if name not in _GIVEN_APART]
    for name, value in given.items():
        if name not in names:
            raise type_refusal(f"unknown option {name!r}, allowed: {', '.join(names)}")
        if name in _CHOICES:
            setattr(settings, name, _options.named(name, value, _CHOICES[name]))
        elif types[name] is ctypes.c_double:
            setattr(settings, name, _options.number(name, value))
        else:
            setattr(settings, name, _options.integer(name, value))
    return settings


def seed_number(seed: Any) -> int:
    try:
        number = operator.index(seed)
    except TypeError:
        raise type_refusal(f"seed: found {type(seed).__name__}, allowed an integer") from None
    if not 0 <= number < 1 << 64:
        raise refusal(INVALID_ARGUMENT, f"seed: found {number}, allowed 0 to 2^64 - 1")
    return number


def _extents(shape: Any) -> Any:
    try:
        given = list(shape)
    except TypeError:
        raise type_refusal(f"input_shape: found {type(shape).__name__}, allowed a tuple of integers") from None
    extents = [_options.integer(f"input_shape[{place}]", extent) for place, extent in enumerate(given)]
    for place, extent in enumerate(extents):
        if extent < 1:
            raise refusal(SHAPE, f"input_shape[{place}]: found {extent}, allowed 1 or more")
    return (ctypes.c_int64 * len(extents))(*extents)


def double_list(values: TensorLike, name: str) -> npt.NDArray[np.float64]:
    """A list of float64 for C."""
    try:
        found = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise type_refusal(f"{name}: found {type(values).__name__} that is no list of numbers") from None
    if found.ndim != 1:
        raise refusal(SHAPE, f"{name}: found rank {found.ndim}, allowed 1")
    return found


def integer_list(values: TensorLike, name: str) -> npt.NDArray[np.int64]:
    """A list of int64 for C."""
    given = np.asarray(values)
    if given.dtype.kind not in "iu" and given.size > 0:
        raise type_refusal(f"{name}: found element type {given.dtype.name}, allowed integers")
    if given.ndim != 1:
        raise refusal(SHAPE, f"{name}: found rank {given.ndim}, allowed 1")
    return np.ascontiguousarray(given, dtype=np.int64)
