/* Conditioning of samples: values known in closed form, and the data that make it hard. */
#include "check.h"

static view made;

static trimtab_conditioning_report condition_of(double *values, int64_t rows, int64_t columns) {
  trimtab_conditioning_report report = TRIMTAB_CONDITIONING_REPORT_INIT;
  CHECK_OK(trimtab_condition_number(matrix64(&made, values, rows, columns), NULL, &report));
  return report;
}

/* 2d samples +-sqrt(d) L e_i have covariance L L^T exactly; here L is diagonal. */
static void diagonal(double *values, int columns, const double *deviations) {
  memset(values, 0, (size_t)(2 * columns * columns) * sizeof *values);
  for (int i = 0; i < columns; i++) {
    values[(2 * i) * columns + i] = deviations[i] * sqrt(columns);
    values[(2 * i + 1) * columns + i] = -deviations[i] * sqrt(columns);
  }
}

static void diagonal_covariance(void) {
  double values[32], deviations[4] = {1, 2, 10, 30};
  trimtab_conditioning_report report;
  diagonal(values, 4, deviations);
  report = condition_of(values, 8, 4);
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.sample_count == 8 && report.feature_count == 4 && report.rank == 4);
  CHECK_NEAR(report.condition_number, 900, 1e-12);
  CHECK_NEAR(report.condition_number_on_support, 900, 1e-12);
  CHECK_NEAR(report.condition_number_of_correlation, 1, 1e-12);
  CHECK_NEAR(report.largest_eigenvalue, 900, 1e-12);
  CHECK_NEAR(report.smallest_eigenvalue, 1, 1e-12);
  CHECK_NEAR(report.largest_stable_learning_rate, 2.0 / 900, 1e-12);
  CHECK_NEAR(report.gradient_descent_rate, 899.0 / 901, 1e-12);
  CHECK_NEAR(report.participation_ratio, 1005.0 * 1005.0 / (1 + 16 + 1e4 + 81e4), 1e-12);
  CHECK(report.verdict == TRIMTAB_VERDICT_HEALTHY && report.cause == TRIMTAB_CAUSE_NONE);
}

static void equicorrelated(void) {
  /* rho = .9 over 50 features: 451 exactly. Rows are +-sqrt(50) times the columns of the symmetric root. */
  enum { D = 50 };
  static double values[2 * D * D];
  const double a = sqrt(.1), b = (sqrt(1 + 49 * .9) - sqrt(.1)) / D;
  trimtab_conditioning_report report;
  for (int i = 0; i < D; i++)
    for (int j = 0; j < D; j++) {
      const double root = (i == j ? a : 0) + b;
      values[(2 * i) * D + j] = sqrt(D) * root;
      values[(2 * i + 1) * D + j] = -sqrt(D) * root;
    }
  report = condition_of(values, 2 * D, D);
  CHECK_NEAR(report.condition_number, 451, 1e-10);
  CHECK_NEAR(report.condition_number_of_correlation, 451, 1e-10);
}

static void scale_is_told_from_correlation(void) {
  double values[32], deviations[4] = {1e-4, 1, 1, 1e3};
  trimtab_conditioning_report report;
  diagonal(values, 4, deviations);
  report = condition_of(values, 8, 4);
  CHECK_NEAR(report.condition_number, 1e14, 1e-9);
  CHECK(report.verdict == TRIMTAB_VERDICT_CRITICAL && report.cause == TRIMTAB_CAUSE_FEATURE_SCALE);
  CHECK(report.threshold == 1e6);
  CHECK(report.blamed_count >= 1 && (report.blamed_features[0] == 0 || report.blamed_features[0] == 3));

  enum { N = 400 };
  static double correlated[N * 3];
  fill_normal(correlated, N * 3, 5);
  for (int i = 0; i < N; i++) correlated[3 * i + 2] = correlated[3 * i] + 1e-5 * correlated[3 * i + 2];
  report = condition_of(correlated, N, 3);
  CHECK(report.verdict == TRIMTAB_VERDICT_CRITICAL && report.cause == TRIMTAB_CAUSE_FEATURE_CORRELATION);
  CHECK(report.blamed_count >= 1);
  for (int64_t i = 0; i < report.blamed_count; i++) CHECK(report.blamed_features[i] >= 0 && report.blamed_features[i] < 3);
}

