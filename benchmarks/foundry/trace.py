"""What the peers' rules look at, step by step: recorded once a run, so that all of them judge the same numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from .nets import ACTIVATIONS

if TYPE_CHECKING:
    from .recipe import Recipe
    from .task import Task

#: Bounds outside of which the published rule calls an input of a bounded activation saturated.
SATURATION = {"Tanh": (-9.4999, 9.4999), "Sigmoid": (-23.0, 16.99999)}
#: What torch's GradScaler starts at and what an overflow makes of it; it grows after more steps than a run has.
FIRST_SCALE, BACKOFF = 65536.0, 0.5
#: Of the gradients' spread, which is asked for in the first steps alone.
EARLY_STEPS = 10

PARAMETER_FIELDS = (
    "gradient_norm",
    "gradient_mean",
    "gradient_zeros",
    "gradient_nonfinite",
    "gradient_range",
    "weight_mean",
    "weight_norm",
    "weight_variance",
    "weight_nonfinite",
    "update_norm",
    "update_mean",
)
LAYER_FIELDS = (
    "inactive_units",
    "nonpositive",
    "saturated_units",
    "beyond_five",
    "input_variance",
    "magnitude",
    "zeros",
)


@dataclass
class Trace:
    """Arrays over steps; of parameters [steps, parameters], of activation layers [steps, layers]."""

    parameters: list[str]
    #: Of more than one axis: kernels, in the words of some rules.
    is_kernel: np.ndarray
    #: Numbers of entries, of each parameter.
    sizes: np.ndarray
    layers: list[str]
    kinds: list[str]
    loss: np.ndarray
    rate: np.ndarray
    input_least: np.ndarray
    input_greatest: np.ndarray
    #: Absolute sum of the model's outputs over classes, the mean over samples.
    output_sum: np.ndarray
    of_parameters: dict[str, np.ndarray]
    of_layers: dict[str, np.ndarray]
    evaluation_steps: np.ndarray
    evaluation_losses: np.ndarray
    scores: np.ndarray
    #: Whether the score is an accuracy.
    is_accuracy: bool = True

    @property
    def steps(self) -> int:
        return len(self.loss)

    @property
    def global_norm(self) -> np.ndarray:
        norm: np.ndarray = np.sqrt((self.of_parameters["gradient_norm"] ** 2).sum(1))
        return norm

    def save(self, path: str) -> None:
        plain: dict[str, Any] = {name: value for name, value in vars(self).items() if not isinstance(value, dict)}
        nested: dict[str, Any] = {f"of_parameters/{name}": value for name, value in self.of_parameters.items()}
        nested |= {f"of_layers/{name}": value for name, value in self.of_layers.items()}
        np.savez_compressed(path, **plain, **nested)

    @staticmethod
    def load(path: str) -> Trace:
        with np.load(path) as stored:
            fields: dict[str, Any] = {name: stored[name] for name in stored.files if "/" not in name}
            nested: dict[str, dict[str, np.ndarray]] = {"of_parameters": {}, "of_layers": {}}
            for name in stored.files:
                if "/" in name:
                    group, own = name.split("/")
                    nested[group][own] = stored[name]
        for name in ("parameters", "layers", "kinds"):
            fields[name] = [str(text) for text in fields[name]]
        fields["is_accuracy"] = bool(fields["is_accuracy"])
        return Trace(**(fields | nested))


@dataclass
class TraceRecorder:
    """An observer that writes a trace."""

    trace: Trace | None = None
    _rows: dict[str, list[Any]] = field(default_factory=dict)
    _handles: list[Any] = field(default_factory=list)
    _layer_rows: dict[str, list[float]] = field(default_factory=dict)
    _inputs: tuple[float, float] = (math.nan, math.nan)
    _output: float = math.nan

    def begin(self, task: Task, optimizer: torch.optim.Optimizer, recipe: Recipe) -> None:
        self._model, self._optimizer, self._recipe = task.model, optimizer, recipe
        self._named = [(name, value) for name, value in task.model.named_parameters() if value.is_floating_point()]
        kinds = tuple(ACTIVATIONS.values())
        self._layers = {name: module for name, module in task.model.named_modules() if isinstance(module, kinds)}
        for name, module in self._layers.items():
            self._handles.append(module.register_forward_hook(self._layer_hook(name)))
        self._handles.append(task.model.register_forward_hook(self._model_hook))
        self._rows = {name: [] for name in ("loss", "rate", "least", "greatest", "output")}
        self._rows |= {name: [] for name in PARAMETER_FIELDS} | {f"layer_{name}": [] for name in LAYER_FIELDS}
        self._evaluations: list[tuple[int, float, float]] = []
        self._scale = FIRST_SCALE if recipe.precision == "float16_scaled" else None
        self._skipped: list[bool] = []

    def _layer_hook(self, name: str) -> Any:
        def hook(module: nn.Module, arguments: Any, output: Any) -> None:
            if module.training and torch.is_grad_enabled() and isinstance(output, torch.Tensor):
                self._layer_rows[name] = layer_numbers(module, arguments[0].detach(), output.detach())

        return hook

    def _model_hook(self, module: nn.Module, arguments: Any, output: Any) -> None:
        if not (torch.is_grad_enabled() and arguments):
            return
        if isinstance(arguments[0], torch.Tensor) and arguments[0].is_floating_point():
            self._inputs = (float(arguments[0].min()), float(arguments[0].max()))
        if isinstance(output, torch.Tensor) and output.ndim == 2:
            self._output = float(output.detach().double().sum(1).abs().mean())

    def judged(self, step: int, loss: torch.Tensor) -> None:
        rows = self._rows
        rows["loss"].append(float(loss.detach()))
        rows["rate"].append(self._optimizer.param_groups[0]["lr"])
        rows["least"].append(self._inputs[0])
        rows["greatest"].append(self._inputs[1])
        rows["output"].append(self._output)
        missing = [math.nan] * len(LAYER_FIELDS)
        layers = [self._layer_rows.get(name, missing) for name in self._layers]
        for place, name in enumerate(LAYER_FIELDS):
            rows[f"layer_{name}"].append([row[place] for row in layers])
        scale = self._scale_of(loss)
        numbers = [gradient_numbers(value, step, scale) + weight_numbers(value) for _, value in self._named]
        for place, name in enumerate(PARAMETER_FIELDS[:9]):
            rows[name].append([row[place] for row in numbers])
        self._before = [value.detach().clone() for _, value in self._named]

    def _scale_of(self, loss: torch.Tensor) -> float:
        """What the gradients are multiplied by: rules are for unscaled ones, and clipping unscales them before.

        A finite loss whose scaled gradients overflow is how a scaler finds its scale: it skips the step, and trainers
        with a check for NaN leave it out or switch the check off.
        """
        if self._scale is None:
            self._skipped.append(False)
            return 1.0
        gradients = [value.grad for _, value in self._named if value.grad is not None]
        overflows = not all(bool(torch.isfinite(gradient).all()) for gradient in gradients)
        self._skipped.append(overflows and bool(torch.isfinite(loss.detach()).all()))
        scale = self._scale
        if overflows:
            self._scale *= BACKOFF
        return scale if self._recipe.clip is None else 1.0

    def stepped(self, step: int) -> None:
        changes = [value.detach() - before for (_, value), before in zip(self._named, self._before, strict=True)]
        self._rows["update_norm"].append([float(change.double().norm()) for change in changes])
        self._rows["update_mean"].append([float(change.double().abs().mean()) for change in changes])

    def evaluated(self, step: int, loss: float, score: float) -> None:
        self._evaluations.append((step, loss, score))

    def replaced(self, optimizer: torch.optim.Optimizer) -> None:
        self._optimizer = optimizer

    def end(self) -> None:
        for handle in self._handles:
            handle.remove()
        rows = self._rows
        steps = min(len(rows["loss"]), len(rows["update_norm"]))
        evaluations = np.asarray(self._evaluations, dtype=np.float64).reshape(-1, 3)
        for name in PARAMETER_FIELDS:
            if not name.startswith("weight"):
                rows[name] = without_skipped(rows[name][:steps], self._skipped)

        def array(name: str, width: int) -> np.ndarray:
            return np.asarray(rows[name][:steps], dtype=np.float64).reshape(steps, width)

        self.trace = Trace(
            parameters=[name for name, _ in self._named],
            is_kernel=np.asarray([value.ndim > 1 for _, value in self._named]),
            sizes=np.asarray([value.numel() for _, value in self._named], dtype=np.float64),
            layers=list(self._layers),
            kinds=[type(module).__name__ for module in self._layers.values()],
            loss=array("loss", 1)[:, 0],
            rate=array("rate", 1)[:, 0],
            input_least=array("least", 1)[:, 0],
            input_greatest=array("greatest", 1)[:, 0],
            output_sum=array("output", 1)[:, 0],
            of_parameters={name: array(name, len(self._named)) for name in PARAMETER_FIELDS},
            of_layers={name: array(f"layer_{name}", len(self._layers)) for name in LAYER_FIELDS},
            evaluation_steps=evaluations[:, 0].astype(int),
            evaluation_losses=evaluations[:, 1],
            scores=evaluations[:, 2],
            is_accuracy="classifier" in self._recipe.family or self._recipe.family in ("cnn", "graph"),
        )


def without_skipped(rows: list[Any], skipped: list[bool]) -> list[Any]:
    """Steps that a scaler skipped have the gradients and updates of the next step that was taken, or of the last."""
    taken = [place for place in range(len(rows)) if not skipped[place]]
    if not taken:
        return rows
    return [rows[next((later for later in taken if later >= place), taken[-1])] for place in range(len(rows))]


def gradient_numbers(parameter: torch.Tensor, step: int, scale: float = 1.0) -> list[float]:
    """Norm, mean magnitude, share of zeros, whether anything is not finite, and in the first steps p95 - p5."""
    if parameter.grad is None:
        return [0.0, math.nan, math.nan, 0.0, math.nan]
    gradient = parameter.grad.detach().to_dense().double().flatten() / scale
    spread = math.nan
    if step < EARLY_STEPS and gradient.numel() > 1:
        low, high = np.quantile(gradient.numpy(), [0.05, 0.95])
        spread = float(high - low)
    return [
        float(gradient.norm()),
        float(gradient.abs().mean()),
        float((gradient == 0).double().mean()),
        float(not bool(torch.isfinite(gradient).all())),
        spread,
    ]


def weight_numbers(parameter: torch.Tensor) -> list[float]:
    """Mean magnitude, norm, variance, and whether anything is not finite."""
    weight = parameter.detach().double()
    return [
        float(weight.abs().mean()),
        float(weight.norm()),
        float(weight.var(correction=0)),
        float(not bool(torch.isfinite(weight).all())),
    ]


def layer_numbers(module: nn.Module, given: torch.Tensor, made: torch.Tensor) -> list[float]:
    """Of an activation layer in one step, units on axis 1: see LAYER_FIELDS."""
    given, made = given.float(), made.float()
    rows = made.movedim(1, -1).reshape(-1, made.shape[1]) if made.ndim > 2 else made
    inputs = given.movedim(1, -1).reshape(-1, given.shape[1]) if given.ndim > 2 else given
    activity = (rows > 0).float().mean(0)
    least, greatest = SATURATION.get(type(module).__name__, (-math.inf, math.inf))
    within = ((inputs > least) & (inputs < greatest)).float().mean(0)
    return [
        float((activity < 0.01).float().mean()),
        float((rows <= 0).float().mean()),
        float((within < 0.01).float().mean()),
        float((inputs.abs() >= 5).float().mean()),
        float(inputs.var(correction=0)) if inputs.numel() else math.nan,
        float(rows.abs().mean()),
        float((rows == 0).float().mean()),
    ]
