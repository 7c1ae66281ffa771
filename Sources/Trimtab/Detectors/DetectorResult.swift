/// Where a detector stands after a step.
public enum DetectorState: Int32, Sendable {
  case warmingUp = 0
  case quiet = 1
  case alarm = 2
  case continuingAlarm = 3
  case recovered = 4

  var isAlarm: Bool { self == .alarm || self == .continuingAlarm }
}

/// One step's answer. Fields mean what the C header says of them.
public struct DetectorResult: Sendable, Equatable {
  public var outcome: Outcome = .insufficient
  public var verdict: Verdict = .unknown
  public var state: DetectorState = .warmingUp
  public var kind: DetectorKind = .spike
  public var scale: DetectorScale = .logarithmic
  public var value: Double = 0
  public var score: Double = 0
  public var threshold: Double = 0
  public var baseline: Double = 0
  public var spread: Double = 0
  public var stepCount: Int = 0
  public var nonfiniteCount: Int = 0
  public var alarmCount: Int = 0
  public var firstAlarmStep: Int = -1
  public var consecutiveSteps: Int = 0
}

/// What an engine makes of one value: a score to hold against a threshold.
struct Measurement {
  var score = 0.0
  var threshold = 0.0
  var baseline = 0.0
  var spread = 0.0
  /// False while the baseline is still being learnt.
  var isReady = false
  /// False on steps between two looks at the series.
  var isNew = true
  /// The first step of what this score speaks of, counted back from the step at hand.
  var age = 0
}