static void an_offset_of_1e8_does_no_harm(void) {
  enum { N = 300 };
  static double values[N * 3], shifted[N * 3];
  trimtab_conditioning_report plain, offset;
  fill_normal(values, N * 3, 6);
  for (int i = 0; i < N * 3; i++) shifted[i] = values[i] + 1e8;
  for (int i = 0; i < N * 3; i++) values[i] = shifted[i] - 1e8; /* what the addition left of the digits */
  plain = condition_of(values, N, 3);
  offset = condition_of(shifted, N, 3);
  CHECK_NEAR(offset.condition_number, plain.condition_number, 1e-9);
}

static void too_little_data(void) {
  double values[6] = {1, 2, 3, 4, 5, 7};
  trimtab_conditioning_report report = condition_of(values, 1, 6);
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.verdict == TRIMTAB_VERDICT_UNKNOWN && report.sample_count == 1);
  report = condition_of(values, 0, 6);
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.sample_count == 0);
  /* Two samples of three features: rank 1. */
  report = condition_of(values, 2, 3);
  CHECK(report.rank == 1 && isinf(report.condition_number) && report.condition_number > 0);
  CHECK_NEAR(report.condition_number_on_support, 1, 1e-12);
  CHECK(isinf(report.null_condition_number));
}

static void fewer_samples_than_features(void) {
  enum { N = 20, D = 50 };
  static double values[N * D];
  trimtab_conditioning_report report;
  fill_normal(values, N * D, 8);
  report = condition_of(values, N, D);
  CHECK(report.rank == N - 1 && isinf(report.condition_number));
  CHECK(report.condition_number_on_support > 1 && report.condition_number_on_support < 100);
  CHECK(report.shrinkage > .5 && report.shrinkage <= 1);
  CHECK(report.condition_number_shrunk >= 1 && report.condition_number_shrunk < 100);
}

static void constant_and_duplicated_features(void) {
  enum { N = 100 };
  static double values[N * 4];
  trimtab_conditioning_report report;
  fill_normal(values, N * 4, 9);
  for (int i = 0; i < N; i++) values[4 * i + 1] = 0.1; /* not a power of two: its mean rounds */
  report = condition_of(values, N, 4);
  CHECK(report.constant_feature_count == 1 && report.rank == 3 && report.condition_number < 10);
  for (int i = 0; i < N; i++) values[4 * i + 2] = values[4 * i];
  report = condition_of(values, N, 4);
  CHECK(report.constant_feature_count == 1 && report.rank == 2 && isinf(report.condition_number));
  for (int i = 0; i < N * 4; i++) values[i] = 3;
  report = condition_of(values, N, 4);
  CHECK(report.outcome == TRIMTAB_OUTCOME_DEGENERATE && report.constant_feature_count == 4 && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
  report = condition_of(values, N, 0);
  CHECK(report.outcome != TRIMTAB_OUTCOME_OK && report.feature_count == 0);
}

/* NaN or Inf in any one place takes out its row and nothing else. */
static void nonfinite_rows_are_left_out(void) {
  enum { N = 12, D = 3 };
  double values[N * D], without[(N - 1) * D];
  for (int place = 0; place < N * D; place++) {
    trimtab_conditioning_report with, wanted;
    fill_normal(values, N * D, 10);
    values[place] = place % 3 == 0 ? (double)NAN : place % 3 == 1 ? (double)INFINITY : -(double)INFINITY;
    for (int i = 0, to = 0; i < N; i++)
      if (i != place / D) memcpy(without + D * to++, values + D * i, D * sizeof *values);
    with = condition_of(values, N, D);
    wanted = condition_of(without, N - 1, D);
    CHECK(with.nonfinite_sample_count == 1 && with.sample_count == N - 1);
    CHECK_NEAR(with.condition_number, wanted.condition_number, 1e-12);
  }
  for (int i = 0; i < N * D; i++) values[i] = (double)NAN;
  CHECK(condition_of(values, N, D).outcome != TRIMTAB_OUTCOME_OK);
}

static void extreme_magnitudes(void) {
  enum { N = 50 };
  static double values[N * 2];
  const double scales[] = {1e-160, 1e-100, 1e100, 1e150, 1e200, 1e300, 1e-300};
  for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
    trimtab_conditioning_report report;
    fill_normal(values, N * 2, 11);
    for (int i = 0; i < N * 2; i++) values[i] *= scales[s];
    report = condition_of(values, N, 2); /* may be unable to tell, but neither traps nor answers NaN */
    CHECK(!isnan(report.condition_number) && !isnan(report.condition_number_on_support) && !isnan(report.shrinkage));
    CHECK(!isnan(report.condition_number_shrunk) && !isnan(report.effective_rank) && !isnan(report.participation_ratio));
    CHECK(!isnan(report.largest_stable_learning_rate) && !isnan(report.gradient_descent_rate) && !isnan(report.condition_number_of_correlation));
  }
}

