/* Do pseudo-labels hold still? SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_DRIFT_H
#define TRIMTAB_DRIFT_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct trimtab_drift_options {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t class_count;             /* 0: probabilities say it; for labels the greatest label plus one */
  double confidence_gate;          /* 0.95: a sample is confident if its greatest probability reaches this */
  double warning_flip_rate;        /* 0.05 per round */
  double critical_flip_rate;       /* 0.20 */
  double oscillation_share;        /* 0.5: of the flips that go back, beyond which it is oscillation */
  double oscillation_flip_rate;    /* 0.02: below this flip rate oscillation is not judged */
  double class_distance;           /* 0.2: total variation of the class shares from the prior, or between two rounds */
  double collapse_share;           /* 0.99: share of the later round's samples in one class from which on, without a prior, it is a collapse; 1: not judged */
  const double *class_prior;       /* [class_prior_count], summing to 1; NULL: unknown, no verdict from the prior. Copied */
  int64_t class_prior_count;
} trimtab_drift_options;

#define TRIMTAB_DRIFT_OPTIONS_INIT {(uint32_t)sizeof(trimtab_drift_options), 0, 0, 0.95, 0.05, 0.20, 0.5, 0.02, 0.2, 0.99, 0, 0}

/* What changed between a round and the one before it (and, for oscillation, the one before that). */
typedef struct trimtab_drift_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: no sample in both rounds; nonfinite: none of them usable; degenerate: one class, or none but one was ever seen in labels alone */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int64_t round;              /* of the later round */
  int64_t round_count;        /* seen so far */
  int64_t sample_count;       /* in both rounds and usable: what everything below is over */
  int64_t nonfinite_count;    /* samples of both rounds left out: NaN, Inf, negative or all-zero probabilities, labels out of range */
  int64_t unmatched_count;    /* samples in one of the two rounds only */
  int64_t class_count;
  int64_t oscillation_sample_count; /* samples in all three rounds; 0 without a third */
  int64_t confident_sample_count;   /* samples that pass the gate in both rounds; 0 for labels */
  double flip_rate;           /* mean 1[y_t != y_{t-1}] */
  double confident_flip_rate; /* the same over confident samples: what the loss sees; 0 if there is none */
  double oscillation_rate;    /* mean 1[y_t = y_{t-2} != y_{t-1}]; 0 without a third round */
  double oscillation_share;   /* oscillation_rate / flip rate over the same samples; 0 without flips. Period two gives 1 */
  double oscillation_null;    /* what independent uniform labels give: 1 / class_count */
  double total_variation;     /* mean .5 |p_t - p_{t-1}|_1; 0 for labels, as the next two */
  double jensen_shannon;      /* mean, nats, at most ln 2 */
  double kullback_leibler;    /* mean KL(p_t || p_{t-1}), probabilities floored at 1e-12 */
  double gate_coverage;       /* share of the later round's samples that pass the gate; 0 for labels */
  double class_prior_distance;  /* total variation of the later round's class shares from the prior (uniform if NULL) */
  double class_shift;           /* total variation of the class shares between the two rounds */
  double least_class_share;     /* of the later round, as the next */
  double greatest_class_share;
  double mean_flip_rate;        /* over all rounds seen, weighted by samples */
  double threshold;             /* what the deciding measurement was held against */
  double measurement;           /* the deciding measurement */
  int32_t has_probabilities;    /* 0 if labels were given */
  int32_t reserved;
} trimtab_drift_report;

#define TRIMTAB_DRIFT_REPORT_INIT {(uint32_t)sizeof(trimtab_drift_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Compares two rounds of predictions on the same samples in the same order.
 *
 *   before, after  both [n] integers (labels) or both [n, C] floating point (probabilities; rows need not sum to 1,
 *   they are
 *                  normalised); ties in the argmax go to the lowest index
 *   options, report  as everywhere
 *
 * The verdict is that of the first that holds: a flip rate above critical_flip_rate (critical; its cause is
 * target_oscillation if the next but one holds too, class_collapse if the next does, else unstable_targets); a
 * greatest_class_share of collapse_share or more where no prior is given (class_collapse); oscillation_share above both
 * its option and its null at a flip rate above oscillation_flip_rate; a class shift, or a distance from a given prior,
 * above class_distance; without a prior a greatest class whose share has grown by more than 2 class_distance since the
 * first round that the stream has seen, to more than 1 - class_distance (class_collapse; measurement is the total
 * variation of the class shares since then, threshold 2 class_distance); a flip rate above warning_flip_rate;
 * probabilities none of which pass the gate. A greatest_class_share of collapse_share or more that was so in the first
 * round and the one before too, with samples of every class in both rounds, is a rare class: a notice, where nothing
 * else holds.
 * A collapse needs so many samples n that independent uniform labels would all fall in one class with a probability of
 * C^(1-n) <= 1 - collapse_share: 8 of two classes, 3 of ten. Whether there are more classes than one is known from
 * probabilities, from class_count, or from other labels in any round seen; where it is not, the outcome is degenerate.
 * A probability passes the gate to the precision of its element type. At most 2^24 classes, and 2^18 where labels
 * alone say how many there are; labels beyond are out of range. The stream keeps the last round's probabilities in
 * float16, whose grain its divergences share.
 *
 * Edge cases: rows that hold NaN, Inf, a negative number or only zeros, and labels below 0 or >= class_count are left
 * out and counted; negative numbers in more than half of the finite rows are logits, and refused: apply softmax first;
 * n = 0 is insufficient; without a usable sample everything that is over samples is NaN;
 * C = 1 degenerate.
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE (neither labels nor probabilities), DEVICE, OVERFLOW, INVALID_ARGUMENT (logits),
 * STRUCT_SIZE.
 * Complexity: O(n C). Source: FixMatch (Sohn et al. 2020) for the gate. Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_pseudo_label_drift(const trimtab_tensor *before,
                                                                      const trimtab_tensor *after,
                                                                      const trimtab_drift_options *options,
                                                                      trimtab_drift_report *report);

