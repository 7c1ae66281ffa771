/* Do pseudo-labels hold still? Six rounds of self-training, one in four samples of which goes back and forth between two classes. */
#include <stdio.h>
#include <trimtab.h>

enum { SAMPLES = 200, CLASSES = 3, ROUNDS = 6 };

static int failed(trimtab_status status) {
  if (status != TRIMTAB_OK) fprintf(stderr, "%s: %s\n", trimtab_status_name(status), trimtab_last_error());
  return status != TRIMTAB_OK;
}

int main(void) {
  static float probabilities[SAMPLES * CLASSES];
  int64_t shape[2] = {SAMPLES, CLASSES};
  trimtab_tensor tensor = {probabilities, {TRIMTAB_DEVICE_CPU, 0}, 2, {TRIMTAB_DTYPE_FLOAT, 32, 1}, shape, NULL, 0};
  trimtab_label_drift *drift = NULL;
  if (failed(trimtab_label_drift_create(NULL, &drift))) return 1;
  for (int round = 0; round < ROUNDS; round++) {
    trimtab_drift_report report = TRIMTAB_DRIFT_REPORT_INIT;
    for (int i = 0; i < SAMPLES; i++) {
      const int label = (i % CLASSES + (i % 4 == 0 ? round % 2 : 0)) % CLASSES;
      for (int c = 0; c < CLASSES; c++) probabilities[i * CLASSES + c] = c == label ? 0.7f : 0.15f;
    }
    /* NULL for the ids: the same samples in the same order every round. */
    if (failed(trimtab_label_drift_add(drift, round, NULL, &tensor)) || failed(trimtab_label_drift_report(drift, &report))) {
      trimtab_label_drift_destroy(drift);
      return 1;
    }
    printf("round %d: flip rate %.3f, of them back again %.2f: %s", round, report.flip_rate, report.oscillation_share,
           trimtab_verdict_name(report.verdict));
    printf("%s%s\n", report.cause ? ", " : "", trimtab_cause_text(report.cause));
    if (round == ROUNDS - 1) printf("cure: %s\n", trimtab_cure_text(report.cause));
  }
  trimtab_label_drift_destroy(drift);
  return 0;
}
