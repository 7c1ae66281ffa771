/// What the rules of SageMaker Debugger remember of the losses. Source: the rules' published definitions.
struct PublishedLosses {
  /// The last ten training losses.
  private var past = SIMD16<Double>(repeating: .nan)
  private var count = 0
  private var best = Double.infinity
  private var bestValidation = Double.infinity
  /// Losses in a row that did not improve on the best by `delta`.
  private(set) var idleCount = 0
  private(set) var idleValidationCount = 0
  /// Losses in a row that did not fall at all.
  private(set) var risingCount = 0
  private(set) var last = Double.nan

  /// Returns the share by which the loss fell over `steps` (at most 16) steps, every so many steps; nil between.
  mutating func add(_ loss: Double, steps: Int, delta: Double) -> Double? {
    let steps = min(max(steps, 1), 16)
    if loss < best - delta {
      (best, idleCount) = (loss, 0)
    } else {
      idleCount = idleCount &+ 1
    }
    risingCount = loss >= last ? risingCount &+ 1 : 0
    last = loss
    let before = past[count % steps]
    past[count % steps] = loss
    count = count &+ 1
    guard count % steps == 1 % steps, !before.isNaN else { return nil }
    return before != 0 ? (before - loss) / before.magnitude : 0
  }

  mutating func add(validationLoss loss: Double, delta: Double) {
    if loss < bestValidation - delta {
      (bestValidation, idleValidationCount) = (loss, 0)
    } else {
      idleValidationCount = idleValidationCount &+ 1
    }
  }
}

/// Of the first steps, for PoorWeightInitialization.
struct PublishedStart {
  static let stepCount = 10

  var leastGradientRange = Double.infinity
}

extension Monitor {
  /// LossNotDecreasing, Overtraining, PoorWeightInitialization and TensorVariance, where they are switched on.
  @inline(never)
  func judgePublished(_ sorted: Storage<Int>) {
    let overtraining = settings(of: .overtraining)
    let plateau = settings(of: .lossPlateau)
    if options.preset == .sagemaker || overtraining.isEnabled {
      if let loss = scalars[.loss], loss.isFinite {
        let fall = published.add(loss, steps: plateau.patience, delta: overtraining.warning)
        if let fall, options.preset == .sagemaker { judgeFall(fall, plateau) }
      }
      if let loss = scalars[.validationLoss], loss.isFinite {
        published.add(validationLoss: loss, delta: overtraining.warning)
      }
      judgeOvertraining(overtraining)
    }
    if settings(of: .poorInitialisation).isEnabled, serial <= PublishedStart.stepCount { judgeStart(sorted) }
    if settings(of: .tensorVariance).isEnabled {
      for place in 0..<sorted.count { judgeVariance(entries[sorted.pointer[place]]) }
    }
  }

  private func judgeFall(_ fall: Double, _ settings: RuleSettings) {
    judge(
      .lossPlateau, run,
      fall < settings.warning
        ? Observation(
          rule: .lossPlateau, verdict: fall < -settings.critical ? .critical : .warning, cause: .plateau, value: fall,
          threshold: settings.warning) : nil, patience: 1)
  }

  /// `patience` steps without a better loss, or as many evaluations as `critical` says.
  private func judgeOvertraining(_ settings: RuleSettings) {
    let isIdle = published.idleCount >= settings.patience
    let isOver = Double(published.idleValidationCount) >= settings.critical
    judge(
      .overtraining, run,
      isIdle || isOver
        ? Observation(
          rule: .overtraining, verdict: .warning, cause: isIdle ? .plateau : .overfitting,
          value: Double(isIdle ? published.idleCount : published.idleValidationCount),
          threshold: isIdle ? Double(settings.patience) : settings.critical) : nil, patience: 1)
  }

