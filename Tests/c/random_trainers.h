/* Trainers of random descriptions and random calls to them: the part of fuzz.c that belongs to trainer.h. */
#ifndef TRIMTAB_TESTS_RANDOM_TRAINERS_H
#define TRIMTAB_TESTS_RANDOM_TRAINERS_H

#include "trainers.h"

/* Right most of the time, else anything but what would only take long or much memory. */
static int64_t small_or_any(int64_t limit) {
  static const int64_t special[] = {0, -1, INT64_MAX, INT64_MIN, INT32_MAX, INT32_MIN, 1ll << 31, 1ll << 32, 1ll << 62, (1ll << 30) - 1};
  return one_in(50) ? special[below(sizeof special / sizeof *special)] : (int64_t)below((uint64_t)limit) + 1;
}
static double usual_or_any(double usual) { return one_in(25) ? any_double() : usual; }
static int32_t choice_or_any(int32_t limit) { return one_in(80) ? (int32_t)any_integer() : (int32_t)below((uint64_t)limit); }

/* Operations one after the other on values that may be there. */
static int32_t random_objective(void *user, trimtab_tape *tape, const trimtab_value *operands, int64_t count, trimtab_value *loss) {
  trimtab_value values[24];
  int64_t known = count;
  (void)user;
  for (int64_t i = 0; i < count && i < 8; i++) values[i] = operands[i];
  if (one_in(40)) return (int32_t)any_integer();
  for (uint64_t steps = 1 + below(12); steps > 0 && known < 23; steps--) {
    const int32_t operation = one_in(30) ? (int32_t)any_integer() : one_in(4) ? 11 : one_in(2) ? (int32_t)below(12) : 20 + (int32_t)below(13);
    const int64_t wanted = operation == 10 ? 0 : operation <= 4 || operation == 11 ? 2 : 1;
    trimtab_value pair[2], found = -1;
    int64_t shape[8], rank;
    trimtab_status status;
    pair[0] = one_in(60) ? any_integer() : values[known - 1 - (int64_t)below(known < 3 ? (uint64_t)known : 3)];
    pair[1] = one_in(60) ? any_integer() : values[below((uint64_t)known)];
    status = trimtab_tape_record(tape, operation, pair, one_in(60) ? any_integer() : wanted, usual_or_any(2), usual_or_any(0.5), &found);
    if (status == TRIMTAB_OK) {
      CHECK_OK(trimtab_tape_shape(tape, found, shape, &rank));
      CHECK(rank >= 0 && rank <= 8);
      values[known++] = found;
    }
  }
  if (!one_in(20)) {
    trimtab_value total;
    if (trimtab_tape_record(tape, TRIMTAB_OPERATION_MEAN, &values[known - 1], 1, 0, 0, &total) == TRIMTAB_OK) values[known++] = total;
  }
  *loss = one_in(40) ? any_integer() : values[known - 1];
  return 0;
}

static void random_layer(trimtab_layer *layer, int rank) {
  static const trimtab_layer_kind of_rank[4][7] = {
      {0, 0, 0, 2, 7, 6, 8}, {0, 4, 5, 3, 13, 7, 12}, {1, 1, 9, 10, 11, 7, 12}, {0, 7, 7, 6, 8, 12, 0}};
  const trimtab_layer fresh = TRIMTAB_LAYER_INIT;
  *layer = fresh;
  layer->kind = one_in(40) ? (int32_t)any_integer() : one_in(8) ? (int32_t)below(14) : of_rank[rank < 1 || rank > 3 ? 3 : rank - 1][below(7)];
  layer->units = small_or_any(6);
  layer->kernel = small_or_any(3);
  layer->stride = small_or_any(2);
  layer->padding = one_in(3) ? small_or_any(2) : 0;
  layer->groups = one_in(3) ? small_or_any(4) : 1;
  layer->words = small_or_any(9);
  layer->activation = one_in(60) ? (int32_t)any_integer() : (int32_t)below(11) - 1;
  layer->normalisation = choice_or_any(6);
  layer->initialiser = choice_or_any(10);
  layer->flags = one_in(3) ? (uint32_t)below(128) : one_in(60) ? (uint32_t)random_bits(&state) : 0;
  layer->slope = one_in(4) ? usual_or_any(0.2) : -1;
  layer->rate = one_in(4) ? usual_or_any(one_in(2) ? 0.3 : 2) : -1;
  layer->epsilon = usual_or_any(1e-5);
  layer->gain = usual_or_any(1);
  if (one_in(150)) layer->struct_size = (uint32_t)any_integer();
}

