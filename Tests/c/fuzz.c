/*
 * Random arguments for every function: views that may be right or wrong in any field, options and states of any bits. What must hold: a known status, outputs untouched
 * on failure, no NaN in a report, no trap. TRIMTAB_SEED chooses the numbers, TRIMTAB_FUZZ_SECONDS how long (2 by default);
 * with TRIMTAB_FUZZ_TRAINERS trainers alone, with TRIMTAB_FUZZ_SYSTEMS the chapter's systems alone.
 */
#include "consumers.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

static uint64_t state, seed, round_number, round_state;

static uint64_t below(uint64_t limit) { return random_bits(&state) % limit; }
static int one_in(uint64_t n) { return below(n) == 0; }

static void report_crash(int signal_number) {
  char text[160];
  int length = snprintf(text, sizeof text, "fuzz: signal %d at seed %llu, round %llu (state %llu)\n", signal_number, (unsigned long long)seed,
                        (unsigned long long)round_number, (unsigned long long)round_state);
  ssize_t ignored = write(1, text, (size_t)length);
  (void)ignored;
  _exit(100 + signal_number);
}

/* Memory that views point into: any reachable element must lie in it, for a caller that lies about its memory is not to be survived. */
enum { MEMORY = 1 << 16 };
static unsigned char memory[MEMORY];

static double any_double(void) {
  static const double special[] = {0, -0.0, 1, -1, .5, 1e-320, 1e308, -1e308, 1e-9, 1e9, 2, 3, .95, 100};
  union {
    uint64_t bits;
    double value;
  } anything;
  switch (below(6)) {
    case 0: return (double)NAN;
    case 1: return one_in(2) ? (double)INFINITY : -(double)INFINITY;
    case 2: anything.bits = random_bits(&state); return anything.value;
    case 3: return special[below(sizeof special / sizeof *special)];
    default: return random_normal(&state);
  }
}

static int64_t any_integer(void) {
  static const int64_t special[] = {0, 1, -1, 2, 3, 7, 8, 9, INT64_MAX, INT64_MIN, INT32_MAX, INT32_MIN, 1ll << 31, 1ll << 32, 1ll << 62, 100};
  return one_in(3) ? (int64_t)random_bits(&state) : one_in(2) ? special[below(sizeof special / sizeof *special)] : (int64_t)below(20) - 4;
}

static void fill_memory(void) {
  const uint64_t how = below(5);
  for (size_t i = 0; i < MEMORY; i += 8) {
    double value = how == 0 ? any_double() : how == 1 ? random_unit(&state) : random_normal(&state);
    uint64_t bits = random_bits(&state);
    float pair[2];
    pair[0] = (float)random_normal(&state);
    pair[1] = one_in(200) ? (float)NAN : (float)random_normal(&state);
    if (how == 2) memcpy(memory + i, &bits, 8);
    else if (how == 3) memcpy(memory + i, pair, 8);
    else memcpy(memory + i, &value, 8);
  }
}

/* A view that is right in most fields, and whose elements all lie in the memory if it is right in all. */
static trimtab_tensor *any_view(view *made) {
  static const uint8_t types[][2] = {{2, 64}, {2, 64}, {2, 32}, {2, 32}, {2, 16}, {4, 16}, {10, 8}, {12, 8}, {0, 8}, {0, 16}, {0, 32}, {0, 64}, {1, 8}, {1, 64}, {6, 8}};
  const uint8_t *type = types[below(sizeof types / sizeof *types)];
  const int64_t width = type[1] / 8;
  int64_t low = 0, high = 0;
  memset(made, 0, sizeof *made);
  made->tensor.device.device_type = one_in(60) ? (int32_t)any_integer() : TRIMTAB_DEVICE_CPU;
  made->tensor.ndim = one_in(60) ? (int32_t)any_integer() : one_in(4) ? (int32_t)below(9) : 1 + (int32_t)below(2);
  made->tensor.dtype.code = one_in(60) ? (uint8_t)below(256) : type[0];
  made->tensor.dtype.bits = one_in(60) ? (uint8_t)below(256) : type[1];
  made->tensor.dtype.lanes = one_in(60) ? (uint16_t)below(5) : 1;
  made->tensor.shape = one_in(100) ? NULL : made->shape;
  for (int axis = 0; axis < TRIMTAB_MAXIMUM_RANK; axis++) {
    made->shape[axis] = one_in(12) ? 0 : 1 + (int64_t)below(made->tensor.ndim <= 2 ? 24 : 3);
    made->strides[axis] = (int64_t)below(9) - 3;
  }
  if (one_in(50)) made->shape[below(8)] = any_integer();
  if (one_in(3)) made->tensor.strides = made->strides;
  if (made->tensor.ndim >= 0 && made->tensor.ndim <= TRIMTAB_MAXIMUM_RANK) {
    int64_t step = 1;
    for (int axis = made->tensor.ndim - 1; axis >= 0; axis--) {
      const int64_t stride = made->tensor.strides != NULL ? made->strides[axis] : step;
      int64_t span;
      if (made->shape[axis] < 0 || made->shape[axis] > 1000) { /* wrong, or too large to lie in the memory: then it must be refused for another reason */
        made->shape[axis] = one_in(2) ? -1 - (int64_t)below(1000) : INT64_MIN;
        continue;
      }
      span = (made->shape[axis] - 1) * stride * width;
      if (made->shape[axis] > 0) span < 0 ? (low += span) : (high += span);
      step *= made->shape[axis];
    }
  }
  if (high - low + 16 > MEMORY) { /* repeated instead */
    made->tensor.strides = made->strides;
    memset(made->strides, 0, sizeof made->strides);
    low = high = 0;
  }
  made->tensor.data = memory - low;
  made->tensor.byte_offset = (uint64_t)below((uint64_t)(MEMORY - 8 - (high - low)));
  if (one_in(60)) made->tensor.data = NULL;
  if (one_in(80)) made->tensor.byte_offset = (uint64_t)(1ull << 63) + random_bits(&state) / 2;
  return &made->tensor;
}

