"""Faults of the net: depth, norms, dropout, attention, what is cut off."""

from __future__ import annotations

from .kind import STARVED, UNSTABLE, Kind, Setting

KINDS = (
    Kind(
        "deep_plain_net",
        ("vanishing_gradient", "small_initialisation"),
        STARVED,
        (
            Setting("deep_digits", {"norm": "none"}),
            Setting("deep_layer_norm", {"norm": "none", "residual": False}),
            Setting("deep_digits", {"norm": "none", "activation": "sigmoid"}),
        ),
    ),
    Kind(
        "detached_branch",
        ("missing_gradient",),
        ("frozen_parameter", "plateau", "zero_gradient"),
        (
            Setting("digits", {"detaches": True}, {"width": 12}),
            Setting("gru_charge", {"detaches": True}),
            Setting("mirror", {"detaches": True}),
            Setting("autoencoder", {"detaches": True}),
            Setting("graph", {"detaches": True}, {"width": 12}),
        ),
    ),
    Kind(
        "batch_norm_of_one",
        ("batch_of_one",),
        (
            *UNSTABLE,
            "overfitting",
            "batch_dependence",
            "batch_blinding",
            "batch_shortcut",
            "noise_dominated",
            "plateau",
        ),
        (
            Setting("cnn_norm", {"batch_size": 1}),
            Setting("cnn_mnist", {"batch_size": 1}),
            Setting("cnn_norm", {"batch_size": 1, "accumulation": 8}),
        ),
    ),
    Kind(
        "trained_in_evaluation_mode",
        ("evaluation_mode",),
        (*STARVED, *UNSTABLE, "small_initialisation"),
        (
            Setting("deep_digits", {"mode": "eval_always"}),
            Setting("cnn_norm", {"mode": "eval_always"}, {"depth": 5, "init": "small", "init_deviation": 0.02}),
            Setting("deep_digits", {"mode": "eval_always"}, {"depth": 6, "init": "small", "init_deviation": 0.02}),
        ),
    ),
    Kind(
        "evaluated_in_training_mode",
        ("evaluation_mode",),
        ("overfitting", "batch_dependence"),
        (
            Setting("digits", {"mode": "train_always"}, {"dropout": 0.6, "width": 96}),
            Setting("cnn_norm", {"mode": "train_always"}, {"dropout": 0.4, "width": 24}),
            Setting("number", {"mode": "train_always"}, {"dropout": 0.5, "width": 128}),
        ),
    ),
    Kind(
        "dropout_too_strong",
        ("dropout_too_strong",),
        ("plateau", "noise_dominated", *STARVED),
        (
            Setting("digits", {"dropout": 0.95}),
            Setting("cnn_digits", {"dropout": 0.9}),
            Setting("transformer", {"dropout": 0.98}),
            Setting("graph", {"dropout": 0.98}),
        ),
    ),
    Kind(
        "attention_logits_growing",
        ("logit_growth",),
        (*UNSTABLE, *STARVED, "attention_collapse", "large_initialisation", "learning_rate_too_high"),
        (
            Setting("mirror", {"logit_factor": 50.0}),
            Setting("mirror", {"logit_factor": 100.0}, {"attention": "scaled_dot_product"}),
            Setting("mirror", {"query_key_gain": 10.0}),
        ),
    ),
)
