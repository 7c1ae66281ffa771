"""Losses of two parts and games: are they in balance, and what cures them?"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt

from . import _options
from ._errors import INVALID_ARGUMENT, check, refusal, type_refusal
from ._handle import Accumulator
from ._headers import objectives as structures
from ._library import library
from ._report import Report, number_text
from ._structures import Tensor
from ._tensors import TensorLike, output_view, view
from ._words import Cause, Outcome, Verdict
from .tape import TapeValue

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class BalanceOptions(TypedDict, total=False):
    """The weights of L = w_p L_pixel + w_a L_adversarial, and what counts as balance.

    pixel_weight, adversarial_weight  1: the gradients are given without them
    least_ratio                       0.1: below it the adversarial part is too weak
    greatest_ratio                    2: above it, too strong
    """

    pixel_weight: float
    adversarial_weight: float
    least_ratio: float
    greatest_ratio: float


@dataclass(frozen=True, slots=True, repr=False)
class BalanceReport(Report):
    """What the gradients of a loss's two parts came to. Fields as in objectives.h."""

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    count: int
    nonfinite_count: int
    ratio: float
    mean_cosine: float
    cosine: float
    conflict_share: float
    pixel_norm: float
    adversarial_norm: float
    adaptive_weight: float
    measurement: float
    threshold: float

    def _headline(self) -> str:
        return (
            f"adversarial over pixel gradient {number_text(self.ratio)}, mean cosine {number_text(self.mean_cosine)} "
            f"over {self.count} minibatch{'' if self.count == 1 else 'es'}"
        )


@dataclass(frozen=True, slots=True, repr=False)
class BlurReport(Report):
    """How outputs compare with references. Fields as in objectives.h."""

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    image_count: int
    nonfinite_count: int
    output_laplacian: float
    reference_laplacian: float
    ratio: float
    mean_squared_error: float
    peak_signal_to_noise: float
    threshold: float

    def _headline(self) -> str:
        return (
            f"Laplacian's variance {number_text(self.ratio)} of the references', "
            f"PSNR {number_text(self.peak_signal_to_noise)} dB"
        )


@dataclass(frozen=True, slots=True, repr=False)
class GameReport(Report):
    """Whether steps of a game stay at a stationary point. Fields as in objectives.h."""

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    greatest_modulus: float
    real: float
    imaginary: float
    greatest_real: float
    threshold: float

    def _headline(self) -> str:
        return f"greatest |1 + step mu| {number_text(self.greatest_modulus)}"


class LossBalance(NamedTuple):
    """GradNorm's new weights, and the gradients' norms that they shall reach."""

    weights: npt.NDArray[np.float64]
    targets: npt.NDArray[np.float64]


def gradient_balance(pixel: TensorLike, adversarial: TensorLike, **options: Unpack[BalanceOptions]) -> BalanceReport:
    """The balance of a pixel loss and an adversarial one, from their gradients at one layer in one minibatch.

    pixel, adversarial  with respect to the same parameters, usually the generator's last layer's, without weights
    options             as in `BalanceOptions`

    The verdict is that of the ratio: the cosine is -1 and the ratio 1 at any stationary point, so that it means
    something in the transient and as a running mean (`GradientBalance`).
    Errors: ValueError (shapes, options), TypeError. Source: definitions 7. Since 0.4.

    >>> gradient_balance([3.0, 0.0], [0.0, 4.0], adversarial_weight=0.01).cause
    <Cause.WEAK_ADVERSARY: 'weak_adversary'>
    """
    settings = _options.build(structures.BalanceOptions, options)
    first, second = view(pixel, "pixel"), view(adversarial, "adversarial")
    report = structures.GradientBalanceReport()
    check(
        library.trimtab_gradient_balance(
            ctypes.byref(first.structure), ctypes.byref(second.structure), ctypes.byref(settings), ctypes.byref(report)
        )
    )
    return BalanceReport._from_structure(report)


class GradientBalance(Accumulator):
    """The streaming form of `gradient_balance` over minibatches. Takes the options of `BalanceOptions`."""

    _kind: ClassVar[str] = "balance"

    def __init__(self, **options: Unpack[BalanceOptions]) -> None:
        super().__init__()
        self._create(_options.build(structures.BalanceOptions, options))

    def add(self, pixel: TensorLike, adversarial: TensorLike) -> Self:
        """Adds a minibatch and returns self; NaN and Inf are counted and left out. Errors: ValueError, TypeError."""
        first, second = view(pixel, "pixel"), view(adversarial, "adversarial")
        with self._lock:
            check(
                library.trimtab_balance_add(
                    self._pointer(), ctypes.byref(first.structure), ctypes.byref(second.structure)
                )
            )
        return self

    def report(self) -> BalanceReport:
        """The report on all minibatches."""
        report = structures.GradientBalanceReport()
        with self._lock:
            check(library.trimtab_balance_report(self._pointer(), ctypes.byref(report)))
        return BalanceReport._from_structure(report)

    def __repr__(self) -> str:
        return "GradientBalance(closed)" if self._handle is None else f"GradientBalance({self.report()!r})"


