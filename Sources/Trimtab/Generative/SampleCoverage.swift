/// Whether samples of a model cover the data: precision, recall, density and coverage, a two-sample test over bins, and
/// known modes.
///
/// The verdict rests on density and coverage, which the five ways to fail in the definitions do not fool, then on modes
/// and bins; never on recall, which blurred samples raise to 1. Balls are of squared distances, open, and a point is no
/// neighbour of its own, as in `prdc`.
///
/// - Parameters:
///   - real, fake: [n, ...], or [n] for points of one number; points of as many numbers.
///   - modes: [m, ...] known centres, with `modeDeviation`; nil for none.
/// - Throws: `shape`, `dtype`, `invalidArgument`, `outOfMemory`.
/// - Complexity: O((N^2 + N M + M^2) d), and n k numbers of memory: take a few thousand points.
/// - Source: Naeem et al. 2020; Kynkäänniemi et al. 2019; Richardson & Weiss 2018; definitions 9.3. Since 0.4.
public func sampleCoverage(
  real: TensorView, fake: TensorView, modes: TensorView? = nil, options: CoverageOptions = CoverageOptions()
) throws(TrimtabError) -> CoverageReport {
  try options.validate()
  let data = try PointSet(real, "real")
  let samples = try PointSet(fake, "fake")
  guard data.count == 0 || samples.count == 0 || data.width == samples.width else {
    throw TrimtabError(.shape, "fake: found points of % numbers, allowed % as in real", samples.width, data.width)
  }
  var report = CoverageReport()
  report.realCount = data.count
  report.fakeCount = samples.count
  report.nonfiniteCount = data.nonfiniteCount &+ samples.nonfiniteCount
  report.threshold = options.leastCoverage
  if let modes { try report.countModes(try PointSet(modes, "modes"), samples, options) }
  guard data.count >= options.neighbours &+ 2, samples.count >= options.neighbours &+ 2, data.width > 0 else {
    let isEmpty = data.count == 0 || samples.count == 0
    report.outcome = isEmpty && report.nonfiniteCount > 0 ? .nonfinite : .insufficient
    if report.outcome == .insufficient { report.cause = .fewerSamplesThanNeighbours }
    return report
  }
  try report.measure(data, samples, options)
  if options.binCount > 0, data.count >= 20 {
    let bins = try DataBins(data, count: options.binCount, significance: options.significance)
    bins.add(samples)
    let found = bins.report()
    report.binCount = found.binCount
    report.binShare = found.share
    report.jensenShannon = found.jensenShannon
  }
  report.judge(options)
  return report
}

extension CoverageReport {
  fileprivate mutating func countModes(
    _ modes: PointSet, _ samples: PointSet, _ options: CoverageOptions
  ) throws(TrimtabError) {
    guard options.modeDeviation > 0 else {
      throw TrimtabError(
        .invalidArgument, "options.mode_deviation: found %, allowed above 0 with modes", options.modeDeviation)
    }
    guard modes.count > 0, modes.nonfiniteCount == 0 else {
      throw TrimtabError(
        .invalidArgument, "modes: found % finite and % other centres, allowed 1 or more, all finite", modes.count,
        modes.nonfiniteCount)
    }
    guard samples.count == 0 || modes.width == samples.width else {
      throw TrimtabError(.shape, "modes: found centres of % numbers, allowed % as in fake", modes.width, samples.width)
    }
    modeCount = modes.count
    guard samples.count > 0 else { return }
    let counts = try Storage<Int>(count: modes.count, for: "modes")
    let reach = 9 * options.modeDeviation * options.modeDeviation
    var near = 0
    for index in 0..<samples.count {
      var isNear = false
      for mode in 0..<modes.count where modes.squaredDistance(mode, samples.point(index)) <= reach {
        counts.pointer[mode] = counts.pointer[mode] &+ 1
        isNear = true
      }
      if isNear { near = near &+ 1 }
    }
    for mode in 0..<modes.count where counts.pointer[mode] >= options.leastModeCount {
      capturedModeCount = capturedModeCount &+ 1
    }
    modeShare = Double(near) / Double(samples.count)
  }

  fileprivate mutating func measure(
    _ data: PointSet, _ samples: PointSet, _ options: CoverageOptions
  ) throws(TrimtabError) {
    let k = options.neighbours
    let radii = try data.squaredRadii(k)
    let sampleRadii = try samples.squaredRadii(k)
    let isPrecise = try Storage<Bool>(count: samples.count, for: "samples")
    var (covered, recalled, hits) = (0, 0, 0)
    for index in 0..<data.count {
      let (own, radius) = (data.point(index), radii.pointer[index])
      if radius == 0 { zeroRadiusCount = zeroRadiusCount &+ 1 }
      let before = hits
      var isRecalled = false
      for other in 0..<samples.count {
        let distance = samples.squaredDistance(other, own)
        if distance < radius {
          hits = hits &+ 1
          isPrecise.pointer[other] = true
        }
        if distance < sampleRadii.pointer[other] { isRecalled = true }
      }
      if hits > before { covered = covered &+ 1 }
      if isRecalled { recalled = recalled &+ 1 }
    }
    var precise = 0
    for index in 0..<samples.count where isPrecise.pointer[index] { precise = precise &+ 1 }
    let (n, m) = (Double(data.count), Double(samples.count))
    precision = Double(precise) / m
    recall = Double(recalled) / n
    density = Double(hits) / (Double(k) * m)
    coverage = Double(covered) / n
    expectedCoverage = try Trimtab.expectedCoverage(real: data.count, fake: samples.count, neighbours: k)
  }

  fileprivate mutating func judge(_ options: CoverageOptions) {
    guard zeroRadiusCount < realCount else {
      outcome = .degenerate
      return
    }
    outcome = .ok
    // Points without a ball cannot be covered, whatever the samples are.
    let possible = expectedCoverage * (1 - Double(zeroRadiusCount) / Double(realCount))
    let relative = coverage / possible
    if density < options.leastDensity {
      let isCritical = density < options.leastDensity / 2
      decide(isCritical ? .critical : .warning, .blurredSamples, density, options.leastDensity)
    } else if relative < options.leastCoverage {
      let isCritical = relative < options.leastCoverage / 2
      decide(isCritical ? .critical : .warning, .modeCollapse, relative, options.leastCoverage)
    } else if capturedModeCount < modeCount {
      decide(.warning, .modeCollapse, Double(capturedModeCount), Double(modeCount))
    } else if binCount > 0, binShare > options.greatestBinShare, !isOfChance(options.significance) {
      decide(.warning, .modeCollapse, binShare, options.greatestBinShare)
    } else {
      decide(.healthy, .none, relative, options.leastCoverage)
    }
  }

  /// Whether so many bins would differ in more than one of a thousand samples of the data's own law: of three bins one does
  /// in a seventh of them. (Binomial; from 100 bins on shares tell by themselves.)
  private func isOfChance(_ significance: Double) -> Bool {
    guard binCount < 100 else { return false }
    let differing = binShare * Double(binCount) - 0.5
    var (term, below, index) = (1.0, 0.0, 0)
    for _ in 0..<binCount { term *= 1 - significance }
    while index < binCount, Double(index) < differing {
      below += term
      term *= Double(binCount &- index) / Double(index &+ 1) * significance / (1 - significance)
      index = index &+ 1
    }
    return 1 - below > 1e-3
  }

  private mutating func decide(_ verdict: Verdict, _ cause: Cause, _ measurement: Double, _ threshold: Double) {
    self.verdict = verdict
    self.cause = cause
    self.measurement = measurement
    self.threshold = threshold
  }
}
