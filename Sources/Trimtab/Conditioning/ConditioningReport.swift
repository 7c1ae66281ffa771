/// What the conditioning diagnostic found. Fields as in `trimtab_conditioning_report`. Since: 0.1.
public struct ConditioningReport: Sendable {
  public var outcome = Outcome.ok
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var sampleCount = 0
  public var nonfiniteSampleCount = 0
  public var featureCount = 0
  public var constantFeatureCount = 0
  /// Eigenvalues above largest · max(n, d) · 2^-52.
  public var rank = 0
  /// +Inf if the rank is below the number of features that vary.
  public var conditionNumber = 0.0
  public var conditionNumberOnSupport = 0.0
  /// After Ledoit-Wolf shrinkage.
  public var conditionNumberShrunk = 0.0
  /// Ledoit-Wolf's rho, 0 to 1.
  public var shrinkage = 0.0
  /// On the support of the correlation matrix.
  public var conditionNumberOfCorrelation = 0.0
  /// The Marchenko-Pastur edge ratio of white noise of this shape.
  public var nullConditionNumber = 0.0
  public var largestEigenvalue = 0.0
  public var smallestEigenvalue = 0.0
  public var effectiveRank = 0.0
  public var participationRatio = 0.0
  /// 2 / largestEigenvalue.
  public var largestStableLearningRate = 0.0
  /// (k - 1) / (k + 1), k on the support.
  public var gradientDescentRate = 0.0
  public var threshold = 0.0
  /// Feature indices, worst first, at most 8.
  public var blamedFeatures: [Int] = []
  /// Each one's share of the blame, 0 to 1.
  public var blamedShares: [Double] = []

  public init() {}
}

/// Condition number of the covariance of samples [n, d], and what follows from it; `Covariance` used once.
///
/// - Throws: as `Covariance.init`, `add` and `report`. Complexity: n d^2 multiply-adds and two symmetric eigenproblems,
///   O(d^3). Since: 0.1.
public func conditionNumber(
  of samples: TensorView, options: ConditioningOptions = .init()
) throws(TrimtabError) -> ConditioningReport {
  let covariance = try Covariance(options: options)
  try covariance.add(samples)
  return try covariance.report()
}

extension Covariance {
  /// Reports at any time; changes nothing.
  ///
  /// - Throws: `outOfMemory`. Complexity: two symmetric eigenproblems, O(d^3).
  public func report() throws(TrimtabError) -> ConditioningReport {
    var report = ConditioningReport()
    report.sampleCount = sampleCount
    report.nonfiniteSampleCount = nonfiniteSampleCount
    report.featureCount = featureCount ?? 0
    report.threshold = options.warningConditionNumber
    guard sampleCount >= 2, let moments else {
      report.outcome = sampleCount >= 2 ? .degenerate : .insufficient
      return report
    }
    let varying = try moments.varyingFeatures()
    report.constantFeatureCount = moments.features &- varying.count
    guard varying.count > 0 else {
      report.outcome = .degenerate
      return report
    }
    let matrix = try moments.covariance(of: varying, count: sampleCount)
    guard matrix.lowerTriangleIsFinite else {
      report.outcome = .nonfinite
      return report
    }
    let shrinkage = LedoitWolf(matrix, fourth: moments.fourth, samples: sampleCount)
    let correlation = try Correlation(matrix)
    let spectrum = try Spectrum(matrix)
    guard spectrum.largest > 0, spectrum.largest < .infinity else {
      report.outcome = .degenerate
      return report
    }
    report.shrinkage = shrinkage.rho
    report.conditionNumberShrunk = shrinkage.conditionNumber(spectrum)
    measure(spectrum, moments, into: &report)
    let correlationSpectrum = try Spectrum(correlation.matrix)
    let correlationRank = correlationSpectrum.rank(samples: sampleCount)
    report.conditionNumberOfCorrelation = correlationSpectrum.conditionNumber(rank: correlationRank)
    report.judge(varying: varying.count, correlationRank: correlationRank, options)
    try blame(moments, varying, correlation, correlationSpectrum, &report)
    return report
  }

  private func measure(_ spectrum: Spectrum, _ moments: Moments, into report: inout ConditioningReport) {
    report.rank = spectrum.rank(samples: sampleCount)
    let onSupport = spectrum.conditionNumber(rank: report.rank)
    report.conditionNumber = report.rank < spectrum.count ? .infinity : onSupport
    report.conditionNumberOnSupport = onSupport
    report.nullConditionNumber = marchenkoPasturConditionNumber(samples: sampleCount, features: spectrum.count)
    report.largestEigenvalue = moments.unscaledSquare(spectrum.largest)
    report.smallestEigenvalue = moments.unscaledSquare(spectrum.smallest)
    report.effectiveRank = spectrum.effectiveRank
    report.participationRatio = spectrum.participationRatio
    report.largestStableLearningRate = 2 / report.largestEigenvalue
    report.gradientDescentRate = (onSupport - 1) / (onSupport + 1)
  }
}

/// ((1 + sqrt g) / (1 - sqrt g))^2 with g = d / n: the edge ratio of the eigenvalues of white noise; +Inf if g >= 1.
///
/// Source: Marchenko & Pastur 1967.
func marchenkoPasturConditionNumber(samples: Int, features: Int) -> Double {
  guard samples > features else { return .infinity }
  let root = (Double(features) / Double(samples)).squareRoot()
  guard root < 1 else { return .infinity }
  let ratio = (1 + root) / (1 - root)
  return ratio * ratio
}
