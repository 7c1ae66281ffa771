/* Does a series (loss, gradient norm, ...) spike, shift, drift, diverge or stand still? SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_DETECTOR_H
#define TRIMTAB_DETECTOR_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a detector looks for. */
typedef int32_t trimtab_detector_kind;
enum {
  TRIMTAB_DETECTOR_SPIKE = 0,       /* a value far from those just before it; or NaN or Inf */
  TRIMTAB_DETECTOR_LEVEL_SHIFT = 1, /* the mean of ten steps leaves that of the hundred before */
  TRIMTAB_DETECTOR_DRIFT = 2,       /* the mean of 250 steps leaves that of the 4000 before */
  TRIMTAB_DETECTOR_DIVERGENCE = 3,  /* the smoothed series is several times its best; or NaN or Inf */
  TRIMTAB_DETECTOR_PLATEAU = 4,     /* no value better than the best for `patience` steps */
  TRIMTAB_DETECTOR_OSCILLATION = 5, /* up, down, up, down over 128 steps, more than noise does */
  TRIMTAB_DETECTOR_VANISHING = 6,   /* |value| below vanishing_magnitude */
  TRIMTAB_DETECTOR_UNCHANGED = 7,   /* the value stays what it was */
  TRIMTAB_DETECTOR_NONFINITE = 8    /* NaN or Inf */
};

/* Which way the series must move to raise an alarm. */
typedef int32_t trimtab_detector_direction;
enum {
  TRIMTAB_DETECTOR_UP = 0,
  TRIMTAB_DETECTOR_DOWN = 1, /* also turns round what plateau and divergence hold to be better: for a series that should grow */
  TRIMTAB_DETECTOR_BOTH = 2  /* plateau and divergence: as up */
};

/* How distances are measured. */
typedef int32_t trimtab_detector_scale;
enum {
  TRIMTAB_DETECTOR_AUTOMATIC = 0,  /* logarithmic while the series is positive, linear once three values of late were not */
  TRIMTAB_DETECTOR_LINEAR = 1,     /* value - baseline */
  TRIMTAB_DETECTOR_LOGARITHMIC = 2 /* ln(value / baseline) above the baseline, value / baseline - 1 below */
};

/* Where a detector stands. */
typedef int32_t trimtab_detector_state;
enum {
  TRIMTAB_DETECTOR_WARMING_UP = 0, /* the baseline is being learnt; only an enormous jump is an alarm */
  TRIMTAB_DETECTOR_QUIET = 1,
  TRIMTAB_DETECTOR_ALARM = 2,            /* an alarm begins at this step */
  TRIMTAB_DETECTOR_CONTINUING_ALARM = 3, /* it goes on: the score is above hysteresis x threshold */
  TRIMTAB_DETECTOR_RECOVERED = 4         /* it ended at this step */
};

typedef struct trimtab_detector_options {
  uint32_t struct_size;
  trimtab_detector_kind kind;
  trimtab_detector_direction direction;
  trimtab_detector_scale scale;
  int64_t warm_up;                  /* 25 steps at least before the baseline is trusted (10 or more); some kinds take more */
  int64_t confirmation;             /* 0: consecutive steps before an alarm; the kind's own is 3 for vanishing and unchanged, else 1 */
  int64_t patience;                 /* 0: the kind's own: divergence 50 steps above sustained_ratio, plateau 10 steps without improvement */
  double false_alarms_per_million;  /* 1: at most so many alarms in a million healthy steps; above 0, at most 1e5 */
  double hysteresis;                /* 0.8: an alarm goes on while the score is above this share of the threshold */
  double divergence_ratio;          /* 4: divergence at once, smoothed value over its best */
  double sustained_ratio;           /* 2: divergence after `patience` steps */
  double plateau_tolerance;         /* 1e-4: an improvement is better than the best by this share of it */
  double oscillation_rate;          /* 0.8: turning points per step; raised to what noise does not reach (2/3 is noise) */
  double vanishing_magnitude;       /* 1e-7 */
  double unchanged_tolerance;       /* 1e-5 of the value that the run began with */
} trimtab_detector_options;

