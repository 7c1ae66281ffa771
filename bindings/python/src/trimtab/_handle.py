"""Opaque handles of the library as Python objects."""

from __future__ import annotations

import ctypes
import threading
from typing import Any, ClassVar, TypeVar

from ._errors import CAPACITY, INVALID_ARGUMENT, check, refusal, type_refusal
from ._library import library
from ._signatures import SIGNATURES

_Self = TypeVar("_Self", bound="Accumulator")


class Handle:
    """A pointer that the library made, destroyed once.

    It holds the destroying function itself, so that it can be collected while the interpreter shuts down and modules
    are gone.
    """

    __slots__ = ("_destroy", "pointer")

    def __init__(self, kind: str) -> None:
        self.pointer: Any = None
        self._destroy: Any = getattr(library, f"trimtab_{kind}_destroy")
        self.pointer = SIGNATURES[f"trimtab_{kind}_destroy"][1][0]()

    def close(self) -> None:
        """Frees what the pointer stands for; a second time does nothing."""
        if self.pointer:
            pointer, self.pointer = self.pointer, None
            self._destroy(pointer)

    def __del__(self) -> None:
        self.close()


def load(kind: str, state: Any) -> Handle:
    """A handle made from a saved state.

    Errors: ValueError for a state that is corrupt, of another kind or of a newer version, TypeError for what is no
    bytes.
    """
    try:
        content = bytes(memoryview(state))
    except (TypeError, BufferError):
        raise type_refusal(f"state: found {type(state).__name__}, allowed bytes, as `save` gave them") from None
    handle = Handle(kind)
    check(getattr(library, f"trimtab_{kind}_load")(content, len(content), ctypes.byref(handle.pointer)))
    return handle


def save(kind: str, handle: Handle) -> bytes:
    """The state behind a handle as portable bytes."""
    function = getattr(library, f"trimtab_{kind}_save")
    needed = ctypes.c_int64()
    status = function(handle.pointer, None, 0, ctypes.byref(needed))
    if status != CAPACITY:
        check(status)
    buffer = ctypes.create_string_buffer(needed.value)
    check(function(handle.pointer, buffer, needed.value, ctypes.byref(needed)))
    return buffer.raw[: needed.value]


class Accumulator:
    """What every streaming form shares: `merge`, `save`, `load`, pickling, copying, `close` and `with`.

    Safe to share between Python threads: the library allows one thread at a time in a handle, so a lock is held for
    each call.
    """

    _kind: ClassVar[str]

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._handle: Handle | None = None

    def _create(self, options: ctypes.Structure) -> None:
        handle = Handle(self._kind)
        check(getattr(library, f"trimtab_{self._kind}_create")(ctypes.byref(options), ctypes.byref(handle.pointer)))
        self._handle = handle

    def _pointer(self) -> Any:
        """The C pointer; the lock must be held while it is used. Errors: ValueError once closed."""
        if self._handle is None:
            raise refusal(INVALID_ARGUMENT, f"self: found a closed {type(self).__name__}, allowed an open one")
        return self._handle.pointer

    def merge(self: _Self, other: _Self) -> _Self:
        """Adds what `other` has seen, as if its data had been added here, and returns self.

        Errors: TypeError for another kind, ValueError if shapes or options do not fit; nothing has changed then.
        """
        if not isinstance(other, type(self)):
            raise type_refusal(f"other: found {type(other).__name__}, allowed {type(self).__name__}")
        # Always in one order, so that two threads that merge crosswise cannot wait for each other.
        first, second = sorted((self, other), key=id)
        with first._lock, second._lock:
            check(getattr(library, f"trimtab_{self._kind}_merge")(self._pointer(), other._pointer()))
            self._merged(other)
        return self

    def _merged(self, other: Any) -> None:
        """For what a class remembers beside the handle."""

    def save(self) -> bytes:
        """The state as portable bytes with a checksum; `load` continues from it bit for bit, here or in another
        language.
        """
        with self._lock:
            self._pointer()
            assert self._handle is not None
            return save(self._kind, self._handle)

    @classmethod
    def load(cls: type[_Self], state: bytes | bytearray | memoryview) -> _Self:
        """Continues from what `save` gave, options included.

        Errors: ValueError for bytes that are truncated or corrupt, of another kind of accumulator, or of a newer
        version.
        """
        result = cls.__new__(cls)
        Accumulator.__init__(result)
        result._handle = load(cls._kind, state)
        return result

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).load, (self.save(),)

    def close(self) -> None:
        """Frees the memory now; any later use raises ValueError. A second time does nothing."""
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
