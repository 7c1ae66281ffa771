"""Do two distributions overlap, at which resolution, and when does a coarse-to-fine training grow?"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

import numpy as np
import numpy.typing as npt

from . import _options
from ._errors import INVALID_ARGUMENT, check, refusal
from ._handle import Accumulator, Handle
from ._headers import overlap as structures
from ._library import library
from ._report import Report, number_text
from ._tensors import TensorLike, output_view, view
from ._words import Cause, Outcome, Verdict

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

FEATURES = ("standard", "given")
#: The words of `CurriculumState.decision`.
DECISIONS = ("stay", "grow", "fade")


class OverlapOptions(TypedDict, total=False):
    """How `overlap` measures.

    features             "standard": the numbers, their squares, and log energies of Haar octaves where a sample has a
                         power of two numbers; "given": the numbers as they are
    resolution           0: as they are; else samples are block-averaged to so many positions along their first axis
    test_share           0.5: of the samples on which the classifier is tested and not fitted
    ridge                1e-2: of the classifier's weights
    seed                 0: of the split and the directions, from 0 to 2^64 - 1
    direction_count      64: of the sliced Wasserstein distance
    paired_sample_count  500: samples a side, the first so many, that energy distance and MMD take; 0: all
    least_test_count     50: tested samples below which nothing is judged
    warning_overlap      0.1: below it the generator's signal is taken to vanish
    warning_accuracy     0.95: above it too
    """

    features: str
    resolution: int
    test_share: float
    ridge: float
    seed: int
    direction_count: int
    paired_sample_count: int
    least_test_count: int
    warning_overlap: float
    warning_accuracy: float


@dataclass(frozen=True, slots=True, repr=False)
class OverlapReport(Report):
    """How far two distributions overlap at a resolution. Fields as in overlap.h."""

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    resolution: int
    real_count: int
    fake_count: int
    nonfinite_count: int
    width: int
    test_count: int
    accuracy: float
    z: float
    overlap: float
    sliced_wasserstein: float
    energy_distance: float
    maximum_mean_discrepancy: float
    bandwidth: float
    threshold: float
    measurement: float

    def _headline(self) -> str:
        at = f" at resolution {self.resolution}" if self.resolution else ""
        if self.outcome is not Outcome.OK:
            return f"{self.test_count} samples to test{at}, too few or all the same"
        return (
            f"overlap {number_text(self.overlap)}{at}: accuracy {number_text(self.accuracy)} (z "
            f"{number_text(self.z)}) on {self.test_count} held-out samples"
        )


def overlap(real: TensorLike, fake: TensorLike, **options: Unpack[OverlapOptions]) -> OverlapReport:
    """The overlap of two samples at a resolution: a held-out classifier two-sample test, and distances.

    real, fake  [n, length], [n, height, width] or [n, height, width, channels], n of each its own; rank 1: one number
                a sample
    options     as in `OverlapOptions`

    overlap is min(1, 2 (1 - accuracy)), of 1 less the total variation from above; energy_distance in one dimension is
    the square of SciPy's. Edge cases: samples with NaN or Inf are left out; too few are insufficient.
    Errors: ValueError (shapes, options, a resolution that does not divide), TypeError.
    Source: Lopez-Paz & Oquab 2017; Gretton et al. 2012; definitions 6. Since 0.4.

    >>> overlap([0.0, 1.0, 3.0], [5.0, 6.0, 8.0]).sliced_wasserstein
    5.0
    """
    given: dict[str, Any] = dict(options)
    seed = given.pop("seed", 0)
    word = given.pop("features", "standard")
    settings = _options.build(structures.OverlapOptions, given)
    settings.features = _options.named("features", word, FEATURES)
    number = _options.integer("seed", seed, 65)
    if number < 0:
        raise refusal(INVALID_ARGUMENT, f"seed: found {number}, allowed 0 to 2^64 - 1")
    settings.seed = number
    report = structures.OverlapReport()
    first, second = view(real, "real"), view(fake, "fake")
    check(
        library.trimtab_overlap(
            ctypes.byref(first.structure),
            ctypes.byref(second.structure),
            ctypes.byref(settings),
            ctypes.byref(report),
        )
    )
    return OverlapReport._from_structure(report)


def overlap_by_resolution(
    real: TensorLike, fake: TensorLike, resolutions: Sequence[int], **options: Unpack[OverlapOptions]
) -> dict[int, OverlapReport]:
    """`overlap` at each of several resolutions, the coarsest first.

    The true overlap cannot grow with the resolution, since block averaging is a Markov map: where the estimate does,
    beyond noise, the classifier is too weak at the finer one. Since 0.4.
    """
    given: dict[str, Any] = dict(options)
    found: dict[int, OverlapReport] = {}
    for resolution in sorted(resolutions):
        given["resolution"] = resolution
        found[resolution] = overlap(real, fake, **given)
    return found


def block_average(samples: TensorLike, resolution: int) -> npt.NDArray[np.float64]:
    """Samples averaged over blocks to a resolution along a sample's first axis, and in proportion along the second.

    Errors: ValueError for a resolution that does not divide. Since 0.4.

    >>> block_average([[1.0, 3.0, 5.0, 7.0]], 2)
    array([[2., 6.]])
    """
    tensor = view(samples, "samples")
    number = _options.integer("resolution", resolution)
    shape = list(tensor.shape)
    factor = shape[1] // number if len(shape) > 1 and number > 0 else 1
    for axis in range(1, min(len(shape), 3)):
        shape[axis] //= max(factor, 1)
    result = np.empty(shape)
    target = output_view(result, "output")
    check(library.trimtab_block_average(ctypes.byref(tensor.structure), number, ctypes.byref(target.structure)))
    return result


@dataclass(frozen=True, slots=True, repr=False)
class GeneratorSignalReport(Report):
    """What a discriminator leaves the generator to learn from. Fields as in overlap.h."""

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    real_count: int
    fake_count: int
    nonfinite_count: int
    accuracy: float
    z: float
    overlap: float
    mean_discriminator: float
    saturating: float
    non_saturating: float
    threshold: float
    measurement: float

    def _headline(self) -> str:
        signal = f"saturating {number_text(self.saturating)}, non-saturating {number_text(self.non_saturating)}"
        if self.outcome is not Outcome.OK:
            return f"{self.real_count} real and {self.fake_count} fake outputs, {signal}"
        return f"overlap {number_text(self.overlap)}, accuracy {number_text(self.accuracy)}, {signal}"


class GeneratorSignal(Accumulator):
    """What a discriminator's outputs leave the generator: E[D s] under the saturating loss ln(1 - D), E[(1 - D) s]
    under the non-saturating one, and how well it tells the two apart. Counts and sums add.

    >>> GeneratorSignal().add(fake=[0.0, 0.0]).report().saturating
    0.5
    """

    _kind: ClassVar[str] = "generator_signal"

    def __init__(self) -> None:
        super().__init__()
        handle = Handle(self._kind)
        check(library.trimtab_generator_signal_create(ctypes.byref(handle.pointer)))
        self._handle = handle

    def add(
        self, real: TensorLike | None = None, fake: TensorLike | None = None, slopes: TensorLike | None = None
    ) -> Self:
        """Adds logits on samples that the discriminator was not trained on, and returns self.

        slopes  |d logit / d generator| of each fake sample, 0 or more; None: 1

        Errors: ValueError (slopes below 0 or not as many as fake); nothing has changed then.
        """
        views = [
            None if value is None else view(value, name)
            for value, name in ((real, "real"), (fake, "fake"), (slopes, "slopes"))
        ]
        pointers = [None if one is None else ctypes.byref(one.structure) for one in views]
        with self._lock:
            check(library.trimtab_generator_signal_add(self._pointer(), *pointers))
        return self

    def report(self) -> GeneratorSignalReport:
        """The report on all outputs so far; changes nothing."""
        report = structures.GeneratorSignalReport()
        with self._lock:
            check(library.trimtab_generator_signal_sum(self._pointer(), ctypes.byref(report)))
        return GeneratorSignalReport._from_structure(report)

    def __repr__(self) -> str:
        return "GeneratorSignal(closed)" if self._handle is None else f"GeneratorSignal({self.report()!r})"


@dataclass(frozen=True, slots=True)
class CurriculumState:
    """What a curriculum says after an audit. Fields as in overlap.h.

    decision     "stay", "grow" (the next level begins) or "fade" (it fades in)
    fade_weight  of the new level's output; the level before it, upsampled, has the rest
    """

    decision: str
    level: int
    level_count: int
    fade_weight: float
    good_audit_count: int
    audit_count: int
    image_count: int
    is_complete: bool

    @classmethod
    def _from_structure(cls, found: structures.CurriculumState) -> CurriculumState:
        return cls(
            DECISIONS[found.decision],
            found.level,
            found.level_count,
            found.fade_weight,
            found.good_audit_count,
            found.audit_count,
            found.image_count,
            bool(found.is_complete),
        )


class Curriculum(Accumulator):
    """Says when a coarse-to-fine training stays, grows to the next resolution, or fades it in.

    level_count    resolutions there are, the coarsest first
    grow_overlap   0.5: overlap from which on an audit speaks for growing
    least_overlap  0.2: nothing grows below it
    patience       2: audits in a row that have to speak for it
    fade_images    0: a new level fades in over as many images as the one before it took

    Errors: ValueError, TypeError. Source: Karras et al. 2018 for the fade; definitions 6. Since 0.4.

    >>> curriculum = Curriculum(level_count=3, patience=1)
    >>> curriculum.audit(images=64, overlap=0.7, is_plateau=True).decision
    'grow'
    """

    _kind: ClassVar[str] = "curriculum"

    def __init__(
        self,
        level_count: int,
        *,
        grow_overlap: float = 0.5,
        least_overlap: float = 0.2,
        patience: int = 2,
        fade_images: int = 0,
    ) -> None:
        super().__init__()
        given = {
            "level_count": level_count,
            "grow_overlap": grow_overlap,
            "least_overlap": least_overlap,
            "patience": patience,
            "fade_images": fade_images,
        }
        self._create(_options.build(structures.CurriculumOptions, given))

    def audit(self, images: int, overlap: float, is_plateau: bool) -> CurriculumState:
        """Takes an audit at the present resolution, and says what to do.

        images      shown since the last audit, 1 or more
        overlap     at this resolution; NaN where it could not be told
        is_plateau  whether the loss stands still, as a `Detector` of plateaus says

        Errors: ValueError; nothing has changed then.
        """
        state = structures.CurriculumState()
        count, share = _options.integer("images", images), _options.number("overlap", overlap)
        with self._lock:
            check(
                library.trimtab_curriculum_audit(
                    self._pointer(), count, share, 1 if is_plateau else 0, ctypes.byref(state)
                )
            )
        return CurriculumState._from_structure(state)

    def state(self) -> CurriculumState:
        """What the last audit said."""
        state = structures.CurriculumState()
        with self._lock:
            check(library.trimtab_curriculum_report(self._pointer(), ctypes.byref(state)))
        return CurriculumState._from_structure(state)

    def merge(self, other: Curriculum) -> Curriculum:
        """Refused: audits follow one another and do not add. Errors: ValueError."""
        raise refusal(INVALID_ARGUMENT, "merge: found a curriculum, allowed accumulators alone")

    def __repr__(self) -> str:
        return "Curriculum(closed)" if self._handle is None else f"Curriculum({self.state()!r})"
