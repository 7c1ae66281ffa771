/* Cures that act on data, activations and weights: whitening, leaks, averages. SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_REMEDIES_H
#define TRIMTAB_REMEDIES_H

#include "conditioning.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TRIMTAB_WHITENING_ZCA = 0,     /* U L^-1/2 U^T: closest to the input, free of sign choices */
  TRIMTAB_WHITENING_PCA = 1,     /* L^-1/2 U^T, largest variance first; each row's entry of greatest magnitude is positive */
  TRIMTAB_WHITENING_CHOLESKY = 2 /* C^-1 with S = C C^T */
};

typedef struct trimtab_whitening_options {
  uint32_t struct_size;
  int32_t method;        /* TRIMTAB_WHITENING_ZCA */
  double regularisation; /* 0: added to each eigenvalue, as a share of their mean */
} trimtab_whitening_options;

#define TRIMTAB_WHITENING_OPTIONS_INIT {(uint32_t)sizeof(trimtab_whitening_options), 0, 0.0}

/* A fitted linear map y = W (x - mean) with W S W^T = I on the support of S. */
typedef struct trimtab_whitener trimtab_whitener;

/*
 * Fits a whitener to what a covariance accumulator has seen.
 * Edge cases: directions whose eigenvalue does not count in the rank (constant and duplicated features) are mapped to 0
 * (ZCA, PCA); scale alone takes no feature out where the correlation matrix is of full rank;
 * Cholesky refuses a singular S unless regularisation > 0.
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (options; fewer than 2 samples; singular for Cholesky), STRUCT_SIZE,
 * OUT_OF_MEMORY.
 * Complexity: O(d^3). Source: Kessy, Lewin & Strimmer 2018. Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_whitener_fit(const trimtab_covariance *covariance,
                                                                const trimtab_whitening_options *options,
                                                                trimtab_whitener **whitener);
/*
 * Applies it: output = (samples - mean) W^T, with the mean and W of the data it was fitted to.
 *   samples  [n, d] (as in trimtab_condition_number)
 *   output   [n, d] float32 or float64, writable, any strides without overlap; may be the same memory as samples if
 *   also the same view
 * Edge cases: a row with NaN or Inf comes out as all NaN. Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, OVERFLOW,
 * OUT_OF_MEMORY.
 * Complexity: n d^2. Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_whitener_apply(const trimtab_whitener *whitener,
                                                                  const trimtab_tensor *samples,
                                                                  const trimtab_tensor *output);
/* Copies out mean [d] and W [d, d] row-major, each NULL to skip. Errors: NULL_ARGUMENT, MISMATCH (features). Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_whitener_parameters(const trimtab_whitener *whitener, int64_t features,
                                                                       double *mean, double *matrix);
/* The number of features it was fitted to. Errors: NULL_ARGUMENT. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_whitener_features(const trimtab_whitener *whitener, int64_t *features);
/* The options that it was fitted with; set struct_size first. Errors: NULL_ARGUMENT, STRUCT_SIZE. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_whitener_fitted_options(const trimtab_whitener *whitener,
                                                                           trimtab_whitening_options *options);
/* As trimtab_covariance_save. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_whitener_save(const trimtab_whitener *whitener, void *buffer,
                                                                 int64_t capacity, int64_t *needed);
/* As trimtab_covariance_load. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_whitener_load(const void *buffer, int64_t length,
                                                                 trimtab_whitener **whitener);
/* Frees it; NULL does nothing. Since: 0.1. */
TRIMTAB_API void trimtab_whitener_destroy(trimtab_whitener *whitener);

/*
 * The slope of a leaky ReLU below zero at a step of training: end + (start - end) exp(-step / time).
 *
 *   start, end  finite; 0.3 and 0.01 are usual
 *   time        steps, above 0; a fifth of the run is usual. 63.2 % of the way is gone at step = time, 95 % at 3 time
 *   step        0 or more
 *   slope       written on success
 *
 * What revives dead units and leads back to a plain ReLU without a jump of the loss. Check at the end that the net works
 * as one: its loss with slope 0 (trimtab_trainer_set_leak). A leak raises the curvature: look at the learning rate again.
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT. Complexity: constant. Source: definitions 1. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_leak_slope(double start, double end, double time, int64_t step,
                                                              double *slope);

/*
 * Moves an average of weights towards the weights: average += (1 - decay) (current - average), one array a call.
 *
 *   average  float32 or float64, writable, any strides without overlap; begin with a copy of the weights
 *   current  of the same shape, any floating-point type
 *   decay    0 to below 1; about 1 / (1 - decay) steps are averaged over
 *
 * An averaged (EMA) teacher gives pseudo-labels that move far less. Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE,
 * INVALID_ARGUMENT (decay; NaN or Inf in current, which would never leave the average); nothing is written then.
 * Complexity: O(n). Source: Polyak & Juditsky 1992; Tarvainen & Valpola 2017. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_average_update(const trimtab_tensor *average,
                                                                  const trimtab_tensor *current, double decay);

#ifdef __cplusplus
}
#endif
#endif
