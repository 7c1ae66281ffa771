/* Saved states of the log doctor: they continue bit for bit, and what may be wrong with their bytes is refused or harmless. */
#include "check.h"

enum { ROWS = 2500 };
static double loss[ROWS], norm[ROWS], rate[ROWS], scale[ROWS], held_out[ROWS];
static int64_t steps[ROWS];
static uint8_t present[ROWS];

/* A run with a bit of everything: spikes, a level that rises, steps that go back, gaps, zeros, NaN, evaluations. */
static void fill(void) {
  uint64_t state = 99;
  for (int i = 0; i < ROWS; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    double noise = (double)(state >> 11) / 9007199254740992.0 - .5;
    loss[i] = 2 + 3 / (1 + .01 * i) + .1 * noise + (i % 400 == 399 ? 4 : 0) + (i > 1500 ? .5 : 0) + (i % 13 == 5 ? sin(i / 4.) : 0);
    if (i >= 2100 && i < 2110) loss[i] = 0;
    if (i == 700) loss[i] = (double)NAN;
    norm[i] = (1 + .2 * noise) * (i % 500 == 499 ? 30 : 1);
    rate[i] = 1e-3 * (1 - (i % 800) / 900.);
    scale[i] = i % 300 == 299 ? 32768 : 65536;
    held_out[i] = loss[i] + .1;
    steps[i] = 10 * (int64_t)(i < 1200 ? i : i - 60) + (i > 600 ? 90 : 0);
    present[i] = (uint8_t)(i % 50 == 49 ? 0x1f : 0x1d);
  }
}

static void add(trimtab_log_doctor *doctor, int from, int to) {
  trimtab_log_rows rows = TRIMTAB_LOG_ROWS_INIT;
  rows.count = to - from;
  rows.steps = steps + from;
  rows.loss = loss + from;
  rows.validation_loss = held_out + from;
  rows.gradient_norm = norm + from;
  rows.learning_rate = rate + from;
  rows.loss_scale = scale + from;
  rows.present = present + from;
  CHECK_OK(trimtab_log_doctor_add(doctor, &rows));
}

static trimtab_log_doctor *filled(int to) {
  trimtab_log_doctor_options options = TRIMTAB_LOG_DOCTOR_OPTIONS_INIT;
  trimtab_log_doctor *doctor = NULL;
  options.class_count = 1000;
  options.rise_size = 4;
  CHECK_OK(trimtab_log_doctor_create(&options, &doctor));
  add(doctor, 0, to);
  return doctor;
}

static unsigned char *saved(const trimtab_log_doctor *doctor, int64_t *length) {
  unsigned char *state;
  CHECK_STATUS(trimtab_log_doctor_save(doctor, NULL, 0, length), TRIMTAB_ERROR_CAPACITY);
  state = (unsigned char *)malloc((size_t)*length);
  CHECK_STATUS(trimtab_log_doctor_save(doctor, state, *length - 1, length), TRIMTAB_ERROR_CAPACITY);
  CHECK_OK(trimtab_log_doctor_save(doctor, state, *length, length));
  return state;
}

static int same_judgement(trimtab_log_doctor *one, trimtab_log_doctor *other) {
  trimtab_log_report report, second;
  memset(&report, 0, sizeof report);
  memset(&second, 0, sizeof second);
  report.struct_size = second.struct_size = (uint32_t)sizeof report;
  CHECK_OK(trimtab_log_doctor_finish(one, &report));
  CHECK_OK(trimtab_log_doctor_finish(other, &second));
  if (memcmp(&report, &second, sizeof report) != 0) return 0;
  for (int64_t i = 0; i < report.finding_count; i++) {
    trimtab_log_finding finding, found;
    memset(&finding, 0, sizeof finding);
    memset(&found, 0, sizeof found);
    finding.struct_size = found.struct_size = (uint32_t)sizeof finding;
    CHECK_OK(trimtab_log_doctor_finding(one, i, &finding));
    CHECK_OK(trimtab_log_doctor_finding(other, i, &found));
    if (memcmp(&finding, &found, sizeof finding) != 0) return 0;
  }
  return 1;
}

