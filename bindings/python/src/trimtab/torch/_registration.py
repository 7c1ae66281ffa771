"""Makes a model's parameters known to a monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._errors import INVALID_ARGUMENT, refusal
from ._layers import followed_by_normalisation, role_of

if TYPE_CHECKING:
    from torch import nn

    from ..monitor import Monitor


def register_parameters(
    monitor: Monitor, model: nn.Module, module_order: dict[str, int]
) -> list[tuple[int, nn.Parameter]]:
    """Entries of the floating-point parameters, each once, in the order in which their modules were called."""
    silent = followed_by_normalisation(model)
    modules = dict(model.named_modules())
    found = []
    for name, parameter in model.named_parameters():
        if not parameter.is_floating_point():
            continue
        if hasattr(parameter, "to_local"):
            raise refusal(INVALID_ARGUMENT, f"model: found {name} in shards over ranks, allowed whole parameters")
        prefix, _, own = name.rpartition(".")
        order = module_order.setdefault(prefix, len(module_order))
        index = monitor.register(
            name,
            role_of(modules[prefix], own, parameter),
            order=2 * order + 1,
            frozen=not parameter.requires_grad,
            zero_gradient=own == "bias" and prefix in silent,
        )
        found.append((index, parameter))
    return found
