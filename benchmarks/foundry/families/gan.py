"""Generative adversarial nets: a ring of eight Gaussians, and digits in the plane in which they differ most."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional

from .. import data
from ..nets import initialise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..recipe import Recipe
    from ..task import Findings

MODES, MODE_DEVIATION = 8, 0.25


def _net(recipe: Recipe, inputs: int, outputs: int, slope: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    for _ in range(recipe.depth):
        layers += [nn.Linear(inputs, recipe.width), nn.LeakyReLU(slope) if slope else nn.ReLU()]
        inputs = recipe.width
    net = nn.Sequential(*layers, nn.Linear(inputs, outputs))
    initialise(recipe, net)
    return net


class Adversarial:
    """Both nets take a step at once; the generator's loss does not saturate. Score: coverage of the data's own."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.centres: torch.Tensor | None = None
        if recipe.data == "ring":
            # Eight modes, known.
            angles = torch.arange(MODES) * (2 * math.pi / MODES)
            self.centres = 1.5 * torch.stack([angles.cos(), angles.sin()], 1)
            places = torch.randint(MODES, (4000,), generator=self.generator)
            noise = torch.randn(4000, 2, generator=self.generator)
            samples = self.centres[places] + MODE_DEVIATION * noise
        else:
            # The plane in which digits differ most.
            values = torch.tensor(data.table("digits")[0], dtype=torch.float32)
            values = values - values.mean(0)
            samples = values @ torch.linalg.svd(values, full_matrices=False)[2][:2].T
            samples = samples / samples.std(0)
        training, held = data.split(len(samples), recipe.seed)
        self.samples, self.held = samples[torch.tensor(training)], samples[torch.tensor(held[:600])]
        self.code = recipe.get("code", 8)
        width = samples.shape[1]
        self.model = nn.ModuleDict(
            {"generator": _net(recipe, self.code, width, 0.0), "discriminator": _net(recipe, width, 1, 0.2)}
        )
        self.step = 0

    def _generated(self, count: int) -> torch.Tensor:
        noise = torch.randn(count, self.code) * self.recipe.get("code_deviation", 1.0)
        return self.model["generator"](noise)

    def batches(self) -> Iterator[tuple[torch.Tensor]]:
        for places in data.endless(len(self.samples), self.recipe.batch_size, self.generator):
            yield (self.samples[places],)

    def loss(self, batch: tuple[torch.Tensor]) -> torch.Tensor:
        (real,) = batch
        fake = self._generated(len(real))
        # Noise on what the discriminator sees, less of it every step: without it neither net finds the other's support.
        self.step += 1
        deviation = self.recipe.get("noise", 1.0) * max(0.5, 1 - 1.3 * self.step / self.recipe.steps)
        real, fake = (values + deviation * torch.randn_like(values) for values in (real, fake))
        discriminator = self.model["discriminator"]
        judged = functional.softplus(-discriminator(real)).mean()
        judged = judged + functional.softplus(discriminator(fake.detach())).mean()
        fixed = {name: value.detach() for name, value in discriminator.named_parameters()}
        fooled = functional.softplus(-torch.func.functional_call(discriminator, fixed, (fake,))).mean()
        return judged + self.recipe.get("generator_weight", 1.0) * fooled

    def _report(self) -> Any:
        from trimtab import generative

        count = len(self.held)
        with torch.no_grad():
            fake = self._generated(count)
        if self.centres is None:
            return generative.sample_coverage(self.held, fake)
        # Modes are known, and how much of the data is in each is not asked: no test of bins.
        return generative.sample_coverage(self.held, fake, self.centres, mode_deviation=MODE_DEVIATION, bin_count=0)

    def evaluate(self) -> tuple[float, float]:
        """The generator's loss, and the coverage as a share of what the data's own law would have."""
        with torch.no_grad():
            fake = self._generated(len(self.held))
            loss = functional.softplus(-self.model["discriminator"](fake)).mean()
            distances = torch.cdist(self.held, self.held)
            radii = distances.kthvalue(6, dim=1).values
            coverage = (torch.cdist(self.held, fake) <= radii[:, None]).any(1).double().mean()
        # 1 - 1/2^5: of five neighbours and as many samples as data.
        return float(loss), float(coverage) / (1 - 2.0**-5)

    def findings(self) -> Findings:
        """As the author of such a program asks for: do the samples cover the data? At the end: till then nets swing."""
        if self.step < 0.95 * self.recipe.steps:
            return []
        report = self._report()
        return [(report.cause.name, report.verdict.name)]
