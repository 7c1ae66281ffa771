/* A compact trainer, and derivatives of losses made of operations. SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_TRAINER_H
#define TRIMTAB_TRAINER_H

#include <stddef.h>

#include "monitor.h"
#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Trains a net from a description: layers, loss, optimizer, seed. Small, exact and without anything installed beside it,
 * so that an instability and its cure can be shown, tested and replayed. The same description, data and calls give the
 * same bytes on every machine of one instruction set.
 *
 * Arrays begin with the batch and end with the features: (batch, ..., features); images are (batch, height, width,
 * channels), sequences (batch, time, features), words (batch, time), graphs (nodes, features).
 *
 * A handle is used by one thread at a time. A call that fails leaves the trainer as it was.
 */
typedef struct trimtab_trainer trimtab_trainer;

typedef int32_t trimtab_layer_kind;
enum {
  TRIMTAB_LAYER_DENSE = 0,             /* x W + b over the last axis: units */
  TRIMTAB_LAYER_CONVOLUTION = 1,       /* 2-D: units, kernel, stride, padding */
  TRIMTAB_LAYER_GRAPH_CONVOLUTION = 2, /* S x W + b: units; S is given by trimtab_trainer_set_graph */
  TRIMTAB_LAYER_EMBEDDING = 3,         /* words to rows of a table: units, words; the first layer alone */
  TRIMTAB_LAYER_GRU = 4,               /* gated recurrent unit as in PyTorch: units, gives_sequence */
  TRIMTAB_LAYER_ATTENTION = 5,         /* groups heads over units (0: as the input), is_causal, normalises_queries */
  TRIMTAB_LAYER_ACTIVATION = 6,        /* an activation alone */
  TRIMTAB_LAYER_NORMALISATION = 7,     /* normalisation, groups, epsilon, rate */
  TRIMTAB_LAYER_DROPOUT = 8,           /* rate */
  TRIMTAB_LAYER_MAXIMUM_POOLING = 9,   /* kernel, stride, padding */
  TRIMTAB_LAYER_MEAN_POOLING = 10,     /* kernel, stride, padding (zeros of the padding count) */
  TRIMTAB_LAYER_UPSAMPLING = 11,       /* each position kernel times in both directions */
  TRIMTAB_LAYER_FLATTEN = 12,          /* to (batch, everything else) */
  TRIMTAB_LAYER_TIME_MEAN = 13         /* from (batch, time, features) to (batch, features) */
};

enum { /* the first eight are those of neurons.h */
  TRIMTAB_LAYER_ACTIVATION_SELU = 8,
  TRIMTAB_LAYER_ACTIVATION_SOFTPLUS = 9,
  TRIMTAB_LAYER_ACTIVATION_NONE = -1
};

enum {
  TRIMTAB_NORMALISATION_BATCH = 0,    /* over all but the features; running numbers where nothing trains */
  TRIMTAB_NORMALISATION_LAYER = 1,    /* over the features of each position */
  TRIMTAB_NORMALISATION_INSTANCE = 2, /* over the positions of each sample and feature */
  TRIMTAB_NORMALISATION_GROUP = 3,    /* over the positions and a group of features of each sample */
  TRIMTAB_NORMALISATION_NODE = 4,     /* each row over a root (`rate`, 1) of its standard deviation */
  TRIMTAB_NORMALISATION_PAIR = 5,     /* columns centred, then one scale for all rows */
  TRIMTAB_NORMALISATION_FEATURE = 6,  /* each row over its length (FeatureNorm, L2). Since 0.4, as the next two */
  TRIMTAB_NORMALISATION_PAIR_SI = 7,  /* columns centred, then each row over its length (PairNorm-SI) */
  TRIMTAB_NORMALISATION_GRAPH = 8     /* gamma (h - alpha mean) / deviation + beta over the nodes, alpha learnt (GraphNorm) */
};

