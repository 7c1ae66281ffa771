/* Watches a training run step by step, and says what to do with each step. SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_MONITOR_H
#define TRIMTAB_MONITOR_H

#include "neurons.h"
#include "summary.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One object per run. Layers and parameters are registered once; then each step is
 *
 *   trimtab_monitor_begin_step -> observe, observe_summary, observe_scalar in any order -> trimtab_monitor_end_step
 *
 * after the backward pass and before the optimizer's step, so that a step that would poison the weights can still be left
 * out. A handle is used by one thread at a time: the library does not look, but its debug build (TRIMTAB_DEBUG=1
 * scripts/build-library.sh) refuses a second thread with INVALID_ARGUMENT. A call with a monitor that was destroyed is
 * refused as long as its memory was not given to something else. After the first steps no call here takes memory, except that an entry
 * takes its own at the first observation of each quantity.
 */
typedef struct trimtab_monitor trimtab_monitor;

/* What is registered. */
enum {
  TRIMTAB_ENTRY_PARAMETER = 0,
  TRIMTAB_ENTRY_LAYER = 1
};

/* What it is for: some rules keep silent about some roles. */
typedef int32_t trimtab_role;
enum {
  TRIMTAB_ROLE_WEIGHT = 0,        /* a parameter of rank 2 and above */
  TRIMTAB_ROLE_BIAS = 1,          /* no update ratio, no vanishing gradient */
  TRIMTAB_ROLE_NORMALISATION = 2, /* gain or shift of a normalisation: as a bias */
  TRIMTAB_ROLE_EMBEDDING = 3,     /* only some rows get a gradient each step */
  TRIMTAB_ROLE_HIDDEN = 10,       /* a layer */
  TRIMTAB_ROLE_OUTPUT = 11,       /* the last layer: dead units, saturation and scale are not judged */
  TRIMTAB_ROLE_ATTENTION = 12     /* a layer whose attention probabilities or logits are observed */
};

/* Bits of an entry's flags. */
enum {
  TRIMTAB_ENTRY_FROZEN = 1,       /* not meant to train */
  TRIMTAB_ENTRY_ZERO_GRADIENT = 2, /* zero gradient by construction: a bias before a normalisation, an attention key bias */
  TRIMTAB_ENTRY_HELD = 4          /* with FROZEN: an optimizer holds it all the same, so that standing still is a notice */
};

typedef struct trimtab_entry {
  uint32_t struct_size;
  int32_t kind;
  trimtab_role role;
  int32_t activation; /* of a layer: the activation that follows (neurons.h); -1: none or unknown, units are not judged */
  uint32_t flags;
  int32_t unit_axis;  /* of a layer's pre-activations: as in trimtab_activity_options */
  int64_t order;      /* topological: 0 is next to the input; equal numbers are one place */
  int64_t width;      /* units, for the slope over widths; 0: unknown */
} trimtab_entry;

#define TRIMTAB_ENTRY_INIT {(uint32_t)sizeof(trimtab_entry), 0, 0, -1, 0, -1, 0, 0}

/* What is observed of an entry. */
typedef int32_t trimtab_quantity;
enum {
  TRIMTAB_QUANTITY_GRADIENT = 0,         /* of a parameter: accumulation and loss scaling undone */
  TRIMTAB_QUANTITY_WEIGHT = 1,           /* of a parameter: its value before the optimizer's step */
  TRIMTAB_QUANTITY_PREACTIVATION = 2,    /* of a layer: what its activation gets */
  TRIMTAB_QUANTITY_OUTPUT = 3,           /* of a layer */
  TRIMTAB_QUANTITY_OUTPUT_GRADIENT = 4,  /* of a layer */
  TRIMTAB_QUANTITY_ATTENTION = 5,        /* of a layer: probabilities, the keys on the last axis */
  TRIMTAB_QUANTITY_ATTENTION_LOGITS = 6  /* of a layer: what the softmax gets */
};
#define TRIMTAB_QUANTITY_COUNT 7

