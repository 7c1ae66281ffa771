/* Prints what every diagnostic answers on fixed data: run on emulated processors of each level, it must print the same up to rounding. */
#include "check.h"

static void print_conditioning(const char *name, const trimtab_conditioning_report *report) {
  printf("%s %s %s %s rank %lld kappa %.17g support %.17g shrunk %.17g correlation %.17g rate %.17g\n", name,
         trimtab_outcome_name(report->outcome), trimtab_verdict_name(report->verdict), trimtab_cause_name(report->cause),
         (long long)report->rank, report->condition_number, report->condition_number_on_support, report->condition_number_shrunk,
         report->condition_number_of_correlation, report->largest_stable_learning_rate);
}

static void print_summary(const char *name, const trimtab_summary *summary) {
  printf("%s count %lld nan %lld inf %lld %lld zero %lld subnormal %lld first %lld least %.17g greatest %.17g mean %.17g l1 %.17g l2 %.17g\n", name,
         (long long)summary->count, (long long)summary->nan_count, (long long)summary->positive_infinity_count,
         (long long)summary->negative_infinity_count, (long long)summary->zero_count, (long long)summary->subnormal_count,
         (long long)summary->first_nonfinite_index, summary->minimum, summary->maximum, summary->mean, summary->l1_norm, summary->l2_norm);
}

static void every_element_type_is_summarised_alike(void) {
  static const struct {
    uint8_t code, bits;
  } types[] = {{0, 8}, {0, 16}, {0, 32}, {0, 64}, {1, 8}, {1, 16}, {1, 32}, {1, 64}, {2, 16}, {2, 32}, {2, 64}, {4, 16}, {6, 8}, {10, 8}, {12, 8}};
  enum { BYTES = 8 * 1237 };
  unsigned char *bytes = (unsigned char *)malloc(BYTES);
  uint64_t state = 99;
  view made;
  for (int i = 0; i < BYTES; i++) bytes[i] = (unsigned char)random_bits(&state);
  for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
    char name[32];
    trimtab_summary summary;
    if (types[t].code == TRIMTAB_DTYPE_BOOL)
      for (int i = 0; i < BYTES; i++) bytes[i] &= 1;
    CHECK_OK(trimtab_summarize(view_make(&made, bytes, types[t].code, types[t].bits, 1, BYTES * 8 / types[t].bits, 0, 0), &summary));
    snprintf(name, sizeof name, "summary-%d-%d", types[t].code, types[t].bits);
    print_summary(name, &summary);
    for (int i = 0; i < BYTES; i++) bytes[i] = (unsigned char)random_bits(&state);
  }
  free(bytes);
}

static void conditioning(void) {
  enum { N = 150, D = 37 };
  static double values[N * D];
  static float narrow[N * D];
  trimtab_conditioning_report report = TRIMTAB_CONDITIONING_REPORT_INIT;
  trimtab_matrix_report matrix = TRIMTAB_MATRIX_REPORT_INIT;
  view made;
  fill_normal(values, N * D, 1);
  for (int i = 0; i < N; i++) values[i * D + 3] *= 500, values[i * D + 5] += 3 * values[i * D + 6];
  for (int i = 0; i < N * D; i++) narrow[i] = (float)values[i];
  CHECK_OK(trimtab_condition_number(matrix64(&made, values, N, D), NULL, &report));
  print_conditioning("conditioning-64", &report);
  CHECK_OK(trimtab_condition_number(matrix32(&made, narrow, N, D), NULL, &report));
  print_conditioning("conditioning-32", &report);
  CHECK_OK(trimtab_condition_number(matrix64(&made, values, D, N), NULL, &report));
  print_conditioning("conditioning-wide", &report);
  CHECK_OK(trimtab_matrix_condition(matrix64(&made, values, N, D), NULL, &matrix));
  printf("matrix %s %s rank %lld kappa %.17g stable %.17g\n", trimtab_outcome_name(matrix.outcome), trimtab_verdict_name(matrix.verdict),
         (long long)matrix.rank, matrix.condition_number, matrix.stable_rank);
}

