/*
 * Memory for Swift's own small objects when the system has none. Embedded Swift stops the process where an object or an
 * array cannot be had, and has no way to fail. The library is built so that it asks here instead: what the system refuses
 * comes out of a reserve, and calls end with OUT_OF_MEMORY (trimtab_platform_is_short) long before that is used up. The
 * reserve takes no memory until it is written to.
 */
#include "CPlatform.h"

#if defined(TRIMTAB_EMBEDDED)
#include <stdlib.h>

enum { GRAIN = 256, GRAINS = 4096 };

static _Alignas(GRAIN) unsigned char reserve[GRAINS][GRAIN];
/* Of each block, at its first grain: how many it has. 0 elsewhere. */
static uint16_t lengths[GRAINS];
static uint32_t used;
static char is_locked;

static void lock(void) {
  while (__atomic_test_and_set(&is_locked, __ATOMIC_ACQUIRE)) {}
}
static void unlock(void) { __atomic_clear(&is_locked, __ATOMIC_RELEASE); }

/* The first gap that is wide enough. */
__attribute__((noinline)) static void *take(size_t size) {
  uint32_t wanted, start = 0, place = 0;
  void *block = NULL;
  if (size > sizeof reserve) return NULL;
  wanted = size == 0 ? 1 : (uint32_t)((size + GRAIN - 1) / GRAIN);
  lock();
  while (place < GRAINS && place - start < wanted) {
    const uint32_t length = lengths[place];
    place += length > 0 ? length : 1;
    if (length > 0) start = place;
  }
  if (place - start == wanted) {
    lengths[start] = (uint16_t)wanted;
    __atomic_add_fetch(&used, wanted, __ATOMIC_RELAXED);
    block = reserve[start];
  }
  unlock();
  return block;
}

static void give_back(uintptr_t offset) {
  const uintptr_t place = offset / GRAIN;
  lock();
  __atomic_sub_fetch(&used, lengths[place], __ATOMIC_RELAXED);
  lengths[place] = 0;
  unlock();
}

int32_t trimtab_platform_is_short(void) { return __atomic_load_n(&used, __ATOMIC_RELAXED) > GRAINS / 4; }

TRIMTAB_HIDDEN int32_t trimtab_platform_swift_memalign(void **memory, size_t alignment, size_t size) {
  if (posix_memalign(memory, alignment, size) != 0) *memory = take(size);
  return *memory == NULL;
}

TRIMTAB_HIDDEN void trimtab_platform_swift_free(void *memory) {
  const uintptr_t offset = (uintptr_t)memory - (uintptr_t)reserve;
  if (offset < sizeof reserve)
    give_back(offset);
  else
    free(memory);
}
#else
int32_t trimtab_platform_is_short(void) { return 0; }
#endif
