// What is not finite, or says that it is though it is not, and what was lost at a restart.

extension LogDoctor {
  func judgeNonfinite() {
    judge(lossNonfinite, .loss, loss)
    judge(gradientNonfinite, .gradientNorm, gradientNorm)
    judge(validationNonfinite, .validationLoss, validationLoss)
    judgeAbsence()
  }

  /// A loss that is missing to the end, while the log goes on.
  private func judgeAbsence() {
    guard absence.isForGood else { return }
    var finding = LogFinding(
      check: .nonfinite, quantity: .loss, verdict: .warning, cause: .lossEnds, firstStep: absence.firstStep,
      lastStep: absence.lastStep, worstStep: absence.firstStep, value: .nan, baseline: loss.last,
      size: Double(absence.run) / Double(max(rowCount, 1)), threshold: 0)
    finding.count = absence.run
    finding.isStanding = true
    finding.confidence = 0.8
    report(finding)
  }

  private func judge(_ tally: LogNonfinite, _ quantity: LogQuantity, _ extremes: LogExtremes) {
    guard tally.count > 0 else { return }
    let isStanding = tally.run > 0
    let share = Double(tally.count) / Double(max(tally.rowCount, 1))
    var verdict: Verdict = isStanding && (tally.run > 2 || quantity != .gradientNorm) ? .critical : .warning
    var cause = Cause.nonfiniteLoss
    switch quantity {
    case .gradientNorm:
      cause = .nonfiniteGradient
      // A gradient scaler looks for the greatest scale in this way, and leaves those steps out.
      if !isStanding, share < 0.02, tally.longestRun <= 20, lossNonfinite.count == 0 { verdict = .notice }
    case .validationLoss: if !isStanding { verdict = .warning }
    default: if isStanding, tally.run > 2, tally.firstRow > 0 { cause = .nonfiniteWeight }
    }
    var finding = LogFinding(
      check: .nonfinite, quantity: quantity, verdict: verdict, cause: cause, firstStep: tally.firstStep,
      lastStep: tally.lastStep, worstStep: tally.firstStep, value: tally.nanCount > 0 ? .nan : .infinity,
      baseline: extremes.last, size: share, threshold: 0)
    finding.count = tally.count
    finding.isStanding = isStanding
    report(finding)
  }

  func judgeHiddenLosses() {
    guard isRunning(.hiddenNonfinite) else { return }
    let zeros = hidden.zeros
    if zeros.count > 0, loss.least >= 0 {
      // A loss of zero has no gradient: a norm that is finite all the same makes it less certain, not right.
      let isKnown = zeros.badGradients > zeros.goodGradients
      if isKnown || zeros.longestRun >= 2 || zeros.count >= 3 {
        report(
          hidden: zeros, value: 0, isStanding: zeros.run > 1,
          confidence: isKnown ? 1 : zeros.goodGradients > 0 ? 0.7 : 0.8)
        return
      }
    }
    var repeats = hidden.repeats
    if repeats.count > 0, repeats.goodGradients <= repeats.badGradients, !hidden.isConstant {
      let isStanding = repeats.lastStep == loss.lastStep
      // Before a mean comes to rest, values agree with it.
      if let mean = hidden.mean, mean.longestRun >= 2 {
        repeats.firstStep = min(repeats.firstStep, mean.longestRunStep)
      }
      report(
        hidden: repeats, value: repeats.baseline, isStanding: isStanding,
        confidence: repeats.badGradients > 0 ? 1 : 0.7)
    } else if oscillationRows == 0, var mean = hidden.mean, mean.goodGradients <= mean.badGradients {
      if mean.longestRun >= 3 { mean.firstStep = mean.longestRunStep }
      report(
        hidden: mean, value: mean.baseline, isStanding: mean.lastStep == loss.lastStep,
        confidence: mean.badGradients > 0 ? 1 : 0.8)
    }
  }

  private func report(hidden match: LogHiddenLosses.Match, value: Double, isStanding: Bool, confidence: Double) {
    var finding = LogFinding(
      check: .hiddenNonfinite, quantity: .loss, verdict: isStanding && match.longestRun >= 3 ? .critical : .warning,
      cause: .hiddenNonfinite, firstStep: match.firstStep, lastStep: match.lastStep, worstStep: match.firstStep,
      value: value, baseline: match.baseline, size: Double(match.count) / Double(max(loss.count, 1)),
      threshold: match.expected)
    finding.count = match.count
    finding.isStanding = isStanding
    finding.confidence = confidence
    hiddenFrom = match.firstStep
    report(finding)
  }

  /// What numbers do that stand for losses is not what the run does.
  func demoteHidden() {
    guard let hiddenFrom else { return }
    for index in 0..<keptCount {
      let one = findings.pointer[index]
      switch one.check {
      case .jump, .drift, .divergence, .spike, .oscillation, .plateau:
        guard one.verdict > .notice, one.firstStep >= hiddenFrom &- reach(64) else { continue }
        findings.pointer[index].verdict = .notice
      default: continue
      }
    }
  }

  /// Rows from which on losses are explained by a loss of state; at most the first few such places.
  struct Resumed {
    var rows = SIMD8<Int>(repeating: -1)
    var steps = SIMD8<Int>(repeating: 0)
    var count = 0

    mutating func add(_ row: Int, _ step: Int) {
      guard count < 8 else { return }
      (rows[count], steps[count]) = (row, step)
      count = count &+ 1
    }

