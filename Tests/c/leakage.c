/* Functions of a batch: what their outputs owe to other rows, and what that decides. */
#include "check.h"

static view input_view, target_view;

/* One feature over its batch, as a batch norm without epsilon. */
static int32_t batch_norm(void *user, const double *x, int64_t rows, int64_t features, double *y, int64_t outputs) {
  double mean = 0, square = 0;
  (void)user;
  for (int64_t i = 0; i < rows; i++) mean += x[i * features] / (double)rows;
  for (int64_t i = 0; i < rows; i++) square += (x[i * features] - mean) * (x[i * features] - mean) / (double)rows;
  for (int64_t i = 0; i < rows; i++) y[i * outputs] = (x[i * features] - mean) / sqrt(square);
  return 0;
}

/* The features of each row, as a layer norm. */
static int32_t layer_norm(void *user, const double *x, int64_t rows, int64_t features, double *y, int64_t outputs) {
  (void)user;
  for (int64_t i = 0; i < rows; i++) {
    double mean = 0, square = 0;
    for (int64_t j = 0; j < features; j++) mean += x[i * features + j] / (double)features;
    for (int64_t j = 0; j < features; j++) square += (x[i * features + j] - mean) * (x[i * features + j] - mean) / (double)features;
    y[i * outputs] = (x[i * features] - mean) / sqrt(square);
  }
  return 0;
}

/* Whether another row is the same: all that a collapsed generator gives away. */
static int32_t finds_twins(void *user, const double *x, int64_t rows, int64_t features, double *y, int64_t outputs) {
  (void)user;
  for (int64_t i = 0; i < rows; i++) {
    y[i * outputs] = 1;
    for (int64_t j = 0; j < rows; j++)
      if (j != i && fabs(x[j * features] - x[i * features]) < .01) y[i * outputs] = -1 + (x[j * features] - x[i * features]);
  }
  return 0;
}

static int32_t counts_calls(void *user, const double *x, int64_t rows, int64_t features, double *y, int64_t outputs) {
  (void)x, (void)features;
  for (int64_t i = 0; i < rows * outputs; i++) y[i] = (double)*(int *)user;
  return ++*(int *)user > 3 ? 7 : 0;
}

static int32_t gives_nan(void *user, const double *x, int64_t rows, int64_t features, double *y, int64_t outputs) {
  (void)user, (void)x, (void)features;
  for (int64_t i = 0; i < rows * outputs; i++) y[i] = NAN;
  return 0;
}

static int32_t is_noise(void *user, const double *x, int64_t rows, int64_t features, double *y, int64_t outputs) {
  for (int64_t i = 0; i < rows * outputs; i++) y[i] = x[i * features] + random_unit((uint64_t *)user);
  return 0;
}

static trimtab_batch_leakage_report leakage_of(trimtab_batch_function function, void *user, trimtab_tensor *inputs,
                                               const trimtab_leakage_options *options) {
  trimtab_batch_leakage_report report = TRIMTAB_BATCH_LEAKAGE_REPORT_INIT;
  CHECK_OK(trimtab_batch_leakage(function, user, inputs, NULL, 1, options, &report));
  return report;
}

/* dy_i/dx_j = (delta_ij - 1/B - y_i y_j / B) / sigma: |J|^2 sigma^2 = B - 2, and a share of 3/8 for 1, 2, 3, 6. */
static void scalar_batch_norm_is_exact(void) {
  double x[4] = {1, 2, 3, 6};
  trimtab_leakage_options options = TRIMTAB_LEAKAGE_OPTIONS_INIT;
  trimtab_batch_leakage_report report;
  options.step = 1e-5;
  options.direction_count = 0;
  report = leakage_of(batch_norm, NULL, matrix64(&input_view, x, 4, 1), &options);
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.probe_count == 4 && report.noise_share == 0);
  CHECK_NEAR(report.cross_share, .375, 1e-9);
  CHECK_NEAR(report.jacobian_norm, sqrt(2 / 3.5 / 4), 1e-9);
  CHECK(report.common_response < 1e-15);
  CHECK(report.verdict == TRIMTAB_VERDICT_NOTICE && report.cause == TRIMTAB_CAUSE_BATCH_DEPENDENCE);
  CHECK(report.replay_outcome == TRIMTAB_OUTCOME_OK && report.replay_ratio > .1);
  CHECK(report.composition_outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.regime == TRIMTAB_REGIME_UNKNOWN);
}

