"""Faults of the data: their scale, their labels, their batches."""

from __future__ import annotations

from .kind import STARVED, UNSTABLE, Kind, Setting

_DIABETES = {"target_scale": 77.0, "target_offset": 152.0}

KINDS = (
    Kind(
        "inputs_not_normalised",
        ("unscaled_input", "feature_scale"),
        (*UNSTABLE, *STARVED, "negative_bias", "learning_rate_too_high"),
        (
            Setting("wine", {"normalises": False}),
            Setting("wine_sgd", {"normalises": False}),
            Setting("cancer", {"normalises": False}),
            Setting("diabetes", {"normalises": False}),
            Setting("cnn_mnist_plain", {"normalises": False}),
            Setting("graph", {"normalises": False}),
        ),
    ),
    Kind(
        "one_feature_1000x",
        ("unscaled_input", "feature_scale"),
        (*UNSTABLE, *STARVED, "negative_bias", "learning_rate_too_high"),
        (
            Setting("wine_sgd", {"feature_factor": 1000.0}),
            Setting("cancer", {"feature_factor": 1000.0}),
            Setting("digits_sgd", {"feature_factor": 1000.0}, {"feature": 20}),
            Setting("concavity", {"feature_factor": 1000.0}),
        ),
    ),
    Kind(
        "targets_unscaled",
        ("unscaled_target",),
        (*UNSTABLE, *STARVED, "negative_bias", "learning_rate_too_high", "learning_rate_too_low"),
        (
            Setting("diabetes", _DIABETES),
            Setting("concavity_sgd", {"target_scale": 1000.0, "target_offset": 2000.0}),
            Setting("gru_charge", {"target_scale": 200.0, "target_offset": 1000.0}),
            Setting("number", {"target_scale": 1000.0, "target_offset": 5000.0}),
        ),
    ),
    Kind(
        "labels_shuffled",
        ("unrelated_targets",),
        ("overfitting", "plateau", "noise_dominated"),
        (
            Setting("digits", {"labels": "shuffled"}),
            Setting("cnn_digits", {"labels": "shuffled"}),
            Setting("gru", {"labels": "shuffled"}),
            Setting("diabetes", {"labels": "shuffled"}),
            Setting("transformer_prose", {"labels": "shuffled"}),
        ),
    ),
    Kind(
        "labels_off_by_one",
        ("target_mismatch",),
        ("overfitting",),
        (
            Setting("digits", {"labels": "off_by_one"}),
            Setting("cnn_norm", {"labels": "off_by_one"}),
            Setting("graph", {"labels": "off_by_one"}),
            Setting("transformer_prose", {"labels": "off_by_one"}),
        ),
    ),
    Kind(
        "bad_batch",
        ("bad_batch",),
        (*UNSTABLE, *STARVED, "learning_rate_too_high", "negative_bias", "weights_lost", "unscaled_input"),
        (
            Setting("digits_sgd", {"bad_batch_at": 120}, onset=120),
            Setting("cnn_digits", {"bad_batch_at": 90}, onset=90),
            Setting("concavity", {"bad_batch_at": 150}, onset=150),
            Setting("autoencoder", {"bad_batch_at": 160}, onset=160),
        ),
    ),
    Kind(
        "repeated_batch",
        ("repeated_batch",),
        ("overfitting", "plateau", "tiny_gradient"),
        (
            Setting("digits", {"repeats_batch": True}),
            Setting("cnn_norm", {"repeats_batch": True}),
            Setting("transformer", {"repeats_batch": True}),
            Setting("autoencoder", {"repeats_batch": True}),
        ),
    ),
)
