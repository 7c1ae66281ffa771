/* How far two distributions overlap, by resolution, and when a coarse-to-fine training grows. SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_OVERLAP_H
#define TRIMTAB_OVERLAP_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the held-out classifier sees of a sample. */
enum {
  TRIMTAB_OVERLAP_STANDARD = 0, /* the numbers, their squares, and log energies of Haar octaves where a sample has a power of two numbers */
  TRIMTAB_OVERLAP_GIVEN = 1     /* the numbers as they are: features that the caller made */
};

typedef struct trimtab_overlap_options {
  uint32_t struct_size;
  int32_t features;            /* TRIMTAB_OVERLAP_STANDARD */
  int64_t resolution;          /* 0: as they are; else samples are block-averaged to so many positions along their first axis */
  double test_share;           /* 0.5: of the samples on which the classifier is tested and not fitted */
  double ridge;                /* 1e-2: of the classifier's weights */
  uint64_t seed;               /* 0: of the split and the directions */
  int64_t direction_count;     /* 64: of the sliced Wasserstein distance */
  int64_t paired_sample_count; /* 500: samples of each side, the first so many, that energy distance and MMD take; 0: all */
  int64_t least_test_count;    /* 50: tested samples below which nothing is judged */
  double warning_overlap;      /* 0.1: below it the generator's signal is taken to vanish */
  double warning_accuracy;     /* 0.95: above it too */
} trimtab_overlap_options;

#define TRIMTAB_OVERLAP_OPTIONS_INIT {(uint32_t)sizeof(trimtab_overlap_options), 0, 0, 0.5, 1e-2, 0, 64, 500, 50, 0.1, 0.95}

/* Where the outcome is not ok, accuracy, z, overlap and measurement are NaN; the distances only where a side has fewer than 2 samples. */
typedef struct trimtab_overlap_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: fewer than least_test_count to test, or than 2 a side; degenerate: one constant; nonfinite: a side has no finite sample */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int64_t resolution;
  int64_t real_count; /* finite samples, as the next */
  int64_t fake_count;
  int64_t nonfinite_count; /* samples left out */
  int64_t width;           /* numbers that a sample has at this resolution */
  int64_t test_count;
  double accuracy; /* balanced, of the held-out part */
  double z;        /* (accuracy - 1/2) over its deviation where there is nothing to tell: 2 (accuracy - 1/2) sqrt(test_count) for equal sides */
  double overlap;  /* min(1, 2 (1 - accuracy)): 1 - total variation, from above */
  double sliced_wasserstein;       /* mean of W1 over random directions; of one number a sample W1 itself */
  double energy_distance;          /* 2 E|X-Y| - E|X-X'| - E|Y-Y'|; in one dimension the square of scipy.stats.energy_distance */
  double maximum_mean_discrepancy; /* unbiased MMD^2, kernel exp(-|x-y|^2 / (2 bandwidth^2)); may be below 0 */
  double bandwidth;                /* the median distance of the pooled pairs */
  double threshold;
  double measurement;
} trimtab_overlap_report;

#define TRIMTAB_OVERLAP_REPORT_INIT {(uint32_t)sizeof(trimtab_overlap_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * The overlap of two samples at a resolution: a held-out classifier two-sample test, and distances.
 *
 *   real, fake       [n, length], [n, height, width] or [n, height, width, channels], n of each its own; rank 1: one
 *                    number a sample
 *   options, report  as everywhere
 *
 * Verdict: a warning (no_overlap) where the overlap is below warning_overlap or the accuracy above warning_accuracy.
 * Edge cases: samples with NaN or Inf are left out; a resolution that does not divide is an error; classes of unequal size
 * have the balanced accuracy. Block averaging is a Markov map: the true overlap cannot grow with the resolution. Where the
 * estimate does, beyond noise, the classifier is too weak at the finer one.
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, OVERFLOW, INVALID_ARGUMENT (options, resolution), STRUCT_SIZE,
 * OUT_OF_MEMORY.
 * Complexity: O(n width) a pass of the fit, pairs O(paired_sample_count^2 width). Source: Lopez-Paz & Oquab 2017; Gretton
 * et al. 2012; definitions 6. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_overlap(const trimtab_tensor *real, const trimtab_tensor *fake,
                                                           const trimtab_overlap_options *options,
                                                           trimtab_overlap_report *report);
/*
 * Averages samples over blocks to a resolution.
 *   samples     as in trimtab_overlap
 *   resolution  along a sample's first axis; a divisor of its extent, and in proportion of the second axis'
 *   output      float32 or float64, writable, n times (extents over the block), in any shape
 * Errors: as above. Complexity: O(n). Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_block_average(const trimtab_tensor *samples, int64_t resolution,
                                                                 const trimtab_tensor *output);

/* What a discriminator's outputs leave the generator to learn from: counts and sums, which add. */
typedef struct trimtab_generator_signal trimtab_generator_signal;

typedef struct trimtab_generator_signal_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: fewer than 50 outputs, or of one side none; nonfinite: none is a number */
  trimtab_verdict verdict; /* a warning (no_overlap) below an overlap of 0.1 or above an accuracy of 0.95 */
  trimtab_cause cause;
  int64_t real_count;
  int64_t fake_count;
  int64_t nonfinite_count; /* outputs left out: NaN, or an infinite slope */
  double accuracy;         /* balanced, logits above 0 taken for real; NaN where the outcome is not ok, as the next two */
  double z;
  double overlap;
  double mean_discriminator; /* E D over the fake samples, D = 1 / (1 + exp(-logit)); NaN without any, as the next two */
  double saturating;         /* E[D s]: of the loss ln(1 - D) */
  double non_saturating;     /* E[(1 - D) s]: of the loss -ln D */
  double threshold;
  double measurement;
} trimtab_generator_signal_report;

