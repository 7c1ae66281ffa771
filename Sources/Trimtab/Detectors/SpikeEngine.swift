/// Finds values far from the median of the last nine, in units of the last 128 such distances.
///
/// Values that are alarmed never reach the median; their distances enter the spread cut off at the threshold, so that a
/// series whose noise grows is learnt again. After 32 such values in a row the level has moved for good and the baseline
/// starts anew. What was learnt from values that no series holds together (of forty orders and more apart) is forgotten
/// once sixteen in a row hold together.
struct SpikeEngine {
  static let memoryCount = 2 * 9 + 2 * 128 + TailEstimate.capacity
  private static let patience = 32
  private static let calm = 16

  private let options: DetectorOptions
  /// Of bounds that are no quantiles, where many alarms are allowed.
  private let looseness: Double
  private var recent: RecentValues
  private var distances: SortedWindow
  private var tail: TailEstimate
  private(set) var scale: SeriesScale
  /// Values since the baseline started.
  private var count = 0
  private var rejected = 0
  /// Values that must still hold together before what the wild ones before them taught is forgotten; 0: there were none.
  private var unrest = 0
  private var threshold = 0.0
  /// The count at which the threshold is taken anew.
  private var nextThreshold = 0

  init(_ options: DetectorOptions, _ memory: UnsafeMutablePointer<Double>) {
    self.options = options
    looseness = Strictness(falseAlarmsPerMillion: options.falseAlarmsPerMillion).looseness
    recent = RecentValues(memory, capacity: 9)
    distances = SortedWindow(memory + 18, capacity: 128)
    tail = TailEstimate(memory + 18 + 256)
    scale = SeriesScale(options.scale, isQuick: true)
  }

  // Chosen by simulation: at most one false alarm in a million steps of Gaussian, log-normal, Student t(3), AR(0.99),
  // decaying and periodic series, and a loss of 5 % noise that triples after 200 steps is found 19 times in 20.
  private var prior: TailPrior {
    var prior =
      scale.isLogarithmic
      ? TailPrior(
        shape: 0.05, deviation: 0.12, shapeMargin: 1, scaleMargin: 1, growth: 0.4, floor: 6.5, provisional: 40)
      : TailPrior(
        shape: 0.3, deviation: 0.15, shapeMargin: 2, scaleMargin: 1, growth: 0.3, floor: 6.5, provisional: 60)
    prior.floor *= looseness
    prior.provisional *= looseness
    return prior
  }

  mutating func restart(forgettingTail: Bool) {
    recent.clear()
    distances.clear()
    if forgettingTail { tail.clear() }
    (count, rejected, unrest, nextThreshold) = (0, 0, 0, 0)
  }

  @inline(never)
  mutating func measure(_ value: Double) -> Measurement {
    if scale.changes(with: value) { changeScale() }
    if scale.choice == .automatic, scale.isLogarithmic, recent.count > 0, !(recent.median > 0) {
      // Only zeros and below so far: nothing to take a ratio to, and no threshold either.
      recent.clear()
    }
    count = count &+ 1
    guard recent.count > 0 else {
      recent.push(value)
      return Measurement(baseline: value)
    }
    var result = Measurement()
    result.baseline = recent.median
    let distance = scale.distance(value, from: result.baseline)
    let spread = distances.spread
    result.spread = scale.divisor(spread, at: result.baseline)
    let deviation = min(distance.magnitude / result.spread, 1e300)
    result.score = distance < 0 ? options.direction.part(of: -deviation) : options.direction.part(of: deviation)
    result.isReady = count > options.warmUp
    let isMeasurable = distances.count >= 4
    updateThreshold()
    result.threshold = threshold
    let isOutlier = isMeasurable && deviation > threshold
    // After a run of outliers the spread has grown to meet the new level: it is the baseline that has to move, and such
    // scores say nothing about the tail.
    let hasMoved = !isOutlier && rejected >= 8 && deviation > prior.floor
    if hasMoved { recent.clear() }
    // Scores of the warm-up are great by a spread of few distances; of outliers in a row only the first is learnt from,
    // since they are one event; and a series that mostly stands still, or leaps by forty orders, has no scores to speak
    // of.
    let isWild = scale.isWild(value, from: result.baseline, spread)
    let isTame = distances.quantile(25) > 0 && !isWild && !hasMoved
    if isTame, result.isReady, !isOutlier || rejected == 0 {
      tail.push(deviation, threshold: threshold)
    }
    if count > 3 {
      let magnitude = distance.magnitude
      distances.push(isMeasurable ? min(magnitude, threshold * result.spread) : magnitude)
    }
    accept(value, isOutlier, isWild)
    if !isMeasurable { result.score = 0 }
    if let jump = earlyJump() { result = jump }
    return result
  }

