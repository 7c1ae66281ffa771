/* What a host tells of loss, mode and optimizer, through the header alone: named where it is wrong, silent where it is not. */
#include "check.h"

#define STEPS 120

/* A run whose loss stays at `level` of guessing; facts are told in step 1 and in every tenth. */
/* The loss on other data, in every tenth step; 0: none. */
static double validation = 0;

static trimtab_monitor *run(const trimtab_objective_facts *objective, const trimtab_set_up_facts *set_up, double level, int64_t steps) {
  trimtab_monitor *monitor = NULL;
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  for (int64_t step = 1; step <= steps; step++) {
    trimtab_decision decision = TRIMTAB_DECISION_INIT;
    CHECK_OK(trimtab_monitor_begin_step(monitor, step));
    CHECK_OK(trimtab_monitor_observe_scalar(monitor, TRIMTAB_SCALAR_LOSS, level));
    if (validation > 0 && step % 10 == 0) {
      CHECK_OK(trimtab_monitor_observe_scalar(monitor, TRIMTAB_SCALAR_VALIDATION_LOSS, validation));
    }
    if (step == 1 || step % 10 == 0) {
      if (objective != NULL) CHECK_OK(trimtab_monitor_observe_objective(monitor, objective));
      if (set_up != NULL) CHECK_OK(trimtab_monitor_observe_set_up(monitor, set_up));
    }
    CHECK_OK(trimtab_monitor_end_step(monitor, &decision));
  }
  return monitor;
}

/* The cause of the first warning, 0 for none; destroys the monitor. */
static trimtab_cause cause_of(trimtab_monitor *monitor) {
  int64_t count = 0;
  trimtab_cause cause = 0;
  CHECK_OK(trimtab_monitor_finding_count(monitor, &count));
  for (int64_t index = count - 1; index >= 0; index--) {
    trimtab_finding finding = TRIMTAB_FINDING_INIT;
    CHECK_OK(trimtab_monitor_finding(monitor, index, &finding));
    if (finding.verdict >= TRIMTAB_VERDICT_WARNING) cause = finding.cause;
  }
  trimtab_monitor_destroy(monitor);
  return cause;
}

/* Cross entropy of ten classes, as it should be. */
static trimtab_objective_facts classes(void) {
  trimtab_objective_facts made = TRIMTAB_OBJECTIVE_FACTS_INIT;
  made.loss = TRIMTAB_LOSS_KIND_CROSS_ENTROPY;
  made.reduction = TRIMTAB_REDUCTION_MEAN;
  made.activation = TRIMTAB_OUTPUT_ACTIVATION_NONE;
  made.sample_count = 32;
  made.element_count = 32;
  made.output_count = 10;
  made.distinct_count = 10;
  made.scale = 1;
  made.mean_loss = 1;
  made.guess_loss = 2.3;
  made.target_mean = 4.5;
  made.target_deviation = 2.9;
  made.target_minimum = 0;
  made.target_maximum = 9;
  made.integer_share = 1;
  made.output_minimum = -3;
  made.output_maximum = 4;
  made.output_deviation = 1;
  made.zero_output_share = 0;
  return made;
}

static trimtab_objective_facts numbers(void) {
  trimtab_objective_facts made = classes();
  made.loss = TRIMTAB_LOSS_KIND_SQUARED_ERROR;
  made.output_count = 1;
  made.distinct_count = 64;
  made.guess_loss = 1;
  made.target_mean = 0;
  made.target_deviation = 1;
  made.target_minimum = -2;
  made.target_maximum = 3;
  made.integer_share = 0;
  made.unreachable_share = 0;
  return made;
}

