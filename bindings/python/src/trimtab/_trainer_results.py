"""What a trainer says of steps, batches and curvature."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ._words import Outcome
    from .monitor import Action


@dataclass(frozen=True, slots=True)
class TrainerStep:
    """What a step came to.

    action         an attached monitor's; the trainer has obeyed it
    step           counted from 1
    gradient_norm  before clipping
    clip_factor    the least of all parameters; 1: none
    is_taken       whether the weights moved
    has_constant_targets   whether all samples since it was made or loaded, 16 or more, had the same target: a constant
                   is all that there is to learn; never with a loss function. The first such step warns
                   (RuntimeWarning).
    """

    action: Action
    step: int
    loss: float
    gradient_norm: float
    learning_rate: float
    clip_factor: float
    is_taken: bool
    has_constant_targets: bool = False


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The loss on a batch; the share of labels that the greatest output names (NaN without labels); their number."""

    loss: float
    accuracy: float
    count: int


@dataclass(frozen=True, slots=True)
class LossDerivatives:
    """Loss, gradient and Hessian-vector product (None without a vector), one number for each of the parameters."""

    loss: float
    gradient: npt.NDArray[np.float64]
    product: npt.NDArray[np.float64] | None


@dataclass(frozen=True, slots=True)
class Sharpness:
    """The largest eigenvalue of the Hessian against what the update rule can bear. Fields as in trainer.h."""

    outcome: Outcome
    largest_eigenvalue: float
    residual_bound: float
    threshold: float
    index: float
    trace: float
    trace_error: float
    iterations: int
    is_converged: bool


def known(number: float) -> float:
    """The number; NaN as one object, which equals itself in a comparison of records."""
    return math.nan if math.isnan(number) else number
