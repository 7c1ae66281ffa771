"""What a watch could not take: noted once, and all else is judged."""

from __future__ import annotations

from typing import Any

import torch

from ._guard import say


class Refusals(dict[str, str]):
    """Why something was not looked at, by its name."""

    def number(self, name: str, value: Any) -> Any:
        """A number, or a tensor that holds one; None for anything else, without which the step is judged."""
        try:
            if isinstance(value, torch.Tensor):
                if value.numel() != 1 or value.is_complex():
                    shape = tuple(value.shape)
                    raise TypeError(f"{name}: found {value.dtype} of shape {shape}, allowed one real number")
                return value
            return None if value is None else float(value)
        except Exception as error:
            self._left_out(name, error)
            return None

    def read(self, name: str, value: Any) -> float | None:
        """The number itself."""
        value = self.number(name, value)
        if not isinstance(value, torch.Tensor):
            return None if value is None else float(value)
        try:
            number: float = value.item()
            return number
        except Exception as error:
            self._left_out(name, error)
            return None

    def unread(self, name: str, value: Any) -> Any:
        """The same without reading it: a tensor with a value, on whatever device."""
        value = self.number(name, value)
        if isinstance(value, torch.Tensor):
            is_fake = value.is_meta or hasattr(value, "fake_device")
            if is_fake or value.layout is not torch.strided:
                kind = "a tensor without values" if is_fake else f"a tensor of {value.layout}"
                self._left_out(name, TypeError(f"{name}: found {kind}, allowed a dense one that has some"))
                return None
        return value

    def _left_out(self, name: str, error: Exception) -> None:
        if name not in self:
            self[name] = str(error)
            say(f"{name} is no number, steps are judged without it: {error}")
