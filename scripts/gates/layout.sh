#!/usr/bin/env bash
# Structs have the same fields, sizes and offsets in C and in ctypes, every byte of them named (no padding of the compiler's), and the frozen ones are as frozen.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C
work=build/gates
"${PYTHON:-python3}" scripts/header_layout.py > $work/layout.c
gcc -std=c99 -Wall -Werror -Iinclude $work/layout.c -o $work/layout
$work/layout > $work/layout-c-order.txt
sort $work/layout-c-order.txt > $work/layout-c.txt
status=0
frozen() { grep -qx "$1" $work/layout-c.txt || { echo "not as frozen: $1"; status=1; }; }
frozen 'trimtab_summary 160'
frozen 'trimtab_tensor 48'
frozen 'trimtab_tensor.byte_offset 40 8'
frozen 'trimtab_dtype.lanes 2 2'
holes=$(awk '$1 !~ /\./ { if (name != "" && at != size) print name " ends with " size - at " unnamed bytes"; name = $1; size = $2; at = 0; next }
  { if ($2 != at) print $1 " follows " $2 - at " unnamed bytes"; at = $2 + $3 } END { if (at != size) print name " ends with " size - at " unnamed bytes" }' $work/layout-c-order.txt)
if [ -n "$holes" ]; then echo "$holes"; status=1; fi
if [ -f bindings/python/src/trimtab/_headers/__init__.py ]; then
  .venv/bin/python scripts/python_table.py layout | sort > $work/layout-python.txt
  if ! diff $work/layout-c.txt $work/layout-python.txt > $work/layout.diff; then
    echo "C and ctypes differ (< C, > ctypes):"
    grep '^[<>]' $work/layout.diff | head -n 20
    status=1
  fi
  said="as in ctypes"
else
  said="no Python structures yet"
fi
[ $status -eq 0 ] && echo "$(grep -cv '\.' $work/layout-c.txt) structs, $(grep -c '\.' $work/layout-c.txt) fields, $said"
exit $status
