/* Dead, dormant and saturated units; deaths and revivals between audits. */
#include "check.h"

static view made;

static void the_known_layer(void) {
  double z[16] = {1, -1, -1, -1, 1, 1, -1, -1, 1, -1, -1, -1, 1, -1, -1, 1};
  const double fractions[4] = {1, .25, 0, .25}, scores[4] = {8.0 / 3, 2.0 / 3, 0, 2.0 / 3};
  trimtab_activity_report report = TRIMTAB_ACTIVITY_REPORT_INIT;
  trimtab_neurons *neurons = NULL;
  uint8_t dead[4], flags[4];
  double found[4], dormancy[4];
  CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, 4, 4), NULL, &report, dead));
  CHECK(report.unit_count == 4 && report.sample_count == 4 && report.dead_count == 1 && report.dead_fraction == .25);
  CHECK(dead[0] == 0 && dead[1] == 0 && dead[2] == 1 && dead[3] == 0);
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT); /* four samples prove nothing */
  CHECK_NEAR(report.mean_active_fraction, 1.5 / 4, 1e-15);
  CHECK_NEAR(report.confidence, 1 - pow(1 - .003, 4), 1e-12);
  CHECK_OK(trimtab_neurons_create(NULL, &neurons));
  CHECK_OK(trimtab_neurons_add(neurons, matrix64(&made, z, 4, 4)));
  CHECK_OK(trimtab_neurons_units(neurons, 4, found, dormancy, flags));
  for (int i = 0; i < 4; i++) {
    CHECK(found[i] == fractions[i]);
    CHECK(fabs(dormancy[i] - scores[i]) < 1e-7); /* the 1e-9 in the score's denominator */
  }
  CHECK((flags[2] & TRIMTAB_UNIT_DEAD) && (flags[2] & TRIMTAB_UNIT_INACTIVE) && (flags[2] & TRIMTAB_UNIT_DORMANT));
  CHECK(!(flags[0] & (TRIMTAB_UNIT_DEAD | TRIMTAB_UNIT_UNSEEN)));
  trimtab_neurons_destroy(neurons);
}

static double *layer(int64_t samples, int64_t units, int dead_units) {
  double *z = (double *)malloc((size_t)(samples * units) * sizeof *z);
  fill_normal(z, samples * units, 31);
  for (int64_t i = 0; i < samples; i++)
    for (int j = 0; j < dead_units; j++) z[i * units + j] = -fabs(z[i * units + j]) - 1e-3;
  return z;
}

static void verdicts_follow_the_dead_fraction(void) {
  const int dead_units[] = {0, 1, 2, 3, 10, 11, 20};
  for (size_t i = 0; i < sizeof dead_units / sizeof *dead_units; i++) {
    double *z = layer(1200, 20, dead_units[i]);
    const double share = dead_units[i] / 20.0;
    trimtab_activity_report report = TRIMTAB_ACTIVITY_REPORT_INIT;
    CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, 1200, 20), NULL, &report, NULL));
    CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.dead_count == dead_units[i]);
    CHECK(report.dead_fraction == share);
    if (share > .5) CHECK(report.verdict == TRIMTAB_VERDICT_CRITICAL && report.threshold == .5);
    if (share > .1 && share < .5) CHECK(report.verdict == TRIMTAB_VERDICT_WARNING && report.threshold == .1);
    if (share < .1) CHECK(report.verdict <= TRIMTAB_VERDICT_NOTICE);
    if (share > .1) CHECK(report.cause != TRIMTAB_CAUSE_NONE);
    free(z);
  }
}

static void zero_is_not_active(void) {
  double z[1000] = {0};
  trimtab_activity_report report = TRIMTAB_ACTIVITY_REPORT_INIT;
  CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, 1000, 1), NULL, &report, NULL));
  CHECK(report.dead_count == 1 && report.dormant_count == 1);
  for (int i = 0; i < 1000; i++) z[i] = -0.0;
  CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, 1000, 1), NULL, &report, NULL));
  CHECK(report.dead_count == 1);
  z[999] = 5e-324;
  CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, 1000, 1), NULL, &report, NULL));
  CHECK(report.dead_count == 0 && report.inactive_count == 1);
}

