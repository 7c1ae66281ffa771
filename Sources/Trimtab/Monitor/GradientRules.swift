extension Monitor {
  @inline(never)
  func judgeGradients(_ sorted: Storage<Int>) {
    judgeNoGradient()
    if let kept = scalars[.keptGradient] {
      judge(
        .staleGradient, run,
        kept > 0
          ? Observation(
            rule: .staleGradient, verdict: .warning, cause: .gradientNotCleared, value: kept, threshold: 0) : nil)
    }
    guard tally.seenCount > 0 else { return }
    if !tally.isNonfinite {
      judgeSlope(sorted)
      for place in 0..<sorted.count { judgeGradient(entries[sorted.pointer[place]]) }
    }
    for place in 0..<sorted.count { judgeMissing(entries[sorted.pointer[place]]) }
  }

  /// The least-squares line of log10 rms(g) over the weights, as in `gradientNorm`.
  private func judgeSlope(_ sorted: Storage<Int>) {
    let profile = tally.weights
    let slope = profile.slope
    // One tensor far below all others is a fault of its own, and named by itself; a slope needs the others too.
    let isSteep =
      profile.depth >= 3 && profile.span >= 2 && withoutSmallest(sorted).span >= 1
    judgeSlope(.vanishingGradient, slope, isSteep && slope > 0, sorted, settings(of: .explodingGradient).warning)
    judgeSlope(.explodingGradient, -slope, isSteep && slope < 0, sorted, settings(of: .explodingGradient).warning)
  }

  private func withoutSmallest(_ sorted: Storage<Int>) -> DepthProfile {
    var profile = DepthProfile()
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      guard watched.entry.role == .weight, watched.index != tally.smallestWeight,
        let look = seen(watched, .gradient)
      else { continue }
      profile.add(look.pointee.summary, isVanishing: false)
    }
    return profile
  }

  private func judgeSlope(_ rule: Rule, _ slope: Double, _ isSteep: Bool, _ sorted: Storage<Int>, _ warning: Double) {
    let critical = settings(of: rule).critical
    guard isSteep, slope > warning else {
      judge(rule, run, rule == .explodingGradient ? disproportion() : nil)
      return
    }
    let found = rule == .vanishingGradient ? cause(ofVanishing: sorted) : cause(ofExploding: sorted)
    let cause = blamingMoves(found, since: rule)
    // A net that learns does not suffer from it: its first layers may be done before its last. Where a loss is shown it
    // has time to prove that, unless next to nothing reaches the far end.
    let isWaiting = serial <= 4 &* options.warmUp && series.progress.count > 0 && tally.weights.span < 6
    // A gradient of ordinary size grows towards the input, and explodes nothing.
    let isOrdinary = rule == .explodingGradient && tally.norm < 10 && series.progress.count > 0
    // What was there to begin with keeps a net from learning; what comes late is a part of it that has done its work.
    let streak = run.records.pointer[Int(rule.rawValue)].streak
    let isLate = found == .vanishingGradient && cause == found && serial &- max(streak, 0) > 4 &* options.warmUp
    let isLearning = series.progress.hasImproved || isWaiting || isOrdinary || isLate
    let verdict: Verdict = isLearning ? .notice : slope > critical ? .critical : .warning
    judge(
      rule, run,
      Observation(
        rule: rule, verdict: verdict, cause: cause, value: slope, threshold: slope > critical ? critical : warning,
        quantity: nil))
  }

  /// How a recurrence explodes, whose steps in time are no layers: a weight's norm times its gradient's is what the loss
  /// changes by, to first order, as the weight doubles; in the first steps that is a few times the loss.
  private func disproportion() -> Observation? {
    guard serial <= options.warmUp, tally.norm > 100, let loss = scalars[.loss] else { return nil }
    var greatest = 0.0
    for watched in entries where watched.entry.role == .weight {
      guard let look = seen(watched, .gradient) else { continue }
      let product = look.pointee.summary.l2Norm * watched.look(.weight).pointee.summary.l2Norm
      if product > greatest { greatest = product }
    }
    guard greatest > Monitor.greatestProportion * loss.magnitude else { return nil }
    return Observation(
      rule: .explodingGradient, verdict: .warning, cause: blamingInput(.explodingGradient),
      value: greatest / loss.magnitude,
      threshold: Monitor.greatestProportion)
  }

  private static let greatestProportion = 500.0

  private func judgeGradient(_ watched: Watched) {
    guard let look = seen(watched, .gradient), look.pointee.summary.finiteCount > 0 else { return }
    let isZero = look.pointee.summary.scaledAbsoluteSum == 0
    let warning = settings(of: .vanishingGradient).warning
    let mean = look.pointee.meanMagnitude
    let isFading = options.preset == .trimtab && watched.pace.isFading(mean, tiny: warning)
    watched.pace.add(mean)
    // With no gradient anywhere the batch is at fault (a saturated loss), not this parameter.
    // Dead units further on explain it.
    let others =
      tally.total.scaledAbsoluteSum > 0 && !isAnyStanding(.deadUnits)
      && run.records.pointer[Int(Rule.vanishingGradient.rawValue)].finding == 0
    judge(
      .zeroGradient, watched,
      isZero && others
        ? Observation(
          rule: .zeroGradient, verdict: isFading ? .notice : .warning,
          cause: blamingInput(watched.pace.wasHealthy(tiny: warning) ? blamingMoves(.zeroGradient) : .zeroGradient),
          value: 0,
          threshold: 0,
          quantity: .gradient)
        : nil)
    // The published rule asks neither what a parameter is for nor whether it is zero throughout.
    guard options.preset == .sagemaker || watched.entry.role == .weight && !isZero else { return }
    // Small beside the others: tiny everywhere is a run that has converged, or a loss of another scale.
    // Where it falls with depth the slope says so, once for all.
    let isAlone =
      options.preset == .sagemaker
      || look.pointee.rootMeanSquare < 1e-4 * tally.greatestRootMeanSquare && !isStanding(.vanishingGradient, run)
    judge(
      .vanishingGradient, watched,
      mean < warning && isAlone
        ? Observation(
          rule: .vanishingGradient, verdict: isFading ? .notice : .warning, cause: blamingInput(.vanishingGradient),
          value: mean,
          threshold: warning, quantity: .gradient)
        : nil)
  }

  /// Weights are shown, and no parameter has had a gradient yet: no backward pass, or gradients dropped before the look.
  private func judgeNoGradient() {
    guard isAnyWeightShown || tally.seenCount > 0 else { return }
    judge(
      .missingGradient, run,
      tally.seenCount == 0 && !hasSeenGradient
        ? Observation(
          rule: .missingGradient, verdict: .warning, cause: .missingGradient, value: 0, threshold: 0, quantity: nil)
        : nil)
    if tally.seenCount > 0 { hasSeenGradient = true }
  }

  private var isAnyWeightShown: Bool {
    for watched in entries where !watched.entry.isFrozen && watched.look(.weight).pointee.lookCount > 0 { return true }
    return false
  }

  private static let longestAbsence = 30

  /// No gradient is not a zero gradient: a parameter that is meant to train and is not reached.
  private func judgeMissing(_ watched: Watched) {
    guard watched.entry.role.kind == .parameter, watched.look(.gradient).pointee.stamp != serial else {
      if watched.entry.role.kind == .parameter { judge(.missingGradient, watched, nil) }
      return
    }
    let look = watched.look(.gradient).pointee
    // Frozen in the midst of the run: it had one in nearly every step, and now has none for long.
    let isGone = look.lookCount >= 20 && Double(look.lookCount) > 0.95 * Double(look.stamp)
    let pause = isGone ? serial &- look.stamp : 0
    guard look.stamp == 0 || pause > Monitor.longestAbsence else { return }
    judge(
      .missingGradient, watched,
      Observation(
        rule: .missingGradient, verdict: .warning, cause: isGone ? .frozenParameter : .missingGradient,
        value: Double(pause), threshold: isGone ? Double(Monitor.longestAbsence) : 0, quantity: .gradient))
  }

  /// Too small a start shows in the weights: their gain, rms · sqrt(fan), is about 1 under every usual initialisation.
  private func cause(ofVanishing sorted: Storage<Int>) -> Cause {
    if isDrivenToEnds { return blamingInput(.saturation) }
    return gains(sorted).smallShare > 0.5 ? .smallInitialisation : blamingInput(.vanishingGradient)
  }

  /// A bounded activation was given, in the first look, what lies where its slope is under a fiftieth of its greatest.
  private var isDrivenToEnds: Bool {
    for watched in entries {
      guard let activation = watched.entry.activation else { continue }
      let end = activation == .tanh ? 2.7 : activation == .sigmoid ? 5.3 : .infinity
      if watched.firstScale > end { return true }
    }
    return false
  }

  private func cause(ofExploding sorted: Storage<Int>) -> Cause {
    gains(sorted).largeShare > 0.5 ? .largeInitialisation : blamingInput(.explodingGradient)
  }

  private func gains(_ sorted: Storage<Int>) -> (smallShare: Double, largeShare: Double) {
    var count = 0.0
    var small = 0.0
    var large = 0.0
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      let look = watched.look(.weight).pointee
      guard watched.entry.role == .weight, look.stamp > 0, look.rows > 0, look.columns > 0 else { continue }
      count += 1
      if look.greatestGain < 0.3 { small += 1 }
      if look.leastGain > 4 { large += 1 }
    }
    return count > 0 ? (small / count, large / count) : (0, 0)
  }
}

extension Look {
  /// rms · sqrt(fan), about 1 under every usual initialisation. Which axis is the input depends on the framework: the
  /// greatest and the least gain are of the axes that make a test for small, and for large ones, harder to fail.
  var greatestGain: Double { rootMeanSquare * Double(max(rows, columns)).squareRoot() }
  var leastGain: Double { rootMeanSquare * Double(min(rows, columns)).squareRoot() }
}
