#!/usr/bin/env bash
# Every header compiles alone and with the others, as C99 and C++17, under gcc and clang, without a warning; and the names of all _INIT macros fit their structs.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=build/gates/headers
mkdir -p $work
strict=(-Wall -Wextra -pedantic -Werror -Wconversion -Wshadow -fsyntax-only -Iinclude)
status=0 compiled=0
try() {
  if ! "$@" 2> $work/said; then
    echo "$*"
    head -n 5 $work/said
    status=1
  fi
  compiled=$((compiled + 1))
}
{
  echo '#include <trimtab.h>'
  grep -ho 'define TRIMTAB_[A-Z_]*_INIT' include/trimtab/*.h | sed 's/define //' | while read -r macro; do
    type=$(sed 's/_INIT$//' <<< "$macro" | tr '[:upper:]' '[:lower:]')
    echo "int use_$type(void);"
    echo "int use_$type(void) { $type value = $macro; return value.struct_size == sizeof value; }"
  done
} > $work/together.c
for header in include/trimtab.h include/trimtab/*.h; do
  echo "#include \"$PWD/$header\"" > $work/alone.c
  echo 'typedef int not_empty;' >> $work/alone.c
  for file in $work/alone.c $work/together.c; do
    [ "$file" = $work/together.c ] && [ "$header" != include/trimtab.h ] && continue
    for compiler in gcc clang; do try $compiler -std=c99 -Wstrict-prototypes "${strict[@]}" "$file"; done
    for compiler in g++ clang++; do try $compiler -std=c++17 "${strict[@]}" -x c++ "$file"; done
  done
done
[ $status -eq 0 ] && echo "$compiled compilations without a warning"
exit $status
