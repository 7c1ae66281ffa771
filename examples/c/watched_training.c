/*
 * A training run under a monitor that may leave out a step. A ReLU network 16-32-32-1 learns y = mean of |x_i| from
 * batches of 128 samples by stochastic gradient descent.
 *
 *   watched_training               learns, and nothing is said
 *   watched_training --fail nan    one batch holds a NaN: its step is left out, and the run ends as well as without it
 *   watched_training --fail rate   the learning rate is far too high: the findings say so, and the run is stopped
 *   watched_training --fail jump   the learning rate leaps on the way: the weights go back to the last good copy, and the run goes on
 *   watched_training --log FILE    also writes a run log, which `trimtab check FILE` explains
 *
 * Layers and parameters are registered once. Each step shows the monitor gradients, pre-activations, now and then
 * weights, and the loss; its decision comes before the weights move, and is obeyed.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trimtab.h>

enum { BATCH = 128, INPUTS = 16, HIDDEN = 32, STEPS = 600, LAYERS = 3, BAD_STEP = 300 };

static const int widths[LAYERS + 1] = {INPUTS, HIDDEN, HIDDEN, 1};
static double inputs[BATCH * INPUTS], targets[BATCH];
static double weights[LAYERS][HIDDEN * HIDDEN], biases[LAYERS][HIDDEN];
static double weight_gradients[LAYERS][HIDDEN * HIDDEN], bias_gradients[LAYERS][HIDDEN];
static double preactivations[LAYERS][BATCH * HIDDEN], deltas[LAYERS][BATCH * HIDDEN];

static trimtab_monitor *monitor;
static int64_t weight_entries[LAYERS], bias_entries[LAYERS], layer_entries[LAYERS];

static void stop_on(trimtab_status status) {
  if (status == TRIMTAB_OK) return;
  fprintf(stderr, "%s: %s\n", trimtab_status_name(status), trimtab_last_error());
  exit(1);
}

/* Numbers of its own, so that every machine trains the same network. */
static double uniform(void) {
  static unsigned long long state = 7;
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(state >> 33) / 2147483648.0;
}

static double noise(void) {
  double total = -6;
  for (int i = 0; i < 12; i++) total += uniform();
  return total;
}

/* The monitor: what there is to watch, in the order of computation. */

static int64_t register_entry(const char *kind, int layer, trimtab_role role, int32_t activation, int order) {
  trimtab_entry entry = TRIMTAB_ENTRY_INIT;
  int64_t index;
  char name[32];
  entry.kind = role < TRIMTAB_ROLE_HIDDEN ? TRIMTAB_ENTRY_PARAMETER : TRIMTAB_ENTRY_LAYER;
  entry.role = role;
  entry.activation = activation;
  entry.order = order;
  snprintf(name, sizeof name, "layer%d.%s", layer, kind);
  stop_on(trimtab_monitor_register(monitor, name, &entry, &index));
  return index;
}

static void make_monitor(int keeps_copies) {
  trimtab_monitor_options options = TRIMTAB_MONITOR_OPTIONS_INIT;
  options.greatest_skips = 3; /* after three skipped steps in a row it goes back to a copy, or stops where there is none */
  options.may_roll_back = keeps_copies;
  stop_on(trimtab_monitor_create(&options, &monitor));
  for (int layer = 0; layer < LAYERS; layer++) {
    const int is_last = layer == LAYERS - 1;
    weight_entries[layer] = register_entry("weight", layer, TRIMTAB_ROLE_WEIGHT, -1, 2 * layer);
    bias_entries[layer] = register_entry("bias", layer, TRIMTAB_ROLE_BIAS, -1, 2 * layer);
    layer_entries[layer] = register_entry("z", layer, is_last ? TRIMTAB_ROLE_OUTPUT : TRIMTAB_ROLE_HIDDEN,
                                          is_last ? -1 : TRIMTAB_ACTIVATION_RELU, 2 * layer + 1);
  }
}

/* Shows a row-major matrix, or a vector where columns is 0. */
static void show(int64_t entry, trimtab_quantity quantity, double *data, int64_t rows, int64_t columns) {
  int64_t shape[2];
  trimtab_tensor tensor = {data, {TRIMTAB_DEVICE_CPU, 0}, columns ? 2 : 1, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape, NULL, 0};
  shape[0] = rows;
  shape[1] = columns;
  stop_on(trimtab_monitor_observe(monitor, entry, quantity, &tensor));
}

