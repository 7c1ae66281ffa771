"""Which neurons are dead, dormant or saturated?"""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass, field
from enum import IntFlag
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

import numpy as np
import numpy.typing as npt

from . import _options
from . import _structures as structures
from ._errors import check, type_refusal
from ._handle import Accumulator
from ._library import library
from ._report import Report, counted, number_text
from ._tensors import TensorLike, View, view
from ._words import Cause, Outcome, Verdict

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

Mask = npt.NDArray[np.bool_]


class ActivityOptions(TypedDict, total=False):
    """Thresholds of `dead_neurons` and `Activity`.

    activation               "relu", "leaky_relu", "elu", "silu", "gelu", "tanh", "sigmoid" or "identity": what
                             follows the pre-activations
    unit_axis                -1: the last axis; else the axis whose entries are the units, such as 1 for [batch,
                             channel, height, width]
    leak                     0.01, for "leaky_relu"
    inactive_fraction        0.01: a unit is inactive below this active fraction
    dormant_threshold        0.025: a unit is dormant at or below this score
    saturation_low, saturation_high  0 and 0: the activation's own bounds
    saturated_fraction       0.99: a unit is saturated if at least this share of its samples is
    layer_warning_fraction   0.10 of the units dead, or saturated
    layer_critical_fraction  0.50
    confidence               0.95: wanted before a unit is called dead
    least_active_fraction    0.003: a unit that fires this rarely is as good as dead; with confidence sets the samples
                             needed (998)
    """

    activation: str
    unit_axis: int
    leak: float
    inactive_fraction: float
    dormant_threshold: float
    saturation_low: float
    saturation_high: float
    saturated_fraction: float
    layer_warning_fraction: float
    layer_critical_fraction: float
    confidence: float
    least_active_fraction: float


class UnitFlag(IntFlag):
    """Bits of `UnitActivity.flags`."""

    #: Never active, and at least one finite sample seen.
    DEAD = 1
    #: Active fraction below inactive_fraction; dead units too.
    INACTIVE = 2
    #: Mean |output| at most dormant_threshold times the layer's mean.
    DORMANT = 4
    SATURATED = 8
    #: No finite sample.
    UNSEEN = 16


@dataclass(frozen=True, slots=True, repr=False)
class ActivityReport(Report):
    """Dead neurons of one layer, over all samples seen. Fields as in neurons.h.

    dead        [units], True for a dead unit; `as_dict` lists it as the indices `dead_units`

    Without a finite element the fractions, the mean and the scale are NaN.
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    sample_count: int
    unit_count: int
    nonfinite_count: int
    dead_count: int
    inactive_count: int
    dormant_count: int
    saturated_count: int
    dead_fraction: float
    inactive_fraction: float
    dormant_fraction: float
    saturated_fraction: float
    mean_active_fraction: float
    mean_preactivation: float
    preactivation_scale: float
    confidence: float
    threshold: float
    dead: Mask = field(compare=False)

    _unlisted: ClassVar[frozenset[str]] = frozenset(("dead",))

    @property
    def dead_units(self) -> npt.NDArray[np.intp]:
        """The indices of the dead units."""
        return np.flatnonzero(self.dead)

    def as_dict(self) -> dict[str, Any]:
        return {**Report.as_dict(self), "dead_units": self.dead_units.tolist()}

    def _headline(self) -> str:
        if math.isnan(self.dead_fraction):
            return f"no finite value in {counted(self.sample_count, 'sample')} of {counted(self.unit_count, 'unit')}"
        return (
            f"{self.dead_count} of {self.unit_count} units dead ({number_text(100 * self.dead_fraction)} % "
            f"against {number_text(100 * self.threshold)} %), {self.dormant_count} dormant, "
            f"{self.saturated_count} saturated, {self.sample_count} samples"
        )


@dataclass(frozen=True, slots=True)
class UnitActivity:
    """What is known of each unit of a layer.

    active_fraction  [units]; 0 for an unseen unit
    dormancy_score   [units], mean |output| over the layer's mean
    flags            [units], `UnitFlag` bits
    """

    active_fraction: npt.NDArray[np.float64]
    dormancy_score: npt.NDArray[np.float64]
    flags: npt.NDArray[np.uint8]

    def has(self, flag: UnitFlag) -> Mask:
        """[units], True where `flag` is set."""
        return (self.flags & np.uint8(flag)).astype(np.bool_)


@dataclass(frozen=True, slots=True, repr=False)
class RevivalReport(Report):
    """What became of a layer's dead units between two audits. Fields as in neurons.h.

    newly_dead_mask  [units], True for a unit that died between them; `as_dict` lists it as the indices
                     `newly_dead_units`
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    unit_count: int
    dead_before: int
    dead_after: int
    revived: int
    newly_dead: int
    revival_fraction: float
    new_death_fraction: float
    persistence: float
    threshold: float
    newly_dead_mask: Mask = field(compare=False)

    _unlisted: ClassVar[frozenset[str]] = frozenset(("newly_dead_mask",))

    @property
    def newly_dead_units(self) -> npt.NDArray[np.intp]:
        """The indices of the units that died between the audits."""
        return np.flatnonzero(self.newly_dead_mask)

    def as_dict(self) -> dict[str, Any]:
        return {**Report.as_dict(self), "newly_dead_units": self.newly_dead_units.tolist()}

    def _headline(self) -> str:
        return (
            f"{self.newly_dead} newly dead, {self.revived} of {self.dead_before} revived, "
            f"{self.dead_after} of {self.unit_count} units dead now"
        )


