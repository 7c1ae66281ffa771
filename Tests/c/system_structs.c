/* struct_size of the option and report structs of the chapter's systems: unset, too small, too big, of a newer version. */
#include "kinds.h"
#include "struct_calls.h"

static double zeros[4], ones[4] = {1, 1, 1, 1}, weights[2] = {1, 1};
static double real_numbers[60], fake_numbers[60], output_numbers[60], error_numbers[12], distance_numbers[3] = {3, 2, 1};
static double kernel_numbers[4] = {1, 0.5, 0.5, 1};
static int64_t evaluation_numbers[3] = {1, 2, 4};
static view views[6];
static trimtab_lab_result *lab_result;

static trimtab_tensor *real(void) { return matrix64(&views[0], real_numbers, 30, 2); }
static trimtab_tensor *fake(void) { return matrix64(&views[1], fake_numbers, 30, 2); }
static trimtab_tensor *output(void) { return matrix64(&views[2], output_numbers, 30, 2); }
static trimtab_tensor *errors(void) { return matrix64(&views[3], error_numbers, 3, 4); }
static trimtab_tensor *kernel(void) { return matrix64(&views[3], kernel_numbers, 2, 2); }
static trimtab_tensor *evaluations(void) { return labels64(&views[4], evaluation_numbers, 3); }
static trimtab_tensor *distances(void) { return vector64(&views[5], distance_numbers, 3); }

static int32_t square(void *user, const double *x, double *values) {
  (void)user;
  values[0] = x[0] * x[0];
  return 0;
}
static int32_t decay(void *user, double t, const double *y, double *values) {
  (void)user;
  (void)t;
  values[0] = -y[0];
  return 0;
}
static int32_t steady(void *user, double rate, double *loss) {
  (void)user;
  *loss = 1 / (1 + rate);
  return 0;
}
static int32_t short_run(void *user, uint64_t seed, double peak_rate, int64_t warm_up_steps, trimtab_run_course *course) {
  (void)user;
  (void)seed;
  (void)warm_up_steps;
  course->initial_loss = 1;
  course->greatest_loss = peak_rate > 0.1 ? 9 : 1;
  course->final_loss = 0.5;
  return 0;
}
static int32_t stop(void *user, int64_t done, int64_t total) {
  (void)user;
  (void)done;
  (void)total;
  return 1;
}

/* What a call with options does beside them: writes a report, makes a handle, runs until its progress stops it. */
#define REPORTED(type, init, call)                            \
  trimtab_##type report = TRIMTAB_##init##_INIT;              \
  return call
#define MADE(type, call)                                      \
  trimtab_##type *made = NULL;                                \
  const trimtab_status status = call;                         \
  CHECK((made != NULL) == (status == TRIMTAB_OK));            \
  trimtab_##type##_destroy(made);                             \
  return status
#define STOPPED(call)                                         \
  const trimtab_status status = call;                         \
  return status == TRIMTAB_ERROR_CALLBACK ? TRIMTAB_OK : status
#define RETURNED(call) return call
#define WITH_OPTIONS(name, type, body)                        \
  static trimtab_status options_##name(const void *options) { \
    const trimtab_##type *o = (const trimtab_##type *)options; \
    body;                                                     \
  }
