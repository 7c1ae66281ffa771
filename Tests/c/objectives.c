/* Losses of two parts and games: balance, blur, stability, and the cures. */
#include "check.h"

static view first_view, second_view;

static trimtab_gradient_balance_report balance_of(double *p, double *a, int64_t count, const trimtab_balance_options *options) {
  trimtab_gradient_balance_report report = TRIMTAB_GRADIENT_BALANCE_REPORT_INIT;
  CHECK_OK(trimtab_gradient_balance(vector64(&first_view, p, count), vector64(&second_view, a, count), options, &report));
  return report;
}

static void a_ratio_and_a_cosine(void) {
  double p[2] = {1, 0}, a[2] = {-1, 1}, zero[2] = {0, 0};
  trimtab_balance_options options = TRIMTAB_BALANCE_OPTIONS_INIT;
  trimtab_gradient_balance_report report = balance_of(p, a, 2, NULL);
  CHECK(report.outcome == TRIMTAB_OUTCOME_OK && report.verdict == TRIMTAB_VERDICT_HEALTHY && report.count == 1);
  CHECK_NEAR(report.ratio, sqrt(2), 1e-15);
  CHECK_NEAR(report.mean_cosine, -sqrt(.5), 1e-15);
  CHECK(report.conflict_share == 1);
  CHECK_NEAR(report.adaptive_weight, 1 / (sqrt(2) + 1e-4), 1e-15);
  options.adversarial_weight = .01;
  CHECK(balance_of(p, a, 2, &options).cause == TRIMTAB_CAUSE_WEAK_ADVERSARY);
  options.adversarial_weight = 20;
  CHECK(balance_of(p, a, 2, &options).cause == TRIMTAB_CAUSE_STRONG_ADVERSARY);
  report = balance_of(p, zero, 2, NULL);
  CHECK(report.cause == TRIMTAB_CAUSE_NO_ADVERSARIAL_SIGNAL && report.ratio == 0 && isnan(report.mean_cosine));
  report = balance_of(zero, a, 2, NULL);
  CHECK(report.cause == TRIMTAB_CAUSE_NO_PIXEL_SIGNAL && report.ratio == 1e4);
  CHECK(balance_of(zero, zero, 2, NULL).outcome == TRIMTAB_OUTCOME_DEGENERATE);
  a[0] = NAN;
  CHECK(balance_of(p, a, 2, NULL).outcome == TRIMTAB_OUTCOME_NONFINITE);
}

static void minibatches_add_up(void) {
  double p[12], a[12];
  char bytes[512];
  int64_t needed;
  trimtab_balance *whole = NULL, *part = NULL, *loaded = NULL;
  trimtab_gradient_balance_report one = TRIMTAB_GRADIENT_BALANCE_REPORT_INIT, two = TRIMTAB_GRADIENT_BALANCE_REPORT_INIT;
  fill_normal(p, 12, 1);
  fill_normal(a, 12, 2);
  CHECK_OK(trimtab_balance_create(NULL, &whole));
  CHECK_OK(trimtab_balance_create(NULL, &part));
  CHECK_OK(trimtab_balance_report(whole, &one));
  CHECK(one.outcome == TRIMTAB_OUTCOME_INSUFFICIENT);
  for (int i = 0; i < 3; i++)
    CHECK_OK(trimtab_balance_add(i < 1 ? whole : part, vector64(&first_view, p + 4 * i, 4), vector64(&second_view, a + 4 * i, 4)));
  CHECK_OK(trimtab_balance_merge(whole, part));
  CHECK_OK(trimtab_balance_report(whole, &one));
  CHECK(one.count == 3);
  CHECK_NEAR(one.ratio, balance_of(p, a, 12, NULL).ratio, 1e-14);
  CHECK_NEAR(one.cosine, balance_of(p, a, 12, NULL).mean_cosine, 1e-14);
  CHECK_OK(trimtab_balance_save(whole, bytes, sizeof bytes, &needed));
  CHECK_OK(trimtab_balance_load(bytes, needed, &loaded));
  CHECK_OK(trimtab_balance_report(loaded, &two));
  CHECK(memcmp(&one, &two, sizeof one) == 0);
  CHECK_STATUS(trimtab_balance_add(whole, vector64(&first_view, p, 4), vector64(&second_view, a, 3)), TRIMTAB_ERROR_SHAPE);
  trimtab_balance_destroy(whole);
  trimtab_balance_destroy(part);
  trimtab_balance_destroy(loaded);
  trimtab_balance_destroy(NULL);
}

