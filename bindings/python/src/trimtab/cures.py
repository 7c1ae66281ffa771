"""Cures that act on activations and weights: leaks that fade, and averages."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _options
from ._errors import check
from ._library import library
from ._tensors import TensorLike, output_view, view


def leak_slope(start: float, end: float, time: float, step: int) -> float:
    """The slope of a leaky ReLU below zero at a step of training: end + (start - end) exp(-step / time).

    start, end  finite; 0.3 and 0.01 are usual
    time        steps, above 0; a fifth of the run is usual. 63.2 % of the way is gone at step = time, 95 % at 3 time
    step        0 or more

    What revives dead units and leads back to a plain ReLU without a jump of the loss. Check at the end that the net
    works as one (`Trainer.set_leak(0)`). A leak raises the curvature: look at the learning rate again.
    Errors: ValueError, TypeError. Source: definitions 1. Since 0.4.

    >>> round(leak_slope(0.3, 0.01, 200, 200), 6)
    0.116685
    """
    slope = ctypes.c_double()
    check(
        library.trimtab_leak_slope(
            _options.number("start", start),
            _options.number("end", end),
            _options.number("time", time),
            _options.integer("step", step),
            ctypes.byref(slope),
        )
    )
    return slope.value


def average_update(average: npt.NDArray[Any], current: TensorLike, decay: float = 0.999) -> None:
    """Moves an average of weights towards the weights, in place: average += (1 - decay) (current - average).

    average  a writable float32 or float64 NumPy array; begin with a copy of the weights. `tensor.numpy()` shares the
             memory of a PyTorch tensor
    current  of the same shape
    decay    0 to below 1; about 1 / (1 - decay) steps are averaged over

    An averaged (EMA) teacher gives pseudo-labels that move far less.
    Errors: ValueError (shape, decay, NaN or Inf in current, which would never leave the average), TypeError; nothing is
    written then. Cost: O(n). Source: Tarvainen & Valpola 2017. Since 0.4.

    >>> import numpy as np
    >>> teacher = np.zeros(2)
    >>> average_update(teacher, [1.0, 2.0], decay=0.75)
    >>> teacher
    array([0.25, 0.5 ])
    """
    target = output_view(average, "average")
    # A list of whole numbers is meant as numbers.
    given = view(np.asarray(current, dtype=float) if isinstance(current, (list, tuple)) else current, "current")
    check(
        library.trimtab_average_update(
            ctypes.byref(target.structure), ctypes.byref(given.structure), _options.number("decay", decay)
        )
    )