static int is_known(trimtab_status status) { return strcmp(trimtab_status_name(status), "TRIMTAB_STATUS_UNKNOWN") != 0 && status != TRIMTAB_ERROR_INTERNAL && status != TRIMTAB_ERROR_CALLBACK; }

static int has_nan(const void *base, size_t from, size_t to) {
  for (size_t offset = from; offset < to; offset += 8) {
    double value;
    memcpy(&value, (const char *)base + offset, 8);
    if (isnan(value)) return 1;
  }
  return 0;
}

#define FIELDS(type, first, last) offsetof(type, first), offsetof(type, last) + 8

static int is_ok(const answer *given) {
  trimtab_outcome outcome;
  memcpy(&outcome, given->content.bytes + offsetof(trimtab_conditioning_report, outcome), sizeof outcome);
  return outcome == TRIMTAB_OUTCOME_OK;
}

/* The doubles of a report are NaN only where what could not be told has an outcome that says so. */
static int answers_nan(const char *name, const answer *given) {
  const char *kind = name;
  if (strcmp(kind, "condition_number") == 0 || strcmp(kind, "covariance") == 0)
    return has_nan(&given->content, FIELDS(trimtab_conditioning_report, condition_number, condition_number)) == is_ok(given) ||
           (is_ok(given) && has_nan(&given->content, FIELDS(trimtab_conditioning_report, condition_number, threshold)));
  if (strcmp(kind, "matrix_condition") == 0) return is_ok(given) && has_nan(&given->content, FIELDS(trimtab_matrix_report, condition_number, measurement));
  if (strcmp(kind, "dead_neurons") == 0 || strcmp(kind, "neurons") == 0)
    return is_ok(given) && has_nan(&given->content, FIELDS(trimtab_activity_report, dead_fraction, threshold));
  if (strcmp(kind, "pseudo_label_drift") == 0 || strcmp(kind, "label_drift") == 0)
    return is_ok(given) && has_nan(&given->content, FIELDS(trimtab_drift_report, flip_rate, measurement));
  if (strcmp(kind, "gradient_norm") == 0 || strcmp(kind, "gradients") == 0)
    return is_ok(given) && has_nan(&given->content, FIELDS(trimtab_gradient_report, global_norm, measurement));
  if (strcmp(kind, "summarize") == 0 || strcmp(kind, "summarize_all") == 0)
    return has_nan(&given->content, FIELDS(trimtab_summary, minimum, scaled_square_sum));
  return 0;
}

static void random_views(void) {
  view made;
  const consumer *chosen = &consumers[below((uint64_t)CONSUMER_COUNT)];
  answer given;
  trimtab_status status;
  trimtab_tensor *tensor = any_view(&made);
  /* The whitener's consumer has room for six rows. */
  memset(&given, UNTOUCHED, sizeof given);
  status = chosen->consume(tensor, &given);
  CHECK(is_known(status));
  if (status != TRIMTAB_OK) CHECK(is_untouched(given.content.bytes + 4, sizeof given.content - 4));
  else if (!CHECK(!answers_nan(chosen->name, &given))) printf("    %s answered NaN at seed %llu, round %llu\n", chosen->name, (unsigned long long)seed, (unsigned long long)round_number);
}

