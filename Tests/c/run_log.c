/* The run log and the flight record: what a kill, a full disk and a path that cannot be written leave of them. */
#include <sys/stat.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static char folder[64], log_path[96], record_path[96];
static double weight[64];
static uint64_t seed;

static trimtab_monitor *make_monitor(void) {
  trimtab_monitor *monitor = NULL;
  trimtab_entry entry = TRIMTAB_ENTRY_INIT;
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  CHECK_OK(trimtab_monitor_register(monitor, "layer.weight", &entry, NULL));
  return monitor;
}

static trimtab_decision take_step(trimtab_monitor *monitor, int64_t step, double loss) {
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  view made;
  CHECK_OK(trimtab_monitor_begin_step(monitor, step));
  CHECK_OK(trimtab_monitor_observe(monitor, 0, TRIMTAB_QUANTITY_GRADIENT, matrix64(&made, weight, 8, 8)));
  CHECK_OK(trimtab_monitor_observe_scalar(monitor, TRIMTAB_SCALAR_LOSS, loss));
  CHECK_OK(trimtab_monitor_end_step(monitor, &decision));
  return decision;
}

static trimtab_log_state state_of(trimtab_monitor *monitor) {
  trimtab_log_state state = TRIMTAB_LOG_STATE_INIT;
  CHECK_OK(trimtab_monitor_log_state(monitor, &state));
  return state;
}

/* The whole file; to be freed. */
static char *content_of(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  char *content = NULL;
  *length = 0;
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  *length = (size_t)ftell(file);
  rewind(file);
  content = calloc(*length + 1, 1);
  if (content != NULL && fread(content, 1, *length, file) != *length) *length = 0;
  fclose(file);
  return content;
}

/* A line is whole if it is empty or an object from its brace to its brace. */
static int is_whole(const char *line, size_t length) { return length == 0 || (length > 1 && line[0] == '{' && line[length - 1] == '}'); }

typedef struct lines {
  long whole, torn;
  int64_t last_step;
  int is_last_torn, is_closed;
} lines;

static lines lines_of(const char *path) {
  lines found = {0, 0, 0, 0, 0};
  size_t length;
  char *content = content_of(path, &length);
  char *line = content;
  while (line != NULL && line < content + length) {
    char *end = memchr(line, '\n', (size_t)(content + length - line));
    const size_t count = end != NULL ? (size_t)(end - line) : (size_t)(content + length - line);
    const int whole = end != NULL && is_whole(line, count);
    long long step;
    if (count > 0 && whole) found.whole++;
    if (!whole) found.torn++;
    found.is_last_torn = !whole;
    if (whole && sscanf(line, "{\"step\":%lld,", &step) == 1) {
      CHECK(step == found.last_step + 1);
      found.last_step = step;
    }
    if (whole && strncmp(line, "{\"end\":", 7) == 0) found.is_closed = 1;
    if (whole && strncmp(line, "{\"trimtab_log\":", 15) == 0) found.last_step = 0;
    line = end != NULL ? end + 1 : NULL;
  }
  free(content);
  return found;
}

static void a_run_that_ends_in_order_is_closed(void) {
  trimtab_monitor *monitor = make_monitor();
  size_t length;
  char *content;
  lines found;
  (void)remove(log_path);
  CHECK_OK(trimtab_monitor_log(monitor, log_path));
  for (int64_t step = 1; step <= 30; step++) (void)take_step(monitor, step, step == 20 ? NAN : 1.0);
  CHECK(state_of(monitor).lost_count == 0 && state_of(monitor).failure == 0);
  trimtab_monitor_destroy(monitor);
  found = lines_of(log_path);
  CHECK(found.last_step == 30 && found.torn == 0 && found.is_closed);
  /* The header, 30 steps, the finding as it arose and as it ended, the closing. */
  CHECK(found.whole == 34);
  content = content_of(log_path, &length);
  CHECK(content != NULL && strstr(content, "{\"trimtab_log\":1,\"entries\":{\"layer.weight\":0}}") != NULL);
  CHECK(content != NULL && strstr(content, "\"action\":\"skip\",\"rule\":\"nonfinite\"") != NULL);
  CHECK(content != NULL && strstr(content, "\"is_standing\":1,\"before\":[") != NULL);
  CHECK(content != NULL && strstr(content, "\"is_standing\":0,\"before\":[") != NULL);
  CHECK(content != NULL && strstr(content, "{\"end\":30,\"step_count\":30,\"finding_count\":1,\"lost_count\":0,\"failure\":0,") != NULL);
  CHECK(content != NULL && strstr(content, "\"gradient\":{\"entry_count\":1,\"look_count\":30,\"left_out_count\":0,") != NULL);
  free(content);
}

