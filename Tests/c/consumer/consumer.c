/* What a program outside this tree does: include the installed header, link the installed library. */
#include <stdio.h>
#include <string.h>
#include <trimtab.h>

int main(void) {
  double values[] = {3, 4};
  int64_t shape[] = {2};
  trimtab_tensor tensor = {values, {TRIMTAB_DEVICE_CPU, 0}, 1, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape, NULL, 0};
  trimtab_summary summary;
  if (trimtab_version_number() != TRIMTAB_VERSION_NUMBER) return 1;
  if (trimtab_summarize(&tensor, &summary) != TRIMTAB_OK) return 2;
  printf("trimtab %s: norm %g\n", trimtab_version_string(), summary.l2_norm);
  return summary.l2_norm == 5 ? 0 : 3;
}
