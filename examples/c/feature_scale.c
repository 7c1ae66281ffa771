/* Which axis to normalise before a graph net? 400 nodes of 32 features, one node in twenty a hundred times larger. */
#include <stdio.h>
#include <stdlib.h>
#include <trimtab.h>

enum { NODES = 400, FEATURES = 32 };

int main(void) {
  static double features[NODES * FEATURES];
  static const char *const advice[] = {"nothing", "each node", "each feature", "each feature, then each node"};
  int64_t shape[2] = {NODES, FEATURES};
  trimtab_tensor tensor = {features, {TRIMTAB_DEVICE_CPU, 0}, 2, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape, NULL, 0};
  trimtab_feature_scale_report report = TRIMTAB_FEATURE_SCALE_REPORT_INIT;
  srand(1);
  for (int i = 0; i < NODES * FEATURES; i++) {
    const double x = 4.0 * rand() / RAND_MAX - 2.0;
    features[i] = i / FEATURES % 20 == 0 ? 100.0 * x : x;
  }
  if (trimtab_feature_scale(&tensor, NULL, &report) != TRIMTAB_OK) {
    fprintf(stderr, "%s\n", trimtab_last_error());
    return 1;
  }
  printf("log scale deviates by %.2f between nodes and %.2f between features: %s\n", report.node_deviation,
         report.feature_deviation, trimtab_verdict_name(report.verdict));
  printf("  normalise: %s\n  why:   %s\n  cure:  %s\n  check: %s\n", advice[report.advice], trimtab_cause_text(report.cause),
         trimtab_cure_text(report.cause), trimtab_check_text(report.cause));
  printf("  outliers: %lld nodes, the worst %lld\n", (long long)report.outlier_node_count, (long long)report.outlier_nodes[0]);
  return 0;
}
