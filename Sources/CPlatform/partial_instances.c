/*
 * What becomes of an object whose initialiser throws. Embedded Swift 6.3's own function runs the destroyers of
 * superclasses and then forgets to
 * free the memory, so that every refused call would leak. It is weak, this one is not, and no class here has a
 * superclass.
 */
#if defined(TRIMTAB_EMBEDDED)
#include <stddef.h>

extern void trimtab_platform_swift_free(void *memory) __attribute__((visibility("hidden")));

__attribute__((visibility("hidden"))) void swift_deallocPartialClassInstance(void *object, const void *metadata, size_t size, size_t alignment_mask) {
  (void)metadata;
  (void)size;
  (void)alignment_mask;
  trimtab_platform_swift_free(object);
}
#else
typedef int trimtab_nothing_to_replace;
#endif
