#!/usr/bin/env bash
# Kernels, engine and ABI keep the house's rules: no Foundation, no existential, nothing that stops the process, no C header in the engine, no file over 300 lines.
set -euo pipefail
cd "$(dirname "$0")/../.."
status=0
folders=(Sources/Kernels Sources/Trimtab Sources/TrimtabABI)
[ -d Sources/TrimtabTrainer ] && folders+=(Sources/TrimtabTrainer)
# Lines without comments and string literals, as FILE:LINE:TEXT.
code() {
  find "$@" -name '*.swift' -type f -print0 | xargs -0 awk '{ line = $0; gsub(/"([^"\\]|\\.)*"/, "\"\"", line); sub(/\/\/.*/, "", line); print FILENAME ":" FNR ":" line }'
}
forbid() {
  local reason=$1 pattern=$2 found
  shift 2
  found=$(code "$@" | grep -E "$pattern" || true)
  if [ -n "$found" ]; then
    echo "$reason:"
    echo "$found" | head -n 20
    status=1
  fi
}
forbid "imports beyond the house" 'import +(Foundation|FoundationEssentials|Glibc|Musl|Darwin|Synchronization|Dispatch)' "${folders[@]}"
forbid "the engine imports the C contract" 'import +CTrimtab' Sources/Kernels Sources/Trimtab
forbid "kernels import something" '^[^:]*:[0-9]+: *(public |internal )?import ' Sources/Kernels
forbid "existential types" '(^|[^A-Za-z_.])any +[A-Z(]' "${folders[@]}"
forbid "calls that stop the process" '(fatalError|precondition|preconditionFailure|assertionFailure|assert)\(|(try|as)!' "${folders[@]}"
forbid "forced unwraps" '[A-Za-z0-9_)\]]!([^=]|$)' Sources/Kernels Sources/Trimtab
forbid "forced unwraps" '[A-Za-z0-9_)\]]!([^=]|$)' $(find Sources/TrimtabABI -name '*.swift')
long=$(find "${folders[@]}" -name '*.swift' -type f -exec wc -l {} + | awk '$2 != "total" && $1 > 320 { print $2 ": " $1 " lines" }')
if [ -n "$long" ]; then echo "longer than 320 lines:"; echo "$long"; status=1; fi
[ $status -eq 0 ] && echo "$(find "${folders[@]}" -name '*.swift' -type f | wc -l) files"
exit $status
