/* A run under watch through the header alone: the protocol, NULL anywhere, and a step of 200 tensors that takes no memory. */
#include "allocations.h"
#include "check.h"

static view made;

static int64_t add_entry(trimtab_monitor *monitor, const char *name, trimtab_role role, int32_t activation, int64_t order) {
  trimtab_entry entry = TRIMTAB_ENTRY_INIT;
  int64_t index = -7;
  entry.kind = role < TRIMTAB_ROLE_HIDDEN ? TRIMTAB_ENTRY_PARAMETER : TRIMTAB_ENTRY_LAYER;
  entry.role = role;
  entry.activation = activation;
  entry.order = order;
  CHECK_OK(trimtab_monitor_register(monitor, name, &entry, &index));
  return index;
}

static trimtab_decision end_step(trimtab_monitor *monitor) {
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  CHECK_OK(trimtab_monitor_end_step(monitor, &decision));
  return decision;
}

static trimtab_finding finding_at(trimtab_monitor *monitor, int64_t index) {
  trimtab_finding finding = TRIMTAB_FINDING_INIT;
  CHECK_OK(trimtab_monitor_finding(monitor, index, &finding));
  return finding;
}

static int64_t finding_count(trimtab_monitor *monitor) {
  int64_t count = -1;
  CHECK_OK(trimtab_monitor_finding_count(monitor, &count));
  return count;
}

/* A run of two layers in which one gradient is NaN at step 3. */
static void a_whole_run(void) {
  trimtab_monitor *monitor = NULL;
  trimtab_monitor_options options = TRIMTAB_MONITOR_OPTIONS_INIT;
  int64_t first, second, layer, found = -1;
  double values[6] = {1, -2, 3, -4, 5, -6};
  CHECK_OK(trimtab_monitor_create(&options, &monitor));
  first = add_entry(monitor, "first.weight", TRIMTAB_ROLE_WEIGHT, -1, 0);
  layer = add_entry(monitor, "first", TRIMTAB_ROLE_HIDDEN, TRIMTAB_ACTIVATION_RELU, 1);
  second = add_entry(monitor, "second.weight", TRIMTAB_ROLE_WEIGHT, -1, 2);
  CHECK(first == 0 && layer == 1 && second == 2);
  CHECK_OK(trimtab_monitor_find(monitor, "second.weight", &found));
  CHECK(found == second);
  for (int64_t step = 1; step <= 6; step++) {
    trimtab_decision decision;
    double gradient[6];
    memcpy(gradient, values, sizeof gradient);
    if (step == 3) gradient[4] = NAN;
    CHECK_OK(trimtab_monitor_begin_step(monitor, step));
    CHECK_OK(trimtab_monitor_observe(monitor, layer, TRIMTAB_QUANTITY_PREACTIVATION, matrix64(&made, values, 2, 3)));
    CHECK_OK(trimtab_monitor_observe(monitor, first, TRIMTAB_QUANTITY_GRADIENT, matrix64(&made, values, 2, 3)));
    CHECK_OK(trimtab_monitor_observe(monitor, second, TRIMTAB_QUANTITY_GRADIENT, matrix64(&made, gradient, 2, 3)));
    CHECK_OK(trimtab_monitor_observe_scalar(monitor, TRIMTAB_SCALAR_LOSS, 1.0 / (double)step));
    decision = end_step(monitor);
    CHECK(decision.step == step && decision.loss == 1.0 / (double)step);
    CHECK(decision.action == (step == 3 ? TRIMTAB_ACTION_SKIP : TRIMTAB_ACTION_PROCEED));
    CHECK(decision.entry == (step == 3 ? second : -1));
    CHECK(decision.rule == (step == 3 ? TRIMTAB_RULE_NONFINITE : -1));
    CHECK(decision.clip_factor == 1);
    if (step != 3) CHECK_NEAR(decision.gradient_norm, sqrt(2 * 91.0), 1e-14);
    CHECK(decision.new_finding_count == (step == 3) && decision.finding_count == (step >= 3));
    CHECK(decision.verdict == (step >= 3 && step < 6 ? TRIMTAB_VERDICT_CRITICAL : TRIMTAB_VERDICT_HEALTHY));
  }
  if (CHECK(finding_count(monitor) == 1)) {
    trimtab_finding finding = finding_at(monitor, 0);
    CHECK(finding.rule == TRIMTAB_RULE_NONFINITE && finding.entry == second && strcmp(finding.name, "second.weight") == 0);
    CHECK(finding.quantity == TRIMTAB_QUANTITY_GRADIENT && finding.index == 4 && finding.cause == TRIMTAB_CAUSE_NONFINITE_GRADIENT);
    CHECK(finding.first_step == 3 && finding.last_step == 3 && finding.count == 1 && !finding.is_standing);
    CHECK(finding.before[2] == 6 && finding.before[3] == 6 && isnan(finding.before[1]));
  }
  trimtab_monitor_destroy(monitor);
}

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

