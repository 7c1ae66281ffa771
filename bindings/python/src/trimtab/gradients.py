"""Do gradients vanish, explode, or hold NaN?"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

import numpy as np

from . import _options
from . import _structures as structures
from ._errors import MISMATCH, check, refusal, type_refusal
from ._handle import Accumulator
from ._library import library
from ._report import Report, counted, json_ready, number_text
from ._tensors import TensorLike, views
from ._words import Cause, Outcome, Verdict
from .summary import Summary

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

#: Gradients of one step, the layer next to the input first: arrays, a mapping or pairs of names to arrays, torch
#: parameters (their .grad is taken), or a torch module.
GradientsLike = Any


class GradientOptions(TypedDict, total=False):
    """Thresholds of `gradient_norm` and `Gradients`.

    maximum_norm              1.0: the clip factor brings the global norm to this
    vanishing_mean_magnitude  1e-7: a tensor vanishes if mean |g| is below this
    warning_depth_slope       0.1 decades of rms per layer, either sign
    critical_depth_slope      0.3
    least_depth_span          2 decades: first to last layer, below which a slope is no finding
    least_depth               3 layers, below which there is no slope
    exploding_norm_factor     1e6: a global norm above this many times maximum_norm is an explosion
    """

    maximum_norm: float
    vanishing_mean_magnitude: float
    warning_depth_slope: float
    critical_depth_slope: float
    least_depth_span: float
    least_depth: int
    exploding_norm_factor: float


@dataclass(frozen=True, slots=True, repr=False)
class GradientReport(Report):
    """Gradients of one step. Fields as in gradients.h, and

    names             of the tensors, in the order of their indices; empty if none were given
    without_gradient  names (or indices) of parameters that had no gradient; they are in no other field
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    tensor_count: int
    element_count: int
    nonfinite_count: int
    nonfinite_tensor_count: int
    first_nonfinite_tensor: int
    first_nonfinite_index: int
    zero_tensor_count: int
    vanishing_tensor_count: int
    depth: int
    global_norm: float
    greatest_magnitude: float
    mean_magnitude: float
    depth_slope: float
    depth_ratio: float
    clip_factor: float
    threshold: float
    measurement: float
    names: tuple[str, ...] = ()
    without_gradient: tuple[str, ...] = ()
    _summaries: bytes = field(default=b"", compare=False)

    _unlisted: ClassVar[frozenset[str]] = frozenset(("_summaries",))

    @property
    def each(self) -> tuple[Summary, ...]:
        """One summary a tensor, in the order of their indices."""
        count = len(self._summaries) // ctypes.sizeof(structures.Summary)
        entries = (structures.Summary * count).from_buffer_copy(self._summaries)
        return tuple(Summary._from_structure(entry) for entry in entries)

    @property
    def first_nonfinite_name(self) -> str | None:
        """The name of the first tensor with NaN or Inf; None if there is none or tensors have no names."""
        index = self.first_nonfinite_tensor
        return self.names[index] if 0 <= index < len(self.names) else None

    def as_dict(self) -> dict[str, Any]:
        return {**Report.as_dict(self), "first_nonfinite_name": json_ready(self.first_nonfinite_name)}

    def _headline(self) -> str:
        tensors = counted(self.tensor_count, "tensor")
        parts = [f"no finite element in {tensors}"]
        if not math.isnan(self.global_norm):
            norm, clip_factor = number_text(self.global_norm), number_text(self.clip_factor)
            parts = [f"norm {norm} over {tensors}, clip factor {clip_factor}"]
        if self.nonfinite_count:
            where = self.first_nonfinite_name or f"tensor {self.first_nonfinite_tensor}"
            parts.append(f"{self.nonfinite_count} non-finite, first in {where} at {self.first_nonfinite_index}")
        if self.depth_ratio > 0:
            parts.append(f"depth slope {number_text(self.depth_slope)} decades a layer over {self.depth} layers")
        if self.zero_tensor_count:
            parts.append(f"{self.zero_tensor_count} exactly zero")
        if self.without_gradient:
            parts.append(f"{len(self.without_gradient)} without a gradient")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class _Step:
    """One step's gradients, sorted out."""

    tensors: list[TensorLike]
    names: tuple[str, ...]
    labels: list[str]
    without_gradient: tuple[str, ...]


