/// What would make gradient descent on samples quick. Fields as in `trimtab_conditioning_advice_report`. Since: 0.4.
public struct ConditioningAdvice: Sendable {
  public enum Cure: Int32, Sendable {
    case none = 0
    case standardise = 1
    case whiten = 2

    public var key: StaticText {
      switch self {
      case .none: "none"
      case .standardise: "standardise"
      case .whiten: "whiten"
      }
    }
  }

  public var outcome = Outcome.ok
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var advice = Cure.none
  public var tolerance = 1e-6
  /// The condition number that was judged, as `ConditioningReport.measurement`.
  public var conditionNumber = Double.nan
  /// Of the correlation matrix: what standardising leaves. Whitening leaves 1.
  public var conditionNumberStandardised = Double.nan
  /// Steps of gradient descent to an error of `tolerance`: as the data are, standardised, whitened.
  public var steps = Double.nan
  public var stepsStandardised = Double.nan
  public var stepsWhitened = Double.nan

  public init() {}
}

/// Steps of gradient descent at its best rate, 2 / (l1 + ld), until a quadratic's error is `tolerance` of what it was:
/// ln(1 / tolerance) / ln((k + 1) / (k - 1)), at least 1; +Inf for an infinite k. With momentum it is about the root of k
/// in place of k. Source: definitions 4.
public func gradientDescentSteps(conditionNumber k: Double, tolerance: Double) -> Double {
  guard k >= 1, tolerance > 0, tolerance < 1 else { return .nan }
  guard k < .infinity else { return .infinity }
  // Far from 1 the quotient's logarithm has lost the digits that the series 2 (1/k + 1/3k^3 + ...) keeps.
  let s = 1 / (k * k)
  let decay = k > 100 ? 2 / k * (1 + s * (1.0 / 3 + s * (1.0 / 5 + s / 7))) : logarithm((k + 1) / (k - 1))
  return max(1, -logarithm(tolerance) / decay)
}

/// Whether samples need scaling or whitening before gradient descent; `Covariance.advice` used once.
public func conditioningAdvice(
  for samples: TensorView, options: ConditioningOptions = .init(), tolerance: Double = 1e-6
) throws(TrimtabError) -> ConditioningAdvice {
  let covariance = try Covariance(options: options)
  try covariance.add(samples)
  return try covariance.advice(tolerance: tolerance)
}

extension Covariance {
  /// Steps to the optimum before and after standardising and whitening, and which of the two is needed.
  ///
  /// None where the conditioning diagnostic finds nothing above a notice. Standardising where it brings the condition
  /// number to the warning threshold (or ten times the null of that shape) or below; else whitening, which brings it to 1.
  ///
  /// - Throws: `invalidArgument` (tolerance), `outOfMemory`. Complexity: as `report`.
  public func advice(tolerance: Double = 1e-6) throws(TrimtabError) -> ConditioningAdvice {
    try advice(from: try report(), tolerance: tolerance)
  }

  /// The same from a report that was made of this accumulator.
  public func advice(from report: ConditioningReport, tolerance: Double = 1e-6) throws(TrimtabError)
    -> ConditioningAdvice
  {
    guard tolerance > 0, tolerance < 1 else {
      throw TrimtabError(.invalidArgument, "tolerance: found %, allowed above 0 to below 1", tolerance)
    }
    var found = ConditioningAdvice()
    found.tolerance = tolerance
    (found.outcome, found.verdict, found.cause) = (report.outcome, report.verdict, report.cause)
    guard report.outcome == .ok else { return found }
    // Two samples alone leave nothing that could be judged; the number on the support is then all there is.
    let judged = report.measurement
    found.conditionNumber = judged == judged ? judged : report.conditionNumberOnSupport
    found.conditionNumberStandardised = report.conditionNumberOfCorrelation
    found.steps = gradientDescentSteps(conditionNumber: found.conditionNumber, tolerance: tolerance)
    found.stepsStandardised = gradientDescentSteps(
      conditionNumber: found.conditionNumberStandardised, tolerance: tolerance)
    found.stepsWhitened = gradientDescentSteps(conditionNumber: 1, tolerance: tolerance)
    guard report.verdict >= .warning else { return found }
    let isShort = report.sampleCount <= report.featureCount &- report.constantFeatureCount
    let floor = isShort ? 0 : options.nullFactor * report.nullConditionNumber
    let isEnough = found.conditionNumberStandardised <= max(options.warningConditionNumber, floor)
    found.advice = isEnough ? .standardise : .whiten
    return found
  }
}
