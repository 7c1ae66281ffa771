#!/usr/bin/env bash
# Builds build/lib/libtrimtab.{so,a} from Embedded Swift, plus trimtab.pc and the CMake config.
# Usage: scripts/build-library.sh [PREFIX]   (the prefix that trimtab.pc names; default /usr/local)
# TRIMTAB_DEBUG=1 builds build/debug/libtrimtab.so instead, which refuses a second thread in a monitor.
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${1:-/usr/local}
version=$(scripts/version.sh)
major=${version%%.*}
out=build/lib
work=build/objects
scratch=.build-embedded
if [ "${TRIMTAB_DEBUG:-}" = 1 ]; then
  out=build/debug
  work=build/debug-objects
  scratch=.build-debug
fi
mkdir -p "$out" "$work"

scripts/header-names.sh > "$work/exports.txt"
{ echo '{ global:'; sed 's/$/;/' "$work/exports.txt"; echo 'local: *; };'; } > "$work/exports.map"

swift=$(readlink -f "$(command -v swift)")
embedded_runtime="$(dirname "$swift")/../lib/swift/embedded/$(uname -m)-unknown-linux-gnu"
if [ ! -f "$embedded_runtime/libswiftUnicodeDataTables.a" ]; then
  exec scripts/build-library-static.sh "$prefix"
fi
echo "libtrimtab: Embedded Swift"

# The build system does not see a change of flags in Package.swift, nor that an object is missing: then it starts anew.
stamp=$(cat Package.swift <(swift --version 2> /dev/null) | sha256sum)
if [ "$(cat "$scratch/stamp" 2> /dev/null)" != "$stamp" ]; then
  rm -rf "$scratch"
  mkdir -p "$scratch"
  echo "$stamp" > "$scratch/stamp"
fi
TRIMTAB_EMBEDDED=1 swift build -c release -debug-info-format none --omit-frame-pointers --scratch-path "$scratch" --quiet
objects=$scratch/release

# What Swift's runtime asks of the C library; CPlatform/reserve.c answers it.
reserve='posix_memalign=trimtab_platform_swift_memalign
free=trimtab_platform_swift_free'

# Each module's object carries weak copies of runtime functions built with that module's flags. Were the linker to keep an AVX-512 copy, older
# machines would stop: in the V3 and V4 objects everything but the table becomes local.
module_object() {
  local module=$1 object="$work/$1.o"
  ld -r --force-group-allocation -o "$object" "$objects/$module.build/$module.o"
  objcopy --remove-section .swift_modhash $(sed 's/\([a-z_]*\)=/--redefine-sym \1=/' <<< "$reserve") "$object"
  if [ "$module" != Kernels ]; then
    nm --defined-only "$object" | awk -v module="$module" '$3 ~ /^\$e/ && index($3, module) && index($3, "kernelFunctions") { print $3 }' > "$work/$module.keep"
    objcopy --keep-global-symbols="$work/$module.keep" "$object"
  fi
  echo "$object"
}
parts=()
for module in Kernels KernelsV3 KernelsV4; do
  [ -d "$objects/$module.build" ] && parts+=("$(module_object "$module")")
done
parts+=("$objects"/CPlatform.build/*.o)

# The modules above the kernels are one module to the code generator: what they have in common stands once, and runs of instructions that
# repeat are made into functions.
clang=$(dirname "$swift")/clang
modules=()
for module in Trimtab TrimtabTrainer TrimtabABI; do
  form=$work/$module.ll
  # Texts stand side by side: left alone, the code generator rounds each up to 16 bytes.
  edits=(-e '/ = private unnamed_addr constant \[[0-9]* x i8\] c".*"$/s/$/, align 1/')
  while IFS== read -r from to; do edits+=(-e "s/@$from[(]/@$to(/"); done <<< "$reserve"
  # The trainer's loops run long: no calls in them for the sake of size.
  loops='applyFunction|combineRun|sumRun|softmaxRow|multiplySparse|addScaled|gatherBlocks|scatterBlocks|addBlock|chooseGreatest|UpdateCoefficients|evaluate'
  [ "$module" = TrimtabTrainer ] && edits+=(-E -e "/^define .*($loops)/s/ #([0-9]+) / \"nooutline\" #\1 /")
  sed "${edits[@]}" "$objects/$module.build/$module.o" > "$form"
  "$clang" -c -flto -Oz -fPIC -Wno-override-module -Xclang -disable-llvm-passes -x ir "$form" -o "$work/$module.bc.o"
  modules+=("$work/$module.bc.o")
done
generation=(-Wl,-mllvm,-enable-machine-outliner=always -Wl,-mllvm,-disable-lsr
  -Wl,-mllvm,-split-spill-mode=size -Wl,-mllvm,-enable-ext-tsp-block-placement -Wl,-mllvm,-apply-ext-tsp-for-size)
# Nothing runs when the library is loaded or closed, so it takes none of the compiler's start files; nor does it say which compiler made it.
"$clang" -shared -nostartfiles -fuse-ld=lld -flto "${parts[@]}" "${modules[@]}" -o "$out/libtrimtab.so.$version" \
  -L"$embedded_runtime" -lswiftUnicodeDataTables -lm "${generation[@]}" -Wl,--lto-obj-path="$work/modules.o" \
  -Wl,--gc-sections -Wl,--icf=all -Wl,-O2 -Wl,--build-id=none -Wl,--no-undefined -Wl,--version-script="$work/exports.map" -Wl,-soname,"libtrimtab.so.$major" -s
objcopy --remove-section .comment "$out/libtrimtab.so.$version"
ln -sfn "libtrimtab.so.$version" "$out/libtrimtab.so.$major"
ln -sfn "libtrimtab.so.$major" "$out/libtrimtab.so"

# The static library is one object in which only the header's names are global, so that it clashes with nothing in a host that is Swift itself.
roots=$(sed 's/^/-u /' "$work/exports.txt")
# shellcheck disable=SC2086
ld -r --force-group-allocation --gc-sections $roots -o "$work/libtrimtab.o" "${parts[@]}" "$work/modules.o" \
  -L"$embedded_runtime" -lswiftUnicodeDataTables
objcopy --keep-global-symbols="$work/exports.txt" --strip-debug "$work/libtrimtab.o"
rm -f "$out/libtrimtab.a"
ar rcs "$out/libtrimtab.a" "$work/libtrimtab.o"

rm -f "$out/link-flags"
scripts/write-package-files.sh "$out" "$prefix" "$version"
size=$(stat -c %s "$out/libtrimtab.so.$version")
echo "libtrimtab: $out/libtrimtab.so.$version, $((size / 1000)) kB"
