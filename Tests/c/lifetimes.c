/* Every create with its destroy, in any order, many times: nothing leaks (valgrind and the sanitizers watch), nothing is freed twice. */
#include "kinds.h"

#include <unistd.h>

static void destroying_null_does_nothing(void) {
  trimtab_covariance_destroy(NULL);
  trimtab_whitener_destroy(NULL);
  trimtab_neurons_destroy(NULL);
  trimtab_label_drift_destroy(NULL);
  trimtab_gradients_destroy(NULL);
  CHECK(1);
}

static void every_pair_of_create_and_destroy(void) {
  for (int k = 0; k < KIND_COUNT; k++) {
    for (int i = 0; i < 20; i++) {
      void *handle = NULL;
      CHECK_OK(kinds[k].create(&handle));
      CHECK(handle != NULL);
      kinds[k].destroy(handle);
    }
    kinds[k].destroy(kind_filled(&kinds[k]));
  }
}

static void handles_go_in_any_order(void) {
  for (int k = 0; k < KIND_COUNT; k++) {
    void *handles[6];
    for (int i = 0; i < 6; i++) handles[i] = kind_filled(&kinds[k]);
    for (int i = 0; i < 6; i++) kinds[k].destroy(handles[(i * 5 + 2) % 6]);
  }
}

/* A whitener outlives the covariance it was fitted to, a merge target its source. */
static void what_was_made_from_a_handle_outlives_it(void) {
  void *whitener = NULL;
  any_report report;
  CHECK_OK(kind_whitener_create(&whitener)); /* its covariance is gone by now */
  CHECK_OK(kind_whitener_report(whitener, &report));
  kind_whitener_destroy(whitener);
  for (int k = 0; k < KIND_COUNT; k++) {
    void *target = NULL, *source;
    if (kinds[k].merge == NULL) continue;
    source = kind_filled(&kinds[k]);
    CHECK_OK(kinds[k].create(&target));
    CHECK_OK(kinds[k].merge(target, source));
    kinds[k].destroy(source);
    CHECK_OK(kinds[k].report(target, &report));
    kinds[k].destroy(target);
  }
}

/* Options and inputs are the caller's: they may be overwritten and freed once the call has returned. */
static void nothing_of_the_caller_is_kept(void) {
  double *prior = (double *)malloc(3 * sizeof *prior);
  trimtab_drift_options *options = (trimtab_drift_options *)malloc(sizeof *options);
  trimtab_drift_options defaults = TRIMTAB_DRIFT_OPTIONS_INIT;
  trimtab_label_drift *drift = NULL;
  any_report report;
  prior[0] = .5;
  prior[1] = .25;
  prior[2] = .25;
  *options = defaults;
  options->class_prior = prior;
  options->class_prior_count = 3;
  CHECK_OK(trimtab_label_drift_create(options, &drift));
  memset(prior, 0xff, 3 * sizeof *prior);
  free(prior);
  memset(options, 0xff, sizeof *options);
  free(options);
  CHECK_OK(kind_drift_add(drift, 0));
  CHECK_OK(kind_drift_add(drift, 1));
  CHECK_OK(kind_drift_report(drift, &report));
  CHECK(report.drift.class_prior_distance >= 0 && report.drift.class_prior_distance <= 1);
  trimtab_label_drift_destroy(drift);
}

