/* Which neurons are dead, dormant or saturated? SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_NEURONS_H
#define TRIMTAB_NEURONS_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The activation that follows the pre-activations; it decides what "active", "output" and "saturated" mean. */
enum {
  TRIMTAB_ACTIVATION_RELU = 0,       /* active: z > 0; output max(z, 0); never saturates */
  TRIMTAB_ACTIVATION_LEAKY_RELU = 1, /* active: z > 0; output z or leak * z */
  TRIMTAB_ACTIVATION_ELU = 2,        /* active: z > 0; output z or exp(z) - 1 */
  TRIMTAB_ACTIVATION_SILU = 3,       /* active: z > 0; output z / (1 + exp(-z)) */
  TRIMTAB_ACTIVATION_GELU = 4,       /* active: z > 0; output z Phi(z) */
  TRIMTAB_ACTIVATION_TANH = 5,       /* every finite z is active; saturated outside +-9.4999 */
  TRIMTAB_ACTIVATION_SIGMOID = 6,    /* every finite z is active; saturated outside [-23, 16.99999] */
  TRIMTAB_ACTIVATION_IDENTITY = 7    /* every finite z that is not 0 is active; output z */
};

typedef struct trimtab_activity_options {
  uint32_t struct_size;
  int32_t activation; /* TRIMTAB_ACTIVATION_RELU */
  int32_t unit_axis;  /* -1: the last axis; else the axis whose entries are the units, such as 1 for [batch, channel, height, width] */
  int32_t reserved;
  double leak;                     /* 0.01, for LEAKY_RELU */
  double inactive_fraction;        /* 0.01: a unit is inactive below this active fraction */
  double dormant_threshold;        /* 0.025: a unit is dormant at or below this score */
  double saturation_low;           /* 0 and 0: the activation's own bounds */
  double saturation_high;
  double saturated_fraction;       /* 0.99: a unit is saturated if at least this share of its samples is */
  double layer_warning_fraction;   /* 0.10 of the units dead, or saturated */
  double layer_critical_fraction;  /* 0.50 */
  double confidence;               /* 0.95: wanted before a unit is called dead */
  double least_active_fraction;    /* 0.003: a unit that fires this rarely is as good as dead; with confidence sets the samples needed, ln(1-confidence)/ln(1-this) = 998 */
} trimtab_activity_options;

#define TRIMTAB_ACTIVITY_OPTIONS_INIT {(uint32_t)sizeof(trimtab_activity_options), 0, -1, 0, 0.01, 0.01, 0.025, 0.0, 0.0, 0.99, 0.10, 0.50, 0.95, 0.003}

/* Bits of a unit's flags. */
enum {
  TRIMTAB_UNIT_DEAD = 1,      /* never active, and at least one finite sample seen */
  TRIMTAB_UNIT_INACTIVE = 2,  /* active fraction below inactive_fraction (dead units too) */
  TRIMTAB_UNIT_DORMANT = 4,   /* mean |output| at most dormant_threshold times the layer's mean */
  TRIMTAB_UNIT_SATURATED = 8,
  TRIMTAB_UNIT_UNSEEN = 16    /* no finite sample */
};

/* Dead neurons of one layer, over all samples seen. */
typedef struct trimtab_activity_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: fewer samples than confidence asks; nonfinite: a unit had no finite sample */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int64_t sample_count;    /* per unit, non-finite ones included */
  int64_t unit_count;
  int64_t nonfinite_count; /* elements, kept out of all else */
  int64_t dead_count;
  int64_t inactive_count;
  int64_t dormant_count;
  int64_t saturated_count;
  double dead_fraction;    /* of the units */
  double inactive_fraction;
  double dormant_fraction;
  double saturated_fraction;
  double mean_active_fraction;
  double mean_preactivation; /* over all finite elements */
  double preactivation_scale; /* root mean square over all finite elements */
  double confidence;       /* 1 - (1 - least_active_fraction)^samples: that a unit firing that rarely would have been seen */
  double threshold;        /* the layer fraction that the verdict was held against */
} trimtab_activity_report;

