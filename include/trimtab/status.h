/* Statuses, versions, and the words that every report shares. SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_STATUS_H
#define TRIMTAB_STATUS_H

#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define TRIMTAB_API __attribute__((visibility("default")))
#define TRIMTAB_CHECKED __attribute__((warn_unused_result))
#else
#define TRIMTAB_API
#define TRIMTAB_CHECKED
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define TRIMTAB_VERSION_MAJOR 0
#define TRIMTAB_VERSION_MINOR 1
#define TRIMTAB_VERSION_PATCH 0
/* MAJOR * 1000000 + MINOR * 1000 + PATCH */
#define TRIMTAB_VERSION_NUMBER 1000
/* Grows by one whenever a declaration here changes in a way that a compiled caller can notice. */
#define TRIMTAB_ABI_VERSION 1

/* What a call came to. Values are pinned and never renumbered. */
typedef int32_t trimtab_status;
enum {
  TRIMTAB_OK = 0,
  /* The arguments (10 to 29). */
  TRIMTAB_ERROR_NULL_ARGUMENT = 10,    /* a required pointer is NULL */
  TRIMTAB_ERROR_INVALID_ARGUMENT = 11, /* a value is outside what is allowed */
  TRIMTAB_ERROR_SHAPE = 12,            /* a rank or a shape does not fit */
  TRIMTAB_ERROR_DTYPE = 13,            /* an unknown or unsuitable element type */
  TRIMTAB_ERROR_DEVICE = 14,           /* the tensor is not in host memory */
  TRIMTAB_ERROR_OVERFLOW = 15,         /* a product of sizes leaves 64 bits */
  TRIMTAB_ERROR_STRUCT_SIZE = 16,      /* struct_size is unset, too small, or of a newer library */
  TRIMTAB_ERROR_CAPACITY = 17,         /* the caller's buffer is too small; *needed says how much it takes */
  TRIMTAB_ERROR_MISMATCH = 18,         /* two accumulators of different shape or options were to be merged or compared */
  /* Saved states (30 to 39). */
  TRIMTAB_ERROR_STATE_CORRUPT = 30, /* not a saved state, truncated, or its checksum does not fit */
  TRIMTAB_ERROR_STATE_KIND = 31,    /* a saved state of another kind of accumulator */
  TRIMTAB_ERROR_STATE_VERSION = 32, /* saved by a newer version */
  /* The machine (40 to 49). */
  TRIMTAB_ERROR_OUT_OF_MEMORY = 40,
  TRIMTAB_ERROR_FILE = 41, /* a file could not be opened or written */
  TRIMTAB_ERROR_CALLBACK = 60, /* a callback of the caller ended the call */
  TRIMTAB_ERROR_INTERNAL = 90
};

/* Whether a report's measurements could be taken. */
typedef int32_t trimtab_outcome;
enum {
  TRIMTAB_OUTCOME_OK = 0,
  TRIMTAB_OUTCOME_INSUFFICIENT = 1, /* too little data to tell */
  TRIMTAB_OUTCOME_DEGENERATE = 2,   /* the data make the quantity meaningless (all constant, no feature, one class) */
  TRIMTAB_OUTCOME_NONFINITE = 3     /* NaN or Inf stand where a value was needed */
};

/* What the measurements mean. */
typedef int32_t trimtab_verdict;
enum {
  TRIMTAB_VERDICT_UNKNOWN = -1, /* could not be judged; the outcome says why */
  TRIMTAB_VERDICT_HEALTHY = 0,
  TRIMTAB_VERDICT_NOTICE = 1, /* worth knowing, not a fault */
  TRIMTAB_VERDICT_WARNING = 2,
  TRIMTAB_VERDICT_CRITICAL = 3
};

