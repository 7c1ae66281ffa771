/* What may be wrong with a tensor, in front of every function that takes one; and the same numbers in every layout that is right. */
#include "consumers.h"

static double data[18];
static view made;

static trimtab_tensor *fresh(void) {
  uint64_t state = 42;
  for (int i = 0; i < 18; i++) data[i] = 0.01 + random_unit(&state);
  return matrix64(&made, data, 6, 3);
}

#define EVERY_CONSUMER_REFUSES(tensor, wanted) \
  for (int i = 0; i < CONSUMER_COUNT; i++) CHECK(refuses(&consumers[i], (tensor), (wanted)))

static void the_plain_tensor_is_taken(void) {
  for (int i = 0; i < CONSUMER_COUNT; i++) {
    answer given;
    CHECK_OK(consumers[i].consume(fresh(), &given));
  }
}

static void wrong_ranks(void) {
  static const int32_t ranks[] = {-1, 9, 10, 1000, INT32_MIN, INT32_MAX};
  for (size_t r = 0; r < sizeof ranks / sizeof *ranks; r++) {
    trimtab_tensor *tensor = fresh();
    tensor->ndim = ranks[r];
    EVERY_CONSUMER_REFUSES(tensor, TRIMTAB_ERROR_SHAPE);
    CHECK(strstr(trimtab_last_error(), "rank") != NULL);
  }
}

static void negative_extents(void) {
  static const int64_t extents[] = {-1, -6, INT64_MIN, INT64_MIN + 1};
  for (size_t e = 0; e < sizeof extents / sizeof *extents; e++) {
    for (int axis = 0; axis < 2; axis++) {
      trimtab_tensor *tensor = fresh();
      tensor->shape[axis] = extents[e];
      EVERY_CONSUMER_REFUSES(tensor, TRIMTAB_ERROR_SHAPE);
    }
  }
}

static void shapes_whose_product_overflows(void) {
  static const int64_t extents[][2] = {{INT64_MAX, 2}, {2, INT64_MAX}, {1LL << 32, 1LL << 32}, {INT64_MAX, INT64_MAX}, {1LL << 62, 4}, {INT64_MAX, 3}};
  for (size_t e = 0; e < sizeof extents / sizeof *extents; e++) {
    trimtab_tensor *tensor = fresh();
    tensor->shape[0] = extents[e][0];
    tensor->shape[1] = extents[e][1];
    EVERY_CONSUMER_REFUSES(tensor, TRIMTAB_ERROR_OVERFLOW);
  }
}

/* The elements fit 64 bits, their bytes do not. */
static void bytes_that_overflow(void) {
  trimtab_tensor *tensor = fresh();
  tensor->shape[0] = 1LL << 60;
  tensor->shape[1] = 3;
  EVERY_CONSUMER_REFUSES(tensor, TRIMTAB_ERROR_OVERFLOW);
}

static void strides_that_overflow(void) {
  static const int64_t strides[] = {INT64_MAX, INT64_MIN, INT64_MAX / 2, INT64_MIN / 4, INT64_MIN + 1, 1LL << 61};
  for (size_t s = 0; s < sizeof strides / sizeof *strides; s++) {
    fresh();
    EVERY_CONSUMER_REFUSES(with_strides(&made, strides[s], 1, 0), TRIMTAB_ERROR_OVERFLOW);
    fresh();
    EVERY_CONSUMER_REFUSES(with_strides(&made, 3, strides[s], 0), TRIMTAB_ERROR_OVERFLOW);
  }
}

static void missing_memory(void) {
  trimtab_tensor *tensor = fresh();
  tensor->data = NULL;
  EVERY_CONSUMER_REFUSES(tensor, TRIMTAB_ERROR_NULL_ARGUMENT);
  tensor = fresh();
  tensor->data = NULL;
  tensor->byte_offset = 64;
  EVERY_CONSUMER_REFUSES(tensor, TRIMTAB_ERROR_NULL_ARGUMENT);
  tensor = fresh();
  tensor->shape = NULL;
  EVERY_CONSUMER_REFUSES(tensor, TRIMTAB_ERROR_NULL_ARGUMENT);
}

static void offsets_beyond_the_address_space(void) {
  static const uint64_t offsets[] = {UINT64_MAX, UINT64_MAX - 7, 1ull << 63};
  for (size_t o = 0; o < sizeof offsets / sizeof *offsets; o++) {
    trimtab_tensor *tensor = fresh();
    tensor->byte_offset = offsets[o];
    EVERY_CONSUMER_REFUSES(tensor, TRIMTAB_ERROR_OVERFLOW);
    if (o == 0) CHECK(strstr(trimtab_last_error(), "18446744073709551615") != NULL);
  }
}

static void other_devices(void) {
  static const int32_t devices[] = {0, 2, 4, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, -1, INT32_MIN, INT32_MAX};
  for (size_t d = 0; d < sizeof devices / sizeof *devices; d++) {
    trimtab_tensor *tensor = fresh();
    tensor->device.device_type = devices[d];
    EVERY_CONSUMER_REFUSES(tensor, TRIMTAB_ERROR_DEVICE);
    CHECK(strstr(trimtab_last_error(), "device") != NULL);
  }
}

