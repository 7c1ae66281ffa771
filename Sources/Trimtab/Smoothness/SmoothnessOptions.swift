/// A function from R^n to R^m: reads x, writes values. What it throws ends the call.
public typealias PointFunction = (UnsafePointer<Double>, UnsafeMutablePointer<Double>) throws(TrimtabError) -> Void

/// Where and how finely a function is probed.
public struct SmoothnessOptions: Sendable, Equatable {
  /// Segments between random points of the domain.
  public var segments = 32
  /// The finest step along a segment is 2^-finest of it, the coarsest 2^-3.
  public var finest = 9
  /// The same seed, the same segments.
  public var seed: UInt64 = 0
  /// Relative error of one value: 2^-52 for float64, 2^-23 for what is computed in float32.
  public var rounding = 0x1p-52
  /// Slope below which a derivative is broken. Source: definitions 10 (b).
  public var brokenSlope = -0.5
  /// Relative tolerance of the solver that is tried on the segments.
  public var tolerance = 1e-6
  /// Segments that it is tried on; 0: none.
  public var solverSegments = 4
  /// Shares and costs that are critical. Source: definitions 10 (b).
  public var criticalRejectionRatio = 0.35
  public var criticalCost = 3.0

  public init() {}

  /// - Throws: `invalidArgument`, naming the option.
  func validate() throws(TrimtabError) {
    guard segments >= 1, segments <= 1 << 20 else {
      throw TrimtabError(.invalidArgument, "options.segments: found %, allowed 1 to %", segments, 1 << 20)
    }
    guard finest >= 6, finest <= 16 else {
      throw TrimtabError(.invalidArgument, "options.finest: found %, allowed 6 to 16", finest)
    }
    guard rounding > 0, rounding < 1 else {
      throw TrimtabError(.invalidArgument, "options.rounding: found %, allowed above 0 and below 1", rounding)
    }
    guard brokenSlope < 0, brokenSlope >= -1 else {
      throw TrimtabError(.invalidArgument, "options.broken_slope: found %, allowed -1 to below 0", brokenSlope)
    }
    guard tolerance >= 1e-12, tolerance <= 0.1 else {
      throw TrimtabError(.invalidArgument, "options.tolerance: found %, allowed 1e-12 to 0.1", tolerance)
    }
    guard solverSegments >= 0, solverSegments <= segments else {
      throw TrimtabError(
        .invalidArgument, "options.solver_segments: found %, allowed 0 to segments, %", solverSegments, segments)
    }
    guard criticalRejectionRatio >= 0, criticalRejectionRatio <= 1 else {
      throw TrimtabError(
        .invalidArgument, "options.critical_rejection_ratio: found %, allowed 0 to 1", criticalRejectionRatio)
    }
    guard criticalCost >= 1 else {
      throw TrimtabError(.invalidArgument, "options.critical_cost: found %, allowed 1 or more", criticalCost)
    }
  }
}

/// How smooth a function is, and what an adaptive solver will pay for it.
///
/// Since: 0.4.
public struct SmoothnessReport: Sendable, Equatable {
  /// nonfinite: no segment had finite values throughout; degenerate: the domain is a point.
  public var outcome = Outcome.ok
  public var verdict = Verdict.healthy
  public var cause = Cause.none
  /// The least order of a derivative that jumps: 0, the function itself, to 3; 4 where none to that order does.
  public var brokenOrder = 4
  public var segmentCount = 0
  /// Of the function, the solver's included.
  public var evaluationCount = 0
  /// Values that were NaN, Inf or beyond 1e250; the segments they lie on are left out.
  public var nonfiniteCount = 0
  /// m_p = d ln D_p / d ln h for p = 1 to 4, over the steps at which differences stand above the rounding; 0 where fewer
  /// than three do.
  public var firstSlope = 0.0
  public var secondSlope = 0.0
  public var thirdSlope = 0.0
  public var fourthSlope = 0.0
  /// p + m_p for p = 4: the order of the derivative that jumps; about 4 for a smooth function.
  public var regularity = 4.0
  /// The finest step, as a share of a segment, at which fourth differences stand above the rounding.
  public var finestStep = 0.0
  /// The greatest |f(a) - f(b)| / |a - b| over neighbours: a lower bound of the constant.
  public var lipschitz = 0.0
  /// Relative error of one value: the option's, or what was measured where that is more. Regularity that it covers is not
  /// told: a slope is then 0.
  public var rounding = 0.0
  /// What Dormand-Prince takes to integrate the function along segments at the tolerance.
  public var tolerance = 0.0
  public var solverEvaluationCount = 0
  public var solverRejectionRatio = 0.0
  /// Its evaluations over those at 1e-3, times (tolerance / 1e-3)^(1/5), as a smooth function's grow; 1 at 1e-3 and above.
  public var solverCost = 1.0
  /// q in evaluations ~ tolerance^(-q) over the last three decades; 1/5 for a smooth function; 0 where fewer were tried.
  public var costExponent = 0.0
  /// The tightest of the tolerances 1e-2, 1e-3, … at which no more steps are rejected than is allowed.
  public var advisedTolerance = 0.0
  public var measurement = 0.0
  public var threshold = 0.0
}
