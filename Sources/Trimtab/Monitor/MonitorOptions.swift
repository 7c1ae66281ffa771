/// How a monitor watches.
public struct MonitorOptions: Sendable, Equatable {
  public enum Preset: Int32, Sendable {
    case trimtab = 0
    /// The published rules and thresholds of SageMaker Debugger.
    case sagemaker = 1
  }

  public enum Clipping: Int32, Sendable {
    case none = 0
    case fixed = 1
    /// To what the norm's own past allows. Source: ZClip.
    case adaptive = 2
    /// Each gradient to 1.05 of its own moving norm. Source: AdaGC.
    case perTensor = 3
  }

  public var preset = Preset.trimtab
  public var clipping = Clipping.none
  /// The host keeps snapshots; else a lost run is stopped.
  public var mayRollBack = false
  public var maximumNorm = 1.0
  public var falseAlarmsPerMillion = 1.0
  /// Of the step's time; 0: no limit.
  public var budget = 0.01
  /// Steps in which baselines only fill.
  public var warmUp = 25
  /// Steps between looks at weights, units and ranks.
  public var auditInterval = 10
  /// Skipped steps in a row, then it rolls back or stops.
  public var greatestSkips = 8
  /// Steps that the flight recorder holds; 0: none.
  public var recorderSteps = 64

  public init() {}

  func check() throws(TrimtabError) {
    let isOptional = clipping == .adaptive || clipping == .none
    guard isOptional ? maximumNorm >= 0 : maximumNorm > 0, maximumNorm.isFinite else {
      throw TrimtabError(
        .invalidArgument,
        "options.maximum_norm: found %, allowed finite above 0 (0: no limit, with adaptive clipping)", maximumNorm)
    }
    guard falseAlarmsPerMillion > 0, falseAlarmsPerMillion <= 1e5 else {
      throw TrimtabError(
        .invalidArgument,
        "options.false_alarms_per_million: found %, allowed above 0, at most 100000", falseAlarmsPerMillion)
    }
    guard budget >= 0, budget <= 1 else {
      throw TrimtabError(.invalidArgument, "options.budget: found %, allowed 0 to 1", budget)
    }
    try MonitorOptions.check("warm_up", warmUp, 1...1_000_000)
    try MonitorOptions.check("audit_interval", auditInterval, 1...1_000_000)
    try MonitorOptions.check("greatest_skips", greatestSkips, 1...1_000_000)
    try MonitorOptions.check("recorder_steps", recorderSteps, 0...1_000_000)
  }

  private static func check(_ name: StaticText, _ found: Int, _ allowed: ClosedRange<Int>) throws(TrimtabError) {
    guard allowed.contains(found) else {
      throw TrimtabError(
        .invalidArgument, "options.%: found %, allowed % to %", name, found, allowed.lowerBound, allowed.upperBound)
    }
  }
}
