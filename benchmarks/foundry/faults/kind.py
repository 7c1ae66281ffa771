"""What a kind of fault is: the choices that are wrong, in which sound recipes, and what a good diagnosis may say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Setting:
    """One place to plant a fault: a sound recipe of bases.py by its name, and the choices that are wrong."""

    base: str
    choices: dict[str, Any]
    #: What the sound recipe needs beforehand, for the repaired twin too.
    twin: dict[str, Any] = field(default_factory=dict)
    #: The first step at which the fault can be seen at all.
    onset: int = 0
    #: Causes that name the root cause here, beside the kind's.
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of fault. `accepted` causes name the root cause; `symptoms` are true, and follow from it."""

    name: str
    accepted: tuple[str, ...]
    symptoms: tuple[str, ...]
    settings: tuple[Setting, ...]


#: What a run that is thrown about shows.
UNSTABLE = (
    "divergence",
    "oscillation",
    "exploding_gradient",
    "nonfinite_gradient",
    "nonfinite_loss",
    "nonfinite_activation",
    "nonfinite_weight",
    "range_overflow",
)
#: What units and gradients show where little gets through.
STARVED = (
    "vanishing_gradient",
    "zero_gradient",
    "tiny_gradient",
    "silent_input",
    "dormant_units",
    "plateau",
    "saturation",
)
