/* Summaries of every element type against a plain loop, special values, scaled sums, merges. */
#include "check.h"

/* Decodes one element from its bits, written from the formats' definitions alone. */
static double decode_small(unsigned bits, int exponent_bits, int mantissa_bits, int has_infinity) {
  const int bias = (1 << (exponent_bits - 1)) - 1, top = (1 << exponent_bits) - 1;
  const int exponent = (int)(bits >> mantissa_bits) & top;
  const int mantissa = (int)(bits & ((1u << mantissa_bits) - 1));
  const double sign = bits >> (exponent_bits + mantissa_bits) ? -1 : 1;
  if (has_infinity && exponent == top) return mantissa ? (double)NAN : sign * (double)INFINITY;
  if (!has_infinity && exponent == top && mantissa == (1 << mantissa_bits) - 1) return (double)NAN;
  if (exponent == 0) return sign * ldexp(mantissa, 1 - bias - mantissa_bits);
  return sign * ldexp(1 + ldexp(mantissa, -mantissa_bits), exponent - bias);
}

typedef struct tally {
  int64_t nans, positive, negative, zeros, subnormals, first;
  double minimum, maximum, sum, absolute, squares;
} tally;

/* All bit patterns of an 8- or 16-bit floating-point type in one tensor. */
static void every_pattern(uint8_t code, uint8_t bits, int exponent_bits, int mantissa_bits, int has_infinity) {
  const int64_t count = 1 << bits;
  uint8_t *bytes = (uint8_t *)malloc((size_t)count * bits / 8);
  tally wanted = {0, 0, 0, 0, 0, -1, (double)INFINITY, -(double)INFINITY, 0, 0, 0};
  trimtab_summary found;
  view made;
  for (int64_t i = 0; i < count; i++) {
    double value = decode_small((unsigned)i, exponent_bits, mantissa_bits, has_infinity);
    const int exponent = (int)(i >> mantissa_bits) & ((1 << exponent_bits) - 1);
    if (bits == 8) bytes[i] = (uint8_t)i;
    else memcpy(bytes + 2 * i, &(uint16_t){(uint16_t)i}, 2);
    if ((isnan(value) || isinf(value)) && wanted.first < 0) wanted.first = i;
    if (isnan(value)) wanted.nans++;
    else if (isinf(value)) value > 0 ? wanted.positive++ : wanted.negative++;
    else {
      wanted.zeros += value == 0;
      wanted.subnormals += exponent == 0 && value != 0;
      if (value < wanted.minimum) wanted.minimum = value;
      if (value > wanted.maximum) wanted.maximum = value;
      wanted.sum += value;
      wanted.absolute += fabs(value);
      wanted.squares += value * value;
    }
  }
  CHECK_OK(trimtab_summarize(view_make(&made, bytes, code, bits, 1, count, 0, 0), &found));
  CHECK(found.count == count);
  CHECK(found.nan_count == wanted.nans);
  CHECK(found.positive_infinity_count == wanted.positive);
  CHECK(found.negative_infinity_count == wanted.negative);
  CHECK(found.zero_count == wanted.zeros);
  CHECK(found.subnormal_count == wanted.subnormals);
  CHECK(found.first_nonfinite_index == wanted.first);
  CHECK(found.minimum == wanted.minimum && found.maximum == wanted.maximum);
  CHECK(found.greatest_magnitude == wanted.maximum);
  CHECK(fabs(found.mean) <= 1e-12 * wanted.absolute);
  CHECK_NEAR(found.l1_norm, wanted.absolute, 1e-12);
  CHECK_NEAR(found.l2_norm * found.l2_norm, wanted.squares, 1e-12);
  free(bytes);
}

static void every_float16(void) { every_pattern(TRIMTAB_DTYPE_FLOAT, 16, 5, 10, 1); }
static void every_bfloat16(void) { every_pattern(TRIMTAB_DTYPE_BFLOAT, 16, 8, 7, 1); }
static void every_float8_e4m3fn(void) { every_pattern(TRIMTAB_DTYPE_FLOAT8_E4M3FN, 8, 4, 3, 0); }
static void every_float8_e5m2(void) { every_pattern(TRIMTAB_DTYPE_FLOAT8_E5M2, 8, 5, 2, 1); }

