"""A compact trainer: a net, a loss and an optimizer from one description, with exact second derivatives."""

from __future__ import annotations

import ctypes
import math
import operator
import threading
import warnings
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
import numpy.typing as npt

from . import _handle, _options, _words
from . import _structures as structures
from . import layers as _layers
from ._errors import INVALID_ARGUMENT, SHAPE, check, refusal, type_refusal
from ._library import library
from ._memory import Memory, StepMemory
from ._tensors import TensorLike, View, output_view, view
from ._words import Outcome
from .monitor import _ACTIONS, CLIPPINGS, Action, Monitor
from .tape import Callback, Objective

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from typing_extensions import Unpack

LOSSES = ("squared", "half_squared", "absolute", "huber", "cross_entropy", "binary_cross_entropy")
_CUSTOM = len(LOSSES)
OPTIMIZERS = ("sgd", "heavy_ball", "nesterov", "adam", "adamw", "rmsprop")
SCHEDULES = ("constant", "cosine", "step", "exponential")
PRECISIONS = ("float32", "float64")
_CHOICES = {"optimizer": OPTIMIZERS, "precision": PRECISIONS, "schedule": SCHEDULES, "clipping": CLIPPINGS}
_GIVEN_APART = frozenset(("layers", "layer_count", "input_shape", "input_rank", "seed", "loss", "objective", "user"))
_PARAMETER, _BUFFER, _GRADIENT, _ACTIVATION, _AVERAGE = range(5)
#: What shows the last step: read-only, and gone when the library takes memory for another batch size.
_OF_A_STEP = (_GRADIENT, _ACTIVATION)

Array = npt.NDArray[Any]


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


