/// What is wrong with the loss, or with what it is of. A fact that no healthy program has is a warning; what a healthy one
/// may have is a warning only where the run suffers from it.
extension Monitor {
  /// Looks at a loss after which an output that no longer moves, or a loss that no longer falls, counts.
  private static let settled = 40
  private static let late = 90

  func judgeObjective() {
    judgeOutputActivation()
    judgeLossKind()
    judgeCrossing()
    judgeSum()
    judgeTargetScale()
    judgeSign()
    judgeRepetition()
  }

  private func judgeOutputActivation() {
    let one = setUp.objective
    let spread = one.outputMaximum - one.outputMinimum
    var verdict: Verdict? = nil
    var (value, threshold) = (spread, 1.0)
    switch one.activation {
    case .softmax where one.outputCount == 1: (verdict, value, threshold) = (.warning, 1, 2)
    case .softmax, .sigmoid:
      // A loss of logits takes the probabilities for logits: none of them can be sure.
      if one.loss == .crossEntropy || one.loss == .binaryCrossEntropyWithLogits { verdict = .warning }
      if one.loss.isRegression, one.unreachableShare > 0.05 {
        (verdict, value, threshold) = (.warning, one.unreachableShare, 0.05)
      }
    case .tanh:
      if one.loss.isRegression, one.unreachableShare > 0.2 {
        (verdict, value, threshold) = (.warning, one.unreachableShare, 0.2)
      }
    case .relu:
      if one.loss == .crossEntropy || one.loss == .binaryCrossEntropyWithLogits {
        (verdict, value, threshold) = (.warning, one.zeroOutputShare, 0)
      } else if one.loss.isRegression, one.unreachableShare > 0.05 {
        (verdict, value, threshold) = (.warning, one.unreachableShare, 0.05)
      } else if one.zeroOutputShare > 0.999, one.targetDeviation > 0, serial > Monitor.settled {
        (verdict, value, threshold) = (.warning, one.zeroOutputShare, 0.999)
      }
    default: break
    }
    judgeSetUp(.outputActivation, .outputActivation, verdict, value, threshold)
  }

  private func judgeLossKind() {
    let one = setUp.objective
    var verdict: Verdict? = nil
    var (value, threshold) = (0.0, 0.0)
    if one.loss.isOfClasses, one.outputCount == 1 {
      // Always 0, whatever the output.
      (verdict, value, threshold) = (.warning, 1, 2)
    } else if one.loss == .negativeLogLikelihood, one.outputMaximum > 1e-3 {
      (verdict, value, threshold) = (.warning, one.outputMaximum, 0)
    } else if one.loss.isBinary || one.loss.isOfClasses && one.integerShare < 1,
      one.targetMinimum < -1e-3 || one.targetMaximum > 1.001
    {
      let isBelow = one.targetMinimum < -1e-3
      (verdict, value, threshold) = (.warning, isBelow ? one.targetMinimum : one.targetMaximum, isBelow ? 0 : 1)
    } else if one.loss.isRegression, one.integerShare == 1, one.distinctCount > 1 {
      // Classes are counted from 0, and there is an output for each: what several quantiles, or the members of an
      // ensemble, or the patches of a critic are held against is another number.
      let isClass =
        one.targetMinimum >= 0 && one.targetMaximum < Double(one.outputCount)
        && 2 * one.targetMaximum >= Double(one.outputCount) - 1
      if one.isTargetRepeated, !one.isCrossed, one.outputCount > 1, isClass {
        // The number of a class, held against every output.
        (verdict, value, threshold) = (.warning, Double(one.outputCount), 1)
      } else if one.distinctCount > 2, one.distinctCount <= 20, one.targetMinimum == 0, serial > Monitor.late {
        // Counts and grades are whole numbers too.
        (verdict, value, threshold) = (.notice, Double(one.distinctCount), 20)
      }
    }
    judgeSetUp(.lossKind, .wrongLoss, verdict, value, threshold)
  }

  private func judgeCrossing() {
    let one = setUp.objective
    judgeSetUp(
      .broadcastLoss, .broadcastLoss, one.isCrossed ? .warning : nil, Double(one.sampleCount), 1)
  }

  /// A loss that grows with the batch, and the step with it.
  private func judgeSum() {
    let one = setUp.objective
    let scale = one.scale.magnitude
    // What is summed over a sample and divided by their number afterwards is an eighth of that at most.
    let isSum =
      one.reduction != .mean && one.sampleCount >= 8 && scale > 4 && scale >= 0.3 * Double(one.elementCount)
      && one.elementCount > 0
    let isStuck = serial > Monitor.settled && setUp.overGuess(series.progress) > 0.9
    judgeSetUp(
      .summedLoss, .summedLoss, isSum ? (isUnstable || isStuck ? .warning : .notice) : nil, scale, 1)
  }

  /// Targets far from unit scale, which the outputs have not come near.
  private func judgeTargetScale() {
    let one = setUp.objective
    guard one.loss.isRegression, one.targetDeviation > 0, !one.isCrossed else { return }
    let scale = max(one.targetDeviation, one.targetMean.magnitude)
    let isLarge = scale > 10
    let isSmall = one.targetDeviation < 0.01 && one.targetMean.magnitude < 0.03
    let over = setUp.overGuess(series.progress)
    let isLate = serial > Monitor.settled
    // A mean that is not reached, or a spread that the outputs have none of.
    let isFar = over > 2 || one.targetDeviation > 10 && over > 0.9 && one.outputDeviation < 0.3 * one.targetDeviation
    let isHarmed = isLate && isFar || isLarge && isUnstable
    let verdict: Verdict? = (isLarge || isSmall) && isHarmed ? .warning : isLarge ? .notice : nil
    judgeSetUp(.targetScale, .unscaledTarget, verdict, scale, isSmall ? 0.01 : 10)
  }

  /// The negative of a loss that cannot be negative: the run climbs. An adversary's is so too, and stays near guessing.
  private func judgeSign() {
    let one = setUp.objective
    let isTurned = one.loss != .unknown && one.scale < 0 && one.meanLoss > 0
    let over = setUp.overGuess(series.progress)
    let isClimbing = isTurned && serial > 5 && over > 2 && one.guessLoss > 0.05
    judgeSetUp(.gradientAscent, .gradientAscent, isTurned ? (isClimbing ? .warning : .notice) : nil, over, 2)
  }

  /// The same batch at every look, while the program knows of more samples than it has.
  private func judgeRepetition() {
    let one = setUp.objective
    let isRepeated = setUp.repeatCount >= 4 && setUp.repeatCount &+ 1 >= setUp.objectiveCount && one.sampleCount > 0
    let (rows, own) = (setUp.setUp.evaluationRows, setUp.setUp.trainingRows)
    // All samples in one batch look the same; who trains on all of them evaluates on no more than those.
    let hasMore = own > 0 && rows / 2 >= own && own <= 1024
    // A small training set in one batch, and a large one to evaluate on, look the same: what tells is that nothing holds.
    let isHarmed = learning.lastValidation > 2 * learning.level && learning.level > 0
    judgeSetUp(
      .repeatedBatch, .repeatedBatch, isRepeated && hasMore ? (isHarmed ? .warning : .notice) : nil, Double(rows),
      Double(own))
  }
}
