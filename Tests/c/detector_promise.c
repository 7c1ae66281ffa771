/* The promise about false alarms: on healthy series of every sort no more alarms than a Poisson count of the promised mean allows but once in a million runs.
 * TRIMTAB_SEED chooses the numbers, TRIMTAB_PROMISE_STEPS how many steps each kind sees in all (1000000 by default; make promise takes 200 million). */
#include "check.h"

typedef struct source {
  uint64_t state;
  double memory;
} source;

/* Exact in the tails, unlike a sum of uniforms (Box & Muller 1958). */
static double gaussian(source *from) {
  double radius = sqrt(-2 * log(1 - random_unit(&from->state)));
  return radius * cos(6.283185307179586 * random_unit(&from->state));
}

static double student3(source *from) {
  double a = gaussian(from), b = gaussian(from), c = gaussian(from);
  return gaussian(from) / sqrt((a * a + b * b + c * c) / 3);
}

static double student2(source *from) {
  double a = gaussian(from), b = gaussian(from);
  return gaussian(from) / sqrt((a * a + b * b) / 2);
}

static double autoregressive(source *from, double correlation) {
  from->memory = correlation * from->memory + sqrt(1 - correlation * correlation) * gaussian(from);
  return from->memory;
}

enum { FAMILIES = 16 };
static const char *const names[FAMILIES] = {"gaussian", "log-normal", "student t(3)", "positive with student t(3)", "AR(0.9)", "AR(0.99)", "exponential of AR(0.9)", "exponential of AR(0.99)", "power law", "exponential decay", "sine of 20", "sine of 300", "sine of 1000", "sine of 5000", "student t(2)", "exponential of student t(2)"};

static double sine(source *from, int64_t step, double period) { return 3 + .8 * sin(6.283185307179586 * (double)step / period) + .1 * gaussian(from); }

static double healthy(int family, source *from, int64_t step) {
  switch (family) {
    case 0: return gaussian(from);
    case 1: return exp(.1 * gaussian(from));
    case 2: return student3(from);
    case 3: return 3 + .05 * student3(from);
    case 4: return autoregressive(from, .9);
    case 5: return autoregressive(from, .99);
    case 6: return exp(.1 * autoregressive(from, .9));
    case 7: return exp(.1 * autoregressive(from, .99));
    case 8: return (2 + 9 / sqrt(1 + (double)step / 50)) * exp(.03 * gaussian(from));
    case 9: return (2 + 9 * exp(-(double)step / 500)) * (1 + .03 * gaussian(from));
    case 10: return sine(from, step, 20);
    case 11: return sine(from, step, 300);
    case 12: return sine(from, step, 1000);
    case 13: return sine(from, step, 5000);
    case 14: return student2(from);
    default: return exp(.05 * student2(from));
  }
}

static int64_t total_steps = 1000000;
static uint64_t seed = 1;

/* The least count that a Poisson variable of that mean exceeds with a chance below 1e-6. */
static int most_allowed(double mean) {
  double term = exp(-mean), below = term;
  int count = 0;
  while (1 - below >= 1e-6 && count < 100000) {
    count++;
    term *= mean / count;
    below += term;
  }
  return count;
}

static void promise_of(trimtab_detector_kind kind, const char *name) {
  int64_t length = total_steps / FAMILIES;
  int most = most_allowed((double)total_steps * 1e-6);
  int64_t alarms = 0;
  for (int family = 0; family < FAMILIES; family++) {
    trimtab_detector_options options = TRIMTAB_DETECTOR_OPTIONS_INIT;
    trimtab_detector_result result = TRIMTAB_DETECTOR_RESULT_INIT;
    source from = {seed * 1000003 + (uint64_t)(family * 31 + kind), 0};
    trimtab_detector *detector = NULL;
    options.kind = kind;
    /* Runs of a million steps at the most: what is learnt late must not pay for what is learnt early. */
    for (int64_t step = 0; step < length; step++) {
      int64_t within = step % 1000000;
      if (within == 0) {
        alarms += result.alarm_count;
        trimtab_detector_destroy(detector);
        detector = NULL;
        from.memory = 0;
        CHECK_OK(trimtab_detector_create(&options, &detector));
      }
      if (trimtab_detector_add(detector, healthy(family, &from, within), &result) != TRIMTAB_OK) CHECK(0);
      if (result.state == TRIMTAB_DETECTOR_ALARM) printf("note: %s, %s: alarm at step %lld, score %g, threshold %g\n", name, names[family], (long long)step, result.score, result.threshold);
    }
    alarms += result.alarm_count;
    trimtab_detector_destroy(detector);
  }
  printf("note: %s: %lld false alarms in %lld steps, allowed %d\n", name, (long long)alarms, (long long)(length * FAMILIES), most);
  CHECK(alarms <= most);
}

static void spikes(void) { promise_of(TRIMTAB_DETECTOR_SPIKE, "spike"); }
static void level_shifts(void) { promise_of(TRIMTAB_DETECTOR_LEVEL_SHIFT, "level_shift"); }
static void drifts(void) { promise_of(TRIMTAB_DETECTOR_DRIFT, "drift"); }
static void divergences(void) { promise_of(TRIMTAB_DETECTOR_DIVERGENCE, "divergence"); }
static void oscillations(void) { promise_of(TRIMTAB_DETECTOR_OSCILLATION, "oscillation"); }

int main(void) {
  const char *text = getenv("TRIMTAB_SEED"), *steps = getenv("TRIMTAB_PROMISE_STEPS");
  if (text != NULL) seed = strtoull(text, NULL, 10);
  if (steps != NULL && strtoll(steps, NULL, 10) > 0) total_steps = strtoll(steps, NULL, 10);
  printf("seed %llu\n", (unsigned long long)seed);
  RUN(spikes);
  RUN(level_shifts);
  RUN(drifts);
  RUN(divergences);
  RUN(oscillations);
  return finish("detector_promise");
}
