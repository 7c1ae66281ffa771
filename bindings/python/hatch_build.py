"""Puts libtrimtab.so inside the wheel, so that it needs nothing else, and names the platform in the wheel's tag."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LibraryHook(BuildHookInterface[Any]):
    """Bundles the checkout's library, building it first if it is not there."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        library = find_library(Path(self.root).resolve().parents[1])
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform_tag(library)}"
        # An editable install reads the checkout's library, so that a rebuilt one counts at once.
        if version != "editable":
            build_data["force_include"][str(library)] = "trimtab/lib/libtrimtab.so"


def find_library(checkout: Path) -> Path:
    """The file behind build/lib/libtrimtab.so: links are resolved, since a wheel would drop one that dangles."""
    library = checkout / "build" / "lib" / "libtrimtab.so"
    script = checkout / "scripts" / "build-library.sh"
    if not library.exists():
        if not script.exists():
            raise FileNotFoundError(
                f"{library} is missing, and so is the checkout that builds it: install from a checkout"
            )
        if shutil.which("swift") is None:
            raise FileNotFoundError(
                f"{library} is missing and Swift, which builds it, is not on the PATH: install Swift 6.3"
            )
        subprocess.run([str(script)], cwd=checkout, check=True)
    return library.resolve(strict=True)


def platform_tag(library: Path) -> str:
    """manylinux_2_N if glibc 2.N and no C++ runtime is what the library needs; otherwise this machine's platform."""
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    content = library.read_bytes()
    minors = [int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", content)]
    if not platform.startswith("linux_") or not minors or b"GLIBCXX_" in content:
        return platform
    return f"manylinux_2_{max(17, *minors)}_{platform.removeprefix('linux_')}"
