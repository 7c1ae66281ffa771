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
from ..monitor import SCALARS, Decision, Monitor, MonitorOptions
from . import _slots
from ._device_guard import DeviceGuard
from ._guard import Guard, say
from ._hooks import Hook, forget_copies
from ._late import Late
from ._layers import ACTIVATIONS, WEIGHTED, function_before, unit_axis
from ._noise import Noise, observe
from ._registration import SeenCall, register_calls, register_parameters
from ._results import Results
from ._scaled import show_scaled
from ._scaler import is_unscaled, scale_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch.utils.hooks import RemovableHandle
    from typing_extensions import Unpack


_LOSS, _LEARNING_RATE, _LOSS_SCALE, _OVERHEAD = (
    SCALARS.index(name) for name in ("loss", "learning_rate", "loss_scale", "overhead_seconds")
)


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
        self._overhead = 0.0
        self._calls: dict[str, int] = {}
        self._seen: dict[tuple[str, int], SeenCall] = {}
        self._module_order: dict[str, int] = {}
        self._parameters: list[tuple[int, nn.Parameter]] = []
        self._handles: list[RemovableHandle] = []
        self._made: list[Any] = []
        #: Activations of the last forward pass that the budget has left out.
        self._left_out: list[tuple[SeenCall, torch.Tensor]] = []
        #: Replicas of a model run in threads of their own.
        self._lock = threading.Lock()
        self._wanted = ctypes.c_int32()
        self._wanted_pointer = ctypes.byref(self._wanted)
        self._slots = _slots.Slots(self.monitor)
        self._questions: _slots.Questions | None = None
        self._scalars = _slots.Scalars(self.monitor, (_LOSS, _LEARNING_RATE, _OVERHEAD))
        #: The decision that the optimizer has not obeyed yet.
        self._pending: Decision | None = None
        #: Where tensors are on an accelerator: they are judged one step late.
        self._late: Late | None = None
        self._guard: Guard | None = None
        self._options = options
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
                self._handles.append(module.register_forward_pre_hook(Hook(self._hook(name, module))))
            if type(module) in ACTIVATIONS:
                self._handles.append(module.register_forward_hook(Hook(self._remember)))

    def _write(self, path: str | os.PathLike[str], write: Callable[[str | os.PathLike[str]], None]) -> None:
        try:
            write(path)
        except TrimtabError as error:
            self._unwritten.append(f"{os.fspath(path)}: {error}")
            say(f"not written, training goes on: {error}")

    def _begin_forward(self, module: nn.Module, arguments: Any) -> None:
        self._calls.clear()
        self._left_out.clear()

    def _hook(self, name: str, module: nn.Module) -> Callable[[nn.Module, Any], None]:
        activation = ACTIVATIONS.get(type(module))

        def before(module: nn.Module, arguments: Any) -> None:
            if not module.training or not torch.is_grad_enabled() or self.fault is not None:
                return
            start = time.perf_counter()
            try:
                if arguments and isinstance(arguments[0], torch.Tensor):
                    with self._lock:
                        self._look(name, arguments[0], activation)
            except Exception as error:
                self._fail(error)
            self._overhead += time.perf_counter() - start

        return before

    def _look(self, name: str, tensor: torch.Tensor, activation: str | None) -> None:
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
                self._seen[name, call] = SeenCall(label, order, "preactivation", function, unit_axis(tensor), "hidden")
            else:
                self._seen[name, call] = SeenCall(label, order, "output", None, -1, "hidden")
            return
        if seen.index < 0 or not self._is_registered:
            return
        if self._late is not None:
            if self._wants(seen.index, seen.code):
                self._late.look(seen.index, seen.code, seen.axis, tensor.detach())
            return
        if not self._is_open:
            self._open()
        if self._questions is not None and self._questions.wanted[seen.place]:
            seen.slots.add(seen.index, seen.code, tensor)
            seen.slots.send()
        else:
            # What the budget leaves out is looked at after all where the loss asks for an origin.
            self._left_out.append((seen, tensor.detach()))

    def _wants(self, index: int, quantity: int) -> bool:
        library.trimtab_monitor_wants(self.monitor._pointer, index, quantity, self._wanted_pointer)
        return self._wanted.value != 0

    def _open(self) -> None:
        if not self._is_open:
            self._step += 1
            check(library.trimtab_monitor_begin_step(self.monitor._pointer, self._step))
            self._is_open = True
            # The monitor decides before the step, so that a hook need not ask.
            if self._questions is not None:
                self._questions.ask()

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
        register_calls(self.monitor, self._seen.values())
        self._questions = _slots.Questions(
            self.monitor, self._parameters[0][0] if self._parameters else None, self._seen.values()
        )
        self._is_registered = True
        self._made.clear()
        if self._is_late or any(parameter.device.type != "cpu" for _, parameter in self._parameters):
            self._late = Late(self.monitor, self._parameters)
            if self._guard is not None:
                self._guard.on_device = DeviceGuard(self._late, self._options)

    # Steps

    def step(self, loss: Any = None) -> Decision | None:
        """Judges the step: after the backward pass, before the optimizer's step. None once watching has failed.

        With tensors on an accelerator what comes back is the decision about the step before, None at first; the guard
        acts in the same step all the same.
        """
        if self.fault is not None:
            return None
        start = time.perf_counter()
        try:
            if not self._is_registered:
                self._register()
            if self._late is not None:
                self._step += 1
                given = {"loss": loss, **self._others()}
                decision = self._late.step(self._step, given, self._optimizer, self._scaler)
                self._late.spent(self._overhead + time.perf_counter() - start)
                self._overhead = 0.0
                self._calls.clear()
                self.decision = self._pending = decision
                self._judged()
                return decision
            self._open()
            for name, value in observe(self.monitor, self._others()).items():
                self.monitor.observe_scalar(name, float(value))
            self._show(loss)
            self._scalars.values[2] = self._overhead + time.perf_counter() - start
            self._scalars.send()
            self.decision = self._pending = self.monitor.end_step()
        except Exception as error:
            self._fail(error)
            return None
        self._is_open = False
        self._left_out.clear()
        self._overhead = 0.0
        self._calls.clear()
        self._judged()
        return self.decision

    def _others(self) -> dict[str, Any]:
        """Numbers that not every step has."""
        noise = self._noise.numbers(self._scaler, self._optimizer) if self._noise is not None else {}
        if self.validation_loss is not None:
            noise["validation_loss"], self.validation_loss = self.validation_loss, None
        return noise

    def _judged(self) -> None:
        if self._guard is not None:
            self._guard.judged(self.decision)

    def _scalar(self, code: int, value: float) -> None:
        check(library.trimtab_monitor_observe_scalar(self.monitor._pointer, code, value))

    def _show(self, loss: Any) -> None:
        if self._scaler is not None and self._scaler.is_enabled() and self._optimizer is not None:
            self._scalar(_LOSS_SCALE, float(self._scaler.get_scale()))
        scalars = self._scalars
        if loss is not None:
            scalars.set(0, loss.item() if isinstance(loss, torch.Tensor) else float(loss))
        if self._optimizer is not None:
            scalars.set(1, float(self._optimizer.param_groups[0]["lr"]))
        slots = self._slots
        slots.reserve(len(self._parameters))
        if not is_unscaled(self._scaler, self._optimizer):
            show_scaled(self.monitor, self._parameters, float(scale_of(self._scaler)))
        else:
            slots.show_gradients(self._parameters)
        is_lost = loss is not None and not math.isfinite(scalars.values[0])
        # Weights are due all in the same step. A loss that is not finite asks at once for its origin.
        if is_lost or (self._parameters and self._questions is not None and self._questions.wanted[0]):
            self._show_weights()
        if is_lost:
            for seen, tensor in self._left_out:
                seen.slots.add(seen.index, seen.code, tensor)
                seen.slots.send()

    def _show_weights(self) -> None:
        slots = self._slots
        if self._parameters:
            for index, parameter in self._parameters:
                slots.add(index, _slots.WEIGHT, parameter)
            slots.send()

    def _restored(self, step: int) -> None:
        """The weights are as they were after a step: what is on its way about later ones holds no more."""
        if self._late is not None:
            self._late.forget()
        self.monitor.restored(step)

    def remove(self) -> None:
        """Takes every hook off the model, and the guard off the optimizer."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._pending = None


def watch(model: nn.Module, optimizer: torch.optim.Optimizer | None = None, **options: Any) -> Watch:
    """Puts a model under watch: hooks, and nothing else to change."""
    return Watch(model, optimizer, **options)