static void random_net(net *made) {
  /* Not an extent that is right and only takes all memory. */
  static const int64_t wrong_extents[] = {0, -1, INT64_MIN, INT64_MAX, 1ll << 41};
  const int rank = 1 + (int)below(3);
  net_begin(made, 1);
  for (int axis = 0; axis < 3; axis++) made->shape[axis] = one_in(100) ? wrong_extents[below(5)] : 1 + (int64_t)below(6);
  made->options.input_rank = one_in(100) ? any_integer() : rank;
  if (made->options.input_rank > 4) made->options.input_rank = one_in(2) ? INT64_MAX : 8;
  made->options.layer_count = 1 + (int64_t)below(5);
  for (int64_t i = 0; i < made->options.layer_count; i++) random_layer(&made->layers[i], one_in(5) ? 1 + (int)below(3) : rank);
  if (one_in(4)) made->layers[0].kind = TRIMTAB_LAYER_EMBEDDING;
  if (one_in(100)) made->options.layer_count = one_in(2) ? INT64_MAX : -(int64_t)below(9);
  made->options.precision = choice_or_any(2);
  made->options.seed = random_bits(&state);
  made->options.loss = choice_or_any(7);
  made->options.optimizer = choice_or_any(6);
  made->options.learning_rate = usual_or_any(one_in(9) ? 1e3 : 0.05);
  made->options.momentum = usual_or_any(0.9);
  made->options.beta1 = usual_or_any(0.9);
  made->options.beta2 = usual_or_any(0.99);
  made->options.epsilon = usual_or_any(1e-8);
  made->options.smoothing = usual_or_any(0.9);
  made->options.weight_decay = usual_or_any(0.01);
  made->options.schedule = choice_or_any(4);
  made->options.clipping = choice_or_any(4);
  made->options.warm_up_steps = one_in(9) ? any_integer() : (int64_t)below(4);
  made->options.total_steps = one_in(9) ? any_integer() : 9;
  made->options.step_size = one_in(9) ? any_integer() : 3;
  made->options.decay = usual_or_any(0.5);
  made->options.minimum_factor = usual_or_any(0.1);
  made->options.maximum_norm = usual_or_any(1);
  made->options.average_decay = one_in(2) ? 0 : usual_or_any(0.9);
  made->options.leak_start = usual_or_any(0.3);
  made->options.leak_end = usual_or_any(0.01);
  made->options.leak_time = usual_or_any(20);
  made->options.objective = one_in(9) ? NULL : random_objective;
  if (one_in(150)) made->options.struct_size = (uint32_t)any_integer();
}

/* A batch for the net, right in most fields; words and labels are whole. */
static trimtab_tensor *random_batch(view *made, int64_t batch, const int64_t *shape, int64_t rank, int are_labels, double *numbers, int64_t room) {
  int64_t count = batch;
  memset(made, 0, sizeof *made);
  made->tensor.device.device_type = TRIMTAB_DEVICE_CPU;
  made->tensor.dtype.code = TRIMTAB_DTYPE_FLOAT;
  made->tensor.dtype.bits = 64;
  made->tensor.dtype.lanes = 1;
  made->tensor.shape = made->shape;
  made->tensor.ndim = 1 + (int32_t)rank;
  made->shape[0] = batch;
  for (int64_t axis = 0; axis < rank; axis++) {
    made->shape[axis + 1] = shape[axis];
    count *= shape[axis];
  }
  if (count > room || count < 0) return any_view(made);
  for (int64_t i = 0; i < count; i++)
    numbers[i] = one_in(2000) ? any_double() : are_labels ? (double)below(are_labels > 1 ? 9 : 2) : random_normal(&state) * (one_in(400) ? 1e30 : 1);
  made->tensor.data = numbers;
  return one_in(30) ? any_view(made) : &made->tensor;
}

enum { ROOM = 1 << 14 };
static double input_numbers[ROOM], target_numbers[ROOM], vector_numbers[ROOM], result_numbers[2][ROOM];

static int is_known_or_callback(trimtab_status status) { return is_known(status) || status == TRIMTAB_ERROR_CALLBACK; }
static trimtab_status known(trimtab_status status, const char *call) {
  if (!CHECK(is_known_or_callback(status))) printf("    %s: %s: %s\n", call, trimtab_status_name(status), trimtab_last_error());
  return status;
}
#define KNOWN(call) known(status = (call), #call)

