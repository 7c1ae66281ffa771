extension Monitor {
  /// Update ratios and parameters that do not change, at the looks at weights.
  func judgeWeights(_ sorted: Storage<Int>) {
    guard !tally.isNonfinite else { return }
    var looked = 0
    var unchanged = 0
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      guard let sample = watched.sample, seen(watched, .weight) != nil, sample.lookCount > 1 else { continue }
      guard !watched.isSilent(.unchangedParameter) else { continue }
      looked = looked &+ 1
      if sample.unchangedLooks > 0 { unchanged = unchanged &+ 1 }
    }
    guard looked > 0 || tally.seenCount > 0 else { return }
    let isStill = scalars[.learningRate] == 0 || watchman.skippedSinceLook
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      guard let sample = watched.sample, seen(watched, .weight) != nil, sample.lookCount > 1 else { continue }
      if !isStill, unchanged < looked { judgeUnchanged(watched, sample) }
      judgeUpdate(watched, sample)
      judgeSpectrum(watched)
    }
    if looked > 0, !isStill { judgeAllUnchanged(looked, unchanged) }
    if looked > 0 { watchman.skippedSinceLook = false }
  }

  /// Every parameter stands still: the optimizer's step is missing, or its learning rate is 0.
  private func judgeAllUnchanged(_ looked: Int, _ unchanged: Int) {
    judge(
      .unchangedParameter, run,
      unchanged == looked
        ? Observation(
          rule: .unchangedParameter, verdict: .critical, cause: .missingOptimizerStep, value: Double(unchanged),
          threshold: 0, quantity: nil)
        : nil)
  }

  private func judgeUnchanged(_ watched: Watched, _ sample: WeightSample) {
    judge(
      .unchangedParameter, watched,
      sample.unchangedLooks > 0 && !hasNoGradient(watched)
        ? Observation(
          rule: .unchangedParameter, verdict: .warning, cause: .frozenParameter, value: Double(sample.unchangedLooks),
          threshold: Double(settings(of: .unchangedParameter).patience), quantity: .weight)
        : nil)
  }

  /// rms(change) / rms(weight), of one step: the change between two looks over the steps between them.
  private func judgeUpdate(_ watched: Watched, _ sample: WeightSample) {
    let settings = settings(of: .updateRatio)
    guard watched.entry.role == .weight, sample.changeRatio.isFinite else { return }
    let high = sample.changeRatio / Double(sample.stepCount)
    watched.greatestChange = max(watched.greatestChange, high)
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

  /// It stands still for want of a gradient, which is a finding already.
  private func hasNoGradient(_ watched: Watched) -> Bool {
    let gradient = watched.look(.gradient).pointee
    // A bias beside a weight whose gradient vanishes: no rule names it, and none need.
    let isTiny = gradient.stamp > 0 && gradient.meanMagnitude < settings(of: .vanishingGradient).warning
    return isTiny || isStanding(.vanishingGradient, run) || isStanding(.vanishingGradient, watched)
      || isStanding(.zeroGradient, watched) || isStanding(.missingGradient, watched)
  }
}