static void failing_calls_leak_nothing(void) {
  double samples[6] = {1, 2, 3, 4, 5, 6};
  view made;
  for (int i = 0; i < 50; i++) {
    trimtab_conditioning_options options = TRIMTAB_CONDITIONING_OPTIONS_INIT;
    trimtab_conditioning_report report = TRIMTAB_CONDITIONING_REPORT_INIT;
    trimtab_covariance *covariance = NULL;
    trimtab_whitener *whitener = NULL;
    options.maximum_features = 1;
    CHECK_STATUS(trimtab_condition_number(matrix64(&made, samples, 3, 2), &options, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK_OK(trimtab_covariance_create(NULL, &covariance));
    CHECK_OK(trimtab_covariance_add(covariance, matrix64(&made, samples, 3, 2)));
    CHECK_STATUS(trimtab_covariance_add(covariance, matrix64(&made, samples, 2, 3)), TRIMTAB_ERROR_SHAPE);
    CHECK_OK(trimtab_whitener_fit(covariance, NULL, &whitener));
    CHECK_STATUS(trimtab_whitener_apply(whitener, matrix64(&made, samples, 2, 3), &made.tensor), TRIMTAB_ERROR_SHAPE);
    trimtab_whitener_destroy(whitener);
    trimtab_covariance_destroy(covariance);
  }
}

/* The sanitizer keeps what was freed for a while, and has a leak check of its own. */
#if defined(__SANITIZE_ADDRESS__)
#define GROWTH 400000000
#else
#define GROWTH 1000000
#endif

static long resident_pages(void) {
  long total = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return 0;
  if (fscanf(file, "%ld %ld", &total, &resident) != 2) resident = 0;
  fclose(file);
  return resident;
}

/* Options that are refused: the object that was to hold them must not stay behind. */
static void refused_options_leave_nothing_behind(void) {
  trimtab_conditioning_options conditioning = TRIMTAB_CONDITIONING_OPTIONS_INIT;
  trimtab_activity_options activity = TRIMTAB_ACTIVITY_OPTIONS_INIT;
  trimtab_drift_options drift = TRIMTAB_DRIFT_OPTIONS_INIT;
  trimtab_gradient_options gradient = TRIMTAB_GRADIENT_OPTIONS_INIT;
  trimtab_covariance *covariance = NULL;
  trimtab_neurons *neurons = NULL;
  trimtab_label_drift *stream = NULL;
  trimtab_gradients *gradients = NULL;
  long before = 0;
  const int rounds = getenv("VALGRIND") != NULL ? 10 : 60000;
  conditioning.null_factor = -1;
  activity.leak = (double)NAN;
  drift.confidence_gate = (double)NAN;
  gradient.maximum_norm = -1;
  for (int round = 0; round < rounds; round++) {
    if (round == rounds / 10) before = resident_pages();
    CHECK_STATUS(trimtab_covariance_create(&conditioning, &covariance), TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK_STATUS(trimtab_neurons_create(&activity, &neurons), TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK_STATUS(trimtab_label_drift_create(&drift, &stream), TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK_STATUS(trimtab_gradients_create(&gradient, &gradients), TRIMTAB_ERROR_INVALID_ARGUMENT);
  }
  CHECK((resident_pages() - before) * sysconf(_SC_PAGESIZE) < GROWTH);
}
/* A leak of 100 bytes a round would show as 2 MB. */
static void memory_does_not_grow(void) {
  long before = 0;
  if (getenv("VALGRIND") != NULL) return;
  for (int round = 0; round < 22000; round++) {
    if (round == 2000) before = resident_pages();
    for (int k = 0; k < KIND_COUNT; k++) {
      void *handle = NULL;
      if (round % 10 == 0) handle = kind_filled(&kinds[k]);
      else CHECK_OK(kinds[k].create(&handle));
      kinds[k].destroy(handle);
    }
  }
  CHECK((resident_pages() - before) * sysconf(_SC_PAGESIZE) < GROWTH);
}

int main(void) {
  RUN(destroying_null_does_nothing);
  RUN(every_pair_of_create_and_destroy);
  RUN(handles_go_in_any_order);
  RUN(what_was_made_from_a_handle_outlives_it);
  RUN(nothing_of_the_caller_is_kept);
  RUN(failing_calls_leak_nothing);
  RUN(refused_options_leave_nothing_behind);
  RUN(memory_does_not_grow);
  return finish("lifetimes");
}
