#!/usr/bin/env bash
# The Python ring: the installed package against NumPy, SciPy, scikit-learn and raw ctypes.
set -uo pipefail
cd "$(dirname "$0")/.."
rings=${TRIMTAB_RINGS:-/dev/stdout}
if [ ! -d bindings/python/tests ]; then
  echo "python 0 1" >> "$rings"
  echo "no tests in bindings/python/tests"
  exit 1
fi
mkdir -p build/test
.venv/bin/python -m pytest bindings/python/tests -q -p no:cacheprovider --junit-xml build/test/python.xml
status=$?
if [ -f build/test/python.xml ]; then
  .venv/bin/python scripts/count_tests.py build/test/python.xml -- | awk '{ passed += $2; failed += $3 } END { print "python", passed + 0, failed + 0 }' >> "$rings"
fi
exit $status
