"""Faults of generative nets and of self-training."""

from __future__ import annotations

from .kind import Kind, Setting

#: Without the given labels or a gate, and labelled anew at every step.
_DRIFTING = {"gate": 0.0, "known_weight": 0.0, "round": 1}

KINDS = (
    Kind(
        "posterior_collapse",
        ("posterior_collapse",),
        ("plateau", "rank_collapse"),
        (
            Setting("variational", {"beta": 100.0}),
            Setting("variational", {"beta": 50.0}, {"activation": "gelu", "code": 4}),
        ),
    ),
    Kind(
        "mode_collapse",
        ("mode_collapse",),
        ("blurred_samples", "unstable_game", "oscillation"),
        (
            Setting("ring", {"code_deviation": 0.01}),
            Setting("plane", {"code_deviation": 0.01}),
        ),
    ),
    Kind(
        "pseudo_label_drift",
        ("unstable_targets", "target_oscillation", "class_collapse"),
        ("plateau", "overfitting"),
        (
            Setting("self_training", {**_DRIFTING, "augmentation": 3.0}, {"lr": 5e-3}, onset=100),
            Setting("self_training", {**_DRIFTING, "augmentation": 2.0}, {"lr": 1e-2}, onset=100),
        ),
    ),
)
