"""The package lies in benchmarks/; without the packages that hold its data there is nothing to test."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

NEEDED = ("torch", "sklearn", "mlxtend", "modlamp", "graphdatascience", "pyarrow", "tqdm")
sys.path.insert(0, str(Path(__file__).parents[2]))
missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
collect_ignore_glob = ["test_*.py"] if missing else []


def pytest_report_header() -> str:
    return f"foundry: not installed: {', '.join(missing)}" if missing else "foundry: all packages are there"
