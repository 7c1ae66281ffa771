/* Derivatives against closed forms: quadratics, cubes, losses of a callback, and a callback that fails. */
#include "trainers.h"

/* Three samples along the axes, so that the Hessian X^T X / N is diag(4, 9, 1/4). */
static double axes[9] = {2, 0, 0, 0, 3, 0, 0, 0, 0.5};
static double zeros[3] = {0, 0, 0};
static view x_view, t_view;

static trimtab_tensor *xs(void) { return matrix64(&x_view, axes, 3, 3); }
static trimtab_tensor *ts(void) { return matrix64(&t_view, zeros, 3, 1); }

static void scale_axes(void) {
  for (int i = 0; i < 3; i++) axes[4 * i] *= sqrt(3.0);
}

static void products_of_a_quadratic(void) {
  enum { ROWS = 7, COLUMNS = 4 };
  double x[ROWS * COLUMNS], t[ROWS], v[COLUMNS], gradient[COLUMNS], product[COLUMNS], loss = -1, wanted, error[ROWS];
  view xv, tv;
  net made;
  trimtab_trainer *trainer;
  trimtab_tensor weight;
  unsigned char *state;
  int64_t length = 0;
  fill_normal(x, ROWS * COLUMNS, 1);
  fill_normal(t, ROWS, 2);
  fill_normal(v, COLUMNS, 3);
  for (int32_t kind = TRIMTAB_LOSS_SQUARED; kind <= TRIMTAB_LOSS_HALF_SQUARED; kind++) {
    const double factor = kind == TRIMTAB_LOSS_SQUARED ? 2 : 1;
    net_quadratic(&made, COLUMNS);
    made.options.loss = kind;
    trainer = net_made(&made);
    state = trainer_bytes(trainer, &length);
    CHECK_OK(trimtab_trainer_derivatives(trainer, matrix64(&xv, x, ROWS, COLUMNS), matrix64(&tv, t, ROWS, 1), v, COLUMNS, &loss, gradient, product));
    CHECK_OK(trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_PARAMETER, 0, NULL, &weight));
    wanted = 0;
    for (int r = 0; r < ROWS; r++) {
      error[r] = -t[r];
      for (int c = 0; c < COLUMNS; c++) error[r] += x[r * COLUMNS + c] * ((double *)weight.data)[c];
      wanted += factor / 2 * error[r] * error[r] / ROWS;
    }
    CHECK_NEAR(loss, wanted, 1e-12);
    for (int i = 0; i < COLUMNS; i++) {
      double slope = 0, bend = 0;
      for (int r = 0; r < ROWS; r++) {
        double along = 0;
        for (int c = 0; c < COLUMNS; c++) along += x[r * COLUMNS + c] * v[c];
        slope += factor * x[r * COLUMNS + i] * error[r] / ROWS;
        bend += factor * x[r * COLUMNS + i] * along / ROWS;
      }
      CHECK_NEAR(gradient[i], slope, 1e-12);
      CHECK_NEAR(product[i], bend, 1e-12);
    }
    /* A gradient alone, nothing but the loss, and nothing that moves. */
    memset(product, UNTOUCHED, sizeof product);
    wanted = gradient[1];
    CHECK_OK(trimtab_trainer_derivatives(trainer, &xv.tensor, &tv.tensor, NULL, COLUMNS, &loss, gradient, NULL));
    CHECK(gradient[1] == wanted && is_untouched(product, sizeof product));
    CHECK_OK(trimtab_trainer_derivatives(trainer, &xv.tensor, &tv.tensor, NULL, COLUMNS, &loss, NULL, NULL));
    CHECK(same_bytes(state, length, trainer));
    free(state);
    trimtab_trainer_destroy(trainer);
  }
}

