/* Is the data, or a matrix, too ill-conditioned to learn from? SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_CONDITIONING_H
#define TRIMTAB_CONDITIONING_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TRIMTAB_BLAME_CAPACITY 8

/* Thresholds and limits of the conditioning diagnostic. */
typedef struct trimtab_conditioning_options {
  uint32_t struct_size;
  uint32_t reserved;
  double warning_condition_number;  /* 1e3: about 7e3 steps of gradient descent to 1e-6 */
  double critical_condition_number; /* 1e6 */
  double null_factor;               /* 10: a verdict needs kappa > null_factor * the Marchenko-Pastur null */
  int64_t maximum_features;         /* 8192: the state takes 8 * features^2 bytes */
} trimtab_conditioning_options;

#define TRIMTAB_CONDITIONING_OPTIONS_INIT {(uint32_t)sizeof(trimtab_conditioning_options), 0, 1e3, 1e6, 10.0, 8192}

/*
 * Condition of the covariance S = M2 / n of samples, eigenvalues l1 >= ... >= ld.
 *
 * condition_number is l1 / ld: +Inf where S is singular. Constant features are counted, and left out of every other
 * number. Where the outcome is not ok, every measurement (all doubles but threshold) is NaN.
 */
typedef struct trimtab_conditioning_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: fewer than 2 finite rows; degenerate: no feature varies;
     nonfinite: the moments left float64 */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int64_t sample_count;           /* finite rows used */
  int64_t nonfinite_sample_count; /* rows left out because they hold NaN or Inf */
  int64_t feature_count;
  int64_t constant_feature_count;
  int64_t rank;                    /* eigenvalues above l1 * max(n, d) * 2^-52 */
  double condition_number;         /* l1 / ld over the features that vary; +Inf if rank < their number */
  double condition_number_on_support; /* l1 / the smallest eigenvalue that counts in rank. The verdict mostly looks at this one (see below) */
  double condition_number_shrunk;     /* after Ledoit-Wolf shrinkage */
  double shrinkage;                   /* Ledoit-Wolf's rho, 0 to 1 */
  double condition_number_of_correlation; /* on the support of the correlation matrix: what standardising leaves */
  double null_condition_number; /* of white noise of this shape: ((1+sqrt g)/(1-sqrt g))^2, g = d/n; +Inf if g >= 1 */
  double largest_eigenvalue;
  double smallest_eigenvalue; /* clipped at 0 */
  double effective_rank;      /* exp of the entropy of l / sum l */
  double participation_ratio; /* (sum l)^2 / sum l^2 */
  double largest_stable_learning_rate; /* 2 / l1, for gradient descent on half the mean squared error */
  double gradient_descent_rate;        /* (k-1)/(k+1), k on the support: error factor per step at the best rate */
  double threshold; /* what measurement was held against */
  int64_t blamed_count;                             /* entries used below */
  int64_t blamed_features[TRIMTAB_BLAME_CAPACITY];  /* feature indices, worst first */
  double blamed_shares[TRIMTAB_BLAME_CAPACITY];     /* each one's share of the blame, 0 to 1 */
  double measurement; /* the condition number that decided: on the support, after shrinkage (n <= d), or, where scale alone
     makes S singular, the least that it can be; NaN if none could be judged */
} trimtab_conditioning_report;

#define TRIMTAB_CONDITIONING_REPORT_INIT {(uint32_t)sizeof(trimtab_conditioning_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0}, {0}, 0}

/*
 * Condition number of the covariance of samples, and what follows from it.
 *
 *   samples  [n, d], rows are samples (rank 1: n samples of one feature; above 2: the first axis is the samples, the
 *   rest is
 *            flattened into features); any element type
 *   options  NULL for the defaults
 *   report   set struct_size first
 *
 * Edge cases: rows with NaN or Inf are left out and counted; one sample is insufficient; n <= d gives condition_number
 * +Inf and the number
 * on the support; constant features are dropped and counted; duplicated features make the covariance singular.
 * Verdict: with n > d, condition_number_on_support is held against max(warning or critical, null_factor * null). With n
 * <= d the support is an
 * accident of the sample: condition_number_shrunk is held against the plain thresholds instead, and the verdict is at
 * least a notice (too few
 * samples). Duplicated features or a one-hot code (redundant_feature) and constant features alone are notices. Where scale alone pushes features out of the
 * rank (the correlation matrix has a higher one), the least that the condition number can be is judged: the greater of
 * l1 / the least variance and 2^52 / max(n, d). The cause is feature_scale where standardising leaves a healthy number,
 * or a tenth; else feature_correlation.
 * Range: deviations beyond 2^150 or below 2^-100 are held times a power of two common to all features, so that ratios
 * stay right; eigenvalues
 * that leave float64 are +Inf or 0.
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, OVERFLOW, INVALID_ARGUMENT (options; more than maximum_features),
 * OUT_OF_MEMORY, STRUCT_SIZE. Complexity: n d^2 multiply-adds and one symmetric eigenproblem, O(d^3).
 * Source: Chan, Golub & LeVeque 1983; Ledoit & Wolf 2004; Marchenko & Pastur 1967. Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_condition_number(const trimtab_tensor *samples,
                                                                    const trimtab_conditioning_options *options,
                                                                    trimtab_conditioning_report *report);

/* The streaming form: samples, mean and M2 in float64. Memory 8 d^2 bytes. */
typedef struct trimtab_covariance trimtab_covariance;

