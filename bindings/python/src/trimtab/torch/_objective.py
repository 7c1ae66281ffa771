"""Facts about what a program minimises, gathered in a step that is listened to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..set_up import Objective
from . import _graph
from ._losses import Call
from ._pooled import Pooled

if TYPE_CHECKING:
    from ._graph import Handmade

#: Calls of a step that are kept, and elements that are looked at.
_CALLS, _ELEMENTS = 8, 1 << 14
#: How far beyond its range a target may lie for the sake of rounding.
_MARGIN = 1e-3


class Objectives:
    """What the losses of a step are, and the targets so far."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._pooled: dict[tuple[str, Any], Pooled] = {}
        #: The last that was found, in words.
        self.line = ""

    def hear(self, call: Call) -> None:
        """A loss function was called."""
        if len(self._calls) == _CALLS:
            del self._calls[0]
        self._calls.append(call)

    def forget(self) -> None:
        """Nothing of the step is kept."""
        self._calls.clear()

    def facts(self, loss: Any, number: float | None) -> Objective | None:
        """Of the step whose loss this is, after its backward pass; None where nothing is known of it.

        loss    what `watch.step` was given
        number  its value, if that may be read
        """
        calls = self._calls
        root = getattr(loss, "grad_fn", None)
        try:
            if root is not None:
                near = [call for call in calls if _graph.is_near(root, call.node)]
                if not near:
                    made = _graph.handmade(root)
                    return self._of_handmade(made, number) if made is not None else None
                # Of several the last: a loss of its own has no other beside it.
                is_alone = len(near) == 1 and _graph.is_multiple(root, near[-1].node)
                return self._of_call(near[-1], number if is_alone else None)
            if len(calls) == 1 and number is not None and math.isclose(number, float(calls[0].result), rel_tol=1e-3):
                return self._of_call(calls[0], number)
            return None
        finally:
            calls.clear()

    def _of_handmade(self, made: Handmade, number: float | None) -> Objective:
        shape = made.output_shape
        found = Objective(loss=made.loss, reduction=made.reduction, is_crossed=made.is_crossed)
        found.activation, extent = _graph.activation_of(made.node)
        found.sample_count = shape[0] if shape else 1
        found.output_count = extent or math.prod(shape[1:])
        found.element_count = math.prod(shape)
        if number is not None and made.reduction in ("mean", "sum"):
            count = 1 if made.reduction == "mean" else max(found.element_count, 1)
            found.mean_loss = (-number if made.is_turned else number) / count
            found.scale = (-1.0 if made.is_turned else 1.0) * count
        self.line = f"loss: {made.reduction} of {_words(made.loss)} of outputs {list(shape)}"
        return found

    def _of_call(self, call: Call, number: float | None) -> Objective:
        outputs, targets = call.outputs.detach(), call.targets.detach()
        found = Objective(loss=call.loss, reduction=call.reduction)
        found.activation, extent = _graph.activation_of(call.outputs.grad_fn)
        found.sample_count = outputs.shape[0] if outputs.ndim else 1
        is_of_classes = call.loss in ("cross_entropy", "negative_log_likelihood")
        is_labels = is_of_classes and not targets.is_floating_point()
        classes = outputs.shape[1 if outputs.ndim > 1 else 0] if outputs.ndim else 1
        found.output_count = extent or (classes if is_of_classes else math.prod(outputs.shape[1:]))
        if not is_of_classes:
            found.is_crossed, found.is_target_repeated = _repeated(outputs, targets)
        key = call.loss, None if is_labels else tuple(targets.shape[1:])
        pooled = self._pooled.setdefault(key, Pooled())
        self._add_targets(found, targets, call.ignored, is_labels, pooled)
        self._add_outputs(found, outputs)
        total = float(call.result.double().sum())
        if not _is_finite(total):
            return found
        labelled = int((targets != call.ignored).sum()) if is_labels else math.prod(targets.shape[:1])
        count = labelled if is_of_classes else outputs.numel()
        found.element_count = count
        found.mean_loss = total if call.reduction == "mean" else total / max(count, 1)
        found.guess_loss = _guess(call, pooled)
        if number is not None and _is_finite(number) and found.mean_loss != 0:
            found.scale = number / found.mean_loss
        self.line = _line(call, found)
        return found

    def _add_targets(
        self, found: Objective, targets: torch.Tensor, ignored: Any, is_labels: bool, pooled: Pooled
    ) -> None:
        if is_labels:
            labels = _sample(targets)
            labels = labels[labels != ignored]
            if not len(labels):
                return
            pooled.add_labels(labels)
            found.target_mean, found.target_deviation = float(labels.mean()), float(labels.std())
            values = labels
        else:
            rows = _rows(targets)
            if not rows.size or not np.isfinite(rows).all():
                return
            pooled.add_values(rows)
            found.target_mean, found.target_deviation = pooled.moments()
            values = rows
            if found.loss == "cross_entropy" and rows.shape[1] > 1 and (np.count_nonzero(rows, axis=1) <= 1).all():
                # One class of each sample, times what the sample weighs: an advantage may be below 0.
                values = (rows != 0).astype(float)
            if found.loss in ("squared_error", "absolute_error", "huber"):
                found.unreachable_share = _unreachable(found.activation, rows)
            if rows.shape[1] > 1 and not found.is_crossed:
                # Written out, a target for every output is a target repeated too.
                found.is_target_repeated |= bool((rows == rows[:, :1]).all())
        found.distinct_count = pooled.distinct_count
        found.target_minimum, found.target_maximum = float(values.min()), float(values.max())
        found.integer_share = float((values == np.rint(values)).mean())
        found.target_fingerprint = fingerprint(targets)

    def _add_outputs(self, found: Objective, outputs: torch.Tensor) -> None:
        values = _sample(outputs)
        if not len(values) or not np.isfinite(values).all():
            return
        found.output_mean, found.output_deviation = float(values.mean()), float(values.std())
        found.output_minimum, found.output_maximum = float(values.min()), float(values.max())
        found.zero_output_share = float((values == 0).mean())


