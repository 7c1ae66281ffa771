"""Watches a training run step by step, and says what to do with each step."""

from __future__ import annotations

import ctypes
import math
import os
import struct
import threading
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypedDict

import numpy as np

from . import _options, _words
from . import _structures as structures
from ._errors import INVALID_ARGUMENT, check, refusal
from ._handle import Handle
from ._library import library
from ._report import json_ready, number_text
from ._tensors import TensorLike, view
from ._words import Cause, Verdict
from .set_up import Objective, SetUp
from .summary import Summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Unpack

PRESETS = ("trimtab", "sagemaker")
CLIPPINGS = ("none", "fixed", "adaptive", "per_tensor")
QUANTITIES = ("gradient", "weight", "preactivation", "output", "output_gradient", "attention", "attention_logits")
SCALARS = (
    "loss",
    "validation_loss",
    "learning_rate",
    "loss_scale",
    "gradient_norm",
    "overhead_seconds",
    "kept_gradient",
)
ROLES = {"weight": 0, "bias": 1, "normalisation": 2, "embedding": 3, "hidden": 10, "output": 11, "attention": 12}
RULE_COUNT = 47


class Action(str, Enum):
    """What to do with a step."""

    PROCEED = "proceed"
    #: Multiply the gradients by `Decision.clip_factor`.
    CLIP = "clip"
    #: Leave this step out: zero the gradients and go on.
    SKIP = "skip"
    #: Restore the last good snapshot, then say so: `Monitor.restored`.
    ROLL_BACK = "roll_back"
    #: End the run: it does not recover.
    STOP = "stop"

    def __str__(self) -> str:
        return str(self.value)


_ACTIONS = tuple(Action)
#: The layout of a decision.
_DECISION = struct.Struct("@Iiii4q3d")


