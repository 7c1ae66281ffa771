/* The test tools of the C programs: checks that count, tests that are named, tensors made in one line. */
#ifndef TRIMTAB_TESTS_CHECK_H
#define TRIMTAB_TESTS_CHECK_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trimtab.h>

static int check_failures; /* in the test that runs */
static int tests_passed;
static int tests_failed;

static inline int check_that(int holds, const char *what, const char *file, int line) {
  if (!holds) {
    check_failures++;
    if (check_failures <= 10) printf("%s:%d: %s\n    last error: %s\n", file, line, what, trimtab_last_error());
  }
  return holds;
}

#define CHECK(condition) check_that((condition) ? 1 : 0, #condition, __FILE__, __LINE__)

static inline int check_status(trimtab_status found, trimtab_status wanted, const char *what, const char *file, int line) {
  if (found == wanted) return 1;
  check_failures++;
  if (check_failures <= 10)
    printf("%s:%d: %s\n    found %s, wanted %s; last error: %s\n", file, line, what, trimtab_status_name(found),
           trimtab_status_name(wanted), trimtab_last_error());
  return 0;
}

#define CHECK_STATUS(call, wanted) check_status((call), (wanted), #call, __FILE__, __LINE__)
#define CHECK_OK(call) check_status((call), TRIMTAB_OK, #call, __FILE__, __LINE__)

static inline int check_near(double found, double wanted, double tolerance, const char *what, const char *file, int line) {
  /* Relative, or absolute around 0; NaN equals nothing. */
  double allowed = tolerance * (fabs(wanted) > 0 ? fabs(wanted) : 1);
  if (found == wanted || fabs(found - wanted) <= allowed) return 1;
  check_failures++;
  if (check_failures <= 10) printf("%s:%d: %s\n    found %.17g, wanted %.17g within %g\n", file, line, what, found, wanted, tolerance);
  return 0;
}

#define CHECK_NEAR(found, wanted, tolerance) check_near((found), (wanted), (tolerance), #found, __FILE__, __LINE__)

static inline void run_test(void (*test)(void), const char *name) {
  check_failures = 0;
  if (getenv("TRIMTAB_VERBOSE") != NULL) fprintf(stderr, "%s\n", name);
  test();
  if (check_failures == 0) {
    tests_passed++;
  } else {
    tests_failed++;
    printf("FAILED %s: %d checks\n", name, check_failures);
  }
  fflush(stdout);
}

#define RUN(test) run_test(test, #test)

static inline int finish(const char *program) {
  printf("%s: %d passed, %d failed\n", program, tests_passed, tests_failed);
  return tests_failed > 0 || tests_passed == 0;
}

/* A view with room for its own shape and strides. */
typedef struct view {
  trimtab_tensor tensor;
  int64_t shape[TRIMTAB_MAXIMUM_RANK];
  int64_t strides[TRIMTAB_MAXIMUM_RANK];
} view;

static inline trimtab_tensor *view_make(view *made, void *data, uint8_t code, uint8_t bits, int rank, int64_t first, int64_t second,
                                        int64_t third) {
  memset(made, 0, sizeof *made);
  made->shape[0] = first;
  made->shape[1] = second;
  made->shape[2] = third;
  made->tensor.data = data;
  made->tensor.device.device_type = TRIMTAB_DEVICE_CPU;
  made->tensor.ndim = rank;
  made->tensor.dtype.code = code;
  made->tensor.dtype.bits = bits;
  made->tensor.dtype.lanes = 1;
  made->tensor.shape = made->shape;
  return &made->tensor;
}

static inline trimtab_tensor *vector64(view *made, double *data, int64_t count) {
  return view_make(made, data, TRIMTAB_DTYPE_FLOAT, 64, 1, count, 0, 0);
}

static inline trimtab_tensor *matrix64(view *made, double *data, int64_t rows, int64_t columns) {
  return view_make(made, data, TRIMTAB_DTYPE_FLOAT, 64, 2, rows, columns, 0);
}

static inline trimtab_tensor *matrix32(view *made, float *data, int64_t rows, int64_t columns) {
  return view_make(made, data, TRIMTAB_DTYPE_FLOAT, 32, 2, rows, columns, 0);
}

static inline trimtab_tensor *labels64(view *made, int64_t *data, int64_t count) {
  return view_make(made, data, TRIMTAB_DTYPE_INT, 64, 1, count, 0, 0);
}

static inline trimtab_tensor *with_strides(view *made, int64_t first, int64_t second, int64_t third) {
  made->strides[0] = first;
  made->strides[1] = second;
  made->strides[2] = third;
  made->tensor.strides = made->strides;
  return &made->tensor;
}

/* splitmix64: the same numbers on every machine. */
static inline uint64_t random_bits(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static inline double random_unit(uint64_t *state) { return (double)(random_bits(state) >> 11) * 0x1p-53; }

/* Nearly normal: the sum of twelve uniforms. */
static inline double random_normal(uint64_t *state) {
  double total = -6;
  for (int i = 0; i < 12; i++) total += random_unit(state);
  return total;
}

static inline void fill_normal(double *values, int64_t count, uint64_t seed) {
  for (int64_t i = 0; i < count; i++) values[i] = random_normal(&seed);
}

/* Outputs are filled with this before a call that must fail, and must still hold it afterwards. */
#define UNTOUCHED 0xa5

static inline int is_untouched(const void *memory, size_t length) {
  const unsigned char *bytes = (const unsigned char *)memory;
  for (size_t i = 0; i < length; i++)
    if (bytes[i] != UNTOUCHED) return 0;
  return 1;
}

/* A report filled with the pattern but for its struct_size. */
#define PATTERNED(type, name)            \
  type name;                             \
  memset(&name, UNTOUCHED, sizeof name); \
  name.struct_size = (uint32_t)sizeof name
#define IS_PATTERNED(name) is_untouched((const char *)&name + sizeof name.struct_size, sizeof name - sizeof name.struct_size)

#endif
