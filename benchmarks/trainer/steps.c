/* Training steps of the three jobs in C, so that the clock sees the library and no interpreter: loaded by trainer.py. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <trimtab.h>

typedef struct job {
  trimtab_trainer *trainer;
  int64_t input_shape[4];
  int64_t rank;
  int64_t batch;
  const float *inputs; /* `batches` batches, one after the other */
  const int64_t *labels;
  int64_t batches;
  int64_t next;
} job;

const char *job_error(void) { return trimtab_last_error(); }

/* Dense layers of the widths, or with `is_image` convolutions of 3 x 3 with pooling, and a dense layer at the end. NULL on failure. */
job *job_create(const int64_t *widths, int64_t count, int is_image, int64_t batch, const float *inputs, const int64_t *labels, int64_t batches) {
  static const trimtab_layer fresh = TRIMTAB_LAYER_INIT;
  trimtab_trainer_options options = TRIMTAB_TRAINER_OPTIONS_INIT;
  trimtab_layer layers[16];
  int64_t made = 0, image[3] = {28, 28, 1};
  job *new_job = (job *)calloc(1, sizeof *new_job);
  if (new_job == NULL) return NULL;
  for (int64_t i = 1; i < count && made < 12; i++) {
    const int is_last = i == count - 1;
    layers[made] = fresh;
    layers[made].units = widths[i];
    if (!is_last) layers[made].activation = TRIMTAB_ACTIVATION_RELU;
    if (is_image && !is_last) {
      layers[made].kind = TRIMTAB_LAYER_CONVOLUTION;
      layers[made].kernel = 3;
      layers[made].padding = 1;
      layers[++made] = fresh;
      layers[made].kind = TRIMTAB_LAYER_MAXIMUM_POOLING;
      layers[made].kernel = layers[made].stride = 2;
    } else if (is_image) {
      layers[made + 1] = layers[made];
      layers[made] = fresh;
      layers[made++].kind = TRIMTAB_LAYER_FLATTEN;
    }
    made++;
  }
  options.layers = layers;
  options.layer_count = made;
  options.input_shape = is_image ? image : widths;
  options.input_rank = is_image ? 3 : 1;
  options.loss = TRIMTAB_LOSS_CROSS_ENTROPY;
  options.optimizer = TRIMTAB_OPTIMIZER_HEAVY_BALL;
  options.learning_rate = 0.01;
  if (trimtab_trainer_create(&options, &new_job->trainer) != TRIMTAB_OK) {
    free(new_job);
    return NULL;
  }
  new_job->rank = options.input_rank + 1;
  new_job->input_shape[0] = new_job->batch = batch;
  memcpy(new_job->input_shape + 1, options.input_shape, sizeof(int64_t) * (size_t)options.input_rank);
  new_job->inputs = inputs;
  new_job->labels = labels;
  new_job->batches = batches;
  return new_job;
}

/* Seconds of `count` steps, the last loss beside; below 0 on failure. */
double job_run(job *this_job, int64_t count, double *loss) {
  struct timespec start, end;
  int64_t row = 1, labels_shape[1];
  trimtab_trainer_report report = TRIMTAB_TRAINER_REPORT_INIT;
  for (int64_t axis = 1; axis < this_job->rank; axis++) row *= this_job->input_shape[axis];
  labels_shape[0] = this_job->batch;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (int64_t step = 0; step < count; step++) {
    const int64_t place = this_job->next++ % this_job->batches;
    trimtab_tensor inputs = {NULL, {TRIMTAB_DEVICE_CPU, 0}, 0, {TRIMTAB_DTYPE_FLOAT, 32, 1}, NULL, NULL, 0};
    trimtab_tensor labels = {NULL, {TRIMTAB_DEVICE_CPU, 0}, 1, {TRIMTAB_DTYPE_INT, 64, 1}, NULL, NULL, 0};
    inputs.data = (void *)(this_job->inputs + place * this_job->batch * row);
    inputs.ndim = (int32_t)this_job->rank;
    inputs.shape = this_job->input_shape;
    labels.data = (void *)(this_job->labels + place * this_job->batch);
    labels.shape = labels_shape;
    if (trimtab_trainer_step(this_job->trainer, &inputs, &labels, &report) != TRIMTAB_OK) return -1;
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  *loss = report.loss;
  return (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
}

#ifdef STANDALONE /* for valgrind --tool=callgrind: steps JOB COUNT */
#include <stdio.h>
int main(int count, char **arguments) {
  static const int64_t widths[3][4] = {{64, 128, 128, 10}, {784, 512, 512, 10}, {784, 16, 32, 10}}, batches[3] = {32, 128, 128};
  const int which = count > 1 ? atoi(arguments[1]) % 3 : 0;
  const int64_t numbers = batches[which] * widths[which][0];
  float *inputs = (float *)malloc(sizeof(float) * (size_t)numbers);
  int64_t *labels = (int64_t *)malloc(sizeof(int64_t) * (size_t)batches[which]);
  double loss = 0, seconds;
  job *made;
  for (int64_t i = 0; i < numbers; i++) inputs[i] = (float)((i * 7919) % 1009) / 1009 - 0.5f;
  for (int64_t i = 0; i < batches[which]; i++) labels[i] = i % 10;
  made = job_create(widths[which], 4, which == 2, batches[which], inputs, labels, 1);
  if (made == NULL) return 1;
  seconds = job_run(made, count > 2 ? atoi(arguments[2]) : 10, &loss);
  printf("%g s, loss %g\n", seconds, loss);
  return 0;
}
#endif
