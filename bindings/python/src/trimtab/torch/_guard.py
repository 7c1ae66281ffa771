"""Makes optimizers obey the monitor."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import torch

from ..monitor import Action
from ._changes import listed
from ._device_guard import DeviceGuard
from ._optimizers import held, unheld
from ._scaler import is_unscaled
from ._snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..monitor import Decision
    from ._watch import Watch

#: Steps between snapshots where nothing else is said.
_INTERVAL = 100
#: Judged steps in a row that no optimizer takes: a scaler that looks for its scale leaves out half as many.
_GREATEST_PAUSE = 32


class Guard:
    """Leaves out, clips and undoes steps. Without gradients an optimizer moves nothing, momentum and weight decay
    included.
    """

    def __init__(
        self, watch: Watch, optimizers: Sequence[torch.optim.Optimizer], snapshots: bool | int, clipping: str
    ) -> None:
        self._watch = watch
        self._optimizers = optimizers
        self._clips_each = clipping == "per_tensor"
        self.has_said_stop = False
        #: The decision, those who have not obeyed it yet, and whether what is done once for all of them has been.
        self._decision: Decision | None = None
        self._owing: set[int] = set()
        self._is_done = False
        #: The one at work: a step that is judged now was made by its closure, and is obeyed at once.
        self._inside: torch.optim.Optimizer | None = None
        #: Judged steps since one of them was at work.
        self._idle = 0
        #: Names of parameters that are trained by others, if at all.
        self.unguarded: list[str] = []
        self.on_device: DeviceGuard | None = None
        self.snapshots: Snapshots | None = None
        if snapshots:
            interval = _INTERVAL if snapshots is True else int(snapshots)
            self.snapshots = Snapshots(watch._model, optimizers, watch._scaler, interval)
        self._handles = [
            handle
            for optimizer in optimizers
            for handle in (optimizer.register_step_pre_hook(self._begin), optimizer.register_step_post_hook(self._end))
        ]

    def _begin(self, optimizer: Any, arguments: Any, keywords: Any) -> None:
        self._inside = optimizer
        self._idle = 0
        self._obey(optimizer)

    def _end(self, optimizer: Any, arguments: Any, keywords: Any) -> None:
        self._inside = None
        if self.on_device is not None:
            self.on_device.end(optimizer)

    def look(self) -> None:
        """At which parameters there are, whenever they have changed."""
        known, self.unguarded = self.unguarded, unheld(self._watch._model, self._optimizers)
        if new := [name for name in self.unguarded if name not in known]:
            say(
                f"no optimizer under guard holds {listed(new)}: a bad step is not kept from them; "
                "several optimizers are given as a list"
            )

    def release(self) -> None:
        """Ends it. A step that was judged and is still to come is left out or clipped now."""
        for optimizer in self._optimizers:
            self._obey(optimizer, is_last=True)
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def judged(self, decision: Decision | None) -> None:
        """A decision is there: of this step, or of one before where tensors are on an accelerator."""
        self._idle += 1
        if self._idle == _GREATEST_PAUSE:
            say(
                f"no optimizer under guard has taken a step in {_GREATEST_PAUSE}: where another has its place "
                "nothing is left out or clipped; watch the model anew with that one"
            )
        self._decision, self._is_done = decision, False
        self._owing = {id(one) for one in self._optimizers}
        if decision is not None and decision.action in (Action.PROCEED, Action.CLIP):
            # A stop stands until somebody has restored something: this is another run.
            self.has_said_stop = False
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
        if self._inside is not None:
            self._obey(self._inside)

    def _obey(self, optimizer: torch.optim.Optimizer, is_last: bool = False) -> None:
        """Does to the gradients, and where it comes to that to the weights, what the decision says. Once."""
        if id(optimizer) not in self._owing or self._watch.fault is not None:
            return
        self._owing.discard(id(optimizer))
        decision = self._decision
        try:
            if self.on_device is not None:
                own = held([optimizer]) if len(self._optimizers) > 1 else None
                self.on_device.obey(optimizer, own, is_last=is_last)
                # What else is left out or clipped was decided on the device.
                if decision is None or decision.action not in (Action.ROLL_BACK, Action.STOP):
                    return
            if decision is None or decision.action is Action.PROCEED:
                return
            is_first, self._is_done = not self._is_done, True
            if decision.action is Action.CLIP:
                if is_first:
                    self._clip(decision)
                return
            # A scaler that has not looked at the gradients yet wants some to look at.
            optimizer.zero_grad(set_to_none=not is_last or is_unscaled(self._watch._scaler, optimizer))
            if decision.action is Action.ROLL_BACK and (not is_first or self._roll_back(decision)):
                return
            if decision.action is not Action.SKIP and not self.has_said_stop:
                self.has_said_stop = True
                good = self._put_back()
                kept = "" if good is None else f"; the weights are those after step {good}"
                say(
                    f"step {decision.step}: the run does not recover, and its steps are left out "
                    f"({decision.rule}){kept}"
                )
        except Exception as error:
            self._watch._fail(error)

    def _put_back(self) -> int | None:
        """The good copy, in place; the step after which it was taken, None without one."""
        step = self.snapshots.restore() if self.snapshots is not None else None
        if step is not None:
            self._watch._statistics.keep()
        return step

    def _roll_back(self, decision: Decision) -> bool:
        step = self._put_back()
        if step is None or self.snapshots is None:
            return False
        self.snapshots.restored_count += 1
        self._watch._restored(step)
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
