/* The accumulators of the chapter's systems, for the table in kinds.h: each small, each with something in every one of its fields. */
#ifndef TRIMTAB_TESTS_SYSTEM_KINDS_H
#define TRIMTAB_TESTS_SYSTEM_KINDS_H

#include "check.h"

/* What all of them spell the same way. `field` is the report's in any_report. */
#define SYSTEM_STATE(kind, report_function, field)                                                                                   \
  static inline trimtab_status kind_##kind##_report(const void *handle, any_report *report) {                                        \
    report->struct_size = sizeof report->field;                                                                                      \
    return report_function((const trimtab_##kind *)handle, &report->field);                                                          \
  }                                                                                                                                  \
  static inline trimtab_status kind_##kind##_save(const void *handle, void *buffer, int64_t capacity, int64_t *needed) {             \
    return trimtab_##kind##_save((const trimtab_##kind *)handle, buffer, capacity, needed);                                          \
  }                                                                                                                                  \
  static inline trimtab_status kind_##kind##_load(const void *buffer, int64_t length, void **handle) {                               \
    return trimtab_##kind##_load(buffer, length, (trimtab_##kind **)handle);                                                         \
  }                                                                                                                                  \
  static inline void kind_##kind##_destroy(void *handle) { trimtab_##kind##_destroy((trimtab_##kind *)handle); }
#define SYSTEM_MERGE(kind)                                                                                                           \
  static inline trimtab_status kind_##kind##_merge(void *handle, const void *other) {                                                \
    return trimtab_##kind##_merge((trimtab_##kind *)handle, (const trimtab_##kind *)other);                                          \
  }
#define SYSTEM_CREATE(kind) \
  static inline trimtab_status kind_##kind##_create(void **handle) { return trimtab_##kind##_create(NULL, (trimtab_##kind **)handle); }

SYSTEM_CREATE(scale_profile)
SYSTEM_MERGE(scale_profile)
SYSTEM_STATE(scale_profile, trimtab_scale_profile_report, feature_scale)
static inline trimtab_status kind_scale_profile_add(void *handle, int batch) {
  double features[20];
  view made;
  fill_normal(features, 20, 600 + (uint64_t)batch);
  features[7] = 0; /* an entry that does not count */
  return trimtab_scale_profile_add((trimtab_scale_profile *)handle, matrix64(&made, features, 5, 4));
}

static inline trimtab_status kind_generator_signal_create(void **handle) {
  return trimtab_generator_signal_create((trimtab_generator_signal **)handle);
}
SYSTEM_MERGE(generator_signal)
SYSTEM_STATE(generator_signal, trimtab_generator_signal_sum, signal)
static inline trimtab_status kind_generator_signal_add(void *handle, int batch) {
  double outputs[90];
  view real, fake, slopes;
  fill_normal(outputs, 90, 700 + (uint64_t)batch);
  for (int i = 60; i < 90; i++) outputs[i] = fabs(outputs[i]);
  return trimtab_generator_signal_add((trimtab_generator_signal *)handle, vector64(&real, outputs, 30), vector64(&fake, outputs + 30, 30),
                                      vector64(&slopes, outputs + 60, 30));
}

/* It audits and does not merge. */
static inline trimtab_status kind_curriculum_create(void **handle) {
  trimtab_curriculum_options options = TRIMTAB_CURRICULUM_OPTIONS_INIT;
  options.level_count = 3;
  options.patience = 1;
  return trimtab_curriculum_create(&options, (trimtab_curriculum **)handle);
}
SYSTEM_STATE(curriculum, trimtab_curriculum_report, curriculum)
static inline trimtab_status kind_curriculum_add(void *handle, int batch) {
  trimtab_curriculum_state state = TRIMTAB_CURRICULUM_STATE_INIT;
  return trimtab_curriculum_audit((trimtab_curriculum *)handle, 100 + batch % 7, batch % 2 == 0 ? 0.6 : 0.3, 1, &state);
}

/* A batch norm without its scale: each output depends on the whole batch. */
static int32_t batch_mean_out(void *user, const double *inputs, int64_t rows, int64_t features, double *outputs, int64_t outputs_per_row) {
  double mean = 0;
  (void)user;
  for (int64_t i = 0; i < rows; i++) mean += inputs[i * features] / (double)rows;
  for (int64_t i = 0; i < rows * outputs_per_row; i++) outputs[i] = inputs[i / outputs_per_row * features] - mean;
  return 0;
}
SYSTEM_CREATE(leakage)
SYSTEM_MERGE(leakage)
SYSTEM_STATE(leakage, trimtab_leakage_report, leakage)
static inline trimtab_status kind_leakage_add(void *handle, int batch) {
  double inputs[12];
  int64_t targets[6] = {0, 1, 1, 0, 1, 0};
  view samples, classes;
  fill_normal(inputs, 12, 800 + (uint64_t)batch);
  return trimtab_leakage_add((trimtab_leakage *)handle, batch_mean_out, NULL, matrix64(&samples, inputs, 6, 2), labels64(&classes, targets, 6), 1);
}

