/* Versions, names and texts; the thread-local last error. */
#include "check.h"

#include <pthread.h>

static void versions_agree_with_the_header(void) {
  char text[32];
  CHECK(trimtab_version_number() == TRIMTAB_VERSION_NUMBER);
  CHECK(trimtab_abi_version() == TRIMTAB_ABI_VERSION);
  CHECK(TRIMTAB_VERSION_NUMBER == TRIMTAB_VERSION_MAJOR * 1000000 + TRIMTAB_VERSION_MINOR * 1000 + TRIMTAB_VERSION_PATCH);
  snprintf(text, sizeof text, "%d.%d.%d", TRIMTAB_VERSION_MAJOR, TRIMTAB_VERSION_MINOR, TRIMTAB_VERSION_PATCH);
  CHECK(strcmp(trimtab_version_string(), text) == 0);
}

static void kernel_level_is_one_of_three(void) {
  const char *level = trimtab_kernel_level();
  CHECK(strcmp(level, "baseline") == 0 || strcmp(level, "x86-64-v3") == 0 || strcmp(level, "x86-64-v4") == 0);
}

static void every_status_has_its_own_name(void) {
  static const struct {
    trimtab_status status;
    const char *name;
  } known[] = {
      {TRIMTAB_OK, "TRIMTAB_OK"},
      {TRIMTAB_ERROR_NULL_ARGUMENT, "TRIMTAB_ERROR_NULL_ARGUMENT"},
      {TRIMTAB_ERROR_INVALID_ARGUMENT, "TRIMTAB_ERROR_INVALID_ARGUMENT"},
      {TRIMTAB_ERROR_SHAPE, "TRIMTAB_ERROR_SHAPE"},
      {TRIMTAB_ERROR_DTYPE, "TRIMTAB_ERROR_DTYPE"},
      {TRIMTAB_ERROR_DEVICE, "TRIMTAB_ERROR_DEVICE"},
      {TRIMTAB_ERROR_OVERFLOW, "TRIMTAB_ERROR_OVERFLOW"},
      {TRIMTAB_ERROR_STRUCT_SIZE, "TRIMTAB_ERROR_STRUCT_SIZE"},
      {TRIMTAB_ERROR_CAPACITY, "TRIMTAB_ERROR_CAPACITY"},
      {TRIMTAB_ERROR_MISMATCH, "TRIMTAB_ERROR_MISMATCH"},
      {TRIMTAB_ERROR_STATE_CORRUPT, "TRIMTAB_ERROR_STATE_CORRUPT"},
      {TRIMTAB_ERROR_STATE_KIND, "TRIMTAB_ERROR_STATE_KIND"},
      {TRIMTAB_ERROR_STATE_VERSION, "TRIMTAB_ERROR_STATE_VERSION"},
      {TRIMTAB_ERROR_OUT_OF_MEMORY, "TRIMTAB_ERROR_OUT_OF_MEMORY"},
      {TRIMTAB_ERROR_FILE, "TRIMTAB_ERROR_FILE"},
      {TRIMTAB_ERROR_CALLBACK, "TRIMTAB_ERROR_CALLBACK"},
      {TRIMTAB_ERROR_INTERNAL, "TRIMTAB_ERROR_INTERNAL"},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) CHECK(strcmp(trimtab_status_name(known[i].status), known[i].name) == 0);
  CHECK(strcmp(trimtab_status_name(-1), "TRIMTAB_STATUS_UNKNOWN") == 0);
  CHECK(strcmp(trimtab_status_name(INT32_MIN), "TRIMTAB_STATUS_UNKNOWN") == 0);
  CHECK(strcmp(trimtab_status_name(INT32_MAX), "TRIMTAB_STATUS_UNKNOWN") == 0);
}

static void outcomes_and_verdicts_have_keys(void) {
  CHECK(strcmp(trimtab_outcome_name(TRIMTAB_OUTCOME_OK), "ok") == 0);
  CHECK(strcmp(trimtab_outcome_name(TRIMTAB_OUTCOME_INSUFFICIENT), "insufficient") == 0);
  CHECK(strcmp(trimtab_outcome_name(TRIMTAB_OUTCOME_DEGENERATE), "degenerate") == 0);
  CHECK(strcmp(trimtab_outcome_name(TRIMTAB_OUTCOME_NONFINITE), "nonfinite") == 0);
  CHECK(strcmp(trimtab_outcome_name(77), "unknown") == 0);
  CHECK(strcmp(trimtab_verdict_name(TRIMTAB_VERDICT_UNKNOWN), "unknown") == 0);
  CHECK(strcmp(trimtab_verdict_name(TRIMTAB_VERDICT_HEALTHY), "healthy") == 0);
  CHECK(strcmp(trimtab_verdict_name(TRIMTAB_VERDICT_NOTICE), "notice") == 0);
  CHECK(strcmp(trimtab_verdict_name(TRIMTAB_VERDICT_WARNING), "warning") == 0);
  CHECK(strcmp(trimtab_verdict_name(TRIMTAB_VERDICT_CRITICAL), "critical") == 0);
  CHECK(strcmp(trimtab_verdict_name(INT32_MAX), "unknown") == 0);
}

