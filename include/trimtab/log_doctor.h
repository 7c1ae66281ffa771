/* What does the log of a training run say went wrong? SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_LOG_DOCTOR_H
#define TRIMTAB_LOG_DOCTOR_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is looked for; of findings of one verdict and step, what comes first here is named first. */
typedef int32_t trimtab_log_check;
enum {
  TRIMTAB_LOG_HIDDEN_NONFINITE = 0,    /* a trainer writes another number where the loss is NaN or Inf */
  TRIMTAB_LOG_NONFINITE = 1,           /* NaN or Inf in the loss, the validation loss or the gradient norm; or a loss that is missing to the end */
  TRIMTAB_LOG_RESUME = 2,              /* after a restart, a gap or in the first rows of a file the loss does not go on where it was */
  TRIMTAB_LOG_LOSS_SCALE = 3,          /* dynamic loss scaling halves its scale to below 1 */
  TRIMTAB_LOG_DIVERGENCE = 4,          /* the loss ends at twice its best, or where it began */
  TRIMTAB_LOG_JUMP = 5,                /* the level rises at once: a warning where it stays */
  TRIMTAB_LOG_DRIFT = 6,               /* the level rises slowly and stays */
  TRIMTAB_LOG_GRADIENT_GROWTH = 7,     /* the gradient norm ends at three times its least level */
  TRIMTAB_LOG_GRADIENT_VANISHING = 8,  /* the gradient norm comes down to a thousandth, or below 1e-7 */
  TRIMTAB_LOG_SPIKE = 9,               /* single losses far above those before: a warning where they are many, grow or are grave */
  TRIMTAB_LOG_GRADIENT_SPIKE = 10,     /* single gradient norms are */
  TRIMTAB_LOG_OSCILLATION = 11,        /* the loss goes up, down, up, down: from row to row, or with a period of up to 256 rows */
  TRIMTAB_LOG_OVERFITTING = 12,        /* the validation loss rises, by more than it jitters, while the training loss falls */
  TRIMTAB_LOG_PLATEAU = 13,            /* the loss never left its start (100 rows or more), or is one number */
  TRIMTAB_LOG_GRADIENT_CLIPPING = 14,  /* the gradient norm is one number, its greatest, in most rows */
  TRIMTAB_LOG_BACKWARD_STEPS = 15,     /* step numbers go back, or a step is there twice with two losses */
  TRIMTAB_LOG_REPEATED_STEPS = 16,     /* a step is there more than once */
  TRIMTAB_LOG_MISSING_STEPS = 17,      /* rows are missing from steps that are regular otherwise */
  TRIMTAB_LOG_CHECK_COUNT = 18
};

/* A column of a log. */
typedef int32_t trimtab_log_quantity;
enum {
  TRIMTAB_LOG_QUANTITY_STEP = 0,
  TRIMTAB_LOG_QUANTITY_LOSS = 1,
  TRIMTAB_LOG_QUANTITY_VALIDATION_LOSS = 2,
  TRIMTAB_LOG_QUANTITY_GRADIENT_NORM = 3, /* before clipping, if the log has both */
  TRIMTAB_LOG_QUANTITY_LEARNING_RATE = 4,
  TRIMTAB_LOG_QUANTITY_LOSS_SCALE = 5
};

/* Whether a check ran, or why not. */
typedef int32_t trimtab_log_check_outcome;
enum {
  TRIMTAB_LOG_RAN = 0,
  TRIMTAB_LOG_MISSING_COLUMN = 1, /* no row had its column */
  TRIMTAB_LOG_TOO_FEW_ROWS = 2,
  TRIMTAB_LOG_NOT_APPLICABLE = 3  /* steps of no regular distance (missing steps); a loss at or below zero (plateau); newest row first (all but NaN and steps) */
};

