/* Shapes that cost the caller nothing (strides of 0) must not cost the library everything: out of memory is a status, and the process lives. */
#include "consumers.h"

#include <sys/resource.h>

static double value = 1;
static view made;
static rlim_t headroom = 192u << 20;

#if defined(__SANITIZE_ADDRESS__)
#define LIMITED(test) (void)test /* the sanitizer needs the address space that these tests limit */
#else
#define LIMITED(test) RUN(test)
#endif

/* Bytes of address space in use. */
static rlim_t in_use(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return 0;
  if (fscanf(file, "%ld", &pages) != 1) pages = 0;
  fclose(file);
  return (rlim_t)pages * 4096;
}

static void limit_memory(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = in_use() + headroom;
  CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
}

static trimtab_tensor *repeated(uint8_t code, uint8_t bits, int64_t rows, int64_t columns) {
  view_make(&made, &value, code, bits, 2, rows, columns, 0);
  return with_strides(&made, 0, 0, 0);
}

static int refused(trimtab_status status) {
  return status == TRIMTAB_ERROR_OUT_OF_MEMORY || status == TRIMTAB_ERROR_INVALID_ARGUMENT || status == TRIMTAB_ERROR_OVERFLOW || status == TRIMTAB_ERROR_SHAPE;
}

static void too_many_features(void) {
  trimtab_conditioning_options options = TRIMTAB_CONDITIONING_OPTIONS_INIT;
  PATTERNED(trimtab_conditioning_report, report);
  const int64_t features[] = {8193, 20000, 1 << 20, 1ll << 31, 1ll << 32, 1ll << 40, 1ll << 50};
  for (size_t i = 0; i < sizeof features / sizeof *features; i++)
    CHECK_STATUS(trimtab_condition_number(repeated(TRIMTAB_DTYPE_FLOAT, 64, 2, features[i]), NULL, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  options.maximum_features = INT64_MAX;
  for (size_t i = 1; i < sizeof features / sizeof *features; i++)
    CHECK(refused(trimtab_condition_number(repeated(TRIMTAB_DTYPE_FLOAT, 64, 2, features[i]), &options, &report)));
  CHECK(IS_PATTERNED(report));
}

static void too_large_a_matrix(void) {
  trimtab_matrix_options options = TRIMTAB_MATRIX_OPTIONS_INIT;
  PATTERNED(trimtab_matrix_report, report);
  CHECK(refused(trimtab_matrix_condition(repeated(TRIMTAB_DTYPE_FLOAT, 64, 1 << 20, 1 << 20), NULL, &report)));
  options.maximum_elements = INT64_MAX;
  CHECK(refused(trimtab_matrix_condition(repeated(TRIMTAB_DTYPE_FLOAT, 64, 1 << 15, 1 << 15), &options, &report)));
  CHECK(refused(trimtab_matrix_condition(repeated(TRIMTAB_DTYPE_FLOAT, 64, 1 << 30, 1 << 30), &options, &report)));
  CHECK(refused(trimtab_matrix_condition(repeated(TRIMTAB_DTYPE_FLOAT, 64, 1, 1ll << 50), &options, &report)));
  CHECK(IS_PATTERNED(report));
}

static void too_many_units(void) {
  PATTERNED(trimtab_activity_report, report);
  trimtab_neurons *neurons = NULL;
  const int64_t units[] = {1 << 24, 1 << 28, 1ll << 40, 1ll << 58, INT64_MAX / 8};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    CHECK(refused(trimtab_dead_neurons(repeated(TRIMTAB_DTYPE_FLOAT, 64, 1, units[i]), NULL, &report, NULL)));
    CHECK_OK(trimtab_neurons_create(NULL, &neurons));
    CHECK(refused(trimtab_neurons_add(neurons, repeated(TRIMTAB_DTYPE_FLOAT, 64, 1, units[i]))));
    CHECK_OK(trimtab_neurons_add(neurons, repeated(TRIMTAB_DTYPE_FLOAT, 64, 3, 2))); /* it still may become anything */
    trimtab_neurons_destroy(neurons);
  }
  CHECK(IS_PATTERNED(report));
}

static void too_many_classes_or_samples(void) {
  PATTERNED(trimtab_drift_report, report);
  trimtab_label_drift *drift = NULL;
  const int64_t classes[] = {1 << 26, 1ll << 40, 1ll << 58};
  const int64_t samples[] = {1 << 26, 1 << 27, 1 << 28};
  int64_t label = 1;
  for (size_t i = 0; i < 3; i++) {
    trimtab_tensor *tensor = repeated(TRIMTAB_DTYPE_FLOAT, 64, 2, classes[i]);
    if (i > 0) CHECK(refused(trimtab_pseudo_label_drift(tensor, tensor, NULL, &report)));
    CHECK_OK(trimtab_label_drift_create(NULL, &drift));
    CHECK(refused(trimtab_label_drift_add(drift, 0, NULL, tensor)));
    trimtab_label_drift_destroy(drift);
  }
  for (size_t i = 0; i < 3; i++) {
    trimtab_tensor *tensor = view_make(&made, &label, TRIMTAB_DTYPE_INT, 64, 1, samples[i], 0, 0);
    with_strides(&made, 0, 0, 0);
    CHECK_OK(trimtab_label_drift_create(NULL, &drift));
    CHECK(refused(trimtab_label_drift_add(drift, 0, NULL, tensor)));
    CHECK_OK(trimtab_label_drift_add(drift, 0, NULL, labels64(&made, &label, 1)));
    trimtab_label_drift_destroy(drift);
  }
  CHECK(IS_PATTERNED(report));
}

static void class_counts_and_labels_that_ask_for_much(void) {
  int64_t labels[2] = {0, INT64_MAX - 1};
  trimtab_drift_options options = TRIMTAB_DRIFT_OPTIONS_INIT;
  trimtab_drift_report report = TRIMTAB_DRIFT_REPORT_INIT;
  view other;
  trimtab_status status;
  const int64_t counts[] = {1 << 28, 1ll << 40, INT64_MAX};
  for (int i = 0; i < 3; i++) {
    options.class_count = counts[i];
    status = trimtab_pseudo_label_drift(labels64(&made, labels, 2), labels64(&other, labels, 2), &options, &report);
    CHECK(status == TRIMTAB_OK || refused(status));
  }
  status = trimtab_pseudo_label_drift(labels64(&made, labels, 2), labels64(&other, labels, 2), NULL, &report);
  CHECK(status == TRIMTAB_OK || refused(status));
  labels[1] = 1 << 30;
  status = trimtab_pseudo_label_drift(labels64(&made, labels, 2), labels64(&other, labels, 2), NULL, &report);
  CHECK(status == TRIMTAB_OK || refused(status));
}

static void too_many_tensors(void) {
  /* Summaries take 160 bytes a tensor, the tensors themselves 48. */
  enum { COUNT = 2000000 };
  trimtab_tensor *tensors = (trimtab_tensor *)malloc((size_t)COUNT * sizeof *tensors);
  trimtab_gradients *gradients = NULL;
  trimtab_status status;
  CHECK(tensors != NULL);
  if (tensors == NULL) return;
  for (int i = 0; i < COUNT; i++) tensors[i] = *repeated(TRIMTAB_DTYPE_FLOAT, 64, 1, 1);
  CHECK_OK(trimtab_gradients_create(NULL, &gradients));
  status = trimtab_gradients_add(gradients, tensors, COUNT);
  CHECK(refused(status));
  CHECK_OK(trimtab_gradients_add(gradients, tensors, 2));
  trimtab_gradients_destroy(gradients);
  free(tensors);
}

/* Scattered small blocks stay free, for the few fixed-size objects and error texts; nothing that grows with the data fits them. */
static void keep_crumbs(void) {
  enum { CRUMBS = 4096 };
  static void *crumbs[CRUMBS], *walls[CRUMBS];
  for (int i = 0; i < CRUMBS; i++) {
    crumbs[i] = malloc(600);
    walls[i] = malloc(16);
  }
  for (int i = 0; i < CRUMBS; i++) free(crumbs[i]);
  CHECK(walls[CRUMBS - 1] != NULL);
}

/* Memory that runs out at every possible moment: each call either does its work or says OUT_OF_MEMORY. */
static void memory_that_runs_out_anywhere(void) {
  enum { ROWS = 64, COLUMNS = 300 };
  double *samples = (double *)malloc(ROWS * COLUMNS * sizeof *samples);
  void *hoard[4096];
  int held = 0;
  fill_normal(samples, ROWS * COLUMNS, 3);
  for (int i = 0; i < ROWS * COLUMNS; i++) samples[i] *= samples[i]; /* none negative: logits would be refused as probabilities */
  keep_crumbs();
  for (size_t block = 8u << 20; block >= 4096; block /= 2)
    while (held < 4000 && (hoard[held] = malloc(block)) != NULL) held++;
  for (int step = 0; held > 0; step++) {
    answer given;
    for (int i = 0; i < CONSUMER_COUNT; i++) {
      trimtab_status status = consumers[i].consume(matrix64(&made, samples, ROWS, COLUMNS), &given);
      CHECK(status == TRIMTAB_OK || status == TRIMTAB_ERROR_OUT_OF_MEMORY || status == TRIMTAB_ERROR_SHAPE);
    }
    for (int freed = 0; freed < 1 + step / 8 && held > 0; freed++) free(hoard[--held]);
  }
  free(samples);
}

static void huge_regularity_is_read_in_place(void) {
  trimtab_summary summary;
  CHECK_OK(trimtab_summarize(repeated(TRIMTAB_DTYPE_FLOAT, 64, 1 << 12, 1 << 12), &summary));
  CHECK(summary.count == 1 << 24 && summary.l2_norm == 1 << 12);
}

int main(void) {
  RUN(huge_regularity_is_read_in_place);
  LIMITED(limit_memory);
  LIMITED(too_many_features);
  LIMITED(too_large_a_matrix);
  LIMITED(too_many_units);
  LIMITED(too_many_classes_or_samples);
  LIMITED(class_counts_and_labels_that_ask_for_much);
  LIMITED(memory_that_runs_out_anywhere);
  LIMITED(too_many_tensors);
  return finish("memory");
}
