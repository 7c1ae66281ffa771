/* Snapshots that the monitor keeps, and handles that must not be used: destroyed ones, and by two threads at once (the debug build says so). */
#include <pthread.h>

#include "check.h"

static trimtab_monitor *make(void) {
  trimtab_monitor *monitor = NULL;
  trimtab_monitor_options options = TRIMTAB_MONITOR_OPTIONS_INIT;
  options.may_roll_back = 1;
  options.greatest_skips = 2;
  CHECK_OK(trimtab_monitor_create(&options, &monitor));
  return monitor;
}

static trimtab_action take_step(trimtab_monitor *monitor, int64_t step, double loss) {
  trimtab_decision decision = TRIMTAB_DECISION_INIT;
  CHECK_OK(trimtab_monitor_begin_step(monitor, step));
  CHECK_OK(trimtab_monitor_observe_scalar(monitor, TRIMTAB_SCALAR_LOSS, loss));
  CHECK_OK(trimtab_monitor_end_step(monitor, &decision));
  return decision.action;
}

/* A strided float32 weight and an int64 counter, as of an optimizer. */
static float weight[12];
static int64_t counter[1];
static int64_t weight_shape[2] = {2, 3}, weight_strides[2] = {6, 2}, counter_shape[1] = {1};

static void describe(trimtab_tensor tensors[2]) {
  memset(tensors, 0, 2 * sizeof *tensors);
  tensors[0].data = weight;
  tensors[0].device.device_type = TRIMTAB_DEVICE_CPU;
  tensors[0].ndim = 2;
  tensors[0].dtype.code = TRIMTAB_DTYPE_FLOAT;
  tensors[0].dtype.bits = 32;
  tensors[0].dtype.lanes = 1;
  tensors[0].shape = weight_shape;
  tensors[0].strides = weight_strides;
  tensors[1] = tensors[0];
  tensors[1].data = counter;
  tensors[1].ndim = 1;
  tensors[1].dtype.code = TRIMTAB_DTYPE_INT;
  tensors[1].dtype.bits = 64;
  tensors[1].shape = counter_shape;
  tensors[1].strides = NULL;
}

static void a_rollback_brings_back_what_was_good(void) {
  trimtab_monitor *monitor = make();
  trimtab_tensor tensors[2];
  int64_t step = -1;
  describe(tensors);
  for (int i = 0; i < 12; i++) weight[i] = (float)i;
  counter[0] = 1;
  CHECK(take_step(monitor, 1, 1) == TRIMTAB_ACTION_PROCEED);
  CHECK_OK(trimtab_monitor_keep(monitor, tensors, 2, 2));
  CHECK_STATUS(trimtab_monitor_restore(monitor, tensors, 2, &step), TRIMTAB_ERROR_INVALID_ARGUMENT);
  for (int64_t next = 2; next <= 3; next++) CHECK(take_step(monitor, next, 1) == TRIMTAB_ACTION_PROCEED);
  for (int i = 0; i < 12; i++) weight[i] = -1;
  counter[0] = -1;
  CHECK(take_step(monitor, 4, NAN) == TRIMTAB_ACTION_SKIP);
  CHECK(take_step(monitor, 5, NAN) == TRIMTAB_ACTION_SKIP);
  CHECK(take_step(monitor, 6, NAN) == TRIMTAB_ACTION_ROLL_BACK);
  CHECK_OK(trimtab_monitor_restore(monitor, tensors, 2, &step));
  CHECK(step == 1 && counter[0] == 1);
  /* The elements between those of the view are nobody's business. */
  for (int i = 0; i < 12; i++) CHECK(weight[i] == (i % 6 == 1 || i % 6 == 3 || i % 6 == 5 ? -1 : (float)i));
  CHECK(take_step(monitor, 2, 1) == TRIMTAB_ACTION_PROCEED);
  CHECK_OK(trimtab_monitor_restore(monitor, tensors, 2, NULL));
  trimtab_monitor_destroy(monitor);
}

