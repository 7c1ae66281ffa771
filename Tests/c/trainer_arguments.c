/* What a trainer refuses: the right status, a message that names the field, outputs and trainer as they were. */
#include "trainers.h"

static float points[8] = {1, 2, 3, 4, 5, 6, 7, 8};
static int64_t labels_data[4] = {0, 1, 1, 0};
static view inputs_view, labels_view;

static trimtab_tensor *inputs(void) { return matrix32(&inputs_view, points, 4, 2); }
static trimtab_tensor *labels(void) { return labels64(&labels_view, labels_data, 4); }

/* Nothing is made, and the message begins with the field. */
static void refused(const net *made, trimtab_status wanted, const char *field, const char *file, int line) {
  trimtab_trainer *trainer = (trimtab_trainer *)(void *)points;
  const trimtab_status found = trimtab_trainer_create(&made->options, &trainer);
  if (!check_that(found == wanted && trainer == (trimtab_trainer *)(void *)points && strncmp(trimtab_last_error(), field, strlen(field)) == 0, field, file, line))
    printf("    found %s\n", trimtab_status_name(found));
}

#define REFUSED(wanted, field, change)                \
  do {                                                \
    net made;                                         \
    net_classifier(&made);                            \
    change;                                           \
    refused(&made, wanted, field, __FILE__, __LINE__); \
  } while (0)
#define INVALID(field, change) REFUSED(TRIMTAB_ERROR_INVALID_ARGUMENT, field, change)
#define UNSHAPED(field, change) REFUSED(TRIMTAB_ERROR_SHAPE, field, change)

