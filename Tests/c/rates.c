/* Learning rates found by training, against a bowl whose stable rates are known: gradient descent on c x^2 / 2 is stable below 2 / c. */
#include "check.h"

typedef struct bowl {
  double curvature;
  double x;
  int64_t calls;
  int64_t fails_at; /* the call that ends with an error; 0: none */
} bowl;

static int32_t bowl_step(void *user, double rate, double *loss) {
  bowl *own = (bowl *)user;
  if (++own->calls == own->fails_at) return 7;
  *loss = 0.5 * own->curvature * own->x * own->x;
  own->x -= rate * own->curvature * own->x;
  return TRIMTAB_OK;
}

static int32_t bowl_run(void *user, uint64_t seed, double peak, int64_t warm_up, trimtab_run_course *course) {
  bowl *own = (bowl *)user;
  /* The seed makes the bowl a little steeper. */
  const double curvature = own->curvature * (1 + 0.01 * (double)seed);
  double x = 1;
  if (++own->calls == own->fails_at) return 7;
  CHECK(isnan(course->initial_loss) && isnan(course->greatest_loss) && isnan(course->final_loss));
  course->initial_loss = course->greatest_loss = 0.5 * curvature;
  for (int64_t step = 0; step < 300; step++) {
    x -= (step < warm_up ? peak * (double)(step + 1) / (double)warm_up : peak) * curvature * x;
    course->final_loss = 0.5 * curvature * x * x;
    course->greatest_loss = fmax(course->greatest_loss, course->final_loss);
  }
  return TRIMTAB_OK;
}

/* A start at which only a rate below 0.1 does not overshoot; later 1 is borne. */
static int32_t steep_start(void *user, uint64_t seed, double peak, int64_t warm_up, trimtab_run_course *course) {
  const double first = peak / (double)(warm_up > 0 ? warm_up : 1);
  (void)seed;
  (*(int64_t *)user)++;
  course->initial_loss = 1;
  course->greatest_loss = first > 0.1 ? 100 : 1;
  course->final_loss = peak > 1 ? INFINITY : 0;
  return TRIMTAB_OK;
}