static void tensors_that_changed_are_refused(void) {
  trimtab_monitor *monitor = make();
  trimtab_tensor tensors[2];
  int64_t other_shape[2] = {3, 2};
  describe(tensors);
  CHECK_STATUS(trimtab_monitor_keep(NULL, tensors, 2, 0), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_keep(monitor, NULL, 2, 0), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_keep(monitor, tensors, 0, 0), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_keep(monitor, tensors, 2, -1), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_monitor_restore(monitor, tensors, 2, NULL), TRIMTAB_ERROR_INVALID_ARGUMENT);
  tensors[1].device.device_type = 2;
  CHECK_STATUS(trimtab_monitor_keep(monitor, tensors, 2, 0), TRIMTAB_ERROR_DEVICE);
  tensors[1].device.device_type = TRIMTAB_DEVICE_CPU;
  CHECK_OK(trimtab_monitor_keep(monitor, tensors, 2, 0));
  CHECK_STATUS(trimtab_monitor_restore(monitor, tensors, 1, NULL), TRIMTAB_ERROR_INVALID_ARGUMENT);
  tensors[0].shape = other_shape;
  CHECK_STATUS(trimtab_monitor_keep(monitor, tensors, 2, 0), TRIMTAB_ERROR_SHAPE);
  CHECK(strstr(trimtab_last_error(), "tensors[0]: found 3 on axis 0, allowed 2 as at first") != NULL);
  CHECK_STATUS(trimtab_monitor_restore(monitor, tensors, 2, NULL), TRIMTAB_ERROR_SHAPE);
  tensors[0].shape = weight_shape;
  tensors[0].dtype.bits = 16;
  CHECK_STATUS(trimtab_monitor_restore(monitor, tensors, 2, NULL), TRIMTAB_ERROR_DTYPE);
  trimtab_monitor_destroy(monitor);
}

/* What is said of a destroyed monitor rests on memory that was given back, which sanitizers rightly forbid to look at. */
#if defined(__SANITIZE_ADDRESS__)
#define UNSANITIZED(test) (void)test
#else
#define UNSANITIZED(test) RUN(test)
#endif

static void a_destroyed_monitor_is_refused(void) {
  trimtab_monitor *monitor = make();
  trimtab_monitor *volatile gone = monitor;
  trimtab_monitor_destroy(monitor);
  CHECK_STATUS(trimtab_monitor_begin_step(gone, 1), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(strstr(trimtab_last_error(), "monitor: found one that was destroyed") != NULL);
  CHECK_STATUS(trimtab_monitor_observe_scalar(gone, TRIMTAB_SCALAR_LOSS, 1), TRIMTAB_ERROR_INVALID_ARGUMENT);
  trimtab_monitor_destroy(gone);
}

/* One thread looks at a tensor that takes a while; the other comes meanwhile. */
static trimtab_monitor *shared;
static volatile long refused, served, wrong;
static volatile int is_over;

static void *call_over_and_over(void *unused) {
  (void)unused;
  while (!is_over) {
    int64_t count;
    trimtab_status status = trimtab_monitor_finding_count(shared, &count);
    if (status == TRIMTAB_OK)
      __atomic_fetch_add(&served, 1, __ATOMIC_SEQ_CST);
    else if (status == TRIMTAB_ERROR_INVALID_ARGUMENT && strstr(trimtab_last_error(), "monitor: found another thread in it") != NULL)
      __atomic_fetch_add(&refused, 1, __ATOMIC_SEQ_CST);
    else
      __atomic_fetch_add(&wrong, 1, __ATOMIC_SEQ_CST);
  }
  return NULL;
}

static void two_threads_in_one_monitor(void) {
  /* The caller says which build this is. */
  const char *debug = getenv("TRIMTAB_DEBUG");
  static float values[1 << 20];
  int64_t shape[2] = {1 << 10, 1 << 10};
  pthread_t other;
  trimtab_tensor tensors[2];
  trimtab_entry entry = TRIMTAB_ENTRY_INIT;
  shared = make();
  describe(tensors);
  tensors[0].data = values;
  tensors[0].shape = shape;
  tensors[0].strides = NULL;
  CHECK_OK(trimtab_monitor_register(shared, "weight", &entry, NULL));
  CHECK_OK(trimtab_monitor_begin_step(shared, 1));
  if (debug == NULL || strcmp(debug, "1") != 0) {
    printf("skipped two_threads_in_one_monitor: only the debug build refuses a second thread\n");
  } else {
    long looks = 0;
    CHECK(pthread_create(&other, NULL, call_over_and_over, NULL) == 0);
    while ((refused == 0 || served == 0) && looks < 100000) {
      /* This thread may be the one that is refused. */
      trimtab_status status = trimtab_monitor_observe(shared, 0, TRIMTAB_QUANTITY_WEIGHT, &tensors[0]);
      CHECK(status == TRIMTAB_OK || status == TRIMTAB_ERROR_INVALID_ARGUMENT);
      looks++;
    }
    is_over = 1;
    pthread_join(other, NULL);
    CHECK(refused > 0 && served > 0 && wrong == 0);
  }
  /* Alone it is served as ever. */
  CHECK_OK(trimtab_monitor_observe(shared, 0, TRIMTAB_QUANTITY_WEIGHT, &tensors[0]));
  trimtab_monitor_destroy(shared);
}

int main(void) {
  RUN(a_rollback_brings_back_what_was_good);
  RUN(tensors_that_changed_are_refused);
  UNSANITIZED(a_destroyed_monitor_is_refused);
  RUN(two_threads_in_one_monitor);
  return finish("snapshot");
}
