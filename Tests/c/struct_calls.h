/* A call that takes options, and one that takes a report, each behind one signature. */
#ifndef TRIMTAB_TESTS_STRUCT_CALLS_H
#define TRIMTAB_TESTS_STRUCT_CALLS_H

#include "check.h"

typedef struct option_call {
  const char *name;
  const void *defaults;
  size_t size;
  trimtab_status (*call)(const void *options);
} option_call;

typedef struct report_call {
  const char *name;
  size_t size;
  trimtab_status (*call)(void *report);
} report_call;

#endif
