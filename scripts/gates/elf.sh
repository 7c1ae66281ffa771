#!/usr/bin/env bash
# The shared library needs libc and libm alone, no glibc newer than 2.28, no RUNPATH, at most 912 kB, no executable stack, no text relocation and none of the calls
# that print, stop the process or take its signals; its SONAME is right.
set -euo pipefail
cd "$(dirname "$0")/../.."
library=$(readlink -f build/lib/libtrimtab.so)
# Spine, watching a run and trainer together take 450 kB; the diagnostics of ten systems and the lab with its digits 372; the set-up of a run, what it learns and the log
# doctor 85.
limit=912000
newest=2.28
status=0
fail() { echo "$*"; status=1; }

needed=$(readelf -dW "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | tr '\n' ' ')
for name in $needed; do
  case $name in libc.so.6 | libm.so.6) ;; *) fail "needs $name; allowed: libc.so.6 libm.so.6" ;; esac
done
floor=$(readelf -VW "$library" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -uV | tail -n 1)
[ "$(printf '%s\n' "$floor" "$newest" | sort -V | tail -n 1)" = "$newest" ] || fail "needs glibc $floor; allowed at most $newest: $(nm -D "$library" | grep "GLIBC_$floor" | tr '\n' ' ')"
size=$(stat -c %s "$library")
[ "$size" -le $limit ] || fail "$size bytes; allowed $limit"
if readelf -dW "$library" | grep -E '\((RUNPATH|RPATH|TEXTREL)\)'; then fail "has RUNPATH, RPATH or TEXTREL"; fi
if readelf -lW "$library" | grep GNU_STACK | grep -q 'RWE'; then fail "wants an executable stack"; fi
if readelf -SW "$library" | grep -q '\.symtab'; then fail "is not stripped"; fi
major=$(scripts/version.sh | cut -d. -f1)
soname=$(readelf -dW "$library" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
[ "$soname" = "libtrimtab.so.$major" ] || fail "SONAME is '$soname'"
# The host's signals, output and loader are its own; `write` goes to the run log that the host named, and nowhere else.
imported=$(nm -D --undefined-only "$library" | awk '{ print $2 }' | sed 's/@.*//' | grep -xE 'sigaction|signal|raise|kill|exit|_exit|printf|puts|putchar|fprintf|fputs|fwrite|dlopen|system|fork' || true)
[ -z "$imported" ] || fail "imports what could stop or speak for the host: $(tr '\n' ' ' <<< "$imported")"
[ $status -eq 0 ] && echo "$size bytes, NEEDED $needed, glibc $floor"
exit $status
