#!/usr/bin/env bash
# Runs every ring of tests and sums them. A ring is a script that leaves a line "NAME PASSED FAILED" for each of its parts in build/test/rings; a part that ran no test, and a
# ring that died before it could count, is a failure.
set -uo pipefail
cd "$(dirname "$0")/.."
results=build/test
rm -rf "$results"
mkdir -p "$results"
export TRIMTAB_RINGS="$PWD/$results/rings"
: > "$TRIMTAB_RINGS"

for ring in swift native python; do
  printf '\n=== %s\n' "$ring"
  lines_before=$(wc -l < "$TRIMTAB_RINGS")
  failures_before=$(awk '{ n += $3 } END { print n + 0 }' "$TRIMTAB_RINGS")
  "scripts/test-$ring.sh" < /dev/null
  status=$?
  lines=$(wc -l < "$TRIMTAB_RINGS")
  failures=$(awk '{ n += $3 } END { print n + 0 }' "$TRIMTAB_RINGS")
  if [ "$lines" -eq "$lines_before" ] || { [ "$status" -ne 0 ] && [ "$failures" -eq "$failures_before" ]; }; then
    echo "$ring-ring-exit-$status 0 1" >> "$TRIMTAB_RINGS"
  fi
done

printf '\n'
awk '
  $2 + $3 == 0 { $3 = 1; note = "  (ran no test)" }
  { printf "%-28s %5d passed, %d failed%s\n", $1, $2, $3, note; note = ""; passed += $2; failed += $3 }
  END { printf "\n%d passed, %d failed\n", passed, failed; exit failed > 0 || passed == 0 }' "$TRIMTAB_RINGS"
