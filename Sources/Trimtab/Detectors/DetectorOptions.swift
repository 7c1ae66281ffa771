/// What a detector looks for in its series.
public enum DetectorKind: Int32, Sendable {
  case spike = 0
  case levelShift = 1
  case drift = 2
  case divergence = 3
  case plateau = 4
  case oscillation = 5
  case vanishing = 6
  case unchanged = 7
  case nonfinite = 8
}

/// Which way a series must move to raise an alarm.
public enum DetectorDirection: Int32, Sendable {
  case up = 0
  case down = 1
  case both = 2
}

/// How distances are measured: as differences, or as ratios.
public enum DetectorScale: Int32, Sendable {
  case automatic = 0
  case linear = 1
  case logarithmic = 2
}

/// What a detector looks for, and its thresholds. Fields mean what the C header says of them.
public struct DetectorOptions: Sendable, Equatable {
  public var kind: DetectorKind = .spike
  public var direction: DetectorDirection = .up
  public var scale: DetectorScale = .automatic
  public var warmUp: Int = 25
  /// Consecutive steps before an alarm; 0: the kind's own (3 for vanishing and unchanged, else 1).
  public var confirmation: Int = 0
  /// Steps above the sustained ratio, or without improvement; 0: the kind's own (divergence 50, plateau 10).
  public var patience: Int = 0
  public var falseAlarmsPerMillion: Double = 1
  public var hysteresis: Double = 0.8
  public var divergenceRatio: Double = 4
  public var sustainedRatio: Double = 2
  public var plateauTolerance: Double = 1e-4
  public var oscillationRate: Double = 0.8
  public var vanishingMagnitude: Double = 1e-7
  public var unchangedTolerance: Double = 1e-5

  public init() {}

  /// Steps in a row that an alarm takes.
  var steps: Int {
    if confirmation > 0 { return confirmation }
    return kind == .vanishing || kind == .unchanged ? 3 : 1
  }

  var patientSteps: Int { patience > 0 ? patience : kind == .divergence ? 50 : 10 }

  /// The chance of an alarm that a healthy step may have. Half of what was promised: what the tail's estimate misses
  /// must fit into the rest.
  var probability: Double { falseAlarmsPerMillion * 0.5e-6 }

  func check() throws(TrimtabError) {
    try require(falseAlarmsPerMillion, "false_alarms_per_million", above: 0, upTo: 1e5)
    try require(hysteresis, "hysteresis", above: 0, upTo: 1)
    try require(divergenceRatio, "divergence_ratio", above: 1, upTo: 1e300)
    try require(sustainedRatio, "sustained_ratio", above: 1, upTo: 1e300)
    try require(plateauTolerance, "plateau_tolerance", above: -1e-300, upTo: 1)
    try require(oscillationRate, "oscillation_rate", above: 0, upTo: 1)
    try require(vanishingMagnitude, "vanishing_magnitude", above: -1e-300, upTo: 1e300)
    try require(unchangedTolerance, "unchanged_tolerance", above: -1e-300, upTo: 1)
    try require(warmUp, "warm_up", from: 10)
    try require(confirmation, "confirmation", from: 0)
    try require(patience, "patience", from: 0)
  }

  private func require(_ value: Double, _ name: StaticText, above least: Double, upTo most: Double)
    throws(TrimtabError)
  {
    guard value > least, value <= most else {
      throw TrimtabError(
        .invalidArgument, "options.%: found %, allowed above % and at most %", name, value, max(least, 0), most)
    }
  }

  private func require(_ value: Int, _ name: StaticText, from least: Int) throws(TrimtabError) {
    guard value >= least, value <= 1 << 40 else {
      throw TrimtabError(.invalidArgument, "options.%: found %, allowed % to %", name, value, least, 1 << 40)
    }
  }
}
