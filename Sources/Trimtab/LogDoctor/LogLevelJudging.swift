// Levels of the loss that rise: at once, slowly, or without end; and single values.

extension LogDoctor {
  func judgeLevels(_ rise: LogRise?, _ resumed: Resumed) {
    let lasting = rise.flatMap { significant($0) }
    var isExplained = lasting.map { isResumed($0, resumed) } ?? false
    // Less than two units of the last digit is no step.
    let step = lossCourse.steepest(workValues).flatMap { $0.after - $0.before > 2 * hidden.unit ? $0 : nil }
    var stepIsKnown = step == nil || resumed.explainsStep(step?.firstStep ?? 0, within: reach(120))
    var bumps = 0
    var worst: LogExcursion?
    for index in 0...excursions.count {
      guard let one = excursions[index] else { continue }
      // A few values far up raise the level of some rows.
      if one.isSpike, let step, step.spans(one.firstStep), one.rise > 3 * (step.after - step.before) {
        stepIsKnown = true
      }
      guard !one.isSpike, one.rowCount > 12 || one.isOver else { continue }
      if resumed.explains(row: one.firstRow, within: 120) || resumes.wentBack(one) { continue }
      if let step, step.spans(one.firstStep) { stepIsKnown = true }
      if !one.isOver, let lasting, !isExplained, isJump(one, lasting) {
        isExplained = true
        report(jump: one, lasting)
      } else if one.isOver || one.rowCount >= 60 || lasting == nil {
        // What has not come back is part of the rise.
        if let lasting, lasting.verdict >= .warning, !one.isOver || one.firstStep >= lasting.onset { continue }
        bumps = bumps &+ 1
        if one.rise > worst?.rise ?? 0 { worst = one }
      }
    }
    if let step, !stepIsKnown, !resumes.wentBack(at: step.row, to: step.after) {
      var one = LogExcursion()
      (one.firstStep, one.lastStep, one.worstStep) = (step.firstStep, step.lastStep, step.firstStep)
      (one.before, one.early, one.worst) = (step.before, step.after, step.after)
      (one.noise, one.rowCount, one.late, one.firstRow) = (step.noise, 60, step.after, step.row)
      one.limit = step.before + 2 * step.noise
      if let back = step.returnStep { (one.isOver, one.lastStep) = (true, back) }
      if let lasting, !isExplained, isJump(one, lasting) {
        isExplained = true
        report(jump: one, lasting)
      } else if lasting.map({ one.firstStep < $0.onset || $0.verdict < .warning }) ?? true {
        bumps = bumps &+ 1
        if one.rise > worst?.rise ?? 0 { worst = one }
      }
    }
    if let lasting, !isExplained { report(lasting) }
    judgeEnd(lasting, resumed)
    if let worst { report(bump: worst, count: bumps) }
  }

  /// A rise that was still there at the end.
  struct Lasting {
    var rise: LogRise
    var verdict: Verdict
    var onset: Int
    var isDivergence: Bool
    var rate: LogRates.Rise?
  }

  private func significant(_ rise: LogRise) -> Lasting? {
    guard isRunning(.drift), rise.rise > 0 else { return nil }
    let size = rise.rise
    guard size > rise.noise, size > 5 * rise.wander else { return nil }
    // The last stretches are behind a loss that grows faster and faster.
    let final = max(rise.final, excursions.current)
    var found = Lasting(rise: rise, verdict: .notice, onset: rise.onset, isDivergence: false)
    if size > options.riseSize * rise.noise || final - rise.lowest > 10 * rise.noise,
      size > 1.5 * rise.earlier || rise.earlier < 4 * rise.wander,
      max(final - rise.lowest, size) > 0.5 * (rise.peak - rise.lowest)
    {
      found.verdict = .warning
      let isDoubled = rise.lowest > 0 && final > 2 * rise.lowest
      let isBack = final > rise.first - 0.1 * (rise.first - rise.lowest)
      found.isDivergence = size > 10 * rise.noise && (isDoubled || isBack)
    }
    // A schedule that begins a new cycle raises the loss for a while.
    for index in 0..<rates.riseCount {
      guard let one = rates[index] else { break }
      if one.step >= rise.lowestStep &- Int(rise.rowsPerStretch), rates.last > 0.5 * one.to { found.rate = one }
    }
    if found.rate != nil, !found.isDivergence || rise.greatestShare > 0.4 { found.verdict = .notice }
    return found
  }

