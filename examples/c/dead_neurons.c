/* Which neurons of a layer are dead? A layer of 64 ReLU units, 40 of which were thrown far below zero. */
#include <stdio.h>
#include <stdlib.h>
#include <trimtab.h>

enum { SAMPLES = 1200, UNITS = 64 };

int main(void) {
  static float preactivations[SAMPLES * UNITS];
  static uint8_t dead[UNITS];
  int64_t shape[2] = {SAMPLES, UNITS};
  trimtab_tensor tensor = {preactivations, {TRIMTAB_DEVICE_CPU, 0}, 2, {TRIMTAB_DTYPE_FLOAT, 32, 1}, shape, NULL, 0};
  trimtab_activity_report report = TRIMTAB_ACTIVITY_REPORT_INIT;
  srand(1);
  for (int i = 0; i < SAMPLES * UNITS; i++) {
    const float z = 4.0f * (float)rand() / (float)RAND_MAX - 2.0f;
    preactivations[i] = i % UNITS < 40 ? z - 100.0f : z;
  }
  if (trimtab_dead_neurons(&tensor, NULL, &report, dead) != TRIMTAB_OK) {
    fprintf(stderr, "%s\n", trimtab_last_error());
    return 1;
  }
  printf("%lld of %lld units dead over %lld samples: %s (threshold %g)\n", (long long)report.dead_count, (long long)report.unit_count,
         (long long)report.sample_count, trimtab_verdict_name(report.verdict), report.threshold);
  printf("  why:   %s\n  cure:  %s\n  check: %s\n", trimtab_cause_text(report.cause), trimtab_cure_text(report.cause),
         trimtab_check_text(report.cause));
  printf("  units:");
  for (int j = 0; j < UNITS; j++)
    if (dead[j]) printf(" %d", j);
  printf("\n");
  return 0;
}
