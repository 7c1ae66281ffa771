/* Pseudo-labels between rounds: flips, oscillation, divergences, class balance, ids. */
#include "check.h"

static view first_view, second_view, id_view;

static trimtab_drift_report drift_of(trimtab_tensor *before, trimtab_tensor *after) {
  trimtab_drift_report report = TRIMTAB_DRIFT_REPORT_INIT;
  CHECK_OK(trimtab_pseudo_label_drift(before, after, NULL, &report));
  return report;
}

static void known_probabilities(void) {
  double p[4] = {.9, .1, .5, .5}, q[4] = {.1, .9, .5, .5};
  trimtab_drift_report report = drift_of(matrix64(&first_view, p, 2, 2), matrix64(&second_view, q, 2, 2));
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.sample_count == 2 && report.class_count == 2 && report.has_probabilities == 1);
  CHECK_NEAR(report.flip_rate, .5, 1e-15);
  CHECK_NEAR(report.total_variation, .4, 1e-15);
  CHECK_NEAR(report.kullback_leibler, .8 * log(9) / 2, 1e-14);
  CHECK_NEAR(report.jensen_shannon, (log(2) + .9 * log(.9) + .1 * log(.1)) / 2, 1e-14);
  CHECK(report.oscillation_sample_count == 0 && report.oscillation_rate == 0);
  CHECK_NEAR(report.oscillation_null, .5, 1e-15);
  CHECK(report.verdict == TRIMTAB_VERDICT_CRITICAL && report.cause == TRIMTAB_CAUSE_UNSTABLE_TARGETS);
}

static void one_hot_flips(void) {
  float p[4] = {1, 0, 1, 0}, q[4] = {0, 1, 0, 1};
  trimtab_drift_report report = drift_of(matrix32(&first_view, p, 2, 2), matrix32(&second_view, q, 2, 2));
  CHECK(report.flip_rate == 1 && report.confident_flip_rate == 1 && report.confident_sample_count == 2);
  CHECK_NEAR(report.total_variation, 1, 1e-15);
  CHECK_NEAR(report.jensen_shannon, log(2), 1e-14);
  CHECK_NEAR(report.kullback_leibler, -log(1e-12), 1e-3);
  CHECK(report.gate_coverage == 1 && report.class_shift == 1 && report.least_class_share == 0);
}

static void rows_are_normalised_and_ties_go_low(void) {
  double p[4] = {9, 1, 5, 5}, q[4] = {.09, .01, 1e-3, 1e-3};
  trimtab_drift_report report = drift_of(matrix64(&first_view, p, 2, 2), matrix64(&second_view, q, 2, 2));
  CHECK(report.flip_rate == 0 && report.total_variation < 1e-15);
  CHECK_NEAR(report.gate_coverage + 1, 1, 1e-15);
}

static void labels_alone(void) {
  int64_t before[6] = {0, 1, 2, 0, 1, 2}, after[6] = {0, 1, 2, 1, 1, 2};
  uint8_t narrow[6] = {0, 1, 2, 1, 1, 2};
  trimtab_drift_report report = drift_of(labels64(&first_view, before, 6), labels64(&second_view, after, 6));
  CHECK_NEAR(report.flip_rate, 1.0 / 6, 1e-15);
  CHECK(report.class_count == 3 && report.has_probabilities == 0 && report.total_variation == 0 && report.gate_coverage == 0);
  CHECK_NEAR(report.class_shift, 1.0 / 6, 1e-14);
  report = drift_of(labels64(&first_view, before, 6), view_make(&second_view, narrow, TRIMTAB_DTYPE_UINT, 8, 1, 6, 0, 0));
  CHECK_NEAR(report.flip_rate, 1.0 / 6, 1e-15);
}

