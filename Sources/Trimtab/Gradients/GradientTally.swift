/// Adds up the tensors of one step, in topological order, and judges them. Constant memory.
struct GradientTally {
  private let options: GradientOptions
  private var total = Summary()
  private var everyTensor = DepthProfile()
  /// Tensors of rank 2 and above: weights. A bias in front of a normalisation has zero gradient by construction, so
  /// biases alone raise nothing.
  private var weights = DepthProfile()
  private var tensorCount = 0
  private var nonfiniteTensorCount = 0
  private var firstNonfinite = (tensor: -1, index: -1)
  private var zeroTensorCount = 0
  private var vanishingTensorCount = 0

  init(_ options: GradientOptions) { self.options = options }

  @inline(never)
  mutating func add(_ summary: Summary, rank: Int) {
    let place = tensorCount
    tensorCount = tensorCount &+ 1
    guard summary.count > 0 else { return }
    if summary.nonfiniteCount > 0 {
      if nonfiniteTensorCount == 0 { firstNonfinite = (place, summary.firstNonfiniteIndex) }
      nonfiniteTensorCount = nonfiniteTensorCount &+ 1
    }
    total.combine(summary)
    let isZero = summary.nonfiniteCount == 0 && summary.scaledAbsoluteSum == 0
    let isVanishing =
      summary.finiteCount > 0
      && summary.l1Norm / Double(summary.finiteCount) < options.vanishingMeanMagnitude
    if isZero { zeroTensorCount = zeroTensorCount &+ 1 }
    if isZero || isVanishing { vanishingTensorCount = vanishingTensorCount &+ 1 }
    everyTensor.add(summary, isVanishing: isVanishing)
    if rank >= 2 { weights.add(summary, isVanishing: isVanishing) }
  }

  @inline(never)
  func report() -> GradientReport {
    var report = GradientReport()
    var total = total
    total.derive()
    report.tensorCount = tensorCount
    report.elementCount = total.count
    report.nonfiniteCount = total.nonfiniteCount
    report.nonfiniteTensorCount = nonfiniteTensorCount
    report.firstNonfiniteTensor = firstNonfinite.tensor
    report.firstNonfiniteIndex = firstNonfinite.index
    report.zeroTensorCount = zeroTensorCount
    report.vanishingTensorCount = vanishingTensorCount
    let profile = weights.tensorCount > 0 ? weights : everyTensor
    report.depth = profile.depth
    if total.finiteCount > 0 {
      report.globalNorm = total.l2Norm
      report.greatestMagnitude = total.greatestMagnitude
      report.meanMagnitude = total.l1Norm / Double(total.finiteCount)
      report.depthRatio = profile.ratio
      report.depthSlope = profile.depth >= options.leastDepth ? profile.slope : 0
    }
    report.clipFactor =
      nonfiniteTensorCount > 0 ? 0 : min(1, options.maximumNorm / (total.l2Norm + 1e-6))
    judge(&report, profile)
    return report
  }

  private func judge(_ report: inout GradientReport, _ profile: DepthProfile) {
    guard report.elementCount > 0 else { return }
    if report.nonfiniteCount > 0 {
      report.outcome = .nonfinite
      report.decide(.critical, .nonfiniteGradient, Double(report.nonfiniteCount), against: 0)
      return
    }
    report.outcome = .ok
    report.decide(.healthy, .none, report.depthSlope, against: options.warningDepthSlope)
    judgeSlope(&report, profile)
    judgeNorm(&report)
    judgeVanishing(&report, profile)
    judgeZeros(&report, profile)
  }

  /// One step has no scale but the norm that it would be clipped to.
  private func judgeNorm(_ report: inout GradientReport) {
    let most = min(options.explodingNormFactor * options.maximumNorm, Double.greatestFiniteMagnitude)
    guard report.globalNorm > most else { return }
    report.decide(
      report.globalNorm.isInfinite ? .critical : .warning, .explodingGradient, report.globalNorm, against: most)
  }

  private func judgeSlope(_ report: inout GradientReport, _ profile: DepthProfile) {
    let steepness = report.depthSlope.magnitude
    guard steepness >= options.warningDepthSlope, profile.span >= options.leastDepthSpan else { return }
    let isCritical = steepness >= options.criticalDepthSlope
    report.decide(
      isCritical ? .critical : .warning, report.depthSlope > 0 ? .vanishingGradient : .explodingGradient,
      report.depthSlope, against: isCritical ? options.criticalDepthSlope : options.warningDepthSlope)
  }

  /// Gradients that are tiny everywhere are those of a converged net or a scaled loss, and no two layers of it pass the
  /// threshold at the same step; branches that start at zero stay a few decades below the others for some steps. The
  /// fault is one that is as small beside the others as the threshold is beside 1.
  private func judgeVanishing(_ report: inout GradientReport, _ profile: DepthProfile) {
    guard profile.vanishingCount > 0 else { return }
    let isSome = profile.vanishingCount < profile.depth
    let isFault = isSome && profile.hasVanished(below: options.vanishingMeanMagnitude)
    report.decide(isFault ? .warning : .notice, .tinyGradient, Double(profile.vanishingCount), against: 0)
  }

  /// That some are zero is no fault by itself at one step: so they are beside weights that start at zero, such as an
  /// adapter's. Steps that follow tell.
  private func judgeZeros(_ report: inout GradientReport, _ profile: DepthProfile) {
    guard profile.zeroCount > 0, weights.tensorCount > 0 else { return }
    let everywhere = profile.zeroCount == profile.tensorCount
    report.decide(everywhere ? .critical : .notice, .zeroGradient, Double(profile.zeroCount), against: 0)
  }
}

extension GradientReport {
  /// Takes the verdict if it is worse than what stands.
  fileprivate mutating func decide(
    _ verdict: Verdict, _ cause: Cause, _ measurement: Double, against threshold: Double
  ) {
    guard verdict > self.verdict else { return }
    self.verdict = verdict
    self.cause = cause
    self.measurement = measurement
    self.threshold = threshold
  }
}