static void layer_norm_has_none(void) {
  double x[32];
  trimtab_batch_leakage_report report;
  fill_normal(x, 32, 4);
  report = leakage_of(layer_norm, NULL, matrix64(&input_view, x, 8, 4), NULL);
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.cross_share == 0 && report.replay_ratio == 0);
  CHECK_NEAR(report.common_response, 1, 1e-12);
  CHECK(report.verdict == TRIMTAB_VERDICT_HEALTHY && report.cause == TRIMTAB_CAUSE_NONE);
}

/* Batches of eight: four real ones apart, four fakes at one point. */
static void company_is_a_shortcut(void) {
  enum { batches = 64, rows = 8 };
  static double x[batches * rows];
  static int64_t targets[batches * rows];
  uint64_t state = 5;
  trimtab_leakage_options options = TRIMTAB_LEAKAGE_OPTIONS_INIT;
  trimtab_batch_leakage_report report = TRIMTAB_BATCH_LEAKAGE_REPORT_INIT, merged = TRIMTAB_BATCH_LEAKAGE_REPORT_INIT;
  trimtab_leakage *first = NULL, *second = NULL, *loaded = NULL;
  char bytes[1024];
  int64_t needed;
  for (int batch = 0; batch < batches; batch++) {
    double point = 100 * random_unit(&state);
    for (int row = 0; row < rows; row++) {
      x[batch * rows + row] = row < 4 ? 100 * random_unit(&state) : point;
      targets[batch * rows + row] = row < 4;
    }
  }
  options.batch_size = rows;
  options.step = 1e-6;
  CHECK_OK(trimtab_batch_leakage(finds_twins, NULL, matrix64(&input_view, x, batches * rows, 1),
                                 labels64(&target_view, targets, batches * rows), 1, &options, &report));
  CHECK(report.regime == TRIMTAB_REGIME_MIXED && report.composition_outcome == TRIMTAB_OUTCOME_OK);
  CHECK(report.batch_count == batches && report.sample_count == batches * rows);
  CHECK(report.natural_accuracy > .97 && report.shuffled_accuracy < .55);
  CHECK_NEAR(report.composition_gap, report.natural_accuracy - report.shuffled_accuracy, 1e-15);
  CHECK(report.verdict == TRIMTAB_VERDICT_WARNING && report.cause == TRIMTAB_CAUSE_BATCH_SHORTCUT);
  CHECK(report.fake_mean < .3 && report.shuffled_fake_mean > .6);
  CHECK(strstr(trimtab_cure_text(report.cause), "LayerNorm") != NULL);

  CHECK_OK(trimtab_leakage_create(&options, &first));
  CHECK_OK(trimtab_leakage_create(&options, &second));
  CHECK_OK(trimtab_leakage_add(first, finds_twins, NULL, matrix64(&input_view, x, batches * rows, 1),
                               labels64(&target_view, targets, batches * rows), 1));
  CHECK_OK(trimtab_leakage_add(second, finds_twins, NULL, matrix64(&input_view, x, batches * rows, 1),
                               labels64(&target_view, targets, batches * rows), 1));
  CHECK_OK(trimtab_leakage_merge(first, second));
  CHECK_OK(trimtab_leakage_report(first, &merged));
  CHECK(merged.sample_count == 2 * report.sample_count && merged.probe_count == 2 * report.probe_count);
  CHECK_NEAR(merged.natural_accuracy, report.natural_accuracy, 1e-15);
  CHECK_OK(trimtab_leakage_save(first, bytes, sizeof bytes, &needed));
  CHECK_OK(trimtab_leakage_load(bytes, needed, &loaded));
  CHECK_OK(trimtab_leakage_report(loaded, &report));
  CHECK(memcmp(&report, &merged, sizeof report) == 0);
  bytes[40] ^= 1;
  CHECK_STATUS(trimtab_leakage_load(bytes, needed, &loaded), TRIMTAB_ERROR_STATE_CORRUPT);
  trimtab_leakage_destroy(first);
  trimtab_leakage_destroy(second);
  trimtab_leakage_destroy(loaded);
  trimtab_leakage_destroy(NULL);
}

static void separate_batches_are_blinded(void) {
  static double x[64];
  static int64_t targets[64];
  trimtab_leakage_options options = TRIMTAB_LEAKAGE_OPTIONS_INIT;
  trimtab_batch_leakage_report report = TRIMTAB_BATCH_LEAKAGE_REPORT_INIT;
  fill_normal(x, 64, 6);
  for (int i = 0; i < 64; i++) targets[i] = i / 16 % 2, x[i] += (double)targets[i];
  options.batch_size = 16;
  CHECK_OK(trimtab_batch_leakage(batch_norm, NULL, matrix64(&input_view, x, 64, 1), labels64(&target_view, targets, 64), 1,
                                 &options, &report));
  CHECK(report.regime == TRIMTAB_REGIME_SEPARATE && report.common_response < .1);
  CHECK(report.verdict == TRIMTAB_VERDICT_WARNING && report.cause == TRIMTAB_CAUSE_BATCH_BLINDING);
}

