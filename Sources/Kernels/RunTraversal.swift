/// What is gathered over a run of elements, sixty-four bytes at a time.
protocol RunAccumulator {
  mutating func add(_ words: SIMD16<UInt32>)
  /// The last bytes of a run. `whole` holds real elements only, some of which may have been seen; `fresh` has zero bits for those.
  mutating func addRest(whole: SIMD16<UInt32>, fresh: SIMD16<UInt32>)
}

/// Visits `length` bytes in a fixed order. Starts no read outside them.
@inline(__always)
func traverse<Accumulator: RunAccumulator>(
  _ base: UnsafeRawPointer, length: Int, elementBytes: Int, into accumulator: inout Accumulator
) {
  var offset = 0
  while offset &+ 64 <= length {
    accumulator.add(base.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt32>.self))
    offset &+= 64
  }
  let rest = length &- offset
  guard rest > 0 else { return }
  if offset > 0 {
    let whole = base.loadUnaligned(fromByteOffset: length &- 64, as: SIMD16<UInt32>.self)
    let fresh = SIMD64<UInt8>.zero.replacing(
      with: unsafeBitCast(whole, to: SIMD64<UInt8>.self),
      where: byteNumbers .>= SIMD64<UInt8>(repeating: UInt8(truncatingIfNeeded: 64 &- rest)))
    accumulator.addRest(whole: whole, fresh: unsafeBitCast(fresh, to: SIMD16<UInt32>.self))
  } else {
    let (whole, fresh) = short(base, length: rest, elementBytes: elementBytes)
    accumulator.addRest(whole: whole, fresh: fresh)
  }
}

/// Fewer than sixty-four bytes: `whole` repeats the first element behind the end, `fresh` has zeros there.
private func short(
  _ base: UnsafeRawPointer, length: Int, elementBytes: Int
) -> (whole: SIMD16<UInt32>, fresh: SIMD16<UInt32>) {
  var first: UInt64 = 0
  withUnsafeMutableBytes(of: &first) { target in
    var offset = 0
    while offset < 8 {
      target.baseAddress?.advanced(by: offset).copyMemory(from: base, byteCount: elementBytes)
      offset &+= elementBytes
    }
  }
  var whole = unsafeBitCast(SIMD8<UInt64>(repeating: first), to: SIMD16<UInt32>.self)
  var fresh = SIMD16<UInt32>.zero
  withUnsafeMutableBytes(of: &whole) { $0.baseAddress?.copyMemory(from: base, byteCount: length) }
  withUnsafeMutableBytes(of: &fresh) { $0.baseAddress?.copyMemory(from: base, byteCount: length) }
  return (whole, fresh)
}

@inline(__always) private var byteNumbers: SIMD64<UInt8> {
  SIMD64(
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61,
    62, 63)
}