/* NaN, Inf, a negative number or only zeros take a sample out, wherever they stand. */
static void bad_rows_are_left_out(void) {
  double p[12], q[12];
  for (int which = 0; which < 2; which++) {
    for (int place = 0; place < 12; place++) {
      const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, -.1};
      for (int kind = 0; kind < 4; kind++) {
        trimtab_drift_report report;
        for (int i = 0; i < 12; i++) p[i] = q[i] = i % 3 == 0 ? .8 : .1;
        (which ? p : q)[place] = bad[kind];
        report = drift_of(matrix64(&first_view, p, 4, 3), matrix64(&second_view, q, 4, 3));
        CHECK(report.nonfinite_count == 1 && report.sample_count == 3 && report.flip_rate == 0);
        CHECK(report.total_variation == 0);
      }
    }
  }
  for (int i = 0; i < 12; i++) p[i] = q[i] = i < 3 ? 0 : .3;
  CHECK(drift_of(matrix64(&first_view, p, 4, 3), matrix64(&second_view, q, 4, 3)).sample_count == 3);
  {
    int64_t before[4] = {0, -1, 5, 1}, after[4] = {0, 1, 1, INT64_MIN};
    trimtab_drift_options options = TRIMTAB_DRIFT_OPTIONS_INIT;
    trimtab_drift_report report = TRIMTAB_DRIFT_REPORT_INIT;
    options.class_count = 3;
    CHECK_OK(trimtab_pseudo_label_drift(labels64(&first_view, before, 4), labels64(&second_view, after, 4), &options, &report));
    CHECK(report.sample_count == 1 && report.nonfinite_count == 3);
    before[0] = INT64_MAX;
    CHECK_OK(trimtab_pseudo_label_drift(labels64(&first_view, before, 4), labels64(&second_view, after, 4), &options, &report));
    CHECK(report.sample_count == 0 && report.nonfinite_count == 4 && report.outcome != TRIMTAB_OUTCOME_OK && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
  }
}

/* A label of 2^63 - 1 without a class count must not ask for as many classes. */
static void a_monstrous_label_is_harmless(void) {
  int64_t before[3] = {0, 1, INT64_MAX}, after[3] = {0, 1, INT64_MAX};
  uint64_t unsigned_labels[3] = {0, UINT64_MAX, 1};
  trimtab_drift_report report = TRIMTAB_DRIFT_REPORT_INIT;
  trimtab_status status = trimtab_pseudo_label_drift(labels64(&first_view, before, 3), labels64(&second_view, after, 3), NULL, &report);
  CHECK(status == TRIMTAB_OK || status == TRIMTAB_ERROR_INVALID_ARGUMENT || status == TRIMTAB_ERROR_OUT_OF_MEMORY);
  status = trimtab_pseudo_label_drift(view_make(&first_view, unsigned_labels, TRIMTAB_DTYPE_UINT, 64, 1, 3, 0, 0),
                                      view_make(&second_view, unsigned_labels, TRIMTAB_DTYPE_UINT, 64, 1, 3, 0, 0), NULL, &report);
  CHECK(status == TRIMTAB_OK || status == TRIMTAB_ERROR_INVALID_ARGUMENT || status == TRIMTAB_ERROR_OUT_OF_MEMORY);
}

static void too_little(void) {
  double p[3] = {.2, .3, .5};
  trimtab_drift_report report = drift_of(matrix64(&first_view, p, 0, 3), matrix64(&second_view, p, 0, 3));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.sample_count == 0);
  report = drift_of(matrix64(&first_view, p, 3, 1), matrix64(&second_view, p, 3, 1));
  CHECK(report.outcome == TRIMTAB_OUTCOME_DEGENERATE && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
  report = drift_of(matrix64(&first_view, p, 1, 3), matrix64(&second_view, p, 1, 3));
  CHECK(report.sample_count == 1 && report.flip_rate == 0);
}