/* NaN > 0 is false: a unit of NaN must not look dead, nor a NaN hide a death. */
static void nonfinite_elements_are_left_out(void) {
  double z[6 * 3];
  for (int place = 0; place < 18; place++) {
    trimtab_activity_report report = TRIMTAB_ACTIVITY_REPORT_INIT;
    uint8_t dead[3];
    for (int i = 0; i < 18; i++) z[i] = i % 3 == 1 ? -1 : 1;
    z[place] = place % 2 ? (double)NAN : (double)INFINITY;
    CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, 6, 3), NULL, &report, dead));
    CHECK(report.nonfinite_count == 1 && report.dead_count == 1 && dead[1] == 1 && report.sample_count == 6);
    CHECK(report.mean_active_fraction == 2.0 / 3 || fabs(report.mean_active_fraction - 2.0 / 3) < 1e-15);
  }
  {
    trimtab_activity_report report = TRIMTAB_ACTIVITY_REPORT_INIT;
    trimtab_neurons *neurons = NULL;
    uint8_t dead[3], flags[3];
    for (int i = 0; i < 18; i++) z[i] = i % 3 == 0 ? (double)NAN : 1;
    CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, 6, 3), NULL, &report, dead));
    CHECK(report.outcome == TRIMTAB_OUTCOME_NONFINITE && report.dead_count == 0 && dead[0] == 0 && report.nonfinite_count == 6);
    CHECK_OK(trimtab_neurons_create(NULL, &neurons));
    CHECK_OK(trimtab_neurons_add(neurons, matrix64(&made, z, 6, 3)));
    CHECK_OK(trimtab_neurons_units(neurons, 3, NULL, NULL, flags));
    CHECK((flags[0] & TRIMTAB_UNIT_UNSEEN) && !(flags[0] & TRIMTAB_UNIT_DEAD));
    trimtab_neurons_destroy(neurons);
  }
}

static void empty_batches_are_insufficient(void) {
  double z[3] = {1, 1, 1};
  trimtab_activity_report report = TRIMTAB_ACTIVITY_REPORT_INIT;
  CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, 0, 3), NULL, &report, NULL));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.dead_count == 0 && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
  CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, 3, 0), NULL, &report, NULL));
  CHECK(report.outcome != TRIMTAB_OUTCOME_OK && report.unit_count == 0);
  CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, 1, 3), NULL, &report, NULL));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT && report.sample_count == 1);
}

/* The channel axis of a convolution equals the last axis of the transposed tensor. */
static void channel_axis(void) {
  enum { B = 4, C = 3, H = 5 };
  double z[B * C * H], moved[B * H * C];
  trimtab_activity_options options = TRIMTAB_ACTIVITY_OPTIONS_INIT;
  trimtab_activity_report channel = TRIMTAB_ACTIVITY_REPORT_INIT, last = TRIMTAB_ACTIVITY_REPORT_INIT;
  uint8_t dead[C], wanted[C];
  fill_normal(z, B * C * H, 33);
  for (int b = 0; b < B; b++)
    for (int h = 0; h < H; h++) z[(b * C + 1) * H + h] = -1;
  for (int b = 0; b < B; b++)
    for (int c = 0; c < C; c++)
      for (int h = 0; h < H; h++) moved[(b * H + h) * C + c] = z[(b * C + c) * H + h];
  options.unit_axis = 1;
  CHECK_OK(trimtab_dead_neurons(view_make(&made, z, TRIMTAB_DTYPE_FLOAT, 64, 3, B, C, H), &options, &channel, dead));
  CHECK_OK(trimtab_dead_neurons(view_make(&made, moved, TRIMTAB_DTYPE_FLOAT, 64, 3, B, H, C), NULL, &last, wanted));
  CHECK(channel.unit_count == C && channel.sample_count == B * H && channel.dead_count == 1);
  CHECK(memcmp(dead, wanted, sizeof dead) == 0 && dead[1] == 1);
  CHECK(channel.mean_active_fraction == last.mean_active_fraction && channel.dormant_count == last.dormant_count);
  options.unit_axis = 0;
  CHECK_OK(trimtab_dead_neurons(view_make(&made, z, TRIMTAB_DTYPE_FLOAT, 64, 3, B, C, H), &options, &channel, NULL));
  CHECK(channel.unit_count == B && channel.sample_count == C * H);
}

