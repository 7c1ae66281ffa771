extension Summary {
  /// The exponent that sums over values of this greatest magnitude are divided by: 0 where squares and their sums are
  /// safe in float64.
  static func scaleExponent(for greatestMagnitude: Double) -> Int {
    guard greatestMagnitude > 0, greatestMagnitude.isFinite, !ordinaryMagnitudes.contains(greatestMagnitude) else {
      return 0
    }
    return Int(greatestMagnitude.exponent)
  }

  /// 2^63 squares of 2^480 stay below 2^1024; the squares of 2^-400 stay normal.
  static var ordinaryMagnitudes: ClosedRange<Double> { 0x1p-400...0x1p480 }

  /// Brings the sums to another exponent.
  @inline(never)
  mutating func rescale(to exponent: Int) {
    let shift = Int(scaleExponent) &- exponent
    guard shift != 0 else { return }
    scaledSum = timesPowerOfTwo(scaledSum, by: shift)
    scaledAbsoluteSum = timesPowerOfTwo(scaledAbsoluteSum, by: shift)
    scaledSquareSum = timesPowerOfTwo(scaledSquareSum, by: shift &* 2)
    scaleExponent = Int32(truncatingIfNeeded: exponent)
  }

  /// Computes what follows from the extremes and the sums.
  @inline(never)
  mutating func derive() {
    guard finiteCount > 0 else { return }
    let exponent = Int(scaleExponent)
    greatestMagnitude = max(minimum.magnitude, maximum.magnitude)
    // A rounded quotient may leave the range of the values by a unit in the last place.
    mean = min(max(timesPowerOfTwo(scaledSum / Double(finiteCount), by: exponent), minimum), maximum)
    l1Norm = timesPowerOfTwo(scaledAbsoluteSum, by: exponent)
    l2Norm = timesPowerOfTwo(scaledSquareSum.squareRoot(), by: exponent)
  }
}

/// value · 2^exponent, for any exponent.
@inline(__always)
func timesPowerOfTwo(_ value: Double, by exponent: Int) -> Double {
  exponent == 0 ? value : shifted(value, by: exponent)
}

@inline(never)
private func shifted(_ value: Double, by exponent: Int) -> Double {
  var result = value
  var rest = min(max(exponent, -4096), 4096)
  while rest > 1000 {
    result *= 0x1p1000
    rest = rest &- 1000
  }
  while rest < -1000 {
    result *= 0x1p-1000
    rest = rest &+ 1000
  }
  return result * Double(bitPattern: UInt64(truncatingIfNeeded: rest &+ 1023) << 52)
}
