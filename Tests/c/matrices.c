/* The condition of matrices: values known in closed form or from LAPACK, and every kind of singular one. */
#include "check.h"

static view made;

static void hilbert_matrix(void) {
  double values[64];
  trimtab_matrix_report report = TRIMTAB_MATRIX_REPORT_INIT;
  trimtab_matrix_options options = TRIMTAB_MATRIX_OPTIONS_INIT;
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 8; j++) values[8 * i + j] = 1.0 / (i + j + 1);
  CHECK_OK(trimtab_matrix_condition(matrix64(&made, values, 8, 8), NULL, &report));
  CHECK_NEAR(report.condition_number, 15257575538.060041, 1e-5); /* exact arithmetic; the entries' own rounding moves the sixth digit */
  options.method = TRIMTAB_METHOD_EXACT;
  CHECK_OK(trimtab_matrix_condition(matrix64(&made, values, 8, 8), &options, &report));
  CHECK_NEAR(report.condition_number, 15257575538.060041, 1e-5);
  CHECK(report.method == TRIMTAB_METHOD_EXACT && report.certain == 1);
  options.method = TRIMTAB_METHOD_ESTIMATE;
  options.norm = TRIMTAB_NORM_ONE;
  CHECK_OK(trimtab_matrix_condition(matrix64(&made, values, 8, 8), &options, &report));
  CHECK(report.condition_number <= 33872791094.5 && report.condition_number >= 33872791094.0 / 3 && report.certain == 0);
}

static void special_matrices(void) {
  double zero[9] = {0}, identity[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, with_zero_row[9] = {1, 0, 0, 0, 0, 0, 0, 0, 2}, singular[4] = {1, 2, 2, 4};
  trimtab_matrix_report report = TRIMTAB_MATRIX_REPORT_INIT;
  CHECK_OK(trimtab_matrix_condition(matrix64(&made, zero, 3, 3), NULL, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_DEGENERATE && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
  CHECK_OK(trimtab_matrix_condition(matrix64(&made, identity, 3, 3), NULL, &report));
  CHECK_NEAR(report.condition_number, 1, 1e-15);
  CHECK(report.verdict == TRIMTAB_VERDICT_HEALTHY && report.rank == 3);
  CHECK_OK(trimtab_matrix_condition(matrix64(&made, with_zero_row, 3, 3), NULL, &report));
  CHECK(report.zero_row_count == 1 && report.zero_column_count == 1 && isinf(report.condition_number));
  CHECK_NEAR(report.condition_number_on_support, 2, 1e-14);
  CHECK(report.verdict <= TRIMTAB_VERDICT_NOTICE && report.cause == TRIMTAB_CAUSE_ZERO_STRUCTURE);
  CHECK_OK(trimtab_matrix_condition(matrix64(&made, singular, 2, 2), NULL, &report));
  CHECK(report.rank == 1 && report.condition_number > 1e15);
  CHECK_OK(trimtab_matrix_condition(matrix64(&made, zero, 0, 3), NULL, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT);
  identity[4] = (double)NAN;
  CHECK_OK(trimtab_matrix_condition(matrix64(&made, identity, 3, 3), NULL, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_NONFINITE && report.nonfinite_count == 1 && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
}

static void diagonal_matrices_over_the_whole_range(void) {
  const double exponents[] = {1, 3, 7, 10, 14, 100, 150, 200, 300};
  for (size_t e = 0; e < sizeof exponents / sizeof *exponents; e++) {
    double values[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    trimtab_matrix_report report = TRIMTAB_MATRIX_REPORT_INIT;
    values[8] = pow(10, exponents[e]);
    CHECK_OK(trimtab_matrix_condition(matrix64(&made, values, 3, 3), NULL, &report));
    if (exponents[e] <= 150) CHECK_NEAR(report.condition_number, values[8], 1e-6);
    CHECK(report.condition_number >= values[8] * (1 - 1e-6)); /* beyond, the least singular value may count as 0 */
    if (exponents[e] > 16) CHECK(report.verdict == TRIMTAB_VERDICT_CRITICAL && report.cause == TRIMTAB_CAUSE_RANK_DEFICIENT);
  }
}

/* Ones but for two zeros: rank 3 (or 2 where the zeros share a row or a column), and rows of pure rounding after the pivoted QR. */
static void singular_matrices_of_zeros_and_ones(void) {
  static const int cases[][6] = {{19, 20, 1, 14, 4, 8}, {15, 19, 4, 7, 10, 10}, {23, 18, 21, 0, 20, 3}, {16, 23, 9, 20, 14, 22}};
  static const double wanted[] = {21.5051550544201, 18.916508913721625, 22.377199878012128, 21.240151645325945}; /* LAPACK's */
  double values[23 * 23];
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    trimtab_matrix_report report = TRIMTAB_MATRIX_REPORT_INIT;
    const int rows = cases[c][0], columns = cases[c][1];
    for (int i = 0; i < rows * columns; i++) values[i] = 1;
    values[cases[c][2] * columns + cases[c][3]] = values[cases[c][4] * columns + cases[c][5]] = 0;
    CHECK_OK(trimtab_matrix_condition(matrix64(&made, values, rows, columns), NULL, &report));
    CHECK(report.rank == 3);
    CHECK_NEAR(report.condition_number_on_support, wanted[c], 1e-12);
  }
}

int main(void) {
  RUN(hilbert_matrix);
  RUN(special_matrices);
  RUN(diagonal_matrices_over_the_whole_range);
  RUN(singular_matrices_of_zeros_and_ones);
  return finish("matrices");
}
