#!/usr/bin/env bash
# `make bench-trainer`: steps a second of the trainer beside PyTorch. Arguments go to trainer.py; TRIMTAB_TORCH_PYTHON names a Python that has torch.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${TRIMTAB_TORCH_PYTHON:-}
if [ -z "$python" ]; then
  environment=.venv-bench
  python=$environment/bin/python
  [ -x "$python" ] || python3 -m venv "$environment"
  "$python" -c 'import numpy, torch' 2> /dev/null || "$environment/bin/pip" install --quiet numpy torch==2.13.0+cpu || "$environment/bin/pip" install --quiet numpy torch
fi
mkdir -p build
cc -std=gnu99 -O2 -Wall -Iinclude -shared -fPIC benchmarks/trainer/steps.c -o build/trainer_steps.so -Lbuild/lib -ltrimtab -Wl,-rpath,"$PWD/build/lib"
exec "$python" benchmarks/trainer/trainer.py build/trainer_steps.so "$@"