/* The likely cause behind a verdict. Each has a key, a sentence, a cure and a way to check it (functions below). */
typedef int32_t trimtab_cause;
enum {
  TRIMTAB_CAUSE_NONE = 0,
  /* conditioning */
  TRIMTAB_CAUSE_FEATURE_SCALE = 100,       /* features live on different scales: standardise */
  TRIMTAB_CAUSE_FEATURE_CORRELATION = 101, /* features are nearly linear functions of others: whiten */
  TRIMTAB_CAUSE_CONSTANT_FEATURE = 102,    /* features that never vary: drop them */
  TRIMTAB_CAUSE_TOO_FEW_SAMPLES = 103,     /* no more samples than features: shrink, or collect more */
  TRIMTAB_CAUSE_REDUNDANT_FEATURE = 104,   /* features that are exact linear functions of others: duplicates, a one-hot code */
  TRIMTAB_CAUSE_RANK_DEFICIENT = 110,      /* a matrix that is numerically singular in its own precision */
  TRIMTAB_CAUSE_ZERO_STRUCTURE = 111,      /* rows or columns of exact zeros: structure, not a fault */
  /* neurons */
  TRIMTAB_CAUSE_LEARNING_RATE_TOO_HIGH = 200, /* a step threw weights far off, or units far below zero */
  TRIMTAB_CAUSE_UNSCALED_INPUT = 201,         /* units driven by inputs that are far from unit scale */
  TRIMTAB_CAUSE_NEGATIVE_BIAS = 202,          /* units that start or sit just below zero */
  TRIMTAB_CAUSE_SATURATION = 203,             /* units of a bounded activation stuck at its ends */
  TRIMTAB_CAUSE_DORMANT_UNITS = 204,          /* units whose output is tiny beside their layer's */
  TRIMTAB_CAUSE_SILENT_INPUT = 205,           /* units at which nothing arrives: pre-activations of exactly 0 */
  /* pseudo-labels */
  TRIMTAB_CAUSE_UNSTABLE_TARGETS = 300,   /* pseudo-labels change between rounds */
  TRIMTAB_CAUSE_TARGET_OSCILLATION = 301, /* pseudo-labels go A, B, A */
  TRIMTAB_CAUSE_CLASS_COLLAPSE = 302,     /* the predicted classes leave the prior */
  TRIMTAB_CAUSE_EMPTY_GATE = 303,         /* no sample passes the confidence gate */
  /* gradients */
  TRIMTAB_CAUSE_NONFINITE_GRADIENT = 400, /* NaN or Inf in a gradient */
  TRIMTAB_CAUSE_VANISHING_GRADIENT = 401, /* gradients shrink towards the first layers */
  TRIMTAB_CAUSE_EXPLODING_GRADIENT = 402, /* gradients far too large, or growing towards the first layers */
  TRIMTAB_CAUSE_ZERO_GRADIENT = 403,      /* a tensor whose gradient is exactly zero throughout */
  TRIMTAB_CAUSE_TINY_GRADIENT = 404,      /* gradients all but zero: of some tensors, or of all */
  /* a run that is watched */
  TRIMTAB_CAUSE_NONFINITE_ACTIVATION = 500,  /* a layer's forward pass gave NaN or Inf */
  TRIMTAB_CAUSE_NONFINITE_LOSS = 501,        /* the loss did, though every layer is finite */
  TRIMTAB_CAUSE_NONFINITE_WEIGHT = 502,      /* an earlier step poisoned a weight */
  TRIMTAB_CAUSE_RANGE_OVERFLOW = 503,        /* values reached the end of their type's range */
  TRIMTAB_CAUSE_RANGE_UNDERFLOW = 504,       /* gradients below the normal range of their type */
  TRIMTAB_CAUSE_SMALL_INITIALISATION = 510,  /* weights too small for the depth */
  TRIMTAB_CAUSE_LARGE_INITIALISATION = 511,  /* weights too large for the depth */
  TRIMTAB_CAUSE_LEARNING_RATE_TOO_LOW = 512, /* the weights hardly change */
  TRIMTAB_CAUSE_FROZEN_PARAMETER = 520,      /* a parameter that should train does not change */
  TRIMTAB_CAUSE_MISSING_GRADIENT = 521,      /* a parameter that should train never got a gradient */
  TRIMTAB_CAUSE_MISSING_OPTIMIZER_STEP = 522, /* no parameter changes */
  TRIMTAB_CAUSE_WEIGHTS_LOST = 523,          /* weights changed at once far more than ever */
  TRIMTAB_CAUSE_GRADIENT_NOT_CLEARED = 524,  /* gradients of earlier steps are still in this one's */
  TRIMTAB_CAUSE_BAD_BATCH = 530,             /* one step far out from those before it */
  TRIMTAB_CAUSE_DIVERGENCE = 531,            /* the loss has left its best value for good */
  TRIMTAB_CAUSE_PLATEAU = 532,               /* the loss no longer falls */
  TRIMTAB_CAUSE_OSCILLATION = 533,           /* the loss goes up and down from step to step */
  TRIMTAB_CAUSE_OVERFITTING = 534,           /* the validation loss rises while the training loss falls */
  TRIMTAB_CAUSE_CLIPPING_RULES = 535,        /* most steps are clipped */
  TRIMTAB_CAUSE_NOISE_DOMINATED = 536,       /* the gradient is mostly noise */
  TRIMTAB_CAUSE_LOGIT_GROWTH = 540,          /* attention logits grow */
  TRIMTAB_CAUSE_ATTENTION_COLLAPSE = 541,    /* a head looks at one key */
  TRIMTAB_CAUSE_WIDTH_SCALING = 542,         /* activations grow with width */
  TRIMTAB_CAUSE_RANK_COLLAPSE = 543,         /* a weight of about one direction */
  TRIMTAB_CAUSE_SKIPPED_TOO_OFTEN = 550,     /* skipping does not help */
  TRIMTAB_CAUSE_STALLED = 551,               /* nothing was heard of the run for long */
  /* scales and distributions that are compared */
  TRIMTAB_CAUSE_NODE_SCALE = 570,             /* nodes on very different scales: normalise each node */
  TRIMTAB_CAUSE_PER_FEATURE_SCALE = 571,      /* features on very different scales: normalise each feature */
  TRIMTAB_CAUSE_NODE_AND_FEATURE_SCALE = 572, /* both: features first, then nodes */
  TRIMTAB_CAUSE_OUTLIER_SCALE = 573,          /* a few nodes or features far off in scale */
  TRIMTAB_CAUSE_NO_OVERLAP = 574,              /* two distributions that hardly overlap */
  /* a discriminator, and a loss of two parts */
  TRIMTAB_CAUSE_BATCH_DEPENDENCE = 580,      /* outputs depend on other samples of the batch: a fact, not a fault */
  TRIMTAB_CAUSE_BATCH_SHORTCUT = 581,        /* the batch's company decides, and not the sample */
  TRIMTAB_CAUSE_BATCH_BLINDING = 582,        /* a norm over the batch takes out the signal */
  TRIMTAB_CAUSE_UNFROZEN_FUNCTION = 583,     /* two runs of one batch differ: dropout or noise */
  TRIMTAB_CAUSE_NO_ADVERSARIAL_SIGNAL = 584, /* the adversarial loss has no gradient */
  TRIMTAB_CAUSE_NO_PIXEL_SIGNAL = 585,       /* the pixel loss has none */
  TRIMTAB_CAUSE_WEAK_ADVERSARY = 586,        /* the adversarial gradient is far below the pixel loss's: blur */
  TRIMTAB_CAUSE_STRONG_ADVERSARY = 587,      /* far above it: divergence */
  TRIMTAB_CAUSE_BLURRED_OUTPUT = 588,        /* less fine structure than the references */
  TRIMTAB_CAUSE_UNSTABLE_GAME = 589,          /* an eigenvalue of the update outside the unit circle */
  /* generative models */
  TRIMTAB_CAUSE_EXPOSURE_BIAS = 590,      /* errors pile up under the model's own outputs */
  TRIMTAB_CAUSE_POSTERIOR_COLLAPSE = 591, /* latent dimensions hold the prior whatever goes in */
  TRIMTAB_CAUSE_MODE_COLLAPSE = 592,      /* samples leave parts of the data uncovered */
  TRIMTAB_CAUSE_BLURRED_SAMPLES = 593,    /* samples lie where there are no data */
  TRIMTAB_CAUSE_TOO_FEW_STEPS = 594,       /* a sampler takes too few steps */
  TRIMTAB_CAUSE_FEWER_SAMPLES_THAN_NEIGHBOURS = 595, /* of which a ball is made: nothing can be told */
  /* functions in adaptive solvers */
  TRIMTAB_CAUSE_NONSMOOTH_FIELD = 600,     /* the first derivative jumps */
  TRIMTAB_CAUSE_DISCONTINUOUS_FIELD = 601, /* the function itself does, or is computed in less than float64 */
  TRIMTAB_CAUSE_LIMITED_SMOOTHNESS = 602,  /* the second derivative jumps */
  TRIMTAB_CAUSE_REJECTED_STEPS = 603,      /* a solver rejects as many steps as kinks make it */
  TRIMTAB_CAUSE_STEP_UNDERFLOW = 604,      /* its step fell below what the time can resolve */
  TRIMTAB_CAUSE_NONFINITE_FIELD = 605,     /* the function gave NaN or Inf */
  TRIMTAB_CAUSE_EVALUATION_LIMIT = 606,     /* the solver made all evaluations that it may */
  /* logs of runs */
  TRIMTAB_CAUSE_WEIGHTS_LOST_AT_RESUME = 620, /* resumed without its weights */
  TRIMTAB_CAUSE_OPTIMIZER_STATE_LOST = 621,   /* resumed without its moments or other state */
  TRIMTAB_CAUSE_SCHEDULE_RESTARTED = 622,     /* the learning rate was raised again */
  TRIMTAB_CAUSE_HIDDEN_NONFINITE = 623,       /* the trainer writes another number for NaN */
  TRIMTAB_CAUSE_MISSING_STEPS = 624,          /* rows are missing */
  TRIMTAB_CAUSE_REPEATED_STEPS = 625,         /* steps stand there more than once */
  TRIMTAB_CAUSE_BACKWARD_STEPS = 626,         /* steps go back: a restart, or another run */
  TRIMTAB_CAUSE_LOSS_SCALE_COLLAPSE = 627,    /* gradients overflow at every loss scale */
  TRIMTAB_CAUSE_LEVEL_SHIFT = 628,            /* the loss rose at once and stayed */
  TRIMTAB_CAUSE_UPWARD_DRIFT = 629,           /* the loss rises slowly */
  TRIMTAB_CAUSE_CONSTANT_LOSS = 630,          /* the loss is one number throughout */
  TRIMTAB_CAUSE_NOTHING_LEARNT = 631,         /* the loss never left its start */
  TRIMTAB_CAUSE_LOSS_ENDS = 632,              /* the loss is missing to the end of the log */
  /* how a run is set up */
  TRIMTAB_CAUSE_OUTPUT_ACTIVATION = 640, /* what stands behind the last layer does not fit the loss */
  TRIMTAB_CAUSE_WRONG_LOSS = 641, /* the loss does not fit the targets */
  TRIMTAB_CAUSE_SUMMED_LOSS = 642, /* a sum over the batch */
  TRIMTAB_CAUSE_BROADCAST_LOSS = 643, /* outputs and targets broadcast against each other */
  TRIMTAB_CAUSE_UNSCALED_TARGET = 644, /* targets far from unit scale */
  TRIMTAB_CAUSE_GRADIENT_ASCENT = 645, /* the negative of the loss is minimised */
  TRIMTAB_CAUSE_REPEATED_BATCH = 646, /* every step gets the same batch */
  TRIMTAB_CAUSE_BATCH_OF_ONE = 647, /* a batch normalisation over too few values */
  TRIMTAB_CAUSE_EVALUATION_MODE = 648, /* training and evaluation mode mixed up */
  TRIMTAB_CAUSE_WEIGHT_DECAY_TOO_STRONG = 649, /* weights decay faster than they learn */
  TRIMTAB_CAUSE_DROPOUT_TOO_STRONG = 650, /* dropout leaves too little */
  TRIMTAB_CAUSE_OPTIMIZER_EPSILON = 651, /* epsilon does not fit gradients or type */
  /* the course of learning */
  TRIMTAB_CAUSE_UNRELATED_TARGETS = 660,    /* inputs do not tell the targets: shuffled apart, or of no use */
  TRIMTAB_CAUSE_TARGET_MISMATCH = 661,      /* targets of training and of validation are made differently */
  TRIMTAB_CAUSE_CONSTANT_INITIALISATION = 662 /* weights that start at one value */
};

