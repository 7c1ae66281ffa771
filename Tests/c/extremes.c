/* Finite numbers whose squares are not, and options at the ends of their ranges: an outcome that says so, never a verdict on NaN; and what is saved of them loads. */
#include "kinds.h"

static view first_view, second_view;
static double first[36], second[36];

static trimtab_tensor *matrix(view *made, double *data, int64_t rows, int64_t columns, double value) {
  for (int64_t i = 0; i < rows * columns; i++) data[i] = i % 2 == 0 ? value : -value;
  return matrix64(made, data, rows, columns);
}

static void the_state_loads(const char *name, const void *handle) {
  for (int k = 0; k < KIND_COUNT; k++)
    if (strcmp(kinds[k].name, name) == 0) {
      int64_t length = 0;
      unsigned char *state = kind_saved(&kinds[k], handle, &length);
      void *loaded = NULL;
      CHECK_OK(kinds[k].load(state, length, &loaded));
      kinds[k].destroy(loaded);
      free(state);
    }
}

static void images_too_great_for_a_variance(void) {
  trimtab_blur_report report = TRIMTAB_BLUR_REPORT_INIT;
  trimtab_tensor *images = matrix(&first_view, first, 6, 6, 1e200);
  CHECK_OK(trimtab_blur(images, images, 1, 0.5, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_NONFINITE && report.nonfinite_count == 1);
}

static void a_bandwidth_whose_square_is_zero(void) {
  trimtab_vendi_score_report report = TRIMTAB_VENDI_SCORE_REPORT_INIT;
  CHECK_OK(trimtab_vendi_score(matrix(&first_view, first, 4, 2, 1), 1e-300, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK);
  CHECK_NEAR(report.score, 1, 1e-12); /* all rows are one */
}

static void a_kernel_beyond_one(void) {
  double kernel[4] = {1, 1e308, 1e308, 1};
  trimtab_vendi_score_report report = TRIMTAB_VENDI_SCORE_REPORT_INIT;
  CHECK_STATUS(trimtab_vendi_score_of_kernel(matrix64(&first_view, kernel, 2, 2), &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
}

static int32_t huge(void *user, const double *x, double *values) {
  (void)user;
  values[0] = x[0] > 0 ? 1e308 : -1e308;
  return 0;
}
static void a_function_too_great_for_differences(void) {
  const double low = -1, high = 1;
  trimtab_smoothness_report report = TRIMTAB_SMOOTHNESS_REPORT_INIT;
  CHECK_OK(trimtab_smoothness_probe(huge, NULL, 1, 1, &low, &high, NULL, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_NONFINITE && report.nonfinite_count > 0 && !isnan(report.measurement));
}

static void gradients_whose_squares_pass_the_greatest_number(void) {
  trimtab_balance_options options = TRIMTAB_BALANCE_OPTIONS_INIT;
  trimtab_gradient_balance_report report = TRIMTAB_GRADIENT_BALANCE_REPORT_INIT;
  trimtab_balance *balance = NULL;
  CHECK_OK(trimtab_balance_create(NULL, &balance));
  for (int i = 0; i < 9; i++) CHECK_OK(trimtab_balance_add(balance, matrix(&first_view, first, 1, 2, 5e153), matrix(&second_view, second, 1, 2, 5e153)));
  CHECK_OK(trimtab_balance_report(balance, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.count > 0 && report.nonfinite_count > 0 && report.count + report.nonfinite_count == 9);
  CHECK_NEAR(report.ratio, 1, 1e-12);
  the_state_loads("gradient_balance", balance);
  trimtab_balance_destroy(balance);
  options.pixel_weight = options.adversarial_weight = 1e308;
  CHECK_OK(trimtab_gradient_balance(matrix(&first_view, first, 1, 2, 1e100), matrix(&second_view, second, 1, 2, 1e100), &options, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_NONFINITE);
}

static int32_t far_from_probabilities(void *user, const double *inputs, int64_t rows, int64_t features, double *outputs, int64_t outputs_per_row) {
  (void)user;
  (void)features;
  (void)outputs_per_row;
  for (int64_t i = 0; i < rows; i++) outputs[i] = -100 * fabs(inputs[0]);
  return 0;
}
static int32_t too_far_apart(void *user, const double *inputs, int64_t rows, int64_t features, double *outputs, int64_t outputs_per_row) {
  (void)user;
  (void)outputs_per_row;
  for (int64_t i = 0; i < rows; i++) outputs[i] = 1e300 * inputs[i * features];
  return 0;
}
static void outputs_that_are_no_probabilities(void) {
  int64_t targets[6] = {0, 1, 0, 1, 0, 1};
  trimtab_leakage_options options = TRIMTAB_LEAKAGE_OPTIONS_INIT;
  trimtab_batch_leakage_report report = TRIMTAB_BATCH_LEAKAGE_REPORT_INIT;
  trimtab_leakage *leakage = NULL;
  options.gives_probabilities = 1;
  fill_normal(first, 12, 4);
  CHECK_OK(trimtab_leakage_create(&options, &leakage));
  CHECK_OK(trimtab_leakage_add(leakage, far_from_probabilities, NULL, matrix64(&first_view, first, 6, 2), labels64(&second_view, targets, 6), 1));
  the_state_loads("batch_leakage", leakage);
  CHECK_OK(trimtab_leakage_add(leakage, too_far_apart, NULL, matrix64(&first_view, first, 6, 2), NULL, 1));
  the_state_loads("batch_leakage", leakage);
  trimtab_leakage_destroy(leakage);
  CHECK_OK(trimtab_batch_leakage(too_far_apart, NULL, matrix64(&first_view, first, 6, 2), NULL, 1, NULL, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_NONFINITE);
}

static void posterior_means_too_great_for_a_variance(void) {
  trimtab_posterior_collapse_report report = TRIMTAB_POSTERIOR_COLLAPSE_REPORT_INIT;
  trimtab_posterior *posterior = NULL;
  CHECK_OK(trimtab_posterior_create(NULL, &posterior));
  CHECK_OK(trimtab_posterior_add(posterior, matrix(&first_view, first, 6, 2, 1.7e308), matrix(&second_view, second, 6, 2, 0), NULL));
  CHECK_OK(trimtab_posterior_report(posterior, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_NONFINITE && report.nonfinite_count == 6);
  the_state_loads("posterior", posterior);
  trimtab_posterior_destroy(posterior);
}

static void errors_that_pass_the_greatest_number(void) {
  double errors[8] = {1.7e308, 1.7e308, 1.7e308, 1.7e308, 1.7e308, 1.7e308, 1.7e308, 1.7e308};
  trimtab_exposure_bias_options options = TRIMTAB_EXPOSURE_BIAS_OPTIONS_INIT;
  trimtab_exposure_bias_report report = TRIMTAB_EXPOSURE_BIAS_REPORT_INIT;
  trimtab_exposure *exposure = NULL;
  options.divergence_error = 1.75e308;
  CHECK_OK(trimtab_exposure_create(&options, &exposure));
  CHECK_OK(trimtab_exposure_add(exposure, matrix64(&first_view, errors, 2, 4), matrix64(&second_view, errors, 2, 4), NULL));
  CHECK_OK(trimtab_exposure_report(exposure, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_NONFINITE);
  the_state_loads("exposure", exposure);
  trimtab_exposure_destroy(exposure);
}

int main(void) {
  RUN(images_too_great_for_a_variance);
  RUN(a_bandwidth_whose_square_is_zero);
  RUN(a_kernel_beyond_one);
  RUN(a_function_too_great_for_differences);
  RUN(gradients_whose_squares_pass_the_greatest_number);
  RUN(outputs_that_are_no_probabilities);
  RUN(posterior_means_too_great_for_a_variance);
  RUN(errors_that_pass_the_greatest_number);
  return finish("extremes");
}
