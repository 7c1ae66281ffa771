/* A whole step in one call: what is looked at, what the next step wants, and that no fault of a tensor loses the step. */
#include "allocations.h"
#include "check.h"

enum { WEIGHTS = 48, ROWS = 16, UNITS = 3, COUNT = 3 };

static float gradient[WEIGHTS], weight[WEIGHTS], activation[ROWS * UNITS];

/* A weight, its gradient, and the layer before it. */
typedef struct run {
  trimtab_monitor *monitor;
  int64_t entries[COUNT];
  trimtab_quantity quantities[COUNT];
  int64_t shapes[COUNT][2];
  trimtab_tensor tensors[COUNT];
  uint8_t wanted[COUNT];
} run;

static void fill(float *values, int count, int step) {
  for (int i = 0; i < count; i++) values[i] = (float)((i * 7919 + step * 104729) % 1000) * 1e-3f - 0.4f;
}

static run make_run(double budget) {
  run made;
  trimtab_monitor_options options = TRIMTAB_MONITOR_OPTIONS_INIT;
  trimtab_entry parameter = TRIMTAB_ENTRY_INIT, layer = TRIMTAB_ENTRY_INIT;
  float *data[COUNT] = {gradient, weight, activation};
  memset(&made, 0, sizeof made);
  options.budget = budget;
  CHECK_OK(trimtab_monitor_create(&options, &made.monitor));
  parameter.order = 1;
  layer.kind = TRIMTAB_ENTRY_LAYER;
  layer.role = TRIMTAB_ROLE_HIDDEN;
  layer.activation = 0;
  CHECK_OK(trimtab_monitor_register(made.monitor, "weight", &parameter, &made.entries[0]));
  CHECK_OK(trimtab_monitor_register(made.monitor, "layer", &layer, &made.entries[2]));
  made.entries[1] = made.entries[0];
  made.quantities[0] = TRIMTAB_QUANTITY_GRADIENT;
  made.quantities[1] = TRIMTAB_QUANTITY_WEIGHT;
  made.quantities[2] = TRIMTAB_QUANTITY_PREACTIVATION;
  for (int i = 0; i < COUNT; i++) {
    made.shapes[i][0] = i == 2 ? ROWS : WEIGHTS / UNITS;
    made.shapes[i][1] = UNITS;
    made.tensors[i].data = data[i];
    made.tensors[i].device.device_type = 1;
    made.tensors[i].ndim = 2;
    made.tensors[i].dtype.code = 2;
    made.tensors[i].dtype.bits = 32;
    made.tensors[i].dtype.lanes = 1;
  }
  return made;
}

static trimtab_status take(run *it, int64_t step, double loss, trimtab_decision *decision) {
  const trimtab_scalar scalars[] = {TRIMTAB_SCALAR_LOSS, TRIMTAB_SCALAR_LEARNING_RATE, TRIMTAB_SCALAR_OVERHEAD_SECONDS};
  const double values[] = {loss, 0.1, 1e-6};
  for (int i = 0; i < COUNT; i++) it->tensors[i].shape = it->shapes[i];
  fill(gradient, WEIGHTS, (int)step);
  fill(weight, WEIGHTS, 0);
  for (int i = 0; i < WEIGHTS; i++) weight[i] *= 1.0f + 1e-3f * (float)step;
  fill(activation, ROWS * UNITS, (int)step);
  return trimtab_monitor_step(it->monitor, step, scalars, values, 3, it->entries, it->quantities, it->tensors, COUNT,
                              it->wanted, decision);
}

static int64_t look_count(const run *it, int place) {
  trimtab_coverage coverage = TRIMTAB_COVERAGE_INIT;
  CHECK_OK(trimtab_monitor_coverage(it->monitor, it->entries[place], it->quantities[place], &coverage));
  return coverage.look_count;
}

