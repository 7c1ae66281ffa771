/// The inverse of the normal distribution function, to about 1e-15 relative; -Inf at 0, +Inf at 1, NaN outside.
///
/// Source: Wichura 1988, algorithm AS 241 (PPND16), with this library's own logarithm: the same bits on every machine.
public func normalQuantile(_ p: Double) -> Double {
  guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
  let q = p - 0.5
  if q.magnitude <= 0.425 {
    return q
      * quotient(
        0.180625 - q * q,
        SIMD2(2.5090809287301226727e+3, 5.2264952788528545610e+3),
        SIMD2(3.3430575583588128105e+4, 2.8729085735721942674e+4),
        SIMD2(6.7265770927008700853e+4, 3.9307895800092710610e+4),
        SIMD2(4.5921953931549871457e+4, 2.1213794301586595867e+4),
        SIMD2(1.3731693765509461125e+4, 5.3941960214247511077e+3),
        SIMD2(1.9715909503065514427e+3, 6.8718700749205790830e+2),
        SIMD2(1.3314166789178437745e+2, 4.2313330701600911252e+1),
        SIMD2(3.3871328727963666080e+0, 1.0))
  }
  let r = (-logarithm(q < 0 ? p : 1 - p)).squareRoot()
  let value =
    r <= 5
    ? quotient(
      r - 1.6,
      SIMD2(7.74545014278341407640e-4, 1.05075007164441684324e-9),
      SIMD2(2.27238449892691845833e-2, 5.47593808499534494600e-4),
      SIMD2(2.41780725177450611770e-1, 1.51986665636164571966e-2),
      SIMD2(1.27045825245236838258e+0, 1.48103976427480074590e-1),
      SIMD2(3.64784832476320460504e+0, 6.89767334985100004550e-1),
      SIMD2(5.76949722146069140550e+0, 1.67638483018380384940e+0),
      SIMD2(4.63033784615654529590e+0, 2.05319162663775882187e+0),
      SIMD2(1.42343711074968357734e+0, 1.0))
    : quotient(
      r - 5,
      SIMD2(2.01033439929228813265e-7, 2.04426310338993978564e-15),
      SIMD2(2.71155556874348757815e-5, 1.42151175831644588870e-7),
      SIMD2(1.24266094738807843860e-3, 1.84631831751005468180e-5),
      SIMD2(2.65321895265761230930e-2, 7.86869131145613259100e-4),
      SIMD2(2.96560571828504891230e-1, 1.48753612908506148525e-2),
      SIMD2(1.78482653991729133580e+0, 1.36929880922735805310e-1),
      SIMD2(5.46378491116411436990e+0, 5.99832206555887937690e-1),
      SIMD2(6.65790464350110377720e+0, 1.0))
  return q < 0 ? -value : value
}

/// A quotient of polynomials of degree 7, whose coefficients stand side by side, the highest first.
@inline(never)
private func quotient(
  _ x: Double, _ c7: SIMD2<Double>, _ c6: SIMD2<Double>, _ c5: SIMD2<Double>, _ c4: SIMD2<Double>, _ c3: SIMD2<Double>,
  _ c2: SIMD2<Double>, _ c1: SIMD2<Double>, _ c0: SIMD2<Double>
) -> Double {
  var sum = c7 * x + c6
  sum = sum * x + c5
  sum = sum * x + c4
  sum = sum * x + c3
  sum = sum * x + c2
  sum = sum * x + c1
  sum = sum * x + c0
  return sum[0] / sum[1]
}
