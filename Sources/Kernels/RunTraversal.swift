/// What is gathered over a run of elements, sixty-four bytes at a time.
protocol RunAccumulator {
  associatedtype Vector
  mutating func add(_ values: Vector)
  /// The last elements of a run. `whole` holds real elements only, some of which may have been seen; `fresh` has zeros
  /// for those.
  mutating func addRest(whole: Vector, fresh: Vector)
}

/// Visits contiguous elements in a fixed order, whatever their alignment. Reads nothing outside them.
@inline(__always)
func traverse<Accumulator: RunAccumulator>(_ base: UnsafeRawPointer, _ count: Int, into accumulator: inout Accumulator)
where Accumulator.Vector: SIMD {
  typealias Vector = Accumulator.Vector
  let length = count &* MemoryLayout<Vector.Scalar>.size
  var offset = 0
  while offset &+ 64 <= length {
    accumulator.add(base.loadUnaligned(fromByteOffset: offset, as: Vector.self))
    offset &+= 64
  }
  let rest = length &- offset
  guard rest > 0 else { return }
  if offset > 0 {
    let whole = base.loadUnaligned(fromByteOffset: length &- 64, as: Vector.self)
    let fresh = lastWords(unsafeBitCast(whole, to: SIMD16<UInt32>.self), rest &>> 2)
    accumulator.addRest(whole: whole, fresh: unsafeBitCast(fresh, to: Vector.self))
  } else {
    var whole = Vector(repeating: base.loadUnaligned(as: Vector.Scalar.self))
    withUnsafeMutableBytes(of: &whole) { copyWords(base, rest &>> 2, $0.baseAddress) }
    var fresh = Vector()
    withUnsafeMutableBytes(of: &fresh) { copyWords(base, rest &>> 2, $0.baseAddress) }
    accumulator.addRest(whole: whole, fresh: fresh)
  }
}

/// The vector with all but its last `count` words set to zero.
@inline(__always) private func lastWords(_ words: SIMD16<UInt32>, _ count: Int) -> SIMD16<UInt32> {
  let numbers = SIMD16<UInt32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  return splat(0).replacing(with: words, where: numbers .>= splat(UInt32(truncatingIfNeeded: 16 &- count)))
}

private func copyWords(_ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutableRawPointer?) {
  guard let target else { return }
  var offset = 0
  while offset < count &* 4 {
    target.storeBytes(
      of: source.loadUnaligned(fromByteOffset: offset, as: UInt32.self), toByteOffset: offset, as: UInt32.self)
    offset &+= 4
  }
}
