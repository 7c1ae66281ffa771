"""What a host tells a monitor of how a run is set up: its loss, its mode, its optimizer.

`Monitor.observe_objective` and `Monitor.observe_set_up` take these in an open step, in the first steps and at times.
"""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass, fields
from typing import Any

from . import _options
from ._headers import set_up as structures

LOSSES = (
    "unknown",
    "cross_entropy",
    "negative_log_likelihood",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "squared_error",
    "absolute_error",
    "huber",
)
REDUCTIONS = ("unknown", "mean", "sum", "none")
ACTIVATIONS = ("unknown", "none", "relu", "softmax", "log_softmax", "sigmoid", "tanh")


@dataclass(slots=True)
class Objective:
    """The loss of a step and the batch that it is of; what is not known stays as it is. Fields as in set_up.h.

    is_crossed           outputs and targets were repeated against each other along the samples: [B, 1] against [B]
    is_target_repeated   one target of a sample stands for several outputs
    scale                what was handed to the backward pass over the mean loss; below 0: its sign was turned
    guess_loss           the mean loss of the best constant output
    unreachable_share    of the targets: beyond what the activation can give
    """

    loss: str = "unknown"
    reduction: str = "unknown"
    activation: str = "unknown"
    is_crossed: bool = False
    is_target_repeated: bool = False
    sample_count: int = 0
    element_count: int = 0
    output_count: int = 0
    distinct_count: int = 0
    input_fingerprint: int = 0
    target_fingerprint: int = 0
    scale: float = math.nan
    mean_loss: float = math.nan
    guess_loss: float = math.nan
    target_mean: float = math.nan
    target_deviation: float = math.nan
    target_minimum: float = math.nan
    target_maximum: float = math.nan
    integer_share: float = math.nan
    unreachable_share: float = math.nan
    output_mean: float = math.nan
    output_deviation: float = math.nan
    output_minimum: float = math.nan
    output_maximum: float = math.nan
    zero_output_share: float = math.nan

    def structure(self) -> structures.Objective:
        """As C takes it."""
        made = structures.Objective()
        made.loss = _options.named("loss", self.loss, LOSSES)
        made.reduction = _options.named("reduction", self.reduction, REDUCTIONS)
        made.activation = _options.named("activation", self.activation, ACTIVATIONS)
        made.flags = self.is_crossed | self.is_target_repeated << 1
        _fill(made, self, 5)
        return made


@dataclass(slots=True)
class SetUp:
    """How the model is called, and the optimizer set; what is not known stays as it is. Fields as in set_up.h.

    is_state_lost  the optimizer began anew in the midst of the run
    is_untracked   no batch normalisation has gathered statistics yet
    is_decoupled   weight decay does not go through the gradient
    """

    is_state_lost: bool = False
    is_untracked: bool = False
    is_decoupled: bool = False
    normalisation_count: int = 0
    dropout_count: int = 0
    batch_rows: int = 0
    batch_values: int = 0
    training_passes: int = 0
    frozen_passes: int = 0
    evaluations_in_training: int = 0
    evaluations: int = 0
    evaluation_rows: int = 0
    training_rows: int = 0
    dropout: float = math.nan
    learning_rate: float = math.nan
    weight_decay: float = math.nan
    epsilon: float = math.nan
    held_epsilon: float = math.nan
    gradient_scale: float = math.nan
    zero_gradient_share: float = math.nan
    gradient_norm: float = math.nan
    weight_norm: float = math.nan
    norm_before: float = math.nan
    norm_after: float = math.nan

    def structure(self) -> structures.SetUp:
        """As C takes it."""
        made = structures.SetUp()
        made.flags = self.is_state_lost | self.is_untracked << 1 | self.is_decoupled << 2
        _fill(made, self, 3)
        return made


def _fill(made: ctypes.Structure, given: Any, first: int) -> None:
    """Counts and numbers, which have the same names on both sides."""
    for field in fields(given)[first:]:
        value = getattr(given, field.name)
        setattr(made, field.name, value if isinstance(value, int) else float(value))
