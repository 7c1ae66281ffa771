#!/usr/bin/env bash
# The C examples under both compilers, and a build against an installed copy by pkg-config and CMake. Usage: test-examples.sh WORK
set -uo pipefail
cd "$(dirname "$0")/.."
rings=${TRIMTAB_RINGS:-/dev/stdout}
work=$PWD/${1:-build/test/native}
mkdir -p "$work"
passed=0 failed=0
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
prefix=$work/prefix
check "make install" env PREFIX="$prefix" DESTDIR= scripts/install.sh
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
export LD_LIBRARY_PATH=$prefix/lib

compile() {
  local compiler=$1 source=$2 output=$3
  # shellcheck disable=SC2046
  "$compiler" -std=c99 -O2 -Wall -Wextra -pedantic -Werror "$source" -o "$output" $(pkg-config --cflags --libs trimtab) -lm
}
says() {
  local wanted=$1
  shift
  "$@" | tee "$work/example.log" && grep -qE "$wanted" "$work/example.log"
}
for compiler in gcc clang; do
  for source in examples/c/*.c; do
    [ -f "$source" ] || continue
    name=$(basename "$source" .c)
    check "$name, $compiler" compile "$compiler" "$source" "$work/$name-$compiler"
    case $name in
      train_loop)
        check "$name learns, $compiler" says 'verdict: healthy' "$work/$name-$compiler"
        check "$name diverges when told to, $compiler" says 'verdict: critical' "$work/$name-$compiler" --fail
        check "$name names the learning rate, $compiler" says 'Lower the learning rate' "$work/$name-$compiler" --fail
        ;;
      watched_training)
        check "$name says nothing of a healthy run, $compiler" says '^0 steps left out, verdict at the end: healthy$' "$work/$name-$compiler"
        check "$name leaves out a NaN, $compiler" says '^1 steps left out, verdict at the end: healthy$' "$work/$name-$compiler" --fail nan
        check "$name names where the NaN arose, $compiler" says '^critical: nonfinite in layer0.z, step 300 to 300' "$work/$name-$compiler" --fail nan
        check "$name writes a log that is closed, $compiler" says '^."end":600,"step_count":600' "$work/$name-$compiler" --log /dev/stdout
        check "$name goes back to a copy, $compiler" says 'back to the copy taken after step [0-9]+, with' "$work/$name-$compiler" --fail jump
        check "$name blames the rate that leaped, $compiler" says '^warning: loss_spike in the run, step 301' "$work/$name-$compiler" --fail jump
        check "$name names a learning rate too high, $compiler" says 'A step that was too large' "$work/$name-$compiler" --fail rate
        ;;
      train_digits)
        check "$name learns, $compiler" says '^epoch 12 .* 9[0-9]\.[0-9] % right$' "$work/$name-$compiler"
        check "$name says nothing of it, $compiler" says '^verdict: healthy$' "$work/$name-$compiler"
        check "$name names a learning rate too high, $compiler" says 'Lower the learning rate' "$work/$name-$compiler" --fail rate
        ;;
      smooth_field)
        check "$name names the kinks of ReLU, $compiler" says '^ReLU: critical, second slope -[01]\.' "$work/$name-$compiler"
        check "$name says nothing of SiLU, $compiler" says '^SiLU: healthy' "$work/$name-$compiler"
        ;;
      *) check "$name runs, $compiler" says '(critical|warning)' "$work/$name-$compiler" ;;
    esac
  done
done
# Forces as shared libraries, which the command calls.
probe() {
  local compiler=$1 name=$2
  shift 2
  "$compiler" -std=c99 -O2 -Wall -Wextra -pedantic -Werror -shared -fPIC "examples/c/libraries/$name.c" -o "$work/lib$name-$compiler.so" -lm &&
    { build/bin/trimtab probe "$work/lib$name-$compiler.so" --symbol force --signature 'void(f64*, f64*)' --domain -2:2,-2:2 --tolerance 1e-8 "$@" || [ $? -eq 1 ]; }
}
for compiler in gcc clang; do
  check "relu_force has kinks, $compiler" says '^CRITICAL: force in .*, 2 inputs, 2 outputs$' probe "$compiler" relu_force
  check "relu_force has a cure, $compiler" says 'Use a smooth activation' probe "$compiler" relu_force
  check "relu_force for programs, $compiler" says '"cause" : "nonsmooth_field"' probe "$compiler" relu_force --json
  check "smooth_force is smooth, $compiler" says '^HEALTHY: force in ' probe "$compiler" smooth_force
done
check "no machine path in the installed trimtab.pc but its prefix" sh -c "sed '/^prefix=/d' '$prefix/lib/pkgconfig/trimtab.pc' | grep -vq '$PWD'"
static_build() {
  # shellcheck disable=SC2046
  gcc -std=c99 Tests/c/consumer/consumer.c -o "$work/consumer-static" $(pkg-config --cflags trimtab) "$prefix/lib/libtrimtab.a" $(sed -n 's/^Libs.private: //p' "$prefix/lib/pkgconfig/trimtab.pc") &&
    env -u LD_LIBRARY_PATH "$work/consumer-static"
}
check "static consumer by pkg-config" static_build
if command -v cmake > /dev/null; then
  cmake_build() {
    cmake -S Tests/c/consumer -B "$work/cmake" -DCMAKE_PREFIX_PATH="$prefix" && cmake --build "$work/cmake" &&
      env -u LD_LIBRARY_PATH "$work/cmake/consumer" && env -u LD_LIBRARY_PATH "$work/cmake/consumer-static"
  }
  check "CMake find_package, shared and static" cmake_build
else
  echo "note: CMake is missing, find_package was not tried"
fi
printf 'examples: %d passed, %d failed\n' "$passed" "$failed"
echo "examples $passed $failed" >> "$rings"
[ $failed -eq 0 ]
