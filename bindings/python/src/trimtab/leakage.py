"""Does a sample's output depend on its batch, and does that decide?"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict, cast

import numpy as np
import numpy.typing as npt

from . import _options, _words
from ._errors import INVALID_ARGUMENT, SHAPE, check, refusal, type_refusal
from ._handle import Accumulator
from ._headers import leakage as structures
from ._library import library
from ._report import Report, number_text
from ._tensors import TensorLike, view
from ._words import Cause, Outcome, Verdict

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

#: A function of a batch: from an array (rows, features...) to one of (rows,) or (rows, outputs). A `torch.nn.Module`
#: too: it is called in the mode that it is in, without gradients, on its own device and in its own element type.
BatchFunction = Callable[[npt.NDArray[np.float64]], Any]
#: Whether batches hold one class or several.
REGIMES = ("unknown", "mixed", "separate")


class LeakageOptions(TypedDict, total=False):
    """How a function is probed, and what counts as leakage.

    batch_size           0: all rows are one batch; rows that do not fill the last batch are left out
    direction_count      4: random unit directions for each row; 0: every feature's axis, no chance in it
    probed_batches       1: how many of the first batches are probed; the others are judged alone
    replay_count         8: times that a row's mates are drawn anew; 0: not at all
    gives_probabilities  False: scores are logits, judged by their sign; True: probabilities, judged by 0.5
    seed                 0
    step                 1e-3 of the inputs' root mean square, of the difference quotient; 1e-15 to 1e15
    share_threshold      1e-6: a cross-sample share above is a dependence
    gap_threshold        0.10: with it, a composition gap above is a shortcut
    common_threshold     0.10: with it and batches of one class, a common response below hides the signal
    """

    batch_size: int
    direction_count: int
    probed_batches: int
    replay_count: int
    gives_probabilities: bool
    seed: int
    step: float
    share_threshold: float
    gap_threshold: float
    common_threshold: float


@dataclass(frozen=True, slots=True, repr=False)
class LeakageReport(Report):
    """Whether outputs depend on other rows of the batch, and whether that decides. Fields as in leakage.h; what could
    not be measured is NaN, and an outcome says why.
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    regime: str
    composition_outcome: Outcome
    replay_outcome: Outcome
    probe_count: int
    cross_share: float
    jacobian_norm: float
    noise_share: float
    common_response: float
    replay_ratio: float
    batch_count: int
    sample_count: int
    natural_accuracy: float
    shuffled_accuracy: float
    composition_gap: float
    gap_error: float
    fake_mean: float
    shuffled_fake_mean: float
    measurement: float
    threshold: float

    _conversions: ClassVar[dict[str, Any]] = {
        "regime": lambda code, _: REGIMES[code],
        "composition_outcome": lambda code, _: _words.outcome(code),
        "replay_outcome": lambda code, _: _words.outcome(code),
    }

    def _headline(self) -> str:
        if self.outcome is not Outcome.OK:
            return f"{self.probe_count} probes"
        text = f"cross-sample share {number_text(self.cross_share)}"
        if self.composition_outcome is Outcome.OK:
            text += (
                f", accuracy {number_text(self.natural_accuracy)} in batches as they come and "
                f"{number_text(self.shuffled_accuracy)} in other company"
            )
        return text


class _Callback:
    """A function of arrays as C calls it; what it raises is kept and raised again by `check`."""

    def __init__(self, function: BatchFunction, shape: tuple[int, ...]) -> None:
        if not callable(function):
            raise type_refusal(f"function: found {type(function).__name__}, allowed a function of an array")
        torch = sys.modules.get("torch")
        is_module = torch is not None and isinstance(function, torch.nn.Module)
        self._function = _of_module(torch, function) if is_module else function
        self._shape = shape
        self._error: BaseException | None = None
        self.pointer = structures.BATCH_FUNCTION(self._call)

    def outputs(self, inputs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The function's outputs, (rows, outputs). Errors: ValueError, TypeError, what the function raises."""
        given = self._function(inputs.reshape(len(inputs), *self._shape))
        try:
            # None would be NaN, and complex numbers would lose their imaginary part.
            if given is None or np.iscomplexobj(given):
                raise TypeError
            found = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError):
            raise type_refusal(
                f"function: found {type(given).__name__} returned, allowed an array of numbers"
            ) from None
        if found.ndim == 0 or found.shape[0] != len(inputs) or found.size == 0:
            raise refusal(SHAPE, f"function: found an output of shape {found.shape}, allowed ({len(inputs)}, ...)")
        return found.reshape(len(inputs), -1)

    def _call(self, _user: Any, inputs: Any, rows: int, features: int, outputs: Any, width: int) -> int:
        try:
            # A copy: the function may write to what it is given.
            given = np.ctypeslib.as_array(inputs, (rows, features)).copy()
            found = self.outputs(given)
            if found.shape[1] != width:
                raise refusal(SHAPE, f"function: found {found.shape[1]} outputs for a row, allowed {width} as before")
            np.ctypeslib.as_array(outputs, (rows, width))[:] = found
        except BaseException as error:
            self._error = error
            return 1
        return 0

    def check(self, status: int) -> None:
        """Raises what the function raised, else what the status says."""
        error, self._error = self._error, None
        if status != 0 and error is not None:
            raise error
        check(status)


