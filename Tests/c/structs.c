/* struct_size of every option and report struct: unset, too small, too big, of a newer version; and option values that cannot be. */
#include "kinds.h"
#include "struct_calls.h"
#include "trainers.h"

static double samples_data[12] = {1, 2, 3, 1, 5, 2, 8, 1, 1, 4, 2, 9};
static view samples_view, labels_view;
static int64_t labels_data[4] = {0, 1, 0, 1};

static trimtab_tensor *samples(void) { return matrix64(&samples_view, samples_data, 4, 3); }
static trimtab_tensor *labels(void) { return labels64(&labels_view, labels_data, 4); }

static trimtab_conditioning_report conditioning_report = TRIMTAB_CONDITIONING_REPORT_INIT;
static trimtab_matrix_report matrix_report = TRIMTAB_MATRIX_REPORT_INIT;
static trimtab_activity_report activity_report = TRIMTAB_ACTIVITY_REPORT_INIT;
static trimtab_drift_report drift_report = TRIMTAB_DRIFT_REPORT_INIT;
static trimtab_gradient_report gradient_report = TRIMTAB_GRADIENT_REPORT_INIT;

/* Calls that take options, and calls that take a report, each behind one signature. */
static trimtab_status with_options_condition(const void *options) { return trimtab_condition_number(samples(), (const trimtab_conditioning_options *)options, &conditioning_report); }
static trimtab_status with_options_covariance(const void *options) {
  trimtab_covariance *made = NULL;
  trimtab_status status = trimtab_covariance_create((const trimtab_conditioning_options *)options, &made);
  CHECK((made != NULL) == (status == TRIMTAB_OK));
  trimtab_covariance_destroy(made);
  return status;
}
static trimtab_status with_options_matrix(const void *options) { return trimtab_matrix_condition(samples(), (const trimtab_matrix_options *)options, &matrix_report); }
static trimtab_status with_options_whitener(const void *options) {
  trimtab_whitener *made = NULL;
  void *covariance = kind_filled(&kinds[0]);
  trimtab_status status = trimtab_whitener_fit((const trimtab_covariance *)covariance, (const trimtab_whitening_options *)options, &made);
  CHECK((made != NULL) == (status == TRIMTAB_OK));
  trimtab_whitener_destroy(made);
  kind_covariance_destroy(covariance);
  return status;
}
static trimtab_status with_options_dead(const void *options) { return trimtab_dead_neurons(samples(), (const trimtab_activity_options *)options, &activity_report, NULL); }
static trimtab_status with_options_neurons(const void *options) {
  trimtab_neurons *made = NULL;
  trimtab_status status = trimtab_neurons_create((const trimtab_activity_options *)options, &made);
  CHECK((made != NULL) == (status == TRIMTAB_OK));
  trimtab_neurons_destroy(made);
  return status;
}
static trimtab_status with_options_drift(const void *options) { return trimtab_pseudo_label_drift(labels(), labels(), (const trimtab_drift_options *)options, &drift_report); }
static trimtab_status with_options_stream(const void *options) {
  trimtab_label_drift *made = NULL;
  trimtab_status status = trimtab_label_drift_create((const trimtab_drift_options *)options, &made);
  CHECK((made != NULL) == (status == TRIMTAB_OK));
  trimtab_label_drift_destroy(made);
  return status;
}
static trimtab_status with_options_norm(const void *options) { return trimtab_gradient_norm(samples(), 1, (const trimtab_gradient_options *)options, &gradient_report, NULL); }
static trimtab_status with_options_gradients(const void *options) {
  trimtab_gradients *made = NULL;
  trimtab_status status = trimtab_gradients_create((const trimtab_gradient_options *)options, &made);
  CHECK((made != NULL) == (status == TRIMTAB_OK));
  trimtab_gradients_destroy(made);
  return status;
}

