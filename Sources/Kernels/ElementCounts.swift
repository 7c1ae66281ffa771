/// Counts what is not an ordinary number, exactly. At most 2^31 elements of one lane.
struct SingleCounts<Source: SingleSource>: RunAccumulator {
  var zeros = SIMD16<UInt32>.zero
  var tiny = SIMD16<UInt32>.zero
  var nonfinite = SIMD16<UInt32>.zero
  var positiveInfinities = SIMD16<UInt32>.zero
  var negativeInfinities = SIMD16<UInt32>.zero

  @inline(__always) mutating func add(_ words: SIMD16<UInt32>) {
    var part = 0
    while part < Source.parts {
      let pattern = bits(Source.decode(words, part))
      let magnitude = pattern & splat(0x7FFF_FFFF)
      zeros &+= one(where: magnitude .== .zero)
      tiny &+= one(where: magnitude .< splat(Source.leastNormalBits))
      nonfinite &+= one(where: magnitude .>= splat(0x7F80_0000))
      positiveInfinities &+= one(where: pattern .== splat(0x7F80_0000))
      negativeInfinities &+= one(where: pattern .== splat(0xFF80_0000))
      part &+= 1
    }
  }

  @inline(__always) mutating func addRest(whole: SIMD16<UInt32>, fresh: SIMD16<UInt32>) { add(fresh) }

  @inline(__always) private func one(where mask: SIMDMask<SIMD16<Int32>>) -> SIMD16<UInt32> {
    SIMD16<UInt32>.zero.replacing(with: splat(1), where: mask)
  }

  @inline(__always) func add(to counts: UnsafeMutablePointer<Int>, padding: Int) {
    addCounts(
      to: counts, zeros: Int(zeros.wrappedSum()) &- padding, tiny: Int(tiny.wrappedSum()) &- padding,
      nonfinite: Int(nonfinite.wrappedSum()), positive: Int(positiveInfinities.wrappedSum()),
      negative: Int(negativeInfinities.wrappedSum()))
  }
}

struct DoubleCounts<Source: DoubleSource>: RunAccumulator {
  var zeros = SIMD8<UInt64>.zero
  var tiny = SIMD8<UInt64>.zero
  var nonfinite = SIMD8<UInt64>.zero
  var positiveInfinities = SIMD8<UInt64>.zero
  var negativeInfinities = SIMD8<UInt64>.zero

  @inline(__always) mutating func add(_ words: SIMD16<UInt32>) {
    var part = 0
    while part < Source.parts {
      let pattern = bits(Source.decode(words, part))
      let magnitude = pattern & SIMD8(repeating: 0x7FFF_FFFF_FFFF_FFFF)
      zeros &+= one(where: magnitude .== .zero)
      tiny &+= one(where: magnitude .< SIMD8(repeating: Source.leastNormalBits))
      nonfinite &+= one(where: magnitude .>= SIMD8(repeating: 0x7FF0_0000_0000_0000))
      positiveInfinities &+= one(where: pattern .== SIMD8(repeating: 0x7FF0_0000_0000_0000))
      negativeInfinities &+= one(where: pattern .== SIMD8(repeating: 0xFFF0_0000_0000_0000))
      part &+= 1
    }
  }

  @inline(__always) mutating func addRest(whole: SIMD16<UInt32>, fresh: SIMD16<UInt32>) { add(fresh) }

  @inline(__always) private func one(where mask: SIMDMask<SIMD8<Int64>>) -> SIMD8<UInt64> {
    SIMD8<UInt64>.zero.replacing(with: SIMD8(repeating: 1), where: mask)
  }

  @inline(__always) func add(to counts: UnsafeMutablePointer<Int>, padding: Int) {
    addCounts(
      to: counts, zeros: Int(truncatingIfNeeded: zeros.wrappedSum()) &- padding,
      tiny: Int(truncatingIfNeeded: tiny.wrappedSum()) &- padding,
      nonfinite: Int(truncatingIfNeeded: nonfinite.wrappedSum()),
      positive: Int(truncatingIfNeeded: positiveInfinities.wrappedSum()),
      negative: Int(truncatingIfNeeded: negativeInfinities.wrappedSum()))
  }
}

/// Adds to zero, subnormal, NaN, +Inf and -Inf counts, in this order.
private func addCounts(
  to counts: UnsafeMutablePointer<Int>, zeros: Int, tiny: Int, nonfinite: Int, positive: Int, negative: Int
) {
  counts[0] &+= zeros
  counts[1] &+= tiny &- zeros
  counts[2] &+= nonfinite &- positive &- negative
  counts[3] &+= positive
  counts[4] &+= negative
}
