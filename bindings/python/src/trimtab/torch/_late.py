"""Watching tensors that are not in the host's memory: summarised where they are, judged one step late.

The step neither reads a value from a device nor waits for one. What is found in a step is copied while the next one
runs, and judged when that one is shown.
"""

from __future__ import annotations

import collections
import ctypes
import time
from typing import TYPE_CHECKING, Any

import torch

from .._errors import TrimtabError, check
from .._library import library
from .._tensors import view
from . import _device_rows as rows
from . import _slots
from ._noise import observe
from ._readback import Letter, Outbox, pointer, scaled
from ._samples import sample_rows, sample_weight
from ._scaler import is_unscaled, scale_of
from ._stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import nn

    from ..monitor import Decision, Monitor

#: Steps on their way at most; then the host waits for the oldest, which the device left long ago.
DEPTH = 8
#: Units are looked at in every look at first, then in every fifth.
_FIRST_LOOKS, _UNIT_INTERVAL = 20, 5
#: Looks at most between two steps: forward passes that no step follows must not fill the device.
_GREATEST_COUNT = 1 << 14


class _Step:
    """A step on its way to the monitor."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.letters: list[Letter] = []
        self.numbers: dict[str, float] = {}
        self.is_scaled = False
        #: Shows what else is known of it, once it is open.
        self.tell: Callable[[], None] | None = None
        #: Of the host, and of the devices.
        self.overhead = 0.0
        self.stopwatch = Stopwatch()


class Late:
    """The route of a watch whose tensors are on accelerators, or on several devices."""

    def __init__(
        self, monitor: Monitor, parameters: Sequence[tuple[int, nn.Parameter]], refused: dict[str, str]
    ) -> None:
        self._monitor = monitor
        self._refused = refused
        self._parameters = parameters
        self._outboxes: dict[torch.device, Outbox] = {}
        self._steps: collections.deque[_Step] = collections.deque()
        #: How the tensors of a device, type and quantity are summarised together.
        self._gauges: dict[Any, rows.Stage | rows.Quick] = {}
        self._looks: dict[int, int] = {}
        self._stopwatch = Stopwatch()
        self._wanted = ctypes.c_int32()
        #: Of the step just shown: the loss, and what the gradients still are multiplied by.
        self.loss: Any = None
        self.scale: Any = None
        #: Of the gradients of the step just shown, by device: counts and measures.
        self.gradients: dict[torch.device, tuple[list[nn.Parameter], list[torch.Tensor], list[torch.Tensor]]] = {}

    def wants(self, entry: int, quantity: int) -> bool:
        library.trimtab_monitor_wants(self._monitor._pointer, entry, quantity, ctypes.byref(self._wanted))
        return bool(self._wanted.value)

    def _outbox(self, device: torch.device) -> Outbox:
        found = self._outboxes.get(device)
        if found is None:
            found = self._outboxes[device] = Outbox(device)
        return found

    # Looks

    def look(self, entry: int, quantity: int, axis: int, tensor: torch.Tensor) -> None:
        """At what a layer gets."""
        with torch.no_grad():
            tensor = tensor.detach()
            outbox = self._outbox(tensor.device)
            if len(outbox.targets) >= _GREATEST_COUNT:
                return
            self._stopwatch.start(tensor.device)
            outbox.add_rows([(entry, quantity, tensor.ndim, tensor.numel())], rows.tensor_rows(tensor))
            if quantity == _slots.PREACTIVATION and tensor.ndim >= 2:
                looks = self._looks[entry] = self._looks.get(entry, 0) + 1
                if looks <= _FIRST_LOOKS or looks % _UNIT_INTERVAL == 0:
                    outbox.add_sample(entry, quantity, 0, sample_rows(tensor, axis))
            self._stopwatch.stop(tensor.device)

    def step(self, number: int, given: dict[str, Any], optimizer: Any, scaler: Any) -> Decision | None:
        """Judges what has come of the steps before, and sends this one."""
        decision = self.judge()
        numbers = {name: value for name, value in given.items() if value is not None}
        if optimizer is not None:
            numbers["learning_rate"] = optimizer.param_groups[0]["lr"]
        scale = scale_of(scaler)
        if scale is not None:
            numbers["loss_scale"] = scale
        is_scaled = not is_unscaled(scaler, optimizer)
        self.loss = given.get("loss")
        self.scale = scale if is_scaled else None
        self._show(numbers, is_scaled, number)
        return decision

    def tell(self, tell: Callable[[], None]) -> None:
        """Of the step just shown: what else is known of it."""
        self._steps[-1].tell = tell

    def _show(self, numbers: dict[str, Any], is_scaled: bool, number: int) -> None:
        """The gradients of a step, the weights where they are due, and its numbers, some of them on a device."""
        step = _Step(number)
        step.is_scaled = is_scaled
        step.stopwatch, self._stopwatch = self._stopwatch, Stopwatch()
        # Of several devices the first is measured.
        device = self._parameters[0][1].device if self._parameters else torch.device("cpu")
        step.stopwatch.start(device)
        with torch.no_grad():
            self._show_gradients()
            # The monitor is a step behind: its first look at weights is the second step's.
            if number > 1 and self._parameters and self.wants(self._parameters[0][0], _slots.WEIGHT):
                self._show_weights()
            for name, value in numbers.items():
                if isinstance(value, torch.Tensor):
                    self._outbox(value.device).add_number(name, value)
                else:
                    step.numbers[name] = float(value)
            step.stopwatch.stop(device)
            step.letters = [outbox.send() for outbox in self._outboxes.values()]
        self._outboxes.clear()
        self._steps.append(step)

    def _show_gradients(self) -> None:
        dense: dict[tuple[torch.device, torch.dtype], list[tuple[int, nn.Parameter]]] = {}
        self.gradients.clear()
        for entry, parameter in self._parameters:
            gradient = parameter.grad
            if gradient is None:
                continue
            if gradient.is_sparse:
                # Without adding up what is there twice: that would wait for the device.
                found = rows.tensor_rows(gradient._values())
                self._take_gradients([(entry, parameter)], [gradient._values()], found)
            else:
                dense.setdefault((gradient.device, gradient.dtype), []).append((entry, parameter))
        for (device, dtype), those in dense.items():
            tensors = [parameter.grad for _, parameter in those if parameter.grad is not None]
            found = self._measure((device, dtype, _slots.GRADIENT), tensors)
            self._take_gradients(those, tensors, found)

    def _take_gradients(
        self,
        those: list[tuple[int, nn.Parameter]],
        tensors: list[torch.Tensor],
        found: tuple[torch.Tensor, torch.Tensor],
    ) -> None:
        device = tensors[0].device
        outbox = self._outbox(device)
        targets = [(e, _slots.GRADIENT, t.ndim, t.numel()) for (e, _), t in zip(those, tensors, strict=True)]
        outbox.add_rows(targets, found)
        if tensors[0].element_size() < 4:
            # One element says which range the others have.
            for (entry, _), tensor in zip(those, tensors, strict=True):
                outbox.add_sample(entry, _slots.GRADIENT, 0, tensor.detach().reshape(-1)[:1])
        kept = self.gradients.setdefault(device, ([], [], []))
        kept[0].extend(parameter for _, parameter in those)
        kept[1].append(found[0])
        kept[2].append(found[1])

    def _show_weights(self) -> None:
        groups: dict[tuple[torch.device, torch.dtype], list[tuple[int, nn.Parameter]]] = {}
        for entry, parameter in self._parameters:
            groups.setdefault((parameter.device, parameter.dtype), []).append((entry, parameter))
        for (device, dtype), those in groups.items():
            outbox = self._outbox(device)
            tensors = [parameter.detach() for _, parameter in those]
            targets = [(e, _slots.WEIGHT, t.ndim, t.numel()) for (e, _), t in zip(those, tensors, strict=True)]
            outbox.add_rows(targets, self._measure((device, dtype, _slots.WEIGHT), tensors))
            for (entry, _), tensor in zip(those, tensors, strict=True):
                extent = tensor.shape[0] if tensor.ndim >= 2 else 0
                outbox.add_sample(entry, _slots.WEIGHT, extent, sample_weight(tensor))

    def _measure(self, key: Any, tensors: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        gauge = self._gauges.get(key)
        if gauge is None or gauge.key != rows.layout(tensors):
            total = sum(tensor.numel() for tensor in tensors)
            gauge = self._gauges[key] = rows.Stage(tensors) if total <= rows.CHUNK else rows.Quick(tensors)
        return gauge.measure(tensors)

    # Results

    def judge(self, is_last: bool = False) -> Decision | None:
        """Judges the steps that have come, and says what to do with the newest of them; None if none has."""
        decision = None
        while self._steps:
            step = self._steps[0]
            if not all(letter.has_come() for letter in step.letters):
                if not is_last and len(self._steps) < DEPTH:
                    break
                for letter in step.letters:
                    letter.wait()
            decision = self._judge(self._steps.popleft())
        return decision

    def _judge(self, step: _Step) -> Decision:
        start = time.perf_counter()
        monitor = self._monitor
        opened = [(letter, *letter.open()) for letter in step.letters]
        numbers = dict(step.numbers)
        for _, _, found, _ in opened:
            numbers.update(found)
        monitor.begin_step(step.number)
        if step.tell is not None:
            step.tell()
        scale = float(numbers.get("loss_scale", 1.0)) if step.is_scaled else 1.0
        for letter, made, _, samples in opened:
            gradients = [place for place, target in enumerate(letter.targets) if target[1] == _slots.GRADIENT]
            if scale != 1.0 and scale > 0:
                made[gradients] = scaled(made[gradients], 1.0 / scale)
            for place, (entry, quantity, rank, _) in enumerate(letter.targets):
                self._take(
                    entry,
                    library.trimtab_monitor_observe_summary(
                        monitor._pointer, entry, quantity, rank, pointer(made, place)
                    ),
                )
            for entry, quantity, extent, sample in samples:
                seen = view(sample, "sample")
                self._take(
                    entry,
                    library.trimtab_monitor_observe_sample(
                        monitor._pointer, entry, quantity, extent, ctypes.byref(seen.structure)
                    ),
                )
        for name, value in observe(monitor, numbers).items():
            monitor.observe_scalar(name, float(value))
        # Host and device work side by side: the longer of the two is what a step loses at most.
        host = step.overhead + time.perf_counter() - start
        monitor.observe_scalar("overhead_seconds", max(host, step.stopwatch.seconds()))
        return monitor.end_step()

    def _take(self, entry: int, status: int) -> None:
        """What could not be taken is noted, and the step goes on without it."""
        try:
            check(status)
        except TrimtabError as error:
            self._refused.setdefault(self._monitor.names[entry], str(error))

    def forget(self) -> None:
        """The weights went back: what is on its way is of a run that is no more."""
        self._steps.clear()
        self.gradients.clear()

    def spent(self, seconds: float) -> None:
        """What the step just shown has cost the host."""
        if self._steps:
            self._steps[-1].overhead = seconds