#define INTEGERS(name, type, code, bits, low, high)                                                                             \
  static void name(void) {                                                                                                      \
    type values[7] = {0, 1, (type)(low), (type)(high), 3, 0, 5};                                                                \
    double squares = 0, absolute = 0;                                                                                           \
    trimtab_summary found;                                                                                                      \
    view made;                                                                                                                  \
    for (int i = 0; i < 7; i++) absolute += fabs((double)values[i]), squares += (double)values[i] * (double)values[i];          \
    CHECK_OK(trimtab_summarize(view_make(&made, values, code, bits, 1, 7, 0, 0), &found));                                      \
    CHECK(found.count == 7 && found.zero_count == 2 + ((low) == 0) && found.nan_count == 0 && found.subnormal_count == 0);      \
    CHECK(found.minimum == (double)(low) && found.maximum == (double)(high) && found.first_nonfinite_index == -1);              \
    CHECK_NEAR(found.l1_norm, absolute, 1e-14);                                                                                 \
    CHECK_NEAR(found.l2_norm, sqrt(squares), 1e-14);                                                                            \
  }
INTEGERS(int8, int8_t, TRIMTAB_DTYPE_INT, 8, INT8_MIN, INT8_MAX)
INTEGERS(int16, int16_t, TRIMTAB_DTYPE_INT, 16, INT16_MIN, INT16_MAX)
INTEGERS(int32, int32_t, TRIMTAB_DTYPE_INT, 32, INT32_MIN, INT32_MAX)
INTEGERS(int64, int64_t, TRIMTAB_DTYPE_INT, 64, INT64_MIN, INT64_MAX)
INTEGERS(uint8, uint8_t, TRIMTAB_DTYPE_UINT, 8, 0, UINT8_MAX)
INTEGERS(uint16, uint16_t, TRIMTAB_DTYPE_UINT, 16, 0, UINT16_MAX)
INTEGERS(uint32, uint32_t, TRIMTAB_DTYPE_UINT, 32, 0, UINT32_MAX)
INTEGERS(uint64, uint64_t, TRIMTAB_DTYPE_UINT, 64, 0, UINT64_MAX)

/* NaN and infinities at every position and every length around the width of a vector. */
static void nonfinite_at_every_place(void) {
  float values[80];
  view made;
  for (int length = 1; length <= 80; length++) {
    for (int place = 0; place < length; place++) {
      trimtab_summary found;
      for (int i = 0; i < length; i++) values[i] = 2;
      values[place] = place % 3 == 0 ? (float)NAN : place % 3 == 1 ? (float)INFINITY : -(float)INFINITY;
      CHECK_OK(trimtab_summarize(matrix32(&made, values, 1, length), &found));
      CHECK(found.first_nonfinite_index == place);
      CHECK(found.nan_count == (place % 3 == 0) && found.positive_infinity_count == (place % 3 == 1) && found.negative_infinity_count == (place % 3 == 2));
      CHECK(found.l1_norm == 2.0 * (length - 1));
      CHECK(length == 1 ? found.minimum == (double)INFINITY && found.mean == 0 : found.minimum == 2 && found.maximum == 2 && found.mean == 2);
    }
  }
}

