"""Small transformers, classifying peptides or telling the next character; attention in four hands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from ..nets import ACTIVATIONS, Output, initialise, weight_type
from .sequences import Mirror, Peptides, Prose

if TYPE_CHECKING:
    from ..recipe import Recipe


class Attention(nn.Module):
    """Written by hand: "softmax" spells it out, "scaled_dot_product" calls torch's function."""

    def __init__(self, recipe: Recipe, width: int, heads: int, is_causal: bool) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.out = nn.Linear(width, width)
        self.heads, self.is_causal = heads, is_causal
        self.kind = recipe.get("attention", "softmax")
        #: Of the logits: 1/sqrt(d) times this.
        self.factor = recipe.get("logit_factor", 1.0)
        self.is_normalised = bool(recipe.get("query_key_norm"))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        batch, length, width = values.shape
        shape = (batch, length, self.heads, width // self.heads)
        query, key, value = (layer(values).view(shape).transpose(1, 2) for layer in (self.query, self.key, self.value))
        if self.is_normalised:
            query, key = (functional.layer_norm(those, those.shape[-1:]) for those in (query, key))
        scale = self.factor / math.sqrt(width // self.heads)
        if self.kind == "scaled_dot_product":
            mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=self.is_causal, scale=scale)
        else:
            logits = query @ key.transpose(-1, -2) * scale
            if self.is_causal:
                later = torch.ones(length, length, dtype=torch.bool).triu(1)
                logits = logits.masked_fill(later, float("-inf"))
            mixed = torch.softmax(logits, -1) @ value
        return self.out(mixed.transpose(1, 2).reshape(batch, length, width))


class TorchAttention(nn.Module):
    """nn.MultiheadAttention as it is."""

    def __init__(self, width: int, heads: int, is_causal: bool) -> None:
        super().__init__()
        self.inner = nn.MultiheadAttention(width, heads, batch_first=True)
        self.is_causal = is_causal

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        length = values.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length, dtype=values.dtype) if self.is_causal else None
        return self.inner(values, values, values, attn_mask=mask, need_weights=False)[0]


class Block(nn.Module):
    """Attention and a perceptron, each added to what comes in; the norm before ("pre") or after ("post")."""

    def __init__(self, recipe: Recipe, is_causal: bool) -> None:
        super().__init__()
        width, heads = recipe.width, recipe.get("heads", 4)
        is_own = recipe.get("attention", "softmax") != "multihead"
        self.attention = (
            Attention(recipe, width, heads, is_causal) if is_own else TorchAttention(width, heads, is_causal)
        )
        self.perceptron = nn.Sequential(
            nn.Linear(width, 2 * width), ACTIVATIONS[recipe.activation](), nn.Linear(2 * width, width)
        )
        has_norm = recipe.norm != "none"
        self.first, self.second = (nn.LayerNorm(width) if has_norm else nn.Identity() for _ in range(2))
        self.dropout = nn.Dropout(recipe.dropout)
        self.is_post = recipe.get("norm_place", "pre") == "post"
        self.detaches = recipe.detaches

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        if self.is_post:
            values = self.first(values + self.dropout(self.attention(values)))
            return self.second(values + self.dropout(self.perceptron(values)))
        mixed = self.attention(self.first(values))
        if self.detaches:
            mixed = mixed.detach()
        values = values + self.dropout(mixed)
        return values + self.dropout(self.perceptron(self.second(values)))


class Transformer(nn.Module):
    """Embeddings, blocks, a norm, a linear layer.

    reads "all" for one answer a sequence, "before" for one at every place from those before it, "each" for one at every
    place from all of them.
    """

    def __init__(self, recipe: Recipe, vocabulary: int, outputs: int, length: int, reads: str) -> None:
        super().__init__()
        width = recipe.width
        is_causal, self.is_mean = reads == "before", reads == "all"
        self.embedding = nn.Embedding(vocabulary, width)
        self.places = nn.Parameter(torch.randn(length, width) * 0.1)
        self.blocks = nn.Sequential(*(Block(recipe, is_causal) for _ in range(recipe.depth)))
        self.norm = nn.LayerNorm(width) if recipe.norm != "none" else nn.Identity()
        self.head = nn.Linear(width, outputs)
        self.output = Output(recipe.output)
        initialise(recipe, self)
        if recipe.get("ties"):
            nn.init.normal_(self.embedding.weight, std=width**-0.5)
            self.head.weight = self.embedding.weight
        gain = recipe.get("query_key_gain")
        if gain:
            with torch.no_grad():
                for block in self.blocks:
                    block.attention.query.weight *= gain
                    block.attention.key.weight *= gain

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        states = self.norm(self.blocks(self.embedding(tokens) + self.places[: tokens.shape[1]]))
        return self.output(self.head(states.mean(1) if self.is_mean else states))


class PeptideTransformer(Peptides):
    """A label, or a charge, for a peptide."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        length = self.samples.shape[1]
        self.model = Transformer(recipe, self.vocabulary, self.outputs, length, "all").to(weight_type(recipe))


class ProseTransformer(Prose):
    """The next character."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.model = Transformer(recipe, self.vocabulary, self.outputs, self.length, "before").to(weight_type(recipe))


class MirrorTransformer(Mirror):
    """Peptides read backwards."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        length = self.samples.shape[1]
        self.model = Transformer(recipe, self.vocabulary, self.outputs, length, "each").to(weight_type(recipe))