static void rules_are_read_and_set(void) {
  trimtab_monitor *monitor = NULL;
  trimtab_rule_options rule = TRIMTAB_RULE_OPTIONS_INIT, other = TRIMTAB_RULE_OPTIONS_INIT;
  double warning;
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  for (int code = 0; code < TRIMTAB_RULE_COUNT; code++) {
    CHECK(strcmp(trimtab_rule_name(code), "unknown") != 0);
    CHECK_OK(trimtab_monitor_rule(monitor, code, &rule));
    CHECK(rule.patience >= 1);
    rule.patience = 7 + code;
    /* Those of the series are their detectors', and must be allowed there. */
    rule.warning = code == TRIMTAB_RULE_LOSS_PLATEAU || code == TRIMTAB_RULE_LOSS_OSCILLATION ? code / 64.0 : 0.5 * code;
    warning = rule.warning;
    rule.is_enabled = 1;
    CHECK_OK(trimtab_monitor_set_rule(monitor, code, &rule));
    CHECK_OK(trimtab_monitor_rule(monitor, code, &other));
    CHECK(other.patience == 7 + code && other.warning == warning && other.critical == rule.critical && other.is_enabled == 1);
    other.patience = 0;
    CHECK_STATUS(trimtab_monitor_set_rule(monitor, code, &other), TRIMTAB_ERROR_INVALID_ARGUMENT);
  }
  trimtab_monitor_destroy(monitor);
}

