/* Log scale by node and by feature, and steps before and after scaling and whitening. */
#include "check.h"

static view first_view;

static void the_oracle_of_two_by_two(void) {
  double x[4] = {1, 2.718281828459045, 7.38905609893065, 20.085536923187668};
  trimtab_feature_scale_report report = TRIMTAB_FEATURE_SCALE_REPORT_INIT;
  CHECK_OK(trimtab_feature_scale(matrix64(&first_view, x, 2, 2), NULL, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.advice == TRIMTAB_NORMALISE_NODES);
  CHECK(report.cause == TRIMTAB_CAUSE_NODE_SCALE && report.verdict == TRIMTAB_VERDICT_CRITICAL);
  CHECK_NEAR(report.node_share, .8, 1e-12);
  CHECK_NEAR(report.feature_share, .2, 1e-12);
  CHECK_NEAR(report.node_deviation, sqrt(2), 1e-12);
  CHECK_NEAR(report.feature_deviation, sqrt(.5), 1e-12);
  CHECK(report.residual_deviation == 0 && report.outlier_nodes[0] == -1);
}

static void rows_add(void) {
  double x[12] = {1, -2, 0, 4, 5, 6, 70, 80, NAN, 1e-3, 2e-3, 3e-3};
  trimtab_scale_profile *one = NULL, *two = NULL;
  trimtab_feature_scale_report whole = TRIMTAB_FEATURE_SCALE_REPORT_INIT, merged = TRIMTAB_FEATURE_SCALE_REPORT_INIT;
  char state[1024];
  int64_t needed = 0;
  CHECK_OK(trimtab_feature_scale(matrix64(&first_view, x, 4, 3), NULL, &whole));
  CHECK_OK(trimtab_scale_profile_create(NULL, &one));
  CHECK_OK(trimtab_scale_profile_create(NULL, &two));
  CHECK_OK(trimtab_scale_profile_add(one, matrix64(&first_view, x, 2, 3)));
  CHECK_OK(trimtab_scale_profile_add(two, matrix64(&first_view, x + 6, 2, 3)));
  CHECK_OK(trimtab_scale_profile_save(two, state, sizeof state, &needed));
  trimtab_scale_profile_destroy(two);
  CHECK_OK(trimtab_scale_profile_load(state, needed, &two));
  state[needed - 1] ^= 1;
  CHECK_STATUS(trimtab_scale_profile_load(state, needed, &two), TRIMTAB_ERROR_STATE_CORRUPT);
  CHECK_OK(trimtab_scale_profile_merge(one, two));
  CHECK_OK(trimtab_scale_profile_report(one, &merged));
  CHECK(merged.zero_count == 1 && merged.nonfinite_count == 1 && merged.entry_count == 10 && merged.node_count == 4);
  CHECK_NEAR(merged.node_deviation, whole.node_deviation, 1e-12);
  CHECK_NEAR(merged.feature_deviation + 1, whole.feature_deviation + 1, 1e-12);
  trimtab_scale_profile_destroy(one);
  trimtab_scale_profile_destroy(two);
  trimtab_scale_profile_destroy(NULL);
}

static void what_cannot_be_told(void) {
  double x[4] = {0, 0, 0, 0};
  trimtab_feature_scale_report report = TRIMTAB_FEATURE_SCALE_REPORT_INIT;
  trimtab_feature_scale_options options = TRIMTAB_FEATURE_SCALE_OPTIONS_INIT;
  CHECK_OK(trimtab_feature_scale(matrix64(&first_view, x, 2, 2), NULL, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_DEGENERATE && report.verdict == TRIMTAB_VERDICT_UNKNOWN && isnan(report.measurement));
  CHECK_OK(trimtab_feature_scale(matrix64(&first_view, x, 1, 4), NULL, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_DEGENERATE);
  CHECK_STATUS(trimtab_feature_scale(vector64(&first_view, x, 4), NULL, &report), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_feature_scale(NULL, NULL, &report), TRIMTAB_ERROR_NULL_ARGUMENT);
  options.floor_share = 1;
  CHECK_STATUS(trimtab_feature_scale(matrix64(&first_view, x, 2, 2), &options, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(strstr(trimtab_last_error(), "options.floor_share: found 1, allowed 0 to below 1") != NULL);
}

static void steps_of_gradient_descent(void) {
  double x[8] = {1, 10, 1, -10, -1, 10, -1, -10};
  trimtab_conditioning_advice_report report = TRIMTAB_CONDITIONING_ADVICE_REPORT_INIT;
  trimtab_conditioning_options options = TRIMTAB_CONDITIONING_OPTIONS_INIT;
  options.warning_condition_number = 10;
  options.null_factor = 0;
  CHECK_OK(trimtab_conditioning_advice(matrix64(&first_view, x, 4, 2), &options, 1e-3, &report));
  CHECK(report.advice == TRIMTAB_ADVICE_STANDARDISE && report.cause == TRIMTAB_CAUSE_FEATURE_SCALE);
  CHECK_NEAR(report.condition_number, 100, 1e-12);
  CHECK_NEAR(report.steps, log(1e3) / log(101. / 99), 1e-10);
  CHECK(report.steps_standardised == 1 && report.steps_whitened == 1);
  CHECK_STATUS(trimtab_conditioning_advice(matrix64(&first_view, x, 4, 2), NULL, 1, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
}

int main(void) {
  RUN(the_oracle_of_two_by_two);
  RUN(rows_add);
  RUN(what_cannot_be_told);
  RUN(steps_of_gradient_descent);
  return finish("feature_scale");
}
