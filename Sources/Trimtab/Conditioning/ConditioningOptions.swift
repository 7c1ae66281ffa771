/// Thresholds and limits of the conditioning diagnostic. Since: 0.1.
public struct ConditioningOptions: Sendable {
  /// About 7e3 steps of gradient descent to an error of 1e-6.
  public var warningConditionNumber = 1e3
  public var criticalConditionNumber = 1e6
  /// A verdict needs a condition number above this many times the Marchenko-Pastur null.
  public var nullFactor = 10.0
  /// The state takes 8 · features^2 bytes.
  public var maximumFeatures = 8192

  public init() {}

  func check() throws(TrimtabError) {
    guard warningConditionNumber >= 1, warningConditionNumber.isFinite else {
      throw TrimtabError(
        .invalidArgument, "options.warning_condition_number: found %, allowed 1 or more, finite", warningConditionNumber
      )
    }
    guard criticalConditionNumber >= warningConditionNumber, criticalConditionNumber.isFinite else {
      throw TrimtabError(
        .invalidArgument,
        "options.critical_condition_number: found %, allowed warning_condition_number or more, finite",
        criticalConditionNumber
      )
    }
    guard nullFactor >= 0, nullFactor.isFinite else {
      throw TrimtabError(.invalidArgument, "options.null_factor: found %, allowed 0 or more, finite", nullFactor)
    }
    guard maximumFeatures >= 1, maximumFeatures <= 1 << 20 else {
      throw TrimtabError(.invalidArgument, "options.maximum_features: found %, allowed 1 to 1048576", maximumFeatures)
    }
  }
}
