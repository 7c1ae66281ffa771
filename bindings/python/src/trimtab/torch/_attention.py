"""What attention gets and gives inside torch's functions, in the steps that are listened to: logits and probabilities
of a few queries, computed anew from queries and keys where the function does not hand them out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from ..monitor import Monitor

#: Samples, queries and heads that are looked at; calls in a step.
_SAMPLES, _QUERIES, _HEADS, _CALLS = 2, 32, 64, 64
#: Nodes of the graph in which a product is looked for.
_LONGEST = 24


class Attention:
    """The calls of a step in their order, which is the same in every step."""

    def __init__(self) -> None:
        self._looks: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._entries: list[int] = []
        #: Calls that a step has.
        self._count = 0

    def hear(self, kind: str, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        """A function was called: "attention" or "softmax"."""
        if len(self._looks) >= _CALLS:
            return
        with torch.no_grad():
            logits = _of_attention(*arguments, **keywords) if kind == "attention" else _of_softmax(arguments, keywords)
            if logits is not None:
                # What may not be looked at is no logit; its probability is 0.
                open_places = torch.isfinite(logits) | torch.isnan(logits)
                self._looks.append((logits.masked_fill(~open_places, 0.0), torch.softmax(logits, -1)))

    def forget(self) -> None:
        """Nothing of the step is kept."""
        self._looks.clear()

    @property
    def wants_entries(self) -> bool:
        return len(self._entries) < self._count

    def register(self, monitor: Monitor, order: int) -> None:
        """Between steps: an entry for each call that has none."""
        self._count = max(self._count, len(self._looks))
        while len(self._entries) < self._count:
            self._entries.append(monitor.register(f"attention#{len(self._entries) + 1}", "attention", order=order))

    def show(self, monitor: Monitor) -> None:
        """In an open step; what has no entry yet is seen the next time."""
        self._count = max(self._count, len(self._looks))
        for entry, (logits, probabilities) in zip(self._entries, self._looks, strict=False):
            monitor.observe(entry, "attention_logits", logits.to("cpu"))
            monitor.observe(entry, "attention", probabilities.to("cpu"))
        self.forget()


def _is_of_products(node: Any) -> bool:
    """Whether numbers come of products of matrices, as those of queries and keys: the scores of classes, with the
    classes on the last axis, do not.
    """
    open_nodes = [node]
    for _ in range(_LONGEST):
        if not open_nodes:
            return False
        node = open_nodes.pop(0)
        if node is None:
            continue
        name = node.name()
        if name.startswith(("Bmm", "Baddbmm", "Einsum")):
            return True
        if not name.startswith(("Conv", "Addmm", "Mm", "AccumulateGrad", "NativeBatchNorm")):
            open_nodes += [one for one, _ in node.next_functions]
    return False


def _few(tensor: torch.Tensor) -> torch.Tensor:
    step = max(1, tensor.shape[2] // _QUERIES)
    return tensor[:_SAMPLES, :_HEADS, ::step][:, :, :_QUERIES].detach().to(torch.float32)


def _of_softmax(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> torch.Tensor | None:
    """A softmax over the last of four axes is one over keys: samples, heads, queries, keys. Of three, where queries
    look at each other: the heads of all samples are the first.
    """
    given = arguments[0]
    axis = keywords.get("dim", arguments[1] if len(arguments) > 1 else None)
    if axis not in (-1, given.ndim - 1) or not given.is_floating_point():
        return None
    if given.ndim == 3 and given.shape[1] == given.shape[2] > 1:
        given = given.unsqueeze(0)
    if given.ndim != 4 or (given.shape[2] != given.shape[3] and not _is_of_products(given.grad_fn)):
        return None
    return _few(given)


def _of_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> torch.Tensor | None:
    if query.ndim != 4 or key.ndim != 4 or query.shape[1] != key.shape[1]:
        return None
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    length, keys = query.shape[2], key.shape[2]
    few = _few(query)
    logits = few @ key[: few.shape[0], : few.shape[1]].detach().to(torch.float32).transpose(-1, -2) * factor
    step = max(1, length // _QUERIES)
    if is_causal:
        queries = torch.arange(length, device=query.device)[::step][:_QUERIES]
        later = torch.arange(keys, device=query.device)[None, :] > queries[:, None]
        logits = logits.masked_fill(later, -math.inf)
    elif attn_mask is not None:
        mask = attn_mask.expand(*query.shape[:2], length, keys)[:_SAMPLES, :_HEADS, ::step][:, :, :_QUERIES]
        logits = logits.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else logits + mask.to(logits.dtype)
    return logits
