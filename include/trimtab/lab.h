/* Experiments: instabilities shown failing and cured. SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_LAB_H
#define TRIMTAB_LAB_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TRIMTAB_ARM_BROKEN = 0,   /* the instability shows */
  TRIMTAB_ARM_CURED = 1,    /* the cure is at work */
  TRIMTAB_ARM_REFERENCE = 2 /* what the two are held against */
};

/* An experiment. Texts live as long as the library. */
typedef struct trimtab_experiment {
  uint32_t struct_size;
  int32_t section;   /* of the definitions that it reproduces */
  const char *name;  /* as trimtab_lab_run takes it */
  const char *title;
  const char *horizontal; /* what its curves are drawn over, and of what */
  const char *vertical;
  int32_t is_horizontal_logarithmic;
  int32_t is_vertical_logarithmic;
} trimtab_experiment;

#define TRIMTAB_EXPERIMENT_INIT {(uint32_t)sizeof(trimtab_experiment), 0, 0, 0, 0, 0, 0, 0}

/* Called before each seed; what is not 0 ends the run with the status CALLBACK. */
typedef int32_t (*trimtab_lab_progress)(void *user, int64_t done, int64_t total);

typedef struct trimtab_lab_options {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t seeds;       /* 8: how many, 1 to 10000 */
  uint64_t first_seed; /* 0: the others count up from it */
  trimtab_lab_progress progress; /* NULL: none */
  void *user;
} trimtab_lab_options;

#define TRIMTAB_LAB_OPTIONS_INIT {(uint32_t)sizeof(trimtab_lab_options), 0, 8, 0, 0, 0}

/* A number over the seeds. */
typedef struct trimtab_seed_summary {
  double median;
  double low;  /* of an interval that holds the median of all seeds */
  double high;
  double coverage; /* the probability that it does; 0 for one seed */
} trimtab_seed_summary;

/* What an arm came to in one quantity. */
typedef struct trimtab_lab_measurement {
  uint32_t struct_size;
  int32_t role; /* TRIMTAB_ARM_ */
  const char *arm;
  const char *quantity;
  trimtab_seed_summary over_seeds;
} trimtab_lab_measurement;

#define TRIMTAB_LAB_MEASUREMENT_INIT {(uint32_t)sizeof(trimtab_lab_measurement), 0, 0, 0, {0, 0, 0, 0}}

/* What was expected of an effect. */
typedef struct trimtab_lab_expectation {
  uint32_t struct_size;
  int32_t is_held;   /* the median is as expected, and no seed gave NaN */
  const char *claim;
  double bound;
  int32_t is_lowest; /* 1: the median has to be bound or more; 0: or less */
  int32_t reserved;
  double measured;   /* what the definitions measured; NaN where they give no number */
  trimtab_seed_summary over_seeds;
} trimtab_lab_expectation;

#define TRIMTAB_LAB_EXPECTATION_INIT {(uint32_t)sizeof(trimtab_lab_expectation), 0, 0, 0, 0, 0, 0, {0, 0, 0, 0}}

/* How much of everything a result holds. */
typedef struct trimtab_lab_report {
  uint32_t struct_size;
  int32_t is_held; /* all expectations are */
  int64_t seed_count;
  int64_t measurement_count;
  int64_t expectation_count;
  int64_t held_count;
  int64_t curve_count;
} trimtab_lab_report;

#define TRIMTAB_LAB_REPORT_INIT {(uint32_t)sizeof(trimtab_lab_report), 0, 0, 0, 0, 0, 0}

typedef struct trimtab_lab_result trimtab_lab_result;

/* How many experiments there are. Errors: NULL_ARGUMENT. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_lab_count(int64_t *count);
/* Describes one; set struct_size first. Errors: NULL_ARGUMENT, STRUCT_SIZE, INVALID_ARGUMENT (index). Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_lab_experiment(int64_t index, trimtab_experiment *experiment);
/*
 * Runs an experiment: its instability under the broken arms, its cure under the cured ones, over several seeds. The same
 * seeds give the same numbers.
 *   name     as trimtab_lab_experiment gives it
 *   options  NULL for the defaults
 *   result   to be destroyed
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (name, seeds), STRUCT_SIZE, CALLBACK (progress asked to stop), OUT_OF_MEMORY.
 * Complexity: seconds; each experiment takes under a minute for 8 seeds. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_lab_run(const char *name, const trimtab_lab_options *options,
                                                           trimtab_lab_result **result);
/* Sums it up; set struct_size first. Errors: NULL_ARGUMENT, STRUCT_SIZE. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_lab_result_report(const trimtab_lab_result *result,
                                                                     trimtab_lab_report *report);
/* A measurement. Texts live as long as the library. Errors: NULL_ARGUMENT, STRUCT_SIZE, INVALID_ARGUMENT (index). Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_lab_result_measurement(const trimtab_lab_result *result, int64_t index,
                                                                          trimtab_lab_measurement *measurement);
/* An expectation. Errors: as above. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_lab_result_expectation(const trimtab_lab_result *result, int64_t index,
                                                                          trimtab_lab_expectation *expectation);
/*
 * The curve of an arm in the first seed.
 *   arm    its name
 *   x, y   capacity elements each, or NULL to ask for the count alone
 *   count  how many points it has; never more than capacity are written
 * Errors: NULL_ARGUMENT (arm, count), INVALID_ARGUMENT (index, capacity). Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_lab_result_curve(const trimtab_lab_result *result, int64_t index,
                                                                    const char **arm, int64_t capacity, double *x,
                                                                    double *y, int64_t *count);
/* Frees it; NULL does nothing. Since: 0.4. */
TRIMTAB_API void trimtab_lab_result_destroy(trimtab_lab_result *result);

#ifdef __cplusplus
}
#endif
#endif
