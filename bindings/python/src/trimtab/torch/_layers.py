"""What the modules of a model are to a monitor."""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import nn

#: Activation modules and what the library calls them.
ACTIVATIONS: dict[type[nn.Module], str] = {
    nn.ReLU: "relu",
    nn.ReLU6: "relu",
    nn.LeakyReLU: "leaky_relu",
    nn.ELU: "elu",
    nn.SiLU: "silu",
    nn.GELU: "gelu",
    nn.Tanh: "tanh",
    nn.Sigmoid: "sigmoid",
}
#: The nodes of the autograd graph that a function leaves where a module was not used.
FUNCTIONS: dict[str, str] = {
    "ReluBackward0": "relu",
    "LeakyReluBackward0": "leaky_relu",
    "TanhBackward0": "tanh",
    "SigmoidBackward0": "sigmoid",
}
#: Nodes that keep what is zero zero, and units apart: looked through on the way to an activation.
_PASSING = frozenset(("ViewBackward0", "ReshapeAliasBackward0", "UnsafeViewBackward0", "AliasBackward0"))
NORMALISATIONS: tuple[type[nn.Module], ...] = (
    nn.modules.batchnorm._NormBase,
    nn.LayerNorm,
    nn.GroupNorm,
    *((nn.RMSNorm,) if hasattr(nn, "RMSNorm") else ()),
)
WEIGHTED: tuple[type[nn.Module], ...] = (nn.Linear, nn.modules.conv._ConvNd)


def role_of(module: nn.Module, name: str, parameter: nn.Parameter) -> str:
    """The role of a parameter by the module that holds it."""
    if isinstance(module, NORMALISATIONS):
        return "normalisation"
    if isinstance(module, (nn.Embedding, nn.EmbeddingBag)):
        return "embedding"
    if parameter.ndim < 2 or name.endswith("bias"):
        return "bias"
    return "weight"


def unit_axis(tensor: torch.Tensor) -> int:
    """Channels of images lie on axis 1, features on the last."""
    return 1 if tensor.ndim >= 4 else -1


def function_before(tensor: torch.Tensor, known: list[Any]) -> str | None:
    """The activation function whose result a tensor is, as the autograd graph tells it; None for one that a module
    made (its nodes are in `known`), or that has no name here.
    """
    node: Any = tensor.grad_fn
    for _ in range(4):
        if node is None:
            return None
        if any(node is one for one in known):
            return None
        name = node.name()
        if name in FUNCTIONS:
            return FUNCTIONS[name]
        if name not in _PASSING or not node.next_functions:
            return None
        node = node.next_functions[0][0]
    return None


def before_function(tensor: torch.Tensor, function: str | None) -> torch.Tensor:
    """What a function that is flat at its ends was given, from its result; as far out as the type still tells."""
    if function not in ("tanh", "sigmoid"):
        return tensor
    # A result of exactly 1 is taken for the greatest below it in float32, whatever its own type tells apart.
    margin = 2.0**-24
    tensor = tensor.to(torch.promote_types(tensor.dtype, torch.float32))
    if function == "tanh":
        return tensor.clamp(margin - 1, 1 - margin).atanh_()
    return tensor.clamp(margin, 1 - margin).logit_()


def followed_by_normalisation(model: nn.Module) -> set[str]:
    """Names of modules whose successor in a Sequential normalises: a bias there has zero gradient by construction."""
    found = set()
    for prefix, container in model.named_modules():
        if not isinstance(container, nn.Sequential):
            continue
        children = list(container.named_children())
        for (name, module), (_, after) in itertools.pairwise(children):
            if isinstance(module, WEIGHTED) and isinstance(after, nn.modules.batchnorm._NormBase):
                found.add(f"{prefix}.{name}" if prefix else name)
    return found
