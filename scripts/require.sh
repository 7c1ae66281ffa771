#!/usr/bin/env bash
# Sees to it that what a target needs is there. Usage: require.sh NEED...
#   needs: swift, library, command, compilers, python, cmake, emulator, memcheck
# Missing Debian packages are installed when this may be done; otherwise the line to run is printed. A need marked as wanted (a trailing ?) is only
# reported when it cannot be met.
set -euo pipefail
minimum_swift=6.3

say() { echo "trimtab: $*" >&2; }

require_swift() {
  local found
  if ! command -v swift > /dev/null; then
    say "Swift is missing: install a Swift $minimum_swift toolchain (swift.org/install) and put its usr/bin on PATH."
    exit 1
  fi
  found=$(swift --version 2> /dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  if [ "$(printf '%s\n' "$minimum_swift" "${found:-0}" | sort -V | head -n 1)" != "$minimum_swift" ]; then
    say "Swift ${found:-of unknown version} is too old: install a Swift $minimum_swift toolchain (swift.org/install) and put its usr/bin on PATH."
    exit 1
  fi
}

missing=()
has() { command -v "$1" > /dev/null; }
lacks() {
  local package
  for package in "$@"; do missing+=("$package"); done
}
has_header() { echo "#include <$1>" | gcc -E -x c - > /dev/null 2>&1; }

find_missing() {
  case $1 in
    library)
      has gcc && has_header stdlib.h || lacks gcc libc6-dev
      has objcopy && has ar && has nm || lacks binutils
      ;;
    command)
      has git || lacks git
      has g++ || lacks g++
      has gcc && has_header zlib.h || lacks zlib1g-dev
      has gcc && has_header ffi.h || lacks libffi-dev
      ;;
    compilers)
      has gcc && has_header stdlib.h || lacks gcc libc6-dev
      has g++ || lacks g++
      has clang || lacks clang
      has pkg-config || lacks pkg-config
      ;;
    python)
      has "${PYTHON:-python3}" || lacks python3
      "${PYTHON:-python3}" -c 'import venv, ensurepip' 2> /dev/null || lacks python3-venv
      ;;
    cmake) has cmake || lacks cmake ;;
    emulator) has qemu-x86_64 || lacks qemu-user ;;
    memcheck) has valgrind || lacks valgrind ;;
    *) say "require.sh: unknown need $1"; exit 2 ;;
  esac
}

install_missing() {
  local elevate=()
  if ! has apt-get; then return 1; fi
  if [ "$(id -u)" -ne 0 ]; then
    if has sudo && sudo -n true 2> /dev/null; then elevate=(sudo -n); else return 1; fi
  fi
  say "installing ${missing[*]}"
  "${elevate[@]}" apt-get update -q > /dev/null 2>&1 || true
  "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" > /dev/null 2>&1
}

for need in "$@"; do
  missing=()
  if [ "$need" = swift ]; then require_swift; continue; fi
  find_missing "${need%\?}"
  [ ${#missing[@]} -eq 0 ] && continue
  if install_missing; then continue; fi
  say "needed for ${need%\?}: apt-get install ${missing[*]}"
  case $need in *\?) ;; *) exit 1 ;; esac
done
