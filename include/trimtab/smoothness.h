/* Is a function smooth, and what will an adaptive ODE solver pay for it? SPDX-License-Identifier: Apache-2.0 */
#ifndef TRIMTAB_SMOOTHNESS_H
#define TRIMTAB_SMOOTHNESS_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A function from R^n to R^m: reads x [n], writes values [m]. Returns 0, or any other number to end the call with TRIMTAB_ERROR_CALLBACK. */
typedef int32_t (*trimtab_function)(void *user, const double *x, double *values);
/* The right-hand side of dy/dt = f(t, y), or guards of it: reads t and y, writes as many numbers as there are. Returns as above. */
typedef int32_t (*trimtab_field)(void *user, double t, const double *y, double *values);

typedef struct trimtab_smoothness_options {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t segments;        /* 32: segments between random points of the domain */
  int64_t finest;          /* 9: the finest step along a segment is 2^-finest of it, the coarsest 2^-3 */
  uint64_t seed;           /* 0: the same seed, the same segments */
  double rounding;         /* 2^-52: relative error of one value; a greater one that is measured counts instead */
  double broken_slope;     /* -0.5: slope below which a derivative is broken */
  double tolerance;        /* 1e-6: of the solver that is tried on segments, 1e-12 to 0.1 */
  int64_t solver_segments; /* 4: segments that it is tried on; 0: none */
  double critical_rejection_ratio; /* 0.35 */
  double critical_cost;            /* 3 */
} trimtab_smoothness_options;

#define TRIMTAB_SMOOTHNESS_OPTIONS_INIT \
  {(uint32_t)sizeof(trimtab_smoothness_options), 0, 32, 9, 0, 2.220446049250313e-16, -0.5, 1e-6, 4, 0.35, 3}

typedef struct trimtab_smoothness_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* nonfinite: no segment had finite values throughout; degenerate: the domain is a point */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int32_t broken_order;    /* the least order of a derivative that jumps: 0, the function itself, to 3; 4: none to that order */
  int32_t reserved;
  int64_t segment_count;
  int64_t evaluation_count; /* of the function, the solver's included */
  int64_t nonfinite_count;  /* values that were NaN, Inf or beyond 1e250; the segments they lie on are left out */
  double first_slope;       /* m_p = d ln D_p / d ln h, D_p = max |Delta_h^p f| / h^p; 0 where rounding covers all but two steps */
  double second_slope;
  double third_slope;
  double fourth_slope;
  double regularity;        /* 4 + m_4: the order of the derivative that jumps; about 4 for a smooth function */
  double finest_step;       /* at which fourth differences stand above the rounding, as a share of a segment */
  double lipschitz;         /* the greatest |f(a) - f(b)| / |a - b| over neighbours: a lower bound of the constant */
  double tolerance;         /* what follows is what Dormand-Prince takes to integrate the function along segments at it */
  int64_t solver_evaluation_count;
  double solver_rejection_ratio;
  double solver_cost;       /* over the evaluations at 1e-3, times (tolerance / 1e-3)^(1/5), as a smooth function's grow */
  double cost_exponent;     /* q in evaluations ~ tolerance^(-q) over the last three decades; 1/5: smooth; 0: not tried */
  double advised_tolerance; /* the tightest of 1e-2, 1e-3, ... at which no more steps are rejected than is allowed */
  double measurement;       /* the deciding measurement */
  double threshold;         /* what it was held against */
  double rounding;          /* relative error of one value: the option's, or what was measured where that is more */
} trimtab_smoothness_report;