enum {
  TRIMTAB_INITIALISER_DEFAULT = 0, /* He for ReLU and its kin, LeCun for SELU, else Xavier; embeddings normal */
  TRIMTAB_INITIALISER_HE_NORMAL = 1,
  TRIMTAB_INITIALISER_HE_UNIFORM = 2,
  TRIMTAB_INITIALISER_XAVIER_NORMAL = 3,
  TRIMTAB_INITIALISER_XAVIER_UNIFORM = 4,
  TRIMTAB_INITIALISER_LECUN_NORMAL = 5,
  TRIMTAB_INITIALISER_LECUN_UNIFORM = 6,
  TRIMTAB_INITIALISER_ORTHOGONAL = 7,
  TRIMTAB_INITIALISER_CONSTANT = 8, /* gain is the number */
  TRIMTAB_INITIALISER_NORMAL = 9    /* gain is the standard deviation */
};

enum { /* flags of a layer */
  TRIMTAB_LAYER_NO_BIAS = 1,
  TRIMTAB_LAYER_SPECTRAL = 2,        /* weights over their largest singular value, by a power iteration step a training step */
  TRIMTAB_LAYER_CAUSAL = 4,          /* attention: each time sees itself and the past */
  TRIMTAB_LAYER_NORMALISED_QUERIES = 8, /* attention: queries and keys are normalised over the features of a head */
  TRIMTAB_LAYER_SEQUENCE = 16,       /* GRU: gives every time step, not the last alone */
  TRIMTAB_LAYER_RESIDUAL = 32,       /* adds what went in to what comes out */
  TRIMTAB_LAYER_SCHEDULED_LEAK = 64  /* leaky ReLU: its slope follows the trainer's leak schedule */
};

/* One layer. Fields that its kind does not name are not looked at. */
typedef struct trimtab_layer {
  uint32_t struct_size;
  trimtab_layer_kind kind;
  int64_t units;
  int64_t kernel;
  int64_t stride;
  int64_t padding;
  int64_t groups;
  int64_t words;
  int32_t activation;    /* after the layer: TRIMTAB_ACTIVATION_..., or TRIMTAB_LAYER_ACTIVATION_... */
  int32_t normalisation;
  int32_t initialiser;
  uint32_t flags;
  double slope;   /* 0 or more, of a leaky ReLU (-1: 0.01), alpha of ELU (-1: 1) */
  double rate;    /* dropout's share (-1: 0.5), a batch norm's share of a new batch (-1: 0.1), NodeNorm's root (-1: 1) */
  double epsilon; /* of normalisations */
  double gain;    /* of the initialiser */
} trimtab_layer;

#define TRIMTAB_LAYER_INIT                                                                                        \
  {(uint32_t)sizeof(trimtab_layer), TRIMTAB_LAYER_DENSE, 0, 1, 1, 0, 1, 0, TRIMTAB_LAYER_ACTIVATION_NONE, 0, 0, 0u, \
   -1.0, -1.0, 1e-5, 1.0}

enum {
  TRIMTAB_LOSS_SQUARED = 0,              /* mean of (p - t)^2 over all numbers */
  TRIMTAB_LOSS_HALF_SQUARED = 1,         /* half of it, summed over the outputs and averaged over the samples */
  TRIMTAB_LOSS_ABSOLUTE = 2,             /* mean of |p - t| */
  TRIMTAB_LOSS_HUBER = 3,                /* mean of Huber's loss, its bend at 1 */
  TRIMTAB_LOSS_CROSS_ENTROPY = 4,        /* mean of -ln softmax(p) at the label; targets are labels */
  TRIMTAB_LOSS_BINARY_CROSS_ENTROPY = 5, /* mean of ln(1 + e^p) - p t: p logits, t from 0 to 1 */
  TRIMTAB_LOSS_CUSTOM = 6                /* what the objective records */
};
enum {
  TRIMTAB_OPTIMIZER_SGD = 0,
  TRIMTAB_OPTIMIZER_HEAVY_BALL = 1, /* m = momentum m + g; w -= rate m, as PyTorch's SGD */
  TRIMTAB_OPTIMIZER_NESTEROV = 2,
  TRIMTAB_OPTIMIZER_ADAM = 3,
  TRIMTAB_OPTIMIZER_ADAMW = 4,
  TRIMTAB_OPTIMIZER_RMSPROP = 5
};
enum {
  TRIMTAB_SCHEDULE_CONSTANT = 0,
  TRIMTAB_SCHEDULE_COSINE = 1,     /* to minimum_factor over total_steps */
  TRIMTAB_SCHEDULE_STEP = 2,       /* times decay every step_size steps */
  TRIMTAB_SCHEDULE_EXPONENTIAL = 3 /* times decay every step */
};
enum { TRIMTAB_PRECISION_FLOAT32 = 0, TRIMTAB_PRECISION_FLOAT64 = 1 };

