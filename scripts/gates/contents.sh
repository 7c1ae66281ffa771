#!/usr/bin/env bash
# Nothing is committed that should not be: build output, lock files of the package manager, absolute machine paths, registry hosts, big files.
set -euo pipefail
cd "$(dirname "$0")/../.."
status=0
fail() { echo "$1"; sed 's/^/  /' <<< "$2" | head -n 10; status=1; }

files=$(git ls-files)
bad=$(grep -E '(^|/)(Package\.resolved|\.DS_Store|\.venv|__pycache__|\.build[^/]*|build)(/|$)|\.(o|so|a|dylib|whl|pyc)$' <<< "$files" || true)
[ -z "$bad" ] || fail "build output:" "$bad"
# The patterns are put together here so that this file does not hold them.
slash=/
paths="${slash}(work|root|home|Users|opt|mnt)${slash}[A-Za-z0-9]"
bad=$(git grep -nIE "(^|[^A-Za-z0-9_.\$}/-])$paths" -- ':!examples/data' || true)
[ -z "$bad" ] || fail "absolute machine paths:" "$bad"
hosts="(files\\.python""hosted|pypi\\.""org|registry\\.npm""js|deb\\.debian""\\.org|download\\.py""torch)"
bad=$(git grep -nIE "$hosts" || true)
[ -z "$bad" ] || fail "registry hosts:" "$bad"
bad=$(git ls-files -z | xargs -0 -I{} sh -c 'test -f "$1" && test "$(wc -c < "$1")" -gt 1000000 && echo "$1"' _ {} || true)
[ -z "$bad" ] || fail "files over 1 MB:" "$bad"
data=$(git ls-files -z examples/data | xargs -0 cat | wc -c)
[ "$data" -le 5000000 ] || fail "examples/data is over 5 MB:" "$data bytes"
[ $status -eq 0 ] && echo "$(wc -l <<< "$files") files, $((data / 1000)) kB of example data"
exit $status
