/* Which axis of a graph net's features to normalise. SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_FEATURE_SCALE_H
#define TRIMTAB_FEATURE_SCALE_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TRIMTAB_OUTLIER_CAPACITY 8

/* What to normalise. */
enum {
  TRIMTAB_NORMALISE_NOTHING = 0,
  TRIMTAB_NORMALISE_NODES = 1,    /* each node over its features: LayerNorm, NodeNorm, L2 (FeatureNorm), PairNorm-SI */
  TRIMTAB_NORMALISE_FEATURES = 2, /* each feature over the nodes: BatchNorm, GraphNorm */
  TRIMTAB_NORMALISE_BOTH = 3      /* each feature first, then each node */
};

/* Thresholds of the feature-scale diagnostic. */
typedef struct trimtab_feature_scale_options {
  uint32_t struct_size;
  uint32_t reserved;
  double least_deviation;    /* 0.5: deviation of log scale from which on an axis needs normalising; nine tenths then span a factor of 5.2 */
  double critical_deviation; /* 1: from which on it is critical (27) */
  double dominance;          /* 2: how many times the other axis' deviation makes an axis the only one to normalise */
  double floor_share;        /* 1e-12: entries of at most this share of the greatest magnitude are left out, as zeros are */
  double outlier_score;      /* 6: robust z, by the median absolute deviation, of an outlier */
} trimtab_feature_scale_options;

#define TRIMTAB_FEATURE_SCALE_OPTIONS_INIT {(uint32_t)sizeof(trimtab_feature_scale_options), 0, 0.5, 1.0, 2.0, 1e-12, 6.0}

/*
 * The two-way decomposition L_ij = ln|X_ij| = mu + r_i + c_j + e_ij over the entries that count.
 *
 * Where the outcome is not ok, every measurement (all doubles but coverage) is NaN.
 */
typedef struct trimtab_feature_scale_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: fewer than 2 nodes or features, or too few entries for a residual; degenerate: only zeros;
     nonfinite: no entry but NaN, Inf and zeros */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int32_t advice; /* TRIMTAB_NORMALISE_... */
  int32_t reserved;
  int64_t node_count;
  int64_t feature_count;
  int64_t entry_count; /* that count */
  int64_t zero_count;  /* zeros, and entries at or below the floor */
  int64_t nonfinite_count;
  int64_t empty_node_count; /* nodes and features none of whose entries counts: in nothing below */
  int64_t empty_feature_count;
  double coverage;          /* entry_count / (node_count * feature_count) */
  double node_deviation;    /* s_r: deviation of log scale between nodes; s_r^2 = max(0, (SSR / (n - 1) - MSE) / d) where all count */
  double feature_deviation; /* s_c: between features */
  double residual_deviation; /* root of MSE = SSE / ((n - 1) (d - 1)); 1.1107 for independent normal entries */
  double node_correlation;    /* s_r^2 / (s_r^2 + s_c^2 + MSE) */
  double feature_correlation; /* s_c^2 / the same */
  double node_share;    /* SSR / SST: biased upwards, for comparison alone */
  double feature_share; /* SSC / SST */
  double node_statistic;      /* F = (SSR / (n - 1)) / MSE; +Inf where MSE is 0 and SSR is not */
  double feature_statistic;
  double node_probability;    /* of an F as great without any difference */
  double feature_probability;
  double node_spread;    /* exp(3.29 s_r): the factor that nine tenths of the nodes span */
  double feature_spread;
  double greatest_node_effect;    /* max |r_i - median r| */
  double greatest_feature_effect;
  double threshold;   /* what measurement was held against */
  double measurement; /* the greater deviation, or of a notice the greatest effect of an outlier */
  int64_t outlier_node_count;
  int64_t outlier_feature_count;
  int64_t outlier_nodes[TRIMTAB_OUTLIER_CAPACITY]; /* indices, worst first, -1 where there are fewer */
  int64_t outlier_features[TRIMTAB_OUTLIER_CAPACITY];
} trimtab_feature_scale_report;

#define TRIMTAB_FEATURE_SCALE_REPORT_INIT {(uint32_t)sizeof(trimtab_feature_scale_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0}, {0}}

/*
 * Which axis of features to normalise before a graph net reads them.
 *
 *   features         [nodes, features], any element type
 *   options, report  as everywhere
 *
 * Advice: nodes where s_r >= least_deviation and s_r >= dominance * s_c; features likewise; both where both reach
 * least_deviation; nothing otherwise. An axis that reaches it alone is normalised alone, however near the other comes
 * (definitions 3 would then say nothing). Outliers lie beyond outlier_score deviations, by the median absolute deviation
 * of the effects, as many standard errors of a mean of that many entries, and 3.29 least_deviation, all three, and below
 * the median beyond what normal entries come to by chance; where nothing else is found they are a notice.
 *
 * Edge cases: zeros, NaN, Inf and entries at or below the floor do not count; with such entries missing the fit is by
 * alternating projection, and the components by Henderson's method 3. A matrix of equal entries has all deviations 0. One-hot rows have no
 * scale but 1. Do not read SSR / SST: independent entries of 32 features give 1/32 of it.
 * Errors: NULL_ARGUMENT, SHAPE, DTYPE, DEVICE, OVERFLOW, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY.
 * Complexity: O(nodes * features). Source: definitions 3; Henderson 1953. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_feature_scale(const trimtab_tensor *features,
                                                                    const trimtab_feature_scale_options *options,
                                                                    trimtab_feature_scale_report *report);

/* The streaming form: rows add. 24 bytes a row, and features / 8 where entries are missing. */
typedef struct trimtab_scale_profile trimtab_scale_profile;

/* Creates an empty one. Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_scale_profile_create(const trimtab_feature_scale_options *options,
                                                                        trimtab_scale_profile **profile);
/*
 * Adds rows [n, features]. The floor is that of the greatest magnitude seen up to and including them. On failure nothing
 * has changed. Errors: as above, SHAPE (another number of features). Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_scale_profile_add(trimtab_scale_profile *profile,
                                                                     const trimtab_tensor *features);
/* Adds another shard's rows after those seen. Errors: NULL_ARGUMENT, MISMATCH (options, features), OUT_OF_MEMORY. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_scale_profile_merge(trimtab_scale_profile *profile,
                                                                       const trimtab_scale_profile *other);
/* Reports; changes nothing. Errors: NULL_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_scale_profile_report(const trimtab_scale_profile *profile,
                                                                           trimtab_feature_scale_report *report);
/* As trimtab_covariance_save. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_scale_profile_save(const trimtab_scale_profile *profile, void *buffer,
                                                                      int64_t capacity, int64_t *needed);
/* As trimtab_covariance_load. Since: 0.4. */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_scale_profile_load(const void *buffer, int64_t length,
                                                                      trimtab_scale_profile **profile);
/* Frees it; NULL does nothing. Since: 0.4. */
TRIMTAB_API void trimtab_scale_profile_destroy(trimtab_scale_profile *profile);

#ifdef __cplusplus
}
#endif
#endif
