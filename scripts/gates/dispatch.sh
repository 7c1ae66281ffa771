#!/usr/bin/env bash
# The library runs on every x86-64 processor since Nehalem, with the kernels of its level, and answers the same: a C program under emulated processors, beside this one. Numbers may
# differ by rounding, words and counts may not. The command starts on all of them too.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "$(uname -m)" != x86_64 ]; then echo "only x86-64 chooses kernels at run time"; exit 77; fi
if ! command -v qemu-x86_64 > /dev/null; then echo "qemu-x86_64 is missing (Debian's qemu-user)"; exit 77; fi
work=build/gates/dispatch
mkdir -p $work
gcc -std=c99 -O1 -Iinclude Tests/c/dispatch.c -o $work/dispatch -Lbuild/lib -ltrimtab -Wl,-rpath,"$PWD/build/lib" -lm
$work/dispatch > $work/here.txt
status=0
for machine in Nehalem:baseline Haswell:x86-64-v3 max:x86-64-v3; do
  cpu=${machine%%:*} level=${machine#*:}
  if ! qemu-x86_64 -cpu "$cpu" $work/dispatch "$level" > $work/$cpu.txt 2> $work/$cpu.said; then
    echo "$cpu: failed, or did not use $level: $(head -n 1 $work/$cpu.txt) $(grep -v 'warning: TCG' $work/$cpu.said | head -n 3)"
    status=1
    continue
  fi
  sed -i 1d $work/$cpu.txt
  if ! "${PYTHON:-python3}" scripts/compare_numbers.py $work/here.txt $work/$cpu.txt; then
    echo "$cpu answers differently"
    status=1
  fi
  if [ -x build/bin/trimtab ] && ! qemu-x86_64 -cpu "$cpu" build/bin/trimtab --help > $work/said 2>&1; then
    echo "$cpu: the command does not start: $(tail -n 1 $work/said)"
    status=1
  fi
done
if [ $status -eq 0 ]; then echo "$(wc -l < $work/here.txt) lines alike on this machine, Nehalem, Haswell and max; the command starts"; fi
exit $status
