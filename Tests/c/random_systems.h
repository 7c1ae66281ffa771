/* Random calls to the diagnostics and cures of the chapter's systems: the part of fuzz.c that belongs to their headers. */
#ifndef TRIMTAB_TESTS_RANDOM_SYSTEMS_H
#define TRIMTAB_TESTS_RANDOM_SYSTEMS_H

#include "random_trainers.h"

static uint64_t system_calls;

/* Defaults with some words changed, or NULL. What stands beyond `open` bytes (pointers) stays. */
static void *any_options(void *made, size_t size, size_t open) {
  unsigned char *bytes = (unsigned char *)made;
  if (one_in(8)) return NULL;
  for (uint64_t changes = below(4); changes > 0; changes--) {
    const size_t offset = 4 + 4 * below((open - 4) / 4);
    const double value = any_double();
    const int64_t integer = one_in(2) ? any_integer() : (int64_t)below(12) - 2;
    if (offset % 8 == 0 && offset + 8 <= open) memcpy(bytes + offset, one_in(2) ? (const void *)&value : (const void *)&integer, 8);
    else memcpy(bytes + offset, &integer, 4);
  }
  if (one_in(30)) *(uint32_t *)made = (uint32_t)below(size + 1);
  return made;
}
#define OPTIONS(type, init) \
  type options = init;      \
  type *chosen = (type *)any_options(&options, sizeof options, sizeof options)

/* Not a size that is right and only takes long: a small one, or one that is refused. */
static void calm(int64_t *field, int64_t most) {
  if (*field > most) *field = one_in(12) ? INT64_MAX : 1 + *field % most;
}
static void always_calm(int64_t *field, int64_t most) {
  if (*field > most) *field = 1 + *field % most;
}

/* A good matrix most of the time, of the memory's numbers. */
static trimtab_tensor *numbers(view *made, int64_t rows, int64_t columns) {
  const int narrow = one_in(4), rank = columns == 0 ? 1 : 2;
  if (one_in(60)) return NULL;
  if (one_in(9)) return any_view(made);
  view_make(made, memory + 8 * below((uint64_t)(MEMORY / 8 - rows * (columns + 1))), TRIMTAB_DTYPE_FLOAT, narrow ? 32 : 64, rank, rows, columns, 0);
  return &made->tensor;
}
/* Whole numbers below a limit, most of the time. */
static int64_t whole_numbers[64];
static trimtab_tensor *wholes(view *made, int64_t count, int64_t limit) {
  if (one_in(4)) return NULL;
  if (one_in(12)) return any_view(made);
  for (int i = 0; i < 64; i++) whole_numbers[i] = one_in(300) ? any_integer() : (int64_t)below((uint64_t)limit);
  return labels64(made, whole_numbers, count);
}
static trimtab_tensor *room_for(view *made, int64_t rows, int64_t columns) {
  return one_in(20) ? any_view(made) : matrix64(made, result_numbers[0], rows, columns);
}