static void every_cause_is_explained(void) {
  static const trimtab_cause causes[] = {100, 101, 102, 103, 104, 110, 111, 200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 400, 401, 402, 403, 404,
                                         500, 501, 502, 503, 504, 510, 511, 512, 520, 521, 522, 523, 524, 530, 531, 532, 533, 534, 535, 536, 540, 541,
                                         542, 543, 550, 551, 570, 571, 572, 573, 574, 580, 581, 582, 583, 584, 585, 586, 587, 588, 589, 590, 591, 592,
                                         593, 594, 595, 600, 601, 602, 603, 604, 605, 606, 620, 621, 622, 623, 624, 625, 626, 627, 628, 629, 630, 631, 632,
                                         640, 641, 642, 643, 644, 645, 646, 647, 648, 649, 650, 651, 660, 661, 662};
  const size_t count = sizeof causes / sizeof *causes;
  for (size_t i = 0; i < count; i++) {
    const char *name = trimtab_cause_name(causes[i]);
    CHECK(strcmp(name, "unknown") != 0 && strcmp(name, "none") != 0 && name[0] != 0);
    CHECK(strlen(trimtab_cause_text(causes[i])) > 10);
    /* Structure needs no cure; all else has one. */
    CHECK(causes[i] == TRIMTAB_CAUSE_ZERO_STRUCTURE || strlen(trimtab_cure_text(causes[i])) > 10);
    CHECK(trimtab_check_text(causes[i]) != NULL);
    for (size_t j = 0; j < i; j++) CHECK(strcmp(name, trimtab_cause_name(causes[j])) != 0);
  }
  CHECK(strcmp(trimtab_cause_name(TRIMTAB_CAUSE_FEATURE_SCALE), "feature_scale") == 0);
  CHECK(strcmp(trimtab_cause_name(TRIMTAB_CAUSE_NONE), "none") == 0);
}

static void unknown_causes_have_empty_texts(void) {
  static const trimtab_cause causes[] = {TRIMTAB_CAUSE_NONE, 1, 99, 499, -1, INT32_MIN, INT32_MAX};
  for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
    CHECK(strcmp(trimtab_cause_text(causes[i]), "") == 0);
    CHECK(strcmp(trimtab_cure_text(causes[i]), "") == 0);
    CHECK(strcmp(trimtab_check_text(causes[i]), "") == 0);
    CHECK(causes[i] == TRIMTAB_CAUSE_NONE || strcmp(trimtab_cause_name(causes[i]), "unknown") == 0);
  }
}

/* Runs first: before any failure the text is empty. */
static void last_error_starts_empty(void) { CHECK(strcmp(trimtab_last_error(), "") == 0); }

static void last_error_names_the_argument_and_survives_success(void) {
  trimtab_summary summary;
  char before[256];
  CHECK_STATUS(trimtab_summarize(NULL, &summary), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK(strstr(trimtab_last_error(), "tensor") != NULL);
  CHECK(strstr(trimtab_last_error(), "NULL") != NULL);
  snprintf(before, sizeof before, "%s", trimtab_last_error());
  CHECK_OK(trimtab_summary_identity(&summary));
  CHECK(strcmp(before, trimtab_last_error()) == 0);
}

typedef struct thread_result {
  int seed;
  int starts_empty;
  int stays_own;
} thread_result;

/* Each thread fails with a message of its own (the negative extent) many times over. */
static void *fail_in_thread(void *argument) {
  thread_result *result = (thread_result *)argument;
  char wanted[32];
  double value = 0;
  view made;
  trimtab_summary summary;
  result->starts_empty = trimtab_last_error()[0] == 0;
  result->stays_own = 1;
  snprintf(wanted, sizeof wanted, "-%d", 1000 + result->seed);
  for (int i = 0; i < 2000; i++) {
    trimtab_tensor *tensor = vector64(&made, &value, -(1000 + result->seed));
    if (trimtab_summarize(tensor, &summary) != TRIMTAB_ERROR_SHAPE || strstr(trimtab_last_error(), wanted) == NULL) result->stays_own = 0;
  }
  return NULL;
}

static void last_error_belongs_to_its_thread(void) {
  pthread_t threads[8];
  thread_result results[8];
  char before[256];
  CHECK_STATUS(trimtab_summary_identity(NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  snprintf(before, sizeof before, "%s", trimtab_last_error());
  for (int i = 0; i < 8; i++) {
    results[i].seed = i;
    CHECK(pthread_create(&threads[i], NULL, fail_in_thread, &results[i]) == 0);
  }
  for (int i = 0; i < 8; i++) {
    pthread_join(threads[i], NULL);
    CHECK(results[i].starts_empty);
    CHECK(results[i].stays_own);
  }
  CHECK(strcmp(before, trimtab_last_error()) == 0);
}

int main(void) {
  RUN(last_error_starts_empty);
  RUN(versions_agree_with_the_header);
  RUN(kernel_level_is_one_of_three);
  RUN(every_status_has_its_own_name);
  RUN(outcomes_and_verdicts_have_keys);
  RUN(every_cause_is_explained);
  RUN(unknown_causes_have_empty_texts);
  RUN(last_error_names_the_argument_and_survives_success);
  RUN(last_error_belongs_to_its_thread);
  return finish("status");
}
