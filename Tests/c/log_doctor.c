/* The log doctor: rows in blocks, findings, checks that did not run, and what no log should be. */
#include "allocations.h"
#include "check.h"

enum { ROWS = 2000 };
static double loss[ROWS], norm[ROWS];
static int64_t steps[ROWS];

/* A falling loss with noise, the same in each test. */
static void fill(void) {
  uint64_t state = 12345;
  for (int i = 0; i < ROWS; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    double noise = (double)(state >> 11) / 9007199254740992.0 - .5;
    loss[i] = 2 + 3 / (1 + .01 * i) + .1 * noise;
    norm[i] = 1 + .2 * noise;
    steps[i] = 10 * i;
  }
}

static trimtab_log_rows rows_of(int count) {
  trimtab_log_rows rows = TRIMTAB_LOG_ROWS_INIT;
  rows.count = count;
  rows.steps = steps;
  rows.loss = loss;
  rows.gradient_norm = norm;
  return rows;
}

static trimtab_log_report report_of(trimtab_log_doctor *doctor, const trimtab_log_rows *rows) {
  trimtab_log_report report = TRIMTAB_LOG_REPORT_INIT;
  CHECK_OK(trimtab_log_doctor_add(doctor, rows));
  CHECK_OK(trimtab_log_doctor_finish(doctor, &report));
  return report;
}

static trimtab_log_doctor *fresh(void) {
  trimtab_log_doctor *doctor = NULL;
  CHECK_OK(trimtab_log_doctor_create(NULL, &doctor));
  return doctor;
}

static void a_healthy_log(void) {
  trimtab_log_doctor *doctor = fresh();
  trimtab_log_check_state state = TRIMTAB_LOG_CHECK_STATE_INIT;
  fill();
  trimtab_log_rows rows = rows_of(ROWS);
  trimtab_log_report report = report_of(doctor, &rows);
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.verdict == TRIMTAB_VERDICT_HEALTHY && report.finding_count == 0);
  CHECK(report.row_count == ROWS && report.first_step == 0 && report.last_step == 10 * (ROWS - 1));
  CHECK(report.loss.first == loss[0] && report.loss.last == loss[ROWS - 1] && report.loss.first_step == 0);
  CHECK(report.validation_loss.count == 0 && isnan(report.validation_loss.first));
  CHECK_NEAR(report.noise, .1 / sqrt(12), .2);
  CHECK_OK(trimtab_log_doctor_check(doctor, TRIMTAB_LOG_OVERFITTING, &state));
  CHECK(state.outcome == TRIMTAB_LOG_MISSING_COLUMN && state.quantity == TRIMTAB_LOG_QUANTITY_VALIDATION_LOSS);
  CHECK_OK(trimtab_log_doctor_check(doctor, TRIMTAB_LOG_SPIKE, &state));
  CHECK(state.outcome == TRIMTAB_LOG_RAN && state.row_count == ROWS);
  trimtab_log_doctor_destroy(doctor);
}

static void a_jump_and_then_nan(void) {
  trimtab_log_doctor *doctor = fresh();
  trimtab_log_finding finding = TRIMTAB_LOG_FINDING_INIT;
  fill();
  for (int i = 1200; i < ROWS; i++) loss[i] += 1;
  trimtab_log_rows rows = rows_of(1900);
  trimtab_log_report report = report_of(doctor, &rows);
  CHECK(report.verdict == TRIMTAB_VERDICT_WARNING && report.cause == TRIMTAB_CAUSE_LEVEL_SHIFT);
  CHECK_OK(trimtab_log_doctor_finding(doctor, 0, &finding));
  CHECK(finding.check == TRIMTAB_LOG_JUMP && finding.is_standing == 1);
  CHECK(finding.first_step >= 11990 && finding.first_step <= 12050);
  CHECK_NEAR(finding.size, 1, .1);
  /* Rows follow a finish. */
  for (int i = 1900; i < ROWS; i++) loss[i] = NAN;
  rows = rows_of(100);
  rows.steps = steps + 1900;
  rows.loss = loss + 1900;
  rows.gradient_norm = norm + 1900;
  report = report_of(doctor, &rows);
  CHECK(report.verdict == TRIMTAB_VERDICT_CRITICAL && report.loss.nonfinite_count == 100 && report.row_count == ROWS);
  CHECK_OK(trimtab_log_doctor_finding(doctor, 0, &finding));
  CHECK(finding.check == TRIMTAB_LOG_NONFINITE && finding.first_step == 19000 && isnan(finding.value));
  CHECK(finding.cause == TRIMTAB_CAUSE_NONFINITE_WEIGHT && finding.count == 100);
  trimtab_log_doctor_destroy(doctor);
}

