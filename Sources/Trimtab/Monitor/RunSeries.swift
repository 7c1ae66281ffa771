/// The series of the run as a whole: loss, validation loss and gradient norm, each under its detectors.
final class RunSeries {
  let lossSpike: Detector
  var lossDivergence: Detector
  var lossPlateau: Detector
  var lossOscillation: Detector
  let gradientSpike: Detector
  /// The greatest learning rate so far.
  var greatestRate = 0.0
  var lastRate = 0.0
  /// It was above that of the step before.
  var isRateRising = false
  /// Of all steps so far.
  var rateSum = 0.0
  /// The step, counted from 1, in which it last leaped above four times that; 0: never.
  var leapSerial = 0
  var noise = NoiseScale()
  var noiseBatch = 1.0
  var overfitting = OverfittingWatch()
  var progress = LossProgress()
  var history: LossHistory
  /// The loss has left its best for good; and did so in this step.
  var isDiverged = false
  var divergesAnew = false
  /// The loss has gone up and down from the start.
  var isAlternating = false
  var lossCeiling = Ceiling()
  var gradientCeiling = Ceiling()
  var firstNorms = FirstNorms()
  /// The root mean square of what the net was given in the first look; 0: not known.
  var inputScale = 0.0
  /// The greatest magnitude of one of its features over that of another; 0: not known. And the entry that showed it.
  var featureSpread = 0.0
  var inputIndex = 0
  /// Before this step, every weight moved by so much of itself that what goes wrong now is laid to that.
  var isRushing = false
  /// The gradient norm of this step lies above all that is remembered.
  var gradientIsNew = false

  init(_ options: MonitorOptions, _ settings: Storage<RuleSettings>) throws(TrimtabError) {
    history = try LossHistory()
    lossSpike = try RunSeries.detector(.spike, options, RuleSettings())
    gradientSpike = try RunSeries.detector(.spike, options, RuleSettings())
    lossDivergence = try RunSeries.detector(
      .divergence, options, settings.pointer[Int(Rule.lossDivergence.rawValue)])
    lossPlateau = try RunSeries.detector(.plateau, options, settings.pointer[Int(Rule.lossPlateau.rawValue)])
    lossOscillation = try RunSeries.detector(
      .oscillation, options, settings.pointer[Int(Rule.lossOscillation.rawValue)])
  }

  /// A rule's switches are its detector's; the baseline starts anew with them.
  func configure(
    _ rule: Rule, _ settings: RuleSettings, _ options: MonitorOptions
  ) throws(TrimtabError) {
    switch rule {
    case .lossDivergence: lossDivergence = try RunSeries.detector(.divergence, options, settings)
    case .lossPlateau: lossPlateau = try RunSeries.detector(.plateau, options, settings)
    case .lossOscillation: lossOscillation = try RunSeries.detector(.oscillation, options, settings)
    default: break
    }
  }

  @inline(never)
  private static func detector(
    _ kind: DetectorKind, _ options: MonitorOptions, _ rule: RuleSettings
  ) throws(TrimtabError) -> Detector {
    var settings = DetectorOptions()
    settings.kind = kind
    settings.direction = .up
    settings.falseAlarmsPerMillion = options.falseAlarmsPerMillion
    settings.warmUp = max(options.warmUp, 10)
    // A rule that is off may have any numbers.
    if rule.isEnabled {
      switch kind {
      case .divergence: (settings.sustainedRatio, settings.divergenceRatio) = (rule.warning, rule.critical)
      case .plateau: (settings.plateauTolerance, settings.patience) = (rule.warning, rule.patience)
      case .oscillation: settings.oscillationRate = rule.warning
      default: break
      }
    }
    return try Detector(options: settings)
  }

  /// After a restore or a restart of the learning rate every baseline starts anew, and for a while thresholds are wider.
  ///
  /// - Parameter level: of the loss where a rollback went back to: if that cured nothing, the level that comes now is not
  ///   to be taken for the baseline. Nil: what comes is what is meant.
  func restart(_ options: MonitorOptions, level: Double? = nil) {
    restartSeries(lossSpike, options)
    restartSeries(lossDivergence, options, level)
    isDiverged = isDiverged && level == nil
    restartSeries(lossPlateau, options)
    restartSeries(lossOscillation, options)
    restartSeries(gradientSpike, options)
    overfitting = OverfittingWatch()
  }
}

@inline(never)
private func restartSeries(_ detector: Detector, _ options: MonitorOptions, _ level: Double? = nil) {
  detector.reset(to: level)
  detector.widen(1.5, forSteps: 4 &* options.warmUp)
}

/// Validation loss that rises while the training loss falls.
struct OverfittingWatch {
  private var trainLoss = Double.nan
  private var best = Double.infinity
  private var bestTrainLoss = Double.infinity
  /// Evaluations in a row above the best.
  private(set) var risingCount = 0
  private(set) var gap = 0.0

  mutating func add(loss: Double) {
    guard loss.isFinite else { return }
    trainLoss = trainLoss.isNaN ? loss : 0.9 * trainLoss + 0.1 * loss
  }

  mutating func add(validationLoss value: Double) {
    guard value.isFinite, trainLoss.isFinite else { return }
    if value < best {
      best = value
      bestTrainLoss = trainLoss
    }
    // Rising by more than a twentieth of the best, while training went on improving.
    let isRising = value > best + 0.05 * best.magnitude && trainLoss < bestTrainLoss
    risingCount = isRising ? risingCount &+ 1 : 0
    gap = trainLoss != 0 ? (value - trainLoss) / trainLoss.magnitude : .infinity
  }
}

