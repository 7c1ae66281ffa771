/* Every kind of accumulator behind one table: what is uniform in the header is tested once for all of them. */
#ifndef TRIMTAB_TESTS_KINDS_H
#define TRIMTAB_TESTS_KINDS_H

#include "check.h"

/* Reports differ in type; this has room for any of them. */
typedef union any_report {
  uint32_t struct_size;
  trimtab_conditioning_report conditioning;
  trimtab_activity_report activity;
  trimtab_drift_report drift;
  trimtab_gradient_report gradients;
  trimtab_detector_result detector;
  double whitener[3 + 9];
  trimtab_feature_scale_report feature_scale;
  trimtab_generator_signal_report signal;
  trimtab_curriculum_state curriculum;
  trimtab_batch_leakage_report leakage;
  trimtab_gradient_balance_report balance;
  trimtab_exposure_bias_report exposure;
  trimtab_posterior_collapse_report posterior;
  trimtab_bin_report bins;
  trimtab_vendi_score_report vendi;
} any_report;

#include "system_kinds.h"

typedef struct kind {
  const char *name;
  trimtab_status (*create)(void **handle); /* empty (a whitener: fitted) */
  trimtab_status (*add)(void *handle, int batch); /* the batch-th small batch of random data */
  trimtab_status (*merge)(void *handle, const void *other);
  trimtab_status (*report)(const void *handle, any_report *report);
  size_t report_size;
  trimtab_status (*save)(const void *handle, void *buffer, int64_t capacity, int64_t *needed);
  trimtab_status (*load)(const void *buffer, int64_t length, void **handle);
  void (*destroy)(void *handle);
} kind;

static inline trimtab_status kind_covariance_create(void **handle) { return trimtab_covariance_create(NULL, (trimtab_covariance **)handle); }
static inline trimtab_status kind_covariance_add(void *handle, int batch) {
  double samples[15];
  view made;
  fill_normal(samples, 15, 100 + (uint64_t)batch);
  return trimtab_covariance_add((trimtab_covariance *)handle, matrix64(&made, samples, 5, 3));
}
static inline trimtab_status kind_covariance_merge(void *handle, const void *other) {
  return trimtab_covariance_merge((trimtab_covariance *)handle, (const trimtab_covariance *)other);
}
static inline trimtab_status kind_covariance_report(const void *handle, any_report *report) {
  report->struct_size = sizeof report->conditioning;
  return trimtab_covariance_report((const trimtab_covariance *)handle, &report->conditioning);
}
static inline trimtab_status kind_covariance_save(const void *handle, void *buffer, int64_t capacity, int64_t *needed) {
  return trimtab_covariance_save((const trimtab_covariance *)handle, buffer, capacity, needed);
}
static inline trimtab_status kind_covariance_load(const void *buffer, int64_t length, void **handle) {
  return trimtab_covariance_load(buffer, length, (trimtab_covariance **)handle);
}
static inline void kind_covariance_destroy(void *handle) { trimtab_covariance_destroy((trimtab_covariance *)handle); }

static inline trimtab_status kind_neurons_create(void **handle) { return trimtab_neurons_create(NULL, (trimtab_neurons **)handle); }
static inline trimtab_status kind_neurons_add(void *handle, int batch) {
  double preactivations[24];
  view made;
  fill_normal(preactivations, 24, 200 + (uint64_t)batch);
  for (int row = 0; row < 6; row++) preactivations[4 * row] = -1; /* unit 0 is dead */
  return trimtab_neurons_add((trimtab_neurons *)handle, matrix64(&made, preactivations, 6, 4));
}
static inline trimtab_status kind_neurons_merge(void *handle, const void *other) {
  return trimtab_neurons_merge((trimtab_neurons *)handle, (const trimtab_neurons *)other);
}
static inline trimtab_status kind_neurons_report(const void *handle, any_report *report) {
  report->struct_size = sizeof report->activity;
  return trimtab_neurons_report((const trimtab_neurons *)handle, &report->activity);
}
static inline trimtab_status kind_neurons_save(const void *handle, void *buffer, int64_t capacity, int64_t *needed) {
  return trimtab_neurons_save((const trimtab_neurons *)handle, buffer, capacity, needed);
}
static inline trimtab_status kind_neurons_load(const void *buffer, int64_t length, void **handle) {
  return trimtab_neurons_load(buffer, length, (trimtab_neurons **)handle);
}
static inline void kind_neurons_destroy(void *handle) { trimtab_neurons_destroy((trimtab_neurons *)handle); }

