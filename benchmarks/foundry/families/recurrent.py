"""Recurrent nets: plain, GRU and LSTM, on peptides and on prose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from ..nets import Output, initialise, weight_type
from .sequences import Peptides, Prose

if TYPE_CHECKING:
    from ..recipe import Recipe

CELLS = {"gru": nn.GRU, "lstm": nn.LSTM, "rnn": nn.RNN}


class Reader(nn.Module):
    """Embedding, recurrent layers, a linear layer on the last or on every state."""

    def __init__(self, recipe: Recipe, vocabulary: int, outputs: int, is_causal: bool) -> None:
        super().__init__()
        self.is_causal, self.detaches = is_causal, recipe.detaches
        width, cell = recipe.width, recipe.get("cell", "gru")
        options = {"nonlinearity": recipe.get("nonlinearity", "tanh")} if cell == "rnn" else {}
        self.embedding = nn.Embedding(vocabulary, width if recipe.get("ties") else recipe.get("embedding", 16))
        self.recurrent = CELLS[cell](
            self.embedding.embedding_dim, width, num_layers=recipe.depth, batch_first=True, **options
        )
        self.dropout = nn.Dropout(recipe.dropout)
        self.head = nn.Linear(width, outputs)
        if recipe.get("ties"):
            self.head.weight = self.embedding.weight
        self.output = Output(recipe.output)
        initialise(recipe, self)
        for name, parameter in self.recurrent.named_parameters():
            if name.startswith("weight_hh") and recipe.get("gain"):
                nn.init.orthogonal_(parameter, gain=recipe.get("gain"))
            elif name.startswith("weight") and recipe.init in ("zero", "constant", "small", "large"):
                self._fill(recipe, parameter)

    @staticmethod
    def _fill(recipe: Recipe, parameter: torch.Tensor) -> None:
        if recipe.init == "constant":
            nn.init.constant_(parameter, recipe.get("init_constant", 0.05))
        else:
            deviations = {"zero": 0.0, "small": 1e-3, "large": 2.0}
            nn.init.normal_(parameter, std=recipe.get("init_deviation", deviations[recipe.init]))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        states, _ = self.recurrent(self.embedding(tokens))
        if self.detaches:
            states = states.detach()
        if not self.is_causal:
            # The last state, and the mean over those before it.
            states = 0.5 * (states[:, -1] + states.mean(1))
        return self.output(self.head(self.dropout(states)))


class PeptideReader(Peptides):
    """A label, or a charge, for a peptide."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.model = Reader(recipe, self.vocabulary, self.outputs, is_causal=False).to(weight_type(recipe))


class ProseReader(Prose):
    """The next character."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.model = Reader(recipe, self.vocabulary, self.outputs, is_causal=True).to(weight_type(recipe))
