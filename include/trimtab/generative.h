/*
 * Generative models: exposure bias, posterior collapse, mode collapse, the cost of sampling, and their cures.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRIMTAB_GENERATIVE_H
#define TRIMTAB_GENERATIVE_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Exposure bias: do errors pile up under the model's own outputs? ---- */

typedef struct trimtab_exposure_bias_options {
  uint32_t struct_size;
  uint32_t reserved;
  double warning_excess;   /* of the accumulated error beyond what single steps explain, over what they explain */
  double critical_excess;
  double divergence_error; /* a free-running error beyond it, NaN or Inf is a divergence and ends its sequence */
} trimtab_exposure_bias_options;

#define TRIMTAB_EXPOSURE_BIAS_OPTIONS_INIT {(uint32_t)sizeof(trimtab_exposure_bias_options), 0, 0.5, 5.0, 1e6}

typedef struct trimtab_exposure_bias_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: no step was measured both ways; nonfinite: nor was any finite; degenerate: steps without any error */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int64_t sequence_count;
  int64_t nonfinite_count;   /* teacher-forced errors that are NaN or Inf, left out */
  int64_t diverged_count;    /* sequences that diverged under their own outputs: critical */
  int64_t first_divergence;  /* the step, from 1, at which the first did; 0 for none */
  int64_t length;            /* the greatest that was measured both ways: what follows is of it */
  double step_error;         /* eps_l: mean error of a step with a true prefix, over the steps up to l */
  double accumulated_error;  /* R_l: sum over the steps up to l of the mean error under own outputs */
  double ratio;              /* AccErr = R_l / eps_l */
  double excess;             /* (R_l - l eps_l) / (l eps_l): 0.5 is the 50 % of %ExAccErr */
  double growth_exponent;    /* slope of ln R_l on ln l: 1 for errors that add, 2 for errors that keep on acting */
  double growth_rate;        /* slope of ln R_l on l */
  double threshold;
  double measurement;        /* the excess, or of a divergence the share of diverged sequences */
  int32_t is_exponential;    /* whether ln R_l is straighter over l than over ln l */
  int32_t reserved;
} trimtab_exposure_bias_report;

