/* Does data before a discriminator need scaling, whitening, or neither? Two features that are nearly the same. */
#include <stdio.h>
#include <stdlib.h>
#include <trimtab.h>

enum { SAMPLES = 1000, FEATURES = 3 };

int main(void) {
  static double samples[SAMPLES * FEATURES];
  static const char *const advice[] = {"neither", "standardise", "whiten"};
  int64_t shape[2] = {SAMPLES, FEATURES};
  trimtab_tensor tensor = {samples, {TRIMTAB_DEVICE_CPU, 0}, 2, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape, NULL, 0};
  trimtab_conditioning_advice_report report = TRIMTAB_CONDITIONING_ADVICE_REPORT_INIT;
  srand(1);
  for (int i = 0; i < SAMPLES; i++) {
    const double x = (double)rand() / RAND_MAX, y = (double)rand() / RAND_MAX, z = (double)rand() / RAND_MAX;
    samples[FEATURES * i] = x;
    samples[FEATURES * i + 1] = x + 0.01 * y;
    samples[FEATURES * i + 2] = z;
  }
  if (trimtab_conditioning_advice(&tensor, NULL, 1e-6, &report) != TRIMTAB_OK) {
    fprintf(stderr, "%s\n", trimtab_last_error());
    return 1;
  }
  printf("%s: %.0f steps as the data are, %.0f standardised, %.0f whitened: %s\n", trimtab_verdict_name(report.verdict),
         report.steps, report.steps_standardised, report.steps_whitened, advice[report.advice]);
  return 0;
}
