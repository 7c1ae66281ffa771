/* Every function that takes a tensor behind one signature, so that what holds for all tensors is tested for all of them. */
#ifndef TRIMTAB_TESTS_CONSUMERS_H
#define TRIMTAB_TESTS_CONSUMERS_H

#include "kinds.h"
#include "trainers.h"

/* Its answer in bytes: equal inputs must give equal bytes. */
typedef struct answer {
  size_t length;
  union {
    any_report report;
    trimtab_matrix_report matrix;
    trimtab_summary summary;
    double values[64];
    unsigned char bytes[1024];
  } content;
} answer;

typedef struct consumer {
  const char *name;
  trimtab_status (*consume)(const trimtab_tensor *tensor, answer *answer);
  int takes_integers;
} consumer;

static inline trimtab_status consume_summarize(const trimtab_tensor *tensor, answer *answer) {
  answer->length = sizeof answer->content.summary;
  return trimtab_summarize(tensor, &answer->content.summary);
}

static inline trimtab_status consume_summarize_all(const trimtab_tensor *tensor, answer *answer) {
  answer->length = sizeof answer->content.summary;
  return trimtab_summarize_all(tensor, 1, &answer->content.summary);
}

static inline trimtab_status consume_condition_number(const trimtab_tensor *tensor, answer *answer) {
  answer->length = sizeof answer->content.report.conditioning;
  answer->content.report.struct_size = (uint32_t)answer->length;
  return trimtab_condition_number(tensor, NULL, &answer->content.report.conditioning);
}

static inline trimtab_status consume_covariance(const trimtab_tensor *tensor, answer *answer) {
  trimtab_covariance *covariance = NULL;
  trimtab_status status = trimtab_covariance_create(NULL, &covariance);
  answer->length = sizeof answer->content.report.conditioning;
  answer->content.report.struct_size = (uint32_t)answer->length;
  if (status == TRIMTAB_OK) status = trimtab_covariance_add(covariance, tensor);
  if (status == TRIMTAB_OK) status = trimtab_covariance_report(covariance, &answer->content.report.conditioning);
  trimtab_covariance_destroy(covariance);
  return status;
}

static inline trimtab_status consume_matrix_condition(const trimtab_tensor *tensor, answer *answer) {
  answer->length = sizeof answer->content.matrix;
  answer->content.matrix.struct_size = (uint32_t)answer->length;
  return trimtab_matrix_condition(tensor, NULL, &answer->content.matrix);
}

static inline trimtab_status consume_dead_neurons(const trimtab_tensor *tensor, answer *answer) {
  answer->length = sizeof answer->content.report.activity;
  answer->content.report.struct_size = (uint32_t)answer->length;
  return trimtab_dead_neurons(tensor, NULL, &answer->content.report.activity, NULL);
}

static inline trimtab_status consume_neurons(const trimtab_tensor *tensor, answer *answer) {
  trimtab_neurons *neurons = NULL;
  trimtab_status status = trimtab_neurons_create(NULL, &neurons);
  answer->length = sizeof answer->content.report.activity;
  answer->content.report.struct_size = (uint32_t)answer->length;
  if (status == TRIMTAB_OK) status = trimtab_neurons_add(neurons, tensor);
  if (status == TRIMTAB_OK) status = trimtab_neurons_report(neurons, &answer->content.report.activity);
  trimtab_neurons_destroy(neurons);
  return status;
}

static inline trimtab_status consume_pseudo_label_drift(const trimtab_tensor *tensor, answer *answer) {
  answer->length = sizeof answer->content.report.drift;
  answer->content.report.struct_size = (uint32_t)answer->length;
  return trimtab_pseudo_label_drift(tensor, tensor, NULL, &answer->content.report.drift);
}

static inline trimtab_status consume_label_drift(const trimtab_tensor *tensor, answer *answer) {
  trimtab_label_drift *drift = NULL;
  trimtab_status status = trimtab_label_drift_create(NULL, &drift);
  answer->length = sizeof answer->content.report.drift;
  answer->content.report.struct_size = (uint32_t)answer->length;
  if (status == TRIMTAB_OK) status = trimtab_label_drift_add(drift, 0, NULL, tensor);
  if (status == TRIMTAB_OK) status = trimtab_label_drift_add(drift, 1, NULL, tensor);
  if (status == TRIMTAB_OK) status = trimtab_label_drift_report(drift, &answer->content.report.drift);
  trimtab_label_drift_destroy(drift);
  return status;
}

static inline trimtab_status consume_gradient_norm(const trimtab_tensor *tensor, answer *answer) {
  answer->length = sizeof answer->content.report.gradients;
  answer->content.report.struct_size = (uint32_t)answer->length;
  return trimtab_gradient_norm(tensor, 1, NULL, &answer->content.report.gradients, NULL);
}