static trimtab_tensor vector_of(double *data, int64_t *length) {
  trimtab_tensor tensor = {data, {TRIMTAB_DEVICE_CPU, 0}, 1, {TRIMTAB_DTYPE_FLOAT, 64, 1}, length, NULL, 0};
  return tensor;
}

/* Copies all weights, or writes the last good copy back. Returns the step after which the copy was taken, 0 without one. */
static int64_t keep_or_restore(int is_restoring) {
  trimtab_tensor parameters[2 * LAYERS];
  int64_t lengths[2] = {HIDDEN * HIDDEN, HIDDEN}, step = 0;
  for (int layer = 0; layer < LAYERS; layer++) {
    parameters[2 * layer] = vector_of(weights[layer], &lengths[0]);
    parameters[2 * layer + 1] = vector_of(biases[layer], &lengths[1]);
  }
  if (!is_restoring)
    stop_on(trimtab_monitor_keep(monitor, parameters, 2 * LAYERS, 20));
  else if (trimtab_monitor_restore(monitor, parameters, 2 * LAYERS, &step) != TRIMTAB_OK)
    return 0;
  return step;
}

static trimtab_decision show_step(int step, double loss, double rate) {
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  stop_on(trimtab_monitor_begin_step(monitor, step));
  for (int layer = 0; layer < LAYERS; layer++) {
    const int rows = widths[layer + 1], columns = widths[layer];
    int32_t is_wanted;
    show(weight_entries[layer], TRIMTAB_QUANTITY_GRADIENT, weight_gradients[layer], rows, columns);
    show(bias_entries[layer], TRIMTAB_QUANTITY_GRADIENT, bias_gradients[layer], rows, 0);
    stop_on(trimtab_monitor_wants(monitor, layer_entries[layer], TRIMTAB_QUANTITY_PREACTIVATION, &is_wanted));
    /* What the budget leaves out is shown all the same where the loss says that something is wrong. */
    if (is_wanted || !(fabs(loss) < HUGE_VAL)) show(layer_entries[layer], TRIMTAB_QUANTITY_PREACTIVATION, preactivations[layer], BATCH, rows);
    stop_on(trimtab_monitor_wants(monitor, weight_entries[layer], TRIMTAB_QUANTITY_WEIGHT, &is_wanted));
    if (is_wanted) {
      show(weight_entries[layer], TRIMTAB_QUANTITY_WEIGHT, weights[layer], rows, columns);
      show(bias_entries[layer], TRIMTAB_QUANTITY_WEIGHT, biases[layer], rows, 0);
    }
  }
  stop_on(trimtab_monitor_observe_scalar(monitor, TRIMTAB_SCALAR_LOSS, loss));
  stop_on(trimtab_monitor_observe_scalar(monitor, TRIMTAB_SCALAR_LEARNING_RATE, rate));
  stop_on(trimtab_monitor_end_step(monitor, &decision));
  return decision;
}

static void print_findings(void) {
  int64_t count;
  stop_on(trimtab_monitor_finding_count(monitor, &count));
  for (int64_t i = 0; i < count; i++) {
    trimtab_finding finding = TRIMTAB_FINDING_INIT;
    stop_on(trimtab_monitor_finding(monitor, i, &finding));
    printf("%s: %s in %s, step %lld to %lld: %.3g against %.3g\n  %s\n  cure: %s\n", trimtab_verdict_name(finding.verdict),
           trimtab_rule_name(finding.rule), finding.entry < 0 ? "the run" : finding.name, (long long)finding.first_step,
           (long long)finding.last_step, finding.value, finding.threshold, trimtab_cause_text(finding.cause),
           trimtab_cure_text(finding.cause));
  }
}

/* The network. */

static void make_weights(void) {
  for (int layer = 0; layer < LAYERS; layer++)
    for (int i = 0; i < widths[layer] * widths[layer + 1]; i++) weights[layer][i] = noise() * sqrt(2.0 / widths[layer]);
}

static void draw_batch(void) {
  for (int i = 0; i < BATCH; i++) {
    targets[i] = 0;
    for (int j = 0; j < INPUTS; j++) {
      inputs[i * INPUTS + j] = noise();
      targets[i] += fabs(inputs[i * INPUTS + j]) / INPUTS;
    }
  }
}

static double activation(int layer, int sample, int unit) {
  const double z = layer < 0 ? inputs[sample * INPUTS + unit] : preactivations[layer][sample * widths[layer + 1] + unit];
  return layer < 0 || !(z <= 0) ? z : 0; /* a NaN stays one */
}