WITH_OPTIONS(feature_scale, feature_scale_options, REPORTED(feature_scale_report, FEATURE_SCALE_REPORT, trimtab_feature_scale(real(), o, &report)))
WITH_OPTIONS(scale_profile_create, feature_scale_options, MADE(scale_profile, trimtab_scale_profile_create(o, &made)))
WITH_OPTIONS(overlap, overlap_options, REPORTED(overlap_report, OVERLAP_REPORT, trimtab_overlap(real(), fake(), o, &report)))
WITH_OPTIONS(curriculum_create, curriculum_options, MADE(curriculum, trimtab_curriculum_create(o, &made)))
WITH_OPTIONS(batch_leakage, leakage_options, REPORTED(batch_leakage_report, BATCH_LEAKAGE_REPORT, trimtab_batch_leakage(batch_mean_out, NULL, real(), NULL, 1, o, &report)))
WITH_OPTIONS(leakage_create, leakage_options, MADE(leakage, trimtab_leakage_create(o, &made)))
WITH_OPTIONS(gradient_balance, balance_options, REPORTED(gradient_balance_report, GRADIENT_BALANCE_REPORT, trimtab_gradient_balance(real(), fake(), o, &report)))
WITH_OPTIONS(balance_create, balance_options, MADE(balance, trimtab_balance_create(o, &made)))
WITH_OPTIONS(balance_losses, loss_balance_options, RETURNED(trimtab_balance_losses(2, ones, ones, ones, o, weights, NULL)))
WITH_OPTIONS(smoothness_probe, smoothness_options, REPORTED(smoothness_report, SMOOTHNESS_REPORT, trimtab_smoothness_probe(square, NULL, 1, 1, zeros, ones, o, &report)))
WITH_OPTIONS(solve, solver_options, REPORTED(solver_report, SOLVER_REPORT, trimtab_solve(decay, NULL, 0, 1, 1, ones, o, NULL, &report)))
WITH_OPTIONS(solve_to_kinks, solver_options, REPORTED(solver_report, SOLVER_REPORT, trimtab_solve_to_kinks(decay, decay, NULL, 0, 1, 1, 1, ones, o, 0, NULL, NULL, &report)))
WITH_OPTIONS(lab_run, lab_options, STOPPED(trimtab_lab_run("dying-relu", o, &lab_result)))
WITH_OPTIONS(exposure_bias, exposure_bias_options, REPORTED(exposure_bias_report, EXPOSURE_BIAS_REPORT, trimtab_exposure_bias(errors(), errors(), NULL, o, &report)))
WITH_OPTIONS(exposure_create, exposure_bias_options, MADE(exposure, trimtab_exposure_create(o, &made)))
WITH_OPTIONS(state_noise, state_noise_options, RETURNED(trimtab_state_noise(real(), 1, o, output())))
WITH_OPTIONS(posterior_collapse, posterior_collapse_options, REPORTED(posterior_collapse_report, POSTERIOR_COLLAPSE_REPORT, trimtab_posterior_collapse(real(), fake(), NULL, o, &report)))
WITH_OPTIONS(posterior_create, posterior_collapse_options, MADE(posterior, trimtab_posterior_create(o, &made)))
WITH_OPTIONS(sample_coverage, coverage_options, REPORTED(coverage_report, COVERAGE_REPORT, trimtab_sample_coverage(real(), fake(), NULL, o, &report)))
WITH_OPTIONS(bins_create, bin_options, MADE(bins, trimtab_bins_create(real(), o, &made)))
WITH_OPTIONS(sampling_cost, sampling_options, REPORTED(sampling_report, SAMPLING_REPORT, trimtab_sampling_cost(evaluations(), distances(), o, &report)))
WITH_OPTIONS(rate_range_test, rate_range_options, REPORTED(rate_range_report, RATE_RANGE_REPORT, trimtab_rate_range_test(steady, NULL, o, &report)))
WITH_OPTIONS(peak_rate_search, peak_rate_options, REPORTED(peak_rate_report, PEAK_RATE_REPORT, trimtab_peak_rate_search(short_run, NULL, o, &report)))

static trimtab_status audited(trimtab_curriculum_state *state) {
  void *handle = NULL;
  trimtab_status status;
  CHECK_OK(kind_curriculum_create(&handle));
  status = trimtab_curriculum_audit((trimtab_curriculum *)handle, 10, 0.5, 1, state);
  kind_curriculum_destroy(handle);
  return status;
}
#define WITH_REPORT(name, type, returned)                        \
  static trimtab_status report_##name(void *report) {            \
    trimtab_##type *r = (trimtab_##type *)report;                \
    return returned;                                             \
  }