static void options_that_cannot_be(void) {
  static const double wrong[] = {-1, -1e-300, NAN, INFINITY};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    INVALID("options.learning_rate", made.options.learning_rate = wrong[i]);
    INVALID("options.momentum", made.options.momentum = wrong[i]);
    INVALID("options.beta1", made.options.beta1 = wrong[i]);
    INVALID("options.beta2", made.options.beta2 = wrong[i]);
    INVALID("options.epsilon", made.options.epsilon = wrong[i]);
    INVALID("options.smoothing", made.options.smoothing = wrong[i]);
    INVALID("options.weight_decay", made.options.weight_decay = wrong[i]);
    INVALID("options.average_decay", made.options.average_decay = wrong[i]);
    INVALID("options.leak_time", made.options.leak_time = wrong[i]);
    INVALID("options.maximum_norm", (made.options.clipping = TRIMTAB_CLIPPING_FIXED, made.options.maximum_norm = wrong[i]));
    INVALID("options.minimum_factor", (made.options.schedule = TRIMTAB_SCHEDULE_COSINE, made.options.total_steps = 9, made.options.minimum_factor = wrong[i]));
    INVALID("options.decay", (made.options.schedule = TRIMTAB_SCHEDULE_EXPONENTIAL, made.options.decay = wrong[i]));
  }
  INVALID("options.epsilon", made.options.epsilon = 0);
  INVALID("options.epsilon", made.options.epsilon = 1e-60); /* 0 in float32 */
  INVALID("options.leak", made.options.leak_start = NAN);
  INVALID("options.leak", made.options.leak_end = INFINITY);
  INVALID("options.momentum", made.options.momentum = 1);
  INVALID("options.average_decay", made.options.average_decay = 1);
  INVALID("options.precision", made.options.precision = 2);
  INVALID("options.loss", made.options.loss = 7);
  INVALID("options.loss", made.options.loss = -1);
  INVALID("options.optimizer", made.options.optimizer = 6);
  INVALID("options.schedule", made.options.schedule = 4);
  INVALID("options.clipping", made.options.clipping = INT32_MIN);
  INVALID("options.total_steps", made.options.schedule = TRIMTAB_SCHEDULE_COSINE);
  INVALID("options.step_size", made.options.schedule = TRIMTAB_SCHEDULE_STEP);
  INVALID("options.warm_up_steps", made.options.warm_up_steps = -1);
  INVALID("options.warm_up_steps", made.options.warm_up_steps = INT64_MIN);
  INVALID("options.layer_count", made.options.layer_count = 0);
  INVALID("options.layer_count", made.options.layer_count = -1);
  INVALID("options.layer_count", made.options.layer_count = INT64_MAX);
  UNSHAPED("options.input_rank", made.options.input_rank = 0);
  UNSHAPED("options.input_rank", made.options.input_rank = 8);
  UNSHAPED("options.input_rank", made.options.input_rank = INT64_MIN);
  UNSHAPED("options.input_shape", made.shape[0] = 0);
  UNSHAPED("options.input_shape", made.shape[0] = -2);
  REFUSED(TRIMTAB_ERROR_OVERFLOW, "options.input_shape", made.shape[0] = INT64_MAX);
  REFUSED(TRIMTAB_ERROR_NULL_ARGUMENT, "options.layers", made.options.layers = NULL);
  REFUSED(TRIMTAB_ERROR_NULL_ARGUMENT, "options.input_shape", made.options.input_shape = NULL);
  INVALID("options.objective", made.options.loss = TRIMTAB_LOSS_CUSTOM);
  {
    net made;
    trimtab_trainer *trainer = NULL;
    net_classifier(&made);
    CHECK_STATUS(trimtab_trainer_create(NULL, &trainer), TRIMTAB_ERROR_NULL_ARGUMENT);
    CHECK_STATUS(trimtab_trainer_create(&made.options, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
    CHECK(trainer == NULL);
  }
}

static void layers_that_cannot_be(void) {
  static const int64_t wrong[] = {0, -1, INT64_MIN, INT64_MAX, 1ll << 31, 1 << 25};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    INVALID("layers[1].units", made.layers[1].units = wrong[i]);
    CHECK(strstr(trimtab_last_error(), "allowed 1 to 16777216") != NULL);
    INVALID("layers[0].stride", (made.shape[1] = made.shape[2] = 8, made.options.input_rank = 3, made.layers[0].kind = TRIMTAB_LAYER_MEAN_POOLING, made.layers[0].stride = wrong[i]));
    CHECK(strstr(trimtab_last_error(), "allowed 1 to 65536") != NULL);
  }
  /* What a kind does not name is not looked at. */
  {
    net made;
    net_classifier(&made);
    made.layers[0].words = made.layers[0].padding = INT64_MIN;
    made.layers[1].stride = made.layers[1].groups = -1;
    trimtab_trainer_destroy(net_made(&made));
  }
  INVALID("layers[1].kind", made.layers[1].kind = 14);
  INVALID("layers[1].kind", made.layers[1].kind = -1);
  INVALID("layers[1].kind", made.layers[1].kind = TRIMTAB_LAYER_EMBEDDING);
  INVALID("layers[0].activation", made.layers[0].activation = 10);
  INVALID("layers[0].activation", made.layers[0].activation = -2);
  INVALID("layers[0].activation", made.layers[0].activation = INT32_MIN);
  INVALID("layers[0].activation", (made.layers[0].kind = TRIMTAB_LAYER_ACTIVATION, made.layers[0].activation = -1));
  INVALID("layers[0].initialiser", made.layers[0].initialiser = 10);
  INVALID("layers[0].initialiser", made.layers[0].initialiser = INT32_MIN);
  INVALID("layers[0].gain", (made.layers[0].initialiser = TRIMTAB_INITIALISER_CONSTANT, made.layers[0].gain = NAN));
  INVALID("layers[0].normalisation", made.layers[0].normalisation = 9);
  INVALID("layers[0].flags", made.layers[0].flags = 128);
  INVALID("layers[0].slope", made.layers[0].slope = NAN);
  INVALID("layers[0].flags", made.layers[0].flags = TRIMTAB_LAYER_SCHEDULED_LEAK); /* tanh has no leak */
  INVALID("layers[0].epsilon", (made.layers[0].kind = TRIMTAB_LAYER_NORMALISATION, made.layers[0].epsilon = 0));
  INVALID("layers[0].rate", (made.layers[0].kind = TRIMTAB_LAYER_DROPOUT, made.layers[0].rate = 1));
  INVALID("layers[0].rate", (made.layers[0].kind = TRIMTAB_LAYER_DROPOUT, made.layers[0].rate = NAN));
  INVALID("layers[0].groups", (made.layers[0].kind = TRIMTAB_LAYER_NORMALISATION, made.layers[0].normalisation = TRIMTAB_NORMALISATION_GROUP, made.layers[0].groups = 3));
  UNSHAPED("layers[0]", made.layers[0].kind = TRIMTAB_LAYER_CONVOLUTION);
  UNSHAPED("layers[0]", made.layers[0].kind = TRIMTAB_LAYER_GRU);
  UNSHAPED("layers[0]", made.layers[0].kind = TRIMTAB_LAYER_ATTENTION);
  UNSHAPED("layers[0]", made.layers[0].kind = TRIMTAB_LAYER_TIME_MEAN);
  UNSHAPED("layers[0]", made.layers[0].kind = TRIMTAB_LAYER_MAXIMUM_POOLING);
  UNSHAPED("layers[0]", made.layers[0].flags = TRIMTAB_LAYER_RESIDUAL);
  INVALID("layers[0].words", made.layers[0].kind = TRIMTAB_LAYER_EMBEDDING);
  REFUSED(TRIMTAB_ERROR_STRUCT_SIZE, "layers[1]", made.layers[1].struct_size = 0);
  REFUSED(TRIMTAB_ERROR_STRUCT_SIZE, "layers[0]", made.layers[0].struct_size += 8);
}

