/// When errors that pile up under a model's own outputs count as exposure bias.
public struct ExposureOptions: Sendable, Equatable {
  /// Of the excess: the accumulated error beyond what single steps explain, over what they explain.
  public var warningExcess = 0.5
  public var criticalExcess = 5.0
  /// A free-running error beyond this, or one that is NaN or Inf, is a divergence, and ends its sequence.
  public var divergenceError = 1e6

  public init() {}

  /// - Throws: `invalidArgument`, naming the option.
  public func validate() throws(TrimtabError) {
    guard warningExcess >= 0 else {
      throw TrimtabError(.invalidArgument, "options.warning_excess: found %, allowed 0 or more", warningExcess)
    }
    guard criticalExcess >= warningExcess else {
      throw TrimtabError(
        .invalidArgument, "options.critical_excess: found %, allowed warning_excess, %, or more", criticalExcess,
        warningExcess)
    }
    guard divergenceError > 0 else {
      throw TrimtabError(.invalidArgument, "options.divergence_error: found %, allowed above 0", divergenceError)
    }
  }
}

/// What errors came to up to a length: a row of the curve.
public struct ExposureLength: BitwiseCopyable, Sendable, Equatable {
  /// Steps, from 1.
  public var length = 0
  /// Sequences whose step of this number was measured.
  public var teacherCount = 0
  public var freeCount = 0
  /// eps_l: the mean error of a step whose prefix is true, over the steps up to here.
  public var stepError = 0.0
  /// R_l: the sum over the steps up to here of the mean error under the model's own outputs.
  public var accumulatedError = 0.0
  /// AccErr: R_l / eps_l; NaN where eps_l is 0.
  public var ratio = 0.0
  /// (R_l - l eps_l) / (l eps_l); NaN where eps_l is 0.
  public var excess = 0.0

  public init() {}
}

/// Whether a model's own outputs lead it astray.
public struct ExposureReport: Sendable, Equatable {
  /// insufficient: no step was measured both ways; nonfinite: nor was any finite; degenerate: steps without any error.
  public var outcome = Outcome.insufficient
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var sequenceCount = 0
  /// Teacher-forced errors that are NaN or Inf, left out.
  public var nonfiniteCount = 0
  /// Sequences that diverged under their own outputs.
  public var divergedCount = 0
  /// The step, from 1, at which the first did; 0 for none.
  public var firstDivergence = 0
  /// The greatest length that was measured both ways: what follows is of it.
  public var length = 0
  public var stepError = Double.nan
  public var accumulatedError = Double.nan
  public var ratio = Double.nan
  public var excess = Double.nan
  /// The slope of ln R_l on ln l: 1 for errors that add, 2 for errors that each keep on acting. NaN below three lengths.
  public var growthExponent = Double.nan
  /// The slope of ln R_l on l.
  public var growthRate = Double.nan
  public var threshold = 0.0
  public var measurement = Double.nan
  /// Whether ln R_l is straighter over l than over ln l.
  public var isExponential = false

  public init() {}
}

/// A straight line through points, and how far they lie from it.
struct StraightFit {
  private var count = 0.0
  private var meanX = 0.0
  private var meanY = 0.0
  private var squareX = 0.0
  private var squareY = 0.0
  private var product = 0.0

  mutating func add(_ x: Double, _ y: Double) {
    count += 1
    let (dx, dy) = (x - meanX, y - meanY)
    meanX += dx / count
    meanY += dy / count
    squareX += dx * (x - meanX)
    squareY += dy * (y - meanY)
    product += dx * (y - meanY)
  }

  /// NaN below `least` points, or where all x are one.
  func slope(least: Double = 3) -> Double { count >= least && squareX > 0 ? product / squareX : .nan }
  /// The sum of squared distances that the line leaves.
  var residual: Double { squareX > 0 ? max(squareY - product * product / squareX, 0) : .nan }
}
