#!/usr/bin/env bash
# Makes .venv with the trimtab package and what its tests need.
set -euo pipefail
cd "$(dirname "$0")/.."
package=bindings/python
[ -x .venv/bin/python ] || "${PYTHON:-python3}" -m venv --clear .venv
install=(.venv/bin/python -m pip install --quiet --disable-pip-version-check)
"${install[@]}" --force-reinstall --no-deps "./$package"
"${install[@]}" "./$package[test]"
# PyTorch's CPU build where its wheel is at hand: the tests that need it skip, and say so, without it.
.venv/bin/python -c 'import torch' 2> /dev/null || "${install[@]}" torch==2.13.0+cpu 2> /dev/null || true
echo "trimtab: Python package in .venv"