/* Two steps open, one closed twice, quantities of the other kind, tensors of other types: each leaves the step as it was. */
static void steps_out_of_order(void) {
  trimtab_monitor *monitor = NULL;
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  trimtab_entry entry = TRIMTAB_ENTRY_INIT;
  trimtab_rule_options rule = TRIMTAB_RULE_OPTIONS_INIT;
  const trimtab_status invalid = TRIMTAB_ERROR_INVALID_ARGUMENT;
  int64_t label = 3, index;
  double value = 2;
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  add_entry(monitor, "w", TRIMTAB_ROLE_WEIGHT, -1, 0);
  CHECK_OK(trimtab_monitor_rule(monitor, 0, &rule));
  CHECK_STATUS(trimtab_monitor_observe(monitor, 0, 0, vector64(&made, &value, 1)), invalid);
  CHECK_STATUS(trimtab_monitor_observe_scalar(monitor, 0, NAN), invalid);
  CHECK_OK(trimtab_monitor_begin_step(monitor, 3));
  CHECK_STATUS(trimtab_monitor_begin_step(monitor, 4), invalid);
  CHECK_STATUS(trimtab_monitor_restored(monitor, 1), invalid);
  CHECK_STATUS(trimtab_monitor_set_rule(monitor, 0, &rule), invalid);
  CHECK_STATUS(trimtab_monitor_register(monitor, "late", &entry, &index), invalid);
  CHECK_STATUS(trimtab_monitor_observe(monitor, 0, TRIMTAB_QUANTITY_OUTPUT, vector64(&made, &value, 1)), invalid);
  CHECK_STATUS(trimtab_monitor_observe(monitor, 0, 0, labels64(&made, &label, 1)), TRIMTAB_ERROR_DTYPE);
  CHECK_STATUS(trimtab_monitor_observe_noise(monitor, 2, 1, 1, 1), invalid);
  vector64(&made, &value, 1)->device.device_type = 2;
  CHECK_STATUS(trimtab_monitor_observe(monitor, 0, 0, &made.tensor), TRIMTAB_ERROR_DEVICE);
  CHECK_OK(trimtab_monitor_observe(monitor, 0, 0, vector64(&made, &value, 1)));
  decision = end_step(monitor);
  CHECK(decision.step == 3 && decision.action == TRIMTAB_ACTION_PROCEED && decision.gradient_norm == 2);
  CHECK_STATUS(trimtab_monitor_end_step(monitor, &decision), invalid);
  CHECK_STATUS(trimtab_monitor_begin_step(monitor, 3), invalid);
  CHECK_OK(trimtab_monitor_restored(monitor, 1));
  CHECK_OK(trimtab_monitor_begin_step(monitor, 2));
  CHECK(end_step(monitor).step == 2 && finding_count(monitor) == 0);
  trimtab_monitor_destroy(monitor);
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

static void newer_callers(void) {
  trimtab_monitor *monitor = NULL;
  struct {
    trimtab_decision decision;
    unsigned char more[32];
  } newer;
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  memset(&newer, UNTOUCHED, sizeof newer);
  newer.decision.struct_size = (uint32_t)sizeof newer;
  CHECK_OK(trimtab_monitor_begin_step(monitor, 1));
  CHECK_OK(trimtab_monitor_end_step(monitor, &newer.decision));
  CHECK(newer.decision.step == 1 && newer.decision.struct_size == sizeof newer);
  newer.decision.struct_size = (uint32_t)sizeof(uint32_t);
  CHECK_OK(trimtab_monitor_begin_step(monitor, 2));
  CHECK_STATUS(trimtab_monitor_end_step(monitor, &newer.decision), TRIMTAB_ERROR_STRUCT_SIZE);
  newer.decision.struct_size = (uint32_t)sizeof newer.decision;
  CHECK_OK(trimtab_monitor_end_step(monitor, &newer.decision));
  CHECK(newer.decision.step == 2);
  trimtab_monitor_destroy(monitor);
}

/* 200 entries: 80 weights, 60 biases, 60 layers, of small sizes, by ordinary calls and by one call for all. */
enum { ENTRIES = 200, WEIGHTS = 80, PARAMETERS = 140, ELEMENTS = 96 };
static double contents[ENTRIES][ELEMENTS];
static view views[ENTRIES + PARAMETERS];
static trimtab_tensor tensors[ENTRIES + PARAMETERS];
static int64_t entries[ENTRIES + PARAMETERS];
static trimtab_quantity quantities[ENTRIES + PARAMETERS];

static trimtab_monitor *large_monitor(int32_t clipping) {
  trimtab_monitor_options options = TRIMTAB_MONITOR_OPTIONS_INIT;
  trimtab_monitor *monitor = NULL;
  options.clipping = clipping;
  options.maximum_norm = 1e4;
  CHECK_OK(trimtab_monitor_create(&options, &monitor));
  for (int i = 0; i < ENTRIES; i++) {
    char name[32];
    const int is_layer = i >= PARAMETERS;
    snprintf(name, sizeof name, "entry%d", i);
    add_entry(monitor, name, is_layer ? TRIMTAB_ROLE_HIDDEN : i < WEIGHTS ? TRIMTAB_ROLE_WEIGHT : TRIMTAB_ROLE_BIAS,
              is_layer ? i % 2 ? TRIMTAB_ACTIVATION_RELU : TRIMTAB_ACTIVATION_GELU : -1, i % 60);
    fill_normal(contents[i], ELEMENTS, (uint64_t)i + 1);
  }
  return monitor;
}

static trimtab_decision large_step(trimtab_monitor *monitor, int64_t step, uint64_t *seed) {
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  int64_t count = 0;
  CHECK_OK(trimtab_monitor_begin_step(monitor, step));
  for (int i = 0; i < ENTRIES; i++) {
    int32_t wants_weight = 0;
    for (int k = 0; k < 8; k++) contents[i][random_bits(seed) % ELEMENTS] = random_normal(seed);
    if (i < PARAMETERS) CHECK_OK(trimtab_monitor_wants(monitor, i, TRIMTAB_QUANTITY_WEIGHT, &wants_weight));
    for (int pass = 0; pass <= wants_weight; pass++) {
      tensors[count] = *matrix64(&views[count], contents[i], 8, ELEMENTS / 8);
      entries[count] = i;
      quantities[count] = pass ? TRIMTAB_QUANTITY_WEIGHT : i < PARAMETERS ? TRIMTAB_QUANTITY_GRADIENT : TRIMTAB_QUANTITY_PREACTIVATION;
      count++;
    }
  }
  CHECK_OK(trimtab_monitor_observe_all(monitor, entries, quantities, tensors, count));
  CHECK_OK(trimtab_monitor_observe_scalar(monitor, TRIMTAB_SCALAR_LOSS, 1 + 0.1 * random_unit(seed)));
  CHECK_OK(trimtab_monitor_observe_scalar(monitor, TRIMTAB_SCALAR_LEARNING_RATE, 0.1));
  CHECK_OK(trimtab_monitor_observe_noise(monitor, 8, 2, 64, 1));
  CHECK_OK(trimtab_monitor_end_step(monitor, &decision));
  return decision;
}

static void steps_of_two_hundred_tensors(void) {
  trimtab_monitor *monitor = large_monitor(TRIMTAB_CLIPPING_ADAPTIVE);
  uint64_t seed = 5;
  for (int64_t step = 1; step <= 30; step++) {
    const trimtab_decision decision = large_step(monitor, step, &seed);
    double square = 0;
    for (int i = 0; i < PARAMETERS; i++)
      for (int k = 0; k < ELEMENTS; k++) square += contents[i][k] * contents[i][k];
    CHECK_NEAR(decision.gradient_norm, sqrt(square), 1e-13);
    CHECK(decision.action <= TRIMTAB_ACTION_CLIP);
  }
  trimtab_monitor_destroy(monitor);
}

#if !defined(__SANITIZE_ADDRESS__) && defined(__GLIBC__)
static void no_memory_per_step(void) {
  long before;
  free(malloc(1));
  before = allocations;
  CHECK(before > 0); /* it counts */
  for (int32_t clipping = TRIMTAB_CLIPPING_NONE; clipping <= TRIMTAB_CLIPPING_PER_TENSOR; clipping++) {
    trimtab_monitor *monitor = large_monitor(clipping);
    trimtab_rule_options rule = TRIMTAB_RULE_OPTIONS_INIT;
    uint64_t seed = 6;
    int64_t found;
    /* These weights leap, and each new finding may take memory. */
    CHECK_OK(trimtab_monitor_rule(monitor, TRIMTAB_RULE_UPDATE_RATIO, &rule));
    rule.is_enabled = 0;
    CHECK_OK(trimtab_monitor_set_rule(monitor, TRIMTAB_RULE_UPDATE_RATIO, &rule));
    for (int64_t step = 1; step <= 45; step++) (void)large_step(monitor, step, &seed);
    found = finding_count(monitor);
    before = allocations;
    /* Several windows of units (125 looks each) and audits of weights. */
    for (int64_t step = 46; step <= 1500; step++) (void)large_step(monitor, step, &seed);
    if (!CHECK(allocations == before) || !CHECK(finding_count(monitor) == found))
      printf("    clipping %d: %ld allocations, %ld findings\n", (int)clipping, allocations - before, (long)(finding_count(monitor) - found));
    trimtab_monitor_destroy(monitor);
  }
}

/* The quick passes of float32, thinned batches of images, every quantity of a layer, a log and a record take none either. */
static void no_memory_with_every_quantity(void) {
  enum { SAMPLES = 80, CHANNELS = 4, SIDE = 512, STEPS = 400 };
  static float images[SAMPLES * CHANNELS * SIDE], weight[64 * 64], gradient[64 * 64], heads[2 * 16 * 16];
  int64_t shape[4] = {SAMPLES, CHANNELS, 16, SIDE / 16}, square[3] = {2, 16, 16};
  const char *log = "build/test/no_memory.jsonl", *record = "build/test/no_memory_record.jsonl";
  const trimtab_quantity layer[3] = {TRIMTAB_QUANTITY_PREACTIVATION, TRIMTAB_QUANTITY_OUTPUT, TRIMTAB_QUANTITY_OUTPUT_GRADIENT};
  trimtab_monitor *monitor = NULL;
  trimtab_monitor_options options = TRIMTAB_MONITOR_OPTIONS_INIT;
  trimtab_entry entry = TRIMTAB_ENTRY_INIT;
  trimtab_tensor batch, attention;
  view seen;
  uint64_t seed = 11;
  int64_t index, found = 0;
  long before = 0;
  options.budget = 0;
  CHECK_OK(trimtab_monitor_create(&options, &monitor));
  add_entry(monitor, "w", TRIMTAB_ROLE_WEIGHT, -1, 0);
  entry.kind = TRIMTAB_ENTRY_LAYER;
  entry.role = TRIMTAB_ROLE_HIDDEN;
  entry.activation = TRIMTAB_ACTIVATION_RELU;
  entry.unit_axis = 1;
  CHECK_OK(trimtab_monitor_register(monitor, "images", &entry, &index));
  add_entry(monitor, "attention", TRIMTAB_ROLE_ATTENTION, -1, 1);
  CHECK_OK(trimtab_monitor_log(monitor, log));
  CHECK_OK(trimtab_monitor_record_to(monitor, record));
  for (int i = 0; i < SAMPLES * CHANNELS * SIDE; i++) images[i] = (float)random_normal(&seed);
  for (int i = 0; i < 64 * 64; i++) weight[i] = (float)random_normal(&seed) / 8;
  for (int i = 0; i < 2 * 16 * 16; i++) heads[i] = 1 / 16.0f;
  batch = *matrix32(&seen, images, SAMPLES, CHANNELS * SIDE);
  batch.ndim = 4;
  batch.shape = shape;
  batch.strides = NULL;
  attention = *matrix32(&seen, heads, 32, 16);
  attention.ndim = 3;
  attention.shape = square;
  attention.strides = NULL;
  for (int64_t step = 1; step <= STEPS; step++) {
    if (step == 100) {
      found = finding_count(monitor);
      before = allocations;
    }
    for (int i = 0; i < 64 * 64; i++) gradient[i] = (float)random_normal(&seed);
    for (int i = 0; i < 64 * 64; i++) weight[i] -= 1e-4f * gradient[i];
    CHECK_OK(trimtab_monitor_begin_step(monitor, step));
    for (int k = 0; k < 3; k++) CHECK_OK(trimtab_monitor_observe(monitor, 1, layer[k], &batch));
    CHECK_OK(trimtab_monitor_observe(monitor, 2, TRIMTAB_QUANTITY_ATTENTION, &attention));
    CHECK_OK(trimtab_monitor_observe(monitor, 2, TRIMTAB_QUANTITY_ATTENTION_LOGITS, &attention));
    CHECK_OK(trimtab_monitor_observe(monitor, 0, TRIMTAB_QUANTITY_GRADIENT, matrix32(&seen, gradient, 64, 64)));
    CHECK_OK(trimtab_monitor_observe(monitor, 0, TRIMTAB_QUANTITY_WEIGHT, matrix32(&seen, weight, 64, 64)));
    CHECK_OK(trimtab_monitor_observe_scalar(monitor, TRIMTAB_SCALAR_LOSS, 1 + 0.1 * random_unit(&seed)));
    CHECK_OK(trimtab_monitor_observe_scalar(monitor, TRIMTAB_SCALAR_LEARNING_RATE, 1e-4));
    (void)end_step(monitor);
  }
  if (!CHECK(allocations == before) || !CHECK(finding_count(monitor) == found))
    printf("    %ld allocations, %ld findings\n", allocations - before, (long)(finding_count(monitor) - found));
  trimtab_monitor_destroy(monitor);
  (void)remove(log);
  (void)remove(record);
}

/* Steps that are skipped, clipped and restored take none either. */
static void no_memory_in_trouble(void) {
  trimtab_monitor *monitor = NULL;
  trimtab_monitor_options options = TRIMTAB_MONITOR_OPTIONS_INIT;
  trimtab_finding finding = TRIMTAB_FINDING_INIT;
  double values[4] = {1, 2, 3, 4};
  long before = 0;
  options.may_roll_back = 1;
  options.greatest_skips = 2;
  CHECK_OK(trimtab_monitor_create(&options, &monitor));
  add_entry(monitor, "w", TRIMTAB_ROLE_WEIGHT, -1, 0);
  /* What is logged of them takes none. */
  CHECK_OK(trimtab_monitor_log(monitor, "/dev/null"));
  for (int64_t round = 0, step = 1; round < 40; round++) {
    if (round == 4) before = allocations;
    for (int i = 0; i < 12; i++, step++) {
      trimtab_decision decision = TRIMTAB_DECISION_INIT;
      values[2] = i < 4 ? NAN : 3;
      CHECK_OK(trimtab_monitor_begin_step(monitor, step));
      CHECK_OK(trimtab_monitor_observe(monitor, 0, TRIMTAB_QUANTITY_GRADIENT, matrix64(&made, values, 2, 2)));
      CHECK_OK(trimtab_monitor_end_step(monitor, &decision));
      if (decision.action == TRIMTAB_ACTION_ROLL_BACK) CHECK_OK(trimtab_monitor_restored(monitor, step));
      CHECK_OK(trimtab_monitor_finding(monitor, 0, &finding));
    }
  }
  CHECK(allocations == before);
  trimtab_monitor_destroy(monitor);
}
#else
static void no_memory_per_step(void) {}
static void no_memory_with_every_quantity(void) {}
static void no_memory_in_trouble(void) {}
#endif

static void summaries_of_other_ranks(void) {
  trimtab_monitor *monitor = NULL;
  trimtab_summary summary;
  double shard[2][2] = {{3, 0}, {0, 4}};
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  add_entry(monitor, "w", TRIMTAB_ROLE_WEIGHT, -1, 0);
  CHECK_OK(trimtab_monitor_begin_step(monitor, 1));
  for (int i = 0; i < 2; i++) {
    CHECK_OK(trimtab_summarize(vector64(&made, shard[i], 2), &summary));
    CHECK_OK(trimtab_monitor_observe_summary(monitor, 0, TRIMTAB_QUANTITY_GRADIENT, 2, &summary));
  }
  CHECK(end_step(monitor).gradient_norm == 5);
  summary.count = -5;
  CHECK_OK(trimtab_monitor_begin_step(monitor, 2));
  CHECK_STATUS(trimtab_monitor_observe_summary(monitor, 0, TRIMTAB_QUANTITY_GRADIENT, 2, &summary), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(end_step(monitor).gradient_norm == 0);
  trimtab_monitor_destroy(monitor);
}

/* A sample beside a summary says what changed: one weight stands still while another moves. */
static void samples_of_what_is_elsewhere(void) {
  const trimtab_quantity quantity = TRIMTAB_QUANTITY_WEIGHT;
  trimtab_monitor *monitor = NULL;
  trimtab_summary summary;
  int32_t number = 1;
  trimtab_tensor whole = *vector64(&made, (double[]){1}, 1);
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  add_entry(monitor, "still", TRIMTAB_ROLE_WEIGHT, -1, 0);
  add_entry(monitor, "moving", TRIMTAB_ROLE_WEIGHT, -1, 1);
  for (int64_t step = 1; step <= 6; step++) {
    CHECK_OK(trimtab_monitor_begin_step(monitor, step));
    for (int64_t entry = 0; entry < 2; entry++) {
      double values[2] = {1 + (double)(entry * step), 2};
      trimtab_tensor *tensor = vector64(&made, values, 2);
      CHECK_OK(trimtab_summarize(tensor, &summary));
      CHECK_OK(trimtab_monitor_observe_summary(monitor, entry, TRIMTAB_QUANTITY_GRADIENT, 2, &summary));
      CHECK_OK(trimtab_monitor_observe_summary(monitor, entry, quantity, 2, &summary));
      CHECK_OK(trimtab_monitor_observe_sample(monitor, entry, quantity, 2, tensor));
      CHECK_STATUS(trimtab_monitor_observe_sample(monitor, 7, quantity, 2, tensor), TRIMTAB_ERROR_INVALID_ARGUMENT);
      CHECK_STATUS(trimtab_monitor_observe_sample(monitor, entry, TRIMTAB_QUANTITY_OUTPUT, 2, tensor), TRIMTAB_ERROR_INVALID_ARGUMENT);
      CHECK_STATUS(trimtab_monitor_observe_sample(monitor, entry, quantity, -1, tensor), TRIMTAB_ERROR_INVALID_ARGUMENT);
    }
    (void)end_step(monitor);
  }
  CHECK(finding_count(monitor) == 1);
  CHECK(finding_at(monitor, 0).rule == TRIMTAB_RULE_UNCHANGED_PARAMETER);
  CHECK(finding_at(monitor, 0).entry == 0);
  CHECK_OK(trimtab_monitor_begin_step(monitor, 7));
  whole.data = &number;
  whole.dtype.code = TRIMTAB_DTYPE_INT;
  whole.dtype.bits = 32;
  CHECK_STATUS(trimtab_monitor_observe_sample(monitor, 0, quantity, 1, &whole), TRIMTAB_ERROR_DTYPE);
  trimtab_monitor_destroy(monitor);
}

/* Any bytes as a summary, any shape of tensor: a status, never an end of the process. */
static void bytes_at_random(void) {
  const char *given = getenv("TRIMTAB_SEED");
  uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 1;
  trimtab_monitor *monitor = NULL;
  double values[16];
  printf("seed %llu\n", (unsigned long long)seed);
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  add_entry(monitor, "w", TRIMTAB_ROLE_WEIGHT, -1, 0);
  add_entry(monitor, "layer", TRIMTAB_ROLE_HIDDEN, TRIMTAB_ACTIVATION_TANH, 1);
  for (int64_t step = 1; step <= 2000; step++) {
    trimtab_summary summary;
    trimtab_status status;
    const double special[] = {0, NAN, INFINITY, -INFINITY, 1e300, -1e-300, 5e-324, 1};
    CHECK_OK(trimtab_monitor_begin_step(monitor, step));
    for (size_t i = 0; i < sizeof summary; i++) ((unsigned char *)&summary)[i] = (unsigned char)(random_bits(&seed) >> (step % 50));
    status = trimtab_monitor_observe_summary(monitor, (int64_t)(random_bits(&seed) % 2), (int32_t)(random_bits(&seed) % 8) - 1, 2, &summary);
    CHECK(status == TRIMTAB_OK || status == TRIMTAB_ERROR_INVALID_ARGUMENT || status == TRIMTAB_ERROR_OVERFLOW);
    for (int i = 0; i < 16; i++) values[i] = random_bits(&seed) % 3 ? random_normal(&seed) : special[random_bits(&seed) % 8];
    for (int i = 0; i < 4; i++) {
      status = trimtab_monitor_observe(monitor, (int64_t)(random_bits(&seed) % 2), (int32_t)(random_bits(&seed) % 7),
                                       matrix64(&made, values, 4, 1 + (int64_t)(random_bits(&seed) % 4)));
      CHECK(status == TRIMTAB_OK || status == TRIMTAB_ERROR_INVALID_ARGUMENT || status == TRIMTAB_ERROR_SHAPE);
    }
    CHECK_OK(trimtab_monitor_observe_scalar(monitor, (int32_t)(random_bits(&seed) % 6), special[random_bits(&seed) % 8]));
    (void)end_step(monitor);
  }
  trimtab_monitor_destroy(monitor);
}

int main(void) {
  RUN(a_whole_run);
  RUN(null_anywhere);
  RUN(numbers_out_of_range);
  RUN(entries_out_of_range);
  RUN(options_out_of_range);
  RUN(rules_are_read_and_set);
  RUN(steps_out_of_order);
  RUN(observe_all_names_the_bad_one);
  RUN(newer_callers);
  RUN(steps_of_two_hundred_tensors);
  RUN(summaries_of_other_ranks);
  RUN(samples_of_what_is_elsewhere);
  RUN(bytes_at_random);
  COUNTED(no_memory_per_step);
  COUNTED(no_memory_with_every_quantity);
  COUNTED(no_memory_in_trouble);
  return finish("monitor");
}
