"""The training loop of every program, and those that look on."""

from __future__ import annotations

import contextlib
import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import torch

from .task import EVALUATION_INTERVAL, Task, family, scaled_inputs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .recipe import Recipe


class Observer(Protocol):
    """Someone who looks on without changing anything."""

    def begin(self, task: Task, optimizer: torch.optim.Optimizer, recipe: Recipe) -> None: ...
    def judged(self, step: int, loss: torch.Tensor) -> None:
        """After the backward pass, before the optimizer's step."""

    def stepped(self, step: int) -> None:
        """After the optimizer's step."""

    def evaluated(self, step: int, loss: float, score: float) -> None: ...
    def replaced(self, optimizer: torch.optim.Optimizer) -> None:
        """A new optimizer goes on with the same weights."""

    def end(self) -> None: ...


@dataclass
class Course:
    """How a run went, whoever looked on."""

    losses: list[float] = field(default_factory=list)
    evaluation_steps: list[int] = field(default_factory=list)
    evaluation_losses: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    #: What ended it early, as a program that crashes; empty where nothing did.
    failure: str = ""


def make_optimizer(recipe: Recipe, model: torch.nn.Module) -> torch.optim.Optimizer:
    """The optimizer of a recipe over all parameters but those of modules that it leaves out.

    A program that fine-tunes leaves out what it freezes (`fixed`); one that forgets a layer leaves it out too
    (`forgotten`), though its parameters require a gradient. What is `frozen` by mistake was given to the optimizer.
    """
    fixed, forgotten = tuple(recipe.get("fixed", ())), tuple(recipe.get("forgotten", ()))
    parameters = []
    for name, parameter in model.named_parameters():
        if fixed and name.startswith(fixed):
            parameter.requires_grad_(False)
        elif not (forgotten and name.startswith(forgotten)):
            parameters.append(parameter)
    common: dict[str, Any] = {"lr": recipe.lr, "weight_decay": recipe.weight_decay}
    kinds = torch.optim
    if recipe.optimizer == "sgd":
        return kinds.SGD(parameters, momentum=recipe.momentum, **common)
    if recipe.optimizer == "rmsprop":
        return kinds.RMSprop(parameters, momentum=recipe.momentum * 0.5, **common)
    if recipe.optimizer == "adagrad":
        return kinds.Adagrad(parameters, **common)
    kind = {"adam": kinds.Adam, "adamw": kinds.AdamW, "nadam": kinds.NAdam, "radam": kinds.RAdam}[recipe.optimizer]
    betas = recipe.get("betas", (0.9, 0.999))
    return kind(parameters, eps=recipe.epsilon, betas=betas, **common)


def rate(recipe: Recipe, step: int) -> float:
    """The learning rate's factor at a step of a schedule."""
    share = step / max(recipe.steps - 1, 1)
    if recipe.schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * share)) * 0.99 + 0.01
    if recipe.schedule == "step":
        return 0.1 ** int(share * 3)
    if recipe.schedule == "warm_up":
        return min(1.0, (step + 1) / 30)
    if recipe.schedule == "one_cycle":
        return 0.04 + 0.96 * (share / 0.3 if share < 0.3 else 0.5 * (1 + math.cos(math.pi * (share - 0.3) / 0.7)))
    return 1.0


def _batches(task: Task, recipe: Recipe) -> Iterator[Any]:
    batches = task.batches()
    if recipe.repeats_batch:
        first = next(batches)
        batches = itertools.repeat(first)
    for step, batch in enumerate(batches):
        is_bad = recipe.bad_batch_at is not None and step // recipe.accumulation == recipe.bad_batch_at
        yield scaled_inputs(batch, recipe.bad_batch_factor) if is_bad else batch


def _autocast(recipe: Recipe) -> Any:
    kinds = {"bfloat16": torch.bfloat16, "float16_scaled": torch.float16, "float16_unscaled": torch.float16}
    if recipe.precision in kinds:
        return torch.autocast("cpu", dtype=kinds[recipe.precision])
    return contextlib.nullcontext()


def run(recipe: Recipe, observers: Sequence[Observer]) -> Course:
    """Trains one program from its seed to its end, or to where it crashes."""
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(1)
    task = family(recipe)
    optimizer = make_optimizer(recipe, task.model)
    for name, parameter in task.model.named_parameters():
        if recipe.frozen and name.startswith(recipe.frozen):
            parameter.requires_grad_(False)
    scaler = torch.amp.GradScaler("cpu", enabled=recipe.precision == "float16_scaled")
    course = Course()
    for observer in observers:
        observer.begin(task, optimizer, recipe)
    try:
        _train(recipe, task, optimizer, scaler, observers, course)
    except (RuntimeError, ValueError, IndexError) as error:
        course.failure = f"{type(error).__name__}: {error}"
    for observer in observers:
        observer.end()
    return course


def _train(
    recipe: Recipe,
    task: Task,
    optimizer: torch.optim.Optimizer,
    scaler: Any,
    observers: Sequence[Observer],
    course: Course,
) -> None:
    model, batches = task.model, _batches(task, recipe)
    for step in range(recipe.steps):
        model.train(recipe.mode != "eval_always")
        for group in optimizer.param_groups:
            group["lr"] = recipe.lr * rate(recipe, step)
        if step == recipe.loses_state_at:
            optimizer = make_optimizer(recipe, model)
            for observer in observers:
                observer.replaced(optimizer)
        total = 0.0
        for _ in range(recipe.accumulation):
            with _autocast(recipe):
                loss = recipe.loss_sign * task.loss(next(batches))
                if recipe.get("loss_factor"):
                    # Of one term among several, or of a mean over very many elements.
                    loss = recipe.get("loss_factor") * loss
            scaler.scale(loss / recipe.accumulation).backward()
            total += float(loss.detach()) / recipe.accumulation
        course.losses.append(total)
        if recipe.clip is not None:
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        for observer in observers:
            observer.judged(step, loss)
        if recipe.takes_steps:
            scaler.step(optimizer)
            scaler.update()
        for observer in observers:
            observer.stepped(step)
        if recipe.clears_gradients:
            optimizer.zero_grad()
        if (step + 1) % EVALUATION_INTERVAL == 0:
            _evaluate(recipe, task, step, observers, course)


def _evaluate(recipe: Recipe, task: Task, step: int, observers: Sequence[Observer], course: Course) -> None:
    task.model.train(recipe.mode == "train_always")
    with torch.no_grad():
        loss, score = task.evaluate()
    course.evaluation_steps.append(step)
    course.evaluation_losses.append(loss)
    course.scores.append(score)
    for observer in observers:
        observer.evaluated(step, loss, score)
