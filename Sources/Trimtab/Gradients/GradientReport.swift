/// The gradients of one step. Fields mean what the C header says of them.
public struct GradientReport: Sendable, Equatable {
  public var outcome: Outcome = .insufficient
  public var verdict: Verdict = .unknown
  public var cause: Cause = .none
  public var tensorCount: Int = 0
  public var elementCount: Int = 0
  public var nonfiniteCount: Int = 0
  public var nonfiniteTensorCount: Int = 0
  public var firstNonfiniteTensor: Int = -1
  public var firstNonfiniteIndex: Int = -1
  public var zeroTensorCount: Int = 0
  public var vanishingTensorCount: Int = 0
  public var depth: Int = 0
  public var globalNorm = Double.nan
  public var greatestMagnitude = Double.nan
  public var meanMagnitude = Double.nan
  public var depthSlope = Double.nan
  public var depthRatio = Double.nan
  public var clipFactor: Double = 1
  public var threshold: Double = 0
  public var measurement = Double.nan
}
