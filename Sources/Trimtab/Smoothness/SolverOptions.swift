/// The right-hand side of dy/dt = f(t, y): reads t and y, writes dy/dt. What it throws ends the call.
public typealias Field = (Double, UnsafePointer<Double>, UnsafeMutablePointer<Double>) throws(TrimtabError) -> Void

/// How an adaptive solver goes. The defaults are those of scipy's `solve_ivp`.
public struct SolverOptions: Sendable, Equatable {
  public var relativeTolerance = 1e-3
  public var absoluteTolerance = 1e-6
  /// 0: chosen by the solver.
  public var firstStep = 0.0
  /// 0: none.
  public var maximumStep = 0.0
  /// Evaluations of the field after which the solver gives up.
  public var maximumEvaluations = 10_000_000
  /// Share of rejected steps that is critical, from `leastAttempts` on. Source: definitions 10 (b).
  public var criticalRejectionRatio = 0.35
  /// Attempted steps below which their rejection is not judged: one kink alone costs about ten.
  public var leastAttempts = 50
  /// Times between start and end, in their order, at which a step ends: the kinks, where they are known.
  public var stops: [Double] = []

  public init() {}

  /// - Throws: `invalidArgument`, naming the option.
  func validate(from start: Double, to end: Double) throws(TrimtabError) {
    guard relativeTolerance >= 0, relativeTolerance < .infinity else {
      throw TrimtabError(
        .invalidArgument, "options.relative_tolerance: found %, allowed 0 or more", relativeTolerance)
    }
    guard absoluteTolerance >= 0, absoluteTolerance < .infinity else {
      throw TrimtabError(
        .invalidArgument, "options.absolute_tolerance: found %, allowed 0 or more", absoluteTolerance)
    }
    guard firstStep >= 0, firstStep <= (end - start).magnitude else {
      throw TrimtabError(
        .invalidArgument, "options.first_step: found %, allowed 0 to the length of the interval, %", firstStep,
        (end - start).magnitude)
    }
    guard maximumStep >= 0 else {
      throw TrimtabError(.invalidArgument, "options.maximum_step: found %, allowed 0 or more", maximumStep)
    }
    guard maximumEvaluations >= 8 else {
      throw TrimtabError(
        .invalidArgument, "options.maximum_evaluations: found %, allowed 8 or more", maximumEvaluations)
    }
    guard criticalRejectionRatio >= 0, criticalRejectionRatio <= 1 else {
      throw TrimtabError(
        .invalidArgument, "options.critical_rejection_ratio: found %, allowed 0 to 1", criticalRejectionRatio)
    }
    guard leastAttempts >= 1 else {
      throw TrimtabError(.invalidArgument, "options.least_attempts: found %, allowed 1 or more", leastAttempts)
    }
    var last = start
    for (index, stop) in stops.enumerated() {
      guard end > start ? stop > last && stop < end : stop < last && stop > end else {
        throw TrimtabError(
          .invalidArgument, "options.stops[%]: found %, allowed between % and %", index, stop, last, end)
      }
      last = stop
    }
  }
}

/// How a solver's run ended.
public enum SolverEnd: Int32, Sendable {
  case finished = 0
  /// The step fell below ten units in the last place of the time.
  case stepUnderflow = 1
  /// The field gave NaN or Inf, however small the step.
  case nonfinite = 2
  /// `maximumEvaluations` were made.
  case evaluationLimit = 3
}

/// What an adaptive solver paid.
///
/// Since: 0.4.
public struct SolverReport: Sendable, Equatable {
  /// nonfinite: the field gave NaN or Inf, however small the step; degenerate: start and end are one.
  public var outcome = Outcome.ok
  public var verdict = Verdict.healthy
  public var cause = Cause.none
  public var end = SolverEnd.finished
  /// Of the field: 2 + 6 (accepted + rejected + search steps), without the first two where they were not needed.
  public var evaluationCount = 0
  public var acceptedCount = 0
  public var rejectedCount = 0
  /// Attempts that looked for a kink: neither accepted nor rejected.
  public var searchCount = 0
  /// Kinks that steps were ended at.
  public var kinkCount = 0
  /// Reached.
  public var time = 0.0
  /// Over the accepted steps, the last, which the end cuts short, left out where there are others; NaN without a step.
  public var minimumStep = Double.nan
  public var medianStep = Double.nan
  /// Rejected over attempted; 0 without an attempt.
  public var rejectionRatio = 0.0
  public var measurement = 0.0
  public var threshold = 0.0

  mutating func judge(_ options: SolverOptions) {
    let attempts = acceptedCount &+ rejectedCount
    rejectionRatio = attempts > 0 ? Double(rejectedCount) / Double(attempts) : 0
    measurement = rejectionRatio
    threshold = options.criticalRejectionRatio
    switch end {
    case .stepUnderflow: (verdict, cause) = (.critical, .stepUnderflow)
    case .nonfinite: (outcome, verdict, cause) = (.nonfinite, .critical, .nonfiniteField)
    case .evaluationLimit: (verdict, cause) = (.critical, .evaluationLimit)
    case .finished:
      if attempts >= options.leastAttempts && rejectionRatio > options.criticalRejectionRatio {
        (verdict, cause) = (.critical, .rejectedSteps)
      }
    }
  }
}