static void pinned_host_memory_is_host_memory(void) {
  static const int32_t devices[] = {TRIMTAB_DEVICE_CPU, TRIMTAB_DEVICE_CUDA_HOST, TRIMTAB_DEVICE_ROCM_HOST};
  for (int d = 0; d < 3; d++) {
    trimtab_tensor *tensor = fresh();
    answer given;
    tensor->device.device_type = devices[d];
    tensor->device.device_id = 5;
    for (int i = 0; i < CONSUMER_COUNT; i++) CHECK_OK(consumers[i].consume(tensor, &given));
  }
}

static void unknown_element_types(void) {
  /* Every code and width that DLPack could ever name, but for those the header lists. */
  static const unsigned known[][2] = {{0, 8}, {0, 16}, {0, 32}, {0, 64}, {1, 8}, {1, 16}, {1, 32}, {1, 64}, {2, 16}, {2, 32}, {2, 64}, {4, 16}, {6, 8}, {10, 8}, {12, 8}};
  static const unsigned widths[] = {0, 1, 4, 6, 7, 8, 9, 16, 24, 32, 64, 80, 128, 255};
  for (unsigned code = 0; code < 256; code += code < 20 ? 1 : 47) {
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
      int listed = 0;
      trimtab_tensor *tensor = fresh();
      for (size_t k = 0; k < sizeof known / sizeof *known; k++) listed |= known[k][0] == code && known[k][1] == widths[w];
      if (listed) continue;
      tensor->dtype.code = (uint8_t)code;
      tensor->dtype.bits = (uint8_t)widths[w];
      EVERY_CONSUMER_REFUSES(tensor, TRIMTAB_ERROR_DTYPE);
    }
  }
}

static void lanes(void) {
  static const uint16_t lanes[] = {0, 2, 4, 255, 65535};
  for (size_t l = 0; l < sizeof lanes / sizeof *lanes; l++) {
    trimtab_tensor *tensor = fresh();
    tensor->dtype.lanes = lanes[l];
    EVERY_CONSUMER_REFUSES(tensor, TRIMTAB_ERROR_DTYPE);
  }
}

/* Zero extents: nothing is read, whatever data points to, and nothing traps. */
static void zero_sizes(void) {
  static const int64_t shapes[][2] = {{0, 3}, {3, 0}, {0, 0}, {0, INT64_MAX}, {INT64_MAX, 0}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    for (int memory = 0; memory < 2; memory++) {
      for (int i = 0; i < CONSUMER_COUNT; i++) {
        answer given;
        trimtab_tensor *tensor = fresh();
        trimtab_status status;
        tensor->shape[0] = shapes[s][0];
        tensor->shape[1] = shapes[s][1];
        if (memory == 0) tensor->data = NULL;
        status = consumers[i].consume(tensor, &given);
        CHECK(status == TRIMTAB_OK || status == TRIMTAB_ERROR_SHAPE || status == TRIMTAB_ERROR_INVALID_ARGUMENT);
        if (i == 0) CHECK(status == TRIMTAB_OK && given.content.summary.count == 0);
      }
    }
  }
}

/* Rank 0 is one element. */
static void scalars(void) {
  double value = 2.5;
  for (int i = 0; i < CONSUMER_COUNT; i++) {
    answer given;
    trimtab_status status;
    trimtab_tensor *tensor = view_make(&made, &value, TRIMTAB_DTYPE_FLOAT, 64, 0, 0, 0, 0);
    tensor->shape = NULL;
    status = consumers[i].consume(tensor, &given);
    CHECK(status == TRIMTAB_OK || status == TRIMTAB_ERROR_SHAPE);
    if (i == 0) CHECK(status == TRIMTAB_OK && given.content.summary.count == 1 && given.content.summary.l2_norm == 2.5);
  }
}

/* Equal words, or doubles that differ by the order of their additions. */
static int same_answer(const answer *first, const answer *second) {
  for (size_t offset = 0; offset + 8 <= first->length; offset += 8) {
    double a, b;
    memcpy(&a, first->content.bytes + offset, 8);
    memcpy(&b, second->content.bytes + offset, 8);
    if (memcmp(&a, &b, 8) != 0 && !(fabs(a) > 1e-300 && fabs(a - b) <= 1e-14 * fabs(a))) return 0;
  }
  return 1;
}

/* The same numbers, laid out differently, give the same answer. */
static void expect_equal(const trimtab_tensor *plain, const trimtab_tensor *other, const char *layout) {
  for (int i = 0; i < CONSUMER_COUNT; i++) {
    answer first, second;
    memset(&first, 0, sizeof first);
    memset(&second, 0, sizeof second);
    CHECK_OK(consumers[i].consume(plain, &first));
    CHECK_OK(consumers[i].consume(other, &second));
    if (!CHECK(same_answer(&first, &second))) printf("    %s of a tensor with %s\n", consumers[i].name, layout);
  }
}

