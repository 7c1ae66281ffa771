"""What watching costs a device, by events that nobody waits for."""

from __future__ import annotations

from typing import Any

import torch


def is_timed(device: torch.device) -> bool:
    """The host's own time is taken elsewhere."""
    return bool(device.type != "cpu")


def event(device: torch.device) -> Any:
    """One that is passed when the device comes to it."""
    made = torch.Event(device=device, enable_timing=True)
    made.record(torch.accelerator.current_stream(device))
    return made


class Stopwatch:
    """Spans of a step on its devices."""

    def __init__(self) -> None:
        self._spans: list[tuple[Any, Any]] = []
        self._begin: Any = None

    def start(self, device: torch.device) -> None:
        """Before what is to be measured."""
        self._begin = event(device) if is_timed(device) else None

    def stop(self, device: torch.device) -> None:
        """After it."""
        if self._begin is not None:
            self._spans.append((self._begin, event(device)))
            self._begin = None

    def seconds(self) -> float:
        """In all; once the device has passed the last of them. 0 where it keeps no time."""
        try:
            return sum(float(begin.elapsed_time(end)) for begin, end in self._spans) / 1000
        except RuntimeError:
            return 0.0
