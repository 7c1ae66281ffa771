/// Measures how far a value lies from a reference: as a ratio while the series is positive, as a difference otherwise.
struct SeriesScale {
  let choice: DetectorScale
  /// Ratios come back as soon as values keep close together: only for those whom a signed series that does so for a while
  /// does not mislead.
  private let isQuick: Bool
  private(set) var isLogarithmic: Bool
  /// Values of zero or less of late: one in 256 is forgotten.
  private var nonpositives = 0
  private var positives = 0
  /// Positive values in a row within a factor of two, and the bounds of them.
  private var close = 0
  private var least = 0.0
  private var greatest = 0.0

  init(_ choice: DetectorScale, isQuick: Bool = false) {
    self.choice = choice
    self.isQuick = isQuick
    isLogarithmic = choice != .linear
  }

  var inUse: DetectorScale { isLogarithmic ? .logarithmic : .linear }

  /// Takes note of a value; true if distances are measured otherwise from here on, so that a baseline must start anew.
  mutating func changes(with value: Double) -> Bool {
    guard choice == .automatic else { return false }
    if value > 0 {
      positives = min(positives &+ 1, 1 << 40)
      if positives % 256 == 0, nonpositives > 0 { nonpositives = nonpositives &- 1 }
      (least, greatest) = (min(least, value), max(greatest, value))
      close = close &+ 1
    } else {
      positives = 0
      nonpositives = min(nonpositives &+ 1, 1024)
    }
    if value <= 0 || close > 128 || greatest > 2 * least { (close, least, greatest) = (0, value, value) }
    // What crosses zero now and then does not keep so close for so long.
    guard isLogarithmic ? nonpositives >= 3 : positives >= 1024 || isQuick && close == 128 else { return false }
    isLogarithmic.toggle()
    nonpositives = 0
    positives = 0
    return true
  }

  /// Starts with ratios again, if the last values were positive and close to each other.
  mutating func restart(after calm: Int) {
    guard choice == .automatic, close >= calm else { return }
    isLogarithmic = true
    nonpositives = 0
  }

  /// The signed distance of `value` from `reference`. On the logarithmic scale ln(value / reference) above it and
  /// value / reference - 1 below, whichever is the lesser: both have the same slope at the reference, and neither a zero
  /// nor a value just above it is infinitely far away.
  func distance(_ value: Double, from reference: Double) -> Double {
    var distance = value - reference
    if isLogarithmic, reference > 0 {
      let ratio = value / reference
      if ratio < 1 {
        distance = ratio - 1
      } else {
        distance = ratio < .infinity ? logarithm(ratio) : logarithm(value) - logarithm(reference)
      }
    }
    return min(max(distance, -1e300), 1e300)
  }

  /// Whether a value lies forty orders from what is usual: beyond the range of float32, so that both are of no one
  /// series. A zero is not.
  func isWild(_ value: Double, from reference: Double, _ spread: Double) -> Bool {
    let usual = isLogarithmic ? reference.magnitude : max(reference.magnitude, spread)
    let magnitude = value.magnitude
    return usual > 0 && magnitude > 0 && (magnitude * 1e-40 > usual || magnitude < usual * 1e-40)
  }

  /// A spread that may be divided by: at least the resolution of float64, and 1e-6 + 1e-3 |reference| for a series that
  /// never varied.
  func divisor(_ spread: Double, at reference: Double) -> Double {
    let isRatio = isLogarithmic && reference > 0
    if spread > 0 { return max(spread, isRatio ? 4e-16 : 4e-16 * reference.magnitude, 1e-300) }
    return isRatio ? 1e-3 : 1e-6 + 1e-3 * reference.magnitude
  }

  func write(to writer: inout StateWriter) {
    writer.write(isLogarithmic)
    writer.write(nonpositives)
    writer.write(positives)
    writer.write(close)
    writer.write(least)
    writer.write(greatest)
  }

  mutating func read(from reader: inout StateReader) throws(TrimtabError) {
    isLogarithmic = try reader.readBool()
    nonpositives = try reader.readCount(0...1024)
    positives = try reader.readCount(0...(1 << 40))
    close = try reader.readCount(0...128)
    (least, greatest) = (try reader.readFinite(), try reader.readFinite())
    guard choice == .automatic || isLogarithmic == (choice == .logarithmic) else { throw StateReader.corrupt }
  }
}

extension DetectorDirection {
  /// The part of a signed distance that counts.
  func part(of distance: Double) -> Double {
    switch self {
    case .up: distance
    case .down: -distance
    case .both: distance.magnitude
    }
  }
}
