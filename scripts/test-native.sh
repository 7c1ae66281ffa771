#!/usr/bin/env bash
# The C ring: every program in Tests/c against the shared library, counted by its tests; then the same programs built in other ways (clang, static library, sanitizers, C++17,
# valgrind), each counted as one; then the examples, and a build against an installed copy by pkg-config and CMake.
set -uo pipefail
cd "$(dirname "$0")/.."
scripts/require.sh compilers memcheck? cmake? || exit 1
rings=${TRIMTAB_RINGS:-/dev/stdout}
work=build/test/native
rm -rf "$work"
mkdir -p "$work"
root=$PWD
strict=(-O1 -g -Wall -Wextra -pedantic -Werror -Iinclude)
shared=(-Lbuild/lib -ltrimtab -Wl,-rpath,"$root/build/lib" -lm -lpthread)
static=(build/lib/libtrimtab.a -lm -lpthread)
if [ -f build/lib/link-flags ]; then read -r -a runtime < build/lib/link-flags; static+=("${runtime[@]}"); fi
# New numbers every run; TRIMTAB_SEED repeats one.
TRIMTAB_SEED=${TRIMTAB_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
export TRIMTAB_SEED
echo "seed $TRIMTAB_SEED"
passed=0 failed=0

# One test that is a command: check NAME command...
check() {
  local name=$1
  shift
  if "$@" > "$work/said" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $name"
    tail -n 30 "$work/said"
  fi
}
close() {
  printf '%s: %d passed, %d failed\n' "$1" "$passed" "$failed"
  echo "$1 $passed $failed" >> "$rings"
  passed=0 failed=0
}

programs=()
for source in Tests/c/*.c; do programs+=("$(basename "$source" .c)"); done

# The tests themselves.
for program in "${programs[@]}"; do
  if ! gcc -std=c99 -D_GNU_SOURCE "${strict[@]}" "Tests/c/$program.c" -o "$work/$program" "${shared[@]}"; then
    failed=$((failed + 1))
    continue
  fi
  timeout 300 "$work/$program" > "$work/$program.log" 2>&1
  status=$?
  read -r good bad <<< "$(sed -n "s/^$program: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p" "$work/$program.log" | tail -n 1)"
  if [ -z "${good:-}" ] || { [ $status -ne 0 ] && [ "${bad:-0}" -eq 0 ]; }; then
    echo "FAILED $program: exit status $status"
    tail -n 20 "$work/$program.log"
    bad=$((${bad:-0} + 1))
  elif [ "$bad" -gt 0 ]; then
    cat "$work/$program.log"
  else
    grep -E '^(seed|note|skipped)' "$work/$program.log" | sed "s/^/$program: /"
  fi
  passed=$((passed + ${good:-0}))
  failed=$((failed + bad))
  good='' bad=0
done
close c

# The same programs in other ways.
build_and_run() {
  local output=$1
  shift
  "$@" -o "$output" && timeout 300 "$output"
}
for program in "${programs[@]}"; do
  check "$program, clang" build_and_run "$work/$program-clang" clang -std=c99 -D_GNU_SOURCE "${strict[@]}" "Tests/c/$program.c" "${shared[@]}"
  check "$program, static library" build_and_run "$work/$program-static" gcc -std=c99 -D_GNU_SOURCE "${strict[@]}" "Tests/c/$program.c" "${static[@]}"
  # Deliberately huge and out-of-memory requests are the tests' business, and returning NULL for them is right.
  ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1 \
    check "$program, address and undefined-behaviour sanitizers" build_and_run "$work/$program-sanitized" \
    gcc -std=c99 -D_GNU_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=all "${strict[@]}" "Tests/c/$program.c" "${shared[@]}"
  if command -v valgrind > /dev/null; then
    case $program in
      lifetimes | states) check "$program, valgrind" timeout 500 env VALGRIND=1 valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=all "$work/$program" ;;
    esac
  fi
done
# The debug build, where it was made (TRIMTAB_DEBUG=1 scripts/build-library.sh), refuses a second thread in a monitor.
if [ -f build/debug/libtrimtab.so ]; then
  check "snapshot, debug build" env TRIMTAB_DEBUG=1 bash -c 'gcc -std=c99 -D_GNU_SOURCE -O1 -g -Iinclude Tests/c/snapshot.c -o "$0" -Lbuild/debug -ltrimtab -Wl,-rpath,"$1/build/debug" -lm -lpthread && timeout 300 "$0"' "$work/snapshot-debug" "$root"
fi
for compiler in g++ clang++; do
  check "the header in C++17, $compiler" build_and_run "$work/cpp-$compiler" "$compiler" -std=c++17 "${strict[@]}" Tests/c/header.cpp "${shared[@]}"
done
close c-builds

scripts/test-examples.sh "$work"