static void scalars_alone_have_a_header_too(void) {
  trimtab_monitor *monitor = NULL;
  trimtab_entry entry = TRIMTAB_ENTRY_INIT;
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  size_t length;
  char *content;
  (void)remove(log_path);
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  CHECK_OK(trimtab_monitor_log(monitor, log_path));
  CHECK_OK(trimtab_monitor_begin_step(monitor, 1));
  CHECK_OK(trimtab_monitor_end_step(monitor, &decision));
  CHECK_OK(trimtab_monitor_register(monitor, "late", &entry, NULL));
  CHECK_OK(trimtab_monitor_begin_step(monitor, 2));
  CHECK_OK(trimtab_monitor_end_step(monitor, &decision));
  CHECK_OK(trimtab_monitor_restored(monitor, 1));
  CHECK_OK(trimtab_monitor_log(monitor, NULL));
  trimtab_monitor_destroy(monitor);
  content = content_of(log_path, &length);
  CHECK(content != NULL && strstr(content, "{\"trimtab_log\":1,\"entries\":{}}") != NULL);
  CHECK(content != NULL && strstr(content, "{\"trimtab_log\":1,\"continued\":1,\"entries\":{\"late\":0}}") != NULL);
  CHECK(content != NULL && strstr(content, "{\"restored\":1}") != NULL);
  CHECK(content != NULL && strstr(content, "\"never_seen\":[\"late\"]") != NULL);
  free(content);
}

/* A writer is killed at a random moment, again and again into one file: at most the line being written is torn, it is the
 * last, and the next run's first line begins on a line of its own. */
static void a_kill_costs_at_most_the_last_line(void) {
  long torn_before = 0;
  int runs = 0;
  (void)remove(log_path);
  for (int round = 0; round < 25; round++) {
    struct timespec pause = {0, 0};
    int pipe_ends[2];
    char ready;
    pid_t child;
    if (!CHECK(pipe(pipe_ends) == 0)) return;
    fflush(stdout);
    child = fork();
    if (child == 0) {
      trimtab_monitor *monitor = make_monitor();
      if (trimtab_monitor_log(monitor, log_path) != TRIMTAB_OK) _exit(1);
      for (int64_t step = 1;; step++) {
        (void)take_step(monitor, step, random_unit(&seed));
        if (step == 1 && write(pipe_ends[1], "!", 1) != 1) _exit(1);
      }
    }
    close(pipe_ends[1]);
    CHECK(read(pipe_ends[0], &ready, 1) == 1);
    close(pipe_ends[0]);
    pause.tv_nsec = (long)(random_bits(&seed) % 4000000);
    nanosleep(&pause, NULL);
    kill(child, SIGKILL);
    CHECK(waitpid(child, NULL, 0) == child);
    {
      /* Of this run alone: what stands after the last header. */
      size_t length;
      char *content = content_of(log_path, &length), *header = NULL, *line, *next;
      int64_t expected = 1;
      long torn = 0;
      if (!CHECK(content != NULL)) return;
      for (next = content; (next = strstr(next, "{\"trimtab_log\":")) != NULL; next++) header = next;
      if (CHECK(header != NULL && (header == content || header[-1] == '\n'))) {
        runs++;
        for (line = strchr(header, '\n'); line != NULL && line[1] != 0; line = strchr(line + 1, '\n')) {
          const char *end = strchr(line + 1, '\n');
          long long step;
          if (end == NULL) {
            torn++;
          } else if (strncmp(line + 1, "{\"finding\":", 11) == 0) {
            continue; /* Losses at random may hold a spike. */
          } else if (CHECK(sscanf(line + 1, "{\"step\":%lld,", &step) == 1)) {
            CHECK(step == expected && end[-1] == '}');
            expected++;
          }
        }
        CHECK(expected > 1 && torn <= 1);
      }
      free(content);
      torn_before += torn;
    }
  }
  CHECK(runs == 25);
  CHECK(lines_of(log_path).torn <= torn_before);
}