static trimtab_status report_condition(void *report) { return trimtab_condition_number(samples(), NULL, (trimtab_conditioning_report *)report); }
static trimtab_status report_matrix(void *report) { return trimtab_matrix_condition(samples(), NULL, (trimtab_matrix_report *)report); }
static trimtab_status report_dead(void *report) { return trimtab_dead_neurons(samples(), NULL, (trimtab_activity_report *)report, NULL); }
static trimtab_status report_drift(void *report) { return trimtab_pseudo_label_drift(labels(), labels(), NULL, (trimtab_drift_report *)report); }
static trimtab_status report_norm(void *report) { return trimtab_gradient_norm(samples(), 1, NULL, (trimtab_gradient_report *)report, NULL); }
static trimtab_status report_stream(int which, void *report) {
  void *handle = kind_filled(&kinds[which]);
  trimtab_status status = TRIMTAB_OK;
  if (which == 0) status = trimtab_covariance_report((trimtab_covariance *)handle, (trimtab_conditioning_report *)report);
  if (which == 1) status = trimtab_neurons_report((trimtab_neurons *)handle, (trimtab_activity_report *)report);
  if (which == 2) status = trimtab_label_drift_report((trimtab_label_drift *)handle, (trimtab_drift_report *)report);
  if (which == 3) status = trimtab_gradients_report((trimtab_gradients *)handle, (trimtab_gradient_report *)report, NULL, 0);
  kinds[which].destroy(handle);
  return status;
}
static trimtab_status report_covariance(void *report) { return report_stream(0, report); }
static trimtab_status report_neurons(void *report) { return report_stream(1, report); }
static trimtab_status report_label_drift(void *report) { return report_stream(2, report); }
static trimtab_status report_gradients(void *report) { return report_stream(3, report); }
static trimtab_status report_round(void *report) {
  void *handle = kind_filled(&kinds[2]);
  trimtab_status status = trimtab_label_drift_report_round((trimtab_label_drift *)handle, 1, (trimtab_drift_report *)report);
  kind_drift_destroy(handle);
  return status;
}
static trimtab_status report_revival(void *report) {
  void *handle = kind_filled(&kinds[1]);
  trimtab_status status = trimtab_neurons_compare((trimtab_neurons *)handle, (trimtab_neurons *)handle, (trimtab_revival_report *)report, NULL);
  kind_neurons_destroy(handle);
  return status;
}

/* A trainer of four samples and three features, and calls that take its structs. */
static net small_net;
static trimtab_trainer *small_trainer(void) {
  trimtab_trainer *made = NULL;
  net_begin(&small_net, 3);
  net_add(&small_net, TRIMTAB_LAYER_DENSE, 2, TRIMTAB_LAYER_ACTIVATION_NONE);
  small_net.options.loss = TRIMTAB_LOSS_CROSS_ENTROPY;
  CHECK_OK(trimtab_trainer_create(&small_net.options, &made));
  return made;
}
static trimtab_status with_options_trainer(const void *options) {
  trimtab_trainer *made = NULL;
  trimtab_status status = trimtab_trainer_create((const trimtab_trainer_options *)options, &made);
  CHECK((made != NULL) == (status == TRIMTAB_OK));
  trimtab_trainer_destroy(made);
  return status;
}
static trimtab_status with_sharpness(const void *options, void *report) {
  trimtab_trainer *trainer = small_trainer();
  const trimtab_status status = trimtab_trainer_sharpness(trainer, samples(), labels(), (const trimtab_sharpness_options *)options, (trimtab_sharpness_report *)report);
  trimtab_trainer_destroy(trainer);
  return status;
}
static trimtab_status with_options_sharpness(const void *options) {
  trimtab_sharpness_report report = TRIMTAB_SHARPNESS_REPORT_INIT;
  return with_sharpness(options, &report);
}
static trimtab_status report_sharpness(void *report) { return with_sharpness(NULL, report); }
static trimtab_status report_step(void *report) {
  trimtab_trainer *trainer = small_trainer();
  const trimtab_status status = trimtab_trainer_step(trainer, samples(), labels(), (trimtab_trainer_report *)report);
  trimtab_trainer_destroy(trainer);
  return status;
}
static trimtab_status report_evaluation(void *report) {
  trimtab_trainer *trainer = small_trainer();
  const trimtab_status status = trimtab_trainer_evaluate(trainer, samples(), labels(), (trimtab_evaluation_report *)report);
  trimtab_trainer_destroy(trainer);
  return status;
}
static trimtab_gate_options gate_defaults = TRIMTAB_GATE_OPTIONS_INIT; /* of three classes */
static const trimtab_safe_rate_options safe_rate_defaults = {(uint32_t)sizeof(trimtab_safe_rate_options), 0u, 3, 0, 1e-3, 1, 1, 1, 1};
static trimtab_status with_options_gate(const void *options) {
  trimtab_pseudo_label_gate *made = NULL;
  trimtab_status status = trimtab_pseudo_label_gate_create((const trimtab_gate_options *)options, &made);
  CHECK((made != NULL) == (status == TRIMTAB_OK));
  trimtab_pseudo_label_gate_destroy(made);
  return status;
}
static trimtab_status with_safe_rate(const void *options, void *report) {
  trimtab_trainer_destroy(small_trainer());
  return trimtab_safe_rate(&small_net.options, samples(), labels(), (const trimtab_safe_rate_options *)options, (trimtab_safe_rate_report *)report);
}
static trimtab_status with_options_safe_rate(const void *options) {
  trimtab_safe_rate_report report = TRIMTAB_SAFE_RATE_REPORT_INIT;
  return with_safe_rate(options, &report);
}
static trimtab_status report_safe_rate(void *report) { return with_safe_rate(&safe_rate_defaults, report); }
static trimtab_status report_gate(void *report) {
  trimtab_pseudo_label_gate *gate = NULL;
  CHECK_OK(trimtab_pseudo_label_gate_create(&gate_defaults, &gate));
  const trimtab_status status = trimtab_pseudo_label_gate_apply(gate, samples(), NULL, NULL, NULL, (trimtab_gate_report *)report);
  trimtab_pseudo_label_gate_destroy(gate);
  return status;
}
static trimtab_status report_consistency(void *report) { return trimtab_consistency(samples(), samples(), TRIMTAB_CONSISTENCY_KL, NULL, (trimtab_consistency_report *)report); }
static trimtab_trainer_options trainer_defaults; /* those of the small net */
static const trimtab_sharpness_options sharpness_defaults = TRIMTAB_SHARPNESS_OPTIONS_INIT;