extension Monitor {
  @inline(never)
  func judgeSeries() {
    judgeNoise()
    series.isRushing = isRushing()
    // Above all that is remembered, or not known.
    var isLossNew = true
    // A loss that is not finite is a finding already; that it also spikes and diverges says nothing more.
    if let loss = scalars[.loss], loss.isFinite {
      series.overfitting.add(loss: loss)
      series.progress.add(loss, ceiling: series.lossCeiling.height)
      series.history.add(series.progress.current, at: step, serial: serial)
      let spike = series.lossSpike.add(loss)
      isLossNew = series.lossCeiling.add(loss, usual: spike.baseline, factor: 1.25)
      judge(.lossSpike, spike, .badBatch, isLossNew ? .warning : .notice)
      judgeDivergence(loss)
      if options.preset != .sagemaker { judge(.lossPlateau, series.lossPlateau.add(loss), .plateau) }
      judgeOscillation(series.lossOscillation.add(loss))
    }
    if let loss = scalars[.validationLoss] {
      series.overfitting.add(validationLoss: loss)
      judgeOverfitting()
    }
    if !tally.isNonfinite, let norm = scalars[.gradientNorm] ?? (tally.seenCount > 0 ? tally.norm : nil) {
      let spike = series.gradientSpike.add(norm)
      series.firstNorms.add(norm)
      let early = series.gradientCeiling.enormous(norm, after: 2, before: options.warmUp)
      // A batch whose loss has been as great before has to stand out farther: what was solved and gets a new part does.
      series.gradientIsNew = series.gradientCeiling.add(norm, usual: spike.baseline, factor: isLossNew ? 2 : 5)
      if let early {
        judge(
          .gradientSpike, run,
          Observation(
            rule: .gradientSpike, verdict: .warning,
            cause: hasMovedFar(0.5) ? .learningRateTooHigh : blamingSteps(.badBatch), value: norm, threshold: early))
      } else {
        judge(.gradientSpike, spike, .badBatch, series.gradientIsNew ? .warning : .notice)
      }
    }
    if let rate = scalars[.learningRate], rate > 0, rate.isFinite { note(rate) }
  }

  /// What alternates from the first step on and learns all the same is a run of two tasks, not one that has lost its way.
  private func judgeOscillation(_ result: DetectorResult) {
    if result.state.isAlarm, result.firstAlarmStep < options.warmUp { series.isAlternating = true }
    let isUsual = series.isAlternating && series.progress.hasImproved
    judge(.lossOscillation, result, .oscillation, isUsual ? .notice : .warning)
  }

  private func judgeDivergence(_ loss: Double) {
    let result = series.lossDivergence.add(loss)
    let isTiny = series.progress.isTiny(max(loss, result.value(at: result.score)), best: result.baseline)
    let isDiverged = result.state.isAlarm && !isTiny
    series.divergesAnew = isDiverged && !series.isDiverged
    series.isDiverged = isDiverged
    judge(.lossDivergence, result, blamingMoves(.divergence), isTiny ? .notice : .critical)
  }

  private func note(_ rate: Double) {
    if series.greatestRate > 0, rate > 4 * series.greatestRate {
      // No schedule has been there before: what follows is judged by what was, and laid to it.
      series.leapSerial = serial
    } else if series.lastRate > 0, rate > 4 * series.lastRate, !series.isDiverged {
      // A warm restart of the schedule: what was learned of the series no longer holds.
      series.restart(options)
    }
    series.isRateRising = rate > series.lastRate
    series.lastRate = rate
    series.rateSum += rate
    series.greatestRate = max(series.greatestRate, rate)
  }

  /// The cause of what goes wrong soon after the learning rate has leaped above all it was.
  func blamingLeap(_ cause: Cause) -> Cause {
    series.leapSerial > 0 && serial &- series.leapSerial <= 4 &* options.warmUp ? .learningRateTooHigh : cause
  }

  /// - Parameter least: the verdict of an alarm, and the greatest that a spike within known bounds gets.
  private func judge(_ rule: Rule, _ result: DetectorResult, _ cause: Cause, _ least: Verdict = .warning) {
    judge(
      rule, run,
      result.state.isAlarm
        ? Observation(
          rule: rule, verdict: least == .notice ? .notice : max(result.verdict, least), cause: blamingSteps(cause),
          value: result.limit == nil ? result.score : result.value, threshold: result.limit ?? result.threshold)
        : nil, patience: rule == .lossPlateau ? 1 : nil)
  }

  private func judgeOverfitting() {
    let settings = settings(of: .overfitting)
    let watch = series.overfitting
    var gap = watch.gap
    var isOver = watch.risingCount > 0 && gap > settings.warning
    if options.preset == .sagemaker, let loss = scalars[.validationLoss] {
      let train = scalars[.loss] ?? published.last
      gap = (loss - train) / train.magnitude
      isOver = gap > settings.warning
    }
    judge(
      .overfitting, run,
      isOver
        ? Observation(
          rule: .overfitting, verdict: .warning, cause: .overfitting, value: gap, threshold: settings.warning)
        : nil)
  }
}

extension DetectorResult {
  /// The value at which the alarm begins, in the units of the series; nil where a score is held against the threshold.
  fileprivate var limit: Double? {
    guard kind == .spike || kind == .divergence else { return nil }
    return value(at: kind == .spike ? threshold * spread : threshold)
  }

  fileprivate func value(at distance: Double) -> Double {
    let isRatio = scale == .logarithmic && baseline > 0
    return isRatio ? min(baseline * exponential(min(distance, 700)), 1e308) : baseline + distance
  }
}
