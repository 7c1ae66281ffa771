/// Thresholds of the gradient diagnostic.
public struct GradientOptions: Sendable, Equatable {
  /// The clip factor brings the global norm to this.
  public var maximumNorm: Double = 1.0
  /// A tensor vanishes if its mean |g| is below this.
  public var vanishingMeanMagnitude: Double = 1e-7
  /// Decades of root mean square per layer, either sign.
  public var warningDepthSlope: Double = 0.1
  public var criticalDepthSlope: Double = 0.3
  /// Decades from the first to the last layer, below which a slope is no finding.
  public var leastDepthSpan: Double = 2.0
  /// Layers below which there is no slope.
  public var leastDepth: Int = 3
  /// A global norm above this many times `maximumNorm` is an explosion. Losses that are sums have norms of 1e3 to 1e4.
  public var explodingNormFactor: Double = 1e6

  public init() {}

  func check() throws(TrimtabError) {
    guard maximumNorm > 0, maximumNorm.isFinite else {
      throw TrimtabError(.invalidArgument, "options.maximum_norm: found %, allowed finite above 0", maximumNorm)
    }
    guard vanishingMeanMagnitude >= 0, vanishingMeanMagnitude.isFinite else {
      throw TrimtabError(
        .invalidArgument,
        "options.vanishing_mean_magnitude: found %, allowed finite, 0 or more", vanishingMeanMagnitude)
    }
    guard warningDepthSlope > 0, criticalDepthSlope >= warningDepthSlope, criticalDepthSlope.isFinite else {
      throw TrimtabError(
        .invalidArgument,
        "options.critical_depth_slope: found % with warning_depth_slope %, allowed 0 < warning <= critical, finite",
        criticalDepthSlope, warningDepthSlope
      )
    }
    guard leastDepthSpan >= 0, leastDepthSpan.isFinite else {
      throw TrimtabError(
        .invalidArgument, "options.least_depth_span: found %, allowed finite, 0 or more", leastDepthSpan)
    }
    guard explodingNormFactor >= 1 else {
      throw TrimtabError(
        .invalidArgument, "options.exploding_norm_factor: found %, allowed 1 or more", explodingNormFactor)
    }
    guard leastDepth >= 2 else {
      throw TrimtabError(.invalidArgument, "options.least_depth: found %, allowed 2 or more", leastDepth)
    }
  }
}