/* Options of random numbers over their defaults. */
static void random_options(void) {
  view made, other;
  trimtab_tensor *tensor = any_view(&made), *second = one_in(2) ? tensor : any_view(&other);
  answer given;
  trimtab_status status = TRIMTAB_OK;
  memset(&given, UNTOUCHED, sizeof given);
#define MAYBE(field, value) \
  if (one_in(4)) options.field = value
  switch (below(5)) {
    case 0: {
      trimtab_conditioning_options options = TRIMTAB_CONDITIONING_OPTIONS_INIT;
      MAYBE(warning_condition_number, any_double());
      MAYBE(critical_condition_number, any_double());
      MAYBE(null_factor, any_double());
      MAYBE(maximum_features, any_integer());
      MAYBE(struct_size, (uint32_t)below(sizeof options + 1));
      given.content.report.struct_size = sizeof given.content.report.conditioning;
      status = trimtab_condition_number(tensor, &options, &given.content.report.conditioning);
      break;
    }
    case 1: {
      trimtab_matrix_options options = TRIMTAB_MATRIX_OPTIONS_INIT;
      MAYBE(norm, (int32_t)below(7) - 1);
      MAYBE(method, (int32_t)below(5) - 1);
      MAYBE(critical_condition_number, any_double());
      MAYBE(relative_tolerance, any_double());
      MAYBE(maximum_elements, any_integer());
      given.content.matrix.struct_size = sizeof given.content.matrix;
      status = trimtab_matrix_condition(tensor, &options, &given.content.matrix);
      break;
    }
    case 2: {
      trimtab_activity_options options = TRIMTAB_ACTIVITY_OPTIONS_INIT;
      MAYBE(activation, (int32_t)below(10) - 1);
      MAYBE(unit_axis, (int32_t)below(11) - 2);
      MAYBE(leak, any_double());
      MAYBE(inactive_fraction, any_double());
      MAYBE(dormant_threshold, any_double());
      MAYBE(saturation_low, any_double());
      MAYBE(saturation_high, any_double());
      MAYBE(saturated_fraction, any_double());
      MAYBE(layer_warning_fraction, any_double());
      MAYBE(layer_critical_fraction, any_double());
      MAYBE(confidence, any_double());
      MAYBE(least_active_fraction, any_double());
      given.content.report.struct_size = sizeof given.content.report.activity;
      status = trimtab_dead_neurons(tensor, &options, &given.content.report.activity, NULL);
      break;
    }
    case 3: {
      trimtab_drift_options options = TRIMTAB_DRIFT_OPTIONS_INIT;
      double prior[4];
      for (int i = 0; i < 4; i++) prior[i] = one_in(3) ? any_double() : .25;
      MAYBE(class_count, any_integer());
      MAYBE(confidence_gate, any_double());
      MAYBE(warning_flip_rate, any_double());
      MAYBE(critical_flip_rate, any_double());
      MAYBE(oscillation_share, any_double());
      MAYBE(oscillation_flip_rate, any_double());
      MAYBE(class_distance, any_double());
      MAYBE(collapse_share, any_double());
      if (one_in(3)) options.class_prior = prior, options.class_prior_count = (int64_t)below(5);
      given.content.report.struct_size = sizeof given.content.report.drift;
      status = trimtab_pseudo_label_drift(tensor, second, &options, &given.content.report.drift);
      break;
    }
    default: {
      trimtab_gradient_options options = TRIMTAB_GRADIENT_OPTIONS_INIT;
      MAYBE(maximum_norm, any_double());
      MAYBE(vanishing_mean_magnitude, any_double());
      MAYBE(warning_depth_slope, any_double());
      MAYBE(critical_depth_slope, any_double());
      MAYBE(least_depth_span, any_double());
      MAYBE(least_depth, any_integer());
      given.content.report.struct_size = sizeof given.content.report.gradients;
      status = trimtab_gradient_norm(tensor, 1, &options, &given.content.report.gradients, NULL);
      break;
    }
  }
  CHECK(is_known(status));
  if (status != TRIMTAB_OK) CHECK(is_untouched(given.content.bytes + 4, sizeof given.content - 4));
}

