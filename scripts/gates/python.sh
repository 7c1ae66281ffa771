#!/usr/bin/env bash
# The Python package is clean under ruff and mypy --strict.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ ! -f bindings/python/pyproject.toml ]; then echo "no Python package yet"; exit 77; fi
.venv/bin/python -m ruff check --no-cache bindings/python scripts examples
.venv/bin/python -m ruff format --no-cache --check bindings/python
(cd bindings/python && ../../.venv/bin/python -m mypy --strict --cache-dir ../../build/gates/mypy src)
