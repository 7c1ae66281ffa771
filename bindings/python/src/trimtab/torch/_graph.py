"""What the autograd graph of a loss says: the way from it to what was handed to the backward pass, and what stands
between the last layer and it.
"""

from __future__ import annotations

import math
from typing import Any

#: Nodes through which a number goes only multiplied; those that sum or average among them.
_LINEAR = frozenset(
    f"{name}Backward{number}"
    for name in ("Neg", "Mul", "Div", "Mean", "Sum", "View", "Squeeze", "Unsqueeze", "ToCopy", "Clone", "Alias")
    for number in (0, 1)
) | {"ReshapeAliasBackward0", "UnsafeViewBackward0", "MulBackward0", "DivBackward0"}
#: Nodes that leave every number as it is.
_PASSING = frozenset(
    f"{name}Backward{number}"
    for name in (
        "View",
        "ReshapeAlias",
        "UnsafeView",
        "Squeeze",
        "Unsqueeze",
        "Expand",
        "Alias",
        "ToCopy",
        "Transpose",
        "Permute",
        "T",
        "Clone",
        "Slice",
        "Index",
        "Select",
    )
    for number in (0, 1, 2)
)
_ACTIVATIONS = {
    "ReluBackward0": "relu",
    "SoftmaxBackward0": "softmax",
    "LogSoftmaxBackward0": "log_softmax",
    "SigmoidBackward0": "sigmoid",
    "TanhBackward0": "tanh",
}
_LONGEST = 16
_GREATEST_COUNT = 256


def shape_of(node: Any) -> tuple[int, ...] | None:
    """Of what a node made; None where this torch does not tell."""
    metadata = getattr(node, "_input_metadata", None)
    return tuple(metadata[0].shape) if metadata else None


def before(node: Any) -> list[Any]:
    """The nodes whose results it took."""
    return [one for one, _ in node.next_functions if one is not None]


def is_near(root: Any, wanted: Any) -> bool:
    """Whether a node is among those that the root is made of, not far from it."""
    seen: set[int] = set()
    open_nodes = [root]
    while open_nodes and len(seen) < _GREATEST_COUNT:
        node = open_nodes.pop(0)
        if node is wanted:
            return True
        if id(node) not in seen:
            seen.add(id(node))
            open_nodes += before(node)
    return False


def is_multiple(root: Any, wanted: Any) -> bool:
    """Whether the root is a number times what `wanted` made: nothing was added on the way, nor one element weighed
    otherwise than another.
    """
    node = root
    for _ in range(_LONGEST):
        if node is wanted:
            return True
        name = node.name()
        nodes = before(node)
        if name not in _LINEAR or len(nodes) != 1:
            return False
        if name.startswith(("Mul", "Div")):
            shape = shape_of(node)
            if shape is None or math.prod(shape) > 1:
                return False
        node = nodes[0]
    return False


def activation_of(node: Any) -> tuple[str, int]:
    """What function's result a node passes on, and how many numbers a softmax was over; 0: no softmax."""
    for _ in range(_LONGEST):
        if node is None:
            return "unknown", 0
        name = node.name()
        if name in _ACTIVATIONS:
            return _ACTIVATIONS[name], _extent(node) if "Softmax" in name else 0
        if name not in _PASSING:
            return "none", 0
        nodes = before(node)
        node = nodes[0] if len(nodes) == 1 else None
    return "unknown", 0


def _extent(node: Any) -> int:
    shape, axis = shape_of(node), node._saved_dim
    if shape is None:
        return 0
    # An axis counted from the end comes as a number of 64 bits without a sign.
    axis = axis - 2**64 if axis >= 2**63 else axis
    return shape[axis] if -len(shape) <= axis < len(shape) else 0


class Handmade:
    """A loss written out: a mean or sum of squares or magnitudes of differences."""

    __slots__ = ("is_crossed", "is_turned", "loss", "node", "output_shape", "reduction")

    def __init__(self, loss: str, node: Any, reduction: str, is_turned: bool) -> None:
        self.loss, self.reduction, self.is_turned = loss, reduction, is_turned
        #: What made the outputs.
        self.node = node
        self.output_shape = shape_of(node) or ()
        self.is_crossed = False


def handmade(root: Any) -> Handmade | None:
    """What the root is, if it was written so: ((y - t) ** 2).mean() and its kin."""
    node, reduction, is_turned = root, "none", False
    for _ in range(_LONGEST):
        name = node.name()
        nodes = before(node)
        if name.startswith("Mean"):
            reduction = "mean"
        elif name.startswith("Sum"):
            reduction = "sum" if reduction == "none" else reduction
        elif name.startswith("Neg"):
            is_turned = not is_turned
        elif name.startswith(("Mul", "Div")) and len(nodes) == 1:
            reduction = "unknown"
        elif name not in _LINEAR or len(nodes) != 1:
            break
        if name.startswith("Mul") and len(nodes) == 2:
            break
        node = nodes[0]
    return _difference(node, reduction, is_turned)


def _difference(node: Any, reduction: str, is_turned: bool) -> Handmade | None:
    name, nodes = node.name(), before(node)
    is_square = (name.startswith("Pow") and getattr(node, "_saved_exponent", None) == 2) or (
        name.startswith("Mul") and len(nodes) == 2 and nodes[0] is nodes[1]
    )
    if not nodes or not (is_square or name.startswith("Abs")):
        return None
    inner = nodes[0]
    outputs = before(inner)
    if not inner.name().startswith(("Sub", "Rsub")) or len(outputs) != 1:
        return None
    made = Handmade("squared_error" if is_square else "absolute_error", outputs[0], reduction, is_turned)
    shape, own = shape_of(inner), made.output_shape
    made.is_crossed = bool(
        shape is not None and len(shape) == 2 and shape[0] == shape[1] > 1 and own in ((shape[0], 1), (shape[0],))
    )
    return made
