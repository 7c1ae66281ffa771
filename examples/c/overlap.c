/* Do generated images overlap the real ones, and at which resolution? Noise of 8 by 8 pixels whose fine grain is off. */
#include <stdio.h>
#include <stdlib.h>
#include <trimtab.h>

enum { SAMPLES = 400, SIDE = 8, PIXELS = SIDE * SIDE };

static double noise(void) { return 2.0 * rand() / RAND_MAX - 1.0; }

int main(void) {
  static double real[SAMPLES * PIXELS], fake[SAMPLES * PIXELS];
  int64_t shape[3] = {SAMPLES, SIDE, SIDE};
  trimtab_tensor reals = {real, {TRIMTAB_DEVICE_CPU, 0}, 3, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape, NULL, 0};
  trimtab_tensor fakes = {fake, {TRIMTAB_DEVICE_CPU, 0}, 3, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape, NULL, 0};
  trimtab_curriculum_options growth = TRIMTAB_CURRICULUM_OPTIONS_INIT;
  trimtab_curriculum_state state = TRIMTAB_CURRICULUM_STATE_INIT;
  trimtab_curriculum *curriculum = NULL;
  const int64_t resolutions[] = {2, 4, 8};
  srand(1);
  for (int i = 0; i < SAMPLES * PIXELS; i++) {
    real[i] = noise();
    fake[i] = noise() + ((i / SIDE + i) % 2 ? 1.0 : -1.0); /* a chequerboard, which averages away */
  }
  growth.level_count = 3;
  growth.patience = 1;
  growth.fade_images = 1;
  if (trimtab_curriculum_create(&growth, &curriculum) != TRIMTAB_OK) goto failed;
  for (int i = 0; i < 3; i++) {
    trimtab_overlap_options options = TRIMTAB_OVERLAP_OPTIONS_INIT;
    trimtab_overlap_report report = TRIMTAB_OVERLAP_REPORT_INIT;
    options.resolution = resolutions[i];
    if (trimtab_overlap(&reals, &fakes, &options, &report) != TRIMTAB_OK) goto failed;
    printf("at %lld: overlap %.2f, accuracy %.2f, z %.1f: %s\n", (long long)resolutions[i], report.overlap, report.accuracy,
           report.z, trimtab_verdict_name(report.verdict));
    if (report.cause) printf("  cure: %s\n", trimtab_cure_text(report.cause));
    /* In a training loop: the discriminator's held-out overlap, and whether its loss stands still. */
    if (trimtab_curriculum_audit(curriculum, SAMPLES, report.overlap, 1, &state) != TRIMTAB_OK) goto failed;
    printf("  the curriculum says %s: level %lld, fade weight %.2f\n",
           state.decision == TRIMTAB_CURRICULUM_GROW ? "grow" : state.decision == TRIMTAB_CURRICULUM_FADE ? "fade" : "stay",
           (long long)state.level, state.fade_weight);
  }
  trimtab_curriculum_destroy(curriculum);
  return 0;
failed:
  fprintf(stderr, "%s\n", trimtab_last_error());
  trimtab_curriculum_destroy(curriculum);
  return 1;
}
