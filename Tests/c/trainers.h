/* Small trainers for the C programs, and what is compared of them. */
#ifndef TRIMTAB_TESTS_TRAINERS_H
#define TRIMTAB_TESTS_TRAINERS_H

#include "check.h"

typedef struct net {
  trimtab_layer layers[8];
  int64_t shape[4];
  trimtab_trainer_options options;
} net;

static inline void net_begin(net *made, int64_t features) {
  const trimtab_layer layer = TRIMTAB_LAYER_INIT;
  const trimtab_trainer_options options = TRIMTAB_TRAINER_OPTIONS_INIT;
  for (int i = 0; i < 8; i++) made->layers[i] = layer;
  made->options = options;
  made->options.layers = made->layers;
  made->options.input_shape = made->shape;
  made->options.input_rank = 1;
  made->shape[0] = features;
  made->shape[1] = made->shape[2] = made->shape[3] = 1;
}

static inline trimtab_layer *net_add(net *made, trimtab_layer_kind kind, int64_t units, int32_t activation) {
  trimtab_layer *layer = &made->layers[made->options.layer_count++];
  layer->kind = kind;
  layer->units = units;
  layer->activation = activation;
  return layer;
}

/* 2 - 16 tanh - 2, cross-entropy, SGD with momentum. */
static inline void net_classifier(net *made) {
  net_begin(made, 2);
  net_add(made, TRIMTAB_LAYER_DENSE, 16, TRIMTAB_ACTIVATION_TANH);
  net_add(made, TRIMTAB_LAYER_DENSE, 2, TRIMTAB_LAYER_ACTIVATION_NONE);
  made->options.loss = TRIMTAB_LOSS_CROSS_ENTROPY;
  made->options.optimizer = TRIMTAB_OPTIMIZER_HEAVY_BALL;
  made->options.learning_rate = 0.1;
}

/* x W, float64, half the squares: its Hessian is X^T X / N. */
static inline void net_quadratic(net *made, int64_t features) {
  net_begin(made, features);
  net_add(made, TRIMTAB_LAYER_DENSE, 1, TRIMTAB_LAYER_ACTIVATION_NONE)->flags = TRIMTAB_LAYER_NO_BIAS;
  made->options.loss = TRIMTAB_LOSS_HALF_SQUARED;
  made->options.precision = TRIMTAB_PRECISION_FLOAT64;
}

/* NULL if it was refused. */
static inline trimtab_trainer *net_made(const net *made) {
  trimtab_trainer *trainer = NULL;
  CHECK_OK(trimtab_trainer_create(&made->options, &trainer));
  return trainer;
}

/* Points around the origin; the label says whether the coordinates have one sign. */
static inline void exclusive_or(float *inputs, int64_t *labels, int count, uint64_t seed) {
  for (int i = 0; i < count; i++) {
    inputs[2 * i] = (float)(2 * random_unit(&seed) - 1);
    inputs[2 * i + 1] = (float)(2 * random_unit(&seed) - 1);
    labels[i] = (inputs[2 * i] > 0) == (inputs[2 * i + 1] > 0);
  }
}

/* All of a trainer's state; the caller frees it. */
static inline unsigned char *trainer_bytes(const trimtab_trainer *trainer, int64_t *length) {
  unsigned char *state;
  *length = 0;
  CHECK_STATUS(trimtab_trainer_save(trainer, NULL, 0, length), TRIMTAB_ERROR_CAPACITY);
  if (*length <= 0) return NULL;
  state = (unsigned char *)malloc((size_t)*length);
  CHECK_OK(trimtab_trainer_save(trainer, state, *length, length));
  return state;
}

static inline int same_bytes(const unsigned char *before, int64_t length, const trimtab_trainer *trainer) {
  int64_t now = 0;
  unsigned char *after = trainer_bytes(trainer, &now);
  const int same = before != NULL && after != NULL && now == length && memcmp(before, after, (size_t)length) == 0;
  free(after);
  return same;
}

/* Something must hold the step's report, its fields not looked at. */
static inline double step_loss(trimtab_trainer *trainer, const trimtab_tensor *inputs, const trimtab_tensor *targets) {
  trimtab_trainer_report report = TRIMTAB_TRAINER_REPORT_INIT;
  CHECK_OK(trimtab_trainer_step(trainer, inputs, targets, &report));
  return report.loss;
}

#endif