typedef struct trimtab_log_doctor_options {
  uint32_t struct_size;
  uint32_t reserved;
  double false_alarms_per_million; /* 1: of the spike, level-shift and oscillation detectors, in a million healthy rows */
  double rise_size;                /* 3: standard deviations of the loss around its level that a lasting rise takes to be a warning; 1 or more */
  int64_t recovery_rows;           /* 100: rows after which a high spike that has not come back is a warning */
  int64_t class_count;             /* 0: not known; else a loss of its logarithm is that of a fresh start (vocabulary, classes) */
} trimtab_log_doctor_options;

#define TRIMTAB_LOG_DOCTOR_OPTIONS_INIT {(uint32_t)sizeof(trimtab_log_doctor_options), 0, 1.0, 3.0, 100, 0}

/* Columns of a block of rows: NULL for a column that the log does not have. */
typedef struct trimtab_log_rows {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t count;
  const int64_t *steps;          /* [count]; NULL: the rows are numbered from 0 on */
  const double *loss;            /* [count] NaN and Inf are values, and count as such */
  const double *validation_loss; /* [count] */
  const double *gradient_norm;   /* [count] */
  const double *learning_rate;   /* [count] */
  const double *loss_scale;      /* [count] */
  const uint8_t *present;        /* [count] bit q - 1 for quantity q: whether the row says anything of it; NULL: every row has every column */
} trimtab_log_rows;

#define TRIMTAB_LOG_ROWS_INIT {(uint32_t)sizeof(trimtab_log_rows), 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* Of one column; NaN where it had no finite value. */
typedef struct trimtab_log_extremes {
  int64_t count;
  int64_t nonfinite_count;
  double first;
  double least;
  double greatest;
  double last;
  int64_t first_step;
  int64_t least_step;
  int64_t greatest_step;
  int64_t last_step;
} trimtab_log_extremes;

typedef struct trimtab_log_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: no check could run */
  trimtab_verdict verdict; /* that of the first finding; healthy without one */
  trimtab_cause cause;     /* that of the first finding */
  int64_t row_count;
  int64_t first_step;
  int64_t last_step;
  int64_t finding_count;          /* at most 64 */
  int64_t left_out_finding_count; /* the least important of more */
  int64_t ran_count;              /* checks that ran, of TRIMTAB_LOG_CHECK_COUNT */
  trimtab_log_extremes loss;
  trimtab_log_extremes validation_loss;
  trimtab_log_extremes gradient_norm;
  trimtab_log_extremes learning_rate;
  trimtab_log_extremes loss_scale;
  double noise; /* standard deviation of the loss around its level, over the last two thirds; 0: too few rows */
} trimtab_log_report;

