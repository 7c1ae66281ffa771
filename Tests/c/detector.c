/* Detectors: what each kind finds, what it stays silent on, values at the ends of float64, and no allocation after creation. */
#include "check.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

/* glibc's own functions under other names, so that every allocation of the library passes here. */
#if defined(__GLIBC__) && !defined(SANITIZED)
#define COUNTED 1
static long allocations;
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
void *malloc(size_t size) { allocations++; return __libc_malloc(size); }
void *calloc(size_t count, size_t size) { allocations++; return __libc_calloc(count, size); }
void *realloc(void *memory, size_t size) { allocations++; return __libc_realloc(memory, size); }
void *aligned_alloc(size_t alignment, size_t size) { allocations++; return __libc_memalign(alignment, size); }
int posix_memalign(void **memory, size_t alignment, size_t size) {
  allocations++;
  *memory = __libc_memalign(alignment, size);
  return *memory == NULL ? 12 : 0;
}
#endif

static trimtab_detector *made(trimtab_detector_kind kind) {
  trimtab_detector_options options = TRIMTAB_DETECTOR_OPTIONS_INIT;
  trimtab_detector *detector = NULL;
  options.kind = kind;
  CHECK_OK(trimtab_detector_create(&options, &detector));
  return detector;
}

static trimtab_detector_result added(trimtab_detector *detector, double value) {
  trimtab_detector_result result = TRIMTAB_DETECTOR_RESULT_INIT;
  if (trimtab_detector_add(detector, value, &result) != TRIMTAB_OK) CHECK(0);
  return result;
}

static double normals[4096];
static double noisy(int step) { return 3 * exp(.05 * normals[step % 4096]); }

static void no_add_allocates(void) {
#ifdef COUNTED
  for (trimtab_detector_kind kind = 0; kind <= TRIMTAB_DETECTOR_NONFINITE; kind++) {
    long before = allocations;
    trimtab_detector *detector = made(kind);
    trimtab_detector_result result = TRIMTAB_DETECTOR_RESULT_INIT;
    CHECK(allocations > before); /* the counter counts */
    before = allocations;
    for (int step = 0; step < 1000000; step++) {
      double value = noisy(step);
      if (step % 1000 == 7) value = step % 2000 == 7 ? (double)NAN : 1e300;
      if (step % 5000 == 11) value = -value;
      if (trimtab_detector_add(detector, value, &result) != TRIMTAB_OK) CHECK(0);
    }
    CHECK(trimtab_detector_reset(detector) == TRIMTAB_OK && trimtab_detector_report(detector, &result) == TRIMTAB_OK);
    CHECK(allocations == before);
    trimtab_detector_destroy(detector);
  }
#else
  printf("note: allocations are not counted in this build\n");
#endif
}

