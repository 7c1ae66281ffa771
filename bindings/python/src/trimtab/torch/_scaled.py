"""Gradients that are still multiplied by the loss scale, shown as if they were not."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

import numpy as np

from .. import _structures as structures
from .._errors import check
from .._library import library
from .._tensors import view, views
from ._readback import pointer, scaled
from ._slots import GRADIENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

    from ..monitor import Monitor


def show_scaled(monitor: Monitor, parameters: Sequence[tuple[int, nn.Parameter]], scale: float) -> None:
    """Shows gradients divided by `scale`, which stay as they are."""
    seen = [(entry, parameter.grad) for entry, parameter in parameters if parameter.grad is not None]
    dense = [(entry, one.coalesce().values() if one.is_sparse else one) for entry, one in seen]
    if not dense:
        return
    tensors, owners = views([one for _, one in dense], [f"gradients[{place}]" for place in range(len(dense))])
    made = np.zeros(len(dense), np.dtype(structures.Summary))
    check(library.trimtab_summarize_all(tensors, len(dense), pointer(made, 0)))
    del owners
    if scale > 0:
        made = scaled(made, 1.0 / scale)
    for place, (entry, one) in enumerate(dense):
        check(
            library.trimtab_monitor_observe_summary(monitor._pointer, entry, GRADIENT, one.ndim, pointer(made, place))
        )
        # One element says which range the others have.
        if one.element_size() < 4:
            sample = view(one.detach().reshape(-1)[:1], "gradient")
            check(
                library.trimtab_monitor_observe_sample(
                    monitor._pointer, entry, GRADIENT, 0, ctypes.byref(sample.structure)
                )
            )
