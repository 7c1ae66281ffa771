"""Which latent dimensions of a variational autoencoder hold anything of the sample?"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt

from .. import _options
from .._errors import INVALID_ARGUMENT, SHAPE, check, refusal, type_refusal
from .._handle import Accumulator
from .._headers import generative as structures
from .._library import library
from .._report import Report, counted, number_text
from .._tensors import TensorLike, View, output_view, view
from .._words import Cause, Outcome, Verdict
from .exposure import state_noise

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

Array = npt.NDArray[np.float64]


class PosteriorOptions(TypedDict, total=False):
    """Thresholds of `posterior_collapse` and `PosteriorCollapse`.

    active_variance        0.01: a dimension is active if its posterior mean varies more than this (Burda et al. 2016)
    collapsed_divergence   0.01 nats: on a sample below it a dimension says nothing
    collapsed_share        0.99: of such samples, beyond which a dimension is collapsed
    least_active_share     0.1: a warning if a smaller share of the dimensions is active
    expected_active_count  0: how many dimensions the data support, as `linear_posterior` says; 0: unknown
    """

    active_variance: float
    collapsed_divergence: float
    collapsed_share: float
    least_active_share: float
    expected_active_count: int


@dataclass(frozen=True, slots=True, repr=False)
class PosteriorReport(Report):
    """Whether a posterior says anything of its sample. Fields as in generative.h; divergences in nats."""

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    sample_count: int
    nonfinite_count: int
    dimension_count: int
    active_count: int
    collapsed_count: int
    disputed_count: int
    divergence: float
    information_bound: float
    information: float
    draw_count: int
    threshold: float
    measurement: float

    def _headline(self) -> str:
        left_out = f", {counted(self.nonfinite_count, 'sample')} left out" if self.nonfinite_count else ""
        if self.outcome is not Outcome.OK:
            reason = "no dimension" if self.outcome is Outcome.DEGENERATE else "two or more are needed"
            return f"{counted(self.sample_count, 'usable sample')}{left_out}: {reason}"
        return (
            f"{self.active_count} of {counted(self.dimension_count, 'dimension')} active, divergence "
            f"{number_text(self.divergence)} nats{left_out}"
        )


class LatentDimension(NamedTuple):
    """What is known of one dimension: moments of the posterior means, divergence in nats."""

    mean: float
    variance: float
    divergence: float
    collapsed_share: float
    is_active: bool
    is_collapsed: bool


def _pointers(means: TensorLike, log_variances: TensorLike, draws: TensorLike | None) -> list[View | None]:
    drawn = None if draws is None else view(draws, "draws")
    return [view(means, "means"), view(log_variances, "log_variances"), drawn]


def _references(views: list[View | None]) -> list[Any]:
    return [None if one is None else ctypes.byref(one.structure) for one in views]


def posterior_collapse(
    means: TensorLike,
    log_variances: TensorLike,
    draws: TensorLike | None = None,
    **options: Unpack[PosteriorOptions],
) -> PosteriorReport:
    """Which latent dimensions of a variational autoencoder hold anything of the sample.

    means          [n, d] mu of each sample's posterior
    log_variances  [n, d] ln s^2
    draws          [n, d] a draw from each posterior, for the mutual information, which costs O(n^2 d)
    options        as in `PosteriorOptions`

    Errors: ValueError, TypeError. Source: Burda et al. 2016; Hoffman & Johnson 2016. Since 0.4.

    >>> posterior_collapse([[1.0, 0.0], [-1.0, 0.0]], [[-2.0, 0.0], [-2.0, 0.0]]).active_count
    1
    """
    settings = _options.build(structures.PosteriorCollapseOptions, options)
    report = structures.PosteriorCollapseReport()
    given = _pointers(means, log_variances, draws)
    check(library.trimtab_posterior_collapse(*_references(given), ctypes.byref(settings), ctypes.byref(report)))
    return PosteriorReport._from_structure(report)


class PosteriorCollapse(Accumulator):
    """The streaming form of `posterior_collapse`. Takes the options of `PosteriorOptions`."""

    _kind: ClassVar[str] = "posterior"

    def __init__(self, **options: Unpack[PosteriorOptions]) -> None:
        super().__init__()
        self._create(_options.build(structures.PosteriorCollapseOptions, options))

    def add(self, means: TensorLike, log_variances: TensorLike, draws: TensorLike | None = None) -> Self:
        """Adds a batch, as in `posterior_collapse`, and returns self; on an error nothing has changed."""
        given = _pointers(means, log_variances, draws)
        with self._lock:
            check(library.trimtab_posterior_add(self._pointer(), *_references(given)))
        return self

    def report(self) -> PosteriorReport:
        """What is known so far; changes nothing."""
        report = structures.PosteriorCollapseReport()
        with self._lock:
            check(library.trimtab_posterior_report(self._pointer(), ctypes.byref(report)))
        return PosteriorReport._from_structure(report)

    def dimensions(self) -> list[LatentDimension]:
        """What is known of each dimension."""
        with self._lock:
            count = self.report().dimension_count
            rows = (structures.LatentDimension * max(count, 1))()
            check(library.trimtab_posterior_dimensions(self._pointer(), count, rows))
        return [
            LatentDimension(
                row.mean, row.variance, row.divergence, row.collapsed_share, bool(row.is_active), bool(row.is_collapsed)
            )
            for row in rows[:count]
        ]

    def __repr__(self) -> str:
        return "PosteriorCollapse(closed)" if self._handle is None else f"PosteriorCollapse({self.report()!r})"


class LinearPosterior(NamedTuple):
    """What a linear variational autoencoder comes to: active dimensions, the sum of divergences, and each; nats."""

    active_count: int
    divergence: float
    each: Array


def linear_posterior(eigenvalues: TensorLike, decoder_variance: float, beta: float = 1.0) -> LinearPosterior:
    """What a linear variational autoencoder comes to at its best (probabilistic PCA): an exact oracle.

    eigenvalues       [d] of the data's covariance, the greatest, one a dimension
    decoder_variance  above 0
    beta              of the divergence in the objective, above 0

    Errors: ValueError, TypeError. Source: Lucas et al. 2019. Since 0.4.

    >>> linear_posterior([4.0, 2.0, 1.2, 0.8, 0.5, 0.1], 1.0).active_count
    3
    """
    try:
        values = np.ascontiguousarray(eigenvalues, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise type_refusal(f"eigenvalues: found {type(eigenvalues).__name__} that is no list of numbers") from error
    if values.ndim != 1:
        raise refusal(SHAPE, f"eigenvalues: found rank {values.ndim}, allowed 1")
    each = np.zeros(len(values))
    active, divergence = ctypes.c_int64(), ctypes.c_double()
    check(
        library.trimtab_linear_posterior(
            values.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
            len(values),
            _options.number("decoder_variance", decoder_variance),
            _options.number("beta", beta),
            ctypes.byref(active),
            ctypes.byref(divergence),
            each.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
        )
    )
    return LinearPosterior(active.value, divergence.value, each)


def decoder_sensitivity(outputs: TensorLike, shuffled: TensorLike) -> float:
    """How much a decoder's outputs move when a latent dimension is shuffled among the samples: 0 for one that it
    ignores, 1 for one that decides all.

    outputs, shuffled  [n, ...] of one shape, n 2 or more

    Errors: ValueError (also for outputs that do not vary, or hold NaN or Inf), TypeError. Since 0.4.
    """
    found = ctypes.c_double()
    before, after = view(outputs, "outputs"), view(shuffled, "shuffled")
    check(
        library.trimtab_decoder_sensitivity(
            ctypes.byref(before.structure), ctypes.byref(after.structure), ctypes.byref(found)
        )
    )
    return found.value


def decoder_sensitivities(latents: TensorLike, decode: Callable[[Array], TensorLike]) -> Array:
    """`decoder_sensitivity` of every latent dimension.

    latents  [n, d], n 2 or more
    decode   takes latents [n, d] and gives outputs [n, ...]; asked d + 2 times

    Errors: ValueError (also for outputs that do not vary, and for NaN or Inf), TypeError, and whatever `decode` raises.
    Since 0.4.

    >>> decoder_sensitivities([[0.0, 1.0], [1.0, 0.0]], lambda z: z[:, :1]).tolist()
    [1.4142135623730951, 0.0]
    """
    if not callable(decode):
        raise type_refusal(f"decode: found {type(decode).__name__}, allowed a function of latents")
    given = view(latents, "latents")
    if len(given.shape) != 2:
        raise refusal(SHAPE, f"latents: found rank {len(given.shape)}, allowed 2")
    raised: list[BaseException] = []

    def outputs_of(points: Array) -> Array:
        answer: Any = decode(points)
        try:
            # None would be NaN, and complex numbers lose their imaginary part.
            if answer is None or np.iscomplexobj(answer):
                raise TypeError
            found = np.asarray(answer, dtype=np.float64)
        except (TypeError, ValueError, RuntimeError):
            raise type_refusal(f"decode: found {type(answer).__name__} returned, allowed an array of numbers") from None
        if found.ndim < 1 or found.shape[0] != given.shape[0]:
            raise refusal(SHAPE, f"decode: found outputs of shape {found.shape}, allowed {given.shape[0]} rows")
        return found.reshape(given.shape[0], -1)

    def call(_user: Any, points: Any, samples: int, dimensions: int, outputs: Any, count: int) -> int:
        try:
            found = outputs_of(np.ctypeslib.as_array(points, (samples, dimensions)).copy())
            if found.shape[1] != count:
                raise refusal(INVALID_ARGUMENT, f"decode: found {found.shape[1]} outputs, allowed {count} as before")
            np.ctypeslib.as_array(outputs, (samples, count))[:] = found
        except BaseException as error:
            raised.append(error)
            return 1
        return 0

    if given.shape[0] < 2:
        raise refusal(SHAPE, f"latents: found {counted(given.shape[0], 'sample')}, allowed 2 or more")
    # The library reads what NumPy cannot, such as bfloat16 of PyTorch.
    points = state_noise(latents, 0, deviation=0.0)
    if not np.isfinite(points).all():
        raise refusal(INVALID_ARGUMENT, "latents: found NaN or Inf, allowed finite numbers")
    count = outputs_of(points).shape[1]
    each = np.zeros(given.shape[1])
    status = library.trimtab_decoder_sensitivities(
        ctypes.byref(given.structure),
        count,
        structures.DECODER(call),
        None,
        each.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
    )
    if raised:
        raise raised[0]
    check(status)
    return each


def annealed_weight(step: int, total: int, cycles: int = 4, ratio: float = 0.5) -> float:
    """A cure of posterior collapse: the weight of the divergence under cyclical annealing.

    step    from 0; from `total` on the weight is 1
    cycles  1 to total; 1 is plain annealing
    ratio   the part of a cycle in which the weight rises, above 0 to 1

    Errors: ValueError, TypeError. Source: Fu et al. 2019. Since 0.4.

    >>> [annealed_weight(step, 8, cycles=2) for step in range(9)]
    [0.0, 0.5, 1.0, 1.0, 0.0, 0.5, 1.0, 1.0, 1.0]
    """
    weight = ctypes.c_double()
    numbers = [_options.integer(name, value) for name, value in (("step", step), ("total", total), ("cycles", cycles))]
    check(library.trimtab_annealed_weight(*numbers, _options.number("ratio", ratio), ctypes.byref(weight)))
    return weight.value


def free_bits(divergences: TensorLike, least: float) -> tuple[float, Array]:
    """A cure of posterior collapse: the mean over samples of the sum over dimensions of max(least, KL_u), and its
    gradient.

    divergences  [n, d] nats, each held against `least` before any mean; Kingma et al. 2016 take the batch's mean
                 first: give one row of means for that
    least        0 or more

    Errors: ValueError, TypeError. Since 0.4.

    >>> free_bits([[0.1, 2.0]], 0.5)[0]
    2.5
    """
    given = view(divergences, "divergences")
    slopes = np.zeros(given.shape)
    output = output_view(slopes, "slopes")
    loss = ctypes.c_double()
    check(
        library.trimtab_free_bits(
            ctypes.byref(given.structure),
            _options.number("least", least),
            ctypes.byref(loss),
            ctypes.byref(output.structure),
        )
    )
    return loss.value, slopes
