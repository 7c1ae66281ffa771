// Written out rather than taken from libm: glibc's log and exp carry version 2.29, above the floor of 2.28, and choose
// by CPU among variants that
// differ in the last bit, while the same input is to give the same bytes on every machine.

private let naturalLogarithmOf2High = 0x1.62E42FEEp-1
private let naturalLogarithmOf2Low = 0x1.A39EF35793C76p-33

/// The natural logarithm, within one unit in the last place.
///
/// Edge cases: -Inf at 0, NaN below 0 and for NaN, +Inf at +Inf. Source: fdlibm (Sun Microsystems 1993), e_log.c.
@inline(never)
public func logarithm(_ x: Double) -> Double {
  guard x > 0 else { return x == 0 ? -.infinity : .nan }
  guard x < .infinity else { return x }
  let isSubnormal = x < 0x1p-1022
  var bits = (isSubnormal ? x * 0x1p54 : x).bitPattern
  // Brings the significand into [sqrt(1/2), sqrt(2)).
  bits = bits &+ 0x3FF0_0000_0000_0000 &- 0x3FE6_A09E_0000_0000
  let exponent = Double(Int(truncatingIfNeeded: bits >> 52) &- 0x3FF &- (isSubnormal ? 54 : 0))
  let f = Double(bitPattern: (bits & 0xF_FFFF_FFFF_FFFF) &+ 0x3FE6_A09E_0000_0000) - 1
  let s = f / (2 + f)
  let z = s * s
  let w = z * z
  let even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
  let odd =
    z
    * (6.666666666666735130e-01 + w
      * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
  let half = 0.5 * f * f
  return s * (half + (even + odd)) + exponent * naturalLogarithmOf2Low - half + f + exponent * naturalLogarithmOf2High
}

/// The logarithm to base 10, within two units in the last place. Edge cases as `logarithm`.
func decimalLogarithm(_ x: Double) -> Double { logarithm(x) * 0.43429448190325182765 }

/// The exponential function, within one unit in the last place (a little more where the result is subnormal).
///
/// Edge cases: +Inf from 709.79 on, 0 below -745.14, NaN for NaN. Source: fdlibm (Sun Microsystems 1993), e_exp.c.
public func exponential(_ x: Double) -> Double {
  guard x == x else { return x }
  guard x < 709.782712893383973096 else { return .infinity }
  guard x > -745.13321910194110842 else { return 0 }
  let turns = (x * 1.44269504088896338700).rounded(.toNearestOrEven)
  let high = x - turns * naturalLogarithmOf2High
  let low = turns * naturalLogarithmOf2Low
  let r = high - low
  let square = r * r
  let c =
    r - square
    * (1.66666666666666019037e-01 + square
      * (-2.77777777770155933842e-03 + square
        * (6.61375632143793436117e-05 + square * (-1.65339022054652515390e-06 + square * 4.13813679705723846039e-08))))
  let y = 1 + (r * c / (2 - c) - low + high)
  return scaled(y, by: Int(turns))
}

/// `x` times 2^exponent, rounded once; for exponents of -1100 to 1100.
private func scaled(_ x: Double, by exponent: Int) -> Double {
  func power(_ exponent: Int) -> Double { Double(bitPattern: UInt64(truncatingIfNeeded: exponent &+ 1023) << 52) }
  if exponent > 1023 { return x * 0x1p1023 * power(exponent &- 1023) }
  if exponent < -1022 { return x * power(exponent &+ 200) * 0x1p-200 }
  return x * power(exponent)
}

/// The hyperbolic tangent, within four units in the last place. Edge cases: -1 and 1 at the infinities, NaN for NaN.
@inline(never)
public func hyperbolicTangent(_ x: Double) -> Double {
  let magnitude = x.magnitude
  if magnitude < 0.5 {
    // Lambert's continued fraction; eight terms reach 1e-17 here.
    let square = x * x
    var denominator = 15.0
    for odd in stride(from: 13.0, through: 1.0, by: -2.0) { denominator = odd + square / denominator }
    return x / denominator
  }
  let value = magnitude > 20 ? 1 : 1 - 2 / (exponential(2 * magnitude) + 1)
  return x < 0 ? -value : value + (x == x ? 0 : x)
}

/// The error function 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x, to about 1e-15 absolute.
///
/// Edge cases: -1 and 1 at the infinities, NaN for NaN. Source: Abramowitz & Stegun 1964, 7.1.6 (series) and 7.1.14
/// (continued fraction).
@inline(never)
public func errorFunction(_ x: Double) -> Double {
  guard x == x else { return x }
  let magnitude = x.magnitude
  if magnitude > 6 { return x < 0 ? -1 : 1 }
  let square = x * x
  if magnitude < 2.5 {
    var term = x
    var sum = x
    var odd = 3.0
    while term.magnitude > sum.magnitude * 0x1p-54 {
      term *= 2 * square / odd
      sum += term
      odd += 2
    }
    return 1.1283791670955125739 * exponential(-square) * sum
  }
  var fraction = magnitude
  for k in stride(from: 30.0, through: 1.0, by: -1.0) { fraction = magnitude + k / 2 / fraction }
  let value = 1 - 0.56418958354775628695 * exponential(-square) / fraction
  return x < 0 ? -value : value
}
