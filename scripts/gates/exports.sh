#!/usr/bin/env bash
# The headers, the library's exports, the static library's globals and Python's signature table hold the same names.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C
work=build/gates
scripts/header-names.sh > $work/header.txt
nm -D --defined-only --extern-only build/lib/libtrimtab.so | awk '{ print $3 }' | sort -u > $work/exports.txt
nm --defined-only --extern-only build/lib/libtrimtab.a | awk 'NF == 3 { print $3 }' | sort -u > $work/archive.txt
status=0
compare() {
  if ! diff "$work/header.txt" "$1" > $work/exports.diff; then
    status=1
    echo "$2 differs from the headers (< header, > $2):"
    grep '^[<>]' $work/exports.diff
  fi
}
compare $work/exports.txt exports
compare $work/archive.txt archive
table=bindings/python/src/trimtab/_headers/__init__.py
if [ -f "$table" ]; then
  .venv/bin/python scripts/python_table.py names > $work/python.txt
  compare $work/python.txt python
  said=", Python table"
else
  said="; no Python table yet"
fi
[ $status -eq 0 ] && echo "$(wc -l < $work/header.txt) names: headers, exports, archive$said"
exit $status
