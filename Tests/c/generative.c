/* Exposure bias, posterior collapse, mode collapse and sampling cost: oracles of the definitions, states, callbacks, refusals. */
#include "check.h"

static trimtab_tensor doubles(double *data, int64_t *shape, int32_t rank) {
  trimtab_tensor tensor = {data, {TRIMTAB_DEVICE_CPU, 0}, rank, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape, NULL, 0};
  return tensor;
}

/* Numbers that look random. */
static double noise(uint64_t *state) {
  double sum = 0;
  for (int i = 0; i < 12; i++) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    sum += (double)(*state >> 11) / 9007199254740992.0;
  }
  return sum - 6;
}

static void exposure(void) {
  static double teacher[200], own[200];
  int64_t shape[2] = {1, 200}, count = -1;
  trimtab_exposure_bias_report report = TRIMTAB_EXPOSURE_BIAS_REPORT_INIT;
  trimtab_exposure_length rows[200];
  trimtab_exposure *made = NULL, *other = NULL, *loaded = NULL;
  unsigned char state[16384];
  int64_t needed = 0;
  double kept = 1;
  for (int t = 0; t < 200; t++) {
    kept *= 0.99;
    teacher[t] = 0.01;
    own[t] = 1 - kept;
  }
  trimtab_tensor forced = doubles(teacher, shape, 2), running = doubles(own, shape, 2);
  CHECK_OK(trimtab_exposure_bias(&forced, &running, NULL, NULL, &report));
  CHECK(report.verdict == TRIMTAB_VERDICT_CRITICAL && report.cause == TRIMTAB_CAUSE_EXPOSURE_BIAS && report.length == 200);
  CHECK_NEAR(report.accumulated_error, 114.26398781093833, 1e-12);
  CHECK_OK(trimtab_exposure_create(NULL, &made));
  CHECK_OK(trimtab_exposure_create(NULL, &other));
  CHECK_OK(trimtab_exposure_report(made, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
  CHECK_OK(trimtab_exposure_add(other, &forced, &running, NULL));
  CHECK_OK(trimtab_exposure_merge(made, other));
  CHECK_OK(trimtab_exposure_save(made, state, sizeof state, &needed));
  CHECK_OK(trimtab_exposure_load(state, needed, &loaded));
  CHECK_OK(trimtab_exposure_lengths(loaded, rows, 50, &count));
  CHECK(count == 200 && rows[9].length == 10 && rows[9].free_count == 1);
  CHECK_NEAR(rows[9].accumulated_error, 0.533825425871645, 1e-12);
  CHECK_NEAR(rows[49].excess, 20.791201293232257, 1e-12);
  CHECK_STATUS(trimtab_exposure_lengths(loaded, NULL, 1, &count), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_exposure_lengths(loaded, rows, -1, &count), TRIMTAB_ERROR_INVALID_ARGUMENT);
  for (int64_t i = 0; i < needed; i += 7) {
    trimtab_exposure *broken = NULL;
    state[i] ^= 0x10;
    CHECK(trimtab_exposure_load(state, needed, &broken) != TRIMTAB_OK && broken == NULL);
    state[i] ^= 0x10;
  }
  shape[1] = 100;
  trimtab_tensor shorter = doubles(own, shape, 2);
  int64_t longer[2] = {1, 200};
  trimtab_tensor whole = doubles(teacher, longer, 2);
  CHECK_STATUS(trimtab_exposure_add(made, &whole, &shorter, NULL), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_exposure_bias(NULL, &running, NULL, NULL, &report), TRIMTAB_ERROR_NULL_ARGUMENT);
  trimtab_exposure_destroy(made);
  trimtab_exposure_destroy(other);
  trimtab_exposure_destroy(loaded);
  trimtab_exposure_destroy(NULL);
}

static void linear_posterior(void) {
  const double eigenvalues[6] = {4, 2, 1.2, 0.8, 0.5, 0.1}, variances[3] = {0.3, 1, 3};
  const double divergences[3] = {3.6826681941146577, 1.130881549236895, 0.14384103622589045};
  const int64_t counts[3] = {5, 3, 1};
  for (int i = 0; i < 3; i++) {
    int64_t active = -1;
    double divergence = -1, each[6];
    CHECK_OK(trimtab_linear_posterior(eigenvalues, 6, variances[i], 1, &active, &divergence, each));
    CHECK(active == counts[i]);
    CHECK_NEAR(divergence, divergences[i], 1e-12);
    CHECK(each[5] == 0 && each[0] > 0);
  }
  CHECK_OK(trimtab_linear_posterior(eigenvalues, 6, 1, 1, NULL, NULL, NULL));
  CHECK_STATUS(trimtab_linear_posterior(NULL, 6, 1, 1, NULL, NULL, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_linear_posterior(eigenvalues, -1, 1, 1, NULL, NULL, NULL), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_linear_posterior(eigenvalues, 6, NAN, 1, NULL, NULL, NULL), TRIMTAB_ERROR_INVALID_ARGUMENT);
}

/* A decoder of the first latent alone; it fails at its third call where it is told to. */
static int32_t decode(void *user, const double *latents, int64_t samples, int64_t dimensions, double *outputs, int64_t count) {
  int64_t *calls = (int64_t *)user;
  if (calls[0]++ == calls[1]) return 7;
  for (int64_t i = 0; i < samples; i++)
    for (int64_t o = 0; o < count; o++) outputs[i * count + o] = latents[i * dimensions];
  return 0;
}

static void decoders(void) {
  static double latents[100];
  int64_t shape[2] = {50, 2}, calls[2] = {0, -1};
  double each[2] = {-1, -1};
  uint64_t seed = 1;
  for (int i = 0; i < 100; i++) latents[i] = noise(&seed);
  trimtab_tensor given = doubles(latents, shape, 2);
  CHECK_OK(trimtab_decoder_sensitivities(&given, 3, decode, calls, each));
  CHECK(calls[0] == 3 && each[0] > 0.5 && each[1] == 0);
  calls[0] = 0;
  calls[1] = 2;
  each[0] = each[1] = -1;
  CHECK_STATUS(trimtab_decoder_sensitivities(&given, 3, decode, calls, each), TRIMTAB_ERROR_CALLBACK);
  CHECK(each[0] == -1 && each[1] == -1);
  CHECK_STATUS(trimtab_decoder_sensitivities(&given, 3, NULL, calls, each), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_decoder_sensitivities(&given, 0, decode, calls, each), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_decoder_sensitivities(&given, INT64_MAX, decode, calls, each), TRIMTAB_ERROR_INVALID_ARGUMENT);
}

static void posteriors(void) {
  static double means[200], logs[200];
  int64_t shape[2] = {100, 2};
  uint64_t seed = 2;
  trimtab_posterior_collapse_report report = TRIMTAB_POSTERIOR_COLLAPSE_REPORT_INIT;
  trimtab_posterior_collapse_options options = TRIMTAB_POSTERIOR_COLLAPSE_OPTIONS_INIT;
  trimtab_posterior *made = NULL;
  trimtab_latent_dimension each[2];
  for (int i = 0; i < 100; i++) means[2 * i] = noise(&seed);
  trimtab_tensor mu = doubles(means, shape, 2), log_variances = doubles(logs, shape, 2);
  CHECK_OK(trimtab_posterior_collapse(&mu, &log_variances, NULL, NULL, &report));
  CHECK(report.active_count == 1 && report.collapsed_count == 1 && report.verdict == TRIMTAB_VERDICT_NOTICE);
  CHECK(isnan(report.information) && report.draw_count == 0);
  options.expected_active_count = 2;
  CHECK_OK(trimtab_posterior_collapse(&mu, &log_variances, &mu, &options, &report));
  CHECK(report.verdict == TRIMTAB_VERDICT_WARNING && report.cause == TRIMTAB_CAUSE_POSTERIOR_COLLAPSE);
  CHECK(report.draw_count == 100 && !isnan(report.information));
  CHECK_OK(trimtab_posterior_create(NULL, &made));
  CHECK_OK(trimtab_posterior_add(made, &mu, &log_variances, NULL));
  CHECK_OK(trimtab_posterior_dimensions(made, 2, each));
  CHECK(each[0].is_active && !each[0].is_collapsed && each[1].is_collapsed && each[1].divergence == 0);
  CHECK_STATUS(trimtab_posterior_dimensions(made, 3, each), TRIMTAB_ERROR_MISMATCH);
  trimtab_posterior_destroy(made);
}

static void cures(void) {
  double weight = -1, loss = -1, values[4] = {0.1, 2, 0.9, 0.2}, slopes[4], noisy[4];
  int64_t shape[2] = {2, 2};
  trimtab_tensor given = doubles(values, shape, 2), slope = doubles(slopes, shape, 2), output = doubles(noisy, shape, 2);
  trimtab_state_noise_options options = TRIMTAB_STATE_NOISE_OPTIONS_INIT;
  CHECK_OK(trimtab_annealed_weight(5, 100, 4, 0.5, &weight));
  CHECK_NEAR(weight, 0.4, 1e-12);
  CHECK_STATUS(trimtab_annealed_weight(-1, 100, 4, 0.5, &weight), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_annealed_weight(INT64_MAX, INT64_MAX, INT64_MAX, 0, &weight), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_OK(trimtab_annealed_weight(INT64_MAX, INT64_MAX, INT64_MAX, 1, &weight));
  CHECK_OK(trimtab_free_bits(&given, 0.5, &loss, &slope));
  CHECK_NEAR(loss, 1.95, 1e-12);
  CHECK(slopes[0] == 0 && slopes[1] == 0.5 && slopes[2] == 0.5 && slopes[3] == 0);
  CHECK_STATUS(trimtab_free_bits(&given, NAN, &loss, NULL), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_OK(trimtab_state_noise(&given, 3, &options, &output));
  CHECK(noisy[0] != values[0] && fabs(noisy[0] - values[0]) < 0.5);
  CHECK_STATUS(trimtab_state_noise(&given, INT64_MIN, &options, &output), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options.ramp_steps = -1;
  CHECK_STATUS(trimtab_state_noise(&given, 0, &options, &output), TRIMTAB_ERROR_INVALID_ARGUMENT);
}

static void coverage(void) {
  static double real[600], fake[600], twice[600];
  int64_t shape[2] = {300, 2}, needed = 0;
  uint64_t seed = 3;
  double expected = -1;
  trimtab_coverage_report report = TRIMTAB_COVERAGE_REPORT_INIT;
  trimtab_coverage_options options = TRIMTAB_COVERAGE_OPTIONS_INIT;
  trimtab_bin_report counted = TRIMTAB_BIN_REPORT_INIT;
  trimtab_bins *bins = NULL, *other = NULL;
  static unsigned char state[1 << 16];
  for (int i = 0; i < 600; i++) {
    real[i] = noise(&seed) + (i % 4 < 2 ? 8 : 0);
    fake[i] = noise(&seed) + 8;
    twice[i] = 1;
  }
  trimtab_tensor data = doubles(real, shape, 2), samples = doubles(fake, shape, 2), constant = doubles(twice, shape, 2);
  CHECK_OK(trimtab_expected_coverage(500, 100, 3, &expected));
  CHECK_NEAR(expected, 0.42245751176191283, 1e-12);
  CHECK_OK(trimtab_sample_coverage(&data, &samples, NULL, NULL, &report));
  CHECK(report.cause == TRIMTAB_CAUSE_MODE_COLLAPSE && report.verdict >= TRIMTAB_VERDICT_WARNING && report.coverage < 0.6);
  CHECK_OK(trimtab_sample_coverage(&data, &data, NULL, &options, &report));
  CHECK(report.coverage == 1 && report.verdict == TRIMTAB_VERDICT_HEALTHY && isnan(report.mode_share));
  CHECK_OK(trimtab_sample_coverage(&constant, &constant, NULL, NULL, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_DEGENERATE && report.coverage == 0);
  options.neighbours = 1 << 20;
  CHECK_OK(trimtab_sample_coverage(&data, &samples, NULL, &options, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.cause == TRIMTAB_CAUSE_FEWER_SAMPLES_THAN_NEIGHBOURS);
  CHECK(strstr(trimtab_cause_text(report.cause), "fewer samples than neighbours") != NULL && isnan(report.coverage));
  options.neighbours = INT64_MAX;
  CHECK_STATUS(trimtab_sample_coverage(&data, &samples, NULL, &options, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_OK(trimtab_bins_create(&data, NULL, &bins));
  CHECK_OK(trimtab_bins_save(bins, state, sizeof state, &needed));
  CHECK_OK(trimtab_bins_load(state, needed, &other));
  CHECK_OK(trimtab_bins_add(other, &samples));
  CHECK_OK(trimtab_bins_merge(bins, other));
  CHECK_OK(trimtab_bins_report(bins, &counted));
  CHECK(counted.bin_count == 30 && counted.fake_count == 300 && counted.share > 0.3);
  trimtab_bins_destroy(bins);
  trimtab_bins_destroy(other);
}

static void diversity(void) {
  double values[4] = {1, 2, 3, 1}, identity[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, probability = -1;
  int64_t four[1] = {4}, square[2] = {3, 3};
  trimtab_birthday_report birthday = TRIMTAB_BIRTHDAY_REPORT_INIT;
  trimtab_vendi_score_report vendi = TRIMTAB_VENDI_SCORE_REPORT_INIT;
  trimtab_vendi *made = NULL;
  trimtab_tensor given = doubles(values, four, 1), kernel = doubles(identity, square, 2);
  CHECK_OK(trimtab_birthday_probability(365, 23, &probability));
  CHECK_NEAR(probability, 0.5072972343239854, 1e-12);
  CHECK_OK(trimtab_birthday(&given, 0, &birthday));
  CHECK(birthday.pair_count == 1 && birthday.support == 6);
  CHECK_OK(trimtab_vendi_score_of_kernel(&kernel, &vendi));
  CHECK_NEAR(vendi.score, 3, 1e-12);
  CHECK_OK(trimtab_vendi_score(&kernel, 0, &vendi));
  CHECK_NEAR(vendi.score, 3, 1e-12);
  CHECK_OK(trimtab_vendi_create(&made));
  CHECK_OK(trimtab_vendi_report(made, &vendi));
  CHECK(vendi.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && isnan(vendi.score));
  CHECK_OK(trimtab_vendi_add(made, &kernel));
  CHECK_OK(trimtab_vendi_merge(made, made));
  CHECK_OK(trimtab_vendi_report(made, &vendi));
  CHECK_NEAR(vendi.score, 3, 1e-12);
  CHECK(vendi.sample_count == 6);
  trimtab_vendi_destroy(made);
}

static void sampling(void) {
  double evaluations[10] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 1000}, distance = -1;
  double distances[10] = {1.983, 1.974, 0.602, 0.114, 0.056, 0.030, 0.017, 0.011, 0.008, 0.0067};
  int64_t ten[1] = {10};
  trimtab_sampling_options options = TRIMTAB_SAMPLING_OPTIONS_INIT;
  trimtab_sampling_report report = TRIMTAB_SAMPLING_REPORT_INIT;
  trimtab_tensor steps = doubles(evaluations, ten, 1), values = doubles(distances, ten, 1);
  CHECK_OK(trimtab_sampling_cost(&steps, &values, NULL, &report));
  CHECK(report.least_evaluations == 256 && report.verdict == TRIMTAB_VERDICT_HEALTHY && isnan(report.distance));
  options.evaluations_in_use = 8;
  CHECK_OK(trimtab_sampling_cost(&steps, &values, &options, &report));
  CHECK(report.verdict == TRIMTAB_VERDICT_WARNING && report.cause == TRIMTAB_CAUSE_TOO_FEW_STEPS && report.distance == 0.114);
  options.evaluations_in_use = 9;
  CHECK_STATUS(trimtab_sampling_cost(&steps, &values, &options, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_OK(trimtab_wasserstein_distance(&steps, &steps, &distance));
  CHECK(distance == 0);
  CHECK_STATUS(trimtab_wasserstein_distance(&steps, NULL, &distance), TRIMTAB_ERROR_NULL_ARGUMENT);
}

int main(void) {
  RUN(exposure);
  RUN(linear_posterior);
  RUN(decoders);
  RUN(posteriors);
  RUN(cures);
  RUN(coverage);
  RUN(diversity);
  RUN(sampling);
  return finish("generative");
}