def _of_module(torch: Any, module: Any) -> BatchFunction:
    """A module as a function of arrays, every call from the same state of chance and of its buffers."""
    parameter = next(module.parameters(), None)
    buffers = {name: buffer.detach().clone() for name, buffer in module.named_buffers()}

    def function(inputs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        tensor = torch.from_numpy(inputs)
        if parameter is not None:
            tensor = tensor.to(device=parameter.device, dtype=parameter.dtype)
        # Dropout draws the same mask at each call; the program's own chance is as if nothing had been called.
        devices = [tensor.device] if tensor.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices), torch.no_grad():
            torch.manual_seed(0)
            try:
                found = module(tensor)
            finally:
                # Running statistics of a batch norm.
                for name, buffer in module.named_buffers():
                    if name in buffers:
                        buffer.copy_(buffers[name])
        if not isinstance(found, torch.Tensor):
            raise type_refusal(f"function: found {type(found).__name__} returned by the module, allowed a tensor")
        return cast("npt.NDArray[np.float64]", found.detach().to("cpu", torch.float64).numpy())

    return function


class _Samples:
    """Inputs and targets as C takes them, and the function that is run on them."""

    def __init__(
        self, function: BatchFunction, inputs: TensorLike, targets: TensorLike | None, batch_size: int
    ) -> None:
        self.inputs = view(inputs, "inputs")
        self.targets = None if targets is None else view(targets, "targets")
        shape = self.inputs.shape
        if not shape:
            raise refusal(SHAPE, "inputs: found rank 0, allowed 1 or more")
        self.callback = _Callback(function, shape[1:])
        self.width = 1
        rows = min(batch_size, shape[0]) if batch_size > 0 else shape[0]
        if rows > 0 and 0 not in shape:
            # How many outputs there are for a row, only a run says.
            first = _first(inputs, rows)
            if np.isfinite(first).all():
                self.width = self.callback.outputs(first).shape[1]

    def arguments(self) -> tuple[Any, ...]:
        """From the function on."""
        targets = None if self.targets is None else ctypes.byref(self.targets.structure)
        return self.callback.pointer, None, ctypes.byref(self.inputs.structure), targets, self.width


def _first(inputs: Any, rows: int) -> npt.NDArray[np.float64]:
    detached = inputs.detach().cpu() if hasattr(inputs, "detach") else inputs
    return np.array(np.asarray(detached)[:rows], dtype=np.float64).reshape(rows, -1)


def _settings(options: LeakageOptions) -> Any:
    given = dict(options)
    flag = given.pop("gives_probabilities", False)
    if not isinstance(flag, (bool, np.bool_)):
        raise type_refusal(f"gives_probabilities: found {type(flag).__name__}, allowed a bool")
    seed = _options.integer("seed", given.pop("seed", 0), 65)
    if not 0 <= seed < 1 << 64:
        raise refusal(INVALID_ARGUMENT, f"seed: found {seed}, allowed 0 to below 2^64")
    settings = _options.build(structures.LeakageOptions, given)
    settings.gives_probabilities = int(flag)
    settings.seed = seed
    return settings


def batch_leakage(
    function: BatchFunction, inputs: TensorLike, targets: TensorLike | None = None, **options: Unpack[LeakageOptions]
) -> LeakageReport:
    """Does a model's output for one sample depend on the others of its batch, and does that decide?

    function  from an array (rows, features...) to one of (rows,) or (rows, outputs), in the mode that is trained in,
              its dropout and noise frozen; or a `torch.nn.Module`, whose mode, buffers and chance are left as they are
    inputs    (samples, features...); batches are rows in their order
    targets   [samples] whole numbers: of a score 1 for real and 0 for fake, else classes; None: nothing is judged
    options   as in `LeakageOptions`

    With J_ij = d f_i / d x_j the cross-sample share is the sum of |J_ij|^2 over i != j, over all of it: 0 for a
    function of each row, about (2 - 6/B)/(B - 2) behind a batch norm. The composition gap is the accuracy on batches as
    they come less that on batches of the same samples in other company. LayerNorm and InstanceNorm cure both.

    Edge cases: a batch of one row, and a function that gives other outputs when it is run again, are insufficient.
    Errors: ValueError, TypeError, and whatever the function raises. Cost: 2 B K + 2 runs for B rows and K directions, 8
    replay_count more, and 2 for each judged batch. Since 0.4.

    >>> import numpy as np
    >>> batch_norm = lambda x: (x - x.mean(0)) / x.std(0)
    >>> round(batch_leakage(batch_norm, [[1.0], [2.0], [3.0], [6.0]], step=1e-5).cross_share, 6)
    0.375
    """
    settings = _settings(options)
    samples = _Samples(function, inputs, targets, settings.batch_size)
    report = structures.BatchLeakageReport()
    samples.callback.check(
        library.trimtab_batch_leakage(*samples.arguments(), ctypes.byref(settings), ctypes.byref(report))
    )
    return LeakageReport._from_structure(report)


class BatchLeakage(Accumulator):
    """The streaming form of `batch_leakage`: sums and counts over calls, models or workers. Takes its options."""

    _kind: ClassVar[str] = "leakage"

    def __init__(self, **options: Unpack[LeakageOptions]) -> None:
        super().__init__()
        settings = _settings(options)
        self._create(settings)

    def add(self, function: BatchFunction, inputs: TensorLike, targets: TensorLike | None = None) -> Self:
        """Probes and judges a function on samples, as `batch_leakage` does, and returns self.

        Errors: as there, and ValueError for another number of outputs than before; nothing has changed then.
        """
        samples = _Samples(function, inputs, targets, 0)
        with self._lock:
            samples.callback.check(library.trimtab_leakage_add(self._pointer(), *samples.arguments()))
        return self

    def report(self) -> LeakageReport:
        """The report on all that was added."""
        report = structures.BatchLeakageReport()
        with self._lock:
            check(library.trimtab_leakage_report(self._pointer(), ctypes.byref(report)))
        return LeakageReport._from_structure(report)

    def __repr__(self) -> str:
        return "BatchLeakage(closed)" if self._handle is None else f"BatchLeakage({self.report()!r})"
