/// Elements between two looks for zeros and subnormals: the second pass that counts them finds the bytes in the first-level cache.
private let stretchBytes = 8192

/// Summarises a run of contiguous elements, taken to be finite and of ordinary size.
///
/// - Parameters:
///   - type: the element type's number (float64, float32, float16, bfloat16, float8 e4m3fn, float8 e5m2, int8 to int64, uint8 to uint64, bool).
///   - results: 5 doubles: minimum, maximum, sum, sum of magnitudes, sum of squares. The last is NaN or infinite if some value was, or if
///     squares overflowed: then nothing here holds, and `summarizeCarefully` must be called instead.
///   - counts: 5 counts that are added to: zero, subnormal, NaN, +Inf, -Inf (the last three stay as they are).
func summarizeRun(
  _ type: UInt8, _ base: UnsafeRawPointer, _ count: Int, _ results: UnsafeMutablePointer<Double>,
  _ counts: UnsafeMutablePointer<Int>
) {
  switch type {
  case 0: fast(Float64Elements.self, base, count, results, counts)
  case 1: fast(Float32Elements.self, base, count, results, counts)
  case 2: fast(Float16Elements.self, base, count, results, counts)
  case 3: fast(BFloat16Elements.self, base, count, results, counts)
  case 4: fast(Float8E4M3Elements.self, base, count, results, counts)
  case 5: fast(Float8E5M2Elements.self, base, count, results, counts)
  case 6: fast(Int8Elements.self, base, count, results, counts)
  case 7: fast(Int16Elements.self, base, count, results, counts)
  case 8: fast(Int32Elements.self, base, count, results, counts)
  case 9: fast(Int64Elements.self, base, count, results, counts)
  case 10: fast(UInt8Elements.self, base, count, results, counts)
  case 11: fast(UInt16Elements.self, base, count, results, counts)
  case 12: fast(UInt32Elements.self, base, count, results, counts)
  case 13: fast(UInt64Elements.self, base, count, results, counts)
  default: fast(BoolElements.self, base, count, results, counts)
  }
}

/// The same over the finite values only, the sums divided by 2^exponent (the squares' by its square); counts NaN and infinities too.
func summarizeCarefully(
  _ type: UInt8, _ base: UnsafeRawPointer, _ count: Int, _ exponent: Int, _ results: UnsafeMutablePointer<Double>,
  _ counts: UnsafeMutablePointer<Int>
) {
  switch type {
  case 0: careful(Float64Elements.self, base, count, exponent, results, counts)
  case 1: careful(Float32Elements.self, base, count, exponent, results, counts)
  case 2: careful(Float16Elements.self, base, count, exponent, results, counts)
  case 3: careful(BFloat16Elements.self, base, count, exponent, results, counts)
  case 4: careful(Float8E4M3Elements.self, base, count, exponent, results, counts)
  default: careful(Float8E5M2Elements.self, base, count, exponent, results, counts)
  }
}

@inline(__always)
private func fast<Source: SingleSource>(
  _ source: Source.Type, _ base: UnsafeRawPointer, _ count: Int, _ results: UnsafeMutablePointer<Double>,
  _ counts: UnsafeMutablePointer<Int>
) {
  stretches(FastSingles<Source>.self, base, count &* Source.byteCount, Source.byteCount, results) { start, length in
    countTiny(source, start, length, counts)
  }
}

@inline(__always)
private func fast<Source: DoubleSource>(
  _ source: Source.Type, _ base: UnsafeRawPointer, _ count: Int, _ results: UnsafeMutablePointer<Double>,
  _ counts: UnsafeMutablePointer<Int>
) {
  stretches(FastDoubles<Source>.self, base, count &* Source.byteCount, Source.byteCount, results) { start, length in
    countTiny(source, start, length, counts)
  }
}

