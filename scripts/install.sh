#!/usr/bin/env bash
# Installs headers, libraries, trimtab.pc, the CMake config and the command. Usage: PREFIX=... [DESTDIR=...] scripts/install.sh
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${PREFIX:-/usr/local}
case $prefix in /*) ;; *) echo "trimtab: PREFIX must be an absolute path, found $prefix" >&2; exit 1 ;; esac
target=${DESTDIR:-}$prefix
version=$(scripts/version.sh)

install -d "$target/bin" "$target/include/trimtab" "$target/lib"
install -m 644 include/trimtab.h "$target/include/"
install -m 644 include/trimtab/*.h "$target/include/trimtab/"
for file in build/lib/libtrimtab.so* build/lib/libtrimtab*.dylib build/lib/libtrimtab.a; do
  if [ -L "$file" ] || [ -e "$file" ]; then cp -P "$file" "$target/lib/"; fi
done
mkdir -p build/install
cp build/lib/link-flags build/install/link-flags 2> /dev/null || true
scripts/write-package-files.sh build/install "$prefix" "$version"
install -d "$target/lib/pkgconfig" "$target/lib/cmake/trimtab"
install -m 644 build/install/pkgconfig/trimtab.pc "$target/lib/pkgconfig/"
install -m 644 build/install/cmake/trimtab/*.cmake "$target/lib/cmake/trimtab/"
install -m 755 build/bin/trimtab "$target/bin/"
echo "trimtab: installed $version in $target"
