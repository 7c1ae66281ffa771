/* Overlap and distances, block averages, the generator's signal, the curriculum. */
#include "check.h"

static view first_view, second_view, third_view;

static void distances(void) {
  double x[3] = {0, 1, 3}, y[3] = {5, 6, 8}, a[4] = {0, 0, 0, 8}, b[4] = {0, 0, 8, 8};
  trimtab_overlap_report report = TRIMTAB_OVERLAP_REPORT_INIT;
  CHECK_OK(trimtab_overlap(vector64(&first_view, x, 3), vector64(&second_view, y, 3), NULL, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && isnan(report.overlap) && report.real_count == 3);
  CHECK_NEAR(report.sliced_wasserstein, 5, 1e-12);
  CHECK_OK(trimtab_overlap(vector64(&first_view, a, 4), vector64(&second_view, b, 4), NULL, &report));
  CHECK_NEAR(report.energy_distance, 1, 1e-12);
}

static void a_shift_that_leaves_no_overlap(void) {
  static double x[2 * 200], y[2 * 200];
  trimtab_overlap_report report = TRIMTAB_OVERLAP_REPORT_INIT;
  trimtab_overlap_options options = TRIMTAB_OVERLAP_OPTIONS_INIT;
  srand(1);
  for (int i = 0; i < 400; i++) {
    x[i] = (double)rand() / RAND_MAX;
    y[i] = (double)rand() / RAND_MAX + (i % 2 ? 2 : -2);
  }
  CHECK_OK(trimtab_overlap(matrix64(&first_view, x, 200, 2), matrix64(&second_view, y, 200, 2), NULL, &report));
  CHECK(report.verdict == TRIMTAB_VERDICT_WARNING && report.cause == TRIMTAB_CAUSE_NO_OVERLAP && report.overlap < .02);
  options.resolution = 1;
  CHECK_OK(trimtab_overlap(matrix64(&first_view, x, 200, 2), matrix64(&second_view, y, 200, 2), &options, &report));
  CHECK(report.verdict == TRIMTAB_VERDICT_HEALTHY && report.overlap > .8 && report.width == 1);
  options.resolution = 3;
  CHECK_STATUS(trimtab_overlap(matrix64(&first_view, x, 200, 2), matrix64(&second_view, y, 200, 2), &options, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_overlap(matrix64(&first_view, x, 200, 2), matrix64(&second_view, y, 100, 4), NULL, &report), TRIMTAB_ERROR_SHAPE);
}

static void block_averages(void) {
  double x[8] = {1, 3, 5, 7, 2, 4, 6, 8}, y[4] = {0};
  CHECK_OK(trimtab_block_average(matrix64(&first_view, x, 2, 4), 2, matrix64(&second_view, y, 2, 2)));
  CHECK(y[0] == 2 && y[1] == 6 && y[2] == 3 && y[3] == 7);
  CHECK_STATUS(trimtab_block_average(matrix64(&first_view, x, 2, 4), 3, matrix64(&second_view, y, 2, 2)), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_block_average(matrix64(&first_view, x, 2, 4), 4, matrix64(&second_view, y, 2, 2)), TRIMTAB_ERROR_SHAPE);
}

static void the_generator_s_signal(void) {
  double real[2] = {1, 1}, fake[2] = {0, -800}, slopes[2] = {2, 3};
  trimtab_generator_signal *signal = NULL, *other = NULL;
  trimtab_generator_signal_report report = TRIMTAB_GENERATOR_SIGNAL_REPORT_INIT;
  char state[256];
  int64_t needed = 0;
  CHECK_OK(trimtab_generator_signal_create(&signal));
  CHECK_OK(trimtab_generator_signal_add(signal, vector64(&first_view, real, 2), vector64(&second_view, fake, 2), vector64(&third_view, slopes, 2)));
  CHECK_OK(trimtab_generator_signal_save(signal, state, sizeof state, &needed));
  CHECK_OK(trimtab_generator_signal_load(state, needed, &other));
  CHECK_OK(trimtab_generator_signal_merge(signal, other));
  CHECK_OK(trimtab_generator_signal_sum(signal, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.real_count == 4 && report.fake_count == 4);
  CHECK(report.mean_discriminator == .25 && report.saturating == .5 && report.non_saturating == 2);
  trimtab_generator_signal_destroy(signal);
  trimtab_generator_signal_destroy(other);
}

static void the_curriculum(void) {
  trimtab_curriculum_options options = TRIMTAB_CURRICULUM_OPTIONS_INIT;
  trimtab_curriculum_state state = TRIMTAB_CURRICULUM_STATE_INIT;
  trimtab_curriculum *curriculum = NULL, *copy = NULL;
  char bytes[256];
  int64_t needed = 0;
  options.level_count = 2;
  CHECK_OK(trimtab_curriculum_create(&options, &curriculum));
  CHECK_OK(trimtab_curriculum_audit(curriculum, 10, .5, 1, &state));
  CHECK(state.decision == TRIMTAB_CURRICULUM_STAY && state.good_audit_count == 1);
  CHECK_OK(trimtab_curriculum_audit(curriculum, 10, .5, 1, &state));
  CHECK(state.decision == TRIMTAB_CURRICULUM_GROW && state.level == 1 && state.fade_weight == 0);
  CHECK_STATUS(trimtab_curriculum_audit(curriculum, 0, .5, 1, &state), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_curriculum_audit(curriculum, 1, -1, 1, &state), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_OK(trimtab_curriculum_audit(curriculum, 5, NAN, 0, &state));
  CHECK(state.decision == TRIMTAB_CURRICULUM_FADE && state.fade_weight == .25);
  CHECK_OK(trimtab_curriculum_save(curriculum, bytes, sizeof bytes, &needed));
  CHECK_OK(trimtab_curriculum_load(bytes, needed, &copy));
  CHECK_OK(trimtab_curriculum_audit(copy, 15, 0, 0, &state));
  CHECK(state.is_complete == 1 && state.fade_weight == 1);
  CHECK_OK(trimtab_curriculum_report(curriculum, &state));
  CHECK(state.is_complete == 0);
  options.patience = 0;
  CHECK_STATUS(trimtab_curriculum_create(&options, &copy), TRIMTAB_ERROR_INVALID_ARGUMENT);
  trimtab_curriculum_destroy(curriculum);
  trimtab_curriculum_destroy(copy);
}

int main(void) {
  RUN(distances);
  RUN(a_shift_that_leaves_no_overlap);
  RUN(block_averages);
  RUN(the_generator_s_signal);
  RUN(the_curriculum);
  return finish("overlap");
}
