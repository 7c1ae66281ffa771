#!/usr/bin/env bash
# The detectors' promise about false alarms, at length: TRIMTAB_PROMISE_STEPS healthy steps a kind (200 million), TRIMTAB_SEED or a new one.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/test
gcc -std=c99 -D_GNU_SOURCE -O2 -Iinclude Tests/c/detector_promise.c -o build/test/detector_promise -Lbuild/lib -ltrimtab -Wl,-rpath,"$PWD/build/lib" -lm -lpthread
export TRIMTAB_SEED=${TRIMTAB_SEED:-$RANDOM$RANDOM} TRIMTAB_PROMISE_STEPS=${TRIMTAB_PROMISE_STEPS:-200000000}
build/test/detector_promise
