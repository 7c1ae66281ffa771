"""The C headers as the tests see them: names, constants, and what a C compiler says of the structures."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from trimtab import _structures as structures
from trimtab._signatures import STRUCTURES

CHECKOUT = Path(__file__).resolve().parents[3]
INCLUDE = CHECKOUT / "include"


def text() -> str:
    """All headers, without comments."""
    joined = "\n".join(path.read_text() for path in sorted((INCLUDE / "trimtab").glob("*.h")))
    return re.sub(r"/\*.*?\*/", "", joined, flags=re.S)


def prototypes() -> dict[str, list[str]]:
    """Every function that the headers declare, with its parameters."""
    found = re.findall(r"TRIMTAB_API[^;]*?(trimtab_[a-z0-9_]+)\(([^;]*)\);", text())
    return {
        name: [] if parameters == "void" else [" ".join(parameter.split()) for parameter in parameters.split(",")]
        for name, parameters in found
    }


def function_names() -> set[str]:
    """Every function that the headers declare."""
    return set(prototypes())


def constants() -> dict[str, int]:
    """Every enumerator and integer macro."""
    enumerators = re.findall(r"\b(TRIMTAB_[A-Z0-9_]+)\s*=\s*(-?\d+)", text())
    macros = re.findall(r"#define (TRIMTAB_[A-Z0-9_]+) (\d+)$", text(), flags=re.M)
    return {name: int(value) for name, value in enumerators + macros}


def layouts(folder: Path) -> dict[str, str]:
    """What a C program prints of each structure: its size, each field's offset and size, and the bytes of its _INIT
    macro.
    """
    compiler = os.environ.get("CC") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler (cc) on the PATH")
    lines = ["#include <stddef.h>", "#include <stdio.h>", "#include <trimtab.h>", "int main(void) {"]
    for name, structure in STRUCTURES.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        for field, *_ in structure._fields_:
            lines.append(
                f'printf("{name}.{field} %zu %zu\\n", offsetof({name}, {field}), sizeof((({name} *)0)->{field}));'
            )
        if issubclass(structure, structures.Sized):
            lines.append(f"{{ {name} v = {name.upper()}_INIT; const unsigned char *b = (const unsigned char *)&v;")
            lines.append(f'printf("{name}_INIT ");')
            lines.append('for (size_t i = 0; i < sizeof v; ++i) printf("%02x", b[i]); puts(""); }')
    source = folder / "layouts.c"
    source.write_text("\n".join([*lines, "return 0; }"]))
    program = folder / "layouts"
    subprocess.run([compiler, "-std=c99", f"-I{INCLUDE}", str(source), "-o", str(program)], check=True)
    output = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout
    return dict(line.split(" ", 1) for line in output.splitlines())
