/// What the log doctor makes of a whole log. Fields mean what the C header says of them.
public struct LogReport: Sendable, Equatable {
  public var outcome: Outcome
  public var verdict: Verdict
  public var cause: Cause
  public var rowCount: Int
  public var firstStep: Int
  public var lastStep: Int
  public var findingCount: Int
  public var leftOutFindingCount: Int
  public var ranCount: Int
  public var checkCount: Int
  public var loss: LogExtremes
  public var validationLoss: LogExtremes
  public var gradientNorm: LogExtremes
  public var learningRate: LogExtremes
  public var lossScale: LogExtremes
  /// Standard deviation of the loss around its level; 0 where there are too few rows.
  public var noise: Double
}

extension LogDoctor {
  /// Judges what was taken so far; the findings are those of the last call. Complexity: about a millisecond.
  @discardableResult
  public func finish() -> LogReport {
    findingTotal = 0
    keptCount = 0
    risenAt = nil
    hiddenFrom = nil
    wave = waves.atEnd(workValues)
    let rise = lossCourse.rise(work, workValues)
    judgeNonfinite()
    if order.runsBackward { judgeSteps() } else { judgeCourse(rise) }
    noteStates()
    sort()
    let worst = finding(at: 0)
    let isJudged = count(of: .ran) > 0
    return LogReport(
      outcome: isJudged ? .ok : .insufficient, verdict: worst?.verdict ?? (isJudged ? .healthy : .unknown),
      cause: worst?.cause ?? .none, rowCount: rowCount, firstStep: firstStep, lastStep: lastStep,
      findingCount: keptCount, leftOutFindingCount: findingTotal &- keptCount, ranCount: count(of: .ran),
      checkCount: LogCheck.count, loss: loss, validationLoss: validationLoss, gradientNorm: gradientNorm,
      learningRate: learningRate, lossScale: lossScale, noise: rise?.noise ?? 0)
  }

  private func judgeCourse(_ rise: LogRise?) {
    judgeHiddenLosses()
    let resumed = judgeResumes(rise)
    judgeLossScale()
    if isShort { judgeFewRows() } else { judgeLevels(rise, resumed) }
    judgeSpikes(resumed, noise: rise?.noise ?? excursions.noise)
    judgeOscillation()
    judgeGradients(rise)
    judgePlateau(rise)
    judgeOverfitting()
    judgeSteps()
    demoteHidden()
  }

  public var findingCount: Int { keptCount }

  /// The findings of the last `finish`, the most important first; nil outside.
  public func finding(at index: Int) -> LogFinding? {
    index >= 0 && index < keptCount ? findings.pointer[index] : nil
  }

  /// What became of each check, by its number; nil outside, and before the first `finish`.
  public func state(at index: Int) -> LogCheckState? {
    guard index >= 0, index < LogCheck.count else { return nil }
    noteStates()
    return states.pointer[index]
  }

  var work: UnsafeMutablePointer<LogBlock> { blocks.pointer + 3 &* LogCourse.capacity }

  func report(_ finding: LogFinding) {
    findingTotal = findingTotal &+ 1
    if keptCount < LogDoctor.findingCapacity {
      findings.pointer[keptCount] = finding
      keptCount = keptCount &+ 1
      return
    }
    var least = 0
    for index in 1..<keptCount where precedes(findings.pointer[least], findings.pointer[index]) { least = index }
    if precedes(finding, findings.pointer[least]) { findings.pointer[least] = finding }
  }

  private func sort() {
    for index in 1..<max(keptCount, 1) {
      let finding = findings.pointer[index]
      var at = index
      while at > 0, precedes(finding, findings.pointer[at &- 1]) {
        findings.pointer[at] = findings.pointer[at &- 1]
        at = at &- 1
      }
      findings.pointer[at] = finding
    }
  }

  /// The worse before the lesser; then what happened before what is so throughout, in the order of the steps.
  private func precedes(_ one: LogFinding, _ other: LogFinding) -> Bool {
    if one.verdict != other.verdict { return one.verdict > other.verdict }
    let (isLate, otherIsLate) = (one.check.isStandingState, other.check.isStandingState)
    if isLate != otherIsLate { return !isLate }
    if !isLate, one.firstStep != other.firstStep { return one.firstStep < other.firstStep }
    return one.check.rawValue < other.check.rawValue
  }

  private func noteStates() {
    for code in 0..<LogCheck.count {
      guard let check = LogCheck(rawValue: Int32(truncatingIfNeeded: code)) else { continue }
      let rows = rowCount(of: check)
      var outcome = LogCheckOutcome.ran
      if rows == 0 { outcome = check.quantity == .step && rowCount > 0 ? .tooFewRows : .missingColumn }
      if rows > 0, rows < check.leastRowCount { outcome = .tooFewRows }
      if outcome == .ran, check == .missingSteps, !order.isRegular { outcome = .notApplicable }
      if outcome == .ran, check == .plateau, !(loss.least > 0) { outcome = .notApplicable }
      if outcome == .ran, order.runsBackward, check.needsOrder { outcome = .notApplicable }
      states.pointer[code] = LogCheckState(
        check: check, outcome: outcome, rowCount: rows, leastRowCount: check.leastRowCount)
    }
  }

  /// Rows that a check has: NaN and Inf reach those alone that look for them.
  private func rowCount(of check: LogCheck) -> Int {
    switch check {
    case .nonfinite: return loss.count &+ validationLoss.count &+ gradientNorm.count
    case .backwardSteps, .repeatedSteps, .missingSteps: return order.count
    default: break
    }
    switch check.quantity {
    case .loss: return loss.count &- loss.nonfiniteCount
    case .validationLoss: return validationLoss.count &- validationLoss.nonfiniteCount
    case .gradientNorm: return gradientNorm.count &- gradientNorm.nonfiniteCount
    case .lossScale: return lossScale.count
    default: return rowCount
    }
  }

  func isRunning(_ check: LogCheck) -> Bool { rowCount(of: check) >= check.leastRowCount }

  private func count(of outcome: LogCheckOutcome) -> Int {
    noteStates()
    var count = 0
    for index in 0..<LogCheck.count where states.pointer[index].outcome == outcome { count = count &+ 1 }
    return count
  }
}

extension LogCheck {
  /// Something that is so over the whole log, or that only belongs to how it was written.
  var isStandingState: Bool { rawValue >= LogCheck.oscillation.rawValue }
  /// Whether it is judged only where the rows stand in the order of the steps.
  var needsOrder: Bool { self != .nonfinite && rawValue < LogCheck.backwardSteps.rawValue }
}
