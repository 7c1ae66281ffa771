/// What is gathered over a run of elements, sixty-four bytes at a time.
protocol RunAccumulator {
  associatedtype Vector
  mutating func add(_ values: Vector)
  /// The last elements of a run. `whole` holds real elements only, some of which may have been seen; `fresh` has zeros
  /// for those.
  mutating func addRest(whole: Vector, fresh: Vector)
}

/// Visits contiguous elements in a fixed order, whatever their alignment. Reads nothing outside them.
///
/// Inlined, so that the sums stay in registers from one stretch to the next; but at the baseline, which has too few of
/// them anyway and is kept small.
#if TRIMTAB_FMA
  @inline(__always)
#else
  @inline(never)
#endif
func traverse<Accumulator: RunAccumulator>(_ base: UnsafeRawPointer, _ count: Int, into accumulator: inout Accumulator)
where Accumulator.Vector: SIMD {
  typealias Vector = Accumulator.Vector
  let length = count &* MemoryLayout<Vector.Scalar>.size
  var offset = 0
  while offset &+ 64 <= length {
    let values = base.loadUnaligned(fromByteOffset: offset, as: Vector.self)
    #if TRIMTAB_FMA
      accumulator.add(values)
    #else
      add(values, fresh: values, to: &accumulator)
    #endif
    offset &+= 64
  }
  let rest = length &- offset
  guard rest > 0 else { return }
  // One place that adds the rest, or it would not be inlined and the sums would leave their registers.
  let whole: Vector
  let fresh: Vector
  if offset > 0 {
    whole = base.loadUnaligned(fromByteOffset: length &- 64, as: Vector.self)
    fresh = unsafeBitCast(lastWords(unsafeBitCast(whole, to: SIMD16<UInt32>.self), rest &>> 2), to: Vector.self)
  } else {
    let size = MemoryLayout<Vector.Scalar>.size
    whole = unsafeBitCast(fewWords(base, rest &>> 2, size: size, filled: true), to: Vector.self)
    fresh = unsafeBitCast(fewWords(base, rest &>> 2, size: size, filled: false), to: Vector.self)
  }
  #if TRIMTAB_FMA
    accumulator.addRest(whole: whole, fresh: fresh)
  #else
    add(whole, fresh: fresh, to: &accumulator)
  #endif
}

/// The same, one copy for all who visit a piece at a time: beside what fills a piece a call is nothing.
@inline(never)
func traversePiece<Accumulator: RunAccumulator>(
  _ base: UnsafeRawPointer, _ count: Int, into accumulator: inout Accumulator
) where Accumulator.Vector: SIMD {
  traverse(base, count, into: &accumulator)
}

#if !TRIMTAB_FMA
  @inline(never)
  private func add<Accumulator: RunAccumulator>(
    _ whole: Accumulator.Vector, fresh: Accumulator.Vector, to accumulator: inout Accumulator
  ) {
    accumulator.addRest(whole: whole, fresh: fresh)
  }
#endif

/// The vector with all but its last `count` words set to zero.
@inline(__always) private func lastWords(_ words: SIMD16<UInt32>, _ count: Int) -> SIMD16<UInt32> {
  let numbers = SIMD16<UInt32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  return splat(0).replacing(with: words, where: numbers .>= splat(UInt32(truncatingIfNeeded: 16 &- count)))
}

/// The first `count` words, the others filled with the first element (`size` bytes) or with zero.
@inline(never)
private func fewWords(_ base: UnsafeRawPointer, _ count: Int, size: Int, filled: Bool) -> SIMD16<UInt32> {
  var words = SIMD16<UInt32>()
  withUnsafeMutableBytes(of: &words) { target in
    var index = 0
    while index < (filled ? 16 : count) {
      let source = index < count ? index : index & (size &>> 2 &- 1)
      target.storeBytes(
        of: base.loadUnaligned(fromByteOffset: source &* 4, as: UInt32.self), toByteOffset: index &* 4, as: UInt32.self)
      index &+= 1
    }
  }
  return words
}
