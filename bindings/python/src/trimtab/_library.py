"""Finds libtrimtab, proves that it is the one this package was written for, and types its functions."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ._signatures import SIGNATURES
from ._version import ABI_VERSION, __version__

ENVIRONMENT_VARIABLE = "TRIMTAB_LIBRARY"
FILE_NAME = "libtrimtab.so"


def candidates() -> Iterator[Path]:
    """Where the library may lie, best first: the environment's word, the wheel, the checkout's build folder."""
    chosen = os.environ.get(ENVIRONMENT_VARIABLE)
    if chosen:
        yield Path(chosen)
        return  # A wrong path must not be answered by another library.
    yield Path(str(resources.files("trimtab").joinpath("lib", FILE_NAME)))
    parents = Path(__file__).resolve().parents
    if len(parents) > 4 and (parents[4] / "include" / "trimtab.h").exists():
        yield parents[4] / "build" / "lib" / FILE_NAME


def load(paths: Iterable[Path]) -> tuple[ctypes.CDLL, Path]:
    """Loads the first of `paths` that exists.

    Raises ImportError, which names every path tried, if there is none, and names the file if it is no loadable library.
    """
    tried = list(paths)
    for path in tried:
        if path.exists():
            try:
                return ctypes.CDLL(str(path)), path
            except OSError as error:
                raise ImportError(f"trimtab: {path} could not be loaded: {error}") from error
    places = "".join(f"\n  {path}" for path in tried)
    raise ImportError(f"trimtab: found no library ({ENVIRONMENT_VARIABLE} may name one); tried:{places}")


def bind(library: ctypes.CDLL, path: Path) -> SimpleNamespace:
    """The library's functions, each with its result and argument types.

    Raises ImportError if the library is of another version. A function that it lacks raises RuntimeError when called.
    """
    functions = {}
    for name, (restype, argtypes) in SIGNATURES.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            functions[name] = missing(name, path)
            continue
        function.restype = restype
        function.argtypes = argtypes
        functions[name] = function
    require_version(functions, path)
    return SimpleNamespace(**functions)


def require_version(functions: dict[str, Callable[..., Any]], path: Path) -> None:
    """Raises ImportError, naming the file, unless the library is of this package's ABI and version."""
    try:
        abi = functions["trimtab_abi_version"]()
        version = functions["trimtab_version_string"]().decode()
    except RuntimeError as error:
        raise ImportError(f"trimtab: {path} is no Trimtab library: {error}") from error
    if abi != ABI_VERSION:
        raise ImportError(f"trimtab: {path} has ABI version {abi}, this package needs {ABI_VERSION}")
    if version != __version__:
        raise ImportError(f"trimtab: {path} is version {version}, this package is {__version__}")


def missing(name: str, path: Path) -> Callable[..., Any]:
    """Stands for a function that the library does not export."""

    def call(*_: object) -> Any:
        raise RuntimeError(f"{path} does not export {name}: it is of another build than this package")

    return call


_handle, LIBRARY_PATH = load(candidates())
library: Any = bind(_handle, LIBRARY_PATH)
