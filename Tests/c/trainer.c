/* The trainer through the header alone: it learns, shows its arrays, goes on from a checkpoint bit for bit, obeys a monitor, and takes no memory in a step. */
#include "allocations.h"
#include "trainers.h"

#define POINTS 64
static float points[2 * POINTS];
static int64_t labels_data[POINTS];
static view inputs_view, labels_view;

static trimtab_tensor *inputs(int64_t count) { return matrix32(&inputs_view, points, count, 2); }
static trimtab_tensor *labels(int64_t count) { return labels64(&labels_view, labels_data, count); }

static void it_learns(void) {
  net made;
  trimtab_trainer *trainer;
  trimtab_trainer_report report = TRIMTAB_TRAINER_REPORT_INIT;
  trimtab_evaluation_report before = TRIMTAB_EVALUATION_REPORT_INIT, after = TRIMTAB_EVALUATION_REPORT_INIT;
  float outputs[2 * POINTS];
  view outputs_view;
  int64_t shape[8], rank = 0;
  int right = 0;
  net_classifier(&made);
  trainer = net_made(&made);
  CHECK_OK(trimtab_trainer_output_shape(trainer, shape, &rank));
  CHECK(rank == 1 && shape[0] == 2);
  CHECK_OK(trimtab_trainer_evaluate(trainer, inputs(POINTS), labels(POINTS), &before));
  CHECK(before.count == POINTS && before.loss > 0.4);
  for (int64_t step = 1; step <= 400; step++) {
    CHECK_OK(trimtab_trainer_step(trainer, inputs(POINTS), labels(POINTS), &report));
    CHECK(report.step == step && report.is_taken == 1 && report.action == TRIMTAB_ACTION_PROCEED);
    CHECK(report.learning_rate == 0.1 && report.clip_factor == 1 && report.gradient_norm > 0);
    if (step == 1) CHECK_NEAR(report.loss, before.loss, 1e-6);
  }
  CHECK_OK(trimtab_trainer_evaluate(trainer, inputs(POINTS), labels(POINTS), &after));
  CHECK(after.loss < 0.1 && after.accuracy > 0.95);
  CHECK_OK(trimtab_trainer_predict(trainer, inputs(POINTS), matrix32(&outputs_view, outputs, POINTS, 2)));
  for (int i = 0; i < POINTS; i++) right += (outputs[2 * i + 1] > outputs[2 * i]) == labels_data[i];
  CHECK_NEAR(right / (double)POINTS, after.accuracy, 1e-12);
  CHECK_OK(trimtab_trainer_set_learning_rate(trainer, 0));
  CHECK_OK(trimtab_trainer_step(trainer, inputs(POINTS), labels(POINTS), &report));
  CHECK(report.learning_rate == 0);
  trimtab_trainer_destroy(trainer);
  trimtab_trainer_destroy(NULL);
}

/* Every loss and optimizer brings a small regression down. */
static void every_optimizer_learns(void) {
  double xs[3 * 16], ts[16];
  view x, t;
  fill_normal(xs, 48, 5);
  for (int i = 0; i < 16; i++) ts[i] = 1 / (1 + exp(-xs[3 * i] + 2 * xs[3 * i + 1]));
  for (int32_t optimizer = TRIMTAB_OPTIMIZER_SGD; optimizer <= TRIMTAB_OPTIMIZER_RMSPROP; optimizer++) {
    for (int32_t loss = TRIMTAB_LOSS_SQUARED; loss <= TRIMTAB_LOSS_BINARY_CROSS_ENTROPY; loss++) {
      net made;
      trimtab_trainer *trainer;
      double first, last = 0;
      if (loss == TRIMTAB_LOSS_CROSS_ENTROPY) continue;
      net_begin(&made, 3);
      net_add(&made, TRIMTAB_LAYER_DENSE, 8, TRIMTAB_ACTIVATION_RELU);
      net_add(&made, TRIMTAB_LAYER_DENSE, 1, TRIMTAB_LAYER_ACTIVATION_NONE);
      made.options.precision = optimizer % 2;
      made.options.loss = loss;
      made.options.optimizer = optimizer;
      made.options.momentum = 0.5;
      made.options.learning_rate = 0.02;
      trainer = net_made(&made);
      first = step_loss(trainer, matrix64(&x, xs, 16, 3), matrix64(&t, ts, 16, 1));
      for (int step = 0; step < 200; step++) last = step_loss(trainer, matrix64(&x, xs, 16, 3), matrix64(&t, ts, 16, 1));
      if (!CHECK(last < 0.8 * first)) printf("    optimizer %d, loss %d: %g to %g\n", optimizer, loss, first, last);
      trimtab_trainer_destroy(trainer);
    }
  }
}