/* A stream fed with whatever comes, merged with another and saved in between. */
static void random_streams(void) {
  const kind *chosen = &kinds[below(4)];
  void *handles[2] = {NULL, NULL};
  CHECK_OK(chosen->create(&handles[0]));
  CHECK_OK(chosen->create(&handles[1]));
  for (int step = 0; step < 12; step++) {
    void *handle = handles[below(2)];
    view made, ids;
    trimtab_tensor *tensor = any_view(&made);
    any_report report;
    trimtab_status status = TRIMTAB_OK;
    switch (below(4)) {
      case 0:
        if (chosen == &kinds[0]) status = trimtab_covariance_add((trimtab_covariance *)handle, tensor);
        if (chosen == &kinds[1]) status = trimtab_neurons_add((trimtab_neurons *)handle, tensor);
        if (chosen == &kinds[2]) status = trimtab_label_drift_add((trimtab_label_drift *)handle, any_integer(), one_in(2) ? NULL : any_view(&ids), tensor);
        if (chosen == &kinds[3]) status = trimtab_gradients_add((trimtab_gradients *)handle, tensor, 1);
        break;
      case 1: status = chosen->merge(handle, handles[below(2)]); break;
      case 2: status = chosen->report(handle, &report); break;
      default: {
        unsigned char *saved = NULL;
        void *loaded = NULL;
        int64_t length = 0;
        status = chosen->save(handle, NULL, 0, &length);
        CHECK(status == TRIMTAB_ERROR_CAPACITY);
        saved = (unsigned char *)malloc((size_t)length);
        CHECK_OK(chosen->save(handle, saved, length, &length));
        if (CHECK_OK(chosen->load(saved, length, &loaded))) { /* what was saved loads */
          chosen->destroy(handle);
          handles[handle == handles[0] ? 0 : 1] = loaded;
        }
        free(saved);
        status = TRIMTAB_OK;
      }
    }
    CHECK(is_known(status));
  }
  chosen->destroy(handles[0]);
  chosen->destroy(handles[1]);
}

static void random_summaries(void) {
  trimtab_summary pair[2];
  trimtab_status status;
  unsigned char *bytes = (unsigned char *)pair;
  view made;
  CHECK_OK(trimtab_summarize(matrix64(&made, (double *)(void *)memory, 3, 5), &pair[0]));
  pair[1] = pair[0];
  for (uint64_t changes = below(4); changes > 0; changes--) {
    const size_t offset = 8 * below(sizeof pair / 8);
    const double value = any_double();
    const int64_t integer = any_integer();
    memcpy(bytes + offset, one_in(2) ? (const void *)&value : (const void *)&integer, 8);
  }
  status = trimtab_summary_merge(&pair[0], &pair[1]);
  CHECK(is_known(status));
  if (status == TRIMTAB_OK) CHECK(pair[0].count >= 0 && pair[0].nan_count >= 0 && !isnan(pair[0].l2_norm));
}

#include "random_systems.h"

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void random_arguments(void) {
  const char *text = getenv("TRIMTAB_FUZZ_SECONDS"), *text_only = getenv("TRIMTAB_FUZZ_TRAINERS"), *systems_only = getenv("TRIMTAB_FUZZ_SYSTEMS");
  const double limit = text != NULL ? atof(text) : 2, start = seconds();
  while (seconds() - start < limit && check_failures < 20) {
    const int failures_before = check_failures;
    round_state = state;
    alarm(60); /* a round that does not end is a crash too */
    if (round_number % 64 == 0) fill_memory();
    switch (systems_only != NULL ? 6 : text_only != NULL ? 4 + below(2) : below(8)) {
      case 0: random_views(); break;
      case 1: random_options(); break;
      case 2: random_streams(); break;
      case 3: random_summaries(); break;
      case 4: random_trainers(); break;
      case 5: random_objectives(); break;
      default: random_systems(); break;
    }
    round_number++;
    if (check_failures > failures_before) printf("    at seed %llu, round %llu\n", (unsigned long long)seed, (unsigned long long)round_number - 1);
  }
  alarm(0);
  trimtab_lab_result_destroy(lab_result);
  printf("note: %llu rounds, %llu trainers, %llu calls to them, %llu calls to the systems\n", (unsigned long long)round_number, (unsigned long long)trainers_made,
         (unsigned long long)calls_done, (unsigned long long)system_calls);
}

int main(void) {
  const char *text = getenv("TRIMTAB_SEED");
  seed = state = text != NULL ? strtoull(text, NULL, 10) : 1;
  printf("seed %llu\n", (unsigned long long)seed);
  signal(SIGILL, report_crash);
  signal(SIGTRAP, report_crash);
  signal(SIGSEGV, report_crash);
  signal(SIGFPE, report_crash);
  signal(SIGABRT, report_crash);
  signal(SIGALRM, report_crash);
  RUN(random_arguments);
  return finish("fuzz");
}
