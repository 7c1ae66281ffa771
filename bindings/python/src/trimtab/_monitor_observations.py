"""What a monitor is shown: entries, tensors and numbers of a step."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from . import _options
from . import _structures as structures
from ._errors import INVALID_ARGUMENT, check, refusal
from ._library import library
from ._monitor_handle import MonitorHandle, encoded_name, tensor_list, unequal
from ._monitor_words import QUANTITIES, ROLES, SCALARS
from ._tensors import TensorLike, view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .set_up import Objective, SetUp
    from .summary import Summary


class MonitorObservations(MonitorHandle):
    """Registers entries, and looks at what they have in a step."""

    def register(
        self,
        name: str,
        role: str = "weight",
        *,
        activation: str | None = None,
        order: int | None = None,
        unit_axis: int = -1,
        width: int = 0,
        frozen: bool = False,
        held: bool = False,
        zero_gradient: bool = False,
    ) -> int:
        """Registers a parameter or a layer, between steps, and returns its index.

        role           of a parameter "weight", "bias", "normalisation" or "embedding"; of a layer "hidden", "output"
                       or "attention"
        activation     of a layer: the one that follows its pre-activations; None: units are not judged
        order          topological, 0 next to the input; by default the order of registration
        frozen         not meant to train
        held           a frozen one that an optimizer holds all the same: that it stands still is a notice
        zero_gradient  zero by construction: a bias before a normalisation, an attention key bias
        """
        if role not in ROLES:
            raise refusal(INVALID_ARGUMENT, f"role: found {role!r}, allowed one of {', '.join(map(repr, ROLES))}")
        entry = structures.Entry()
        entry.role = ROLES[role]
        entry.kind = 0 if entry.role < 10 else 1
        if activation is not None:
            entry.activation = _options.named("activation", activation, _options.ACTIVATIONS)
        entry.order = _options.integer("order", len(self._names) if order is None else order)
        entry.unit_axis = _options.integer("unit_axis", unit_axis, 32)
        entry.width = _options.integer("width", width)
        entry.flags = (1 if frozen else 0) | (2 if zero_gradient else 0) | (4 if held else 0)
        index = ctypes.c_int64()
        with self._lock:
            check(
                library.trimtab_monitor_register(
                    self._pointer, encoded_name(name), ctypes.byref(entry), ctypes.byref(index)
                )
            )
            self._names.append(name)
        return index.value

    def begin_step(self, step: int) -> None:
        """Opens a step; numbers must grow."""
        with self._lock:
            check(library.trimtab_monitor_begin_step(self._pointer, _options.integer("step", step)))

    def wants(self, entry: int | str, quantity: str) -> bool:
        """Whether a quantity should be observed in this step: what an interval or the budget leaves out need not be."""
        wanted = ctypes.c_int32()
        code = _options.named("quantity", quantity, QUANTITIES)
        with self._lock:
            check(library.trimtab_monitor_wants(self._pointer, self._index(entry), code, ctypes.byref(wanted)))
        return bool(wanted.value)

    def observe(self, entry: int | str, quantity: str, tensor: TensorLike) -> None:
        """Looks at a tensor of an entry; several of one quantity in one step add.

        quantity  "gradient" or "weight" of a parameter; "preactivation", "output", "output_gradient", "attention"
                  (probabilities) or "attention_logits" of a layer
        """
        code = _options.named("quantity", quantity, QUANTITIES)
        seen = view(tensor, "tensor")
        with self._lock:
            check(
                library.trimtab_monitor_observe(self._pointer, self._index(entry), code, ctypes.byref(seen.structure))
            )

    def observe_all(self, entries: Sequence[int], quantities: Sequence[str], tensors: Sequence[TensorLike]) -> None:
        """`observe` for many tensors in one foreign call."""
        if not len(entries) == len(quantities) == len(tensors):
            raise unequal(tensors, entries, quantities)
        seen, content = tensor_list(tensors)
        count = len(seen)
        codes = [_options.named("quantities", quantity, QUANTITIES) for quantity in quantities]
        with self._lock:
            check(
                library.trimtab_monitor_observe_all(
                    self._pointer,
                    (ctypes.c_int64 * count)(*entries),
                    (ctypes.c_int32 * count)(*codes),
                    content,
                    count,
                )
            )

    def observe_summary(self, entry: int | str, quantity: str, summary: Summary, rank: int = 2) -> None:
        """Takes a summary made elsewhere, such as on an accelerator or another rank."""
        code = _options.named("quantity", quantity, QUANTITIES)
        structure = summary._structure()
        with self._lock:
            check(
                library.trimtab_monitor_observe_summary(
                    self._pointer, self._index(entry), code, _options.integer("rank", rank, 32), ctypes.byref(structure)
                )
            )

    def observe_sample(self, entry: int | str, quantity: str, sample: TensorLike, rows: int = 0) -> None:
        """Takes some elements of a tensor whose summary was handed in before: of a weight the same ones at every look,
        at most 1024; of pre-activations and attention whole rows.

        rows  the first extent of the whole tensor; 0: not known
        """
        code = _options.named("quantity", quantity, QUANTITIES)
        seen = view(sample, "sample")
        with self._lock:
            check(
                library.trimtab_monitor_observe_sample(
                    self._pointer,
                    self._index(entry),
                    code,
                    _options.integer("rows", rows),
                    ctypes.byref(seen.structure),
                )
            )

    def observe_scalar(self, scalar: str, value: float) -> None:
        """Takes a number of this step: "loss", "validation_loss", "learning_rate", "loss_scale", "gradient_norm",
        "overhead_seconds" or "kept_gradient".
        """
        code = _options.named("scalar", scalar, SCALARS)
        with self._lock:
            check(library.trimtab_monitor_observe_scalar(self._pointer, code, _options.number("value", value)))

    def observe_objective(self, objective: Objective) -> None:
        """Takes what is known of the open step's loss and of its batch; judged at the step's end."""
        with self._lock:
            given = objective.structure()
            check(library.trimtab_monitor_observe_objective(self._pointer, ctypes.byref(given)))

    def observe_set_up(self, found: SetUp) -> None:
        """Takes what is known of the model's mode and the optimizer's settings; judged at the step's end."""
        with self._lock:
            given = found.structure()
            check(library.trimtab_monitor_observe_set_up(self._pointer, ctypes.byref(given)))

    def observe_noise(
        self, small_batch: float, small_norm_squared: float, big_batch: float, big_norm_squared: float
    ) -> None:
        """Takes squared gradient norms of two batch sizes, such as one worker's and all workers' mean."""
        with self._lock:
            check(
                library.trimtab_monitor_observe_noise(
                    self._pointer,
                    _options.number("small_batch", small_batch),
                    _options.number("small_norm_squared", small_norm_squared),
                    _options.number("big_batch", big_batch),
                    _options.number("big_norm_squared", big_norm_squared),
                )
            )

    def observe_width(self, entry: int | str, width: int, mean_magnitude: float) -> None:
        """Takes the mean |x| that a layer had after as many steps in a run of another width: the check for muP."""
        mean = _options.number("mean_magnitude", mean_magnitude)
        size = _options.integer("width", width)
        with self._lock:
            check(library.trimtab_monitor_observe_width(self._pointer, self._index(entry), size, mean))