#define TRIMTAB_DETECTOR_OPTIONS_INIT \
  {(uint32_t)sizeof(trimtab_detector_options), TRIMTAB_DETECTOR_SPIKE, TRIMTAB_DETECTOR_UP, TRIMTAB_DETECTOR_AUTOMATIC, \
   25, 0, 0, 1.0, 0.8, 4.0, 2.0, 1e-4, 0.8, 1e-7, 1e-5}

/* The answer to one step. */
typedef struct trimtab_detector_result {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: warming up; nonfinite: this value is NaN or Inf */
  trimtab_verdict verdict; /* healthy, or in an alarm: notice (plateau), critical (divergence, NaN and Inf), else warning; unknown while warming up */
  trimtab_detector_state state;
  trimtab_detector_kind kind;
  trimtab_detector_scale scale; /* in use at this step: linear or logarithmic */
  double value;
  double score;     /* in spreads (spike, shift, drift), logarithms or units (divergence), steps (plateau), turns per step, or a ratio; 1e300 at the most */
  double threshold; /* what the score is held against; 0: none yet */
  double baseline;  /* what the value was compared with */
  double spread;    /* what the distance from the baseline was divided by; for a series that never varied 1e-3 as a ratio, or 1e-6 + 1e-3 |baseline| */
  int64_t step_count;        /* values added */
  int64_t nonfinite_count;   /* of them NaN or Inf */
  int64_t alarm_count;       /* alarms that began */
  int64_t first_alarm_step;  /* 0-based step at which what the current or just ended alarm speaks of began; -1 */
  int64_t consecutive_steps; /* steps in a row with the score above its threshold */
} trimtab_detector_result;

#define TRIMTAB_DETECTOR_RESULT_INIT {(uint32_t)sizeof(trimtab_detector_result), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Watches one series, step by step, in constant memory and without allocating after creation.
 *
 * The threshold is a promise: at most false_alarms_per_million alarms in a million healthy steps, kept for spike, level
 * shift, drift and oscillation by learning the tail of the detector's own scores (it starts high and falls), and tested
 * on Gaussian, log-normal, heavy-tailed, autocorrelated, decaying and periodic series.
 * NaN and Inf are counted, are an alarm for spike, divergence and nonfinite, and reach no baseline. An alarmed value does
 * not move the baseline; a level that lasts is learnt anew.
 * There is no merge: the values of a step are merged before they come here, and a series has one order.
 * Source: peaks over threshold as in Siffer et al. 2017 with probability-weighted moments of Hosking & Wallis 1987.
 */
typedef struct trimtab_detector trimtab_detector;

/* Creates a detector that has seen nothing. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_detector_create(const trimtab_detector_options *options, trimtab_detector **detector);
/*
 * Takes the value of the next step.
 *   value   anything; undo loss scaling and gradient accumulation first
 *   result  set struct_size first; or NULL
 * Errors: NULL_ARGUMENT, STRUCT_SIZE. Complexity: constant, under a microsecond. Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_detector_add(trimtab_detector *detector, double value, trimtab_detector_result *result);
/* Starts the baseline anew, after a restore or a restart of the learning rate; counts go on. Errors: NULL_ARGUMENT. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_detector_reset(trimtab_detector *detector);
/* The answer to the last step again; changes nothing. Errors: NULL_ARGUMENT, STRUCT_SIZE. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_detector_report(const trimtab_detector *detector, trimtab_detector_result *report);
/* As trimtab_covariance_save. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_detector_save(const trimtab_detector *detector, void *buffer, int64_t capacity, int64_t *needed);
/* As trimtab_covariance_load; continues bit for bit. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_detector_load(const void *buffer, int64_t length, trimtab_detector **detector);
/* Frees it; NULL does nothing. Since: 0.1. */
TRIMTAB_API void trimtab_detector_destroy(trimtab_detector *detector);

#ifdef __cplusplus
}
#endif
#endif
