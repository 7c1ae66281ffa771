"""What a monitor is told and what it says: its words, decisions and findings."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _options, _words
from ._library import library
from ._report import json_ready, number_text
from ._words import Cause, Verdict

if TYPE_CHECKING:
    from . import _structures as structures

PRESETS = ("trimtab", "sagemaker")
CLIPPINGS = ("none", "fixed", "adaptive", "per_tensor")
QUANTITIES = ("gradient", "weight", "preactivation", "output", "output_gradient", "attention", "attention_logits")
SCALARS = (
    "loss",
    "validation_loss",
    "learning_rate",
    "loss_scale",
    "gradient_norm",
    "overhead_seconds",
    "kept_gradient",
)
ROLES = {"weight": 0, "bias": 1, "normalisation": 2, "embedding": 3, "hidden": 10, "output": 11, "attention": 12}
RULE_COUNT = 49


class Action(str, Enum):
    """What to do with a step."""

    PROCEED = "proceed"
    #: Multiply the gradients by `Decision.clip_factor`.
    CLIP = "clip"
    #: Leave this step out: zero the gradients and go on.
    SKIP = "skip"
    #: Restore the last good snapshot, then say so: `Monitor.restored`.
    ROLL_BACK = "roll_back"
    #: End the run: it does not recover.
    STOP = "stop"

    def __str__(self) -> str:
        return str(self.value)


ACTIONS = tuple(Action)
#: The layout of a decision.
_DECISION = struct.Struct("@Iiii4q3d")


class Decision(NamedTuple):
    """What a step comes to. Fields as in monitor.h."""

    action: Action
    verdict: Verdict
    rule: str | None
    step: int
    finding_count: int
    new_finding_count: int
    entry: int
    clip_factor: float
    gradient_norm: float
    loss: float

    def __bool__(self) -> bool:
        """Whether the optimizer may take the step (clipped, where the action is CLIP)."""
        return self.action in (Action.PROCEED, Action.CLIP)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that went wrong, however often it was seen. Fields as in monitor.h."""

    rule: str
    verdict: Verdict
    cause: Cause
    quantity: str | None
    is_standing: bool
    entry: int
    name: str
    first_step: int
    last_step: int
    count: int
    index: int
    value: float
    threshold: float
    confidence: float
    before: tuple[float, ...]

    @property
    def where(self) -> str:
        """The entry and what was seen of it, such as "layer1.weight (gradient)"; "the run" for all of it."""
        if not self.name:
            return "the run"
        return f"{self.name} ({self.quantity.replace('_', ' ')})" if self.quantity else self.name

    def as_dict(self) -> dict[str, Any]:
        """The fields, with the cause's sentences, ready for `json.dumps`."""
        fields = {name: json_ready(getattr(self, name)) for name in self.__slots__}
        return {**fields, "text": self.cause.text, "cure": self.cause.cure, "check": self.cause.check}

    def __str__(self) -> str:
        at = f" at index {self.index}" if self.index >= 0 else ""
        seen = f"step {self.first_step}" + (f" to {self.last_step}" if self.last_step > self.first_step else "")
        number = f"{number_text(self.value)} against {number_text(self.threshold)}"
        trend = [number_text(value) for value in self.before if not math.isnan(value)]
        lines = [f"{self.verdict.value}: {self.rule} in {self.where}{at}, {seen}: {number}"]
        if trend and self.rule == "nonfinite":
            lines.append(f"  before: greatest magnitude {', '.join(trend)}")
        lines.append(f"  cause {self.cause.value}: {self.cause.text}")
        lines += [f"  cure: {self.cause.cure}"] if self.cause.cure else []
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a quantity was looked at. Fields as in monitor.h."""

    step_count: int
    look_count: int
    left_out_count: int
    interval: int
    cost_fraction: float


@dataclass(frozen=True, slots=True)
class LogState:
    """What a run log has come to.

    failure     errno of the last failure to write; 0 for none
    line_count  lines written
    lost_count  lines and records that could not be written; the run went on
    """

    failure: int
    line_count: int
    lost_count: int


RULES: tuple[str, ...] = tuple(library.trimtab_rule_name(code).decode() for code in range(RULE_COUNT))


def rule_code(name: str) -> int:
    return _options.named("rule", name, RULES)


def published_name(rule: str) -> str:
    """The name that SageMaker Debugger publishes for a rule of that preset, such as "DeadRelu"; "" for others."""
    name: bytes = library.trimtab_rule_published_name(rule_code(rule))
    return name.decode()


def decision(structure: structures.Decision) -> Decision:
    """What the library says of a step."""
    # At once: ten fields one by one take longer than the call that filled them.
    _, action, verdict, rule, *rest = _DECISION.unpack_from(structure)
    name = library.trimtab_rule_name(rule).decode() if rule >= 0 else None
    return Decision(ACTIONS[action], _words.verdict(verdict), name, *rest)
