/// What the conditioning diagnostic found. Fields as in `trimtab_conditioning_report`: an outcome that is not `ok`
/// leaves NaN in every measurement. Since: 0.1.
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
  public var conditionNumber = Double.nan
  public var conditionNumberOnSupport = Double.nan
  /// After Ledoit-Wolf shrinkage.
  public var conditionNumberShrunk = Double.nan
  /// Ledoit-Wolf's rho, 0 to 1.
  public var shrinkage = Double.nan
  /// On the support of the correlation matrix.
  public var conditionNumberOfCorrelation = Double.nan
  /// The Marchenko-Pastur edge ratio of white noise of this shape.
  public var nullConditionNumber = Double.nan
  public var largestEigenvalue = Double.nan
  public var smallestEigenvalue = Double.nan
  public var effectiveRank = Double.nan
  public var participationRatio = Double.nan
  /// 2 / largestEigenvalue.
  public var largestStableLearningRate = Double.nan
  /// (k - 1) / (k + 1), k on the support.
  public var gradientDescentRate = Double.nan
  /// What `measurement` was held against.
  public var threshold = 0.0
  /// Feature indices, worst first, at most 8.
  public var blamedFeatures: [Int] = []
  /// Each one's share of the blame, 0 to 1.
  public var blamedShares: [Double] = []
  /// The condition number that decided: on the support, after shrinkage where there are no more samples than features,
  /// and where scale alone makes S singular the least that it can be. NaN where none could be judged.
  public var measurement = Double.nan

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
    let leastByScale =
      correlationRank > report.rank || correlation.positions.count < varying.count
      ? spectrum.leastConditionNumber(correlation, of: varying.count, samples: sampleCount) : nil
    report.judge(varying: varying.count, leastByScale: leastByScale, options)
    try blame(moments, varying, correlation, correlationSpectrum, &report)
    return report
  }

  @inline(never)
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