static void it_continues_bit_for_bit(void) {
  static const int places[] = {0, 1, 5, 13, 40, 127, 300, 513, 611, 701, 1203, 1511, 2050, 2104, ROWS};
  for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
    int64_t length, second;
    trimtab_log_doctor *doctor = filled(places[p]), *copy = NULL;
    unsigned char *state = saved(doctor, &length), *again;
    CHECK_OK(trimtab_log_doctor_load(state, length, &copy));
    again = saved(copy, &second);
    CHECK(second == length && memcmp(state, again, (size_t)length) == 0);
    CHECK(same_judgement(doctor, copy));
    add(doctor, places[p], ROWS);
    add(copy, places[p], ROWS);
    CHECK(same_judgement(doctor, copy));
    trimtab_log_doctor_destroy(copy);
    trimtab_log_doctor_destroy(doctor);
    free(state);
    free(again);
  }
}

static void damaged_bytes_are_refused(void) {
  int64_t length;
  trimtab_log_doctor *doctor = filled(900), *loaded = NULL;
  unsigned char *state = saved(doctor, &length);
  for (int64_t cut = 0; cut < length; cut += cut < 64 ? 1 : 997)
    CHECK_STATUS(trimtab_log_doctor_load(state, cut, &loaded), TRIMTAB_ERROR_STATE_CORRUPT);
  for (int64_t place = 32; place < length; place += 509) {
    state[place] ^= 4;
    CHECK_STATUS(trimtab_log_doctor_load(state, length, &loaded), TRIMTAB_ERROR_STATE_CORRUPT);
    state[place] ^= 4;
  }
  state[8] ^= 1;
  CHECK(trimtab_log_doctor_load(state, length, &loaded) != TRIMTAB_OK);
  CHECK_STATUS(trimtab_log_doctor_load(NULL, length, &loaded), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_log_doctor_load(state, -1, &loaded), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_log_doctor_load(state, length, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_log_doctor_save(NULL, state, length, &length), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK(loaded == NULL);
  trimtab_log_doctor_destroy(doctor);
  free(state);
}

/* The checksum of a saved state, written a second time. */
static void forge(unsigned char *state, int64_t length) {
  uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)length, word;
  for (int64_t offset = 0; offset + 8 <= length; offset += 8) {
    if (offset == 24) continue;
    memcpy(&word, state + offset, 8);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  memcpy(state + 24, &hash, 8);
}

/* Each word of the payload set to each extreme, with a checksum that fits: refused, or a doctor that works and saves what it loaded. */
static void forged_words_never_trap(int rows, int stride) {
  double nan_value = (double)NAN, huge = 1e308, tiny = -5e-324;
  uint64_t extremes[] = {0, 1, 3, 255, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN, 1ull << 40, (1ull << 60) - 1, 0, 0, 0};
  int64_t length, refused = 0, loads = 0;
  trimtab_log_doctor *doctor = filled(rows);
  unsigned char *state = saved(doctor, &length);
  CHECK(length % 8 == 0);
  memcpy(&extremes[9], &nan_value, 8);
  memcpy(&extremes[10], &huge, 8);
  memcpy(&extremes[11], &tiny, 8);
  for (int64_t offset = 32; offset + 8 <= length; offset += 8 * stride) {
    for (size_t i = 0; i < sizeof extremes / sizeof *extremes; i++) {
      trimtab_log_doctor *loaded = NULL;
      uint64_t kept;
      memcpy(&kept, state + offset, 8);
      memcpy(state + offset, &extremes[i], 8);
      forge(state, length);
      if (trimtab_log_doctor_load(state, length, &loaded) == TRIMTAB_OK) {
        trimtab_log_report report = TRIMTAB_LOG_REPORT_INIT;
        int64_t second;
        unsigned char *again = saved(loaded, &second);
        if (!CHECK(second == length && memcmp(state, again, (size_t)length) == 0))
          printf("    word %lld set to %llx\n", (long long)offset, (unsigned long long)extremes[i]);
        CHECK_OK(trimtab_log_doctor_finish(loaded, &report));
        add(loaded, 0, 40);
        CHECK_OK(trimtab_log_doctor_finish(loaded, &report));
        trimtab_log_doctor_destroy(loaded);
        free(again);
        loads++;
      } else {
        CHECK(loaded == NULL);
        refused++;
      }
      memcpy(state + offset, &kept, 8);
    }
  }
  CHECK(loads > 100 && refused > 100);
  trimtab_log_doctor_destroy(doctor);
  free(state);
}

static void forged_states_never_trap(void) {
  forged_words_never_trap(60, 1);
  forged_words_never_trap(ROWS, 61);
}

int main(void) {
  fill();
  RUN(it_continues_bit_for_bit);
  RUN(damaged_bytes_are_refused);
  RUN(forged_states_never_trap);
  return finish("log_doctor_states");
}
