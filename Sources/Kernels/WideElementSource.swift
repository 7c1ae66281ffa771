@inline(__always) private func longs(_ words: SIMD16<UInt32>) -> SIMD8<UInt64> {
  unsafeBitCast(words, to: SIMD8<UInt64>.self)
}

/// The 32-bit halves of the words: low ones for part 0, high ones for part 1.
@inline(__always) private func halves(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD8<UInt64> {
  part == 0
    ? longs(words) & SIMD8(repeating: 0xFFFF_FFFF) : longs(words) &>> SIMD8(repeating: 32)
}

/// Unsigned integers below 2^52, less `bias`, by the double whose unit in the last place is 1.
@inline(__always) private func integers(_ values: SIMD8<UInt64>, less bias: Double) -> SIMD8<Double> {
  doubles(values | SIMD8(repeating: 0x4330_0000_0000_0000)) - SIMD8<Double>(repeating: 0x1p52 + bias)
}

enum Float64Elements: DoubleSource {
  static var byteCount: Int { 8 }
  static var parts: Int { 1 }
  static var leastNormalBits: UInt64 { 0x0010_0000_0000_0000 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD8<Double> { doubles(longs(words)) }
}

enum Int32Elements: DoubleSource {
  static var byteCount: Int { 4 }
  static var parts: Int { 2 }
  static var leastNormalBits: UInt64 { 1 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD8<Double> {
    integers(halves(words, part) ^ SIMD8(repeating: 0x8000_0000), less: 0x1p31)
  }
}

enum UInt32Elements: DoubleSource {
  static var byteCount: Int { 4 }
  static var parts: Int { 2 }
  static var leastNormalBits: UInt64 { 1 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD8<Double> {
    integers(halves(words, part), less: 0)
  }
}

// The high and low 32 bits are each exact in float64; one addition rounds their sum, as a conversion would.

enum Int64Elements: DoubleSource {
  static var byteCount: Int { 8 }
  static var parts: Int { 1 }
  static var leastNormalBits: UInt64 { 1 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD8<Double> {
    let high = integers(halves(words, 1) ^ SIMD8(repeating: 0x8000_0000), less: 0x1p31)
    return high * SIMD8<Double>(repeating: 0x1p32) + integers(halves(words, 0), less: 0)
  }
}

enum UInt64Elements: DoubleSource {
  static var byteCount: Int { 8 }
  static var parts: Int { 1 }
  static var leastNormalBits: UInt64 { 1 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD8<Double> {
    integers(halves(words, 1), less: 0) * SIMD8<Double>(repeating: 0x1p32) + integers(halves(words, 0), less: 0)
  }
}