#define TRIMTAB_LOG_REPORT_INIT                                                                                        \
  {(uint32_t)sizeof(trimtab_log_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0},                   \
   {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0},                     \
   {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0}

typedef struct trimtab_log_finding {
  uint32_t struct_size;
  trimtab_log_check check;
  trimtab_log_quantity quantity;
  trimtab_verdict verdict;
  trimtab_cause cause;
  int32_t is_standing; /* 1: it is still so at the end of the log */
  int64_t first_step;  /* where it begins */
  int64_t last_step;
  int64_t worst_step;  /* where value stands */
  int64_t count;       /* rows, events or levels that it speaks of */
  double value;        /* of an oscillation: the share of the rows at which it turns, or the amplitude where it has a period of more than two */
  double baseline;     /* what the value was compared with: the level before, the best, the interval of steps; of an oscillation: 2/3, or its period in rows */
  double size;         /* value - baseline; a ratio for gradients and the loss scale; a share of the rows for NaN and clipping; of the variance for a period; rows for steps */
  double noise;        /* standard deviation of the loss around its level there; 0 where that says nothing */
  double threshold;    /* what the value was held against */
  double confidence;   /* 0 to 1 */
} trimtab_log_finding;

#define TRIMTAB_LOG_FINDING_INIT {(uint32_t)sizeof(trimtab_log_finding), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

typedef struct trimtab_log_check_state {
  uint32_t struct_size;
  trimtab_log_check check;
  trimtab_log_check_outcome outcome;
  trimtab_log_quantity quantity; /* the column that it reads */
  int64_t row_count;             /* rows that it had */
  int64_t least_row_count;       /* rows that it needs */
} trimtab_log_check_state;

#define TRIMTAB_LOG_CHECK_STATE_INIT {(uint32_t)sizeof(trimtab_log_check_state), 0, 0, 0, 0, 0}

/*
 * Reads the log of a training run, row by row and in the log's own order, in constant memory (about 270 kB) and without
 * allocating after creation, and says what went wrong: first the gravest, then the earliest.
 *
 * Single losses and gradient norms are judged by the spike detector and levels by the level-shift detector, with their
 * promise (detector.h); what lasts is judged at the end on at most 1024 blocks of medians of five: it lies above the
 * lowest level by rise_size standard deviations of the loss around its level, by five times the change that levels have
 * from one stretch to the next, and by half more than any rise that came back. One that came within a few rows is a jump,
 * a slow one a drift, one to twice the best or to where the loss began a divergence. A rise in a new cycle of the
 * learning rate, and one that came back, is a notice.
 *
 * Edge cases: NaN and Inf reach no level. A log of less than the rows that a check needs says so in its state. A loss
 * at or below zero has no plateau. Steps may go back, repeat and leave gaps; a distance that changes for good is no gap.
 * Where they go back from row to row, the newest row stands first: a warning says so, and the run's course is not judged.
 * Since: 0.5.
 */
typedef struct trimtab_log_doctor trimtab_log_doctor;

/* Creates one that has seen nothing. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Since: 0.5. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_log_doctor_create(const trimtab_log_doctor_options *options,
                                                                     trimtab_log_doctor **doctor);
/*
 * Takes the next rows. Errors: NULL_ARGUMENT, INVALID_ARGUMENT (a negative count), STRUCT_SIZE.
 * Complexity: constant for each row, about a microsecond. Since: 0.5.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_log_doctor_add(trimtab_log_doctor *doctor, const trimtab_log_rows *rows);
/*
 * Judges what was taken so far; rows may follow, and it may be called again. The findings and states below are those of
 * the last call. Errors: NULL_ARGUMENT, STRUCT_SIZE. Complexity: a few milliseconds. Since: 0.5.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_log_doctor_finish(trimtab_log_doctor *doctor, trimtab_log_report *report);
/* The finding with that index, the most important first. Errors: NULL_ARGUMENT, INVALID_ARGUMENT (no such index), STRUCT_SIZE. Since: 0.5. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_log_doctor_finding(const trimtab_log_doctor *doctor, int64_t index,
                                                                      trimtab_log_finding *finding);
/* What became of a check, 0 to TRIMTAB_LOG_CHECK_COUNT - 1. Errors: as above. Since: 0.5. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_log_doctor_check(const trimtab_log_doctor *doctor, int64_t index,
                                                                    trimtab_log_check_state *state);
/* As trimtab_covariance_save; some 200 kB for a long log. Since: 0.5. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_log_doctor_save(const trimtab_log_doctor *doctor, void *buffer,
                                                                   int64_t capacity, int64_t *needed);
/* As trimtab_covariance_load; continues bit for bit, options included. Since: 0.5. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_log_doctor_load(const void *buffer, int64_t length,
                                                                   trimtab_log_doctor **doctor);
/* Frees it; NULL does nothing. Since: 0.5. */
TRIMTAB_API void trimtab_log_doctor_destroy(trimtab_log_doctor *doctor);
/* The stable key of a check, such as "spike"; "unknown" for another value. Static. Since: 0.5. */
TRIMTAB_API const char *trimtab_log_check_name(trimtab_log_check check);
/* The stable key of a column, such as "gradient_norm"; "unknown" for another value. Static. Since: 0.5. */
TRIMTAB_API const char *trimtab_log_quantity_name(trimtab_log_quantity quantity);

#ifdef __cplusplus
}
#endif
#endif
