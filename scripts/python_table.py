"""Says what the Python package declares of the C contract: `names` prints its functions, `layout` the sizes and offsets of its structures."""

from __future__ import annotations

import ctypes
import re
import sys

from trimtab import _headers, _signatures, _structures


def structure_name(name: str) -> str:
    """ConditioningReport -> trimtab_conditioning_report."""
    special = {"DType": "dtype"}
    snake = special.get(name) or re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return f"trimtab_{snake}"


def field_names(structure: type[ctypes.Structure]) -> list[str]:
    """All fields in order, those of base classes first."""
    names: list[str] = []
    for base in reversed(structure.__mro__):
        names += [field[0] for field in base.__dict__.get("_fields_", [])]
    return names


def print_layout() -> None:
    """Prints `structure size` and `structure.field offset size` for every structure of the contract."""
    found = dict(_headers.STRUCTURES)
    for name, structure in vars(_structures).items():
        is_structure = isinstance(structure, type) and issubclass(structure, ctypes.Structure)
        if is_structure and structure is not ctypes.Structure and name != "Sized":
            found[structure_name(name)] = structure
    for name, structure in found.items():
        print(name, ctypes.sizeof(structure))
        for field in field_names(structure):
            descriptor = getattr(structure, field)
            print(f"{name}.{field} {descriptor.offset} {descriptor.size}")


if sys.argv[1:] == ["names"]:
    print("\n".join(sorted(_signatures.SIGNATURES)))
elif sys.argv[1:] == ["layout"]:
    print_layout()
else:
    sys.exit(f"usage: {sys.argv[0]} names|layout")
