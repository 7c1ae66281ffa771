// Element types by number, in the order of the engine's `ElementType`: float64, float32, float16, bfloat16, float8
// e4m3fn, float8 e5m2,
// int8 to int64, uint8 to uint64, bool.

/// Whether the elements are widened to float32 before anything else; the others but float32 itself go to float64.
@inline(__always) func isNarrow(_ type: UInt8) -> Bool {
  (type >= 2 && type <= 7) || type == 10 || type == 11 || type == 14
}

@inline(__always) func byteCount(_ type: UInt8) -> Int {
  switch type {
  case 0, 9, 13: 8
  case 1, 8, 12: 4
  case 2, 3, 7, 11: 2
  default: 1
  }
}

/// Bits of the least normal magnitude of a type after it was widened to float32.
@inline(__always) func leastNormalSingle(_ type: UInt8) -> UInt32 {
  switch type {
  case 1, 3: 0x0080_0000
  case 2, 5: 0x3880_0000
  case 4: 0x3C80_0000
  default: 1
  }
}

// Elements that are widened at once: they stay in the first-level cache.

let singlePieceLength = 512
let doublePieceLength = 256

private typealias Bytes256 = (SIMD64<UInt8>, SIMD64<UInt8>, SIMD64<UInt8>, SIMD64<UInt8>)
private typealias Bytes1024 = (Bytes256, Bytes256, Bytes256, Bytes256)

/// Lends room on the stack for a piece: 2048 bytes.
@inline(__always)
func withPiece<Element: BitwiseCopyable>(of type: Element.Type, _ body: (UnsafeMutablePointer<Element>) -> Void) {
  let few: Bytes256 = (SIMD64(), SIMD64(), SIMD64(), SIMD64())
  let many: Bytes1024 = (few, few, few, few)
  var room = (many, many)
  withUnsafeMutableBytes(of: &room) { room in
    guard let start = room.baseAddress else { return }
    body(start.assumingMemoryBound(to: Element.self))
  }
}