/* Nothing is written on failure, and no verdict stands on a measurement that is no number. */
static void judged(trimtab_status status, const char *call, const void *report, size_t size, size_t measurement) {
  const unsigned char *bytes = (const unsigned char *)report;
  int32_t outcome, verdict;
  double measured;
  system_calls++;
  if (!CHECK(is_known_or_callback(status))) printf("    %s: %s: %s\n", call, trimtab_status_name(status), trimtab_last_error());
  if (status != TRIMTAB_OK) {
    if (!CHECK(is_untouched(bytes + 4, size - 4))) printf("    %s wrote, and failed: %s\n", call, trimtab_last_error());
    return;
  }
  memcpy(&outcome, bytes + 4, 4);
  memcpy(&verdict, bytes + 8, 4);
  CHECK(outcome >= TRIMTAB_OUTCOME_OK && strcmp(trimtab_outcome_name(outcome), "unknown") != 0);
  if (measurement == 0 || outcome != TRIMTAB_OUTCOME_OK) return;
  memcpy(&measured, bytes + measurement, 8);
  if (!CHECK(!isnan(measured))) printf("    %s is NaN, and its outcome ok\n", call);
}
#define JUDGED(type, field, call)                                                                      \
  do {                                                                                                 \
    PATTERNED(type, report);                                                                           \
    if (one_in(40)) report.struct_size = (uint32_t)below(sizeof report);                               \
    judged((call), #call, &report, sizeof report, offsetof(type, field));                              \
  } while (0)
#define CALLED(call) (system_calls++, KNOWN(call))
#define OR_NULL(pointer) (one_in(40) ? NULL : (pointer))

/* Callbacks that mostly do, else fail, stop or give what is no number. */
static int32_t said(void) { return one_in(300) ? (int32_t)any_integer() : 0; }
static double usually(double value) { return one_in(400) ? any_double() : value; }
static int32_t random_function(void *user, const double *x, double *values) {
  const int64_t *sizes = (const int64_t *)user;
  for (int64_t i = 0; i < sizes[1]; i++) values[i] = usually(i % 2 == 0 ? fabs(x[i % sizes[0]]) : x[0] * x[0]);
  return said();
}
static int32_t random_field(void *user, double t, const double *y, double *values) {
  const int64_t *sizes = (const int64_t *)user;
  for (int64_t i = 0; i < sizes[0]; i++) values[i] = usually(fabs(y[i]) - t);
  return said();
}
static int32_t random_guards(void *user, double t, const double *y, double *values) {
  const int64_t *sizes = (const int64_t *)user;
  for (int64_t i = 0; i < sizes[1]; i++) values[i] = usually(y[i % sizes[0]] - t * (double)i);
  return said();
}
static int32_t random_batch_function(void *user, const double *inputs, int64_t rows, int64_t features, double *outputs, int64_t outputs_per_row) {
  (void)user;
  for (int64_t i = 0; i < rows * outputs_per_row; i++) outputs[i] = usually(inputs[i / outputs_per_row * features] - inputs[0]);
  return said();
}
static int32_t random_decoder(void *user, const double *latents, int64_t samples, int64_t dimensions, double *outputs, int64_t output_count) {
  (void)user;
  if (samples * output_count > 1 << 16) return 1; /* allowed, and only takes long */
  for (int64_t i = 0; i < samples * output_count; i++) outputs[i] = usually(dimensions > 0 ? latents[i / output_count * dimensions] : 0);
  return said();
}
static int32_t random_rate_step(void *user, double rate, double *loss) {
  (void)user;
  *loss = usually(1 / (1 + rate));
  return said();
}
static int32_t random_run(void *user, uint64_t run_seed, double peak_rate, int64_t warm_up_steps, trimtab_run_course *course) {
  (void)user;
  course->initial_loss = usually(1);
  course->greatest_loss = usually(peak_rate > 1 && warm_up_steps < 5 ? 9 : 1);
  course->final_loss = usually(run_seed % 7 == 0 ? 2 : 0.5);
  return said();
}
static int32_t random_penalty(void *user, trimtab_tape *tape, const trimtab_value *operands, int64_t count, trimtab_value *loss) {
  trimtab_value pair[2], product = 0;
  (void)user;
  pair[0] = operands[0];
  pair[1] = operands[count - 1];
  if (trimtab_tape_record(tape, TRIMTAB_OPERATION_MULTIPLY, pair, 2, 0, 0, &product) != TRIMTAB_OK) product = operands[0];
  if (trimtab_tape_gradient_penalty(tape, one_in(30) ? any_integer() : product, one_in(30) ? any_integer() : operands[0], usual_or_any(10), usual_or_any(1),
                                    OR_NULL(loss)) != TRIMTAB_OK)
    return said();
  return said();
}

static void random_generative(void) {
  view a, b, c;
  trimtab_status status;
  const int64_t rows = (int64_t)below(30), columns = 1 + (int64_t)below(6);
  trimtab_tensor *first = numbers(&a, rows, columns), *second = one_in(6) ? first : numbers(&b, one_in(3) ? 25 : rows, columns);
  double *out = OR_NULL(result_numbers[1]);
  int64_t count = 0;
  switch (below(16)) {
    case 0: {
      OPTIONS(trimtab_exposure_bias_options, TRIMTAB_EXPOSURE_BIAS_OPTIONS_INIT);
      for (int i = 0; one_in(2) && i < MEMORY / 8; i++) memory[8 * i + 7] &= 0x7f; /* no sign */
      JUDGED(trimtab_exposure_bias_report, measurement, trimtab_exposure_bias(first, second, wholes(&c, rows, columns), chosen, OR_NULL(&report)));
      break;
    }
    case 1: {
      OPTIONS(trimtab_state_noise_options, TRIMTAB_STATE_NOISE_OPTIONS_INIT);
      CALLED(trimtab_state_noise(first, any_integer(), chosen, room_for(&c, rows, columns)));
      break;
    }
    case 2: {
      OPTIONS(trimtab_posterior_collapse_options, TRIMTAB_POSTERIOR_COLLAPSE_OPTIONS_INIT);
      JUDGED(trimtab_posterior_collapse_report, measurement, trimtab_posterior_collapse(first, second, one_in(2) ? NULL : numbers(&c, rows, columns), chosen, OR_NULL(&report)));
      break;
    }
    case 3:
      CALLED(trimtab_linear_posterior((const double *)(const void *)memory, one_in(20) ? -(int64_t)below(9) : (int64_t)below(40), usual_or_any(1), usual_or_any(1),
                                      OR_NULL(&count), out, one_in(2) ? NULL : result_numbers[0]));
      break;
    case 4: CALLED(trimtab_decoder_sensitivity(first, second, out)); break;
    case 5: CALLED(trimtab_decoder_sensitivities(first, small_or_any(5), one_in(60) ? NULL : random_decoder, NULL, out)); break;
    case 6: CALLED(trimtab_annealed_weight(any_integer(), any_integer(), any_integer(), usual_or_any(.5), out)); break;
    case 7: CALLED(trimtab_free_bits(first, usual_or_any(.1), out, one_in(2) ? NULL : room_for(&c, rows, columns))); break;
    case 8: {
      OPTIONS(trimtab_coverage_options, TRIMTAB_COVERAGE_OPTIONS_INIT);
      JUDGED(trimtab_coverage_report, measurement, trimtab_sample_coverage(first, second, one_in(2) ? NULL : numbers(&c, 3, columns), chosen, OR_NULL(&report)));
      break;
    }
    case 9: CALLED(trimtab_expected_coverage(any_integer(), any_integer(), any_integer(), out)); break;
    case 10: {
      PATTERNED(trimtab_birthday_report, report);
      if (CALLED(trimtab_birthday(first, any_double(), OR_NULL(&report))) != TRIMTAB_OK) CHECK(IS_PATTERNED(report));
      CALLED(trimtab_birthday_probability(any_integer(), any_integer(), out));
      break;
    }
    case 11: {
      PATTERNED(trimtab_vendi_score_report, report);
      if (CALLED(trimtab_vendi_score(first, one_in(2) ? 0 : any_double(), OR_NULL(&report))) != TRIMTAB_OK) CHECK(IS_PATTERNED(report));
      else CHECK(report.outcome != TRIMTAB_OUTCOME_OK || !isnan(report.score));
      break;
    }
    case 12: {
      PATTERNED(trimtab_vendi_score_report, report);
      const int64_t side = 1 + (int64_t)below(6);
      for (int64_t i = 0; i < side * side; i++) input_numbers[i] = i % (side + 1) == 0 ? 1 : usual_or_any(0.25);
      if (CALLED(trimtab_vendi_score_of_kernel(one_in(4) ? first : matrix64(&c, input_numbers, side, side), OR_NULL(&report))) != TRIMTAB_OK) CHECK(IS_PATTERNED(report));
      else CHECK(report.outcome != TRIMTAB_OUTCOME_OK || !isnan(report.score));
      break;
    }
    case 13: {
      OPTIONS(trimtab_sampling_options, TRIMTAB_SAMPLING_OPTIONS_INIT);
      JUDGED(trimtab_sampling_report, measurement, trimtab_sampling_cost(wholes(&c, 8, 40), numbers(&a, 8, 0), chosen, OR_NULL(&report)));
      break;
    }
    case 14: CALLED(trimtab_wasserstein_distance(first, second, out)); break;
    default: {
      OPTIONS(trimtab_bin_options, TRIMTAB_BIN_OPTIONS_INIT);
      trimtab_bins *bins = NULL;
      CALLED(trimtab_bins_create(first, chosen, one_in(40) ? NULL : &bins));
      if (bins != NULL) {
        PATTERNED(trimtab_bin_report, report);
        CALLED(trimtab_bins_add(bins, second));
        if (CALLED(trimtab_bins_report(bins, &report)) == TRIMTAB_OK) CHECK(report.outcome != TRIMTAB_OUTCOME_OK || !isnan(report.share));
      }
      trimtab_bins_destroy(bins);
    }
  }
}

static void random_adversarial(void) {
  view a, b, c;
  trimtab_status status;
  const int64_t rows = (int64_t)below(30), columns = 1 + (int64_t)below(9);
  trimtab_tensor *first = numbers(&a, rows, columns), *second = one_in(6) ? first : numbers(&b, rows, columns);
  double *out = OR_NULL(result_numbers[1]);
  int64_t count = 0;
  switch (below(10)) {
    case 0: {
      OPTIONS(trimtab_feature_scale_options, TRIMTAB_FEATURE_SCALE_OPTIONS_INIT);
      JUDGED(trimtab_feature_scale_report, measurement, trimtab_feature_scale(first, chosen, OR_NULL(&report)));
      break;
    }
    case 1: {
      OPTIONS(trimtab_overlap_options, TRIMTAB_OVERLAP_OPTIONS_INIT);
      calm(&options.direction_count, 100);
      always_calm(&options.paired_sample_count, 600);
      JUDGED(trimtab_overlap_report, measurement, trimtab_overlap(numbers(&a, 20 + rows * 3, columns), numbers(&b, 100 - rows, columns), chosen, OR_NULL(&report)));
      break;
    }
    case 2: CALLED(trimtab_block_average(first, one_in(2) ? any_integer() : 1 + (int64_t)below((uint64_t)columns), room_for(&c, rows, 1 + (int64_t)below((uint64_t)columns)))); break;
    case 3: {
      OPTIONS(trimtab_leakage_options, TRIMTAB_LEAKAGE_OPTIONS_INIT);
      calm(&options.direction_count, 9);
      calm(&options.replay_count, 9);
      calm(&options.probed_batches, 9);
      JUDGED(trimtab_batch_leakage_report, measurement,
             trimtab_batch_leakage(one_in(60) ? NULL : random_batch_function, NULL, first, wholes(&c, rows, 2), small_or_any(3), chosen, OR_NULL(&report)));
      break;
    }
    case 4: {
      OPTIONS(trimtab_balance_options, TRIMTAB_BALANCE_OPTIONS_INIT);
      JUDGED(trimtab_gradient_balance_report, measurement, trimtab_gradient_balance(first, second, chosen, OR_NULL(&report)));
      CHECK(trimtab_adaptive_weight(any_double(), any_double(), 1, any_integer(), any_integer()) >= 0);
      break;
    }
    case 5: {
      view views[4];
      trimtab_tensor gradients[4];
      for (int i = 0; i < 4; i++) {
        fill_normal(result_numbers[0] + 8 * i, 8, random_bits(&state));
        gradients[i] = one_in(30) ? *any_view(&views[i]) : *vector64(&views[i], result_numbers[0] + 8 * i, 8);
      }
      CALLED(trimtab_project_conflicts(one_in(40) ? NULL : gradients, one_in(20) ? -(int64_t)below(3) : (int64_t)below(5), random_bits(&state), one_in(2) ? NULL : &count));
      break;
    }
    case 6: {
      OPTIONS(trimtab_loss_balance_options, TRIMTAB_LOSS_BALANCE_OPTIONS_INIT);
      double parts[4][4];
      for (int i = 0; i < 16; i++) parts[i / 4][i % 4] = usual_or_any(.5 + random_unit(&state));
      CALLED(trimtab_balance_losses(one_in(20) ? -(int64_t)below(4) : (int64_t)below(5), OR_NULL(parts[0]), OR_NULL(parts[1]), OR_NULL(parts[2]), chosen, OR_NULL(parts[3]),
                                    one_in(2) ? NULL : result_numbers[0]));
      break;
    }
    case 7: {
      view images[2];
      view_make(&images[0], memory, TRIMTAB_DTYPE_FLOAT, 64, 3, 1 + (int64_t)below(4), (int64_t)below(6), 1 + (int64_t)below(6));
      images[1] = images[0];
      images[1].tensor.shape = images[1].shape;
      images[1].tensor.data = memory + 8 * below(1000);
      JUDGED(trimtab_blur_report, ratio, trimtab_blur(one_in(4) ? first : &images[0].tensor, one_in(4) ? second : &images[1].tensor, usual_or_any(1), usual_or_any(.5), OR_NULL(&report)));
      break;
    }
    case 8:
      JUDGED(trimtab_game_report, greatest_modulus, trimtab_game_stability(one_in(3) ? first : numbers(&c, columns, columns), usual_or_any(.1), OR_NULL(&report)));
      break;
    default: {
      view operand[2];
      trimtab_tensor operands[2];
      double loss;
      for (int i = 0; i < 2; i++) operands[i] = *matrix64(&operand[i], input_numbers + 20 * i, 4, 2);
      for (int i = 0; i < 40; i++) input_numbers[i] = usual_or_any(random_normal(&state));
      CALLED(trimtab_objective_derivatives(random_penalty, NULL, operands, 2, NULL, &loss, NULL, NULL));
    }
  }
  (void)out;
}

static void random_functions(void) {
  trimtab_status status;
  int64_t sizes[2];
  double box[2][8];
  sizes[0] = 1 + (int64_t)below(4);
  sizes[1] = 1 + (int64_t)below(4);
  for (int i = 0; i < 8; i++) {
    box[0][i] = usual_or_any(-1);
    box[1][i] = usual_or_any(1);
  }
  switch (below(4)) {
    case 0: {
      OPTIONS(trimtab_smoothness_options, TRIMTAB_SMOOTHNESS_OPTIONS_INIT);
      calm(&options.segments, 40);
      calm(&options.solver_segments, 4);
      JUDGED(trimtab_smoothness_report, measurement,
             trimtab_smoothness_probe(one_in(60) ? NULL : random_function, sizes, one_in(40) ? -(int64_t)below(3) : sizes[0], one_in(40) ? 0 : sizes[1], OR_NULL(box[0]), OR_NULL(box[1]), chosen, OR_NULL(&report)));
      break;
    }
    case 1: {
      trimtab_kink kinks[16];
      trimtab_kink_report report = TRIMTAB_KINK_REPORT_INIT;
      CALLED(trimtab_kinks(one_in(60) ? NULL : random_function, sizes, sizes[0], sizes[1], OR_NULL(box[0]), OR_NULL(box[1]), one_in(9) ? any_integer() : 8 + (int64_t)below(2000),
                           one_in(20) ? -(int64_t)below(3) : (int64_t)below(17), OR_NULL(kinks), OR_NULL(&report)));
      break;
    }
    default: {
      trimtab_solver_options options = TRIMTAB_SOLVER_OPTIONS_INIT;
      double stops[3] = {0.2, 0.5, 0.8}, solved[8], at[8];
      trimtab_solver_options *chosen;
      options.maximum_evaluations = 20000;
      chosen = (trimtab_solver_options *)any_options(&options, sizeof options, offsetof(trimtab_solver_options, stops));
      if (chosen == NULL) chosen = &options;
      always_calm(&options.maximum_evaluations, 20000);
      if (one_in(4)) options.stops = stops, options.stop_count = one_in(9) ? -1 : (int64_t)below(4);
      stops[below(3)] = usual_or_any(.5);
      if (one_in(2)) JUDGED(trimtab_solver_report, rejection_ratio, trimtab_solve(one_in(60) ? NULL : random_field, sizes, usual_or_any(0), usual_or_any(1), sizes[0], OR_NULL(box[0]), chosen,
                                                                               one_in(4) ? NULL : solved, OR_NULL(&report)));
      else JUDGED(trimtab_solver_report, rejection_ratio, trimtab_solve_to_kinks(random_field, one_in(60) ? NULL : random_guards, sizes, usual_or_any(0), usual_or_any(1), sizes[0], sizes[1],
                                                                               OR_NULL(box[0]), chosen, one_in(20) ? -1 : (int64_t)below(9), one_in(4) ? NULL : at, one_in(4) ? NULL : solved, OR_NULL(&report)));
    }
  }
}

static void random_rates(void) {
  trimtab_status status;
  switch (below(4)) {
    case 0: {
      OPTIONS(trimtab_rate_range_options, TRIMTAB_RATE_RANGE_OPTIONS_INIT);
      PATTERNED(trimtab_rate_range_report, report);
      always_calm(&options.step_count, 300);
      if (CALLED(trimtab_rate_range_test(one_in(60) ? NULL : random_rate_step, NULL, chosen, OR_NULL(&report))) != TRIMTAB_OK) CHECK(IS_PATTERNED(report));
      break;
    }
    case 1: {
      OPTIONS(trimtab_peak_rate_options, TRIMTAB_PEAK_RATE_OPTIONS_INIT);
      PATTERNED(trimtab_peak_rate_report, report);
      always_calm(&options.seed_count, 9);
      if (CALLED(trimtab_peak_rate_search(one_in(60) ? NULL : random_run, NULL, chosen, OR_NULL(&report))) != TRIMTAB_OK) CHECK(IS_PATTERNED(report));
      break;
    }
    case 2: {
      PATTERNED(trimtab_warm_up_report, report);
      if (CALLED(trimtab_warm_up_need(one_in(60) ? NULL : random_run, NULL, usual_or_any(2), any_integer(), random_bits(&state), OR_NULL(&report))) != TRIMTAB_OK) CHECK(IS_PATTERNED(report));
      break;
    }
    default: {
      trimtab_safe_rate_options options = TRIMTAB_SAFE_RATE_OPTIONS_INIT;
      net made;
      view x, t;
      const int64_t count = 1 + (int64_t)below(6);
      if (!one_in(4)) return; /* it trains over and over */
      options.step_count = 6;
      options.bisections = 3;
      options.longest_warm_up = 4;
      (void)any_options(&options, sizeof options, sizeof options);
      always_calm(&options.step_count, 9);
      always_calm(&options.seed_count, 2);
      always_calm(&options.longest_warm_up, 6);
      net_begin(&made, 3);
      net_add(&made, TRIMTAB_LAYER_DENSE, 2, (int32_t)below(4));
      if (one_in(6)) random_net(&made);
      JUDGED(trimtab_safe_rate_report, rate, trimtab_safe_rate(&made.options, numbers(&x, count, 3), numbers(&t, count, 2), &options, OR_NULL(&report)));
    }
  }
}

static void random_cures(void) {
  view a, b, c;
  trimtab_status status;
  const int64_t rows = (int64_t)below(30);
  trimtab_tensor *first = numbers(&a, rows, 3), *second = one_in(6) ? first : numbers(&b, rows, 3);
  double found;
  switch (below(4)) {
    case 0: {
      trimtab_gate_options options = TRIMTAB_GATE_OPTIONS_INIT;
      trimtab_pseudo_label_gate *gate = NULL;
      static uint8_t passes[8192];
      options.class_count = 3;
      options.sample_count = 40;
      options.method = (int32_t)below(3);
      (void)any_options(&options, sizeof options, sizeof options);
      calm(&options.class_count, 9);
      calm(&options.sample_count, 60);
      CALLED(trimtab_pseudo_label_gate_create(&options, &gate));
      for (int i = 0; gate != NULL && i < 3; i++)
        JUDGED(trimtab_gate_report, coverage, trimtab_pseudo_label_gate_apply(gate, first, wholes(&c, rows, 40), passes, one_in(2) ? NULL : result_numbers[0], OR_NULL(&report)));
      trimtab_pseudo_label_gate_destroy(gate);
      break;
    }
    case 1: {
      PATTERNED(trimtab_consistency_report, report);
      if (CALLED(trimtab_consistency(first, second, choice_or_any(2), one_in(2) ? NULL : room_for(&c, rows, 3), OR_NULL(&report))) != TRIMTAB_OK) CHECK(IS_PATTERNED(report));
      else CHECK(report.outcome != TRIMTAB_OUTCOME_OK || !isnan(report.loss));
      break;
    }
    case 2: CALLED(trimtab_leak_slope(any_double(), any_double(), any_double(), any_integer(), OR_NULL(&found))); break;
    default: CALLED(trimtab_average_update(room_for(&c, rows, 3), first, usual_or_any(.9)));
  }
}

/* A result of one seed is made once: an experiment takes its time. */
static trimtab_lab_result *lab_result;
static int32_t stop_at_once(void *user, int64_t done, int64_t total) {
  (void)user;
  (void)total;
  return done >= 0 ? 1 : 0;
}
static void random_lab(void) {
  trimtab_status status;
  trimtab_lab_options options = TRIMTAB_LAB_OPTIONS_INIT;
  trimtab_lab_result *made = NULL;
  trimtab_experiment experiment = TRIMTAB_EXPERIMENT_INIT;
  const char *arm = NULL, *name = "no such experiment";
  int64_t count = 0, points = 0;
  const int64_t index = one_in(4) ? any_integer() : (int64_t)below(30);
  CHECK_OK(trimtab_lab_count(&count));
  if (one_in(30)) experiment.struct_size = (uint32_t)below(sizeof experiment);
  if (CALLED(trimtab_lab_experiment(index, &experiment)) == TRIMTAB_OK) {
    CHECK(index >= 0 && index < count);
    name = experiment.name;
  }
  options.progress = stop_at_once;
  (void)any_options(&options, sizeof options, offsetof(trimtab_lab_options, progress));
  CALLED(trimtab_lab_run(OR_NULL(name), &options, OR_NULL(&made)));
  CHECK(made == NULL && status != TRIMTAB_OK);
  if (lab_result == NULL) {
    options.struct_size = (uint32_t)sizeof options;
    options.reserved = 0;
    options.seeds = 1;
    options.progress = NULL;
    CHECK_OK(trimtab_lab_run("dying-relu", &options, &lab_result));
  }
  {
    trimtab_lab_measurement measurement = TRIMTAB_LAB_MEASUREMENT_INIT;
    trimtab_lab_expectation expectation = TRIMTAB_LAB_EXPECTATION_INIT;
    trimtab_lab_report report = TRIMTAB_LAB_REPORT_INIT;
    CALLED(trimtab_lab_result_report(OR_NULL(lab_result), &report));
    CALLED(trimtab_lab_result_measurement(OR_NULL(lab_result), index, OR_NULL(&measurement)));
    CALLED(trimtab_lab_result_expectation(OR_NULL(lab_result), index, OR_NULL(&expectation)));
    CALLED(trimtab_lab_result_curve(OR_NULL(lab_result), index, OR_NULL(&arm), one_in(9) ? -1 : (int64_t)below(50), OR_NULL(input_numbers), OR_NULL(target_numbers), OR_NULL(&points)));
  }
}

/* Streams of the systems fed with whatever comes, merged and saved in between: what was saved loads. */
static trimtab_status feed(const kind *chosen, void *handle) {
  view a, b, c;
  const int64_t rows = (int64_t)below(9);
  trimtab_tensor *first = numbers(&a, rows, 2), *second = numbers(&b, rows, 2);
  trimtab_curriculum_state now = TRIMTAB_CURRICULUM_STATE_INIT;
  if (strcmp(chosen->name, "feature_scale") == 0) return trimtab_scale_profile_add((trimtab_scale_profile *)handle, first);
  if (strcmp(chosen->name, "generator_signal") == 0) return trimtab_generator_signal_add((trimtab_generator_signal *)handle, first, second, one_in(2) ? NULL : numbers(&c, rows, 2));
  if (strcmp(chosen->name, "curriculum") == 0) return trimtab_curriculum_audit((trimtab_curriculum *)handle, any_integer(), any_double(), (int32_t)below(2), &now);
  if (strcmp(chosen->name, "batch_leakage") == 0) return trimtab_leakage_add((trimtab_leakage *)handle, random_batch_function, NULL, first, wholes(&c, rows, 2), small_or_any(1));
  if (strcmp(chosen->name, "gradient_balance") == 0) return trimtab_balance_add((trimtab_balance *)handle, first, second);
  if (strcmp(chosen->name, "exposure") == 0) return trimtab_exposure_add((trimtab_exposure *)handle, first, second, wholes(&c, rows, 3));
  if (strcmp(chosen->name, "posterior") == 0) return trimtab_posterior_add((trimtab_posterior *)handle, first, second, one_in(2) ? NULL : numbers(&c, rows, 2));
  if (strcmp(chosen->name, "bins") == 0) return trimtab_bins_add((trimtab_bins *)handle, first);
  return trimtab_vendi_add((trimtab_vendi *)handle, first);
}

static void random_system_streams(void) {
  const kind *chosen = &kinds[FIRST_SYSTEM_KIND + below(KIND_COUNT - FIRST_SYSTEM_KIND)];
  void *handles[2] = {NULL, NULL};
  trimtab_status status;
  CHECK_OK(chosen->create(&handles[0]));
  CHECK_OK(chosen->create(&handles[1]));
  for (int step = 0; step < 12; step++) {
    const int which = (int)below(2);
    any_report report;
    trimtab_exposure_length lengths[4];
    trimtab_latent_dimension latents[4];
    int64_t length = 0;
    switch (below(5)) {
      case 0:
      case 1: CALLED(feed(chosen, handles[which])); break;
      case 2:
        if (chosen->merge != NULL) CALLED(chosen->merge(handles[which], handles[below(2)]));
        if (strcmp(chosen->name, "exposure") == 0) CALLED(trimtab_exposure_lengths((trimtab_exposure *)handles[which], lengths, one_in(9) ? -1 : (int64_t)below(5), OR_NULL(&length)));
        if (strcmp(chosen->name, "posterior") == 0) CALLED(trimtab_posterior_dimensions((trimtab_posterior *)handles[which], one_in(9) ? any_integer() : 2, OR_NULL(latents)));
        break;
      case 3: CALLED(chosen->report(handles[which], &report)); break;
      default: {
        unsigned char *saved = kind_saved(chosen, handles[which], &length);
        void *loaded = NULL;
        system_calls += 3;
        if (CHECK_OK(chosen->load(saved, length, &loaded))) {
          chosen->destroy(handles[which]);
          handles[which] = loaded;
        } else printf("    %s\n", chosen->name);
        free(saved);
      }
    }
  }
  chosen->destroy(handles[0]);
  chosen->destroy(handles[1]);
}

static void random_systems(void) {
  switch (below(16)) {
    case 0: random_lab(); break;
    case 1:
    case 2: random_rates(); break;
    case 3:
    case 4: random_cures(); break;
    case 5:
    case 6: random_functions(); break;
    case 7:
    case 8:
    case 9: random_system_streams(); break;
    case 10:
    case 11:
    case 12: random_adversarial(); break;
    default: random_generative();
  }
}

#endif