def dead_neurons(preactivations: TensorLike, **options: Unpack[ActivityOptions]) -> ActivityReport:
    """Counts dead, inactive, dormant and saturated units of a layer.

    preactivations  any shape of rank >= 1, what goes into the activation; unit_axis names the axis of the units, all
                    others are samples
    options         as in `ActivityOptions`

    Edge cases: NaN and Inf are counted and left out; z exactly 0 is not active; fewer samples than the confidence
    needs are insufficient (the counts are still given). Feed all layers but the last, in evaluation mode: dropout
    looks like death.
    Errors: ValueError (shape, device, options), TypeError (element type, unknown option), MemoryError. Cost: one read
    of the elements.
    Source: Sokar et al. 2023; SageMaker Debugger's DeadRelu. Since 0.1.

    >>> import numpy as np
    >>> dead_neurons(np.array([[1.0, -1.0], [2.0, -1.0]] * 600)).dead_units
    array([1])
    """
    settings = _options.build(structures.ActivityOptions, options)
    report = structures.ActivityReport()
    tensor = view(preactivations, "preactivations")
    dead = np.zeros(_unit_count(tensor, settings.unit_axis), dtype=np.uint8)
    check(
        library.trimtab_dead_neurons(
            ctypes.byref(tensor.structure), ctypes.byref(settings), ctypes.byref(report), _bytes(dead)
        )
    )
    return ActivityReport._from_structure(report, dead=dead.astype(np.bool_))


def _unit_count(tensor: View, unit_axis: int) -> int:
    """How many bytes the library may write; 0 where it will refuse the shape."""
    shape = tensor.shape
    axis = len(shape) - 1 if unit_axis == -1 else unit_axis
    return shape[axis] if 0 <= axis < len(shape) else 0


def _bytes(array: npt.NDArray[np.uint8]) -> Any:
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))


class Activity(Accumulator):
    """The streaming form of `dead_neurons`: per unit the counts, sum |output| and extremes of the pre-activation.

    Takes the options of `ActivityOptions`. The first batch fixes the number of units; memory 48 bytes a unit.
    """

    _kind: ClassVar[str] = "neurons"

    def __init__(self, **options: Unpack[ActivityOptions]) -> None:
        super().__init__()
        self._create(_options.build(structures.ActivityOptions, options))

    def add(self, preactivations: TensorLike) -> Self:
        """Adds a batch, as in `dead_neurons`, and returns self.

        Errors: as there, ValueError if the units differ; nothing has changed then.
        """
        tensor = view(preactivations, "preactivations")
        with self._lock:
            check(library.trimtab_neurons_add(self._pointer(), ctypes.byref(tensor.structure)))
        return self

    def report(self) -> ActivityReport:
        """The report on all samples so far; changes nothing."""
        with self._lock:
            report = self._structure()
            dead = self._units(report.unit_count).has(UnitFlag.DEAD)
        return ActivityReport._from_structure(report, dead=dead)

    def units(self) -> UnitActivity:
        """What is known of each unit."""
        with self._lock:
            return self._units(self._structure().unit_count)

    def compare(self, after: Activity) -> RevivalReport:
        """What became of the units between this audit and a later one of the same layer on the same samples.

        Errors: TypeError for what is no Activity, ValueError if the units differ. Source: dopamine's ReDo. Since 0.1.
        """
        if not isinstance(after, Activity):
            raise type_refusal(f"after: found {type(after).__name__}, allowed Activity")
        first, second = sorted((self, after), key=id)
        with first._lock, second._lock:
            report = structures.RevivalReport()
            newly_dead = np.zeros(self._structure().unit_count, dtype=np.uint8)
            check(
                library.trimtab_neurons_compare(
                    self._pointer(), after._pointer(), ctypes.byref(report), _bytes(newly_dead)
                )
            )
        return RevivalReport._from_structure(report, newly_dead_mask=newly_dead.astype(np.bool_))

    def _structure(self) -> structures.ActivityReport:
        report = structures.ActivityReport()
        check(library.trimtab_neurons_report(self._pointer(), ctypes.byref(report)))
        return report

    def _units(self, count: int) -> UnitActivity:
        active_fraction, dormancy_score = np.zeros(count), np.zeros(count)
        flags = np.zeros(count, dtype=np.uint8)
        doubles = ctypes.POINTER(ctypes.c_double)
        if count:
            check(
                library.trimtab_neurons_units(
                    self._pointer(),
                    count,
                    active_fraction.ctypes.data_as(doubles),
                    dormancy_score.ctypes.data_as(doubles),
                    _bytes(flags),
                )
            )
        return UnitActivity(active_fraction, dormancy_score, flags)

    def __repr__(self) -> str:
        return "Activity(closed)" if self._handle is None else f"Activity({self.report()!r})"
