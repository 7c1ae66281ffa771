"""Summaries of tensors made by torch where the tensors are: no value of theirs is read here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Elements of a row of the staging area: short rows fill many cores, and waste little of small tensors.
WIDTH = 1024
#: Elements staged at once.
CHUNK = 1 << 24
#: Columns of what is counted, and of what is measured.
NAN, POSITIVE, NEGATIVE, ZERO, SUBNORMAL, FIRST = range(6)
MINIMUM, MAXIMUM, SUM, ABSOLUTE, SQUARE, EXPONENT = range(6)
#: No index is as large.
_NOWHERE = 2**62


def wide(device: torch.device) -> torch.dtype:
    """What sums are made in."""
    return torch.float32 if device.type == "mps" else torch.float64


def staged(dtype: torch.dtype) -> torch.dtype:
    """What the elements of a type are looked at in: one that holds every value of theirs."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def tensor_rows(tensor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Counts [1, 6] and measures [1, 6] of one tensor."""
    flat = tensor.detach().reshape(1, -1).to(staged(tensor.dtype))
    tiny = torch.full((1, 1), torch.finfo(tensor.dtype).tiny, dtype=flat.dtype, device=flat.device)
    return _measure(flat, tiny, None)


class Stage:
    """A staging area for many tensors of one device and one staged type: some fifty kernels, however many there are."""

    def __init__(self, tensors: Sequence[torch.Tensor]) -> None:
        self.key = layout(tensors)
        device, dtype = tensors[0].device, staged(tensors[0].dtype)
        rows = [-(-tensor.numel() // WIDTH) for tensor in tensors]
        # What is left of a tensor's last row stays NaN, which everything below leaves out.
        self._area = torch.full((sum(rows), WIDTH), torch.nan, dtype=dtype, device=device)
        flat, start = self._area.view(-1), 0
        self._views = []
        for tensor, count in zip(tensors, rows, strict=True):
            self._views.append(flat[start : start + tensor.numel()].view(tensor.shape))
            start += count * WIDTH
        owner = torch.repeat_interleave(torch.arange(len(rows)), torch.tensor(rows))
        first = torch.cat([torch.arange(count) for count in rows]) * WIDTH
        limits = torch.tensor([torch.finfo(tensor.dtype).tiny for tensor in tensors], dtype=dtype)
        padding = torch.tensor([WIDTH * count - t.numel() for t, count in zip(tensors, rows, strict=True)])
        # Once for all steps: what is fixed goes there when the area is made.
        self._fold = _Fold(owner.to(device), first.to(device), padding.to(device), len(rows))
        self._tiny = limits[owner].to(device).unsqueeze(1)

    def measure(self, tensors: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Counts [n, 6] and measures [n, 6]."""
        torch._foreach_copy_(self._views, list(tensors))
        return _measure(self._area, self._tiny, self._fold)


def layout(tensors: Sequence[torch.Tensor]) -> tuple[Any, ...]:
    """What a staging area is made for."""
    return tuple((tensor.shape, tensor.dtype) for tensor in tensors)


class _Fold:
    """Puts what was found in rows together to tensors."""

    def __init__(self, owner: torch.Tensor, start: torch.Tensor, padding: torch.Tensor, count: int) -> None:
        self.owner = owner
        self.start = start
        self.padding = padding
        self.count = count

    def sum(self, rows: torch.Tensor) -> torch.Tensor:
        return rows.new_zeros((self.count, *rows.shape[1:])).index_add_(0, self.owner, rows)

    def least(self, rows: torch.Tensor, nothing: float) -> torch.Tensor:
        return rows.new_full((self.count,), nothing).scatter_reduce_(0, self.owner, rows, "amin")


def _measure(area: torch.Tensor, tiny: torch.Tensor, fold: _Fold | None) -> tuple[torch.Tensor, torch.Tensor]:
    # x - x is 0 where x is finite and NaN where it is not, in one kernel; NaN counts as not zero and as the greatest.
    bad = area - area
    nonfinite = torch.count_nonzero(bad, dim=1)
    first = torch.argmax(bad, dim=1) if area.shape[1] else nonfinite
    del bad
    positive = torch.count_nonzero(area == torch.inf, dim=1)
    negative = torch.count_nonzero(area == -torch.inf, dim=1)
    clean = torch.nan_to_num(area, 0.0, 0.0, 0.0)
    nonzero = torch.count_nonzero(clean, dim=1)
    magnitude = clean.abs()
    normal = torch.count_nonzero(magnitude >= tiny, dim=1)
    zero = area.shape[1] - nonzero - nonfinite
    if area.shape[1]:
        minimum = torch.nan_to_num(area, torch.inf, torch.inf, torch.inf).amin(1)
        maximum = torch.nan_to_num(area, -torch.inf, -torch.inf, -torch.inf).amax(1)
    else:
        minimum, maximum = area.new_full((1,), torch.inf), area.new_full((1,), -torch.inf)
    counts = torch.stack([nonfinite - positive - negative, positive, negative, zero, nonzero - normal], 1)
    place = (first + fold.start if fold else first).masked_fill(nonfinite == 0, _NOWHERE)
    if fold is not None:
        counts = fold.sum(counts)
        counts[:, NAN] -= fold.padding
        place = fold.least(place, _NOWHERE)
        minimum = fold.least(minimum, torch.inf)
        maximum = -fold.least(-maximum, torch.inf)
    place = place.masked_fill(counts[:, :ZERO].sum(1) == 0, -1)
    sums = _sums(clean, magnitude, minimum, maximum, fold)
    return (
        torch.cat([counts, place.unsqueeze(1)], 1),
        torch.cat([torch.stack([minimum, maximum], 1).to(sums.dtype), sums], 1),
    )


def _sums(
    clean: torch.Tensor, magnitude: torch.Tensor, minimum: torch.Tensor, maximum: torch.Tensor, fold: _Fold | None
) -> torch.Tensor:
    """Sum, sum |x|, sum x² and the exponent that they are scaled by: [n, 4]."""
    exponent = torch.zeros_like(minimum)
    if clean.dtype == torch.float64:
        greatest = torch.maximum(minimum.abs(), maximum.abs())
        found = torch.frexp(greatest).exponent.to(torch.float64) - 1
        inside = (greatest <= 2.0**480) & (greatest >= 2.0**-400) | (greatest == 0) | (greatest == torch.inf)
        exponent = found.clamp(-1074, 1023).masked_fill(inside, 0.0)
        each = (exponent if fold is None else exponent[fold.owner]).unsqueeze(1)
        # In two halves: 2^1074 is no float64.
        half = torch.exp2(torch.trunc(-each / 2))
        rest = torch.exp2(-each - torch.trunc(-each / 2))
        clean, magnitude = clean * half * rest, magnitude * half * rest
    to = wide(clean.device)
    square = torch.linalg.vector_norm(clean, 2, dim=1, dtype=to).square()
    sums = torch.stack([clean.sum(1, dtype=to), magnitude.sum(1, dtype=to), square], 1)
    if fold is not None:
        sums = fold.sum(sums)
    return torch.cat([sums, exponent.to(to).unsqueeze(1)], 1)


class Quick:
    """The same in three reads and without a copy, for gradients too many to stage: norm and extremes are right, a
    tensor that is not finite is told as having one such element (the first NaN, else the first infinity), the rest are
    bounds.
    """

    def __init__(self, tensors: Sequence[torch.Tensor]) -> None:
        self.key = layout(tensors)
        sizes = [float(tensor.numel()) for tensor in tensors]
        self._count = torch.tensor(sizes, dtype=wide(tensors[0].device)).to(tensors[0].device)

    def measure(self, tensors: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Counts [n, 6] and measures [n, 6]."""
        to, count = self._count.dtype, self._count
        flat = [tensor.detach().reshape(-1) for tensor in tensors]
        is_narrow = flat[0].dtype in (torch.float16, torch.bfloat16)
        norms = torch._foreach_norm(flat, 2, dtype=torch.float32) if is_narrow else torch._foreach_norm(flat, 2)
        norm = torch.stack(norms).to(to)
        highs, lows = [torch.max(one, 0) for one in flat], [torch.min(one, 0) for one in flat]
        high = torch.stack([one.values for one in highs]).to(to)
        low = torch.stack([one.values for one in lows]).to(to)
        high_at, low_at = torch.stack([one.indices for one in highs]), torch.stack([one.indices for one in lows])
        is_nan, is_high, is_low = torch.isnan(high), high == torch.inf, low == -torch.inf
        place = high_at.masked_fill(~is_high, _NOWHERE).minimum(low_at.masked_fill(~is_low, _NOWHERE))
        place = torch.where(is_nan, high_at, place)
        is_bad = is_nan | is_high | is_low
        greatest = torch.maximum(high.abs(), low.abs())
        # A sum of squares that left float32's range is at most this, or at least that.
        norm = torch.where(torch.isfinite(norm), norm, greatest * count.sqrt())
        norm = torch.maximum(norm, greatest)
        # What the finite elements beside one that is not come to is not known: zeros stand for them.
        norm, high, low = (one.masked_fill(is_bad, 0.0) for one in (norm, high, low))
        zero = count.masked_fill((greatest != 0) | is_bad, 0.0)
        is_positive = is_high & ~is_nan & (place == high_at)
        is_negative = is_bad & ~is_nan & ~is_positive
        none = torch.zeros_like(norm)
        counts = torch.stack([is_nan, is_positive, is_negative, zero, none], 1).to(torch.int64)
        measures = torch.stack([low, high, none, norm * count.sqrt(), norm.square(), none], 1)
        return torch.cat([counts, place.masked_fill(~is_bad, -1).unsqueeze(1)], 1), measures
