/// Finds a smoothed series that has left its best: above `divergenceRatio` times it, or above `sustainedRatio` times it
/// for `patience` steps.
///
/// The smoothed value is an exponential average, rate 1/25, of the median of the last five values, so that no single
/// value moves it. A series that keeps wandering must exceed 2.5 times its usual distance from its best as well, and a
/// noisy one about six standard deviations of its smoothed value. It must also lie above all but two of the 64
/// values before it left (32 steps are its way out): a fit whose best is almost 0 meets single hard samples that are nothing new. Where ratios mean nothing, on the linear scale, it
/// must exceed 16 spreads and four times the range that it had some hundred steps ago, after 500 steps. What it has left
/// is not learnt anew while it is away: nothing but a return ends a divergence. Source: fastai's learning-rate finder for the factor of 4.
struct DivergenceEngine {
  static let memoryCount = 2 * (5 + 96)
  private static let settled = 25

  private let options: DetectorOptions
  private var recent: RecentValues
  private var before: RecentValues
  private(set) var scale: SeriesScale
  private var count = 0
  private var smoothed = 0.0
  private var best = 0.0
  private var spread = 0.0
  /// The usual distance of the smoothed value from its best.
  private var wander = 0.0
  private var sustained = 0
  /// Halfway to the sustained ratio, or beyond.
  private var isAway = false
  /// It has diverged, and has not come back by half.
  private var isOut = false
  /// The greatest distance so far, and what it was one and two hundreds of steps ago.
  private var ranges = (0.0, 0.0, 0.0)

  init(_ options: DetectorOptions, _ memory: UnsafeMutablePointer<Double>) {
    self.options = options
    recent = RecentValues(memory, capacity: 5)
    before = RecentValues(memory + 2 * 5, capacity: 96)
    scale = SeriesScale(options.scale)
  }

  mutating func restart() {
    recent.clear()
    before.clear()
    (count, smoothed, best, spread, wander, sustained) = (0, 0, 0, 0, 0, 0)
    (ranges, isAway, isOut) = ((0, 0, 0), false, false)
  }

  /// Where the level is known, only the place of the series starts anew: what is known of its noise holds on.
  mutating func restart(at level: Double?) {
    guard let level, count > DivergenceEngine.settled, scale.isLogarithmic ? level > 0 : true else { return restart() }
    recent.clear()
    before.clear()
    // One bad value still moves no median.
    for _ in 0..<4 { recent.push(level) }
    (smoothed, best, sustained, isAway, isOut) = (level, level, 0, false, false)
  }

  @inline(never)
  mutating func measure(_ value: Double) -> Measurement {
    if !isOut, scale.changes(with: value) { restart() }
    // What falls without bound is a diverging series upside down.
    let taken = options.direction == .down && !scale.isLogarithmic ? -value : value
    recent.push(taken)
    count = count &+ 1
    let current = recent.median
    // What is so small and grows by a factor of 1e100 was no loss.
    if scale.isLogarithmic, best < min(1e-100 * current, 1e-60), count > DivergenceEngine.settled {
      restart()
      recent.push(current)
      count = 1
    }
    let rate = 1 / Double(min(count, DivergenceEngine.settled))
    let gap = min(max(current / 4 - smoothed / 4, -1e307), 1e307) * 4
    let isSettling = count <= DivergenceEngine.settled
    // Frozen while the series is well above its best, so that a divergence does not hide behind its own spread.
    if isSettling || !isAway {
      spread += rate * (min(gap.magnitude, isSettling ? gap.magnitude : 4 * spread) - spread)
    }
    smoothed = smoothed * (1 - rate) + current * rate
    // However high it was, it is back soon.
    if scale.isLogarithmic, isOut, current > 0 { smoothed = min(smoothed, 16 * current) }
    guard count > max(DivergenceEngine.settled, options.warmUp) else {
      best = smoothed
      return Measurement(baseline: best, spread: spread)
    }
    best = options.direction == .down && scale.isLogarithmic ? max(best, smoothed) : min(best, smoothed)
    var distance = scale.distance(smoothed, from: best)
    if options.direction == .down && scale.isLogarithmic { distance = scale.distance(best, from: smoothed) }
    var once = logarithm(options.divergenceRatio)
    var lasting = logarithm(options.sustainedRatio)
    var least = 2.5 * wander
    if scale.isLogarithmic && best > 0 {
      least = max(least, 2.1 * spread / best)
    } else {
      once = (options.divergenceRatio - 1) * best.magnitude
      lasting = (options.sustainedRatio - 1) * best.magnitude
      least = count < 500 ? 1e300 : max(least, 16 * spread, 4 * ranges.2, 1e-300)
    }
    isAway = distance > 0.5 * lasting
    once = max(once, least)
    lasting = max(lasting, least)
    if !isOut {
      ranges.0 = max(ranges.0, distance)
      if count % 100 == 0 { (ranges.1, ranges.2) = (ranges.0, ranges.1) }
    }
    if !isAway { before.push(taken) }
    if distance > lasting, isKnown(smoothed) { distance = lasting }
    sustained = distance > lasting ? sustained &+ 1 : 0
    if sustained == 0 { wander += (distance - wander) / Double(min(count, 2000)) }
    let holds = sustained >= options.patientSteps && distance <= once
    let threshold = min(holds ? lasting : once, 1e300)
    isOut = distance > (isOut ? 0.5 * threshold : threshold)
    return Measurement(
      score: distance, threshold: threshold, baseline: best, spread: spread, isReady: true,
      age: holds ? sustained &- 1 : 0)
  }

  /// Whether three of the 64 single values before it left lay as far out.
  private func isKnown(_ smoothed: Double) -> Bool {
    let isFalling = options.direction == .down && scale.isLogarithmic
    var count = 0
    for age in min(32, before.count)..<before.count {
      let value = before.value(age: age)
      if isFalling ? value <= smoothed : value >= smoothed { count = count &+ 1 }
    }
    return count >= 3
  }

  func write(to writer: inout StateWriter) {
    recent.write(to: &writer)
    before.write(to: &writer)
    scale.write(to: &writer)
    writer.write(count)
    writer.write(smoothed)
    writer.write(best)
    writer.write(spread)
    writer.write(wander)
    writer.write(sustained)
    writer.write(isAway)
    writer.write(isOut)
    writer.write(ranges.0)
    writer.write(ranges.1)
    writer.write(ranges.2)
  }

  @inline(never)
  mutating func read(from reader: inout StateReader) throws(TrimtabError) {
    try recent.read(from: &reader)
    try before.read(from: &reader)
    try scale.read(from: &reader)
    count = try reader.readCount(0...(1 << 60))
    smoothed = try reader.readFinite()
    best = try reader.readFinite()
    spread = try reader.readFinite()
    wander = try reader.readFinite()
    sustained = try reader.readCount(0...(1 << 60))
    isAway = try reader.readBool()
    isOut = try reader.readBool()
    ranges = (try reader.readFinite(), try reader.readFinite(), try reader.readFinite())
  }
}