static inline trimtab_status kind_drift_create(void **handle) { return trimtab_label_drift_create(NULL, (trimtab_label_drift **)handle); }
static inline trimtab_status kind_drift_add(void *handle, int batch) {
  float probabilities[12];
  int64_t ids[4] = {11, 7, -3, 1000000007};
  uint64_t state = 300 + (uint64_t)batch;
  view made, names;
  for (int i = 0; i < 12; i++) probabilities[i] = (float)random_unit(&state);
  return trimtab_label_drift_add((trimtab_label_drift *)handle, batch, labels64(&names, ids, 4), matrix32(&made, probabilities, 4, 3));
}
static inline trimtab_status kind_drift_merge(void *handle, const void *other) {
  return trimtab_label_drift_merge((trimtab_label_drift *)handle, (const trimtab_label_drift *)other);
}
static inline trimtab_status kind_drift_report(const void *handle, any_report *report) {
  report->struct_size = sizeof report->drift;
  return trimtab_label_drift_report((const trimtab_label_drift *)handle, &report->drift);
}
static inline trimtab_status kind_drift_save(const void *handle, void *buffer, int64_t capacity, int64_t *needed) {
  return trimtab_label_drift_save((const trimtab_label_drift *)handle, buffer, capacity, needed);
}
static inline trimtab_status kind_drift_load(const void *buffer, int64_t length, void **handle) {
  return trimtab_label_drift_load(buffer, length, (trimtab_label_drift **)handle);
}
static inline void kind_drift_destroy(void *handle) { trimtab_label_drift_destroy((trimtab_label_drift *)handle); }

static inline trimtab_status kind_gradients_create(void **handle) { return trimtab_gradients_create(NULL, (trimtab_gradients **)handle); }
static inline trimtab_status kind_gradients_add(void *handle, int batch) {
  double values[3][8];
  view made[3];
  trimtab_tensor gradients[3];
  for (int i = 0; i < 3; i++) {
    fill_normal(values[i], 8, 400 + 10 * (uint64_t)batch + (uint64_t)i);
    gradients[i] = *matrix64(&made[i], values[i], 2, 4);
  }
  return trimtab_gradients_add((trimtab_gradients *)handle, gradients, 3);
}
static inline trimtab_status kind_gradients_merge(void *handle, const void *other) {
  return trimtab_gradients_merge((trimtab_gradients *)handle, (const trimtab_gradients *)other);
}
static inline trimtab_status kind_gradients_report(const void *handle, any_report *report) {
  report->struct_size = sizeof report->gradients;
  return trimtab_gradients_report((const trimtab_gradients *)handle, &report->gradients, NULL, 0);
}
static inline trimtab_status kind_gradients_save(const void *handle, void *buffer, int64_t capacity, int64_t *needed) {
  return trimtab_gradients_save((const trimtab_gradients *)handle, buffer, capacity, needed);
}
static inline trimtab_status kind_gradients_load(const void *buffer, int64_t length, void **handle) {
  return trimtab_gradients_load(buffer, length, (trimtab_gradients **)handle);
}
static inline void kind_gradients_destroy(void *handle) { trimtab_gradients_destroy((trimtab_gradients *)handle); }

static inline trimtab_status kind_whitener_create(void **handle) {
  void *covariance = NULL;
  trimtab_status status = kind_covariance_create(&covariance);
  if (status == TRIMTAB_OK) status = kind_covariance_add(covariance, 0);
  if (status == TRIMTAB_OK) status = kind_covariance_add(covariance, 1);
  if (status == TRIMTAB_OK) status = trimtab_whitener_fit((const trimtab_covariance *)covariance, NULL, (trimtab_whitener **)handle);
  kind_covariance_destroy(covariance);
  return status;
}
static inline trimtab_status kind_whitener_report(const void *handle, any_report *report) {
  return trimtab_whitener_parameters((const trimtab_whitener *)handle, 3, report->whitener, report->whitener + 3);
}
static inline trimtab_status kind_whitener_save(const void *handle, void *buffer, int64_t capacity, int64_t *needed) {
  return trimtab_whitener_save((const trimtab_whitener *)handle, buffer, capacity, needed);
}
static inline trimtab_status kind_whitener_load(const void *buffer, int64_t length, void **handle) {
  return trimtab_whitener_load(buffer, length, (trimtab_whitener **)handle);
}
static inline void kind_whitener_destroy(void *handle) { trimtab_whitener_destroy((trimtab_whitener *)handle); }

