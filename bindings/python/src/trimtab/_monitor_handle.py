"""What all of a monitor has in common: its handle, its lock, its entries."""

from __future__ import annotations

import ctypes
import os
import threading
from typing import TYPE_CHECKING, Any

from . import _options
from . import _structures as structures
from ._errors import INVALID_ARGUMENT, check, refusal
from ._handle import Handle
from ._library import library
from ._tensors import TensorLike, view

if TYPE_CHECKING:
    from collections.abc import Sequence


class MonitorHandle:
    """A monitor's memory, shared between Python threads under one lock."""

    def __init__(self, settings: structures.MonitorOptions) -> None:
        self._lock = threading.RLock()
        self._names: list[str] = []
        self._handle = Handle("monitor")
        check(library.trimtab_monitor_create(ctypes.byref(settings), ctypes.byref(self._handle.pointer)))

    @property
    def _pointer(self) -> Any:
        if not self._handle.pointer:
            raise refusal(INVALID_ARGUMENT, "monitor: found a closed one, allowed an open one")
        return self._handle.pointer

    def _index(self, entry: int | str) -> int:
        if isinstance(entry, str):
            index = ctypes.c_int64()
            check(library.trimtab_monitor_find(self._pointer, encoded_name(entry), ctypes.byref(index)))
            return index.value
        return _options.integer("entry", entry)


def unequal(tensors: Sequence[Any], entries: Sequence[Any], quantities: Sequence[Any]) -> Exception:
    return refusal(
        INVALID_ARGUMENT,
        f"tensors: found {len(tensors)} with {len(entries)} entries and {len(quantities)} quantities, allowed as many",
    )


def tensor_list(tensors: Sequence[TensorLike]) -> tuple[list[Any], Any]:
    seen = [view(tensor, f"tensors[{place}]") for place, tensor in enumerate(tensors)]
    content = b"".join(bytes(one.structure) for one in seen)
    return seen, (structures.Tensor * len(seen)).from_buffer_copy(content)


def encoded_name(name: str) -> bytes:
    if not isinstance(name, str):
        raise TypeError(f"name: found {type(name).__name__}, allowed str")
    if "\0" in name:
        raise refusal(INVALID_ARGUMENT, "name: found a zero byte, allowed text without one")
    return name.encode(errors="surrogateescape")


def encoded_path(path: str | os.PathLike[str]) -> bytes:
    """For C, where a zero byte would end it: another file would be written."""
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise refusal(INVALID_ARGUMENT, f"path: found a zero byte in {path!r}, allowed none")
    return encoded