static void strides_and_offsets(void) {
  double space[200];
  view plain, other;
  trimtab_tensor *reference;
  fresh();
  reference = matrix64(&plain, data, 6, 3);

  expect_equal(reference, (matrix64(&other, data, 6, 3), with_strides(&other, 3, 1, 0)), "explicit compact strides");

  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 3; j++) space[j * 6 + i] = data[i * 3 + j];
  expect_equal(reference, (matrix64(&other, space, 6, 3), with_strides(&other, 1, 6, 0)), "columns first");

  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 3; j++) space[i * 20 + j * 4] = data[i * 3 + j];
  expect_equal(reference, (matrix64(&other, space, 6, 3), with_strides(&other, 20, 4, 0)), "gaps");

  for (int i = 0; i < 18; i++) space[17 - i] = data[i];
  expect_equal(reference, (matrix64(&other, space + 17, 6, 3), with_strides(&other, -3, -1, 0)), "negative strides");

  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 3; j++) space[(5 - i) * 3 + j] = data[i * 3 + j];
  matrix64(&other, space, 6, 3);
  other.tensor.byte_offset = 15 * sizeof(double);
  expect_equal(reference, with_strides(&other, -3, 1, 0), "rows backwards from a byte offset");

  for (int misaligned = 1; misaligned < 8; misaligned++) {
    memcpy((char *)space + misaligned, data, sizeof data);
    matrix64(&other, NULL, 6, 3);
    other.tensor.data = (char *)space + misaligned;
    expect_equal(reference, &other.tensor, "misaligned data");
    other.tensor.data = space;
    other.tensor.byte_offset = (uint64_t)misaligned;
    expect_equal(reference, &other.tensor, "a misaligned byte offset");
  }
}

static void stride_zero_repeats(void) {
  double row[3] = {1, 2, 4}, repeated[18];
  view plain, other;
  for (int i = 0; i < 18; i++) repeated[i] = row[i % 3];
  expect_equal(matrix64(&plain, repeated, 6, 3), (matrix64(&other, row, 6, 3), with_strides(&other, 0, 1, 0)), "stride 0 over rows");
  for (int i = 0; i < 18; i++) repeated[i] = 3;
  expect_equal(matrix64(&plain, repeated, 6, 3), (matrix64(&other, &repeated[0], 6, 3), with_strides(&other, 0, 0, 0)), "strides 0");
}

/* Axes of extent 1 may have any stride, and rank 8 is allowed. */
static void many_axes(void) {
  view plain, other;
  fresh();
  matrix64(&plain, data, 6, 3);
  matrix64(&other, data, 6, 3);
  other.tensor.ndim = 8;
  for (int axis = 2; axis < 8; axis++) other.shape[axis] = 1;
  with_strides(&other, 3, 1, 1LL << 40);
  for (int axis = 3; axis < 8; axis++) other.strides[axis] = axis % 2 ? INT64_MAX : INT64_MIN;
  for (int i = 0; i < CONSUMER_COUNT; i++) {
    answer given;
    trimtab_status status = consumers[i].consume(&other.tensor, &given);
    CHECK(status == TRIMTAB_OK || status == TRIMTAB_ERROR_SHAPE);
  }
  {
    trimtab_summary first, second;
    CHECK_OK(trimtab_summarize(&plain.tensor, &first));
    CHECK_OK(trimtab_summarize(&other.tensor, &second));
    CHECK(memcmp(&first, &second, sizeof first) == 0);
  }
}

/* An array of tensors with one bad one: the message says which, and nothing is written. */
static void the_bad_tensor_of_many_is_named(void) {
  view views[5];
  trimtab_tensor tensors[5];
  trimtab_summary summaries[5];
  PATTERNED(trimtab_gradient_report, report);
  fresh();
  for (int i = 0; i < 5; i++) tensors[i] = *matrix64(&views[i], data, 6, 3);
  tensors[3].ndim = 12;
  memset(summaries, UNTOUCHED, sizeof summaries);
  CHECK_STATUS(trimtab_summarize_all(tensors, 5, summaries), TRIMTAB_ERROR_SHAPE);
  CHECK(strstr(trimtab_last_error(), "[3]") != NULL);
  CHECK_STATUS(trimtab_gradient_norm(tensors, 5, NULL, &report, summaries), TRIMTAB_ERROR_SHAPE);
  CHECK(strstr(trimtab_last_error(), "[3]") != NULL);
  CHECK(is_untouched(summaries, sizeof summaries) && IS_PATTERNED(report));
}

int main(void) {
  RUN(the_plain_tensor_is_taken);
  RUN(wrong_ranks);
  RUN(negative_extents);
  RUN(shapes_whose_product_overflows);
  RUN(bytes_that_overflow);
  RUN(strides_that_overflow);
  RUN(missing_memory);
  RUN(offsets_beyond_the_address_space);
  RUN(other_devices);
  RUN(pinned_host_memory_is_host_memory);
  RUN(unknown_element_types);
  RUN(lanes);
  RUN(zero_sizes);
  RUN(scalars);
  RUN(strides_and_offsets);
  RUN(stride_zero_repeats);
  RUN(many_axes);
  RUN(the_bad_tensor_of_many_is_named);
  return finish("tensors");
}