/* Views: PyTorch's names and shapes over the trainer's own memory. */
static void views_are_the_memory(void) {
  net made;
  trimtab_trainer *trainer;
  trimtab_tensor seen, again;
  const char *name = NULL;
  int64_t count = -1;
  static const char *const names[] = {"layer0.weight", "layer0.bias", "layer1.weight", "layer1.bias"};
  float outputs[4], input[2] = {0.25f, -0.5f};
  view outputs_view, one;
  net_classifier(&made);
  trainer = net_made(&made);
  CHECK_OK(trimtab_trainer_tensor_count(trainer, TRIMTAB_TRAINER_PARAMETER, &count));
  CHECK(count == 4);
  CHECK_STATUS(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_GRADIENT, 0, NULL, &seen), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_ACTIVATION, 0, NULL, &seen), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_AVERAGE, 0, NULL, &seen), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_BUFFER, 0, NULL, &seen), TRIMTAB_ERROR_INVALID_ARGUMENT);
  for (int64_t i = 0; i < 4; i++) {
    CHECK_OK(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_PARAMETER, i, &name, &seen));
    CHECK(strcmp(name, names[i]) == 0);
    CHECK(seen.dtype.code == TRIMTAB_DTYPE_FLOAT && seen.dtype.bits == 32 && seen.ndim == (i % 2 ? 1 : 2));
  }
  CHECK_OK(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_PARAMETER, 0, &name, &seen));
  CHECK(seen.shape[0] == 16 && seen.shape[1] == 2 && seen.strides[0] == 1 && seen.strides[1] == 16);
  CHECK_OK(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_PARAMETER, 0, NULL, &again));
  CHECK(seen.data == again.data);
  /* All zeros but one way: output 1 is 3 tanh(2 x0 + 1) + 0.5. */
  for (int64_t i = 0; i < 4; i++) {
    float *numbers;
    CHECK_OK(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_PARAMETER, i, NULL, &seen));
    numbers = (float *)seen.data;
    memset(numbers, 0, sizeof(float) * (size_t)(seen.ndim == 2 ? seen.shape[0] * seen.shape[1] : seen.shape[0]));
    if (i == 0) numbers[5 * seen.strides[0] + 0 * seen.strides[1]] = 2;
    if (i == 1) numbers[5] = 1;
    if (i == 2) numbers[1 * seen.strides[0] + 5 * seen.strides[1]] = 3;
    if (i == 3) numbers[1] = 0.5f;
  }
  CHECK_OK(trimtab_trainer_predict(trainer, matrix32(&one, input, 1, 2), matrix32(&outputs_view, outputs, 1, 2)));
  CHECK(outputs[0] == 0);
  CHECK_NEAR(outputs[1], 3 * tanh(1.5) + 0.5, 1e-6);
  /* Outputs of another stride and element type. */
  {
    double spread[4] = {9, 9, 9, 9};
    trimtab_tensor *target = matrix64(&outputs_view, spread, 1, 2);
    with_strides(&outputs_view, 0, 3, 0);
    CHECK_OK(trimtab_trainer_predict(trainer, matrix32(&one, input, 1, 2), target));
    CHECK(spread[0] == 0 && spread[1] == 9 && spread[2] == 9);
    CHECK_NEAR(spread[3], outputs[1], 1e-7);
  }
  step_loss(trainer, inputs(POINTS), labels(POINTS));
  CHECK_OK(trimtab_trainer_tensor_count(trainer, TRIMTAB_TRAINER_ACTIVATION, &count));
  CHECK(count == 2);
  CHECK_OK(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_ACTIVATION, 0, &name, &seen));
  CHECK(strcmp(name, "layer0.output") == 0 && seen.shape[0] == POINTS && seen.shape[1] == 16);
  CHECK_NEAR(((float *)seen.data)[5], 2 * points[0] + 1, 1e-6); /* before the activation, of the step's weights */
  CHECK_OK(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_GRADIENT, 0, &name, &seen));
  CHECK(strcmp(name, "layer0.weight") == 0 && seen.shape[0] == 16 && seen.shape[1] == 2);
  CHECK(((float *)seen.data)[0] == 0 && ((float *)seen.data)[5] != 0); /* the other units lead nowhere */
  trimtab_trainer_destroy(trainer);
}