  private func isResumed(_ lasting: Lasting, _ resumed: Resumed) -> Bool {
    for index in 0..<resumed.count {
      let step = resumed.steps[index]
      if step >= lasting.rise.lowestStep, step <= max(lasting.rise.peakStep, lasting.onset) { return true }
    }
    return false
  }

  /// Whether most of what is left at the end came within a few rows.
  private func isJump(_ one: LogExcursion, _ lasting: Lasting) -> Bool {
    let reach = 3 * lasting.rise.rowsPerStretch
    guard Double(one.firstStep) >= Double(lasting.onset) - reach * Double(max(order.interval, 1)) else { return false }
    guard one.before - lasting.rise.lowest < 0.25 * lasting.rise.rise else { return false }
    let early = one.rowCount >= 24 ? one.early : one.late
    return early - one.before > 0.5 * max(lasting.rise.rise, excursions.current - one.before)
  }

  private func report(jump one: LogExcursion, _ lasting: Lasting) {
    let size = (one.rowCount >= 24 ? one.early : one.late) - one.before
    var finding = LogFinding(
      check: .jump, quantity: .loss, verdict: lasting.verdict,
      cause: lasting.rate == nil ? cause(of: one) : .scheduleRestarted, firstStep: one.firstStep, lastStep: lastStep,
      worstStep: one.worstStep, value: one.before + size, baseline: one.before, size: size,
      threshold: one.before + min(options.riseSize * one.noise, size))
    finding.isStanding = true
    finding.noise = one.noise
    risenAt = one.firstStep
    report(finding)
  }

  /// So many rows in steps.
  func reach(_ rows: Int) -> Int { rows &* min(max(order.interval, 1), 1 << 40) }

  /// A level that rises to where the log began is that of weights as they were made.
  private func cause(of one: LogExcursion) -> Cause {
    let fall = loss.first - one.before
    return fall > 20 * one.noise && one.rise > 0.85 * fall && one.rise < 1.15 * fall ? .weightsLost : .levelShift
  }

  /// Whether a spike is where a level rose.
  private func isBeginning(_ one: LogExcursion) -> Bool {
    guard let risenAt, one.isSpike else { return false }
    return one.firstStep <= risenAt && one.firstStep >= risenAt &- reach(24)
  }

  private func report(_ lasting: Lasting) {
    let rise = lasting.rise
    let isSudden = min(rise.firstShare, rise.greatestShare) > 0.65 && rise.stretchCount >= 24 && !lasting.isDivergence
    var finding = LogFinding(
      check: lasting.isDivergence ? .divergence : isSudden ? .jump : .drift, quantity: .loss,
      verdict: lasting.isDivergence ? .critical : lasting.verdict,
      cause: lasting.rate != nil
        ? .scheduleRestarted : lasting.isDivergence ? .divergence : isSudden ? .levelShift : .upwardDrift,
      firstStep: lasting.onset, lastStep: lastStep, worstStep: rise.peakStep, value: rise.peak, baseline: rise.lowest,
      size: rise.peak - rise.lowest,
      threshold: rise.lowest + (lasting.verdict > .notice ? options.riseSize : 1) * rise.noise)
    finding.isStanding = true
    finding.noise = rise.noise
    finding.confidence = lasting.verdict > .notice ? 0.9 : 0.6
    report(finding)
  }

