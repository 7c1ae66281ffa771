"""Running statistics that have become NaN or Inf, shown to the monitor so that they are named.

Training goes on without a sign of them, since it normalises by the batch; every evaluation is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _slots

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from ..monitor import Decision, Monitor
    from ._refusals import Refusals
    from ._statistics import Statistics

#: Steps between two looks where nothing else asks for one.
_INTERVAL = 32


class Lost:
    """Looks after steps that were not finite, and now and then; shows what it has found with the step after."""

    def __init__(self, monitor: Monitor, statistics: Statistics, order: dict[str, int], refused: Refusals) -> None:
        self._monitor = monitor
        self._statistics = statistics
        self._order = order
        self._refused = refused
        self._is_known = False
        #: What the next step shows: entries and tensors.
        self.found: list[tuple[int, torch.Tensor]] = []

    def look(self, decision: Decision, step: int) -> None:
        """Between steps, on the host."""
        if decision.rule == "nonfinite" or step % _INTERVAL == 0:
            self.found = self._register(self._statistics.lost())

    def look_unread(self, decision: Decision | None) -> None:
        """Where no value is to be read all are shown, once: after the first step that was not finite."""
        if not self._is_known and decision is not None and decision.rule == "nonfinite":
            self._is_known = True
            self.found = self._register(self._statistics.all())

    def show(self, show: Callable[[int, int, torch.Tensor], None] | None = None) -> None:
        """In an open step."""
        found, self.found = self.found, []
        slot: Any = _slots.Slot(self._monitor, self._refused)
        for index, tensor in found:
            (show or slot.show)(index, _slots.WEIGHT, tensor.detach())

    def _register(self, found: list[tuple[str, torch.Tensor]]) -> list[tuple[int, torch.Tensor]]:
        # Nothing trains them, and nothing is judged of them but whether they are finite.
        return [
            (self._monitor.register(name, "normalisation", order=self._place(name), frozen=True), tensor)
            for name, tensor in found
        ]

    def _place(self, name: str) -> int:
        return 2 * self._order.get(name.rpartition(".")[0], len(self._order)) + 1
