/*
 * A net that Trimtab trains itself, under a monitor: 64-128-128-10 on the handwritten digits of examples/data/digits.
 *
 *   train_digits [FOLDER]               learns; the verdict is healthy
 *   train_digits [FOLDER] --fail rate   the learning rate is far too high: the findings say so
 *
 * The first 1347 images are trained on, in batches of 32 in a new order each epoch; the other 450 say what was learned.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trimtab.h>

enum { IMAGES = 1797, TRAINED = 1347, PIXELS = 64, CLASSES = 10, BATCH = 32, EPOCHS = 12 };

static float images[IMAGES][PIXELS], batch_images[BATCH][PIXELS];
static unsigned char labels[IMAGES], batch_labels[BATCH];
static int order[TRAINED];

static void stop_on(trimtab_status status) {
  if (status == TRIMTAB_OK) return;
  fprintf(stderr, "%s: %s\n", trimtab_status_name(status), trimtab_last_error());
  exit(1);
}

/* The bytes of a .npy file of uint8, without its header. */
static void read_bytes(const char *folder, const char *name, unsigned char *bytes, size_t count) {
  char path[1024];
  unsigned char start[10];
  FILE *file;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  file = fopen(path, "rb");
  if (file == NULL || fread(start, 1, 10, file) != 10 || fseek(file, 10 + start[8] + 256L * start[9], SEEK_SET) != 0 ||
      fread(bytes, 1, count, file) != count) {
    fprintf(stderr, "%s: cannot be read\n", path);
    exit(1);
  }
  fclose(file);
}

static trimtab_tensor tensor(void *data, uint8_t code, uint8_t bits, int rank, int64_t *shape) {
  trimtab_tensor made = {data, {TRIMTAB_DEVICE_CPU, 0}, rank, {code, bits, 1}, shape, NULL, 0};
  return made;
}

/* Numbers of its own, so that every machine trains the same net. */
static unsigned random_below(unsigned limit) {
  static unsigned long long state = 7;
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (unsigned)(state >> 33) % limit;
}

static void shuffle(void) {
  for (int i = TRAINED - 1; i > 0; i--) {
    const int other = (int)random_below((unsigned)i + 1), kept = order[i];
    order[i] = order[other];
    order[other] = kept;
  }
}

static trimtab_trainer *make_trainer(double learning_rate) {
  static const trimtab_layer layer = TRIMTAB_LAYER_INIT;
  static const int64_t units[3] = {128, 128, CLASSES}, shape[1] = {PIXELS};
  trimtab_layer layers[3];
  trimtab_trainer_options options = TRIMTAB_TRAINER_OPTIONS_INIT;
  trimtab_trainer *trainer = NULL;
  for (int i = 0; i < 3; i++) {
    layers[i] = layer; /* a dense one */
    layers[i].units = units[i];
    if (i < 2) layers[i].activation = TRIMTAB_ACTIVATION_RELU;
  }
  options.layers = layers;
  options.layer_count = 3;
  options.input_shape = shape;
  options.input_rank = 1;
  options.loss = TRIMTAB_LOSS_CROSS_ENTROPY;
  options.optimizer = TRIMTAB_OPTIMIZER_HEAVY_BALL;
  options.learning_rate = learning_rate;
  options.seed = 1;
  stop_on(trimtab_trainer_create(&options, &trainer));
  return trainer;
}

int main(int count, char **arguments) {
  static unsigned char pixels[IMAGES * PIXELS];
  const char *folder = count > 1 && arguments[1][0] != '-' ? arguments[1] : "examples/data/digits";
  const int fails = count > 2 && strcmp(arguments[count - 2], "--fail") == 0;
  int64_t batch_shape[2] = {BATCH, PIXELS}, rest_shape[2] = {IMAGES - TRAINED, PIXELS}, findings = 0;
  trimtab_tensor batch = tensor(batch_images, TRIMTAB_DTYPE_FLOAT, 32, 2, batch_shape);
  trimtab_tensor wanted = tensor(batch_labels, TRIMTAB_DTYPE_UINT, 8, 1, batch_shape);
  trimtab_tensor rest = tensor(images[TRAINED], TRIMTAB_DTYPE_FLOAT, 32, 2, rest_shape);
  trimtab_tensor rest_wanted = tensor(labels + TRAINED, TRIMTAB_DTYPE_UINT, 8, 1, rest_shape);
  trimtab_trainer_report report = TRIMTAB_TRAINER_REPORT_INIT;
  trimtab_evaluation_report judged = TRIMTAB_EVALUATION_REPORT_INIT;
  trimtab_verdict worst = TRIMTAB_VERDICT_HEALTHY;
  trimtab_trainer *trainer = make_trainer(fails ? 3.0 : 0.05);
  trimtab_monitor *monitor = NULL;
  int is_stopped = 0;

  read_bytes(folder, "features_raw.npy", pixels, sizeof pixels);
  read_bytes(folder, "labels.npy", labels, sizeof labels);
  for (int i = 0; i < IMAGES * PIXELS; i++) images[i / PIXELS][i % PIXELS] = (float)pixels[i] / 16;
  for (int i = 0; i < TRAINED; i++) order[i] = i;

  /* From here on the monitor sees loss, gradients, weights and pre-activations of each step, and the trainer obeys it. */
  stop_on(trimtab_monitor_create(NULL, &monitor));
  stop_on(trimtab_trainer_attach(trainer, monitor));
  for (int epoch = 1; epoch <= EPOCHS && !is_stopped; epoch++) {
    double total = 0;
    int steps = 0;
    shuffle();
    for (int first = 0; first + BATCH <= TRAINED && !is_stopped; first += BATCH, steps++) {
      for (int i = 0; i < BATCH; i++) {
        memcpy(batch_images[i], images[order[first + i]], sizeof images[0]);
        batch_labels[i] = labels[order[first + i]];
      }
      stop_on(trimtab_trainer_step(trainer, &batch, &wanted, &report));
      total += report.loss;
      is_stopped = report.action == TRIMTAB_ACTION_STOP;
    }
    stop_on(trimtab_trainer_evaluate(trainer, &rest, &rest_wanted, &judged));
    printf("epoch %2d  loss %.4f  on the others %.4f, %.1f %% right\n", epoch, total / steps, judged.loss, 100 * judged.accuracy);
  }
  if (is_stopped) printf("stopped by the monitor at step %lld\n", (long long)report.step);

  stop_on(trimtab_monitor_finding_count(monitor, &findings));
  for (int64_t i = 0; i < findings; i++) {
    trimtab_finding finding = TRIMTAB_FINDING_INIT;
    stop_on(trimtab_monitor_finding(monitor, i, &finding));
    printf("%s: %s in %s, step %lld\n    %s\n    cure: %s\n", trimtab_verdict_name(finding.verdict), trimtab_rule_name(finding.rule),
           finding.name[0] != 0 ? finding.name : "the run", (long long)finding.first_step, trimtab_cause_text(finding.cause),
           trimtab_cure_text(finding.cause));
    if (finding.verdict > worst) worst = finding.verdict;
  }
  printf("verdict: %s\n", trimtab_verdict_name(worst));
  trimtab_trainer_destroy(trainer);
  trimtab_monitor_destroy(monitor);
  return 0;
}