typedef int32_t trimtab_scalar;
enum {
  TRIMTAB_SCALAR_LOSS = 0,
  TRIMTAB_SCALAR_VALIDATION_LOSS = 1,
  TRIMTAB_SCALAR_LEARNING_RATE = 2,
  TRIMTAB_SCALAR_LOSS_SCALE = 3,      /* of mixed precision: the steps it skips are expected, while it falls */
  TRIMTAB_SCALAR_GRADIENT_NORM = 4,   /* made elsewhere; else it is made of the gradients observed */
  TRIMTAB_SCALAR_OVERHEAD_SECONDS = 5, /* what watching this step has cost in all, the calls here included; without it, those alone count */
  TRIMTAB_SCALAR_KEPT_GRADIENT = 6     /* 1 if the backward pass added to gradients of the step before, 0 if they had been cleared */
};
#define TRIMTAB_SCALAR_COUNT 7

/* What to do with the step, worst last. */
typedef int32_t trimtab_action;
enum {
  TRIMTAB_ACTION_PROCEED = 0,
  TRIMTAB_ACTION_CLIP = 1,      /* multiply the gradients by clip_factor; with PER_TENSOR each by its own */
  TRIMTAB_ACTION_SKIP = 2,      /* leave this step out: zero the gradients and go on */
  TRIMTAB_ACTION_ROLL_BACK = 3, /* restore the last good snapshot, then trimtab_monitor_restored; until then it stands */
  TRIMTAB_ACTION_STOP = 4       /* end the run: it does not recover; stands until trimtab_monitor_restored */
};

/* What a finding is about. Values are pinned. */
typedef int32_t trimtab_rule;
enum {
  TRIMTAB_RULE_NONFINITE = 0,           /* the first NaN or Inf: entry, index, phase, the trend before */
  TRIMTAB_RULE_GRADIENT_SPIKE = 1,      /* the global gradient norm leaps */
  TRIMTAB_RULE_VANISHING_GRADIENT = 2,  /* mean |g| of a weight below warning, or falling with depth */
  TRIMTAB_RULE_EXPLODING_GRADIENT = 3,  /* gradients grow with depth */
  TRIMTAB_RULE_ZERO_GRADIENT = 4,       /* a gradient that is exactly zero, step after step */
  TRIMTAB_RULE_MISSING_GRADIENT = 5,    /* a parameter that is meant to train and never had a gradient */
  TRIMTAB_RULE_UNCHANGED_PARAMETER = 6, /* a parameter that is meant to train and does not change */
  TRIMTAB_RULE_UPDATE_RATIO = 7,        /* rms(change) / rms(weight) outside [warning, critical] */
  TRIMTAB_RULE_DEAD_UNITS = 8,
  TRIMTAB_RULE_DORMANT_UNITS = 9,
  TRIMTAB_RULE_SATURATED_UNITS = 10,
  TRIMTAB_RULE_ALL_ZERO = 11,           /* a layer's output is exactly zero throughout */
  TRIMTAB_RULE_CLIP_FRACTION = 12,      /* the share of clipped steps: then clipping sets the learning rate */
  TRIMTAB_RULE_NOISE_SCALE = 13,        /* gradient noise far above the batch size */
  TRIMTAB_RULE_SPECTRAL_NORM = 14,      /* a weight's spectral norm grows */
  TRIMTAB_RULE_RANK_COLLAPSE = 15,      /* a weight's stable rank falls below warning; critical if its effective rank is below that */
  TRIMTAB_RULE_LOGIT_GROWTH = 16,       /* max |attention logit| */
  TRIMTAB_RULE_ATTENTION_ENTROPY = 17,  /* a head's entropy collapses */
  TRIMTAB_RULE_WIDTH_SLOPE = 18,        /* activations grow with width (muP) */
  TRIMTAB_RULE_UNDERFLOW = 19,          /* share of values below the normal range of a narrower type */
  TRIMTAB_RULE_OVERFLOW = 20,           /* values close to the end of the type's range */
  TRIMTAB_RULE_ACTIVATION_SCALE = 21,   /* activations grow or shrink with depth */
  TRIMTAB_RULE_LOSS_SPIKE = 22,
  TRIMTAB_RULE_LOSS_DIVERGENCE = 23,
  TRIMTAB_RULE_LOSS_PLATEAU = 24,
  TRIMTAB_RULE_LOSS_OSCILLATION = 25,
  TRIMTAB_RULE_OVERFITTING = 26,
  TRIMTAB_RULE_GUARD = 27,              /* the guard itself: too many steps skipped in a row */
  TRIMTAB_RULE_WEIGHT_JUMP = 28,        /* weights that change at once far more than ever: lost or overwritten */
  TRIMTAB_RULE_POOR_INITIALISATION = 29, /* the first ten steps: variances, gradients, a loss that does not fall; published rule, else off */
  TRIMTAB_RULE_TENSOR_VARIANCE = 30,    /* variance outside [warning, critical]; off until set */
  TRIMTAB_RULE_OVERTRAINING = 31,       /* `patience` steps, or `critical` evaluations, without a loss better by `warning`; else off */
  TRIMTAB_RULE_STALLED = 32,            /* no call for `warning` seconds: said when the run goes on; else off */
  TRIMTAB_RULE_STALE_GRADIENT = 33,     /* gradients that are not cleared from step to step */
  /* what the host tells of the set-up (set_up.h) */
  TRIMTAB_RULE_OUTPUT_ACTIVATION = 34, /* what stands behind the last layer does not fit the loss */
  TRIMTAB_RULE_LOSS_KIND = 35, /* the loss does not fit the targets */
  TRIMTAB_RULE_SUMMED_LOSS = 36, /* a sum over the batch; a warning where the run suffers */
  TRIMTAB_RULE_BROADCAST_LOSS = 37, /* outputs and targets broadcast against each other */
  TRIMTAB_RULE_TARGET_SCALE = 38, /* targets far from unit scale, and not reached */
  TRIMTAB_RULE_GRADIENT_ASCENT = 39, /* the negative of a loss is minimised */
  TRIMTAB_RULE_REPEATED_BATCH = 40, /* every step gets the same batch */
  TRIMTAB_RULE_BATCH_STATISTICS = 41, /* a batch normalisation over too few values */
  TRIMTAB_RULE_EVALUATION_MODE = 42, /* trained in evaluation mode, or evaluated in training mode */
  TRIMTAB_RULE_WEIGHT_DECAY = 43, /* weights decay faster than they learn */
  TRIMTAB_RULE_DROPOUT = 44, /* dropout too strong to learn */
  TRIMTAB_RULE_OPTIMIZER_EPSILON = 45, /* epsilon is 0 in its type, or above the gradients */
  TRIMTAB_RULE_OPTIMIZER_STATE = 46, /* the optimizer began anew in the midst of the run */
  TRIMTAB_RULE_LEARNING = 47,        /* nothing is learnt, or nothing that holds for other data */
  TRIMTAB_RULE_WEIGHT_START = 48     /* weights that start at one value, or are frozen as they were made */
};
#define TRIMTAB_RULE_COUNT 49