#define TRIMTAB_SMOOTHNESS_REPORT_INIT \
  {(uint32_t)sizeof(trimtab_smoothness_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Probes how smooth a function is, on random segments of a box, and what an adaptive solver will pay for it.
 *
 *   function, user  called with points of the box
 *   input_count     n, 1 to 2^20
 *   output_count    m, 1 to 2^20
 *   low, high       [n] the box; sides may be of length 0, not all of them
 *   options, report as everywhere
 *
 * Where the r-th derivative jumps, the slope m_p of ln D_p over ln h is r - p for p > r, and 0 for p <= r. A slope counts
 * as broken only if it is so over all steps and over the finest three: a function that is merely steep flattens there.
 * The verdict is that of the first that holds: NaN or Inf anywhere (critical); the function jumps (critical); its first
 * derivative does (warning; critical where the solver at the tolerance costs more than critical_cost, or more than 1.5
 * and rejects a greater share of its steps than critical_rejection_ratio); its second derivative does (notice).
 *
 * Edge cases: a constant function has D_p = 0 and is smooth; of a function computed in float32 the rounding is measured
 * and left out, and with it what regularity it covers (a slope of 0); a kink that no segment crosses is not seen.
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE, CALLBACK, OUT_OF_MEMORY.
 * Complexity: segments (2^finest + 11) evaluations, and the solver's. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_smoothness_probe(trimtab_function function, void *user,
                                                                    int64_t input_count, int64_t output_count,
                                                                    const double *low, const double *high,
                                                                    const trimtab_smoothness_options *options,
                                                                    trimtab_smoothness_report *report);

/* A place where the first derivative of a function jumps. */
typedef struct trimtab_kink {
  double position; /* along the segment, 0 to 1 */
  double width;    /* how closely it is known */
  double jump;     /* of the derivative along the segment per unit of length, the greatest over the outputs; 0 beside an end of it */
} trimtab_kink;

typedef struct trimtab_kink_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* insufficient: undecided windows; nonfinite: no value is finite; degenerate: start is end */
  int64_t count;           /* of kinks */
  int64_t undecided_count; /* windows that stand out, where rounding takes over before it shows whether they hold a kink: not counted */
  int64_t evaluation_count;
  int64_t nonfinite_count; /* values on the grid that are NaN or Inf */
  double noise;            /* what rounding makes of a second difference, as measured */
  double least_jump;       /* a smaller jump of the slope is lost in it; a coarser resolution makes it less */
} trimtab_kink_report;

#define TRIMTAB_KINK_REPORT_INIT {(uint32_t)sizeof(trimtab_kink_report), 0, 0, 0, 0, 0, 0, 0}

/*
 * Finds the kinks of a function along a segment: second differences on a grid of `resolution` windows, each that stands
 * out halved down to 1e-12 of the segment, or to where rounding takes over. Two kinks within one window count as one. The
 * rounding is measured: of a function computed in float32 only what stands above it is claimed.
 *
 *   start, end  [input_count] the ends of the segment
 *   resolution  8 to 2^20; 1024 where nothing is known
 *   kinks       [capacity], in the order of their positions; may be NULL to ask for the count alone
 *   report      how many there are, of which never more than capacity are written
 *
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE, CALLBACK, OUT_OF_MEMORY.
 * Complexity: resolution + 320 evaluations, and about 100 a kink. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_kinks(trimtab_function function, void *user, int64_t input_count,
                                                         int64_t output_count, const double *start, const double *end,
                                                         int64_t resolution, int64_t capacity, trimtab_kink *kinks,
                                                         trimtab_kink_report *report);

enum {
  TRIMTAB_SOLVER_FINISHED = 0,
  TRIMTAB_SOLVER_STEP_UNDERFLOW = 1,  /* the step fell below ten units in the last place of the time */
  TRIMTAB_SOLVER_NONFINITE = 2,       /* the field gave NaN or Inf, however small the step */
  TRIMTAB_SOLVER_EVALUATION_LIMIT = 3 /* maximum_evaluations were made */
};

typedef struct trimtab_solver_options {
  uint32_t struct_size;
  uint32_t reserved;
  double relative_tolerance;   /* 1e-3; below 100 epsilon it is that */
  double absolute_tolerance;   /* 1e-6 */
  double first_step;           /* 0: chosen by the solver */
  double maximum_step;         /* 0: none */
  int64_t maximum_evaluations; /* 10000000: of the field, after which the solver gives up */
  double critical_rejection_ratio; /* 0.35: share of rejected steps that is critical */
  int64_t least_attempts;      /* 50: attempted steps below which that is not judged; one kink alone costs about ten */
  const double *stops;         /* [stop_count] times between start and end, in their order, at which a step ends: known kinks */
  int64_t stop_count;
} trimtab_solver_options;