static void rows_may_say_little(void) {
  trimtab_log_doctor *doctor = fresh();
  uint8_t present[4] = {1, 2, 0, 1};
  double values[4] = {3, 2.5, NAN, 2}, validation[4] = {NAN, 2.9, NAN, NAN};
  trimtab_log_rows rows = TRIMTAB_LOG_ROWS_INIT;
  rows.count = 4;
  rows.loss = values;
  rows.validation_loss = validation;
  rows.present = present;
  trimtab_log_report report = report_of(doctor, &rows);
  CHECK(report.loss.count == 2 && report.loss.nonfinite_count == 0 && report.validation_loss.count == 1);
  CHECK(report.validation_loss.first == 2.9 && report.last_step == 3 && report.finding_count == 0);
  trimtab_log_doctor_destroy(doctor);
}

static void refusals(void) {
  trimtab_log_doctor *doctor = fresh(), *other = NULL;
  trimtab_log_doctor_options options = TRIMTAB_LOG_DOCTOR_OPTIONS_INIT;
  trimtab_log_rows rows = TRIMTAB_LOG_ROWS_INIT;
  trimtab_log_report report = TRIMTAB_LOG_REPORT_INIT;
  trimtab_log_finding finding = TRIMTAB_LOG_FINDING_INIT;
  trimtab_log_check_state state = TRIMTAB_LOG_CHECK_STATE_INIT;
  options.rise_size = 0;
  CHECK_STATUS(trimtab_log_doctor_create(&options, &other), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(other == NULL && strstr(trimtab_last_error(), "options.rise_size: found 0") != NULL);
  CHECK_STATUS(trimtab_log_doctor_create(NULL, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  rows.count = -1;
  CHECK_STATUS(trimtab_log_doctor_add(doctor, &rows), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_log_doctor_add(doctor, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_log_doctor_add(NULL, &rows), TRIMTAB_ERROR_NULL_ARGUMENT);
  rows.struct_size = 4;
  CHECK_STATUS(trimtab_log_doctor_add(doctor, &rows), TRIMTAB_ERROR_STRUCT_SIZE);
  CHECK_OK(trimtab_log_doctor_finish(doctor, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
  CHECK_STATUS(trimtab_log_doctor_finish(doctor, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_log_doctor_finding(doctor, 0, &finding), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_log_doctor_check(doctor, TRIMTAB_LOG_CHECK_COUNT, &state), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_log_doctor_check(doctor, -1, &state), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(strcmp(trimtab_log_check_name(TRIMTAB_LOG_RESUME), "resume") == 0 && strcmp(trimtab_log_check_name(99), "unknown") == 0);
  CHECK(strcmp(trimtab_log_quantity_name(TRIMTAB_LOG_QUANTITY_LOSS_SCALE), "loss_scale") == 0);
  trimtab_log_doctor_destroy(doctor);
  trimtab_log_doctor_destroy(NULL);
}

static void nothing_is_allocated_after_creation(void) {
  trimtab_log_doctor *doctor = fresh();
  fill();
  trimtab_log_rows rows = rows_of(ROWS);
  const long before = allocations;
  for (int i = 0; i < 5; i++) report_of(doctor, &rows);
  CHECK(allocations == before);
  trimtab_log_doctor_destroy(doctor);
}

/* Any bits as numbers and steps: nothing traps, and nothing hangs. */
static void any_bits(void) {
  uint64_t state = 99;
  for (int trial = 0; trial < 200; trial++) {
    trimtab_log_doctor *doctor = fresh();
    int count = 1 + trial * 9 % ROWS;
    for (int i = 0; i < count; i++) {
      uint64_t bits[3];
      for (int j = 0; j < 3; j++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        bits[j] = state ^ state >> 29;
      }
      memcpy(&loss[i], &bits[0], 8);
      memcpy(&norm[i], &bits[1], 8);
      steps[i] = trial % 3 ? (int64_t)bits[2] : (int64_t)(bits[2] >> 60);
    }
    trimtab_log_rows rows = rows_of(count);
    rows.validation_loss = loss;
    rows.learning_rate = norm;
    rows.loss_scale = norm;
    trimtab_log_report report = report_of(doctor, &rows);
    CHECK(report.row_count == count && report.finding_count <= 64);
    trimtab_log_doctor_destroy(doctor);
  }
}

int main(void) {
  RUN(a_healthy_log);
  RUN(a_jump_and_then_nan);
  RUN(rows_may_say_little);
  RUN(refusals);
  RUN(any_bits);
  COUNTED(nothing_is_allocated_after_creation);
  return finish("log_doctor");
}
