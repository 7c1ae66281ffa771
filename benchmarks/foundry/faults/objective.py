"""Faults of the output and the loss."""

from __future__ import annotations

from .kind import STARVED, UNSTABLE, Kind, Setting

KINDS = (
    Kind(
        "relu_at_the_output",
        ("output_activation",),
        (*STARVED, "negative_bias", "learning_rate_too_high"),
        (
            Setting("concavity", {"output": "relu"}),
            Setting("diabetes", {"output": "relu"}),
            Setting("gru_charge", {"output": "relu"}),
            Setting("digits", {"output": "relu"}, {"init": "he", "lr": 2e-2}),
        ),
    ),
    Kind(
        "softmax_on_one_unit",
        ("output_activation",),
        STARVED,
        (
            Setting("cancer_probability", {"output": "softmax"}),
            Setting("cancer_probability", {"output": "softmax"}, {"optimizer": "sgd", "lr": 0.05}),
            Setting("gru", {"output": "softmax"}, {"outputs": 1, "loss": "bce", "output": "sigmoid"}),
        ),
    ),
    Kind(
        "softmax_before_cross_entropy",
        ("output_activation",),
        STARVED,
        (
            Setting("digits_sgd", {"output": "softmax"}),
            Setting("cnn_sgd", {"output": "softmax"}),
            Setting("graph_sgd", {"output": "softmax"}),
        ),
    ),
    Kind(
        "wrong_loss",
        ("wrong_loss",),
        (*STARVED, *UNSTABLE, "plateau", "overfitting"),
        (
            Setting("digits", {"loss": "mse_of_labels"}),
            Setting("concavity", {"loss": "bce_logits"}),
            Setting("diabetes", {"loss": "cross_entropy"}),
            Setting("cnn_digits", {"loss": "nll"}),
        ),
    ),
    Kind(
        "summed_loss",
        ("summed_loss",),
        (*UNSTABLE, *STARVED, "learning_rate_too_high", "negative_bias"),
        (
            Setting("digits_sgd", {"reduction": "sum"}, {"batch_size": 64}),
            Setting("cnn_sgd", {"reduction": "sum"}, {"batch_size": 64}),
            Setting("concavity_sgd", {"reduction": "sum"}, {"batch_size": 128}),
            Setting("graph_sgd", {"reduction": "sum"}),
        ),
    ),
    Kind(
        "broadcast_loss",
        ("broadcast_loss",),
        ("plateau", "noise_dominated"),
        (
            Setting("concavity", {"broadcasts": True}),
            Setting("diabetes", {"broadcasts": True}),
            Setting("gru_charge", {"broadcasts": True}),
            Setting("number", {"broadcasts": True}),
        ),
    ),
    Kind(
        "wrong_sign",
        ("gradient_ascent",),
        (*UNSTABLE, "learning_rate_too_high", "logit_growth"),
        (
            Setting("digits", {"loss_sign": -1}),
            Setting("cnn_sgd", {"loss_sign": -1}),
            Setting("gru_charge", {"loss_sign": -1}),
            Setting("transformer", {"loss_sign": -1}),
        ),
    ),
)
