/* Two losses that pull at one layer: what the ratio of their gradients says, the weight that cures it, and PCGrad. */
#include <stdio.h>
#include <trimtab.h>

int main(void) {
  double pixel[4] = {0.8, -0.2, 0.4, 0.1}, adversarial[4] = {-0.02, 0.01, -0.005, 0.01};
  int64_t shape[1] = {4}, conflicts = 0;
  trimtab_tensor gradients[2] = {
      {pixel, {TRIMTAB_DEVICE_CPU, 0}, 1, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape, NULL, 0},
      {adversarial, {TRIMTAB_DEVICE_CPU, 0}, 1, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape, NULL, 0},
  };
  trimtab_gradient_balance_report report = TRIMTAB_GRADIENT_BALANCE_REPORT_INIT;
  if (trimtab_gradient_balance(&gradients[0], &gradients[1], NULL, &report) != TRIMTAB_OK) goto failed;
  printf("ratio %.3f, cosine %.3f\n", report.ratio, report.mean_cosine);
  printf("%s: %s\n  %s\n", trimtab_verdict_name(report.verdict), trimtab_cause_text(report.cause), trimtab_cure_text(report.cause));
  printf("the adaptive weight: %.2f\n", trimtab_adaptive_weight(report.pixel_norm, report.adversarial_norm, 1, 0, 0));
  if (trimtab_project_conflicts(gradients, 2, 0, &conflicts) != TRIMTAB_OK) goto failed;
  if (trimtab_gradient_balance(&gradients[0], &gradients[1], NULL, &report) != TRIMTAB_OK) goto failed;
  printf("%d conflicts taken out: what is left has a cosine of %.3f\n", (int)conflicts, report.mean_cosine);
  return 0;
failed:
  fprintf(stderr, "%s\n", trimtab_last_error());
  return 1;
}