static void a_full_disk_costs_lines_and_no_step(void) {
  trimtab_monitor *monitor = make_monitor();
  struct rlimit limit = {4096, 0}, before;
  long written;
  (void)remove(log_path);
  CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
  limit.rlim_max = before.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  CHECK_OK(trimtab_monitor_log(monitor, log_path));
  CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  for (int64_t step = 1; step <= 100; step++) CHECK(take_step(monitor, step, 1.0).action == TRIMTAB_ACTION_PROCEED);
  CHECK(state_of(monitor).failure == EFBIG && state_of(monitor).lost_count > 0 && state_of(monitor).line_count > 10);
  written = (long)state_of(monitor).line_count;
  /* The disk has room again: the log goes on, and says at its end what was lost. */
  CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
  for (int64_t step = 101; step <= 110; step++) CHECK(take_step(monitor, step, 1.0).action == TRIMTAB_ACTION_PROCEED);
  CHECK(state_of(monitor).line_count == written + 10 && state_of(monitor).failure == EFBIG);
  trimtab_monitor_destroy(monitor);
  {
    size_t length;
    char *content = content_of(log_path, &length);
    CHECK(content != NULL && strstr(content, "\n{\"step\":101,") != NULL && strstr(content, "\n{\"step\":110,") != NULL);
    CHECK(content != NULL && strstr(content, "\"lost_count\":") != NULL && strstr(content, "\"lost_count\":0") == NULL);
    free(content);
  }
  if (access("/dev/full", W_OK) == 0) {
    monitor = make_monitor();
    CHECK_OK(trimtab_monitor_log(monitor, "/dev/full"));
    for (int64_t step = 1; step <= 5; step++) CHECK(take_step(monitor, step, 1.0).action == TRIMTAB_ACTION_PROCEED);
    CHECK(state_of(monitor).failure == ENOSPC && state_of(monitor).line_count == 0 && state_of(monitor).lost_count >= 5);
    trimtab_monitor_destroy(monitor);
  }
}

static void a_path_that_cannot_be_written_is_refused(void) {
  trimtab_monitor *monitor = make_monitor();
  char path[96];
  snprintf(path, sizeof path, "%s/none/run.jsonl", folder);
  CHECK_STATUS(trimtab_monitor_log(monitor, path), TRIMTAB_ERROR_FILE);
  CHECK(strstr(trimtab_last_error(), "path: found a file that cannot be written") != NULL);
  CHECK_STATUS(trimtab_monitor_log(monitor, folder), TRIMTAB_ERROR_FILE);
  CHECK_STATUS(trimtab_monitor_write_record(monitor, path), TRIMTAB_ERROR_FILE);
  /* A record that goes out by itself is a lost line, and training goes on. */
  CHECK_OK(trimtab_monitor_record_to(monitor, path));
  CHECK(take_step(monitor, 1, NAN).action == TRIMTAB_ACTION_SKIP);
  CHECK(take_step(monitor, 2, 1.0).action == TRIMTAB_ACTION_PROCEED);
  CHECK(state_of(monitor).lost_count == 1);
  /* A refused log leaves the one before it as it is. */
  (void)remove(log_path);
  CHECK_OK(trimtab_monitor_log(monitor, log_path));
  (void)take_step(monitor, 3, 1.0);
  CHECK_STATUS(trimtab_monitor_log(monitor, path), TRIMTAB_ERROR_FILE);
  (void)take_step(monitor, 4, 1.0);
  CHECK(state_of(monitor).line_count == 3);
  trimtab_monitor_destroy(monitor);
}

