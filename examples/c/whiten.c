/* Whitening: the cure for features that are nearly linear functions of one another. Batches stream in, the map is fitted once, and applied in place. */
#include <stdio.h>
#include <stdlib.h>
#include <trimtab.h>

enum { BATCHES = 20, BATCH = 64, FEATURES = 4 };

static double noise(void) {
  double total = -6;
  for (int i = 0; i < 12; i++) total += (double)rand() / RAND_MAX;
  return total;
}

static int failed(trimtab_status status) {
  if (status != TRIMTAB_OK) fprintf(stderr, "%s: %s\n", trimtab_status_name(status), trimtab_last_error());
  return status != TRIMTAB_OK;
}

static int show(const char *title, const trimtab_covariance *covariance) {
  trimtab_conditioning_report report = TRIMTAB_CONDITIONING_REPORT_INIT;
  if (failed(trimtab_covariance_report(covariance, &report))) return 1;
  printf("%s: condition number %.6g, %s\n", title, report.condition_number, trimtab_verdict_name(report.verdict));
  return 0;
}

int main(void) {
  static double samples[BATCHES][BATCH * FEATURES];
  trimtab_tensor batches[BATCHES];
  int64_t shape[2] = {BATCH, FEATURES};
  trimtab_covariance *before = NULL, *after = NULL;
  trimtab_whitener *whitener = NULL;
  int status = 1;
  srand(1);
  if (failed(trimtab_covariance_create(NULL, &before)) || failed(trimtab_covariance_create(NULL, &after))) goto done;
  for (int b = 0; b < BATCHES; b++) {
    for (int i = 0; i < BATCH; i++) {
      double *row = samples[b] + i * FEATURES;
      for (int j = 0; j < FEATURES; j++) row[j] = noise();
      row[3] = row[0] + row[1] + 0.01 * row[3];
    }
    batches[b] = (trimtab_tensor){samples[b], {TRIMTAB_DEVICE_CPU, 0}, 2, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape, NULL, 0};
    if (failed(trimtab_covariance_add(before, &batches[b]))) goto done;
  }
  if (show("as it is", before)) goto done;
  if (failed(trimtab_whitener_fit(before, NULL, &whitener))) goto done;
  for (int b = 0; b < BATCHES; b++) {
    if (failed(trimtab_whitener_apply(whitener, &batches[b], &batches[b]))) goto done;
    if (failed(trimtab_covariance_add(after, &batches[b]))) goto done;
  }
  status = show("whitened", after);
done:
  trimtab_whitener_destroy(whitener);
  trimtab_covariance_destroy(before);
  trimtab_covariance_destroy(after);
  return status;
}