static inline trimtab_status consume_gradients(const trimtab_tensor *tensor, answer *answer) {
  trimtab_gradients *gradients = NULL;
  trimtab_status status = trimtab_gradients_create(NULL, &gradients);
  answer->length = sizeof answer->content.report.gradients;
  answer->content.report.struct_size = (uint32_t)answer->length;
  if (status == TRIMTAB_OK) status = trimtab_gradients_add(gradients, tensor, 1);
  if (status == TRIMTAB_OK) status = trimtab_gradients_report(gradients, &answer->content.report.gradients, NULL, 0);
  trimtab_gradients_destroy(gradients);
  return status;
}

/* Takes [n, 3] only. */
static inline trimtab_status consume_whitener(const trimtab_tensor *tensor, answer *answer) {
  void *whitener = NULL;
  double output[18];
  view made;
  trimtab_status status = kind_whitener_create(&whitener);
  memset(output, UNTOUCHED, sizeof output);
  if (status == TRIMTAB_OK)
    status = trimtab_whitener_apply((const trimtab_whitener *)whitener, tensor, matrix64(&made, output, 6, 3));
  kind_whitener_destroy(whitener);
  answer->length = sizeof output;
  if (status == TRIMTAB_OK || !is_untouched(output, sizeof output)) memcpy(answer->content.values, output, sizeof output);
  return status;
}

/* Takes [6, 3] only. */
static inline trimtab_status consume_predict(const trimtab_tensor *tensor, answer *answer) {
  net made;
  trimtab_trainer *trainer = NULL;
  trimtab_status status;
  double output[12];
  view outputs;
  net_begin(&made, 3);
  net_add(&made, TRIMTAB_LAYER_DENSE, 2, TRIMTAB_ACTIVATION_TANH);
  made.options.precision = TRIMTAB_PRECISION_FLOAT64;
  memset(output, UNTOUCHED, sizeof output);
  status = trimtab_trainer_create(&made.options, &trainer);
  if (status == TRIMTAB_OK) status = trimtab_trainer_predict(trainer, tensor, matrix64(&outputs, output, 6, 2));
  trimtab_trainer_destroy(trainer);
  answer->length = sizeof output;
  if (status == TRIMTAB_OK || !is_untouched(output, sizeof output)) memcpy(answer->content.values, output, sizeof output);
  return status;
}

/* Targets of a step: takes [6, 3] only. */
static inline trimtab_status consume_targets(const trimtab_tensor *tensor, answer *answer) {
  net made;
  trimtab_trainer *trainer = NULL;
  trimtab_status status;
  double samples[18];
  view inputs;
  trimtab_evaluation_report report = TRIMTAB_EVALUATION_REPORT_INIT;
  net_begin(&made, 3);
  net_add(&made, TRIMTAB_LAYER_DENSE, 3, TRIMTAB_ACTIVATION_TANH);
  made.options.precision = TRIMTAB_PRECISION_FLOAT64;
  fill_normal(samples, 18, 17);
  status = trimtab_trainer_create(&made.options, &trainer);
  if (status == TRIMTAB_OK) status = trimtab_trainer_evaluate(trainer, matrix64(&inputs, samples, 6, 3), tensor, &report);
  trimtab_trainer_destroy(trainer);
  answer->length = sizeof report.loss;
  if (status == TRIMTAB_OK) memcpy(answer->content.values, &report.loss, sizeof report.loss);
  return status;
}

static const consumer consumers[] = {
    {"summarize", consume_summarize, 1},
    {"summarize_all", consume_summarize_all, 1},
    {"condition_number", consume_condition_number, 1},
    {"covariance", consume_covariance, 1},
    {"matrix_condition", consume_matrix_condition, 1},
    {"dead_neurons", consume_dead_neurons, 1},
    {"neurons", consume_neurons, 1},
    {"pseudo_label_drift", consume_pseudo_label_drift, 0},
    {"label_drift", consume_label_drift, 0},
    {"gradient_norm", consume_gradient_norm, 0},
    {"gradients", consume_gradients, 0},
    {"whitener", consume_whitener, 1},
    {"trainer_predict", consume_predict, 1},
    {"trainer_targets", consume_targets, 1},
};
#define CONSUMER_COUNT ((int)(sizeof consumers / sizeof *consumers))

/* Consumes into a pattern: 1 if it was refused with the wanted status and nothing was written. */
static inline int refuses(const consumer *this_consumer, const trimtab_tensor *tensor, trimtab_status wanted) {
  answer given;
  trimtab_status status;
  memset(&given, UNTOUCHED, sizeof given);
  status = this_consumer->consume(tensor, &given);
  if (status != wanted) {
    printf("    %s: found %s (%s)\n", this_consumer->name, trimtab_status_name(status), trimtab_last_error());
    return 0;
  }
  /* The first word may be the struct_size that the test itself set. */
  if (!is_untouched(given.content.bytes + 4, sizeof given.content - 4)) {
    printf("    %s: wrote its output though it failed\n", this_consumer->name);
    return 0;
  }
  return 1;
}

#endif
