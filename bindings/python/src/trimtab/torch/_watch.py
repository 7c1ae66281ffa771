"""A model under watch: what each step shows to the monitor, and what comes of it."""

from __future__ import annotations

import ctypes
import math
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import torch

from .._errors import TrimtabError, check
from ..monitor import Decision, Monitor, MonitorOptions, decision
from . import _slots
from ._changes import Changes
from ._clearing import Clearing
from ._device_guard import DeviceGuard
from ._forward import Forward
from ._guard import Guard, say
from ._hooks import Hook, forget_copies
from ._late import Late
from ._layers import ACTIVATIONS, WEIGHTED
from ._lost import Lost
from ._noise import Noise, observe
from ._optimizers import optimizers_of
from ._order import Order
from ._rates import Rates
from ._recorded import Recorder
from ._refusals import Refusals
from ._registration import SeenCall, register_calls, register_parameters
from ._results import Results
from ._scaled import show_scaled
from ._scaler import FoundScaler, is_unscaled, scale_of
from ._set_up import SetUpFacts
from ._statistics import Statistics

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import nn
    from torch.utils.hooks import RemovableHandle
    from typing_extensions import Unpack


#: Steps between questions how often activations are looked at, and from which interval on they are recorded.
_PACE, _SPARING = 32, 4


