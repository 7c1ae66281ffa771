#!/usr/bin/env bash
# The kernels built for newer processors leave nothing global but their table: no copy of a runtime function built for AVX can win over the baseline's.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "$(uname -m)" != x86_64 ]; then echo "only x86-64 has such kernels"; exit 77; fi
status=0 seen=0
for module in KernelsV3 KernelsV4; do
  object=build/objects/$module.o
  [ -f "$object" ] || { echo "$object is missing"; status=1; continue; }
  globals=$(nm --defined-only "$object" | awk '$2 ~ /[A-Z]/ || $2 ~ /[uvw]/ { print $3 }')
  count=$(grep -c . <<< "$globals" || true)
  if [ "$count" -ne 1 ] || ! grep -q "$module.*kernelFunctions" <<< "$globals"; then
    echo "$module.o has $count global symbols; allowed: its table alone"
    head -n 10 <<< "$globals"
    status=1
  fi
  seen=$((seen + 1))
done
[ $status -eq 0 ] && echo "$seen objects, one global symbol each"
exit $status