/* The streaming form: rounds of predictions keyed by sample id. Per sample two labels and one row of float16 probabilities are kept. */
typedef struct trimtab_label_drift trimtab_label_drift;

/* Creates an empty stream. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_label_drift_create(const trimtab_drift_options *options,
                                                                      trimtab_label_drift **drift);
/*
 * Adds predictions of one round, or of a part of it.
 *   round        >= 0; the same as before (another batch of it) or greater
 *   ids          [n] integers that name the samples, each at most once a round; NULL: the row index, counted on within
 *   the round
 *   predictions  as in trimtab_pseudo_label_drift; always the same kind and C
 * On failure nothing has changed. Errors: as there, and INVALID_ARGUMENT (a round that goes back, an id twice in a
 * round). Since: 0.1.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_label_drift_add(trimtab_label_drift *drift, int64_t round,
                                                                   const trimtab_tensor *ids,
                                                                   const trimtab_tensor *predictions);
/* Adds another shard: the same rounds over other ids. Errors: NULL_ARGUMENT, MISMATCH (options, kind, classes, rounds, a shared id), OUT_OF_MEMORY. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_label_drift_merge(trimtab_label_drift *drift,
                                                                     const trimtab_label_drift *other);
/* Reports on the latest round; changes nothing. Errors: NULL_ARGUMENT, STRUCT_SIZE. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_label_drift_report(const trimtab_label_drift *drift,
                                                                      trimtab_drift_report *report);
/* Reports on the round that was the index-th seen (0 is the first, which has nothing before it: insufficient). Errors: as above, INVALID_ARGUMENT. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_label_drift_report_round(const trimtab_label_drift *drift,
                                                                            int64_t index, trimtab_drift_report *report);
/* As trimtab_covariance_save. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_label_drift_save(const trimtab_label_drift *drift, void *buffer,
                                                                    int64_t capacity, int64_t *needed);
/* As trimtab_covariance_load. Since: 0.1. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_label_drift_load(const void *buffer, int64_t length,
                                                                    trimtab_label_drift **drift);
/* Frees it; NULL does nothing. Since: 0.1. */
TRIMTAB_API void trimtab_label_drift_destroy(trimtab_label_drift *drift);

enum {
  TRIMTAB_GATE_FIXMATCH = 0,  /* the same threshold for all classes (Sohn et al. 2020) */
  TRIMTAB_GATE_FLEXMATCH = 1, /* grows with how much of a class was learned (Zhang et al. 2021) */
  TRIMTAB_GATE_FREEMATCH = 2  /* from moving averages of confidence and class shares (Wang et al. 2023) */
};

typedef struct trimtab_gate_options {
  uint32_t struct_size;
  int32_t method;
  int64_t class_count;     /* 2 or more: has to be set */
  int64_t sample_count;    /* FlexMatch: unlabelled samples in all: has to be set */
  double threshold;        /* 0.95: FixMatch's and FlexMatch's */
  double decay;            /* 0.999: FreeMatch's, what stays of its averages a batch */
  int32_t starts_at_one;   /* 0: FreeMatch's averages start at 1 / classes, as the paper has it; 1: at 1, as its code has it */
  int32_t reserved;
} trimtab_gate_options;

#define TRIMTAB_GATE_OPTIONS_INIT \
  {(uint32_t)sizeof(trimtab_gate_options), TRIMTAB_GATE_FIXMATCH, 0, 0, 0.95, 0.999, 0, 0}

typedef struct trimtab_gate_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: no sample; nonfinite: none that can be used */
  trimtab_verdict verdict; /* warning: none passes, so that nothing is learned from unlabelled data */
  trimtab_cause cause;
  int64_t sample_count;
  int64_t passed_count;
  int64_t nonfinite_count;   /* rows with NaN, Inf, a negative number or only zeros: they never pass */
  double coverage;           /* passed / usable samples; NaN without one */
  double least_threshold;    /* of the classes */
  double greatest_threshold;
} trimtab_gate_report;

