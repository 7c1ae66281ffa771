/* Whitening: what it makes of the covariance, maps known in closed form, and the data that make it hard. */
#include "check.h"

static view made;

static trimtab_conditioning_report condition_of(double *values, int64_t rows, int64_t columns) {
  trimtab_conditioning_report report = TRIMTAB_CONDITIONING_REPORT_INIT;
  CHECK_OK(trimtab_condition_number(matrix64(&made, values, rows, columns), NULL, &report));
  return report;
}

static void whitening_makes_the_covariance_the_identity(void) {
  enum { N = 120, D = 4 };
  static double values[N * D], output[N * D];
  for (int method = 0; method < 3; method++) {
    trimtab_covariance *covariance = NULL;
    trimtab_whitener *whitener = NULL;
    trimtab_whitening_options options = TRIMTAB_WHITENING_OPTIONS_INIT;
    trimtab_conditioning_report report;
    view out;
    options.method = method;
    fill_normal(values, N * D, 20);
    for (int i = 0; i < N; i++) values[i * D] = 1000 * values[i * D] + 5, values[i * D + 1] += .99 * values[i * D + 2];
    CHECK_OK(trimtab_covariance_create(NULL, &covariance));
    CHECK_OK(trimtab_covariance_add(covariance, matrix64(&made, values, N, D)));
    CHECK_OK(trimtab_whitener_fit(covariance, &options, &whitener));
    CHECK_OK(trimtab_whitener_apply(whitener, matrix64(&made, values, N, D), matrix64(&out, output, N, D)));
    report = condition_of(output, N, D);
    CHECK_NEAR(report.condition_number, 1, 1e-9);
    CHECK_NEAR(report.largest_eigenvalue, 1, 1e-9);
    /* In place gives the same. */
    CHECK_OK(trimtab_whitener_apply(whitener, matrix64(&made, values, N, D), matrix64(&made, values, N, D)));
    CHECK(memcmp(values, output, sizeof values) == 0);
    trimtab_whitener_destroy(whitener);
    trimtab_covariance_destroy(covariance);
  }
}

static void zca_of_a_known_matrix(void) {
  /* Covariance [[2,1],[1,2]]: rows +-sqrt(2) times the columns of its root. */
  const double root = (sqrt(3.0) + 1) / 2, off = (sqrt(3.0) - 1) / 2, s = sqrt(2.0);
  double values[8], matrix[4], mean[2];
  trimtab_covariance *covariance = NULL;
  trimtab_whitener *whitener = NULL;
  values[0] = s * root, values[1] = s * off, values[2] = -s * root, values[3] = -s * off;
  values[4] = s * off, values[5] = s * root, values[6] = -s * off, values[7] = -s * root;
  CHECK_OK(trimtab_covariance_create(NULL, &covariance));
  CHECK_OK(trimtab_covariance_add(covariance, matrix64(&made, values, 4, 2)));
  CHECK_OK(trimtab_whitener_fit(covariance, NULL, &whitener));
  CHECK_OK(trimtab_whitener_parameters(whitener, 2, mean, matrix));
  CHECK_NEAR(matrix[0], (1 / sqrt(3.0) + 1) / 2, 1e-14);
  CHECK_NEAR(matrix[1], (1 / sqrt(3.0) - 1) / 2, 1e-14);
  CHECK_NEAR(matrix[2], matrix[1], 1e-14);
  CHECK(fabs(mean[0]) < 1e-15);
  trimtab_whitener_destroy(whitener);
  {
    trimtab_whitening_options options = TRIMTAB_WHITENING_OPTIONS_INIT;
    options.method = TRIMTAB_WHITENING_CHOLESKY;
    CHECK_OK(trimtab_whitener_fit(covariance, &options, &whitener));
    CHECK_OK(trimtab_whitener_parameters(whitener, 2, NULL, matrix));
    CHECK_NEAR(matrix[0], sqrt(.5), 1e-14);
    CHECK(matrix[1] == 0);
    CHECK_NEAR(matrix[2], -1 / sqrt(6.0), 1e-14);
    CHECK_NEAR(matrix[3], 2 / sqrt(6.0), 1e-14);
    trimtab_whitener_destroy(whitener);
  }
  trimtab_covariance_destroy(covariance);
}

static void whitening_of_hard_data(void) {
  enum { N = 30, D = 3 };
  static double values[N * D], output[N * D];
  trimtab_covariance *covariance = NULL;
  trimtab_whitener *whitener = NULL;
  trimtab_whitening_options options = TRIMTAB_WHITENING_OPTIONS_INIT;
  view out;
  float narrow[N * D];
  fill_normal(values, N * D, 21);
  for (int i = 0; i < N; i++) values[i * D + 2] = 7; /* constant */
  CHECK_OK(trimtab_covariance_create(NULL, &covariance));
  CHECK_OK(trimtab_covariance_add(covariance, matrix64(&made, values, N, D)));
  options.method = TRIMTAB_WHITENING_CHOLESKY;
  CHECK_STATUS(trimtab_whitener_fit(covariance, &options, &whitener), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(whitener == NULL);
  options.method = TRIMTAB_WHITENING_ZCA;
  CHECK_OK(trimtab_whitener_fit(covariance, &options, &whitener));
  values[4] = (double)NAN;
  CHECK_OK(trimtab_whitener_apply(whitener, matrix64(&made, values, N, D), matrix64(&out, output, N, D)));
  CHECK(isnan(output[3]) && isnan(output[4]) && isnan(output[5]));
  CHECK(isfinite(output[0]) && isfinite(output[6]) && fabs(output[2]) < 1e-12);
  CHECK_OK(trimtab_whitener_apply(whitener, matrix64(&made, values, N, D), matrix32(&out, narrow, N, D)));
  CHECK_NEAR((double)narrow[0], output[0], 1e-6);
  /* An output that cannot hold it. */
  CHECK_STATUS(trimtab_whitener_apply(whitener, matrix64(&made, values, N, D), matrix64(&out, output, N - 1, D)), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_whitener_apply(whitener, matrix64(&made, values, N, D), view_make(&out, output, TRIMTAB_DTYPE_INT, 64, 2, N, D, 0)), TRIMTAB_ERROR_DTYPE);
  CHECK_STATUS(trimtab_whitener_apply(whitener, matrix64(&made, values, N * D, 1), matrix64(&out, output, N * D, 1)), TRIMTAB_ERROR_SHAPE);
  trimtab_whitener_destroy(whitener);
  trimtab_covariance_destroy(covariance);
}

int main(void) {
  RUN(whitening_makes_the_covariance_the_identity);
  RUN(zca_of_a_known_matrix);
  RUN(whitening_of_hard_data);
  return finish("whitening");
}
