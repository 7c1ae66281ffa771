"""Statuses of the library as exceptions that fit Python."""

from __future__ import annotations

from typing import Final

from ._library import library

NULL_ARGUMENT: Final = 10
INVALID_ARGUMENT: Final = 11
SHAPE: Final = 12
DTYPE: Final = 13
DEVICE: Final = 14
OVERFLOW: Final = 15
STRUCT_SIZE: Final = 16
CAPACITY: Final = 17
MISMATCH: Final = 18
OUT_OF_MEMORY: Final = 40
FILE: Final = 41
CALLBACK: Final = 60
INTERNAL: Final = 90


class TrimtabError(Exception):
    """What every refusal of Trimtab is, beside being a ValueError, TypeError, MemoryError or RuntimeError.

    status  the C status, such as 12
    name    its name, such as "TRIMTAB_ERROR_SHAPE"
    """

    def __init__(self, message: str, status: int = INTERNAL) -> None:
        super().__init__(message, status)
        self.status = status
        self.name: str = library.trimtab_status_name(status).decode()

    def __str__(self) -> str:
        return str(self.args[0])


class TrimtabValueError(TrimtabError, ValueError):
    """An argument or a saved state that is not allowed: a shape, a value, a device, a mismatch, a corrupt state."""


class TrimtabTypeError(TrimtabError, TypeError):
    """An element type, or a kind of argument, that the call does not take."""


class TrimtabMemoryError(TrimtabError, MemoryError):
    """The memory that the call needs could not be had."""


class TrimtabFileError(TrimtabError, OSError):
    """A file that could not be opened or written."""

    def __init__(self, message: str, status: int = FILE) -> None:
        TrimtabError.__init__(self, message, status)


class TrimtabRuntimeError(TrimtabError, RuntimeError):
    """A fault of the library or of this package, never of the caller."""


_CLASSES: dict[int, type[TrimtabError]] = {
    DTYPE: TrimtabTypeError,
    OUT_OF_MEMORY: TrimtabMemoryError,
    FILE: TrimtabFileError,
    STRUCT_SIZE: TrimtabRuntimeError,
    CAPACITY: TrimtabRuntimeError,
    CALLBACK: TrimtabRuntimeError,
    INTERNAL: TrimtabRuntimeError,
}


def type_refusal(message: str) -> TrimtabTypeError:
    """The exception for an argument that is of another kind altogether."""
    return TrimtabTypeError(message, INVALID_ARGUMENT)


def refusal(status: int, message: str) -> TrimtabError:
    """The exception for a status."""
    return _CLASSES.get(status, TrimtabValueError)(message, status)


def check(status: int) -> None:
    """Raises the exception for a status that is not 0, with the library's sentence about it.

    To be called at once and on the same thread, since the sentence is the thread's last.
    """
    if status != 0:
        raise refusal(status, library.trimtab_last_error().decode("utf-8", "replace"))
