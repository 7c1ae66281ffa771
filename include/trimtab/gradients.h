/* Do gradients vanish, explode, or hold NaN? SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_GRADIENTS_H
#define TRIMTAB_GRADIENTS_H

#include "summary.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct trimtab_gradient_options {
  uint32_t struct_size;
  uint32_t reserved;
  double maximum_norm;              /* 1.0: the clip factor brings the global norm to this */
  double vanishing_mean_magnitude;  /* 1e-7: a tensor vanishes if mean |g| is below this */
  double warning_depth_slope;       /* 0.1 decades of rms per layer, either sign */
  double critical_depth_slope;      /* 0.3 */
  double least_depth_span;          /* 2 decades: first to last layer, below which a slope is no finding */
  int64_t least_depth;              /* 3 layers, below which there is no slope */
  double exploding_norm_factor;     /* 1e6: a global norm above this many times maximum_norm is an explosion */
} trimtab_gradient_options;

#define TRIMTAB_GRADIENT_OPTIONS_INIT {(uint32_t)sizeof(trimtab_gradient_options), 0, 1.0, 1e-7, 0.1, 0.3, 2.0, 3, 1e6}

/*
 * Gradients of one step, tensors in topological order: the layer next to the input first.
 * Without a finite element global_norm, the magnitudes, slope and ratio are NaN; without an element measurement too.
 */
typedef struct trimtab_gradient_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: no element; nonfinite: NaN or Inf inside */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int64_t tensor_count;
  int64_t element_count;
  int64_t nonfinite_count;
  int64_t nonfinite_tensor_count;
  int64_t first_nonfinite_tensor; /* index of the first tensor with NaN or Inf; -1 */
  int64_t first_nonfinite_index;  /* row-major, within it; -1 */
  int64_t zero_tensor_count;      /* tensors that are exactly zero throughout */
  int64_t vanishing_tensor_count; /* mean |g| below vanishing_mean_magnitude, zero tensors too */
  int64_t depth;                  /* tensors that the slope is over: non-zero, rank >= 2 (all ranks if no tensor has rank 2) */
  double global_norm;             /* sqrt(sum of squares over all finite elements): exact where float32 would overflow or vanish */
  double greatest_magnitude;
  double mean_magnitude;
  double depth_slope;    /* least-squares slope of log10 rms(g_l) against l; positive: gradients vanish towards the input; 0 if depth < least_depth */
  double depth_ratio;    /* rms of the first over rms of the last of those tensors; 0 if there is none */
  double clip_factor;    /* min(1, maximum_norm / (global_norm + 1e-6)); 0 if a non-finite value stands in a gradient: do not step */
  double threshold;      /* what the deciding measurement was held against */
  double measurement;    /* the deciding measurement */
} trimtab_gradient_report;

#define TRIMTAB_GRADIENT_REPORT_INIT {(uint32_t)sizeof(trimtab_gradient_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Global norm, clip factor, depth slope and non-finite origin of a step's gradients.
 *
 *   gradients  count views in topological order; any shapes and element types
 *   count      >= 0
 *   report     set struct_size first
 *   each       count entries, one summary a tensor, or NULL
 *
 * Edge cases: no tensor or no element is insufficient; empty tensors are skipped; integer tensors are refused.
 * A parameter without a gradient is not a zero gradient: leave it out.
 * The verdict is the worst of: NaN or Inf (critical); all weights exactly zero (critical), or some (a notice: one step
 * cannot tell a fault from weights that start at zero); a depth slope beyond its options over least_depth_span; a global
 * norm above exploding_norm_factor times maximum_norm (warning), or beyond float64 (critical); weights below
 * vanishing_mean_magnitude (a notice; a warning if not all are and the rms of one is below that many times the greatest
 * rms among the weights). Unscale a scaled loss' gradients first.
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, OVERFLOW, INVALID_ARGUMENT, STRUCT_SIZE. Complexity: one read of all
 * elements. Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_gradient_norm(const trimtab_tensor *gradients, int64_t count,
                                                                 const trimtab_gradient_options *options,
                                                                 trimtab_gradient_report *report, trimtab_summary *each);

/* The streaming form: one summary a tensor; shards of the same gradients add. */
typedef struct trimtab_gradients trimtab_gradients;

/* Creates an empty accumulator; the first add fixes the number of tensors. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_gradients_create(const trimtab_gradient_options *options,
                                                                    trimtab_gradients **accumulator);
/* Adds shards of the gradients: tensor i here is a further part of tensor i before. On failure nothing has changed. Errors: as trimtab_gradient_norm, MISMATCH (count). Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_gradients_add(trimtab_gradients *accumulator,
                                                                 const trimtab_tensor *gradients, int64_t count);
/*
 * Adds summaries made elsewhere, such as on an accelerator.
 *   ranks  [count] ndim of each tensor, for the choice of the tensors that the slope is over; NULL: all count
 * Errors: NULL_ARGUMENT, MISMATCH, INVALID_ARGUMENT (as trimtab_summary_merge). Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_gradients_add_summaries(trimtab_gradients *accumulator,
                                                                           const trimtab_summary *summaries,
                                                                           const int32_t *ranks, int64_t count);
/* Adds what `other` has seen, tensor by tensor. Errors: NULL_ARGUMENT, MISMATCH (count). Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_gradients_merge(trimtab_gradients *accumulator,
                                                                   const trimtab_gradients *other);
/* Reports at any time; changes nothing. each: as many entries as tensors, or NULL. Errors: NULL_ARGUMENT, STRUCT_SIZE. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_gradients_report(const trimtab_gradients *accumulator,
                                                                    trimtab_gradient_report *report,
                                                                    trimtab_summary *each, int64_t count);
/* As trimtab_covariance_save. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_gradients_save(const trimtab_gradients *accumulator, void *buffer,
                                                                  int64_t capacity, int64_t *needed);
/* As trimtab_covariance_load. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_gradients_load(const void *buffer, int64_t length,
                                                                  trimtab_gradients **accumulator);
/* Frees it; NULL does nothing. Since: 0.1. */
TRIMTAB_API void trimtab_gradients_destroy(trimtab_gradients *accumulator);

#ifdef __cplusplus
}
#endif
#endif