/* Creates an empty accumulator; the number of features is fixed by the first add. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_covariance_create(const trimtab_conditioning_options *options,
                                                                     trimtab_covariance **covariance);
/* Adds a batch, as in trimtab_condition_number. On failure nothing has changed. Errors: as there, and SHAPE if d differs. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_covariance_add(trimtab_covariance *covariance,
                                                                  const trimtab_tensor *samples);
/* Adds what `other` has seen (Chan's merge). Errors: NULL_ARGUMENT, MISMATCH (another number of features), OUT_OF_MEMORY. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_covariance_merge(trimtab_covariance *covariance,
                                                                    const trimtab_covariance *other);
/* Reports at any time; changes nothing. Errors: NULL_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_covariance_report(const trimtab_covariance *covariance,
                                                                     trimtab_conditioning_report *report);
/* The number of features, which the first batch fixes; 0 before it. Errors: NULL_ARGUMENT. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_covariance_features(const trimtab_covariance *covariance,
                                                                       int64_t *features);
/*
 * Copies out the moments, each pointer NULL to skip it.
 *   mean        [d] doubles
 *   covariance  [d, d] doubles, row-major, M2 / n
 *   eigenvalues [d] doubles, largest first
 * features: the caller's d, checked. Errors: NULL_ARGUMENT (handle), MISMATCH (features), OUT_OF_MEMORY. Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_covariance_moments(const trimtab_covariance *covariance,
                                                                      int64_t features, double *mean,
                                                                      double *covariance_matrix, double *eigenvalues);
/*
 * Writes the state: portable bytes with magic, kind, version, length and checksum.
 *   buffer    capacity bytes; NULL with capacity 0 to ask for the size
 *   needed    bytes the state takes; written also when the answer is CAPACITY
 * Errors: NULL_ARGUMENT, CAPACITY. Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_covariance_save(const trimtab_covariance *covariance, void *buffer,
                                                                   int64_t capacity, int64_t *needed);
/* Makes an accumulator from a saved state; continues bit for bit. Errors: NULL_ARGUMENT, STATE_CORRUPT, STATE_KIND, STATE_VERSION, OUT_OF_MEMORY. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_covariance_load(const void *buffer, int64_t length,
                                                                   trimtab_covariance **covariance);
/* Frees it; NULL does nothing. Since: 0.1. */
TRIMTAB_API void trimtab_covariance_destroy(trimtab_covariance *covariance);

/* How the condition of a matrix as it is may be computed. */
enum {
  TRIMTAB_METHOD_AUTOMATIC = 0, /* Lanczos and Cholesky where the matrix is symmetric positive definite and the bounds hold, else exact */
  TRIMTAB_METHOD_EXACT = 1,     /* singular values: one-sided Jacobi for small or badly conditioned matrices, else bidiagonal form and bisection */
  TRIMTAB_METHOD_ESTIMATE = 2   /* LU and Hager-Higham: 1-norm (square matrices only), a lower bound, nearly always within a factor 3 */
};

enum { TRIMTAB_NORM_TWO = 2, TRIMTAB_NORM_ONE = 1, TRIMTAB_NORM_INFINITY = 3, TRIMTAB_NORM_FROBENIUS = 4 };

typedef struct trimtab_matrix_options {
  uint32_t struct_size;
  int32_t norm;   /* TRIMTAB_NORM_TWO */
  int32_t method; /* TRIMTAB_METHOD_AUTOMATIC */
  int32_t reserved;
  double critical_condition_number; /* 0: 1 / (sqrt(max(m, n)) * epsilon), where rounding the
     elements alone can make the matrix singular; epsilon of the element type, float32's for shorter and float64's for integer types */
  double relative_tolerance;        /* 1e-6: how closely Lanczos must pin the condition number before it is believed */
  int64_t maximum_elements;         /* 67108864: what the work space may take, in float64 elements */
} trimtab_matrix_options;

#define TRIMTAB_MATRIX_OPTIONS_INIT {(uint32_t)sizeof(trimtab_matrix_options), 2, 0, 0, 0.0, 1e-6, 67108864}