/* A rule's switches. What warning and critical are held against is said beside the rule. */
typedef struct trimtab_rule_options {
  uint32_t struct_size;
  int32_t is_enabled;
  int64_t patience; /* audits in a row before it speaks */
  double warning;
  double critical;
} trimtab_rule_options;

#define TRIMTAB_RULE_OPTIONS_INIT {(uint32_t)sizeof(trimtab_rule_options), 0, 0, 0.0, 0.0}

enum {
  TRIMTAB_PRESET_TRIMTAB = 0,
  TRIMTAB_PRESET_SAGEMAKER = 1 /* the published rules and thresholds of SageMaker Debugger; cries wolf on healthy runs */
};
enum {
  TRIMTAB_CLIPPING_NONE = 0,
  TRIMTAB_CLIPPING_FIXED = 1,     /* to maximum_norm */
  TRIMTAB_CLIPPING_ADAPTIVE = 2,  /* to what the norm's own past allows (ZClip), at most maximum_norm if that is above 0 */
  TRIMTAB_CLIPPING_PER_TENSOR = 3 /* each gradient to 1.05 of its own moving norm (AdaGC): trimtab_monitor_clip_factor */
};

typedef struct trimtab_monitor_options {
  uint32_t struct_size;
  int32_t preset;                   /* TRIMTAB_PRESET_TRIMTAB */
  int32_t clipping;                 /* TRIMTAB_CLIPPING_NONE */
  int32_t may_roll_back;            /* 0: the host keeps no snapshots, so a lost run is stopped */
  double maximum_norm;              /* 1.0, for clipping; 0 with ADAPTIVE: no limit beside the past */
  double false_alarms_per_million;  /* 1.0 per series of healthy steps; the rules' own thresholds are turned with it by its
                                       -1/5th power: a tenth at 1e5, four times at 1e-3 (docs/verdicts.md) */
  double budget;                    /* 0.01 of the step's time may be spent on watching; 0: no limit */
  int64_t warm_up;                  /* 25 steps in which baselines only fill */
  int64_t audit_interval;           /* 10: steps between looks at weights, units, ranks */
  int64_t greatest_skips;           /* 8 skipped steps in a row, then it rolls back or stops */
  int64_t recorder_steps;           /* 64 steps that the flight recorder holds; 0: none */
} trimtab_monitor_options;