  private func judgeStart(_ sorted: Storage<Int>) {
    let settings = settings(of: .poorInitialisation)
    var least = Double.infinity
    var greatest = 0.0
    for place in 0..<sorted.count {
      guard let look = seen(entries[sorted.pointer[place]], .preactivation) else { continue }
      least = min(least, look.pointee.variance)
      greatest = max(greatest, look.pointee.variance)
    }
    let ratio = least < .infinity ? greatest / least : 0
    let range = start.leastGradientRange
    let isStuck = published.risingCount >= settings.patience
    let isBad = ratio > settings.warning || range < settings.critical || isStuck
    var bad = Observation(
      rule: .poorInitialisation, verdict: .warning, cause: .largeInitialisation, value: ratio,
      threshold: settings.warning)
    if !(ratio > settings.warning) {
      bad.cause = range < settings.critical ? .smallInitialisation : .plateau
      bad.value = range < settings.critical ? range : Double(published.risingCount)
      bad.threshold = range < settings.critical ? settings.critical : Double(settings.patience)
    }
    judge(.poorInitialisation, run, isBad ? bad : nil, patience: 1)
    start.leastGradientRange = .infinity
  }

  /// The 95th less the 5th percentile of at most 1024 elements, evenly spread.
  func noteGradientRange(_ gradient: TensorView) throws(TrimtabError) {
    let taken = min(gradient.count, WeightSample.capacity)
    guard taken > 1 else { return }
    let values = try rangeScratch()
    for place in 0..<taken {
      gradient.copy(from: place &* (gradient.count / taken), count: 1, to: values.pointer + place)
      guard values.pointer[place].isFinite else { return }
    }
    sortDescending(values.pointer, taken)
    let high = values.pointer[(taken &- 1) / 20]
    let low = values.pointer[taken &- 1 &- (taken &- 1) / 20]
    start.leastGradientRange = min(start.leastGradientRange, high - low)
  }

  private func rangeScratch() throws(TrimtabError) -> Storage<Double> {
    if let percentiles { return percentiles }
    let fresh = try Storage<Double>(count: WeightSample.capacity, for: "percentiles")
    percentiles = fresh
    return fresh
  }

  /// Outside of [warning, critical], of whatever was looked at.
  private func judgeVariance(_ watched: Watched) {
    let settings = settings(of: .tensorVariance)
    var bad: Observation?
    var isLookedAt = false
    for number in 0..<Int32(Quantity.count) {
      guard let quantity = Quantity(rawValue: number), let look = seen(watched, quantity),
        look.pointee.summary.finiteCount > 0
      else { continue }
      isLookedAt = true
      let variance = look.pointee.variance
      guard variance < settings.warning || variance > settings.critical else { continue }
      let isLow = variance < settings.warning
      bad = Observation(
        rule: .tensorVariance, verdict: .warning, cause: isLow ? .smallInitialisation : .largeInitialisation,
        value: variance, threshold: isLow ? settings.warning : settings.critical, quantity: quantity)
    }
    if isLookedAt { judge(.tensorVariance, watched, bad) }
  }

  /// No call for longer than the rule allows, within a step or between two: said when the run goes on.
  @inline(never)
  func judgeStall(_ now: Double) {
    let warning = settings(of: .stalled).warning
    let pause = max(longestPause, now - lastCall)
    judge(
      .stalled, run,
      pause > warning
        ? Observation(rule: .stalled, verdict: .warning, cause: .stalled, value: pause, threshold: warning) : nil)
    lastCall = now
    longestPause = 0
  }

  func noteCall(_ now: Double) {
    if lastCall > -.infinity { longestPause = max(longestPause, now - lastCall) }
    lastCall = now
  }
}

extension Look {
  var variance: Double {
    let rootMeanSquare = rootMeanSquare
    return max(rootMeanSquare * rootMeanSquare - summary.mean * summary.mean, 0)
  }
}

extension Rule {
  /// The name under which SageMaker Debugger publishes a rule that this preset holds; nil for others.
  public var publishedName: StaticText? {
    switch self {
    case .nonfinite: "ExplodingTensor"
    case .vanishingGradient: "VanishingGradient"
    case .unchangedParameter: "UnchangedTensor"
    case .updateRatio: "WeightUpdateRatio"
    case .deadUnits: "DeadRelu"
    case .saturatedUnits: "SaturatedActivation"
    case .allZero: "AllZero"
    case .lossPlateau: "LossNotDecreasing"
    case .overfitting: "Overfit"
    case .overtraining: "Overtraining"
    case .poorInitialisation: "PoorWeightInitialization"
    case .tensorVariance: "TensorVariance"
    case .stalled: "StalledTraining"
    default: nil
    }
  }
}
