// Plain loops without branches, in a form that the compiler turns into vector code at every level.

/// Widens contiguous elements that float32 holds exactly (float16, bfloat16, float8, integers of 8 and 16 bits, bool).
func widenToSingle(_ type: UInt8, _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
  switch type {
  case 2: each(UInt16.self, source, count, target) { single(half: UInt32($0)) }
  case 3: each(UInt16.self, source, count, target) { Float(bitPattern: UInt32($0) &<< 16) }
  case 4: each(UInt8.self, source, count, target) { single(e4m3fn: UInt32($0)) }
  case 5: each(UInt8.self, source, count, target) { single(half: UInt32($0) &<< 8) }
  case 6: each(Int8.self, source, count, target) { Float($0) }
  case 7: each(Int16.self, source, count, target) { Float($0) }
  case 10: each(UInt8.self, source, count, target) { Float($0) }
  case 11: each(UInt16.self, source, count, target) { Float($0) }
  default: each(UInt8.self, source, count, target) { $0 == 0 ? 0 : 1 }
  }
}

/// Widens the other contiguous elements (float32, integers of 32 and 64 bits); those beyond 2^53 are rounded.
func widenToDouble(_ type: UInt8, _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Double>) {
  switch type {
  case 0: UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: count &* 8)
  case 1: each(Float.self, source, count, target) { Double($0) }
  case 8: each(Int32.self, source, count, target) { Double($0) }
  case 9: each(Int64.self, source, count, target) { Double($0) }
  case 12: each(UInt32.self, source, count, target) { Double($0) }
  default: each(UInt64.self, source, count, target) { Double($0) }
  }
}

@inline(__always)
private func each<Pattern: BitwiseCopyable, Value: BitwiseCopyable>(
  _ type: Pattern.Type, _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Value>,
  _ value: (Pattern) -> Value
) {
  var index = 0
  while index < count {
    let pattern = source.loadUnaligned(fromByteOffset: index &* MemoryLayout<Pattern>.size, as: Pattern.self)
    target[index] = value(pattern)
    index &+= 1
  }
}

/// From IEEE half bits. Subnormals come as the difference of two normal numbers, so a host that flushes subnormals
/// changes nothing.
@inline(__always) private func single(half: UInt32) -> Float {
  let magnitude = (half & 0x7FFF) &<< 13
  let small = (Float(bitPattern: magnitude &+ 0x3880_0000) - 0x1p-14).bitPattern
  let finite = magnitude < 0x0080_0000 ? small : magnitude &+ 0x3800_0000
  let value = magnitude >= 0x0F80_0000 ? magnitude | 0x7F80_0000 : finite
  return Float(bitPattern: value | (half & 0x8000) &<< 16)
}

/// From float8 e4m3fn bits: bias 7, no infinity, magnitude 0x7f is NaN.
@inline(__always) private func single(e4m3fn byte: UInt32) -> Float {
  let magnitude = (byte & 0x7F) &<< 20
  let small = (Float(bitPattern: magnitude &+ 0x3C80_0000) - 0x1p-6).bitPattern
  let finite = magnitude < 0x0080_0000 ? small : magnitude &+ 0x3C00_0000
  let value = magnitude == 0x07F0_0000 ? 0x7FC0_0000 : finite
  return Float(bitPattern: value | (byte & 0x80) &<< 24)
}

/// Widens contiguous elements of any type to float64.
func widen(_ type: UInt8, _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Double>) {
  guard isNarrow(type) else { return widenToDouble(type, source, count, target) }
  let bytes = byteCount(type)
  withPiece(of: Float.self) { piece in
    var done = 0
    while done < count {
      let length = min(singlePieceLength, count &- done)
      widenToSingle(type, source + done &* bytes, length, piece)
      widenToDouble(1, UnsafeRawPointer(piece), length, target + done)
      done &+= length
    }
  }
}
