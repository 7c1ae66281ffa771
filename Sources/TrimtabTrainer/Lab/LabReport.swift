public import Trimtab

/// A number over the seeds: their median, and an interval for the median of all seeds.
///
/// The interval is between order statistics, so that nothing is assumed of how the seeds scatter: the k-th least and the
/// k-th greatest of n enclose the median with probability 1 - 2 P(B < k), B binomial (n, 1/2). k is the greatest for which
/// that is 0.9 or more, and 1 where there is none. What is not a number counts as greatest. Source: Hahn & Meeker 1991,
/// section 5.2.
public struct SeedSummary: Sendable, Equatable {
  public var median = Double.nan
  public var low = Double.nan
  public var high = Double.nan
  /// The probability that the interval holds the median; 0 for one seed.
  public var coverage = 0.0
  public var count = 0

  init(_ given: [Double]) {
    count = given.count
    guard count > 0 else { return }
    let values = given.map { $0.isNaN ? Double.infinity : $0 }.sorted()
    median = 0.5 * (values[(count &- 1) / 2] + values[count / 2])
    if values[(count &- 1) / 2] == values[count / 2] { median = values[count / 2] }
    // The tail of the binomial distribution below k, with k so far taken for 1.
    var (share, tail, k) = (0.5, 0.0, 0)
    for _ in 1..<max(count, 1) { share *= 0.5 }
    while k < (count &+ 1) / 2 {
      tail += share
      if k > 0 && 1 - 2 * tail < 0.9 { break }
      coverage = max(0, 1 - 2 * tail)
      k = k &+ 1
      share = share * Double(count &- k &+ 1) / Double(k)
    }
    low = values[max(k, 1) &- 1]
    high = values[count &- max(k, 1)]
  }
}

/// What an arm came to in one quantity, seed by seed.
public final class LabMeasurement {
  public let arm: StaticText
  public let role: Arm.Role
  public let quantity: StaticText
  public internal(set) var values: [Double] = []

  init(_ arm: StaticText, _ role: Arm.Role, _ quantity: StaticText) {
    self.arm = arm
    self.role = role
    self.quantity = quantity
  }

  public var summary: SeedSummary { SeedSummary(values) }
}

/// What was expected of an effect, and what it was, seed by seed.
public final class LabExpectation {
  public let claim: StaticText
  public let bound: Bound
  /// What the definitions measured; NaN where they give no number.
  public let measured: Double
  public internal(set) var values: [Double] = []

  init(_ claim: StaticText, _ bound: Bound, _ measured: Double) {
    self.claim = claim
    self.bound = bound
    self.measured = measured
  }

  public var summary: SeedSummary { SeedSummary(values) }
  /// Whether the median over the seeds is as expected.
  public var isHeld: Bool { !values.contains { $0.isNaN } && bound.holds(summary.median) }
}

/// An arm's curve, of the first seed.
public final class LabCurve {
  public let arm: StaticText
  public private(set) var x: [Double] = []
  public private(set) var y: [Double] = []

  init(_ arm: StaticText) { self.arm = arm }

  func add(_ x: Double, _ y: Double) {
    self.x.append(x)
    self.y.append(y)
  }
}

/// Whether a lab is to go on: called before each seed with how many are done, of how many.
public typealias LabProgress = (_ done: Int, _ total: Int) -> Bool

/// What an experiment came to over its seeds.
///
/// Since: 0.4.
public final class LabReport {
  public let experiment: Experiment
  public let seedCount: Int
  public private(set) var measurements: [LabMeasurement] = []
  public private(set) var expectations: [LabExpectation] = []
  public private(set) var curves: [LabCurve] = []

  /// Runs an experiment.
  ///
  /// - Parameters:
  ///   - seeds: how many, 1 to 10000
  ///   - firstSeed: they count up from it
  /// - Throws: `invalidArgument`, `callback` where `progress` says no, `outOfMemory`.
  public init(
    _ experiment: Experiment, seeds: Int = 8, firstSeed: UInt64 = 0, progress: LabProgress? = nil
  ) throws(TrimtabError) {
    guard seeds >= 1, seeds <= 10_000 else {
      throw TrimtabError(.invalidArgument, "options.seeds: found %, allowed 1 to 10000", seeds)
    }
    self.experiment = experiment
    seedCount = seeds
    for offset in 0..<seeds {
      if let progress, !progress(offset, seeds) {
        throw TrimtabError(.callback, "options.progress: asked to stop after % of % seeds", offset, seeds)
      }
      let seed = firstSeed &+ UInt64(truncatingIfNeeded: offset)
      try experiment.run(Trial(seed: seed, isDrawn: offset == 0, into: self))
    }
  }

  public var heldCount: Int { expectations.reduce(0) { $0 &+ ($1.isHeld ? 1 : 0) } }
  public var isHeld: Bool { heldCount == expectations.count }

  func measurement(_ arm: StaticText, _ quantity: StaticText) -> LabMeasurement {
    for known in measurements where isSame(known.arm, arm) && isSame(known.quantity, quantity) { return known }
    var role = Arm.Role.reference
    for known in experiment.arms where isSame(known.name, arm) { role = known.role }
    let made = LabMeasurement(arm, role, quantity)
    measurements.append(made)
    return made
  }

  func expectation(_ claim: StaticText, _ bound: Bound, _ measured: Double) -> LabExpectation {
    for known in expectations where isSame(known.claim, claim) { return known }
    let made = LabExpectation(claim, bound, measured)
    expectations.append(made)
    return made
  }

  func curve(_ arm: StaticText) -> LabCurve {
    for known in curves where isSame(known.arm, arm) { return known }
    let made = LabCurve(arm)
    curves.append(made)
    return made
  }
}
