"""The part of a watch that sees forward passes: its hooks on modules."""

from __future__ import annotations

import ctypes
import threading
import time
from typing import TYPE_CHECKING, Any

import torch

from .._errors import check
from .._library import library
from ._hooks import Hook
from ._layers import ACTIVATIONS, WEIGHTED, function_before, unit_axis
from ._registration import SeenCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn
    from torch.utils.hooks import RemovableHandle

    from ..monitor import Monitor
    from . import _slots
    from ._changes import Changes
    from ._late import Late
    from ._order import Order
    from ._recorded import Recorder
    from ._set_up import SetUpFacts


class Forward:
    """Shows the monitor what modules are given, at once or when the step is judged."""

    monitor: Monitor
    fault: BaseException | None
    _model: nn.Module
    _late: Late | None
    _views: _slots.StepViews | None
    _recorder: Recorder
    _changes: Changes
    _order: Order
    _set_up: SetUpFacts
    _lock: Any
    _thread: int | None
    _wanted: ctypes.c_int32
    _wanted_pointer: Any
    _step: int
    _overhead: float
    _is_open: bool
    _is_registered: bool
    _was_called: bool
    _has_spared: bool
    _modes: set[tuple[bool, bool]]
    _calls: dict[str, int]
    _seen: dict[tuple[str, int], SeenCall]
    _module_order: dict[str, int]
    _handles: list[RemovableHandle]
    _looks: dict[str, tuple[Hook, RemovableHandle]]
    _first: list[RemovableHandle]
    _made: list[Any]

    def _fail(self, error: Exception) -> None:
        raise NotImplementedError

    def _register_changes(self) -> None:
        raise NotImplementedError

    def _add_hooks(self) -> None:
        self._handles.append(self._model.register_forward_pre_hook(Hook(self._begin_forward)))
        for name, module in self._model.named_modules():
            if type(module) in ACTIVATIONS or isinstance(module, WEIGHTED):
                hook = Hook(self._hook(name, module))
                self._looks[name] = hook, module.register_forward_pre_hook(hook)
            if type(module) in ACTIVATIONS:
                self._first.append(module.register_forward_hook(Hook(self._remember)))

    def _begin_forward(self, module: nn.Module, arguments: Any) -> None:
        self._calls.clear()
        self._was_called = True
        self._set_up.forwarded(module, arguments)
        is_training = module.training and torch.is_grad_enabled()
        if is_training and not self._order.is_over:
            self._order.forwarded()
        if self._views is None:
            self._modes.add((module.training, torch.is_grad_enabled()))
            return
        start = time.perf_counter()
        try:
            with self._lock:
                self._turn(is_training)
        except Exception as error:
            self._fail(error)
        self._overhead += time.perf_counter() - start

    def _turn(self, is_training: bool) -> None:
        # A second forward pass of this step: what the first one showed is looked at before it is written over.
        if self._recorder.record:
            self._look_back()
        if not self._is_open and self._changes.are_likely():
            self._register_changes()
        if threading.get_ident() != self._thread:
            self._recorder.share()
        # An evaluation keeps none of its activations.
        self._recorder.turn(is_training and self.fault is None)

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
                self._has_spared = True
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

    def _remember(self, module: nn.Module, arguments: Any, output: Any) -> None:
        """In the first step: what an activation module made is not to be taken for a function's."""
        if not self._is_registered and isinstance(output, torch.Tensor) and output.grad_fn is not None:
            self._made.append(output.grad_fn)

    def _open(self) -> None:
        if not self._is_open:
            self._step += 1
            check(library.trimtab_monitor_begin_step(self.monitor._pointer, self._step))
            self._is_open = True
