/// Where the first NaN or Inf of a step arose.
private struct Origin {
  var watched: Watched
  var quantity: Quantity
}

extension Monitor {
  /// Names the first thing in the order of computation that is not finite: forward from the input, then the loss, then
  /// backward from the output, then the weights. What follows from it is not named again.
  @inline(never)
  func judgeNonfinite(_ sorted: Storage<Int>) {
    let forward = firstForward(sorted)
    let loss = scalars[.loss].map { !$0.isFinite } ?? false
    let backward = firstBackward(sorted)
    let scalar = firstScalar()
    // A step whose gradients overflow under a loss scale is skipped and the scale lowered: expected, no finding.
    tally.isExpected =
      forward == nil && !loss && (tally.isNonfinite || scalar?.isGradient == true)
      && scalar?.isGradient != false && watchman.isExpected(scale: scalars[.lossScale] ?? 1)
    if forward != nil || loss || scalar?.isPoison == true { tally.isNonfinite = true }
    if let origin = forward {
      judge(.nonfinite, origin.watched, nonfinite(origin, sorted))
    } else if loss {
      judge(
        .nonfinite, run,
        Observation(
          rule: .nonfinite, verdict: .critical, cause: blamingThrow(.nonfiniteLoss), value: scalars[.loss] ?? .nan,
          threshold: 0))
    } else if let origin = backward {
      if !tally.isExpected { judge(.nonfinite, origin.watched, nonfinite(origin, sorted)) }
    } else if let scalar, !tally.isExpected {
      judge(
        .nonfinite, run,
        Observation(rule: .nonfinite, verdict: .critical, cause: scalar.cause, value: scalar.value, threshold: 0))
    }
    if !tally.isNonfinite { calmNonfinite() }
  }

  /// The first number beside the loss that is not finite. A validation loss poisons nothing; a learning rate does.
  private func firstScalar() -> (value: Double, cause: Cause, isGradient: Bool, isPoison: Bool)? {
    if let norm = scalars[.gradientNorm], !norm.isFinite { return (norm, .nonfiniteGradient, true, true) }
    if let rate = scalars[.learningRate], !rate.isFinite { return (rate, .learningRateTooHigh, false, true) }
    if let loss = scalars[.validationLoss], !loss.isFinite { return (loss, .nonfiniteLoss, false, false) }
    return nil
  }

  private func calmNonfinite() {
    if firstScalar() == nil { judge(.nonfinite, run, nil) }
    for index in 0..<findings.count {
      guard let finding = findings.at(index), finding.pointee.rule == .nonfinite, finding.pointee.isStanding else {
        continue
      }
      if finding.pointee.entry >= 0, finding.pointee.entry < entries.count {
        judge(.nonfinite, entries[finding.pointee.entry], nil)
      }
    }
  }

  private func firstForward(_ sorted: Storage<Int>) -> Origin? {
    let weight = first(sorted, .weight)
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      // Weights that are not finite before the step come before all that is computed with them.
      if let weight, weight.watched.entry.order <= watched.entry.order { return weight }
      if isNonfinite(watched, .preactivation) { return Origin(watched: watched, quantity: .preactivation) }
      if isNonfinite(watched, .attentionLogits) { return Origin(watched: watched, quantity: .attentionLogits) }
      if isNonfinite(watched, .attention) { return Origin(watched: watched, quantity: .attention) }
      if isNonfinite(watched, .output) { return Origin(watched: watched, quantity: .output) }
    }
    return weight
  }

  private func first(_ sorted: Storage<Int>, _ quantity: Quantity) -> Origin? {
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      if isNonfinite(watched, quantity) { return Origin(watched: watched, quantity: quantity) }
    }
    return nil
  }

  private func firstBackward(_ sorted: Storage<Int>) -> Origin? {
    for place in stride(from: sorted.count &- 1, through: 0, by: -1) {
      let watched = entries[sorted.pointer[place]]
      if isNonfinite(watched, .outputGradient) { return Origin(watched: watched, quantity: .outputGradient) }
      if isNonfinite(watched, .gradient) { return Origin(watched: watched, quantity: .gradient) }
    }
    return nil
  }

  private func isNonfinite(_ watched: Watched, _ quantity: Quantity) -> Bool {
    guard let look = seen(watched, quantity) else { return false }
    // A mask is written as -Inf into attention logits.
    if quantity == .attentionLogits {
      return look.pointee.summary.nanCount > 0 || look.pointee.summary.positiveInfinityCount > 0
    }
    return look.pointee.summary.nonfiniteCount > 0
  }

  /// Whether what comes before a layer is already that large, in a wider type, or its product with the weight between is:
  /// where a product overflows, infinities soon become NaN, and nothing finite is left to tell.
  private func isOutOfReach(_ layer: Watched, _ limit: Double, _ sorted: Storage<Int>) -> Bool {
    var greatest = 0.0
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      guard watched.entry.order < layer.entry.order else { break }
      if let look = seen(watched, .output) ?? seen(watched, .preactivation) {
        greatest = look.pointee.summary.greatestMagnitude
      }
      let weight = watched.look(.weight).pointee
      let gain =
        watched.entry.role == .weight
        ? weight.summary.greatestMagnitude * Double(max(weight.columns, 1)).squareRoot() : 1
      if greatest * max(gain, 1) > limit { return true }
    }
    return false
  }

  private func nonfinite(_ origin: Origin, _ sorted: Storage<Int>) -> Observation {
    let look = origin.watched.look(origin.quantity).pointee
    let cause: Cause
    let isGradient = origin.quantity == .gradient || origin.quantity == .outputGradient
    // The range of float32 is left only by what was thrown there.
    let thrown = look.typeLimit < 1e6 ? Cause.none : blamingThrow(.none)
    if thrown != .none {
      cause = thrown
    } else if look.isNearLimit || isGradient && look.isNarrowAndInfinite
      || !isGradient && look.typeLimit < 1e6 && isOutOfReach(origin.watched, look.typeLimit / 64, sorted)
    {
      cause = .rangeOverflow
    } else {
      switch origin.quantity {
      case .weight: cause = .nonfiniteWeight
      case .gradient, .outputGradient: cause = .nonfiniteGradient
      default: cause = .nonfiniteActivation
      }
    }
    return Observation(
      rule: .nonfinite, verdict: .critical, cause: cause, value: Double(look.summary.nonfiniteCount), threshold: 0,
      quantity: origin.quantity, index: look.summary.firstNonfiniteIndex)
  }
}

extension Look {
  /// Infinite for want of range: the finite values beside it, or those of the last look, come within a factor of 64 of
  /// the type's greatest, and there is no NaN that would say otherwise.
  var isNearLimit: Bool {
    guard typeLimit < .infinity else { return false }
    let infinite = summary.positiveInfinityCount &+ summary.negativeInfinityCount
    let last = before[3].isNaN ? 0 : before[3]
    return infinite > 0 && max(summary.greatestMagnitude, last) > typeLimit / 64
  }

  /// Infinite without NaN in a type of five bits of exponent, whose largest gradients seldom leave a trace before.
  var isNarrowAndInfinite: Bool { typeLimit < 1e6 && summary.nonfiniteCount > 0 && summary.nanCount == 0 }
}
