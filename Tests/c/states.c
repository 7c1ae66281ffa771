/* Saved states: sizes asked for, states that continue bit for bit, and everything that may be wrong with the bytes. */
#include "kinds.h"

#include <signal.h>
#include <unistd.h>

/* Set before every hostile load, so that a crash can be traced to its bytes. */
static char current_case[200];

static void report_crash(int signal_number) {
  static const char text[] = "states: crashed at ";
  ssize_t ignored = write(1, text, sizeof text - 1);
  ignored = write(1, current_case, strlen(current_case));
  ignored = write(1, "\n", 1);
  (void)ignored;
  _exit(100 + signal_number);
}

static void size_query_says_what_is_needed(void) {
  for (int k = 0; k < KIND_COUNT; k++) {
    int64_t needed = -1, again = -1;
    unsigned char buffer[8192];
    void *handle = kind_filled(&kinds[k]);
    CHECK_STATUS(kinds[k].save(handle, NULL, 0, &needed), TRIMTAB_ERROR_CAPACITY);
    CHECK(needed > 32 && needed < (int64_t)sizeof buffer);
    CHECK(strstr(trimtab_last_error(), "capacity") != NULL);
    memset(buffer, UNTOUCHED, sizeof buffer);
    CHECK_STATUS(kinds[k].save(handle, buffer, needed - 1, &again), TRIMTAB_ERROR_CAPACITY);
    CHECK(again == needed);
    CHECK_STATUS(kinds[k].save(handle, buffer, 0, &again), TRIMTAB_ERROR_CAPACITY);
    CHECK(kinds[k].save(handle, buffer, -1, &again) != TRIMTAB_OK);
    CHECK(kinds[k].save(handle, buffer, INT64_MIN, &again) != TRIMTAB_OK);
    CHECK(is_untouched(buffer, sizeof buffer));
    CHECK_STATUS(kinds[k].save(handle, buffer, needed, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
    CHECK_STATUS(kinds[k].save(NULL, buffer, needed, &again), TRIMTAB_ERROR_NULL_ARGUMENT);
    CHECK(is_untouched(buffer, sizeof buffer));
    CHECK_OK(kinds[k].save(handle, buffer, (int64_t)sizeof buffer, &again));
    CHECK(again == needed);
    CHECK(is_untouched(buffer + needed, sizeof buffer - (size_t)needed));
    CHECK(kinds[k].save(handle, NULL, INT64_MAX, &again) != TRIMTAB_OK);
    kinds[k].destroy(handle);
  }
}

static void loaded_state_continues_bit_for_bit(void) {
  for (int k = 0; k < KIND_COUNT; k++) {
    int64_t length, second_length;
    void *handle = kind_filled(&kinds[k]), *copy = NULL;
    unsigned char *state = kind_saved(&kinds[k], handle, &length);
    any_report before, after;
    CHECK_OK(kinds[k].load(state, length, &copy));
    if (copy != NULL) {
      unsigned char *again = kind_saved(&kinds[k], copy, &second_length);
      CHECK(second_length == length && memcmp(state, again, (size_t)length) == 0);
      free(again);
      if (kinds[k].add != NULL) {
        CHECK_OK(kinds[k].add(handle, 3));
        CHECK_OK(kinds[k].add(copy, 3));
      }
      memset(&before, 0, sizeof before);
      memset(&after, 0, sizeof after);
      CHECK_OK(kinds[k].report(handle, &before));
      CHECK_OK(kinds[k].report(copy, &after));
      CHECK(memcmp(&before, &after, kinds[k].report_size) == 0);
    }
    kinds[k].destroy(copy);
    kinds[k].destroy(handle);
    free(state);
  }
}

static void empty_accumulators_save_and_load(void) {
  for (int k = 0; k < KIND_COUNT; k++) {
    int64_t length;
    void *handle = NULL, *copy = NULL;
    unsigned char *state;
    any_report report;
    if (kinds[k].add == NULL) continue;
    CHECK_OK(kinds[k].create(&handle));
    state = kind_saved(&kinds[k], handle, &length);
    CHECK_OK(kinds[k].load(state, length, &copy));
    CHECK_OK(kinds[k].report(copy, &report));
    CHECK_OK(kinds[k].add(copy, 0));
    CHECK_OK(kinds[k].report(copy, &report));
    kinds[k].destroy(copy);
    kinds[k].destroy(handle);
    free(state);
  }
}

/* Each length has memory of its own size, so that sanitizers and valgrind see a byte read too far. */
static void truncation_at_every_length_is_refused(void) {
  for (int k = 0; k < KIND_COUNT; k++) {
    int64_t length;
    void *handle = kind_filled(&kinds[k]);
    unsigned char *state = kind_saved(&kinds[k], handle, &length);
    for (int64_t cut = 0; cut < length; cut++) {
      void *loaded = &length;
      unsigned char *part = (unsigned char *)malloc((size_t)cut + (cut == 0));
      memcpy(part, state, (size_t)cut);
      snprintf(current_case, sizeof current_case, "%s cut at %lld", kinds[k].name, (long long)cut);
      CHECK_STATUS(kinds[k].load(part, cut, &loaded), TRIMTAB_ERROR_STATE_CORRUPT);
      CHECK(loaded == &length);
      free(part);
    }
    kinds[k].destroy(handle);
    free(state);
  }
}

static void trailing_bytes_are_refused(void) {
  for (int k = 0; k < KIND_COUNT; k++) {
    int64_t length;
    void *handle = kind_filled(&kinds[k]), *loaded = &length;
    unsigned char *state = kind_saved(&kinds[k], handle, &length);
    state = (unsigned char *)realloc(state, (size_t)length + 8);
    memset(state + length, 0, 8);
    for (int extra = 1; extra <= 8; extra++) CHECK_STATUS(kinds[k].load(state, length + extra, &loaded), TRIMTAB_ERROR_STATE_CORRUPT);
    CHECK_STATUS(kinds[k].load(state, -1, &loaded), TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK_STATUS(kinds[k].load(state, INT64_MIN, &loaded), TRIMTAB_ERROR_INVALID_ARGUMENT);
    CHECK_STATUS(kinds[k].load(NULL, length, &loaded), TRIMTAB_ERROR_NULL_ARGUMENT);
    CHECK_STATUS(kinds[k].load(state, length, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
    CHECK(loaded == &length);
    kinds[k].destroy(handle);
    free(state);
  }
}

static void every_flipped_bit_is_refused(void) {
  for (int k = 0; k < KIND_COUNT; k++) {
    int64_t length;
    void *handle = kind_filled(&kinds[k]);
    unsigned char *state = kind_saved(&kinds[k], handle, &length);
    for (int64_t bit = 0; bit < 8 * length; bit++) {
      void *loaded = &length;
      trimtab_status status;
      state[bit / 8] ^= (unsigned char)(1 << (bit % 8));
      snprintf(current_case, sizeof current_case, "%s with bit %lld flipped", kinds[k].name, (long long)bit);
      status = kinds[k].load(state, length, &loaded);
      CHECK(status == TRIMTAB_ERROR_STATE_CORRUPT || status == TRIMTAB_ERROR_STATE_KIND || status == TRIMTAB_ERROR_STATE_VERSION);
      CHECK(loaded == &length);
      state[bit / 8] ^= (unsigned char)(1 << (bit % 8));
    }
    kinds[k].destroy(handle);
    free(state);
  }
}

static void a_state_of_another_kind_is_named(void) {
  for (int k = 0; k < KIND_COUNT; k++) {
    int64_t length;
    void *handle = kind_filled(&kinds[k]);
    unsigned char *state = kind_saved(&kinds[k], handle, &length);
    for (int other = 0; other < KIND_COUNT; other++) {
      void *loaded = &length;
      if (other == k) continue;
      CHECK_STATUS(kinds[other].load(state, length, &loaded), TRIMTAB_ERROR_STATE_KIND);
      CHECK(strstr(trimtab_last_error(), kinds[k].name) != NULL && strstr(trimtab_last_error(), kinds[other].name) != NULL);
      CHECK(loaded == &length);
    }
    kinds[k].destroy(handle);
    free(state);
  }
}

/* The checksum of a saved state, written a second time: with it, bytes can be forged that only the reading of the payload can refuse. */
static uint64_t word_at(const unsigned char *bytes) {
  uint64_t word;
  memcpy(&word, bytes, 8);
  return word;
}

static void forge(unsigned char *state, int64_t length) {
  uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)length;
  int64_t offset;
  for (offset = 0; offset < length; offset += 8) {
    if (offset == 24) continue; /* the checksum's own place */
    if (offset + 8 > length) break;
    hash = (hash ^ word_at(state + offset)) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  for (; offset < length; offset++) {
    hash = (hash ^ state[offset]) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  memcpy(state + 24, &hash, 8);
}

static void a_newer_version_is_refused(void) {
  for (int k = 0; k < KIND_COUNT; k++) {
    int64_t length;
    void *handle = kind_filled(&kinds[k]), *loaded = &length;
    unsigned char *state = kind_saved(&kinds[k], handle, &length);
    uint32_t version;
    forge(state, length);
    CHECK_OK(kinds[k].load(state, length, &loaded)); /* the forgery itself is good */
    if (loaded != &length) kinds[k].destroy(loaded);
    loaded = &length;
    memcpy(&version, state + 12, 4);
    version++;
    memcpy(state + 12, &version, 4);
    forge(state, length);
    CHECK_STATUS(kinds[k].load(state, length, &loaded), TRIMTAB_ERROR_STATE_VERSION);
    version = UINT32_MAX;
    memcpy(state + 12, &version, 4);
    forge(state, length);
    CHECK_STATUS(kinds[k].load(state, length, &loaded), TRIMTAB_ERROR_STATE_VERSION);
    CHECK(loaded == &length);
    kinds[k].destroy(handle);
    free(state);
  }
}

/* What loads is what saving could have written: it saves as the very bytes that it was loaded from. */
static void saves_as_it_was_loaded(const kind *this_kind, const void *handle, const unsigned char *state, int64_t length) {
  int64_t needed = 0;
  unsigned char *again = (unsigned char *)malloc((size_t)length);
  CHECK_STATUS(this_kind->save(handle, NULL, 0, &needed), TRIMTAB_ERROR_CAPACITY);
  if (needed != length || this_kind->save(handle, again, length, &needed) != TRIMTAB_OK || memcmp(state, again, (size_t)length) != 0) {
    int64_t first = 0;
    while (needed == length && first < length && state[first] == again[first]) first++;
    CHECK(!"loaded and saved as other bytes");
    if (check_failures <= 40) printf("    %s: %lld bytes of %lld, first other byte %lld\n", current_case, (long long)needed, (long long)length, (long long)first);
  }
  free(again);
}

/* Everything that can be done with a handle, whatever it holds. */
static void exercise(const kind *this_kind, void *handle) {
  any_report report;
  int64_t length = 0;
  void *other = NULL;
  trimtab_status ignored = this_kind->report(handle, &report);
  if (this_kind->merge != NULL && this_kind->create(&other) == TRIMTAB_OK) {
    ignored = this_kind->add(other, 5);
    ignored = this_kind->merge(other, handle);
    ignored = this_kind->report(other, &report);
    ignored = this_kind->merge(handle, other);
    ignored = this_kind->add(handle, 6);
    ignored = this_kind->add(handle, INT32_MAX);
    ignored = this_kind->report(handle, &report);
    this_kind->destroy(other);
  }
  ignored = this_kind->save(handle, NULL, 0, &length);
  if (length > 0 && length < 1 << 20) {
    void *buffer = malloc((size_t)length), *again = NULL;
    ignored = this_kind->save(handle, buffer, length, &length);
    if (!CHECK_OK(this_kind->load(buffer, length, &again))) printf("    what it became is not loaded: %s\n", current_case);
    this_kind->destroy(again);
    free(buffer);
  }
  if (strcmp(this_kind->name, "whitener") == 0) {
    double samples[6] = {1, 2, 3, 4, 5, 6}, output[6];
    view in, out;
    ignored = trimtab_whitener_apply((trimtab_whitener *)handle, matrix64(&in, samples, 2, 3), matrix64(&out, output, 2, 3));
  }
  (void)ignored;
}

/* Each word of the payload set to each extreme, with a checksum that fits: refused or harmless, never a trap or a claim on much memory. */
static void forged_payloads_never_trap(void) {
  double nan_value = (double)NAN, infinity = (double)INFINITY, huge = 1e308, tiny = -5e-324;
  uint64_t extremes[16] = {0,           1,          2,         3,          7,           255,        UINT64_MAX,           INT64_MAX, (uint64_t)INT64_MIN,
                           1ull << 31,  1ull << 32, 1ull << 40};
  memcpy(&extremes[12], &nan_value, 8);
  memcpy(&extremes[13], &infinity, 8);
  memcpy(&extremes[14], &huge, 8);
  memcpy(&extremes[15], &tiny, 8);
  for (int k = 0; k < KIND_COUNT; k++) {
    int64_t length;
    void *handle = kind_filled(&kinds[k]);
    unsigned char *state = kind_saved(&kinds[k], handle, &length);
    for (int64_t offset = 32; offset + 8 <= length; offset += 4) {
      for (size_t i = 0; i < sizeof extremes / sizeof *extremes; i++) {
        uint64_t kept = word_at(state + offset);
        void *loaded = &length;
        trimtab_status status;
        memcpy(state + offset, &extremes[i], 8);
        forge(state, length);
        snprintf(current_case, sizeof current_case, "%s with the word at %lld set to %llx", kinds[k].name, (long long)offset,
                 (unsigned long long)extremes[i]);
        status = kinds[k].load(state, length, &loaded);
        if (status == TRIMTAB_OK) {
          saves_as_it_was_loaded(&kinds[k], loaded, state, length);
          exercise(&kinds[k], loaded);
          kinds[k].destroy(loaded);
        } else {
          CHECK(loaded == &length);
          CHECK(status == TRIMTAB_ERROR_STATE_CORRUPT || status == TRIMTAB_ERROR_OUT_OF_MEMORY || status == TRIMTAB_ERROR_INVALID_ARGUMENT);
        }
        memcpy(state + offset, &kept, 8);
      }
    }
    kinds[k].destroy(handle);
    free(state);
  }
}

/* The same with many words at once. */
static void randomly_forged_payloads_never_trap(void) {
  const char *text = getenv("TRIMTAB_SEED");
  uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : 1, state_of_random = seed;
  printf("seed %llu\n", (unsigned long long)seed);
  for (int k = 0; k < KIND_COUNT; k++) {
    int64_t length;
    void *handle = kind_filled(&kinds[k]);
    unsigned char *state = kind_saved(&kinds[k], handle, &length);
    unsigned char *copy = (unsigned char *)malloc((size_t)length);
    for (int round = 0; round < (getenv("VALGRIND") != NULL ? 300 : 3000); round++) {
      void *loaded = NULL;
      int changes = 1 + (int)(random_bits(&state_of_random) % 4);
      memcpy(copy, state, (size_t)length);
      for (int i = 0; i < changes; i++) {
        int64_t offset = 32 + (int64_t)(random_bits(&state_of_random) % (uint64_t)(length - 32));
        copy[offset] = (unsigned char)random_bits(&state_of_random);
      }
      forge(copy, length);
      snprintf(current_case, sizeof current_case, "%s, seed %llu, round %d", kinds[k].name, (unsigned long long)seed, round);
      if (kinds[k].load(copy, length, &loaded) == TRIMTAB_OK) {
        saves_as_it_was_loaded(&kinds[k], loaded, copy, length);
        exercise(&kinds[k], loaded);
        kinds[k].destroy(loaded);
      }
    }
    kinds[k].destroy(handle);
    free(state);
    free(copy);
  }
}

int main(void) {
  signal(SIGILL, report_crash);
  signal(SIGTRAP, report_crash);
  signal(SIGSEGV, report_crash);
  signal(SIGFPE, report_crash);
  signal(SIGABRT, report_crash);
  RUN(size_query_says_what_is_needed);
  RUN(loaded_state_continues_bit_for_bit);
  RUN(empty_accumulators_save_and_load);
  RUN(truncation_at_every_length_is_refused);
  RUN(trailing_bytes_are_refused);
  RUN(every_flipped_bit_is_refused);
  RUN(a_state_of_another_kind_is_named);
  RUN(a_newer_version_is_refused);
  RUN(forged_payloads_never_trap);
  RUN(randomly_forged_payloads_never_trap);
  return finish("states");
}
