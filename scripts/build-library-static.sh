#!/usr/bin/env bash
# Builds build/lib/libtrimtab.{so,dylib} and .a with a toolchain that has no embedded standard library for this machine: the ordinary Swift build of the same sources, with the
# runtime inside (Linux) or the system's (macOS). Usage: scripts/build-library-static.sh [PREFIX]
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${1:-/usr/local}
version=$(scripts/version.sh)
major=${version%%.*}
out=build/lib
work=build/objects
mkdir -p "$out" "$work"
echo "libtrimtab: ordinary Swift, for this toolchain has no embedded standard library for $(uname -sm)"

TRIMTAB_DISPATCH=1 swift build -c release --scratch-path .build-ordinary --target TrimtabABI --quiet
objects=.build-ordinary/release
scripts/header-names.sh > "$work/exports.txt"
parts=()
for module in Kernels KernelsV3 KernelsV4 CPlatform Trimtab TrimtabTrainer TrimtabABI; do
  [ -d "$objects/$module.build" ] || continue
  for object in "$objects/$module.build"/*.o; do parts+=("$object"); done
done

if [ "$(uname -s)" = Darwin ]; then
  sed 's/^/_/' "$work/exports.txt" > "$work/exports.list"
  swiftc -emit-library "${parts[@]}" -o "$out/libtrimtab.$major.dylib" -Xlinker -exported_symbols_list -Xlinker "$work/exports.list" \
    -Xlinker -install_name -Xlinker "@rpath/libtrimtab.$major.dylib"
  ln -sfn "libtrimtab.$major.dylib" "$out/libtrimtab.dylib"
  echo "-lm" > "$out/link-flags"
else
  { echo '{ global:'; sed 's/$/;/' "$work/exports.txt"; echo 'local: *; };'; } > "$work/exports.map"
  swiftc -emit-library -static-stdlib "${parts[@]}" -o "$out/libtrimtab.so.$version" -lm -Xlinker --gc-sections \
    -Xlinker --version-script="$work/exports.map" -Xlinker -soname -Xlinker "libtrimtab.so.$major"
  strip --strip-unneeded "$out/libtrimtab.so.$version"
  ln -sfn "libtrimtab.so.$version" "$out/libtrimtab.so.$major"
  ln -sfn "libtrimtab.so.$major" "$out/libtrimtab.so"
  runtime=$(dirname "$(readlink -f "$(command -v swift)")")/../lib/swift_static/linux
  machine=$(uname -m)
  echo "$runtime/$machine/swiftrt.o -L$runtime -lswiftCore -lstdc++ -lm -ldl -lpthread" > "$out/link-flags"
fi
# Whoever links this archive links the Swift runtime too: link-flags and Libs.private of trimtab.pc say how.
rm -f "$out/libtrimtab.a"
ar rcs "$out/libtrimtab.a" "${parts[@]}"
scripts/write-package-files.sh "$out" "$prefix" "$version"