static void saturated_units(void) {
  enum { N = 1200 };
  static double z[N * 4];
  trimtab_activity_options options = TRIMTAB_ACTIVITY_OPTIONS_INIT;
  trimtab_activity_report report = TRIMTAB_ACTIVITY_REPORT_INIT;
  fill_normal(z, N * 4, 34);
  for (int i = 0; i < N; i++) z[4 * i] = i % 2 ? 10 : -10, z[4 * i + 1] = 9.4;
  options.activation = TRIMTAB_ACTIVATION_TANH;
  CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, N, 4), &options, &report, NULL));
  CHECK(report.saturated_count == 1 && report.saturated_fraction == .25 && report.dead_count == 0);
  CHECK(report.verdict == TRIMTAB_VERDICT_WARNING && report.cause == TRIMTAB_CAUSE_SATURATION);
  options.activation = TRIMTAB_ACTIVATION_RELU;
  CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, N, 4), &options, &report, NULL));
  CHECK(report.saturated_count == 0);
}

static void every_activation_answers(void) {
  double z[12];
  for (int activation = TRIMTAB_ACTIVATION_RELU; activation <= TRIMTAB_ACTIVATION_IDENTITY; activation++) {
    trimtab_activity_options options = TRIMTAB_ACTIVITY_OPTIONS_INIT;
    trimtab_activity_report report = TRIMTAB_ACTIVITY_REPORT_INIT;
    double scores[3], sum = 0;
    trimtab_neurons *neurons = NULL;
    fill_normal(z, 12, 35);
    z[3] = 1e308, z[4] = -1e308, z[5] = 710, z[6] = -710, z[7] = -1e5;
    options.activation = activation;
    CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, 4, 3), &options, &report, NULL));
    CHECK(report.nonfinite_count == 0 && !isnan(report.dormant_fraction) && !isnan(report.mean_preactivation) && !isnan(report.preactivation_scale));
    CHECK_OK(trimtab_neurons_create(&options, &neurons));
    CHECK_OK(trimtab_neurons_add(neurons, matrix64(&made, z, 4, 3)));
    CHECK_OK(trimtab_neurons_units(neurons, 3, NULL, scores, NULL));
    for (int i = 0; i < 3; i++) sum += scores[i], CHECK(!isnan(scores[i]) && scores[i] >= 0);
    CHECK_NEAR(sum, 3, 1e-8); /* scores have mean 1 */
    trimtab_neurons_destroy(neurons);
  }
}

static void streaming_equals_one_call(void) {
  double *z = layer(1000, 7, 2);
  trimtab_activity_report whole = TRIMTAB_ACTIVITY_REPORT_INIT, streamed = TRIMTAB_ACTIVITY_REPORT_INIT;
  trimtab_neurons *left = NULL, *right = NULL;
  CHECK_OK(trimtab_dead_neurons(matrix64(&made, z, 1000, 7), NULL, &whole, NULL));
  CHECK_OK(trimtab_neurons_create(NULL, &left));
  CHECK_OK(trimtab_neurons_create(NULL, &right));
  for (int row = 0; row < 600; row += 30) CHECK_OK(trimtab_neurons_add(left, matrix64(&made, z + row * 7, 30, 7)));
  for (int row = 600; row < 1000; row += 1) CHECK_OK(trimtab_neurons_add(right, matrix64(&made, z + row * 7, 1, 7)));
  CHECK_OK(trimtab_neurons_merge(left, right));
  CHECK_OK(trimtab_neurons_report(left, &streamed));
  CHECK(streamed.sample_count == 1000 && streamed.dead_count == whole.dead_count && streamed.dormant_count == whole.dormant_count);
  CHECK_NEAR(streamed.mean_active_fraction, whole.mean_active_fraction, 1e-14);
  CHECK_NEAR(streamed.preactivation_scale, whole.preactivation_scale, 1e-12);
  trimtab_neurons_destroy(left);
  trimtab_neurons_destroy(right);
  free(z);
}

