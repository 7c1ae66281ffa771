"""Watches a training run step by step, and says what to do with each step."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

import numpy as np

from . import _options
from . import _structures as structures
from ._errors import INVALID_ARGUMENT, check, refusal
from ._library import library
from ._monitor_findings import MonitorFindings
from ._monitor_handle import tensor_list, unequal
from ._monitor_observations import MonitorObservations
from ._monitor_words import (
    CLIPPINGS,
    PRESETS,
    QUANTITIES,
    ROLES,
    RULES,
    SCALARS,
    Action,
    Coverage,
    Decision,
    Finding,
    LogState,
    decision,
    published_name,
)
from ._tensors import TensorLike

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Unpack

__all__ = [
    "CLIPPINGS",
    "PRESETS",
    "QUANTITIES",
    "ROLES",
    "RULES",
    "SCALARS",
    "Action",
    "Coverage",
    "Decision",
    "Finding",
    "LogState",
    "Monitor",
    "MonitorOptions",
    "decision",
    "published_name",
]


class MonitorOptions(TypedDict, total=False):
    """How a monitor watches.

    preset                    "trimtab"; "sagemaker" has the published rules and thresholds of SageMaker Debugger
    clipping                  "none", "fixed" (to maximum_norm), "adaptive" (ZClip) or "per_tensor" (AdaGC)
    may_roll_back             False: the caller keeps no snapshots, so a lost run is stopped
    maximum_norm              1.0, for clipping
    false_alarms_per_million  1.0 for each series of healthy steps; the rules' own thresholds are turned with it by its
                              -1/5th power: a tenth at 1e5, four times at 1e-3
    budget                    0.01 of the step's time may be spent on watching; 0: no limit
    warm_up                   25 steps in which baselines only fill
    audit_interval            10 steps between looks at weights
    greatest_skips            8 skipped steps in a row, then it rolls back or stops
    recorder_steps            64 steps that the flight recorder holds
    """

    preset: str
    clipping: str
    may_roll_back: bool
    maximum_norm: float
    false_alarms_per_million: float
    budget: float
    warm_up: int
    audit_interval: int
    greatest_skips: int
    recorder_steps: int


class Monitor(MonitorObservations, MonitorFindings):
    """Watches a run: register layers and parameters once; each step is `begin_step`, `observe`..., `end_step`.

    `end_step` comes after the backward pass and before the optimizer's step, and returns a `Decision`. Safe to share
    between Python threads. `trimtab.torch.watch` does all of it for a PyTorch model.

    options  as in `MonitorOptions`

    Errors: ValueError and TypeError for options, names and steps out of order; each leaves the monitor as it was.
    Since 0.2.

    >>> import numpy as np
    >>> monitor = Monitor()
    >>> weight = monitor.register("layer1.weight")
    >>> monitor.begin_step(1)
    >>> monitor.observe(weight, "gradient", np.array([[1.0, float("nan")]]))
    >>> decision = monitor.end_step()
    >>> decision.action.value, monitor.findings()[0].where
    ('skip', 'layer1.weight (gradient)')
    """

    _hidden: ClassVar[frozenset[str]] = frozenset(("preset", "clipping", "may_roll_back"))

    def __init__(self, **options: Unpack[MonitorOptions]) -> None:
        given: dict[str, Any] = dict(options)
        preset = _options.named("preset", given.pop("preset", PRESETS[0]), PRESETS)
        clipping = _options.named("clipping", given.pop("clipping", CLIPPINGS[0]), CLIPPINGS)
        may_roll_back = bool(given.pop("may_roll_back", False))
        settings = _options.build(structures.MonitorOptions, given)
        settings.preset, settings.clipping, settings.may_roll_back = preset, clipping, int(may_roll_back)
        super().__init__(settings)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the entries, in the order of their indices."""
        return tuple(self._names)

    def end_step(self) -> Decision:
        """Closes the step: judges it and says what to do."""
        structure = structures.Decision()
        with self._lock:
            check(library.trimtab_monitor_end_step(self._pointer, ctypes.byref(structure)))
        return decision(structure)

    def step(
        self,
        step: int,
        scalars: Mapping[str, float],
        entries: Sequence[int | str] = (),
        quantities: Sequence[str] = (),
        tensors: Sequence[TensorLike] = (),
    ) -> Decision:
        """A whole step in one foreign call: begins it, unless it is open under this number, and ends it.

        Looks at what it wants of the tensors, and at all of them where the loss or a gradient is not finite. A tensor
        that could not be taken raises its error after the step was closed without it.

        scalars  by name, as in `observe_scalar`; "overhead_seconds" is here what was spent beside this call
        """
        if not len(entries) == len(quantities) == len(tensors):
            raise unequal(tensors, entries, quantities)
        seen, content = tensor_list(tensors)
        count = len(seen)
        names = [_options.named("scalars", name, SCALARS) for name in scalars]
        values = [_options.number("scalars", value) for value in scalars.values()]
        codes = [_options.named("quantities", quantity, QUANTITIES) for quantity in quantities]
        structure = structures.Decision()
        with self._lock:
            check(
                library.trimtab_monitor_step(
                    self._pointer,
                    _options.integer("step", step),
                    (ctypes.c_int32 * len(names))(*names),
                    (ctypes.c_double * len(values))(*values),
                    len(names),
                    (ctypes.c_int64 * count)(*(self._index(entry) for entry in entries)),
                    (ctypes.c_int32 * count)(*codes),
                    content,
                    count,
                    None,
                    ctypes.byref(structure),
                )
            )
        return decision(structure)

    def clip_factor(self, entry: int | str) -> float:
        """AdaGC's factor for one gradient of the step just closed; 1 without clipping="per_tensor"."""
        factor = ctypes.c_double()
        with self._lock:
            check(library.trimtab_monitor_clip_factor(self._pointer, self._index(entry), ctypes.byref(factor)))
        return factor.value

    def restored(self, step: int) -> None:
        """Says that weights and optimizer are as they were after `step`, or that the learning rate starts anew."""
        with self._lock:
            check(library.trimtab_monitor_restored(self._pointer, _options.integer("step", step)))

    def keep(self, tensors: Sequence[TensorLike], healthy_steps: int = 10) -> None:
        """Copies parameters and optimizer state; the copy is good after `healthy_steps` further healthy steps.

        While a copy waits for that nothing is copied, and a step that is not healthy drops it. Tensors of another
        number, shape or element type than at first raise ValueError or TypeError.
        """
        seen, content = tensor_list(tensors)
        steps = _options.integer("healthy_steps", healthy_steps)
        with self._lock:
            check(library.trimtab_monitor_keep(self._pointer, content, len(seen), steps))

    def restore(self, tensors: Sequence[TensorLike]) -> int:
        """Writes the last good copy back into the tensors, goes on from its step, and returns that step.

        tensors  as given to `keep`; arrays that can be written in place (not lists)
        """
        for place, tensor in enumerate(tensors):
            if isinstance(tensor, np.ndarray) and not tensor.flags.writeable:
                raise refusal(
                    INVALID_ARGUMENT, f"tensors[{place}]: found an array that is read-only, allowed a writable one"
                )
            if not isinstance(tensor, np.ndarray) and not hasattr(tensor, "__dlpack__"):
                raise refusal(INVALID_ARGUMENT, f"tensors[{place}]: found {type(tensor).__name__}, allowed an array")
        seen, content = tensor_list(tensors)
        step = ctypes.c_int64()
        with self._lock:
            check(library.trimtab_monitor_restore(self._pointer, content, len(seen), ctypes.byref(step)))
        return step.value

    def close(self) -> None:
        """Frees the memory now; any later use raises ValueError. A second time does nothing."""
        with self._lock:
            self._handle.close()

    def __enter__(self) -> Monitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("monitor: found a copy asked for, allowed none: it belongs to one run")
