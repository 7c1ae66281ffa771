"""Makes an optimizer obey the monitor."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import torch

from ..monitor import Action
from ._device_guard import DeviceGuard
from ._snapshots import Snapshots

if TYPE_CHECKING:
    from ..monitor import Decision
    from ._watch import Watch

#: Steps between snapshots where nothing else is said.
_INTERVAL = 100


class Guard:
    """Leaves out, clips and undoes steps. Without gradients an optimizer moves nothing, momentum and weight decay
    included.
    """

    def __init__(self, watch: Watch, optimizer: torch.optim.Optimizer, snapshots: bool | int, clipping: str) -> None:
        self._watch = watch
        self._optimizer = optimizer
        self._clips_each = clipping == "per_tensor"
        self._has_said_stop = False
        #: The optimizer is at work: a step that is judged now was made by its closure, and is obeyed at once.
        self._is_inside = False
        self.on_device: DeviceGuard | None = None
        self.snapshots: Snapshots | None = None
        if snapshots:
            interval = _INTERVAL if snapshots is True else int(snapshots)
            self.snapshots = Snapshots(watch._model, optimizer, watch._scaler, interval)
        self.handles = [
            optimizer.register_step_pre_hook(self._begin),
            optimizer.register_step_post_hook(self._end),
        ]

    def _begin(self, optimizer: Any, arguments: Any, keywords: Any) -> None:
        self._is_inside = True
        self.obey()

    def _end(self, optimizer: Any, arguments: Any, keywords: Any) -> None:
        self._is_inside = False
        if self.on_device is not None:
            self.on_device.end(optimizer)

    def judged(self, decision: Decision | None) -> None:
        """A decision is there: of this step, or of one before where tensors are on an accelerator."""
        if self.snapshots is not None and decision is not None:
            # A finding that still stands is no reason not to keep the weights: a dead unit is no poison.
            if decision.action in (Action.PROCEED, Action.CLIP) and decision.new_finding_count == 0:
                self.snapshots.healthy(self._watch._step)
            else:
                self.snapshots.unhealthy()
        if self.on_device is None and decision is not None:
            if decision.action in (Action.PROCEED, Action.CLIP):
                self._watch._statistics.keep()
            else:
                self._watch._statistics.put_back()
        if self._is_inside:
            self.obey()

    def obey(self) -> None:
        """Does to the gradients, and where it comes to that to the weights, what the decision says. Once."""
        watch = self._watch
        decision, watch._pending = watch._pending, None
        if watch.fault is not None:
            return
        try:
            if self.on_device is not None:
                self.on_device.obey(self._optimizer)
                # What else is left out or clipped was decided on the device.
                if decision is None or decision.action not in (Action.ROLL_BACK, Action.STOP):
                    return
            if decision is None or decision.action is Action.PROCEED:
                return
            if decision.action is Action.CLIP:
                self._clip(decision)
                return
            self._optimizer.zero_grad(set_to_none=True)
            if decision.action is Action.ROLL_BACK and self._roll_back(decision):
                return
            if decision.action is not Action.SKIP and not self._has_said_stop:
                self._has_said_stop = True
                say(f"step {decision.step}: the run does not recover, and its steps are left out ({decision.rule})")
        except Exception as error:
            watch._fail(error)

    def _roll_back(self, decision: Decision) -> bool:
        step = self.snapshots.restore() if self.snapshots is not None else None
        if step is None:
            return False
        self._watch._restored(step)
        self._watch._statistics.keep()
        say(f"step {decision.step}: went back to the weights after step {step} ({decision.rule})")
        return True

    def _clip(self, decision: Decision) -> None:
        with torch.no_grad():
            for index, parameter in self._watch._parameters:
                if parameter.grad is not None:
                    factor = self._watch.monitor.clip_factor(index) if self._clips_each else decision.clip_factor
                    if factor != 1:
                        parameter.grad.mul_(factor)


def say(text: str) -> None:
    """Warns; where warnings are errors, training goes on all the same."""
    try:
        warnings.warn(f"trimtab: {text}", RuntimeWarning, stacklevel=3)
    except RuntimeWarning:
        return
