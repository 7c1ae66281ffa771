"""Faults of the optimizer: its rate, its decay, its precision, its state."""

from __future__ import annotations

from typing import Any

from .kind import STARVED, UNSTABLE, Kind, Setting

_THROWN = (*UNSTABLE, *STARVED, "negative_bias", "logit_growth", "attention_collapse", "weights_lost")
_SCALED: dict[str, Any] = {"precision": "float16_scaled", "epsilon": 1e-15}

KINDS = (
    Kind(
        "learning_rate_far_too_high",
        ("learning_rate_too_high",),
        _THROWN,
        (
            Setting("digits_sgd", {"lr": 20.0}),
            Setting("concavity_sgd", {"lr": 3.0}),
            Setting("cnn_digits", {"lr": 1.0}),
            Setting("transformer", {"lr": 1.0}),
            Setting("gru_prose", {"lr": 3.0}),
        ),
    ),
    Kind(
        "learning_rate_too_high",
        ("learning_rate_too_high",),
        _THROWN,
        (
            Setting("digits_sgd", {"lr": 1.0}),
            Setting("cnn_digits", {"lr": 0.1}),
            Setting("transformer", {"lr": 0.1}),
            Setting("graph", {"lr": 1.0}),
            Setting("autoencoder", {"lr": 0.2}),
        ),
    ),
    Kind(
        "learning_rate_too_low",
        ("learning_rate_too_low",),
        ("plateau", "tiny_gradient", "missing_optimizer_step"),
        (
            Setting("digits_sgd", {"lr": 5e-5}),
            Setting("cnn_digits", {"lr": 3e-6}),
            Setting("gru", {"lr": 1e-5}),
            Setting("concavity", {"lr": 2e-6}),
            Setting("transformer_prose", {"lr": 3e-6}),
        ),
    ),
    Kind(
        "weight_decay_too_strong",
        ("weight_decay_too_strong",),
        (*STARVED, "plateau", "small_initialisation"),
        (
            Setting("digits", {"weight_decay": 30.0}, {"optimizer": "adamw"}),
            Setting("digits_sgd", {"weight_decay": 0.3}),
            Setting("cnn_digits", {"weight_decay": 1.0}),
            Setting("transformer", {"weight_decay": 30.0}, {"optimizer": "adamw"}),
        ),
    ),
    Kind(
        "float16_without_scaling",
        ("range_underflow", "range_overflow"),
        (*UNSTABLE, *STARVED),
        (
            # Means over very many elements: gradients below what float16 holds.
            Setting("digits", {"precision": "float16_unscaled"}, {**_SCALED, "loss_factor": 1e-6}),
            Setting("autoencoder_mnist", {"precision": "float16_unscaled"}, {**_SCALED, "loss_factor": 1e-4}),
            # All in float16: Adam's second moment underflows, and so does its epsilon.
            Setting("variational", {"precision": "float16"}, accepted=("optimizer_epsilon",)),
            Setting("cnn_digits", {"precision": "float16"}, accepted=("optimizer_epsilon",)),
        ),
    ),
    Kind(
        "adam_epsilon_too_small",
        ("optimizer_epsilon",),
        UNSTABLE,
        (
            Setting("digits", {"epsilon": 1e-46}),
            Setting("autoencoder", {"epsilon": 1e-46}, {"optimizer": "adamw"}),
            Setting("gru_prose", {"epsilon": 1e-46}),
            Setting("graph", {"epsilon": 1e-46}, {"feature": 3, "feature_factor": 0.0}),
        ),
    ),
    Kind(
        "optimizer_state_lost",
        ("optimizer_state_lost",),
        ("weights_lost", "bad_batch", *UNSTABLE),
        (
            Setting("digits", {"loses_state_at": 220}, {"optimizer": "adagrad", "lr": 0.05}, onset=220),
            Setting("concavity", {"loses_state_at": 200}, {"lr": 1e-2}, onset=200),
            Setting("tanh_digits", {"loses_state_at": 200}, {"optimizer": "adagrad", "lr": 0.05}, onset=200),
            Setting("wine", {"loses_state_at": 120}, {"optimizer": "adagrad", "lr": 0.05}, onset=120),
        ),
    ),
    Kind(
        "tiny_clip",
        ("clipping_rules",),
        ("plateau", "learning_rate_too_low"),
        (
            Setting("digits_sgd", {"clip": 1e-3}),
            Setting("cnn_sgd", {"clip": 1e-3}),
            Setting("concavity_sgd", {"clip": 1e-3}),
            Setting("graph_sgd", {"clip": 1e-3}),
        ),
    ),
)
