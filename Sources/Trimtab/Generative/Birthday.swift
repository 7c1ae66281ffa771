/// How many different samples a model has, by how often two of them are the same.
public struct BirthdayReport: Sendable, Equatable {
  /// insufficient: fewer than two samples, or no two alike: the support is known from below alone; nonfinite: none is
  /// finite.
  public var outcome = Outcome.insufficient
  public var sampleCount = 0
  public var nonfiniteCount = 0
  /// c: pairs that are alike.
  public var pairCount = 0
  /// s (s - 1) / (2 c); +Inf without a pair.
  public var support = Double.nan
  /// What the support exceeds with probability 0.95, its samples being equally likely: s (s - 1) / (2 u), u the 95 %
  /// upper limit of a Poisson number of which c was met.
  public var leastSupport = Double.nan

  public init() {}
}

/// Estimates the size of a model's support from pairs of samples that are alike (the birthday paradox).
///
/// - Parameters:
///   - samples: [n, ...], or [n].
///   - tolerance: two samples are alike if their distance is at most this; 0 for the same numbers.
/// - Throws: `shape`, `dtype`, `invalidArgument`, `outOfMemory`. Complexity: O(n^2 d).
/// - Source: Arora, Risteski & Zhang 2018; definitions 9.3; Wilson & Hilferty 1931 for the limit. Since 0.4.
public func birthday(_ samples: TensorView, tolerance: Double = 0) throws(TrimtabError) -> BirthdayReport {
  guard tolerance >= 0 else { throw TrimtabError(.invalidArgument, "tolerance: found %, allowed 0 or more", tolerance) }
  let points = try PointSet(samples, "samples")
  var report = BirthdayReport()
  report.sampleCount = points.count
  report.nonfiniteCount = points.nonfiniteCount
  guard points.count >= 2 else {
    report.outcome = points.count == 0 && points.nonfiniteCount > 0 ? .nonfinite : .insufficient
    return report
  }
  let reach = tolerance * tolerance
  for index in 0..<points.count {
    let own = points.point(index)
    for other in 0..<index where points.squaredDistance(other, own) <= reach {
      report.pairCount = report.pairCount &+ 1
    }
  }
  let pairs = 0.5 * Double(points.count) * Double(points.count &- 1)
  let count = Double(report.pairCount)
  let root = 1 - 1 / (9 * (count + 1)) + 1.6448536269514722 / (3 * (count + 1).squareRoot())
  report.leastSupport = pairs / ((count + 1) * root * root * root)
  report.support = report.pairCount > 0 ? pairs / count : .infinity
  if report.pairCount > 0 { report.outcome = .ok }
  return report
}

/// The probability that of `samples` draws from `support` equally likely values two are the same: 1 - prod (1 - i / N).
///
/// Beyond a million samples the logarithms' series stands in for the product: to 1e-12 where the product counts at all.
///
/// - Throws: `invalidArgument`. Complexity: O(samples), at most a million. Since 0.4.
public func birthdayProbability(support: Int, samples: Int) throws(TrimtabError) -> Double {
  guard support >= 1 else { throw TrimtabError(.invalidArgument, "support: found %, allowed 1 or more", support) }
  guard samples >= 0 else { throw TrimtabError(.invalidArgument, "samples: found %, allowed 0 or more", samples) }
  guard samples <= support else { return 1 }
  if samples > 1_000_000 {
    // sum ln(1 - i / N) = -sum i / N - sum i^2 / 2 N^2 - ...; with N so small that more terms count, it is far below -700.
    let (s, n) = (Double(samples), Double(support))
    let first = s * (s - 1) / 2 / n
    let second = s / n * ((s - 1) / n) * (2 * s - 1) / 12
    return 1 - exponential(-first - second)
  }
  var none = 1.0
  for index in 0..<samples where none > 0 { none *= 1 - Double(index) / Double(support) }
  return 1 - none
}
