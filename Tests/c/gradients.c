/* Gradient norms, clip factors, depth slopes, and where the first NaN stands. */
#include "check.h"

static view views[40];
static trimtab_tensor tensors[40];

/* depth layers of 4 x 4 with the given root mean squares. */
static double storage[40][16];
static trimtab_tensor *layers(int depth, double first, double factor) {
  double scale = first;
  for (int layer = 0; layer < depth; layer++) {
    for (int i = 0; i < 16; i++) storage[layer][i] = i % 2 ? scale : -scale;
    tensors[layer] = *matrix64(&views[layer], storage[layer], 4, 4);
    scale *= factor;
  }
  return tensors;
}

static trimtab_gradient_report norm_of(const trimtab_tensor *gradients, int64_t count) {
  trimtab_gradient_report report = TRIMTAB_GRADIENT_REPORT_INIT;
  CHECK_OK(trimtab_gradient_norm(gradients, count, NULL, &report, NULL));
  return report;
}

static void three_four_five(void) {
  double a[2] = {3, 0}, b[1] = {4};
  trimtab_summary each[2];
  trimtab_gradient_report report = TRIMTAB_GRADIENT_REPORT_INIT;
  tensors[0] = *vector64(&views[0], a, 2);
  tensors[1] = *vector64(&views[1], b, 1);
  CHECK_OK(trimtab_gradient_norm(tensors, 2, NULL, &report, each));
  CHECK(report.global_norm == 5 && report.tensor_count == 2 && report.element_count == 3);
  CHECK_NEAR(report.clip_factor, 1 / (5 + 1e-6), 1e-15);
  CHECK_NEAR(report.mean_magnitude, 7.0 / 3, 1e-15);
  CHECK(report.greatest_magnitude == 4 && each[0].l2_norm == 3 && each[1].l2_norm == 4);
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.first_nonfinite_tensor == -1);
}

static void norms_beyond_float32(void) {
  float huge[4] = {3e38f, 3e38f, 3e38f, 3e38f}, tiny[4] = {1e-40f, 1e-40f, 1e-40f, 1e-40f};
  double far[2] = {1e300, 1e300};
  trimtab_gradient_report report;
  tensors[0] = *matrix32(&views[0], huge, 2, 2);
  report = norm_of(tensors, 1);
  CHECK_NEAR(report.global_norm, 2 * (double)3e38f, 1e-14);
  CHECK(report.clip_factor > 0 && report.clip_factor < 1e-37);
  tensors[0] = *matrix32(&views[0], tiny, 2, 2);
  CHECK_NEAR(norm_of(tensors, 1).global_norm, 2 * (double)1e-40f, 1e-14);
  tensors[0] = *vector64(&views[0], far, 2);
  CHECK_NEAR(norm_of(tensors, 1).global_norm, sqrt(2.0) * 1e300, 1e-14);
}

static void depth_slope(void) {
  trimtab_gradient_report report = norm_of(layers(30, 1e-5, pow(10, .15)), 30);
  CHECK(report.depth == 30);
  CHECK_NEAR(report.depth_slope, .15, 1e-12);
  CHECK_NEAR(report.depth_ratio, pow(10, -.15 * 29), 1e-10);
  CHECK(report.verdict == TRIMTAB_VERDICT_WARNING && report.cause == TRIMTAB_CAUSE_VANISHING_GRADIENT);
  report = norm_of(layers(30, 1e4, pow(10, -.4)), 30);
  CHECK_NEAR(report.depth_slope, -.4, 1e-12);
  CHECK(report.verdict == TRIMTAB_VERDICT_CRITICAL && report.cause == TRIMTAB_CAUSE_EXPLODING_GRADIENT);
  report = norm_of(layers(30, .01, 1), 30);
  CHECK(fabs(report.depth_slope) < 1e-12 && report.verdict == TRIMTAB_VERDICT_HEALTHY);
  report = norm_of(layers(2, .01, 1e-9), 2);
  CHECK(report.depth_slope == 0); /* two layers are no trend */
}

static void vanished_and_zero_tensors(void) {
  trimtab_gradient_report report;
  layers(5, .1, 1);
  memset(storage[2], 0, sizeof storage[2]);
  for (int i = 0; i < 16; i++) storage[3][i] = 1e-9;
  report = norm_of(tensors, 5);
  CHECK(report.zero_tensor_count == 1 && report.vanishing_tensor_count == 2 && report.depth == 4);
  CHECK(report.verdict != TRIMTAB_VERDICT_HEALTHY);
  for (int layer = 0; layer < 5; layer++) memset(storage[layer], 0, sizeof storage[layer]);
  report = norm_of(tensors, 5);
  CHECK(report.global_norm == 0 && report.zero_tensor_count == 5 && report.clip_factor == 1 && report.depth == 0 && report.depth_ratio == 0);
  CHECK(report.cause == TRIMTAB_CAUSE_ZERO_GRADIENT);
}

