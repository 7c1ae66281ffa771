"""One pass over a tensor: counts, extremes, mean and norms."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, overload

from . import _structures as structures
from ._errors import check, type_refusal
from ._library import library
from ._report import json_ready, number_text
from ._tensors import TensorLike, view, views


@dataclass(frozen=True, slots=True, repr=False)
class Summary:
    """What one pass over a tensor gives. Fields as in summary.h.

    Counts are exact; everything from `minimum` on is over the finite values only, in float64. sum = scaled_sum *
    2**scale_exponent, the sum of squares is scaled_square_sum * 4**scale_exponent: neither overflows. Without a
    finite value minimum is inf and maximum -inf.
    """

    count: int
    nan_count: int
    positive_infinity_count: int
    negative_infinity_count: int
    zero_count: int
    subnormal_count: int
    first_nonfinite_index: int
    minimum: float
    maximum: float
    greatest_magnitude: float
    mean: float
    l1_norm: float
    l2_norm: float
    scaled_sum: float
    scaled_absolute_sum: float
    scaled_square_sum: float
    scale_exponent: int

    @classmethod
    def identity(cls) -> Summary:
        """The summary of nothing, which changes nothing in a merge."""
        result = structures.Summary()
        check(library.trimtab_summary_identity(ctypes.byref(result)))
        return cls._from_structure(result)

    @property
    def nonfinite_count(self) -> int:
        """NaN and both infinities."""
        return self.nan_count + self.positive_infinity_count + self.negative_infinity_count

    def merge(self, other: Summary) -> Summary:
        """The summary of this tensor's elements followed by those of `other`.

        Errors: TypeError for what is no Summary, ValueError if a field cannot come from data.
        """
        if not isinstance(other, Summary):
            raise type_refusal(f"other: found {type(other).__name__}, allowed Summary")
        result = self._structure()
        check(library.trimtab_summary_merge(ctypes.byref(result), ctypes.byref(other._structure())))
        return self._from_structure(result)

    def as_dict(self) -> dict[str, Any]:
        """The fields, ready for `json.dumps`: infinite and NaN numbers are the strings "inf", "-inf" and "nan"."""
        return {field.name: json_ready(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def _from_structure(cls, structure: structures.Summary) -> Summary:
        return cls(*(getattr(structure, name) for name in _FIELDS))

    def _structure(self) -> structures.Summary:
        try:
            return structures.Summary(*(getattr(self, name) for name in _FIELDS))
        except TypeError as error:
            raise type_refusal(f"summary: found a field of another type ({error}), allowed numbers") from None

    def __repr__(self) -> str:
        judged = f"{self.nonfinite_count} non-finite" if self.nonfinite_count else "finite"
        if self.count == self.nonfinite_count:
            return f"Summary: {judged}: {self.count} elements, no finite value"
        return (
            f"Summary: {judged}: {self.count} elements in [{number_text(self.minimum)}, {number_text(self.maximum)}], "
            f"mean {number_text(self.mean)}, norm {number_text(self.l2_norm)}, {self.zero_count} zeros"
        )


_FIELDS = tuple(field.name for field in fields(Summary))


def summarize(tensor: TensorLike) -> Summary:
    """Summarises one tensor in one pass over its memory.

    tensor  any shape, strides and element type

    Edge cases: an empty tensor gives the identity; NaN and Inf are counted and kept out of every other field.
    Errors: ValueError (shape, device), TypeError (element type). Cost: one read of the elements. Since 0.1.

    >>> summarize([3.0, -4.0]).l2_norm
    5.0
    """
    result = structures.Summary()
    tensor_view = view(tensor, "tensor")
    check(library.trimtab_summarize(ctypes.byref(tensor_view.structure), ctypes.byref(result)))
    return Summary._from_structure(result)


@overload
def summarize_all(tensors: Mapping[str, TensorLike]) -> dict[str, Summary]: ...  # type: ignore[overload-overlap]


@overload
def summarize_all(tensors: Iterable[TensorLike]) -> list[Summary]: ...


def summarize_all(tensors: Mapping[str, TensorLike] | Iterable[TensorLike]) -> dict[str, Summary] | list[Summary]:
    """Summarises many tensors in one call; a mapping gives a dictionary with its keys, anything else a list.

    Errors: as `summarize`; the message names the tensor. Cost: one read of all elements. Since 0.1.
    """
    if isinstance(tensors, Mapping):
        summaries = _summaries(list(tensors.values()), [f"tensors[{key!r}]" for key in tensors])
        return dict(zip(tensors, summaries, strict=True))
    try:
        items = list(tensors)
    except TypeError:
        raise type_refusal(
            f"tensors: found {type(tensors).__name__}, allowed a sequence of arrays or a mapping of them"
        ) from None
    return _summaries(items, [f"tensors[{index}]" for index in range(len(items))])


def _summaries(items: list[TensorLike], names: list[str]) -> list[Summary]:
    tensors, owners = views(items, names)
    results = (structures.Summary * len(items))()
    check(library.trimtab_summarize_all(tensors, len(items), results))
    del owners
    return [Summary._from_structure(result) for result in results]
