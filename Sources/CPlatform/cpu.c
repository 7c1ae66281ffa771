#include "CPlatform.h"

#if defined(__x86_64__)
#include <cpuid.h>

/* __builtin_cpu_supports would bring in a table of every processor, ten times as long as this. */
static int has_all(unsigned found, unsigned wanted) { return (found & wanted) == wanted; }

/* The register states that the operating system saves. */
static unsigned saved_states(void) {
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

int32_t trimtab_platform_cpu_level(void) {
  const unsigned vector_states = 0x6, wide_states = 0xe6; /* xmm and ymm; with the masks and zmm */
  unsigned eax, ebx, ecx, edx, extended;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return 1;
  if (!has_all(ecx, bit_OSXSAVE | bit_AVX | bit_FMA | bit_POPCNT | bit_MOVBE | bit_F16C)) return 1;
  if (!has_all(saved_states(), vector_states)) return 1;
  if (!__get_cpuid_count(7, 0, &eax, &extended, &ecx, &edx)) return 1;
  if (!has_all(extended, bit_AVX2 | bit_BMI | bit_BMI2)) return 1;
  if (!__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) || !has_all(ecx, bit_LZCNT)) return 1;
  if (!has_all(extended, bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL)) return 3;
  return has_all(saved_states(), wide_states) ? 4 : 3;
}
#else
int32_t trimtab_platform_cpu_level(void) { return 1; }
#endif
