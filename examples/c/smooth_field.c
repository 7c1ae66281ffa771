/* Is a field smooth enough for the solver? A spring that a net of ReLU replaces, then of SiLU: probed, and solved. */
#include <math.h>
#include <stdio.h>
#include <trimtab.h>

enum { UNITS = 24 };

/* `user` says which activation. */
static int32_t force(void *user, const double *x, double *pull) {
  const int is_smooth = *(const int *)user;
  pull[0] = 0;
  for (int i = 0; i < UNITS; i++) {
    const double z = (i % 2 ? 1 : -1) * x[0] + 0.15 * i - 1.7;
    pull[0] -= (i % 2 ? 0.2 : -0.2) * (is_smooth ? z / (1 + exp(-z)) : z > 0 ? z : 0);
  }
  return 0;
}

static int32_t motion(void *user, double t, const double *y, double *slope) {
  (void)t;
  slope[0] = y[1];
  return force(user, y, slope + 1);
}

int main(void) {
  const char *names[2] = {"ReLU", "SiLU"};
  for (int is_smooth = 0; is_smooth < 2; is_smooth++) {
    trimtab_smoothness_options options = TRIMTAB_SMOOTHNESS_OPTIONS_INIT;
    trimtab_smoothness_report report = TRIMTAB_SMOOTHNESS_REPORT_INIT;
    trimtab_solver_options solving = TRIMTAB_SOLVER_OPTIONS_INIT;
    trimtab_solver_report paid = TRIMTAB_SOLVER_REPORT_INIT;
    const double low = -2, high = 2;
    double y[2] = {1.5, 0};
    options.tolerance = solving.relative_tolerance = 1e-8;
    solving.absolute_tolerance = 1e-11;
    if (trimtab_smoothness_probe(force, &is_smooth, 1, 1, &low, &high, &options, &report) != TRIMTAB_OK ||
        trimtab_solve(motion, &is_smooth, 0, 20, 2, y, &solving, y, &paid) != TRIMTAB_OK) {
      fprintf(stderr, "%s\n", trimtab_last_error());
      return 1;
    }
    printf("%s: %s, second slope %.2f; %lld evaluations, %.0f %% of the steps rejected\n", names[is_smooth],
           trimtab_verdict_name(report.verdict), report.second_slope, (long long)paid.evaluation_count, 100 * paid.rejection_ratio);
    if (report.cause) printf("  %s\n  cure: %s\n", trimtab_cause_text(report.cause), trimtab_cure_text(report.cause));
  }
  return 0;
}
