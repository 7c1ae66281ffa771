"""Says what the Python package declares of the C contract: `names` prints its functions, `layout` the sizes and offsets of its structures."""

from __future__ import annotations

import ctypes
import sys

from trimtab import _headers


def field_names(structure: type[ctypes.Structure]) -> list[str]:
    """All fields in order, those of base classes first."""
    names: list[str] = []
    for base in reversed(structure.__mro__):
        names += [field[0] for field in base.__dict__.get("_fields_", [])]
    return names


def print_layout() -> None:
    """Prints `structure size` and `structure.field offset size` for every structure of the contract."""
    for name, structure in _headers.STRUCTURES.items():
        print(name, ctypes.sizeof(structure))
        for field in field_names(structure):
            descriptor = getattr(structure, field)
            print(f"{name}.{field} {descriptor.offset} {descriptor.size}")


if sys.argv[1:] == ["names"]:
    print("\n".join(sorted(_headers.SIGNATURES)))
elif sys.argv[1:] == ["layout"]:
    print_layout()
else:
    sys.exit(f"usage: {sys.argv[0]} names|layout")
