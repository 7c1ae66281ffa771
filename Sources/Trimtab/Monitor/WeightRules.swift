extension Monitor {
  /// Update ratios and parameters that do not change, at the looks at weights.
  @inline(never)
  func judgeWeights(_ sorted: Storage<Int>) {
    guard !tally.isNonfinite else { return }
    if options.preset == .sagemaker { return judgePublishedWeights(sorted) }
    var looked = 0
    var unchanged = 0
    var tooFine = 0
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      guard let sample = watched.sample, seen(watched, .weight) != nil, sample.lookCount > 1 else { continue }
      guard !watched.isSilent(.unchangedParameter), !watched.entry.isFrozen, !isSpent(watched) else { continue }
      looked = looked &+ 1
      if sample.unchangedLooks > 0 { unchanged = unchanged &+ 1 }
      if isTooFine(watched) { tooFine = tooFine &+ 1 }
    }
    guard looked > 0 || tally.seenCount > 0 else { return }
    let isStill = scalars[.learningRate] == 0 || watchman.skippedSinceLook
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      guard let sample = watched.sample, seen(watched, .weight) != nil, sample.lookCount > 1 else { continue }
      if !isStill, unchanged < looked { judgeUnchanged(watched, sample) }
      judgeJump(watched, sample)
      judgeUpdate(watched, sample)
      judgeSpectrum(watched)
    }
    if looked > 0, !isStill { judgeAllUnchanged(looked, unchanged, tooFine) }
    if looked > 0 { watchman.skippedSinceLook = false }
  }

  /// Every parameter stands still: the optimizer's step is missing, or its learning rate is 0.
  private func judgeAllUnchanged(_ looked: Int, _ unchanged: Int, _ tooFine: Int) {
    // No optimizer moves what has no gradient.
    let isSilent = tally.seenCount > 0 && tally.total.scaledAbsoluteSum == 0
    judge(
      .unchangedParameter, run,
      unchanged == looked
        ? Observation(
          rule: .unchangedParameter, verdict: .critical,
          cause: tooFine == looked || isSilent && isAnyHalf
            ? .rangeUnderflow
            : isSilent ? .zeroGradient : .missingOptimizerStep, value: Double(unchanged), threshold: 0,
          quantity: nil)
        : nil)
  }

  /// Something was computed in sixteen bits.
  private var isAnyHalf: Bool {
    for watched in entries {
      for quantity in [Quantity.preactivation, .output, .gradient] {
        let look = watched.look(quantity).pointee
        if look.stamp > 0, look.typeLimit < 1e5, look.typeLimit > 6e4 { return true }
      }
    }
    return false
  }

  /// In sixteen bits: a step, of the gradient or of the rate alone, is less than half of what lies between the weight's
  /// greatest value and the next.
  private func isTooFine(_ watched: Watched) -> Bool {
    let weight = watched.look(.weight).pointee
    guard weight.typeLimit < 3.4e38, let gradient = seen(watched, .gradient), let rate = scalars[.learningRate] else {
      return false
    }
    // Half a unit in the last place over the value: 2^-12 to 2^-11 in float16, whose least value is 2^-24; 2^-9 to 2^-8.
    let isHalf = weight.typeLimit < 1e5
    let least = max(weight.summary.greatestMagnitude * (isHalf ? 0x1p-11 : 0x1p-8), isHalf ? 0x1p-25 : 0)
    return rate * min(gradient.pointee.summary.greatestMagnitude, 1) < least
  }

  /// A fit to the last digit: the loss is next to nothing, and a step is less than half of what lies between the weight's
  /// greatest value and the next.
  private func isSpent(_ watched: Watched) -> Bool {
    guard series.progress.isSpent, let gradient = seen(watched, .gradient), let rate = scalars[.learningRate] else {
      return false
    }
    let weight = watched.look(.weight).pointee
    let grain = weight.typeLimit > 1e39 ? 0x1p-53 : 0x1p-24
    return rate * gradient.pointee.summary.greatestMagnitude < weight.summary.greatestMagnitude * grain
  }

  private func judgeUnchanged(_ watched: Watched, _ sample: WeightSample) {
    judge(
      .unchangedParameter, watched,
      sample.unchangedLooks > 0 && !hasNoGradient(watched) && !isSpent(watched)
        ? Observation(
          rule: .unchangedParameter, verdict: watched.entry.isFrozen ? .notice : .warning,
          cause: isTooFine(watched) ? .rangeUnderflow : .frozenParameter,
          value: Double(sample.unchangedLooks),
          threshold: Double(settings(of: .unchangedParameter).patience), quantity: .weight)
        : nil)
  }

  /// rms(change) / rms(weight), of one step: the change between two looks over the steps between them.
  private func judgeUpdate(_ watched: Watched, _ sample: WeightSample) {
    let settings = settings(of: .updateRatio)
    guard watched.entry.role == .weight, sample.changeRatio.isFinite else { return }
    let high = sample.changeRatio / Double(sample.stepCount)
    guard serial > options.warmUp else { return }
    let low = sample.changeRatio
    let rate = scalars[.learningRate] ?? .nan
    // At the end of a schedule updates are meant to be small.
    let isCooled = rate < 0.05 * series.greatestRate
    var bad: Observation?
    if high > settings.critical {
      bad = Observation(
        rule: .updateRatio, verdict: .warning, cause: .learningRateTooHigh, value: high, threshold: settings.critical,
        quantity: .weight)
    } else if low < settings.warning, low > 0, !isCooled, !hasNoGradient(watched) {
      bad = Observation(
        rule: .updateRatio, verdict: .notice, cause: .learningRateTooLow, value: low, threshold: settings.warning,
        quantity: .weight)
    }
    judge(.updateRatio, watched, bad)
  }

  /// A change that no optimizer's step has: far beyond the greatest so far, or as large as the weight itself, without
  /// making it grow, where the looks before do not lead up to it.
  private func judgeJump(_ watched: Watched, _ sample: WeightSample) {
    guard watched.entry.role == .weight || watched.entry.role == .embedding, sample.changeRatio.isFinite else { return }
    let settings = settings(of: .weightJump)
    let steps = Double(sample.stepCount)
    // What an optimizer changes is in proportion to the learning rate: warm restarts are no jumps, nor is a change that
    // was made at the old rate and is seen after a decay.
    let rate = max(scalars[.learningRate] ?? series.lastRate, series.lastRate)
    let perStep = max(sample.rates, steps * (rate > 0 ? rate : 1))
    // What started next to nothing leaps as it leaves that.
    let isLeaving = learning.startsSmall && serial <= 4 &* options.warmUp
    let cause = isLeaving ? .smallInitialisation : blamingLeap(.weightsLost)
    // The first looks may be of any size: weights that start at zero, an optimizer without a past.
    watched.changeCount = watched.changeCount &+ 1
    let isKnown = watched.changeCount > 3 && sample.changeRatio > 0.3
    var times = isKnown && watched.greatestChange > 0 ? sample.changeRatio / (watched.greatestChange * steps) : 0
    var threshold = times > settings.critical ? settings.critical : settings.warning
    if isKnown, times <= threshold, cause == .weightsLost, sample.changeRatio > 0.9, sample.growth < 2 {
      times = sample.changeRatio / (watched.recentChange * perStep)
      threshold = 0.3 * settings.warning
    }
    let isLost = times > threshold
    judge(
      .weightJump, watched,
      isLost
        ? Observation(
          rule: .weightJump, verdict: threshold == settings.critical ? .critical : .warning, cause: cause,
          value: min(times, 1e300), threshold: threshold, quantity: .weight) : nil)
    if isLost {
      // What is usual for these weights is not known yet.
      (watched.greatestChange, watched.recentChange, watched.changeCount) = (0, 0, 0)
    } else {
      watched.greatestChange = max(watched.greatestChange, sample.changeRatio / steps)
      watched.recentChange = max(0.8 * watched.recentChange, sample.changeRatio / perStep)
    }
  }

  /// UnchangedTensor and WeightUpdateRatio as they are published: of every parameter, at every look.
  private func judgePublishedWeights(_ sorted: Storage<Int>) {
    let ratio = settings(of: .updateRatio)
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      guard let sample = watched.sample, seen(watched, .weight) != nil, sample.lookCount > 1 else { continue }
      judge(
        .unchangedParameter, watched,
        sample.closeLooks > 0
          ? Observation(
            rule: .unchangedParameter, verdict: .warning, cause: .frozenParameter, value: Double(sample.closeLooks),
            threshold: Double(settings(of: .unchangedParameter).patience), quantity: .weight) : nil)
      let found = sample.publishedRatio
      guard found.isFinite else { continue }
      let isLarge = found > ratio.critical
      judge(
        .updateRatio, watched,
        isLarge || found < ratio.warning
          ? Observation(
            rule: .updateRatio, verdict: .warning, cause: isLarge ? .learningRateTooHigh : .learningRateTooLow,
            value: found, threshold: isLarge ? ratio.critical : ratio.warning, quantity: .weight) : nil)
    }
  }

  /// It stands still for want of a gradient, which is a finding already.
  private func hasNoGradient(_ watched: Watched) -> Bool {
    let gradient = watched.look(.gradient).pointee
    // A bias beside a weight whose gradient vanishes: no rule names it, and none need.
    let isTiny = gradient.stamp > 0 && gradient.meanMagnitude < settings(of: .vanishingGradient).warning
    return isTiny || isStanding(.vanishingGradient, run) || isStanding(.vanishingGradient, watched)
      || isStanding(.zeroGradient, watched) || isStanding(.missingGradient, watched)
  }
}
