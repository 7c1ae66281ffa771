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
            if name not in self:
                self[name] = str(error)
                say(f"{name} is no number, steps are judged without it: {error}")
            return None
