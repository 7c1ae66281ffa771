#!/usr/bin/env bash
# `make bench-overhead`: what watching a training step costs, beside peers. Arguments go to overhead.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
environment=.venv-overhead
here=benchmarks/overhead
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
pip=("$environment/bin/pip" install --quiet)
"$environment/bin/python" -c 'import torch' 2> /dev/null || "${pip[@]}" torch==2.13.0+cpu || "${pip[@]}" torch==2.13.0
"${pip[@]}" -r "$here/requirements.txt"
"${pip[@]}" --force-reinstall --no-deps ./bindings/python
# Each peer in a folder of its own: what they need clashes, and none may bring another torch.
for list in "$here"/peers/*.txt; do
  target=$environment/peers/$(basename "$list" .txt)
  cmp -s "$list" "$target/installed.txt" && continue
  rm -rf "$target"
  mkdir -p "$target"
  if "${pip[@]}" --no-deps --target "$target" -r "$list" 2> "$target.log"; then
    cp "$list" "$target/installed.txt"
  else
    echo "$(basename "$list" .txt): not installed: $(tail -n 1 "$target.log")"
  fi
done
"$environment/bin/python" "$here/overhead.py" "$environment" "$@"
if [ -n "${TRIMTAB_INSTRUCTIONS:-}" ] && command -v valgrind > /dev/null; then
  "$environment/bin/python" "$here/instructions.py" "$environment"
else
  echo "instructions not counted: TRIMTAB_INSTRUCTIONS=1 counts them with valgrind, in some fifteen minutes"
fi