static void shapes_that_do_not_fit(void) {
  double p[12] = {0};
  int64_t labels[4] = {0};
  PATTERNED(trimtab_drift_report, report);
  CHECK_STATUS(trimtab_pseudo_label_drift(matrix64(&first_view, p, 4, 3), matrix64(&second_view, p, 3, 3), NULL, &report), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_pseudo_label_drift(matrix64(&first_view, p, 4, 3), matrix64(&second_view, p, 4, 2), NULL, &report), TRIMTAB_ERROR_SHAPE);
  CHECK(trimtab_pseudo_label_drift(matrix64(&first_view, p, 4, 3), labels64(&second_view, labels, 4), NULL, &report) != TRIMTAB_OK);
  CHECK_STATUS(trimtab_pseudo_label_drift(vector64(&first_view, p, 4), vector64(&second_view, p, 4), NULL, &report), TRIMTAB_ERROR_DTYPE);
  CHECK(trimtab_pseudo_label_drift(view_make(&first_view, labels, TRIMTAB_DTYPE_INT, 64, 2, 2, 2, 0),
                                   view_make(&second_view, labels, TRIMTAB_DTYPE_INT, 64, 2, 2, 2, 0), NULL, &report) != TRIMTAB_OK);
  CHECK(IS_PATTERNED(report));
}

/* Period two over six rounds: every flip goes back. */
static void oscillation(void) {
  int64_t even[4] = {0, 1, 2, 0}, odd[4] = {1, 2, 0, 1};
  trimtab_label_drift *drift = NULL;
  trimtab_drift_report report = TRIMTAB_DRIFT_REPORT_INIT;
  CHECK_OK(trimtab_label_drift_create(NULL, &drift));
  for (int round = 0; round < 6; round++) {
    CHECK_OK(trimtab_label_drift_add(drift, round, NULL, labels64(&first_view, round % 2 ? odd : even, 4)));
    CHECK_OK(trimtab_label_drift_report(drift, &report));
    CHECK(report.round == round && report.round_count == round + 1);
    if (round == 0) CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT);
    if (round >= 1) CHECK(report.flip_rate == 1);
    if (round >= 2) CHECK(report.oscillation_rate == 1 && report.oscillation_share == 1 && report.oscillation_sample_count == 4);
    if (round >= 2) CHECK(report.cause == TRIMTAB_CAUSE_TARGET_OSCILLATION && report.verdict == TRIMTAB_VERDICT_CRITICAL);
  }
  CHECK_NEAR(report.oscillation_null, 1.0 / 3, 1e-15);
  CHECK(report.mean_flip_rate == 1);
  CHECK_OK(trimtab_label_drift_report_round(drift, 0, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.round == 0);
  CHECK_OK(trimtab_label_drift_report_round(drift, 3, &report));
  CHECK(report.round == 3 && report.flip_rate == 1);
  trimtab_label_drift_destroy(drift);
}

static void independent_labels_match_their_null(void) {
  enum { N = 20000 };
  static int64_t labels[3][N];
  uint64_t state = 77;
  trimtab_label_drift *drift = NULL;
  trimtab_drift_report report = TRIMTAB_DRIFT_REPORT_INIT;
  CHECK_OK(trimtab_label_drift_create(NULL, &drift));
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < N; i++) labels[round][i] = (int64_t)(random_bits(&state) % 3);
    CHECK_OK(trimtab_label_drift_add(drift, round, NULL, labels64(&first_view, labels[round], N)));
  }
  CHECK_OK(trimtab_label_drift_report(drift, &report));
  CHECK(fabs(report.flip_rate - 2.0 / 3) < .02 && fabs(report.oscillation_rate - 2.0 / 9) < .02);
  CHECK(fabs(report.oscillation_share - 1.0 / 3) < .02);
  trimtab_label_drift_destroy(drift);
}

/* Samples are matched by id, in any order and in any batches. */
static void ids_match_samples(void) {
  int64_t ids[2][4] = {{10, -20, 30, INT64_MAX}, {INT64_MAX, 30, INT64_MIN, 10}}, labels[2][4] = {{0, 1, 2, 1}, {1, 0, 1, 0}};
  trimtab_label_drift *drift = NULL;
  trimtab_drift_report report = TRIMTAB_DRIFT_REPORT_INIT;
  CHECK_OK(trimtab_label_drift_create(NULL, &drift));
  CHECK_OK(trimtab_label_drift_add(drift, 5, labels64(&id_view, ids[0], 4), labels64(&first_view, labels[0], 4)));
  CHECK_OK(trimtab_label_drift_add(drift, 9, labels64(&id_view, ids[1], 2), labels64(&first_view, labels[1], 2)));
  CHECK_OK(trimtab_label_drift_add(drift, 9, labels64(&id_view, ids[1] + 2, 2), labels64(&first_view, labels[1] + 2, 2)));
  CHECK_OK(trimtab_label_drift_report(drift, &report));
  CHECK(report.sample_count == 3 && report.unmatched_count == 2 && report.round == 9 && report.round_count == 2);
  CHECK_NEAR(report.flip_rate, 1.0 / 3, 1e-15); /* 30 went from 2 to 0 */
  trimtab_label_drift_destroy(drift);
}

