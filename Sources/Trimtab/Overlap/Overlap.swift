/// How the overlap of two distributions is measured. Since: 0.4.
public struct OverlapOptions: Sendable, Equatable {
  /// Positions to which samples are block-averaged along their first axis; 0: as they are.
  public var resolution = 0
  public var features = OverlapFeatures.standard
  /// Of the samples on which the classifier is tested and not fitted.
  public var testShare = 0.5
  /// Of the classifier's weights.
  public var ridge = 1e-2
  /// Of the split and the directions.
  public var seed: UInt64 = 0
  /// Directions of the sliced Wasserstein distance.
  public var directionCount = 64
  /// Samples of each side that go into the energy distance and MMD, which take pairs: the first so many; 0: all.
  public var pairedSampleCount = 500
  /// Tested samples of both sides together below which nothing is judged.
  public var leastTestCount = 50
  /// Below this the generator's signal is taken to vanish.
  public var warningOverlap = 0.1
  /// Above this accuracy too.
  public var warningAccuracy = 0.95

  public init() {}

  func check() throws(TrimtabError) {
    guard testShare > 0, testShare < 1 else {
      throw TrimtabError(.invalidArgument, "options.test_share: found %, allowed above 0 to below 1", testShare)
    }
    guard ridge > 0, ridge.isFinite else {
      throw TrimtabError(.invalidArgument, "options.ridge: found %, allowed above 0, finite", ridge)
    }
    guard directionCount >= 1, directionCount <= 1 << 20 else {
      throw TrimtabError(.invalidArgument, "options.direction_count: found %, allowed 1 to %", directionCount, 1 << 20)
    }
    guard pairedSampleCount >= 0, pairedSampleCount != 1 else {
      throw TrimtabError(
        .invalidArgument, "options.paired_sample_count: found %, allowed 0 (all) or 2 and more", pairedSampleCount)
    }
    guard leastTestCount >= 2 else {
      throw TrimtabError(.invalidArgument, "options.least_test_count: found %, allowed 2 or more", leastTestCount)
    }
    guard warningOverlap >= 0, warningOverlap <= 1 else {
      throw TrimtabError(.invalidArgument, "options.warning_overlap: found %, allowed 0 to 1", warningOverlap)
    }
    guard warningAccuracy >= 0.5, warningAccuracy <= 1 else {
      throw TrimtabError(.invalidArgument, "options.warning_accuracy: found %, allowed 0.5 to 1", warningAccuracy)
    }
  }
}

/// How far two distributions overlap at a resolution. Fields as in `trimtab_overlap_report`. Since: 0.4.
public struct OverlapReport: Sendable {
  public var outcome = Outcome.ok
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var resolution = 0
  public var realCount = 0
  public var fakeCount = 0
  public var nonfiniteCount = 0
  /// Numbers a sample has at this resolution.
  public var width = 0
  public var testCount = 0
  /// Balanced, of the held-out part.
  public var accuracy = Double.nan
  /// (accuracy - 1/2) over its deviation where there is nothing to tell.
  public var z = Double.nan
  /// min(1, 2 (1 - accuracy)): of 1 less the total variation, from above.
  public var overlap = Double.nan
  public var slicedWasserstein = Double.nan
  public var energyDistance = Double.nan
  public var maximumMeanDiscrepancy = Double.nan
  public var bandwidth = Double.nan
  public var threshold = 0.0
  public var measurement = Double.nan

  public init() {}
}

/// Balanced accuracy, z, and overlap of counts of what was told apart.
struct ToldApart {
  let accuracy: Double
  let z: Double
  var overlap: Double { min(1, 2 * (1 - accuracy)) }

  init(_ realCorrect: Int, of realCount: Int, _ fakeCorrect: Int, of fakeCount: Int) {
    let (a, b) = (Double(realCount), Double(fakeCount))
    accuracy = 0.5 * (Double(realCorrect) / a + Double(fakeCorrect) / b)
    // Each count is binomial of 1/2: variance (1/a + 1/b) / 16, which is 1 / (4 n) for equal ones.
    z = (accuracy - 0.5) * 4 / (1 / a + 1 / b).squareRoot()
  }
}