@dataclass(frozen=True, slots=True)
class TrainerStep:
    """What a step came to.

    action         an attached monitor's; the trainer has obeyed it
    step           counted from 1
    gradient_norm  before clipping
    clip_factor    the least of all parameters; 1: none
    is_taken       whether the weights moved
    has_constant_targets   whether all samples since it was made or loaded, 16 or more, had the same target: a constant
                   is all that there is to learn; never with a loss function. The first such step warns
                   (RuntimeWarning).
    """

    action: Action
    step: int
    loss: float
    gradient_norm: float
    learning_rate: float
    clip_factor: float
    is_taken: bool
    has_constant_targets: bool = False


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The loss on a batch; the share of labels that the greatest output names (NaN without labels); their number."""

    loss: float
    accuracy: float
    count: int


@dataclass(frozen=True, slots=True)
class LossDerivatives:
    """Loss, gradient and Hessian-vector product (None without a vector), one number for each of the parameters."""

    loss: float
    gradient: npt.NDArray[np.float64]
    product: npt.NDArray[np.float64] | None


@dataclass(frozen=True, slots=True)
class Sharpness:
    """The largest eigenvalue of the Hessian against what the update rule can bear. Fields as in trainer.h."""

    outcome: Outcome
    largest_eigenvalue: float
    residual_bound: float
    threshold: float
    index: float
    trace: float
    trace_error: float
    iterations: int
    is_converged: bool


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


def _refuse_unused(optimizer: str, options: TrainerOptions) -> None:
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


class Trainer:
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
        settings = _settings(given)
        _refuse_unused(optimizer, options)
        settings.seed = _seed(seed)
        array, settings.layer_count = _layers.build(layers)
        settings.layers = array
        extents = _extents(input_shape)
        settings.input_shape, settings.input_rank = extents, len(extents)
        self._callback = None if isinstance(loss, str) else Callback(loss, "loss")
        if self._callback is None:
            settings.loss = _options.named("loss", loss, LOSSES)
        else:
            settings.loss, settings.objective = _CUSTOM, self._callback.pointer
        settings, self._callback = described(layers, input_shape, loss, seed, given)
        self._lock = threading.RLock()
        self._layer_count = settings.layer_count
        self._dtype = np.dtype(precision)
        self._monitor: Monitor | None = None
        self._output_shape: tuple[int, ...] | None = None
        self._has_warned = False
        # The library has tried a batch of one, unless it waits for a graph.
        self._needs_graph = any(isinstance(layer, _layers.GraphConvolution) for layer in layers)
        self._memory = StepMemory(() if self._needs_graph else (1,))
        self._handle: _handle.Handle | None = _handle.Handle("trainer")
        self._check(library.trimtab_trainer_create(ctypes.byref(settings), ctypes.byref(self._handle.pointer)))

    def _check(self, status: int) -> None:
        if self._callback is None:
            check(status)
        else:
            self._callback.check(status)

    @contextmanager
    def _open(self) -> Iterator[Any]:
        """The pointer, with the lock held. Errors: ValueError once closed, and within the trainer's own loss."""
        with self._lock:
            if self._handle is None:
                raise refusal(INVALID_ARGUMENT, "trainer: found a closed one, allowed an open one")
            if self._callback is not None and self._callback.is_running:
                raise refusal(INVALID_ARGUMENT, "trainer: found a call within its own loss, allowed none there")
            yield self._handle.pointer

    # Training

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
            _ACTIONS[report.action],
            report.step,
            _known(report.loss),
            _known(report.gradient_norm),
            report.learning_rate,
            report.clip_factor,
            bool(report.is_taken),
            bool(report.has_constant_targets),
        )

    @contextmanager
    def _batch(self, inputs: View, *, shows: bool) -> Iterator[None]:
        """Minds the views of a step while the library may take memory for a batch of another size."""
        size = inputs.shape[0] if inputs.shape else 0
        self._memory.need(size)
        try:
            yield
        except BaseException:
            self._memory.took(size, succeeded=False)
            raise
        self._memory.took(size, succeeded=True)
        if shows:
            self._memory.shown = size

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
        return Evaluation(_known(report.loss), _known(report.accuracy), report.count)

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
        places = [_whole(numbers, name) for numbers, name in ((rows, "rows"), (columns, "columns"))]
        weights = _numbers(values, "values")
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

    # Views

    def parameters(self) -> dict[str, Array]:
        """The weights by name, such as "layer0.weight", as views that may be written to: no copy. They are shown as
        PyTorch has them, (out, in) and (out, in, height, width), by strides.
        """
        return self._tensors(_PARAMETER)

    def buffers(self) -> dict[str, Array]:
        """Running means and variances, and the vectors of power iterations; as `parameters`."""
        return self._tensors(_BUFFER)

    def averages(self) -> dict[str, Array]:
        """The moving average of the weights, where one is kept; as `parameters`."""
        return self._tensors(_AVERAGE)

    def gradients(self) -> dict[str, Array]:
        """Of the last step, for the parameters that have one; empty before the first.

        Read-only views, whose numbers hold until the next call that trains or takes derivatives. While such a view is
        alive another graph, and a batch size for which the library would free it, are refused.
        """
        return self._tensors(_GRADIENT)

    def activations(self) -> dict[str, Array]:
        """Of the last step: what went into each activation, and outputs without one. As `gradients`."""
        return self._tensors(_ACTIVATION)

    def _tensors(self, what: int) -> dict[str, Array]:
        found: dict[str, Array] = {}
        count, name, tensor = ctypes.c_int64(), ctypes.c_char_p(), structures.Tensor()
        with self._open() as pointer:
            assert self._handle is not None
            check(library.trimtab_trainer_tensor_count(pointer, what, ctypes.byref(count)))
            for place in range(count.value):
                status = library.trimtab_trainer_tensor(pointer, what, place, ctypes.byref(name), ctypes.byref(tensor))
                if status == INVALID_ARGUMENT and what == _GRADIENT:
                    continue  # Before the first step, or a parameter that the loss does not depend on.
                check(status)
                memory = Memory(self._handle, tensor, writable=what not in _OF_A_STEP)
                if what in _OF_A_STEP:
                    self._memory.show(memory)
                found[(name.value or b"").decode()] = np.asarray(memory)
        return found

    @property
    def parameter_count(self) -> int:
        """The number of all weights."""
        return sum(parameter.size for parameter in self.parameters().values())

    def split(self, vector: npt.NDArray[Any]) -> dict[str, Array]:
        """A vector with a number for each weight, as `derivatives` takes and gives it, as views by name and in the
        shapes of `parameters`: no copy.

        Errors: ValueError for another number of elements.
        """
        parameters = self.parameters()
        flat = np.asarray(vector)
        count = sum(parameter.size for parameter in parameters.values())
        if flat.shape != (count,):
            raise refusal(SHAPE, f"vector: found shape {flat.shape}, allowed ({count},)")
        found, start = {}, 0
        for name, parameter in parameters.items():
            steps = tuple(stride // parameter.itemsize * flat.strides[0] for stride in parameter.strides)
            part = flat[start : start + parameter.size]
            found[name] = np.lib.stride_tricks.as_strided(part, parameter.shape, steps)
            start += parameter.size
        return found

    # State

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

    # Derivatives

    def derivatives(self, inputs: TensorLike, targets: TensorLike, vector: TensorLike | None = None) -> LossDerivatives:
        """Loss, gradient and the exact product of the Hessian with a vector on a batch, in training mode, without
        moving anything.

        vector  one number for each weight, in the order of their memory: `split` shows it by name; None: no product

        At a kink of an activation the derivative from the left is taken. Errors: as `step`.
        """
        given, wanted = view(inputs, "inputs"), view(targets, "targets")
        doubles = ctypes.POINTER(ctypes.c_double)
        loss = ctypes.c_double()
        # A product has memory of its own.
        minding = self._batch(given, shows=False) if vector is None else nullcontext()
        with self._open() as pointer, minding:
            direction = None if vector is None else _numbers(vector, "vector")
            count = self.parameter_count
            if direction is not None and len(direction) != count:
                raise refusal(SHAPE, f"vector: found {len(direction)} numbers, allowed {count}")
            gradient = np.empty(count)
            product = None if direction is None else np.empty(count)
            self._check(
                library.trimtab_trainer_derivatives(
                    pointer,
                    ctypes.byref(given.structure),
                    ctypes.byref(wanted.structure),
                    None if direction is None else direction.ctypes.data_as(doubles),
                    count,
                    ctypes.byref(loss),
                    gradient.ctypes.data_as(doubles),
                    None if product is None else product.ctypes.data_as(doubles),
                )
            )
        return LossDerivatives(loss.value, gradient, product)

    def sharpness(
        self,
        inputs: TensorLike,
        targets: TensorLike,
        *,
        preconditioned: bool = False,
        greatest_iterations: int = 40,
        trace_samples: int = 0,
        tolerance: float = 1e-3,
        seed: int = 0,
    ) -> Sharpness:
        """The largest eigenvalue of the loss's Hessian on a batch, by Lanczos, against what the optimizer can bear.

        preconditioned       of P^-1/2 H P^-1/2 with Adam's or RMSProp's P
        greatest_iterations  at most, two gradients each
        trace_samples        to estimate the trace from; 0: it is NaN
        tolerance            of the eigenvalue, relative

        Errors: as `step`.
        """
        given, wanted = view(inputs, "inputs"), view(targets, "targets")
        options = structures.SharpnessOptions()
        options.is_preconditioned = int(bool(preconditioned))
        options.greatest_iterations = _options.integer("greatest_iterations", greatest_iterations)
        options.trace_samples = _options.integer("trace_samples", trace_samples)
        options.tolerance = _options.number("tolerance", tolerance)
        options.seed = _seed(seed)
        report = structures.SharpnessReport()
        with self._open() as pointer:
            self._check(
                library.trimtab_trainer_sharpness(
                    pointer,
                    ctypes.byref(given.structure),
                    ctypes.byref(wanted.structure),
                    ctypes.byref(options),
                    ctypes.byref(report),
                )
            )
        return Sharpness(
            _words.outcome(report.outcome),
            report.largest_eigenvalue,
            report.residual_bound,
            report.threshold,
            report.index,
            _known(report.trace),
            _known(report.trace_error),
            report.iterations,
            bool(report.is_converged),
        )

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


def _known(number: float) -> float:
    """The number; NaN as one object, which equals itself in a comparison of records."""
    return math.nan if math.isnan(number) else number


def described(
    layers: Sequence[_layers.Layer], input_shape: Sequence[int], loss: str | Objective, seed: int, given: dict[str, Any]
) -> tuple[structures.TrainerOptions, Callback | None]:
    """A net and how it is trained, as C takes it; a loss function has to live as long as it is used."""
    settings = _settings(given)
    settings.seed = _seed(seed)
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


def _seed(seed: Any) -> int:
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


def _numbers(values: TensorLike, name: str) -> npt.NDArray[np.float64]:
    """A list of float64 for C."""
    try:
        found = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise type_refusal(f"{name}: found {type(values).__name__} that is no list of numbers") from None
    if found.ndim != 1:
        raise refusal(SHAPE, f"{name}: found rank {found.ndim}, allowed 1")
    return found


def _warn(text: str) -> None:
    """Warns of a step that was taken; where warnings are errors, training goes on all the same."""
    with suppress(RuntimeWarning):
        warnings.warn(f"trimtab: {text}", RuntimeWarning, stacklevel=3)


def _whole(values: TensorLike, name: str) -> npt.NDArray[np.int64]:
    """A list of int64 for C."""
    given = np.asarray(values)
    if given.dtype.kind not in "iu" and given.size > 0:
        raise type_refusal(f"{name}: found element type {given.dtype.name}, allowed integers")
    if given.ndim != 1:
        raise refusal(SHAPE, f"{name}: found rank {given.ndim}, allowed 1")
    return np.ascontiguousarray(given, dtype=np.int64)