static void a_step_of_sgd_by_hand(void) {
  net made;
  trimtab_trainer *trainer;
  trimtab_tensor weight, gradient;
  double xs[6] = {1, 2, 3, 4, 5, 6}, ts[2] = {1, -1}, before[3], by_hand[3] = {0, 0, 0};
  view x, t;
  net_quadratic(&made, 3);
  made.options.learning_rate = 0.01;
  trainer = net_made(&made);
  CHECK_OK(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_PARAMETER, 0, NULL, &weight));
  memcpy(before, weight.data, sizeof before);
  step_loss(trainer, matrix64(&x, xs, 2, 3), matrix64(&t, ts, 2, 1));
  for (int row = 0; row < 2; row++) {
    double error = -ts[row];
    for (int i = 0; i < 3; i++) error += xs[3 * row + i] * before[i];
    for (int i = 0; i < 3; i++) by_hand[i] += error * xs[3 * row + i] / 2;
  }
  CHECK_OK(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_GRADIENT, 0, NULL, &gradient));
  for (int i = 0; i < 3; i++) {
    CHECK_NEAR(((double *)gradient.data)[i], by_hand[i], 1e-12);
    CHECK_NEAR(((double *)weight.data)[i], before[i] - 0.01 * by_hand[i], 1e-12);
  }
  trimtab_trainer_destroy(trainer);
}

static void a_checkpoint_goes_on_bit_for_bit(void) {
  for (int32_t optimizer = TRIMTAB_OPTIMIZER_SGD; optimizer <= TRIMTAB_OPTIMIZER_RMSPROP; optimizer++) {
    net made;
    trimtab_trainer *trainer, *other;
    unsigned char *state, *end;
    int64_t length = 0, end_length = 0, needed = 0;
    net_classifier(&made);
    made.layers[2] = made.layers[1];
    made.layers[1].kind = TRIMTAB_LAYER_NORMALISATION;
    made.options.layer_count = 4;
    made.layers[3] = made.layers[2];
    made.layers[2].kind = TRIMTAB_LAYER_DROPOUT;
    made.options.optimizer = optimizer;
    made.options.average_decay = 0.9;
    made.options.clipping = optimizer % 4;
    made.options.schedule = TRIMTAB_SCHEDULE_COSINE;
    made.options.total_steps = 30;
    trainer = net_made(&made);
    made.options.learning_rate = 0.7; /* the state has its own */
    other = net_made(&made);
    for (int step = 0; step < 12; step++) step_loss(trainer, inputs(48), labels(48));
    state = trainer_bytes(trainer, &length);
    CHECK_STATUS(trimtab_trainer_save(trainer, state, length - 1, &needed), TRIMTAB_ERROR_CAPACITY);
    CHECK(needed == length);
    CHECK_OK(trimtab_trainer_load(other, state, length));
    CHECK(same_bytes(state, length, other));
    for (int step = 0; step < 12; step++) {
      const double one = step_loss(trainer, inputs(48), labels(48)), two = step_loss(other, inputs(48), labels(48));
      CHECK(one == two);
    }
    end = trainer_bytes(trainer, &end_length);
    CHECK(same_bytes(end, end_length, other));
    CHECK(!same_bytes(state, length, other));
    free(state);
    free(end);
    trimtab_trainer_destroy(trainer);
    trimtab_trainer_destroy(other);
  }
}

/* The same seed gives the same bytes, another seed others. */
static void a_seed_decides(void) {
  net made;
  trimtab_trainer *trainers[3];
  unsigned char *state;
  int64_t length = 0;
  for (int i = 0; i < 3; i++) {
    net_classifier(&made);
    made.options.seed = i == 2 ? 8 : 7;
    trainers[i] = net_made(&made);
    for (int step = 0; step < 3; step++) step_loss(trainers[i], inputs(POINTS), labels(POINTS));
  }
  state = trainer_bytes(trainers[0], &length);
  CHECK(same_bytes(state, length, trainers[1]));
  CHECK(!same_bytes(state, length, trainers[2]));
  free(state);
  for (int i = 0; i < 3; i++) trimtab_trainer_destroy(trainers[i]);
}

