"""Training steps a second of the trainer beside PyTorch on the CPU: the same nets and batches, float32, one thread, in turn.

The trainer's steps run in C (steps.c), torch's in the Python loop that its users write. Usage: trainer.py STEPS_LIBRARY [--rounds 15] [--seconds 0.3]
"""

from __future__ import annotations

import argparse
import ctypes
import statistics
import time

import numpy as np
import torch
from torch import nn

BATCHES = 8
JOBS = {
    "64-128-128-10, batch 32": ([64, 128, 128, 10], False, 32, 3.0),
    "784-512-512-10, batch 128": ([784, 512, 512, 10], False, 128, 0.9),
    "conv16-conv32-fc, batch 128": ([784, 16, 32, 10], True, 128, 0.5),
}


def torch_net(widths: list[int], is_image: bool) -> nn.Module:
    if is_image:
        return nn.Sequential(
            *(nn.Conv2d(1, widths[1], 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(widths[1], widths[2], 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(widths[2] * 49, widths[3])),
        )
    layers: list[nn.Module] = []
    for before, after in zip(widths, widths[1:]):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class TorchJob:
    def __init__(self, widths: list[int], is_image: bool, batch: int, inputs: np.ndarray, labels: np.ndarray) -> None:
        shape = (BATCHES, batch, 1, 28, 28) if is_image else (BATCHES, batch, widths[0])
        self.inputs = torch.from_numpy(inputs).reshape(shape)
        self.labels = torch.from_numpy(labels).reshape(BATCHES, batch)
        self.net = torch_net(widths, is_image)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.01, momentum=0.9)
        self.criterion = nn.CrossEntropyLoss()
        self.next = 0

    def run(self, count: int) -> tuple[float, float]:
        start = time.perf_counter()
        for _ in range(count):
            place = self.next % BATCHES
            self.next += 1
            self.optimizer.zero_grad()
            loss = self.criterion(self.net(self.inputs[place]), self.labels[place])
            loss.backward()
            self.optimizer.step()
        return time.perf_counter() - start, float(loss.detach())


class OwnJob:
    def __init__(self, library: ctypes.CDLL, widths: list[int], is_image: bool, batch: int, inputs: np.ndarray, labels: np.ndarray) -> None:
        self.library, self.kept = library, (inputs, labels)
        sizes = (ctypes.c_int64 * len(widths))(*widths)
        self.job = library.job_create(
            sizes, len(widths), int(is_image), batch, inputs.ctypes.data_as(ctypes.c_void_p), labels.ctypes.data_as(ctypes.c_void_p), BATCHES
        )
        if not self.job:
            raise SystemExit(library.job_error().decode())

    def run(self, count: int) -> tuple[float, float]:
        loss = ctypes.c_double()
        seconds = self.library.job_run(self.job, count, ctypes.byref(loss))
        if seconds < 0:
            raise SystemExit(self.library.job_error().decode())
        return seconds, loss.value


def load(path: str) -> ctypes.CDLL:
    library = ctypes.CDLL(path)
    library.job_create.restype = ctypes.c_void_p
    library.job_create.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_int, ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    library.job_run.restype = ctypes.c_double
    library.job_run.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p]
    library.job_error.restype = ctypes.c_char_p
    return library


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    library = load(given.library)
    print(f"torch {torch.__version__}, one thread each, medians of {given.rounds} rounds in turn")
    print(f"{'job':30} {'trimtab':>12} {'torch':>12} {'ratio':>7} {'least':>6} {'most':>6} {'wanted':>7}   steps a second; ratio above 1: trimtab is faster")
    for name, (widths, is_image, batch, wanted) in JOBS.items():
        random = np.random.default_rng(0)
        inputs = random.standard_normal((BATCHES * batch, widths[0])).astype(np.float32)
        labels = random.integers(0, 10, BATCHES * batch)
        own, peer = OwnJob(library, widths, is_image, batch, inputs, labels), TorchJob(widths, is_image, batch, inputs, labels)
        # As many steps as take the time wanted, warm.
        counts = [max(3, int(given.seconds / (side.run(5)[0] / 5))) for side in (own, peer)]
        rates: tuple[list[float], list[float]] = ([], [])
        losses = [0.0, 0.0]
        for turn in range(given.rounds):
            for place in (0, 1) if turn % 2 == 0 else (1, 0):
                seconds, losses[place] = (own, peer)[place].run(counts[place])
                rates[place].append(counts[place] / seconds)
        ratios = [one / two for one, two in zip(*rates)]
        print(
            f"{name:30} {statistics.median(rates[0]):12.1f} {statistics.median(rates[1]):12.1f} {statistics.median(ratios):7.2f}"
            f" {min(ratios):6.2f} {max(ratios):6.2f} {wanted:7.2f}   losses {losses[0]:.3g}, {losses[1]:.3g}"
        )


if __name__ == "__main__":
    main()
