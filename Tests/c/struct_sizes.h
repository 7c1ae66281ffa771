/* struct_size of option and report structs, for the tables `option_calls` and `report_calls` of the program that includes this after them: unset, too small, too big, of a
   newer version. */
#ifndef TRIMTAB_TESTS_STRUCT_SIZES_H
#define TRIMTAB_TESTS_STRUCT_SIZES_H

#define OPTION_CALLS (sizeof option_calls / sizeof *option_calls)
#define REPORT_CALLS (sizeof report_calls / sizeof *report_calls)

static unsigned char *space_for(size_t index, uint32_t struct_size, size_t tail) {
  unsigned char *space = (unsigned char *)calloc(1, option_calls[index].size + tail);
  memcpy(space, option_calls[index].defaults, option_calls[index].size);
  memcpy(space, &struct_size, sizeof struct_size);
  return space;
}

static void option_sizes(void) {
  for (size_t i = 0; i < OPTION_CALLS; i++) {
    const uint32_t size = (uint32_t)option_calls[i].size;
    const uint32_t wrong[] = {0, 1, 4, size / 2, size - 8, size - 1, 1u << 17, UINT32_MAX, 0x80000000u};
    unsigned char *space;
    for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++) {
      space = space_for(i, wrong[w], 0);
      if (!CHECK_STATUS(option_calls[i].call(space), TRIMTAB_ERROR_STRUCT_SIZE)) printf("    %s with struct_size %u\n", option_calls[i].name, wrong[w]);
      CHECK(strstr(trimtab_last_error(), "struct_size") != NULL);
      free(space);
    }
    space = space_for(i, size, 0);
    CHECK_OK(option_calls[i].call(space));
    free(space);
    /* A newer caller: fields that this library does not know are harmless only if they say nothing. */
    space = space_for(i, size + 24, 24);
    CHECK_OK(option_calls[i].call(space));
    space[size + 23] = 1;
    CHECK_STATUS(option_calls[i].call(space), TRIMTAB_ERROR_STRUCT_SIZE);
    free(space);
  }
}

static void report_sizes(void) {
  for (size_t i = 0; i < REPORT_CALLS; i++) {
    const uint32_t size = (uint32_t)report_calls[i].size;
    const uint32_t wrong[] = {0, 1, 4, size / 2, size - 8, size - 1, 1u << 17, UINT32_MAX};
    unsigned char *space = (unsigned char *)malloc(size + 24);
    uint32_t larger = size + 24;
    for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++) {
      memset(space, UNTOUCHED, size + 24);
      memcpy(space, &wrong[w], sizeof wrong[w]);
      if (!CHECK_STATUS(report_calls[i].call(space), TRIMTAB_ERROR_STRUCT_SIZE)) printf("    %s with struct_size %u\n", report_calls[i].name, wrong[w]);
      CHECK(is_untouched(space + 4, size + 20) && memcmp(space, &wrong[w], 4) == 0);
    }
    memset(space, UNTOUCHED, size + 24);
    memcpy(space, &larger, sizeof larger);
    CHECK_OK(report_calls[i].call(space));
    CHECK(memcmp(space, &larger, sizeof larger) == 0); /* struct_size stays the caller's */
    CHECK(!is_untouched(space + 4, size - 4));
    free(space);
  }
}

/* Nothing beyond the struct is written. */
static void reports_end_where_they_end(void) {
  for (size_t i = 0; i < REPORT_CALLS; i++) {
    const uint32_t size = (uint32_t)report_calls[i].size;
    unsigned char *space = (unsigned char *)malloc(size + 64);
    memset(space, UNTOUCHED, size + 64);
    memcpy(space, &size, sizeof size);
    CHECK_OK(report_calls[i].call(space));
    CHECK(is_untouched(space + size, 64));
    free(space);
  }
}

#endif
