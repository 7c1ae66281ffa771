/// Counts what is not an ordinary number, exactly, among values widened to float32. At most 2^31 elements of one lane.
struct SingleCounts: RunAccumulator {
  private var zeros = splat(UInt32(0))
  private var tiny = splat(UInt32(0))
  private var nonfinite = splat(UInt32(0))
  private var positiveInfinities = splat(UInt32(0))
  private var negativeInfinities = splat(UInt32(0))
  private let leastNormal: SIMD16<UInt32>

  /// - Parameter leastNormal: bits of the element type's least normal magnitude; 1 for integers.
  init(leastNormal: UInt32) { self.leastNormal = splat(leastNormal) }

  @inline(__always) mutating func add(_ values: SIMD16<Float>) {
    let pattern = bits(values)
    let magnitude = pattern & splat(UInt32(0x7FFF_FFFF))
    zeros &+= one(where: magnitude .== splat(UInt32(0)))
    tiny &+= one(where: magnitude .< leastNormal)
    nonfinite &+= one(where: magnitude .>= splat(UInt32(0x7F80_0000)))
    positiveInfinities &+= one(where: pattern .== splat(UInt32(0x7F80_0000)))
    negativeInfinities &+= one(where: pattern .== splat(UInt32(0xFF80_0000)))
  }

  @inline(__always) mutating func addRest(whole: SIMD16<Float>, fresh: SIMD16<Float>) { add(fresh) }

  @inline(__always) private func one(where mask: SIMDMask<SIMD16<Int32>>) -> SIMD16<UInt32> {
    splat(UInt32(0)).replacing(with: splat(UInt32(1)), where: mask)
  }

  /// Adds to zero, subnormal, NaN, +Inf and -Inf counts, in this order.
  /// - Parameter count: elements that were traversed; those that fill the last vector are zeros and no elements.
  func add(to counts: UnsafeMutablePointer<Int>, count: Int) {
    let padding = (0 &- count) & 15
    let zero = sum(zeros)
    let infinite = (sum(positiveInfinities), sum(negativeInfinities))
    counts[0] &+= zero &- padding
    counts[1] &+= sum(tiny) &- zero
    counts[2] &+= sum(nonfinite) &- infinite.0 &- infinite.1
    counts[3] &+= infinite.0
    counts[4] &+= infinite.1
  }

  private func sum(_ lanes: SIMD16<UInt32>) -> Int {
    var sum = 0
    for lane in 0..<16 { sum &+= Int(lanes[lane]) }
    return sum
  }
}

/// The same among float64 values.
struct DoubleCounts: RunAccumulator {
  private var zeros = splat(UInt64(0))
  private var tiny = splat(UInt64(0))
  private var nonfinite = splat(UInt64(0))
  private var positiveInfinities = splat(UInt64(0))
  private var negativeInfinities = splat(UInt64(0))
  private let leastNormal: SIMD8<UInt64>

  /// - Parameter leastNormal: bits of the element type's least normal magnitude; 1 for integers.
  init(leastNormal: UInt64) { self.leastNormal = splat(leastNormal) }

  @inline(__always) mutating func add(_ values: SIMD8<Double>) {
    let pattern = bits(values)
    let magnitude = pattern & splat(UInt64(0x7FFF_FFFF_FFFF_FFFF))
    zeros &+= one(where: magnitude .== splat(UInt64(0)))
    tiny &+= one(where: magnitude .< leastNormal)
    nonfinite &+= one(where: magnitude .>= splat(UInt64(0x7FF0_0000_0000_0000)))
    positiveInfinities &+= one(where: pattern .== splat(UInt64(0x7FF0_0000_0000_0000)))
    negativeInfinities &+= one(where: pattern .== splat(UInt64(0xFFF0_0000_0000_0000)))
  }

  @inline(__always) mutating func addRest(whole: SIMD8<Double>, fresh: SIMD8<Double>) { add(fresh) }

  @inline(__always) private func one(where mask: SIMDMask<SIMD8<Int64>>) -> SIMD8<UInt64> {
    splat(UInt64(0)).replacing(with: splat(UInt64(1)), where: mask)
  }

  /// As in `SingleCounts`.
  func add(to counts: UnsafeMutablePointer<Int>, count: Int) {
    let padding = (0 &- count) & 7
    let zero = sum(zeros)
    let infinite = (sum(positiveInfinities), sum(negativeInfinities))
    counts[0] &+= zero &- padding
    counts[1] &+= sum(tiny) &- zero
    counts[2] &+= sum(nonfinite) &- infinite.0 &- infinite.1
    counts[3] &+= infinite.0
    counts[4] &+= infinite.1
  }

  private func sum(_ lanes: SIMD8<UInt64>) -> Int {
    var sum = 0
    for lane in 0..<8 { sum &+= Int(truncatingIfNeeded: lanes[lane]) }
    return sum
  }
}