@inline(__always)
private func stretches<Accumulator: FastAccumulator>(
  _ type: Accumulator.Type, _ base: UnsafeRawPointer, _ length: Int, _ elementBytes: Int,
  _ results: UnsafeMutablePointer<Double>, _ countTiny: (UnsafeRawPointer, Int) -> Void
) {
  var accumulator = Accumulator()
  var offset = 0
  while offset < length {
    let stretch = min(stretchBytes, length &- offset)
    traverse(base + offset, length: stretch, elementBytes: elementBytes, into: &accumulator)
    if accumulator.takeTiny() { countTiny(base + offset, stretch) }
    offset &+= stretch
  }
  accumulator.store(results)
}

private func countTiny<Source: SingleSource>(
  _ source: Source.Type, _ base: UnsafeRawPointer, _ length: Int, _ counts: UnsafeMutablePointer<Int>
) {
  var found = SingleCounts<Source>()
  traverse(base, length: length, elementBytes: Source.byteCount, into: &found)
  found.add(to: counts, padding: padding(length, Source.byteCount))
}

private func countTiny<Source: DoubleSource>(
  _ source: Source.Type, _ base: UnsafeRawPointer, _ length: Int, _ counts: UnsafeMutablePointer<Int>
) {
  var found = DoubleCounts<Source>()
  traverse(base, length: length, elementBytes: Source.byteCount, into: &found)
  found.add(to: counts, padding: padding(length, Source.byteCount))
}

/// Zeros that the traversal put in place of elements behind the end.
@inline(__always) private func padding(_ length: Int, _ byteCount: Int) -> Int {
  length & 63 == 0 ? 0 : (64 &- (length & 63)) / byteCount
}

private func careful<Source: SingleSource>(
  _ source: Source.Type, _ base: UnsafeRawPointer, _ count: Int, _ exponent: Int,
  _ results: UnsafeMutablePointer<Double>, _ counts: UnsafeMutablePointer<Int>
) {
  let length = count &* Source.byteCount
  var found = CarefulSingles<Source>(sums: CarefulSums(exponent: exponent))
  traverse(base, length: length, elementBytes: Source.byteCount, into: &found)
  found.sums.store(results)
  countTiny(source, base, length, counts)
}

private func careful<Source: DoubleSource>(
  _ source: Source.Type, _ base: UnsafeRawPointer, _ count: Int, _ exponent: Int,
  _ results: UnsafeMutablePointer<Double>, _ counts: UnsafeMutablePointer<Int>
) {
  let length = count &* Source.byteCount
  var found = CarefulDoubles<Source>(sums: CarefulSums(exponent: exponent))
  traverse(base, length: length, elementBytes: Source.byteCount, into: &found)
  found.sums.store(results)
  countTiny(source, base, length, counts)
}

/// The index of the first NaN or infinity of a run of floating-point elements, or -1.
func firstNonfinite(_ type: UInt8, _ base: UnsafeRawPointer, _ count: Int) -> Int {
  switch type {
  case 0: first(base, count, UInt64.self) { $0 & 0x7FFF_FFFF_FFFF_FFFF >= 0x7FF0_0000_0000_0000 }
  case 1: first(base, count, UInt32.self) { $0 & 0x7FFF_FFFF >= 0x7F80_0000 }
  case 2: first(base, count, UInt16.self) { $0 & 0x7FFF >= 0x7C00 }
  case 3: first(base, count, UInt16.self) { $0 & 0x7FFF >= 0x7F80 }
  case 4: first(base, count, UInt8.self) { $0 & 0x7F == 0x7F }
  case 5: first(base, count, UInt8.self) { $0 & 0x7F >= 0x7C }
  default: -1
  }
}

@inline(__always)
private func first<Pattern: BitwiseCopyable>(
  _ base: UnsafeRawPointer, _ count: Int, _ type: Pattern.Type, _ isNonfinite: (Pattern) -> Bool
) -> Int {
  var index = 0
  while index < count {
    if isNonfinite(base.loadUnaligned(fromByteOffset: index &* MemoryLayout<Pattern>.size, as: Pattern.self)) {
      return index
    }
    index &+= 1
  }
  return -1
}
