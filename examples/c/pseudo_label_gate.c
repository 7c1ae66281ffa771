/* Which pseudo-labels to train on: a fixed gate that nothing passes yet, and one that starts from what the net is sure of. */
#include <stdio.h>
#include <trimtab.h>

enum { SAMPLES = 6, CLASSES = 3 };

static int judge(trimtab_gate_options options, const char *name, const trimtab_tensor *probabilities) {
  trimtab_gate_report report = TRIMTAB_GATE_REPORT_INIT;
  trimtab_pseudo_label_gate *gate = NULL;
  uint8_t passes[SAMPLES];
  options.class_count = CLASSES;
  if (trimtab_pseudo_label_gate_create(&options, &gate) != TRIMTAB_OK ||
      trimtab_pseudo_label_gate_apply(gate, probabilities, NULL, passes, NULL, &report) != TRIMTAB_OK) {
    fprintf(stderr, "%s\n", trimtab_last_error());
    trimtab_pseudo_label_gate_destroy(gate);
    return 1;
  }
  printf("%s: %lld of %lld samples pass, verdict: %s. %s\n", name, (long long)report.passed_count, (long long)report.sample_count,
         trimtab_verdict_name(report.verdict), trimtab_cure_text(report.cause));
  trimtab_pseudo_label_gate_destroy(gate);
  return 0;
}

int main(void) {
  static double rows[SAMPLES * CLASSES] = {0.8, 0.1, 0.1, 0.5, 0.3, 0.2, 0.2, 0.7, 0.1, 0.3, 0.4, 0.3, 0.1, 0.3, 0.6, 0.4, 0.2, 0.4};
  int64_t extents[2] = {SAMPLES, CLASSES};
  trimtab_tensor probabilities = {rows, {TRIMTAB_DEVICE_CPU, 0}, 2, {TRIMTAB_DTYPE_FLOAT, 64, 1}, extents, NULL, 0};
  trimtab_gate_options fixed = TRIMTAB_GATE_OPTIONS_INIT, adaptive = TRIMTAB_GATE_OPTIONS_INIT;
  adaptive.method = TRIMTAB_GATE_FREEMATCH;
  return judge(fixed, "FixMatch", &probabilities) || judge(adaptive, "FreeMatch", &probabilities);
}