static void the_weight_adapts(void) {
  CHECK_NEAR(trimtab_adaptive_weight(2, .5, 1, 0, 0), 2 / .5001, 1e-15);
  CHECK(trimtab_adaptive_weight(2, 0, 1, 0, 0) == 1e4 && trimtab_adaptive_weight(1, 1, 1, 9, 10) == 0);
  CHECK(trimtab_adaptive_weight(1, 0, .5, 10, 10) == 5e3);
  CHECK(trimtab_adaptive_weight(NAN, 1, 1, 0, 0) == 0 && trimtab_adaptive_weight(1, INFINITY, 1, 0, 0) == 0);
}

/* (1,0), (-1,1) become (.5,.5), (0,1). */
static void conflicts_are_projected_away(void) {
  double a[2] = {1, 0}, b[2] = {-1, 1};
  float c[2] = {1, 0};
  int64_t conflicts = -1;
  view views[2];
  trimtab_tensor tensors[2];
  tensors[0] = *vector64(&views[0], a, 2);
  tensors[1] = *vector64(&views[1], b, 2);
  CHECK_OK(trimtab_project_conflicts(tensors, 2, 0, &conflicts));
  CHECK(conflicts == 2 && a[0] == .5 && a[1] == .5 && b[0] == 0 && b[1] == 1);
  CHECK_OK(trimtab_project_conflicts(tensors, 2, 0, &conflicts));
  CHECK(conflicts == 0 && a[0] == .5);
  b[0] = NAN;
  CHECK_STATUS(trimtab_project_conflicts(tensors, 2, 0, NULL), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK(a[0] == .5 && b[1] == 1);
  CHECK_STATUS(trimtab_project_conflicts(tensors, 1, 0, NULL), TRIMTAB_ERROR_INVALID_ARGUMENT);
  tensors[1] = *view_make(&views[1], c, TRIMTAB_DTYPE_FLOAT, 32, 1, 1, 0, 0);
  CHECK_STATUS(trimtab_project_conflicts(tensors, 2, 0, NULL), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_project_conflicts(NULL, 2, 0, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
}

static void losses_keep_pace(void) {
  double norms[2] = {1, 3}, losses[2] = {1, .5}, start[2] = {1, 1}, weights[2] = {1, 1}, targets[2];
  trimtab_loss_balance_options options = TRIMTAB_LOSS_BALANCE_OPTIONS_INIT;
  CHECK_OK(trimtab_balance_losses(2, norms, losses, start, &options, weights, targets));
  CHECK_NEAR(targets[0], 2 * pow(1 / .75, 1.5), 1e-13);
  CHECK_NEAR(targets[1], 2 * pow(.5 / .75, 1.5), 1e-13);
  CHECK_NEAR(weights[0], 2 * 1.025 / 1.95, 1e-14);
  CHECK_NEAR(weights[0] + weights[1], 2, 1e-15);
  losses[0] = 0;
  CHECK_STATUS(trimtab_balance_losses(2, norms, losses, start, NULL, weights, NULL), TRIMTAB_ERROR_INVALID_ARGUMENT);
}

static void blur_is_a_ratio(void) {
  enum { side = 64 };
  static double board[side * side], flat[side * side], noise[side * side];
  trimtab_blur_report report = TRIMTAB_BLUR_REPORT_INIT;
  fill_normal(noise, side * side, 7);
  for (int i = 0; i < side * side; i++) board[i] = (i / side + i) % 2 ? 1 : -1, flat[i] = .5;
  CHECK_OK(trimtab_blur(matrix64(&first_view, noise, side, side), matrix64(&second_view, board, side, side), 2, .5, &report));
  CHECK(report.reference_laplacian == 64 && report.verdict == TRIMTAB_VERDICT_WARNING && report.cause == TRIMTAB_CAUSE_BLURRED_OUTPUT);
  CHECK_NEAR(report.output_laplacian, 20, .1);
  CHECK_NEAR(report.ratio, report.output_laplacian / 64, 1e-15);
  CHECK_NEAR(report.peak_signal_to_noise, 10 * log10(4 / report.mean_squared_error), 1e-13);
  CHECK_OK(trimtab_blur(matrix64(&first_view, board, side, side), matrix64(&second_view, board, side, side), 2, .5, &report));
  CHECK(report.ratio == 1 && isinf(report.peak_signal_to_noise) && report.verdict == TRIMTAB_VERDICT_HEALTHY);
  CHECK_OK(trimtab_blur(matrix64(&first_view, board, side, side), matrix64(&second_view, flat, side, side), 2, .5, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_DEGENERATE && report.verdict == TRIMTAB_VERDICT_UNKNOWN);
  CHECK_OK(trimtab_blur(matrix64(&first_view, board, 2, side), matrix64(&second_view, flat, 2, side), 2, .5, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_INSUFFICIENT);
  noise[5] = NAN;
  CHECK_OK(trimtab_blur(matrix64(&first_view, noise, side, side), matrix64(&second_view, board, side, side), 2, .5, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_NONFINITE && report.nonfinite_count == 1);
  CHECK_STATUS(trimtab_blur(matrix64(&first_view, board, 2, side), matrix64(&second_view, flat, 3, side), 1, .5, &report), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_blur(matrix64(&first_view, board, 3, side), matrix64(&second_view, flat, 3, side), 0, .5, &report),
               TRIMTAB_ERROR_INVALID_ARGUMENT);
}

/* -g/2 +- sqrt(g^2/4 - 1/4): the Dirac-GAN under R1. */
static void the_dirac_gan_is_known(void) {
  const double strengths[5] = {0, .5, 1, 2, 10};
  const double real[5] = {0, -.25, -.5, -.133974596215561, -.0250628144669049}, imaginary[5] = {.5, .433012701892219, 0, 0, 0};
  for (int i = 0; i < 5; i++) {
    double jacobian[4] = {0, -.5, .5, -strengths[i]};
    trimtab_game_report report = TRIMTAB_GAME_REPORT_INIT;
    CHECK_OK(trimtab_game_stability(matrix64(&first_view, jacobian, 2, 2), .1, &report));
    CHECK_NEAR(report.real, real[i], 1e-12);
    CHECK_NEAR(fabs(report.imaginary), imaginary[i], 1e-12);
    CHECK_NEAR(report.greatest_modulus, hypot(1 + .1 * real[i], .1 * imaginary[i]), 1e-14);
    CHECK(report.verdict == (i == 0 ? TRIMTAB_VERDICT_CRITICAL : TRIMTAB_VERDICT_HEALTHY));
    CHECK(report.cause == (i == 0 ? TRIMTAB_CAUSE_UNSTABLE_GAME : TRIMTAB_CAUSE_NONE));
  }
  double odd[6] = {0};
  trimtab_game_report report = TRIMTAB_GAME_REPORT_INIT;
  CHECK_STATUS(trimtab_game_stability(matrix64(&first_view, odd, 2, 3), .1, &report), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_game_stability(matrix64(&first_view, odd, 2, 2), 0, &report), TRIMTAB_ERROR_INVALID_ARGUMENT);
  odd[1] = NAN;
  CHECK_OK(trimtab_game_stability(matrix64(&first_view, odd, 2, 2), .1, &report));
  CHECK(report.outcome == TRIMTAB_OUTCOME_NONFINITE);
}

/* The penalty of D(x) = w.x: operands x and w; user says weight and target. */
static int32_t penalise(void *user, trimtab_tape *tape, const trimtab_value *operands, int64_t count, trimtab_value *loss) {
  const double *how = (const double *)user;
  trimtab_value scores;
  (void)count;
  if (trimtab_tape_record(tape, TRIMTAB_OPERATION_PRODUCT, operands, 2, 0, 0, &scores) != TRIMTAB_OK) return 1;
  return trimtab_tape_gradient_penalty(tape, scores, operands[0], how[0], how[1], loss);
}

/* D(x) = (3,4).x: WGAN-GP is 10 (5 - 1)^2 = 160, and R1 of gamma 10 is 5 |(3,4)|^2 = 125. */
static void penalties_are_exact(void) {
  double x[6] = {1, 2, 3, 4, 5, 6}, w[2] = {3, 4}, slope_x[6], slope_w[2], loss, how[2] = {10, 1};
  view views[4];
  trimtab_tensor operands[2], gradients[2];
  operands[0] = *matrix64(&views[0], x, 3, 2);
  operands[1] = *matrix64(&views[1], w, 2, 1);
  gradients[0] = *matrix64(&views[2], slope_x, 3, 2);
  gradients[1] = *matrix64(&views[3], slope_w, 2, 1);
  CHECK_OK(trimtab_objective_derivatives(penalise, how, operands, 2, NULL, &loss, gradients, NULL));
  CHECK_NEAR(loss, 160, 1e-13);
  /* 2 10 (|w| - 1) w / |w| */
  CHECK_NEAR(slope_w[0], 48, 1e-13);
  CHECK_NEAR(slope_w[1], 64, 1e-13);
  how[0] = 5, how[1] = 0;
  CHECK_OK(trimtab_objective_derivatives(penalise, how, operands, 2, NULL, &loss, gradients, NULL));
  CHECK_NEAR(loss, 125, 1e-14);
  CHECK_NEAR(slope_w[0], 30, 1e-14);
  CHECK(slope_x[0] == 0);
}

static void interpolates_lie_between(void) {
  double real[6] = {1, 1, 1, 1, 1, 1}, fake[6] = {0, 0, 0, 0, 0, 0}, points[6], again[6];
  view views[3];
  const trimtab_tensor *a = matrix64(&views[0], real, 3, 2), *b = matrix64(&views[1], fake, 3, 2);
  CHECK_OK(trimtab_interpolates(a, b, 0, 7, matrix64(&views[2], points, 3, 2)));
  for (int row = 0; row < 3; row++) CHECK(points[2 * row] > 0 && points[2 * row] < 1 && points[2 * row] == points[2 * row + 1]);
  CHECK(points[0] != points[2] && points[2] != points[4]);
  memcpy(again, points, sizeof again);
  CHECK_OK(trimtab_interpolates(a, b, 1, 7, &views[2].tensor));
  CHECK(memcmp(again, points, sizeof again) != 0);
  CHECK_OK(trimtab_interpolates(a, b, 0, 7, a)); /* in place */
  CHECK(memcmp(again, real, sizeof again) == 0);
  CHECK_STATUS(trimtab_interpolates(a, b, -1, 7, a), TRIMTAB_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(trimtab_interpolates(a, matrix64(&views[1], fake, 2, 3), 0, 7, a), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_interpolates(a, a, 0, 7, matrix64(&views[1], fake, 2, 2)), TRIMTAB_ERROR_SHAPE);
  CHECK_STATUS(trimtab_interpolates(NULL, a, 0, 7, a), TRIMTAB_ERROR_NULL_ARGUMENT);
  CHECK_STATUS(trimtab_interpolates(a, a, 0, 7, NULL), TRIMTAB_ERROR_NULL_ARGUMENT);
}

int main(void) {
  RUN(interpolates_lie_between);
  RUN(a_ratio_and_a_cosine);
  RUN(minibatches_add_up);
  RUN(the_weight_adapts);
  RUN(conflicts_are_projected_away);
  RUN(losses_keep_pace);
  RUN(blur_is_a_ratio);
  RUN(the_dirac_gan_is_known);
  RUN(penalties_are_exact);
  return finish("objectives");
}