def fingerprint(tensor: torch.Tensor) -> int:
    """Equal for equal tensors, 0 where it tells nothing; of a thousand elements."""
    flat = tensor.detach().reshape(-1)
    if not flat.numel() or flat.is_complex():
        return 0
    flat = flat[:: max(1, flat.numel() // 1024)][:1024].to(torch.float64)
    weights = torch.linspace(1.0, 2.0, len(flat), dtype=torch.float64, device=flat.device)
    value = float((flat * weights).sum() + 1e-3 * flat.square().sum())
    return int(np.float64(value).view(np.uint64)) if math.isfinite(value) else 0


def _sample(tensor: torch.Tensor) -> np.ndarray:
    flat = tensor.reshape(-1)
    flat = flat[:: max(1, flat.numel() // _ELEMENTS)][:_ELEMENTS]
    return np.asarray(flat.to("cpu", torch.float64).numpy())


def _rows(tensor: torch.Tensor) -> np.ndarray:
    """Whole samples, the rest of a sample in columns."""
    rows = tensor.reshape(tensor.shape[0], -1) if tensor.ndim > 1 else tensor.reshape(-1, 1)
    wanted = max(8, _ELEMENTS * 4 // max(rows.shape[1], 1))
    rows = rows[:: max(1, rows.shape[0] // wanted)][:wanted]
    return np.asarray(rows.to("cpu", torch.float64).numpy())


def _repeated(outputs: torch.Tensor, targets: torch.Tensor) -> tuple[bool, bool]:
    """Whether samples are held against each other's targets, and whether one target of a sample stands for several."""

    def along(tensor: torch.Tensor) -> set[int]:
        sizes = zip(tensor.shape, tensor.stride(), strict=True)
        return {axis for axis, (size, stride) in enumerate(sizes) if size > 1 and stride == 0}

    if outputs.shape != targets.shape or outputs.layout != torch.strided or targets.layout != torch.strided:
        return False, False
    own, other = along(outputs), along(targets)
    is_crossed = bool(own and other) and (0 in own) != (0 in other) and not own & other
    return is_crossed, bool(other - {0}) and not own


def _unreachable(activation: str, values: np.ndarray) -> float:
    if activation == "relu":
        return float((values < -_MARGIN).mean())
    if activation in ("sigmoid", "softmax"):
        return float(((values < -_MARGIN) | (values > 1 + _MARGIN)).mean())
    if activation == "tanh":
        return float((np.abs(values) > 1 + _MARGIN).mean())
    return math.nan


def _guess(call: Call, pooled: Pooled) -> float:
    weight = (
        None if call.weight is None else np.asarray(call.weight.detach().reshape(-1).to("cpu", torch.float64).numpy())
    )
    if call.loss in ("cross_entropy", "negative_log_likelihood"):
        if weight is not None and call.reduction != "mean":
            return math.nan
        classes = call.outputs.shape[1 if call.outputs.ndim > 1 else 0]
        return pooled.guess_of_labels(weight, call.smoothing, classes)
    # The weights of samples, or of positive targets: what a guess comes to with them is not known.
    return pooled.guess(call.loss) if weight is None else math.nan


def _is_finite(value: float) -> bool:
    return math.isfinite(value)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _line(call: Call, found: Objective) -> str:
    """What was found, for a report."""
    behind = "" if found.activation in ("none", "unknown") else f" after {_words(found.activation)}"
    over = f" over {found.output_count}" if found.activation == "softmax" else ""
    text = f"loss: {_words(call.loss)} ({call.reduction}) of outputs {list(call.outputs.shape)}{behind}{over}"
    if not math.isnan(found.output_mean):
        text += f" from {found.output_minimum:.3g} to {found.output_maximum:.3g}"
    text += f", targets {list(call.targets.shape)}"
    if not math.isnan(found.target_mean):
        text += (
            f" from {found.target_minimum:.3g} to {found.target_maximum:.3g}, mean {found.target_mean:.3g}, "
            f"deviation {found.target_deviation:.3g}"
        )
    if found.is_crossed:
        text += "; broadcast against each other, so that every output meets every target"
    if found.scale < 0:
        text += "; its negative is minimised"
    if not math.isnan(found.guess_loss):
        text += f"; mean {found.mean_loss:.3g}, guessing {found.guess_loss:.3g}"
    return text