/* The Hessian of a net is symmetric, and its products add up. */
static void products_of_a_net_are_symmetric(void) {
  double x[24], t[8], u[33], v[33], hu[33], hv[33], loss, one = 0, two = 0;
  view xv, tv;
  net made;
  trimtab_trainer *trainer;
  fill_normal(x, 24, 4);
  fill_normal(t, 8, 5);
  fill_normal(u, 33, 6);
  fill_normal(v, 33, 7);
  net_begin(&made, 3);
  net_add(&made, TRIMTAB_LAYER_DENSE, 4, TRIMTAB_ACTIVATION_GELU);
  net_add(&made, TRIMTAB_LAYER_NORMALISATION, 0, TRIMTAB_ACTIVATION_TANH)->normalisation = TRIMTAB_NORMALISATION_LAYER;
  net_add(&made, TRIMTAB_LAYER_DENSE, 1, TRIMTAB_LAYER_ACTIVATION_NONE);
  net_add(&made, TRIMTAB_LAYER_ACTIVATION, 0, TRIMTAB_LAYER_ACTIVATION_SOFTPLUS);
  made.options.precision = TRIMTAB_PRECISION_FLOAT64;
  trainer = net_made(&made);
  {
    const int64_t count = 4 * 3 + 4 + 4 + 4 + 4 + 1;
    CHECK_OK(trimtab_trainer_derivatives(trainer, matrix64(&xv, x, 8, 3), matrix64(&tv, t, 8, 1), u, count, &loss, NULL, hu));
    CHECK_OK(trimtab_trainer_derivatives(trainer, &xv.tensor, &tv.tensor, v, count, &loss, NULL, hv));
    for (int64_t i = 0; i < count; i++) one += u[i] * hv[i], two += v[i] * hu[i];
    CHECK_NEAR(one, two, 1e-10);
    CHECK(fabs(one) > 1e-3);
    CHECK_STATUS(trimtab_trainer_derivatives(trainer, &xv.tensor, &tv.tensor, v, count + 1, &loss, NULL, hv), TRIMTAB_ERROR_MISMATCH);
    CHECK_STATUS(trimtab_trainer_derivatives(trainer, &xv.tensor, &tv.tensor, v, -1, &loss, NULL, hv), TRIMTAB_ERROR_MISMATCH);
    CHECK_STATUS(trimtab_trainer_derivatives(trainer, &xv.tensor, &tv.tensor, v, count, &loss, NULL, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
    CHECK_STATUS(trimtab_trainer_derivatives(trainer, &xv.tensor, &tv.tensor, v, count, NULL, NULL, hv), TRIMTAB_ERROR_NULL_ARGUMENT);
  }
  trimtab_trainer_destroy(trainer);
}

static void sharpness_of_a_quadratic(void) {
  static const struct { int32_t optimizer; double constant; } rules[] = {
      {TRIMTAB_OPTIMIZER_SGD, 2}, {TRIMTAB_OPTIMIZER_HEAVY_BALL, 2 * 1.9}, {TRIMTAB_OPTIMIZER_NESTEROV, 2 * 1.9 / 2.8}, {TRIMTAB_OPTIMIZER_ADAM, 2 * 1.9 / 0.1}};
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    net made;
    trimtab_trainer *trainer;
    trimtab_sharpness_options options = TRIMTAB_SHARPNESS_OPTIONS_INIT;
    trimtab_sharpness_report report = TRIMTAB_SHARPNESS_REPORT_INIT;
    unsigned char *state;
    int64_t length = 0;
    net_quadratic(&made, 3);
    made.options.optimizer = rules[i].optimizer;
    made.options.learning_rate = 0.2;
    trainer = net_made(&made);
    state = trainer_bytes(trainer, &length);
    options.trace_samples = 4;
    options.tolerance = 1e-9;
    CHECK_OK(trimtab_trainer_sharpness(trainer, xs(), ts(), &options, &report));
    CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.is_converged == 1 && report.iterations >= 1);
    CHECK_NEAR(report.largest_eigenvalue, 9, 1e-9);
    CHECK(report.residual_bound < 1e-6);
    CHECK_NEAR(report.threshold, rules[i].constant / 0.2, 1e-12);
    /* Adam's threshold is for the Hessian that it preconditions. */
    if (rules[i].optimizer == TRIMTAB_OPTIMIZER_ADAM) CHECK(isnan(report.index));
    else CHECK_NEAR(report.index, 9 * 0.2 / rules[i].constant, 1e-9);
    CHECK_NEAR(report.trace, 13.25, 1e-9);
    CHECK(report.trace_error < 1e-9);
    CHECK_OK(trimtab_trainer_sharpness(trainer, xs(), ts(), NULL, &report));
    CHECK_NEAR(report.largest_eigenvalue, 9, 1e-2);
    CHECK(isnan(report.trace));
    options.is_preconditioned = 1;
    if (rules[i].optimizer == TRIMTAB_OPTIMIZER_ADAM) { /* no step, no P */
      CHECK_STATUS(trimtab_trainer_sharpness(trainer, xs(), ts(), &options, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
    } else {
      CHECK_OK(trimtab_trainer_sharpness(trainer, xs(), ts(), &options, &report));
      CHECK_NEAR(report.largest_eigenvalue, 9, 1e-9); /* P is 1 */
    }
    options.is_preconditioned = 0;
    options.greatest_iterations = 0;
    CHECK_STATUS(trimtab_trainer_sharpness(trainer, xs(), ts(), &options, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
    options.greatest_iterations = 40;
    options.tolerance = NAN;
    CHECK_STATUS(trimtab_trainer_sharpness(trainer, xs(), ts(), &options, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
    options.tolerance = 1e-3;
    options.trace_samples = -1;
    CHECK_STATUS(trimtab_trainer_sharpness(trainer, xs(), ts(), &options, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK(same_bytes(state, length, trainer));
    free(state);
    trimtab_trainer_destroy(trainer);
  }
}

/* Losses of a callback. */
typedef struct objective_state {
  int calls;
  int fails_at; /* the call that ends with 7; 0: none */
  int returns_nothing;
} objective_state;

static int32_t mean_square(void *user, trimtab_tape *tape, const trimtab_value *operands, int64_t count, trimtab_value *loss) {
  objective_state *state = (objective_state *)user;
  trimtab_value difference, square;
  int64_t shape[8], rank = 0;
  if (++state->calls == state->fails_at) return 7;
  if (state->returns_nothing) return 0;
  CHECK(count == 2);
  CHECK_OK(trimtab_tape_shape(tape, operands[0], shape, &rank));
  CHECK(rank == 2 && shape[1] == 1 && shape[2] == 1);
  CHECK_OK(trimtab_tape_record(tape, TRIMTAB_OPERATION_SUBTRACT, operands, 2, 0, 0, &difference));
  CHECK_OK(trimtab_tape_record(tape, TRIMTAB_OPERATION_POWER, &difference, 1, 2, 0, &square));
  CHECK_OK(trimtab_tape_record(tape, TRIMTAB_OPERATION_MEAN, &square, 1, 0, 0, loss));
  return 0;
}

static void a_loss_of_a_callback(void) {
  double x[12], t[4];
  view xv, tv;
  objective_state state = {0, 0, 0};
  net made;
  trimtab_trainer *custom, *known, *refused = NULL;
  trimtab_trainer_report report = TRIMTAB_TRAINER_REPORT_INIT;
  unsigned char *before;
  int64_t length = 0;
  int calls;
  fill_normal(x, 12, 8);
  fill_normal(t, 4, 9);
  net_quadratic(&made, 3);
  made.options.loss = TRIMTAB_LOSS_SQUARED;
  known = net_made(&made);
  made.options.loss = TRIMTAB_LOSS_CUSTOM;
  CHECK_STATUS(trimtab_trainer_create(&made.options, &refused), TRIMTAB_ERROR_INVALID_ARGUMENT); /* no callback */
  CHECK(refused == NULL);
  made.options.objective = mean_square;
  made.options.user = &state;
  custom = net_made(&made);
  CHECK(state.calls >= 1);
  /* It ends the call at the next batch size: nothing has happened then. */
  before = trainer_bytes(custom, &length);
  state.fails_at = state.calls + 1;
  memset(&report, UNTOUCHED, sizeof report);
  report.struct_size = sizeof report;
  CHECK_STATUS(trimtab_trainer_step(custom, matrix64(&xv, x, 4, 3), matrix64(&tv, t, 4, 1), &report), TRIMTAB_ERROR_CALLBACK);
  CHECK(strstr(trimtab_last_error(), "7") != NULL && IS_PATTERNED(report));
  CHECK(same_bytes(before, length, custom));
  state.returns_nothing = 1;
  CHECK_STATUS(trimtab_trainer_step(custom, &xv.tensor, &tv.tensor, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(same_bytes(before, length, custom));
  state.returns_nothing = 0;
  for (int step = 0; step < 5; step++) {
    CHECK_NEAR(step_loss(custom, &xv.tensor, &tv.tensor), step_loss(known, &xv.tensor, &tv.tensor), 1e-12);
    if (step == 0) calls = state.calls;
  }
  CHECK(state.calls == calls); /* once a batch size */
  state.fails_at = 1;
  state.calls = 0;
  CHECK_STATUS(trimtab_trainer_create(&made.options, &refused), TRIMTAB_ERROR_CALLBACK);
  CHECK(refused == NULL);
  free(before);
  trimtab_trainer_destroy(custom);
  trimtab_trainer_destroy(known);
}

/* sum x^3, and with a second operand that it does not depend on. */
static int32_t cube(void *user, trimtab_tape *tape, const trimtab_value *operands, int64_t count, trimtab_value *loss) {
  trimtab_value power;
  (void)user, (void)count;
  CHECK_OK(trimtab_tape_record(tape, TRIMTAB_OPERATION_POWER, operands, 1, 3, 0, &power));
  return trimtab_tape_record(tape, TRIMTAB_OPERATION_SUM, &power, 1, 0, 0, loss);
}

/* The squared length of the gradient of the cube: sum 9 x^4. */
static int32_t penalty(void *user, trimtab_tape *tape, const trimtab_value *operands, int64_t count, trimtab_value *loss) {
  trimtab_value pair[2], gradient, square;
  int32_t status = cube(user, tape, operands, count, &pair[0]);
  pair[1] = operands[0];
  if (status == 0) status = trimtab_tape_record(tape, TRIMTAB_OPERATION_GRADIENT, pair, 2, 0, 0, &gradient);
  if (status == 0) status = trimtab_tape_record(tape, TRIMTAB_OPERATION_POWER, &gradient, 1, 2, 0, &square);
  if (status == 0) status = trimtab_tape_record(tape, TRIMTAB_OPERATION_SUM, &square, 1, 0, 0, loss);
  return status;
}

static int32_t wrong_calls(void *user, trimtab_tape *tape, const trimtab_value *operands, int64_t count, trimtab_value *loss) {
  trimtab_value pair[2], found = -7;
  int64_t shape[8], rank = 0;
  (void)user;
  pair[0] = operands[0];
  pair[1] = 99;
  CHECK_STATUS(trimtab_tape_record(NULL, 0, operands, 2, 0, 0, &found), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_tape_record(tape, 0, NULL, 2, 0, 0, &found), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_tape_record(tape, 0, operands, 2, 0, 0, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_tape_record(tape, 0, operands, 1, 0, 0, &found), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_tape_record(tape, 0, pair, 2, 0, 0, &found), TRIMTAB_ERROR_INVALID_ARGUMENT);
  pair[1] = -1;
  CHECK_STATUS(trimtab_tape_record(tape, 0, pair, 2, 0, 0, &found), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_tape_record(tape, 12, operands, 1, 0, 0, &found), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_tape_record(tape, -1, operands, 1, 0, 0, &found), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_tape_record(tape, INT32_MAX, operands, 1, 0, 0, &found), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_tape_shape(tape, INT64_MIN, shape, &rank), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_tape_shape(tape, operands[0], NULL, &rank), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_tape_shape(tape, operands[0], shape, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK(found == -7);
  return cube(user, tape, operands, count, loss);
}

static int32_t not_a_scalar(void *user, trimtab_tape *tape, const trimtab_value *operands, int64_t count, trimtab_value *loss) {
  (void)user, (void)tape, (void)count;
  *loss = operands[0];
  return 0;
}

static void derivatives_of_any_loss(void) {
  double x[3] = {1, -2, 0.5}, other[3] = {4, 5, 6}, v[6] = {1, 2, 3, 4, 5, 6}, loss = 0;
  double slopes[6], bends[6];
  view views[8];
  trimtab_tensor operands[2], vectors[2], gradients[2], products[2];
  operands[0] = *vector64(&views[0], x, 3);
  operands[1] = *vector64(&views[1], other, 3);
  for (int i = 0; i < 2; i++) {
    vectors[i] = *vector64(&views[2 + i], v + 3 * i, 3);
    gradients[i] = *vector64(&views[4 + i], slopes + 3 * i, 3);
    products[i] = *vector64(&views[6 + i], bends + 3 * i, 3);
  }
  CHECK_OK(trimtab_objective_derivatives(cube, NULL, operands, 2, vectors, &loss, gradients, products));
  CHECK_NEAR(loss, 1 - 8 + 0.125, 1e-14);
  for (int i = 0; i < 3; i++) {
    CHECK_NEAR(slopes[i], 3 * x[i] * x[i], 1e-14);
    CHECK_NEAR(bends[i], 6 * x[i] * v[i], 1e-14);
    CHECK(slopes[3 + i] == 0 && bends[3 + i] == 0);
  }
  CHECK_OK(trimtab_objective_derivatives(penalty, NULL, operands, 1, vectors, &loss, gradients, products));
  CHECK_NEAR(loss, 9 * (1 + 16 + 0.0625), 1e-14);
  for (int i = 0; i < 3; i++) {
    CHECK_NEAR(slopes[i], 36 * x[i] * x[i] * x[i], 1e-13);
    CHECK_NEAR(bends[i], 108 * x[i] * x[i] * v[i], 1e-13);
  }
  CHECK_OK(trimtab_objective_derivatives(wrong_calls, NULL, operands, 1, NULL, &loss, NULL, NULL));
  CHECK_NEAR(loss, 1 - 8 + 0.125, 1e-14);
  memset(slopes, UNTOUCHED, sizeof slopes);
  memset(&loss, UNTOUCHED, sizeof loss);
  CHECK_STATUS(trimtab_objective_derivatives(NULL, NULL, operands, 1, NULL, &loss, gradients, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_objective_derivatives(cube, NULL, NULL, 1, NULL, &loss, gradients, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_objective_derivatives(cube, NULL, operands, 1, NULL, NULL, gradients, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_objective_derivatives(cube, NULL, operands, 1, vectors, &loss, gradients, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_objective_derivatives(cube, NULL, operands, 0, NULL, &loss, gradients, NULL), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_objective_derivatives(cube, NULL, operands, INT64_MAX, NULL, &loss, gradients, NULL), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_objective_derivatives(not_a_scalar, NULL, operands, 1, NULL, &loss, gradients, NULL), TRIMTAB_ERROR_SHAPE);
  gradients[0] = *vector64(&views[4], slopes, 2);
  CHECK_STATUS(trimtab_objective_derivatives(cube, NULL, operands, 1, NULL, &loss, gradients, NULL), TRIMTAB_ERROR_SHAPE);
  vectors[0] = *matrix64(&views[2], v, 1, 3);
  gradients[0] = *vector64(&views[4], slopes, 3);
  CHECK_STATUS(trimtab_objective_derivatives(cube, NULL, operands, 1, vectors, &loss, gradients, products), TRIMTAB_ERROR_SHAPE);
  gradients[0].dtype.code = TRIMTAB_DTYPE_INT;
  CHECK_STATUS(trimtab_objective_derivatives(cube, NULL, operands, 1, NULL, &loss, gradients, NULL), TRIMTAB_ERROR_DTYPE);
  CHECK(is_untouched(slopes, sizeof slopes) && is_untouched(&loss, sizeof loss));
}

static trimtab_tape *kept;

static int32_t keeping(void *user, trimtab_tape *tape, const trimtab_value *operands, int64_t count, trimtab_value *loss) {
  (void)user;
  (void)count;
  kept = tape;
  return trimtab_tape_record(tape, TRIMTAB_OPERATION_SUM, operands, 1, 0.0, 0.0, loss);
}

/* The tape of a trainer lives on; the callback that was given it has ended. */
static void a_tape_is_for_its_callback(void) {
  trimtab_layer layer = TRIMTAB_LAYER_INIT;
  trimtab_trainer_options options = TRIMTAB_TRAINER_OPTIONS_INIT;
  trimtab_trainer *trainer = NULL;
  const int64_t sample = 2;
  trimtab_value value = 0;
  int64_t shape[8], rank = 0;
  layer.units = 1;
  options.layers = &layer;
  options.layer_count = 1;
  options.input_shape = &sample;
  options.input_rank = 1;
  options.loss = TRIMTAB_LOSS_CUSTOM;
  options.objective = keeping;
  CHECK_OK(trimtab_trainer_create(&options, &trainer));
  CHECK_STATUS(trimtab_tape_record(kept, TRIMTAB_OPERATION_CONSTANT, NULL, 0, 1.0, 0.0, &value),
               TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(strncmp(trimtab_last_error(), "tape: found one whose callback has ended", 40) == 0);
  CHECK_STATUS(trimtab_tape_shape(kept, 0, shape, &rank), TRIMTAB_ERROR_INVALID_ARGUMENT);
  trimtab_trainer_destroy(trainer);
}

int main(void) {
  scale_axes();
  RUN(a_tape_is_for_its_callback);
  RUN(products_of_a_quadratic);
  RUN(products_of_a_net_are_symmetric);
  RUN(sharpness_of_a_quadratic);
  RUN(a_loss_of_a_callback);
  RUN(derivatives_of_any_loss);
  return finish("trainer_derivatives");
}
