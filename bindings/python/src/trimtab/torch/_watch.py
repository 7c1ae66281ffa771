"""The hooks that show a model to a monitor."""

from __future__ import annotations

import ctypes
import math
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from .._errors import TrimtabError, check
from .._library import library
from ..monitor import Decision, Monitor, MonitorOptions, decision
from . import _slots
from ._clearing import Clearing
from ._device_guard import DeviceGuard
from ._guard import Guard, say
from ._hooks import Hook, forget_copies
from ._late import Late
from ._layers import ACTIVATIONS, WEIGHTED, function_before, unit_axis
from ._noise import Noise, observe
from ._rates import Rates
from ._recorded import Recorder
from ._refusals import Refusals
from ._registration import SeenCall, register_calls, register_parameters
from ._results import Results
from ._scaled import show_scaled
from ._scaler import is_unscaled, scale_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch.utils.hooks import RemovableHandle
    from typing_extensions import Unpack


#: Steps between questions how often activations are looked at, and from which interval on they are recorded.
_PACE, _SPARING = 32, 4


class Watch(Results):
    """A model under watch; `watch` makes one."""

    #: For tests: the route of accelerators, for tensors of the host.
    _is_late = False

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer | None = None,
        *,
        guard: bool = False,
        snapshots: bool | int = False,
        log: str | os.PathLike[str] | None = None,
        record: str | os.PathLike[str] | None = None,
        scaler: Any = None,
        noise: bool | float = False,
        **options: Unpack[MonitorOptions],
    ) -> None:
        if guard and snapshots:
            options.setdefault("may_roll_back", True)
        self.monitor = Monitor(**options)
        #: Files that could not be written to; training goes on without them.
        self._unwritten: list[str] = []
        for path, write in ((log, self.monitor.log), (record, self.monitor.record_to)):
            if path is not None:
                self._write(path, write)
        self.decision: Decision | None = None
        #: What went wrong in the watching itself; training went on.
        self.fault: BaseException | None = None
        #: A loss on other data, judged with the next step.
        self.validation_loss: Any = None
        self._model = model
        self._optimizer = optimizer
        self._scaler = scaler
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
        #: Replicas of a model run in threads of their own.
        self._lock = threading.Lock()
        self._wanted = ctypes.c_int32()
        self._wanted_pointer = ctypes.byref(self._wanted)
        #: Everything that a step shows, and the hooks that cost nothing; from the second step on.
        self._views: _slots.StepViews | None = None
        self._recorder = Recorder(())
        #: What could not be taken, and why, by name; all else is judged.
        self._refused = Refusals()
        #: Seconds between the last foreign call and the end of the step that made it.
        self._tail = 0.0
        #: The decision that the optimizer has not obeyed yet.
        self._pending: Decision | None = None
        #: Where tensors are on an accelerator: they are judged one step late.
        self._late: Late | None = None
        self._guard: Guard | None = None
        self._options = options
        self._clearing = Clearing(model)
        self._rates = Rates(optimizer)
        self._noise = Noise(model.parameters(), float(noise)) if noise else None
        self._handles += self._noise.handles if self._noise is not None else []
        forget_copies(model)
        self._add_hooks()
        if guard and optimizer is not None:
            self._guard = Guard(self, optimizer, snapshots, options.get("clipping", "none"))
            self._handles += self._guard.handles

    # Hooks

    def _add_hooks(self) -> None:
        self._handles.append(self._model.register_forward_pre_hook(Hook(self._begin_forward)))
        for name, module in self._model.named_modules():
            if type(module) in ACTIVATIONS or isinstance(module, WEIGHTED):
                hook = Hook(self._hook(name, module))
                self._looks[name] = hook, module.register_forward_pre_hook(hook)
            if type(module) in ACTIVATIONS:
                self._first.append(module.register_forward_hook(Hook(self._remember)))

    def _write(self, path: str | os.PathLike[str], write: Callable[[str | os.PathLike[str]], None]) -> None:
        try:
            write(path)
        except TrimtabError as error:
            self._unwritten.append(f"{os.fspath(path)}: {error}")
            say(f"not written, training goes on: {error}")

    def _begin_forward(self, module: nn.Module, arguments: Any) -> None:
        self._calls.clear()
        self._was_called = True
        if self._views is None:
            return
        start = time.perf_counter()
        try:
            # A second forward pass of this step: what the first one showed is looked at before it is written over.
            if self._recorder.record:
                with self._lock:
                    self._look_back()
            # An evaluation keeps none of its activations.
            self._recorder.turn(module.training and torch.is_grad_enabled() and self.fault is None)
        except Exception as error:
            self._fail(error)
        self._overhead += time.perf_counter() - start

    def _look_back(self) -> None:
        record = self._recorder.record
        for seen in self._recorder.calls:
            arguments = record.get(seen.module)
            if arguments and seen.is_wanted:
                self._open()
                seen.show(arguments[0])
        record.clear()

    def _hook(self, name: str, module: nn.Module) -> Callable[[nn.Module, Any], None]:
        activation = ACTIVATIONS.get(type(module))

        def before(module: nn.Module, arguments: Any) -> None:
            if not module.training or not torch.is_grad_enabled() or self.fault is not None:
                return
            start = time.perf_counter()
            try:
                if arguments and isinstance(arguments[0], torch.Tensor):
                    with self._lock:
                        self._look(name, module, arguments[0], activation)
            except Exception as error:
                self._fail(error)
            self._overhead += time.perf_counter() - start

        return before

    def _look(self, name: str, module: nn.Module, tensor: torch.Tensor, activation: str | None) -> None:
        call = self._calls.get(name, 0)
        self._calls[name] = call + 1
        seen = self._seen.get((name, call))
        if seen is None:
            if self._is_registered:
                return  # A module that is called more often than in the first step.
            self._module_order.setdefault(name, len(self._module_order))
            function = activation or function_before(tensor, self._made)
            label = name if call == 0 else f"{name}#{call + 1}"
            order = self._module_order[name]
            label = f"{label}.input"
            if function is not None and tensor.ndim >= 2:
                seen = SeenCall(label, order, "preactivation", function, unit_axis(tensor), "hidden")
                seen.is_result = activation is None
            else:
                seen = SeenCall(label, order, "output", None, -1, "hidden")
            self._seen[name, call] = seen
            seen.module, seen.tensor, seen.version = module, tensor, tensor._version
            seen.is_given = tensor.grad_fn is None
            if call > 0:
                self._seen[name, 0].is_repeated = seen.is_repeated = True
            return
        if seen.index < 0 or not self._is_registered:
            return
        if self._late is not None:
            if self._wants(seen.index, seen.code):
                self._late.look(seen.index, seen.code, seen.axis, seen.shown(tensor))
            return
        if seen.is_wanted:
            self._open()
            seen.show(tensor)
        else:
            # What is left out is looked at after all where the loss asks for an origin.
            self._recorder.record[seen] = tensor

    def _wants(self, index: int, quantity: int) -> bool:
        library.trimtab_monitor_wants(self.monitor._pointer, index, quantity, self._wanted_pointer)
        return self._wanted.value != 0

    def _open(self) -> None:
        if not self._is_open:
            self._step += 1
            check(library.trimtab_monitor_begin_step(self.monitor._pointer, self._step))
            self._is_open = True

    def _fail(self, error: Exception) -> None:
        if self.fault is None:
            self.fault = error
            # A decision of a watch that has stopped holds for nothing.
            self.decision = self._pending = None
            say(f"watching stopped, training goes on: {error}")

    def _remember(self, module: nn.Module, arguments: Any, output: Any) -> None:
        """In the first step: what an activation module made is not to be taken for a function's."""
        if not self._is_registered and isinstance(output, torch.Tensor) and output.grad_fn is not None:
            self._made.append(output.grad_fn)

    # Registration

    def _register(self) -> None:
        self._parameters += register_parameters(self.monitor, self._model, self._module_order, self._optimizer)
        register_calls(self.monitor, self._seen.values(), self._refused)
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
                self._guard.on_device = DeviceGuard(self._late, self._options)
        self._show_first()
        self._lay_out()

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
        if self.fault is not None:
            self._recorder.turn(False)
            return None
        start = time.perf_counter()
        try:
            if not self._is_registered:
                self._register()
            judged = self._late_step(loss, start) if self._late is not None else self._own_step(loss, start)
        except Exception as error:
            self._fail(error)
            return None
        self._overhead = 0.0
        self._calls.clear()
        self.decision = self._pending = judged
        self._judged()
        return judged

    def _late_step(self, loss: Any, start: float) -> Decision | None:
        assert self._late is not None
        self._step += 1
        given = {"loss": self._refused.number("loss", loss), **self._others()}
        judged = self._late.step(self._step, given, self._optimizer, self._scaler)
        self._late.spent(self._overhead + time.perf_counter() - start)
        return judged

    def _own_step(self, loss: Any, start: float) -> Decision:
        views, optimizer, record = self._views, self._optimizer, self._recorder.record
        assert views is not None
        others = self._others()
        if others:
            self._open()
            for name, value in observe(self.monitor, others).items():
                if value is not None:
                    self.monitor.observe_scalar(name, float(value))
        if self._rates.wants_weights():
            self._open()
            views.show_weights()
        is_plain = self._scaler is None or self._show_scaled()
        loss = self._refused.number("loss", loss)
        number: float | None = loss.item() if isinstance(loss, torch.Tensor) else loss
        rate = float(optimizer.param_groups[0]["lr"]) if optimizer is not None else None
        is_lost = number is not None and not math.isfinite(number)
        views.point(record, is_plain, is_lost)
        if not self._is_open:
            self._step += 1
        called = time.perf_counter()
        status = views.take(self._step, self._overhead + called - start + self._tail, number, rate)
        returned = time.perf_counter()
        record.clear()
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
            noise["validation_loss"] = self._refused.number("validation_loss", self.validation_loss)
            self.validation_loss = None
        kept = self._clearing.answer()
        if kept is not None:
            noise["kept_gradient"] = kept
        return noise

    def _judged(self) -> None:
        if self._guard is not None:
            self._guard.judged(self.decision)

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
        """Takes every hook off the model, and the guard off the optimizer."""
        for handle in self._handles:
            handle.remove()
        for handle in (*(handle for _, handle in self._looks.values()), *self._first):
            handle.remove()
        self._recorder.turn(False)
        self._clearing.end()
        self._handles.clear()
        self._looks.clear()
        self._pending = None


def watch(model: nn.Module, optimizer: torch.optim.Optimizer | None = None, **options: Any) -> Watch:
    """Puts a model under watch: hooks, and nothing else to change."""
    return Watch(model, optimizer, **options)