  /// A log that ends while its loss is far above all that it was, for too short a time to be a level.
  private func judgeEnd(_ lasting: Lasting?, _ resumed: Resumed) {
    guard !(lasting.map { $0.verdict >= .warning } ?? false), let one = excursions.latest,
      !resumed.explains(row: one.firstRow, within: 120), one.rowCount >= 4
    else { return }
    let size = excursions.current - one.before
    guard size > 10 * one.noise, size > one.before.magnitude || excursions.current > loss.first else { return }
    let early = one.rowCount >= 24 ? one.early - one.before : 0
    let isJump = early > 0.6 * size
    var finding = LogFinding(
      check: isJump ? .jump : .divergence, quantity: .loss, verdict: isJump ? .warning : .critical,
      cause: isJump ? .levelShift : .divergence, firstStep: one.firstStep, lastStep: lastStep, worstStep: one.worstStep,
      value: one.worst, baseline: one.before, size: one.rise, threshold: one.before + 10 * one.noise)
    finding.isStanding = true
    finding.noise = one.noise
    report(finding)
  }

  /// A level that came back: a spike that took long, or a change that was learnt; or one that fell again.
  private func report(bump one: LogExcursion, count: Int) {
    let isHigh = one.before > 0 ? one.height > max(0.3 * one.before, 4 * one.noise) : one.height > 30 * one.noise
    let isSlow = one.rowCount > options.recoveryRows
    let rate = rate(at: one.firstRow, within: 600)
    var finding = LogFinding(
      check: .jump, quantity: .loss,
      verdict: isHigh && isSlow && !rate && !isOscillating(one.firstStep) ? .warning : .notice,
      cause: rate ? .scheduleRestarted : cause(of: one), firstStep: one.firstStep, lastStep: one.lastStep,
      worstStep: one.worstStep, value: one.worst, baseline: one.before, size: one.rise,
      threshold: min(one.limit, one.worst))
    finding.count = count
    finding.noise = one.noise
    finding.isStanding = !one.isOver
    finding.confidence = 0.7
    risenAt = one.firstStep
    // The first values of a new level may have been taken for a spike.
    for index in 0..<excursions.count {
      if let spike = excursions[index], isBeginning(spike) {
        finding.firstStep = min(finding.firstStep, spike.firstStep)
      }
    }
    report(finding)
  }

  /// Whether a level rose where the loss goes up and down.
  private func isOscillating(_ step: Int) -> Bool {
    if oscillationRows > 0 { return step >= oscillationFirst &- reach(128) && step <= oscillationLast }
    guard let wave = wave?.wave else { return false }
    return step >= wave.firstStep &- reach(64 &+ 2 &* Int(wave.period)) && step <= wave.lastStep
  }

  /// Whether the learning rate rose again so many rows before, or in the next two.
  private func rate(at row: Int, within reach: Int) -> Bool {
    for index in 0..<rates.riseCount {
      guard let rise = rates[index] else { break }
      if row >= rise.row &- 2, row <= rise.row &+ reach { return true }
    }
    return false
  }