#define TRIMTAB_MONITOR_OPTIONS_INIT \
  {(uint32_t)sizeof(trimtab_monitor_options), 0, 0, 0, 1.0, 1.0, 0.01, 25, 10, 8, 64}

/* What end_step says. */
typedef struct trimtab_decision {
  uint32_t struct_size;
  trimtab_action action;
  trimtab_verdict verdict;   /* the worst of the findings that still stand */
  trimtab_rule rule;         /* what the action is for; -1: nothing */
  int64_t step;
  int64_t finding_count;     /* so far */
  int64_t new_finding_count; /* of this step */
  int64_t entry;             /* what the action is for; -1 */
  double clip_factor;        /* 1 unless action is CLIP, and with PER_TENSOR */
  double gradient_norm;      /* over the finite elements of all gradients observed */
  double loss;               /* as observed; NaN if it was not */
} trimtab_decision;

#define TRIMTAB_DECISION_INIT {(uint32_t)sizeof(trimtab_decision), 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0, 0.0}

/* One thing that went wrong, however often it was seen. The first in the list is the first that went wrong. */
typedef struct trimtab_finding {
  uint32_t struct_size;
  trimtab_rule rule;
  trimtab_verdict verdict;
  trimtab_cause cause;
  trimtab_quantity quantity; /* what it was seen in; -1: a scalar, or all gradients together */
  int32_t is_standing;       /* 1 while it is still so */
  int64_t entry;             /* -1: the run as a whole */
  const char *name;          /* the entry's name, "" for none; valid until the monitor is destroyed */
  int64_t first_step;
  int64_t last_step;
  int64_t count;             /* steps or audits in which it was seen */
  int64_t index;             /* row-major, of the first bad element; -1 */
  double value;              /* at the worst */
  double threshold;
  double confidence;         /* 0 to 1 */
  double before[4];          /* what the entry's greatest magnitude (or the series) was in the four looks before, oldest first; NaN where there was none */
} trimtab_finding;

#define TRIMTAB_FINDING_INIT \
  {(uint32_t)sizeof(trimtab_finding), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0, 0.0, {0.0, 0.0, 0.0, 0.0}}

/* How much of a quantity was looked at. */
typedef struct trimtab_coverage {
  uint32_t struct_size;
  int32_t reserved;
  int64_t step_count;
  int64_t look_count;      /* observations taken */
  int64_t left_out_count;  /* observations that the governor left out */
  int64_t interval;        /* steps between looks now */
  double cost_fraction;    /* what watching has cost of the run's time so far */
} trimtab_coverage;

#define TRIMTAB_COVERAGE_INIT {(uint32_t)sizeof(trimtab_coverage), 0, 0, 0, 0, 0, 0.0}

/* Creates a monitor without entries. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_create(const trimtab_monitor_options *options,
                                                                  trimtab_monitor **monitor);
/* Frees it; NULL, or one that was destroyed as far as its memory says so, does nothing. Since: 0.2. */
TRIMTAB_API void trimtab_monitor_destroy(trimtab_monitor *monitor);

