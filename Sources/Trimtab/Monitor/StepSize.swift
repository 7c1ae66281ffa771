/// How far gradient norms have come above the first one.
struct FirstNorms: BitwiseCopyable {
  private var first = 0.0
  private var greatest = 0.0
  private var second = 0.0

  mutating func add(_ norm: Double) {
    if first == 0 { first = norm }
    second = max(second, min(norm, greatest))
    greatest = max(greatest, norm)
  }

  /// Of the second greatest: one bad batch is no growth.
  var growth: Double { first > 0 ? max(second / first, 1) : 1 }
}

/// How far steps move the weights, and what is laid to that.
extension Monitor {
  /// Whether every weight moves by a tenth of itself and more in a step, or by half in the warm-up, when an optimizer
  /// without a past takes its largest. Between the first two looks at a weight the step is taken to grow with the
  /// gradient.
  func isRushing() -> Bool {
    let growth = series.firstNorms.growth
    var least = Double.infinity
    for watched in entries where watched.entry.role == .weight {
      guard let sample = watched.sample, sample.changeRatio.isFinite else { continue }
      least = min(least, sample.changeRatio / Double(sample.stepCount) * (sample.lookCount == 2 ? growth : 1))
    }
    return least < .infinity && least > (serial > options.warmUp ? 0.1 : 0.5)
  }

  /// The cause of a leap: the steps before it, where they were that large.
  func blamingSteps(_ cause: Cause) -> Cause {
    let isWandering = cause == .badBatch && series.progress.surge > 2
    return series.isRushing || isWandering || isRateHigh && cause == .badBatch
      ? .learningRateTooHigh : blamingLeap(cause)
  }

  /// The cause of what was not so from the first step on, nor follows from one bad batch: steps that were too large.
  func blamingMoves(_ cause: Cause, since rule: Rule? = nil) -> Cause {
    if let rule, run.records.pointer[Int(rule.rawValue)].streak &+ 1 >= serial { return cause }
    // A loss that diverges surges, whatever it comes of.
    let isTold = cause == .divergence ? hasMovedFar(0.2) : wereStepsLarge
    return isTold && !followsBadBatch ? .learningRateTooHigh : cause
  }

  /// A step moved a weight by a fifth of itself and more, or the loss surged above all it was.
  var wereStepsLarge: Bool { hasMovedFar(0.2) || series.progress.hasSurged }

  private var followsBadBatch: Bool {
    for index in 0..<findings.count {
      if let finding = findings.at(index), finding.pointee.cause == .badBatch { return true }
    }
    return false
  }

  /// The cause of what is not finite: the steps just before it, where they threw the loss or a weight far off.
  func blamingThrow(_ cause: Cause) -> Cause {
    guard !followsBadBatch else { return cause }
    if series.progress.surge >= 2 { return .learningRateTooHigh }
    for watched in entries where watched.entry.role == .weight && watched.look(.weight).pointee.stamp &+ 2 >= serial {
      if let sample = watched.sample, sample.changeRatio > Double(sample.stepCount) { return .learningRateTooHigh }
    }
    return cause
  }
}
