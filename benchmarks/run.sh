#!/usr/bin/env bash
# `make bench`: every job beside numpy, torch and scikit-learn in one run. Arguments go to bench.py.
set -euo pipefail
cd "$(dirname "$0")/.."
environment=.venv-bench
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/pip" install --quiet -r benchmarks/requirements.txt
# The CPU build of torch where it is at hand; PyPI's brings three gigabytes of GPU libraries.
"$environment/bin/python" -c 'import torch' 2> /dev/null ||
  "$environment/bin/pip" install --quiet torch==2.13.0+cpu || "$environment/bin/pip" install --quiet torch
"$environment/bin/pip" install --quiet --force-reinstall --no-deps ./bindings/python
mkdir -p build
cc -O3 -march=native -shared -fPIC benchmarks/read_ceiling.c -o build/read_ceiling.so
exec "$environment/bin/python" benchmarks/bench.py build/read_ceiling.so "$@"
