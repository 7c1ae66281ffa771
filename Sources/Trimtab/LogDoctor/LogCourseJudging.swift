// What is so over the whole of a log: gradients, plateaus, overfitting, the order of the steps.

extension LogDoctor {
  func judgeGradients(_ lossRise: LogRise?) {
    judgeGradientSpikes()
    judgeClipping()
    guard isRunning(.gradientGrowth), let course = gradientCourse.rise(work, workValues) else { return }
    // In logarithms: 1.1 is a factor of 3.
    let size = course.rise
    if size > 0.7, size > 6 * course.wander, size > 1.5 * course.earlier, size > 2 * course.noise {
      let isGrave = size > 1.1 && course.leftShare > 0.5
      var finding = LogFinding(
        check: .gradientGrowth, quantity: .gradientNorm, verdict: isGrave ? .warning : .notice,
        cause: .explodingGradient, firstStep: course.onset, lastStep: lastStep, worstStep: course.peakStep,
        value: exponential(min(course.final, 700)), baseline: exponential(min(course.lowest, 700)),
        size: exponential(min(size, 700)), threshold: isGrave ? 3 : 2)
      finding.isStanding = true
      report(finding)
    }
    judgeVanishing(course, lossRise)
  }

  private func judgeVanishing(_ course: LogRise, _ lossRise: LogRise?) {
    let fall = course.first - course.final
    let isTiny = course.final < logarithm(1e-7)
    guard isTiny || fall > 6.9 else { return }
    // A loss that is all but zero leaves no gradient.
    let isFitted = (lossRise.map { $0.final < 0.05 * $0.first && $0.first > 0 } ?? false)
    var finding = LogFinding(
      check: .gradientVanishing, quantity: .gradientNorm, verdict: isFitted ? .notice : .warning, cause: .tinyGradient,
      firstStep: course.lowestStep, lastStep: lastStep, worstStep: course.lowestStep,
      value: exponential(max(course.final, -700)), baseline: exponential(min(course.first, 700)),
      size: exponential(max(-fall, -700)),
      threshold: isTiny ? 1e-7 : exponential(min(course.first - 6.9, 700)))
    finding.isStanding = true
    report(finding)
  }

  private func judgeGradientSpikes() {
    guard isRunning(.gradientSpike) else { return }
    guard gradients.spikeCount > 0, gradients.ratio > 0 else {
      guard let peak = gradients.peaks.highest, peak.before > 0 else { return }
      var finding = LogFinding(
        check: .gradientSpike, quantity: .gradientNorm, verdict: .notice, cause: .badBatch, firstStep: peak.step,
        lastStep: peak.step, worstStep: peak.step, value: peak.value, baseline: peak.before,
        size: peak.value / peak.before, threshold: peak.before + 9 * peak.noise)
      finding.confidence = 0.6
      return report(finding)
    }
    let isOften =
      gradients.spikeCount >= 8 && Double(gradients.spikeCount) > 0.02 * Double(gradientNorm.count)
    let isHuge = gradients.ratio > 100
    var finding = LogFinding(
      check: .gradientSpike, quantity: .gradientNorm, verdict: isOften || isHuge ? .warning : .notice,
      cause: isOften ? .learningRateTooHigh : .badBatch, firstStep: gradients.firstStep, lastStep: gradients.lastStep,
      worstStep: gradients.worstStep, value: gradients.worst, baseline: gradients.baseline, size: gradients.ratio,
      threshold: gradients.threshold)
    finding.count = gradients.spikeCount
    let peaks = gradients.peaks
    if peaks.highCount > finding.count {
      (finding.count, finding.firstStep, finding.lastStep) = (peaks.highCount, peaks.highFirstStep, peaks.highLastStep)
    }
    report(finding)
  }

  private func judgeClipping() {
    guard isRunning(.gradientClipping), gradients.common > 0 else { return }
    let share = Double(gradients.commonCount) / Double(max(gradientNorm.count, 1))
    // Rounded to the last digit, a norm after clipping is at most a little above the limit.
    guard share > 0.5, gradients.greatest <= 1.01 * gradients.common else { return }
    var finding = LogFinding(
      check: .gradientClipping, quantity: .gradientNorm, verdict: share > 0.9 ? .warning : .notice,
      cause: .clippingRules, firstStep: gradients.commonStep, lastStep: lastStep, worstStep: gradients.commonStep,
      value: gradients.common, baseline: gradients.common, size: share, threshold: 0.5)
    finding.count = gradients.commonCount
    finding.isStanding = true
    report(finding)
  }