/*
 * Registers a layer or a parameter under a name that no other entry has; between steps only.
 *   name   UTF-8, 1 to 512 bytes, copied
 *   index  0 for the first entry, 1 for the next; may be NULL
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (name taken or too long, a step is open), STRUCT_SIZE, OUT_OF_MEMORY. Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_register(trimtab_monitor *monitor, const char *name,
                                                                    const trimtab_entry *entry, int64_t *index);
/* The index of a name. Errors: NULL_ARGUMENT, INVALID_ARGUMENT (not registered). Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_find(const trimtab_monitor *monitor, const char *name,
                                                                int64_t *index);
/* The switches of a rule as they are. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE. Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_rule(const trimtab_monitor *monitor, trimtab_rule rule,
                                                                trimtab_rule_options *options);
/* Sets them; between steps. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE. Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_set_rule(trimtab_monitor *monitor, trimtab_rule rule,
                                                                    const trimtab_rule_options *options);
/* Keeps a rule (-1: all) silent about an entry. Errors: NULL_ARGUMENT, INVALID_ARGUMENT. Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_silence(trimtab_monitor *monitor, trimtab_rule rule,
                                                                   int64_t entry);

/* Opens a step; numbers must grow. Errors: NULL_ARGUMENT, INVALID_ARGUMENT (a step is open, or the number is not above the last). Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_begin_step(trimtab_monitor *monitor, int64_t step);
/*
 * 1 if this quantity of this entry should be observed in this step, 0 if it need not be: what an audit interval or the
 * budget leaves out. Gradients and scalars are always wanted. What is observed all the same is taken.
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT. Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_wants(const trimtab_monitor *monitor, int64_t entry,
                                                                 trimtab_quantity quantity, int32_t *is_wanted);
/*
 * The same for `count` pairs, so that a step asks once.
 *   wanted  count bytes, 1 or 0 each
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT; then nothing is written. Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_wants_all(const trimtab_monitor *monitor,
                                                                     const int64_t *entries,
                                                                     const trimtab_quantity *quantities, int64_t count,
                                                                     uint8_t *wanted);
/*
 * Looks at a tensor; several of one quantity in one step (a module called twice, shards) add.
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (no step is open, unknown entry or quantity), SHAPE (a layer's units changed),
 * DTYPE, DEVICE, OVERFLOW, OUT_OF_MEMORY; then the step goes on without it. Complexity: one read of the elements. Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_observe(trimtab_monitor *monitor, int64_t entry,
                                                                   trimtab_quantity quantity,
                                                                   const trimtab_tensor *tensor);
/* The same for `count` tensors, entries[i] and quantities[i] beside tensors[i]. Stops at the first error, which names the index. Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_observe_all(trimtab_monitor *monitor, const int64_t *entries,
                                                                       const trimtab_quantity *quantities,
                                                                       const trimtab_tensor *tensors, int64_t count);
/*
 * Takes a summary made elsewhere, such as on an accelerator or another rank.
 *   rank  ndim of the tensor
 * Errors: as trimtab_summary_merge and trimtab_monitor_observe. Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_observe_summary(trimtab_monitor *monitor, int64_t entry,
                                                                           trimtab_quantity quantity, int32_t rank,
                                                                           const trimtab_summary *summary);
/*
 * Takes some elements of a tensor whose summary was handed in before, for what a summary alone does not tell: of a weight
 * its change (the same elements, at most 1024, at every look), of pre-activations the units and of attention its entropy
 * (whole rows), of any the range of its element type.
 *   rows  shape[0] of the whole tensor; 0: not known
 * Errors: as trimtab_monitor_observe. Complexity: one read of the sample. Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_observe_sample(trimtab_monitor *monitor, int64_t entry,
                                                                          trimtab_quantity quantity, int64_t rows,
                                                                          const trimtab_tensor *sample);
/* Takes a scalar of this step; NaN and Inf are themselves a finding. Errors: NULL_ARGUMENT, INVALID_ARGUMENT. Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_observe_scalar(trimtab_monitor *monitor,
                                                                          trimtab_scalar scalar, double value);
/* The same for `count` scalars; all of them are known, or none is taken. Errors: NULL_ARGUMENT, INVALID_ARGUMENT. Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_observe_scalars(trimtab_monitor *monitor,
                                                                           const trimtab_scalar *scalars,
                                                                           const double *values, int64_t count);
/*
 * Takes squared gradient norms of two batch sizes (one worker's and all workers' mean, say) for the noise scale.
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (batches not 0 < small < big, norms negative or NaN). Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_observe_noise(trimtab_monitor *monitor, double small_batch,
                                                                         double small_norm_squared, double big_batch,
                                                                         double big_norm_squared);
/*
 * Takes the mean |x| that a layer had after as many steps in a run of another width, for WIDTH_SLOPE. With three widths at
 * least (the entry's own included, if it has one and was looked at in this step) the step's end judges the slope of log
 * mean |x| over log width. A check for the first few steps, with a learning rate as high as will go.
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (no step is open, a parameter, a width below 1, a mean that is negative or not
 * finite). Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_observe_width(trimtab_monitor *monitor, int64_t entry,
                                                                         int64_t width, double mean_magnitude);
/* Closes the step: judges it and says what to do. Errors: NULL_ARGUMENT, INVALID_ARGUMENT (no step is open), STRUCT_SIZE. Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_end_step(trimtab_monitor *monitor, trimtab_decision *decision);

/*
 * A whole step in one call, for hosts that count every call: opens it (one that is open under this number goes on), takes the
 * scalars, looks at those of the tensors that it wants (as trimtab_monitor_wants; at all of them where the loss or a gradient
 * is not finite, for the origin), and closes it.
 *   scalars, values      scalar_count of each; OVERHEAD_SECONDS is here what the host has spent beside this call
 *   entries, quantities  count of each, beside tensors
 *   tensors              count; one with ndim -1: nothing is at this place in this step
 *   wanted               count bytes, 1 where the next step wants what stands there, else 0; may be NULL
 *   decision             written, as wanted is, whenever the step was closed
 * Errors: as trimtab_monitor_begin_step, _observe_scalars and _end_step; as trimtab_monitor_observe for the last tensor that
 * could not be taken: then the step went on without such, was closed, and the decision holds.
 * Complexity: one read of the elements looked at. Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_step(trimtab_monitor *monitor, int64_t step,
                                                                const trimtab_scalar *scalars, const double *values,
                                                                int64_t scalar_count, const int64_t *entries,
                                                                const trimtab_quantity *quantities,
                                                                const trimtab_tensor *tensors, int64_t count,
                                                                uint8_t *wanted, trimtab_decision *decision);

/* AdaGC's factor for one gradient of the step just closed: 1 without PER_TENSOR clipping. Errors: NULL_ARGUMENT, INVALID_ARGUMENT. Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_clip_factor(const trimtab_monitor *monitor, int64_t entry,
                                                                       double *factor);
/*
 * Says that weights and optimizer were restored to how they were after `step`, or that the learning rate starts anew
 * (without a ROLL_BACK before it, it counts for no rollback):
 * baselines fill again, thresholds are wider by half for the next 4 * warm_up steps, and step numbers go on from `step` + 1.
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (a step is open). Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_restored(trimtab_monitor *monitor, int64_t step);

/*
 * Copies parameters and optimizer state, in any layout and of any element type, as they are after the last step. The copy
 * becomes the good one after `healthy_steps` further steps that were taken and of which loss and gradient norm did not
 * stand out. While a copy waits for that, a call copies nothing; a step that is not healthy drops the copy. Memory for two
 * copies is had at the first call; after it none.
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (a step is open, count below 1 or not as at first), SHAPE and DTYPE (not as at
 * first), DEVICE, OVERFLOW, OUT_OF_MEMORY; each leaves the copies as they were. Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_keep(trimtab_monitor *monitor, const trimtab_tensor *tensors,
                                                                int64_t count, int64_t healthy_steps);
/*
 * Writes the last good copy back into the tensors, and does what trimtab_monitor_restored does.
 *   step  the step after which the copy was taken; may be NULL
 * Errors: as trimtab_monitor_keep; INVALID_ARGUMENT too where there is no good copy. Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_restore(trimtab_monitor *monitor,
                                                                   const trimtab_tensor *tensors, int64_t count,
                                                                   int64_t *step);

/* How many findings there are. Errors: NULL_ARGUMENT. Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_finding_count(const trimtab_monitor *monitor, int64_t *count);
/*
 * The findings in another order: the likeliest root cause first, what follows from it after it, notices last.
 *   capacity  of places
 *   places    indices for trimtab_monitor_finding; NULL if capacity is 0
 *   count     how many were written: of all findings, those that have room
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (capacity below 0). Complexity: O(n^2) of n findings. Since: 0.5.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_diagnosis(const trimtab_monitor *monitor, int64_t capacity,
                                                                     int64_t *places, int64_t *count);
/* One finding, in the order in which they arose. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE. Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_finding(const trimtab_monitor *monitor, int64_t index,
                                                                   trimtab_finding *finding);
/* What was looked at of a quantity of an entry. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE. Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_coverage(const trimtab_monitor *monitor, int64_t entry,
                                                                    trimtab_quantity quantity,
                                                                    trimtab_coverage *coverage);

/*
 * The gradient noise scale tr S / |G|^2 and the signal-to-noise ratio |G|^2 / (tr S / B) at the big batch, as observed so
 * far; NaN before the first observation. Either may be NULL. Errors: NULL_ARGUMENT (monitor). Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_noise(const trimtab_monitor *monitor, double *noise_scale,
                                                                 double *signal_to_noise);
/*
 * Of a weight at its last look: spectral norm (power iteration, from below), stable rank, and effective rank exp H(s / sum
 * s) of matrices of at most 64 rows or columns, at every eighth look. NaN where it was not measured. Each may be NULL.
 * Errors: NULL_ARGUMENT (monitor), INVALID_ARGUMENT. Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_spectrum(const trimtab_monitor *monitor, int64_t entry,
                                                                    double *norm, double *stable_rank,
                                                                    double *effective_rank);

/* What a run log has come to. */
typedef struct trimtab_log_state {
  uint32_t struct_size;
  int32_t failure;    /* errno of the last failure to write; 0 for none */
  int64_t line_count; /* written */
  int64_t lost_count; /* that could not be written; the run went on */
} trimtab_log_state;