WITH_REPORT(feature_scale, feature_scale_report, trimtab_feature_scale(real(), NULL, r))
WITH_REPORT(overlap, overlap_report, trimtab_overlap(real(), fake(), NULL, r))
WITH_REPORT(curriculum_audit, curriculum_state, audited(r))
WITH_REPORT(batch_leakage, batch_leakage_report, trimtab_batch_leakage(batch_mean_out, NULL, real(), NULL, 1, NULL, r))
WITH_REPORT(gradient_balance, gradient_balance_report, trimtab_gradient_balance(real(), fake(), NULL, r))
WITH_REPORT(blur, blur_report, trimtab_blur(errors(), errors(), 1, 0.5, r))
WITH_REPORT(game_stability, game_report, trimtab_game_stability(kernel(), 0.1, r))
WITH_REPORT(smoothness_probe, smoothness_report, trimtab_smoothness_probe(square, NULL, 1, 1, zeros, ones, NULL, r))
WITH_REPORT(solve, solver_report, trimtab_solve(decay, NULL, 0, 1, 1, ones, NULL, NULL, r))
WITH_REPORT(solve_to_kinks, solver_report, trimtab_solve_to_kinks(decay, decay, NULL, 0, 1, 1, 1, ones, NULL, 0, NULL, NULL, r))
WITH_REPORT(exposure_bias, exposure_bias_report, trimtab_exposure_bias(errors(), errors(), NULL, NULL, r))
WITH_REPORT(posterior_collapse, posterior_collapse_report, trimtab_posterior_collapse(real(), fake(), NULL, NULL, r))
WITH_REPORT(sample_coverage, coverage_report, trimtab_sample_coverage(real(), fake(), NULL, NULL, r))
WITH_REPORT(birthday, birthday_report, trimtab_birthday(real(), 0, r))
WITH_REPORT(vendi_score, vendi_score_report, trimtab_vendi_score(real(), 0, r))
WITH_REPORT(vendi_score_of_kernel, vendi_score_report, trimtab_vendi_score_of_kernel(kernel(), r))
WITH_REPORT(sampling_cost, sampling_report, trimtab_sampling_cost(evaluations(), distances(), NULL, r))
WITH_REPORT(rate_range_test, rate_range_report, trimtab_rate_range_test(steady, NULL, NULL, r))
WITH_REPORT(peak_rate_search, peak_rate_report, trimtab_peak_rate_search(short_run, NULL, NULL, r))
WITH_REPORT(warm_up_need, warm_up_report, trimtab_warm_up_need(short_run, NULL, 1, 4, 1, r))
WITH_REPORT(lab_experiment, experiment, trimtab_lab_experiment(0, r))
WITH_REPORT(lab_result_report, lab_report, trimtab_lab_result_report(lab_result, r))
WITH_REPORT(lab_result_measurement, lab_measurement, trimtab_lab_result_measurement(lab_result, 0, r))
WITH_REPORT(lab_result_expectation, lab_expectation, trimtab_lab_result_expectation(lab_result, 0, r))

