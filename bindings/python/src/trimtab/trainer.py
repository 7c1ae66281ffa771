"""A compact trainer: a net, a loss and an optimizer from one description, with exact second derivatives."""

from __future__ import annotations

import ctypes
import warnings
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _handle, _options
from . import _structures as structures
from . import layers as _layers
from ._errors import SHAPE, refusal, type_refusal
from ._library import library
from ._monitor_words import ACTIONS
from ._tensors import TensorLike, output_view, view
from ._trainer_curvature import TrainerCurvature
from ._trainer_options import (
    LOSSES,
    OPTIMIZERS,
    PRECISIONS,
    SCHEDULES,
    TrainerOptions,
    described,
    double_list,
    integer_list,
    refuse_unused,
)
from ._trainer_results import Evaluation, LossDerivatives, Sharpness, TrainerStep, known
from ._trainer_views import Array
from .monitor import Monitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Unpack

    from .tape import Objective

__all__ = [
    "LOSSES",
    "OPTIMIZERS",
    "PRECISIONS",
    "SCHEDULES",
    "Array",
    "Evaluation",
    "LossDerivatives",
    "Sharpness",
    "Trainer",
    "TrainerOptions",
    "TrainerStep",
    "described",
]


class Trainer(TrainerCurvature):
    """Trains a net from a description: layers, loss, optimizer, seed.

    The same description, data and calls give the same bytes on every machine of one instruction set.

    layers         of `trimtab.layers`
    input_shape    of one sample, without the batch; of words (time,)
    loss           "squared", "half_squared", "absolute", "huber", "cross_entropy" (targets are labels),
                   "binary_cross_entropy" (outputs are logits), or a function of a `Tape`, the prediction and the target
                   that returns a scalar of the tape; it is called once for each batch size, not at each step
    optimizer      "sgd", "heavy_ball", "nesterov", "adam", "adamw" or "rmsprop"
    learning_rate  0.01
    precision      "float32" or "float64"
    seed           of the weights and of dropout
    options        as in `TrainerOptions`

    A call that fails leaves the trainer as it was. Safe to share between Python threads.
    Errors: ValueError and TypeError, naming the layer and its field or the option; what a loss function raises.
    Since 0.3.

    >>> import numpy as np
    >>> from trimtab import layers
    >>> x = np.linspace(-1, 1, 32).reshape(32, 1)
    >>> trainer = Trainer([layers.Dense(16, activation="tanh"), layers.Dense(1)], (1,), optimizer="adam")
    >>> first = trainer.step(x, x**2).loss
    >>> for _ in range(200):
    ...     last = trainer.step(x, x**2).loss
    >>> last < first / 10
    True
    """

    def __init__(
        self,
        layers: Sequence[_layers.Layer],
        input_shape: Sequence[int],
        *,
        loss: str | Objective = "squared",
        optimizer: str = "sgd",
        learning_rate: float = 0.01,
        precision: str = "float32",
        seed: int = 0,
        **options: Unpack[TrainerOptions],
    ) -> None:
        given: dict[str, Any] = {"optimizer": optimizer, "precision": precision, "learning_rate": learning_rate}
        given.update(options)
        settings, callback = described(layers, input_shape, loss, seed, given)
        refuse_unused(optimizer, options)
        self._layer_count = settings.layer_count
        self._dtype = np.dtype(precision)
        self._monitor: Monitor | None = None
        self._output_shape: tuple[int, ...] | None = None
        self._has_warned = False
        self._needs_graph = any(isinstance(layer, _layers.GraphConvolution) for layer in layers)
        super().__init__(settings, callback, needs_graph=self._needs_graph)

    def step(self, inputs: TensorLike, targets: TensorLike) -> TrainerStep:
        """Trains on a batch: forward, backward, clipping, what an attached monitor says, optimizer.

        inputs   [batch, *input_shape], any element type; words are whole numbers
        targets  of the output's shape; labels [batch, ...] for "cross_entropy"

        A loss or gradient that overflows is reported as it is, and the weights move unless a monitor objects.
        Errors: ValueError (shapes, NaN or Inf in the data, a label or word outside, no graph), TypeError.
        """
        given, wanted = view(inputs, "inputs"), view(targets, "targets")
        report = structures.TrainerReport()
        with self._open() as pointer, self._batch(given, shows=True):
            arguments = (pointer, ctypes.byref(given.structure), ctypes.byref(wanted.structure), ctypes.byref(report))
            if self._monitor is None:
                self._check(library.trimtab_trainer_step(*arguments))
            else:
                with self._monitor._lock:
                    self._check(library.trimtab_trainer_step(*arguments))
        if report.has_constant_targets and not self._has_warned:
            self._has_warned = True
            _warn("targets: found the same one in all samples so far: a constant is all that there is to learn")
        return TrainerStep(
            ACTIONS[report.action],
            report.step,
            known(report.loss),
            known(report.gradient_norm),
            report.learning_rate,
            report.clip_factor,
            bool(report.is_taken),
            bool(report.has_constant_targets),
        )

    def evaluate(self, inputs: TensorLike, targets: TensorLike) -> Evaluation:
        """The loss on a batch as it is outside training: no dropout, running statistics. Errors: as `step`."""
        given, wanted = view(inputs, "inputs"), view(targets, "targets")
        report = structures.EvaluationReport()
        with self._open() as pointer:
            self._check(
                library.trimtab_trainer_evaluate(
                    pointer, ctypes.byref(given.structure), ctypes.byref(wanted.structure), ctypes.byref(report)
                )
            )
        return Evaluation(known(report.loss), known(report.accuracy), report.count)

    def predict(self, inputs: TensorLike) -> Array:
        """The outputs for a batch, [batch, *output_shape], of the trainer's precision. Errors: as `step`."""
        given = view(inputs, "inputs")
        with self._open() as pointer:
            shape = (*given.shape[:1], *self.output_shape)
            outputs = np.empty(shape, dtype=self._dtype)
            target = output_view(outputs, "outputs")
            self._check(
                library.trimtab_trainer_predict(pointer, ctypes.byref(given.structure), ctypes.byref(target.structure))
            )
        return outputs

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Of one sample, without the batch. Errors: ValueError if a graph is needed and none was set."""
        with self._open() as pointer:
            if self._output_shape is None:
                extents, rank = (ctypes.c_int64 * structures.MAXIMUM_RANK)(), ctypes.c_int64()
                self._check(library.trimtab_trainer_output_shape(pointer, extents, ctypes.byref(rank)))
                self._output_shape = tuple(extents[: rank.value])
            return self._output_shape

    def set_learning_rate(self, rate: float) -> None:
        """Sets the learning rate that the schedule multiplies, from the next step on. Errors: ValueError (negative,
        NaN, Inf), TypeError.
        """
        number = _options.number("rate", rate)
        with self._open() as pointer:
            self._check(library.trimtab_trainer_set_learning_rate(pointer, number))

    def set_leak(self, start: float, end: float | None = None, time: float = 200.0) -> None:
        """Sets the slope of scheduled leaks from the next call on: end + (start - end) exp(-step / time), steps counted
        from the start of training. Without an end it is `start` at all times.

        `set_leak(0)` makes a net that was trained with a leak a plain ReLU net: evaluate it to see whether it works as
        one.
        Errors: ValueError (not finite, a time of 0 or below), TypeError. Since 0.4.
        """
        first = _options.number("start", start)
        last = first if end is None else _options.number("end", end)
        steps = _options.number("time", time)
        with self._open() as pointer:
            self._check(library.trimtab_trainer_set_leak(pointer, first, last, steps))

    def set_graph(self, nodes: int, rows: TensorLike, columns: TensorLike, values: TensorLike) -> None:
        """Sets the matrix of graph convolutions, nodes x nodes, from triples; those of one place add up. A batch is
        then all nodes.

        Errors: ValueError (an index outside, lists of different lengths), TypeError.
        """
        places = [integer_list(numbers, name) for numbers, name in ((rows, "rows"), (columns, "columns"))]
        weights = double_list(values, "values")
        for found, name in ((places[1], "columns"), (weights, "values")):
            if len(found) != len(places[0]):
                raise refusal(SHAPE, f"{name}: found {len(found)}, allowed {len(places[0])} as there are rows")
        count = _options.integer("nodes", nodes)
        integers, doubles = ctypes.POINTER(ctypes.c_int64), ctypes.POINTER(ctypes.c_double)
        with self._open() as pointer:
            self._memory.free("nodes: found another graph")
            self._check(
                library.trimtab_trainer_set_graph(
                    pointer,
                    count,
                    len(weights),
                    places[0].ctypes.data_as(integers),
                    places[1].ctypes.data_as(integers),
                    weights.ctypes.data_as(doubles),
                )
            )

    def attach(self, monitor: Monitor | None) -> None:
        """Lets a monitor watch each step and obeys it: a step that it skips, rolls back or stops does not move the
        weights. None ends that. A monitor is attached to one trainer once, between its steps.

        Errors: ValueError (a name is taken, no graph was set), TypeError.
        """
        if monitor is not None and not isinstance(monitor, Monitor):
            raise type_refusal(f"monitor: found {type(monitor).__name__}, allowed trimtab.Monitor or None")
        with self._open() as pointer:
            if monitor is None:
                self._check(library.trimtab_trainer_attach(pointer, None))
            else:
                with monitor._lock:
                    try:
                        self._check(library.trimtab_trainer_attach(pointer, monitor._pointer))
                    finally:
                        self._name_entries(monitor)
            self._monitor = monitor

    def _name_entries(self, monitor: Monitor) -> None:
        """Tells the monitor's Python side what the library registered."""
        found = {}
        for name in (*self.parameters(), *(f"layer{place}.output" for place in range(self._layer_count))):
            index = ctypes.c_int64()
            if library.trimtab_monitor_find(monitor._pointer, name.encode(), ctypes.byref(index)) == 0:
                found[index.value] = name
        while len(monitor._names) in found:
            monitor._names.append(found[len(monitor._names)])

    def save(self) -> bytes:
        """Everything that goes on from here bit for bit: weights, buffers, optimizer, average, step count."""
        with self._open():
            assert self._handle is not None
            return _handle.save("trainer", self._handle)

    def load(self, state: bytes | bytearray | memoryview) -> None:
        """Goes on from what `save` gave, in a trainer of the same description.

        Errors: ValueError for bytes that are corrupt or of another description, TypeError for what is no bytes; nothing
        has changed then. An attached monitor is told that the weights are those of another step.
        """
        try:
            content = bytes(memoryview(state))
        except (TypeError, BufferError):
            raise type_refusal(f"state: found {type(state).__name__}, allowed bytes, as `save` gave them") from None
        with self._open() as pointer, nullcontext() if self._monitor is None else self._monitor._lock:
            self._check(library.trimtab_trainer_load(pointer, content, len(content)))

    def close(self) -> None:
        """Ends the trainer: any later use raises ValueError. Its memory is freed with the last view of it."""
        with self._lock:
            self._handle = None
            self._monitor = None

    def __enter__(self) -> Trainer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("trainer: found a copy asked for, allowed none: save it and load that into another")


def _warn(text: str) -> None:
    """Warns of a step that was taken; where warnings are errors, training goes on all the same."""
    with suppress(RuntimeWarning):
        warnings.warn(f"trimtab: {text}", RuntimeWarning, stacklevel=3)
