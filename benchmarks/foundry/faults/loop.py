"""Faults of the loop: what was forgotten in it."""

from __future__ import annotations

from .kind import UNSTABLE, Kind, Setting

KINDS = (
    Kind(
        "zero_grad_forgotten",
        ("gradient_not_cleared",),
        (*UNSTABLE, "learning_rate_too_high", "logit_growth", "saturation", "negative_bias"),
        (
            Setting("digits_sgd", {"clears_gradients": False}),
            Setting("cnn_digits", {"clears_gradients": False}),
            Setting("transformer", {"clears_gradients": False}),
            Setting("concavity_sgd", {"clears_gradients": False}),
        ),
    ),
    Kind(
        "step_forgotten",
        ("missing_optimizer_step",),
        ("plateau", "frozen_parameter"),
        (
            Setting("digits", {"takes_steps": False}),
            Setting("cnn_norm", {"takes_steps": False}),
            Setting("gru", {"takes_steps": False}),
            Setting("variational", {"takes_steps": False}),
        ),
    ),
    Kind(
        "frozen_layer",
        ("frozen_parameter", "missing_gradient"),
        ("plateau",),
        (
            Setting("digits", {"frozen": ("0.", "2.")}, {"width": 12}),
            Setting("gru_charge", {"frozen": ("recurrent.",)}),
            Setting("mirror_torch", {"frozen": ("blocks.",)}),
            Setting("autoencoder", {"frozen": ("0.",)}),
            Setting("graph", {"frozen": ("layers.0.",)}, {"width": 12}),
        ),
    ),
    Kind(
        "layer_not_in_optimizer",
        ("frozen_parameter",),
        ("plateau",),
        (
            Setting("digits", {"forgotten": ("0.", "2.")}, {"width": 12}),
            Setting("cnn_digits", {"forgotten": ("0.", "3.")}, {"width": 6}),
            Setting("gru_charge", {"forgotten": ("recurrent.",)}),
            Setting("variational", {"forgotten": ("encoder.",)}),
        ),
    ),
)
