"""Makes a model's parameters, and the calls of its modules, known to a monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from .._errors import INVALID_ARGUMENT, refusal
from . import _slots
from ._layers import before_function, followed_by_normalisation, role_of
from ._optimizers import held

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..monitor import Monitor


class SeenCall:
    """What one call of a module in a step is to the monitor."""

    __slots__ = (
        "activation",
        "axis",
        "code",
        "hook",
        "index",
        "is_given",
        "is_repeated",
        "is_result",
        "is_wanted",
        "module",
        "name",
        "order",
        "quantity",
        "role",
        "slots",
        "tensor",
        "version",
    )

    def __init__(self, name: str, order: int, quantity: str, activation: str | None, axis: int, role: str) -> None:
        self.name = name
        self.order = order
        self.quantity = quantity
        self.code = _slots.PREACTIVATION if quantity == "preactivation" else _slots.OUTPUT
        self.activation = activation
        self.axis = axis
        self.role = role
        self.index = -1
        self.slots: Any = None
        self.module: Any = None
        #: Of the module: looks at once.
        self.hook: Any = None
        #: Whether it is to be looked at in this step.
        self.is_wanted = True
        #: The module is called several times in a step.
        self.is_repeated = False
        #: It is what an activation function made, not what the function was given.
        self.is_result = False
        #: No operation made it: an input, or the state that a recurrence begins with.
        self.is_given = False
        #: What it was given in the first step, until that is over, and how often that had been written to.
        self.tensor: Any = None
        self.version = 0

    def shown(self, tensor: torch.Tensor) -> torch.Tensor:
        """What the monitor looks at: the pre-activations, which a bounded function's results are turned back into."""
        tensor = tensor.detach()
        return before_function(tensor, self.activation) if self.is_result else tensor

    def show(self, tensor: torch.Tensor) -> None:
        """Looks at once, on the host."""
        self.slots.show(self.index, self.code, self.shown(tensor))

    def keeps(self) -> bool:
        """Whether what it is given is still the same when the step is over; to be asked once."""
        tensor, self.tensor = self.tensor, None
        return tensor is not None and not self.is_repeated and tensor._version == self.version


def register_parameters(
    monitor: Monitor,
    model: nn.Module,
    module_order: dict[str, int],
    optimizers: Sequence[torch.optim.Optimizer],
    known: Iterable[tuple[int, nn.Parameter]] = (),
) -> list[tuple[int, nn.Parameter]]:
    """Entries of the floating-point parameters, each once, in the order in which their modules were called.

    known  entries that there are already. One that took the place of another has an entry of its own, `name#2`: it has
           none of the other's past.
    """
    silent = followed_by_normalisation(model)
    modules = dict(model.named_modules())
    is_held = held(optimizers)
    trained = [one for one in model.parameters() if one.requires_grad]
    indices = {id(parameter): index for index, parameter in known}
    taken = set(monitor.names)
    found = []
    for name, parameter in model.named_parameters():
        if not parameter.is_floating_point():
            continue
        if hasattr(parameter, "to_local"):
            raise refusal(INVALID_ARGUMENT, f"model: found {name} in shards over ranks, allowed whole parameters")
        prefix, _, own = name.rpartition(".")
        order = module_order.setdefault(prefix, len(module_order))
        if id(parameter) in indices:
            found.append((indices[id(parameter)], parameter))
            continue
        index = monitor.register(
            _free(name, taken),
            role_of(modules[prefix], own, parameter),
            order=2 * order + 1,
            frozen=not parameter.requires_grad,
            held=not parameter.requires_grad and id(parameter) in is_held and not _is_copy(parameter, trained),
            zero_gradient=own == "bias" and prefix in silent,
        )
        found.append((index, parameter))
    return found


def _is_copy(parameter: nn.Parameter, trained: Sequence[nn.Parameter]) -> bool:
    """The network that another follows begins as that one, and is frozen on purpose. It may have followed already."""
    return any(
        one.shape == parameter.shape
        and one.dtype == parameter.dtype
        and one.device == parameter.device
        and torch.allclose(one.detach(), parameter, rtol=1e-4, atol=1e-7)
        for one in trained
    )


def _free(name: str, taken: set[str]) -> str:
    place = 2
    free = name
    while free in taken:
        free, place = f"{name}#{place}", place + 1
    return free


def register_calls(monitor: Monitor, calls: Iterable[SeenCall], refused: dict[str, str]) -> None:
    """Entries of the calls that the first step has seen, in their order."""
    for seen in calls:
        seen.slots = _slots.Slot(monitor, refused)
        # Next to the input, 0, is what is given the input itself, not what a module that is not looked at made of it.
        order = 2 * seen.order if seen.is_given or seen.order else 1
        seen.index = monitor.register(
            seen.name, seen.role, activation=seen.activation, order=order, unit_axis=seen.axis
        )
        if seen.is_given and seen.is_repeated:
            # A recurrence begins at zero.
            monitor.silence("all_zero", seen.index)