static void norms_neither_overflow_nor_vanish(void) {
  double huge[4] = {1e300, -1e300, 1e300, 1e300}, tiny[4] = {3e-310, 4e-310, 0, 0}, least[1] = {5e-324}, wide[2] = {1.7e308, 1e-300};
  float single[2] = {3e38f, 3e38f};
  trimtab_summary found;
  view made;
  CHECK_OK(trimtab_summarize(vector64(&made, huge, 4), &found));
  CHECK_NEAR(found.l2_norm, 2e300, 1e-14);
  CHECK_NEAR(ldexp(found.scaled_square_sum, 2 * found.scale_exponent - 2000), 4 * ldexp(1e300, -1000) * ldexp(1e300, -1000), 1e-14);
  CHECK_OK(trimtab_summarize(vector64(&made, tiny, 4), &found));
  CHECK_NEAR(found.l2_norm, 5e-310, 1e-12);
  CHECK(found.subnormal_count == 2);
  CHECK_OK(trimtab_summarize(vector64(&made, least, 1), &found));
  CHECK(found.l2_norm == 5e-324 && found.subnormal_count == 1);
  CHECK_OK(trimtab_summarize(vector64(&made, wide, 2), &found));
  CHECK_NEAR(found.l2_norm, 1.7e308, 1e-14);
  CHECK_OK(trimtab_summarize(matrix32(&made, single, 1, 2), &found));
  CHECK_NEAR(found.l2_norm, sqrt(2.0) * (double)3e38f, 1e-14);
}

static void merging_equals_one_pass(void) {
  double values[1000];
  view made;
  fill_normal(values, 1000, 7);
  values[300] = (double)NAN;
  values[700] = -(double)INFINITY;
  for (int cut = 0; cut <= 1000; cut += 125) {
    trimtab_summary whole, left, right;
    CHECK_OK(trimtab_summarize(vector64(&made, values, 1000), &whole));
    CHECK_OK(trimtab_summarize(vector64(&made, values, cut), &left));
    CHECK_OK(trimtab_summarize(vector64(&made, values + cut, 1000 - cut), &right));
    CHECK_OK(trimtab_summary_merge(&left, &right));
    CHECK(left.count == 1000 && left.nan_count == 1 && left.negative_infinity_count == 1 && left.first_nonfinite_index == 300);
    CHECK(left.minimum == whole.minimum && left.maximum == whole.maximum);
    CHECK_NEAR(left.l2_norm, whole.l2_norm, 1e-14);
    CHECK_NEAR(left.l1_norm, whole.l1_norm, 1e-14);
    CHECK(fabs(left.mean - whole.mean) < 1e-14);
  }
}

static void merging_across_scales(void) {
  double huge = 1e300, one = 1, tiny = 1e-300;
  trimtab_summary a, b, c;
  view made;
  CHECK_OK(trimtab_summarize(vector64(&made, &tiny, 1), &a));
  CHECK_OK(trimtab_summarize(vector64(&made, &one, 1), &b));
  CHECK_OK(trimtab_summarize(vector64(&made, &huge, 1), &c));
  CHECK_OK(trimtab_summary_merge(&a, &b));
  CHECK(a.l2_norm == 1 && a.minimum == 1e-300);
  CHECK_OK(trimtab_summary_merge(&a, &c));
  CHECK_NEAR(a.l2_norm, 1e300, 1e-15);
  CHECK(a.count == 3 && a.minimum == 1e-300 && a.maximum == 1e300);
}

static void identity_changes_nothing(void) {
  double values[5] = {1, -2, 3, 0, (double)NAN};
  trimtab_summary identity, found, left, right;
  view made;
  CHECK_OK(trimtab_summary_identity(&identity));
  CHECK(identity.count == 0 && identity.minimum == (double)INFINITY && identity.maximum == -(double)INFINITY && identity.first_nonfinite_index == -1);
  CHECK_OK(trimtab_summarize(vector64(&made, values, 5), &found));
  left = found;
  CHECK_OK(trimtab_summary_merge(&left, &identity));
  CHECK(memcmp(&left, &found, sizeof left) == 0);
  right = identity;
  CHECK_OK(trimtab_summary_merge(&right, &found));
  CHECK(memcmp(&right, &found, sizeof right) == 0);
  CHECK_OK(trimtab_summarize(vector64(&made, values, 0), &left));
  CHECK(memcmp(&left, &identity, sizeof left) == 0);
}