/* A value on a tape: what an operation gave. */
typedef int64_t trimtab_value;
/* Lives while the callback that was given it runs. */
typedef struct trimtab_tape trimtab_tape;

/*
 * Records a scalar loss with trimtab_tape_record. Of a trainer's custom loss the operands are the prediction and the
 * target. Called once for each batch size, not at each step. Returns TRIMTAB_OK, or any other number to end the call
 * with TRIMTAB_ERROR_CALLBACK. Calls of the trainer that asked for it are refused in it with INVALID_ARGUMENT; a trainer
 * that it destroys is gone when the call ends.
 */
typedef int32_t (*trimtab_objective)(void *user, trimtab_tape *tape, const trimtab_value *operands, int64_t count,
                                     trimtab_value *loss);

typedef struct trimtab_trainer_options {
  uint32_t struct_size;
  int32_t precision;
  const trimtab_layer *layers;
  int64_t layer_count;
  const int64_t *input_shape; /* of one sample, without the batch; words: (time) */
  int64_t input_rank;
  uint64_t seed;
  int32_t loss;
  int32_t optimizer;
  double learning_rate;
  double momentum;
  double beta1;
  double beta2;
  double epsilon;   /* above 0 in the precision: PyTorch's 0 gives NaN where a gradient was always 0 */
  double smoothing; /* RMSProp's */
  double weight_decay;
  int32_t schedule;
  int32_t clipping; /* TRIMTAB_CLIPPING_... */
  int64_t warm_up_steps;
  int64_t total_steps;
  int64_t step_size;
  double decay;
  double minimum_factor;
  double maximum_norm;  /* of clipping */
  double average_decay; /* of a moving average of the weights; 0: none */
  double leak_start;    /* slope of scheduled leaks: leak_end + (leak_start - leak_end) exp(-step / leak_time) */
  double leak_end;
  double leak_time;
  trimtab_objective objective; /* for TRIMTAB_LOSS_CUSTOM */
  void *user;
} trimtab_trainer_options;

#define TRIMTAB_TRAINER_OPTIONS_INIT                                                                               \
  {(uint32_t)sizeof(trimtab_trainer_options), TRIMTAB_PRECISION_FLOAT32, NULL, 0, NULL, 0, 0, TRIMTAB_LOSS_SQUARED, \
   TRIMTAB_OPTIMIZER_SGD, 0.01, 0.9, 0.9, 0.999, 1e-8, 0.99, 0.0, TRIMTAB_SCHEDULE_CONSTANT,                        \
   TRIMTAB_CLIPPING_NONE, 0, 0, 0, 0.1, 0.0, 1.0, 0.0, 0.3, 0.01, 200.0, NULL, NULL}

/* What a step came to. */
typedef struct trimtab_trainer_report {
  uint32_t struct_size;
  trimtab_action action; /* an attached monitor's; the trainer has obeyed it */
  int64_t step;          /* counted from 1 */
  double loss;
  double gradient_norm;  /* before clipping */
  double learning_rate;
  double clip_factor;    /* the least of all parameters; 1: none */
  int32_t is_taken;      /* whether the weights moved */
  int32_t has_constant_targets; /* whether all samples since it was made or loaded, 16 or more, had the same target: a constant is
                                   all that there is to learn. Never with a custom loss. */
} trimtab_trainer_report;

#define TRIMTAB_TRAINER_REPORT_INIT {(uint32_t)sizeof(trimtab_trainer_report), 0, 0, 0.0, 0.0, 0.0, 0.0, 0, 0}

typedef struct trimtab_evaluation_report {
  uint32_t struct_size;
  uint32_t reserved;
  double loss;
  double accuracy; /* share of labels that the greatest output names; NaN without labels */
  int64_t count;
} trimtab_evaluation_report;

#define TRIMTAB_EVALUATION_REPORT_INIT {(uint32_t)sizeof(trimtab_evaluation_report), 0u, 0.0, 0.0, 0}