#define TRIMTAB_GATE_REPORT_INIT {(uint32_t)sizeof(trimtab_gate_report), 0, 0, 0, 0, 0, 0, 0.0, 0.0, 0.0}

/*
 * A cure: which pseudo-labels to train on. A sample of class y = argmax p passes where max p is at least the threshold of
 * y:
 *
 *   FixMatch   t
 *   FlexMatch  t M(b), M(x) = x / (2 - x), b = n_y / max(greatest n, n_unused): n_y counts the samples whose last label
 *              that reached t was y, n_unused those that never reached it. Thresholds are of what was seen before the batch.
 *              0 at first: all pass
 *   FreeMatch  T p_y / max p: T and p are moving averages of the batches' mean greatest probability and of their mean
 *              probabilities, this batch included
 *
 * It makes labels that are used drift less; it makes accuracy no greater: what is shut out early stays wrong.
 * A handle holds what it has seen: class_count and sample_count numbers.
 */
typedef struct trimtab_pseudo_label_gate trimtab_pseudo_label_gate;

/* Errors: NULL_ARGUMENT, STRUCT_SIZE, INVALID_ARGUMENT, OUT_OF_MEMORY. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_pseudo_label_gate_create(const trimtab_gate_options *options,
                                                                            trimtab_pseudo_label_gate **gate);
/*
 * Judges a batch and takes it up.
 *
 *   probabilities  [n, classes]; rows are normalised, and may be one-hot integers or bool
 *   ids            FlexMatch: [n] integers from 0 to below sample_count; NULL: the row's index. Else not looked at
 *   passes         n bytes: 1 for what to train on; NULL to skip
 *   thresholds     class_count numbers that the batch was held against; NULL to skip
 *
 * Errors: NULL_ARGUMENT, STRUCT_SIZE, SHAPE, DTYPE, DEVICE, INVALID_ARGUMENT (logits, an id outside), OUT_OF_MEMORY; nothing
 * has changed then. Complexity: O(n classes). Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_pseudo_label_gate_apply(trimtab_pseudo_label_gate *gate,
                                                                           const trimtab_tensor *probabilities,
                                                                           const trimtab_tensor *ids, uint8_t *passes,
                                                                           double *thresholds,
                                                                           trimtab_gate_report *report);
/* As trimtab_covariance_save. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_pseudo_label_gate_save(const trimtab_pseudo_label_gate *gate,
                                                                          void *buffer, int64_t capacity,
                                                                          int64_t *needed);
/* As trimtab_covariance_load. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_pseudo_label_gate_load(const void *buffer, int64_t length,
                                                                          trimtab_pseudo_label_gate **gate);
/* Frees it; NULL does nothing. Since: 0.4. */
TRIMTAB_API void trimtab_pseudo_label_gate_destroy(trimtab_pseudo_label_gate *gate);

enum {
  TRIMTAB_CONSISTENCY_KL = 0,     /* KL(before || after), nats */
  TRIMTAB_CONSISTENCY_SQUARED = 1 /* sum over classes of (after - before)^2 */
};

typedef struct trimtab_consistency_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: no sample; nonfinite: none that can be used */
  double loss;             /* the mean over usable samples; NaN without one */
  int64_t sample_count;
  int64_t nonfinite_count; /* samples left out: NaN, Inf, negative or all-zero probabilities in either round */
} trimtab_consistency_report;

#define TRIMTAB_CONSISTENCY_REPORT_INIT {(uint32_t)sizeof(trimtab_consistency_report), 0, 0.0, 0, 0}

/*
 * A cure: the term, times a weight of 3 to 10, that holds predictions to those of the round before, and its gradient.
 *
 *   before, after  [n, classes] floating-point probabilities; rows are normalised. before is held fixed
 *   form           TRIMTAB_CONSISTENCY_...
 *   gradient       [n, classes] float32 or float64, writable: of the loss for the logits z of after = softmax(z); 0 for
 *                  samples left out. NULL to skip
 *
 * With q = before, p = after, n usable samples: KL has the loss mean sum q ln(q / max(p, 1e-12)) and the gradient (p - q) / n;
 * squared has mean sum (p - q)^2 and 2 p_c (p_c - q_c - sum_k p_k (p_k - q_k)) / n. On a tape KL's is, up to a constant,
 * the mean of -sum q log_softmax(z).
 * It adds curvature: where the learning rate is too high already, labels swing more with it, not less. There lower the rate
 * or average the teacher.
 * Errors: NULL_ARGUMENT, STRUCT_SIZE, SHAPE, DTYPE, DEVICE, INVALID_ARGUMENT (logits, form), OUT_OF_MEMORY; nothing is written
 * then. Complexity: O(n classes). Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_consistency(const trimtab_tensor *before,
                                                               const trimtab_tensor *after, int32_t form,
                                                               const trimtab_tensor *gradient,
                                                               trimtab_consistency_report *report);

#ifdef __cplusplus
}
#endif
#endif
