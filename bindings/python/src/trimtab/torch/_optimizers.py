"""The optimizers of a model: one, several, or not those of the model at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._errors import INVALID_ARGUMENT, refusal, type_refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from torch import nn


def optimizers_of(model: nn.Module, given: Any) -> list[torch.optim.Optimizer]:
    """Those that were given, each once. One that moves nothing of the model is a mistake that nothing else tells."""
    if given is None:
        return []
    several = isinstance(given, (list, tuple))
    found: list[Any] = []
    own = {id(one) for one in model.parameters()}
    for place, one in enumerate(given if several else [given]):
        name = f"optimizer[{place}]" if several else "optimizer"
        if not hasattr(one, "param_groups"):
            raise type_refusal(f"{name}: found {type(one).__name__}, allowed an optimizer, a list of them or None")
        if not own & held([one]):
            raise refusal(
                INVALID_ARGUMENT,
                f"{name}: found {type(one).__name__} that holds none of the model's parameters, allowed one that does",
            )
        if not any(one is other for other in found):
            found.append(one)
    return found


def held(optimizers: Sequence[torch.optim.Optimizer]) -> set[int]:
    """The parameters that they hold, by identity."""
    return {id(one) for optimizer in optimizers for group in optimizer.param_groups for one in group["params"]}


def unheld(model: nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> list[str]:
    """Names of parameters that are to be trained, and that none of them holds."""
    known = held(optimizers)
    return [name for name, one in model.named_parameters() if one.requires_grad and id(one) not in known]