/*
 * Makes a trainer, its weights set by the seed.
 *
 *   options  layers and input_shape are read in the call alone; objective and user as long as the trainer lives
 *
 * Errors: NULL_ARGUMENT, STRUCT_SIZE, INVALID_ARGUMENT and SHAPE ("layers[2].units: found 0, allowed ..."), CALLBACK,
 * OUT_OF_MEMORY. Complexity: of one step on a batch of one. Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_create(const trimtab_trainer_options *options,
                                                                  trimtab_trainer **trainer);
TRIMTAB_API void trimtab_trainer_destroy(trimtab_trainer *trainer);

/*
 * Trains on a batch: forward, backward, clipping, what an attached monitor says, optimizer.
 *
 *   inputs   (batch, input_shape...), any element type; words are whole numbers from 0 to words - 1
 *   targets  of the output's shape, whose last axis may be missing where it is 1; labels of the output's shape without its
 *            last axis, from 0 to classes - 1, for the cross-entropy
 *   report   written on success
 *
 * Edge cases: a loss or gradient that overflows is reported as it is, and the weights move unless a monitor objects. A
 * batch of another size than before takes memory; the last two sizes are kept.
 * Errors: NULL_ARGUMENT, SHAPE, INVALID_ARGUMENT (NaN or Inf in the data, a label or word outside, no graph),
 * OUT_OF_MEMORY. Complexity: one forward and one backward pass. Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_step(trimtab_trainer *trainer, const trimtab_tensor *inputs,
                                                                const trimtab_tensor *targets,
                                                                trimtab_trainer_report *report);

/* The loss on a batch without training on it: no dropout, running statistics, the weights as they are. Errors: as
   trimtab_trainer_step. Since: 0.3. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_evaluate(trimtab_trainer *trainer,
                                                                    const trimtab_tensor *inputs,
                                                                    const trimtab_tensor *targets,
                                                                    trimtab_evaluation_report *report);

/*
 * The outputs for a batch.
 *
 *   outputs  float32 or float64, as many elements as the outputs, any strides; written on success
 *
 * Errors: as trimtab_trainer_step; SHAPE for another number of elements. Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_predict(trimtab_trainer *trainer,
                                                                   const trimtab_tensor *inputs,
                                                                   const trimtab_tensor *outputs);

/* The extents of the outputs for one sample; rank is at most 8. Errors: NULL_ARGUMENT, INVALID_ARGUMENT (a graph is
   needed). Since: 0.3. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_output_shape(trimtab_trainer *trainer, int64_t shape[8],
                                                                        int64_t *rank);

/* Sets the learning rate that the schedule multiplies, from the next step on. Errors: NULL_ARGUMENT, INVALID_ARGUMENT
   (negative, NaN, Inf). Since: 0.3. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_set_learning_rate(trimtab_trainer *trainer, double rate);

/*
 * Sets the schedule of scheduled leaks, from the next call on: leak_end + (leak_start - leak_end) exp(-step / leak_time), steps
 * counted from the start of training. start = end: the same slope at all times. With 0 and 0 what was trained with a leak
 * is evaluated as a plain ReLU.
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (not finite, a time of 0 or below). Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_set_leak(trimtab_trainer *trainer, double start, double end,
                                                                    double time);

/*
 * The matrix of graph convolutions, nodes x nodes: triples in any order, those of one place add up. A batch is then all
 * nodes. Errors: NULL_ARGUMENT, INVALID_ARGUMENT (an index outside), SHAPE, OUT_OF_MEMORY. Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_set_graph(trimtab_trainer *trainer, int64_t nodes,
                                                                     int64_t count, const int64_t *rows,
                                                                     const int64_t *columns, const double *values);

enum { /* what views show */
  TRIMTAB_TRAINER_PARAMETER = 0,
  TRIMTAB_TRAINER_BUFFER = 1,     /* running means and variances, vectors of power iterations */
  TRIMTAB_TRAINER_GRADIENT = 2,   /* of the last step */
  TRIMTAB_TRAINER_ACTIVATION = 3, /* of the last step: what went into each activation, and outputs without one */
  TRIMTAB_TRAINER_AVERAGE = 4     /* of the moving average of the weights */
};

