@inline(__always) private func lesser<Values: SIMD>(_ a: Values, _ b: Values, _ mask: SIMDMask<Values.MaskStorage>)
  -> Values
{ a.replacing(with: b, where: mask) }

@inline(__always) func lowest(_ values: SIMD16<Float>) -> Float {
  let eight = lesser(values.lowHalf, values.highHalf, values.highHalf .< values.lowHalf)
  let four = lesser(eight.lowHalf, eight.highHalf, eight.highHalf .< eight.lowHalf)
  return min(min(four[0], four[1]), min(four[2], four[3]))
}

@inline(__always) func highest(_ values: SIMD16<Float>) -> Float { -lowest(-values) }

@inline(__always) func lowest(_ values: SIMD8<Double>) -> Double {
  let four = lesser(values.lowHalf, values.highHalf, values.highHalf .< values.lowHalf)
  return min(min(four[0], four[1]), min(four[2], four[3]))
}

@inline(__always) func highest(_ values: SIMD8<Double>) -> Double { -lowest(-values) }

/// In one order at every level.
@inline(__always) func total(_ values: SIMD8<Double>) -> Double {
  let four = values.lowHalf + values.highHalf
  let two = four.lowHalf + four.highHalf
  return two[0] + two[1]
}

extension LaneSums {
  /// Writes minimum, maximum, sum, sum of magnitudes and sum of squares.
  @inline(__always)
  func store(_ results: UnsafeMutablePointer<Double>, least: Double, greatest: Double) {
    results[0] = least
    results[1] = greatest
    results[2] = total(sum)
    results[3] = total(absolute)
    results[4] = total(square)
  }
}
