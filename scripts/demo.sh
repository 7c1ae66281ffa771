#!/usr/bin/env bash
# Runs the main job, `trimtab check`, on the real files in examples/data. A finding is what the demo is there to show, so it ends with 0 whether or not the
# command has findings; a command that could not judge, or died, ends it with 1.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0

show() {
  local title=$1 status
  shift
  printf '\n=== %s\n$ trimtab check %s\n\n' "$title" "$*"
  build/bin/trimtab check "$@"
  status=$?
  if [ "$status" -gt 1 ]; then
    printf 'trimtab: exit status %d\n' "$status" >&2
    failed=1
  fi
}

data=examples/data
show "A healthy network after 630 steps" $data/healthy/weights.safetensors $data/healthy/preactivations.npz $data/healthy/gradients.npz
show "The same network killed by learning rate 1.0 (every loss was finite)" \
  $data/killed/weights.safetensors $data/killed/preactivations.npz $data/killed/gradients.npz
show "Wine as measured: features on different scales" $data/wine/features_raw.csv
show "Wine standardised" $data/wine/features_standardised.csv.gz
show "Self-training that holds still" $data/self_training/predictions.npz
show "Self-training with a step that is too large" $data/self_training_drifting/predictions.npz
exit $failed