/* How many there are of a kind. Errors: NULL_ARGUMENT, INVALID_ARGUMENT. Since: 0.3. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_tensor_count(const trimtab_trainer *trainer, int32_t what,
                                                                        int64_t *count);

/*
 * A view without a copy.
 *
 *   name    may be NULL; "layer0.weight", alive as long as the trainer
 *   tensor  its shape and strides live until the trainer's next view, its data until the next call that trains, loads,
 *           takes derivatives or sets a graph (parameters and buffers: as long as the trainer). Parameters, buffers and averages may be
 *           written to.
 *
 * Weights are shown as PyTorch has them, (out, in) and (out, in, height, width), by strides.
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (outside, before the first step, no average is kept, a parameter without a
 * gradient). Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_tensor(trimtab_trainer *trainer, int32_t what, int64_t index,
                                                                  const char **name, trimtab_tensor *tensor);

/*
 * Lets a monitor watch each step and obeys it: a step that it skips, rolls back or stops does not move the weights; it
 * may clip. NULL ends that. Registers the trainer's parameters and layers, so a monitor is attached to one trainer once.
 * The monitor must live until the trainer is destroyed or another is attached.
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (a name is taken). Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_attach(trimtab_trainer *trainer, trimtab_monitor *monitor);

/*
 * Everything that goes on from here bit for bit: parameters, buffers, optimizer, average, step count. As the save and
 * load of accumulators, but into a trainer of the same description.
 * Errors: NULL_ARGUMENT, CAPACITY; STATE_... , MISMATCH (another description): then nothing has changed. Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_save(const trimtab_trainer *trainer, void *buffer,
                                                                int64_t capacity, int64_t *needed);
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_load(trimtab_trainer *trainer, const void *buffer,
                                                                int64_t length);

/*
 * Loss, gradient and the product of the Hessian with a vector on a batch, in training mode, without moving anything.
 *
 *   count     numbers of all parameters, in the order of the views' memory (as stored, not as shown)
 *   vector    count numbers; NULL: no product is asked for
 *   gradient  count numbers, or NULL
 *   product   count numbers, or NULL with vector NULL
 *
 * The product is exact (the gradient's product with the vector, differentiated; Pearlmutter 1994), never a difference.
 * At a kink of an activation the derivative from the left is taken.
 * Errors: as trimtab_trainer_step; MISMATCH for another count. Complexity: 2 and 4 gradients. Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_derivatives(trimtab_trainer *trainer,
                                                                       const trimtab_tensor *inputs,
                                                                       const trimtab_tensor *targets,
                                                                       const double *vector, int64_t count,
                                                                       double *loss, double *gradient,
                                                                       double *product);

typedef struct trimtab_sharpness_options {
  uint32_t struct_size;
  int32_t is_preconditioned;   /* 1: of P^-1/2 H P^-1/2 with Adam's or RMSProp's P, after the first step */
  int64_t greatest_iterations; /* 40 */
  int64_t trace_samples;       /* 0: the trace is not estimated */
  double tolerance;            /* 1e-3 of the eigenvalue */
  uint64_t seed;
} trimtab_sharpness_options;

#define TRIMTAB_SHARPNESS_OPTIONS_INIT {(uint32_t)sizeof(trimtab_sharpness_options), 0, 40, 0, 1e-3, 0}

typedef struct trimtab_sharpness_report {
  uint32_t struct_size;
  trimtab_outcome outcome;
  double largest_eigenvalue;
  double residual_bound; /* an eigenvalue lies within this of it */
  double threshold;      /* c / learning rate of the update rule: what a quadratic may have */
  double index;          /* largest_eigenvalue / threshold: below 0.8 calm, about 1 at the edge of stability; NaN for a plain Hessian under Adam or RMSProp */
  double trace;          /* NaN unless asked for */
  double trace_error;    /* its standard error */
  int64_t iterations;
  int32_t is_converged;
  int32_t reserved;
} trimtab_sharpness_report;

#define TRIMTAB_SHARPNESS_REPORT_INIT \
  {(uint32_t)sizeof(trimtab_sharpness_report), 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0}

