"""The peers looking on: an observer that judges a run by all rule sets at all strictnesses."""

from __future__ import annotations

from typing import Any

from ..trace import TraceRecorder
from . import all_rules

#: What the main thresholds are multiplied by: 1 is as published.
STRICTNESSES = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0, 32.0)


class Baselines(TraceRecorder):
    """Records a trace, and keeps what the rules say of it."""

    #: Its answers are another version's no more when one of these changes.
    sources = ("trace.py", "baselines/*.py")

    def answer(self) -> dict[str, Any]:
        """By rule set and strictness, the alarms in the order of their steps."""
        assert self.trace is not None
        trace = self.trace
        if trace.steps == 0:
            return {}
        found: dict[str, Any] = {}
        for name, rules in all_rules().items():
            found[name] = {
                str(strictness): [[alarm.step, alarm.rule, list(alarm.causes)] for alarm in rules(trace, strictness)]
                for strictness in STRICTNESSES
            }
        return found
