/// A detector as a value, for those that watch many series: it keeps its own state but not its memory.
///
/// `memory` must hold `memoryCount(for:)` doubles, zeroed, and outlive it. A copy shares that memory: move it, do not
/// fork it. No call allocates.
public struct SeriesDetector {
  private enum Engine {
    case spike(SpikeEngine)
    case shift(ShiftEngine)
    case divergence(DivergenceEngine)
    case oscillation(OscillationEngine)
    case run(RunEngine)
  }

  public let options: DetectorOptions
  private var engine: Engine
  private var result = DetectorResult()
  private var widening = 1.0
  private var widenedSteps = 0

  /// Doubles that a detector of this kind needs.
  public static func memoryCount(for kind: DetectorKind) -> Int {
    switch kind {
    case .spike: SpikeEngine.memoryCount
    case .levelShift, .drift: ShiftEngine.memoryCount
    case .divergence: DivergenceEngine.memoryCount
    case .oscillation: OscillationEngine.memoryCount
    default: 1
    }
  }

  /// - Throws: `invalidArgument` for an option out of range.
  public init(options: DetectorOptions, memory: UnsafeMutablePointer<Double>) throws(TrimtabError) {
    try options.check()
    self.options = options
    switch options.kind {
    case .spike: engine = .spike(SpikeEngine(options, memory))
    case .levelShift, .drift: engine = .shift(ShiftEngine(options, memory))
    case .divergence: engine = .divergence(DivergenceEngine(options, memory))
    case .oscillation: engine = .oscillation(OscillationEngine(options, memory))
    default: engine = .run(RunEngine(options))
    }
    result.kind = options.kind
  }

  /// The answer to the last step; before the first, that it is too early to tell.
  public var report: DetectorResult { result }

  /// Takes the value of the next step. NaN and Inf are counted and reach no baseline.
  public mutating func add(_ value: Double) -> DetectorResult {
    result.value = value
    result.stepCount = min(result.stepCount &+ 1, 1 << 60)
    guard value.isFinite else {
      addNonfinite()
      return result
    }
    let measurement: Measurement
    switch engine {
    case .spike(var spike):
      measurement = spike.measure(value)
      result.scale = spike.scale.inUse
      engine = .spike(spike)
    case .shift(var shift):
      measurement = shift.measure(value)
      result.scale = shift.scale.inUse
      engine = .shift(shift)
    case .divergence(var divergence):
      measurement = divergence.measure(value)
      result.scale = divergence.scale.inUse
      engine = .divergence(divergence)
    case .oscillation(var oscillation):
      measurement = oscillation.measure(value)
      result.scale = .linear
      engine = .oscillation(oscillation)
    case .run(var run):
      measurement = run.measure(value)
      result.scale = .linear
      engine = .run(run)
    }
    judge(measurement)
    return result
  }

  /// Starts the baseline anew, after a restore or a restart of the learning rate. Counts go on, and so does what is
  /// known of the tail of the scores.
  ///
  /// - Parameter level: of a divergence's series from here on, if it is known: then it is judged from the first value on.
  public mutating func reset(to level: Double? = nil) {
    switch engine {
    case .spike(var spike):
      spike.restart(forgettingTail: false)
      engine = .spike(spike)
    case .shift(var shift):
      shift.restart(forgettingTail: false)
      engine = .shift(shift)
    case .divergence(var divergence):
      divergence.restart(at: level)
      engine = .divergence(divergence)
    case .oscillation(var oscillation):
      oscillation.restart()
      engine = .oscillation(oscillation)
    case .run(var run):
      run.restart()
      engine = .run(run)
    }
    (result.score, result.threshold, result.baseline, result.spread) = (0, 0, 0, 0)
    (result.firstAlarmStep, result.consecutiveSteps) = (-1, 0)
    settle(.warmingUp)
  }

  /// Multiplies thresholds for so many further steps, as after a rollback. A factor below 1 is 1.
  public mutating func widen(_ factor: Double, forSteps steps: Int) {
    widening = factor >= 1 && factor < 1e6 ? factor : 1
    widenedSteps = min(max(steps, 0), 1 << 40)
  }

