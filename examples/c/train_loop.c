/*
 * A training loop in C that asks Trimtab at every step. A ReLU network 16-32-32-1 learns y = sum of |x_i| by gradient descent.
 *
 *   train_loop          learns
 *   train_loop --fail   the same with a learning rate that is far too high
 *
 * Before the first step it asks for the condition number of the inputs; at every step for the gradient norm and the clip factor; every 50 steps,
 * and when the gradients are critical, for dead neurons. It ends with the worst verdict it was given, and stops at a gradient that is zero or
 * not finite.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trimtab.h>

enum { SAMPLES = 1024, INPUTS = 16, HIDDEN = 32, STEPS = 300, AUDIT_EVERY = 50, LAYERS = 3 };

static const int widths[LAYERS + 1] = {INPUTS, HIDDEN, HIDDEN, 1};
static double inputs[SAMPLES * INPUTS], targets[SAMPLES];
static double weights[LAYERS][HIDDEN * HIDDEN], biases[LAYERS][HIDDEN];
static double weight_gradients[LAYERS][HIDDEN * HIDDEN], bias_gradients[LAYERS][HIDDEN];
static double preactivations[LAYERS][SAMPLES * HIDDEN], deltas[LAYERS][SAMPLES * HIDDEN];

static trimtab_verdict worst = TRIMTAB_VERDICT_HEALTHY;

static double noise(void) {
  double total = -6;
  for (int i = 0; i < 12; i++) total += (double)rand() / RAND_MAX;
  return total;
}

static trimtab_tensor matrix(double *data, int64_t *shape) {
  trimtab_tensor tensor = {data, {TRIMTAB_DEVICE_CPU, 0}, 2, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape, NULL, 0};
  return tensor;
}

/* Remembers the worst verdict, and says why where there is a finding. */
static void judge(const char *what, trimtab_verdict verdict, trimtab_cause cause) {
  if (verdict >= TRIMTAB_VERDICT_WARNING)
    printf("      %s: %s. %s\n      cure: %s\n", what, trimtab_verdict_name(verdict), trimtab_cause_text(cause), trimtab_cure_text(cause));
  if (verdict > worst) worst = verdict;
}

static void stop_on(trimtab_status status) {
  if (status == TRIMTAB_OK) return;
  fprintf(stderr, "%s: %s\n", trimtab_status_name(status), trimtab_last_error());
  exit(1);
}

static void make_data_and_weights(void) {
  srand(7);
  for (int i = 0; i < SAMPLES; i++) {
    targets[i] = 0;
    for (int j = 0; j < INPUTS; j++) {
      inputs[i * INPUTS + j] = noise();
      targets[i] += fabs(inputs[i * INPUTS + j]) / INPUTS;
    }
  }
  for (int layer = 0; layer < LAYERS; layer++)
    for (int i = 0; i < widths[layer] * widths[layer + 1]; i++) weights[layer][i] = noise() * sqrt(2.0 / widths[layer]);
}

static double activation(int layer, int sample, int unit) {
  const double z = layer < 0 ? inputs[sample * INPUTS + unit] : preactivations[layer][sample * widths[layer + 1] + unit];
  return layer < 0 || z > 0 ? z : 0;
}

/* Half the mean squared error. */
static double forward(void) {
  double loss = 0;
  for (int layer = 0; layer < LAYERS; layer++)
    for (int i = 0; i < SAMPLES; i++)
      for (int out = 0; out < widths[layer + 1]; out++) {
        double z = biases[layer][out];
        for (int in = 0; in < widths[layer]; in++) z += weights[layer][out * widths[layer] + in] * activation(layer - 1, i, in);
        preactivations[layer][i * widths[layer + 1] + out] = z;
      }
  for (int i = 0; i < SAMPLES; i++) {
    const double error = preactivations[LAYERS - 1][i] - targets[i];
    deltas[LAYERS - 1][i] = error / SAMPLES;
    loss += error * error / (2 * SAMPLES);
  }
  return loss;
}