#define TRIMTAB_LOG_STATE_INIT {(uint32_t)sizeof(trimtab_log_state), 0, 0, 0}

/*
 * Appends a line of JSON for each step and each new finding to a file, made if it is not there; NULL, and the monitor's
 * end, write what the findings came to and a closing line. A line goes out in one write, so what a sudden end can cost is
 * the line being written. Where writing fails later the run goes on, and trimtab_monitor_log_state says so. The command
 * `trimtab check` explains the file.
 * Errors: NULL_ARGUMENT (monitor), FILE (cannot be opened), OUT_OF_MEMORY. Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_log(trimtab_monitor *monitor, const char *path);
/* What the log has come to; all 0 without one. Errors: NULL_ARGUMENT, STRUCT_SIZE. Since: 0.2. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_log_state(const trimtab_monitor *monitor,
                                                                     trimtab_log_state *state);
/*
 * Writes what the flight recorder holds, lines of JSON: the entries, the last recorder_steps steps with what was seen of
 * each entry, and all findings. The file is replaced only when the new one is whole and on disk (it is written beside it
 * as PATH.part first), so a torn write never damages what was there. What is there and no regular file is left as it is.
 * Errors: NULL_ARGUMENT, FILE, INVALID_ARGUMENT (the recorder holds no steps by its options), OUT_OF_MEMORY. Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_write_record(const trimtab_monitor *monitor,
                                                                        const char *path);
/*
 * Writes the record there by itself when a critical finding arises. Later ones leave it as it is, since what went wrong
 * first is the cause; another call, of the same path too, has it written at the next. NULL ends that. A failure counts as
 * a lost line, and the next critical finding tries again.
 * Errors: NULL_ARGUMENT (monitor), INVALID_ARGUMENT (as above; a path above 4096 bytes), OUT_OF_MEMORY. Since: 0.2.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_monitor_record_to(trimtab_monitor *monitor, const char *path);

/* "dead_units" and the like; "unknown" for another value. In the preset SAGEMAKER a rule keeps this name. Static. Since: 0.2. */
TRIMTAB_API const char *trimtab_rule_name(trimtab_rule rule);
/* The name that SageMaker Debugger publishes for a rule of that preset, such as "DeadRelu"; "" for others. Static. Since: 0.2. */
TRIMTAB_API const char *trimtab_rule_published_name(trimtab_rule rule);
/* "proceed", "clip", "skip", "roll_back", "stop"; "unknown". Static. Since: 0.2. */
TRIMTAB_API const char *trimtab_action_name(trimtab_action action);
/* "gradient", "weight" and so on; "unknown". Static. Since: 0.2. */
TRIMTAB_API const char *trimtab_quantity_name(trimtab_quantity quantity);

#ifdef __cplusplus
}
#endif
#endif
