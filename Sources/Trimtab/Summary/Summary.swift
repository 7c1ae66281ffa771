/// What one pass over a tensor gives: exact counts, and extremes and sums over its finite values.
///
/// The sums are kept divided by a power of two, so that they neither overflow nor underflow: with `e = scaleExponent`,
/// sum x is
/// `scaledSum` · 2^e, sum |x| is `scaledAbsoluteSum` · 2^e and sum x² is `scaledSquareSum` · 2^(2e). `scaleExponent` is
/// 0 unless
/// `greatestMagnitude` lies outside [2^-400, 2^480]; then it is its binary exponent.
///
/// Summaries form a monoid: `merge` adds, `identity` is nothing seen. Since: 0.1.
public struct Summary: Sendable, Equatable, BitwiseCopyable {
  /// All elements.
  public var count = 0
  public var nanCount = 0
  public var positiveInfinityCount = 0
  public var negativeInfinityCount = 0
  /// Elements that are +0 or -0.
  public var zeroCount = 0
  /// Elements that are subnormal in the tensor's own element type.
  public var subnormalCount = 0
  /// Row-major index of the first NaN or infinity; -1 if there is none.
  public var firstNonfiniteIndex = -1
  /// +Inf if there is no finite value.
  public var minimum = Double.infinity
  /// -Inf if there is no finite value.
  public var maximum = -Double.infinity
  public var greatestMagnitude = 0.0
  public var mean = 0.0
  /// Sum |x|; infinite only if the true value exceeds float64's range.
  public var l1Norm = 0.0
  /// Square root of sum x²; infinite only if the true value exceeds float64's range.
  public var l2Norm = 0.0
  public var scaledSum = 0.0
  public var scaledAbsoluteSum = 0.0
  public var scaledSquareSum = 0.0
  public var scaleExponent: Int32 = 0

  /// The summary of nothing.
  public init() {}

  /// The summary of nothing: merging it changes nothing.
  public static var identity: Summary { Summary() }

  /// NaN and infinities.
  public var nonfiniteCount: Int { nanCount &+ positiveInfinityCount &+ negativeInfinityCount }
  public var finiteCount: Int { count &- nonfiniteCount }
}
