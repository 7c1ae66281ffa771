/// Elements of one type, sixty-four bytes at a time.
///
/// Narrow elements are taken from wider words in parts (all first ones, then all second ones), which needs no shuffle at any level: sums,
/// counts and extremes do not mind the order. Every type decodes all-zero bits to +0, so masked-off elements add nothing to a sum.
protocol ElementSource {
  static var byteCount: Int { get }
  /// Vectors in sixty-four bytes: 1, 2 or 4.
  static var parts: Int { get }
}

/// Elements that float32 holds exactly.
protocol SingleSource: ElementSource {
  static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD16<Float>
  /// Bits of the least normal magnitude after decoding; 1 for types without subnormals.
  static var leastNormalBits: UInt32 { get }
}

/// Elements that need float64.
protocol DoubleSource: ElementSource {
  static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD8<Double>
  static var leastNormalBits: UInt64 { get }
}

@inline(__always) func splat(_ value: UInt32) -> SIMD16<UInt32> { SIMD16(repeating: value) }
@inline(__always) func floats(_ bits: SIMD16<UInt32>) -> SIMD16<Float> { unsafeBitCast(bits, to: SIMD16<Float>.self) }
@inline(__always) func bits(_ values: SIMD16<Float>) -> SIMD16<UInt32> {
  unsafeBitCast(values, to: SIMD16<UInt32>.self)
}
@inline(__always) func bits(_ values: SIMD8<Double>) -> SIMD8<UInt64> {
  unsafeBitCast(values, to: SIMD8<UInt64>.self)
}
@inline(__always) func doubles(_ bits: SIMD8<UInt64>) -> SIMD8<Double> {
  unsafeBitCast(bits, to: SIMD8<Double>.self)
}

/// The 16-bit halves of the words: low ones for part 0, high ones for part 1.
@inline(__always) private func halves(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD16<UInt32> {
  part == 0 ? words & splat(0xFFFF) : words &>> splat(16)
}

/// The bytes of the words, lowest first.
@inline(__always) private func bytes(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD16<UInt32> {
  (words &>> splat(UInt32(truncatingIfNeeded: part &* 8))) & splat(0xFF)
}

/// Unsigned integers below 2^23, less `bias`, by the float whose unit in the last place is 1: exact, and no conversion instruction.
@inline(__always) private func integers(_ values: SIMD16<UInt32>, less bias: Float) -> SIMD16<Float> {
  floats(values | splat(0x4B00_0000)) - SIMD16<Float>(repeating: 0x1p23 + bias)
}

/// From IEEE half bits in the low sixteen. Subnormals go through a normal float, so a host that flushes subnormals to zero changes nothing.
@inline(__always) func widenHalf(_ half: SIMD16<UInt32>) -> SIMD16<Float> {
  let magnitude = (half & splat(0x7FFF)) &<< splat(13)
  let sign = (half & splat(0x8000)) &<< splat(16)
  let small = floats(magnitude &+ splat(0x3880_0000)) - SIMD16<Float>(repeating: 0x1p-14)
  var value = magnitude &+ splat(0x3800_0000)
  value.replace(with: bits(small), where: magnitude .< splat(0x0080_0000))
  value.replace(with: magnitude | splat(0x7F80_0000), where: magnitude .>= splat(0x0F80_0000))
  return floats(value | sign)
}

/// From float8 e4m3fn bits in the low eight.
@inline(__always) func widenE4M3(_ byte: SIMD16<UInt32>) -> SIMD16<Float> {
  let magnitude = (byte & splat(0x7F)) &<< splat(20)
  let sign = (byte & splat(0x80)) &<< splat(24)
  let small = floats(magnitude &+ splat(0x3C80_0000)) - SIMD16<Float>(repeating: 0x1p-6)
  var value = magnitude &+ splat(0x3C00_0000)
  value.replace(with: bits(small), where: magnitude .< splat(0x0080_0000))
  value.replace(with: splat(0x7FC0_0000), where: magnitude .== splat(0x07F0_0000))
  return floats(value | sign)
}

enum Float32Elements: SingleSource {
  static var byteCount: Int { 4 }
  static var parts: Int { 1 }
  static var leastNormalBits: UInt32 { 0x0080_0000 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD16<Float> { floats(words) }
}

enum BFloat16Elements: SingleSource {
  static var byteCount: Int { 2 }
  static var parts: Int { 2 }
  static var leastNormalBits: UInt32 { 0x0080_0000 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD16<Float> {
    floats(part == 0 ? words &<< splat(16) : words & splat(0xFFFF_0000))
  }
}

enum Float16Elements: SingleSource {
  static var byteCount: Int { 2 }
  static var parts: Int { 2 }
  static var leastNormalBits: UInt32 { 0x3880_0000 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD16<Float> {
    widenHalf(halves(words, part))
  }
}

enum Float8E5M2Elements: SingleSource {
  static var byteCount: Int { 1 }
  static var parts: Int { 4 }
  static var leastNormalBits: UInt32 { 0x3880_0000 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD16<Float> {
    widenHalf(bytes(words, part) &<< splat(8))
  }
}

enum Float8E4M3Elements: SingleSource {
  static var byteCount: Int { 1 }
  static var parts: Int { 4 }
  static var leastNormalBits: UInt32 { 0x3C80_0000 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD16<Float> {
    widenE4M3(bytes(words, part))
  }
}

enum Int16Elements: SingleSource {
  static var byteCount: Int { 2 }
  static var parts: Int { 2 }
  static var leastNormalBits: UInt32 { 1 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD16<Float> {
    integers(halves(words, part) ^ splat(0x8000), less: 0x1p15)
  }
}

enum UInt16Elements: SingleSource {
  static var byteCount: Int { 2 }
  static var parts: Int { 2 }
  static var leastNormalBits: UInt32 { 1 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD16<Float> {
    integers(halves(words, part), less: 0)
  }
}

enum Int8Elements: SingleSource {
  static var byteCount: Int { 1 }
  static var parts: Int { 4 }
  static var leastNormalBits: UInt32 { 1 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD16<Float> {
    integers(bytes(words, part) ^ splat(0x80), less: 0x1p7)
  }
}

enum UInt8Elements: SingleSource {
  static var byteCount: Int { 1 }
  static var parts: Int { 4 }
  static var leastNormalBits: UInt32 { 1 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD16<Float> {
    integers(bytes(words, part), less: 0)
  }
}

/// A byte that is not zero is true.
enum BoolElements: SingleSource {
  static var byteCount: Int { 1 }
  static var parts: Int { 4 }
  static var leastNormalBits: UInt32 { 1 }
  @inline(__always) static func decode(_ words: SIMD16<UInt32>, _ part: Int) -> SIMD16<Float> {
    let byte = bytes(words, part)
    return SIMD16<Float>(repeating: 1).replacing(with: SIMD16<Float>(repeating: 0), where: byte .== splat(0))
  }
}