static void units_may_not_change(void) {
  double z[12] = {1, -1, 1, -1, 1, -1, 1, 1, 1, 1, 1, 1};
  trimtab_activity_report before = TRIMTAB_ACTIVITY_REPORT_INIT, after = TRIMTAB_ACTIVITY_REPORT_INIT;
  trimtab_revival_report revival = TRIMTAB_REVIVAL_REPORT_INIT;
  trimtab_activity_options options = TRIMTAB_ACTIVITY_OPTIONS_INIT;
  trimtab_neurons *three = NULL, *four = NULL, *tanh_units = NULL;
  options.activation = TRIMTAB_ACTIVATION_TANH;
  CHECK_OK(trimtab_neurons_create(NULL, &three));
  CHECK_OK(trimtab_neurons_create(NULL, &four));
  CHECK_OK(trimtab_neurons_create(&options, &tanh_units));
  CHECK_OK(trimtab_neurons_add(three, matrix64(&made, z, 4, 3)));
  CHECK_OK(trimtab_neurons_add(four, matrix64(&made, z, 3, 4)));
  CHECK_OK(trimtab_neurons_add(tanh_units, matrix64(&made, z, 4, 3)));
  CHECK_OK(trimtab_neurons_report(three, &before));
  CHECK_STATUS(trimtab_neurons_add(three, matrix64(&made, z, 3, 4)), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_neurons_merge(three, four), TRIMTAB_ERROR_MISMATCH);
  CHECK_STATUS(trimtab_neurons_merge(three, tanh_units), TRIMTAB_ERROR_MISMATCH);
  CHECK_STATUS(trimtab_neurons_compare(three, four, &revival, NULL), TRIMTAB_ERROR_MISMATCH);
  CHECK_OK(trimtab_neurons_report(three, &after));
  CHECK(memcmp(&before, &after, sizeof before) == 0);
  trimtab_neurons_destroy(three);
  trimtab_neurons_destroy(four);
  trimtab_neurons_destroy(tanh_units);
}

static void deaths_and_revivals(void) {
  enum { N = 1200, D = 4 };
  double *first = layer(N, D, 0), *second = layer(N, D, 0);
  trimtab_neurons *before = NULL, *after = NULL;
  trimtab_revival_report report = TRIMTAB_REVIVAL_REPORT_INIT;
  uint8_t newly_dead[D];
  for (int i = 0; i < N; i++) {
    first[i * D] = first[i * D + 1] = -1;   /* 0 and 1 were dead */
    second[i * D + 1] = second[i * D + 2] = -1; /* 1 still is, 2 died, 0 lives */
  }
  CHECK_OK(trimtab_neurons_create(NULL, &before));
  CHECK_OK(trimtab_neurons_create(NULL, &after));
  CHECK_OK(trimtab_neurons_add(before, matrix64(&made, first, N, D)));
  CHECK_OK(trimtab_neurons_add(after, matrix64(&made, second, N, D)));
  CHECK_OK(trimtab_neurons_compare(before, after, &report, newly_dead));
  CHECK(report.unit_count == 4 && report.dead_before == 2 && report.dead_after == 2 && report.revived == 1 && report.newly_dead == 1);
  CHECK(report.revival_fraction == .5 && report.new_death_fraction == .5 && report.persistence == .5);
  CHECK(newly_dead[0] == 0 && newly_dead[1] == 0 && newly_dead[2] == 1 && newly_dead[3] == 0);
  CHECK(report.verdict == TRIMTAB_VERDICT_WARNING && report.threshold == .1); /* half is not more than half */
  CHECK_OK(trimtab_neurons_compare(before, before, &report, NULL));
  CHECK(report.revived == 0 && report.newly_dead == 0 && report.persistence == 1);
  trimtab_neurons_destroy(before);
  trimtab_neurons_destroy(after);
  free(first);
  free(second);
}

int main(void) {
  RUN(the_known_layer);
  RUN(verdicts_follow_the_dead_fraction);
  RUN(zero_is_not_active);
  RUN(nonfinite_elements_are_left_out);
  RUN(empty_batches_are_insufficient);
  RUN(channel_axis);
  RUN(saturated_units);
  RUN(every_activation_answers);
  RUN(streaming_equals_one_call);
  RUN(units_may_not_change);
  RUN(deaths_and_revivals);
  return finish("neurons");
}
