#!/usr/bin/env bash
# Runs every gate in scripts/gates, or those named: gates.sh [NAME...]. A gate says why it fails, and ends with 77 where it says why it cannot be judged.
set -uo pipefail
cd "$(dirname "$0")/.."
scripts/require.sh compilers emulator? || exit 1
mkdir -p build/gates
passed=0 failed=0 skipped=0

names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  for file in scripts/gates/*.sh; do names+=("$(basename "$file" .sh)"); done
fi
for name in "${names[@]}"; do
  said=$("scripts/gates/$name.sh" 2>&1 < /dev/null)
  status=$?
  case $status in
    0) passed=$((passed + 1)) word=passed ;;
    77) skipped=$((skipped + 1)) word=skipped ;;
    *) failed=$((failed + 1)) word=FAILED ;;
  esac
  printf '%-16s %-8s %s\n' "$name" "$word" "$(head -n 1 <<< "$said")"
  tail -n +2 <<< "$said" | sed '/^$/d; s/^/                          /'
done
if [ $skipped -gt 0 ]; then printf '\n%d skipped, each with its reason above\n' "$skipped"; fi
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
