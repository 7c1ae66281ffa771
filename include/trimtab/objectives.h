/* Losses of two parts and games: are they in balance? SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_OBJECTIVES_H
#define TRIMTAB_OBJECTIVES_H

#include "tensor.h"
#include "trainer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* L = w_p L_pixel + w_a L_adversarial; gradients are given without the weights. */
typedef struct trimtab_balance_options {
  uint32_t struct_size;
  uint32_t reserved;
  double pixel_weight;       /* 1 */
  double adversarial_weight; /* 1 */
  double least_ratio;        /* 0.1: below it the adversarial part is too weak */
  double greatest_ratio;     /* 2: above it, too strong */
} trimtab_balance_options;

#define TRIMTAB_BALANCE_OPTIONS_INIT {(uint32_t)sizeof(trimtab_balance_options), 0, 1.0, 1.0, 0.1, 2.0}

typedef struct trimtab_gradient_balance_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: no minibatch; degenerate: both gradients are 0; nonfinite: none was finite */
  trimtab_verdict verdict; /* of the ratio alone */
  trimtab_cause cause;
  int64_t count;            /* minibatches */
  int64_t nonfinite_count;  /* left out */
  double ratio;             /* rho = w_a |g_a| / (w_p |g_p|), roots of mean squares; at most 1e4, as where g_p is 0 */
  double mean_cosine;       /* over minibatches; NaN where one gradient was always 0 */
  double cosine;            /* of all minibatches laid end to end */
  double conflict_share;    /* of the minibatches with a cosine, those with one below 0 */
  double pixel_norm;        /* roots of mean squares, without the weights */
  double adversarial_norm;
  double adaptive_weight;   /* the adversarial weight that makes the ratio 1 */
  double measurement;
  double threshold;
} trimtab_gradient_balance_report;

#define TRIMTAB_GRADIENT_BALANCE_REPORT_INIT {(uint32_t)sizeof(trimtab_gradient_balance_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* An accumulator over minibatches: sums of g_p.g_a, |g_p|^2, |g_a|^2, of cosines and of conflicts. */
typedef struct trimtab_balance trimtab_balance;

/*
 * The balance of a pixel loss and an adversarial one, from their gradients at one layer (usually the generator's last) in
 * one minibatch.
 *   pixel, adversarial  as many elements each, any element type and strides
 * Verdict: WEAK_ADVERSARY (warning) for a ratio below least_ratio, STRONG_ADVERSARY above greatest_ratio;
 * NO_ADVERSARIAL_SIGNAL for an adversarial gradient of 0, NO_PIXEL_SIGNAL for a pixel gradient of 0. The cosine decides
 * nothing: at a stationary point it is -1 and the ratio 1; it means something in the transient, and as a running mean.
 * Gradients of data-parallel workers have to be reduced first.
 * Errors: NULL_ARGUMENT, STRUCT_SIZE, SHAPE, DTYPE, DEVICE, INVALID_ARGUMENT (options). Complexity: O(elements).
 * Source: definitions 7. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_gradient_balance(const trimtab_tensor *pixel,
                                                                    const trimtab_tensor *adversarial,
                                                                    const trimtab_balance_options *options,
                                                                    trimtab_gradient_balance_report *report);
/* The streaming form. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_balance_create(const trimtab_balance_options *options,
                                                                  trimtab_balance **balance);
/* Adds a minibatch; NaN and Inf are counted and left out. Errors: as above; nothing has changed then. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_balance_add(trimtab_balance *balance, const trimtab_tensor *pixel,
                                                               const trimtab_tensor *adversarial);
/* Adds another's minibatches. Errors: NULL_ARGUMENT, MISMATCH (options). Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_balance_merge(trimtab_balance *balance, const trimtab_balance *other);
/* Reports; changes nothing. Errors: NULL_ARGUMENT, STRUCT_SIZE. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_balance_report(const trimtab_balance *balance,
                                                                      trimtab_gradient_balance_report *report);
/* As trimtab_covariance_save. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_balance_save(const trimtab_balance *balance, void *buffer,
                                                                int64_t capacity, int64_t *needed);
/* As trimtab_covariance_load. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_balance_load(const void *buffer, int64_t length,
                                                                trimtab_balance **balance);
/* Frees it; NULL does nothing. Since: 0.4. */
TRIMTAB_API void trimtab_balance_destroy(trimtab_balance *balance);

/*
 * A cure: the adversarial weight clamp(pixel_norm / (adversarial_norm + 1e-4), 0, 1e4) factor; 0 before the step `start`,
 * and for norms that are NaN or negative.
 *   pixel_norm, adversarial_norm  of the two gradients at the generator's last layer, without weights
 *   factor                        the share that the adversarial loss shall have
 * Source: VQGAN (Esser, Rombach & Ommer 2021). Since: 0.4.
 */
TRIMTAB_API double trimtab_adaptive_weight(double pixel_norm, double adversarial_norm, double factor, int64_t step,
                                           int64_t start);

/*
 * A cure: PCGrad takes from each gradient what conflicts with the others, in place: for each g_i, over the others in an
 * order that the seed sets, where g_i.g_j < 0, g_i -= (g_i.g_j / |g_j|^2) g_j, g_j as it came.
 *   gradients       count (2 to 1024) tensors of float32 or float64 with as many elements each, written to
 *   conflict_count  may be NULL
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, INVALID_ARGUMENT (NaN or Inf), OUT_OF_MEMORY; nothing is changed then.
 * Complexity: O(elements count^2). Source: Yu et al. 2020. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_project_conflicts(const trimtab_tensor *gradients, int64_t count,
                                                                     uint64_t seed, int64_t *conflict_count);

typedef struct trimtab_loss_balance_options {
  uint32_t struct_size;
  uint32_t reserved;
  double asymmetry; /* 1.5: how strongly losses that lag are pulled up */
  double rate;      /* 0.025: of a step of the weights */
} trimtab_loss_balance_options;

