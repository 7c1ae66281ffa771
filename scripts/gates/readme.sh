#!/usr/bin/env bash
# The README's programs compile and print what the README says; its command prints what it says.
set -uo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Block number $2 of language $1 (the first is 1), without its fences.
block() { awk -v fence="\`\`\`$1" -v wanted="$2" '$0 == fence { n++; inside = n == wanted; next } /^```$/ { inside = 0 } inside' README.md; }
# A console block without its first line, the command.
said() { block console "$1" | tail -n +2; }

block c 1 > "$work/example.c"
gcc -std=c99 -Wall -Wextra -pedantic -Werror -Iinclude "$work/example.c" -o "$work/example" -Lbuild/lib -ltrimtab -Wl,-rpath,"$PWD/build/lib" || exit 1
"$work/example" > "$work/c"
block python 1 > "$work/example.py"
.venv/bin/python "$work/example.py" > "$work/python"
$(block console 1 | sed -n '1s/^\$ //p') > "$work/command"

gcc -std=c99 -Wall -Wextra -pedantic -Werror -Iinclude examples/c/watched_training.c -o "$work/watched_training" -Lbuild/lib -ltrimtab -Wl,-rpath,"$PWD/build/lib" -lm || exit 1
"$work/watched_training" --fail nan > "$work/watched"
block python 2 > "$work/watch.py"
.venv/bin/python "$work/watch.py" > "$work/watch"
pairs=("command 1" "c 2" "python 3" "watched 4" "watch 5")
block python 4 > "$work/train.py"
.venv/bin/python "$work/train.py" > "$work/train"
pairs+=("train 7")
# PyTorch need not be there.
if .venv/bin/python -c 'import torch' 2> /dev/null; then
  block python 3 > "$work/watch_torch.py"
  # What the budget left out depends on how busy the machine is.
  .venv/bin/python "$work/watch_torch.py" | grep -v '^looked at once in' > "$work/torch"
  pairs+=("torch 6")
fi

failed=0
for pair in "${pairs[@]}"; do
  read -r name number <<< "$pair"
  if ! diff <(said "$number" | sed 's/ *$//') <(sed 's/ *$//' "$work/$name"); then
    echo "README: what the $name example prints has changed"
    failed=1
  fi
done
[ $failed -eq 0 ] && echo "${#pairs[@]} examples print what the README says"
exit $failed