static void a_step_is_what_its_parts_are(void) {
  run whole = make_run(0.0), parts = make_run(0.0);
  for (int64_t step = 1; step <= 60; step++) {
    trimtab_decision one = TRIMTAB_DECISION_INIT, other = TRIMTAB_DECISION_INIT;
    CHECK_OK(take(&whole, step, 1.0, &one));
    for (int i = 0; i < COUNT; i++) parts.tensors[i].shape = parts.shapes[i];
    CHECK_OK(trimtab_monitor_begin_step(parts.monitor, step));
    CHECK_OK(trimtab_monitor_observe_scalar(parts.monitor, TRIMTAB_SCALAR_LOSS, 1.0));
    CHECK_OK(trimtab_monitor_observe_scalar(parts.monitor, TRIMTAB_SCALAR_LEARNING_RATE, 0.1));
    for (int i = 0; i < COUNT; i++) {
      int32_t is_wanted = 0;
      CHECK_OK(trimtab_monitor_wants(parts.monitor, parts.entries[i], parts.quantities[i], &is_wanted));
      if (is_wanted)
        CHECK_OK(trimtab_monitor_observe(parts.monitor, parts.entries[i], parts.quantities[i], &parts.tensors[i]));
    }
    CHECK_OK(trimtab_monitor_end_step(parts.monitor, &other));
    CHECK(one.action == other.action && one.verdict == other.verdict && one.finding_count == other.finding_count);
    CHECK(one.gradient_norm == other.gradient_norm && one.loss == other.loss && one.step == step);
    for (int i = 0; i < COUNT; i++) CHECK(look_count(&whole, i) == look_count(&parts, i));
  }
  trimtab_monitor_destroy(whole.monitor);
  trimtab_monitor_destroy(parts.monitor);
}

/* What it says of the next step is what the next step then looks at. */
static void the_next_step_is_told(void) {
  run it = make_run(0.0);
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  int seen_wanted = 0, seen_unwanted = 0;
  CHECK_OK(take(&it, 1, 1.0, &decision));
  for (int64_t step = 2; step <= 60; step++) {
    int64_t before = look_count(&it, 1);
    int was_wanted = it.wanted[1];
    CHECK(it.wanted[0] == 1);
    CHECK_OK(take(&it, step, 1.0, &decision));
    CHECK(look_count(&it, 1) == before + was_wanted);
    seen_wanted += was_wanted;
    seen_unwanted += !was_wanted;
  }
  CHECK(seen_wanted >= 3 && seen_unwanted >= 30);
  trimtab_monitor_destroy(it.monitor);
}

/* Weights are due in one step of ten; where the loss is lost they are looked at all the same, and are the origin. */
static void a_lost_step_looks_at_everything(void) {
  for (int of_gradient = 0; of_gradient < 2; of_gradient++) {
    run it = make_run(0.0);
    trimtab_decision decision = TRIMTAB_DECISION_INIT;
    trimtab_finding finding = TRIMTAB_FINDING_INIT;
    const trimtab_scalar scalar = TRIMTAB_SCALAR_LOSS;
    double loss = of_gradient ? 1.0 : NAN;
    int64_t step = 1;
    while (step <= 30 || it.wanted[1]) CHECK_OK(take(&it, step++, 1.0, &decision));
    weight[5] = NAN;
    if (of_gradient) gradient[7] = INFINITY;
    CHECK_OK(trimtab_monitor_step(it.monitor, step, &scalar, &loss, 1, it.entries, it.quantities, it.tensors, COUNT, NULL,
                                  &decision));
    CHECK(decision.action == TRIMTAB_ACTION_STOP); /* no snapshot to go back to */
    CHECK_OK(trimtab_monitor_finding(it.monitor, 0, &finding));
    CHECK(finding.rule == TRIMTAB_RULE_NONFINITE && strcmp(finding.name, "weight") == 0 && finding.index == 5);
    CHECK(finding.quantity == TRIMTAB_QUANTITY_WEIGHT);
    trimtab_monitor_destroy(it.monitor);
  }
}

static void places_without_a_tensor(void) {
  run it = make_run(0.0);
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  it.tensors[2].ndim = -1;
  it.tensors[2].data = (void *)8;
  for (int64_t step = 1; step <= 5; step++) CHECK_OK(take(&it, step, NAN, &decision));
  CHECK(look_count(&it, 2) == 0 && look_count(&it, 0) == 5);
  CHECK(it.wanted[2] == 1);
  CHECK_OK(trimtab_monitor_step(it.monitor, 6, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL, &decision));
  CHECK(decision.step == 6);
  trimtab_monitor_destroy(it.monitor);
}