#define TRIMTAB_EXPOSURE_BIAS_REPORT_INIT \
  {(uint32_t)sizeof(trimtab_exposure_bias_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* A row of the curve over lengths. */
typedef struct trimtab_exposure_length {
  int64_t length;
  int64_t teacher_count; /* sequences whose step of this number was measured */
  int64_t free_count;
  double step_error;
  double accumulated_error;
  double ratio;  /* NaN, as excess, where step_error is 0 */
  double excess;
} trimtab_exposure_length;

/*
 * Whether a model that was trained on true prefixes finds its way under its own outputs.
 *
 *   teacher  [n, T] errors, 0 or more, of each step whose prefix was true
 *   free_running  [n, T] of the same sequences under the model's own outputs: of the step from its own state, held
 *                 against the true map where there is one (so that what is lost for good, such as a phase, counts
 *                 once), else against the sequence
 *   lengths  [n] whole numbers, the steps of each sequence; NULL: all have T
 *
 * Averages are over the sequences that are still alive at a step. For a stochastic model give divergences or energy
 * distances of each step, not pointwise errors. The growth exponent and rate are NaN below three lengths.
 * Edge cases: a step error of 0 is degenerate; no step is insufficient; a teacher-forced NaN or Inf is left out.
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, INVALID_ARGUMENT (a negative error, a length outside), STRUCT_SIZE,
 * OUT_OF_MEMORY. Complexity: O(n T). Source: Arora et al. 2022; definitions 9.1. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_exposure_bias(const trimtab_tensor *teacher,
                                                                 const trimtab_tensor *free_running,
                                                                 const trimtab_tensor *lengths,
                                                                 const trimtab_exposure_bias_options *options,
                                                                 trimtab_exposure_bias_report *report);

/* The streaming form: per step two counts and two sums. */
typedef struct trimtab_exposure trimtab_exposure;

/* Creates an empty accumulator. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_exposure_create(const trimtab_exposure_bias_options *options,
                                                                   trimtab_exposure **exposure);
/* Adds sequences, as in trimtab_exposure_bias; T may differ between calls. On failure nothing has changed. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_exposure_add(trimtab_exposure *exposure,
                                                                const trimtab_tensor *teacher,
                                                                const trimtab_tensor *free_running,
                                                                const trimtab_tensor *lengths);
/* Adds what another has seen. Errors: NULL_ARGUMENT, MISMATCH (options), OUT_OF_MEMORY. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_exposure_merge(trimtab_exposure *exposure,
                                                                  const trimtab_exposure *other);
/* Reports at any time; changes nothing. Errors: NULL_ARGUMENT, STRUCT_SIZE. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_exposure_report(const trimtab_exposure *exposure,
                                                                       trimtab_exposure_bias_report *report);
/*
 * Copies out the curve, at most `capacity` rows.
 *   rows   may be NULL for a capacity of 0
 *   count  how many lengths were measured both ways
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (a negative capacity). Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_exposure_lengths(const trimtab_exposure *exposure,
                                                                    trimtab_exposure_length *rows, int64_t capacity,
                                                                    int64_t *count);
/* As trimtab_covariance_save. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_exposure_save(const trimtab_exposure *exposure, void *buffer,
                                                                 int64_t capacity, int64_t *needed);
/* As trimtab_covariance_load. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_exposure_load(const void *buffer, int64_t length,
                                                                 trimtab_exposure **exposure);
/* Frees it; NULL does nothing. Since: 0.4. */
TRIMTAB_API void trimtab_exposure_destroy(trimtab_exposure *exposure);

typedef struct trimtab_state_noise_options {
  uint32_t struct_size;
  uint32_t reserved;
  double deviation;
  int64_t ramp_steps; /* over which it rises from 0 in a line; 0: none */
  uint64_t seed;
} trimtab_state_noise_options;

#define TRIMTAB_STATE_NOISE_OPTIONS_INIT {(uint32_t)sizeof(trimtab_state_noise_options), 0, 0.05, 0, 0}

/*
 * A cure of exposure bias: normal noise on the states that a model is trained from.
 *   states  any shape
 *   step    0 or more; the same step and seed give the same noise
 *   output  float32 or float64 of that shape; may be the memory of states
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Complexity: O(elements).
 * Source: Ross, Gordon & Bagnell 2011 (DAgger); Sanchez-Gonzalez et al. 2020. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_state_noise(const trimtab_tensor *states, int64_t step,
                                                               const trimtab_state_noise_options *options,
                                                               const trimtab_tensor *output);

/* ---- Posterior collapse: which latent dimensions hold anything of the sample? ---- */

typedef struct trimtab_posterior_collapse_options {
  uint32_t struct_size;
  uint32_t reserved;
  double active_variance;      /* delta: a dimension is active if its posterior mean varies more than this */
  double collapsed_divergence; /* epsilon, nats: on a sample below it a dimension says nothing */
  double collapsed_share;      /* of such samples, beyond which a dimension is collapsed */
  double least_active_share;   /* a warning if a smaller share of the dimensions is active */
  int64_t expected_active_count; /* dimensions that the data support (trimtab_linear_posterior); 0: unknown */
} trimtab_posterior_collapse_options;

#define TRIMTAB_POSTERIOR_COLLAPSE_OPTIONS_INIT {(uint32_t)sizeof(trimtab_posterior_collapse_options), 0, 0.01, 0.01, 0.99, 0.1, 0}

typedef struct trimtab_posterior_collapse_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: fewer than two samples; nonfinite: none is finite; degenerate: no dimension */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int64_t sample_count;
  int64_t nonfinite_count;
  int64_t dimension_count;
  int64_t active_count;    /* AU */
  int64_t collapsed_count;
  int64_t disputed_count;  /* neither or both of the two */
  double divergence;       /* sum over the dimensions of the mean KL(q(z_u|x) || p), nats */
  double information_bound; /* divergence less that of the normal with q(z)'s moments: I_q(x; z) is at most this */
  double information;      /* divergence - KL(q(z) || p) over each batch; may be a little below 0; NaN without draws */
  int64_t draw_count;
  double threshold;
  double measurement;
} trimtab_posterior_collapse_report;

#define TRIMTAB_POSTERIOR_COLLAPSE_REPORT_INIT \
  {(uint32_t)sizeof(trimtab_posterior_collapse_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

typedef struct trimtab_latent_dimension {
  double mean;
  double variance;   /* of the posterior means; divided by n */
  double divergence; /* mean KL(q(z_u|x) || p), nats */
  double collapsed_share;
  int32_t is_active;
  int32_t is_collapsed;
} trimtab_latent_dimension;

/*
 * Which latent dimensions of a variational autoencoder hold anything of the sample.
 *
 *   means          [n, d] mu of each sample's posterior
 *   log_variances  [n, d] ln s^2
 *   draws          [n, d] a draw from each posterior, for the mutual information; NULL: none
 * Samples with NaN, Inf, or a mean or draw beyond 1e150 are left out.
 *
 * Critical without an active dimension; a warning with fewer than expected_active_count, or than least_active_share; a
 * notice with any inactive one where it is not known how many the data support.
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY.
 * Complexity: O(n d), with draws O(n^2 d). Source: Burda et al. 2016; Hoffman & Johnson 2016; definitions 9.2. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_posterior_collapse(const trimtab_tensor *means,
                                                                      const trimtab_tensor *log_variances,
                                                                      const trimtab_tensor *draws,
                                                                      const trimtab_posterior_collapse_options *options,
                                                                      trimtab_posterior_collapse_report *report);

/* The streaming form: per dimension the moments of mu, sums of s^2 and ln s^2, and a count. */
typedef struct trimtab_posterior trimtab_posterior;

/* Creates an empty accumulator; the first add fixes d. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_posterior_create(const trimtab_posterior_collapse_options *options,
                                                                    trimtab_posterior **posterior);
/* Adds a batch, as in trimtab_posterior_collapse. On failure nothing has changed. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_posterior_add(trimtab_posterior *posterior,
                                                                 const trimtab_tensor *means,
                                                                 const trimtab_tensor *log_variances,
                                                                 const trimtab_tensor *draws);
/* Adds what another has seen. Errors: NULL_ARGUMENT, MISMATCH (options, dimensions), OUT_OF_MEMORY. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_posterior_merge(trimtab_posterior *posterior,
                                                                   const trimtab_posterior *other);
/* Reports at any time; changes nothing. Errors: NULL_ARGUMENT, STRUCT_SIZE. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_posterior_report(const trimtab_posterior *posterior,
                                                                        trimtab_posterior_collapse_report *report);
/* Copies out what is known of each dimension; `dimensions` is the caller's d, checked. Errors: NULL_ARGUMENT, MISMATCH. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_posterior_dimensions(const trimtab_posterior *posterior,
                                                                        int64_t dimensions,
                                                                        trimtab_latent_dimension *each);
/* As trimtab_covariance_save. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_posterior_save(const trimtab_posterior *posterior, void *buffer,
                                                                  int64_t capacity, int64_t *needed);
/* As trimtab_covariance_load. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_posterior_load(const void *buffer, int64_t length,
                                                                  trimtab_posterior **posterior);
/* Frees it; NULL does nothing. Since: 0.4. */
TRIMTAB_API void trimtab_posterior_destroy(trimtab_posterior *posterior);

/*
 * What a linear variational autoencoder comes to at its best (probabilistic PCA): dimension i is active if lam_i exceeds
 * s2 = beta decoder_variance, and its divergence is then 1/2 ln(lam_i / s2).
 *   eigenvalues   [count] of the data's covariance, the greatest, one a dimension
 *   active_count, divergence  the sums; may each be NULL
 *   each          [count] divergences, nats; may be NULL
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT. Source: Lucas et al. 2019. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_linear_posterior(const double *eigenvalues, int64_t count,
                                                                    double decoder_variance, double beta,
                                                                    int64_t *active_count, double *divergence,
                                                                    double *each);

/*
 * How much a decoder's outputs move when a latent dimension is shuffled among the samples: 0 for one that it ignores, 1
 * for one that decides all. Sees what active units miss.
 *   outputs, shuffled  [n, ...], n 2 or more
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, INVALID_ARGUMENT (outputs that do not vary, or hold NaN or Inf), OUT_OF_MEMORY.
 * Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_decoder_sensitivity(const trimtab_tensor *outputs,
                                                                       const trimtab_tensor *shuffled,
                                                                       double *sensitivity);
/* Fills samples x output_count outputs for samples x dimensions latents, row-major. Returns 0, or any other number to end the call. */
typedef int32_t (*trimtab_decoder)(void *user, const double *latents, int64_t samples, int64_t dimensions,
                                   double *outputs, int64_t output_count);
/*
 * The same for every dimension, the decoder being asked d + 1 times; a dimension is turned on by half the samples.
 *   latents       [n, d]
 *   output_count  numbers that the decoder gives for a sample
 *   each          [d]
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, INVALID_ARGUMENT (NaN or Inf in latents or outputs, outputs that do not vary),
 * CALLBACK, OUT_OF_MEMORY; nothing is written then. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_decoder_sensitivities(const trimtab_tensor *latents,
                                                                         int64_t output_count, trimtab_decoder decoder,
                                                                         void *user, double *each);

/*
 * A cure of posterior collapse: the weight of the divergence under cyclical annealing, min(1, tau / ratio), tau the part
 * of the cycle that has passed.
 *   step    from 0; from total on the weight is 1
 *   cycles  1 to total (4); 1 is plain annealing
 *   ratio   the part of a cycle in which the weight rises, above 0 to 1 (0.5)
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT. Source: Fu et al. 2019. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_annealed_weight(int64_t step, int64_t total, int64_t cycles,
                                                                   double ratio, double *weight);
/*
 * A cure of posterior collapse: free bits, the mean over samples of the sum over dimensions of max(least, KL_u), each
 * dimension of each sample held against `least` before any mean.
 *   divergences  [n, d] nats
 *   slopes       float32 or float64 [n, d], its gradient; NULL: none
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, INVALID_ARGUMENT, OUT_OF_MEMORY. Source: Kingma et al. 2016, who take the batch's
 * mean first: give one row of means for that. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_free_bits(const trimtab_tensor *divergences, double least,
                                                             double *loss, const trimtab_tensor *slopes);

/* ---- Mode collapse: do samples cover the data? ---- */

typedef struct trimtab_coverage_options {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t neighbours;        /* k */
  int64_t bin_count;         /* of the two-sample test, at least ten real points each; 0: no test */
  double significance;       /* of the test of each bin */
  double least_coverage;     /* of what the data's own law would have: below it is a collapse */
  double least_density;      /* below it samples are blurred; the data's own law has 1 */
  double greatest_bin_share; /* of bins that differ, beyond which it is a collapse, unless chance has so many in one of 1000 */
  double mode_deviation;     /* of a known mode: within three of it a sample is of the mode */
  int64_t least_mode_count;  /* samples that make a mode captured */
} trimtab_coverage_options;

#define TRIMTAB_COVERAGE_OPTIONS_INIT {(uint32_t)sizeof(trimtab_coverage_options), 0, 5, 100, 0.05, 0.8, 0.6, 0.3, 0.0, 1}

typedef struct trimtab_coverage_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: fewer than k + 2 points on a side, as the cause says; nonfinite: none is finite; degenerate: every real point has k others at its own place */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int64_t real_count;
  int64_t fake_count;
  int64_t nonfinite_count;   /* points of both sides, left out */
  int64_t zero_radius_count; /* real points with k others at their own place: they cannot be covered */
  double precision;          /* share of fake points in some real ball */
  double recall;             /* share of real points in some fake ball; blurred samples score 1: no verdict rests on it */
  double density;            /* real balls that a fake point lies in, over k; 1 on average for the data's own law */
  double coverage;           /* share of real points with a fake point in their ball */
  double expected_coverage;  /* what the data's own law would have, of as many points */
  int64_t bin_count;
  double bin_share;          /* NDB / K: share of bins whose proportions differ; significance on average for the data's own law */
  double jensen_shannon;     /* of the bins' proportions, nats */
  int64_t mode_count;
  int64_t captured_mode_count;
  double mode_share;         /* share of fake points within three deviations of a mode; NaN without modes */
  double threshold;
  double measurement;
} trimtab_coverage_report;

#define TRIMTAB_COVERAGE_REPORT_INIT \
  {(uint32_t)sizeof(trimtab_coverage_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Whether samples of a model cover the data. The verdict rests on density (blurred_samples), then on coverage, modes and
 * bins (mode_collapse); never on recall.
 *
 *   real, fake  [n, ...], or [n]
 *   modes       [m, ...] known centres, with options.mode_deviation; NULL: none
 *
 * Balls are open and a point is no neighbour of its own, as in prdc.
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY.
 * Complexity: O((N + M)^2 d): take a few thousand points. Source: Naeem et al. 2020; Kynkaanniemi et al. 2019; Richardson
 * & Weiss 2018; definitions 9.3. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_sample_coverage(const trimtab_tensor *real,
                                                                   const trimtab_tensor *fake,
                                                                   const trimtab_tensor *modes,
                                                                   const trimtab_coverage_options *options,
                                                                   trimtab_coverage_report *report);
/*
 * The coverage that `fake` samples of the data's own law have on average: 1 - prod (N - 1 - i) / (N + M - 1 - i), i from 0
 * to neighbours - 1. Errors: NULL_ARGUMENT, INVALID_ARGUMENT. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_expected_coverage(int64_t real, int64_t fake, int64_t neighbours,
                                                                     double *coverage);

typedef struct trimtab_bin_options {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t bin_count; /* fewer where that leaves fewer than ten real points a bin */
  double significance;
} trimtab_bin_options;

#define TRIMTAB_BIN_OPTIONS_INIT {(uint32_t)sizeof(trimtab_bin_options), 0, 100, 0.05}

typedef struct trimtab_bin_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: no fake point; nonfinite: none is finite */
  int64_t bin_count;
  int64_t real_count;
  int64_t fake_count;
  int64_t nonfinite_count;
  int64_t different_count; /* NDB */
  double share;            /* NDB / K */
  double jensen_shannon;
} trimtab_bin_report;

#define TRIMTAB_BIN_REPORT_INIT {(uint32_t)sizeof(trimtab_bin_report), 0, 0, 0, 0, 0, 0, 0, 0}

/* Bins around real points, and how many fake points fall in each. */
typedef struct trimtab_bins trimtab_bins;

/* Makes the bins by k-means on [n, ...] real points, 20 or more. Errors: as trimtab_sample_coverage. Complexity: O(100 n K d). Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_bins_create(const trimtab_tensor *real,
                                                               const trimtab_bin_options *options, trimtab_bins **bins);
/* Adds fake points. On failure nothing has changed. Errors: NULL_ARGUMENT, SHAPE, DTYPE, OUT_OF_MEMORY. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_bins_add(trimtab_bins *bins, const trimtab_tensor *fake);
/* Adds the fake points of another count over the same bins. Errors: NULL_ARGUMENT, MISMATCH. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_bins_merge(trimtab_bins *bins, const trimtab_bins *other);
/* Reports at any time; changes nothing. Errors: NULL_ARGUMENT, STRUCT_SIZE. Source: Richardson & Weiss 2018. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_bins_report(const trimtab_bins *bins, trimtab_bin_report *report);
/* As trimtab_covariance_save. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_bins_save(const trimtab_bins *bins, void *buffer, int64_t capacity,
                                                             int64_t *needed);
/* As trimtab_covariance_load. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_bins_load(const void *buffer, int64_t length, trimtab_bins **bins);
/* Frees it; NULL does nothing. Since: 0.4. */
TRIMTAB_API void trimtab_bins_destroy(trimtab_bins *bins);

typedef struct trimtab_birthday_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: fewer than two samples, or no pair: the support is known from below alone */
  int64_t sample_count;
  int64_t nonfinite_count;
  int64_t pair_count;   /* c: pairs that are alike */
  double support;       /* s (s - 1) / (2 c); +Inf without a pair */
  double least_support; /* what the support exceeds with probability 0.95 */
} trimtab_birthday_report;

#define TRIMTAB_BIRTHDAY_REPORT_INIT {(uint32_t)sizeof(trimtab_birthday_report), 0, 0, 0, 0, 0, 0}

/*
 * How many different samples a model has, by how often two are alike: at most `tolerance` apart.
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Complexity: O(n^2 d).
 * Source: Arora, Risteski & Zhang 2018. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_birthday(const trimtab_tensor *samples, double tolerance,
                                                            trimtab_birthday_report *report);
/* The probability that of `samples` draws from `support` equally likely values two are the same. Errors: NULL_ARGUMENT, INVALID_ARGUMENT. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_birthday_probability(int64_t support, int64_t samples,
                                                                        double *probability);

typedef struct trimtab_vendi_score_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: no usable sample; nonfinite: none is finite */
  int64_t sample_count;
  int64_t unusable_count; /* NaN, Inf, and for the cosine a length of 0; left out */
  double score;           /* 1 to n */
} trimtab_vendi_score_report;

