/// Finds a series whose differences keep changing sign over the last 128 values.
///
/// Independent noise turns in two of three steps, so the threshold is `oscillationRate` or what such noise does not
/// reach, whichever is higher; and the differences' lag-1 autocorrelation, -1/2 for noise and -1 for period 2, must be
/// below -0.75. Source: the turning-point test (Bienaymé 1874); its variance is (16 n - 29) / 90.
struct OscillationEngine {
  private static let window = 128
  static let memoryCount = 2 * 128

  private let threshold: Double
  private var recent: RecentValues
  private var turns = 0

  init(_ options: DetectorOptions, _ memory: UnsafeMutablePointer<Double>) {
    recent = RecentValues(memory, capacity: OscillationEngine.window)
    let quantile = (-2 * logarithm(min(options.probability, 0.1))).squareRoot()
    let triples = Double(OscillationEngine.window &- 2)
    let deviation = (16 * (triples + 2) - 29) / 90
    threshold = min(max(options.oscillationRate, 2.0 / 3 + quantile * deviation.squareRoot() / triples), 0.99)
  }

  mutating func restart() {
    recent.clear()
    turns = 0
  }

  @inline(never)
  mutating func measure(_ value: Double) -> Measurement {
    let oldest = OscillationEngine.window &- 1
    if recent.count > oldest { turns = turns &- turn(at: oldest &- 2) }
    recent.push(value)
    if recent.count >= 3 { turns = turns &+ turn(at: 0) }
    var result = Measurement(baseline: 2.0 / 3)
    result.threshold = threshold
    result.isReady = recent.count > oldest
    guard result.isReady else { return result }
    result.age = oldest
    result.score = Double(turns) / Double(OscillationEngine.window &- 2)
    result.spread = 0.0376
    if result.score > 0.8 * threshold, autocorrelation() > -0.75 { result.score = min(result.score, 0.5 * threshold) }
    return result
  }

  /// 1 if the value next to the one of that age is above, or below, both its neighbours.
  private func turn(at age: Int) -> Int {
    let (last, middle, first) = (recent.value(age: age), recent.value(age: age &+ 1), recent.value(age: age &+ 2))
    return (middle > last && middle > first) || (middle < last && middle < first) ? 1 : 0
  }

  /// Of the differences, at lag 1; halved and scaled so that none of them overflows.
  private func autocorrelation() -> Double {
    var greatest = 0.0
    for age in 0..<(OscillationEngine.window &- 1) { greatest = max(greatest, difference(age).magnitude) }
    guard greatest > 0 else { return 0 }
    var (squares, products, before) = (0.0, 0.0, 0.0)
    for age in 0..<(OscillationEngine.window &- 1) {
      let scaled = difference(age) / greatest
      squares += scaled * scaled
      products += scaled * before
      before = scaled
    }
    return products / squares
  }

  private func difference(_ age: Int) -> Double { 0.5 * recent.value(age: age) - 0.5 * recent.value(age: age &+ 1) }

  func write(to writer: inout StateWriter) {
    recent.write(to: &writer)
    writer.write(turns)
  }

  @inline(never)
  mutating func read(from reader: inout StateReader) throws(TrimtabError) {
    try recent.read(from: &reader)
    turns = try reader.readCount(0...OscillationEngine.window)
    var counted = 0
    for age in 0..<max(recent.count &- 2, 0) { counted = counted &+ turn(at: age) }
    guard turns == counted else { throw StateReader.corrupt }
  }
}
