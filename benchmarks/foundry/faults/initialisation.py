"""Faults of the first weights and biases."""

from __future__ import annotations

from .kind import STARVED, UNSTABLE, Kind, Setting

KINDS = (
    Kind(
        "zero_initialisation",
        ("small_initialisation", "constant_initialisation"),
        STARVED,
        (
            Setting("digits", {"init": "zero"}),
            Setting("cnn_digits", {"init": "zero"}),
            Setting("concavity", {"init": "zero"}),
            Setting("autoencoder", {"init": "zero"}),
        ),
    ),
    Kind(
        "constant_initialisation",
        ("constant_initialisation",),
        (*STARVED, "rank_collapse"),
        (
            Setting("digits", {"init": "constant"}),
            Setting("cnn_digits", {"init": "constant"}),
            Setting("tanh_digits", {"init": "constant"}),
            Setting("autoencoder", {"init": "constant"}),
        ),
    ),
    Kind(
        "small_initialisation",
        ("small_initialisation",),
        STARVED,
        (
            Setting("digits_sgd", {"init": "small"}),
            Setting("cnn_sgd", {"init": "small"}),
            Setting("digits", {"init": "small"}, {"depth": 5, "init": "he"}),
            Setting("graph_sgd", {"init": "small", "init_deviation": 1e-4}),
        ),
    ),
    Kind(
        "large_initialisation",
        ("large_initialisation",),
        (*UNSTABLE, *STARVED, "logit_growth", "learning_rate_too_high"),
        (
            Setting("digits", {"init": "large"}),
            Setting("cnn_digits", {"init": "large"}),
            Setting("transformer", {"init": "large", "init_deviation": 1.0}),
            Setting("concavity", {"init": "large"}),
        ),
    ),
    Kind(
        "dying_relu",
        ("negative_bias",),
        STARVED,
        (
            Setting("digits", {"hidden_bias": -3.0}),
            Setting("concavity", {"hidden_bias": -3.0}),
            Setting("cnn_digits", {"hidden_bias": -4.0}),
            Setting("autoencoder", {"hidden_bias": -2.0}),
        ),
    ),
    Kind(
        "saturated_sigmoid",
        ("saturation",),
        STARVED,
        (
            *(
                Setting(base, {"init": "large", "init_deviation": 5.0}, accepted=("large_initialisation",))
                for base in ("sigmoid_digits", "tanh_digits", "rnn_charge")
            ),
            Setting("sigmoid_digits", {"hidden_bias": 12.0}),
        ),
    ),
    Kind(
        "exploding_recurrent_net",
        ("exploding_gradient", "large_initialisation"),
        UNSTABLE,
        (
            Setting("rnn_charge", {"gain": 2.5}, {"gain": 0.9, "nonlinearity": "relu"}),
            Setting("rnn_charge", {"gain": 2.0}, {"gain": 0.9, "nonlinearity": "relu", "width": 40, "lr": 2e-3}),
        ),
    ),
)