/*
 * The name of a status, such as "TRIMTAB_ERROR_SHAPE".
 * Never NULL, for any value ("TRIMTAB_STATUS_UNKNOWN" for one this version does not know). Static. Since: 0.1.
 */
TRIMTAB_API const char *trimtab_status_name(trimtab_status status);

/*
 * One sentence about the last failed call on this thread: which argument, what was found, what is allowed.
 * Never NULL ("" before any failure); untouched by successful calls; valid until the next failing call on this thread.
 * Since: 0.1.
 */
TRIMTAB_API const char *trimtab_last_error(void);

/* TRIMTAB_VERSION_NUMBER of the library that is loaded. Since: 0.1. */
TRIMTAB_API uint32_t trimtab_version_number(void);
/* The version as text, such as "0.1.0". Static. Since: 0.1. */
TRIMTAB_API const char *trimtab_version_string(void);
/* TRIMTAB_ABI_VERSION of the library that is loaded; a binding compares it before its first call. Since: 0.1. */
TRIMTAB_API uint32_t trimtab_abi_version(void);
/* The instruction set that the kernels use here: "baseline", "x86-64-v3" or "x86-64-v4". Static. Since: 0.1. */
TRIMTAB_API const char *trimtab_kernel_level(void);

/* Short stable keys ("ok", "insufficient", "degenerate", "nonfinite"; "unknown" for another value). Static. Since: 0.1. */
TRIMTAB_API const char *trimtab_outcome_name(trimtab_outcome outcome);
/* "unknown", "healthy", "notice", "warning", "critical". Static. Since: 0.1. */
TRIMTAB_API const char *trimtab_verdict_name(trimtab_verdict verdict);
/* The stable key of a cause, such as "feature_scale"; "none" for 0, "unknown" for another value. Static. Since: 0.1. */
TRIMTAB_API const char *trimtab_cause_name(trimtab_cause cause);
/* One sentence that says what the cause is; "" for TRIMTAB_CAUSE_NONE and unknown values. Static. Since: 0.1. */
TRIMTAB_API const char *trimtab_cause_text(trimtab_cause cause);
/* One sentence that says what cures it; "" where nothing needs curing. Static. Since: 0.1. */
TRIMTAB_API const char *trimtab_cure_text(trimtab_cause cause);
/* One sentence that says how to check that this is the cause; "" where there is none. Static. Since: 0.1. */
TRIMTAB_API const char *trimtab_check_text(trimtab_cause cause);

#ifdef __cplusplus
}
#endif
#endif
