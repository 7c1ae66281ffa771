/* Which learning rate does a net bear, and would a warm-up save the one that is set? */
#include <math.h>
#include <stdio.h>
#include <trimtab.h>

enum { SAMPLES = 128, FEATURES = 4 };

int main(void) {
  static double inputs[SAMPLES * FEATURES], targets[SAMPLES];
  int64_t input_extents[2] = {SAMPLES, FEATURES}, target_extents[2] = {SAMPLES, 1};
  const int64_t sample_shape[1] = {FEATURES};
  trimtab_tensor x = {inputs, {TRIMTAB_DEVICE_CPU, 0}, 2, {TRIMTAB_DTYPE_FLOAT, 64, 1}, input_extents, NULL, 0};
  trimtab_tensor y = {targets, {TRIMTAB_DEVICE_CPU, 0}, 2, {TRIMTAB_DTYPE_FLOAT, 64, 1}, target_extents, NULL, 0};
  trimtab_layer layers[2] = {TRIMTAB_LAYER_INIT, TRIMTAB_LAYER_INIT};
  trimtab_trainer_options net = TRIMTAB_TRAINER_OPTIONS_INIT;
  trimtab_safe_rate_report report = TRIMTAB_SAFE_RATE_REPORT_INIT;
  for (int i = 0; i < SAMPLES; i++) {
    for (int f = 0; f < FEATURES; f++) inputs[i * FEATURES + f] = sin(1.0 + 7.3 * i + 2.1 * f * i);
    targets[i] = sin(3 * inputs[i * FEATURES]) + inputs[i * FEATURES + 1];
  }
  layers[0].units = 32;
  layers[0].activation = TRIMTAB_ACTIVATION_RELU;
  layers[1].units = 1;
  net.layers = layers;
  net.layer_count = 2;
  net.input_shape = sample_shape;
  net.input_rank = 1;
  net.learning_rate = 3;
  if (trimtab_safe_rate(&net, &x, &y, NULL, &report) != TRIMTAB_OK) {
    fprintf(stderr, "%s\n", trimtab_last_error());
    return 1;
  }
  printf("the net bears rates up to %.3g, a range test suggests %.2g\n", report.peak_rate, report.suggested_rate);
  printf("its own rate of %.2g needs %lld steps of warm-up (-1: more than was tried)\n", report.rate, (long long)report.warm_up_steps);
  printf("verdict: %s. %s\n", trimtab_verdict_name(report.verdict), trimtab_cure_text(report.cause));
  return 0;
}