static void healthy_programs_are_silent(void) {
  trimtab_objective_facts objective = classes();
  trimtab_set_up_facts set_up = TRIMTAB_SET_UP_FACTS_INIT;
  CHECK(cause_of(run(&objective, &set_up, 1.0, STEPS)) == 0);
  objective = numbers();
  set_up.normalisation_count = 2;
  set_up.batch_rows = 32;
  set_up.batch_values = 32;
  set_up.training_passes = 40;
  set_up.evaluations = 2;
  set_up.epsilon = 1e-8;
  set_up.held_epsilon = 1e-8;
  set_up.gradient_scale = 1e-3;
  CHECK(cause_of(run(&objective, &set_up, 0.5, STEPS)) == 0);
}

static void what_stands_behind_the_last_layer(void) {
  trimtab_objective_facts one = classes();
  one.activation = TRIMTAB_OUTPUT_ACTIVATION_SOFTMAX;
  CHECK(cause_of(run(&one, NULL, 1.0, 1)) == TRIMTAB_CAUSE_OUTPUT_ACTIVATION);
  one.activation = TRIMTAB_OUTPUT_ACTIVATION_LOG_SOFTMAX;
  CHECK(cause_of(run(&one, NULL, 1.0, STEPS)) == 0);
  one = numbers();
  one.activation = TRIMTAB_OUTPUT_ACTIVATION_RELU;
  CHECK(cause_of(run(&one, NULL, 0.5, STEPS)) == 0);
  one.unreachable_share = 0.5;
  CHECK(cause_of(run(&one, NULL, 0.5, 1)) == TRIMTAB_CAUSE_OUTPUT_ACTIVATION);
  one = numbers();
  one.activation = TRIMTAB_OUTPUT_ACTIVATION_SOFTMAX;
  CHECK(cause_of(run(&one, NULL, 0.5, 1)) == TRIMTAB_CAUSE_OUTPUT_ACTIVATION);
}

static void losses_and_targets(void) {
  trimtab_objective_facts one = classes();
  one.output_count = 1;
  CHECK(cause_of(run(&one, NULL, 0.0, 1)) == TRIMTAB_CAUSE_WRONG_LOSS);
  one = numbers();
  one.flags = TRIMTAB_OBJECTIVE_TARGET_REPEATED;
  one.output_count = 10;
  CHECK(cause_of(run(&one, NULL, 0.5, STEPS)) == 0);
  /* Whole numbers that cannot be those of classes: several quantiles are held against them, or patches against 0 and 1. */
  one.integer_share = 1;
  CHECK(cause_of(run(&one, NULL, 0.5, 1)) == 0);
  one.target_minimum = 0;
  one.target_maximum = 1;
  CHECK(cause_of(run(&one, NULL, 0.5, 1)) == 0);
  one.target_maximum = 9;
  CHECK(cause_of(run(&one, NULL, 0.5, 1)) == TRIMTAB_CAUSE_WRONG_LOSS);
  one = numbers();
  one.loss = TRIMTAB_LOSS_KIND_BINARY_CROSS_ENTROPY_WITH_LOGITS;
  CHECK(cause_of(run(&one, NULL, 0.5, 1)) == TRIMTAB_CAUSE_WRONG_LOSS);
  one = numbers();
  one.flags = TRIMTAB_OBJECTIVE_CROSSED;
  CHECK(cause_of(run(&one, NULL, 0.5, 1)) == TRIMTAB_CAUSE_BROADCAST_LOSS);
}

static void a_fact_alone_is_no_warning(void) {
  trimtab_objective_facts one = classes();
  one.reduction = TRIMTAB_REDUCTION_SUM;
  one.scale = 32;
  one.element_count = 320;
  CHECK(cause_of(run(&one, NULL, 32 * 2.3, STEPS)) == 0);
  one.element_count = 32;
  CHECK(cause_of(run(&one, NULL, 10.0, STEPS)) == 0);
  CHECK(cause_of(run(&one, NULL, 32 * 2.3, STEPS)) == TRIMTAB_CAUSE_SUMMED_LOSS);
  one = classes();
  one.scale = -1;
  CHECK(cause_of(run(&one, NULL, -1.0, STEPS)) == 0);
  CHECK(cause_of(run(&one, NULL, -23.0, STEPS)) == TRIMTAB_CAUSE_GRADIENT_ASCENT);
  one = numbers();
  one.target_mean = 1000;
  CHECK(cause_of(run(&one, NULL, 0.5, STEPS)) == 0);
  CHECK(cause_of(run(&one, NULL, 100.0, STEPS)) == TRIMTAB_CAUSE_UNSCALED_TARGET);
}

