// The hot loop: extremes and sums over values that are taken to be finite and of ordinary size. A NaN or an infinity makes the sum of squares
// NaN or infinite, so one look at it afterwards tells whether the careful pass must replace the result.

@inline(__always) func magnitude(_ values: SIMD8<Double>) -> SIMD8<Double> {
  doubles(bits(values) & SIMD8(repeating: 0x7FFF_FFFF_FFFF_FFFF))
}

/// Sums in float64 over eight lanes.
struct LaneSums {
  var sum = SIMD8<Double>.zero
  var absolute = SIMD8<Double>.zero
  var square = SIMD8<Double>.zero

  @inline(__always) mutating func add(_ values: SIMD16<Float>) {
    let low = SIMD8<Double>(values.lowHalf)
    let high = SIMD8<Double>(values.highHalf)
    sum += low + high
    absolute += magnitude(low) + magnitude(high)
    square += low * low + high * high
  }

  @inline(__always) mutating func add(_ values: SIMD8<Double>) {
    sum += values
    absolute += magnitude(values)
    square += values * values
  }
}

/// A fast accumulator also knows whether a zero or a subnormal has passed since it was last asked.
protocol FastAccumulator: RunAccumulator {
  init()
  mutating func takeTiny() -> Bool
  func store(_ results: UnsafeMutablePointer<Double>)
}

struct FastSingles<Source: SingleSource>: FastAccumulator {
  private var sums = LaneSums()
  private var least = SIMD16<Float>(repeating: .infinity)
  private var greatest = SIMD16<Float>(repeating: -.infinity)
  private var leastMagnitude = splat(.max)

  init() {}

  @inline(__always) mutating func add(_ words: SIMD16<UInt32>) {
    addPart(Source.decode(words, 0))
    if Source.parts > 1 { addPart(Source.decode(words, 1)) }
    if Source.parts > 2 {
      addPart(Source.decode(words, 2))
      addPart(Source.decode(words, 3))
    }
  }

  @inline(__always) private mutating func addPart(_ values: SIMD16<Float>) {
    addExtremes(values)
    sums.add(values)
  }

  @inline(__always) private mutating func addExtremes(_ values: SIMD16<Float>) {
    let magnitudes = bits(values) & splat(0x7FFF_FFFF)
    leastMagnitude.replace(with: magnitudes, where: magnitudes .< leastMagnitude)
    least.replace(with: values, where: values .< least)
    greatest.replace(with: values, where: values .> greatest)
  }

  @inline(__always) mutating func addRest(whole: SIMD16<UInt32>, fresh: SIMD16<UInt32>) {
    var part = 0
    while part < Source.parts {
      addExtremes(Source.decode(whole, part))
      sums.add(Source.decode(fresh, part))
      part &+= 1
    }
  }

  @inline(__always) mutating func takeTiny() -> Bool {
    let found = leastMagnitude.min() < Source.leastNormalBits
    leastMagnitude = splat(.max)
    return found
  }

  @inline(__always) func store(_ results: UnsafeMutablePointer<Double>) {
    sums.store(results, least: Double(lowest(least)), greatest: Double(highest(greatest)))
  }
}

struct FastDoubles<Source: DoubleSource>: FastAccumulator {
  private var sums = LaneSums()
  private var least = SIMD8<Double>(repeating: .infinity)
  private var greatest = SIMD8<Double>(repeating: -.infinity)
  private var leastMagnitude = SIMD8<UInt64>(repeating: .max)

  init() {}

  @inline(__always) mutating func add(_ words: SIMD16<UInt32>) {
    addPart(Source.decode(words, 0))
    if Source.parts > 1 { addPart(Source.decode(words, 1)) }
  }

  @inline(__always) private mutating func addPart(_ values: SIMD8<Double>) {
    addExtremes(values)
    sums.add(values)
  }

  @inline(__always) private mutating func addExtremes(_ values: SIMD8<Double>) {
    let magnitudes = bits(values) & SIMD8(repeating: 0x7FFF_FFFF_FFFF_FFFF)
    leastMagnitude.replace(with: magnitudes, where: magnitudes .< leastMagnitude)
    least.replace(with: values, where: values .< least)
    greatest.replace(with: values, where: values .> greatest)
  }

  @inline(__always) mutating func addRest(whole: SIMD16<UInt32>, fresh: SIMD16<UInt32>) {
    var part = 0
    while part < Source.parts {
      addExtremes(Source.decode(whole, part))
      sums.add(Source.decode(fresh, part))
      part &+= 1
    }
  }

  @inline(__always) mutating func takeTiny() -> Bool {
    let found = leastMagnitude.min() < Source.leastNormalBits
    leastMagnitude = SIMD8(repeating: .max)
    return found
  }

  @inline(__always) func store(_ results: UnsafeMutablePointer<Double>) {
    sums.store(results, least: lowest(least), greatest: highest(greatest))
  }
}
