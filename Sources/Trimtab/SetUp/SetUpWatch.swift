/// What the host has told of the set-up, and what has come of it over the run.
struct SetUpWatch: BitwiseCopyable {
  var objective = ObjectiveFacts()
  var setUp = SetUpFacts()
  /// Told in this step.
  var hasObjective = false
  var hasSetUp = false
  private(set) var objectiveCount = 0
  private(set) var setUpCount = 0
  /// Of the last few told.
  private var meanLoss = Double.nan
  /// Times that the same batch was told in a row, and whether any other was.
  private(set) var repeatCount = 0
  private(set) var firstWeightNorm = Double.nan
  /// The greatest that weight decay was over the gradient: once the weights are gone, decay is nothing.
  private(set) var greatestPull = 0.0
  /// Looks in a row at gradients that were clipped to the same norm, a hundredth of what they were.
  private(set) var clipCount = 0
  private(set) var clippedNorm = Double.nan
  private(set) var hasLostState = false

  var isFresh: Bool { hasObjective || hasSetUp }

  mutating func take(_ fresh: ObjectiveFacts) {
    let isSame = fresh.inputFingerprint != 0 && fresh.inputFingerprint == objective.inputFingerprint
    repeatCount = isSame ? repeatCount &+ 1 : 0
    if fresh.meanLoss.isFinite {
      meanLoss = meanLoss.isNaN ? fresh.meanLoss : 0.5 * (meanLoss + fresh.meanLoss)
    }
    objective = fresh
    objectiveCount = objectiveCount &+ 1
    hasObjective = true
  }

  mutating func take(_ fresh: SetUpFacts) {
    setUp = fresh
    setUpCount = setUpCount &+ 1
    hasSetUp = true
    if fresh.isStateLost { hasLostState = true }
    if firstWeightNorm.isNaN, fresh.weightNorm > 0 { firstWeightNorm = fresh.weightNorm }
    let pull = fresh.weightDecay * fresh.weightNorm / fresh.gradientNorm
    if pull > greatestPull { greatestPull = pull }
    guard fresh.normBefore > 0, fresh.normAfter.isFinite else { return }
    let isClipped = fresh.normAfter < 0.01 * fresh.normBefore
    let isSame = clippedNorm.isNaN || (fresh.normAfter - clippedNorm).magnitude <= 0.01 * clippedNorm
    clipCount = isClipped && isSame ? clipCount &+ 1 : 0
    clippedNorm = isClipped ? fresh.normAfter : .nan
  }

  /// The mean loss over that of the best constant output; NaN where either is not known.
  func overGuess(_ progress: LossProgress) -> Double {
    let isHanded = objective.scale.isFinite && objective.scale != 0 && progress.count > 0
    let loss = isHanded ? progress.current / objective.scale : meanLoss
    return objective.guessLoss > 1e-12 ? loss / objective.guessLoss : .nan
  }
}

extension Monitor {
  /// Takes what the host found out about the loss of the open step and its batch.
  ///
  /// - Throws: `invalidArgument` (no step is open, a count below 0).
  public func observe(_ objective: ObjectiveFacts) throws(TrimtabError) {
    guard isOpen else { throw TrimtabError(.invalidArgument, "monitor: found no open step, allowed within one") }
    guard objective.sampleCount >= 0, objective.outputCount >= 0, objective.distinctCount >= 0 else {
      throw TrimtabError(
        .invalidArgument, "objective: found counts of %, % and %, allowed 0 or more", objective.sampleCount,
        objective.outputCount, objective.distinctCount)
    }
    setUp.take(objective)
  }

  /// Takes what the host found out about the model's mode and the optimizer's settings.
  ///
  /// - Throws: `invalidArgument` (no step is open).
  public func observe(_ found: SetUpFacts) throws(TrimtabError) {
    guard isOpen else { throw TrimtabError(.invalidArgument, "monitor: found no open step, allowed within one") }
    setUp.take(found)
  }

  /// Judges what was told in this step, before anything that follows from it.
  @inline(never)
  func judgeSetUp() {
    guard setUp.isFresh else { return }
    judgeAllSetUp()
    setUp.hasObjective = false
    setUp.hasSetUp = false
  }

  /// What has just gone wrong may be the harm that a known fact does.
  @inline(never)
  func judgeSetUpAgain() {
    guard newFindingCount > 0, setUp.objectiveCount > 0 || setUp.setUpCount > 0 else { return }
    judgeAllSetUp()
  }

  private func judgeAllSetUp() {
    if setUp.objectiveCount > 0 { judgeObjective() }
    if setUp.setUpCount > 0 {
      judgeModes()
      judgeOptimizer()
    }
  }

  /// - Parameter verdict: nil: all is well.
  func judgeSetUp(_ rule: Rule, _ cause: Cause, _ verdict: Verdict?, _ value: Double, _ threshold: Double) {
    guard let verdict else {
      // What was told before, and not anew, is neither better nor worse.
      if setUp.isFresh { judge(rule, run, nil) }
      return
    }
    judge(rule, run, Observation(rule: rule, verdict: verdict, cause: cause, value: value, threshold: threshold))
  }

  /// The run suffers: steps that are too large, units that die, a loss that leaps or has left its best, NaN.
  var isUnstable: Bool {
    let bits =
      Rule.nonfinite.bit | Rule.gradientSpike.bit | Rule.explodingGradient.bit | Rule.deadUnits.bit
      | Rule.lossSpike.bit | Rule.lossDivergence.bit | Rule.lossOscillation.bit | Rule.spectralNorm.bit
      | Rule.weightJump.bit
    for index in 0..<findings.count {
      guard let finding = findings.at(index), finding.pointee.verdict >= .warning else { continue }
      let isLarge = finding.pointee.rule == .updateRatio && finding.pointee.cause == .learningRateTooHigh
      if isLarge || finding.pointee.rule.bit & bits != 0 { return true }
    }
    return false
  }
}
