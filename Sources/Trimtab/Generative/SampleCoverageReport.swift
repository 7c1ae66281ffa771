/// When samples count as having lost part of the data.
public struct CoverageOptions: Sendable, Equatable {
  /// k of the k-th nearest neighbour. Source: Naeem et al. 2020.
  public var neighbours = 5
  /// Bins of the two-sample test; fewer where that leaves fewer than ten real samples a bin. 0: no test.
  public var binCount = 100
  /// Of the test of each bin.
  public var significance = 0.05
  /// Of the coverage that samples of the data's own law would have, below which it is a collapse.
  public var leastCoverage = 0.8
  /// Below this density the samples are blurred; samples of the data's own law have 1.
  public var leastDensity = 0.6
  /// Of the bins that differ, beyond which it is a collapse; of the data's own law `significance` do.
  public var greatestBinShare = 0.3
  /// The standard deviation of a known mode: a sample within three of it is of that mode.
  public var modeDeviation = 0.0
  /// Samples that make a mode captured.
  public var leastModeCount = 1

  public init() {}

  /// - Throws: `invalidArgument`, naming the option.
  public func validate() throws(TrimtabError) {
    guard neighbours >= 1, neighbours <= 1 << 20 else {
      throw TrimtabError(.invalidArgument, "options.neighbours: found %, allowed 1 to %", neighbours, 1 << 20)
    }
    guard binCount >= 0, binCount <= 1 << 20 else {
      throw TrimtabError(.invalidArgument, "options.bin_count: found %, allowed 0 to %", binCount, 1 << 20)
    }
    guard significance > 0, significance < 1 else {
      throw TrimtabError(.invalidArgument, "options.significance: found %, allowed above 0, below 1", significance)
    }
    guard leastCoverage >= 0, leastCoverage <= 1 else {
      throw TrimtabError(.invalidArgument, "options.least_coverage: found %, allowed 0 to 1", leastCoverage)
    }
    guard leastDensity >= 0 else {
      throw TrimtabError(.invalidArgument, "options.least_density: found %, allowed 0 or more", leastDensity)
    }
    guard greatestBinShare >= 0, greatestBinShare <= 1 else {
      throw TrimtabError(.invalidArgument, "options.greatest_bin_share: found %, allowed 0 to 1", greatestBinShare)
    }
    guard modeDeviation >= 0, modeDeviation < .infinity else {
      throw TrimtabError(.invalidArgument, "options.mode_deviation: found %, allowed 0 or more", modeDeviation)
    }
    guard leastModeCount >= 1 else {
      throw TrimtabError(.invalidArgument, "options.least_mode_count: found %, allowed 1 or more", leastModeCount)
    }
  }
}

/// How well samples of a model cover data.
public struct CoverageReport: Sendable, Equatable {
  /// insufficient: fewer than k + 2 usable points on a side, which the cause says; nonfinite: none is usable; degenerate: every real point has k
  /// others at its own place, so that no ball has an inside.
  public var outcome = Outcome.insufficient
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var realCount = 0
  public var fakeCount = 0
  /// Points of both sides with NaN or Inf, left out.
  public var nonfiniteCount = 0
  /// Real points whose k-th neighbour is at their own place: they cannot be covered.
  public var zeroRadiusCount = 0
  /// The share of fake points in some real point's ball.
  public var precision = Double.nan
  /// The share of real points in some fake point's ball. Blurred samples score 1: no verdict rests on it.
  public var recall = Double.nan
  /// Real balls that a fake point lies in, over k: on average 1 for the data's own law.
  public var density = Double.nan
  /// The share of real points with a fake point in their ball.
  public var coverage = Double.nan
  /// What the data's own law would have, of as many points.
  public var expectedCoverage = Double.nan
  /// Bins that were tested; 0 for none.
  public var binCount = 0
  /// The share of bins whose proportions differ.
  public var binShare = Double.nan
  /// Of the bins' proportions, nats, at most ln 2.
  public var jensenShannon = Double.nan
  /// Known modes; 0 for none.
  public var modeCount = 0
  public var capturedModeCount = 0
  /// The share of fake points within three deviations of a mode.
  public var modeShare = Double.nan
  public var threshold = 0.0
  public var measurement = Double.nan

  public init() {}
}

/// The coverage that samples of the data's own law have on average: 1 - prod over i from 0 to k - 1 of (N - 1 - i) /
/// (N + M - 1 - i), for any continuous law in any dimension; 1 - 2^-k for many points, as many on both sides.
///
/// - Throws: `invalidArgument` (fewer than k + 1 real, or no fake points). Definitions 9.3. Since 0.4.
public func expectedCoverage(real: Int, fake: Int, neighbours: Int) throws(TrimtabError) -> Double {
  guard neighbours >= 1, neighbours <= 1 << 20 else {
    throw TrimtabError(.invalidArgument, "neighbours: found %, allowed 1 to %", neighbours, 1 << 20)
  }
  guard real > neighbours else {
    throw TrimtabError(.invalidArgument, "real: found %, allowed more than neighbours, %", real, neighbours)
  }
  guard fake >= 1 else { throw TrimtabError(.invalidArgument, "fake: found %, allowed 1 or more", fake) }
  var missed = 1.0
  for index in 0..<neighbours {
    let left = Double(real &- 1 &- index)
    missed *= left / (left + Double(fake))
  }
  return 1 - missed
}
