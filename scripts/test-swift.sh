#!/usr/bin/env bash
# The Swift rings: engine, ABI, formats, command. Built for release: without optimisation SIMD generics are too slow to test with.
set -uo pipefail
cd "$(dirname "$0")/.."
report=build/test/swift
mkdir -p build/test
rm -f "$report"*.xml
TRIMTAB_DISPATCH=1 swift test -c release --scratch-path .build-test -Xswiftc -enable-testing --disable-xctest --quiet --xunit-output "$report.xml" > build/test/swift.log 2>&1
status=$?
grep -E '✘|error:|warning:|Fatal error|Test run with' build/test/swift.log | grep -v 'Fatal error:.*expected' | head -n 200
if [ $status -ne 0 ]; then tail -n 40 build/test/swift.log; fi

# Swift Testing writes its cases to a file of its own; a class is "Target.Suite".
found=0
for file in "$report"*.xml; do
  [ -f "$file" ] || continue
  found=1
done
python=${PYTHON:-python3}
folders=$(find Tests -mindepth 1 -maxdepth 1 -type d -name '*Tests' -exec basename {} \; | sort)
if [ $found -eq 1 ]; then
  "$python" scripts/count_tests.py "$report"*.xml -- $folders >> "${TRIMTAB_RINGS:-/dev/stdout}"
fi
exit $status