  /// Ratios become differences, or the other way round, at the level that the series has.
  private mutating func changeScale() {
    let level = recent.median
    let factor = scale.isLogarithmic ? 1 / level : level
    if factor > 0, factor.isFinite, distances.canMultiply(by: factor) {
      distances.multiply(by: factor)
      tail.clear()
      nextThreshold = 0
    } else {
      restart(forgettingTail: true)
    }
  }

  private mutating func updateThreshold() {
    if count <= options.warmUp {
      threshold = prior.provisional * Double(options.warmUp) / Double(count)
      nextThreshold = 0
    } else if count >= nextThreshold, rejected == 0 {
      // Not amid outliers: the first of them must not raise the threshold for those that follow.
      threshold = tail.count < 32 ? prior.provisional : tail.threshold(options.probability, prior)
      // Few scores cannot tell a heavy tail from chance, and wild values may have taught anything: no series is left
      // unguarded because of that. Student's t(3) exceeds 120 spreads once in two million steps, t(2) 1200.
      let ceiling = tail.count >= 1000 ? 1200.0 : tail.count >= 100 ? 120 : scale.isLogarithmic ? 36 : 60
      threshold = min(threshold, ceiling)
      nextThreshold = count &+ (count < 1000 ? 4 : min(count / 64, 64))
    }
  }

  private mutating func accept(_ value: Double, _ isOutlier: Bool, _ isWild: Bool) {
    rejected = isOutlier ? rejected &+ 1 : 0
    let patience = count > options.warmUp ? SpikeEngine.patience : 5
    // A wild value that is kept out of the baseline teaches nothing.
    if isWild, !isOutlier { unrest = SpikeEngine.calm &+ 1 }
    if unrest > 0 { unrest = unrest &- 1 }
    if rejected >= patience {
      restart(forgettingTail: isWild || unrest > 0)
    } else if unrest == 1, !isOutlier {
      scale.restart(after: SpikeEngine.calm)
      restart(forgettingTail: true)
    }
    if !isOutlier || count == 0 { recent.push(value) }
  }

  /// A run that jumps within its first values, before any spread is known: the last five lie close together, all at
  /// least three times the values before them, and the gap is more than five times what either group spans.
  private func earlyJump() -> Measurement? {
    guard (6...9).contains(count), recent.count == count, scale.isLogarithmic, options.direction != .down else {
      return nil
    }
    var (lowest, highest) = (recent.value(age: 0), recent.value(age: 0))
    for age in 1..<5 {
      lowest = min(lowest, recent.value(age: age))
      highest = max(highest, recent.value(age: age))
    }
    var (before, least) = (recent.value(age: 5), recent.value(age: 5))
    for age in 6..<max(6, count) {
      before = max(before, recent.value(age: age))
      least = min(least, recent.value(age: age))
    }
    guard least > 0, lowest > before else { return nil }
    let gap = scale.distance(lowest, from: before)
    let span = max(scale.distance(highest, from: lowest), scale.distance(before, from: least), 1e-3)
    guard gap > 1.0986, gap > 5 * span else { return nil }
    return Measurement(score: gap / span, threshold: 5, baseline: before, spread: span, isReady: true, age: 4)
  }

  func write(to writer: inout StateWriter) {
    recent.write(to: &writer)
    distances.write(to: &writer)
    tail.write(to: &writer)
    scale.write(to: &writer)
    writer.write(count)
    writer.write(rejected)
    writer.write(unrest)
    writer.write(threshold)
    writer.write(nextThreshold)
  }

  @inline(never)
  mutating func read(from reader: inout StateReader) throws(TrimtabError) {
    try recent.read(from: &reader)
    try distances.read(from: &reader)
    try tail.read(from: &reader)
    try scale.read(from: &reader)
    count = try reader.readCount(0...(1 << 60))
    rejected = try reader.readCount(0...SpikeEngine.patience)
    unrest = try reader.readCount(0...SpikeEngine.calm)
    threshold = try reader.readDouble()
    nextThreshold = try reader.readCount(0...(1 << 60))
    guard threshold >= 0, threshold.isFinite else { throw StateReader.corrupt }
  }
}
