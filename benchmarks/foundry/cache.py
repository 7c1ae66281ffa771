"""Results of runs, kept in build/foundry: the same recipe under the same code is not run twice."""

from __future__ import annotations

import functools
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .recipe import Recipe

HERE = Path(__file__).parent
FOLDER = HERE.parent.parent / "build" / "foundry"
#: What a run is made of; programs' labels and the score may change without another run.
SOURCES = ("recipe.py", "task.py", "loop.py", "nets.py", "losses.py", "data.py", "families/*.py")


def _hash_of(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@functools.cache
def _program_version() -> str:
    return _hash_of([path for pattern in SOURCES for path in HERE.glob(pattern)])


@functools.cache
def _trimtab_version() -> str:
    """Of the installed package: its Python and its library."""
    import trimtab

    package = Path(trimtab.__file__).parent
    return _hash_of([*package.rglob("*.py"), Path(trimtab.LIBRARY_PATH)])


def _files_of(kind: Any) -> list[Path]:
    """Where an observer's class is written, and those that it is derived from."""
    classes = [one for one in getattr(kind, "__mro__", (kind,)) if one is not object]
    return [Path(path) for one in classes if (path := sys.modules[one.__module__].__file__)]


def version(observers: Mapping[str, Callable[[], Any]]) -> str:
    """Changes with the code of the programs, of those that look on, and of Trimtab."""
    parts = [_program_version()]
    for name, make in sorted(observers.items()):
        kind = make.func if isinstance(make, functools.partial) else make
        options = repr((make.args, make.keywords)) if isinstance(make, functools.partial) else ""
        parts += [name, options, _hash_of(_files_of(kind))]
        # Beside its own module, what it judges by.
        parts += [_hash_of([*HERE.glob(pattern)]) for pattern in getattr(kind, "sources", ())]
        # The peers' rules know nothing of Trimtab.
        if getattr(kind, "asks_trimtab", False):
            parts.append(_trimtab_version())
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def path_of(recipe: Recipe, code: str) -> Path:
    return FOLDER / f"{recipe.key}-{code}.json"


def load(recipe: Recipe, code: str) -> dict[str, Any] | None:
    """What is known of a run; None where it has not been run, or the file is no JSON."""
    try:
        found = json.loads(path_of(recipe, code).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def store(recipe: Recipe, code: str, result: dict[str, Any]) -> None:
    """Whole or not at all."""
    path = path_of(recipe, code)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(result))
    part.replace(path)