#define TRIMTAB_VENDI_SCORE_REPORT_INIT {(uint32_t)sizeof(trimtab_vendi_score_report), 0, 0, 0, 0}

/*
 * How many different samples there are, as far as a kernel tells: exp(-sum w ln w), w the eigenvalues of K / n. It does
 * not say whether they are like the data: never judge by it alone.
 *   samples    [n, ...], or [n]
 *   bandwidth  h of exp(-|x - y|^2 / (2 h^2)); 0: the cosine of the angle
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Complexity: O(n^2 d + n^3).
 * Source: Friedman & Dieng 2023. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_vendi_score(const trimtab_tensor *samples, double bandwidth,
                                                               trimtab_vendi_score_report *report);
/*
 * The same of a kernel matrix [n, n]: symmetric and positive semidefinite with 1 on its diagonal, as the definition needs for
 * eigenvalues of K / n that are shares of 1. An entry may be off by 1e-6, as in float32 (by 2^-7 in halves).
 * Errors: as above; INVALID_ARGUMENT names the entry. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_vendi_score_of_kernel(const trimtab_tensor *kernel,
                                                                         trimtab_vendi_score_report *report);

/* The streaming form, with the cosine: the sums X^T X. */
typedef struct trimtab_vendi trimtab_vendi;

/* Creates an empty accumulator. Errors: NULL_ARGUMENT. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_vendi_create(trimtab_vendi **vendi);
/* Adds samples, always of as many numbers. On failure nothing has changed. Complexity: O(n d^2). Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_vendi_add(trimtab_vendi *vendi, const trimtab_tensor *samples);
/* Adds what another has seen. Errors: NULL_ARGUMENT, MISMATCH, OUT_OF_MEMORY. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_vendi_merge(trimtab_vendi *vendi, const trimtab_vendi *other);
/* Reports at any time; changes nothing. Errors: NULL_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Complexity: O(d^3). Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_vendi_report(const trimtab_vendi *vendi,
                                                                    trimtab_vendi_score_report *report);
/* As trimtab_covariance_save. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_vendi_save(const trimtab_vendi *vendi, void *buffer,
                                                              int64_t capacity, int64_t *needed);
/* As trimtab_covariance_load. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_vendi_load(const void *buffer, int64_t length, trimtab_vendi **vendi);
/* Frees it; NULL does nothing. Since: 0.4. */
TRIMTAB_API void trimtab_vendi_destroy(trimtab_vendi *vendi);

