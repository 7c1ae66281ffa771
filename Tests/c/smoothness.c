/* Smoothness and the solver through the header: the oracles, callbacks that fail, and what is refused. */
#include "check.h"

static int32_t kinked(void *user, double t, const double *y, double *slope) {
  (void)user, (void)y;
  slope[0] = fabs(t - 0.7853);
  return 0;
}

static int32_t sine(void *user, double t, const double *y, double *slope) {
  (void)user, (void)y;
  slope[0] = sin(t);
  return 0;
}

static void counts_of_scipy(void) {
  const double tolerances[4] = {1e-3, 1e-6, 1e-9, 1e-11};
  const int wanted[2][4][2] = {{{7, 1}, {13, 9}, {19, 10}, {23, 12}}, {{6, 0}, {9, 0}, {20, 0}, {46, 1}}};
  for (int field = 0; field < 2; field++)
    for (int i = 0; i < 4; i++) {
      trimtab_solver_options options = TRIMTAB_SOLVER_OPTIONS_INIT;
      trimtab_solver_report report = TRIMTAB_SOLVER_REPORT_INIT;
      double y = 0;
      options.relative_tolerance = tolerances[i];
      options.absolute_tolerance = 1e-3 * tolerances[i];
      CHECK_OK(trimtab_solve(field == 0 ? kinked : sine, NULL, 0, 2, 1, &y, &options, &y, &report));
      CHECK(report.accepted_count == wanted[field][i][0] && report.rejected_count == wanted[field][i][1]);
      CHECK(report.evaluation_count == 2 + 6 * (report.accepted_count + report.rejected_count));
      CHECK(report.end == TRIMTAB_SOLVER_FINISHED && report.time == 2 && report.verdict == TRIMTAB_VERDICT_HEALTHY);
      CHECK_NEAR(y, field == 0 ? (0.7853 * 0.7853 + 1.2147 * 1.2147) / 2 : 1 - cos(2.0), 1e-3);
    }
}

static int32_t corner(void *user, const double *x, double *values) {
  double *bias = (double *)user;
  values[0] = x[0] > *bias ? x[0] - *bias : 0;
  return 0;
}

static int32_t smooth(void *user, const double *x, double *values) {
  (void)user;
  values[0] = tanh(x[0] + x[1]);
  values[1] = x[0] * x[1];
  return 0;
}

static void a_corner_is_found(void) {
  trimtab_smoothness_report report = TRIMTAB_SMOOTHNESS_REPORT_INIT;
  trimtab_kink kinks[2] = {{-1, -1, -1}, {-1, -1, -1}};
  double bias = 0.25, low[2] = {-1, -1}, high[2] = {1, 1};
  trimtab_kink_report found = TRIMTAB_KINK_REPORT_INIT;
  CHECK_OK(trimtab_smoothness_probe(corner, &bias, 1, 1, low, high, NULL, &report));
  CHECK(report.broken_order == 1 && report.cause == TRIMTAB_CAUSE_NONSMOOTH_FIELD);
  CHECK_NEAR(report.second_slope, -0.99, 0.1);
  CHECK_NEAR(report.lipschitz, 1, 1e-9);
  CHECK_OK(trimtab_kinks(corner, &bias, 1, 1, low, high, 64, 2, kinks, &found));
  CHECK(found.count == 1 && found.outcome == TRIMTAB_OUTCOME_OK && found.evaluation_count > 64 && fabs(-1 + 2 * kinks[0].position - bias) < 2e-12 && kinks[1].position == -1);
  CHECK_NEAR(kinks[0].jump, 1, 1e-6);
  CHECK_OK(trimtab_kinks(corner, &bias, 1, 1, low, high, 64, 0, NULL, &found));
  CHECK(found.count == 1);
  CHECK_OK(trimtab_smoothness_probe(smooth, NULL, 2, 2, low, high, NULL, &report));
  CHECK(report.broken_order == 4 && report.verdict == TRIMTAB_VERDICT_HEALTHY && report.cause == TRIMTAB_CAUSE_NONE);
  CHECK_OK(trimtab_kinks(smooth, NULL, 2, 2, low, high, 64, 2, kinks, &found));
  CHECK(found.count == 0 && found.outcome == TRIMTAB_OUTCOME_OK);
  CHECK_OK(trimtab_kinks(smooth, NULL, 2, 2, low, low, 64, 2, kinks, &found));
  CHECK(found.count == 0 && found.outcome == TRIMTAB_OUTCOME_DEGENERATE);
}