static void rounds_and_ids_that_cannot_be(void) {
  int64_t ids[4] = {1, 2, 3, 1}, labels[4] = {0, 1, 0, 1};
  double fractions[4] = {1, 2, 3, 4}, probabilities[8] = {.5, .5, .5, .5, .5, .5, .5, .5};
  trimtab_label_drift *drift = NULL, *other = NULL;
  trimtab_drift_report before = TRIMTAB_DRIFT_REPORT_INIT, after = TRIMTAB_DRIFT_REPORT_INIT;
  CHECK_OK(trimtab_label_drift_create(NULL, &drift));
  CHECK_OK(trimtab_label_drift_create(NULL, &other));
  CHECK_STATUS(trimtab_label_drift_add(drift, -1, NULL, labels64(&first_view, labels, 4)), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_label_drift_add(drift, INT64_MIN, NULL, labels64(&first_view, labels, 4)), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_label_drift_add(drift, 3, labels64(&id_view, ids, 4), labels64(&first_view, labels, 4)), TRIMTAB_ERROR_INVALID_ARGUMENT); /* 1 twice */
  CHECK_OK(trimtab_label_drift_add(drift, 3, labels64(&id_view, ids, 3), labels64(&first_view, labels, 3)));
  CHECK_OK(trimtab_label_drift_report(drift, &before));
  CHECK_STATUS(trimtab_label_drift_add(drift, 2, NULL, labels64(&first_view, labels, 4)), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_label_drift_add(drift, 3, labels64(&id_view, ids, 1), labels64(&first_view, labels, 1)), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_label_drift_add(drift, 4, labels64(&id_view, ids, 3), labels64(&first_view, labels, 4)), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_label_drift_add(drift, 4, vector64(&id_view, fractions, 4), labels64(&first_view, labels, 4)), TRIMTAB_ERROR_DTYPE);
  CHECK(trimtab_label_drift_add(drift, 4, NULL, matrix64(&first_view, probabilities, 4, 2)) != TRIMTAB_OK);
  CHECK_OK(trimtab_label_drift_report(drift, &after));
  CHECK(memcmp(&before, &after, sizeof before) == 0);
  CHECK_OK(trimtab_label_drift_add(other, 3, labels64(&id_view, ids, 1), labels64(&first_view, labels, 1)));
  CHECK_STATUS(trimtab_label_drift_merge(drift, other), TRIMTAB_ERROR_MISMATCH); /* a shared id */
  CHECK_STATUS(trimtab_label_drift_merge(drift, drift), TRIMTAB_ERROR_MISMATCH);
  CHECK_OK(trimtab_label_drift_add(drift, INT64_MAX, labels64(&id_view, ids, 3), labels64(&first_view, labels, 3)));
  trimtab_label_drift_destroy(drift);
  trimtab_label_drift_destroy(other);
}

