/* What the tests of a monitor have in common: entries, steps and findings in a line each. */
#ifndef TRIMTAB_TESTS_MONITORS_H
#define TRIMTAB_TESTS_MONITORS_H

#include "check.h"

static inline int64_t add_entry(trimtab_monitor *monitor, const char *name, trimtab_role role, int32_t activation, int64_t order) {
  trimtab_entry entry = TRIMTAB_ENTRY_INIT;
  int64_t index = -7;
  entry.kind = role < TRIMTAB_ROLE_HIDDEN ? TRIMTAB_ENTRY_PARAMETER : TRIMTAB_ENTRY_LAYER;
  entry.role = role;
  entry.activation = activation;
  entry.order = order;
  CHECK_OK(trimtab_monitor_register(monitor, name, &entry, &index));
  return index;
}

static inline trimtab_decision end_step(trimtab_monitor *monitor) {
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  CHECK_OK(trimtab_monitor_end_step(monitor, &decision));
  return decision;
}

static inline trimtab_finding finding_at(trimtab_monitor *monitor, int64_t index) {
  trimtab_finding finding = TRIMTAB_FINDING_INIT;
  CHECK_OK(trimtab_monitor_finding(monitor, index, &finding));
  return finding;
}

static inline int64_t finding_count(trimtab_monitor *monitor) {
  int64_t count = -1;
  CHECK_OK(trimtab_monitor_finding_count(monitor, &count));
  return count;
}

#endif
