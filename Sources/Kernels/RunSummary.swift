/// Elements between two looks for zeros and subnormals: the second pass that counts them finds them in the first-level
/// cache.
private let singleStretch = 2048
private let doubleStretch = 1024

private let leastNormalDouble: UInt64 = 0x0010_0000_0000_0000

/// Summarises contiguous elements, taken to be finite and of ordinary size.
///
/// - Parameters:
///   - type: the element type's number.
///   - results: 5 doubles: minimum, maximum, sum, sum of magnitudes, sum of squares. The last is NaN or infinite if
///     some value was, or if
///     squares overflowed: then nothing here holds, the counts neither, and `summarizeCarefully` must be called
///     instead.
///   - counts: 5 counts that are added to: zero, subnormal, NaN, +Inf, -Inf.
func summarizeRun(
  _ type: UInt8, _ base: UnsafeRawPointer, _ count: Int, _ results: UnsafeMutablePointer<Double>,
  _ counts: UnsafeMutablePointer<Int>
) {
  if type == 1 {
    singles(base, count, results, counts)
  } else if type == 0 {
    doubles(base, count, results, counts)
  } else if isNarrow(type) {
    narrow(type, base, count, results, counts)
  } else {
    wide(type, base, count, results, counts)
  }
}

private func singles(
  _ base: UnsafeRawPointer, _ count: Int, _ results: UnsafeMutablePointer<Double>, _ counts: UnsafeMutablePointer<Int>
) {
  var found = FastSingles()
  var done = 0
  while done < count {
    let length = min(singleStretch, count &- done)
    traverse(base + done &* 4, length, into: &found)
    if found.takeLeastMagnitude() < leastNormalSingle(1) {
      countSingles(base + done &* 4, length, leastNormalSingle(1), counts)
    }
    done &+= length
  }
  found.store(results)
}

private func doubles(
  _ base: UnsafeRawPointer, _ count: Int, _ results: UnsafeMutablePointer<Double>, _ counts: UnsafeMutablePointer<Int>
) {
  var found = FastDoubles()
  var done = 0
  while done < count {
    let length = min(doubleStretch, count &- done)
    traverse(base + done &* 8, length, into: &found)
    if found.takeLeastMagnitude() < leastNormalDouble {
      countDoubles(base + done &* 8, length, leastNormalDouble, counts)
    }
    done &+= length
  }
  found.store(results)
}

private func narrow(
  _ type: UInt8, _ base: UnsafeRawPointer, _ count: Int, _ results: UnsafeMutablePointer<Double>,
  _ counts: UnsafeMutablePointer<Int>
) {
  let bytes = byteCount(type)
  let leastNormal = leastNormalSingle(type)
  withPiece(of: Float.self) { piece in
    var found = FastSingles()
    var done = 0
    while done < count {
      let length = min(singlePieceLength, count &- done)
      widenToSingle(type, base + done &* bytes, length, piece)
      traversePiece(UnsafeRawPointer(piece), length, into: &found)
      if found.takeLeastMagnitude() < leastNormal { countSingles(UnsafeRawPointer(piece), length, leastNormal, counts) }
      done &+= length
    }
    found.store(results)
  }
}

/// Integers of 32 and 64 bits.
private func wide(
  _ type: UInt8, _ base: UnsafeRawPointer, _ count: Int, _ results: UnsafeMutablePointer<Double>,
  _ counts: UnsafeMutablePointer<Int>
) {
  let bytes = byteCount(type)
  withPiece(of: Double.self) { piece in
    var found = FastDoubles()
    var done = 0
    while done < count {
      let length = min(doublePieceLength, count &- done)
      widenToDouble(type, base + done &* bytes, length, piece)
      traversePiece(UnsafeRawPointer(piece), length, into: &found)
      if found.takeLeastMagnitude() < 1 { countDoubles(UnsafeRawPointer(piece), length, 1, counts) }
      done &+= length
    }
    found.store(results)
  }
}

private func countSingles(
  _ base: UnsafeRawPointer, _ count: Int, _ leastNormal: UInt32, _ counts: UnsafeMutablePointer<Int>
) {
  var found = SingleCounts(leastNormal: leastNormal)
  traverse(base, count, into: &found)
  found.add(to: counts, count: count)
}

private func countDoubles(
  _ base: UnsafeRawPointer, _ count: Int, _ leastNormal: UInt64, _ counts: UnsafeMutablePointer<Int>
) {
  var found = DoubleCounts(leastNormal: leastNormal)
  traverse(base, count, into: &found)
  found.add(to: counts, count: count)
}

/// The same over the finite values only, the sums divided by 2^exponent (the squares' by its square); counts NaN and
/// infinities too.
///
/// Rarely called, so in no table: the engine takes the baseline's, whose bits are those of every level. As for the
/// tables, its body stays here.
@export(interface) public func summarizeCarefully(
  _ type: UInt8, _ base: UnsafeRawPointer, _ count: Int, _ exponent: Int, _ results: UnsafeMutablePointer<Double>,
  _ counts: UnsafeMutablePointer<Int>
) {
  let bytes = byteCount(type)
  let leastNormal = type == 0 ? leastNormalDouble : widened(leastNormalSingle(type))
  withPiece(of: Double.self) { piece in
    var found = CarefulDoubles(exponent: exponent)
    var done = 0
    while done < count {
      let length = min(doublePieceLength, count &- done)
      widen(type, base + done &* bytes, length, piece)
      traversePiece(UnsafeRawPointer(piece), length, into: &found)
      countDoubles(UnsafeRawPointer(piece), length, leastNormal, counts)
      done &+= length
    }
    found.store(results)
  }
}

/// The bits in float64 of a normal float32 given by its bits.
private func widened(_ leastNormal: UInt32) -> UInt64 {
  leastNormal == 1 ? 1 : Double(Float(bitPattern: leastNormal)).bitPattern
}