static void whitening(void) {
  enum { N = 90, D = 9 };
  static double values[N * D], output[N * D];
  trimtab_covariance *covariance = NULL;
  trimtab_whitener *whitener = NULL;
  trimtab_summary summary;
  view made, out;
  fill_normal(values, N * D, 2);
  CHECK_OK(trimtab_covariance_create(NULL, &covariance));
  CHECK_OK(trimtab_covariance_add(covariance, matrix64(&made, values, N, D)));
  CHECK_OK(trimtab_whitener_fit(covariance, NULL, &whitener));
  CHECK_OK(trimtab_whitener_apply(whitener, &made.tensor, matrix64(&out, output, N, D)));
  for (int i = 0; i < N * D; i++) output[i] *= output[i]; /* the mean itself is rounding */
  CHECK_OK(trimtab_summarize(&out.tensor, &summary));
  print_summary("whitened", &summary);
  trimtab_whitener_destroy(whitener);
  trimtab_covariance_destroy(covariance);
}

static void neurons(void) {
  enum { N = 1100, D = 33 };
  static float values[N * D];
  uint64_t state = 3;
  view made;
  for (int i = 0; i < N * D; i++) values[i] = (float)random_normal(&state) - (i % D < 5 ? 20 : 0);
  for (int activation = 0; activation < 8; activation++) {
    trimtab_activity_options options = TRIMTAB_ACTIVITY_OPTIONS_INIT;
    trimtab_activity_report report = TRIMTAB_ACTIVITY_REPORT_INIT;
    options.activation = activation;
    CHECK_OK(trimtab_dead_neurons(matrix32(&made, values, N, D), &options, &report, NULL));
    printf("neurons-%d %s %s %s dead %lld dormant %lld saturated %lld active %.17g scale %.17g\n", activation, trimtab_outcome_name(report.outcome),
           trimtab_verdict_name(report.verdict), trimtab_cause_name(report.cause), (long long)report.dead_count, (long long)report.dormant_count,
           (long long)report.saturated_count, report.mean_active_fraction, report.preactivation_scale);
  }
}

static void drift(void) {
  enum { N = 203, C = 7 };
  static float before[N * C], after[N * C];
  trimtab_drift_report report = TRIMTAB_DRIFT_REPORT_INIT;
  uint64_t state = 4;
  view first, second;
  for (int i = 0; i < N * C; i++) before[i] = (float)random_unit(&state), after[i] = before[i] + .2f * (float)random_unit(&state);
  CHECK_OK(trimtab_pseudo_label_drift(matrix32(&first, before, N, C), matrix32(&second, after, N, C), NULL, &report));
  printf("drift %s %s %s flip %.17g variation %.17g shannon %.17g leibler %.17g shift %.17g\n", trimtab_outcome_name(report.outcome),
         trimtab_verdict_name(report.verdict), trimtab_cause_name(report.cause), report.flip_rate, report.total_variation, report.jensen_shannon,
         report.kullback_leibler, report.class_shift);
}

static void gradients(void) {
  enum { LAYERS = 12, SIZE = 501 };
  static float values[LAYERS][SIZE];
  static view views[LAYERS];
  static trimtab_tensor tensors[LAYERS];
  trimtab_gradient_report report = TRIMTAB_GRADIENT_REPORT_INIT;
  uint64_t state = 5;
  for (int layer = 0; layer < LAYERS; layer++) {
    for (int i = 0; i < SIZE; i++) values[layer][i] = (float)(random_normal(&state) * pow(10, -.2 * layer));
    tensors[layer] = *matrix32(&views[layer], values[layer], 3, SIZE / 3);
  }
  CHECK_OK(trimtab_gradient_norm(tensors, LAYERS, NULL, &report, NULL));
  printf("gradients %s %s %s norm %.17g slope %.17g ratio %.17g clip %.17g\n", trimtab_outcome_name(report.outcome), trimtab_verdict_name(report.verdict),
         trimtab_cause_name(report.cause), report.global_norm, report.depth_slope, report.depth_ratio, report.clip_factor);
}

int main(int count, char **arguments) {
  if (count > 1) { /* dispatch LEVEL: the level that this processor must give */
    printf("level %s\n", trimtab_kernel_level());
    if (strcmp(arguments[1], trimtab_kernel_level()) != 0) return 2;
  }
  RUN(every_element_type_is_summarised_alike);
  RUN(conditioning);
  RUN(whitening);
  RUN(neurons);
  RUN(drift);
  RUN(gradients);
  return finish("dispatch");
}
