#include <stdlib.h>

#include "CPlatform.h"

/* calloc leaves fresh pages untouched, which zeroing by hand would not; the block's own address stands before the aligned one. */
void *trimtab_platform_allocate(uint64_t bytes) {
  const uint64_t slack = 64 + sizeof(void *);
  if (bytes > (uint64_t)PTRDIFF_MAX - slack || trimtab_platform_is_short()) return NULL;
  char *block = calloc(1, (size_t)(bytes + slack));
  if (block == NULL) return NULL;
  uintptr_t aligned = ((uintptr_t)block + sizeof(void *) + 63) & ~(uintptr_t)63;
  ((void **)aligned)[-1] = block;
  return (void *)aligned;
}

void trimtab_platform_free(void *memory) {
  if (memory != NULL) free(((void **)memory)[-1]);
}