typedef struct trimtab_matrix_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* nonfinite: NaN or Inf inside; degenerate: the zero matrix; insufficient: no element */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int64_t row_count;
  int64_t column_count;
  int64_t nonfinite_count;
  int64_t zero_row_count;
  int64_t zero_column_count;
  int64_t rank; /* singular values above s1 * max(m, n) * epsilon (float64's); -1 if the method cannot tell */
  int32_t method;  /* the one that gave the answer */
  int32_t certain; /* 1: relative_error_bound holds by a proof or a residual; 0: an estimate */
  double condition_number;            /* +Inf if singular */
  double condition_number_on_support; /* over the rows and columns that are not exactly zero, and the singular values that count in rank */
  double largest_singular_value;      /* NaN if the method cannot tell (norms other than two) */
  double smallest_singular_value;
  double stable_rank;          /* |A|_F^2 / s1^2; NaN if the method cannot tell */
  double relative_error_bound; /* of condition_number; +Inf for an estimate */
  double threshold;            /* what measurement was held against */
  double measurement; /* the condition number that decided: on the support; where singular values fall out of the rank,
     the one with them, over the rows and columns that are not exactly zero */
} trimtab_matrix_report;

#define TRIMTAB_MATRIX_REPORT_INIT {(uint32_t)sizeof(trimtab_matrix_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Condition number of a matrix as it is (not of a covariance): s1 / sn, or |A| |A^-1| in another norm.
 *
 *   matrix  [m, n]; rank 1 is one row; above 2 the first axis is kept and the rest flattened, as a convolution's weight
 *   [out, rest]
 *
 * Accurate where the square root of the condition of a Gram matrix is not: up to 1 / epsilon for general matrices.
 * Edge cases: NaN or Inf give the outcome nonfinite; all zeros degenerate; an empty matrix insufficient; zero rows and
 * columns are
 * counted and left out of condition_number_on_support. A rank below what is left, or a condition_number_on_support above
 * the threshold, is critical; in the first case the threshold is at most 2^52 / max(m, n), the rank's own floor. Norms
 * other than two need a square matrix. Where the outcome is nonfinite or insufficient, every measurement is NaN; of the
 * zero matrix condition_number is +Inf.
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, OVERFLOW, INVALID_ARGUMENT, OUT_OF_MEMORY, STRUCT_SIZE.
 * Complexity: O(m n min(m, n)). Source: Drmac & Veselic 2008; Higham 1988; Golub & Van Loan. Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_matrix_condition(const trimtab_tensor *matrix,
                                                                    const trimtab_matrix_options *options,
                                                                    trimtab_matrix_report *report);

/* What would make gradient descent quick. */
enum { TRIMTAB_ADVICE_NONE = 0, TRIMTAB_ADVICE_STANDARDISE = 1, TRIMTAB_ADVICE_WHITEN = 2 };

/* Where the outcome is not ok, every measurement (all doubles but tolerance) is NaN. */
typedef struct trimtab_conditioning_advice_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* as in trimtab_conditioning_report */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int32_t advice; /* TRIMTAB_ADVICE_... */
  int32_t reserved;
  double tolerance;
  double condition_number;              /* that was judged: trimtab_conditioning_report.measurement */
  double condition_number_standardised; /* of the correlation matrix; whitening leaves 1 */
  double steps;              /* of gradient descent at its best rate to an error of tolerance, at least 1: ln(1/tolerance) / ln((k+1)/(k-1)) */
  double steps_standardised; /* the same after standardising */
  double steps_whitened;     /* and after whitening: 1 */
} trimtab_conditioning_advice_report;

#define TRIMTAB_CONDITIONING_ADVICE_REPORT_INIT {(uint32_t)sizeof(trimtab_conditioning_advice_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Steps to the optimum before and after standardising and whitening, and which of the two samples need.
 *
 *   samples, options  as in trimtab_condition_number
 *   tolerance         above 0 and below 1, as 1e-6: the error of a quadratic that is reached, as a share of the first
 *
 * Advice: none where trimtab_condition_number finds no more than a notice; standardise where that brings the condition
 * number to the warning threshold (null_factor times the null, if greater) or below; else whiten. The steps are those of a
 * quadratic with this Hessian, as for a linear model; with momentum k counts by its root. Errors: as there, and
 * INVALID_ARGUMENT (tolerance). Complexity: as there. Source: definitions 4. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_conditioning_advice(const trimtab_tensor *samples,
                                                                       const trimtab_conditioning_options *options,
                                                                       double tolerance,
                                                                       trimtab_conditioning_advice_report *report);
/* The same of what an accumulator has seen. Errors: NULL_ARGUMENT, INVALID_ARGUMENT (tolerance), STRUCT_SIZE, OUT_OF_MEMORY. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_covariance_advice(const trimtab_covariance *covariance,
                                                                     double tolerance,
                                                                     trimtab_conditioning_advice_report *report);

#ifdef __cplusplus
}
#endif
#endif