static void the_first_nonfinite_is_located(void) {
  for (int place = 0; place < 5 * 16; place++) {
    trimtab_gradient_report report;
    layers(5, .1, 1);
    storage[place / 16][place % 16] = place % 2 ? (double)NAN : -(double)INFINITY;
    storage[4][15] = (double)NAN; /* a later one changes nothing */
    report = norm_of(tensors, 5);
    CHECK(report.outcome == TRIMTAB_OUTCOME_NONFINITE && report.verdict == TRIMTAB_VERDICT_CRITICAL);
    CHECK(report.cause == TRIMTAB_CAUSE_NONFINITE_GRADIENT && report.clip_factor == 0);
    CHECK(report.first_nonfinite_tensor == place / 16 && report.first_nonfinite_index == place % 16);
    CHECK(report.nonfinite_count == (place == 79 ? 1 : 2) && report.nonfinite_tensor_count == (place / 16 == 4 ? 1 : 2));
    CHECK(isfinite(report.global_norm) && isfinite(report.mean_magnitude));
  }
}

static void empty_and_integer_tensors(void) {
  int32_t integers[4] = {1, 2, 3, 4};
  PATTERNED(trimtab_gradient_report, pattern);
  trimtab_gradient_report report;
  layers(3, 1, 1);
  tensors[1].shape[0] = 0;
  tensors[1].data = NULL;
  report = norm_of(tensors, 3);
  CHECK(report.tensor_count == 3 && report.element_count == 32 && report.zero_tensor_count == 0);
  tensors[0].shape[0] = tensors[2].shape[0] = 0;
  report = norm_of(tensors, 3);
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.element_count == 0 && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
  CHECK_STATUS(trimtab_gradient_norm(view_make(&views[0], integers, TRIMTAB_DTYPE_INT, 32, 1, 4, 0, 0), 1, NULL, &pattern, NULL), TRIMTAB_ERROR_DTYPE);
  CHECK(IS_PATTERNED(pattern));
}

static void shards_add_to_the_whole(void) {
  trimtab_gradients *left = NULL, *right = NULL, *summaries = NULL;
  trimtab_gradient_report whole, streamed = TRIMTAB_GRADIENT_REPORT_INIT;
  trimtab_summary each[4], halves[4];
  trimtab_tensor upper[4], lower[4];
  view upper_views[4], lower_views[4];
  const int32_t ranks[4] = {2, 2, 2, 2};
  layers(4, .5, 2);
  for (int i = 0; i < 4; i++) {
    fill_normal(storage[i], 16, 50 + (uint64_t)i);
    upper[i] = *matrix64(&upper_views[i], storage[i], 1, 4);
    lower[i] = *matrix64(&lower_views[i], storage[i] + 4, 3, 4);
  }
  whole = norm_of(tensors, 4);
  CHECK_OK(trimtab_gradients_create(NULL, &left));
  CHECK_OK(trimtab_gradients_create(NULL, &right));
  CHECK_OK(trimtab_gradients_create(NULL, &summaries));
  CHECK_OK(trimtab_gradients_add(left, upper, 4));
  CHECK_OK(trimtab_gradients_add(right, lower, 4));
  CHECK_OK(trimtab_gradients_merge(left, right));
  CHECK_OK(trimtab_gradients_report(left, &streamed, each, 4));
  CHECK_NEAR(streamed.global_norm, whole.global_norm, 1e-14);
  CHECK_NEAR(streamed.depth_slope, whole.depth_slope, 1e-10);
  CHECK(each[3].count == 16);
  CHECK_OK(trimtab_summarize_all(tensors, 4, halves));
  CHECK_OK(trimtab_gradients_add_summaries(summaries, halves, ranks, 4));
  CHECK_OK(trimtab_gradients_report(summaries, &streamed, NULL, 0));
  CHECK(streamed.global_norm == whole.global_norm && streamed.depth == 4);
  CHECK_STATUS(trimtab_gradients_add(left, upper, 3), TRIMTAB_ERROR_MISMATCH);
  CHECK_STATUS(trimtab_gradients_add_summaries(left, halves, NULL, 3), TRIMTAB_ERROR_MISMATCH);
  halves[2].count = -4;
  CHECK_STATUS(trimtab_gradients_add_summaries(left, halves, NULL, 4), TRIMTAB_ERROR_INVALID_ARGUMENT);
  upper[2].ndim = -3;
  CHECK_STATUS(trimtab_gradients_add(left, upper, 4), TRIMTAB_ERROR_SHAPE);
  {
    trimtab_gradient_report after = TRIMTAB_GRADIENT_REPORT_INIT, before = TRIMTAB_GRADIENT_REPORT_INIT;
    CHECK_OK(trimtab_gradients_report(left, &after, NULL, 0));
    CHECK_OK(trimtab_gradients_merge(right, right)); /* with itself */
    CHECK_OK(trimtab_gradients_report(left, &before, NULL, 0));
    CHECK(memcmp(&after, &before, sizeof after) == 0);
    CHECK_NEAR(after.global_norm, whole.global_norm, 1e-14);
  }
  trimtab_gradients_destroy(left);
  trimtab_gradients_destroy(right);
  trimtab_gradients_destroy(summaries);
}

int main(void) {
  RUN(three_four_five);
  RUN(norms_beyond_float32);
  RUN(depth_slope);
  RUN(vanished_and_zero_tensors);
  RUN(the_first_nonfinite_is_located);
  RUN(empty_and_integer_tensors);
  RUN(shards_add_to_the_whole);
  return finish("gradients");
}
