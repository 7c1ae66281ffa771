/*
 * Swift's Dictionary seeds itself with arc4random_buf, which glibc has only since 2.36. This one, kept out of the
 * exports, lowers the
 * library's floor.
 */
#if defined(__linux__)
#include <errno.h>
#include <stddef.h>
#include <sys/random.h>

__attribute__((visibility("hidden"))) void arc4random_buf(void *buffer, size_t length) {
  unsigned char *bytes = buffer;
  size_t done = 0;
  while (done < length) {
    ssize_t got = getrandom(bytes + done, length - done, 0);
    if (got > 0) {
      done += (size_t)got;
    } else if (errno != EINTR) {
      break; /* a weaker hash seed, never a stop */
    }
  }
}
#endif