    func explainsStep(_ step: Int, within reach: Int) -> Bool {
      for index in 0..<count where step >= steps[index] && step <= steps[index] &+ reach { return true }
      return false
    }

    /// Whether such a place lies at most so many rows before.
    func explains(row: Int, within reach: Int) -> Bool {
      for index in 0..<count where row >= rows[index] &- 2 && row <= rows[index] &+ reach { return true }
      return false
    }
  }

  func judgeResumes(_ rise: LogRise?) -> Resumed {
    var resumed = Resumed()
    guard isRunning(.resume) else { return resumed }
    let usual = rise?.noise ?? 0
    let isMidway = firstStep > 1 && firstStep > 2 &* max(order.interval, 1)
    if isMidway, let leap = resumes.leap(noise: max(usual, 1e-9 * loss.first.magnitude)) {
      report(leap, peak: leap.worst, at: leap.worstStep, noise: usual)
      resumed.add(leap.row, leap.step)
    } else if isMidway, let rise, isFreshStart(rise) {
      var fresh = LogResume()
      (fresh.step, fresh.median, fresh.worstStep) = (firstStep, loss.first, firstStep)
      (fresh.expected, fresh.worst) = (rise.lowest, loss.first)
      report(fresh, peak: loss.first, at: firstStep, noise: usual, confidence: 0.6)
      resumed.add(0, firstStep)
    }
    for index in 0..<resumes.count {
      guard let resume = resumes[index], resume.count >= 3, resume.isConfirmed else { continue }
      let noise = max(resume.noise, 0.8 * usual)
      var (peak, step) = (resume.median, resume.step)
      var isUp = resume.median - resume.expected > 2.5 * noise
      // What begins soon after it belongs to it.
      for place in 0...excursions.count {
        guard let one = excursions[place], one.firstRow >= resume.row &- 1, one.firstRow <= resume.row &+ 60,
          one.rowCount > 8, one.worst > peak, one.late - resume.expected > 2.5 * noise || one.isOver,
          one.worst - resume.expected > 4 * noise
        else { continue }
        (peak, step, isUp) = (one.worst, one.worstStep, true)
      }
      guard isUp, noise > 0 || resume.median > resume.expected else { continue }
      report(resume, peak: peak, at: step, noise: noise)
      resumed.add(resume.row, resume.step)
    }
    return resumed
  }

  /// A file that begins in mid-run with a loss that falls as that of a run that has just begun.
  private func isFreshStart(_ rise: LogRise) -> Bool {
    guard rowCount >= 100, rise.lowest > 0, rise.stretchCount >= 12 else { return false }
    return loss.first > 1.8 * rise.lowest && loss.first - rise.lowest > 30 * rise.noise
      && loss.first >= loss.greatest - 4 * rise.noise
  }

  private func report(
    _ resume: LogResume, peak: Double, at step: Int, noise: Double, confidence: Double = 0.9
  ) {
    let rateFell = resume.rateAfter < 0.5 * resume.rateBefore || resume.rateAfter > 2 * resume.rateBefore
    var cause: Cause = rateFell || isRewarmed(resume) ? .scheduleRestarted : .optimizerStateLost
    if isInitial(resume, peak) { cause = .weightsLostAtResume }
    var finding = LogFinding(
      check: .resume, quantity: .loss, verdict: cause == .weightsLostAtResume ? .critical : .warning, cause: cause,
      firstStep: resume.step, lastStep: step, worstStep: step, value: peak, baseline: resume.expected,
      size: peak - resume.expected, threshold: resume.expected + 2.5 * noise)
    finding.noise = noise
    finding.confidence = confidence
    report(finding)
  }

  private func isRewarmed(_ resume: LogResume) -> Bool {
    for index in 0..<rates.riseCount {
      guard let rise = rates[index] else { break }
      if rise.row >= resume.row &- 2, rise.row <= resume.row &+ 16 { return true }
    }
    return false
  }

  /// Whether a loss is that of weights as they were made: the log's own first loss, or ln of the number of classes.
  private func isInitial(_ resume: LogResume, _ peak: Double) -> Bool {
    guard resume.expected > 0 else { return false }
    if options.classCount > 1 { return peak > 0.93 * logarithm(Double(options.classCount)) }
    let beganAtZero = firstStep <= max(2 &* order.interval, 1)
    if beganAtZero, loss.first > resume.expected {
      return peak - resume.expected > 0.75 * (loss.first - resume.expected)
        && peak - resume.expected > 6 * resume.noise
    }
    // ln of 8,000 to 400,000: the vocabularies of language models.
    return resume.median > 1.8 * resume.expected && peak > 8.9
      || !beganAtZero && resume.median > 2.5 * resume.expected
  }

  func judgeLossScale() {
    guard isRunning(.lossScale), scales.longestFalls >= 4 else { return }
    let isStanding = scales.last < 1
    guard scales.lowest < 1 else { return }
    var finding = LogFinding(
      check: .lossScale, quantity: .lossScale,
      verdict: isStanding ? .critical : .warning, cause: .lossScaleCollapse,
      firstStep: scales.firstFallStep, lastStep: lastStep, worstStep: scales.lowestStep, value: scales.lowest,
      baseline: scales.greatest, size: scales.lowest > 0 ? scales.greatest / scales.lowest : .infinity, threshold: 1)
    finding.count = scales.longestFalls
    finding.isStanding = isStanding
    report(finding)
  }
}
