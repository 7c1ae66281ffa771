/* One fused pass over a tensor. SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_SUMMARY_H
#define TRIMTAB_SUMMARY_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What one pass over a tensor gives. A frozen layout of 160 bytes, so arrays of it may be passed and summaries made
 * elsewhere (on an accelerator, on another rank) handed in.
 *
 * Counts are exact. Everything from `minimum` on is over the finite values only, in float64. The sums are kept scaled
 * by a power of two, so that they neither overflow nor underflow:
 *
 *     sum   = scaled_sum          * 2^scale_exponent
 *     sum|x|= scaled_absolute_sum * 2^scale_exponent
 *     sum x²= scaled_square_sum   * 2^(2 scale_exponent)
 *
 * scale_exponent is 0 unless greatest_magnitude lies outside [2^-400, 2^480]; then it is greatest_magnitude's binary
 * exponent.
 * With no finite value minimum is +Inf, maximum -Inf, and all else 0: the identity of trimtab_summary_merge.
 */
typedef struct trimtab_summary {
  int64_t count; /* all elements */
  int64_t nan_count;
  int64_t positive_infinity_count;
  int64_t negative_infinity_count;
  int64_t zero_count;      /* +0 and -0 */
  int64_t subnormal_count; /* in the tensor's own element type */
  int64_t first_nonfinite_index; /* row-major index of the first NaN or Inf; -1 if there is none */
  double minimum;
  double maximum;
  double greatest_magnitude;
  double mean;
  double l1_norm; /* sum |x|; may round to Inf only if the true value exceeds float64's range */
  double l2_norm; /* sqrt(sum x²); likewise */
  double scaled_sum;
  double scaled_absolute_sum;
  double scaled_square_sum;
  int32_t scale_exponent;
  int32_t reserved32;
  int64_t reserved[3];
} trimtab_summary;

/*
 * Summarises one tensor in one pass over its memory.
 *
 *   tensor   any shape, strides and element type
 *   summary  written on success
 *
 * Edge cases: an empty tensor gives the identity. NaN and Inf are counted and kept out of every other field.
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, OVERFLOW. Complexity: one read of n elements, no allocation. Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_summarize(const trimtab_tensor *tensor, trimtab_summary *summary);

/*
 * Summarises many tensors in one call.
 *
 *   tensors    array of count views, each as in trimtab_summarize
 *   count      >= 0; with 0 both pointers may be NULL
 *   summaries  array of count entries; all written on success, none on failure
 *
 * Errors: as trimtab_summarize; the message names the tensor's index. Complexity: one read of all elements. Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_summarize_all(const trimtab_tensor *tensors, int64_t count,
                                                                 trimtab_summary *summaries);

/* Writes the summary of nothing: the identity of the merge. Errors: NULL_ARGUMENT. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_summary_identity(trimtab_summary *summary);

/*
 * Adds what `other` has seen to `summary`, as if its elements followed: counts and sums add, extremes combine, and
 * derived fields are
 * made anew; first_nonfinite_index of `other` counts from the end of `summary`.
 * Edge cases: the identity changes nothing. Merging is associative up to rounding of the sums (relative 1e-15 each).
 * Errors: NULL_ARGUMENT; INVALID_ARGUMENT if a field cannot come from data (a negative count, parts greater than the
 * whole, a negative or non-finite sum of squares). Complexity: constant. Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_summary_merge(trimtab_summary *summary, const trimtab_summary *other);

#ifdef __cplusplus
}
#endif
#endif
