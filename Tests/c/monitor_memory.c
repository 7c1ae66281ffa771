/* Steps of 200 tensors, which take no memory. */
#include "allocations.h"
#include "monitors.h"

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
static view made;

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
    /* These weights leap and nothing is learnt, and each new finding may take memory. */
    CHECK_OK(trimtab_monitor_rule(monitor, TRIMTAB_RULE_UPDATE_RATIO, &rule));
    rule.is_enabled = 0;
    CHECK_OK(trimtab_monitor_set_rule(monitor, TRIMTAB_RULE_UPDATE_RATIO, &rule));
    CHECK_OK(trimtab_monitor_set_rule(monitor, TRIMTAB_RULE_LEARNING, &rule));
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

int main(void) {
  RUN(steps_of_two_hundred_tensors);
  COUNTED(no_memory_per_step);
  COUNTED(no_memory_with_every_quantity);
  COUNTED(no_memory_in_trouble);
  return finish("monitor_memory");
}
