"""The peers' published rules, re-implemented from their cited definitions, each a function of a trace.

Every rule set answers with alarms: the step, the rule, and the root causes that its message names, in the keys of
Trimtab's causes. `strictness` multiplies its main thresholds: 1 is as published, above 1 it alarms less; this is the
knob of its ROC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..trace import Trace


@dataclass(frozen=True)
class Alarm:
    step: int
    rule: str
    causes: tuple[str, ...]


Rules = "Callable[[Trace, float], list[Alarm]]"


#: Of the alarms of a rule, those are kept that begin first in so many steps: faults' onsets are multiples of it.
BLOCK = 10


def first(steps: object, rule: str, *causes: str) -> list[Alarm]:
    """An alarm wherever a condition [steps] begins to hold, the first of each block; none where it never does.

    Not the first of all alone: an alarm long before a fault's onset must not hide the one that the fault raises.
    """
    import numpy as np

    holds = np.asarray(steps, dtype=bool)
    begins = holds & ~np.concatenate([[False], holds[:-1]])
    kept: dict[int, int] = {}
    for place in np.flatnonzero(begins):
        kept.setdefault(int(place) // BLOCK, int(place))
    return [Alarm(place, rule, causes) for place in kept.values()]


def all_rules() -> dict[str, Callable[[Trace, float], list[Alarm]]]:
    """The rule sets by the name of the peer."""
    from . import academic, by_hand, sagemaker, spikes

    return {
        "by hand: NaN and 10x norm": by_hand.rules,
        "SageMaker's rules": sagemaker.rules,
        "SageMaker's, two left out": sagemaker.rules_without_noisy,
        "AUTOTRAINER's rules": academic.autotrainer,
        "DeepDiagnosis's rules": academic.deep_diagnosis,
        "llm-foundry": spikes.llm_foundry,
        "OLMo": spikes.olmo,
        "Megatron": spikes.megatron,
        "Lightning": spikes.lightning,
        "ZClip": spikes.zclip,
    }
