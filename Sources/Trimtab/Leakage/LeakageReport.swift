/// Whether the batches that were judged hold one class or several.
public enum BatchRegime: Int32, Sendable {
  /// No targets were given.
  case unknown = 0
  /// Real and fake share a batch: what a batch norm leaks is a shortcut.
  case mixed = 1
  /// Each batch holds one class: what a batch norm takes out is the signal.
  case separate = 2
}

/// Whether a function's outputs depend on other rows of the batch, and whether that decides.
public struct LeakageReport: Sendable {
  /// Of the probes: insufficient without a batch of two rows or more, degenerate where no output depends on any input,
  /// nonfinite where an output is.
  public var outcome = Outcome.insufficient
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var regime = BatchRegime.unknown
  /// Of the judged batches: insufficient without targets, or without two whole batches; degenerate for one class.
  public var compositionOutcome = Outcome.insufficient
  /// Of the replay test: insufficient where it was not run, degenerate where all outputs are one number.
  public var replayOutcome = Outcome.insufficient
  public var probeCount = 0
  /// lambda: the squared Jacobian between rows over all of it; 0 for a function of each row.
  public var crossShare = Double.nan
  /// The Frobenius norm of the Jacobian over the root of how many rows were probed, as estimated.
  public var jacobianNorm = Double.nan
  /// What two runs of one batch differ by, over all the squared change; it is taken off.
  public var noiseShare = Double.nan
  /// The squared response to all rows moving alike over that to each one's own: 1 for a function of each row, 0 where the
  /// batch's mean is taken out.
  public var commonResponse = Double.nan
  /// The deviation of a row's output over other mates, over that of all outputs; 0 for a function of each row.
  public var replayRatio = Double.nan
  public var batchCount = 0
  public var sampleCount = 0
  public var naturalAccuracy = Double.nan
  public var shuffledAccuracy = Double.nan
  /// The difference of the two, and its standard error.
  public var compositionGap = Double.nan
  public var gapError = Double.nan
  /// E D(fake): the mean probability of being real that fakes get; NaN where outputs are classes.
  public var fakeMean = Double.nan
  public var shuffledFakeMean = Double.nan
  /// The deciding measurement, and what it was held against.
  public var measurement = Double.nan
  public var threshold = Double.nan

  /// Above it a dependence cannot be told from noise, of which a few runs are a rough estimate.
  static let greatestNoiseShare = 0.1

  init() {}
}

extension BatchLeakage {
  /// Reports on all that was added; changes nothing.
  public func report() -> LeakageReport {
    var report = LeakageReport()
    report.probeCount = coupling.probeCount
    describeProbes(&report)
    describeReplay(&report)
    describeComposition(&report)
    judge(&report)
    return report
  }

  private func describeProbes(_ report: inout LeakageReport) {
    let total = coupling.own + coupling.cross
    if nonfiniteCount > 0 {
      report.outcome = .nonfinite
    } else if coupling.probeCount == 0 {
      report.outcome = .insufficient
    } else if total + coupling.noise <= 0 {
      report.outcome = .degenerate
    } else {
      report.noiseShare = coupling.noise / (total + coupling.noise)
      report.outcome = report.noiseShare > LeakageReport.greatestNoiseShare || total <= 0 ? .insufficient : .ok
    }
    guard total > 0, nonfiniteCount == 0 else { return }
    report.crossShare = coupling.cross / total
    report.commonResponse = coupling.own > 0 ? coupling.common / coupling.own : .nan
    let directions = coupling.isExact ? 1 : Double(coupling.features)
    let rows =
      coupling.isExact ? Double(max(coupling.probeCount / max(coupling.features, 1), 1)) : Double(coupling.probeCount)
    report.jacobianNorm = (total * directions / rows).squareRoot()
  }

  private func describeReplay(_ report: inout LeakageReport) {
    guard replay.rowCount > 0, nonfiniteCount == 0 else {
      if nonfiniteCount > 0 { report.replayOutcome = .nonfinite }
      return
    }
    let spread = replay.squares / Double(max(replay.outputCount, 1))
    report.replayOutcome = spread > 0 ? .ok : .degenerate
    if spread > 0 { report.replayRatio = (replay.variance / Double(replay.rowCount) / spread).squareRoot() }
  }

  private func describeComposition(_ report: inout LeakageReport) {
    report.batchCount = composition.batchCount
    report.sampleCount = composition.natural.count
    guard composition.natural.count > 0, nonfiniteCount == 0 else {
      if nonfiniteCount > 0 { report.compositionOutcome = .nonfinite }
      return
    }
    report.compositionOutcome =
      composition.batchCount < 2 ? .insufficient : composition.hasSeveralClasses ? .ok : .degenerate
    report.regime = composition.pureCount == composition.batchCount ? .separate : .mixed
    report.naturalAccuracy = composition.natural.accuracy
    report.shuffledAccuracy = composition.shuffled.accuracy
    report.fakeMean = composition.natural.fakeMean
    report.shuffledFakeMean = composition.shuffled.fakeMean
    report.compositionGap = report.naturalAccuracy - report.shuffledAccuracy
    let (a, b) = (report.naturalAccuracy, report.shuffledAccuracy)
    report.gapError = ((a * (1 - a) + b * (1 - b)) / Double(composition.natural.count)).squareRoot()
  }

  private func judge(_ report: inout LeakageReport) {
    func decide(_ verdict: Verdict, _ cause: Cause, _ measurement: Double, _ threshold: Double) {
      (report.verdict, report.cause) = (verdict, cause)
      (report.measurement, report.threshold) = (measurement, threshold)
    }
    guard report.outcome == .ok else {
      if report.outcome == .insufficient, report.noiseShare > LeakageReport.greatestNoiseShare {
        decide(.unknown, .unfrozenFunction, report.noiseShare, LeakageReport.greatestNoiseShare)
      }
      return
    }
    guard report.crossShare > options.shareThreshold else {
      return decide(.healthy, .none, report.crossShare, options.shareThreshold)
    }
    let isJudged = report.compositionOutcome == .ok
    if isJudged, report.regime == .mixed, report.compositionGap > options.gapThreshold,
      report.compositionGap > 2 * report.gapError
    {
      return decide(.warning, .batchShortcut, report.compositionGap, options.gapThreshold)
    }
    if isJudged, report.regime == .separate, report.commonResponse < options.commonThreshold {
      return decide(.warning, .batchBlinding, report.commonResponse, options.commonThreshold)
    }
    decide(.notice, .batchDependence, report.crossShare, options.shareThreshold)
  }
}