static void shards_merge(void) {
  enum { N = 60 };
  int64_t ids[N], labels[3][N];
  trimtab_label_drift *whole = NULL, *left = NULL, *right = NULL;
  trimtab_drift_report merged = TRIMTAB_DRIFT_REPORT_INIT, wanted = TRIMTAB_DRIFT_REPORT_INIT;
  trimtab_drift_options options = TRIMTAB_DRIFT_OPTIONS_INIT;
  uint64_t state = 5;
  options.class_count = 4;
  CHECK_OK(trimtab_label_drift_create(&options, &whole));
  CHECK_OK(trimtab_label_drift_create(&options, &left));
  CHECK_OK(trimtab_label_drift_create(&options, &right));
  for (int i = 0; i < N; i++) ids[i] = 1000 - 7 * i;
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < N; i++) labels[round][i] = (int64_t)(random_bits(&state) % 4);
    CHECK_OK(trimtab_label_drift_add(whole, round, labels64(&id_view, ids, N), labels64(&first_view, labels[round], N)));
    CHECK_OK(trimtab_label_drift_add(left, round, labels64(&id_view, ids, 23), labels64(&first_view, labels[round], 23)));
    CHECK_OK(trimtab_label_drift_add(right, round, labels64(&id_view, ids + 23, N - 23), labels64(&first_view, labels[round] + 23, N - 23)));
  }
  CHECK_OK(trimtab_label_drift_merge(left, right));
  CHECK_OK(trimtab_label_drift_report(left, &merged));
  CHECK_OK(trimtab_label_drift_report(whole, &wanted));
  CHECK(merged.sample_count == wanted.sample_count && merged.round_count == wanted.round_count);
  CHECK_NEAR(merged.flip_rate, wanted.flip_rate, 1e-14);
  CHECK_NEAR(merged.oscillation_rate, wanted.oscillation_rate, 1e-14);
  CHECK_NEAR(merged.class_shift, wanted.class_shift, 1e-14);
  CHECK_NEAR(merged.mean_flip_rate, wanted.mean_flip_rate, 1e-14);
  trimtab_label_drift_destroy(whole);
  trimtab_label_drift_destroy(left);
  trimtab_label_drift_destroy(right);
}

static void classes_that_leave_the_prior(void) {
  int64_t labels[10] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const double prior[2] = {.5, .5};
  trimtab_drift_options options = TRIMTAB_DRIFT_OPTIONS_INIT;
  trimtab_drift_report report = TRIMTAB_DRIFT_REPORT_INIT;
  options.class_count = 2;
  CHECK_OK(trimtab_pseudo_label_drift(labels64(&first_view, labels, 10), labels64(&second_view, labels, 10), &options, &report));
  CHECK_NEAR(report.class_prior_distance, .4, 1e-14);
  CHECK(report.verdict == TRIMTAB_VERDICT_HEALTHY); /* without a prior it is no finding */
  options.class_prior = prior;
  options.class_prior_count = 2;
  CHECK_OK(trimtab_pseudo_label_drift(labels64(&first_view, labels, 10), labels64(&second_view, labels, 10), &options, &report));
  CHECK(report.verdict >= TRIMTAB_VERDICT_WARNING && report.cause == TRIMTAB_CAUSE_CLASS_COLLAPSE);
  CHECK_NEAR(report.least_class_share, .1, 1e-14);
}

