"""Losses as programs write them, the wrong ones too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from .recipe import Recipe


def classification_loss(recipe: Recipe, outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross entropy of logits, or what the recipe takes for it. Outputs [B, C], or [B, 1] for binary losses."""
    kind, reduction = recipe.loss, recipe.reduction
    if kind in ("own", "cross_entropy"):
        smoothing = recipe.get("label_smoothing", 0.0)
        return functional.cross_entropy(outputs, labels, reduction=reduction, label_smoothing=smoothing)
    if kind == "bce":
        return functional.binary_cross_entropy(outputs.squeeze(-1), labels.to(outputs.dtype), reduction=reduction)
    if kind == "bce_logits":
        return functional.binary_cross_entropy_with_logits(
            outputs.squeeze(-1), labels.to(outputs.dtype), reduction=reduction
        )
    if kind == "nll":
        return functional.nll_loss(outputs, labels, reduction=reduction)
    if kind == "mse_of_labels":
        # The class number as a target of regression: the mean over outputs, held against the label.
        return functional.mse_loss(outputs, labels.to(outputs.dtype)[:, None].expand_as(outputs), reduction=reduction)
    raise ValueError(f"loss: found {kind!r} for a classification")


def regression_loss(recipe: Recipe, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean squared error and its kin. Outputs and targets [B, K]; a broadcast bug leaves targets [B] where K is 1."""
    if recipe.broadcasts:
        targets = targets.squeeze(-1)
    kind = "mse" if recipe.loss == "own" else recipe.loss
    losses = {"mse": functional.mse_loss, "l1": functional.l1_loss, "huber": functional.smooth_l1_loss}
    if kind in losses:
        return losses[kind](outputs, targets, reduction=recipe.reduction)
    if kind == "cross_entropy":
        return functional.cross_entropy(outputs, targets, reduction=recipe.reduction)
    if kind == "bce_logits":
        return functional.binary_cross_entropy_with_logits(outputs, targets, reduction=recipe.reduction)
    raise ValueError(f"loss: found {kind!r} for a regression")
