/// Finds a mean that leaves the median of the means before it, in units of the last such departures: a level shift
/// where the means are over ten steps, a drift where they are over 250.
///
/// A mean is over trimmed means of ten values, so that no spike moves it. Its departures are normalised by their own
/// past, which makes the score fit for autocorrelated series too.
struct ShiftEngine {
  private struct Shape {
    var parts: Int
    var references: Int
    var window: Int
    /// Departures that share one score of the tail, the greatest; slow series repeat theirs for many blocks.
    var group: Int
    /// Scores that wait before they join the tail, so that the first half of a shift does not hide the second.
    var delay: Int
    var prior: TailPrior
    var ceiling: Double
  }
  static let memoryCount = 2 * 10 + 2 * 16 + 2 * 128 + TailEstimate.capacity

  private let options: DetectorOptions
  private let shape: Shape
  private var part: RecentValues
  private var references: RecentValues
  private var departures: SortedWindow
  private var tail: TailEstimate
  private(set) var scale: SeriesScale
  private var blockMean = 0.0
  private var blockParts = 0
  private var isAlarmed = false
  private var groupGreatest = 0.0
  private var groupCount = 0
  private var waiting = (0.0, 0.0)
  private var waitingCount = 0
  private var last = Measurement()

  // Chosen by simulation: no false alarm in 10^7 steps of the series of SpikeEngine, a shift by five standard deviations
  // found within 20 steps.
  init(_ options: DetectorOptions, _ memory: UnsafeMutablePointer<Double>) {
    self.options = options
    let prior = TailPrior(
      shape: 0, deviation: 0.05, shapeMargin: 0.3, scaleMargin: 0.5, growth: 0.3, floor: 7, provisional: 60)
    if options.kind == .drift {
      var slow = prior
      slow.floor = 8
      slow.provisional = 8
      shape = Shape(parts: 25, references: 16, window: 64, group: 8, delay: 1, prior: slow, ceiling: 12)
    } else {
      shape = Shape(parts: 1, references: 12, window: 128, group: 1, delay: 2, prior: prior, ceiling: 1e300)
    }
    part = RecentValues(memory, capacity: 10)
    references = RecentValues(memory + 20, capacity: shape.references)
    departures = SortedWindow(memory + 20 + 32, capacity: shape.window)
    tail = TailEstimate(memory + 20 + 32 + 256)
    scale = SeriesScale(options.scale)
  }

  mutating func restart(forgettingTail: Bool) {
    part.clear()
    references.clear()
    departures.clear()
    if forgettingTail { tail.clear() }
    (blockMean, blockParts, isAlarmed) = (0, 0, false)
    (groupGreatest, groupCount, waitingCount) = (0, 0, 0)
    last = Measurement()
  }

  @inline(never)
  mutating func measure(_ value: Double) -> Measurement {
    if scale.changes(with: value) { restart(forgettingTail: true) }
    part.push(value)
    last.isNew = false
    guard part.count == part.capacity else { return last }
    blockParts = blockParts &+ 1
    blockMean += part.trimmedMean / Double(blockParts) - blockMean / Double(blockParts)
    part.clear()
    if blockParts == shape.parts {
      let mean = blockMean
      (blockMean, blockParts) = (0, 0)
      judge(mean)
      references.push(mean)
    }
    return last
  }

  private mutating func judge(_ mean: Double) {
    guard references.count >= 4 else { return }
    last.baseline = references.median
    let distance = options.direction.part(of: scale.distance(mean, from: last.baseline))
    // A series that falls steadily departs downwards every time: what counts is how its departures vary.
    let usual = options.direction == .both ? 0 : departures.quantile(50)
    let varying = options.direction == .both ? departures.spread : departures.centeredSpread
    // A smooth series may stand still for a while: its own range bounds the spread from below.
    let (scale, center) = (scale, last.baseline)
    let range = 0.3 * 1.4826 * references.median { scale.distance($0, from: center).magnitude }
    let spread = max(varying, range)
    last.spread = scale.divisor(spread, at: last.baseline)
    last.score = min(max(distance / last.spread, -1e300), 1e300)
    last.isReady = departures.count >= 12
    last.isNew = true
    last.age = 10 &* shape.parts &- 1
    let deviation = min((distance - usual).magnitude / last.spread, 1e300)
    guard last.isReady else {
      if departures.count >= 6, spread > 0 { learn(deviation, threshold: 1e300) }
      departures.push(distance)
      return
    }
    let steps = Double(10 &* shape.parts &* shape.group)
    last.threshold = min(tail.threshold(min(options.probability * steps, 0.1), shape.prior), shape.ceiling)
    let exceeds = last.score > last.threshold
    let isNews = exceeds && !isAlarmed
    isAlarmed = isAlarmed ? last.score > options.hysteresis * last.threshold : exceeds
    if spread > 0, isNews || !isAlarmed { learn(deviation, threshold: last.threshold) }
    let reach = min(last.threshold * last.spread, 1e300)
    departures.push(min(max(distance, usual - reach), usual + reach))
  }

  private mutating func learn(_ score: Double, threshold: Double) {
    groupGreatest = max(groupGreatest, score)
    groupCount = groupCount &+ 1
    guard groupCount >= shape.group else { return }
    let greatest = groupGreatest
    (groupGreatest, groupCount) = (0, 0)
    if waitingCount == shape.delay {
      tail.push(waiting.0, threshold: threshold)
      waiting.0 = waiting.1
      waitingCount = waitingCount &- 1
    }
    if waitingCount == 0 { waiting.0 = greatest } else { waiting.1 = greatest }
    waitingCount = waitingCount &+ 1
  }

  func write(to writer: inout StateWriter) {
    part.write(to: &writer)
    references.write(to: &writer)
    departures.write(to: &writer)
    tail.write(to: &writer)
    scale.write(to: &writer)
    writer.write(blockMean)
    writer.write(blockParts)
    writer.write(isAlarmed)
    writer.write(groupGreatest)
    writer.write(groupCount)
    writer.write(waiting.0)
    writer.write(waiting.1)
    writer.write(waitingCount)
    last.write(to: &writer)
  }

  @inline(never)
  mutating func read(from reader: inout StateReader) throws(TrimtabError) {
    try part.read(from: &reader)
    try references.read(from: &reader)
    try departures.read(from: &reader)
    try tail.read(from: &reader)
    try scale.read(from: &reader)
    blockMean = try reader.readFinite()
    blockParts = try reader.readCount(0...(shape.parts &- 1))
    isAlarmed = try reader.readBool()
    groupGreatest = try reader.readFinite()
    groupCount = try reader.readCount(0...(shape.group &- 1))
    waiting = (try reader.readFinite(), try reader.readFinite())
    waitingCount = try reader.readCount(0...shape.delay)
    last = try Measurement(from: &reader)
    guard part.count < part.capacity else { throw StateReader.corrupt }
  }
}
