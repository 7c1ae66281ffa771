/// The probability that F with (a, b) degrees of freedom is `statistic` or more: I_x(b/2, a/2) at x = b / (b + a F).
///
/// To about 1e-10 relative, and less beyond 1e6 degrees of freedom. Source: Numerical Recipes 6.4 (Lentz's continued
/// fraction of the incomplete beta function).
func fisherTail(_ statistic: Double, _ a: Double, _ b: Double) -> Double {
  guard statistic > 0 else { return 1 }
  guard statistic < .infinity else { return 0 }
  let x = b / (b + a * statistic)
  let (p, q) = (0.5 * b, 0.5 * a)
  // Near x the logarithm of 1 - x from the other side keeps its digits.
  let front = exponential(
    logarithmOfGamma(p + q) - logarithmOfGamma(p) - logarithmOfGamma(q) + p * logarithm(x)
      + q * logarithm(a * statistic / (b + a * statistic)))
  if x < (p + 1) / (p + q + 2) { return front * betaFraction(x, p, q) / p }
  return 1 - front * betaFraction(1 - x, q, p) / q
}

private func betaFraction(_ x: Double, _ p: Double, _ q: Double) -> Double {
  func held(_ value: Double) -> Double { value.magnitude < 1e-300 ? 1e-300 : value }
  var (c, d) = (1.0, 1 / held(1 - (p + q) * x / (p + 1)))
  var fraction = d
  var m = 1.0
  while m < 1e5 {
    var step = m * (q - m) * x / ((p + 2 * m - 1) * (p + 2 * m))
    d = 1 / held(1 + step * d)
    c = held(1 + step / c)
    fraction *= d * c
    step = -(p + m) * (p + q + m) * x / ((p + 2 * m) * (p + 2 * m + 1))
    d = 1 / held(1 + step * d)
    c = held(1 + step / c)
    fraction *= d * c
    if (d * c - 1).magnitude < 1e-15 { break }
    m += 1
  }
  return fraction
}

/// ln Gamma(x) for x > 0: Stirling's series from 10 on, and the recurrence below.
func logarithmOfGamma(_ x: Double) -> Double {
  var (z, product) = (x, 1.0)
  while z < 10 {
    product *= z
    z += 1
  }
  let s = 1 / (z * z)
  let series =
    (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s * (1.0 / 1188 - s * 691.0 / 360360))))) / z
  return (z - 0.5) * logarithm(z) - z + 0.91893853320467274178 + series - logarithm(product)
}
