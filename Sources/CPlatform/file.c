#include "CPlatform.h"

#if defined(_WIN32)
#error "files are POSIX here"
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif
#include <unistd.h>

int32_t trimtab_platform_open(const char *path, int32_t is_new) {
  int fd;
  do {
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (is_new ? O_TRUNC : O_APPEND), 0666);
  } while (fd < 0 && errno == EINTR);
  return fd < 0 ? -errno : fd;
}

int32_t trimtab_platform_is_empty(int32_t file) { return lseek(file, 0, SEEK_END) == 0; }

int32_t trimtab_platform_write(int32_t file, const void *bytes, uint64_t count) {
  const char *next = bytes;
  while (count > 0) {
    ssize_t done = write(file, next, count);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return done < 0 ? errno : EIO;
    next += done;
    count -= (uint64_t)done;
  }
  return 0;
}

int32_t trimtab_platform_close(int32_t file, int32_t is_synced) {
  int failure = is_synced && fsync(file) != 0 ? errno : 0;
  if (close(file) != 0 && failure == 0 && errno != EINTR) failure = errno;
  return failure;
}

int32_t trimtab_platform_rename(const char *from, const char *to) {
  struct stat there;
  /* A device or a pipe is not to be replaced by a file, whoever asks. glibc's own lstat is newer than 2.28. */
#if defined(__linux__) && defined(SYS_newfstatat)
  const int is_there = syscall(SYS_newfstatat, AT_FDCWD, to, &there, AT_SYMLINK_NOFOLLOW) == 0;
#else
  const int is_there = lstat(to, &there) == 0;
#endif
  if (is_there && !S_ISREG(there.st_mode)) return EEXIST;
  return rename(from, to) == 0 ? 0 : errno;
}
void trimtab_platform_remove(const char *path) { (void)unlink(path); }
