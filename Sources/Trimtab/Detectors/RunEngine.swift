/// The detectors that need no baseline: plateau, vanishing, unchanged, non-finite. Each compares a value with one kept.
struct RunEngine {
  private let options: DetectorOptions
  private var count = 0
  /// The best value (plateau), or the one that the run began with (unchanged).
  private var kept = 0.0
  private var run = 0

  init(_ options: DetectorOptions) { self.options = options }

  mutating func restart() { (count, kept, run) = (0, 0, 0) }

  @inline(never)
  mutating func measure(_ value: Double) -> Measurement {
    count = min(count &+ 1, 1 << 60)
    switch options.kind {
    case .plateau: return plateau(value)
    case .vanishing:
      let magnitude = value.magnitude
      let score = magnitude > 0 ? min(options.vanishingMagnitude / magnitude, 1e300) : 1e300
      return Measurement(score: score, threshold: 1, baseline: options.vanishingMagnitude, isReady: true)
    case .unchanged: return unchanged(value)
    default: return Measurement(threshold: 1, isReady: true)
    }
  }

  /// As ReduceLROnPlateau: more than `patience` steps without a value better than the best by a relative
  /// `plateauTolerance`.
  private mutating func plateau(_ value: Double) -> Measurement {
    let isDown = options.direction == .down
    let margin = options.plateauTolerance * kept.magnitude
    let isBetter = isDown ? value > kept + margin : value < kept - margin
    if count == 1 || isBetter {
      kept = value
      run = 0
    } else {
      run = min(run &+ 1, 1 << 60)
    }
    return Measurement(
      score: Double(run), threshold: Double(options.patientSteps), baseline: kept, spread: margin, isReady: true,
      age: max(run &- 1, 0))
  }

  /// Whether the value is that with which the run began, to a relative `unchangedTolerance`.
  private mutating func unchanged(_ value: Double) -> Measurement {
    let tolerance = options.unchangedTolerance * kept.magnitude
    let isSame = count > 1 && (value == kept || (value - kept).magnitude <= tolerance)
    run = isSame ? min(run &+ 1, 1 << 60) : 0
    if !isSame { kept = value }
    return Measurement(score: isSame ? 1 : 0, threshold: 0.5, baseline: kept, spread: tolerance, isReady: count > 1)
  }

  func write(to writer: inout StateWriter) {
    writer.write(count)
    writer.write(kept)
    writer.write(run)
  }

  @inline(never)
  mutating func read(from reader: inout StateReader) throws(TrimtabError) {
    count = try reader.readCount(0...(1 << 60))
    kept = try reader.readFinite()
    run = try reader.readCount(0...(1 << 60))
  }
}