static inline trimtab_status kind_detector_create(void **handle) { return trimtab_detector_create(NULL, (trimtab_detector **)handle); }
static inline trimtab_status kind_detector_add(void *handle, int batch) {
  double values[40];
  fill_normal(values, 40, 500 + (uint64_t)batch);
  for (int i = 0; i < 40; i++) {
    trimtab_status status = trimtab_detector_add((trimtab_detector *)handle, values[i], NULL);
    if (status != TRIMTAB_OK) return status;
  }
  return TRIMTAB_OK;
}
static inline trimtab_status kind_detector_report(const void *handle, any_report *report) {
  report->struct_size = sizeof report->detector;
  return trimtab_detector_report((const trimtab_detector *)handle, &report->detector);
}
static inline trimtab_status kind_detector_save(const void *handle, void *buffer, int64_t capacity, int64_t *needed) {
  return trimtab_detector_save((const trimtab_detector *)handle, buffer, capacity, needed);
}
static inline trimtab_status kind_detector_load(const void *buffer, int64_t length, void **handle) {
  return trimtab_detector_load(buffer, length, (trimtab_detector **)handle);
}
static inline void kind_detector_destroy(void *handle) { trimtab_detector_destroy((trimtab_detector *)handle); }

#define KIND_COUNT 15
#define FIRST_SYSTEM_KIND 6

static const kind kinds[KIND_COUNT] = {
    {"covariance", kind_covariance_create, kind_covariance_add, kind_covariance_merge, kind_covariance_report,
     sizeof(trimtab_conditioning_report), kind_covariance_save, kind_covariance_load, kind_covariance_destroy},
    {"neurons", kind_neurons_create, kind_neurons_add, kind_neurons_merge, kind_neurons_report, sizeof(trimtab_activity_report),
     kind_neurons_save, kind_neurons_load, kind_neurons_destroy},
    {"label_drift", kind_drift_create, kind_drift_add, kind_drift_merge, kind_drift_report, sizeof(trimtab_drift_report),
     kind_drift_save, kind_drift_load, kind_drift_destroy},
    {"gradients", kind_gradients_create, kind_gradients_add, kind_gradients_merge, kind_gradients_report,
     sizeof(trimtab_gradient_report), kind_gradients_save, kind_gradients_load, kind_gradients_destroy},
    {"whitener", kind_whitener_create, NULL, NULL, kind_whitener_report, 12 * sizeof(double), kind_whitener_save, kind_whitener_load,
     kind_whitener_destroy},
    {"detector", kind_detector_create, kind_detector_add, NULL, kind_detector_report, sizeof(trimtab_detector_result),
     kind_detector_save, kind_detector_load, kind_detector_destroy},
    SYSTEM_KINDS,
};

/* A handle that has seen three batches; NULL if anything failed. */
static inline void *kind_filled(const kind *this_kind) {
  void *handle = NULL;
  if (!CHECK_OK(this_kind->create(&handle))) return NULL;
  for (int batch = 0; this_kind->add != NULL && batch < 3; batch++) CHECK_OK(this_kind->add(handle, batch));
  return handle;
}

/* Its saved state in memory of exactly that size; the caller frees it. */
static inline unsigned char *kind_saved(const kind *this_kind, const void *handle, int64_t *length) {
  unsigned char *state;
  *length = 0;
  CHECK_STATUS(this_kind->save(handle, NULL, 0, length), TRIMTAB_ERROR_CAPACITY);
  if (*length <= 0) return NULL;
  state = (unsigned char *)malloc((size_t)*length);
  CHECK_OK(this_kind->save(handle, state, *length, length));
  return state;
}

#endif