/// The overlap of two samples at a resolution: a held-out classifier two-sample test, and distances.
///
/// - Parameters:
///   - real, fake: [n, length], [n, height, width] or [n, height, width, channels]; rank 1: one number a sample
/// - Throws: `shape` (ranks, different samples), `invalidArgument` (options, a resolution that does not divide),
///   `outOfMemory`.
///
/// Edge cases: samples with NaN or Inf are left out and counted; fewer than `leastTestCount` tested samples, or fewer than
/// two a side, are insufficient; the same constant on both sides is degenerate. Block averaging is a Markov map, so the
/// true overlap cannot grow with the resolution: where the estimate does, the classifier is too weak at the finer one.
/// Complexity: fit O(n width) a pass, pairs O(pairedSampleCount^2 width). Source: definitions 6. Since: 0.4.
public func overlap(
  real: TensorView, fake: TensorView, options: OverlapOptions = .init()
) throws(TrimtabError) -> OverlapReport {
  try options.check()
  guard real.rank == fake.rank else {
    throw TrimtabError(.shape, "fake: found rank %, allowed % as real", fake.rank, real.rank)
  }
  for axis in 1..<max(real.rank, 1) where real.shape[axis] != fake.shape[axis] {
    throw TrimtabError(
      .shape, "fake: found extent % on axis %, allowed % as real", fake.shape[axis], axis, real.shape[axis])
  }
  let first = try OverlapSamples(real, resolution: options.resolution, name: "real")
  let second = try OverlapSamples(fake, resolution: options.resolution, name: "fake")
  var report = OverlapReport()
  report.resolution = options.resolution
  report.realCount = first.count
  report.fakeCount = second.count
  report.nonfiniteCount = first.nonfiniteCount &+ second.nonfiniteCount
  report.width = first.width
  report.threshold = options.warningOverlap
  let least = min(first.count, second.count)
  guard least >= 2, first.width > 0 else {
    let isLeftOut = report.nonfiniteCount > 0 && least == 0
    report.outcome = first.width == 0 ? .degenerate : isLeftOut ? .nonfinite : .insufficient
    return report
  }
  let exponent = binaryExponent(max(first.greatestMagnitude, second.greatestMagnitude))
  // Where squares would leave the range: a power of two changes no digit.
  let unit = exponent.magnitude > 300 ? min(max(exponent, -1000), 1000) : 0
  if unit != 0 {
    first.multiply(by: powerOfTwo(0 &- unit))
    second.multiply(by: powerOfTwo(0 &- unit))
  }
  let distances = SampleDistances(first, second, atMost: options.pairedSampleCount)
  report.slicedWasserstein = try distances.slicedWasserstein(
    directions: options.directionCount, RandomNumbers(seed: options.seed, stream: 2))
  report.energyDistance = distances.energy()
  (report.maximumMeanDiscrepancy, report.bandwidth) = try distances.maximumMeanDiscrepancy()
  report.slicedWasserstein *= powerOfTwo(unit)
  report.energyDistance *= powerOfTwo(unit)
  report.bandwidth *= powerOfTwo(unit)
  let tested = Int(Double(first.count) * options.testShare) &+ Int(Double(second.count) * options.testShare)
  report.testCount = tested
  guard tested >= options.leastTestCount, Int(Double(least) * options.testShare) >= 1,
    least &- Int(Double(least) * options.testShare) >= 1
  else {
    report.outcome = .insufficient
    return report
  }
  guard report.bandwidth > 0 || report.energyDistance > 0 else {
    report.outcome = .degenerate
    return report
  }
  let test = try ClassifierTest(first, second, options)
  let found = ToldApart(
    test.realCorrect, of: test.realTestCount, test.fakeCorrect, of: test.fakeTestCount)
  (report.accuracy, report.z, report.overlap) = (found.accuracy, found.z, found.overlap)
  (report.verdict, report.cause, report.measurement, report.threshold) = judgeOverlap(
    found, options.warningOverlap, options.warningAccuracy)
  return report
}

/// A warning where the overlap is too small or the accuracy too great for the generator to learn anything.
func judgeOverlap(_ found: ToldApart, _ least: Double, _ most: Double) -> (Verdict, Cause, Double, Double) {
  if found.overlap < least { return (.warning, .noOverlap, found.overlap, least) }
  if found.accuracy > most { return (.warning, .noOverlap, found.accuracy, most) }
  return (.healthy, .none, found.overlap, least)
}
