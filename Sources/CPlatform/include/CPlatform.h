/* The C floor under the engine: what Swift has no word for. Nothing here is exported from the library. */
#ifndef TRIMTAB_CPLATFORM_H
#define TRIMTAB_CPLATFORM_H

#include <stddef.h>
#include <stdint.h>

#define TRIMTAB_HIDDEN __attribute__((visibility("hidden")))

/* Zeroed memory, 64-byte aligned; NULL if it cannot be had (or if bytes is absurd). Freed by trimtab_platform_free. */
TRIMTAB_HIDDEN void *trimtab_platform_allocate(uint64_t bytes);
TRIMTAB_HIDDEN void trimtab_platform_free(void *memory);

/* Whether so much of the reserve for Swift's own objects is in use that nothing more may be begun. */
TRIMTAB_HIDDEN int32_t trimtab_platform_is_short(void);

/* The last error of this thread: text is copied and cut at what fits. */
TRIMTAB_HIDDEN void trimtab_platform_set_error(const char *text, int64_t length);
TRIMTAB_HIDDEN const char *trimtab_platform_error(void);

/* The error that is on its way in this thread: its status, and memory of TRIMTAB_ERROR_CAPACITY for its text, which is
   other memory than that of the error before. */
#define TRIMTAB_ERROR_CAPACITY 1024
TRIMTAB_HIDDEN unsigned char *trimtab_platform_raise(int32_t status);
TRIMTAB_HIDDEN int32_t trimtab_platform_raised_status(void);
TRIMTAB_HIDDEN const unsigned char *trimtab_platform_raised_text(void);

/* Seconds of a clock that only goes forward. */
TRIMTAB_HIDDEN double trimtab_platform_seconds(void);

/* A file opened for appending (or, new, emptied); negative: minus errno. */
TRIMTAB_HIDDEN int32_t trimtab_platform_open(const char *path, int32_t is_new);
/* Whether it holds nothing; 0 where that cannot be told. */
TRIMTAB_HIDDEN int32_t trimtab_platform_is_empty(int32_t file);
/* Each 0 or errno. */
TRIMTAB_HIDDEN int32_t trimtab_platform_write(int32_t file, const void *bytes, uint64_t count);
TRIMTAB_HIDDEN int32_t trimtab_platform_close(int32_t file, int32_t is_synced);
TRIMTAB_HIDDEN int32_t trimtab_platform_rename(const char *from, const char *to);
TRIMTAB_HIDDEN void trimtab_platform_remove(const char *path);

/* Sets a word that other threads may set too, and gives what it was. */
static inline uint64_t trimtab_platform_exchange(uint64_t *word, uint64_t value) {
  return __atomic_exchange_n(word, value, __ATOMIC_SEQ_CST);
}

/* 1: baseline, 3: x86-64-v3, 4: x86-64-v4, as CPU and operating system allow. */
TRIMTAB_HIDDEN int32_t trimtab_platform_cpu_level(void);

#endif