static void streaming_equals_one_call(void) {
  enum { N = 200, D = 4 };
  static double values[N * D];
  trimtab_conditioning_report streamed = TRIMTAB_CONDITIONING_REPORT_INIT, whole;
  trimtab_covariance *left = NULL, *right = NULL;
  double mean[D], covariance[D * D], eigenvalues[D], trace = 0, total = 0;
  fill_normal(values, N * D, 12);
  whole = condition_of(values, N, D);
  CHECK_OK(trimtab_covariance_create(NULL, &left));
  CHECK_OK(trimtab_covariance_create(NULL, &right));
  for (int row = 0; row < 120; row += 7) CHECK_OK(trimtab_covariance_add(left, matrix64(&made, values + row * D, row + 7 > 120 ? 120 - row : 7, D)));
  for (int row = 120; row < N; row++) CHECK_OK(trimtab_covariance_add(right, matrix64(&made, values + row * D, 1, D)));
  CHECK_OK(trimtab_covariance_merge(left, right));
  CHECK_OK(trimtab_covariance_report(left, &streamed));
  CHECK(streamed.sample_count == N);
  CHECK_NEAR(streamed.condition_number, whole.condition_number, 1e-12);
  CHECK_NEAR(streamed.condition_number_of_correlation, whole.condition_number_of_correlation, 1e-12);
  CHECK_OK(trimtab_covariance_moments(left, D, mean, covariance, eigenvalues));
  for (int i = 0; i < D; i++) trace += covariance[i * D + i], total += eigenvalues[i];
  CHECK_NEAR(total, trace, 1e-12);
  CHECK_NEAR(eigenvalues[0], whole.largest_eigenvalue, 1e-12);
  for (int j = 0; j < D; j++) {
    double sum = 0;
    for (int i = 0; i < N; i++) sum += values[i * D + j];
    CHECK(fabs(mean[j] - sum / N) < 1e-14);
  }
  trimtab_covariance_destroy(left);
  trimtab_covariance_destroy(right);
}

static void a_covariance_may_merge_with_itself(void) {
  double values[12];
  trimtab_conditioning_report report = TRIMTAB_CONDITIONING_REPORT_INIT, once;
  trimtab_covariance *covariance = NULL;
  fill_normal(values, 12, 13);
  once = condition_of(values, 6, 2);
  CHECK_OK(trimtab_covariance_create(NULL, &covariance));
  CHECK_OK(trimtab_covariance_add(covariance, matrix64(&made, values, 6, 2)));
  CHECK_OK(trimtab_covariance_merge(covariance, covariance));
  CHECK_OK(trimtab_covariance_report(covariance, &report));
  CHECK(report.sample_count == 12);
  CHECK_NEAR(report.condition_number, once.condition_number, 1e-13);
  trimtab_covariance_destroy(covariance);
}

static void features_may_not_change(void) {
  double values[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13};
  trimtab_conditioning_report before = TRIMTAB_CONDITIONING_REPORT_INIT, after = TRIMTAB_CONDITIONING_REPORT_INIT;
  trimtab_covariance *two = NULL, *three = NULL;
  CHECK_OK(trimtab_covariance_create(NULL, &two));
  CHECK_OK(trimtab_covariance_create(NULL, &three));
  CHECK_OK(trimtab_covariance_add(two, matrix64(&made, values, 6, 2)));
  CHECK_OK(trimtab_covariance_add(three, matrix64(&made, values, 4, 3)));
  CHECK_OK(trimtab_covariance_report(two, &before));
  CHECK_STATUS(trimtab_covariance_add(two, matrix64(&made, values, 4, 3)), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_covariance_merge(two, three), TRIMTAB_ERROR_MISMATCH);
  CHECK_OK(trimtab_covariance_report(two, &after));
  CHECK(memcmp(&before, &after, sizeof before) == 0);
  trimtab_covariance_destroy(two);
  trimtab_covariance_destroy(three);
}

int main(void) {
  RUN(diagonal_covariance);
  RUN(equicorrelated);
  RUN(scale_is_told_from_correlation);
  RUN(an_offset_of_1e8_does_no_harm);
  RUN(too_little_data);
  RUN(fewer_samples_than_features);
  RUN(constant_and_duplicated_features);
  RUN(nonfinite_rows_are_left_out);
  RUN(extreme_magnitudes);
  RUN(streaming_equals_one_call);
  RUN(a_covariance_may_merge_with_itself);
  RUN(features_may_not_change);
  return finish("conditioning");
}
