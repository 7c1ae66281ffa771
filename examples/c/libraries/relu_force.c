/*
 * A force that a small ReLU net was fitted to, as a shared library: what an ODE solver would call.
 *
 *   cc -O2 -shared -fPIC relu_force.c -o librelu_force.so -lm
 *   trimtab probe librelu_force.so --symbol force --signature 'void(f64*, f64*)' --domain -2:2,-2:2 --tolerance 1e-8
 */
#include <math.h>

enum { UNITS = 24 };

static double activation(double z) { return z > 0 ? z : 0; }

void force(const double *x, double *pull) {
  pull[0] = pull[1] = 0;
  for (int i = 0; i < UNITS; i++) {
    const double angle = 2.4 * i, z = cos(angle) * x[0] + sin(angle) * x[1] + 0.15 * i - 1.7;
    pull[0] -= 0.2 * cos(angle) * activation(z);
    pull[1] -= 0.2 * sin(angle) * activation(z);
  }
}
