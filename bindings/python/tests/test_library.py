"""Finding and refusing libraries."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import headers
import pytest

import trimtab
from trimtab import _library

VERSIONS = """
unsigned trimtab_abi_version(void) {{ return {abi}; }}
const char *trimtab_version_string(void) {{ return "{version}"; }}
"""


def compiled(folder: Path, source: str) -> Path:
    compiler = os.environ.get("CC") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler (cc) on the PATH")
    (folder / "library.c").write_text(source)
    library = folder / "libtrimtab.so"
    subprocess.run([compiler, "-shared", "-fPIC", str(folder / "library.c"), "-o", str(library)], check=True)
    return library


def imported(library: Path | str) -> subprocess.CompletedProcess[str]:
    """What a fresh interpreter says that imports the package with TRIMTAB_LIBRARY set."""
    return subprocess.run(
        [sys.executable, "-c", "import trimtab; print(trimtab.LIBRARY_PATH)"],
        env={**os.environ, "TRIMTAB_LIBRARY": str(library)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_environment_names_the_library(tmp_path: Path) -> None:
    copy = tmp_path / "copy.so"
    shutil.copy(trimtab.LIBRARY_PATH, copy)
    assert imported(copy).stdout.strip() == str(copy)


def test_missing_library_lists_every_candidate(tmp_path: Path) -> None:
    paths = [tmp_path / "a.so", tmp_path / "b.so"]
    with pytest.raises(ImportError, match=r"tried:\n  .*a\.so\n  .*b\.so"):
        _library.load(paths)


def test_wrong_environment_is_not_answered_by_another_library(tmp_path: Path) -> None:
    result = imported(tmp_path / "none.so")
    assert result.returncode != 0
    assert "ImportError" in result.stderr
    assert str(tmp_path / "none.so") in result.stderr


def test_file_that_is_no_library_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text.so"
    path.write_text("no library")
    with pytest.raises(ImportError, match=r"text\.so could not be loaded"):
        _library.load([path])


@pytest.mark.parametrize(
    ("abi", "version", "message"),
    [(7, "0.1.0", "has ABI version 7, this package needs 1"), (1, "9.9.9", "is version 9.9.9, this package is 0.1.0")],
)
def test_other_versions_are_refused_by_name(tmp_path: Path, abi: int, version: str, message: str) -> None:
    library = compiled(tmp_path, VERSIONS.format(abi=abi, version=version))
    result = imported(library)
    assert f"{library} {message}" in result.stderr


def test_library_of_something_else_is_refused(tmp_path: Path) -> None:
    library = compiled(tmp_path, "int other(void) { return 0; }")
    assert f"{library} is no Trimtab library" in imported(library).stderr


def test_missing_function_is_named_when_called(tmp_path: Path) -> None:
    path = compiled(tmp_path, VERSIONS.format(abi=1, version="0.1.0"))
    functions = _library.bind(_library.load([path])[0], path)
    with pytest.raises(RuntimeError, match=r"libtrimtab\.so does not export trimtab_summarize: it is of another build"):
        functions.trimtab_summarize()


def test_no_object_outlives_the_interpreter_noisily() -> None:
    """Objects that are still alive at shutdown, in cycles and in module globals, are freed without a word."""
    program = """
import trimtab, numpy as np, sys
class Cycle: pass
cycle = Cycle(); cycle.me = cycle; cycle.covariance = trimtab.Covariance().add(np.eye(3))
kept = [trimtab.Activity(), trimtab.LabelDrift(), trimtab.Gradients(), trimtab.Whitener().fit(np.eye(3) + 1)]
sys.modules['kept_by_a_module'] = kept
"""
    result = subprocess.run([sys.executable, "-X", "dev", "-c", program], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


#: Trains on the digits under a monitor with what the wheel holds.
DIGITS = """
import sys
import numpy as np
import trimtab
from trimtab import layers

folder = sys.argv[1]
inputs, labels = np.load(folder + "/features_raw.npy") / 16, np.load(folder + "/labels.npy")
net = [layers.Dense(32, activation="relu"), layers.Dense(10)]
trainer = trimtab.Trainer(net, (64,), loss="cross_entropy", optimizer="adam", learning_rate=3e-3)
monitor = trimtab.Monitor()
trainer.attach(monitor)
for step in range(150):
    rows = np.arange(step * 32, step * 32 + 32) % len(inputs)
    assert trainer.step(inputs[rows], labels[rows]).is_taken
assert trainer.evaluate(inputs, labels).accuracy > 0.85
assert not any(finding.verdict >= trimtab.Verdict.WARNING for finding in monitor.findings())
print(trimtab.LIBRARY_PATH)
"""


def test_wheel_is_self_contained(tmp_path: Path) -> None:
    """A wheel built here holds the library, needs no checkout, trains from its own copy, and says what it lacks."""
    wheel_builder = pytest.importorskip("hatchling.builders.wheel", reason="no hatchling to build a wheel with")
    package = headers.CHECKOUT / "bindings" / "python"
    if not (headers.CHECKOUT / "build" / "lib" / "libtrimtab.so").exists():
        pytest.skip("build/lib/libtrimtab.so is not built in this checkout")
    (wheel,) = wheel_builder.WheelBuilder(str(package)).build(directory=str(tmp_path), versions=["standard"])
    tag = Path(wheel).stem.split("-", 2)[2]
    assert tag.startswith("py3-none-"), tag
    assert tag != "py3-none-any"
    target = tmp_path / "installed"
    shutil.unpack_archive(wheel, target, "zip")
    environment = {key: value for key, value in os.environ.items() if key != "TRIMTAB_LIBRARY"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            env={**environment, "PYTHONPATH": str(target)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    trained = run("-c", DIGITS, str(headers.CHECKOUT / "examples" / "data" / "digits"))
    assert (trained.returncode, trained.stderr) == (0, "")
    assert trained.stdout.split() == [str(target / "trimtab" / "lib" / "libtrimtab.so")]
    bare = run("-S", "-c", "import trimtab")  # no site-packages, so no NumPy
    assert bare.returncode == 1
    assert "ImportError: trimtab: NumPy is not installed, and is needed: pip install numpy" in bare.stderr
    hidden = "import importlib.util as u; f = u.find_spec; u.find_spec = lambda n: None if n == 'torch' else f(n)"
    untaught = run("-c", f"{hidden}; import trimtab.torch")
    assert untaught.returncode == 1
    assert "ImportError: trimtab.torch: PyTorch is not installed, and is needed: pip install torch" in untaught.stderr
