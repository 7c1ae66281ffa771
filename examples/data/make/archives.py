"""Writers whose bytes depend on nothing but the arrays they are given."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

Array = NDArray[np.generic]


def write_npy(path: Path, array: Array) -> None:
    """Write one array as `.npy`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.ascontiguousarray(array))


def write_npz(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write named arrays as a compressed `.npz`; numpy dates every member 1980-01-01."""
    path.parent.mkdir(parents=True, exist_ok=True)
    members = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    np.savez_compressed(path, allow_pickle=False, **members)


def write_csv(path: Path, names: Sequence[str], rows: NDArray[np.float64]) -> None:
    """Write a header line and rows with nine significant digits; `.gz` compresses."""
    lines = [",".join(names)]
    lines += [",".join(format(value, ".9g") for value in row) for row in rows]
    content = ("\n".join(lines) + "\n").encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    # The name and the time inside a gzip header would change from run to run.
    path.write_bytes(gzip.compress(content, 9, mtime=0) if path.suffix == ".gz" else content)


def write_safetensors(path: Path, tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> None:
    """Write tensors as `.safetensors` with the metadata in alphabetical order."""
    content = save({name: np.ascontiguousarray(t) for name, t in tensors.items()}, dict(metadata))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_sorted_metadata(content))


def _sorted_metadata(content: bytes) -> bytes:
    # The safetensors writer keeps metadata in a hash map, whose order differs at each call.
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[8 + length :]
