/* Does a sample's output depend on its batch? SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_LEAKAGE_H
#define TRIMTAB_LEAKAGE_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Any model, as a function of a whole batch.
 *   inputs   rows x features, row-major; not to be kept
 *   outputs  rows x outputs_per_row, to be filled
 * In the mode that is trained in, with dropout and noise frozen: the same batch has to give the same outputs.
 * Returns TRIMTAB_OK, or any other number to end the call with TRIMTAB_ERROR_CALLBACK.
 */
typedef int32_t (*trimtab_batch_function)(void *user, const double *inputs, int64_t rows, int64_t features,
                                          double *outputs, int64_t outputs_per_row);

enum {
  TRIMTAB_REGIME_UNKNOWN = 0, /* no targets were given */
  TRIMTAB_REGIME_MIXED = 1,   /* real and fake share a batch */
  TRIMTAB_REGIME_SEPARATE = 2 /* each batch holds one class */
};

typedef struct trimtab_leakage_options {
  uint32_t struct_size;
  int32_t gives_probabilities; /* 0: scores are logits, judged by their sign; 1: probabilities, judged by 0.5 */
  int64_t batch_size;          /* 0: all rows are one batch. Rows that do not fill the last batch are left out */
  int64_t direction_count;     /* 4: random unit directions for each row; 0: every feature's axis, no chance in it */
  int64_t probed_batches;      /* 1: how many of the first batches are probed; the others are judged alone */
  int64_t replay_count;        /* 8: times that a row's mates are drawn anew; 0: not at all */
  uint64_t seed;
  double step;                 /* 1e-3 of the inputs' root mean square, of the difference quotient; 1e-15 to 1e15 */
  double share_threshold;      /* 1e-6: a cross-sample share above is a dependence */
  double gap_threshold;        /* 0.10: with it, a composition gap above is a shortcut */
  double common_threshold;     /* 0.10: with it and batches of one class, a common response below hides the signal */
} trimtab_leakage_options;

#define TRIMTAB_LEAKAGE_OPTIONS_INIT \
  {(uint32_t)sizeof(trimtab_leakage_options), 0, 0, 4, 1, 8, 0, 1e-3, 1e-6, 0.10, 0.10}

/* What could not be measured is NaN, and an outcome says why. */
typedef struct trimtab_batch_leakage_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* of the probes. insufficient: no batch of two rows or more, or two runs of one batch explain more than a tenth of what was measured; degenerate: no output depends on any input; nonfinite: an output was */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int32_t regime;                      /* TRIMTAB_REGIME_ */
  trimtab_outcome composition_outcome; /* insufficient: no targets, or fewer than two whole batches; degenerate: one class */
  trimtab_outcome replay_outcome;      /* insufficient: not run; degenerate: all outputs are one number */
  int32_t reserved;
  int64_t probe_count;       /* rows times directions */
  double cross_share;        /* lambda = sum over i != j of |J_ij|^2, over the sum over all i and j */
  double jacobian_norm;      /* root of sum |J|^2 for each row that was probed */
  double noise_share;        /* of the squared change, what two runs of one batch explain; it is taken off */
  double common_response;    /* squared response to all rows moving alike over that to their own moves; 1: rows by themselves, 0: the batch's mean is taken out */
  double replay_ratio;       /* deviation of a row's output over drawn mates, over that of all outputs */
  int64_t batch_count;       /* judged, as they come */
  int64_t sample_count;
  double natural_accuracy;
  double shuffled_accuracy;  /* with rows swapped with others of the class (of any class, where each batch holds one) */
  double composition_gap;    /* natural less shuffled */
  double gap_error;          /* its standard error */
  double fake_mean;          /* E D(fake): the mean probability of class 1 that class 0 gets; NaN for several outputs */
  double shuffled_fake_mean;
  double measurement;        /* what decided, and what it was held against */
  double threshold;
} trimtab_batch_leakage_report;

#define TRIMTAB_BATCH_LEAKAGE_REPORT_INIT \
  {(uint32_t)sizeof(trimtab_batch_leakage_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Does a model's output for one sample depend on the others of its batch, and does that decide?
 *
 *   function, user  the model, run on batches of batch_size rows
 *   inputs          (samples, features...), which are flattened; any element type; batches are rows in their order
 *   targets         NULL, or [samples] whole numbers: of a score 1 for real and 0 for fake, else below outputs_per_row
 *   outputs_per_row 1 for a score, else as many as there are classes
 *
 * J_ij = d f_i / d x_j from central differences. A function of each row has a share of exactly 0; behind one batch norm of
 * B normal numbers it is about (2 - 6/B)/(B - 2). LayerNorm and InstanceNorm have 0: they cure it.
 *
 * Verdict: healthy without a dependence. With one: BATCH_SHORTCUT (warning) where mixed batches have a composition gap above
 * gap_threshold and twice its error; BATCH_BLINDING (warning) where each batch holds one class and the common response is
 * below common_threshold; else BATCH_DEPENDENCE (a notice: it is a fact, and meant where a layer looks at the batch by
 * design: a deviation over the batch, attention over it). UNFROZEN_FUNCTION (unknown) where two runs differ too much.
 * Edge cases: a batch of one row is insufficient: a batch norm gives 0 for it whatever it holds; its evaluation mode has
 * a share of 0, so audit the mode that is trained in. A function in float32 takes a step of 1e-3 or more.
 * Errors: NULL_ARGUMENT, STRUCT_SIZE, SHAPE (fewer samples than batch_size), INVALID_ARGUMENT (NaN or Inf in inputs, a
 * target outside), CALLBACK (the function said so), OUT_OF_MEMORY.
 * Complexity: 2 B K + 2 runs for a probed batch of B rows and K directions, 8 replay_count for its replay, 2 for each
 * judged batch. Source: definitions 5. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_batch_leakage(trimtab_batch_function function, void *user,
                                                                 const trimtab_tensor *inputs,
                                                                 const trimtab_tensor *targets, int64_t outputs_per_row,
                                                                 const trimtab_leakage_options *options,
                                                                 trimtab_batch_leakage_report *report);

/* The streaming form: what it keeps are sums and counts. */
typedef struct trimtab_leakage trimtab_leakage;

/* Creates an empty one. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_leakage_create(const trimtab_leakage_options *options,
                                                                  trimtab_leakage **leakage);
/* Probes and judges a function on samples, as trimtab_batch_leakage does; on failure nothing has changed. Errors: as
   there, and MISMATCH (another outputs_per_row than before). Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_leakage_add(trimtab_leakage *leakage, trimtab_batch_function function,
                                                               void *user, const trimtab_tensor *inputs,
                                                               const trimtab_tensor *targets, int64_t outputs_per_row);
/* Adds what another one saw. Errors: NULL_ARGUMENT, MISMATCH (options, outputs). Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_leakage_merge(trimtab_leakage *leakage, const trimtab_leakage *other);
/* Reports; changes nothing. Errors: NULL_ARGUMENT, STRUCT_SIZE. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_leakage_report(const trimtab_leakage *leakage,
                                                                      trimtab_batch_leakage_report *report);
/* As trimtab_covariance_save. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_leakage_save(const trimtab_leakage *leakage, void *buffer,
                                                                int64_t capacity, int64_t *needed);
/* As trimtab_covariance_load. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_leakage_load(const void *buffer, int64_t length,
                                                                trimtab_leakage **leakage);
/* Frees it; NULL does nothing. Since: 0.4. */
TRIMTAB_API void trimtab_leakage_destroy(trimtab_leakage *leakage);

#ifdef __cplusplus
}
#endif
#endif
