"""Results on their way from an accelerator: one copy a step and device, and nobody waits for it."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .. import _structures as structures
from . import _device_rows as rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SUMMARY = np.dtype(structures.Summary)


class Outbox:
    """What one step has to send from one device: rows of summaries, numbers, and samples of tensors."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._counts: list[torch.Tensor] = []
        self._measures: list[torch.Tensor] = []
        #: Of each row: entry, quantity, rank, number of elements.
        self.targets: list[tuple[int, int, int, int]] = []
        self._numbers: dict[str, torch.Tensor] = {}
        #: Entry, quantity, first extent of the whole, the sample.
        self._samples: list[tuple[int, int, int, torch.Tensor]] = []

    def add_rows(self, targets: list[tuple[int, int, int, int]], found: tuple[torch.Tensor, torch.Tensor]) -> None:
        self.targets += targets
        self._counts.append(found[0])
        self._measures.append(found[1])

    def add_number(self, name: str, value: torch.Tensor) -> None:
        self._numbers[name] = value.detach().reshape(1).to(rows.wide(self.device))

    def add_sample(self, entry: int, quantity: int, extent: int, sample: torch.Tensor) -> None:
        self._samples.append((entry, quantity, extent, sample))

    def send(self) -> Letter:
        """Starts the copy."""
        # Wider types first: then each part starts where its type may.
        self._samples.sort(key=lambda one: -one[3].element_size())
        parts = [*self._counts, *self._measures, *self._numbers.values(), *(one[3] for one in self._samples)]
        content = torch.cat([part.contiguous().view(-1).view(torch.uint8) for part in parts])
        letter = Letter()
        letter.targets = self.targets
        letter.numbers = list(self._numbers)
        letter.number_type = np.float32 if rows.wide(self.device) == torch.float32 else np.float64
        letter.samples = [
            (entry, quantity, extent, one.shape, one.dtype) for entry, quantity, extent, one in self._samples
        ]
        if self.device.type == "cpu":
            letter.content = content
        elif self.device.type == "cuda":
            letter.content = torch.empty(content.shape, dtype=torch.uint8, pin_memory=True)
            letter.content.copy_(content, non_blocking=True)
        else:
            letter.content = content.to("cpu", non_blocking=True)
        if self.device.type != "cpu":
            letter.event = torch.Event(device=self.device)
            letter.event.record(torch.accelerator.current_stream(self.device))
        return letter


class Letter:
    """What is on its way, or there."""

    content: torch.Tensor
    targets: list[tuple[int, int, int, int]]
    numbers: list[str]
    number_type: Any
    samples: list[tuple[int, int, int, torch.Size, torch.dtype]]
    event: Any = None

    def has_come(self) -> bool:
        return self.event is None or bool(self.event.query())

    def wait(self) -> None:
        """Until it is there. Only for results asked for by name, and where the device is many steps behind."""
        if self.event is not None:
            self.event.synchronize()

    def open(self) -> tuple[NDArray[Any], dict[str, float], list[tuple[int, int, int, torch.Tensor]]]:
        """The summaries (as trimtab_summary), the numbers and the samples."""
        count = len(self.targets)
        content = self.content.numpy()
        size = np.dtype(self.number_type).itemsize
        counts = content[: 48 * count].view(np.int64).reshape(count, 6)
        at = 48 * count
        measures = content[at : at + 6 * size * count].view(self.number_type).reshape(count, 6)
        at += 6 * size * count
        values = content[at : at + size * len(self.numbers)].view(self.number_type)
        at += size * len(self.numbers)
        samples = []
        for entry, quantity, extent, shape, dtype in self.samples:
            end = at + shape.numel() * dtype.itemsize
            samples.append((entry, quantity, extent, self.content[at:end].view(dtype).view(shape)))
            at = end
        sizes = np.array([target[3] for target in self.targets], np.int64)
        return (
            _summaries(sizes, counts, measures.astype(np.float64)),
            dict(zip(self.numbers, values, strict=True)),
            samples,
        )


def _summaries(sizes: NDArray[Any], counts: NDArray[Any], measures: NDArray[Any]) -> NDArray[Any]:
    """As trimtab_summary; the monitor makes what follows from the sums by itself."""
    made = np.zeros(len(sizes), _SUMMARY)
    made["count"] = sizes
    made["nan_count"] = counts[:, rows.NAN]
    made["positive_infinity_count"] = counts[:, rows.POSITIVE]
    made["negative_infinity_count"] = counts[:, rows.NEGATIVE]
    made["zero_count"] = counts[:, rows.ZERO]
    made["subnormal_count"] = counts[:, rows.SUBNORMAL]
    made["first_nonfinite_index"] = counts[:, rows.FIRST]
    for name, column in (
        ("minimum", rows.MINIMUM),
        ("maximum", rows.MAXIMUM),
        ("scaled_sum", rows.SUM),
        ("scaled_absolute_sum", rows.ABSOLUTE),
        ("scaled_square_sum", rows.SQUARE),
        ("scale_exponent", rows.EXPONENT),
    ):
        made[name] = measures[:, column]
    return made


def scaled(made: NDArray[Any], factor: float) -> NDArray[Any]:
    """The summaries of the same tensors times a factor above 0."""
    for name in ("minimum", "maximum", "scaled_sum", "scaled_absolute_sum"):
        made[name] *= factor
    made["scaled_square_sum"] *= factor * factor
    return made


def pointer(made: NDArray[Any], place: int) -> Any:
    """To one of the summaries."""
    return ctypes.cast(made.ctypes.data + place * _SUMMARY.itemsize, ctypes.POINTER(structures.Summary))
