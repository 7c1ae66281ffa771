#!/usr/bin/env bash
# Builds build/bin/trimtab: the command, with the Swift runtime inside.
# Both static flags are there because each of SwiftPM's build systems ignores one of them.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/bin
flags=(-c release --product trimtab)
if [ "$(uname -s)" = Linux ]; then flags+=(--static-swift-stdlib -Xswiftc -static-stdlib); fi
TRIMTAB_DISPATCH=1 swift build "${flags[@]}" --quiet
folder=$(TRIMTAB_DISPATCH=1 swift build "${flags[@]}" --show-bin-path)
install -m 755 "$folder/trimtab" build/bin/trimtab.new
if [ "$(uname -s)" = Linux ]; then
  strip build/bin/trimtab.new
  if readelf -d build/bin/trimtab.new | grep -q libswift; then
    echo "trimtab: the command needs the Swift runtime; SwiftPM ignored both static flags" >&2
    exit 1
  fi
fi
mv build/bin/trimtab.new build/bin/trimtab
echo "trimtab: build/bin/trimtab, $(($(wc -c < build/bin/trimtab) / 1000)) kB"
