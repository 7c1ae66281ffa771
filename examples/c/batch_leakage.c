/* A discriminator that looks at the company a sample keeps: the cross-sample share and the composition gap name it. */
#include <math.h>
#include <stdio.h>
#include <trimtab.h>

enum { batches = 32, rows = 16 };

/* A score above 0, real, where a sample is apart from the others of its batch. */
static int32_t discriminator(void *user, const double *inputs, int64_t count, int64_t features, double *outputs, int64_t width) {
  (void)user;
  for (int64_t i = 0; i < count; i++) {
    double crowd = 0;
    for (int64_t j = 0; j < count; j++) {
      double distance = inputs[i * features] - inputs[j * features];
      crowd += exp(-distance * distance / 0.02) / (double)count;
    }
    outputs[i * width] = 0.4 - crowd;
  }
  return 0;
}

static double uniform(void) {
  static uint64_t state = 1;
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (double)(state >> 11) * 0x1p-53;
}

int main(void) {
  static double samples[batches * rows];
  static int64_t targets[batches * rows];
  int64_t shape[1] = {batches * rows}, column[2] = {batches * rows, 1};
  /* Fakes of a batch sit at one point; the points are spread as real samples are. */
  for (int batch = 0; batch < batches; batch++) {
    double point = 10 * uniform();
    for (int row = 0; row < rows; row++) {
      int is_real = row < rows / 2;
      samples[batch * rows + row] = is_real ? 10 * uniform() : point + 0.01 * uniform();
      targets[batch * rows + row] = is_real;
    }
  }
  trimtab_tensor inputs = {samples, {TRIMTAB_DEVICE_CPU, 0}, 2, {TRIMTAB_DTYPE_FLOAT, 64, 1}, column, NULL, 0};
  trimtab_tensor labels = {targets, {TRIMTAB_DEVICE_CPU, 0}, 1, {TRIMTAB_DTYPE_INT, 64, 1}, shape, NULL, 0};
  trimtab_leakage_options options = TRIMTAB_LEAKAGE_OPTIONS_INIT;
  trimtab_batch_leakage_report report = TRIMTAB_BATCH_LEAKAGE_REPORT_INIT;
  options.batch_size = rows;
  if (trimtab_batch_leakage(discriminator, NULL, &inputs, &labels, 1, &options, &report) != TRIMTAB_OK) {
    fprintf(stderr, "%s\n", trimtab_last_error());
    return 1;
  }
  printf("share of the squared Jacobian between samples: %.3f\n", report.cross_share);
  printf("accuracy: %.3f in batches as they come, %.3f in other company\n", report.natural_accuracy, report.shuffled_accuracy);
  printf("%s: %s\n  %s\n", trimtab_verdict_name(report.verdict), trimtab_cause_text(report.cause), trimtab_cure_text(report.cause));
  return 0;
}