static void the_same_batch_again(void) {
  trimtab_objective_facts one = classes();
  trimtab_set_up_facts set_up = TRIMTAB_SET_UP_FACTS_INIT;
  one.input_fingerprint = 7;
  CHECK(cause_of(run(&one, &set_up, 1.0, STEPS)) == 0);
  /* A graph is one sample of many nodes, in training and in evaluation. */
  set_up.training_rows = 400;
  CHECK(cause_of(run(&one, &set_up, 1.0, STEPS)) == 0);
  set_up.training_rows = 32;
  CHECK(cause_of(run(&one, &set_up, 1.0, STEPS)) == 0);
  set_up.evaluation_rows = 400;
  /* A small training set in one batch looks the same, until what is learnt does not hold. */
  CHECK(cause_of(run(&one, &set_up, 1.0, STEPS)) == 0);
  validation = 3;
  CHECK(cause_of(run(&one, &set_up, 1.0, STEPS)) == TRIMTAB_CAUSE_REPEATED_BATCH);
  validation = 0;
}

static void modes(void) {
  trimtab_set_up_facts one = TRIMTAB_SET_UP_FACTS_INIT;
  one.normalisation_count = 1;
  one.batch_rows = one.batch_values = 2;
  CHECK(cause_of(run(NULL, &one, 1.0, 1)) == TRIMTAB_CAUSE_BATCH_OF_ONE);
  one.batch_rows = one.batch_values = 32;
  one.frozen_passes = 20;
  CHECK(cause_of(run(NULL, &one, 1.0, STEPS)) == 0);
  one.flags = TRIMTAB_SET_UP_UNTRACKED;
  CHECK(cause_of(run(NULL, &one, 1.0, 1)) == TRIMTAB_CAUSE_EVALUATION_MODE);
  one.training_passes = 20;
  CHECK(cause_of(run(NULL, &one, 1.0, STEPS)) == 0);
  one.evaluations_in_training = 1;
  CHECK(cause_of(run(NULL, &one, 1.0, 1)) == TRIMTAB_CAUSE_EVALUATION_MODE);
  one.evaluations = 1;
  CHECK(cause_of(run(NULL, &one, 1.0, STEPS)) == 0);
}

static void the_optimizer(void) {
  trimtab_objective_facts objective = classes();
  trimtab_set_up_facts one = TRIMTAB_SET_UP_FACTS_INIT;
  one.epsilon = 1e-8;
  one.held_epsilon = 0;
  one.zero_gradient_share = 0;
  CHECK(cause_of(run(&objective, &one, 1.0, STEPS)) == 0);
  one.zero_gradient_share = 0.1;
  CHECK(cause_of(run(&objective, &one, 1.0, 1)) == TRIMTAB_CAUSE_RANGE_UNDERFLOW);
  one.epsilon = 0;
  CHECK(cause_of(run(&objective, &one, 1.0, 1)) == TRIMTAB_CAUSE_OPTIMIZER_EPSILON);
  one = (trimtab_set_up_facts)TRIMTAB_SET_UP_FACTS_INIT;
  one.norm_before = 10;
  one.norm_after = 0.001;
  CHECK(cause_of(run(&objective, &one, 1.0, STEPS)) == 0);
  CHECK(cause_of(run(&objective, &one, 2.3, STEPS)) == TRIMTAB_CAUSE_CLIPPING_RULES);
  one = (trimtab_set_up_facts)TRIMTAB_SET_UP_FACTS_INIT;
  one.dropout = 0.9;
  CHECK(cause_of(run(&objective, &one, 0.5, STEPS)) == 0);
  CHECK(cause_of(run(&objective, &one, 2.0, STEPS)) == TRIMTAB_CAUSE_DROPOUT_TOO_STRONG);
  one.dropout = 0.1;
  one.flags = TRIMTAB_SET_UP_STATE_LOST;
  CHECK(cause_of(run(&objective, &one, 1.0, 1)) == TRIMTAB_CAUSE_OPTIMIZER_STATE_LOST);
}

