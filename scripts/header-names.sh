#!/usr/bin/env bash
# Prints every function that the headers declare, one a line.
set -euo pipefail
cd "$(dirname "$0")/.."
cat include/trimtab/*.h | sed -n '/TRIMTAB_API/,/;/p' | tr '\n' ' ' | sed 's/;/;\n/g' |
  sed -n 's/.*TRIMTAB_API[^(]*[ *]\(trimtab_[a-z0-9_]*\)(.*/\1/p' | LC_ALL=C sort -u
