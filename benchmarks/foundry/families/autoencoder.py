"""Autoencoders of images: plain and variational."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from .. import data
from ..losses import regression_loss
from ..nets import perceptron, weight_type
from ..task import EVALUATION_INTERVAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..recipe import Recipe
    from ..task import Findings


class Autoencoder:
    """Images from a code of few numbers. Score: the share of the variance that comes back."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        images, _ = data.images(recipe.data)
        samples = torch.tensor(images).flatten(1)
        if recipe.normalises:
            samples = samples / samples.max()
        training, held = data.split(len(samples), recipe.seed)
        self.samples = samples.to(weight_type(recipe)) * recipe.target_scale
        self.training, self.held = torch.tensor(training[: recipe.get("few")]), torch.tensor(held[:600])
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.model = self._net(samples.shape[1]).to(weight_type(recipe))

    @property
    def code(self) -> int:
        return int(self.recipe.get("code", 8))

    def _net(self, inputs: int) -> nn.Module:
        encoder = perceptron(self.recipe.changed(output="linear"), inputs, self.code)
        return nn.Sequential(encoder, perceptron(self.recipe.changed(detaches=False), self.code, inputs))

    def batches(self) -> Iterator[tuple[torch.Tensor]]:
        for places in data.endless(len(self.training), self.recipe.batch_size, self.generator):
            yield (self.samples[self.training[places]],)

    def loss(self, batch: tuple[torch.Tensor]) -> torch.Tensor:
        (samples,) = batch
        return regression_loss(self.recipe, self.model(samples), samples)

    def _reconstructed(self, samples: torch.Tensor) -> torch.Tensor:
        return self.model(samples)

    def evaluate(self) -> tuple[float, float]:
        samples = self.samples[self.held]
        error = float(((self._reconstructed(samples).double() - samples.double()) ** 2).mean())
        share = 1 - error / float(samples.double().var(0).mean())
        return error, share if share > -1 else -1.0


class Variational(Autoencoder):
    """A normal posterior of each sample's code; the divergence from the prior counts `beta` times."""

    #: How often it was evaluated.
    asked = 0

    def _net(self, inputs: int) -> nn.Module:
        encoder = perceptron(self.recipe.changed(output="linear"), inputs, 2 * self.code)
        decoder = perceptron(self.recipe.changed(detaches=False), self.code, inputs)
        return nn.ModuleDict({"encoder": encoder, "decoder": decoder})

    def _posterior(self, samples: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        means, logarithms = self.model["encoder"](samples).chunk(2, -1)
        return means, logarithms.clamp(-12, 12)

    def loss(self, batch: tuple[torch.Tensor]) -> torch.Tensor:
        (samples,) = batch
        means, logarithms = self._posterior(samples)
        drawn = means + torch.randn_like(means) * (0.5 * logarithms).exp()
        # Negative log likelihood of a normal law whose deviation is 0.2 of the images' range, per sample.
        miss = regression_loss(self.recipe, self.model["decoder"](drawn), samples) * samples.shape[1] / (2 * 0.2**2)
        divergence = 0.5 * (means**2 + logarithms.exp() - 1 - logarithms).sum(-1).mean()
        return miss + self.recipe.get("beta", 1.0) * divergence

    def _reconstructed(self, samples: torch.Tensor) -> torch.Tensor:
        return self.model["decoder"](self._posterior(samples)[0])

    def findings(self) -> Findings:
        """As the author of such a program asks for: does the code say anything of the sample? Early on it need not."""
        from trimtab import generative

        self.asked += 1
        if self.asked * EVALUATION_INTERVAL < self.recipe.steps // 2:
            return []
        with torch.no_grad():
            means, logarithms = self._posterior(self.samples[self.held])
        report = generative.posterior_collapse(means.float(), logarithms.float())
        return [(report.cause.name, report.verdict.name)]
