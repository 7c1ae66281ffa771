#!/usr/bin/env bash
# Prints the version that the header states, such as 0.1.0.
set -euo pipefail
cd "$(dirname "$0")/.."
part() { sed -n "s/^#define TRIMTAB_VERSION_$1 //p" include/trimtab/status.h; }
echo "$(part MAJOR).$(part MINOR).$(part PATCH)"