static int64_t layer_of(const char *name) { return name[5] - '0'; }

static void a_graph_mixes_its_nodes(void) {
  /* A path of three nodes; one place is given in two parts. */
  const int64_t rows[6] = {0, 0, 1, 2, 2, 0}, columns[6] = {0, 1, 2, 1, 2, 1};
  const double values[6] = {1, 0.25, -1, 2, 3, 0.25};
  const double dense[9] = {1, 0.5, 0, 0, 0, -1, 0, 2, 3};
  double xs[6] = {1, 2, 3, 4, 5, 6}, outputs[6], mixed[6];
  view x, y, t;
  net made;
  trimtab_trainer *trainer;
  trimtab_tensor weight;
  trimtab_trainer_report report = TRIMTAB_TRAINER_REPORT_INIT;
  const char *name = NULL;
  int64_t shape[8], rank = -1;
  net_begin(&made, 2);
  net_add(&made, TRIMTAB_LAYER_GRAPH_CONVOLUTION, 2, TRIMTAB_LAYER_ACTIVATION_NONE);
  made.options.precision = TRIMTAB_PRECISION_FLOAT64;
  trainer = net_made(&made);
  CHECK_STATUS(trimtab_trainer_step(trainer, matrix64(&x, xs, 3, 2), matrix64(&t, xs, 3, 2), &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(strstr(trimtab_last_error(), "graph") != NULL);
  CHECK_STATUS(trimtab_trainer_output_shape(trainer, shape, &rank), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(rank == -1);
  CHECK_OK(trimtab_trainer_set_graph(trainer, 3, 6, rows, columns, values));
  CHECK_OK(trimtab_trainer_output_shape(trainer, shape, &rank));
  CHECK(rank == 1 && shape[0] == 2);
  CHECK_OK(trimtab_trainer_predict(trainer, matrix64(&x, xs, 3, 2), matrix64(&y, outputs, 3, 2)));
  CHECK_OK(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_PARAMETER, 0, &name, &weight));
  CHECK(layer_of(name) == 0);
  for (int i = 0; i < 3; i++)
    for (int unit = 0; unit < 2; unit++) {
      mixed[2 * i + unit] = 0;
      for (int j = 0; j < 3; j++)
        for (int feature = 0; feature < 2; feature++)
          mixed[2 * i + unit] += dense[3 * i + j] * xs[2 * j + feature] *
                                 ((double *)weight.data)[unit * weight.strides[0] + feature * weight.strides[1]];
      CHECK_NEAR(outputs[2 * i + unit], mixed[2 * i + unit], 1e-12);
    }
  CHECK_OK(trimtab_trainer_step(trainer, matrix64(&x, xs, 3, 2), matrix64(&t, xs, 3, 2), &report));
  CHECK_STATUS(trimtab_trainer_step(trainer, matrix64(&x, xs, 2, 2), matrix64(&t, xs, 2, 2), &report), TRIMTAB_ERROR_SHAPE);
  /* What is refused leaves the graph of before. */
  CHECK_STATUS(trimtab_trainer_set_graph(trainer, 2, 6, rows, columns, values), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_set_graph(trainer, 0, 0, rows, columns, values), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_trainer_set_graph(trainer, -3, 6, rows, columns, values), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_trainer_set_graph(trainer, INT64_MAX, 6, rows, columns, values), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_trainer_set_graph(trainer, 3, -1, rows, columns, values), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_set_graph(trainer, 3, 6, NULL, columns, values), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_OK(trimtab_trainer_step(trainer, matrix64(&x, xs, 3, 2), matrix64(&t, xs, 3, 2), &report));
  CHECK(report.step == 2);
  trimtab_trainer_destroy(trainer);
}

static void a_monitor_is_obeyed(void) {
  net made;
  trimtab_trainer *trainer, *second;
  trimtab_monitor *monitor = NULL;
  trimtab_tensor weight, bias;
  trimtab_trainer_report report = TRIMTAB_TRAINER_REPORT_INIT;
  trimtab_finding finding = TRIMTAB_FINDING_INIT;
  int64_t found = -1;
  float before[2];
  net_classifier(&made);
  trainer = net_made(&made);
  second = net_made(&made);
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  CHECK_OK(trimtab_trainer_attach(trainer, monitor));
  CHECK_OK(trimtab_monitor_find(monitor, "layer1.weight", &found));
  CHECK_STATUS(trimtab_trainer_attach(second, monitor), TRIMTAB_ERROR_INVALID_ARGUMENT); /* its names are taken */
  for (int step = 0; step < 5; step++) {
    CHECK_OK(trimtab_trainer_step(trainer, inputs(POINTS), labels(POINTS), &report));
    CHECK(report.action == TRIMTAB_ACTION_PROCEED && report.is_taken == 1);
  }
  CHECK_OK(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_PARAMETER, 0, NULL, &weight));
  CHECK_OK(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_PARAMETER, 3, NULL, &bias));
  ((float *)weight.data)[3] = NAN;
  memcpy(before, bias.data, sizeof before);
  CHECK_OK(trimtab_trainer_step(trainer, inputs(POINTS), labels(POINTS), &report));
  CHECK(report.action >= TRIMTAB_ACTION_SKIP && report.is_taken == 0 && isnan(report.loss) && report.step == 6);
  CHECK(memcmp(before, bias.data, sizeof before) == 0);
  CHECK_OK(trimtab_monitor_finding(monitor, 0, &finding));
  CHECK(finding.rule == TRIMTAB_RULE_NONFINITE && finding.first_step == 6);
  /* Without it the weights move, as the header says. */
  CHECK_OK(trimtab_trainer_attach(trainer, NULL));
  ((float *)weight.data)[3] = NAN;
  CHECK_OK(trimtab_trainer_step(trainer, inputs(POINTS), labels(POINTS), &report));
  CHECK(report.is_taken == 1 && isnan(((float *)bias.data)[0]));
  trimtab_trainer_destroy(trainer);
  trimtab_trainer_destroy(second);
  trimtab_monitor_destroy(monitor);
}

/* From the third step of a batch size on; a monitor takes its own at its first looks. */
static void a_step_takes_no_memory(void) {
  for (int32_t optimizer = 0; optimizer < 12; optimizer++) {
    net made;
    trimtab_trainer *trainer;
    trimtab_monitor *monitor = NULL;
    long before;
    net_classifier(&made);
    made.layers[2] = made.layers[1];
    made.layers[1].kind = TRIMTAB_LAYER_NORMALISATION;
    made.layers[0].flags = TRIMTAB_LAYER_SPECTRAL;
    made.options.layer_count = 4;
    made.layers[3] = made.layers[2];
    made.layers[2].kind = TRIMTAB_LAYER_DROPOUT;
    made.options.optimizer = optimizer % 6;
    made.options.average_decay = 0.9;
    made.options.clipping = optimizer % 4;
    trainer = net_made(&made);
    CHECK_OK(trimtab_monitor_create(NULL, &monitor));
    if (optimizer >= 6) CHECK_OK(trimtab_trainer_attach(trainer, monitor));
    for (int step = 0; step < (optimizer >= 6 ? 60 : 2); step++) step_loss(trainer, inputs(POINTS), labels(POINTS));
    before = allocations;
    for (int step = 0; step < 40; step++) step_loss(trainer, inputs(POINTS), labels(POINTS));
    if (!CHECK(allocations == before)) printf("    optimizer %d: %ld allocations in 40 steps\n", optimizer, allocations - before);
    trimtab_trainer_destroy(trainer);
    trimtab_monitor_destroy(monitor);
  }
}

int main(void) {
  exclusive_or(points, labels_data, POINTS, 11);
  RUN(it_learns);
  RUN(every_optimizer_learns);
  RUN(views_are_the_memory);
  RUN(a_step_of_sgd_by_hand);
  RUN(a_checkpoint_goes_on_bit_for_bit);
  RUN(a_seed_decides);
  RUN(a_graph_mixes_its_nodes);
  RUN(a_monitor_is_obeyed);
  COUNTED(a_step_takes_no_memory);
  return finish("trainer");
}
