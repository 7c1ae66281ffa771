#!/usr/bin/env bash
# swift format finds nothing to say, and every shell script parses.
set -euo pipefail
cd "$(dirname "$0")/../.."
folders=()
for folder in Sources/* Tests/* examples/swift; do
  [ -d "$folder" ] && [ ! -L "$folder" ] && folders+=("$folder")
done
swift format lint --strict --recursive --parallel Package.swift "${folders[@]}"
for script in scripts/*.sh scripts/gates/*.sh .ci/run benchmarks/*.sh; do
  [ -f "$script" ] || continue
  bash -n "$script"
  [ -x "$script" ] || { echo "$script is not executable"; exit 1; }
done
echo "Package.swift and ${#folders[@]} folders"
