/* Is this data too ill-conditioned to learn from? Three features on very different scales; standardising them cures it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <trimtab.h>

enum { SAMPLES = 500, FEATURES = 3 };

static double noise(void) {
  double total = -6;
  for (int i = 0; i < 12; i++) total += (double)rand() / RAND_MAX;
  return total;
}

static int show(const char *title, double *samples) {
  int64_t shape[2] = {SAMPLES, FEATURES};
  trimtab_tensor tensor = {samples, {TRIMTAB_DEVICE_CPU, 0}, 2, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape, NULL, 0};
  trimtab_conditioning_report report = TRIMTAB_CONDITIONING_REPORT_INIT;
  if (trimtab_condition_number(&tensor, NULL, &report) != TRIMTAB_OK) {
    fprintf(stderr, "%s\n", trimtab_last_error());
    return 1;
  }
  printf("%s: condition number %.4g, %s\n", title, report.condition_number, trimtab_verdict_name(report.verdict));
  printf("  largest stable learning rate %.3g; each step leaves %.6f of the error\n", report.largest_stable_learning_rate,
         report.gradient_descent_rate);
  if (report.cause != TRIMTAB_CAUSE_NONE) {
    printf("  why:  %s\n  cure: %s\n", trimtab_cause_text(report.cause), trimtab_cure_text(report.cause));
    for (int64_t i = 0; i < report.blamed_count; i++)
      printf("  feature %lld has %.0f %% of the blame\n", (long long)report.blamed_features[i], 100 * report.blamed_shares[i]);
  }
  return 0;
}

int main(void) {
  static double samples[SAMPLES * FEATURES];
  const double scales[FEATURES] = {0.01, 1, 2000}; /* metres, years, grams */
  srand(1);
  for (int i = 0; i < SAMPLES; i++)
    for (int j = 0; j < FEATURES; j++) samples[i * FEATURES + j] = scales[j] * noise();
  if (show("as measured", samples)) return 1;
  for (int i = 0; i < SAMPLES; i++)
    for (int j = 0; j < FEATURES; j++) samples[i * FEATURES + j] /= scales[j];
  return show("standardised", samples);
}
