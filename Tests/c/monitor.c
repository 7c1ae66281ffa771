/* A run under watch through the header alone: the protocol, the rules, and what was made elsewhere. */
#include "monitors.h"

static view made;

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
  RUN(rules_are_read_and_set);
  RUN(steps_out_of_order);
  RUN(newer_callers);
  RUN(summaries_of_other_ranks);
  RUN(samples_of_what_is_elsewhere);
  RUN(bytes_at_random);
  return finish("monitor");
}
