"""Healthy programs of many kinds: drawn at random, from a fixed seed, out of what sensible authors choose.

Whether one is healthy is not taken for granted: it has to reach a stated share of the best score known for its data
(`verdict_on`), else it is left out, with the reason.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

from . import split
from .bases import ADVERSARIAL
from .program import Program
from .recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

#: What is drawn; of these some are left out, and at least 300 have to remain.
COUNT = 380
#: Of the best known score (less that of guessing), which a healthy program reaches at least at its best evaluation,
LEAST_SHARE = 0.75
#: and keeps at its last.
LEAST_KEPT = 0.65

#: By family and data: the score of guessing, and the best known for nets of this kind and so few steps.
KNOWN_SCORES: dict[tuple[str, str], tuple[float, float]] = {
    ("mlp_classifier", "digits"): (0.1, 0.98),
    ("mlp_classifier", "wine"): (0.4, 1.0),
    ("mlp_classifier", "breast_cancer"): (0.63, 0.98),
    ("mlp_classifier", "iris"): (0.33, 0.97),
    ("mlp_regressor", "diabetes"): (0.0, 0.48),
    ("mlp_regressor", "concavity"): (0.0, 0.97),
    ("mlp_regressor", "digits"): (0.0, 0.92),
    ("cnn", "digits"): (0.1, 0.99),
    ("cnn", "mnist"): (0.1, 0.96),
    ("recurrent", "peptides"): (0.5, 0.87),
    ("recurrent", "charge"): (0.0, 0.99),
    ("recurrent_prose", "prose"): (0.15, 0.47),
    ("transformer", "peptides"): (0.5, 0.89),
    ("transformer", "charge"): (0.0, 0.99),
    ("transformer_prose", "prose"): (0.15, 0.42),
    ("transformer_mirror", "peptides"): (0.1, 1.0),
    ("graph", "cora"): (0.3, 0.89),
    ("autoencoder", "digits"): (0.0, 0.74),
    ("autoencoder", "mnist"): (0.0, 0.6),
    ("variational", "digits"): (0.0, 0.68),
    ("adversarial", "ring"): (0.0, 0.9),
    ("adversarial", "plane"): (0.0, 0.95),
    ("self_training", "digits"): (0.1, 0.92),
}
#: Their targets are wrong in part, or their data few: the best that can be had is less.
HANDICAPS = {"noisy": 0.9, "few": 0.85, "imbalanced": 0.95}


class _Draw(random.Random):
    """Choices of an author."""

    def optimizer(self, adam: float, sgd: float) -> dict[str, Any]:
        """An optimizer with a rate near the best one, or to either side of it. adam, sgd: the best of each."""
        kind = self.choice(
            ["sgd", "sgd_plain", "adam", "adam", "adamw", "adamw", "nadam", "radam", "rmsprop", "adagrad"]
        )
        factor = self.choice([0.4, 0.7, 1.0, 1.0, 1.5])
        if kind == "sgd_plain":
            return {"optimizer": "sgd", "momentum": 0.0, "lr": 5 * sgd * factor}
        if kind == "sgd":
            return {"optimizer": "sgd", "lr": sgd * factor, "weight_decay": self.choice([0.0, 0.0, 1e-4, 1e-3])}
        if kind == "adagrad":
            return {"optimizer": kind, "lr": 5 * adam * factor}
        if kind == "rmsprop":
            return {"optimizer": kind, "lr": 0.4 * adam * factor, "momentum": self.choice([0.0, 0.9])}
        decay = self.choice([0.0, 1e-2, 1e-1]) if kind == "adamw" else self.choice([0.0, 0.0, 1e-4])
        return {"optimizer": kind, "lr": adam * factor, "weight_decay": decay}

    def common(self) -> dict[str, Any]:
        """What any program may do."""
        choices: dict[str, Any] = {"schedule": self.choice(["constant", "constant", "cosine", "one_cycle", "warm_up"])}
        choices["clip"] = self.choice([None, None, None, 1.0, 5.0])
        if self.random() < 0.12:
            choices["accumulation"] = self.choice([2, 4])
        choices["precision"] = self.choice(["float32"] * 5 + ["float64", "bfloat16", "float16_scaled"])
        return choices

    def labels(self) -> dict[str, Any]:
        """What classifiers may be given."""
        return self.choice([{}, {}, {}, {}, {"noisy": 0.1}, {"imbalanced": True}, {"label_smoothing": 0.1}])


def _table(draw: _Draw) -> Recipe:
    data = draw.choice(["digits", "digits", "digits", "wine", "breast_cancer", "iris"])
    is_small = data != "digits"
    depth = draw.choice([1, 2, 2, 3, 4, 6, 8, 12])
    choices: dict[str, Any] = {
        "depth": depth,
        "width": draw.choice([24, 32, 64, 128]),
        "activation": draw.choice(["relu", "relu", "relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid"]),
        "batch_size": draw.choice([8, 16, 32, 32, 64, 128, 4096] if is_small else [4, 16, 32, 32, 64, 256]),
        "steps": 200 if is_small else 300,
        "dropout": draw.choice([0.0, 0.0, 0.1, 0.3, 0.5]) if depth < 4 else 0.0,
        "norm": draw.choice(["none", "batch", "layer"]),
        **draw.optimizer(3e-3, 0.03),
        **draw.labels(),
        **draw.common(),
    }
    if depth >= 4:
        choices.update(
            draw.choice([{"norm": "batch"}, {"norm": "layer", "residual": True}, {"init": "he", "norm": "none"}])
        )
        choices["activation"] = draw.choice(["relu", "gelu", "leaky_relu"])
    elif choices["activation"] in ("tanh", "sigmoid"):
        choices["init"] = "xavier"
    if choices["norm"] == "batch":
        choices["batch_size"] = max(choices["batch_size"], 16)
    if draw.random() < 0.15:
        choices["zeroes_last"] = True
    if draw.random() < 0.1 and depth <= 3:
        # A bias that makes units sparse, and no more.
        choices.update(width=128, hidden_bias=-0.3, activation="relu", norm="none")
    if draw.random() < 0.08 and data == "digits":
        choices.update(few=200, batch_size=32)
    if draw.random() < 0.08 and depth in (2, 3):
        # Fine-tuning: random features below, wide enough, are left as they are.
        choices.update(fixed=("0.",), width=128)
    if data == "breast_cancer" and draw.random() < 0.5:
        choices.update(outputs=1, loss="bce_logits", label_smoothing=0.0)
    return Recipe("mlp_classifier", data=data).changed(**choices)


def _regression(draw: _Draw) -> Recipe:
    return Recipe("mlp_regressor", data=draw.choice(["diabetes", "concavity", "digits"])).changed(
        depth=draw.choice([1, 2, 3]),
        width=draw.choice([16, 32, 64]),
        activation=draw.choice(["relu", "relu", "gelu", "silu", "tanh", "elu"]),
        norm=draw.choice(["none", "none", "layer"]),
        batch_size=draw.choice([16, 32, 64, 128]),
        dropout=draw.choice([0.0, 0.0, 0.1]),
        loss=draw.choice(["own", "own", "l1", "huber"]),
        **draw.optimizer(3e-3, 0.01),
        **draw.common(),
    )


def _image(draw: _Draw) -> Recipe:
    data = draw.choice(["digits", "digits", "mnist"])
    depth = draw.choice([2, 2, 3, 4])
    choices: dict[str, Any] = {
        "depth": depth,
        "width": 8 if data == "mnist" else draw.choice([8, 16, 24]),
        "steps": 150 if data == "mnist" else 200,
        "norm": "batch" if depth > 2 else draw.choice(["none", "batch", "batch", "layer"]),
        "has_bias": draw.choice([True, True, False]),
        "residual": depth > 2 and draw.random() < 0.5,
        "activation": draw.choice(["relu", "relu", "gelu", "silu", "leaky_relu"]),
        "batch_size": draw.choice([16, 32, 32, 64]),
        "dropout": draw.choice([0.0, 0.0, 0.1, 0.2]),
        **draw.optimizer(5e-3, 0.03),
        **draw.labels(),
        **draw.common(),
    }
    return Recipe("cnn", data=data).changed(**choices)


def _plain(choices: dict[str, Any]) -> dict[str, Any]:
    """Without what CPUs do in half precision only for some kernels, and slowly."""
    return {**choices, "precision": "float32" if choices["precision"] == "float16_scaled" else choices["precision"]}


def _recurrent(draw: _Draw) -> Recipe:
    common = {**_plain(draw.common()), "accumulation": 1}
    if common["precision"] == "bfloat16":
        common["precision"] = "float32"
    if draw.random() < 0.25:
        return Recipe("recurrent_prose", data="prose", width=48, depth=1, steps=150).changed(
            cell=draw.choice(["gru", "lstm"]), ties=draw.random() < 0.4, **draw.optimizer(1e-2, 0.5), **common
        )
    is_charge = draw.random() < 0.5
    return Recipe("recurrent", data="peptides", steps=150 if is_charge else 250).changed(
        is_regression=is_charge,
        cell=draw.choice(["gru", "gru", "lstm", "rnn"]) if is_charge else "gru",
        width=draw.choice([24, 32]),
        depth=1,
        batch_size=draw.choice([32, 64]),
        fixed=("embedding",) if draw.random() < 0.15 else (),
        **{**draw.optimizer(1e-2, 0.1), **common, "schedule": draw.choice(["constant", "warm_up"])},
    )


def _transformer(draw: _Draw) -> Recipe:
    common = {**_plain(draw.common()), "accumulation": 1}
    family = draw.choice(["transformer", "transformer", "transformer_prose", "transformer_mirror"])
    choices: dict[str, Any] = {
        "width": 48 if family == "transformer_prose" else 32,
        "depth": draw.choice([1, 2]),
        "norm": "layer",
        "norm_place": draw.choice(["pre", "pre", "post"]),
        "attention": draw.choice(["softmax", "scaled_dot_product", "multihead"]),
        "activation": draw.choice(["gelu", "relu", "silu"]),
        "steps": 200 if family == "transformer_mirror" else 150,
        "batch_size": draw.choice([16, 32]),
        "dropout": draw.choice([0.0, 0.0, 0.1]) if family != "transformer_mirror" else 0.0,
        **common,
        "optimizer": draw.choice(["adam", "adamw", "adamw", "nadam", "radam"]),
        "lr": 3e-3 * draw.choice([0.5, 1.0, 2.0]),
        "weight_decay": draw.choice([0.0, 1e-2]),
    }
    if choices["optimizer"] in ("adam", "nadam", "radam"):
        choices["weight_decay"] = 0.0
    if choices["norm_place"] == "post":
        choices["schedule"] = "warm_up"
    if family == "transformer":
        choices["is_regression"] = draw.random() < 0.4
    if family == "transformer_prose":
        choices["ties"] = draw.random() < 0.4
    return Recipe(family, data="prose" if family == "transformer_prose" else "peptides").changed(**choices)


def _graph(draw: _Draw) -> Recipe:
    return Recipe("graph", data="cora", depth=1).changed(
        width=draw.choice([16, 32, 64]),
        activation=draw.choice(["relu", "elu", "tanh"]),
        norm=draw.choice(["none", "none", "layer", "batch"]),
        dropout=draw.choice([0.0, 0.3, 0.5]),
        steps=100,
        **draw.labels(),
        **{**draw.optimizer(1e-2, 0.3), **_plain(draw.common()), "accumulation": 1, "precision": "float32"},
    )


def _autoencoder(draw: _Draw) -> Recipe:
    is_variational = draw.random() < 0.4
    family = "variational" if is_variational else "autoencoder"
    data = "digits" if is_variational else draw.choice(["digits", "digits", "mnist"])
    common = draw.common() if not is_variational else {**_plain(draw.common()), "clip": None}
    return Recipe(family, data=data, depth=1, steps=400 if data == "digits" else 250).changed(
        width=draw.choice([64, 96, 128]),
        code=draw.choice([8, 8, 12]) if data == "digits" else 16,
        activation=draw.choice(["relu", "elu", "gelu", "silu"]),
        batch_size=draw.choice([32, 64]),
        **{
            **common,
            "optimizer": draw.choice(["adam", "adamw", "nadam", "radam"]),
            "lr": draw.choice([3e-3, 5e-3, 7e-3]),
            "schedule": draw.choice(["constant", "cosine"]),
        },
    )


def _adversarial(draw: _Draw) -> Recipe:
    data = draw.choice(["ring", "plane"])
    return Recipe("adversarial", data=data, steps=900 if data == "ring" else 700).changed(
        **{**ADVERSARIAL, "lr": draw.choice([2e-3, 3e-3, 4e-3]), "width": draw.choice([48, 64])}
    )


def _self_training(draw: _Draw) -> Recipe:
    return Recipe("self_training", data="digits").changed(
        known=draw.choice([100, 150, 200]),
        gate=draw.choice([0.9, 0.95, 0.98]),
        augmentation=draw.choice([0.1, 0.3, 0.5]),
        width=draw.choice([48, 64, 96]),
        dropout=draw.choice([0.0, 0.2]),
        **draw.optimizer(2e-3, 0.03),
        clip=draw.choice([None, 5.0]),
    )


#: Families and their shares of all programs.
_SHARES: tuple[tuple[Callable[[_Draw], Recipe], int], ...] = (
    (_table, 38),
    (_regression, 16),
    (_image, 14),
    (_recurrent, 7),
    (_transformer, 8),
    (_graph, 5),
    (_autoencoder, 6),
    (_adversarial, 3),
    (_self_training, 3),
)


def healthy_programs(count: int = COUNT) -> list[Program]:
    """Programs drawn from a fixed seed, those of the test half from one of their own."""
    draw, test_draw = _Draw(20240229), _Draw(20240229 + split.TEST_SEED)
    makers = [make for make, share in _SHARES for _ in range(share)]
    found: list[Program] = []
    for number in range(count):
        # In turn, so that the first of them are of all families too.
        make = makers[(number * 37) % len(makers)]
        recipe, other = make(draw), make(test_draw)
        half = split.of_healthy(f"healthy/{recipe.family}.{recipe.data}/{number}")
        if half == split.TEST:
            recipe, number = other, number + split.TEST_SEED
        name = f"healthy/{recipe.family}.{recipe.data}/{number}"
        found.append(Program(name, "healthy", recipe.changed(seed=number), None, half))
    return found


def verdict_on(program: Program, course: dict[str, Any]) -> str:
    """Why a program is not healthy after all; "" where it is."""
    recipe = program.recipe
    data = "charge" if recipe.get("is_regression") and recipe.family in ("recurrent", "transformer") else recipe.data
    guess, best = KNOWN_SCORES[recipe.family, data]
    handicap = math.prod(factor for name, factor in HANDICAPS.items() if recipe.get(name))
    scores = course["scores"]
    if course["failure"]:
        return f"failed: {course['failure'][:60]}"
    if not scores or not all(map(math.isfinite, [*scores, course["losses"][-1]])):
        return "not finite"
    reachable = (best - guess) * handicap
    if max(scores) - guess < LEAST_SHARE * reachable:
        return "score too low"
    return "score lost again" if scores[-1] - guess < LEAST_KEPT * reachable else ""