static const trimtab_conditioning_options conditioning_defaults = TRIMTAB_CONDITIONING_OPTIONS_INIT;
static const trimtab_matrix_options matrix_defaults = TRIMTAB_MATRIX_OPTIONS_INIT;
static const trimtab_whitening_options whitening_defaults = TRIMTAB_WHITENING_OPTIONS_INIT;
static const trimtab_activity_options activity_defaults = TRIMTAB_ACTIVITY_OPTIONS_INIT;
static const trimtab_drift_options drift_defaults = TRIMTAB_DRIFT_OPTIONS_INIT;
static const trimtab_gradient_options gradient_defaults = TRIMTAB_GRADIENT_OPTIONS_INIT;

static const option_call option_calls[] = {
    {"condition_number", &conditioning_defaults, sizeof conditioning_defaults, with_options_condition},
    {"covariance_create", &conditioning_defaults, sizeof conditioning_defaults, with_options_covariance},
    {"matrix_condition", &matrix_defaults, sizeof matrix_defaults, with_options_matrix},
    {"whitener_fit", &whitening_defaults, sizeof whitening_defaults, with_options_whitener},
    {"dead_neurons", &activity_defaults, sizeof activity_defaults, with_options_dead},
    {"neurons_create", &activity_defaults, sizeof activity_defaults, with_options_neurons},
    {"pseudo_label_drift", &drift_defaults, sizeof drift_defaults, with_options_drift},
    {"label_drift_create", &drift_defaults, sizeof drift_defaults, with_options_stream},
    {"gradient_norm", &gradient_defaults, sizeof gradient_defaults, with_options_norm},
    {"gradients_create", &gradient_defaults, sizeof gradient_defaults, with_options_gradients},
    {"trainer_create", &trainer_defaults, sizeof trainer_defaults, with_options_trainer},
    {"trainer_sharpness", &sharpness_defaults, sizeof sharpness_defaults, with_options_sharpness},
    {"pseudo_label_gate_create", &gate_defaults, sizeof gate_defaults, with_options_gate},
    {"safe_rate", &safe_rate_defaults, sizeof safe_rate_defaults, with_options_safe_rate},
};