/* A summary is merged with itself as if its data had come twice. */
static void a_summary_may_merge_with_itself(void) {
  double values[3] = {1, 2, 2};
  trimtab_summary found;
  view made;
  CHECK_OK(trimtab_summarize(vector64(&made, values, 3), &found));
  CHECK_OK(trimtab_summary_merge(&found, &found));
  CHECK(found.count == 6 && found.l1_norm == 10);
  CHECK_NEAR(found.l2_norm, sqrt(18.0), 1e-15);
}

/* Summaries made elsewhere may be nonsense; that is said, and nothing changes. */
static void impossible_summaries_are_refused(void) {
  double values[3] = {1, 2, 2};
  trimtab_summary good, kept;
  view made;
  CHECK_OK(trimtab_summarize(vector64(&made, values, 3), &good));
#define BAD(assignment)                                                              \
  do {                                                                               \
    trimtab_summary bad = good;                                                      \
    bad.assignment;                                                                  \
    kept = good;                                                                     \
    CHECK_STATUS(trimtab_summary_merge(&kept, &bad), TRIMTAB_ERROR_INVALID_ARGUMENT);\
    CHECK(memcmp(&kept, &good, sizeof good) == 0);                                   \
    kept = bad;                                                                      \
    CHECK_STATUS(trimtab_summary_merge(&kept, &good), TRIMTAB_ERROR_INVALID_ARGUMENT);\
  } while (0)
  BAD(count = -1);
  BAD(count = INT64_MIN);
  BAD(nan_count = -1);
  BAD(nan_count = 4);
  BAD(positive_infinity_count = INT64_MAX);
  BAD(negative_infinity_count = INT64_MIN);
  BAD(zero_count = 100);
  BAD(subnormal_count = -3);
  BAD(scaled_square_sum = -1);
  BAD(scaled_square_sum = (double)NAN);
  BAD(scaled_square_sum = (double)INFINITY);
#undef BAD
}

/* Counts near 2^63 add without a trap. */
static void counts_that_overflow(void) {
  trimtab_summary a, b;
  CHECK_OK(trimtab_summary_identity(&a));
  a.count = INT64_MAX;
  a.zero_count = INT64_MAX;
  a.minimum = a.maximum = 0;
  b = a;
  {
    trimtab_status status = trimtab_summary_merge(&a, &b);
    CHECK(status == TRIMTAB_ERROR_OVERFLOW || status == TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK(memcmp(&a, &b, sizeof a) == 0);
  }
}

static void many_equal_one_by_one(void) {
  enum { COUNT = 100 };
  static double values[COUNT][50];
  static view views[COUNT];
  static trimtab_tensor tensors[COUNT];
  static trimtab_summary all[COUNT];
  for (int i = 0; i < COUNT; i++) {
    fill_normal(values[i], 50, (uint64_t)i);
    tensors[i] = *vector64(&views[i], values[i], i % 51);
  }
  CHECK_OK(trimtab_summarize_all(tensors, COUNT, all));
  for (int i = 0; i < COUNT; i++) {
    trimtab_summary one;
    CHECK_OK(trimtab_summarize(&tensors[i], &one));
    CHECK(memcmp(&one, &all[i], sizeof one) == 0);
  }
}

int main(void) {
  RUN(every_float16);
  RUN(every_bfloat16);
  RUN(every_float8_e4m3fn);
  RUN(every_float8_e5m2);
  RUN(int8);
  RUN(int16);
  RUN(int32);
  RUN(int64);
  RUN(uint8);
  RUN(uint16);
  RUN(uint32);
  RUN(uint64);
  RUN(nonfinite_at_every_place);
  RUN(norms_neither_overflow_nor_vanish);
  RUN(merging_equals_one_pass);
  RUN(merging_across_scales);
  RUN(identity_changes_nothing);
  RUN(a_summary_may_merge_with_itself);
  RUN(impossible_summaries_are_refused);
  RUN(counts_that_overflow);
  RUN(many_equal_one_by_one);
  return finish("summary");
}
