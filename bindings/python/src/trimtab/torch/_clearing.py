"""Whether gradients are cleared from step to step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from torch.utils.hooks import RemovableHandle

#: A loop that clears its gradients in the first steps clears them in all.
_STEPS = 8


class Clearing:
    """Looks, in the first steps, at one gradient just before the backward pass adds to it.

    A step has cleared it if any backward pass since the step before found none, or zeros: accumulation adds to it
    later, and the gradients of another loss may pass through before it is cleared.
    """

    def __init__(self, model: nn.Module) -> None:
        sparse = {id(one.weight) for one in model.modules() if isinstance(one, (nn.Embedding, nn.EmbeddingBag))}
        known = [
            one
            for one in model.parameters()
            if one.requires_grad and one.is_floating_point() and one.numel() and id(one) not in sparse
        ]
        #: Weights first: the gradient of a bias may be zero by construction.
        self.parameter = min(known, key=lambda one: (one.ndim < 2, one.numel()), default=None)
        self._handle: RemovableHandle | None = None
        #: Of this step; on an accelerator a tensor that nobody waits for.
        self._is_kept: Any = None
        self._left = _STEPS
        self._version = -1
        if self.parameter is not None:
            self._version = self.parameter._version
            self._handle = self.parameter.register_hook(self._before)

    def _before(self, gradient: torch.Tensor) -> None:
        held = None if self.parameter is None else self.parameter.grad
        if held is None or self._is_kept is False:
            self._is_kept = False
            return
        with torch.no_grad():
            found = torch.any(held != 0)
            if held.device.type == "cpu":
                self._is_kept = bool(found)
            else:
                self._is_kept = found if self._is_kept is None else found & self._is_kept

    def answer(self) -> Any:
        """1 if the gradients of the step before were still there, 0 if not, None where that is not known: without a
        backward pass, and where the optimizer has not moved the parameter since.
        """
        if self.parameter is None or self._handle is None:
            return None
        kept, self._is_kept = self._is_kept, None
        version, self._version = self._version, self.parameter._version
        if kept is None or version == self._version:
            return None
        self._left -= 1
        if self._left == 0:
            self.end()
        return kept.to(torch.float32) if isinstance(kept, torch.Tensor) else float(kept)

    def end(self) -> None:
        """Takes the hook off."""
        if self._handle is not None:
            self._handle.remove()
            self._handle = None
