/* struct_size of the structs of the log doctor and of a run's set-up: unset, too small, too big, of a newer version. */
#include "check.h"
#include "struct_calls.h"

static double losses[400];
static trimtab_log_doctor *doctor;
static trimtab_monitor *monitor;

static trimtab_status options_log_doctor(const void *options) {
  trimtab_log_doctor *made = NULL;
  const trimtab_status status = trimtab_log_doctor_create((const trimtab_log_doctor_options *)options, &made);
  CHECK((made != NULL) == (status == TRIMTAB_OK));
  trimtab_log_doctor_destroy(made);
  return status;
}
static trimtab_status options_rows(const void *rows) { return trimtab_log_doctor_add(doctor, (const trimtab_log_rows *)rows); }
static trimtab_status options_objective(const void *facts) { return trimtab_monitor_observe_objective(monitor, (const trimtab_objective_facts *)facts); }
static trimtab_status options_set_up(const void *facts) { return trimtab_monitor_observe_set_up(monitor, (const trimtab_set_up_facts *)facts); }
static trimtab_status report_finish(void *report) { return trimtab_log_doctor_finish(doctor, (trimtab_log_report *)report); }
static trimtab_status report_finding(void *finding) { return trimtab_log_doctor_finding(doctor, 0, (trimtab_log_finding *)finding); }
static trimtab_status report_check(void *state) { return trimtab_log_doctor_check(doctor, TRIMTAB_LOG_SPIKE, (trimtab_log_check_state *)state); }

static const trimtab_log_doctor_options log_doctor_defaults = TRIMTAB_LOG_DOCTOR_OPTIONS_INIT;
static const trimtab_log_rows rows_defaults = TRIMTAB_LOG_ROWS_INIT; /* of no row */
static const trimtab_objective_facts objective_defaults = TRIMTAB_OBJECTIVE_FACTS_INIT;
static const trimtab_set_up_facts set_up_defaults = TRIMTAB_SET_UP_FACTS_INIT;

static const option_call option_calls[] = {
    {"log_doctor_create", &log_doctor_defaults, sizeof log_doctor_defaults, options_log_doctor},
    {"log_doctor_add", &rows_defaults, sizeof rows_defaults, options_rows},
    {"monitor_observe_objective", &objective_defaults, sizeof objective_defaults, options_objective},
    {"monitor_observe_set_up", &set_up_defaults, sizeof set_up_defaults, options_set_up},
};

static const report_call report_calls[] = {
    {"log_doctor_finish", sizeof(trimtab_log_report), report_finish},
    {"log_doctor_finding", sizeof(trimtab_log_finding), report_finding},
    {"log_doctor_check", sizeof(trimtab_log_check_state), report_check},
};
#include "struct_sizes.h"

/* A loss of one number from the start: one finding at least, for the calls above. */
static int begin(void) {
  trimtab_log_rows rows = TRIMTAB_LOG_ROWS_INIT;
  trimtab_log_report report = TRIMTAB_LOG_REPORT_INIT;
  for (int i = 0; i < 400; i++) losses[i] = 2.5;
  rows.count = 400;
  rows.loss = losses;
  return trimtab_log_doctor_create(NULL, &doctor) == TRIMTAB_OK && trimtab_log_doctor_add(doctor, &rows) == TRIMTAB_OK &&
         trimtab_log_doctor_finish(doctor, &report) == TRIMTAB_OK && report.finding_count > 0 && trimtab_monitor_create(NULL, &monitor) == TRIMTAB_OK &&
         trimtab_monitor_begin_step(monitor, 1) == TRIMTAB_OK;
}

int main(void) {
  if (!begin()) return 1;
  RUN(option_sizes);
  RUN(report_sizes);
  RUN(reports_end_where_they_end);
  trimtab_log_doctor_destroy(doctor);
  trimtab_monitor_destroy(monitor);
  return finish("run_structs");
}