static const report_call report_calls[] = {
    {"condition_number", sizeof(trimtab_conditioning_report), report_condition},
    {"matrix_condition", sizeof(trimtab_matrix_report), report_matrix},
    {"dead_neurons", sizeof(trimtab_activity_report), report_dead},
    {"pseudo_label_drift", sizeof(trimtab_drift_report), report_drift},
    {"gradient_norm", sizeof(trimtab_gradient_report), report_norm},
    {"covariance_report", sizeof(trimtab_conditioning_report), report_covariance},
    {"neurons_report", sizeof(trimtab_activity_report), report_neurons},
    {"label_drift_report", sizeof(trimtab_drift_report), report_label_drift},
    {"label_drift_report_round", sizeof(trimtab_drift_report), report_round},
    {"gradients_report", sizeof(trimtab_gradient_report), report_gradients},
    {"neurons_compare", sizeof(trimtab_revival_report), report_revival},
    {"trainer_step", sizeof(trimtab_trainer_report), report_step},
    {"trainer_evaluate", sizeof(trimtab_evaluation_report), report_evaluation},
    {"trainer_sharpness", sizeof(trimtab_sharpness_report), report_sharpness},
    {"pseudo_label_gate_apply", sizeof(trimtab_gate_report), report_gate},
    {"consistency", sizeof(trimtab_consistency_report), report_consistency},
    {"safe_rate", sizeof(trimtab_safe_rate_report), report_safe_rate},
};
#include "struct_sizes.h"

