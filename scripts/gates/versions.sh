#!/usr/bin/env bash
# One version everywhere: header, library, CHANGELOG, Python package, trimtab.pc, CMake config, command.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$(scripts/version.sh)
status=0
check() {
  if [ "$2" != "$version" ]; then echo "$1 says '$2', the header $version"; status=1; fi
}
IFS=. read -r major minor patch <<< "$version"
check "TRIMTAB_VERSION_NUMBER" "$(awk '$2 == "TRIMTAB_VERSION_NUMBER" && $1 == "#define" { printf "%d.%d.%d", $3 / 1000000, int($3 / 1000) % 1000, $3 % 1000 }' include/trimtab/status.h)"
check CHANGELOG.md "$(sed -n 's/^## \[\([0-9.]*\)\].*/\1/p' CHANGELOG.md | head -n 1)"
check trimtab.pc "$(sed -n 's/^Version: //p' build/lib/pkgconfig/trimtab.pc)"
check trimtab-config-version.cmake "$(sed -n 's/set(PACKAGE_VERSION "\(.*\)")/\1/p' build/lib/cmake/trimtab/trimtab-config-version.cmake)"
check "libtrimtab.so's file name" "$(basename "$(readlink -f build/lib/libtrimtab.so)" | sed 's/libtrimtab\.so\.//')"
cat > build/gates/version.c <<'C'
#include <stdio.h>
#include <trimtab.h>
int main(void) { printf("%s %u\n", trimtab_version_string(), (unsigned)trimtab_version_number()); return 0; }
C
gcc -Iinclude build/gates/version.c -o build/gates/version -Lbuild/lib -ltrimtab -Wl,-rpath,"$PWD/build/lib"
check "trimtab_version_string()" "$(build/gates/version | cut -d' ' -f1)"
check "trimtab_version_number()" "$(build/gates/version | awk '{ printf "%d.%d.%d", $2 / 1000000, int($2 / 1000) % 1000, $2 % 1000 }')"
if [ -f bindings/python/pyproject.toml ]; then
  check pyproject.toml "$(.venv/bin/python -c 'import importlib.metadata as m; print(m.version("trimtab"))')"
fi
if build/bin/trimtab --version > build/gates/command-version 2>&1; then
  check "trimtab --version" "$(grep -oE '[0-9]+\.[0-9]+\.[0-9]+' build/gates/command-version | head -n 1)"
else
  echo "trimtab --version failed"; status=1
fi
[ $status -eq 0 ] && echo "$version"
exit $status
