/// What is wrong with the mode in which a model is called, and with the optimizer's settings.
extension Monitor {
  private static let settled = 30
  private static let late = 90

  func judgeModes() {
    let one = setUp.setUp
    // Two or three values normalised by their own mean and deviation are the same numbers whatever they were.
    let isSmall = one.batchValues > 0 && (one.batchValues < 4 || one.batchRows == 1 && one.batchValues <= 64)
    let isSingle = one.batchRows == 1
    judgeSetUp(
      .batchStatistics, .batchOfOne, isSmall ? .warning : isSingle ? .notice : nil, Double(one.batchValues),
      isSingle ? 64 : 4)
    judgeMode(one)
    let isGuessing = serial > Monitor.late && setUp.overGuess(series.progress) > 0.5
    judgeSetUp(
      .dropout, .dropoutTooStrong, one.dropout >= 0.75 ? (isGuessing ? .warning : .notice) : nil, one.dropout, 0.75)
  }

  private func judgeMode(_ one: SetUpFacts) {
    let hasModes = one.normalisationCount > 0 || one.dropoutCount > 0
    var verdict: Verdict? = nil
    var value = 0.0
    if hasModes, one.trainingPasses == 0, one.frozenPasses >= 8 {
      // Statistics that were learned elsewhere may be meant to stay, and dropout to be off.
      verdict = one.normalisationCount > 0 && one.isUntracked ? .warning : .notice
      value = Double(one.frozenPasses)
    } else if hasModes, one.evaluations == 0, one.evaluationsInTraining >= 1 {
      verdict = .warning
      value = Double(one.evaluationsInTraining)
    }
    judgeSetUp(.evaluationMode, .evaluationMode, verdict, value, 0)
  }

  func judgeOptimizer() {
    judgeDecay()
    judgeEpsilon()
    judgeClip()
    if setUp.hasLostState {
      judgeSetUp(.optimizerState, .optimizerStateLost, setUp.setUp.isStateLost ? .warning : nil, 1, 0)
    }
  }

  /// Weights that decay faster than they learn, in a run that learns nothing.
  private func judgeDecay() {
    let one = setUp.setUp
    guard one.weightDecay > 0 else { return }
    let shrinkage = one.weightNorm / setUp.firstWeightNorm
    let over = setUp.overGuess(series.progress)
    let isStuck = over > 0.7 || over.isNaN && !series.progress.hasImproved && series.progress.count > Monitor.late
    let isDecaying =
      one.isDecoupled ? one.learningRate * one.weightDecay * Double(serial) > 0.5 : setUp.greatestPull > 1
    judgeSetUp(
      .weightDecay, .weightDecayTooStrong,
      serial > Monitor.settled && shrinkage < 0.5 && isDecaying && isStuck ? .warning : nil, shrinkage, 0.5)
  }

  /// What keeps the quotient of an adaptive step finite: 0 where it is needed, or greater than what it is added to.
  private func judgeEpsilon() {
    let one = setUp.setUp
    guard one.epsilon >= 0 else { return }
    var verdict: Verdict? = nil
    var threshold = 1e-12
    if one.heldEpsilon == 0, one.zeroGradientShare > 0 {
      verdict = .warning
      threshold = 0
    } else if one.epsilon < 1e-12 {
      verdict = isUnstable ? .warning : .notice
    } else if one.epsilon > 1e-4, one.epsilon > 10 * one.gradientScale {
      threshold = 10 * one.gradientScale
      verdict = serial > Monitor.late && setUp.overGuess(series.progress) > 0.8 ? .warning : .notice
    }
    // What float32 would hold is lost in sixteen bits, and no fault of the number.
    let cause: Cause = one.epsilon > 1e-37 && one.heldEpsilon == 0 ? .rangeUnderflow : .optimizerEpsilon
    judgeSetUp(.optimizerEpsilon, cause, verdict, one.epsilon, threshold)
  }

  /// Gradients cut to a hundredth and less at every look, in a run that hardly gets on.
  private func judgeClip() {
    guard options.clipping == .none, setUp.setUp.normBefore > 0 else { return }
    let over = setUp.overGuess(series.progress)
    let isStuck = serial > Monitor.late && (over > 0.8 || over.isNaN && !series.progress.hasImproved)
    let value = setUp.setUp.normAfter / setUp.setUp.normBefore
    judgeSetUp(.clipFraction, .clippingRules, setUp.clipCount >= 3 ? (isStuck ? .warning : .notice) : nil, value, 0.01)
  }
}