SYSTEM_CREATE(balance)
SYSTEM_MERGE(balance)
SYSTEM_STATE(balance, trimtab_balance_report, balance)
static inline trimtab_status kind_balance_add(void *handle, int batch) {
  double gradients[12];
  view pixel, adversarial;
  fill_normal(gradients, 12, 900 + (uint64_t)batch);
  return trimtab_balance_add((trimtab_balance *)handle, vector64(&pixel, gradients, 6), vector64(&adversarial, gradients + 6, 6));
}

SYSTEM_CREATE(exposure)
SYSTEM_MERGE(exposure)
SYSTEM_STATE(exposure, trimtab_exposure_report, exposure)
static inline trimtab_status kind_exposure_add(void *handle, int batch) {
  double errors[24];
  int64_t lengths[3] = {4, 2, 3};
  view teacher, own, steps;
  fill_normal(errors, 24, 1000 + (uint64_t)batch);
  for (int i = 0; i < 24; i++) errors[i] *= errors[i];
  return trimtab_exposure_add((trimtab_exposure *)handle, matrix64(&teacher, errors, 3, 4), matrix64(&own, errors + 12, 3, 4), labels64(&steps, lengths, 3));
}

SYSTEM_CREATE(posterior)
SYSTEM_MERGE(posterior)
SYSTEM_STATE(posterior, trimtab_posterior_report, posterior)
static inline trimtab_status kind_posterior_add(void *handle, int batch) {
  double latents[36];
  view means, log_variances, draws;
  fill_normal(latents, 36, 1100 + (uint64_t)batch);
  return trimtab_posterior_add((trimtab_posterior *)handle, matrix64(&means, latents, 6, 2), matrix64(&log_variances, latents + 12, 6, 2),
                               matrix64(&draws, latents + 24, 6, 2));
}

static inline trimtab_status kind_bins_create(void **handle) {
  double points[40];
  view real;
  fill_normal(points, 40, 1200);
  return trimtab_bins_create(matrix64(&real, points, 20, 2), NULL, (trimtab_bins **)handle);
}
SYSTEM_MERGE(bins)
SYSTEM_STATE(bins, trimtab_bins_report, bins)
static inline trimtab_status kind_bins_add(void *handle, int batch) {
  double points[16];
  view fake;
  fill_normal(points, 16, 1201 + (uint64_t)batch);
  return trimtab_bins_add((trimtab_bins *)handle, matrix64(&fake, points, 8, 2));
}

static inline trimtab_status kind_vendi_create(void **handle) { return trimtab_vendi_create((trimtab_vendi **)handle); }
SYSTEM_MERGE(vendi)
SYSTEM_STATE(vendi, trimtab_vendi_report, vendi)
static inline trimtab_status kind_vendi_add(void *handle, int batch) {
  double samples[15];
  view made;
  fill_normal(samples, 15, 1300 + (uint64_t)batch);
  return trimtab_vendi_add((trimtab_vendi *)handle, matrix64(&made, samples, 5, 3));
}

/* A row of the table: its name in saved states, its handle, the type of its report. */
#define SYSTEM_KIND(name, kind, merge, report_type)                                                                          \
  {name, kind_##kind##_create, kind_##kind##_add, merge, kind_##kind##_report, sizeof(report_type), kind_##kind##_save, kind_##kind##_load, \
   kind_##kind##_destroy}
#define SYSTEM_KINDS                                                                                                                 \
  SYSTEM_KIND("feature_scale", scale_profile, kind_scale_profile_merge, trimtab_feature_scale_report),                               \
  SYSTEM_KIND("generator_signal", generator_signal, kind_generator_signal_merge, trimtab_generator_signal_report),                   \
  SYSTEM_KIND("curriculum", curriculum, NULL, trimtab_curriculum_state),                                                             \
  SYSTEM_KIND("batch_leakage", leakage, kind_leakage_merge, trimtab_batch_leakage_report),                                           \
  SYSTEM_KIND("gradient_balance", balance, kind_balance_merge, trimtab_gradient_balance_report),                                     \
  SYSTEM_KIND("exposure", exposure, kind_exposure_merge, trimtab_exposure_bias_report),                                              \
  SYSTEM_KIND("posterior", posterior, kind_posterior_merge, trimtab_posterior_collapse_report),                                      \
  SYSTEM_KIND("bins", bins, kind_bins_merge, trimtab_bin_report),                                                                    \
  SYSTEM_KIND("vendi", vendi, kind_vendi_merge, trimtab_vendi_score_report)

#endif
