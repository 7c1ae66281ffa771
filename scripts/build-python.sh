#!/usr/bin/env bash
# Makes .venv with the trimtab package and what its tests need.
set -euo pipefail
cd "$(dirname "$0")/.."
package=bindings/python
if [ ! -f "$package/pyproject.toml" ]; then
  echo "trimtab: no Python package yet"
  mkdir -p .venv
  exit 0
fi
[ -x .venv/bin/python ] || "${PYTHON:-python3}" -m venv --clear .venv
install=(.venv/bin/python -m pip install --quiet --disable-pip-version-check)
"${install[@]}" --force-reinstall --no-deps "./$package"
"${install[@]}" "./$package[test]"
echo "trimtab: Python package in .venv"