class MonitorOptions(TypedDict, total=False):
    """How a monitor watches.

    preset                    "trimtab"; "sagemaker" has the published rules and thresholds of SageMaker Debugger
    clipping                  "none", "fixed" (to maximum_norm), "adaptive" (ZClip) or "per_tensor" (AdaGC)
    may_roll_back             False: the caller keeps no snapshots, so a lost run is stopped
    maximum_norm              1.0, for clipping
    false_alarms_per_million  1.0 for each series of healthy steps
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


class Decision(NamedTuple):
    """What a step comes to. Fields as in monitor.h."""

    action: Action
    verdict: Verdict
    rule: str | None
    step: int
    finding_count: int
    new_finding_count: int
    entry: int
    clip_factor: float
    gradient_norm: float
    loss: float

    def __bool__(self) -> bool:
        """Whether the optimizer may take the step (clipped, where the action is CLIP)."""
        return self.action in (Action.PROCEED, Action.CLIP)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that went wrong, however often it was seen. Fields as in monitor.h."""

    rule: str
    verdict: Verdict
    cause: Cause
    quantity: str | None
    is_standing: bool
    entry: int
    name: str
    first_step: int
    last_step: int
    count: int
    index: int
    value: float
    threshold: float
    confidence: float
    before: tuple[float, ...]

    @property
    def where(self) -> str:
        """The entry and what was seen of it, such as "layer1.weight (gradient)"; "the run" for all of it."""
        if not self.name:
            return "the run"
        return f"{self.name} ({self.quantity.replace('_', ' ')})" if self.quantity else self.name

    def as_dict(self) -> dict[str, Any]:
        """The fields, with the cause's sentences, ready for `json.dumps`."""
        fields = {name: json_ready(getattr(self, name)) for name in self.__slots__}
        return {**fields, "text": self.cause.text, "cure": self.cause.cure, "check": self.cause.check}

    def __str__(self) -> str:
        at = f" at index {self.index}" if self.index >= 0 else ""
        seen = f"step {self.first_step}" + (f" to {self.last_step}" if self.last_step > self.first_step else "")
        number = f"{number_text(self.value)} against {number_text(self.threshold)}"
        trend = [number_text(value) for value in self.before if not math.isnan(value)]
        lines = [f"{self.verdict.value}: {self.rule} in {self.where}{at}, {seen}: {number}"]
        if trend and self.rule == "nonfinite":
            lines.append(f"  before: greatest magnitude {', '.join(trend)}")
        lines.append(f"  cause {self.cause.value}: {self.cause.text}")
        lines += [f"  cure: {self.cause.cure}"] if self.cause.cure else []
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a quantity was looked at. Fields as in monitor.h."""

    step_count: int
    look_count: int
    left_out_count: int
    interval: int
    cost_fraction: float


@dataclass(frozen=True, slots=True)
class LogState:
    """What a run log has come to.

    failure     errno of the last failure to write; 0 for none
    line_count  lines written
    lost_count  lines and records that could not be written; the run went on
    """

    failure: int
    line_count: int
    lost_count: int


class Monitor:
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
        self._lock = threading.RLock()
        self._names: list[str] = []
        self._handle = Handle("monitor")
        check(library.trimtab_monitor_create(ctypes.byref(settings), ctypes.byref(self._handle.pointer)))

    @property
    def _pointer(self) -> Any:
        if not self._handle.pointer:
            raise refusal(INVALID_ARGUMENT, "monitor: found a closed one, allowed an open one")
        return self._handle.pointer

    @property
    def names(self) -> tuple[str, ...]:
        """Of the entries, in the order of their indices."""
        return tuple(self._names)

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
                library.trimtab_monitor_register(self._pointer, _name(name), ctypes.byref(entry), ctypes.byref(index))
            )
            self._names.append(name)
        return index.value

    def _index(self, entry: int | str) -> int:
        if isinstance(entry, str):
            index = ctypes.c_int64()
            check(library.trimtab_monitor_find(self._pointer, _name(entry), ctypes.byref(index)))
            return index.value
        return _options.integer("entry", entry)

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
            raise _unequal(tensors, entries, quantities)
        seen, content = _tensors(tensors)
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
            raise _unequal(tensors, entries, quantities)
        seen, content = _tensors(tensors)
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

    def observe_width(self, entry: int | str, width: int, mean_magnitude: float) -> None:
        """Takes the mean |x| that a layer had after as many steps in a run of another width: the check for muP."""
        mean = _options.number("mean_magnitude", mean_magnitude)
        size = _options.integer("width", width)
        with self._lock:
            check(library.trimtab_monitor_observe_width(self._pointer, self._index(entry), size, mean))

    def keep(self, tensors: Sequence[TensorLike], healthy_steps: int = 10) -> None:
        """Copies parameters and optimizer state; the copy is good after `healthy_steps` further healthy steps.

        While a copy waits for that nothing is copied, and a step that is not healthy drops it. Tensors of another
        number, shape or element type than at first raise ValueError or TypeError.
        """
        seen, content = _tensors(tensors)
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
        seen, content = _tensors(tensors)
        step = ctypes.c_int64()
        with self._lock:
            check(library.trimtab_monitor_restore(self._pointer, content, len(seen), ctypes.byref(step)))
        return step.value

    def noise(self) -> tuple[float, float]:
        """Gradient noise scale, and signal-to-noise ratio at the big batch; NaN before the first observation."""
        scale, ratio = ctypes.c_double(), ctypes.c_double()
        with self._lock:
            check(library.trimtab_monitor_noise(self._pointer, ctypes.byref(scale), ctypes.byref(ratio)))
        return scale.value, ratio.value

    def spectrum(self, entry: int | str) -> tuple[float, float, float]:
        """Spectral norm, stable rank and effective rank of a weight at its last look; NaN where not measured."""
        found = [ctypes.c_double() for _ in range(3)]
        with self._lock:
            check(
                library.trimtab_monitor_spectrum(
                    self._pointer, self._index(entry), *(ctypes.byref(one) for one in found)
                )
            )
        return found[0].value, found[1].value, found[2].value

    def findings(self) -> list[Finding]:
        """What went wrong so far; the first is the first that did."""
        count = ctypes.c_int64()
        with self._lock:
            check(library.trimtab_monitor_finding_count(self._pointer, ctypes.byref(count)))
            return [self._finding(index) for index in range(count.value)]

    def _finding(self, index: int) -> Finding:
        structure = structures.Finding()
        check(library.trimtab_monitor_finding(self._pointer, index, ctypes.byref(structure)))
        return Finding(
            rule=library.trimtab_rule_name(structure.rule).decode(),
            verdict=_words.verdict(structure.verdict),
            cause=_words.cause(structure.cause),
            quantity=QUANTITIES[structure.quantity] if structure.quantity >= 0 else None,
            is_standing=bool(structure.is_standing),
            entry=structure.entry,
            name=structure.name.decode(errors="replace"),
            first_step=structure.first_step,
            last_step=structure.last_step,
            count=structure.count,
            index=structure.index,
            value=structure.value,
            threshold=structure.threshold,
            confidence=structure.confidence,
            before=tuple(structure.before),
        )

    def rule(self, name: str) -> dict[str, Any]:
        """The switches of a rule: is_enabled, patience, warning and critical."""
        structure = structures.RuleOptions()
        with self._lock:
            check(library.trimtab_monitor_rule(self._pointer, _rule(name), ctypes.byref(structure)))
        return {
            "is_enabled": bool(structure.is_enabled),
            "patience": structure.patience,
            "warning": structure.warning,
            "critical": structure.critical,
        }

    def set_rule(self, name: str, **switches: Any) -> None:
        """Sets some switches of a rule, between steps: is_enabled, patience, warning, critical."""
        merged = self.rule(name)
        for key, value in switches.items():
            if key not in merged:
                raise refusal(INVALID_ARGUMENT, f"switches: found {key!r}, allowed {', '.join(merged)}")
            merged[key] = value
        structure = structures.RuleOptions()
        structure.is_enabled = int(bool(merged["is_enabled"]))
        structure.patience = _options.integer("patience", merged["patience"])
        structure.warning = _options.number("warning", merged["warning"])
        structure.critical = _options.number("critical", merged["critical"])
        with self._lock:
            check(library.trimtab_monitor_set_rule(self._pointer, _rule(name), ctypes.byref(structure)))

    def silence(self, rule: str | None, entry: int | str) -> None:
        """Keeps a rule (None: all) silent about an entry (-1: the run as a whole)."""
        code = -1 if rule is None else _rule(rule)
        with self._lock:
            check(library.trimtab_monitor_silence(self._pointer, code, self._index(entry)))

    def coverage(self, entry: int | str, quantity: str) -> Coverage:
        """How much of a quantity of an entry was looked at."""
        structure = structures.Coverage()
        code = _options.named("quantity", quantity, QUANTITIES)
        with self._lock:
            check(library.trimtab_monitor_coverage(self._pointer, self._index(entry), code, ctypes.byref(structure)))
        return Coverage(
            structure.step_count,
            structure.look_count,
            structure.left_out_count,
            structure.interval,
            structure.cost_fraction,
        )

    def log(self, path: str | os.PathLike[str] | None) -> None:
        """Appends a line of JSON for each step and each new finding to a file; None ends it.

        Errors: OSError if the file cannot be opened. A failure later does not stop the run: see `log_state`.
        """
        with self._lock:
            check(library.trimtab_monitor_log(self._pointer, None if path is None else _encoded(path)))

    def log_state(self) -> LogState:
        """What the log has come to."""
        structure = structures.LogState()
        with self._lock:
            check(library.trimtab_monitor_log_state(self._pointer, ctypes.byref(structure)))
        return LogState(structure.failure, structure.line_count, structure.lost_count)

    def write_record(self, path: str | os.PathLike[str]) -> None:
        """Writes what the flight recorder holds; the file is replaced only when the new one is whole and on disk."""
        with self._lock:
            check(library.trimtab_monitor_write_record(self._pointer, _encoded(path)))

    def record_to(self, path: str | os.PathLike[str] | None) -> None:
        """Writes the record there by itself at the first critical finding from now on, and keeps it; None ends that."""
        with self._lock:
            check(library.trimtab_monitor_record_to(self._pointer, None if path is None else _encoded(path)))

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


def published_name(rule: str) -> str:
    """The name that SageMaker Debugger publishes for a rule of that preset, such as "DeadRelu"; "" for others."""
    name: bytes = library.trimtab_rule_published_name(_rule(rule))
    return name.decode()


def decision(structure: structures.Decision) -> Decision:
    """What the library says of a step."""
    # At once: ten fields one by one take longer than the call that filled them.
    _, action, verdict, rule, *rest = _DECISION.unpack_from(structure)
    name = library.trimtab_rule_name(rule).decode() if rule >= 0 else None
    return Decision(_ACTIONS[action], _words.verdict(verdict), name, *rest)


def _unequal(tensors: Sequence[Any], entries: Sequence[Any], quantities: Sequence[Any]) -> Exception:
    return refusal(
        INVALID_ARGUMENT,
        f"tensors: found {len(tensors)} with {len(entries)} entries and {len(quantities)} quantities, allowed as many",
    )


def _tensors(tensors: Sequence[TensorLike]) -> tuple[list[Any], Any]:
    seen = [view(tensor, f"tensors[{place}]") for place, tensor in enumerate(tensors)]
    content = b"".join(bytes(one.structure) for one in seen)
    return seen, (structures.Tensor * len(seen)).from_buffer_copy(content)


def _name(name: str) -> bytes:
    if not isinstance(name, str):
        raise TypeError(f"name: found {type(name).__name__}, allowed str")
    if "\0" in name:
        raise refusal(INVALID_ARGUMENT, "name: found a zero byte, allowed text without one")
    return name.encode(errors="surrogateescape")


RULES: tuple[str, ...] = tuple(library.trimtab_rule_name(code).decode() for code in range(RULE_COUNT))


def _rule(name: str) -> int:
    return _options.named("rule", name, RULES)


def _encoded(path: str | os.PathLike[str]) -> bytes:
    """For C, where a zero byte would end it: another file would be written."""
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise refusal(INVALID_ARGUMENT, f"path: found a zero byte in {path!r}, allowed none")
    return encoded