static void each_kind_finds_its_fault(void) {
  trimtab_detector_result result = TRIMTAB_DETECTOR_RESULT_INIT;
  for (trimtab_detector_kind kind = 0; kind <= TRIMTAB_DETECTOR_NONFINITE; kind++) {
    trimtab_detector *detector = made(kind);
    int step = 0, alarmed = -1;
    for (; step < 20000 && kind != TRIMTAB_DETECTOR_PLATEAU; step++) {
      result = added(detector, noisy(step));
      CHECK(result.kind == kind && result.alarm_count == 0 && result.step_count == step + 1);
      CHECK(result.state == TRIMTAB_DETECTOR_WARMING_UP || result.state == TRIMTAB_DETECTOR_QUIET);
    }
    CHECK(kind == TRIMTAB_DETECTOR_PLATEAU || (result.state == TRIMTAB_DETECTOR_QUIET && result.verdict == TRIMTAB_VERDICT_HEALTHY));
    for (int later = 0; later < 4000 && alarmed < 0; later++) {
      double value = noisy(later + step);
      switch (kind) {
        case TRIMTAB_DETECTOR_SPIKE: value *= 3; break;
        case TRIMTAB_DETECTOR_LEVEL_SHIFT: value *= 1.28; break;
        case TRIMTAB_DETECTOR_DRIFT: value *= 1 + later * 1e-4; break;
        case TRIMTAB_DETECTOR_DIVERGENCE: value *= exp(.02 * later); break;
        case TRIMTAB_DETECTOR_PLATEAU: value = 3; break;
        case TRIMTAB_DETECTOR_OSCILLATION: value = later % 2 ? 3 : 2; break;
        case TRIMTAB_DETECTOR_VANISHING: value = 1e-9; break;
        case TRIMTAB_DETECTOR_UNCHANGED: value = 3; break;
        default: value = later == 5 ? (double)NAN : value;
      }
      result = added(detector, value);
      if (result.state == TRIMTAB_DETECTOR_ALARM) alarmed = later;
    }
    printf("note: kind %d alarms after %d steps, score %g, threshold %g\n", (int)kind, alarmed, result.score, result.threshold);
    CHECK(alarmed >= 0 && result.alarm_count == 1 && result.verdict >= TRIMTAB_VERDICT_NOTICE);
    CHECK(result.first_alarm_step >= step - 250 && result.first_alarm_step <= step + alarmed);
    switch (kind) {
      case TRIMTAB_DETECTOR_SPIKE: CHECK(alarmed == 0); break;
      case TRIMTAB_DETECTOR_LEVEL_SHIFT: CHECK(alarmed < 20); break;
      case TRIMTAB_DETECTOR_DRIFT: CHECK(alarmed < 2500); break;
      case TRIMTAB_DETECTOR_DIVERGENCE: CHECK(alarmed < 150); break;
      case TRIMTAB_DETECTOR_PLATEAU: CHECK(alarmed == 11); break; /* more than ten after the first */
      case TRIMTAB_DETECTOR_OSCILLATION: CHECK(alarmed <= 128); break;
      case TRIMTAB_DETECTOR_VANISHING: CHECK(alarmed == 2); break;
      case TRIMTAB_DETECTOR_UNCHANGED: CHECK(alarmed == 3); break;
      default: CHECK(alarmed == 5 && result.outcome == TRIMTAB_OUTCOME_NONFINITE && result.verdict == TRIMTAB_VERDICT_CRITICAL);
    }
    trimtab_detector_destroy(detector);
  }
}

static void an_alarm_goes_on_and_ends(void) {
  trimtab_detector *detector = made(TRIMTAB_DETECTOR_SPIKE);
  trimtab_detector_result result;
  for (int step = 0; step < 500; step++) added(detector, noisy(step));
  result = added(detector, 75);
  CHECK(result.state == TRIMTAB_DETECTOR_ALARM && result.first_alarm_step == 500 && result.consecutive_steps == 1);
  result = added(detector, 75);
  CHECK(result.state == TRIMTAB_DETECTOR_CONTINUING_ALARM && result.first_alarm_step == 500 && result.consecutive_steps == 2);
  result = added(detector, 3);
  CHECK(result.state == TRIMTAB_DETECTOR_RECOVERED && result.first_alarm_step == 500 && result.alarm_count == 1);
  result = added(detector, 3);
  CHECK(result.state == TRIMTAB_DETECTOR_QUIET && result.first_alarm_step == -1);
  CHECK_OK(trimtab_detector_reset(detector));
  result = added(detector, 75);
  CHECK(result.state == TRIMTAB_DETECTOR_WARMING_UP && result.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && result.step_count == 505);
  trimtab_detector_destroy(detector);
}

static void confirmation_waits_for_steps_in_a_row(void) {
  trimtab_detector_options options = TRIMTAB_DETECTOR_OPTIONS_INIT;
  trimtab_detector *detector = NULL;
  options.confirmation = 3;
  CHECK_OK(trimtab_detector_create(&options, &detector));
  for (int step = 0; step < 500; step++) added(detector, noisy(step));
  CHECK(added(detector, 30).state == TRIMTAB_DETECTOR_QUIET);
  CHECK(added(detector, 3).state == TRIMTAB_DETECTOR_QUIET);
  CHECK(added(detector, 30).state == TRIMTAB_DETECTOR_QUIET);
  CHECK(added(detector, 30).state == TRIMTAB_DETECTOR_QUIET);
  CHECK(added(detector, 30).first_alarm_step == 502);
  trimtab_detector_destroy(detector);
}

