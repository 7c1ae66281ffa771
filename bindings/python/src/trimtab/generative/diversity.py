"""How many different samples does a model have?"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from .. import _options
from .._errors import check
from .._handle import Accumulator, Handle
from .._headers import generative as structures
from .._library import library
from .._report import Report, counted, number_text
from .._tensors import TensorLike, view
from .._words import Outcome

if TYPE_CHECKING:
    from typing_extensions import Self


@dataclass(frozen=True, slots=True, repr=False)
class BirthdayReport(Report):
    """How large a model's support is; without a pair that is alike the outcome is insufficient, and it is known from
    below alone.
    """

    outcome: Outcome
    sample_count: int
    nonfinite_count: int
    pair_count: int
    support: float
    least_support: float

    def __repr__(self) -> str:
        samples = counted(self.sample_count, "sample")
        if self.sample_count < 2:
            left_out = f", {self.nonfinite_count} left out" if self.nonfinite_count else ""
            return f"BirthdayReport: {self.outcome.value}: {samples}{left_out}, two or more are needed"
        if self.outcome is not Outcome.OK:
            least = number_text(self.least_support)
            return (
                f"BirthdayReport: {self.outcome.value}: no pair alike among {samples}: at least {least} different ones"
            )
        return (
            f"BirthdayReport: {counted(self.pair_count, 'pair')} alike among {samples}: "
            f"about {number_text(self.support)} different ones, at least {number_text(self.least_support)}"
        )


def birthday(samples: TensorLike, tolerance: float = 0.0) -> BirthdayReport:
    """How many different samples a model has, by how often two are at most `tolerance` apart.

    samples  [n, ...], or [n]

    Cost: O(n^2 d). Errors: ValueError, TypeError. Source: Arora, Risteski & Zhang 2018. Since 0.4.

    >>> birthday([1, 2, 3, 1]).support
    6.0
    """
    report = structures.BirthdayReport()
    given = view(samples, "samples")
    check(
        library.trimtab_birthday(
            ctypes.byref(given.structure), _options.number("tolerance", tolerance), ctypes.byref(report)
        )
    )
    return BirthdayReport._from_structure(report)


def birthday_probability(support: int, samples: int) -> float:
    """The probability that of `samples` draws from `support` equally likely values two are the same.

    Errors: ValueError, TypeError. Since 0.4.

    >>> round(birthday_probability(365, 23), 7)
    0.5072972
    """
    found = ctypes.c_double()
    numbers = [_options.integer("support", support), _options.integer("samples", samples)]
    check(library.trimtab_birthday_probability(*numbers, ctypes.byref(found)))
    return found.value


@dataclass(frozen=True, slots=True, repr=False)
class VendiReport(Report):
    """How many different samples there are, as far as a kernel tells; not whether they are like the data."""

    outcome: Outcome
    sample_count: int
    unusable_count: int
    score: float

    def __repr__(self) -> str:
        if self.outcome is not Outcome.OK:
            what = "NaN or Inf in the kernel" if self.sample_count else "no usable sample"
            left_out = f", {self.unusable_count} left out" if self.unusable_count else ""
            return f"VendiReport: {self.outcome.value}: {what}{left_out}"
        return (
            f"VendiReport: {number_text(self.score)} of {counted(self.sample_count, 'sample')} ({self.outcome.value})"
        )


def vendi_score(samples: TensorLike, bandwidth: float = 0.0) -> VendiReport:
    """exp of the entropy of the eigenvalues of a kernel over n: how many different samples there are.

    samples    [n, ...], or [n]
    bandwidth  h of the kernel exp(-|x - y|^2 / (2 h^2)); 0: the cosine of the angle between samples

    Cost: O(n^2 d + n^3); the cosine O(n d^2 + d^3). Errors: ValueError, TypeError.
    Source: Friedman & Dieng 2023. Since 0.4.

    >>> round(vendi_score([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]]).score, 6)
    1.889882
    """
    report = structures.VendiScoreReport()
    given = view(samples, "samples")
    check(
        library.trimtab_vendi_score(
            ctypes.byref(given.structure), _options.number("bandwidth", bandwidth), ctypes.byref(report)
        )
    )
    return VendiReport._from_structure(report)


def vendi_score_of_kernel(kernel: TensorLike) -> VendiReport:
    """The Vendi score of a kernel matrix.

    kernel  [n, n], symmetric and positive semidefinite with 1 on its diagonal: the definition needs eigenvalues of
            K / n that are shares of 1. An entry may be off by 1e-6, as in float32 (by 2^-7 in halves).

    Errors: ValueError (naming the entry), TypeError. Since 0.4.
    """
    report = structures.VendiScoreReport()
    given = view(kernel, "kernel")
    check(library.trimtab_vendi_score_of_kernel(ctypes.byref(given.structure), ctypes.byref(report)))
    return VendiReport._from_structure(report)


class VendiScore(Accumulator):
    """The streaming form of `vendi_score` with the cosine: the sums X^T X, d^2 numbers."""

    _kind: ClassVar[str] = "vendi"

    def __init__(self) -> None:
        super().__init__()
        handle = Handle(self._kind)
        check(library.trimtab_vendi_create(ctypes.byref(handle.pointer)))
        self._handle = handle

    def add(self, samples: TensorLike) -> Self:
        """Adds samples, always of as many numbers, and returns self; on an error nothing has changed."""
        given = view(samples, "samples")
        with self._lock:
            check(library.trimtab_vendi_add(self._pointer(), ctypes.byref(given.structure)))
        return self

    def report(self) -> VendiReport:
        """What is known so far; changes nothing."""
        report = structures.VendiScoreReport()
        with self._lock:
            check(library.trimtab_vendi_report(self._pointer(), ctypes.byref(report)))
        return VendiReport._from_structure(report)

    def __repr__(self) -> str:
        return "VendiScore(closed)" if self._handle is None else f"VendiScore({self.report()!r})"
