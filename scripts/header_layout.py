"""Writes a C program that prints the size of every struct in the headers and the offset and size of every field."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def fields_of(body: str) -> list[str]:
    """The names that a struct's body declares; anything but plain declarations is an error."""
    names = []
    for declaration in filter(None, (part.strip() for part in body.split(";"))):
        match = re.fullmatch(r"(?:const )?\w+ \**(\w+)(?:\[\w+\])?", re.sub(r"\s+", " ", declaration))
        if match is None:
            sys.exit(f"cannot read the field '{declaration}'")
        names.append(match.group(1))
    return names


def main() -> None:
    text = "".join(path.read_text() for path in sorted(Path("include/trimtab").glob("*.h")))
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    structs = re.findall(r"typedef struct (\w+) \{(.*?)\} \1;", text, flags=re.DOTALL)
    print("#include <stddef.h>\n#include <stdio.h>\n#include <trimtab.h>\nint main(void) {")
    for name, body in structs:
        print(f'  printf("{name} %zu\\n", sizeof({name}));')
        for field in fields_of(body):
            print(f'  printf("{name}.{field} %zu %zu\\n", offsetof({name}, {field}), sizeof((({name} *)0)->{field}));')
    print("  return 0;\n}")


main()