static void backward(void) {
  memset(weight_gradients, 0, sizeof weight_gradients);
  memset(bias_gradients, 0, sizeof bias_gradients);
  for (int layer = LAYERS - 1; layer >= 0; layer--) {
    const int rows = widths[layer + 1], columns = widths[layer];
    for (int i = 0; i < SAMPLES; i++) {
      for (int out = 0; out < rows; out++) {
        const double delta = deltas[layer][i * rows + out];
        bias_gradients[layer][out] += delta;
        for (int in = 0; in < columns; in++) weight_gradients[layer][out * columns + in] += delta * activation(layer - 1, i, in);
      }
      for (int in = 0; layer > 0 && in < columns; in++) {
        double sum = 0;
        for (int out = 0; out < rows; out++) sum += deltas[layer][i * rows + out] * weights[layer][out * columns + in];
        deltas[layer - 1][i * columns + in] = preactivations[layer - 1][i * columns + in] > 0 ? sum : 0;
      }
    }
  }
}

static void step(double rate) {
  for (int layer = 0; layer < LAYERS; layer++) {
    for (int i = 0; i < widths[layer] * widths[layer + 1]; i++) weights[layer][i] -= rate * weight_gradients[layer][i];
    for (int i = 0; i < widths[layer + 1]; i++) biases[layer][i] -= rate * bias_gradients[layer][i];
  }
}

static void check_inputs(void) {
  int64_t shape[2] = {SAMPLES, INPUTS};
  const trimtab_tensor tensor = matrix(inputs, shape);
  trimtab_conditioning_report report = TRIMTAB_CONDITIONING_REPORT_INIT;
  stop_on(trimtab_condition_number(&tensor, NULL, &report));
  printf("inputs: condition number %.3g\n", report.condition_number);
  judge("inputs", report.verdict, report.cause);
}

static trimtab_gradient_report check_gradients(void) {
  int64_t shapes[LAYERS][2];
  trimtab_tensor gradients[LAYERS];
  trimtab_gradient_options options = TRIMTAB_GRADIENT_OPTIONS_INIT;
  trimtab_gradient_report report = TRIMTAB_GRADIENT_REPORT_INIT;
  options.least_depth = LAYERS + 1; /* the slope over three layers of different widths says nothing */
  for (int layer = 0; layer < LAYERS; layer++) {
    shapes[layer][0] = widths[layer + 1];
    shapes[layer][1] = widths[layer];
    gradients[layer] = matrix(weight_gradients[layer], shapes[layer]);
  }
  stop_on(trimtab_gradient_norm(gradients, LAYERS, &options, &report, NULL));
  return report;
}

static void check_neurons(void) {
  for (int layer = 0; layer < LAYERS - 1; layer++) { /* the output layer has no ReLU */
    int64_t shape[2] = {SAMPLES, widths[layer + 1]};
    const trimtab_tensor tensor = matrix(preactivations[layer], shape);
    trimtab_activity_report report = TRIMTAB_ACTIVITY_REPORT_INIT;
    char name[32];
    stop_on(trimtab_dead_neurons(&tensor, NULL, &report, NULL));
    printf("      layer %d: %lld of %lld units dead\n", layer, (long long)report.dead_count, (long long)report.unit_count);
    snprintf(name, sizeof name, "layer %d", layer);
    judge(name, report.verdict, report.cause);
  }
}

int main(int count, char **arguments) {
  const int fail = count > 1 && strcmp(arguments[1], "--fail") == 0;
  const double rate = fail ? 3.0 : 0.05;
  make_data_and_weights();
  printf("trimtab %s, learning rate %g\n", trimtab_version_string(), rate);
  check_inputs();
  for (int i = 0; i <= STEPS; i++) {
    const double loss = forward();
    const int audit = i % AUDIT_EVERY == 0;
    trimtab_gradient_report gradients;
    backward();
    gradients = check_gradients();
    if (audit || gradients.verdict == TRIMTAB_VERDICT_CRITICAL)
      printf("%4d  loss %-10.4g gradient norm %-10.4g clip factor %.4g\n", i, loss, gradients.global_norm, gradients.clip_factor);
    if (audit || gradients.verdict == TRIMTAB_VERDICT_CRITICAL) check_neurons(); /* dead units explain a gradient of zero */
    if (gradients.verdict == TRIMTAB_VERDICT_CRITICAL || (audit && gradients.verdict == TRIMTAB_VERDICT_WARNING)) judge("gradients", gradients.verdict, gradients.cause);
    if (gradients.clip_factor == 0 || gradients.global_norm == 0) break; /* nothing to learn from any more */
    step(rate * (fail ? 1 : gradients.clip_factor));
  }
  printf("verdict: %s\n", trimtab_verdict_name(worst));
  return 0;
}
