/* A monitor and arguments that cannot be: NULL anywhere, numbers, entries and options out of range. */
#include "monitors.h"

static view made;

static void null_anywhere(void) {
  trimtab_monitor *monitor = NULL;
  trimtab_entry entry = TRIMTAB_ENTRY_INIT;
  trimtab_rule_options rule = TRIMTAB_RULE_OPTIONS_INIT;
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  trimtab_finding finding = TRIMTAB_FINDING_INIT;
  trimtab_coverage coverage = TRIMTAB_COVERAGE_INIT;
  trimtab_summary summary;
  const trimtab_status null = TRIMTAB_ERROR_NULL_ARGUMENT;
  int64_t index = 0;
  int32_t is_wanted = 0;
  trimtab_quantity quantity = TRIMTAB_QUANTITY_GRADIENT;
  double value = 1;
  trimtab_tensor *tensor = vector64(&made, &value, 1);
  memset(&summary, 0, sizeof summary);
  CHECK_STATUS(trimtab_monitor_create(NULL, NULL), null);
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  CHECK_STATUS(trimtab_monitor_register(NULL, "w", &entry, &index), null);
  CHECK_STATUS(trimtab_monitor_register(monitor, NULL, &entry, &index), null);
  CHECK_STATUS(trimtab_monitor_register(monitor, "w", NULL, &index), null);
  CHECK_STATUS(trimtab_monitor_find(monitor, "w", &index), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_OK(trimtab_monitor_register(monitor, "w", &entry, &index));
  CHECK_STATUS(trimtab_monitor_find(NULL, "w", &index), null);
  CHECK_STATUS(trimtab_monitor_find(monitor, NULL, &index), null);
  CHECK_STATUS(trimtab_monitor_find(monitor, "w", NULL), null);
  CHECK_STATUS(trimtab_monitor_rule(NULL, 0, &rule), null);
  CHECK_STATUS(trimtab_monitor_rule(monitor, 0, NULL), null);
  CHECK_STATUS(trimtab_monitor_set_rule(NULL, 0, &rule), null);
  CHECK_STATUS(trimtab_monitor_set_rule(monitor, 0, NULL), null);
  CHECK_STATUS(trimtab_monitor_silence(NULL, 0, 0), null);
  CHECK_STATUS(trimtab_monitor_begin_step(NULL, 1), null);
  CHECK_OK(trimtab_monitor_begin_step(monitor, 1));
  CHECK_STATUS(trimtab_monitor_wants(NULL, 0, quantity, &is_wanted), null);
  CHECK_STATUS(trimtab_monitor_wants(monitor, 0, quantity, NULL), null);
  uint8_t wanted[2] = {7, 7};
  const int64_t pair[2] = {0, 9};
  const trimtab_quantity quantities[2] = {quantity, quantity};
  const trimtab_scalar scalars[2] = {TRIMTAB_SCALAR_LOSS, 99};
  const double values[2] = {1.0, 2.0};
  CHECK_STATUS(trimtab_monitor_wants_all(NULL, pair, quantities, 1, wanted), null);
  CHECK_STATUS(trimtab_monitor_wants_all(monitor, NULL, quantities, 1, wanted), null);
  CHECK_STATUS(trimtab_monitor_wants_all(monitor, pair, NULL, 1, wanted), null);
  CHECK_STATUS(trimtab_monitor_wants_all(monitor, pair, quantities, 1, NULL), null);
  CHECK_STATUS(trimtab_monitor_wants_all(monitor, pair, quantities, -1, wanted), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_wants_all(monitor, pair, quantities, 2, wanted), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(wanted[0] == 7 && wanted[1] == 7);
  CHECK_OK(trimtab_monitor_wants_all(monitor, pair, quantities, 1, wanted));
  CHECK_OK(trimtab_monitor_wants(monitor, 0, quantity, &is_wanted));
  CHECK(wanted[0] == is_wanted && wanted[1] == 7);
  CHECK_OK(trimtab_monitor_wants_all(monitor, NULL, NULL, 0, NULL));
  CHECK_STATUS(trimtab_monitor_observe_scalars(NULL, scalars, values, 1), null);
  CHECK_STATUS(trimtab_monitor_observe_scalars(monitor, NULL, values, 1), null);
  CHECK_STATUS(trimtab_monitor_observe_scalars(monitor, scalars, NULL, 1), null);
  CHECK_STATUS(trimtab_monitor_observe_scalars(monitor, scalars, values, -1), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_observe_scalars(monitor, scalars, values, 2), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_OK(trimtab_monitor_observe_scalars(monitor, NULL, NULL, 0));
  CHECK_STATUS(trimtab_monitor_observe(NULL, 0, quantity, tensor), null);
  CHECK_STATUS(trimtab_monitor_observe(monitor, 0, quantity, NULL), null);
  CHECK_STATUS(trimtab_monitor_observe_all(NULL, &index, &quantity, tensor, 1), null);
  CHECK_STATUS(trimtab_monitor_observe_all(monitor, NULL, &quantity, tensor, 1), null);
  CHECK_STATUS(trimtab_monitor_observe_all(monitor, &index, NULL, tensor, 1), null);
  CHECK_STATUS(trimtab_monitor_observe_all(monitor, &index, &quantity, NULL, 1), null);
  CHECK_OK(trimtab_monitor_observe_all(monitor, NULL, NULL, NULL, 0));
  CHECK_STATUS(trimtab_monitor_observe_all(monitor, &index, &quantity, tensor, -1), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_observe_summary(NULL, 0, quantity, 1, &summary), null);
  CHECK_STATUS(trimtab_monitor_observe_summary(monitor, 0, quantity, 1, NULL), null);
  CHECK_STATUS(trimtab_monitor_observe_sample(NULL, 0, quantity, 1, tensor), null);
  CHECK_STATUS(trimtab_monitor_observe_sample(monitor, 0, quantity, 1, NULL), null);
  CHECK_STATUS(trimtab_monitor_observe_scalar(NULL, 0, 1), null);
  CHECK_STATUS(trimtab_monitor_observe_noise(NULL, 1, 1, 2, 1), null);
  CHECK_STATUS(trimtab_monitor_end_step(NULL, &decision), null);
  /* Without a place for the decision the step stays open. */
  CHECK_STATUS(trimtab_monitor_end_step(monitor, NULL), null);
  decision = end_step(monitor);
  CHECK(decision.step == 1);
  CHECK_STATUS(trimtab_monitor_clip_factor(NULL, 0, &value), null);
  CHECK_STATUS(trimtab_monitor_clip_factor(monitor, 0, NULL), null);
  CHECK_STATUS(trimtab_monitor_restored(NULL, 0), null);
  CHECK_STATUS(trimtab_monitor_finding_count(NULL, &index), null);
  CHECK_STATUS(trimtab_monitor_finding_count(monitor, NULL), null);
  CHECK_STATUS(trimtab_monitor_finding(NULL, 0, &finding), null);
  CHECK_STATUS(trimtab_monitor_finding(monitor, 0, NULL), null);
  CHECK_STATUS(trimtab_monitor_coverage(NULL, 0, quantity, &coverage), null);
  CHECK_STATUS(trimtab_monitor_coverage(monitor, 0, quantity, NULL), null);
  trimtab_monitor_destroy(NULL);
  trimtab_monitor_destroy(monitor);
}

static void numbers_out_of_range(void) {
  trimtab_monitor *monitor = NULL;
  PATTERNED(trimtab_finding, finding);
  PATTERNED(trimtab_coverage, coverage);
  PATTERNED(trimtab_rule_options, rule);
  PATTERNED(trimtab_decision, decision);
  const trimtab_status invalid = TRIMTAB_ERROR_INVALID_ARGUMENT;
  const int32_t codes[] = {-2, TRIMTAB_RULE_COUNT, INT32_MAX, INT32_MIN};
  const int64_t entries[] = {-1, 1, INT64_MAX, INT64_MIN};
  int32_t is_wanted = 77;
  double factor = 77, value = 1;
  trimtab_tensor *tensor = vector64(&made, &value, 1);
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  add_entry(monitor, "w", TRIMTAB_ROLE_WEIGHT, -1, 0);
  CHECK_STATUS(trimtab_monitor_end_step(monitor, &decision), invalid);
  CHECK_OK(trimtab_monitor_begin_step(monitor, INT64_MIN + 1));
  for (int i = 0; i < 4; i++) {
    CHECK_STATUS(trimtab_monitor_rule(monitor, codes[i], &rule), invalid);
    CHECK_STATUS(trimtab_monitor_silence(monitor, codes[i], 0), invalid);
    CHECK_STATUS(trimtab_monitor_observe(monitor, 0, codes[i], tensor), invalid);
    CHECK_STATUS(trimtab_monitor_observe_scalar(monitor, codes[i], 1), invalid);
    CHECK_STATUS(trimtab_monitor_wants(monitor, 0, codes[i], &is_wanted), invalid);
    CHECK_STATUS(trimtab_monitor_observe(monitor, entries[i], 0, tensor), invalid);
    CHECK_STATUS(trimtab_monitor_wants(monitor, entries[i], 0, &is_wanted), invalid);
    CHECK_STATUS(trimtab_monitor_finding(monitor, entries[i], &finding), invalid);
    CHECK_STATUS(trimtab_monitor_coverage(monitor, entries[i], 0, &coverage), invalid);
    CHECK_STATUS(trimtab_monitor_clip_factor(monitor, entries[i], &factor), invalid);
    if (i > 0) CHECK_STATUS(trimtab_monitor_silence(monitor, 0, entries[i]), invalid);
    CHECK(strcmp(trimtab_rule_name(codes[i]), "unknown") == 0 && strcmp(trimtab_action_name(codes[i]), "unknown") == 0);
    CHECK(strcmp(trimtab_quantity_name(codes[i]), "unknown") == 0);
  }
  CHECK(IS_PATTERNED(finding) && IS_PATTERNED(coverage) && IS_PATTERNED(rule) && IS_PATTERNED(decision));
  CHECK(is_wanted == 77 && factor == 77);
  CHECK(end_step(monitor).step == INT64_MIN + 1);
  trimtab_monitor_destroy(monitor);
}

static void entries_out_of_range(void) {
  trimtab_monitor *monitor = NULL;
  const trimtab_entry good = TRIMTAB_ENTRY_INIT;
  char name[600];
  int64_t index = 77;
  memset(name, 'x', sizeof name - 1);
  name[sizeof name - 1] = 0;
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  for (int i = 0; i < 11; i++) {
    trimtab_entry entry = good;
    if (i == 0) entry.kind = TRIMTAB_ENTRY_LAYER;
    if (i == 1) entry.kind = 2;
    if (i == 2) entry.role = 3 + 1;
    if (i == 3) entry.role = TRIMTAB_ROLE_HIDDEN;
    if (i == 4) entry.activation = 99;
    if (i == 5) entry.flags = 8;
    if (i == 6) entry.unit_axis = 99;
    if (i == 7) entry.order = -1;
    if (i == 8) entry.width = INT64_MIN;
    if (i == 9) entry.activation = -2;
    if (i == 10) entry.struct_size = 3;
    CHECK_STATUS(trimtab_monitor_register(monitor, "w", &entry, &index), i == 10 ? TRIMTAB_ERROR_STRUCT_SIZE : TRIMTAB_ERROR_INVALID_ARGUMENT);
  }
  CHECK_STATUS(trimtab_monitor_register(monitor, name, &good, &index), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_register(monitor, "", &good, &index), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(index == 77);
  CHECK_OK(trimtab_monitor_register(monitor, "w", &good, &index));
  CHECK(index == 0);
  CHECK_STATUS(trimtab_monitor_register(monitor, "w", &good, &index), TRIMTAB_ERROR_INVALID_ARGUMENT);
  trimtab_monitor_destroy(monitor);
}

static void options_out_of_range(void) {
  const trimtab_monitor_options good = TRIMTAB_MONITOR_OPTIONS_INIT;
  for (int i = 0; i < 14; i++) {
    trimtab_monitor *monitor = NULL;
    trimtab_monitor_options options = good;
    if (i == 0) options.preset = 2;
    if (i == 1) options.clipping = -1;
    if (i == 2) options.maximum_norm = NAN;
    if (i == 3) options.false_alarms_per_million = 0;
    if (i == 4) options.budget = -1;
    if (i == 5) options.warm_up = INT64_MAX;
    if (i == 6) options.audit_interval = 0;
    if (i == 7) options.greatest_skips = -1;
    if (i == 8) options.recorder_steps = -1;
    if (i == 9) options.struct_size = 4;
    if (i == 10) options.maximum_norm = -1;
    if (i == 11) options.clipping = TRIMTAB_CLIPPING_FIXED, options.maximum_norm = 0;
    if (i == 12) options.budget = INFINITY;
    if (i == 13) options.false_alarms_per_million = NAN;
    CHECK_STATUS(trimtab_monitor_create(&options, &monitor), i == 9 ? TRIMTAB_ERROR_STRUCT_SIZE : TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK(monitor == NULL);
  }
}

static void observe_all_names_the_bad_one(void) {
  trimtab_monitor *monitor = NULL;
  double value = 2;
  int64_t label = 1, entries[3] = {0, 0, 0};
  trimtab_quantity quantities[3] = {0, 0, 0};
  view views[3];
  trimtab_tensor tensors[3];
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  add_entry(monitor, "w", TRIMTAB_ROLE_WEIGHT, -1, 0);
  for (int i = 0; i < 3; i++) tensors[i] = i == 1 ? *labels64(&views[i], &label, 1) : *vector64(&views[i], &value, 1);
  CHECK_OK(trimtab_monitor_begin_step(monitor, 1));
  CHECK_STATUS(trimtab_monitor_observe_all(monitor, entries, quantities, tensors, 3), TRIMTAB_ERROR_DTYPE);
  CHECK(strstr(trimtab_last_error(), "[1]") != NULL);
  /* The one before it was taken, the one after it was not. */
  CHECK(end_step(monitor).gradient_norm == 2);
  entries[2] = 5;
  tensors[1] = tensors[0];
  CHECK_OK(trimtab_monitor_begin_step(monitor, 2));
  CHECK_STATUS(trimtab_monitor_observe_all(monitor, entries, quantities, tensors, 3), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_NEAR(end_step(monitor).gradient_norm, 2 * sqrt(2.0), 1e-15);
  trimtab_monitor_destroy(monitor);
}

int main(void) {
  RUN(null_anywhere);
  RUN(numbers_out_of_range);
  RUN(entries_out_of_range);
  RUN(options_out_of_range);
  RUN(observe_all_names_the_bad_one);
  return finish("monitor_arguments");
}
