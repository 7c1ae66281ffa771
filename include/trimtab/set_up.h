/* Tells a monitor how a run is set up: its loss, its mode, its optimizer. SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_SET_UP_H
#define TRIMTAB_SET_UP_H

#include <math.h>

#include "monitor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The host gathers facts, in the first steps and now and then (once in fifty steps, say); the monitor judges them against how
 * the run goes. What is not known stays as _INIT leaves it. A fact that no healthy program has is a warning at once; what a
 * healthy one may have is a warning only where the run suffers from it.
 */

typedef int32_t trimtab_loss_kind;
enum {
  TRIMTAB_LOSS_KIND_UNKNOWN = 0,
  TRIMTAB_LOSS_KIND_CROSS_ENTROPY = 1,                    /* from logits */
  TRIMTAB_LOSS_KIND_NEGATIVE_LOG_LIKELIHOOD = 2,          /* of log-probabilities */
  TRIMTAB_LOSS_KIND_BINARY_CROSS_ENTROPY = 3,             /* of probabilities */
  TRIMTAB_LOSS_KIND_BINARY_CROSS_ENTROPY_WITH_LOGITS = 4,
  TRIMTAB_LOSS_KIND_SQUARED_ERROR = 5,
  TRIMTAB_LOSS_KIND_ABSOLUTE_ERROR = 6,
  TRIMTAB_LOSS_KIND_HUBER = 7
};

typedef int32_t trimtab_reduction;
enum {
  TRIMTAB_REDUCTION_UNKNOWN = 0,
  TRIMTAB_REDUCTION_MEAN = 1,
  TRIMTAB_REDUCTION_SUM = 2,
  TRIMTAB_REDUCTION_NONE = 3
};

/* What stands between the last layer and the loss. */
typedef int32_t trimtab_output_activation;
enum {
  TRIMTAB_OUTPUT_ACTIVATION_UNKNOWN = 0,
  TRIMTAB_OUTPUT_ACTIVATION_NONE = 1,
  TRIMTAB_OUTPUT_ACTIVATION_RELU = 2,
  TRIMTAB_OUTPUT_ACTIVATION_SOFTMAX = 3,
  TRIMTAB_OUTPUT_ACTIVATION_LOG_SOFTMAX = 4,
  TRIMTAB_OUTPUT_ACTIVATION_SIGMOID = 5,
  TRIMTAB_OUTPUT_ACTIVATION_TANH = 6
};

/* Bits of an objective's flags. */
enum {
  TRIMTAB_OBJECTIVE_CROSSED = 1,        /* outputs and targets were repeated against each other along the samples ([B, 1] and [B]) */
  TRIMTAB_OBJECTIVE_TARGET_REPEATED = 2 /* one target of a sample stands for several outputs */
};

/* The loss of a step, and the batch that it is of. */
typedef struct trimtab_objective_facts {
  uint32_t struct_size;
  trimtab_loss_kind loss;
  trimtab_reduction reduction;
  trimtab_output_activation activation;
  uint32_t flags;
  int32_t reserved;
  int64_t sample_count;
  int64_t element_count;       /* what the mean is over: labels, or elements of a regression; 0: not known */
  int64_t output_count;        /* of a sample: classes under cross entropy; under a softmax how many it is over */
  int64_t distinct_count;      /* different targets so far, up to a cap of the host's */
  uint64_t input_fingerprint;  /* equal for equal inputs; 0: not known */
  uint64_t target_fingerprint;
  double scale;                /* what was handed to the backward pass over the mean loss; below 0: its sign was turned */
  double mean_loss;            /* per sample, or per element of a regression */
  double guess_loss;           /* the mean loss of the best constant output, over the targets so far */
  double target_mean;
  double target_deviation;
  double target_minimum;
  double target_maximum;
  double integer_share;        /* of the targets; class numbers are 1 */
  double unreachable_share;    /* of the targets: beyond what the activation can give */
  double output_mean;
  double output_deviation;
  double output_minimum;
  double output_maximum;
  double zero_output_share;    /* exactly 0 */
} trimtab_objective_facts;

#define TRIMTAB_OBJECTIVE_FACTS_INIT \
  {(uint32_t)sizeof(trimtab_objective_facts), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (double)NAN, (double)NAN, (double)NAN, (double)NAN, \
   (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, \
   (double)NAN}

/* Bits of a set-up's flags. */
enum {
  TRIMTAB_SET_UP_STATE_LOST = 1, /* the optimizer began anew in the midst of the run */
  TRIMTAB_SET_UP_UNTRACKED = 2,  /* no batch normalisation has gathered statistics yet */
  TRIMTAB_SET_UP_DECOUPLED = 4   /* weight decay does not go through the gradient (AdamW, and SGD without momentum) */
};

/* How the model is called, and the optimizer set. */
typedef struct trimtab_set_up_facts {
  uint32_t struct_size;
  uint32_t flags;
  int64_t normalisation_count;     /* layers that normalise by the batch */
  int64_t dropout_count;
  int64_t batch_rows;              /* samples, and values a channel, that one of them took its statistics from: the least */
  int64_t batch_values;
  int64_t training_passes;         /* forward passes with gradients so far, in training mode */
  int64_t frozen_passes;           /* and in evaluation mode */
  int64_t evaluations_in_training; /* evaluations so far with the model in training mode */
  int64_t evaluations;             /* and in evaluation mode */
  int64_t evaluation_rows;         /* samples seen without gradients between two steps: the most */
  int64_t training_rows;           /* and with them, in a pass */
  double dropout;                  /* greatest probability */
  double learning_rate;
  double weight_decay;
  double epsilon;                  /* of an adaptive optimizer; NaN: it has none */
  double held_epsilon;             /* as the type of its state holds it */
  double gradient_scale;           /* root mean square over all gradients */
  double zero_gradient_share;      /* elements that are exactly 0 */
  double gradient_norm;            /* over all weights */
  double weight_norm;
  double norm_before;              /* the gradient norm as the backward pass left it, in a step before this one */
  double norm_after;               /* and as the optimizer took it */
} trimtab_set_up_facts;

#define TRIMTAB_SET_UP_FACTS_INIT \
  {(uint32_t)sizeof(trimtab_set_up_facts), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (double)NAN, (double)NAN, (double)NAN, (double)NAN, \
   (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN}

/*
 * Takes what is known of the open step's loss; judged at its end (rules OUTPUT_ACTIVATION, LOSS_KIND, SUMMED_LOSS,
 * BROADCAST_LOSS, TARGET_SCALE, GRADIENT_ASCENT, REPEATED_BATCH). Numbers that are NaN are not known.
 * Errors: NULL_ARGUMENT, STRUCT_SIZE, INVALID_ARGUMENT (no step is open, an unknown loss, reduction or activation, a count
 * below 0); then nothing is taken. Complexity: O(1). Since: 0.5.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_observe_objective(trimtab_monitor *monitor,
                                                                             const trimtab_objective_facts *objective);
/*
 * Takes what is known of mode and optimizer; judged at the step's end (rules BATCH_STATISTICS, EVALUATION_MODE, WEIGHT_DECAY,
 * DROPOUT, OPTIMIZER_EPSILON, OPTIMIZER_STATE, CLIP_FRACTION).
 * Errors: NULL_ARGUMENT, STRUCT_SIZE, INVALID_ARGUMENT (no step is open). Complexity: O(1). Since: 0.5.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_observe_set_up(trimtab_monitor *monitor,
                                                                          const trimtab_set_up_facts *set_up);

#ifdef __cplusplus
}
#endif
#endif