/*
 * The largest eigenvalue of the loss's Hessian on a batch, by Lanczos with full reorthogonalisation, against what the
 * optimizer's update rule can bear (definitions 2: 2 for gradient descent, 2(1+b), 2(1+b)/(1+2b), 2(1+b)/(1-b)).
 * Errors: as trimtab_trainer_derivatives. Complexity: two gradients an iteration. Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_trainer_sharpness(trimtab_trainer *trainer,
                                                                     const trimtab_tensor *inputs,
                                                                     const trimtab_tensor *targets,
                                                                     const trimtab_sharpness_options *options,
                                                                     trimtab_sharpness_report *report);

/*
 * Learning rates that a training can bear, found by training: any training, by this library or another, that a callback
 * runs. A callback returns TRIMTAB_OK, or any other number to end the call with TRIMTAB_ERROR_CALLBACK.
 */

/* A training step at a rate; `loss` is that from which the step was taken. */
typedef int32_t (*trimtab_rate_step)(void *user, double rate, double *loss);

/* The course of a training run. It failed with a loss that is not finite, a greatest loss above 4 times the initial one
   plus 1, or a final loss above the initial one. */
typedef struct trimtab_run_course {
  double initial_loss;
  double greatest_loss;
  double final_loss;
} trimtab_run_course;

/* A whole training run from a seed, to a peak rate, after a linear warm-up of so many steps. It may stop as soon as a loss
   is not finite. `course` holds NaN before. */
typedef int32_t (*trimtab_training_run)(void *user, uint64_t seed, double peak_rate, int64_t warm_up_steps,
                                        trimtab_run_course *course);

typedef struct trimtab_rate_range_options {
  uint32_t struct_size;
  uint32_t reserved;
  double lowest_rate;   /* 1e-7 */
  double highest_rate;  /* 10 */
  int64_t step_count;   /* 100, at least 2 */
  double smoothing;     /* 0.98: the weight of the past in the smoothed loss */
  double greatest_rise; /* 4: the smoothed loss has diverged above so many times its best */
} trimtab_rate_range_options;

#define TRIMTAB_RATE_RANGE_OPTIONS_INIT {(uint32_t)sizeof(trimtab_rate_range_options), 0u, 1e-7, 10.0, 100, 0.98, 4.0}

typedef struct trimtab_rate_range_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* DEGENERATE: the loss neither fell nor diverged; NONFINITE: the first loss was not finite */
  double divergence_rate;  /* NaN where nothing diverged */
  double steepest_rate;    /* where the smoothed loss fell fastest against the rate's logarithm; NaN: it never fell */
  double suggested_rate;   /* a tenth of the divergence rate; the steepest where nothing diverged */
  double best_loss;        /* smoothed */
  int64_t steps;
} trimtab_rate_range_report;

#define TRIMTAB_RATE_RANGE_REPORT_INIT {(uint32_t)sizeof(trimtab_rate_range_report), 0, 0.0, 0.0, 0.0, 0.0, 0}

/*
 * The learning-rate range test (Smith 2017): a step at each of step_count rates from the lowest to the highest, evenly in
 * the logarithm, until the smoothed loss diverges. It moves what the callback trains.
 * Errors: NULL_ARGUMENT, STRUCT_SIZE, INVALID_ARGUMENT, CALLBACK; nothing is written then. Complexity: step_count steps.
 * Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_rate_range_test(trimtab_rate_step step, void *user,
                                                                   const trimtab_rate_range_options *options,
                                                                   trimtab_rate_range_report *report);

typedef struct trimtab_peak_rate_options {
  uint32_t struct_size;
  uint32_t reserved;
  double lowest_rate;    /* 1e-7 */
  double highest_rate;   /* 10 */
  int64_t bisections;    /* 12, at most 64: each halves the interval of the rate's logarithm */
  int64_t seed_count;    /* 6, counting up from the first */
  uint64_t first_seed;   /* 1 */
  int64_t warm_up_steps; /* 0, of every run */
} trimtab_peak_rate_options;

#define TRIMTAB_PEAK_RATE_OPTIONS_INIT {(uint32_t)sizeof(trimtab_peak_rate_options), 0u, 1e-7, 10.0, 12, 6, 1, 0}

