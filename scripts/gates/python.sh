#!/usr/bin/env bash
# The Python package and the foundry are clean under ruff and mypy --strict.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ ! -f bindings/python/pyproject.toml ]; then echo "no Python package yet"; exit 77; fi
.venv/bin/python -m ruff check --no-cache bindings/python scripts examples
.venv/bin/python -m ruff format --no-cache --check bindings/python
(cd bindings/python && ../../.venv/bin/python -m mypy --strict --cache-dir ../../build/gates/mypy src)
# PyTorch's classes are not followed, and the packages that hold data need not be there.
.venv/bin/python -m ruff check --no-cache --config bindings/python/pyproject.toml benchmarks/foundry
.venv/bin/python -m ruff format --no-cache --config bindings/python/pyproject.toml --check benchmarks/foundry
(cd benchmarks && ../.venv/bin/python -m mypy --strict --allow-subclassing-any --ignore-missing-imports --disable-error-code import-untyped \
  --config-file ../bindings/python/pyproject.toml --cache-dir ../build/gates/mypy-foundry foundry)