class Watch(Forward, Results):
    """A model under watch; `watch` makes one."""

    #: For tests: the route of accelerators, for tensors of the host.
    _is_late = False

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer | Sequence[torch.optim.Optimizer] | None = None,
        *,
        guard: bool = False,
        snapshots: bool | int = False,
        log: str | os.PathLike[str] | None = None,
        record: str | os.PathLike[str] | None = None,
        scaler: Any = None,
        noise: bool | float = False,
        **options: Unpack[MonitorOptions],
    ) -> None:
        optimizers = optimizers_of(model, optimizer)
        if guard and snapshots:
            options.setdefault("may_roll_back", True)
        self.monitor = Monitor(**options)
        #: Files that could not be written to; training goes on without them.
        self._unwritten: list[str] = []
        self._paths = [os.fspath(path) for path in (log, record) if path is not None]
        self._has_said_lost = False
        self._is_removed = False
        for path, write in ((log, self.monitor.log), (record, self.monitor.record_to)):
            if path is not None:
                self._write(path, write)
        self.decision: Decision | None = None
        #: What went wrong in the watching itself; training went on.
        self.fault: BaseException | None = None
        #: A loss on other data, judged with the next step.
        self.validation_loss: Any = None
        self._model = model
        #: The learning rate is that of the first.
        self._optimizer = optimizers[0] if optimizers else None
        self._optimizers = optimizers
        self._changes = Changes(model, optimizers)
        self._scaler = scaler
        #: Where none was named: one may scale the loss all the same.
        self._found_scaler = FoundScaler() if scaler is None else None
        self._step = 0
        self._is_open = False
        self._is_registered = False
        self._was_called = False
        self._overhead = 0.0
        self._calls: dict[str, int] = {}
        self._seen: dict[tuple[str, int], SeenCall] = {}
        self._module_order: dict[str, int] = {}
        self._parameters: list[tuple[int, nn.Parameter]] = []
        self._handles: list[RemovableHandle] = []
        #: Of the hooks of modules, by name.
        self._looks: dict[str, tuple[Hook, RemovableHandle]] = {}
        #: Of hooks that the first step alone needs.
        self._first: list[RemovableHandle] = []
        self._made: list[Any] = []
        #: Replicas of a model run in threads of their own, and evaluations may. What shows something to the monitor, or
        #: asks it, holds its lock: a forward pass of another thread waits for a step that is being judged.
        self._lock = self.monitor._lock
        #: The thread that judges steps; None before the first.
        self._thread: int | None = None
        #: How the model was called before it was registered: whether in training, and with gradients.
        self._modes: set[tuple[bool, bool]] = set()
        self._has_spared = False
        self._wanted = ctypes.c_int32()
        self._wanted_pointer = ctypes.byref(self._wanted)
        #: Everything that a step shows, and the hooks that cost nothing; from the second step on.
        self._views: _slots.StepViews | None = None
        self._recorder = Recorder(())
        #: What could not be taken, and why, by name; all else is judged.
        self._refused = Refusals()
        #: Seconds between the last foreign call and the end of the step that made it.
        self._tail = 0.0
        #: Where tensors are on an accelerator: they are judged one step late.
        self._late: Late | None = None
        self._guard: Guard | None = None
        self._options = options
        self._statistics = Statistics(model, keeps=guard and bool(optimizers))
        self._lost = Lost(self.monitor, self._statistics, self._module_order, self._refused)
        self._clearing = Clearing(model)
        self._order = Order(self._clearing.parameter)
        self._rates = Rates(optimizers)
        self._set_up = SetUpFacts(model, optimizers)
        self._noise = Noise(model.parameters(), float(noise)) if noise else None
        self._handles += self._noise.handles if self._noise is not None else []
        forget_copies(model)
        self._add_hooks()
        if guard and optimizers:
            self._guard = Guard(self, optimizers, snapshots, options.get("clipping", "none"))

    def _write(self, path: str | os.PathLike[str], write: Callable[[str | os.PathLike[str]], None]) -> None:
        try:
            write(path)
        except TrimtabError as error:
            if isinstance(error, ValueError):
                # No path at all.
                raise
            self._unwritten.append(f"{os.fspath(path)}: {error}")
            say(f"not written, training goes on: {error}")

    def _fail(self, error: Exception) -> None:
        if self.fault is None:
            self.fault = error
            self._set_up.end()
            # A decision of a watch that has stopped holds for nothing.
            self.decision = None
            say(f"watching stopped, training goes on: {error}")

    # Registration

    def _find_scaler(self) -> None:
        """Whatever scaled the loss of the first step."""
        if self._found_scaler is None:
            return
        self._scaler = self._found_scaler.end()
        self._found_scaler = None
        if self._guard is not None and self._guard.snapshots is not None:
            self._guard.snapshots.scaler = self._scaler

    def _register(self) -> None:
        self._find_scaler()
        self._parameters += register_parameters(
            self.monitor, self._model, self._module_order, self._optimizers, self._parameters
        )
        self._changes.begin()
        if self._guard is not None:
            self._guard.look()
        register_calls(self.monitor, self._seen.values(), self._refused)
        self._set_up.register(self.monitor, 2 * len(self._module_order))
        self._is_registered = True
        self._made.clear()
        # A compiled model has shown nothing; it would be compiled again without them.
        if self._seen:
            for handle in self._first:
                handle.remove()
            self._first.clear()
        if self._is_late or any(parameter.device.type != "cpu" for _, parameter in self._parameters):
            self._late = Late(self.monitor, self._parameters, self._refused)
            if self._guard is not None:
                self._guard.on_device = DeviceGuard(self._late, self._options, self._statistics)
        self._order.reads = self._late is None
        self._show_first()
        self._lay_out()

    def _register_changes(self) -> None:
        """Between steps: parameters that are new have entries of their own from the next step on."""
        known = len(self.monitor.names)
        before = {index for index, _ in self._parameters}
        # The same list: others hold it too.
        self._parameters[:] = register_parameters(
            self.monitor, self._model, self._module_order, self._optimizers, self._parameters
        )
        # What the model no longer has is not missed.
        for index in before.difference(index for index, _ in self._parameters):
            self.monitor.silence("missing_gradient", index)
        for name, module in self._changes.modules().items():
            if type(module) in ACTIVATIONS or isinstance(module, WEIGHTED):
                self._refused.setdefault(f"{name}.input", "its module came after the first step")
        if self._guard is not None:
            self._guard.look()
        self._changes.are_new(self.monitor.names[known:], self._step + 1)
        self._views = _slots.StepViews(self.monitor, self._parameters, list(self._seen.values()), self._refused)

    def _show_first(self) -> None:
        """What modules were given in the first step, before there were entries to show it for."""
        for seen in self._seen.values():
            if seen.tensor is None or seen.tensor._version != seen.version:
                continue
            if self._late is not None:
                self._late.look(seen.index, seen.code, seen.axis, seen.shown(seen.tensor))
            else:
                self._open()
                seen.show(seen.tensor)

    def _lay_out(self) -> None:
        """Gives every tensor of a step a place, and modules that are called once the hook that costs nothing."""
        kept = [(name, seen) for (name, _), seen in self._seen.items() if seen.keeps()]
        # Hooks cannot change while they are called, and where the model itself is not called nothing says when a
        # forward pass begins.
        if self._late is None and self._was_called:
            for name, seen in kept:
                if seen.module is not self._model:
                    seen.hook, handle = self._looks.pop(name)
                    handle.remove()
            self._recorder = Recorder(seen for _, seen in kept if seen.hook is not None)
            self._recorder.turn(True)
        self._views = _slots.StepViews(self.monitor, self._parameters, list(self._seen.values()), self._refused)

    # Steps

    def step(self, loss: Any = None) -> Decision | None:
        """Judges the step: after the backward pass, before the optimizer's step. None once watching has failed.

        With tensors on an accelerator what comes back is the decision about the step before, None at first; the guard
        acts in the same step all the same.
        """
        if self.fault is not None or self._is_removed:
            self._recorder.turn(False)
            return None
        start = time.perf_counter()
        try:
            with self._lock:
                return self._judge(loss, start)
        except Exception as error:
            self._fail(error)
            return None

    def _judge(self, loss: Any, start: float) -> Decision | None:
        self._thread = threading.get_ident()
        if not self._is_registered:
            self._register()
        if not self._order.is_over:
            self._order.judged()
        judged = self._late_step(loss, start) if self._late is not None else self._own_step(loss, start)
        self._overhead = 0.0
        self._calls.clear()
        self.decision = judged
        if self._guard is not None:
            self._guard.judged(judged)
        self._look_around(judged)
        return judged if self.fault is None else None

    def _look_around(self, judged: Decision | None) -> None:
        """Between two steps, at what no step shows."""
        is_due = self._step % _PACE == 0 or (judged is not None and judged.new_finding_count > 0)
        if is_due and self._paths and not self._has_said_lost:
            self._say_lost()
        if judged is not None and self._late is None:
            self._lost.look(judged, self._step)
        if not self._is_open and self._set_up.wants_entries:
            self._set_up.register(self.monitor, 2 * len(self._module_order))
        if self._step % _PACE == 0 and not self._is_open and self._changes.are_there(self._step):
            self._register_changes()

    def _say_lost(self) -> None:
        """A disk that is full, or a record that has no place, is told once."""
        state = self.monitor.log_state()
        if state.lost_count:
            self._has_said_lost = True
            reason = f"[Errno {state.failure}] {os.strerror(state.failure)}: " if state.failure else ""
            say(f"not written, training goes on: {reason}{' or '.join(self._paths)}")

    def _late_step(self, loss: Any, start: float) -> Decision | None:
        assert self._late is not None
        self._step += 1
        facts = self._set_up.gather(self._step, loss, None, self.validation_loss is not None)
        given = {"loss": self._refused.unread("loss", loss), **self._others()}
        if self._lost.found:
            late = self._late
            self._lost.show(lambda index, quantity, tensor: late.look(index, quantity, -1, tensor))
        judged = self._late.step(self._step, given, self._optimizer, self._scaler)
        self._late.tell(lambda: self._set_up.show(self.monitor, facts))
        if self._guard is None:
            self._lost.look_unread(judged)
        self._late.spent(self._overhead + time.perf_counter() - start)
        return judged

    def _own_step(self, loss: Any, start: float) -> Decision:
        views, optimizer, record = self._views, self._optimizer, self._recorder.take()
        assert views is not None
        number = self._refused.read("loss", loss)
        step = self._step if self._is_open else self._step + 1
        facts = self._set_up.gather(step, loss, number, self.validation_loss is not None)
        others = self._others()
        if self._lost.found:
            self._open()
            self._lost.show()
        if others:
            self._open()
            for name, value in observe(self.monitor, others).items():
                if value is not None:
                    self.monitor.observe_scalar(name, float(value))
        if facts:
            self._open()
            self._set_up.show(self.monitor, facts)
        if self._rates.wants_weights():
            self._open()
            views.show_weights()
        is_plain = self._scaler is None or self._show_scaled()
        rate = float(optimizer.param_groups[0]["lr"]) if optimizer is not None else None
        is_lost = number is not None and not math.isfinite(number)
        views.point(record, is_plain, is_lost)
        if not self._is_open:
            self._step += 1
        called = time.perf_counter()
        status = views.take(self._step, self._overhead + called - start + self._tail, number, rate)
        returned = time.perf_counter()
        self._is_open = False
        if status:
            self._refuse(status)
        judged = decision(views.decision)
        if self._step % _PACE == 0:
            self._change_pace()
        self._tail = time.perf_counter() - returned
        return judged

    def _change_pace(self) -> None:
        """Leaves to the end of the step what the budget lets be seen in few steps only."""
        calls = self._recorder.calls
        if calls:
            interval = self.monitor.coverage(calls[0].index, "preactivation").interval
            self._recorder.turn(True, interval >= _SPARING)

    def _refuse(self, status: int) -> None:
        """A step that was closed without one of its tensors is reported, and no more."""
        assert self._views is not None
        try:
            check(status)
        except TrimtabError as error:
            if self._views.decision.step != self._step:
                raise
            self._refused.setdefault("tensors", str(error))

    def _others(self) -> dict[str, Any]:
        """Numbers that not every step has."""
        noise = self._noise.numbers(self._scaler, self._optimizer) if self._noise is not None else {}
        if self.validation_loss is not None:
            read = self._refused.read if self._late is None else self._refused.unread
            noise["validation_loss"] = read("validation_loss", self.validation_loss)
            self.validation_loss = None
        kept = self._clearing.answer()
        if kept is not None:
            noise["kept_gradient"] = kept
        return noise

    def _show_scaled(self) -> bool:
        """Shows the loss scale, and gradients that are still multiplied by it; whether they are free of it."""
        if self._scaler.is_enabled() and self._optimizer is not None:
            self._open()
            self.monitor.observe_scalar("loss_scale", float(self._scaler.get_scale()))
        if is_unscaled(self._scaler, self._optimizer):
            return True
        self._open()
        show_scaled(self.monitor, self._parameters, float(scale_of(self._scaler)))
        return False

    def _restored(self, step: int) -> None:
        """The weights are as they were after a step: what is on its way about later ones holds no more."""
        if self._late is not None:
            self._late.forget()
        self.monitor.restored(step)

    def remove(self) -> None:
        """Takes every hook off the model, and the guard off the optimizers. What was decided about a step that is still
        to be taken is done to its gradients now. From here on `step` does nothing.
        """
        self._is_removed = True
        if self._found_scaler is not None:
            self._found_scaler.end()
        if self._guard is not None:
            self._guard.release()
        for handle in self._handles:
            handle.remove()
        for handle in (*(handle for _, handle in self._looks.values()), *self._first):
            handle.remove()
        self._recorder.turn(False)
        self._set_up.end()
        self._clearing.end()
        self._order.end()
        self._handles.clear()
        self._looks.clear()


def watch(
    model: nn.Module,
    optimizer: torch.optim.Optimizer | Sequence[torch.optim.Optimizer] | None = None,
    **options: Any,
) -> Watch:
    """Puts a model under watch: hooks, and nothing else to change."""
    return Watch(model, optimizer, **options)
