internal import CPlatform

/// What the gradients of one step come to, all together.
struct StepTally {
  var total = Summary()
  var seenCount = 0
  /// The greatest root mean square of a weight's gradient.
  var greatestRootMeanSquare = 0.0
  var smallestWeight = -1
  private var smallestRootMeanSquare = Double.infinity
  var weights = DepthProfile()
  /// Something non-finite was seen in this step.
  var isNonfinite = false
  /// It is what mixed precision does to find its loss scale.
  var isExpected = false

  var norm: Double { total.l2Norm }

  mutating func add(weight look: Look, index: Int) {
    let rootMeanSquare = look.rootMeanSquare
    greatestRootMeanSquare = max(greatestRootMeanSquare, rootMeanSquare)
    if rootMeanSquare > 0, rootMeanSquare < smallestRootMeanSquare {
      smallestRootMeanSquare = rootMeanSquare
      smallestWeight = index
    }
    weights.add(look.summary, isVanishing: false)
  }
}

extension Monitor {
  /// Closes the step: judges it and says what to do.
  ///
  /// - Throws: `invalidArgument` (no step is open), `outOfMemory` (the first step after a registration).
  /// - Complexity: O(entries), beside what new findings take.
  public func endStep() throws(TrimtabError) -> Decision {
    guard isOpen else { throw TrimtabError(.invalidArgument, "monitor: found no open step, allowed after its begin") }
    let start = trimtab_platform_seconds()
    let sorted = try sortedEntries()
    isOpen = false
    gather(sorted)
    judgeSetUp()
    judgeStarts(sorted)
    judgeNonfinite(sorted)
    judgeGradients(sorted)
    judgeWeights(sorted)
    judgeLayers(sorted)
    judgeSeries()
    judgeSetUpAgain()
    judgeLearning(sorted)
    judgePublished(sorted)
    judgeStall(start)
    let decision = decide()
    snapshot?.note(isHealthy: isHealthy(decision))
    record(decision)
    governor.spend(trimtab_platform_seconds() - start, isOptional: false)
    return decision
  }

  @inline(never)
  private func gather(_ sorted: Storage<Int>) {
    var fresh = StepTally()
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      guard let look = seen(watched, .gradient) else { continue }
      fresh.seenCount = fresh.seenCount &+ 1
      fresh.total.combine(look.pointee.summary)
      if look.pointee.summary.nonfiniteCount > 0 { fresh.isNonfinite = true }
      if watched.entry.role == .weight { fresh.add(weight: look.pointee, index: watched.index) }
      if watched.entry.role == .bias, !watched.entry.hasZeroGradient { suspectUnits(watched, look.pointee.summary) }
    }
    fresh.total.derive()
    tally = fresh
  }

  /// A unit that fires on no sample of the batch passes no gradient to its bias. Those that did so from the start are no
  /// sign of trouble.
  private func suspectUnits(_ watched: Watched, _ gradient: Summary) {
    let share = Double(gradient.zeroCount) / Double(max(gradient.count, 1))
    if watched.firstDeadShare.isNaN { watched.firstDeadShare = share }
    if share > max(isEarlyForUnits ? 0.9 : 0.3, watched.firstDeadShare + 0.2) {
      governor.suspect(deadShare: share, serial: serial)
    }
  }

  /// What a rule says of one look at an entry: nil if all is well. Counts bad looks in a row, and speaks after as many
  /// as the rule's patience.
  ///
  /// - Parameter patience: of a rule whose settings mean something else by it.
  func judge(_ rule: Rule, _ watched: Watched, _ bad: Observation?, patience: Int? = nil) {
    let settings = settings(of: rule)
    guard settings.isEnabled, !watched.isSilent(rule) else { return }
    let record = watched.records.pointer + Int(rule.rawValue)
    record.pointee.stamp = serial
    guard var bad else {
      record.pointee.streak = min(record.pointee.streak, 0) &- 1
      // Three good looks end a finding: the hysteresis of something that flickers.
      if record.pointee.streak <= -3, let finding = findings.at(record.pointee.finding &- 1) {
        finding.pointee.isStanding = false
      }
      return
    }
    // Steps are too large for inputs of such a scale; a rate that leaped is another matter.
    if bad.cause == .learningRateTooHigh, series.leapSerial == 0 { bad.cause = blamingInput(bad.cause) }
    record.pointee.streak = max(record.pointee.streak, 0) &+ 1
    if let finding = findings.at(record.pointee.finding &- 1) {
      update(finding, bad)
    } else if record.pointee.streak >= patience ?? settings.patience {
      raise(bad, watched, record)
    }
  }

  private func update(_ finding: UnsafeMutablePointer<Finding>, _ bad: Observation) {
    finding.pointee.lastStep = step
    finding.pointee.count = finding.pointee.count &+ 1
    finding.pointee.isStanding = true
    // Farther on the side on which it first went wrong: what an alarm that goes on sees may lie on the other.
    let isBelow = finding.pointee.value < finding.pointee.threshold
    let isFarther =
      isBelow
      ? bad.value - bad.threshold < finding.pointee.value - finding.pointee.threshold
      : bad.value - bad.threshold > finding.pointee.value - finding.pointee.threshold
    if finding.pointee.verdict == .notice, bad.verdict > .notice { finding.pointee.firstStep = step }
    if bad.verdict > finding.pointee.verdict || bad.verdict == finding.pointee.verdict && isFarther {
      finding.pointee.verdict = bad.verdict
      finding.pointee.value = bad.value
      finding.pointee.threshold = bad.threshold
    }
  }

  private func raise(_ bad: Observation, _ watched: Watched, _ record: UnsafeMutablePointer<RuleRecord>) {
    guard findings.count < Monitor.greatestFindingCount else { return }
    var finding = Finding(
      rule: bad.rule, verdict: bad.verdict, cause: bad.cause, quantity: bad.quantity, entry: watched.index,
      firstStep: step, lastStep: step, value: bad.value, threshold: bad.threshold)
    finding.index = bad.index
    finding.confidence = bad.confidence
    if let quantity = bad.quantity { finding.before = watched.look(quantity).pointee.before }
    // Without memory for one more finding the run goes on, and the verdict of the step still says it.
    do throws(TrimtabError) { try findings.append(finding) } catch { return }
    record.pointee.finding = findings.count
    newFindingCount = newFindingCount &+ 1
  }

  /// Whether a rule has a finding about an entry that still stands.
  func isStanding(_ rule: Rule, _ watched: Watched) -> Bool {
    let record = watched.records.pointer[Int(rule.rawValue)]
    return findings.at(record.finding &- 1)?.pointee.isStanding ?? false
  }

  func isAnyStanding(_ rule: Rule) -> Bool {
    for index in 0..<findings.count {
      if let finding = findings.at(index), finding.pointee.rule == rule, finding.pointee.isStanding { return true }
    }
    return false
  }

  /// The worst of the findings that still stand.
  var standingVerdict: Verdict {
    var worst = Verdict.healthy
    for index in 0..<findings.count {
      if let finding = findings.at(index), finding.pointee.isStanding { worst = max(worst, finding.pointee.verdict) }
    }
    return worst
  }
}