  func judgePlateau(_ rise: LogRise?) {
    guard isRunning(.hiddenNonfinite), loss.count > loss.nonfiniteCount else { return }
    if hidden.isConstant, loss.least == loss.greatest, loss.count >= 12 {
      return reportPlateau(.constantLoss, .warning, from: firstStep, size: 0, noise: 0)
    }
    guard isRunning(.plateau), let rise, loss.least > 0 else { return }
    guard rise.stretchCount >= 24, rise.rise < 2 * rise.noise else { return }
    let fall = -rise.quarterDifference
    guard fall.magnitude < 3 * max(rise.quarterError, 1e-300) else { return }
    if isAtStart(rise) {
      return reportPlateau(.nothingLearnt, .warning, from: firstStep, size: fall, noise: rise.noise)
    }
    if loss.count >= 200, fall.magnitude < 0.15 * rise.noise, rise.first - rise.lowest < 2 * rise.noise {
      reportPlateau(.nothingLearnt, .notice, from: firstStep, size: fall, noise: rise.noise)
    }
  }

  /// Whether a loss that does not fall is surely where the run began: its first value is no other, a fall by a fiftieth
  /// would have shown, and no validation loss fell; or it is that of a guess among the classes.
  private func isAtStart(_ rise: LogRise) -> Bool {
    let level = rise.middle.magnitude
    guard firstStep <= max(2 &* order.interval, 1) else { return false }
    guard (loss.first - rise.middle).magnitude < max(5 * rise.noise, 0.02 * level) else { return false }
    guard validationLoss.count == 0 || validationLoss.least > 0.97 * validationLoss.first else { return false }
    if options.classCount > 1 {
      let guess = logarithm(Double(options.classCount))
      if (rise.middle - guess).magnitude < max(0.02 * guess, 2 * rise.quarterError) { return true }
    }
    return rise.noise < 0.06 * level && rise.quarterDifference.magnitude + 3 * rise.quarterError < 0.02 * level
  }

  private func reportPlateau(_ cause: Cause, _ verdict: Verdict, from step: Int, size: Double, noise: Double) {
    var finding = LogFinding(
      check: .plateau, quantity: .loss, verdict: verdict, cause: cause, firstStep: step, lastStep: lastStep,
      worstStep: loss.leastStep, value: loss.last, baseline: loss.first, size: size, threshold: 0.15 * noise)
    finding.isStanding = true
    finding.noise = noise
    report(finding)
  }

  func judgeOverfitting() {
    guard isRunning(.overfitting), overfitting.count >= 4, overfitting.since >= 3 else { return }
    var (best, step) = (overfitting.best, overfitting.bestStep)
    var least = overfitting.since >= 8 ? 2 * overfitting.change : 3 * overfitting.change
    // The least of what jitters is low by chance.
    least = max(least, 5 * overfitting.jitter)
    // The least of many is an outlier: their level is what counts.
    if overfitting.count >= 64, let course = validationCourse.rise(work, workValues) {
      (best, step) = (course.lowest, course.lowestStep)
      least = max(least, 3 * course.noise, 5 * course.wander)
    }
    let rise = overfitting.level - best
    guard rise > 0, rise > least else { return }
    // Both rising is no overfitting; without a training loss nothing else can be told.
    guard loss.count == 0 || overfitting.trainNow - overfitting.trainAtBest < 0.2 * rise else { return }
    let allowed = 0.05 * best.magnitude
    var finding = LogFinding(
      check: .overfitting, quantity: .validationLoss, verdict: rise > allowed ? .warning : .notice, cause: .overfitting,
      firstStep: step, lastStep: overfitting.lastStep, worstStep: overfitting.lastStep, value: overfitting.level,
      baseline: best, size: rise, threshold: best + min(allowed, rise))
    finding.count = overfitting.since
    finding.isStanding = true
    report(finding)
  }

  func judgeSteps() {
    if order.backward.count > 0 {
      report(
        .backwardSteps, .backwardSteps, order.backward, value: Double(order.greatestReturn), size: order.backward.count)
    }
    if order.repeated.count > 0 {
      report(
        .repeatedSteps, .repeatedSteps, order.repeated, value: Double(order.identicalCount), size: order.repeated.count)
    }
    if order.hasGaps {
      report(.missingSteps, .missingSteps, order.gaps, value: Double(order.greatestGap), size: order.missingRowCount)
    }
  }

  private func report(
    _ check: LogCheck, _ cause: Cause, _ tally: LogStepOrder.Tally, value: Double, size: Int
  ) {
    // A tenth of the rows says that the log as a whole is not what it should be.
    let share = Double(size) / Double(max(order.count, 1))
    let isGrave = check == .backwardSteps ? order.runsBackward : share > 0.1 && order.count >= 50
    var finding = LogFinding(
      check: check, quantity: .step, verdict: isGrave ? .warning : .notice, cause: cause, firstStep: tally.firstStep,
      lastStep: tally.lastStep, worstStep: tally.firstStep, value: value, baseline: Double(order.interval),
      size: Double(size), threshold: 0)
    finding.count = tally.count
    report(finding)
  }
}
