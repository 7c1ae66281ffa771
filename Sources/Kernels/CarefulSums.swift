/// Extremes and sums over the finite values only, each times two powers of two: for runs with NaN, infinities or values whose squares leave
/// float64's range.
struct CarefulSums {
  private var sums = LaneSums()
  private var least = SIMD8<Double>(repeating: .infinity)
  private var greatest = SIMD8<Double>(repeating: -.infinity)
  private let scale: SIMD8<Double>
  private let secondScale: SIMD8<Double>

  /// - Parameter exponent: the values are divided by two to this power, in two exact steps.
  init(exponent: Int) {
    let half = exponent / 2
    scale = SIMD8(repeating: powerOfTwo(0 &- half))
    secondScale = SIMD8(repeating: powerOfTwo(half &- exponent))
  }

  @inline(__always) mutating func addExtremes(_ values: SIMD8<Double>) {
    let unusable = isNonfinite(values)
    let low = values.replacing(with: SIMD8(repeating: .infinity), where: unusable)
    let high = values.replacing(with: SIMD8(repeating: -.infinity), where: unusable)
    least.replace(with: low, where: low .< least)
    greatest.replace(with: high, where: high .> greatest)
  }

  @inline(__always) mutating func addSums(_ values: SIMD8<Double>) {
    sums.add(values.replacing(with: SIMD8<Double>(repeating: 0), where: isNonfinite(values)) * scale * secondScale)
  }

  @inline(__always) private func isNonfinite(_ values: SIMD8<Double>) -> SIMDMask<SIMD8<Int64>> {
    (bits(values) & SIMD8(repeating: 0x7FFF_FFFF_FFFF_FFFF)) .>= SIMD8(repeating: 0x7FF0_0000_0000_0000)
  }

  @inline(__always) func store(_ results: UnsafeMutablePointer<Double>) {
    sums.store(results, least: lowest(least), greatest: highest(greatest))
  }
}

/// 2^exponent for exponents of normal numbers.
private func powerOfTwo(_ exponent: Int) -> Double {
  Double(bitPattern: UInt64(truncatingIfNeeded: min(max(exponent, -1022), 1023) &+ 1023) << 52)
}

struct CarefulSingles<Source: SingleSource>: RunAccumulator {
  var sums: CarefulSums

  @inline(__always) mutating func add(_ words: SIMD16<UInt32>) { addRest(whole: words, fresh: words) }

  @inline(__always) mutating func addRest(whole: SIMD16<UInt32>, fresh: SIMD16<UInt32>) {
    var part = 0
    while part < Source.parts {
      let all = Source.decode(whole, part)
      sums.addExtremes(SIMD8<Double>(all.lowHalf))
      sums.addExtremes(SIMD8<Double>(all.highHalf))
      let rest = Source.decode(fresh, part)
      sums.addSums(SIMD8<Double>(rest.lowHalf))
      sums.addSums(SIMD8<Double>(rest.highHalf))
      part &+= 1
    }
  }
}

struct CarefulDoubles<Source: DoubleSource>: RunAccumulator {
  var sums: CarefulSums

  @inline(__always) mutating func add(_ words: SIMD16<UInt32>) { addRest(whole: words, fresh: words) }

  @inline(__always) mutating func addRest(whole: SIMD16<UInt32>, fresh: SIMD16<UInt32>) {
    var part = 0
    while part < Source.parts {
      sums.addExtremes(Source.decode(whole, part))
      sums.addSums(Source.decode(fresh, part))
      part &+= 1
    }
  }
}