/* The report of a stream that has seen three batches. */
static void *stream_of(const char *name) {
  for (int k = 0; k < KIND_COUNT; k++)
    if (strcmp(kinds[k].name, name) == 0) return kind_filled(&kinds[k]);
  return NULL;
}
#define OF_STREAM(kind, name, type, call)                                             \
  static trimtab_status stream_##kind(void *report) {                                 \
    void *handle = stream_of(name);                                                   \
    const trimtab_status status = call((trimtab_##kind *)handle, (trimtab_##type *)report); \
    trimtab_##kind##_destroy((trimtab_##kind *)handle);                               \
    return status;                                                                    \
  }
OF_STREAM(scale_profile, "feature_scale", feature_scale_report, trimtab_scale_profile_report)
OF_STREAM(generator_signal, "generator_signal", generator_signal_report, trimtab_generator_signal_sum)
OF_STREAM(curriculum, "curriculum", curriculum_state, trimtab_curriculum_report)
OF_STREAM(leakage, "batch_leakage", batch_leakage_report, trimtab_leakage_report)
OF_STREAM(balance, "gradient_balance", gradient_balance_report, trimtab_balance_report)
OF_STREAM(exposure, "exposure", exposure_bias_report, trimtab_exposure_report)
OF_STREAM(posterior, "posterior", posterior_collapse_report, trimtab_posterior_report)
OF_STREAM(bins, "bins", bin_report, trimtab_bins_report)
OF_STREAM(vendi, "vendi", vendi_score_report, trimtab_vendi_report)

static const trimtab_feature_scale_options feature_scale_options_defaults = TRIMTAB_FEATURE_SCALE_OPTIONS_INIT;
static const trimtab_overlap_options overlap_options_defaults = TRIMTAB_OVERLAP_OPTIONS_INIT;
static const trimtab_curriculum_options curriculum_options_defaults = TRIMTAB_CURRICULUM_OPTIONS_INIT;
static const trimtab_leakage_options leakage_options_defaults = TRIMTAB_LEAKAGE_OPTIONS_INIT;
static const trimtab_balance_options balance_options_defaults = TRIMTAB_BALANCE_OPTIONS_INIT;
static const trimtab_loss_balance_options loss_balance_options_defaults = TRIMTAB_LOSS_BALANCE_OPTIONS_INIT;
static const trimtab_smoothness_options smoothness_options_defaults = TRIMTAB_SMOOTHNESS_OPTIONS_INIT;
static const trimtab_solver_options solver_options_defaults = TRIMTAB_SOLVER_OPTIONS_INIT;
static const trimtab_exposure_bias_options exposure_bias_options_defaults = TRIMTAB_EXPOSURE_BIAS_OPTIONS_INIT;
static const trimtab_state_noise_options state_noise_options_defaults = TRIMTAB_STATE_NOISE_OPTIONS_INIT;
static const trimtab_posterior_collapse_options posterior_collapse_options_defaults = TRIMTAB_POSTERIOR_COLLAPSE_OPTIONS_INIT;
static const trimtab_coverage_options coverage_options_defaults = TRIMTAB_COVERAGE_OPTIONS_INIT;
static const trimtab_bin_options bin_options_defaults = TRIMTAB_BIN_OPTIONS_INIT;
static const trimtab_sampling_options sampling_options_defaults = TRIMTAB_SAMPLING_OPTIONS_INIT;
static const trimtab_rate_range_options rate_range_options_defaults = TRIMTAB_RATE_RANGE_OPTIONS_INIT;
static const trimtab_peak_rate_options peak_rate_options_defaults = TRIMTAB_PEAK_RATE_OPTIONS_INIT;
static const trimtab_lab_options lab_options_defaults = {(uint32_t)sizeof(trimtab_lab_options), 0, 8, 0, stop, NULL};

static const option_call option_calls[] = {
    {"feature_scale", &feature_scale_options_defaults, sizeof feature_scale_options_defaults, options_feature_scale},
    {"scale_profile_create", &feature_scale_options_defaults, sizeof feature_scale_options_defaults, options_scale_profile_create},
    {"overlap", &overlap_options_defaults, sizeof overlap_options_defaults, options_overlap},
    {"curriculum_create", &curriculum_options_defaults, sizeof curriculum_options_defaults, options_curriculum_create},
    {"batch_leakage", &leakage_options_defaults, sizeof leakage_options_defaults, options_batch_leakage},
    {"leakage_create", &leakage_options_defaults, sizeof leakage_options_defaults, options_leakage_create},
    {"gradient_balance", &balance_options_defaults, sizeof balance_options_defaults, options_gradient_balance},
    {"balance_create", &balance_options_defaults, sizeof balance_options_defaults, options_balance_create},
    {"balance_losses", &loss_balance_options_defaults, sizeof loss_balance_options_defaults, options_balance_losses},
    {"smoothness_probe", &smoothness_options_defaults, sizeof smoothness_options_defaults, options_smoothness_probe},
    {"solve", &solver_options_defaults, sizeof solver_options_defaults, options_solve},
    {"solve_to_kinks", &solver_options_defaults, sizeof solver_options_defaults, options_solve_to_kinks},
    {"lab_run", &lab_options_defaults, sizeof lab_options_defaults, options_lab_run},
    {"exposure_bias", &exposure_bias_options_defaults, sizeof exposure_bias_options_defaults, options_exposure_bias},
    {"exposure_create", &exposure_bias_options_defaults, sizeof exposure_bias_options_defaults, options_exposure_create},
    {"state_noise", &state_noise_options_defaults, sizeof state_noise_options_defaults, options_state_noise},
    {"posterior_collapse", &posterior_collapse_options_defaults, sizeof posterior_collapse_options_defaults, options_posterior_collapse},
    {"posterior_create", &posterior_collapse_options_defaults, sizeof posterior_collapse_options_defaults, options_posterior_create},
    {"sample_coverage", &coverage_options_defaults, sizeof coverage_options_defaults, options_sample_coverage},
    {"bins_create", &bin_options_defaults, sizeof bin_options_defaults, options_bins_create},
    {"sampling_cost", &sampling_options_defaults, sizeof sampling_options_defaults, options_sampling_cost},
    {"rate_range_test", &rate_range_options_defaults, sizeof rate_range_options_defaults, options_rate_range_test},
    {"peak_rate_search", &peak_rate_options_defaults, sizeof peak_rate_options_defaults, options_peak_rate_search},
};

static const report_call report_calls[] = {
    {"feature_scale", sizeof(trimtab_feature_scale_report), report_feature_scale},
    {"overlap", sizeof(trimtab_overlap_report), report_overlap},
    {"curriculum_audit", sizeof(trimtab_curriculum_state), report_curriculum_audit},
    {"batch_leakage", sizeof(trimtab_batch_leakage_report), report_batch_leakage},
    {"gradient_balance", sizeof(trimtab_gradient_balance_report), report_gradient_balance},
    {"blur", sizeof(trimtab_blur_report), report_blur},
    {"game_stability", sizeof(trimtab_game_report), report_game_stability},
    {"smoothness_probe", sizeof(trimtab_smoothness_report), report_smoothness_probe},
    {"solve", sizeof(trimtab_solver_report), report_solve},
    {"solve_to_kinks", sizeof(trimtab_solver_report), report_solve_to_kinks},
    {"exposure_bias", sizeof(trimtab_exposure_bias_report), report_exposure_bias},
    {"posterior_collapse", sizeof(trimtab_posterior_collapse_report), report_posterior_collapse},
    {"sample_coverage", sizeof(trimtab_coverage_report), report_sample_coverage},
    {"birthday", sizeof(trimtab_birthday_report), report_birthday},
    {"vendi_score", sizeof(trimtab_vendi_score_report), report_vendi_score},
    {"vendi_score_of_kernel", sizeof(trimtab_vendi_score_report), report_vendi_score_of_kernel},
    {"sampling_cost", sizeof(trimtab_sampling_report), report_sampling_cost},
    {"rate_range_test", sizeof(trimtab_rate_range_report), report_rate_range_test},
    {"peak_rate_search", sizeof(trimtab_peak_rate_report), report_peak_rate_search},
    {"warm_up_need", sizeof(trimtab_warm_up_report), report_warm_up_need},
    {"lab_experiment", sizeof(trimtab_experiment), report_lab_experiment},
    {"lab_result_report", sizeof(trimtab_lab_report), report_lab_result_report},
    {"lab_result_measurement", sizeof(trimtab_lab_measurement), report_lab_result_measurement},
    {"lab_result_expectation", sizeof(trimtab_lab_expectation), report_lab_result_expectation},
    {"scale_profile_report", sizeof(trimtab_feature_scale_report), stream_scale_profile},
    {"generator_signal_sum", sizeof(trimtab_generator_signal_report), stream_generator_signal},
    {"curriculum_report", sizeof(trimtab_curriculum_state), stream_curriculum},
    {"leakage_report", sizeof(trimtab_batch_leakage_report), stream_leakage},
    {"balance_report", sizeof(trimtab_gradient_balance_report), stream_balance},
    {"exposure_report", sizeof(trimtab_exposure_bias_report), stream_exposure},
    {"posterior_report", sizeof(trimtab_posterior_collapse_report), stream_posterior},
    {"bins_report", sizeof(trimtab_bin_report), stream_bins},
    {"vendi_report", sizeof(trimtab_vendi_score_report), stream_vendi},
};
#include "struct_sizes.h"

int main(void) {
  trimtab_lab_options one_seed = TRIMTAB_LAB_OPTIONS_INIT;
  one_seed.seeds = 1;
  fill_normal(real_numbers, 60, 1);
  fill_normal(fake_numbers, 60, 2);
  for (int i = 0; i < 12; i++) error_numbers[i] = i + 1;
  if (trimtab_lab_run("dying-relu", &one_seed, &lab_result) != TRIMTAB_OK) return 1;
  RUN(option_sizes);
  RUN(report_sizes);
  RUN(reports_end_where_they_end);
  trimtab_lab_result_destroy(lab_result);
  return finish("system_structs");
}