typedef struct trimtab_peak_rate_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* INSUFFICIENT: no seed has its greatest stable rate between the ends */
  double rate;             /* the geometric mean over the seeds of the greatest rate that was seen not to fail */
  double least_rate;
  double greatest_rate;
  int64_t seed_count;   /* seeds that count above */
  int64_t seeds_above;  /* that did not even fail at the highest rate */
  int64_t seeds_below;  /* that failed even at the lowest */
  int64_t run_count;
} trimtab_peak_rate_report;

#define TRIMTAB_PEAK_RATE_REPORT_INIT {(uint32_t)sizeof(trimtab_peak_rate_report), 0, 0.0, 0.0, 0.0, 0, 0, 0, 0}

/*
 * The greatest stable peak rate, by bisection on its logarithm for each of several seeds.
 * Errors: as trimtab_rate_range_test. Complexity: up to seed_count (bisections + 2) runs; the rate is found to a factor of
 * (highest / lowest)^(2^-bisections). Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_peak_rate_search(trimtab_training_run run, void *user,
                                                                    const trimtab_peak_rate_options *options,
                                                                    trimtab_peak_rate_report *report);

typedef struct trimtab_warm_up_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* INSUFFICIENT: even the longest warm-up fails */
  int64_t steps;           /* the shortest linear warm-up that does not fail; 0: none is needed, -1: none was found */
  int64_t run_count;
} trimtab_warm_up_report;

#define TRIMTAB_WARM_UP_REPORT_INIT {(uint32_t)sizeof(trimtab_warm_up_report), 0, 0, 0}

/*
 * The shortest linear warm-up with which a peak rate does not fail, by bisection; it takes that a longer one is never
 * worse.
 *
 *   peak_rate      above 0, finite
 *   longest_steps  0 or more: the longest that is tried
 *
 * Errors: as trimtab_rate_range_test. Complexity: up to 2 + log2(longest_steps) runs. Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_warm_up_need(trimtab_training_run run, void *user, double peak_rate,
                                                                int64_t longest_steps, uint64_t seed,
                                                                trimtab_warm_up_report *report);

typedef struct trimtab_safe_rate_options {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t step_count;      /* 200: of each run */
  int64_t batch;           /* 0: all samples in each step; else so many, consecutive rows over and over */
  double lowest_rate;      /* 1e-5 */
  double highest_rate;     /* 10 */
  int64_t bisections;      /* 7 */
  int64_t seed_count;      /* 3, counting up from the trainer's */
  int64_t longest_warm_up; /* 100 steps, at most step_count */
} trimtab_safe_rate_options;

#define TRIMTAB_SAFE_RATE_OPTIONS_INIT {(uint32_t)sizeof(trimtab_safe_rate_options), 0u, 200, 0, 1e-5, 10.0, 7, 3, 100}

typedef struct trimtab_safe_rate_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* INSUFFICIENT: no seed's greatest stable rate lies between the ends */
  trimtab_verdict verdict; /* warning: the net's own rate is above what some seed bore; critical: above what any did, and no
                              warm-up helps */
  trimtab_cause cause;
  double rate;             /* the net's own, which is judged */
  double peak_rate;        /* as in trimtab_peak_rate_report, as the next two; NaN without */
  double least_peak_rate;
  double greatest_peak_rate;
  double divergence_rate;  /* as in trimtab_rate_range_report, as the next */
  double suggested_rate;
  double sharpness;        /* the largest eigenvalue of the Hessian before the first step, on the first batch */
  int64_t warm_up_steps;   /* the shortest linear warm-up with which the net's own rate does not fail; -1: none was found */
  int64_t seeds_above;     /* that did not even fail at the highest rate */
  int64_t seeds_below;     /* that failed even at the lowest */
} trimtab_safe_rate_report;

#define TRIMTAB_SAFE_RATE_REPORT_INIT \
  {(uint32_t)sizeof(trimtab_safe_rate_report), 0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0}

