/// How far a row's output moves when its mates are drawn anew, beside how far outputs spread: sums that add.
struct BatchReplay: Equatable {
  /// Rows that were replayed, and the sum of their outputs' variances over the replays.
  var rowCount = 0
  var variance = 0.0
  /// Of all outputs seen in the replays.
  var outputCount = 0
  var mean = 0.0
  var squares = 0.0

  mutating func add(_ other: BatchReplay) {
    rowCount = tally(rowCount, other.rowCount)
    variance = finiteSum(variance, other.variance)
    let count = tally(outputCount, other.outputCount)
    guard count > 0 else { return }
    let share = Double(other.outputCount) / Double(count)
    let distance = other.mean - mean
    squares = finiteSum(squares, finiteSum(other.squares, distance * distance * Double(outputCount) * share))
    mean += distance * share
    outputCount = count
  }

  /// Whether the squares of what it has seen are finite.
  var isFinite: Bool { mean.magnitude <= BatchReplay.greatestMean && squares.isFinite && variance.isFinite }
  static let greatestMean = 1e150

  mutating func add(output: Double) {
    outputCount = outputCount &+ 1
    let distance = output - mean
    mean += distance / Double(outputCount)
    squares += distance * (output - mean)
  }

  /// The rows that are replayed of a batch.
  static let greatestRowCount = 8
}

extension BatchProbe {
  /// Replays rows of a pool among mates drawn from it with replacement. What the inputs held is lost.
  ///
  /// - Returns: nil where an output, or the square of one, is not finite.
  func replay(
    _ pool: UnsafePointer<Double>, poolRows: Int, first: Int, _ options: LeakageOptions, stream: UInt64
  ) throws(TrimtabError) -> BatchReplay? {
    var found = BatchReplay()
    let numbers = RandomNumbers(seed: options.seed, stream: stream)
    var drawn: UInt64 = 0
    for kept in 0..<min(rows, BatchReplay.greatestRowCount) {
      var own = BatchReplay()
      for _ in 0..<options.replayCount {
        for row in 0..<rows {
          let source =
            row == kept
            ? first &+ kept : Int(truncatingIfNeeded: numbers.number(at: drawn, below: UInt64(max(poolRows, 1))))
          drawn = drawn &+ 1
          (inputs.pointer + row &* features).update(from: pool + source &* features, count: features)
        }
        guard try run() else { return nil }
        // One number of a row stands for it: the sum of its outputs.
        for row in 0..<rows {
          var sum = 0.0
          for place in 0..<outputsPerRow { sum += outputs.pointer[row &* outputsPerRow &+ place] }
          found.add(output: sum)
          if row == kept { own.add(output: sum) }
        }
      }
      found.rowCount = found.rowCount &+ 1
      found.variance += own.squares / Double(max(own.outputCount, 1))
    }
    return found.isFinite ? found : nil
  }
}