  func judgeSpikes(_ resumed: Resumed, noise: Double) {
    guard isRunning(.spike) else { return }
    var worst: LogExcursion?
    var (explained, severe, kept) = (0, 0, 0)
    var (firstRise, lastRise) = (0.0, 0.0)
    for index in 0...excursions.count {
      guard let one = excursions[index], one.isSpike || !one.isOver && one.rowCount <= 12 else { continue }
      if resumed.explains(row: one.firstRow, within: 12) || isBeginning(one) {
        explained = explained &+ 1
        continue
      }
      kept = kept &+ 1
      if one.rise > worst?.rise ?? 0 { worst = one }
      let ratio = one.before > 0 ? one.worst / one.before : one.rise / max(20 * one.noise, 1e-300)
      if ratio > 1.5, one.isWithGradient || ratio > 4 { severe = severe &+ 1 }
      // Rises of the first and the last, averaged over about a quarter of them.
      if kept <= 3 { firstRise += one.rise / 3 }
      lastRise += (one.rise - lastRise) / Double(min(kept, 3))
    }
    guard let worst else { return judgePeak(resumed) }
    let high = excursions.peaks.highCount
    let count = max(excursions.spikeCount &- explained, kept, high)
    let isOften =
      count >= 8 && Double(count) > 0.01 * Double(loss.count) && worst.rise > 10 * worst.noise
      || high >= 8 && Double(high) > 0.005 * Double(loss.count)
    let isGrowing = count >= 6 && lastRise > 3 * firstRise && lastRise > 15 * worst.noise
    // A loss that goes up and down is one finding, not two.
    let isGrave = oscillationRows == 0 && wave == nil && (isOften || isGrowing || severe >= 3)
    var finding = LogFinding(
      check: .spike, quantity: .loss, verdict: isGrave ? .warning : .notice,
      cause: rate(at: worst.firstRow, within: 16) ? .scheduleRestarted : isGrave ? .learningRateTooHigh : .badBatch,
      firstStep: count == 1 ? worst.firstStep : excursions.spikeFirstStep,
      lastStep: count == 1 ? worst.lastStep : excursions.spikeLastStep, worstStep: worst.worstStep, value: worst.worst,
      baseline: worst.before, size: worst.rise, threshold: min(worst.limit, worst.worst))
    finding.count = count
    // What the detector took for usual in the end is counted all the same.
    if count > 1, count == high {
      (finding.firstStep, finding.lastStep) = (excursions.peaks.highFirstStep, excursions.peaks.highLastStep)
    }
    finding.noise = worst.noise
    finding.isStanding = !worst.isOver
    report(finding)
  }

  /// The greatest single value, where it stands far above all others though not above what the detector promises.
  private func judgePeak(_ resumed: Resumed) {
    guard let peak = excursions.peaks.highest, !resumed.explains(row: peak.row, within: 12) else { return }
    if let risenAt, peak.step >= risenAt &- reach(24), peak.step <= risenAt &+ reach(24) { return }
    var finding = LogFinding(
      check: .spike, quantity: .loss, verdict: .notice,
      cause: rate(at: peak.row, within: 16) ? .scheduleRestarted : .badBatch, firstStep: peak.step,
      lastStep: peak.step, worstStep: peak.step, value: peak.value, baseline: peak.before,
      size: peak.value - peak.before,
      threshold: min(peak.before + 9 * peak.noise, peak.value))
    finding.noise = peak.noise
    finding.confidence = 0.6
    report(finding)
  }

  func judgeOscillation() {
    guard isRunning(.oscillation) else { return }
    guard oscillationRows > 0 else { return judgeWaves() }
    // Two tasks in turn from the first step on, and learning all the same, is how some runs are made.
    let isUsual = isOscillatingFromStart && loss.last < loss.first
    let first = isOscillatingFromStart ? loss.firstStep : oscillationFirst
    var finding = LogFinding(
      check: .oscillation, quantity: .loss, verdict: isUsual ? .notice : .warning, cause: .oscillation,
      firstStep: first, lastStep: oscillationLast, worstStep: oscillationFirst, value: oscillationScore,
      baseline: 2.0 / 3, size: oscillationScore, threshold: oscillation.report.threshold)
    finding.count = oscillationRows
    finding.isStanding = oscillation.report.state.isAlarm
    report(finding)
  }

  /// An oscillation of more than two rows.
  private func judgeWaves() {
    guard let found = wave else { return }
    let wave = found.wave
    // As above; and the learning rate may go up and down.
    let cycle = rates.cycle / wave.period
    let isRate = cycle > 0.7 && cycle < 1.4
    let isUsual = isRate || found.isFromStart && loss.last < loss.first
    var finding = LogFinding(
      check: .oscillation, quantity: .loss, verdict: isUsual ? .notice : .warning,
      cause: isRate ? .scheduleRestarted : .oscillation, firstStep: wave.firstStep, lastStep: wave.lastStep,
      worstStep: wave.firstStep, value: wave.amplitude, baseline: wave.period, size: wave.share, threshold: 0.5)
    finding.count = wave.rowCount
    finding.isStanding = found.isStanding
    finding.confidence = 0.9
    report(finding)
  }
}