/*
 * The greatest learning rate that a net bears on some samples, what a range test suggests, and the warm-up that its own
 * rate needs, found by training it over and over.
 *
 *   net              as for trimtab_trainer_create; its learning_rate is judged
 *   inputs, targets  as for trimtab_trainer_step; shuffle them before
 *
 * Holds for this net, this start and this optimizer: what it bears goes with the first sharpness, and so with the gain of
 * the weights, more than with how smooth the activation is.
 * Errors: as trimtab_trainer_create and trimtab_trainer_step; a net with a graph is refused. Complexity: up to
 * seed_count (bisections + 2) + 10 runs. Source: definitions 2. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_safe_rate(const trimtab_trainer_options *net,
                                                             const trimtab_tensor *inputs,
                                                             const trimtab_tensor *targets,
                                                             const trimtab_safe_rate_options *options,
                                                             trimtab_safe_rate_report *report);

/* Operations of a tape. Shapes broadcast as NumPy's do. `a` and `b` are a function's parameters. */
enum {
  TRIMTAB_OPERATION_ADD = 0,
  TRIMTAB_OPERATION_SUBTRACT = 1,
  TRIMTAB_OPERATION_MULTIPLY = 2,
  TRIMTAB_OPERATION_DIVIDE = 3,
  TRIMTAB_OPERATION_PRODUCT = 4,         /* of matrices, or of as many pairs of matrices */
  TRIMTAB_OPERATION_SUM = 5,             /* of all numbers */
  TRIMTAB_OPERATION_MEAN = 6,            /* of all numbers */
  TRIMTAB_OPERATION_SUM_LAST = 7,        /* over the last axis, which stays with extent 1 */
  TRIMTAB_OPERATION_SOFTMAX = 8,         /* over the last axis */
  TRIMTAB_OPERATION_LOG_SOFTMAX = 9,     /* over the last axis */
  TRIMTAB_OPERATION_CONSTANT = 10,       /* no operand: the scalar a */
  TRIMTAB_OPERATION_GRADIENT = 11,       /* of the scalar operand 0 with respect to operand 1: differentiable in turn */
  TRIMTAB_OPERATION_LINEAR = 20,         /* a x + b */
  TRIMTAB_OPERATION_POWER = 21,          /* x^a */
  TRIMTAB_OPERATION_EXPONENTIAL = 22,
  TRIMTAB_OPERATION_LOGARITHM = 23,
  TRIMTAB_OPERATION_MAGNITUDE = 24,
  TRIMTAB_OPERATION_LEAKY = 25,          /* slope a below zero */
  TRIMTAB_OPERATION_ELU = 26,            /* b (x above 0, a (e^x - 1) elsewhere) */
  TRIMTAB_OPERATION_SILU = 27,
  TRIMTAB_OPERATION_GELU = 28,
  TRIMTAB_OPERATION_SOFTPLUS = 29,
  TRIMTAB_OPERATION_TANH = 30,
  TRIMTAB_OPERATION_SIGMOID = 31,
  TRIMTAB_OPERATION_HUBER = 32           /* bend at a */
};

/*
 * Records an operation.
 *
 *   operands  count values of this tape
 *   result    written on success
 *
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT (an unknown operation, another number of operands, a value of another tape, a
 * fifth derivative), SHAPE, OUT_OF_MEMORY. Complexity: that of the operation. Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_tape_record(trimtab_tape *tape, int32_t operation,
                                                               const trimtab_value *operands, int64_t count, double a,
                                                               double b, trimtab_value *result);

/* The extents of a value; rank is at most 8. Errors: NULL_ARGUMENT, INVALID_ARGUMENT. Since: 0.3. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_tape_shape(const trimtab_tape *tape, trimtab_value value,
                                                              int64_t shape[8], int64_t *rank);

/*
 * Loss, gradient and Hessian-vector product of any loss that a callback records.
 *
 *   operands   count arrays, the callback's operands; float64 is computed in
 *   vectors    as many arrays of the same shapes, or NULL: no products
 *   gradients  as many arrays of float32 or float64 to write to, or NULL
 *   products   likewise; NULL with vectors NULL
 *
 * An operand that the loss does not depend on has a gradient of 0.
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, INVALID_ARGUMENT, CALLBACK, OUT_OF_MEMORY; nothing is written then. Since: 0.3.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_objective_derivatives(
    trimtab_objective objective, void *user, const trimtab_tensor *operands, int64_t count,
    const trimtab_tensor *vectors, double *loss, const trimtab_tensor *gradients, const trimtab_tensor *products);

#ifdef __cplusplus
}
#endif
#endif