static int32_t ripple(void *user, double t, const double *y, double *slope) {
  (void)user, (void)y;
  slope[0] = fabs(sin(5 * t));
  return 0;
}

static int32_t wave(void *user, double t, const double *y, double *value) {
  (void)user, (void)y;
  value[0] = sin(5 * t);
  return 0;
}

static void steps_end_at_kinks(void) {
  trimtab_solver_options options = TRIMTAB_SOLVER_OPTIONS_INIT;
  trimtab_solver_report plain = TRIMTAB_SOLVER_REPORT_INIT, cured = TRIMTAB_SOLVER_REPORT_INIT;
  double y = 0, kinks[16] = {0};
  options.relative_tolerance = 1e-10;
  options.absolute_tolerance = 1e-12;
  CHECK_OK(trimtab_solve(ripple, NULL, 0.05, 6, 1, &y, &options, NULL, &plain));
  CHECK_OK(trimtab_solve_to_kinks(ripple, wave, NULL, 0.05, 6, 1, 1, &y, &options, 16, kinks, NULL, &cured));
  CHECK(y == 0 && cured.kink_count == 9 && 5 * cured.rejected_count < plain.rejected_count);
  for (int i = 0; i < 9; i++) CHECK_NEAR(kinks[i], acos(-1.0) * (i + 1) / 5, 1e-8);
  options.stops = kinks;
  options.stop_count = 9;
  CHECK_OK(trimtab_solve(ripple, NULL, 0.05, 6, 1, &y, &options, &y, &cured));
  CHECK(cured.kink_count == 0 && 5 * cured.rejected_count < plain.rejected_count);
  CHECK_STATUS(trimtab_solve(ripple, NULL, 1, 6, 1, &y, &options, &y, &cured), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options.stops = NULL;
  CHECK_STATUS(trimtab_solve(ripple, NULL, 0.05, 6, 1, &y, &options, &y, &cured), TRIMTAB_ERROR_NULL_ARGUMENT);
}

static int32_t gives_up(void *user, const double *x, double *values) {
  int *calls = (int *)user;
  values[0] = x[0];
  return ++*calls > 5 ? 42 : 0;
}

static int32_t field_gives_up(void *user, double t, const double *y, double *slope) {
  (void)t;
  return gives_up(user, y, slope);
}

static int32_t not_a_number(void *user, double t, const double *y, double *slope) {
  (void)user, (void)y;
  slope[0] = t > 0.5 ? NAN : 1;
  return 0;
}

static void callbacks_that_fail(void) {
  double low = 0, high = 1, y = 1;
  int calls = 0;
  PATTERNED(trimtab_kink_report, found);
  PATTERNED(trimtab_smoothness_report, probe);
  PATTERNED(trimtab_solver_report, solver);
  CHECK_STATUS(trimtab_smoothness_probe(gives_up, &calls, 1, 1, &low, &high, NULL, &probe), TRIMTAB_ERROR_CALLBACK);
  CHECK(calls == 6 && IS_PATTERNED(probe) && strstr(trimtab_last_error(), "42") != NULL);
  calls = 0;
  CHECK_STATUS(trimtab_kinks(gives_up, &calls, 1, 1, &low, &high, 64, 0, NULL, &found), TRIMTAB_ERROR_CALLBACK);
  CHECK(calls == 6 && IS_PATTERNED(found));
  calls = 0;
  CHECK_STATUS(trimtab_solve(field_gives_up, &calls, 0, 1, 1, &y, NULL, &y, &solver), TRIMTAB_ERROR_CALLBACK);
  CHECK(calls == 6 && y == 1 && IS_PATTERNED(solver));
  CHECK_OK(trimtab_solve(not_a_number, NULL, 0, 2, 1, &y, NULL, &y, &solver));
  CHECK(solver.end == TRIMTAB_SOLVER_NONFINITE && solver.outcome == TRIMTAB_OUTCOME_NONFINITE && solver.time <= 0.5);
  CHECK_NEAR(y, 1 + solver.time, 1e-12);
}

static void refusals(void) {
  trimtab_smoothness_options options = TRIMTAB_SMOOTHNESS_OPTIONS_INIT;
  trimtab_solver_options solving = TRIMTAB_SOLVER_OPTIONS_INIT;
  double low = 0, high = 1, y = 1, bias = 0;
  PATTERNED(trimtab_kink_report, found);
  PATTERNED(trimtab_smoothness_report, probe);
  PATTERNED(trimtab_solver_report, solver);
  CHECK_STATUS(trimtab_smoothness_probe(NULL, NULL, 1, 1, &low, &high, NULL, &probe), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_smoothness_probe(corner, &bias, 1, 1, NULL, &high, NULL, &probe), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_smoothness_probe(corner, &bias, 1, 1, &low, &high, NULL, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_smoothness_probe(corner, &bias, 0, 1, &low, &high, NULL, &probe), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_smoothness_probe(corner, &bias, 1, INT64_MAX, &low, &high, NULL, &probe), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_smoothness_probe(corner, &bias, 1, 1, &high, &low, NULL, &probe), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options.segments = INT64_MAX;
  CHECK_STATUS(trimtab_smoothness_probe(corner, &bias, 1, 1, &low, &high, &options, &probe), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options.segments = 1;
  options.solver_segments = INT64_MIN;
  CHECK_STATUS(trimtab_smoothness_probe(corner, &bias, 1, 1, &low, &high, &options, &probe), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options.struct_size = 4;
  CHECK_STATUS(trimtab_smoothness_probe(corner, &bias, 1, 1, &low, &high, &options, &probe), TRIMTAB_ERROR_STRUCT_SIZE);
  CHECK_STATUS(trimtab_kinks(corner, &bias, 1, 1, &low, &high, 3, 0, NULL, &found), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_kinks(corner, &bias, 1, 1, &low, &high, 8, -1, NULL, &found), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_kinks(corner, &bias, 1, 1, &low, &high, 8, 0, NULL, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_solve(NULL, NULL, 0, 1, 1, &y, NULL, &y, &solver), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_solve(sine, NULL, 0, INFINITY, 1, &y, NULL, &y, &solver), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_solve(sine, NULL, 0, 1, INT64_MIN, &y, NULL, &y, &solver), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_solve_to_kinks(sine, wave, NULL, 0, 1, INT64_MIN, 1, &y, NULL, 0, NULL, &y, &solver), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_solve_to_kinks(sine, wave, NULL, 0, 1, 1, 0, &y, NULL, 0, NULL, &y, &solver), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_solve_to_kinks(sine, NULL, NULL, 0, 1, 1, 1, &y, NULL, 0, NULL, &y, &solver), TRIMTAB_ERROR_NULL_ARGUMENT);
  solving.relative_tolerance = NAN;
  CHECK_STATUS(trimtab_solve(sine, NULL, 0, 1, 1, &y, &solving, &y, &solver), TRIMTAB_ERROR_INVALID_ARGUMENT);
  solving.relative_tolerance = 0;
  solving.absolute_tolerance = 0;
  solving.maximum_evaluations = 1000;
  y = 0;
  CHECK_OK(trimtab_solve(sine, NULL, 0, 1, 1, &y, &solving, &y, &solver));
  CHECK(solver.end != TRIMTAB_SOLVER_FINISHED || solver.evaluation_count <= 1000);
}

int main(void) {
  RUN(counts_of_scipy);
  RUN(a_corner_is_found);
  RUN(steps_end_at_kinks);
  RUN(callbacks_that_fail);
  RUN(refusals);
  return finish("smoothness");
}
