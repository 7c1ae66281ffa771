"""The jobs: each is a table of contenders, ours first, and what must hold between them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import trimtab
from sklearn.decomposition import PCA
from trimtab import _structures
from trimtab._library import library
from trimtab._tensors import views


@dataclass(frozen=True)
class Job:
    """One job: `ours` is a name in `contenders`; `bounds` maps a peer's name to the least ratio peer / ours that is asked."""

    title: str
    ours: str
    contenders: dict[str, Callable[[], object]]
    bounds: dict[str, float] = field(default_factory=dict)
    at_most_seconds: float | None = None
    bytes_read: int = 0


def read_ceiling(library: Path, data: npt.NDArray[np.float32]) -> Callable[[], object]:
    """The bare read of the same memory, compiled from read_ceiling.c."""
    function = ctypes.CDLL(str(library)).read_ceiling
    function.restype = ctypes.c_uint64
    function.argtypes = [ctypes.c_void_p, ctypes.c_int64]
    return lambda: function(data.ctypes.data, data.nbytes)


def large_summary(ceiling: Path) -> Job:
    """400 MB of float32: every count and norm in one pass, against peers that read it once per quantity."""
    data = np.random.default_rng(1).standard_normal(100_000_000, dtype=np.float32)
    tensor = torch.from_numpy(data)
    return Job(
        "summary of 400 MB float32 (all counts, extremes, L1, L2)",
        "trimtab.summarize",
        {
            "trimtab.summarize": lambda: trimtab.summarize(data),
            "bare read of the memory, C": read_ceiling(ceiling, data),
            "np.linalg.norm alone": lambda: np.linalg.norm(data),
            "np.isfinite().all() alone": lambda: bool(np.isfinite(data).all()),
            "torch vector_norm alone": lambda: torch.linalg.vector_norm(tensor),
            "torch vector_norm, float64": lambda: torch.linalg.vector_norm(tensor, dtype=torch.float64),
        },
        bounds={"bare read of the memory, C": 0.85},
        bytes_read=data.nbytes,
    )


def prepared_summaries(arrays: list[npt.NDArray[np.float32]]) -> Callable[[], object]:
    """trimtab_summarize_all on views made beforehand: what a C program pays a step."""
    tensors, owners = views(arrays, [f"tensors[{index}]" for index in range(len(arrays))])
    results = (_structures.Summary * len(arrays))()

    def call() -> object:
        assert library.trimtab_summarize_all(tensors, len(arrays), results) == 0
        return owners

    return call


def small_summaries() -> Job:
    """1000 tensors of 1000 elements in one call."""
    arrays = [np.random.default_rng(i).standard_normal(1000).astype(np.float32) for i in range(1000)]
    tensors = [torch.from_numpy(array) for array in arrays]
    prepared = prepared_summaries(arrays)
    return Job(
        "summaries of 1000 float32 tensors of 1000 elements",
        "trimtab_summarize_all (C call)",
        {
            "trimtab_summarize_all (C call)": prepared,
            "trimtab.summarize_all (Python)": lambda: trimtab.summarize_all(arrays),
            "torch get_total_norm (norm alone)": lambda: torch.nn.utils.get_total_norm(tensors),
            "np.linalg.norm in a loop": lambda: [np.linalg.norm(array) for array in arrays],
        },
        at_most_seconds=150e-6,
    )


def covariance() -> Job:
    """200000 x 256 float32, float64 inside."""
    data = np.random.default_rng(2).standard_normal((200_000, 256), dtype=np.float32)

    def ours() -> object:
        accumulator = trimtab.Covariance()
        accumulator.add(data)
        return accumulator.covariance

    return Job(
        "covariance of 200000 x 256 float32 in float64",
        "trimtab.Covariance",
        {
            "trimtab.Covariance": ours,
            "np.cov": lambda: np.cov(data, rowvar=False),
            "sklearn PCA(whiten).fit": lambda: PCA(whiten=True).fit(data),
        },
        bounds={"np.cov": 2.0},
    )


def condition_number() -> Job:
    """The condition number of a 2048 x 2048 covariance."""
    generator = np.random.default_rng(3)
    samples = generator.standard_normal((8192, 2048)) * np.geomspace(1, 30, 2048)
    matrix = np.cov(samples, rowvar=False)
    matrix = (matrix + matrix.T) / 2
    return Job(
        "condition number of a 2048 x 2048 covariance",
        "trimtab.matrix_condition",
        {
            "trimtab.matrix_condition": lambda: trimtab.matrix_condition(matrix),
            "np.linalg.cond": lambda: np.linalg.cond(matrix),
            "np.linalg.eigvalsh": lambda: np.linalg.eigvalsh(matrix),
        },
        bounds={"np.linalg.cond": 5.0},
    )


def gradients() -> Job:
    """The gradients of a 784-512-512-10 net: what a training step adds."""
    shapes = [(512, 784), (512,), (512, 512), (512,), (10, 512), (10,)]
    arrays = [np.random.default_rng(4).standard_normal(shape).astype(np.float32) for shape in shapes]
    parameters = [torch.nn.Parameter(torch.zeros(shape)) for shape in shapes]
    for parameter, array in zip(parameters, arrays, strict=True):
        parameter.grad = torch.from_numpy(array)
    return Job(
        "gradient report of a 784-512-512-10 net",
        "trimtab.gradient_norm",
        {
            "trimtab.gradient_norm": lambda: trimtab.gradient_norm(arrays),
            "torch clip_grad_norm_": lambda: torch.nn.utils.clip_grad_norm_(parameters, 1e9),
        },
    )
