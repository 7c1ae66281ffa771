extension Monitor {
  /// While some of what dies may come back.
  var isEarlyForUnits: Bool { serial <= 4 &* options.warmUp }

  /// Units, zeros and ranges of the layers that were looked at.
  @inline(never)
  func judgeLayers(_ sorted: Storage<Int>) {
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      if let units = watched.units, seen(watched, .preactivation) != nil, let report = units.close() {
        judgeUnits(watched, report)
      }
      if watched.entry.role == .attention { judgeAttention(watched) }
      if let look = seen(watched, .output) { judgeZeros(watched, look.pointee, sorted, place) }
      judgeRanges(watched)
      if options.preset == .sagemaker { judgePublishedZeros(watched) }
      judgeWidth(watched)
    }
    judgeActivationScale(sorted)
    judgeInput(sorted)
  }

  private func judgeUnits(_ watched: Watched, _ report: ActivityReport) {
    // Weights too small for the depth leave nothing but biases far from the input: known already.
    guard !isStanding(.vanishingGradient, run) else { return }
    let isPublished = options.preset == .sagemaker
    // Some of what dies in the first steps comes back; a layer that is dead as a whole does not.
    let isEarly = !isPublished && isEarlyForUnits && report.deadFraction <= 0.9
    // Below zero a graded activation still passes a gradient: what never fires there may come back.
    let isFinal = isPublished || watched.entry.activation == .relu || report.deadFraction > 0.95
    // DeadRelu counts units that fire less than 1 % of the time.
    let share = isPublished ? report.inactiveFraction : isEarly ? 0 : report.deadFraction
    // A net that learns well with the rest of a layer is sparse, and not sick.
    let isSpare = !isPublished && report.deadFraction < 0.75 && (isThriving || hasLearnt)
    judgeShare(
      .deadUnits, watched, share, causeOfDeath(report.cause, watched, report.deadFraction), report.confidence,
      most: isFinal && !isSpare ? .critical : .notice)
    judgeShare(
      .saturatedUnits, watched, report.saturatedFraction,
      watched.firstScale > DeathCauses.drivenSpread ? blamingInput(.saturation) : .saturation, report.confidence)
    judgeShare(.dormantUnits, watched, report.dormantFraction, .dormantUnits, report.confidence)
  }

  /// What the units look like says why they died; steps that moved a weight by a fifth of itself and more say it of
  /// those that lie too shallow to tell.
  private func causeOfDeath(_ found: Cause, _ watched: Watched, _ share: Double) -> Cause {
    // Dead before any weight has moved far: they started so.
    // Where no weight is shown, steps before the watch may have killed them.
    let startedSo =
      serial == 1 || watched.firstDeadShare > 0.8 * share && isAnyChangeKnown
      || serial <= options.warmUp && !hasMovedFar(0.05)
    if found == .learningRateTooHigh, startedSo { return .negativeBias }
    if startedSo, found == .negativeBias { return found }
    // Inputs of great scale drive units from the first look on; what drives them later came of the steps.
    let isDriven = found == .unscaledInput && watched.firstScale > DeathCauses.drivenSpread
    guard !isDriven, found != .silentInput, found != .learningRateTooHigh else { return found }
    // Most of them were alive in the first look: no bias of the start killed those, however far below zero they lie.
    let diedSince = found == .negativeBias && watched.firstDeadShare < 0.5 * share && isAnyChangeKnown
    if wereStepsLarge || diedSince { return .learningRateTooHigh }
    return found == .none ? .dormantUnits : found
  }

  private var isAnyChangeKnown: Bool {
    for watched in entries where watched.look(.weight).pointee.lookCount > 1 { return true }
    return false
  }

  /// Whether a step has moved a weight by that share of itself; where no weight is shown that is not known, and so it is.
  func hasMovedFar(_ share: Double) -> Bool {
    var isKnown = false
    for watched in entries {
      if watched.greatestChange > share { return true }
      if watched.greatestChange > 0 { isKnown = true }
    }
    return !isKnown && share < 0.1
  }

  private func judgeShare(
    _ rule: Rule, _ watched: Watched, _ share: Double, _ cause: Cause, _ confidence: Double,
    most: Verdict = .critical
  ) {
    let settings = settings(of: rule)
    guard share > settings.warning else {
      judge(rule, watched, nil)
      return
    }
    let isCritical = share > settings.critical
    judge(
      rule, watched,
      Observation(
        rule: rule, verdict: min(isCritical ? .critical : .warning, most), cause: cause, value: share,
        threshold: isCritical ? settings.critical : settings.warning, quantity: .preactivation,
        confidence: confidence))
  }

  private func judgeZeros(_ watched: Watched, _ look: Look, _ sorted: Storage<Int>, _ place: Int) {
    var isZero = look.summary.count > 0 && look.summary.zeroCount == look.summary.count
    guard options.preset == .trimtab else { return }
    let streak = watched.records.pointer[Int(Rule.allZero.rawValue)].streak
    if isZero, Double(streak) >= max(strictness.factor - 1, 1) { lookForDeath(sorted, before: place) }
    if isAnyStanding(.deadUnits) { isZero = false }
    judge(
      .allZero, watched,
      isZero
        ? Observation(
          rule: .allZero, verdict: .critical, cause: .dormantUnits, value: 1, threshold: 1, quantity: .output) : nil)
  }

  /// The nearest layer towards the input whose units are watched gives its verdict now.
  private func lookForDeath(_ sorted: Storage<Int>, before place: Int) {
    for earlier in stride(from: place &- 1, through: 0, by: -1) {
      let watched = entries[sorted.pointer[earlier]]
      guard let units = watched.units else { continue }
      if let found = units.closeEarly() {
        judgeShare(
          .deadUnits, watched, found.deadFraction, causeOfDeath(found.cause, watched, found.deadFraction),
          found.confidence)
      }
      return
    }
  }

  /// AllZero: whatever was looked at of the entry.
  private func judgePublishedZeros(_ watched: Watched) {
    var bad: Observation?
    var isLookedAt = false
    for number in 0..<Int32(Quantity.count) {
      guard let quantity = Quantity(rawValue: number), let look = seen(watched, quantity),
        look.pointee.summary.count > 0
      else { continue }
      isLookedAt = true
      if look.pointee.summary.zeroCount == look.pointee.summary.count {
        bad = Observation(
          rule: .allZero, verdict: .warning, cause: quantity == .gradient ? .zeroGradient : .dormantUnits, value: 1,
          threshold: 1, quantity: quantity)
      }
    }
    if isLookedAt { judge(.allZero, watched, bad) }
  }

  /// How close the values of a narrow type come to its ends: the worst of all that was seen of the entry.
  private func judgeRanges(_ watched: Watched) {
    var over: Observation?
    var under: Observation?
    var isLookedAt = false
    var isGradient = false
    for number in 0..<Int32(Quantity.count) {
      guard let quantity = Quantity(rawValue: number), let look = seen(watched, quantity),
        look.pointee.typeLimit < .infinity, look.pointee.summary.finiteCount > 0
      else { continue }
      isLookedAt = true
      over = overflow(quantity, look.pointee) ?? over
      guard quantity == .gradient || quantity == .outputGradient else { continue }
      isGradient = true
      under = underflow(quantity, look.pointee) ?? under
    }
    if isLookedAt { judge(.overflow, watched, over) }
    if isGradient { judge(.underflow, watched, under) }
  }

  private func overflow(_ quantity: Quantity, _ look: Look) -> Observation? {
    // Eight-bit types are scaled to their ends: there it is the share of elements that stopped at the end.
    if look.typeLimit < 6e4 {
      guard look.limitShare > Look.greatestLimitShare else { return nil }
      return Observation(
        rule: .overflow, verdict: .warning, cause: .rangeOverflow, value: look.limitShare,
        threshold: Look.greatestLimitShare, quantity: quantity)
    }
    let limit = settings(of: .overflow).warning * look.typeLimit
    guard look.summary.greatestMagnitude > limit else { return nil }
    return Observation(
      rule: .overflow, verdict: .warning, cause: .rangeOverflow, value: look.summary.greatestMagnitude,
      threshold: limit, quantity: quantity)
  }

  /// Of float32 and float64 nothing is said: what falls below their range is zero to any optimizer.
  private func underflow(_ quantity: Quantity, _ look: Look) -> Observation? {
    let nonzero = look.summary.finiteCount &- look.summary.zeroCount
    let lost = nonzero > 0 ? Double(look.summary.subnormalCount) / Double(nonzero) : 0
    let warning = settings(of: .underflow).warning
    guard lost > warning, look.typeLimit < 3.4e38 else { return nil }
    return Observation(
      rule: .underflow, verdict: .warning, cause: .rangeUnderflow, value: lost, threshold: warning, quantity: quantity)
  }
}

extension Look {
  static let greatestLimitShare = 0.01
}

extension TensorView {
  /// The share of an eight-bit tensor's elements that are at its type's greatest magnitude; NaN for other types, and
  /// where the elements do not lie side by side.
  var limitShare: Double {
    guard elementType == .float8e4m3fn || elementType == .float8e5m2, isCompact, count > 0, let base else {
      return .nan
    }
    let greatest: UInt8 = elementType == .float8e4m3fn ? 0x7e : 0x7b
    var found = 0
    for place in 0..<count where base.load(fromByteOffset: place, as: UInt8.self) & 0x7f == greatest {
      found = found &+ 1
    }
    return Double(found) / Double(count)
  }
}