def gradient_norm(gradients: GradientsLike, **options: Unpack[GradientOptions]) -> GradientReport:
    """Global norm, clip factor, depth slope and non-finite origin of a step's gradients.

    gradients  in topological order, the layer next to the input first: a list of arrays, a mapping of names to
               arrays, pairs of names and arrays (such as `model.named_parameters()`), torch parameters, whose .grad
               is taken, or a torch module
    options    as in `GradientOptions`

    Edge cases: no tensor or no element is insufficient; empty tensors are skipped; a parameter without a gradient
    (None) is no zero gradient: it is left out and named in `without_gradient`.
    Errors: ValueError (shape, device, options), TypeError (integers, unknown option). Cost: one read of all elements.
    Since 0.1.

    >>> import numpy as np
    >>> report = gradient_norm({"first": np.full((10, 10), 1e200), "second": np.ones(3)})
    >>> format(report.global_norm, ".6g")
    '1e+201'
    """
    settings = _options.build(structures.GradientOptions, options)
    step = _sort_out(gradients)
    report = structures.GradientReport()
    tensors, owners = views(step.tensors, step.labels)
    each = (structures.Summary * len(step.tensors))()
    check(library.trimtab_gradient_norm(tensors, len(step.tensors), ctypes.byref(settings), ctypes.byref(report), each))
    del owners
    return GradientReport._from_structure(
        report, names=step.names, without_gradient=step.without_gradient, _summaries=bytes(each)
    )


def _sort_out(gradients: GradientsLike) -> _Step:
    """Names, gradients and the parameters without one. Errors: TypeError for what holds no gradients."""
    if callable(getattr(gradients, "named_parameters", None)):
        gradients = gradients.named_parameters()
    if isinstance(gradients, Mapping):
        gradients = gradients.items()
    elif _is_tensor(gradients):
        gradients = [gradients]
    try:
        items = list(gradients)
    except TypeError:
        raise type_refusal(
            f"gradients: found {type(gradients).__name__}, allowed arrays, a mapping of them or a module"
        ) from None
    pairs = [item if _is_pair(item) else (None, item) for item in items]
    tensors, names, labels, without = [], [], [], []
    for index, (name, value) in enumerate(pairs):
        gradient = _gradient_of(value)
        label = str(index) if name is None else name
        if gradient is None:
            without.append(label)
            continue
        tensors.append(gradient)
        names.append(label)
        labels.append(f"gradients[{index if name is None else repr(name)}]")
    named = any(name is not None for name, _ in pairs)
    return _Step(tensors, tuple(names) if named else (), labels, tuple(without))


def _listed(name: str, values: Any, allowed: str) -> list[Any]:
    try:
        return list(values)
    except TypeError:
        raise type_refusal(f"{name}: found {type(values).__name__}, allowed {allowed}") from None


def _is_tensor(value: Any) -> bool:
    """Whether `value` is one tensor, rather than a list of them."""
    if isinstance(value, np.ndarray) or hasattr(value, "__dlpack__"):
        return True
    try:
        memoryview(value)
    except TypeError:
        return False
    return True


def _is_pair(item: Any) -> bool:
    return isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str)


def _gradient_of(value: Any) -> Any:
    """A torch parameter's .grad; anything else as it stands. None is a parameter without a gradient."""
    if getattr(value, "requires_grad", False) is True and getattr(value, "is_leaf", False) is True:
        return value.grad
    return value