#define TRIMTAB_SOLVER_OPTIONS_INIT \
  {(uint32_t)sizeof(trimtab_solver_options), 0, 1e-3, 1e-6, 0, 0, 10000000, 0.35, 50, 0, 0}

typedef struct trimtab_solver_report {
  uint32_t struct_size;
  trimtab_outcome outcome; /* nonfinite: the field gave NaN or Inf; degenerate: start and end are one */
  trimtab_verdict verdict;
  trimtab_cause cause;
  int32_t end;              /* TRIMTAB_SOLVER_ */
  int32_t reserved;
  int64_t evaluation_count; /* of the field: 2 + 6 (accepted + rejected + search), without the second where first_step is given */
  int64_t accepted_count;
  int64_t rejected_count;
  int64_t search_count;     /* attempts that looked for a kink: neither accepted nor rejected */
  int64_t kink_count;       /* kinks that steps were ended at */
  double time;              /* reached */
  double minimum_step;      /* over the accepted steps but the last; NaN without a step */
  double median_step;
  double rejection_ratio;   /* rejected over accepted and rejected; 0 without an attempt */
  double measurement;       /* the deciding measurement */
  double threshold;         /* what it was held against */
} trimtab_solver_report;

#define TRIMTAB_SOLVER_REPORT_INIT \
  {(uint32_t)sizeof(trimtab_solver_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/*
 * Solves dy/dt = f(t, y) by Dormand-Prince of orders 5 and 4, step by step as scipy's RK45: the counts are the same,
 * as far as they do not hang on the last bit of the field (among many kinks, past 1e-9, or
 * where a stiff field and not its accuracy bounds the step, scipy's own do).
 *
 *   start, end  times; end may lie before start
 *   initial     [count] y at start
 *   options     NULL for the defaults
 *   state       [count] y at report.time; may be initial, and may be NULL
 *   report      what it paid; `end` says whether it arrived
 *
 * Edge cases: start = end is degenerate; a pole or a jump ends with STEP_UNDERFLOW, NaN with NONFINITE; state and report
 * are written then too.
 * Errors: NULL_ARGUMENT, INVALID_ARGUMENT, STRUCT_SIZE, CALLBACK (nothing is written), OUT_OF_MEMORY.
 * Complexity: 6 evaluations an attempted step. Source: Dormand & Prince 1980; Hairer, Norsett & Wanner, II.4. Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_solve(trimtab_field field, void *user, double start, double end,
                                                         int64_t count, const double *initial,
                                                         const trimtab_solver_options *options, double *state,
                                                         trimtab_solver_report *report);
/*
 * The same with steps that end at kinks: a step that would be rejected and in which one to three guards change their sign
 * is shortened until it ends at the first. Kinks that the tolerance does not see are stepped over.
 *
 *   guards          writes guard_count numbers that change sign where the field has a kink, such as pre-activations
 *   kinks           [capacity] times of the kinks that steps end at, in their order; may be NULL for none
 *   the others      as in trimtab_solve; report.kink_count says how many those are
 *
 * Errors: as there. Complexity: about 18 evaluations a kink, 45 of the guards, and one of them an accepted step.
 * Since: 0.4.
 */
TRIMTAB_API TRIMTAB_CHECKED trimtab_status trimtab_solve_to_kinks(trimtab_field field, trimtab_field guards, void *user,
                                                                  double start, double end, int64_t count,
                                                                  int64_t guard_count, const double *initial,
                                                                  const trimtab_solver_options *options,
                                                                  int64_t capacity, double *kinks, double *state,
                                                                  trimtab_solver_report *report);

#ifdef __cplusplus
}
#endif
#endif
