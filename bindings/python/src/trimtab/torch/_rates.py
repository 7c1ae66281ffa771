"""Parameters whose optimizer has stopped moving them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

#: Steps that a rate of 0 has to last, as it may between two schedules, and looks at weights that follow.
_STEPS, _LOOKS = 20, 5


class Rates:
    """Asks for looks at weights where a group's learning rate went to 0 and others' did not.

    A step costs next to nothing so, where a look at the weights is dear enough to be rare.
    """

    def __init__(self, optimizers: Sequence[torch.optim.Optimizer]) -> None:
        self._optimizers = optimizers
        self._still = 0

    def wants_weights(self) -> bool:
        """To be asked once in a step."""
        groups = [group for optimizer in self._optimizers for group in optimizer.param_groups]
        if len(groups) < 2:
            return False
        still = sum(group["lr"] == 0 for group in groups)
        self._still = self._still + 1 if 0 < still < len(groups) else 0
        return _STEPS <= self._still < _STEPS + _LOOKS