/* One class for every sample is a collapse wherever it is known that there are more. */
static void all_in_one_class(void) {
  int64_t zeros[200] = {0}, threes[200], mixed[200], nearly[200];
  double p[24];
  trimtab_drift_options options = TRIMTAB_DRIFT_OPTIONS_INIT;
  trimtab_drift_report report;
  for (int i = 0; i < 200; i++) threes[i] = 3, mixed[i] = i % 2, nearly[i] = i < 3;
  for (int i = 0; i < 24; i++) p[i] = i % 3 == 0 ? 1 : 0;
  report = drift_of(matrix64(&first_view, p, 8, 3), matrix64(&second_view, p, 8, 3));
  CHECK(report.verdict == TRIMTAB_VERDICT_WARNING && report.cause == TRIMTAB_CAUSE_CLASS_COLLAPSE);
  CHECK(report.measurement == 1 && report.greatest_class_share == 1 && report.threshold == .99 && report.least_class_share == 0);
  CHECK(drift_of(matrix64(&first_view, p, 5, 3), matrix64(&second_view, p, 5, 3)).verdict == TRIMTAB_VERDICT_HEALTHY); /* 3^-4 > .01 */
  CHECK(drift_of(matrix64(&first_view, p, 6, 3), matrix64(&second_view, p, 6, 3)).verdict == TRIMTAB_VERDICT_WARNING);
  report = drift_of(labels64(&first_view, mixed, 200), labels64(&second_view, zeros, 200));
  CHECK(report.verdict == TRIMTAB_VERDICT_CRITICAL && report.cause == TRIMTAB_CAUSE_CLASS_COLLAPSE && report.flip_rate == .5);
  /* Labels alone that show one class. */
  report = drift_of(labels64(&first_view, zeros, 200), labels64(&second_view, zeros, 200));
  CHECK(report.outcome == TRIMTAB_OUTCOME_DEGENERATE && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
  report = drift_of(labels64(&first_view, threes, 200), labels64(&second_view, threes, 200));
  CHECK(report.outcome == TRIMTAB_OUTCOME_DEGENERATE && report.verdict == TRIMTAB_VERDICT_UNKNOWN && report.class_count == 4);
  options.class_count = 2;
  CHECK_OK(trimtab_pseudo_label_drift(labels64(&first_view, zeros, 200), labels64(&second_view, zeros, 200), &options, &report));
  CHECK(report.cause == TRIMTAB_CAUSE_CLASS_COLLAPSE);
  /* Nearly all: 198 of 200 are .99, 197 are not. */
  zeros[0] = zeros[1] = 1;
  report = drift_of(labels64(&first_view, zeros, 200), labels64(&second_view, zeros, 200));
  CHECK(report.cause == TRIMTAB_CAUSE_CLASS_COLLAPSE && report.verdict == TRIMTAB_VERDICT_NOTICE); /* both classes, in both rounds */
  report = drift_of(labels64(&first_view, nearly, 200), labels64(&second_view, zeros, 200));
  CHECK(report.cause == TRIMTAB_CAUSE_CLASS_COLLAPSE && report.verdict == TRIMTAB_VERDICT_WARNING);
  zeros[2] = 1;
  CHECK(drift_of(labels64(&first_view, zeros, 200), labels64(&second_view, zeros, 200)).verdict == TRIMTAB_VERDICT_HEALTHY);
  zeros[0] = zeros[1] = zeros[2] = 0;
  options.collapse_share = 1;
  CHECK_OK(trimtab_pseudo_label_drift(labels64(&first_view, zeros, 200), labels64(&second_view, zeros, 200), &options, &report));
  CHECK(report.verdict == TRIMTAB_VERDICT_HEALTHY);
}

/* A stream remembers that there were more classes. */
static void a_stream_that_ends_in_one_class(void) {
  int64_t labels[100];
  trimtab_drift_report report = TRIMTAB_DRIFT_REPORT_INIT;
  trimtab_label_drift *drift = NULL;
  CHECK_OK(trimtab_label_drift_create(NULL, &drift));
  for (int round = 0; round < 27; round++) { /* two samples a round leave class 1, too few for any alarm but that of the first round */
    for (int i = 0; i < 100; i++) labels[i] = i < 50 - 2 * round;
    CHECK_OK(trimtab_label_drift_add(drift, round, NULL, labels64(&first_view, labels, 100)));
    CHECK_OK(trimtab_label_drift_report(drift, &report));
    if (round > 0) CHECK(report.verdict == (round < 21 ? TRIMTAB_VERDICT_HEALTHY : TRIMTAB_VERDICT_WARNING));
  }
  CHECK(report.cause == TRIMTAB_CAUSE_CLASS_COLLAPSE && report.flip_rate == 0 && report.class_shift == 0);
  trimtab_label_drift_destroy(drift);
}

int main(void) {
  RUN(known_probabilities);
  RUN(one_hot_flips);
  RUN(rows_are_normalised_and_ties_go_low);
  RUN(labels_alone);
  RUN(bad_rows_are_left_out);
  RUN(a_monstrous_label_is_harmless);
  RUN(too_little);
  RUN(shapes_that_do_not_fit);
  RUN(oscillation);
  RUN(independent_labels_match_their_null);
  RUN(ids_match_samples);
  RUN(rounds_and_ids_that_cannot_be);
  RUN(shards_merge);
  RUN(classes_that_leave_the_prior);
  RUN(all_in_one_class);
  RUN(a_stream_that_ends_in_one_class);
  return finish("drift");
}
