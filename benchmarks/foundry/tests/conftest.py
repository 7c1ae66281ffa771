"""The package lies in benchmarks/; without the packages that hold its data the score alone can be tested."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

NEEDED = ("torch", "sklearn", "mlxtend", "modlamp", "graphdatascience", "pyarrow", "tqdm")
sys.path.insert(0, str(Path(__file__).parents[2]))
missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
collect_ignore = ["test_peers.py", "test_programs.py", "test_runner.py"] if missing else []


def pytest_report_header() -> str:
    return f"foundry: not installed: {', '.join(missing)}" if missing else "foundry: all packages are there"