/* A record that cannot be written whole leaves the one that was there, byte for byte, and nothing beside it. */
static void a_pipe_is_not_replaced_by_a_record(void) {
  char path[96];
  struct stat there;
  trimtab_monitor *monitor = NULL;
  snprintf(path, sizeof path, "%s/pipe", folder);
  CHECK(mkfifo(path, 0600) == 0);
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
  CHECK_OK(trimtab_monitor_begin_step(monitor, 1));
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  CHECK_OK(trimtab_monitor_end_step(monitor, &decision));
  CHECK_STATUS(trimtab_monitor_write_record(monitor, path), TRIMTAB_ERROR_FILE);
  CHECK(stat(path, &there) == 0 && S_ISFIFO(there.st_mode));
  trimtab_monitor_destroy(monitor);
  (void)remove(path);
}

static void a_torn_record_damages_nothing(void) {
  trimtab_monitor *monitor = make_monitor();
  struct rlimit limit = {0, 0}, before;
  size_t length, size;
  char *content, part[128];
  snprintf(part, sizeof part, "%s.part", record_path);
  (void)remove(record_path);
  for (int64_t step = 1; step <= 70; step++) (void)take_step(monitor, step, 1.0);
  CHECK_OK(trimtab_monitor_write_record(monitor, record_path));
  content = content_of(record_path, &length);
  CHECK(content != NULL && length > 4096 && strncmp(content, "{\"trimtab_record\":1,", 20) == 0);
  CHECK(content != NULL && strstr(content, "\n{\"step\":7,") != NULL && strstr(content, "\n{\"step\":6,") == NULL);
  CHECK(content != NULL && strstr(content, "\n{\"end\":70,") != NULL);
  CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
  limit.rlim_max = before.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  for (int cut = 0; cut < 20; cut++) {
    char *after;
    limit.rlim_cur = random_bits(&seed) % (length - 1);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK_STATUS(trimtab_monitor_write_record(monitor, record_path), TRIMTAB_ERROR_FILE);
    CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
    after = content_of(record_path, &size);
    CHECK(after != NULL && content != NULL && size == length && memcmp(content, after, length) == 0);
    CHECK(access(part, F_OK) != 0);
    free(after);
  }
  free(content);
  trimtab_monitor_destroy(monitor);
}

int main(void) {
  const char *told = getenv("TRIMTAB_SEED");
  seed = told != NULL ? strtoull(told, NULL, 10) : 1;
  printf("seed %llu\n", (unsigned long long)seed);
  snprintf(folder, sizeof folder, "/tmp/trimtab-log-XXXXXX");
  if (mkdtemp(folder) == NULL) return 1;
  snprintf(log_path, sizeof log_path, "%s/run.jsonl", folder);
  snprintf(record_path, sizeof record_path, "%s/record.jsonl", folder);
  fill_normal(weight, 64, seed);
  RUN(a_run_that_ends_in_order_is_closed);
  RUN(scalars_alone_have_a_header_too);
  RUN(a_kill_costs_at_most_the_last_line);
  RUN(a_full_disk_costs_lines_and_no_step);
  RUN(a_path_that_cannot_be_written_is_refused);
  RUN(a_pipe_is_not_replaced_by_a_record);
  RUN(a_torn_record_damages_nothing);
  (void)remove(log_path);
  (void)remove(record_path);
  (void)rmdir(folder);
  return finish("run_log");
}
