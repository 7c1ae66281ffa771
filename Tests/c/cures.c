/* Cures that are called: leaks that fade, averages, gates, consistency, safe rates. */
#include "check.h"

static double some[6] = {0.9, 0.05, 0.05, 0.4, 0.35, 0.25};
static view some_view, other_view, target_view;

static void a_leak_that_fades(void) {
  double slope = 7;
  CHECK_OK(trimtab_leak_slope(0.3, 0.01, 200, 0, &slope));
  CHECK_NEAR(slope, 0.3, 1e-15);
  CHECK_OK(trimtab_leak_slope(0.3, 0.01, 200, 200, &slope));
  CHECK_NEAR(slope, 0.116685, 2e-6);
  CHECK_OK(trimtab_leak_slope(0.3, 0.01, 200, INT64_MAX, &slope));
  CHECK_NEAR(slope, 0.01, 1e-15);
  CHECK_STATUS(trimtab_leak_slope(0.3, 0.01, 0, 1, &slope), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_leak_slope(NAN, 0.01, 1, 1, &slope), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_leak_slope(0.3, 0.01, 1, -1, &slope), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_leak_slope(0.3, 0.01, 1, 1, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_NEAR(slope, 0.01, 1e-15);
}

static void an_average(void) {
  double average[6] = {0, 0, 0, 0, 0, 0};
  double wrong[6] = {1, 2, 3, INFINITY, 5, 6};
  trimtab_tensor *own = matrix64(&target_view, average, 2, 3);
  CHECK_OK(trimtab_average_update(own, matrix64(&some_view, some, 2, 3), 0.75));
  CHECK_NEAR(average[0], 0.225, 1e-15);
  CHECK_OK(trimtab_average_update(own, matrix64(&some_view, some, 2, 3), 0.5));
  CHECK_NEAR(average[5], 0.5 * (0.0625 + 0.25), 1e-15);
  CHECK_STATUS(trimtab_average_update(own, matrix64(&some_view, wrong, 2, 3), 0.5), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_average_update(own, matrix64(&some_view, some, 3, 2), 0.5), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_average_update(own, matrix64(&some_view, some, 2, 3), 1), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_average_update(NULL, matrix64(&some_view, some, 2, 3), 0.5), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_NEAR(average[5], 0.5 * (0.0625 + 0.25), 1e-15);
}

/* A gate goes on from its saved state, and nothing but a state is taken for one. */
static void gates_save_and_load(void) {
  for (int method = 0; method < 3; method++) {
    trimtab_gate_options options = TRIMTAB_GATE_OPTIONS_INIT;
    trimtab_gate_report report = TRIMTAB_GATE_REPORT_INIT, again = TRIMTAB_GATE_REPORT_INIT;
    trimtab_pseudo_label_gate *gate = NULL, *loaded = NULL;
    trimtab_covariance *covariance = NULL;
    double some[6] = {.96, .02, .02, .1, .8, .1}, thresholds[3], other[3];
    unsigned char state[256];
    int64_t needed = 0;
    view made;
    options.method = method;
    options.class_count = 3;
    options.sample_count = 2;
    options.decay = 0.5;
    CHECK_OK(trimtab_pseudo_label_gate_create(&options, &gate));
    CHECK_OK(trimtab_pseudo_label_gate_apply(gate, matrix64(&made, some, 2, 3), NULL, NULL, NULL, &report));
    CHECK_STATUS(trimtab_pseudo_label_gate_save(gate, NULL, 0, &needed), TRIMTAB_ERROR_CAPACITY);
    CHECK(needed > 32 && needed <= (int64_t)sizeof state);
    CHECK_OK(trimtab_pseudo_label_gate_save(gate, state, needed, &needed));
    CHECK_OK(trimtab_pseudo_label_gate_load(state, needed, &loaded));
    CHECK_OK(trimtab_pseudo_label_gate_apply(gate, &made.tensor, NULL, NULL, thresholds, &report));
    CHECK_OK(trimtab_pseudo_label_gate_apply(loaded, &made.tensor, NULL, NULL, other, &again));
    CHECK(memcmp(thresholds, other, sizeof other) == 0 && report.passed_count == again.passed_count);
    trimtab_pseudo_label_gate_destroy(loaded);
    loaded = NULL;
    CHECK_STATUS(trimtab_covariance_load(state, needed, &covariance), TRIMTAB_ERROR_STATE_KIND);
    CHECK_STATUS(trimtab_pseudo_label_gate_load(state, needed - 8, &loaded), TRIMTAB_ERROR_STATE_CORRUPT);
    state[12]++;
    CHECK_STATUS(trimtab_pseudo_label_gate_load(state, needed, &loaded), TRIMTAB_ERROR_STATE_CORRUPT);
    CHECK_STATUS(trimtab_pseudo_label_gate_load(NULL, needed, &loaded), TRIMTAB_ERROR_NULL_ARGUMENT);
    CHECK_STATUS(trimtab_pseudo_label_gate_save(NULL, state, needed, &needed), TRIMTAB_ERROR_NULL_ARGUMENT);
    CHECK(loaded == NULL);
    trimtab_pseudo_label_gate_destroy(gate);
  }
}

static void gates(void) {
  trimtab_gate_options options = TRIMTAB_GATE_OPTIONS_INIT;
  trimtab_gate_report report = TRIMTAB_GATE_REPORT_INIT;
  trimtab_pseudo_label_gate *gate = NULL;
  uint8_t passes[2] = {7, 7};
  double thresholds[3] = {0, 0, 0};
  int64_t ids[2] = {0, 9};
  CHECK_STATUS(trimtab_pseudo_label_gate_create(&options, &gate), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options.class_count = 3;
  options.threshold = 0.8;
  CHECK_OK(trimtab_pseudo_label_gate_create(&options, &gate));
  CHECK_OK(trimtab_pseudo_label_gate_apply(gate, matrix64(&some_view, some, 2, 3), NULL, passes, thresholds, &report));
  CHECK(passes[0] == 1 && passes[1] == 0 && report.passed_count == 1 && report.outcome == TRIMTAB_OUTCOME_OK);
  CHECK_NEAR(report.coverage, 0.5, 1e-15);
  CHECK_NEAR(thresholds[2], 0.8, 1e-15);
  CHECK_STATUS(trimtab_pseudo_label_gate_apply(gate, matrix64(&some_view, some, 3, 2), NULL, passes, NULL, &report), TRIMTAB_ERROR_SHAPE);
  CHECK_OK(trimtab_pseudo_label_gate_apply(gate, matrix64(&some_view, some, 0, 3), NULL, NULL, NULL, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && isnan(report.coverage));
  CHECK_OK(trimtab_pseudo_label_gate_apply(gate, matrix64(&some_view, some + 3, 1, 3), NULL, NULL, NULL, &report));
  CHECK(report.verdict == TRIMTAB_VERDICT_WARNING && report.cause == TRIMTAB_CAUSE_EMPTY_GATE);
  trimtab_pseudo_label_gate_destroy(gate);
  trimtab_pseudo_label_gate_destroy(NULL);

  options.method = TRIMTAB_GATE_FLEXMATCH;
  CHECK_STATUS(trimtab_pseudo_label_gate_create(&options, &gate), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options.sample_count = 4;
  CHECK_OK(trimtab_pseudo_label_gate_create(&options, &gate));
  CHECK_STATUS(trimtab_pseudo_label_gate_apply(gate, matrix64(&some_view, some, 2, 3), labels64(&other_view, ids, 2), passes, NULL, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  ids[1] = 3;
  CHECK_OK(trimtab_pseudo_label_gate_apply(gate, matrix64(&some_view, some, 2, 3), labels64(&other_view, ids, 2), passes, thresholds, &report));
  CHECK(report.passed_count == 2 && report.greatest_threshold == 0);
  CHECK_OK(trimtab_pseudo_label_gate_apply(gate, matrix64(&some_view, some, 2, 3), labels64(&other_view, ids, 2), passes, thresholds, &report));
  /* One sample of class 0 reached 0.8, three of four never did: b = 1 / 3, M = b / (2 - b) = 0.2. */
  CHECK_NEAR(thresholds[0], 0.8 * 0.2, 1e-15);
  trimtab_pseudo_label_gate_destroy(gate);
  options.method = 3;
  CHECK_STATUS(trimtab_pseudo_label_gate_create(&options, &gate), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options.struct_size = 4;
  CHECK_STATUS(trimtab_pseudo_label_gate_create(&options, &gate), TRIMTAB_ERROR_STRUCT_SIZE);
}

static void a_consistency_term(void) {
  double before[4] = {0.9, 0.1, 0.5, 0.5}, after[4] = {0.1, 0.9, 0.5, 0.5}, slope[4] = {7, 7, 7, 7};
  trimtab_consistency_report report = TRIMTAB_CONSISTENCY_REPORT_INIT;
  CHECK_OK(trimtab_consistency(matrix64(&some_view, before, 2, 2), matrix64(&other_view, after, 2, 2), TRIMTAB_CONSISTENCY_KL, matrix64(&target_view, slope, 2, 2), &report));
  CHECK_NEAR(report.loss, 0.4 * log(9), 1e-15);
  CHECK_NEAR(slope[0], -0.4, 1e-15);
  CHECK(slope[2] == 0 && slope[3] == 0);
  CHECK_OK(trimtab_consistency(matrix64(&some_view, before, 2, 2), matrix64(&other_view, after, 2, 2), TRIMTAB_CONSISTENCY_SQUARED, NULL, &report));
  CHECK_NEAR(report.loss, 0.64, 1e-15);
  CHECK_STATUS(trimtab_consistency(matrix64(&some_view, before, 2, 2), matrix64(&other_view, after, 1, 2), 0, NULL, &report), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_consistency(matrix64(&some_view, before, 2, 2), matrix64(&other_view, after, 2, 2), 2, NULL, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  before[0] = NAN;
  CHECK_OK(trimtab_consistency(matrix64(&some_view, before, 1, 2), matrix64(&other_view, after, 1, 2), 0, matrix64(&target_view, slope, 1, 2), &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_NONFINITE && isnan(report.loss) && report.nonfinite_count == 1 && slope[0] == 0);
}

/* A linear net on one feature: the sharpness of its half squared error is the mean of x^2. */
static void a_safe_rate(void) {
  double x[8], y[8], sharpness = 0;
  const int64_t shape[1] = {1};
  trimtab_layer layer = TRIMTAB_LAYER_INIT;
  trimtab_trainer_options net = TRIMTAB_TRAINER_OPTIONS_INIT;
  trimtab_safe_rate_options options = TRIMTAB_SAFE_RATE_OPTIONS_INIT;
  trimtab_safe_rate_report report = TRIMTAB_SAFE_RATE_REPORT_INIT;
  for (int i = 0; i < 8; i++) {
    x[i] = (i % 2 == 0 ? 2 : -2) + 0.013 * i;
    y[i] = 3 * x[i] + sin(i);
    sharpness += x[i] * x[i] / 8;
  }
  layer.units = 1;
  layer.flags = TRIMTAB_LAYER_NO_BIAS;
  net.layers = &layer;
  net.layer_count = 1;
  net.input_shape = shape;
  net.input_rank = 1;
  net.loss = TRIMTAB_LOSS_HALF_SQUARED;
  net.precision = TRIMTAB_PRECISION_FLOAT64;
  net.learning_rate = 0.1;
  options.bisections = 12;
  CHECK_OK(trimtab_safe_rate(&net, matrix64(&some_view, x, 8, 1), matrix64(&other_view, y, 8, 1), &options, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.verdict == TRIMTAB_VERDICT_HEALTHY && report.warm_up_steps == 0);
  CHECK_NEAR(report.peak_rate, 2 / sharpness, 0.01);
  CHECK_NEAR(report.sharpness, sharpness, 1e-9);
  net.learning_rate = 0.7;
  options.batch = 4;
  CHECK_OK(trimtab_safe_rate(&net, matrix64(&some_view, x, 8, 1), matrix64(&other_view, y, 8, 1), &options, &report));
  CHECK(report.verdict == TRIMTAB_VERDICT_CRITICAL && report.cause == TRIMTAB_CAUSE_LEARNING_RATE_TOO_HIGH && report.warm_up_steps == -1);
  CHECK_STATUS(trimtab_safe_rate(&net, matrix64(&some_view, x, 8, 1), matrix64(&other_view, y, 4, 1), NULL, &report), TRIMTAB_ERROR_SHAPE);
  options.step_count = 0;
  CHECK_STATUS(trimtab_safe_rate(&net, matrix64(&some_view, x, 8, 1), matrix64(&other_view, y, 8, 1), &options, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_safe_rate(NULL, matrix64(&some_view, x, 8, 1), matrix64(&other_view, y, 8, 1), NULL, &report), TRIMTAB_ERROR_NULL_ARGUMENT);
}

static void a_leak_is_set(void) {
  double x[2] = {-1, -2}, y[2] = {0, 0};
  const int64_t shape[1] = {1};
  trimtab_layer layer = TRIMTAB_LAYER_INIT;
  trimtab_trainer_options net = TRIMTAB_TRAINER_OPTIONS_INIT;
  trimtab_evaluation_report leaky = TRIMTAB_EVALUATION_REPORT_INIT, plain = TRIMTAB_EVALUATION_REPORT_INIT;
  trimtab_trainer *trainer = NULL;
  layer.units = 1;
  layer.activation = TRIMTAB_ACTIVATION_LEAKY_RELU;
  layer.flags = TRIMTAB_LAYER_SCHEDULED_LEAK;
  layer.initialiser = TRIMTAB_INITIALISER_CONSTANT;
  net.layers = &layer;
  net.layer_count = 1;
  net.input_shape = shape;
  net.input_rank = 1;
  CHECK_OK(trimtab_trainer_create(&net, &trainer));
  CHECK_OK(trimtab_trainer_evaluate(trainer, matrix64(&some_view, x, 2, 1), matrix64(&other_view, y, 2, 1), &leaky));
  CHECK_OK(trimtab_trainer_set_leak(trainer, 0, 0, 1));
  CHECK_OK(trimtab_trainer_evaluate(trainer, matrix64(&some_view, x, 2, 1), matrix64(&other_view, y, 2, 1), &plain));
  CHECK_NEAR(leaky.loss, 0.09 * 2.5, 1e-6);
  CHECK(plain.loss == 0);
  CHECK_STATUS(trimtab_trainer_set_leak(trainer, 0, 0, 0), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_set_leak(trainer, INFINITY, 0, 1), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_set_leak(NULL, 0, 0, 1), TRIMTAB_ERROR_NULL_ARGUMENT);
  trimtab_trainer_destroy(trainer);
}

int main(void) {
  RUN(a_leak_that_fades);
  RUN(an_average);
  RUN(gates);
  RUN(gates_save_and_load);
  RUN(a_consistency_term);
  RUN(a_safe_rate);
  RUN(a_leak_is_set);
  return finish("cures");
}
