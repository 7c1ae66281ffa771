/* Memory that fails at any one allocation, or from any one on: each call does its work or says OUT_OF_MEMORY, and what it was called on is as it was. */
#include "allocations.h"
#include "consumers.h"
#include "trainers.h"

#include <limits.h>

#define POINTS 24
static float points[2 * POINTS];
static int64_t labels_data[POINTS];
static view inputs_view, labels_view;
static net made;
static trimtab_trainer *trainer;
static trimtab_monitor *monitor;
static unsigned char *state;
static int64_t state_length;

static trimtab_tensor *inputs(int64_t count) { return matrix32(&inputs_view, points, count, 2); }
static trimtab_tensor *labels(int64_t count) { return labels64(&labels_view, labels_data, count); }

static void begin(void) {
  net_classifier(&made);
  made.layers[0].activation = TRIMTAB_ACTIVATION_RELU;
  made.options.optimizer = TRIMTAB_OPTIMIZER_ADAM;
  made.options.clipping = TRIMTAB_CLIPPING_PER_TENSOR;
  made.options.average_decay = 0.9;
  trainer = net_made(&made);
  CHECK_OK(trimtab_monitor_create(NULL, &monitor));
}

static void end(void) {
  trimtab_trainer_destroy(trainer);
  trimtab_monitor_destroy(monitor);
  free(state);
  trainer = NULL;
  monitor = NULL;
  state = NULL;
}

/* Each is called on what `begin` made. */

static trimtab_status create_trainer(void) {
  trimtab_trainer *other = NULL;
  const trimtab_status status = trimtab_trainer_create(&made.options, &other);
  CHECK((other != NULL) == (status == TRIMTAB_OK));
  trimtab_trainer_destroy(other);
  return status;
}

static trimtab_status create_deep_trainer(void) {
  static trimtab_layer layers[40];
  trimtab_trainer *other = NULL;
  trimtab_trainer_options options = made.options;
  trimtab_status status;
  for (int i = 0; i < 40; i++) {
    layers[i] = made.layers[0];
    layers[i].units = i == 39 ? 2 : 8;
    layers[i].flags = TRIMTAB_LAYER_SPECTRAL;
  }
  options.layers = layers;
  options.layer_count = 40;
  status = trimtab_trainer_create(&options, &other);
  CHECK((other != NULL) == (status == TRIMTAB_OK));
  trimtab_trainer_destroy(other);
  return status;
}

static trimtab_status create_monitor(void) {
  trimtab_monitor *other = NULL;
  const trimtab_status status = trimtab_monitor_create(NULL, &other);
  CHECK((other != NULL) == (status == TRIMTAB_OK));
  trimtab_monitor_destroy(other);
  return status;
}

static trimtab_status train(void) {
  PATTERNED(trimtab_trainer_report, report);
  const trimtab_status status = trimtab_trainer_step(trainer, inputs(POINTS), labels(POINTS), &report);
  CHECK(status == TRIMTAB_OK || IS_PATTERNED(report));
  return status;
}

static trimtab_status evaluate(void) {
  PATTERNED(trimtab_evaluation_report, report);
  return trimtab_trainer_evaluate(trainer, inputs(POINTS), labels(POINTS), &report);
}

static trimtab_status find_sharpness(void) {
  PATTERNED(trimtab_sharpness_report, report);
  return trimtab_trainer_sharpness(trainer, inputs(POINTS), labels(POINTS), NULL, &report);
}

static trimtab_status load(void) { return trimtab_trainer_load(trainer, state, state_length); }

static trimtab_status attach_and_train(void) {
  trimtab_status status = trimtab_trainer_attach(trainer, monitor);
  if (status == TRIMTAB_OK) status = train();
  if (status == TRIMTAB_OK) status = train();
  CHECK_OK(trimtab_trainer_attach(trainer, NULL));
  return status;
}

static trimtab_status name_a_view(void) {
  trimtab_tensor seen;
  const char *name = NULL;
  trimtab_status status = TRIMTAB_OK;
  for (int64_t i = 0; i < 4 && status == TRIMTAB_OK; i++)
    status = trimtab_trainer_tensor(trainer, TRIMTAB_TRAINER_PARAMETER, i, &name, &seen);
  return status;
}

typedef struct call {
  const char *name;
  trimtab_status (*make)(void);
  int changes; /* whether what succeeds changes the trainer */
} call;

static const call calls[] = {{"create", create_trainer, 0},   {"create_deep", create_deep_trainer, 0},
                             {"create_monitor", create_monitor, 0}, {"train", train, 1},
                             {"evaluate", evaluate, 0},       {"sharpness", find_sharpness, 0},
                             {"load", load, 0},               {"attach", attach_and_train, 1},
                             {"view", name_a_view, 0}};

/* Lets allocation number `place` of the call fail, and `length` more. Returns whether there was such an allocation. */
static int one_failure(const call *what, long place, long length) {
  trimtab_status status;
  long first;
  int is_reached;
  begin();
  state = trainer_bytes(trainer, &state_length);
  first = allocations + place;
  failing_to = length < 0 ? -1 : first + length;
  failing_from = first;
  status = what->make();
  failing_from = failing_to = -1;
  is_reached = allocations > first;
  if (!CHECK(status == TRIMTAB_OK || status == TRIMTAB_ERROR_OUT_OF_MEMORY))
    printf("    %s, allocation %ld: %s\n", what->name, place, trimtab_status_name(status));
  if (status == TRIMTAB_ERROR_OUT_OF_MEMORY && what->make != attach_and_train) CHECK(same_bytes(state, state_length, trainer));
  if (what->make != attach_and_train) CHECK_OK(what->make()); /* memory is back */
  end();
  return is_reached;
}