#define TRIMTAB_LOSS_BALANCE_OPTIONS_INIT {(uint32_t)sizeof(trimtab_loss_balance_options), 0, 1.5, 0.025}

/*
 * A cure: GradNorm moves the weights of several losses so that the norms G_i = w_i n_i of their gradients reach
 * mean(G) r_i^asymmetry, r_i = (L_i / L_i(0)) over its mean; then scales the weights so that they sum to count.
 *   norms           of the gradients at the last shared layer, without weights
 *   losses, initial_losses  now and at the start, above 0
 *   weights         are changed
 *   targets         the norms to be reached; may be NULL
 * Errors: NULL_ARGUMENT, STRUCT_SIZE, INVALID_ARGUMENT; nothing is changed then. Source: Chen et al. 2018. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_balance_losses(int64_t count, const double *norms,
                                                                  const double *losses, const double *initial_losses,
                                                                  const trimtab_loss_balance_options *options,
                                                                  double *weights, double *targets);

typedef struct trimtab_blur_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: images below 3 x 3; degenerate: flat references; nonfinite: every pair has NaN or Inf */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int64_t image_count;
  int64_t nonfinite_count;    /* pairs left out */
  double output_laplacian;    /* means over images of the variance of the Laplacian */
  double reference_laplacian;
  double ratio;               /* the one over the other */
  double mean_squared_error;
  double peak_signal_to_noise; /* 10 log10(range^2 / error), dB; infinite for equal images */
  double threshold;
} trimtab_blur_report;

#define TRIMTAB_BLUR_REPORT_INIT {(uint32_t)sizeof(trimtab_blur_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Are outputs blurred beside what they should be? The Laplacian is up + down + left + right - 4 centre on the pixels that
 * have four neighbours; white noise has a variance of 20 sigma^2, a checkerboard of +-1 one of 64. A ratio below threshold
 * is BLURRED_OUTPUT (warning).
 *   outputs, references  of one shape: (height, width), (images, height, width) or (images, height, width, channels)
 *   range      from black to white, for the PSNR: 1, or 255
 *   threshold  0.5 by definitions 7
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, STRUCT_SIZE, INVALID_ARGUMENT, OUT_OF_MEMORY. Complexity: O(elements).
 * Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_blur(const trimtab_tensor *outputs, const trimtab_tensor *references,
                                                        double range, double threshold, trimtab_blur_report *report);

typedef struct trimtab_game_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* nonfinite: an element is; insufficient: eigenvalues could not be found */
  trimtab_verdict verdict;
  trimtab_cause cause;
  double greatest_modulus; /* max |1 + step mu| */
  double real;             /* the eigenvalue mu that has it */
  double imaginary;
  double greatest_real;    /* of all eigenvalues: 0 or above is not stable for any step */
  double threshold;
} trimtab_game_report;

#define TRIMTAB_GAME_REPORT_INIT {(uint32_t)sizeof(trimtab_game_report), 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Are simultaneous steps x <- x + step v(x) of a game stable near a stationary point?
 *   jacobian  (n, n), dv/dx there; n from 1 to 1024
 * max |1 + step mu| above 1 is UNSTABLE_GAME (critical). The Dirac-GAN's Jacobian is ((0, -1/2), (1/2, -g)) for R1 of
 * strength g, with mu = -g/2 +- sqrt(g^2/4 - 1/4).
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, STRUCT_SIZE, INVALID_ARGUMENT, OUT_OF_MEMORY. Complexity: O(n^3).
 * Source: Mescheder, Geiger & Nowozin 2018. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_game_stability(const trimtab_tensor *jacobian, double step,
                                                                  trimtab_game_report *report);

/*
 * The points at which WGAN-GP asks for its penalty: u real + (1 - u) fake, u uniform in (0, 1) for each sample.
 *   real, fake  [n, ...] of one shape
 *   step        0 or more; the same step and seed give the same u
 *   output      float32 or float64 of that shape; may be the memory of real or fake
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, INVALID_ARGUMENT, OUT_OF_MEMORY; nothing is written then.
 * Complexity: O(elements). Source: Gulrajani et al. 2017. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_interpolates(const trimtab_tensor *real, const trimtab_tensor *fake,
                                                                int64_t step, uint64_t seed,
                                                                const trimtab_tensor *output);

/*
 * A cure, for objectives: records weight mean((|d score / d x| - target)^2), the mean over samples. WGAN-GP is a weight of
 * 10 and a target of 1 at trimtab_interpolates; R1 is a weight of gamma/2 and a
 * target of 0 at real samples.
 *   scores  (samples) or (samples, 1), made of inputs on this tape, each of its own sample: not behind a batch norm
 *   inputs  (samples, features...)
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT, SHAPE, OUT_OF_MEMORY. Complexity: a backward pass. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_tape_gradient_penalty(trimtab_tape *tape, trimtab_value scores,
                                                                         trimtab_value inputs, double weight,
                                                                         double target, trimtab_value *result);

#ifdef __cplusplus
}
#endif
#endif
