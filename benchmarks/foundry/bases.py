"""Sound recipes, one or two of each family: what faults are planted in, and what their repaired twins are."""

from __future__ import annotations

from typing import Any

from .recipe import Recipe


def _base(family: str, data: str, **choices: Any) -> Recipe:
    return Recipe(family, data=data).changed(**choices)


SGD: dict[str, Any] = {"optimizer": "sgd", "lr": 0.05}
ADVERSARIAL: dict[str, Any] = {"width": 64, "lr": 3e-3, "betas": (0.0, 0.9), "batch_size": 128, "schedule": "cosine"}

BASES: dict[str, Recipe] = {
    # Tables
    "digits": _base("mlp_classifier", "digits", lr=2e-3),
    "digits_sgd": _base("mlp_classifier", "digits", **SGD),
    "wine": _base("mlp_classifier", "wine", width=32, lr=3e-3, steps=200),
    "wine_sgd": _base("mlp_classifier", "wine", width=32, steps=200, **SGD),
    "cancer": _base("mlp_classifier", "breast_cancer", width=32, lr=2e-3, steps=200, outputs=1, loss="bce_logits"),
    "cancer_probability": _base(
        "mlp_classifier", "breast_cancer", width=32, lr=2e-3, steps=200, outputs=1, loss="bce", output="sigmoid"
    ),
    "iris": _base("mlp_classifier", "iris", width=16, lr=1e-2, steps=200),
    "deep_digits": _base("mlp_classifier", "digits", depth=12, width=48, norm="batch", lr=2e-3),
    "deep_layer_norm": _base("mlp_classifier", "digits", depth=12, width=48, norm="layer", residual=True, lr=2e-3),
    "sigmoid_digits": _base("mlp_classifier", "digits", activation="sigmoid", init="xavier", lr=5e-3),
    "tanh_digits": _base("mlp_classifier", "digits", activation="tanh", init="xavier", lr=2e-3),
    "diabetes": _base("mlp_regressor", "diabetes", width=32, steps=200),
    "concavity": _base("mlp_regressor", "concavity", width=32, lr=2e-3),
    "concavity_sgd": _base("mlp_regressor", "concavity", width=32, optimizer="sgd", lr=0.01),
    "number": _base("mlp_regressor", "digits", lr=2e-3),
    # Images
    "cnn_digits": _base("cnn", "digits", width=16, lr=3e-3, steps=200),
    "cnn_sgd": _base("cnn", "digits", width=16, steps=200, **SGD),
    "cnn_norm": _base("cnn", "digits", width=16, norm="batch", lr=3e-3, steps=200),
    "cnn_mnist": _base("cnn", "mnist", width=8, norm="batch", lr=5e-3, steps=150),
    "cnn_mnist_plain": _base("cnn", "mnist", width=8, lr=5e-3, steps=150),
    # Sequences
    "gru": _base("recurrent", "peptides", width=32, depth=1, lr=1e-2, steps=150),
    "lstm": _base("recurrent", "peptides", width=32, depth=1, lr=1e-2, steps=200, cell="lstm"),
    "rnn_charge": _base("recurrent", "peptides", width=24, depth=1, lr=3e-3, steps=150, cell="rnn", is_regression=True),
    "gru_charge": _base("recurrent", "peptides", width=24, depth=1, lr=1e-2, steps=150, is_regression=True),
    "gru_prose": _base("recurrent_prose", "prose", width=48, depth=1, lr=1e-2, steps=150),
    "transformer": _base("transformer", "peptides", width=32, norm="layer", lr=3e-3, steps=150),
    "transformer_torch": _base(
        "transformer", "peptides", width=32, norm="layer", lr=3e-3, steps=150, attention="multihead"
    ),
    "transformer_prose": _base(
        "transformer_prose", "prose", width=48, norm="layer", lr=3e-3, steps=150, attention="scaled_dot_product"
    ),
    "mirror": _base("transformer_mirror", "peptides", width=32, depth=1, norm="layer", lr=1e-2, steps=150),
    "mirror_torch": _base(
        "transformer_mirror", "peptides", width=32, depth=1, norm="layer", lr=1e-2, steps=150, attention="multihead"
    ),
    # Others
    "graph": _base("graph", "cora", width=32, depth=1, lr=1e-2, steps=100),
    "graph_sgd": _base("graph", "cora", width=32, depth=1, steps=150, optimizer="sgd", lr=0.3),
    "autoencoder": _base("autoencoder", "digits", width=64, depth=1, lr=5e-3),
    "autoencoder_mnist": _base("autoencoder", "mnist", width=64, depth=1, code=16, lr=3e-3, steps=200),
    "variational": _base("variational", "digits", width=64, depth=1, lr=5e-3, activation="elu"),
    "ring": _base("adversarial", "ring", steps=900, **ADVERSARIAL),
    "plane": _base("adversarial", "plane", steps=700, **ADVERSARIAL),
    "self_training": _base("self_training", "digits", lr=2e-3, known=100),
}
