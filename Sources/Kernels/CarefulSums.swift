/// Extremes and sums over the finite values only, the sums of values divided by a power of two: for runs with NaN,
/// infinities or values whose
/// squares leave float64's range.
struct CarefulDoubles: RunAccumulator {
  private var sums = LaneSums()
  private var least = splat(Double.infinity)
  private var greatest = splat(-Double.infinity)
  private let scale: SIMD8<Double>
  private let secondScale: SIMD8<Double>

  /// - Parameter exponent: the values are divided by two to this power, in two steps, as 2^-exponent itself may leave
  ///   float64's range.
  init(exponent: Int) {
    let half = exponent / 2
    scale = splat(powerOfTwo(0 &- half))
    secondScale = splat(powerOfTwo(half &- exponent))
  }

  @inline(__always) mutating func add(_ values: SIMD8<Double>) { addRest(whole: values, fresh: values) }

  @inline(__always) mutating func addRest(whole: SIMD8<Double>, fresh: SIMD8<Double>) {
    let unusable = isNonfinite(whole)
    least = lesser(least, whole.replacing(with: splat(Double.infinity), where: unusable))
    greatest = greater(greatest, whole.replacing(with: splat(-Double.infinity), where: unusable))
    sums.add(fresh.replacing(with: splat(0.0), where: isNonfinite(fresh)) * scale * secondScale)
  }

  @inline(__always) private func isNonfinite(_ values: SIMD8<Double>) -> SIMDMask<SIMD8<Int64>> {
    bits(magnitude(values)) .>= splat(UInt64(0x7FF0_0000_0000_0000))
  }

  func store(_ results: UnsafeMutablePointer<Double>) {
    sums.store(results, least: lowest(least), greatest: highest(greatest))
  }
}

/// 2^exponent for exponents of normal numbers.
private func powerOfTwo(_ exponent: Int) -> Double {
  Double(bitPattern: UInt64(truncatingIfNeeded: min(max(exponent, -1022), 1023) &+ 1023) << 52)
}