#define TRIMTAB_ACTIVITY_REPORT_INIT {(uint32_t)sizeof(trimtab_activity_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Counts dead, inactive, dormant and saturated units of a layer.
 *
 *   active fraction  p_j = mean_i 1[z_ij > 0];  dead: p_j = 0
 *   dormancy score   s_j = mean_i |a_ij| / (mean_k mean_i |a_ik| + 1e-9)
 *
 * The verdict rests on the dead and the saturated units alone: more than layer_warning_fraction of them, or more than
 * layer_critical_fraction. Dormant and
 * rarely active units are common in healthy sparse layers: a notice at most, where they are more than
 * layer_critical_fraction.
 * The cause is what most dead units show, with depth = -mean / standard deviation of the unit's own pre-activations:
 * learning_rate_too_high (depth >= 6, or
 * a spread above 1e6), unscaled_input (shallower, spread above 10), negative_bias (just below zero), silent_input (0
 * throughout).
 *
 *   preactivations  floating point, any shape of rank >= 1, at most 2^24 units; options->unit_axis names the axis of
 *   the units (H of them), all others are samples
 *   options         NULL for the defaults
 *   report          set struct_size first
 *   dead            H bytes, 1 for a dead unit, or NULL
 *
 * Edge cases: NaN and Inf are counted and left out; z exactly 0 is not active; no sample, or fewer than the confidence
 * needs, is insufficient
 * (the counts are still given, the verdict is unknown); a unit without a finite sample is unseen, not dead, and makes
 * the outcome nonfinite; without a finite element all fractions, the mean and the scale are NaN. Feed all layers but the last, in evaluation mode: dropout looks like death.
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, OVERFLOW, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY.
 * Complexity: one read of the elements; 64 bytes per unit. Source: Sokar et al. 2023 (dormancy); SageMaker Debugger's
 * DeadRelu. Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_dead_neurons(const trimtab_tensor *preactivations,
                                                                const trimtab_activity_options *options,
                                                                trimtab_activity_report *report, uint8_t *dead);

/* The streaming form: per unit the counts, sum |a| and extremes of z. */
typedef struct trimtab_neurons trimtab_neurons;

/* Creates an empty accumulator; the first add fixes the number of units. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_neurons_create(const trimtab_activity_options *options,
                                                                   trimtab_neurons **neurons);
/* Adds a batch, as in trimtab_dead_neurons. On failure nothing has changed. Errors: as there, and SHAPE if H differs. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_neurons_add(trimtab_neurons *neurons,
                                                                const trimtab_tensor *preactivations);
/* Adds what `other` has seen of the same layer. Errors: NULL_ARGUMENT, MISMATCH (units or activation). Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_neurons_merge(trimtab_neurons *neurons,
                                                                  const trimtab_neurons *other);
/* Reports at any time; changes nothing. Errors: NULL_ARGUMENT, STRUCT_SIZE. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_neurons_report(const trimtab_neurons *neurons,
                                                                        trimtab_activity_report *report);
/*
 * Copies out what is known of each unit, each pointer NULL to skip it.
 *   units            the caller's H, checked
 *   active_fraction  [H]; 0 for an unseen unit
 *   dormancy_score   [H]
 *   flags            [H], TRIMTAB_UNIT_ bits
 * Errors: NULL_ARGUMENT (handle), MISMATCH (units). Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_neurons_units(const trimtab_neurons *neurons, int64_t units,
                                                                  double *active_fraction, double *dormancy_score,
                                                                  uint8_t *flags);
/* As trimtab_covariance_save. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_neurons_save(const trimtab_neurons *neurons, void *buffer,
                                                                 int64_t capacity, int64_t *needed);
/* As trimtab_covariance_load. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_neurons_load(const void *buffer, int64_t length,
                                                                 trimtab_neurons **neurons);
/* Frees it; NULL does nothing. Since: 0.1. */
TRIMTAB_API void trimtab_neurons_destroy(trimtab_neurons *neurons);

/* What became of a layer's dead units between two audits. */
typedef struct trimtab_revival_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient if either audit is */
  trimtab_verdict verdict; /* warning or critical by the share of the living that died (the layer fractions) */
  trimtab_cause cause;
  int64_t unit_count;
  int64_t dead_before;
  int64_t dead_after;
  int64_t revived;    /* dead before, alive after */
  int64_t newly_dead; /* alive before, dead after */
  double revival_fraction;   /* revived / dead_before; 0 if there were none */
  double new_death_fraction; /* newly_dead / (units - dead_before); 0 if all were dead */
  double persistence;        /* 1 - revival_fraction */
  double threshold;
} trimtab_revival_report;

#define TRIMTAB_REVIVAL_REPORT_INIT {(uint32_t)sizeof(trimtab_revival_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Compares two audits of the same layer on the same probe set.
 *   before, after  accumulators
 *   newly_dead     H bytes, 1 for a unit that died between them, or NULL
 * Errors: NULL_ARGUMENT, MISMATCH (units), STRUCT_SIZE. Complexity: O(H). Source: dopamine's ReDo
 * (dead_intersected_percent = persistence). Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_neurons_compare(const trimtab_neurons *before,
                                                                    const trimtab_neurons *after,
                                                                    trimtab_revival_report *report, uint8_t *newly_dead);

#ifdef __cplusplus
}
#endif
#endif
