/* The lab: its experiments, a run of one seed, and what is refused. */
#include "check.h"

static int32_t stop_at_once(void *user, int64_t done, int64_t total) {
  *(int64_t *)user = total;
  return done == 0;
}

static void experiments_are_named(void) {
  int64_t count = 0;
  trimtab_experiment experiment = TRIMTAB_EXPERIMENT_INIT;
  CHECK_OK(trimtab_lab_count(&count));
  CHECK(count >= 1);
  CHECK_OK(trimtab_lab_experiment(0, &experiment));
  CHECK(strcmp(experiment.name, "dying-relu") == 0 && experiment.section == 1 && experiment.title[0] != 0);
  CHECK_STATUS(trimtab_lab_experiment(count, &experiment), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_lab_experiment(-1, &experiment), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_lab_experiment(0, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_lab_count(NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
}

static void one_seed_runs(void) {
  trimtab_lab_options options = TRIMTAB_LAB_OPTIONS_INIT;
  trimtab_lab_result *result = NULL;
  trimtab_lab_report report = TRIMTAB_LAB_REPORT_INIT;
  trimtab_lab_measurement measurement = TRIMTAB_LAB_MEASUREMENT_INIT;
  trimtab_lab_expectation expectation = TRIMTAB_LAB_EXPECTATION_INIT;
  const char *arm = NULL;
  int64_t count = 0;
  double x[4] = {-1, -1, -1, -1}, y[4] = {-1, -1, -1, -1};
  options.seeds = 1;
  CHECK_OK(trimtab_lab_run("dying-relu", &options, &result));
  CHECK_OK(trimtab_lab_result_report(result, &report));
  CHECK(report.seed_count == 1 && report.measurement_count > 4 && report.expectation_count >= 3 && report.curve_count >= 2);
  CHECK(report.is_held == (report.held_count == report.expectation_count));
  CHECK_OK(trimtab_lab_result_measurement(result, 0, &measurement));
  CHECK(strcmp(measurement.arm, "ReLU") == 0 && measurement.role == TRIMTAB_ARM_BROKEN);
  CHECK(measurement.over_seeds.median == measurement.over_seeds.low && measurement.over_seeds.coverage == 0);
  CHECK_OK(trimtab_lab_result_expectation(result, 0, &expectation));
  CHECK(expectation.claim[0] != 0 && (expectation.over_seeds.median >= expectation.bound) == expectation.is_held);
  CHECK_OK(trimtab_lab_result_curve(result, 0, &arm, 0, NULL, NULL, &count));
  CHECK(strcmp(arm, "ReLU") == 0 && count > 4);
  CHECK_OK(trimtab_lab_result_curve(result, 0, &arm, 3, x, y, &count));
  CHECK(x[0] == 0 && x[1] > 0 && y[2] > 0 && x[3] == -1 && y[3] == -1);
  CHECK_STATUS(trimtab_lab_result_curve(result, 0, &arm, -1, x, y, &count), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_lab_result_measurement(result, report.measurement_count, &measurement), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_lab_result_expectation(result, INT64_MIN, &expectation), TRIMTAB_ERROR_INVALID_ARGUMENT);
  trimtab_lab_result_destroy(result);
  trimtab_lab_result_destroy(NULL);
}

static void refusals(void) {
  trimtab_lab_options options = TRIMTAB_LAB_OPTIONS_INIT;
  trimtab_lab_result *result = NULL;
  int64_t total = 0;
  CHECK_STATUS(trimtab_lab_run(NULL, NULL, &result), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_lab_run("dying-relu", NULL, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_lab_run("dying", NULL, &result), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options.seeds = INT64_MAX;
  CHECK_STATUS(trimtab_lab_run("dying-relu", &options, &result), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options.seeds = 5;
  options.progress = stop_at_once;
  options.user = &total;
  CHECK_STATUS(trimtab_lab_run("dying-relu", &options, &result), TRIMTAB_ERROR_CALLBACK);
  CHECK(total == 5 && result == NULL);
  options.struct_size = 3;
  CHECK_STATUS(trimtab_lab_run("dying-relu", &options, &result), TRIMTAB_ERROR_STRUCT_SIZE);
}

int main(void) {
  RUN(experiments_are_named);
  RUN(one_seed_runs);
  RUN(refusals);
  return finish("lab");
}
