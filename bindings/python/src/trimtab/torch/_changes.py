"""Whether a model still has the parameters that a watch knows: heads are replaced, layers added and unfrozen."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

#: Names in one line of a report.
_GREATEST_COUNT = 8


class Changes:
    """What is new in the model since the first step.

    Each step is asked for what the optimizers hold, for a microsecond; the model itself, now and then.
    """

    def __init__(self, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> None:
        self._model = model
        self._optimizers = optimizers
        self._held: list[int] = []
        self._parameters: list[nn.Parameter] = []
        self._trained: list[bool] = []
        self._modules: dict[str, nn.Module] = {}
        #: What there is to tell of it.
        self.lines: list[str] = []

    def begin(self) -> None:
        """All is known as it is now."""
        self._held = self._holding()
        self._parameters = list(self._model.parameters())
        self._trained = [one.requires_grad for one in self._parameters]
        self._modules = dict(self._model.named_modules())

    def _holding(self) -> list[int]:
        groups = itertools.chain.from_iterable(one.param_groups for one in self._optimizers)
        return [*map(id, itertools.chain.from_iterable(group["params"] for group in groups))]

    def are_likely(self) -> bool:
        """An optimizer holds others than before."""
        return self._holding() != self._held

    def are_there(self, step: int) -> bool:
        """The model has others than before; what has changed in those that it had is noted."""
        found = list(self._model.parameters())
        # While others stand in for one call, nothing has changed.
        if not all(isinstance(one, nn.Parameter) for one in found):
            return False
        if [*map(id, found)] != [*map(id, self._parameters)]:
            return True
        trained = [one.requires_grad for one in found]
        if trained != self._trained:
            names = [name for name, _ in self._model.named_parameters()]
            turned = [name for name, old, new in zip(names, self._trained, trained, strict=True) if old != new]
            self.lines.append(f"requires_grad has changed, found in step {step}: {listed(turned)}")
            self._trained = trained
        return False

    def modules(self) -> dict[str, nn.Module]:
        """Modules that are new, by name."""
        return {name: one for name, one in self._model.named_modules() if self._modules.get(name) is not one}

    def are_new(self, names: Sequence[str], step: int) -> None:
        """These parameters are known from this step on."""
        self.begin()
        if names:
            self.lines.append(f"since step {step}: {listed(names)}")


def listed(names: Sequence[str]) -> str:
    """Some of many names."""
    rest = len(names) - _GREATEST_COUNT
    return ", ".join(names[:_GREATEST_COUNT]) + (f" and {rest} more" if rest > 0 else "")
