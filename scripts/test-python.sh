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
reports=(build/test/python.xml)
# The foundry's own: all of them where the packages that hold its data are (`make foundry` installs them), else those of its score.
needed="import importlib.util as i, sys; sys.exit(not all(map(i.find_spec, 'torch sklearn mlxtend modlamp graphdatascience pyarrow tqdm pytest scipy'.split())))"
foundry=.venv
for environment in .venv .venv-foundry; do
  if [ -x "$environment/bin/python" ] && "$environment/bin/python" -c "$needed" 2> /dev/null; then foundry=$environment; break; fi
done
"$foundry/bin/python" -m pytest benchmarks/foundry/tests -q -p no:cacheprovider --junit-xml build/test/foundry.xml || status=1
reports+=(build/test/foundry.xml)
if [ -f build/test/python.xml ]; then
  .venv/bin/python scripts/count_tests.py "${reports[@]}" -- | awk '{ passed += $2; failed += $3 } END { print "python", passed + 0, failed + 0 }' >> "$rings"
fi
exit $status
