internal import Kernels

/// Elements that go to the kernel at once: few enough to be still in cache for a second look, many enough to make that
/// look's set-up small.
let runLength = 32768

extension Summary {
  /// Adds contiguous elements; `derive` is still to be called. `firstNonfiniteIndex` counts on from `count`.
  mutating func add(contiguous base: UnsafeRawPointer, count: Int, elementType: ElementType) {
    var done = 0
    while done < count {
      let length = min(runLength, count &- done)
      add(run: base + done &* elementType.byteCount, count: length, elementType: elementType)
      done = done &+ length
    }
  }

  /// Adds at most `runLength` contiguous elements.
  mutating func add(run base: UnsafeRawPointer, count length: Int, elementType: ElementType) {
    if count == 0 {
      if !becomeOrdinary(base, count: length, elementType: elementType) {
        combine(Summary.careful(base, count: length, elementType: elementType))
      }
      return
    }
    var run = Summary()
    if !run.becomeOrdinary(base, count: length, elementType: elementType) {
      run = Summary.careful(base, count: length, elementType: elementType)
    }
    combine(run)
  }

  /// Makes of the empty summary that of at most `runLength` contiguous elements, if they are finite and of ordinary
  /// size, as most are; else changes nothing and returns false.
  @inline(__always)
  mutating func becomeOrdinary(_ base: UnsafeRawPointer, count length: Int, elementType: ElementType) -> Bool {
    var results: Results = (0, 0, 0, 0, 0)
    var counts: Counts = (0, 0, 0, 0, 0)
    Summary.runKernel(base, length, elementType, &results, &counts)
    let greatest = max(results.0.magnitude, results.1.magnitude)
    guard results.4.isFinite, greatest == 0 || Summary.ordinaryMagnitudes.contains(greatest) else { return false }
    count = length
    (zeroCount, subnormalCount) = (counts.0, counts.1)
    (minimum, maximum, scaledSum, scaledAbsoluteSum, scaledSquareSum) = results
    return true
  }

  @inline(__always)
  private static func runKernel(
    _ base: UnsafeRawPointer, _ count: Int, _ elementType: ElementType, _ results: inout Results,
    _ counts: inout Counts
  ) {
    withUnsafeMutablePointer(to: &results) { results in
      withUnsafeMutablePointer(to: &counts) { counts in
        let target = UnsafeMutableRawPointer(results).assumingMemoryBound(to: Double.self)
        let tally = UnsafeMutableRawPointer(counts).assumingMemoryBound(to: Int.self)
        kernels.summarizeRun(elementType.rawValue, base, count, target, tally)
      }
    }
  }

  private typealias Results = (Double, Double, Double, Double, Double)
  private typealias Counts = (Int, Int, Int, Int, Int)

  private init(_ results: Results, _ counts: Counts, count: Int, exponent: Int) {
    self.count = count
    (zeroCount, subnormalCount, nanCount, positiveInfinityCount, negativeInfinityCount) = counts
    guard finiteCount > 0 else { return }
    (minimum, maximum, scaledSum, scaledAbsoluteSum, scaledSquareSum) = results
    scaleExponent = Int32(truncatingIfNeeded: exponent)
  }

  private static func careful(_ base: UnsafeRawPointer, count: Int, elementType: ElementType) -> Summary {
    var summary = careful(base, count: count, elementType: elementType, exponent: 0)
    let greatest = max(summary.minimum.magnitude, summary.maximum.magnitude)
    let exponent = summary.finiteCount > 0 ? scaleExponent(for: greatest) : 0
    if exponent != 0 {
      summary = careful(base, count: count, elementType: elementType, exponent: exponent)
    }
    if summary.nonfiniteCount > 0 {
      summary.firstNonfiniteIndex = kernels.firstNonfinite(elementType.rawValue, base, count)
    }
    return summary
  }

  private static func careful(
    _ base: UnsafeRawPointer, count: Int, elementType: ElementType, exponent: Int
  ) -> Summary {
    var results: Results = (0, 0, 0, 0, 0)
    var counts: Counts = (0, 0, 0, 0, 0)
    withUnsafeMutablePointer(to: &results) { results in
      withUnsafeMutablePointer(to: &counts) { counts in
        let target = UnsafeMutableRawPointer(results).assumingMemoryBound(to: Double.self)
        let tally = UnsafeMutableRawPointer(counts).assumingMemoryBound(to: Int.self)
        summarizeCarefully(elementType.rawValue, base, count, exponent, target, tally)
      }
    }
    return Summary(results, counts, count: count, exponent: exponent)
  }
}