static void windows_that_do_not_fit(void) {
  static const int64_t wrong[][3] = {{9, 1, 0}, {0, 1, 0}, {3, 0, 0}, {3, 1, 3}, {1 << 30, 1, (1 << 30) - 1}, {-1, 1, 0}, {3, 1 << 20, 0}};
  static const trimtab_layer_kind kinds[] = {TRIMTAB_LAYER_CONVOLUTION, TRIMTAB_LAYER_MAXIMUM_POOLING, TRIMTAB_LAYER_MEAN_POOLING};
  for (size_t k = 0; k < 3; k++)
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
      net made;
      net_begin(&made, 8);
      made.shape[1] = 8;
      made.options.input_rank = 3;
      net_add(&made, kinds[k], 2, TRIMTAB_LAYER_ACTIVATION_NONE);
      made.layers[0].kernel = wrong[i][0];
      made.layers[0].stride = wrong[i][1];
      made.layers[0].padding = wrong[i][2];
      refused(&made, TRIMTAB_ERROR_INVALID_ARGUMENT, "layers[0].", __FILE__, __LINE__);
    }
}

/* A step, an evaluation and derivatives: refused alike, and nothing has changed. */
static trimtab_trainer *trainer;
static unsigned char *state;
static int64_t state_length;

static void batch_refused(const trimtab_tensor *x, const trimtab_tensor *t, trimtab_status wanted, const char *field, int line) {
  PATTERNED(trimtab_trainer_report, step);
  PATTERNED(trimtab_evaluation_report, evaluation);
  PATTERNED(trimtab_sharpness_report, sharpness);
  double loss[1 + 82];
  memset(loss, UNTOUCHED, sizeof loss);
  for (int call = 0; call < 4; call++) {
    const trimtab_status found = call == 0   ? trimtab_trainer_step(trainer, x, t, &step)
                                 : call == 1 ? trimtab_trainer_evaluate(trainer, x, t, &evaluation)
                                 : call == 2 ? trimtab_trainer_derivatives(trainer, x, t, NULL, 82, loss, loss + 1, NULL)
                                             : trimtab_trainer_sharpness(trainer, x, t, NULL, &sharpness);
    if (!check_that(found == wanted && strncmp(trimtab_last_error(), field, strlen(field)) == 0, field, __FILE__, line))
      printf("    call %d: found %s\n", call, trimtab_status_name(found));
  }
  CHECK(IS_PATTERNED(step) && IS_PATTERNED(evaluation) && IS_PATTERNED(sharpness) && is_untouched(loss, sizeof loss));
  CHECK(same_bytes(state, state_length, trainer));
}

