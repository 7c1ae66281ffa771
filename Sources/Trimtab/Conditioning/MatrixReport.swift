/// The norm that a condition number is taken in.
public enum MatrixNorm: Int32, Sendable {
  case one = 1
  case two = 2
  case infinity = 3
  case frobenius = 4
}

/// How the condition of a matrix may be computed.
public enum MatrixMethod: Int32, Sendable {
  /// Certified Lanczos and Cholesky where the matrix is symmetric positive definite, else exact.
  case automatic = 0
  /// All singular values, or the inverse for the other norms.
  case exact = 1
  /// LU and Hager-Higham: a lower bound in the 1-norm.
  case estimate = 2
}

/// How `matrixCondition` computes and what it holds the result against. Since: 0.1.
public struct MatrixOptions: Sendable {
  public var norm = MatrixNorm.two
  public var method = MatrixMethod.automatic
  /// 0: 1 / (sqrt(max(m, n)) · epsilon), where rounding the elements alone can make the matrix singular; epsilon of the
  /// element type, float32's for
  /// shorter and float64's for integer types.
  public var criticalConditionNumber = 0.0
  /// How closely Lanczos must pin the condition number before it is believed.
  public var relativeTolerance = 1e-6
  /// What the work space may take, in float64 elements.
  public var maximumElements = 67_108_864

  public init() {}

  func check() throws(TrimtabError) {
    guard criticalConditionNumber == 0 || criticalConditionNumber >= 1 else {
      throw TrimtabError(
        .invalidArgument,
        "options.critical_condition_number: found %, allowed 0 (by element type) or 1 and more", criticalConditionNumber
      )
    }
    guard relativeTolerance > 0, relativeTolerance < 1 else {
      throw TrimtabError(
        .invalidArgument, "options.relative_tolerance: found %, allowed above 0 and below 1", relativeTolerance)
    }
    guard maximumElements >= 1 else {
      throw TrimtabError(.invalidArgument, "options.maximum_elements: found %, allowed 1 or more", maximumElements)
    }
    guard method != .estimate || norm == .one else {
      throw TrimtabError(
        .invalidArgument, "options.norm: found %, allowed 1 (the 1-norm) for an estimate", norm.rawValue)
    }
  }
}

/// What `matrixCondition` found. Fields as in `trimtab_matrix_report`: an outcome that is not `ok` leaves NaN in every
/// measurement. Since: 0.1.
public struct MatrixReport: Sendable {
  public var outcome = Outcome.ok
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var rowCount = 0
  public var columnCount = 0
  public var nonfiniteCount = 0
  public var zeroRowCount = 0
  public var zeroColumnCount = 0
  /// Singular values above s1 · max(m, n) · 2^-52; -1 if the method cannot tell.
  public var rank = -1
  /// The one that gave the answer.
  public var method = MatrixMethod.exact
  /// Whether `relativeErrorBound` holds by a proof or a residual.
  public var isCertain = false
  /// +Inf if singular.
  public var conditionNumber = Double.nan
  /// Over the rows and columns that are not exactly zero, and the singular values that count in the rank.
  public var conditionNumberOnSupport = Double.nan
  /// NaN if the method cannot tell.
  public var largestSingularValue = Double.nan
  public var smallestSingularValue = Double.nan
  /// |A|_F^2 / s1^2; NaN if the method cannot tell.
  public var stableRank = Double.nan
  /// Of `conditionNumber`; +Inf for an estimate.
  public var relativeErrorBound = Double.infinity
  /// What `measurement` was held against.
  public var threshold = 0.0
  /// The condition number that decided: that on the support, or, where singular values fall out of the rank, the one with
  /// them, over the rows and columns that are not exactly zero.
  public var measurement = Double.nan

  public init() {}
}