#define REFUSED_OPTION(type, init, call, assignment)                                          \
  do {                                                                                        \
    type options = init;                                                                      \
    trimtab_status found;                                                                     \
    options.assignment;                                                                       \
    found = call(&options);                                                                   \
    if (!CHECK(found == TRIMTAB_ERROR_INVALID_ARGUMENT || found == TRIMTAB_ERROR_SHAPE || found == TRIMTAB_ERROR_NULL_ARGUMENT))      \
      printf("    " #call ": " #assignment ": %s\n", trimtab_status_name(found));             \
  } while (0)
#define NAN_VALUE ((double)NAN)
#define INFINITE ((double)INFINITY)

static void conditioning_values(void) {
#define BAD(assignment)                                                                                                               \
  REFUSED_OPTION(trimtab_conditioning_options, TRIMTAB_CONDITIONING_OPTIONS_INIT, with_options_condition, assignment);                \
  REFUSED_OPTION(trimtab_conditioning_options, TRIMTAB_CONDITIONING_OPTIONS_INIT, with_options_covariance, assignment)
  BAD(warning_condition_number = NAN_VALUE);
  BAD(warning_condition_number = -1);
  BAD(critical_condition_number = NAN_VALUE);
  BAD(critical_condition_number = -INFINITE);
  BAD(null_factor = NAN_VALUE);
  BAD(null_factor = -1);
  BAD(maximum_features = 0);
  BAD(maximum_features = -1);
  BAD(maximum_features = INT64_MIN);
#undef BAD
}

static void matrix_values(void) {
#define BAD(assignment) REFUSED_OPTION(trimtab_matrix_options, TRIMTAB_MATRIX_OPTIONS_INIT, with_options_matrix, assignment)
  BAD(norm = 0);
  BAD(norm = 5);
  BAD(norm = INT32_MIN);
  BAD(norm = TRIMTAB_NORM_ONE); /* the matrix is not square */
  BAD(method = 3);
  BAD(method = -1);
  BAD(critical_condition_number = NAN_VALUE);
  BAD(critical_condition_number = -1);
  BAD(relative_tolerance = NAN_VALUE);
  BAD(relative_tolerance = -1);
  BAD(maximum_elements = 0);
  BAD(maximum_elements = -5);
  BAD(maximum_elements = 3);
#undef BAD
}

static void whitening_values(void) {
#define BAD(assignment) REFUSED_OPTION(trimtab_whitening_options, TRIMTAB_WHITENING_OPTIONS_INIT, with_options_whitener, assignment)
  BAD(method = 3);
  BAD(method = -1);
  BAD(method = INT32_MAX);
  BAD(regularisation = NAN_VALUE);
  BAD(regularisation = -1e-9);
  BAD(regularisation = INFINITE);
#undef BAD
}

static void activity_values(void) {
#define BAD(assignment)                                                                                                \
  REFUSED_OPTION(trimtab_activity_options, TRIMTAB_ACTIVITY_OPTIONS_INIT, with_options_dead, assignment);              \
  REFUSED_OPTION(trimtab_activity_options, TRIMTAB_ACTIVITY_OPTIONS_INIT, with_options_neurons, assignment)
  BAD(activation = -1);
  BAD(activation = 8);
  BAD(activation = INT32_MIN);
  BAD(unit_axis = -2);
  BAD(unit_axis = 8);
  BAD(unit_axis = INT32_MAX);
  BAD(leak = NAN_VALUE);
  BAD(inactive_fraction = NAN_VALUE);
  BAD(inactive_fraction = -0.5);
  BAD(dormant_threshold = NAN_VALUE);
  BAD(dormant_threshold = -1);
  BAD(saturated_fraction = NAN_VALUE);
  BAD(saturation_low = NAN_VALUE);
  BAD(saturation_high = NAN_VALUE);
  BAD(layer_warning_fraction = NAN_VALUE);
  BAD(layer_critical_fraction = NAN_VALUE);
  BAD(confidence = NAN_VALUE);
  BAD(confidence = 1.5);
  BAD(confidence = -0.1);
  BAD(least_active_fraction = NAN_VALUE);
  BAD(least_active_fraction = -1);
#undef BAD
  /* Allowed in an accumulator, which has not seen the tensor, but not for these two axes. */
  REFUSED_OPTION(trimtab_activity_options, TRIMTAB_ACTIVITY_OPTIONS_INIT, with_options_dead, unit_axis = 2);
}

static void drift_values(void) {
  double priors[][3] = {{.5, .5, .5}, {-.5, 1, .5}, {0, 0, 0}, {NAN, .5, .5}, {INFINITY, 0, 0}};
#define BAD(assignment)                                                                                      \
  REFUSED_OPTION(trimtab_drift_options, TRIMTAB_DRIFT_OPTIONS_INIT, with_options_drift, assignment);         \
  REFUSED_OPTION(trimtab_drift_options, TRIMTAB_DRIFT_OPTIONS_INIT, with_options_stream, assignment)
  BAD(class_count = -1);
  BAD(class_count = INT64_MIN);
  BAD(confidence_gate = NAN_VALUE);
  BAD(warning_flip_rate = NAN_VALUE);
  BAD(critical_flip_rate = NAN_VALUE);
  BAD(oscillation_share = NAN_VALUE);
  BAD(oscillation_flip_rate = NAN_VALUE);
  BAD(class_distance = NAN_VALUE);
  BAD(collapse_share = NAN_VALUE);
  BAD(collapse_share = 1.5);
  BAD(class_prior_count = -1);
  BAD(class_prior_count = 3); /* with a NULL prior */
#undef BAD
  for (size_t p = 0; p < sizeof priors / sizeof *priors; p++) {
    trimtab_drift_options options = TRIMTAB_DRIFT_OPTIONS_INIT;
    options.class_prior = priors[p];
    options.class_prior_count = 3;
    CHECK_STATUS(with_options_drift(&options), TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK_STATUS(with_options_stream(&options), TRIMTAB_ERROR_INVALID_ARGUMENT);
  }
}

static void gradient_values(void) {
#define BAD(assignment)                                                                                       \
  REFUSED_OPTION(trimtab_gradient_options, TRIMTAB_GRADIENT_OPTIONS_INIT, with_options_norm, assignment);     \
  REFUSED_OPTION(trimtab_gradient_options, TRIMTAB_GRADIENT_OPTIONS_INIT, with_options_gradients, assignment)
  BAD(maximum_norm = NAN_VALUE);
  BAD(maximum_norm = -1);
  BAD(vanishing_mean_magnitude = NAN_VALUE);
  BAD(warning_depth_slope = NAN_VALUE);
  BAD(critical_depth_slope = NAN_VALUE);
  BAD(least_depth_span = NAN_VALUE);
  BAD(least_depth = -1);
#undef BAD
}

int main(void) {
  gate_defaults.class_count = 3;
  trimtab_trainer_destroy(small_trainer());
  trainer_defaults = small_net.options;
  RUN(option_sizes);
  RUN(report_sizes);
  RUN(reports_end_where_they_end);
  RUN(conditioning_values);
  RUN(matrix_values);
  RUN(whitening_values);
  RUN(activity_values);
  RUN(drift_values);
  RUN(gradient_values);
  return finish("structs");
}
