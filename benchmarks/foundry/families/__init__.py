"""The families of programs, by name: a module each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import autoencoder, cnn, gan, graph, mlp, recurrent, self_training, transformer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..recipe import Recipe
    from ..task import Task

FAMILIES: dict[str, Callable[[Recipe], Task]] = {
    "mlp_classifier": mlp.Classifier,
    "mlp_regressor": mlp.Regressor,
    "cnn": cnn.Convolutional,
    "recurrent": recurrent.PeptideReader,
    "recurrent_prose": recurrent.ProseReader,
    "transformer": transformer.PeptideTransformer,
    "transformer_prose": transformer.ProseTransformer,
    "transformer_mirror": transformer.MirrorTransformer,
    "graph": graph.Graph,
    "autoencoder": autoencoder.Autoencoder,
    "variational": autoencoder.Variational,
    "adversarial": gan.Adversarial,
    "self_training": self_training.SelfTraining,
}


def build(recipe: Recipe) -> Task:
    """The parts of a program."""
    return FAMILIES[recipe.family](recipe)