static void what_cannot_be_told_has_an_outcome(void) {
  double x[8] = {1, 2, 3, 4, 5, 6, 7, 9};
  uint64_t state = 1;
  trimtab_batch_leakage_report report = leakage_of(batch_norm, NULL, matrix64(&input_view, x, 1, 8), NULL);
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && isnan(report.cross_share) && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
  report = leakage_of(gives_nan, NULL, matrix64(&input_view, x, 4, 2), NULL);
  CHECK(report.outcome == TRIMTAB_OUTCOME_NONFINITE && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
  report = leakage_of(is_noise, &state, matrix64(&input_view, x, 4, 2), NULL);
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.cause == TRIMTAB_CAUSE_UNFROZEN_FUNCTION);
  report = leakage_of(batch_norm, NULL, matrix64(&input_view, x, 0, 2), NULL);
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT);
  int64_t alike[4] = {1, 1, 1, 1};
  trimtab_leakage_options options = TRIMTAB_LEAKAGE_OPTIONS_INIT;
  options.batch_size = 2;
  CHECK_OK(trimtab_batch_leakage(layer_norm, NULL, matrix64(&input_view, x, 4, 2), labels64(&target_view, alike, 4), 1, &options, &report));
  CHECK(report.composition_outcome == TRIMTAB_OUTCOME_DEGENERATE);
}

static void a_callback_ends_the_call(void) {
  double x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  int64_t wrong[4] = {0, 1, 2, 0};
  int calls = 0;
  trimtab_leakage *leakage = NULL;
  trimtab_batch_leakage_report report = TRIMTAB_BATCH_LEAKAGE_REPORT_INIT;
  CHECK_OK(trimtab_leakage_create(NULL, &leakage));
  CHECK_STATUS(trimtab_leakage_add(leakage, counts_calls, &calls, matrix64(&input_view, x, 4, 2), NULL, 1), TRIMTAB_ERROR_CALLBACK);
  CHECK(calls == 4 && strstr(trimtab_last_error(), "7") != NULL);
  CHECK_OK(trimtab_leakage_report(leakage, &report));
  CHECK(report.probe_count == 0 && report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT);
  trimtab_leakage_destroy(leakage);

  PATTERNED(trimtab_batch_leakage_report, untouched);
  trimtab_leakage_options options = TRIMTAB_LEAKAGE_OPTIONS_INIT;
  CHECK_STATUS(trimtab_batch_leakage(NULL, NULL, matrix64(&input_view, x, 4, 2), NULL, 1, NULL, &untouched), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_batch_leakage(batch_norm, NULL, NULL, NULL, 1, NULL, &untouched), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_batch_leakage(batch_norm, NULL, matrix64(&input_view, x, 4, 2), NULL, 0, NULL, &untouched), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_batch_leakage(batch_norm, NULL, matrix64(&input_view, x, 4, 2), labels64(&target_view, wrong, 4), 1, NULL, &untouched),
               TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_batch_leakage(batch_norm, NULL, matrix64(&input_view, x, 4, 2), labels64(&target_view, wrong, 3), 1, NULL, &untouched),
               TRIMTAB_ERROR_SHAPE);
  options.batch_size = 5;
  CHECK_STATUS(trimtab_batch_leakage(batch_norm, NULL, matrix64(&input_view, x, 4, 2), NULL, 1, &options, &untouched), TRIMTAB_ERROR_SHAPE);
  options.batch_size = -1;
  CHECK_STATUS(trimtab_batch_leakage(batch_norm, NULL, matrix64(&input_view, x, 4, 2), NULL, 1, &options, &untouched), TRIMTAB_ERROR_INVALID_ARGUMENT);
  x[3] = INFINITY;
  CHECK_STATUS(trimtab_batch_leakage(batch_norm, NULL, matrix64(&input_view, x, 4, 2), NULL, 1, NULL, &untouched), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(IS_PATTERNED(untouched));
}

int main(void) {
  RUN(scalar_batch_norm_is_exact);
  RUN(layer_norm_has_none);
  RUN(company_is_a_shortcut);
  RUN(separate_batches_are_blinded);
  RUN(what_cannot_be_told_has_an_outcome);
  RUN(a_callback_ends_the_call);
  return finish("leakage");
}