  private mutating func judge(_ found: Measurement) {
    var measurement = found
    if widenedSteps > 0 {
      measurement.threshold *= widening
      widenedSteps = widenedSteps &- 1
    }
    result.score = measurement.score
    result.threshold = measurement.threshold
    result.baseline = measurement.baseline
    result.spread = measurement.spread
    let wasAlarmed = result.state.isAlarm
    guard measurement.isNew else {
      settle(wasAlarmed ? .continuingAlarm : result.state == .recovered ? .quiet : result.state)
      if wasAlarmed { result.consecutiveSteps = result.consecutiveSteps &+ 1 }
      return
    }
    let bar = wasAlarmed ? options.hysteresis * measurement.threshold : measurement.threshold
    // During warm-up a threshold of zero says that there is none yet.
    let exceeds = measurement.score > bar && measurement.threshold > 0
    result.consecutiveSteps = exceeds ? min(result.consecutiveSteps &+ 1, 1 << 60) : 0
    if exceeds, wasAlarmed || result.consecutiveSteps >= options.steps {
      if !wasAlarmed {
        result.alarmCount = result.alarmCount &+ 1
        let steps = result.stepCount &- result.consecutiveSteps &- measurement.age
        result.firstAlarmStep = max(steps, 0)
      }
      settle(wasAlarmed ? .continuingAlarm : .alarm)
    } else if wasAlarmed {
      settle(.recovered)
    } else {
      result.firstAlarmStep = -1
      settle(measurement.isReady ? .quiet : .warmingUp)
    }
  }

  private mutating func addNonfinite() {
    result.nonfiniteCount = result.nonfiniteCount &+ 1
    let isAlarmed = result.state.isAlarm
    switch options.kind {
    case .spike, .divergence, .nonfinite:
      (result.score, result.threshold) = (1e300, 1)
      if !isAlarmed {
        result.alarmCount = result.alarmCount &+ 1
        result.firstAlarmStep = result.stepCount &- 1
        result.consecutiveSteps = 0
      }
      result.consecutiveSteps = min(result.consecutiveSteps &+ 1, 1 << 60)
      settle(isAlarmed ? .continuingAlarm : .alarm)
      result.verdict = .critical
    default:
      settle(isAlarmed ? .continuingAlarm : result.state == .recovered ? .quiet : result.state)
      result.verdict = .unknown
    }
    result.outcome = .nonfinite
  }

  private mutating func settle(_ state: DetectorState) {
    result.state = state
    result.outcome = state == .warmingUp ? .insufficient : .ok
    switch state {
    case .warmingUp: result.verdict = .unknown
    case .quiet, .recovered: result.verdict = .healthy
    case .alarm, .continuingAlarm:
      switch options.kind {
      case .plateau: result.verdict = .notice
      case .divergence, .nonfinite: result.verdict = .critical
      default: result.verdict = .warning
      }
    }
  }
}

// MARK: - Saved state

extension SeriesDetector {
  func write(to writer: inout StateWriter) {
    options.write(to: &writer)
    result.write(to: &writer)
    writer.write(widening)
    writer.write(widenedSteps)
    switch engine {
    case .spike(let spike): spike.write(to: &writer)
    case .shift(let shift): shift.write(to: &writer)
    case .divergence(let divergence): divergence.write(to: &writer)
    case .oscillation(let oscillation): oscillation.write(to: &writer)
    case .run(let run): run.write(to: &writer)
    }
  }

  /// What follows the options in a saved state.
  mutating func read(from reader: inout StateReader) throws(TrimtabError) {
    result = try DetectorResult(from: &reader)
    result.kind = options.kind
    widening = try reader.readDouble()
    guard widening >= 1, widening < 1e6 else { throw StateReader.corrupt }
    widenedSteps = try reader.readCount(0...(1 << 40))
    switch engine {
    case .spike(var spike):
      try spike.read(from: &reader)
      engine = .spike(spike)
    case .shift(var shift):
      try shift.read(from: &reader)
      engine = .shift(shift)
    case .divergence(var divergence):
      try divergence.read(from: &reader)
      engine = .divergence(divergence)
    case .oscillation(var oscillation):
      try oscillation.read(from: &reader)
      engine = .oscillation(oscillation)
    case .run(var run):
      try run.read(from: &reader)
      engine = .run(run)
    }
  }
}