def adaptive_weight(
    pixel_norm: float, adversarial_norm: float, factor: float = 1.0, *, step: int = 0, start: int = 0
) -> float:
    """A cure: the adversarial weight clamp(pixel_norm / (adversarial_norm + 1e-4), 0, 1e4) factor, 0 before `start`.

    pixel_norm, adversarial_norm  of the gradients at the generator's last layer, without weights

    Source: VQGAN (Esser, Rombach & Ommer 2021). Since 0.4.

    >>> round(adaptive_weight(2.0, 0.5), 2)
    4.0
    """
    weight: float = library.trimtab_adaptive_weight(
        _options.number("pixel_norm", pixel_norm),
        _options.number("adversarial_norm", adversarial_norm),
        _options.number("factor", factor),
        _options.integer("step", step),
        _options.integer("start", start),
    )
    return weight


def project_conflicts(gradients: Sequence[npt.NDArray[Any]], seed: int = 0) -> int:
    """A cure: PCGrad takes from each gradient what conflicts with the others, in place; returns how many pairs did.

    gradients  two or more writable arrays of float32 or float64 with as many elements each
    seed       of the order; for two gradients it makes no difference

    Errors: ValueError (shapes, NaN, Inf, read-only memory), TypeError; nothing is changed then. Source: Yu et al. 2020.
    Since 0.4.

    >>> import numpy as np
    >>> first, second = np.array([1.0, 0.0]), np.array([-1.0, 1.0])
    >>> project_conflicts([first, second]), first.tolist(), second.tolist()
    (2, [0.5, 0.5], [0.0, 1.0])
    """
    owners = [output_view(gradient, f"gradients[{place}]") for place, gradient in enumerate(gradients)]
    for place, owner in enumerate(owners):
        for other in owners[:place]:
            if owner.clobbers(other) or owner._layout() == other._layout():
                raise refusal(
                    INVALID_ARGUMENT, f"gradients[{place}]: found memory of another gradient, allowed its own"
                )
    tensors = (Tensor * max(len(owners), 1)).from_buffer_copy(
        b"".join(bytes(owner.structure) for owner in owners) or bytes(ctypes.sizeof(Tensor))
    )
    found = ctypes.c_int64()
    check(library.trimtab_project_conflicts(tensors, len(owners), _options.integer("seed", seed), ctypes.byref(found)))
    return found.value


def balance_losses(
    weights: TensorLike,
    norms: TensorLike,
    losses: TensorLike,
    initial_losses: TensorLike,
    *,
    asymmetry: float = 1.5,
    rate: float = 0.025,
) -> LossBalance:
    """A cure: GradNorm's next weights of several losses, so that all train at the same pace.

    weights                 of the losses now
    norms                   of their gradients at the last shared layer, without weights
    losses, initial_losses  now and at the start, above 0
    asymmetry               how strongly losses that lag are pulled up
    rate                    of a step of the weights, which then sum to how many they are

    Errors: ValueError, TypeError. Source: Chen et al. 2018. Since 0.4.

    >>> balance_losses([1.0, 1.0], [1.0, 3.0], [1.0, 1.0], [1.0, 1.0]).targets.tolist()
    [2.0, 2.0]
    """
    settings = _options.build(structures.LossBalanceOptions, {"asymmetry": asymmetry, "rate": rate})
    given = [np.array(value, dtype=np.float64).ravel() for value in (weights, norms, losses, initial_losses)]
    if len({len(values) for values in given}) != 1:
        raise refusal(
            INVALID_ARGUMENT, f"losses: found {[len(values) for values in given]} numbers, allowed as many each"
        )
    targets = np.empty_like(given[0])
    pointers = [values.ctypes.data_as(ctypes.POINTER(ctypes.c_double)) for values in (*given, targets)]
    check(
        library.trimtab_balance_losses(
            len(targets), pointers[1], pointers[2], pointers[3], ctypes.byref(settings), pointers[0], pointers[4]
        )
    )
    return LossBalance(given[0], targets)


