"""The learning rate that a net bears on data, found by the library's trainer."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _options
from ._errors import check
from ._headers import trainer as headers
from ._library import library
from ._report import Report, number_text
from ._tensors import TensorLike, view
from ._words import Cause, Outcome, Verdict
from .trainer import TrainerOptions, described

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Unpack

    from . import layers as _layers
    from .tape import Objective


@dataclass(frozen=True, slots=True, repr=False)
class SafeRate(Report):
    """What learning rate a net bears. Fields as in trainer.h; NaN where it could not be told.

    rate            the net's own, which is judged
    peak_rate       the geometric mean over the seeds of the greatest rate that did not fail; the least and the greatest
    suggested_rate  of a range test: a tenth of the rate at which it diverged
    sharpness       the largest eigenvalue of the Hessian before the first step
    warm_up_steps   the shortest linear warm-up with which `rate` does not fail; -1: none was found
    """

    outcome: Outcome
    verdict: Verdict
    cause: Cause
    rate: float
    peak_rate: float
    least_peak_rate: float
    greatest_peak_rate: float
    divergence_rate: float
    suggested_rate: float
    sharpness: float
    warm_up_steps: int
    seeds_above: int
    seeds_below: int

    def _headline(self) -> str:
        borne = "an unknown one" if math.isnan(self.peak_rate) else number_text(self.peak_rate)
        return f"rate {number_text(self.rate)}, the net bears {borne}"


def safe_rate(
    layers: Sequence[_layers.Layer],
    input_shape: Sequence[int],
    inputs: TensorLike,
    targets: TensorLike,
    *,
    loss: str | Objective = "squared",
    optimizer: str = "sgd",
    learning_rate: float = 0.01,
    precision: str = "float32",
    seed: int = 0,
    step_count: int = 200,
    batch: int = 0,
    lowest_rate: float = 1e-5,
    highest_rate: float = 10.0,
    bisections: int = 7,
    seed_count: int = 3,
    longest_warm_up: int = 100,
    **options: Unpack[TrainerOptions],
) -> SafeRate:
    """The greatest learning rate that a net bears on data, what a range test suggests, and the warm-up that its own
    rate needs, found by training it over and over.

    layers ... seed  as for `Trainer`; learning_rate is judged
    inputs, targets  as for `Trainer.step`; shuffle them before: batches are consecutive rows
    step_count       of each run
    batch            samples of a step; 0: all

    Holds for this net, this start and this optimizer: what it bears goes with the first sharpness, and so with the gain
    of the weights, more than with how smooth the activation is (definitions 2, 12).
    Up to seed_count (bisections + 2) + 10 runs. Errors: as `Trainer`. Since 0.4.

    >>> import numpy as np, trimtab
    >>> x = np.linspace(-1, 1, 32).reshape(32, 1)
    >>> net = [trimtab.layers.Dense(1)]
    >>> found = safe_rate(net, (1,), x, 2 * x + 1, loss="half_squared", step_count=50)
    >>> 1.8 < found.peak_rate < 2.3, found.warm_up_steps
    (True, 0)
    """
    given: dict[str, Any] = {"optimizer": optimizer, "precision": precision, "learning_rate": learning_rate}
    given.update(options)
    settings, callback = described(layers, input_shape, loss, seed, given)
    wanted = _options.build(
        headers.SafeRateOptions,
        {
            "step_count": step_count,
            "batch": batch,
            "lowest_rate": lowest_rate,
            "highest_rate": highest_rate,
            "bisections": bisections,
            "seed_count": seed_count,
            "longest_warm_up": longest_warm_up,
        },
    )
    x, y = view(inputs, "inputs"), view(targets, "targets")
    report = headers.SafeRateReport()
    status = library.trimtab_safe_rate(
        ctypes.byref(settings),
        ctypes.byref(x.structure),
        ctypes.byref(y.structure),
        ctypes.byref(wanted),
        ctypes.byref(report),
    )
    if callback is None:
        check(status)
    else:
        callback.check(status)
    return SafeRate._from_structure(report)