static void every_place(long length) {
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
    for (long place = 0; one_failure(&calls[i], place, length); place += place < 400 ? 1 : 17) {}
}

static void one_allocation_fails(void) { every_place(0); }
static void three_allocations_fail(void) { every_place(2); }
static void all_fail_from_one_on(void) { every_place(1l << 40); }

/* The diagnostics that every kind has. */
static void every_kind_survives(void) {
  enum { ROWS = 16, COLUMNS = 5 };
  double samples[ROWS * COLUMNS];
  view data;
  fill_normal(samples, ROWS * COLUMNS, 3);
  for (int i = 0; i < ROWS * COLUMNS; i++) samples[i] *= samples[i];
  for (int i = 0; i < CONSUMER_COUNT; i++)
    for (int lasts = 0; lasts < 2; lasts++) {
      long first = 0;
      for (long place = 0; place < 200; place++) {
        answer given;
        trimtab_status status;
        first = allocations + place;
        failing_to = lasts ? first + (1l << 40) : first;
        failing_from = first;
        status = consumers[i].consume(matrix64(&data, samples, ROWS, COLUMNS), &given);
        failing_from = failing_to = -1;
        CHECK(status == TRIMTAB_OK || status == TRIMTAB_ERROR_OUT_OF_MEMORY || status == TRIMTAB_ERROR_SHAPE);
        if (allocations <= first) break;
      }
    }
}

/* Every accumulator: whichever allocation fails, it holds what it held before. */
static void no_accumulator_changes(void) {
  for (int k = 0; k < KIND_COUNT; k++) {
    void *other = kind_filled(&kinds[k]);
    for (int what = 0; what < 4; what++)
      for (long place = 0; place < 200; place++) {
        any_report report;
        int64_t length = 0, after = 0;
        void *handle = kind_filled(&kinds[k]), *loaded = NULL;
        unsigned char *before = kind_saved(&kinds[k], handle, &length), *now;
        trimtab_status found = TRIMTAB_OK;
        const long first = allocations + place;
        failing_to = first + (1l << 40);
        failing_from = first;
        if (what == 0 && kinds[k].add != NULL) found = kinds[k].add(handle, 7);
        if (what == 1 && kinds[k].merge != NULL) found = kinds[k].merge(handle, other);
        if (what == 2) found = kinds[k].report(handle, &report);
        if (what == 3) found = kinds[k].load(before, length, &loaded);
        failing_from = failing_to = -1;
        if (!CHECK(found == TRIMTAB_OK || found == TRIMTAB_ERROR_OUT_OF_MEMORY || (what == 1 && found == TRIMTAB_ERROR_MISMATCH))) printf("    %s: %s\n", kinds[k].name, trimtab_status_name(found));
        now = kind_saved(&kinds[k], handle, &after);
        if (found != TRIMTAB_OK && !CHECK(after == length && memcmp(before, now, (size_t)length) == 0)) printf("    %s changed, call %d\n", kinds[k].name, what);
        kinds[k].destroy(loaded);
        kinds[k].destroy(handle);
        free(before);
        free(now);
        if (allocations <= first) break;
      }
    kinds[k].destroy(other);
  }
}

/* Small objects that are made again and again, though there is no memory: refused before the reserve ends, and taken again when they are gone. */
static void objects_without_end(void) {
  enum { MOST = 20000 };
  static trimtab_covariance *kept[MOST];
  static trimtab_neurons *others[MOST];
  trimtab_status status = TRIMTAB_OK, other = TRIMTAB_OK;
  int count = 0, other_count = 0;
  failing_to = LONG_MAX;
  failing_from = 0;
  while (count < MOST && (status = trimtab_covariance_create(NULL, &kept[count])) == TRIMTAB_OK) count++;
  while (other_count < MOST && (other = trimtab_neurons_create(NULL, &others[other_count])) == TRIMTAB_OK) other_count++;
  failing_from = failing_to = -1;
  CHECK_STATUS(status, TRIMTAB_ERROR_OUT_OF_MEMORY);
  CHECK_STATUS(other, TRIMTAB_ERROR_OUT_OF_MEMORY);
  while (count > 0) trimtab_covariance_destroy(kept[--count]);
  while (other_count > 0) trimtab_neurons_destroy(others[--other_count]);
  CHECK_OK(trimtab_covariance_create(NULL, &kept[0]));
  trimtab_covariance_destroy(kept[0]);
}

int main(void) {
  exclusive_or(points, labels_data, POINTS, 7);
  COUNTED(one_allocation_fails);
  COUNTED(three_allocations_fail);
  COUNTED(all_fail_from_one_on);
  COUNTED(every_kind_survives);
  COUNTED(no_accumulator_changes);
  COUNTED(objects_without_end);
  RUN(begin);
  end();
  return finish("scarcity");
}