/* ---- The cost of sampling ---- */

typedef struct trimtab_sampling_options {
  uint32_t struct_size;
  uint32_t reserved;
  double factor;       /* q: as good as many steps is at most this many times as far off */
  double noise_floor;  /* the distance of two samples of the data: below it differences are noise */
  int64_t evaluations_in_use; /* one of the curve's; 0: none */
} trimtab_sampling_options;

#define TRIMTAB_SAMPLING_OPTIONS_INIT {(uint32_t)sizeof(trimtab_sampling_options), 0, 1.5, 0.0, 0}

typedef struct trimtab_sampling_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: fewer than two points; nonfinite: the distance of the most evaluations is not finite */
  trimtab_verdict verdict; /* a notice where only the most evaluations suffice; a warning where those in use do not */
  trimtab_cause cause;
  int64_t point_count;
  int64_t nonfinite_count;
  int64_t greatest_evaluations;
  double many_step_distance; /* of those */
  int64_t least_evaluations; /* NFE_q: the least whose distance is at most factor times that, or noise_floor */
  double distance;           /* of the evaluations in use; NaN for none */
  double order;              /* the power by which the distance falls: the median between neighbours above the limit */
  double threshold;
  double measurement;
} trimtab_sampling_report;

#define TRIMTAB_SAMPLING_REPORT_INIT {(uint32_t)sizeof(trimtab_sampling_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * The least function evaluations of a sampler that are as good as many.
 *   evaluations  [n] whole numbers from 1 on, each once, in any order
 *   distances    [n], 0 or more, of the samples from the data (trimtab_wasserstein_distance)
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Source: definitions 9.4. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_sampling_cost(const trimtab_tensor *evaluations,
                                                                 const trimtab_tensor *distances,
                                                                 const trimtab_sampling_options *options,
                                                                 trimtab_sampling_report *report);
/*
 * The 1-Wasserstein distance of two samples of numbers, of any shapes and sizes, as scipy.stats.wasserstein_distance.
 * Errors: NULL_ARGUMENT, SHAPE (no number), DTYPE, INVALID_ARGUMENT (NaN or Inf), OUT_OF_MEMORY. Complexity: O(n log n).
 * Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_wasserstein_distance(const trimtab_tensor *a, const trimtab_tensor *b,
                                                                        double *distance);

#ifdef __cplusplus
}
#endif
#endif
