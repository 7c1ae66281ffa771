/* Four ways in which generative models fail, each in one call: errors that pile up, latents that hold nothing, samples that
   miss half the data, and a sampler with too few steps. */
#include <math.h>
#include <stdio.h>
#include <trimtab.h>

enum { POINTS = 400, STEPS = 50 };

static int failed(trimtab_status status) {
  if (status != TRIMTAB_OK) fprintf(stderr, "%s: %s\n", trimtab_status_name(status), trimtab_last_error());
  return status != TRIMTAB_OK;
}

static trimtab_tensor tensor(double *data, int64_t *shape, int32_t rank) {
  trimtab_tensor made = {data, {TRIMTAB_DEVICE_CPU, 0}, rank, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape, NULL, 0};
  return made;
}

static void say(const char *what, trimtab_verdict verdict, trimtab_cause cause) {
  printf("%s: %s, %s\n  cure: %s\n", what, trimtab_verdict_name(verdict), trimtab_cause_text(cause), trimtab_cure_text(cause));
}

static int exposure(void) {
  static double teacher[STEPS], own[STEPS];
  int64_t shape[2] = {1, STEPS};
  trimtab_exposure_bias_report report = TRIMTAB_EXPOSURE_BIAS_REPORT_INIT;
  for (int t = 0; t < STEPS; t++) {
    teacher[t] = 0.01;
    own[t] = 1 - pow(0.99, t + 1); /* an error of one step in a hundred from which there is no way back */
  }
  trimtab_tensor forced = tensor(teacher, shape, 2), running = tensor(own, shape, 2);
  if (failed(trimtab_exposure_bias(&forced, &running, NULL, NULL, &report))) return 1;
  printf("%.0f %% more error than single steps explain\n", 100 * report.excess);
  say("exposure bias", report.verdict, report.cause);
  return 0;
}

static int posterior(void) {
  static double means[POINTS * 2], log_variances[POINTS * 2];
  int64_t shape[2] = {POINTS, 2};
  trimtab_posterior_collapse_report report = TRIMTAB_POSTERIOR_COLLAPSE_REPORT_INIT;
  for (int i = 0; i < POINTS; i++) means[2 * i] = 0.02 * sin(i);
  trimtab_tensor mu = tensor(means, shape, 2), logs = tensor(log_variances, shape, 2);
  if (failed(trimtab_posterior_collapse(&mu, &logs, NULL, NULL, &report))) return 1;
  printf("%d of %d latent dimensions active\n", (int)report.active_count, (int)report.dimension_count);
  say("posterior", report.verdict, report.cause);
  return 0;
}

static int coverage(void) {
  static double real[POINTS * 2], fake[POINTS * 2];
  int64_t shape[2] = {POINTS, 2};
  trimtab_coverage_report report = TRIMTAB_COVERAGE_REPORT_INIT;
  for (int i = 0; i < POINTS; i++) {
    /* The data go round a circle, the samples round half of it. */
    real[2 * i] = cos(i * 2.399963), real[2 * i + 1] = sin(i * 2.399963);
    fake[2 * i] = cos(i * 2.399963 + 0.01), fake[2 * i + 1] = fabs(sin(i * 2.399963 + 0.01));
  }
  trimtab_tensor data = tensor(real, shape, 2), samples = tensor(fake, shape, 2);
  if (failed(trimtab_sample_coverage(&data, &samples, NULL, NULL, &report))) return 1;
  printf("coverage %.2f where the data's own law has %.2f\n", report.coverage, report.expected_coverage);
  say("samples", report.verdict, report.cause);
  return 0;
}

static int sampling(void) {
  double evaluations[6] = {4, 8, 16, 32, 64, 1000}, distances[6] = {0.602, 0.114, 0.056, 0.030, 0.017, 0.0067};
  int64_t shape[1] = {6};
  trimtab_sampling_options options = TRIMTAB_SAMPLING_OPTIONS_INIT;
  trimtab_sampling_report report = TRIMTAB_SAMPLING_REPORT_INIT;
  options.noise_floor = 0.023;
  options.evaluations_in_use = 8;
  trimtab_tensor steps = tensor(evaluations, shape, 1), values = tensor(distances, shape, 1);
  if (failed(trimtab_sampling_cost(&steps, &values, &options, &report))) return 1;
  printf("%d evaluations are as good as %d\n", (int)report.least_evaluations, (int)report.greatest_evaluations);
  say("8 evaluations", report.verdict, report.cause);
  return 0;
}

int main(void) { return exposure() || posterior() || coverage() || sampling(); }
