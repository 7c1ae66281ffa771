/* Do gradients vanish on their way to the input? Twelve layers, each with a third of the gradient of the layer above it. */
#include <stdio.h>
#include <stdlib.h>
#include <trimtab.h>

enum { LAYERS = 12, ROWS = 16, COLUMNS = 16 };

int main(void) {
  static float values[LAYERS][ROWS * COLUMNS];
  static trimtab_tensor gradients[LAYERS];
  static trimtab_summary each[LAYERS];
  int64_t shape[2] = {ROWS, COLUMNS};
  float scale = 0.1f;
  trimtab_gradient_report report = TRIMTAB_GRADIENT_REPORT_INIT;
  srand(1);
  for (int layer = LAYERS - 1; layer >= 0; layer--) { /* the first is the layer next to the input */
    for (int i = 0; i < ROWS * COLUMNS; i++) values[layer][i] = scale * (2.0f * (float)rand() / (float)RAND_MAX - 1.0f);
    gradients[layer] = (trimtab_tensor){values[layer], {TRIMTAB_DEVICE_CPU, 0}, 2, {TRIMTAB_DTYPE_FLOAT, 32, 1}, shape, NULL, 0};
    scale /= 3.0f;
  }
  if (trimtab_gradient_norm(gradients, LAYERS, NULL, &report, each) != TRIMTAB_OK) {
    fprintf(stderr, "%s\n", trimtab_last_error());
    return 1;
  }
  for (int layer = 0; layer < LAYERS; layer++) printf("layer %2d: norm %.3e\n", layer, each[layer].l2_norm);
  printf("global norm %.4g, clip factor %.4g, depth slope %.3f decades a layer: %s\n", report.global_norm, report.clip_factor,
         report.depth_slope, trimtab_verdict_name(report.verdict));
  printf("  why:  %s\n  cure: %s\n", trimtab_cause_text(report.cause), trimtab_cure_text(report.cause));
  return 0;
}
