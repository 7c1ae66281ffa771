#!/usr/bin/env python3
"""Prints the names in the Python package's signature table, one a line and sorted, without loading the library.

Usage: python_table.py names
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parents[1] / "bindings" / "python" / "src" / "trimtab"


def module(name: str) -> ModuleType:
    """A module of the package, without the package's own __init__, which loads the library."""
    specification = importlib.util.spec_from_file_location(f"trimtab.{name}", FOLDER / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    result = importlib.util.module_from_spec(specification)
    sys.modules[f"trimtab.{name}"] = result
    specification.loader.exec_module(result)
    return result


def main() -> int:
    if sys.argv[1:] != ["names"]:
        print(__doc__, file=sys.stderr)
        return 2
    package = ModuleType("trimtab")
    package.__path__ = [str(FOLDER)]
    sys.modules["trimtab"] = package
    print("\n".join(sorted(module("_signatures").SIGNATURES)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