static void batches_that_do_not_fit(void) {
  net made;
  view x, t;
  float data[24];
  int64_t wrong[4] = {0, 1, 2, 0};
  double fractions[4] = {0, 1, 0.5, 0};
  net_classifier(&made);
  made.options.optimizer = TRIMTAB_OPTIMIZER_ADAM;
  trainer = net_made(&made);
  step_loss(trainer, inputs(), labels());
  state = trainer_bytes(trainer, &state_length);
#define BATCH(x, t, wanted, field) batch_refused(x, t, wanted, field, __LINE__)
  memcpy(data, points, sizeof points);
  BATCH(NULL, labels(), TRIMTAB_ERROR_NULL_ARGUMENT, "inputs");
  BATCH(inputs(), NULL, TRIMTAB_ERROR_NULL_ARGUMENT, "targets");
  BATCH(matrix32(&x, data, 4, 1), labels(), TRIMTAB_ERROR_SHAPE, "inputs");
  BATCH(matrix32(&x, data, 0, 2), labels(), TRIMTAB_ERROR_SHAPE, "inputs");
  BATCH(view_make(&x, data, TRIMTAB_DTYPE_FLOAT, 32, 1, 4, 0, 0), labels(), TRIMTAB_ERROR_SHAPE, "inputs");
  BATCH(view_make(&x, data, TRIMTAB_DTYPE_FLOAT, 32, 3, 2, 2, 2), labels(), TRIMTAB_ERROR_SHAPE, "inputs");
  BATCH(view_make(&x, data, TRIMTAB_DTYPE_FLOAT, 32, 0, 2, 2, 2), labels(), TRIMTAB_ERROR_SHAPE, "inputs");
  BATCH(view_make(&x, data, 9, 32, 2, 4, 2, 0), labels(), TRIMTAB_ERROR_DTYPE, "inputs");
  BATCH(matrix32(&x, data, 3, 2), labels(), TRIMTAB_ERROR_SHAPE, "targets");
  BATCH(inputs(), labels64(&t, labels_data, 3), TRIMTAB_ERROR_SHAPE, "targets");
  BATCH(inputs(), labels64(&t, wrong, 4), TRIMTAB_ERROR_INVALID_ARGUMENT, "targets");
  wrong[2] = -1;
  BATCH(inputs(), labels64(&t, wrong, 4), TRIMTAB_ERROR_INVALID_ARGUMENT, "targets");
  wrong[2] = INT64_MAX;
  BATCH(inputs(), labels64(&t, wrong, 4), TRIMTAB_ERROR_INVALID_ARGUMENT, "targets");
  BATCH(inputs(), vector64(&t, fractions, 4), TRIMTAB_ERROR_INVALID_ARGUMENT, "targets");
  fractions[2] = NAN;
  BATCH(inputs(), vector64(&t, fractions, 4), TRIMTAB_ERROR_INVALID_ARGUMENT, "targets");
  data[5] = NAN;
  BATCH(matrix32(&x, data, 4, 2), labels(), TRIMTAB_ERROR_INVALID_ARGUMENT, "inputs");
  data[5] = INFINITY;
  BATCH(matrix32(&x, data, 4, 2), labels(), TRIMTAB_ERROR_INVALID_ARGUMENT, "inputs");
  {
    PATTERNED(trimtab_trainer_report, report);
    float outputs[8];
    memset(outputs, UNTOUCHED, sizeof outputs);
    report.struct_size = 4;
    CHECK_STATUS(trimtab_trainer_step(trainer, inputs(), labels(), &report), TRIMTAB_ERROR_STRUCT_SIZE);
    CHECK_STATUS(trimtab_trainer_step(trainer, inputs(), labels(), NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
    CHECK_STATUS(trimtab_trainer_step(NULL, inputs(), labels(), &report), TRIMTAB_ERROR_NULL_ARGUMENT);
    CHECK_STATUS(trimtab_trainer_predict(trainer, inputs(), NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
    CHECK_STATUS(trimtab_trainer_predict(trainer, NULL, matrix32(&t, outputs, 4, 2)), TRIMTAB_ERROR_NULL_ARGUMENT);
    CHECK_STATUS(trimtab_trainer_predict(trainer, inputs(), matrix32(&t, outputs, 4, 1)), TRIMTAB_ERROR_SHAPE);
    CHECK_STATUS(trimtab_trainer_predict(trainer, inputs(), view_make(&t, outputs, TRIMTAB_DTYPE_INT, 32, 2, 4, 2, 0)), TRIMTAB_ERROR_DTYPE);
    CHECK(is_untouched(outputs, sizeof outputs));
  }
  CHECK(same_bytes(state, state_length, trainer));
  CHECK_OK(trimtab_trainer_tensor_count(trainer, TRIMTAB_TRAINER_AVERAGE, &(int64_t){0}));
  free(state);
  trimtab_trainer_destroy(trainer);
}

static void words_outside(void) {
  net made;
  view x, t;
  double words[6] = {0, 1, 2, 3, 4, 4};
  int64_t classes[2] = {0, 1};
  PATTERNED(trimtab_trainer_report, report);
  net_begin(&made, 3);
  net_add(&made, TRIMTAB_LAYER_EMBEDDING, 4, TRIMTAB_LAYER_ACTIVATION_NONE)->words = 5;
  net_add(&made, TRIMTAB_LAYER_TIME_MEAN, 0, TRIMTAB_LAYER_ACTIVATION_NONE);
  net_add(&made, TRIMTAB_LAYER_DENSE, 2, TRIMTAB_LAYER_ACTIVATION_NONE);
  made.options.loss = TRIMTAB_LOSS_CROSS_ENTROPY;
  trainer = net_made(&made);
  CHECK_OK(trimtab_trainer_step(trainer, matrix64(&x, words, 2, 3), labels64(&t, classes, 2), &report));
  static const double wrong[] = {5, -1, 0.5, NAN, INFINITY, 1e300};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    words[4] = wrong[i];
    CHECK_STATUS(trimtab_trainer_step(trainer, &x.tensor, &t.tensor, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK(strncmp(trimtab_last_error(), "inputs", 6) == 0);
  }
  trimtab_trainer_destroy(trainer);
}

static void views_and_rates_outside(void) {
  net made;
  trimtab_tensor seen;
  const char *name = NULL;
  int64_t count = -7, needed = -7, shape[8];
  static const int64_t wrong[] = {-1, 4, INT64_MAX, INT64_MIN};
  static const double rates[] = {-1, NAN, INFINITY, -INFINITY};
  memset(&seen, UNTOUCHED, sizeof seen);
  net_classifier(&made);
  trainer = net_made(&made);
  state = trainer_bytes(trainer, &state_length);
  for (size_t i = 0; i < 4; i++) {
    CHECK_STATUS(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_PARAMETER, wrong[i], &name, &seen), TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK(strncmp(trimtab_last_error(), "index", 5) == 0);
    CHECK_STATUS(trimtab_trainer_set_learning_rate(trainer, rates[i]), TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK(strncmp(trimtab_last_error(), "rate: found ", 12) == 0);
  }
  CHECK_STATUS(trimtab_trainer_tensor(trainer, 5, 0, &name, &seen), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_tensor(trainer, -1, 0, &name, &seen), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_tensor(trainer, 0, 0, &name, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_tensor(NULL, 0, 0, &name, &seen), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_tensor_count(trainer, 5, &count), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_tensor_count(trainer, 0, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_tensor_count(NULL, 0, &count), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_set_learning_rate(NULL, 1), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_attach(NULL, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_output_shape(NULL, shape, &count), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_output_shape(trainer, NULL, &count), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_save(NULL, NULL, 0, &needed), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_save(trainer, NULL, 0, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_load(trainer, NULL, 4), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_load(NULL, state, state_length), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_trainer_load(trainer, state, -1), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(count == -7 && needed == -7 && name == NULL && is_untouched(&seen, sizeof seen));
  CHECK(same_bytes(state, state_length, trainer));
  free(state);
  trimtab_trainer_destroy(trainer);
}

/* A loss that calls its own trainer: everything is refused, and the call that asked for the loss goes its way. */
static int is_nested, is_destroying;

static int32_t calls_its_trainer(void *user, trimtab_tape *tape, const trimtab_value *operands, int64_t count, trimtab_value *loss) {
  trimtab_value difference, square;
  (void)user;
  if (count != 2) return 1;
  if (is_nested) {
    PATTERNED(trimtab_trainer_report, report);
    PATTERNED(trimtab_evaluation_report, evaluation);
    float outputs[8];
    view x, t, y;
    int64_t needed = -1;
    const int64_t none = 0;
    trimtab_trainer *const own = trainer;
#define REFUSED_WITHIN(call)                               \
  do {                                                     \
    CHECK_STATUS(call, TRIMTAB_ERROR_INVALID_ARGUMENT);    \
    CHECK(strstr(trimtab_last_error(), "own objective") != NULL); \
  } while (0)
    for (int64_t rows = 1; rows <= 3; rows++) {
      REFUSED_WITHIN(trimtab_trainer_step(own, matrix32(&x, points, rows, 2), matrix32(&t, points, rows, 2), &report));
      REFUSED_WITHIN(trimtab_trainer_evaluate(own, &x.tensor, &t.tensor, &evaluation));
      REFUSED_WITHIN(trimtab_trainer_predict(own, &x.tensor, matrix32(&y, outputs, rows, 2)));
    }
    REFUSED_WITHIN(trimtab_trainer_set_learning_rate(own, 1));
    REFUSED_WITHIN(trimtab_trainer_set_graph(own, 1, 0, &none, &none, NULL));
    REFUSED_WITHIN(trimtab_trainer_attach(own, NULL));
    REFUSED_WITHIN(trimtab_trainer_save(own, NULL, 0, &needed));
    REFUSED_WITHIN(trimtab_trainer_load(own, state, state_length));
    CHECK(IS_PATTERNED(report) && IS_PATTERNED(evaluation) && needed == -1);
    if (is_destroying) trimtab_trainer_destroy(own);
  }
  CHECK_OK(trimtab_tape_record(tape, TRIMTAB_OPERATION_SUBTRACT, operands, 2, 0, 0, &difference));
  CHECK_OK(trimtab_tape_record(tape, TRIMTAB_OPERATION_POWER, &difference, 1, 2, 0, &square));
  return trimtab_tape_record(tape, TRIMTAB_OPERATION_MEAN, &square, 1, 0, 0, loss);
}

static void a_loss_that_calls_its_trainer(void) {
  net made;
  view x, t;
  double calm, nested;
  net_classifier(&made);
  made.options.loss = TRIMTAB_LOSS_CUSTOM;
  made.options.objective = calls_its_trainer;
  is_nested = is_destroying = 0;
  trainer = net_made(&made);
  calm = step_loss(trainer, matrix32(&x, points, 4, 2), matrix32(&t, points, 4, 2));
  state = trainer_bytes(trainer, &state_length);
  trimtab_trainer_destroy(trainer);
  trainer = net_made(&made); /* while it is made there is no handle to call */
  is_nested = 1;
  nested = step_loss(trainer, matrix32(&x, points, 4, 2), matrix32(&t, points, 4, 2));
  CHECK(nested == calm && same_bytes(state, state_length, trainer));
  CHECK_OK(trimtab_trainer_load(trainer, state, state_length));
  CHECK(same_bytes(state, state_length, trainer));
  is_destroying = 1;
  CHECK(step_loss(trainer, matrix32(&x, points, 3, 2), matrix32(&t, points, 3, 2)) > 0);
  free(state);
}

/* Every byte that is wrong, every length that is short, and states of something else. */
static void checkpoints_of_something_else(void) {
  net made;
  unsigned char *changed;
  trimtab_covariance *covariance = NULL;
  int64_t length = 0;
  net_classifier(&made);
  trainer = net_made(&made);
  step_loss(trainer, inputs(), labels());
  state = trainer_bytes(trainer, &state_length);
  changed = (unsigned char *)malloc((size_t)state_length);
  for (int64_t place = 0; place < state_length; place += place < 200 ? 1 : 13) {
    memcpy(changed, state, (size_t)state_length);
    changed[place] ^= (unsigned char)(1 + place % 255);
    CHECK(trimtab_trainer_load(trainer, changed, state_length) != TRIMTAB_OK);
  }
  for (int64_t short_by = 1; short_by <= state_length; short_by += 7)
    CHECK(trimtab_trainer_load(trainer, state, state_length - short_by) != TRIMTAB_OK);
  CHECK(same_bytes(state, state_length, trainer));
  CHECK_OK(trimtab_covariance_create(NULL, &covariance));
  CHECK_STATUS(trimtab_covariance_save(covariance, NULL, 0, &length), TRIMTAB_ERROR_CAPACITY);
  changed = (unsigned char *)realloc(changed, (size_t)length + 1);
  CHECK_OK(trimtab_covariance_save(covariance, changed, length, &length));
  CHECK_STATUS(trimtab_trainer_load(trainer, changed, length), TRIMTAB_ERROR_STATE_KIND);
  trimtab_covariance_destroy(covariance);
  for (int difference = 0; difference < 12; difference++) {
    trimtab_trainer *other;
    net_classifier(&made);
    if (difference == 0) made.layers[0].units = 17;
    if (difference == 1) made.layers[0].activation = TRIMTAB_ACTIVATION_RELU;
    if (difference == 2) made.options.optimizer = TRIMTAB_OPTIMIZER_NESTEROV;
    if (difference == 3) made.options.precision = TRIMTAB_PRECISION_FLOAT64;
    if (difference == 4) made.options.seed = 1;
    if (difference == 5) made.options.average_decay = 0.5;
    if (difference == 6) made.layers[0].flags = TRIMTAB_LAYER_NO_BIAS;
    if (difference == 7) made.options.clipping = TRIMTAB_CLIPPING_PER_TENSOR;
    if (difference == 8) made.layers[0].flags = TRIMTAB_LAYER_SPECTRAL;
    if (difference == 9) made.options.loss = TRIMTAB_LOSS_SQUARED;
    if (difference == 10) made.layers[0].slope = 0.3;
    if (difference == 11) made.options.clipping = TRIMTAB_CLIPPING_FIXED;
    other = net_made(&made);
    {
      int64_t other_length = 0;
      unsigned char *other_state = trainer_bytes(other, &other_length);
      if (!CHECK_STATUS(trimtab_trainer_load(other, state, state_length), TRIMTAB_ERROR_MISMATCH)) printf("    difference %d\n", difference);
      CHECK(same_bytes(other_state, other_length, other));
      free(other_state);
    }
    trimtab_trainer_destroy(other);
  }
  free(changed);
  free(state);
  trimtab_trainer_destroy(trainer);
}

int main(void) {
  RUN(options_that_cannot_be);
  RUN(layers_that_cannot_be);
  RUN(windows_that_do_not_fit);
  RUN(batches_that_do_not_fit);
  RUN(words_outside);
  RUN(views_and_rates_outside);
  RUN(a_loss_that_calls_its_trainer);
  RUN(checkpoints_of_something_else);
  return finish("trainer_arguments");
}