/* Half the mean squared error. */
static double forward(void) {
  double loss = 0;
  for (int layer = 0; layer < LAYERS; layer++)
    for (int i = 0; i < BATCH; i++)
      for (int out = 0; out < widths[layer + 1]; out++) {
        double z = biases[layer][out];
        for (int in = 0; in < widths[layer]; in++) z += weights[layer][out * widths[layer] + in] * activation(layer - 1, i, in);
        preactivations[layer][i * widths[layer + 1] + out] = z;
      }
  for (int i = 0; i < BATCH; i++) {
    const double error = preactivations[LAYERS - 1][i] - targets[i];
    deltas[LAYERS - 1][i] = error / BATCH;
    loss += error * error / (2 * BATCH);
  }
  return loss;
}

static void backward(void) {
  memset(weight_gradients, 0, sizeof weight_gradients);
  memset(bias_gradients, 0, sizeof bias_gradients);
  for (int layer = LAYERS - 1; layer >= 0; layer--) {
    const int rows = widths[layer + 1], columns = widths[layer];
    for (int i = 0; i < BATCH; i++) {
      for (int out = 0; out < rows; out++) {
        const double delta = deltas[layer][i * rows + out];
        bias_gradients[layer][out] += delta;
        for (int in = 0; in < columns; in++) weight_gradients[layer][out * columns + in] += delta * activation(layer - 1, i, in);
      }
      for (int in = 0; layer > 0 && in < columns; in++) {
        double sum = 0;
        for (int out = 0; out < rows; out++) sum += deltas[layer][i * rows + out] * weights[layer][out * columns + in];
        deltas[layer - 1][i * columns + in] = preactivations[layer - 1][i * columns + in] <= 0 ? 0 : sum;
      }
    }
  }
}

static void move_weights(double rate) {
  for (int layer = 0; layer < LAYERS; layer++) {
    for (int i = 0; i < widths[layer] * widths[layer + 1]; i++) weights[layer][i] -= rate * weight_gradients[layer][i];
    for (int i = 0; i < widths[layer + 1]; i++) biases[layer][i] -= rate * bias_gradients[layer][i];
  }
}

static const char *argument(int count, char **arguments, const char *name) {
  for (int i = 1; i + 1 < count; i++)
    if (strcmp(arguments[i], name) == 0) return arguments[i + 1];
  return "";
}

int main(int count, char **arguments) {
  const char *fault = argument(count, arguments, "--fail");
  const char *log = argument(count, arguments, "--log");
  const int keeps_copies = strcmp(fault, "jump") == 0;
  double rate = strcmp(fault, "rate") == 0 ? 3.0 : 0.05;
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  int skipped = 0, has_leaped = 0;
  make_weights();
  make_monitor(keeps_copies);
  if (log[0] != 0 && trimtab_monitor_log(monitor, log) != TRIMTAB_OK) fprintf(stderr, "no log: %s\n", trimtab_last_error());
  for (int step = 1; step <= STEPS && decision.action != TRIMTAB_ACTION_STOP; step++) {
    double loss;
    draw_batch();
    if (keeps_copies && step == BAD_STEP && !has_leaped) {
      rate = 20;
      has_leaped = 1;
    }
    if (strcmp(fault, "nan") == 0 && step == BAD_STEP) inputs[5 * INPUTS + 3] = NAN;
    loss = forward();
    backward();
    decision = show_step(step, loss, rate);
    if (step % 100 == 0 || decision.action > TRIMTAB_ACTION_CLIP)
      printf("%4d  loss %-10.4g gradient norm %-10.4g %s\n", step, loss, decision.gradient_norm, trimtab_action_name(decision.action));
    if (decision.action <= TRIMTAB_ACTION_CLIP)
      move_weights(rate * decision.clip_factor);
    else
      skipped++;
    if (decision.action == TRIMTAB_ACTION_ROLL_BACK) {
      const int64_t kept = keep_or_restore(1);
      if (kept == 0) break;
      printf("%4d  back to the copy taken after step %lld, with the learning rate at 0.05\n", step, (long long)kept);
      step = (int)kept;
      rate = 0.05;
    } else if (keeps_copies && step % 20 == 0) {
      keep_or_restore(0);
    }
  }
  printf("%d steps left out, verdict at the end: %s\n", skipped, trimtab_verdict_name(decision.verdict));
  print_findings();
  trimtab_monitor_destroy(monitor);
  return 0;
}
