#!/usr/bin/env bash
# Random arguments for TRIMTAB_FUZZ_SECONDS (600) against the library, from TRIMTAB_SEED (the time).
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/require.sh compilers
mkdir -p build/test
export TRIMTAB_SEED=${TRIMTAB_SEED:-$(date +%s)}
export TRIMTAB_FUZZ_SECONDS=${TRIMTAB_FUZZ_SECONDS:-600}
gcc -std=c99 -D_GNU_SOURCE -O1 -g -Iinclude Tests/c/fuzz.c -o build/test/fuzz -Lbuild/lib -ltrimtab -Wl,-rpath,"$PWD/build/lib" -lm
exec build/test/fuzz