static void errors(void) {
  trimtab_monitor *monitor = NULL;
  trimtab_objective_facts objective = TRIMTAB_OBJECTIVE_FACTS_INIT;
  trimtab_set_up_facts set_up = TRIMTAB_SET_UP_FACTS_INIT;
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  CHECK_STATUS(trimtab_monitor_observe_objective(monitor, &objective), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_observe_set_up(monitor, &set_up), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_OK(trimtab_monitor_begin_step(monitor, 1));
  CHECK_STATUS(trimtab_monitor_observe_objective(NULL, &objective), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_observe_objective(monitor, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_observe_set_up(NULL, &set_up), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_observe_set_up(monitor, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  objective.loss = 99;
  CHECK_STATUS(trimtab_monitor_observe_objective(monitor, &objective), TRIMTAB_ERROR_INVALID_ARGUMENT);
  objective.loss = 0;
  objective.activation = -1;
  CHECK_STATUS(trimtab_monitor_observe_objective(monitor, &objective), TRIMTAB_ERROR_INVALID_ARGUMENT);
  objective.activation = 0;
  objective.sample_count = -1;
  CHECK_STATUS(trimtab_monitor_observe_objective(monitor, &objective), TRIMTAB_ERROR_INVALID_ARGUMENT);
  objective.sample_count = 0;
  objective.struct_size = 4;
  CHECK_STATUS(trimtab_monitor_observe_objective(monitor, &objective), TRIMTAB_ERROR_STRUCT_SIZE);
  set_up.struct_size = 0;
  CHECK_STATUS(trimtab_monitor_observe_set_up(monitor, &set_up), TRIMTAB_ERROR_STRUCT_SIZE);
  trimtab_monitor_destroy(monitor);
}

/* Whatever the numbers, nothing traps. */
static void extremes(void) {
  const double values[] = {0, -0.0, NAN, INFINITY, -INFINITY, 1e308, -1e308, 5e-324, -1};
  for (size_t place = 0; place < sizeof values / sizeof *values; place++) {
    trimtab_objective_facts objective = TRIMTAB_OBJECTIVE_FACTS_INIT;
    trimtab_set_up_facts set_up = TRIMTAB_SET_UP_FACTS_INIT;
    double *first = &objective.scale;
    for (int field = 0; field < 14; field++) first[field] = values[place];
    first = &set_up.dropout;
    for (int field = 0; field < 11; field++) first[field] = values[place];
    objective.sample_count = objective.element_count = objective.output_count = objective.distinct_count = INT64_MAX;
    set_up.evaluation_rows = set_up.frozen_passes = INT64_MIN;
    for (int32_t kind = 0; kind <= 7; kind++) {
      objective.loss = kind;
      objective.activation = kind % 7;
      trimtab_monitor_destroy(run(&objective, &set_up, 1.0, 100));
    }
  }
}

int main(void) {
  RUN(healthy_programs_are_silent);
  RUN(what_stands_behind_the_last_layer);
  RUN(losses_and_targets);
  RUN(a_fact_alone_is_no_warning);
  RUN(the_same_batch_again);
  RUN(modes);
  RUN(the_optimizer);
  RUN(errors);
  RUN(extremes);
  return finish("set_up");
}
