/* The order in which findings are told, and a rule that needs the course of a whole run, through the header alone. */
#include "monitors.h"

/* A weight of one value without gradients, a NaN in step 2, an optimizer that lost its state in step 50, and a loss that never falls. */
static trimtab_monitor *troubled(void) {
  trimtab_monitor *monitor = NULL;
  trimtab_tensor *tensor;
  view made;
  uint64_t seed = 3;
  double weight[16];
  for (int i = 0; i < 16; i++) weight[i] = 0.5;
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  add_entry(monitor, "constant", TRIMTAB_ROLE_WEIGHT, -1, 0);
  tensor = matrix64(&made, weight, 4, 4);
  for (int64_t step = 1; step <= 130; step++) {
    trimtab_set_up_facts facts = TRIMTAB_SET_UP_FACTS_INIT;
    CHECK_OK(trimtab_monitor_begin_step(monitor, step));
    CHECK_OK(trimtab_monitor_observe_scalar(monitor, TRIMTAB_SCALAR_LOSS, step == 2 ? (double)NAN : 1 + 0.02 * random_normal(&seed)));
    if (step == 1) CHECK_OK(trimtab_monitor_observe(monitor, 0, TRIMTAB_QUANTITY_WEIGHT, tensor));
    if (step == 50) facts.flags = TRIMTAB_SET_UP_STATE_LOST;
    CHECK_OK(trimtab_monitor_observe_set_up(monitor, &facts));
    (void)end_step(monitor);
  }
  return monitor;
}

static void roots_come_first(void) {
  const trimtab_cause arisen[] = {TRIMTAB_CAUSE_CONSTANT_INITIALISATION, TRIMTAB_CAUSE_NONFINITE_LOSS, TRIMTAB_CAUSE_MISSING_GRADIENT,
                                  TRIMTAB_CAUSE_OPTIMIZER_STATE_LOST, TRIMTAB_CAUSE_UNRELATED_TARGETS};
  const int64_t told[] = {0, 2, 3, 1, 4};
  trimtab_monitor *monitor = troubled();
  int64_t places[8], count = -1;
  if (CHECK(finding_count(monitor) == 5)) {
    for (int64_t i = 0; i < 5; i++) CHECK(finding_at(monitor, i).cause == arisen[i]);
    CHECK(finding_at(monitor, 0).rule == TRIMTAB_RULE_WEIGHT_START && finding_at(monitor, 0).first_step == 1);
    CHECK(finding_at(monitor, 4).rule == TRIMTAB_RULE_LEARNING && finding_at(monitor, 4).entry == -1);
    memset(places, UNTOUCHED, sizeof places);
    CHECK_OK(trimtab_monitor_diagnosis(monitor, 8, places, &count));
    CHECK(count == 5);
    for (int64_t i = 0; i < 5; i++) CHECK(places[i] == told[i]);
    CHECK(is_untouched((const unsigned char *)(places + 5), 3 * sizeof *places));
  }
  trimtab_monitor_destroy(monitor);
}

/* Less room than findings: the first of the order; none: the count alone. */
static void as_many_as_have_room(void) {
  trimtab_monitor *monitor = troubled();
  int64_t places[8], count = -1;
  memset(places, UNTOUCHED, sizeof places);
  CHECK_OK(trimtab_monitor_diagnosis(monitor, 2, places, &count));
  CHECK(count == 2 && places[0] == 0 && places[1] == 2);
  CHECK(is_untouched((const unsigned char *)(places + 2), 6 * sizeof *places));
  count = -1;
  CHECK_OK(trimtab_monitor_diagnosis(monitor, 0, NULL, &count));
  CHECK(count == 0);
  CHECK_OK(trimtab_monitor_diagnosis(monitor, 0, places, &count));
  CHECK(count == 0);
  trimtab_monitor_destroy(monitor);
}

static void refusals(void) {
  trimtab_monitor *monitor = troubled(), *calm = NULL;
  int64_t places[8], count = -7;
  memset(places, UNTOUCHED, sizeof places);
  CHECK_STATUS(trimtab_monitor_diagnosis(NULL, 8, places, &count), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_diagnosis(monitor, 8, NULL, &count), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_diagnosis(monitor, 8, places, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_diagnosis(monitor, -1, places, &count), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(strstr(trimtab_last_error(), "capacity: found -1, allowed 0 or more") != NULL);
  CHECK_STATUS(trimtab_monitor_diagnosis(monitor, INT64_MIN, places, &count), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(count == -7 && is_untouched((const unsigned char *)places, sizeof places));
  CHECK_OK(trimtab_monitor_diagnosis(monitor, INT64_MAX, places, &count));
  CHECK(count == 5);
  trimtab_monitor_destroy(monitor);
  /* Nothing found: nothing written, and no room needed. */
  CHECK_OK(trimtab_monitor_create(NULL, &calm));
  CHECK_OK(trimtab_monitor_diagnosis(calm, 8, NULL, &count));
  CHECK(count == 0);
  trimtab_monitor_destroy(calm);
}

int main(void) {
  RUN(roots_come_first);
  RUN(as_many_as_have_room);
  RUN(refusals);
  return finish("monitor_diagnosis");
}