static void a_range_of_rates(void) {
  trimtab_rate_range_options options = TRIMTAB_RATE_RANGE_OPTIONS_INIT;
  trimtab_rate_range_report report = TRIMTAB_RATE_RANGE_REPORT_INIT, same = TRIMTAB_RATE_RANGE_REPORT_INIT;
  bowl own = {20, 1, 0, 0}, other = {20, 1, 0, 0}, calm = {1e-3, 1, 0, 0};
  CHECK_OK(trimtab_rate_range_test(bowl_step, &own, NULL, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.steps == own.calls && report.steps < 100);
  CHECK(report.divergence_rate > 2 / 20.0 && report.divergence_rate < 30 / 20.0);
  CHECK(report.suggested_rate == report.divergence_rate / 10 && report.best_loss < 10);
  CHECK_OK(trimtab_rate_range_test(bowl_step, &other, &options, &same));
  CHECK(memcmp(&report, &same, sizeof report) == 0);
  options.highest_rate = 1;
  options.step_count = 30;
  CHECK_OK(trimtab_rate_range_test(bowl_step, &calm, &options, &report));
  CHECK(report.steps == 30 && isnan(report.divergence_rate) && report.suggested_rate == report.steepest_rate);
}

static void the_peak_of_a_bowl(void) {
  trimtab_peak_rate_options options = TRIMTAB_PEAK_RATE_OPTIONS_INIT;
  trimtab_peak_rate_report report = TRIMTAB_PEAK_RATE_REPORT_INIT;
  bowl own = {4, 1, 0, 0};
  double mean = 0;
  CHECK_OK(trimtab_peak_rate_search(bowl_run, &own, &options, &report));
  for (int seed = 1; seed <= 6; seed++) mean += log(2 / (4 * (1 + 0.01 * seed))) / 6;
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.seed_count == 6 && report.run_count == own.calls);
  CHECK(report.run_count == 6 * 14 && report.seeds_above == 0 && report.seeds_below == 0);
  CHECK_NEAR(report.rate, exp(mean), 0.005);
  CHECK(report.least_rate <= report.rate && report.rate <= report.greatest_rate);
  options.highest_rate = 0.1;
  CHECK_OK(trimtab_peak_rate_search(bowl_run, &own, &options, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.seeds_above == 6 && isnan(report.rate));
}

static void the_warm_up_that_is_needed(void) {
  trimtab_warm_up_report report = TRIMTAB_WARM_UP_REPORT_INIT;
  int64_t runs = 0;
  CHECK_OK(trimtab_warm_up_need(steep_start, &runs, 1, 1000, 1, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.steps == 10 && report.run_count == runs && runs <= 12);
  CHECK_OK(trimtab_warm_up_need(steep_start, &runs, 0.05, 1000, 1, &report));
  CHECK(report.steps == 0 && report.run_count == 1);
  CHECK_OK(trimtab_warm_up_need(steep_start, &runs, 1, 4, 1, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.steps == -1);
  CHECK_OK(trimtab_warm_up_need(steep_start, &runs, 2, INT64_MAX, 1, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT);
}

#define REFUSED(call, wanted, field)                                                       \
  do {                                                                                     \
    CHECK_STATUS(call, wanted);                                                            \
    CHECK(strncmp(trimtab_last_error(), field, strlen(field)) == 0);                       \
    CHECK(IS_PATTERNED(range) && IS_PATTERNED(peak) && IS_PATTERNED(warm_up));             \
  } while (0)

static void what_is_refused(void) {
  static const double wrong[] = {0, -1, NAN, INFINITY};
  PATTERNED(trimtab_rate_range_report, range);
  PATTERNED(trimtab_peak_rate_report, peak);
  PATTERNED(trimtab_warm_up_report, warm_up);
  bowl own = {4, 1, 0, 3};
  for (size_t i = 0; i < 4; i++) {
    trimtab_rate_range_options low = TRIMTAB_RATE_RANGE_OPTIONS_INIT;
    trimtab_peak_rate_options high = TRIMTAB_PEAK_RATE_OPTIONS_INIT;
    low.lowest_rate = wrong[i];
    high.highest_rate = wrong[i];
    REFUSED(trimtab_rate_range_test(bowl_step, &own, &low, &range), TRIMTAB_ERROR_INVALID_ARGUMENT, "options.lowest_rate");
    REFUSED(trimtab_peak_rate_search(bowl_run, &own, &high, &peak), TRIMTAB_ERROR_INVALID_ARGUMENT, "options.lowest_rate");
    REFUSED(trimtab_warm_up_need(bowl_run, &own, wrong[i], 9, 1, &warm_up), TRIMTAB_ERROR_INVALID_ARGUMENT, "peak_rate");
  }
  for (int64_t count = -1; count < 2; count++) {
    trimtab_rate_range_options options = TRIMTAB_RATE_RANGE_OPTIONS_INIT;
    options.step_count = count;
    REFUSED(trimtab_rate_range_test(bowl_step, &own, &options, &range), TRIMTAB_ERROR_INVALID_ARGUMENT, "options.step_count");
  }
  for (int field = 0; field < 3; field++) {
    trimtab_peak_rate_options options = TRIMTAB_PEAK_RATE_OPTIONS_INIT;
    if (field == 0) options.bisections = 65;
    if (field == 1) options.seed_count = 0;
    if (field == 2) options.warm_up_steps = -1;
    REFUSED(trimtab_peak_rate_search(bowl_run, &own, &options, &peak), TRIMTAB_ERROR_INVALID_ARGUMENT, "options.bisections");
  }
  REFUSED(trimtab_warm_up_need(bowl_run, &own, 1, -1, 1, &warm_up), TRIMTAB_ERROR_INVALID_ARGUMENT, "longest_steps");
  REFUSED(trimtab_rate_range_test(NULL, &own, NULL, &range), TRIMTAB_ERROR_NULL_ARGUMENT, "step");
  REFUSED(trimtab_peak_rate_search(NULL, &own, NULL, &peak), TRIMTAB_ERROR_NULL_ARGUMENT, "run");
  REFUSED(trimtab_warm_up_need(NULL, &own, 1, 9, 1, &warm_up), TRIMTAB_ERROR_NULL_ARGUMENT, "run");
  REFUSED(trimtab_rate_range_test(bowl_step, &own, NULL, NULL), TRIMTAB_ERROR_NULL_ARGUMENT, "report");
  CHECK(own.calls == 0);
  REFUSED(trimtab_rate_range_test(bowl_step, &own, NULL, &range), TRIMTAB_ERROR_CALLBACK, "step: found the callback ended with 7");
  own.calls = 0;
  REFUSED(trimtab_peak_rate_search(bowl_run, &own, NULL, &peak), TRIMTAB_ERROR_CALLBACK, "run: found the callback ended with 7");
  own.calls = 0;
  own.fails_at = 1;
  REFUSED(trimtab_warm_up_need(bowl_run, &own, 1, 9, 1, &warm_up), TRIMTAB_ERROR_CALLBACK, "run: found the callback ended with 7");
}

int main(void) {
  RUN(a_range_of_rates);
  RUN(the_peak_of_a_bowl);
  RUN(the_warm_up_that_is_needed);
  RUN(what_is_refused);
  return finish("rates");
}