static void every_answer_is_finite(void) {
  static const double ends[] = {0, -0.0, 1e300, -1e300, 1.7976931348623157e308, -1.7976931348623157e308, 5e-324, -5e-324, 2.2e-308, 1e-300, 1, -1, 1e8};
  const char *text = getenv("TRIMTAB_SEED");
  uint64_t state = text != NULL ? strtoull(text, NULL, 10) : 1;
  printf("seed %llu\n", (unsigned long long)state);
  for (trimtab_detector_kind kind = 0; kind <= TRIMTAB_DETECTOR_NONFINITE; kind++)
    for (int direction = 0; direction < 3; direction++)
      for (int scale = 0; scale < 3; scale++) {
        trimtab_detector_options options = TRIMTAB_DETECTOR_OPTIONS_INIT;
        trimtab_detector *detector = NULL;
        options.kind = kind;
        options.direction = direction;
        options.scale = scale;
        CHECK_OK(trimtab_detector_create(&options, &detector));
        for (int step = 0; step < 3000; step++) {
          int regime = step / 200, choice = (int)(random_unit(&state) * 13);
          double value = regime % 3 == 0 ? ends[choice] : regime % 3 == 1 ? ends[choice] * random_unit(&state) : ends[regime % 13];
          trimtab_detector_result result = added(detector, step % 97 == 5 ? (double)NAN : value);
          if (!isfinite(result.score) || !isfinite(result.threshold) || !isfinite(result.baseline) || !isfinite(result.spread)) CHECK(0);
        }
        trimtab_detector_destroy(detector);
      }
}

static void bad_arguments_are_named(void) {
  trimtab_detector_options options = TRIMTAB_DETECTOR_OPTIONS_INIT;
  trimtab_detector *detector = NULL;
  PATTERNED(trimtab_detector_result, pattern);
  double bad[] = {0, -1, (double)NAN, (double)INFINITY, 1e6};
  for (int i = 0; i < 5; i++) {
    options.false_alarms_per_million = bad[i];
    CHECK_STATUS(trimtab_detector_create(&options, &detector), TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK(strstr(trimtab_last_error(), "false_alarms_per_million") != NULL && detector == NULL);
  }
  options = (trimtab_detector_options)TRIMTAB_DETECTOR_OPTIONS_INIT;
  options.kind = 9;
  CHECK_STATUS(trimtab_detector_create(&options, &detector), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options.kind = -1;
  CHECK_STATUS(trimtab_detector_create(&options, &detector), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options = (trimtab_detector_options)TRIMTAB_DETECTOR_OPTIONS_INIT;
  options.warm_up = INT64_MAX;
  CHECK_STATUS(trimtab_detector_create(&options, &detector), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options.warm_up = INT64_MIN;
  CHECK_STATUS(trimtab_detector_create(&options, &detector), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_detector_create(NULL, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_detector_add(NULL, 1, &pattern), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_detector_reset(NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_detector_report(NULL, &pattern), TRIMTAB_ERROR_NULL_ARGUMENT);
  detector = made(TRIMTAB_DETECTOR_SPIKE);
  CHECK_STATUS(trimtab_detector_report(detector, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_OK(trimtab_detector_add(detector, 1, NULL));
  {
    trimtab_detector_result unset;
    memset(&unset, 0, sizeof unset);
    CHECK_STATUS(trimtab_detector_add(detector, 1, &unset), TRIMTAB_ERROR_STRUCT_SIZE);
    CHECK_STATUS(trimtab_detector_report(detector, &unset), TRIMTAB_ERROR_STRUCT_SIZE);
  }
  CHECK(added(detector, 1).step_count == 2); /* a refused call changes nothing */
  CHECK(IS_PATTERNED(pattern));
  trimtab_detector_destroy(detector);
}

int main(void) {
  fill_normal(normals, 4096, 77);
  RUN(no_add_allocates);
  RUN(each_kind_finds_its_fault);
  RUN(an_alarm_goes_on_and_ends);
  RUN(confirmation_waits_for_steps_in_a_row);
  RUN(every_answer_is_finite);
  RUN(bad_arguments_are_named);
  return finish("detector");
}