static void random_graph(trimtab_trainer *trainer, int64_t nodes) {
  /* Not a size that is right and only takes long. */
  static const int64_t wrong_nodes[] = {0, -1, INT64_MIN, INT64_MAX, 1ll << 31};
  int64_t rows[12], columns[12];
  double values[12];
  trimtab_status status;
  if (nodes < 1) nodes = 1;
  for (int i = 0; i < 12; i++) {
    rows[i] = one_in(200) ? any_integer() : (int64_t)below((uint64_t)nodes);
    columns[i] = one_in(200) ? any_integer() : (int64_t)below((uint64_t)nodes);
    values[i] = usual_or_any(0.5);
  }
  KNOWN(trimtab_trainer_set_graph(trainer, one_in(60) ? wrong_nodes[below(5)] : nodes, one_in(60) ? (int64_t)below(14) - 1 : 12, rows, columns, values));
}

static int64_t parameter_count(trimtab_trainer *trainer) {
  int64_t tensors = 0, total = 0;
  CHECK_OK(trimtab_trainer_tensor_count(trainer, TRIMTAB_TRAINER_PARAMETER, &tensors));
  for (int64_t i = 0; i < tensors; i++) {
    trimtab_tensor seen;
    int64_t count = 1;
    CHECK_OK(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_PARAMETER, i, NULL, &seen));
    for (int32_t axis = 0; axis < seen.ndim; axis++) count *= seen.shape[axis];
    total += count;
  }
  return total;
}

/* One call; a failure must leave the trainer as it was. */
static void random_call(trimtab_trainer *trainer, const net *made, trimtab_monitor *monitor) {
  view x, t;
  int64_t shape[8] = {1, 1, 1, 1, 1, 1, 1, 1}, rank = 1, length = 0, batch = 1 + (int64_t)below(5);
  const int words = made->layers[0].kind == TRIMTAB_LAYER_EMBEDDING, labels = made->options.loss == TRIMTAB_LOSS_CROSS_ENTROPY;
  trimtab_tensor *inputs, *targets;
  trimtab_status status;
  unsigned char *before = one_in(3) ? trainer_bytes(trainer, &length) : NULL;
  int moved = 0;
  KNOWN(trimtab_trainer_output_shape(trainer, shape, &rank));
  inputs = random_batch(&x, batch, made->shape, made->options.input_rank, words, input_numbers, ROOM);
  targets = random_batch(&t, batch, shape, labels && rank > 0 ? rank - 1 : rank, labels || one_in(2), target_numbers, ROOM);
  status = TRIMTAB_OK;
  switch (below(12)) {
    default: {
      PATTERNED(trimtab_trainer_report, report);
      KNOWN(trimtab_trainer_step(trainer, inputs, targets, &report));
      if (status != TRIMTAB_OK) CHECK(IS_PATTERNED(report));
      break;
    }
    case 0: {
      PATTERNED(trimtab_evaluation_report, report);
      KNOWN(trimtab_trainer_evaluate(trainer, inputs, targets, &report));
      if (status != TRIMTAB_OK) CHECK(IS_PATTERNED(report));
      break;
    }
    case 1: {
      view y;
      KNOWN(trimtab_trainer_predict(trainer, inputs, random_batch(&y, batch, shape, rank, 0, result_numbers[0], ROOM)));
      break;
    }
    case 2: {
      const int64_t count = parameter_count(trainer);
      if (count > ROOM) break;
      for (int64_t i = 0; i < count; i++) vector_numbers[i] = usual_or_any(random_normal(&state));
      KNOWN(trimtab_trainer_derivatives(trainer, inputs, targets, one_in(4) ? NULL : vector_numbers, count, &result_numbers[0][0], one_in(2) ? NULL : result_numbers[0], result_numbers[1]));
      CHECK(before == NULL || same_bytes(before, length, trainer));
      break;
    }
    case 3: {
      trimtab_sharpness_options options = TRIMTAB_SHARPNESS_OPTIONS_INIT;
      PATTERNED(trimtab_sharpness_report, report);
      options.greatest_iterations = one_in(6) ? any_integer() : 6;
      options.is_preconditioned = (int32_t)below(2);
      options.trace_samples = one_in(9) ? any_integer() : (int64_t)below(3);
      if (options.trace_samples > 1000) options.trace_samples = 1000;
      options.tolerance = usual_or_any(1e-3);
      options.seed = random_bits(&state);
      KNOWN(trimtab_trainer_sharpness(trainer, inputs, targets, &options, &report));
      if (status != TRIMTAB_OK) CHECK(IS_PATTERNED(report));
      CHECK(before == NULL || same_bytes(before, length, trainer));
      break;
    }
    case 4:
      random_graph(trainer, batch);
      break;
    case 5: KNOWN(trimtab_trainer_set_learning_rate(trainer, usual_or_any(0.1))); break;
    case 6: {
      trimtab_tensor seen;
      const char *name = NULL;
      int64_t count = 0;
      const int32_t what = choice_or_any(5);
      if (KNOWN(trimtab_trainer_tensor_count(trainer, what, &count)) == TRIMTAB_OK && count > 0 &&
          KNOWN(trimtab_trainer_tensor(trainer, what, one_in(20) ? any_integer() : (int64_t)below((uint64_t)count), &name, &seen)) == TRIMTAB_OK) {
        CHECK(name != NULL && seen.data != NULL && strncmp(name, "layer", 5) == 0);
        if (what == TRIMTAB_TRAINER_PARAMETER && one_in(4)) { /* views may be written to */
          if (seen.dtype.bits == 32) *(float *)seen.data = (float)any_double();
          else *(double *)seen.data = any_double();
          moved = 1;
        }
      }
      break;
    }
    case 7: KNOWN(trimtab_trainer_attach(trainer, one_in(3) ? NULL : monitor)); break;
    case 8: {
      int64_t now = 0;
      unsigned char *saved = trainer_bytes(trainer, &now);
      if (saved != NULL) {
        for (uint64_t changes = below(3); changes > 0; changes--) saved[below((uint64_t)now)] = (unsigned char)below(256);
        KNOWN(trimtab_trainer_load(trainer, saved, one_in(9) ? (int64_t)below((uint64_t)now) : now));
      }
      free(saved);
    }
  }
  if (before != NULL && status != TRIMTAB_OK && !moved) CHECK(same_bytes(before, length, trainer));
  free(before);
}