static void a_tensor_that_is_refused_costs_no_step(void) {
  run it = make_run(0.0);
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  CHECK_OK(take(&it, 1, 1.0, &decision));
  it.tensors[0].dtype.code = 9;
  CHECK_STATUS(take(&it, 2, 1.0, &decision), TRIMTAB_ERROR_DTYPE);
  CHECK(strncmp(trimtab_last_error(), "tensors[0]", 10) == 0);
  CHECK(decision.step == 2 && look_count(&it, 0) == 1 && look_count(&it, 2) == 2);
  it.tensors[0].dtype.code = 2;
  it.entries[1] = 99;
  CHECK_STATUS(take(&it, 3, 1.0, &decision), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(decision.step == 3 && it.wanted[1] == 0 && look_count(&it, 0) == 2);
  it.entries[1] = it.entries[0];
  it.quantities[1] = 77;
  CHECK_STATUS(take(&it, 4, 1.0, &decision), TRIMTAB_ERROR_INVALID_ARGUMENT);
  it.quantities[1] = TRIMTAB_QUANTITY_WEIGHT;
  CHECK_OK(take(&it, 5, 1.0, &decision));
  CHECK(decision.step == 5 && look_count(&it, 0) == 4);
  trimtab_monitor_destroy(it.monitor);
}

static void what_is_wrong_with_the_call_opens_no_step(void) {
  run it = make_run(0.0);
  trimtab_decision decision = TRIMTAB_DECISION_INIT, small = TRIMTAB_DECISION_INIT;
  const trimtab_scalar unknown = 44;
  const double value = 1.0;
  CHECK_OK(take(&it, 7, 1.0, &decision));
  small.struct_size = 4;
  CHECK_STATUS(take(&it, 8, 1.0, &small), TRIMTAB_ERROR_STRUCT_SIZE);
  CHECK_STATUS(take(&it, 8, 1.0, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(take(&it, 7, 1.0, &decision), TRIMTAB_ERROR_INVALID_ARGUMENT);
#define STEP(names, numbers, many, entries, quantities, tensors, count) \
  trimtab_monitor_step(it.monitor, 8, names, numbers, many, entries, quantities, tensors, count, NULL, &decision)
  CHECK_STATUS(STEP(&unknown, &value, 1, NULL, NULL, NULL, 0), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(STEP(NULL, &value, 1, NULL, NULL, NULL, 0), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(STEP(&unknown, NULL, 1, NULL, NULL, NULL, 0), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(STEP(NULL, NULL, -1, NULL, NULL, NULL, 0), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(STEP(NULL, NULL, 0, NULL, NULL, NULL, -1), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(STEP(NULL, NULL, 0, NULL, it.quantities, it.tensors, 1), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(STEP(NULL, NULL, 0, it.entries, NULL, it.tensors, 1), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(STEP(NULL, NULL, 0, it.entries, it.quantities, NULL, 1), TRIMTAB_ERROR_NULL_ARGUMENT);
#undef STEP
  CHECK_STATUS(trimtab_monitor_step(NULL, 8, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL, &decision),
               TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK(decision.step == 7);
  /* One that is open goes on. */
  CHECK_OK(trimtab_monitor_begin_step(it.monitor, 8));
  CHECK_STATUS(take(&it, 9, 1.0, &decision), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_OK(take(&it, 8, 1.0, &decision));
  CHECK(decision.step == 8);
  trimtab_monitor_destroy(it.monitor);
}

static void no_memory_per_step(void) {
  run it = make_run(0.01);
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  for (int64_t step = 1; step <= 100; step++) CHECK_OK(take(&it, step, 1.0, &decision));
  long before = allocations;
  for (int64_t step = 101; step <= 400; step++) CHECK_OK(take(&it, step, 1.0, &decision));
  CHECK(allocations == before);
  trimtab_monitor_destroy(it.monitor);
}

int main(void) {
  RUN(a_step_is_what_its_parts_are);
  RUN(the_next_step_is_told);
  RUN(a_lost_step_looks_at_everything);
  RUN(places_without_a_tensor);
  RUN(a_tensor_that_is_refused_costs_no_step);
  RUN(what_is_wrong_with_the_call_opens_no_step);
  COUNTED(no_memory_per_step);
  return finish("monitor_step");
}
