// The hot loop: extremes and sums over values that are taken to be finite and of ordinary size. A NaN or an infinity
// makes the sum of squares
// NaN or infinite, so one look at it afterwards tells whether the careful pass must replace the result.

/// Sums in float64 over eight lanes.
struct LaneSums {
  private var sum = splat(0.0)
  private var absolute = splat(0.0)
  private var square = splat(0.0)
  private var secondSquare = splat(0.0)

  @inline(__always) mutating func add(_ values: SIMD16<Float>) {
    let low = widen(values.lowHalf)
    let high = widen(values.highHalf)
    sum += low + high
    absolute += magnitude(low) + magnitude(high)
    // The product of two float32 is exact in float64, so a fused step gives the same bits.
    #if TRIMTAB_FMA
      square = square.addingProduct(low, low)
      secondSquare = secondSquare.addingProduct(high, high)
    #else
      square += low * low
      secondSquare += high * high
    #endif
  }

  @inline(__always) mutating func add(_ values: SIMD8<Double>) {
    sum += values
    absolute += magnitude(values)
    square += values * values
  }

  /// Writes minimum, maximum, sum, sum of magnitudes and sum of squares.
  @inline(__always)
  func store(_ results: UnsafeMutablePointer<Double>, least: Double, greatest: Double) {
    results[0] = least
    results[1] = greatest
    results[2] = total(sum)
    results[3] = total(absolute)
    results[4] = total(square + secondSquare)
  }
}

/// Over values that float32 holds.
struct FastSingles: RunAccumulator {
  private var sums = LaneSums()
  private var least = SIMD16<Float>(repeating: .infinity)
  private var greatest = SIMD16<Float>(repeating: -.infinity)
  private var leastMagnitude = splat(UInt32.max)

  @inline(__always) mutating func add(_ values: SIMD16<Float>) { addRest(whole: values, fresh: values) }

  @inline(__always) mutating func addRest(whole: SIMD16<Float>, fresh: SIMD16<Float>) {
    leastMagnitude = lesser(leastMagnitude, bits(whole) & splat(UInt32(0x7FFF_FFFF)))
    least = lesser(least, whole)
    greatest = greater(greatest, whole)
    sums.add(fresh)
  }

  /// The bits of the least magnitude since this was last asked.
  @inline(__always) mutating func takeLeastMagnitude() -> UInt32 {
    let found = lowest(leastMagnitude)
    leastMagnitude = splat(UInt32.max)
    return found
  }

  func store(_ results: UnsafeMutablePointer<Double>) {
    sums.store(results, least: Double(lowest(least)), greatest: Double(highest(greatest)))
  }
}

/// Over values that need float64.
struct FastDoubles: RunAccumulator {
  private var sums = LaneSums()
  private var least = splat(Double.infinity)
  private var greatest = splat(-Double.infinity)
  private var leastMagnitude = splat(UInt64.max)

  @inline(__always) mutating func add(_ values: SIMD8<Double>) { addRest(whole: values, fresh: values) }

  @inline(__always) mutating func addRest(whole: SIMD8<Double>, fresh: SIMD8<Double>) {
    leastMagnitude = lesser(leastMagnitude, bits(whole) & splat(UInt64(0x7FFF_FFFF_FFFF_FFFF)))
    least = lesser(least, whole)
    greatest = greater(greatest, whole)
    sums.add(fresh)
  }

  /// The bits of the least magnitude since this was last asked.
  @inline(__always) mutating func takeLeastMagnitude() -> UInt64 {
    let found = lowest(leastMagnitude)
    leastMagnitude = splat(UInt64.max)
    return found
  }

  func store(_ results: UnsafeMutablePointer<Double>) {
    sums.store(results, least: lowest(least), greatest: highest(greatest))
  }
}