class Gradients(Accumulator):
    """The streaming form of `gradient_norm`: one summary a tensor; shards of the same gradients add.

    Takes the options of `GradientOptions`. The first add fixes the number of tensors. Names are remembered from the
    first add that has them; they are not part of a saved state, but of a pickle.
    """

    _kind: ClassVar[str] = "gradients"
    _names: tuple[str, ...] = ()
    _without_gradient: tuple[str, ...] = ()

    def __init__(self, **options: Unpack[GradientOptions]) -> None:
        super().__init__()
        self._create(_options.build(structures.GradientOptions, options))

    def add(self, gradients: GradientsLike) -> Self:
        """Adds shards of a step's gradients, as in `gradient_norm`, and returns self: tensor i is a further part of
        tensor i before.

        Errors: as there, ValueError if the number of tensors or their names differ; nothing has changed then.
        """
        step = _sort_out(gradients)
        with self._lock:
            self._require_names(step.names)
            tensors, owners = views(step.tensors, step.labels)
            check(library.trimtab_gradients_add(self._pointer(), tensors, len(step.tensors)))
            del owners
            self._remember(len(step.tensors), step.names, step.without_gradient)
        return self

    def add_summaries(self, summaries: Iterable[Summary], ranks: Sequence[int] | None = None) -> Self:
        """Adds summaries made elsewhere, such as on an accelerator or on another rank, and returns self.

        summaries  one a tensor
        ranks      the number of axes of each tensor, for the choice of those that the depth slope is over; None: all
                   count

        Errors: TypeError for what is no Summary, ValueError if the count differs or a field cannot come from data.
        """
        entries = _listed("summaries", summaries, "a sequence of Summary")
        for index, entry in enumerate(entries):
            if not isinstance(entry, Summary):
                raise type_refusal(f"summaries[{index}]: found {type(entry).__name__}, allowed Summary")
        given = None if ranks is None else _listed("ranks", ranks, "a sequence of integers")
        if given is not None and len(given) != len(entries):
            raise refusal(MISMATCH, f"ranks: found {len(given)} entries, allowed {len(entries)}, one a summary")
        count = len(entries)
        array = (structures.Summary * count)(*(entry._structure() for entry in entries))
        axes = None
        if given is not None:
            axes = (ctypes.c_int32 * count)(*(_options.integer("ranks", rank, bits=32) for rank in given))
        with self._lock:
            check(library.trimtab_gradients_add_summaries(self._pointer(), array, axes, count))
            self._remember(count, (), ())
        return self

    def report(self) -> GradientReport:
        """The report on all shards so far; changes nothing."""
        with self._lock:
            report = structures.GradientReport()
            each = (structures.Summary * self._count())()
            check(library.trimtab_gradients_report(self._pointer(), ctypes.byref(report), each, len(each)))
        return GradientReport._from_structure(
            report, names=self._names, without_gradient=self._without_gradient, _summaries=bytes(each)
        )

    def _count(self) -> int:
        report = structures.GradientReport()
        check(library.trimtab_gradients_report(self._pointer(), ctypes.byref(report), None, 0))
        return int(report.tensor_count)

    def _require_names(self, names: tuple[str, ...]) -> None:
        if self._names and names and names != self._names:
            raise refusal(MISMATCH, f"gradients: found the names {names}, allowed those added before, {self._names}")

    def _remember(self, count: int, names: tuple[str, ...], without_gradient: tuple[str, ...]) -> None:
        if names and not self._names:
            self._names = names
        self._without_gradient = without_gradient or self._without_gradient

    def _merged(self, other: Any) -> None:
        if not self._names:
            self._names = other._names
        self._without_gradient = self._without_gradient or other._without_gradient

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.save(), self._names, self._without_gradient)

    def __repr__(self) -> str:
        return "Gradients(closed)" if self._handle is None else f"Gradients({self.report()!r})"


def _restore(state: bytes, names: tuple[str, ...], without_gradient: tuple[str, ...]) -> Gradients:
    result = Gradients.load(state)
    result._names, result._without_gradient = names, without_gradient
    return result
