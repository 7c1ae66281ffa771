/// What is taken to be true of a score's tail before it has been seen.
struct TailPrior: Sendable {
  /// Expected generalised Pareto shape, and how sure that is.
  var shape: Double
  var deviation: Double
  /// Standard deviations of the shape, and of the scale, that the threshold stays on the safe side.
  var shapeMargin: Double
  var scaleMargin: Double
  /// Added to `shapeMargin` per factor e of scores beyond 250, at most 1.3 in all: false alarms of long runs add up.
  var growth: Double
  /// No threshold is below this.
  var floor: Double
  /// The threshold before the tail can be estimated.
  var provisional: Double
}

/// The upper tail of a detector's own past scores: how many there were and the greatest 128 of them.
///
/// The threshold is where a generalised Pareto tail, fitted to the excesses over the 128th greatest score by
/// probability-weighted moments, leaves the probability asked for. The shape is shrunk towards a prior and taken at an
/// upper bound, so that the threshold starts high and falls as scores come in.
///
/// Source: Hosking & Wallis 1987; peaks over threshold as in SPOT, Siffer et al. 2017.
struct TailEstimate {
  static let capacity = 128

  private let greatest: UnsafeMutablePointer<Double>
  private(set) var kept = 0
  private(set) var count = 0

  init(_ memory: UnsafeMutablePointer<Double>) { greatest = memory }

  mutating func clear() {
    kept = 0
    count = 0
  }

  /// Adds a score; one above its threshold enters cut off, so that no outlier raises the threshold much, while a
  /// series whose outliers are its nature raises it time after time.
  mutating func push(_ score: Double, threshold: Double) {
    var score = max(score, 0)
    if score > threshold { score = kept > 0 ? min(threshold, 1.5 * greatest[0]) : threshold }
    count = count &+ 1
    if kept == TailEstimate.capacity {
      if score <= greatest[kept &- 1] { return }
      kept = kept &- 1
    }
    var index = kept
    while index > 0, greatest[index &- 1] < score {
      greatest[index] = greatest[index &- 1]
      index = index &- 1
    }
    greatest[index] = score
    kept = kept &+ 1
  }

  /// The score that the next one exceeds with at most that probability.
  func threshold(_ probability: Double, _ prior: TailPrior) -> Double {
    let used = min(kept, count / 2)
    guard used >= 8 else { return prior.provisional }
    let least = greatest[used &- 1]
    let excesses = Double(used &- 1)
    var mean = 0.0
    var weighted = 0.0
    for index in 0..<(used &- 1) {
      let excess = (greatest[index] - least) / excesses
      mean += excess
      weighted += excess * (Double(index) + 0.5) / excesses
    }
    guard mean > 0, mean < 1e100 else { return max(prior.floor, 2 * least) }
    let fitted = min(max(2 - mean / (mean - 2 * weighted), -0.5), 1)
    let information = excesses / 1.4
    let belief = 1 / (prior.deviation * prior.deviation)
    let growth = count > 250 ? min(prior.growth * logarithm(Double(count) / 250), 1.3) : 0
    let estimate = (fitted * information + prior.shape * belief) / (information + belief)
    let shape = min(max(estimate + (prior.shapeMargin + growth) / (information + belief).squareRoot(), 0.01), 0.9)
    let scale = mean * (1 - shape) * (1 + prior.scaleMargin / excesses.squareRoot())
    let ratio = max(Double(used) / Double(count) / probability, 1)
    let tail = scale / shape * (exponential(shape * logarithm(ratio)) - 1)
    return max(prior.floor, least + tail)
  }

  func write(to writer: inout StateWriter) {
    writer.write(kept)
    writer.write(count)
    writer.write(greatest, count: kept)
  }

  mutating func read(from reader: inout StateReader) throws(TrimtabError) {
    kept = try reader.readCount(0...TailEstimate.capacity)
    count = try reader.readCount(kept...(1 << 60))
    guard kept == min(count, TailEstimate.capacity) else { throw StateReader.corrupt }
    try reader.read(into: greatest, count: kept)
    var above = 1e300
    for index in 0..<kept {
      guard greatest[index] >= 0, greatest[index] <= above else { throw StateReader.corrupt }
      above = greatest[index]
    }
  }
}
