/* Counts every allocation of a program, the library's included, and lets them fail. To be included once, by the program itself. */
#ifndef TRIMTAB_TESTS_ALLOCATIONS_H
#define TRIMTAB_TESTS_ALLOCATIONS_H

#include <stdlib.h>

static volatile long allocations;
/* Allocations from the first to the last of these, counted as `allocations` counts, give NULL. */
static volatile long failing_from = -1, failing_to = -1;

static inline int allocation_fails(void) {
  const long place = allocations++;
  return place >= failing_from && place <= failing_to;
}

#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
#define COUNTED(test) (void)test /* the sanitizer has its own malloc: nothing is counted there */
#else
#define COUNTED(test) RUN(test)
/* Every allocation of the process goes through these; the library's too. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
void *malloc(size_t size) {
  return allocation_fails() ? NULL : __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
  return allocation_fails() ? NULL : __libc_calloc(count, size);
}
void *realloc(void *memory, size_t size) {
  return allocation_fails() ? NULL : __libc_realloc(memory, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
  return allocation_fails() ? NULL : __libc_memalign(alignment, size);
}
int posix_memalign(void **memory, size_t alignment, size_t size) {
  *memory = allocation_fails() ? NULL : __libc_memalign(alignment, size);
  return *memory == NULL ? 12 : 0;
}
#endif

#endif
