"""What a watch has found, and what it has looked at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..monitor import QUANTITIES
from ._changes import listed
from ._set_up import RULES

if TYPE_CHECKING:
    from torch import nn

    from ..monitor import Coverage, Decision, Finding, Monitor
    from ._changes import Changes
    from ._guard import Guard
    from ._late import Late
    from ._order import Order
    from ._refusals import Refusals
    from ._set_up import SetUpFacts


class Results:
    """The part of a watch that answers."""

    monitor: Monitor
    decision: Decision | None
    fault: BaseException | None
    _late: Late | None
    _step: int
    _unwritten: list[str]
    _refused: Refusals
    _seen: dict[Any, Any]
    _changes: Changes
    _order: Order
    _set_up: SetUpFacts
    _model: nn.Module
    _modes: set[tuple[bool, bool]]
    _has_spared: bool
    _lock: Any
    _guard: Guard | None

    def _fail(self, error: Exception) -> None:
        raise NotImplementedError

    def findings(self) -> list[Finding]:
        """What went wrong so far; the first is the first that did. Waits for what is still on its way."""
        self._finish()
        return self.monitor.findings()

    def diagnosis(self) -> list[Finding]:
        """The same, the likeliest root cause first."""
        self._finish()
        return self.monitor.diagnosis()

    def _finish(self) -> None:
        if self._late is None or self.fault is not None:
            return
        try:
            with self._lock:
                decision = self._late.judge(is_last=True)
            self.decision = decision if decision is not None else self.decision
        except Exception as error:
            self._fail(error)

    def coverage(self) -> dict[str, dict[str, Coverage]]:
        """What was looked at, by name and quantity; what was never seen is not in it."""
        self._finish()
        found: dict[str, dict[str, Coverage]] = {}
        for name in self.monitor.names:
            looks = {quantity: self.monitor.coverage(name, quantity) for quantity in QUANTITIES}
            found[name] = {quantity: one for quantity, one in looks.items() if one.look_count > 0}
        return found

    def report(self) -> str:
        """The findings as text, one line where there is none; and what was not looked at."""
        found = self.diagnosis()
        steps = f"{self._step} steps"
        if found:
            lines = [f"{len(found)} finding{'s' if len(found) > 1 else ''} in {steps}", *(str(one) for one in found)]
        else:
            lines = [f"healthy: no finding in {steps}"]
        if self._step > 1 and not self._seen:
            lines.append(f"not seen: activations ({self._why_unseen()})")
        else:
            lines += self._spared()
        if self._order.line is not None:
            lines.append(self._order.line)
        if self._set_up.line and any(one.rule in RULES for one in found):
            lines.append(self._set_up.line)
        if self._set_up.failure is not None:
            lines.append(f"not looked at: the set-up: {self._set_up.failure}")
        lines += self._changes.lines
        if self._guard is not None and self._guard.unguarded:
            lines.append(f"not guarded: {listed(self._guard.unguarded)}: no optimizer under guard holds them")
        lines += [f"not looked at: {name}: {reason}" for name, reason in self._refused.items()]
        lines += [f"not written: {one}" for one in self._unwritten]
        log = self.monitor.log_state()
        if log.lost_count:
            reason = f" ({os.strerror(log.failure)})" if log.failure else ""
            lines.append(f"not written: {log.lost_count} lines or records of the log{reason}")
        if self.fault is not None:
            lines.append(f"watching stopped: {self.fault}")
        return "\n".join(lines)

    def _why_unseen(self) -> str:
        """What kept the hooks of modules from seeing anything in the first step."""
        if any(hasattr(module, "_orig_mod") for module in self._model.modules()) or not self._modes:
            return "no hook ran: a compiled model shows none, nor does one that is not called itself"
        if not any(training for training, _ in self._modes):
            return "the model was in evaluation mode in the first step: call model.train()"
        if (True, True) not in self._modes:
            return "the model was called without gradients in the first step"
        if self._has_spared:
            return "its modules were in evaluation mode in the first step: call model.train()"
        return "no linear, convolutional or activation module was called"

    def _spared(self) -> list[str]:
        """What the budget has left out."""
        place = next((place for place, one in enumerate(self.monitor.names) if one.endswith(".input")), None)
        interval = 1 if place is None else self.monitor.coverage(place, "preactivation").interval
        if interval <= 1:
            return []
        weights = self.monitor.coverage(0, "weight").interval
        return [f"looked at once in {interval} steps, for the budget: activations; in {weights} steps: weights"]