def blur(outputs: TensorLike, references: TensorLike, *, range: float = 1.0, threshold: float = 0.5) -> BlurReport:
    """Are outputs blurred beside what they should be? The ratio of their Laplacians' variances, and the PSNR.

    outputs, references  of one shape: (height, width), (images, height, width) or (images, height, width, channels)
    range                from black to white, for the PSNR
    threshold            a ratio below is a blur

    The Laplacian is up + down + left + right - 4 centre where there are four neighbours (`scipy.ndimage.laplace` has
    values at the border too). Edge cases: images below 3 x 3 are insufficient, flat references degenerate.
    Errors: ValueError, TypeError. Since 0.4.
    """
    first, second = view(outputs, "outputs"), view(references, "references")
    report = structures.BlurReport()
    check(
        library.trimtab_blur(
            ctypes.byref(first.structure),
            ctypes.byref(second.structure),
            _options.number("range", range),
            _options.number("threshold", threshold),
            ctypes.byref(report),
        )
    )
    return BlurReport._from_structure(report)


def game_stability(jacobian: TensorLike, step: float) -> GameReport:
    """Are simultaneous steps x <- x + step v(x) of a game stable near a stationary point?

    jacobian  (n, n), dv/dx there; n from 1 to 1024
    step      the learning rate

    Errors: ValueError, TypeError. Cost: O(n^3). Source: Mescheder, Geiger & Nowozin 2018. Since 0.4.

    >>> game_stability([[0.0, -0.5], [0.5, 0.0]], 0.1).cause
    <Cause.UNSTABLE_GAME: 'unstable_game'>
    """
    matrix = view(jacobian, "jacobian")
    report = structures.GameReport()
    check(
        library.trimtab_game_stability(
            ctypes.byref(matrix.structure), _options.number("step", step), ctypes.byref(report)
        )
    )
    return GameReport._from_structure(report)


def interpolates(real: TensorLike, fake: TensorLike, step: int, *, seed: int = 0) -> npt.NDArray[np.float64]:
    """The points at which WGAN-GP asks for its penalty: u real + (1 - u) fake, u uniform in (0, 1) for each sample.

    real, fake  [n, ...] of one shape
    step        0 or more; the same step and seed give the same u
    seed        0 to 2^64 - 1

    Errors: ValueError, TypeError. Cost: O(elements). Source: Gulrajani et al. 2017. Since 0.4.

    >>> interpolates([[2.0], [2.0]], [[2.0], [2.0]], 0).tolist()
    [[2.0], [2.0]]
    """
    if not 0 <= (number := _options.integer("seed", seed, 65)) < 1 << 64:
        raise refusal(INVALID_ARGUMENT, f"seed: found {number}, allowed 0 to {(1 << 64) - 1}")
    first, second = view(real, "real"), view(fake, "fake")
    points = np.empty(first.shape)
    output = output_view(points, "output")
    check(
        library.trimtab_interpolates(
            ctypes.byref(first.structure),
            ctypes.byref(second.structure),
            _options.integer("step", step),
            number,
            ctypes.byref(output.structure),
        )
    )
    return points


def gradient_penalty(scores: TapeValue, inputs: TapeValue, weight: float = 10.0, target: float = 1.0) -> TapeValue:
    """A cure, for losses on a tape: weight mean((|d score / d x| - target)^2) over the samples.

    scores  (samples) or (samples, 1), made of `inputs` on the same tape; not behind a batch norm
    inputs  (samples, features...): for WGAN-GP `interpolates(real, fake, step)`

    Errors: ValueError, TypeError. Source: Gulrajani et al. 2017. Since 0.4.
    """
    for name, value in (("scores", scores), ("inputs", inputs)):
        if not isinstance(value, TapeValue):
            raise type_refusal(f"{name}: found {type(value).__name__}, allowed a value of a tape")
    if scores.tape is not inputs.tape:
        raise refusal(INVALID_ARGUMENT, "inputs: found a value of another tape, allowed of that of scores")
    result = ctypes.c_int64()
    check(
        library.trimtab_tape_gradient_penalty(
            ctypes.cast(scores.tape._open(), ctypes.POINTER(structures.Tape)),
            scores.index,
            inputs.index,
            _options.number("weight", weight),
            _options.number("target", target),
            ctypes.byref(result),
        )
    )
    return TapeValue(scores.tape, result.value)


def r1_penalty(scores: TapeValue, inputs: TapeValue, gamma: float = 10.0) -> TapeValue:
    """A cure, for losses on a tape: R1, gamma/2 mean(|d score / d x|^2) at real samples.

    Errors: ValueError, TypeError. Source: Mescheder, Geiger & Nowozin 2018. Since 0.4.
    """
    return gradient_penalty(scores, inputs, _options.number("gamma", gamma) / 2, 0.0)
