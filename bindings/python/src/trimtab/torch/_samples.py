"""Parts of tensors that stand for the whole where the whole stays on its device."""

from __future__ import annotations

import functools

import torch

#: As many elements of a weight, in runs as long, as the library itself would look at.
_ELEMENTS, _RUN = 1024, 16
#: Samples and elements of pre-activations.
_ROWS, _CAPACITY = 128, 1 << 16


@functools.lru_cache(maxsize=4096)
def _places(count: int, device: torch.device) -> torch.Tensor:
    runs = _ELEMENTS // _RUN
    starts = torch.arange(runs) * (count - _RUN) // (runs - 1)
    return (starts.unsqueeze(1) + torch.arange(_RUN)).reshape(-1).to(device)


def sample_weight(weight: torch.Tensor) -> torch.Tensor:
    """The same elements at every look, evenly spread."""
    flat = weight.detach().reshape(-1)
    return flat.clone() if flat.numel() <= _ELEMENTS else flat[_places(flat.numel(), flat.device)]


def sample_rows(tensor: torch.Tensor, axis: int) -> torch.Tensor:
    """Whole rows of pre-activations, evenly spread: every unit with some of its samples."""
    if axis == -1:
        tensor = tensor.reshape(-1, tensor.shape[-1])
    rows = tensor.shape[0]
    each = tensor.numel() // rows if rows else 1
    wanted = max(1, min(_ROWS if axis == -1 else rows, _CAPACITY // max(each, 1)))
    step = max(1, rows // wanted)
    return tensor[::step][:wanted].contiguous()