#define TRIMTAB_GENERATOR_SIGNAL_REPORT_INIT {(uint32_t)sizeof(trimtab_generator_signal_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* Creates an empty one. Errors: NULL_ARGUMENT, OUT_OF_MEMORY. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_generator_signal_create(trimtab_generator_signal **signal);
/*
 * Adds a discriminator's outputs on samples that it was not trained on.
 *   real    logits of real samples, or NULL
 *   fake    logits of generated samples, or NULL
 *   slopes  |d logit / d generator| of each generated sample, 0 or more, or NULL for 1
 * On failure nothing has changed. Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, OVERFLOW, INVALID_ARGUMENT (a slope below 0). Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_generator_signal_add(trimtab_generator_signal *signal,
                                                                        const trimtab_tensor *real,
                                                                        const trimtab_tensor *fake,
                                                                        const trimtab_tensor *slopes);
/* Adds what another has seen. Errors: NULL_ARGUMENT. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_generator_signal_merge(trimtab_generator_signal *signal,
                                                                          const trimtab_generator_signal *other);
/* Reports; changes nothing. Errors: NULL_ARGUMENT, STRUCT_SIZE. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_generator_signal_sum(const trimtab_generator_signal *signal,
                                                                        trimtab_generator_signal_report *report);
/* As trimtab_covariance_save. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_generator_signal_save(const trimtab_generator_signal *signal,
                                                                         void *buffer, int64_t capacity,
                                                                         int64_t *needed);
/* As trimtab_covariance_load. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_generator_signal_load(const void *buffer, int64_t length,
                                                                         trimtab_generator_signal **signal);
/* Frees it; NULL does nothing. Since: 0.4. */
TRIMTAB_API void trimtab_generator_signal_destroy(trimtab_generator_signal *signal);

/* What a curriculum says after an audit. */
enum {
  TRIMTAB_CURRICULUM_STAY = 0,
  TRIMTAB_CURRICULUM_GROW = 1, /* the next level begins: level is the new one, fade_weight 0 */
  TRIMTAB_CURRICULUM_FADE = 2  /* the new level fades in */
};

typedef struct trimtab_curriculum_options {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t level_count;  /* 1: resolutions there are, the coarsest first */
  double grow_overlap;  /* 0.5: overlap from which on an audit speaks for growing: accuracy 0.75 and below */
  double least_overlap; /* 0.2: nothing grows below it, whatever grow_overlap says */
  int64_t patience;     /* 2: audits in a row that have to speak for it */
  int64_t fade_images;  /* 0: a new level fades in over as many images as the one before it took */
} trimtab_curriculum_options;

#define TRIMTAB_CURRICULUM_OPTIONS_INIT {(uint32_t)sizeof(trimtab_curriculum_options), 0, 1, 0.5, 0.2, 2, 0}

typedef struct trimtab_curriculum_state {
  uint32_t struct_size;
  int32_t decision; /* TRIMTAB_CURRICULUM_... */
  int64_t level;    /* index of the resolution */
  int64_t level_count;
  double fade_weight;       /* of the new level's output, the level before it, upsampled, has the rest; 1 where nothing fades */
  int64_t good_audit_count; /* audits in a row that speak for growing */
  int64_t audit_count;
  int64_t image_count; /* seen at this level since it began to fade in, or since it was faded in */
  int32_t is_complete; /* 1: the last level is reached and faded in */
  int32_t reserved;
} trimtab_curriculum_state;

#define TRIMTAB_CURRICULUM_STATE_INIT {(uint32_t)sizeof(trimtab_curriculum_state), 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* Says when a coarse-to-fine training stays, grows to the next resolution, or fades it in. */
typedef struct trimtab_curriculum trimtab_curriculum;

/* Begins at the coarsest level. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_curriculum_create(const trimtab_curriculum_options *options,
                                                                     trimtab_curriculum **curriculum);
/*
 * Takes an audit at the present resolution, and says what to do.
 *   images      shown since the last audit, 1 or more
 *   overlap     at this resolution, 0 to 1; NaN where it could not be told, which speaks against growing
 *   is_plateau  not 0: the loss stands still (a plateau detector says so)
 *   state       set struct_size first
 * It grows once patience audits in a row have found an overlap of grow_overlap or more while the loss stands still; the
 * new level then fades in linearly in images. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE; then nothing has changed. Source: Karras et al.
 * 2018 for the fade; definitions 6. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_curriculum_audit(trimtab_curriculum *curriculum, int64_t images,
                                                                    double overlap, int32_t is_plateau,
                                                                    trimtab_curriculum_state *state);
/* What the last audit said. Errors: NULL_ARGUMENT, STRUCT_SIZE. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_curriculum_report(const trimtab_curriculum *curriculum,
                                                                     trimtab_curriculum_state *state);
/* As trimtab_covariance_save. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_curriculum_save(const trimtab_curriculum *curriculum, void *buffer,
                                                                   int64_t capacity, int64_t *needed);
/* As trimtab_covariance_load. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_curriculum_load(const void *buffer, int64_t length,
                                                                   trimtab_curriculum **curriculum);
/* Frees it; NULL does nothing. Since: 0.4. */
TRIMTAB_API void trimtab_curriculum_destroy(trimtab_curriculum *curriculum);

#ifdef __cplusplus
}
#endif
#endif