static uint64_t trainers_made, calls_done;

static void random_trainers(void) {
  net made;
  trimtab_trainer *trainer = NULL;
  trimtab_monitor *monitor = NULL;
  trimtab_status status;
  random_net(&made);
  KNOWN(trimtab_trainer_create(&made.options, &trainer));
  CHECK((trainer != NULL) == (status == TRIMTAB_OK));
  if (trainer == NULL) return;
  trainers_made++;
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  if (one_in(2)) random_graph(trainer, 1 + (int64_t)below(5));
  for (uint64_t calls = 1 + below(12); calls > 0; calls--, calls_done++) random_call(trainer, &made, monitor);
  trimtab_trainer_destroy(trainer);
  trimtab_monitor_destroy(monitor);
}

/* Derivatives of a random loss of random arrays. */
static void random_objectives(void) {
  view views[8];
  trimtab_tensor operands[2], vectors[2], gradients[2], products[2];
  int64_t shape[3];
  double loss;
  trimtab_status status;
  const int64_t rank = (int64_t)below(4);
  for (int i = 0; i < 3; i++) shape[i] = 1 + (int64_t)below(3);
  for (int i = 0; i < 2; i++) {
    operands[i] = *random_batch(&views[i], 1 + (int64_t)below(3), shape, rank, 0, input_numbers + 100 * i, 100);
    vectors[i] = operands[i];
    if (one_in(20)) vectors[i] = *any_view(&views[2 + i]);
    gradients[i] = operands[i];
    products[i] = operands[i];
    gradients[i].data = result_numbers[0] + 100 * i;
    products[i].data = result_numbers[1] + 100 * i;
    if (operands[i].data != input_numbers + 100 * i) { /* any view: its strides are its own */
      gradients[i] = *random_batch(&views[4 + i], 3, shape, rank, 0, result_numbers[0] + 100 * i, 100);
      products[i] = gradients[i];
      gradients[i].byte_offset = products[i].byte_offset = 0;
      if (gradients[i].data != result_numbers[0] + 100 * i) return;
    }
  }
  KNOWN(trimtab_objective_derivatives(random_objective, NULL, operands, one_in(60) ? (int64_t)below(3) - 1 : 1 + (int64_t)below(2), one_in(2) ? vectors : NULL, &loss,
                                      one_in(3) ? NULL : gradients, products));
}

#endif
