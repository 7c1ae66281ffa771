/* NULL in every place of every function: the right status, a message that names the argument, and outputs as they were. */
#include "kinds.h"

static double samples_data[12] = {1, 2, 3, 1, 5, 2, 8, 1, 1, 4, 2, 9};
static view samples_view, labels_view;
static int64_t labels_data[4] = {0, 1, 0, 1};

static trimtab_tensor *samples(void) { return matrix64(&samples_view, samples_data, 4, 3); }
static trimtab_tensor *labels(void) { return labels64(&labels_view, labels_data, 4); }

#define NULL_REFUSED(call, argument)                                              \
  do {                                                                            \
    CHECK_STATUS(call, TRIMTAB_ERROR_NULL_ARGUMENT);                              \
    CHECK(strncmp(trimtab_last_error(), argument, strlen(argument)) == 0);        \
  } while (0)

static void summaries(void) {
  trimtab_summary summary;
  memset(&summary, UNTOUCHED, sizeof summary);
  NULL_REFUSED(trimtab_summarize(NULL, &summary), "tensor");
  NULL_REFUSED(trimtab_summarize(samples(), NULL), "summary");
  NULL_REFUSED(trimtab_summarize_all(NULL, 1, &summary), "tensors");
  NULL_REFUSED(trimtab_summarize_all(samples(), 1, NULL), "summaries");
  CHECK_STATUS(trimtab_summarize_all(samples(), -1, &summary), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_summarize_all(samples(), INT64_MIN, &summary), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_OK(trimtab_summarize_all(NULL, 0, NULL));
  NULL_REFUSED(trimtab_summary_identity(NULL), "summary");
  NULL_REFUSED(trimtab_summary_merge(&summary, NULL), "other");
  CHECK(is_untouched(&summary, sizeof summary));
  CHECK_OK(trimtab_summary_identity(&summary));
  NULL_REFUSED(trimtab_summary_merge(NULL, &summary), "summary");
}

static void conditioning(void) {
  PATTERNED(trimtab_conditioning_report, report);
  trimtab_covariance *covariance = NULL, *untouched = (trimtab_covariance *)&report;
  double moments[9];
  int64_t features = -1;
  memset(moments, UNTOUCHED, sizeof moments);
  NULL_REFUSED(trimtab_condition_number(NULL, NULL, &report), "samples");
  NULL_REFUSED(trimtab_condition_number(samples(), NULL, NULL), "report");
  NULL_REFUSED(trimtab_covariance_create(NULL, NULL), "covariance");
  CHECK_OK(trimtab_covariance_create(NULL, &covariance));
  NULL_REFUSED(trimtab_covariance_add(NULL, samples()), "covariance");
  NULL_REFUSED(trimtab_covariance_add(covariance, NULL), "samples");
  NULL_REFUSED(trimtab_covariance_merge(NULL, covariance), "covariance");
  NULL_REFUSED(trimtab_covariance_merge(covariance, NULL), "other");
  NULL_REFUSED(trimtab_covariance_report(NULL, &report), "covariance");
  NULL_REFUSED(trimtab_covariance_report(covariance, NULL), "report");
  NULL_REFUSED(trimtab_covariance_features(NULL, &features), "covariance");
  NULL_REFUSED(trimtab_covariance_features(covariance, NULL), "features");
  CHECK_OK(trimtab_covariance_features(covariance, &features));
  CHECK(features == 0);
  NULL_REFUSED(trimtab_covariance_moments(NULL, 3, moments, NULL, NULL), "covariance");
  CHECK_OK(trimtab_covariance_add(covariance, samples()));
  CHECK_OK(trimtab_covariance_features(covariance, &features));
  CHECK(features == 3);
  CHECK_STATUS(trimtab_covariance_moments(covariance, 2, moments, moments, moments), TRIMTAB_ERROR_MISMATCH);
  CHECK_STATUS(trimtab_covariance_moments(covariance, -1, moments, moments, moments), TRIMTAB_ERROR_MISMATCH);
  CHECK(is_untouched(moments, sizeof moments));
  CHECK_OK(trimtab_covariance_moments(covariance, 3, NULL, NULL, NULL));
  CHECK(IS_PATTERNED(report));
  CHECK(untouched == (trimtab_covariance *)&report);
  trimtab_covariance_destroy(covariance);
}

static void matrices(void) {
  PATTERNED(trimtab_matrix_report, report);
  NULL_REFUSED(trimtab_matrix_condition(NULL, NULL, &report), "matrix");
  NULL_REFUSED(trimtab_matrix_condition(samples(), NULL, NULL), "report");
  CHECK(IS_PATTERNED(report));
}

static void whitening(void) {
  trimtab_covariance *covariance = NULL;
  trimtab_whitener *whitener = NULL;
  double output_data[12];
  int64_t features = -7;
  trimtab_whitening_options fitted = TRIMTAB_WHITENING_OPTIONS_INIT;
  view output_view;
  trimtab_tensor *output = matrix64(&output_view, output_data, 4, 3);
  memset(output_data, UNTOUCHED, sizeof output_data);
  CHECK_OK(trimtab_covariance_create(NULL, &covariance));
  CHECK_STATUS(trimtab_whitener_fit(covariance, NULL, &whitener), TRIMTAB_ERROR_INVALID_ARGUMENT); /* nothing seen */
  CHECK(whitener == NULL);
  CHECK_OK(trimtab_covariance_add(covariance, samples()));
  NULL_REFUSED(trimtab_whitener_fit(NULL, NULL, &whitener), "covariance");
  NULL_REFUSED(trimtab_whitener_fit(covariance, NULL, NULL), "whitener");
  CHECK(whitener == NULL);
  CHECK_OK(trimtab_whitener_fit(covariance, NULL, &whitener));
  NULL_REFUSED(trimtab_whitener_apply(NULL, samples(), output), "whitener");
  NULL_REFUSED(trimtab_whitener_apply(whitener, NULL, output), "samples");
  NULL_REFUSED(trimtab_whitener_apply(whitener, samples(), NULL), "output");
  CHECK(is_untouched(output_data, sizeof output_data));
  NULL_REFUSED(trimtab_whitener_parameters(NULL, 3, output_data, NULL), "whitener");
  CHECK_STATUS(trimtab_whitener_parameters(whitener, 4, output_data, output_data), TRIMTAB_ERROR_MISMATCH);
  CHECK(is_untouched(output_data, sizeof output_data));
  CHECK_OK(trimtab_whitener_parameters(whitener, 3, NULL, NULL));
  NULL_REFUSED(trimtab_whitener_features(NULL, &features), "whitener");
  NULL_REFUSED(trimtab_whitener_features(whitener, NULL), "features");
  CHECK(features == -7);
  CHECK_OK(trimtab_whitener_features(whitener, &features));
  NULL_REFUSED(trimtab_whitener_fitted_options(NULL, &fitted), "whitener");
  NULL_REFUSED(trimtab_whitener_fitted_options(whitener, NULL), "options");
  CHECK_OK(trimtab_whitener_fitted_options(whitener, &fitted));
  CHECK(fitted.method == TRIMTAB_WHITENING_ZCA && fitted.regularisation == 0);
  CHECK(features == 3);
  trimtab_whitener_destroy(whitener);
  trimtab_covariance_destroy(covariance);
}

static void neurons(void) {
  PATTERNED(trimtab_activity_report, report);
  PATTERNED(trimtab_revival_report, revival);
  trimtab_neurons *audit = NULL;
  uint8_t flags[3];
  double fractions[3];
  memset(flags, UNTOUCHED, sizeof flags);
  memset(fractions, UNTOUCHED, sizeof fractions);
  NULL_REFUSED(trimtab_dead_neurons(NULL, NULL, &report, flags), "preactivations");
  NULL_REFUSED(trimtab_dead_neurons(samples(), NULL, NULL, flags), "report");
  NULL_REFUSED(trimtab_neurons_create(NULL, NULL), "neurons");
  CHECK_OK(trimtab_neurons_create(NULL, &audit));
  NULL_REFUSED(trimtab_neurons_add(NULL, samples()), "neurons");
  NULL_REFUSED(trimtab_neurons_add(audit, NULL), "preactivations");
  NULL_REFUSED(trimtab_neurons_merge(NULL, audit), "neurons");
  NULL_REFUSED(trimtab_neurons_merge(audit, NULL), "other");
  NULL_REFUSED(trimtab_neurons_report(NULL, &report), "neurons");
  NULL_REFUSED(trimtab_neurons_report(audit, NULL), "report");
  CHECK_OK(trimtab_neurons_add(audit, samples()));
  NULL_REFUSED(trimtab_neurons_units(NULL, 3, fractions, NULL, flags), "neurons");
  CHECK_STATUS(trimtab_neurons_units(audit, 2, fractions, fractions, flags), TRIMTAB_ERROR_MISMATCH);
  CHECK_STATUS(trimtab_neurons_units(audit, INT64_MIN, fractions, fractions, flags), TRIMTAB_ERROR_MISMATCH);
  CHECK_OK(trimtab_neurons_units(audit, 3, NULL, NULL, NULL));
  NULL_REFUSED(trimtab_neurons_compare(NULL, audit, &revival, flags), "before");
  NULL_REFUSED(trimtab_neurons_compare(audit, NULL, &revival, flags), "after");
  NULL_REFUSED(trimtab_neurons_compare(audit, audit, NULL, flags), "report");
  CHECK(is_untouched(flags, sizeof flags) && is_untouched(fractions, sizeof fractions));
  CHECK(IS_PATTERNED(report) && IS_PATTERNED(revival));
  CHECK_OK(trimtab_neurons_compare(audit, audit, &revival, NULL));
  trimtab_neurons_destroy(audit);
}

static void drift(void) {
  PATTERNED(trimtab_drift_report, report);
  trimtab_label_drift *stream = NULL;
  NULL_REFUSED(trimtab_pseudo_label_drift(NULL, labels(), NULL, &report), "before");
  NULL_REFUSED(trimtab_pseudo_label_drift(labels(), NULL, NULL, &report), "after");
  NULL_REFUSED(trimtab_pseudo_label_drift(labels(), labels(), NULL, NULL), "report");
  NULL_REFUSED(trimtab_label_drift_create(NULL, NULL), "drift");
  CHECK_OK(trimtab_label_drift_create(NULL, &stream));
  NULL_REFUSED(trimtab_label_drift_add(NULL, 0, NULL, labels()), "drift");
  NULL_REFUSED(trimtab_label_drift_add(stream, 0, NULL, NULL), "predictions");
  NULL_REFUSED(trimtab_label_drift_merge(NULL, stream), "drift");
  NULL_REFUSED(trimtab_label_drift_merge(stream, NULL), "other");
  NULL_REFUSED(trimtab_label_drift_report(NULL, &report), "drift");
  NULL_REFUSED(trimtab_label_drift_report(stream, NULL), "report");
  NULL_REFUSED(trimtab_label_drift_report_round(NULL, 0, &report), "drift");
  NULL_REFUSED(trimtab_label_drift_report_round(stream, 0, NULL), "report");
  CHECK(IS_PATTERNED(report));
  CHECK_OK(trimtab_label_drift_add(stream, 0, NULL, labels()));
  CHECK_STATUS(trimtab_label_drift_report_round(stream, 1, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_label_drift_report_round(stream, -1, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_label_drift_report_round(stream, INT64_MIN, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_label_drift_report_round(stream, INT64_MAX, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(IS_PATTERNED(report));
  trimtab_label_drift_destroy(stream);
}

static void gradients(void) {
  PATTERNED(trimtab_gradient_report, report);
  trimtab_gradients *accumulator = NULL;
  trimtab_summary each, summary;
  memset(&each, UNTOUCHED, sizeof each);
  NULL_REFUSED(trimtab_gradient_norm(NULL, 1, NULL, &report, &each), "gradients");
  NULL_REFUSED(trimtab_gradient_norm(samples(), 1, NULL, NULL, &each), "report");
  CHECK_STATUS(trimtab_gradient_norm(samples(), -1, NULL, &report, &each), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_gradient_norm(samples(), INT64_MIN, NULL, &report, &each), TRIMTAB_ERROR_INVALID_ARGUMENT);
  NULL_REFUSED(trimtab_gradients_create(NULL, NULL), "accumulator");
  CHECK_OK(trimtab_gradients_create(NULL, &accumulator));
  NULL_REFUSED(trimtab_gradients_add(NULL, samples(), 1), "accumulator");
  NULL_REFUSED(trimtab_gradients_add(accumulator, NULL, 1), "gradients");
  CHECK_STATUS(trimtab_gradients_add(accumulator, samples(), -1), TRIMTAB_ERROR_INVALID_ARGUMENT);
  NULL_REFUSED(trimtab_gradients_add_summaries(NULL, &each, NULL, 1), "accumulator");
  NULL_REFUSED(trimtab_gradients_add_summaries(accumulator, NULL, NULL, 1), "summaries");
  NULL_REFUSED(trimtab_gradients_merge(NULL, accumulator), "accumulator");
  NULL_REFUSED(trimtab_gradients_merge(accumulator, NULL), "other");
  NULL_REFUSED(trimtab_gradients_report(NULL, &report, &each, 1), "accumulator");
  NULL_REFUSED(trimtab_gradients_report(accumulator, NULL, &each, 1), "report");
  CHECK(is_untouched(&each, sizeof each) && IS_PATTERNED(report));
  CHECK_OK(trimtab_summarize(samples(), &summary));
  CHECK_STATUS(trimtab_gradients_add_summaries(accumulator, &summary, NULL, -1), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_OK(trimtab_gradients_add_summaries(accumulator, &summary, NULL, 1));
  CHECK_STATUS(trimtab_gradients_report(accumulator, &report, &each, 2), TRIMTAB_ERROR_MISMATCH);
  CHECK(is_untouched(&each, sizeof each) && IS_PATTERNED(report));
  CHECK_OK(trimtab_gradients_report(accumulator, &report, &each, 1));
  CHECK(each.count == 12);
  trimtab_gradients_destroy(accumulator);
}

static void null_options_and_no_tensors_are_allowed(void) {
  trimtab_gradient_report report = TRIMTAB_GRADIENT_REPORT_INIT;
  CHECK_OK(trimtab_gradient_norm(NULL, 0, NULL, &report, NULL));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
  CHECK(report.first_nonfinite_tensor == -1 && report.first_nonfinite_index == -1);
}

int main(void) {
  RUN(summaries);
  RUN(conditioning);
  RUN(matrices);
  RUN(whitening);
  RUN(neurons);
  RUN(drift);
  RUN(gradients);
  RUN(null_options_and_no_tensors_are_allowed);
  return finish("arguments");
}
