/// Thresholds of the feature-scale diagnostic. Since: 0.4.
public struct FeatureScaleOptions: Sendable, Equatable {
  /// s_min: a standard deviation of log scale from which on an axis needs normalising; at 0.5 nine tenths of the nodes
  /// span a factor of 5.2.
  public var leastDeviation = 0.5
  /// From which on it is critical; at 1 nine tenths span a factor of 27.
  public var criticalDeviation = 1.0
  /// How many times the other axis' deviation makes an axis the only one to normalise.
  public var dominance = 2.0
  /// Entries of at most this share of the greatest magnitude are left out, as zeros are.
  public var floorShare = 1e-12
  /// Robust z, by the median absolute deviation, beyond which a node or feature is an outlier.
  public var outlierScore = 6.0

  public init() {}

  func check() throws(TrimtabError) {
    guard leastDeviation > 0, leastDeviation.isFinite else {
      throw TrimtabError(
        .invalidArgument, "options.least_deviation: found %, allowed above 0, finite", leastDeviation)
    }
    guard criticalDeviation >= leastDeviation, criticalDeviation.isFinite else {
      throw TrimtabError(
        .invalidArgument, "options.critical_deviation: found %, allowed least_deviation or more, finite",
        criticalDeviation)
    }
    guard dominance >= 1, dominance.isFinite else {
      throw TrimtabError(.invalidArgument, "options.dominance: found %, allowed 1 or more, finite", dominance)
    }
    guard floorShare >= 0, floorShare < 1 else {
      throw TrimtabError(.invalidArgument, "options.floor_share: found %, allowed 0 to below 1", floorShare)
    }
    guard outlierScore > 0, outlierScore.isFinite else {
      throw TrimtabError(.invalidArgument, "options.outlier_score: found %, allowed above 0, finite", outlierScore)
    }
  }
}

/// What to normalise before a graph net reads the features.
public enum NormalisationAdvice: Int32, Sendable {
  case none = 0
  /// Each node over its features: LayerNorm, NodeNorm, L2 (FeatureNorm), PairNorm-SI.
  case nodeWise = 1
  /// Each feature over the nodes: BatchNorm, GraphNorm.
  case featureWise = 2
  /// First each feature, then each node.
  case both = 3

  public var key: StaticText {
    switch self {
    case .none: "none"
    case .nodeWise: "node_wise"
    case .featureWise: "feature_wise"
    case .both: "both"
    }
  }
}
