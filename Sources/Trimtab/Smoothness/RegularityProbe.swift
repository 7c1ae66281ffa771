/// Probes how smooth a function is on random segments of a box.
///
/// D_p(h) = max |Delta_h^p f| / h^p over segments, their points and the function's outputs, for p = 1 to 4 and
/// h = 2^-3 to 2^-finest of a segment; m_p is the slope of ln D_p over ln h. Where the r-th derivative jumps, m_p = r - p
/// for p > r and 0 for p <= r. A slope counts as broken only if it is so over all steps and over the finest three: a
/// function that is merely steep flattens at fine steps. Steps at which rounding, 2^p rounding max|f| / h^p, comes
/// within a factor of 8 of D_p are left out; it is what `RoundingNoise` measures, where that is more. What the solver pays is tried, not derived: see `SolverTrial`.
///
/// The verdict is that of the first that holds: NaN or Inf anywhere (critical); the function jumps (critical); its
/// derivative does (warning, and critical where the solver at the tolerance pays too much, or rejects too much and pays
/// half more than for a smooth function); its second derivative does (notice).
///
/// - Parameters:
///   - low, high: [inputCount] the box; at least one side of it has to be longer than 0
/// - Throws: `invalidArgument`, `outOfMemory`, what the function throws.
/// - Complexity: segments (2^finest + 11) evaluations, and the solver's. Source: definitions 10. Since: 0.4.
public func smoothness(
  of function: @escaping PointFunction, inputCount: Int, outputCount: Int, low: UnsafePointer<Double>,
  high: UnsafePointer<Double>, options: SmoothnessOptions = SmoothnessOptions()
) throws(TrimtabError) -> SmoothnessReport {
  try options.validate()
  let probe = try RegularityProbe(function, inputCount, outputCount, options)
  for place in 0..<inputCount {
    guard low[place].isFinite, high[place].isFinite, low[place] <= high[place],
      (high[place] - low[place]).isFinite
    else {
      throw TrimtabError(
        .invalidArgument, "low, high: found % to % at %, allowed finite numbers, the second not below the first",
        low[place], high[place], place)
    }
  }
  return try probe.run(low, high)
}

/// Checks how many inputs and outputs a function has.
func checkCounts(_ inputCount: Int, _ outputCount: Int) throws(TrimtabError) {
  guard inputCount >= 1, inputCount <= 1 << 20 else {
    throw TrimtabError(.invalidArgument, "input_count: found %, allowed 1 to %", inputCount, 1 << 20)
  }
  guard outputCount >= 1, outputCount <= 1 << 20 else {
    throw TrimtabError(.invalidArgument, "output_count: found %, allowed 1 to %", outputCount, 1 << 20)
  }
}

final class RegularityProbe {
  private let line: SegmentLine
  private let options: SmoothnessOptions
  private let values: Storage<Double>
  /// D_p at step 2^-(3 + scale), p from 1.
  private let greatest: Storage<Double>
  private var report = SmoothnessReport()
  /// max |f|
  private var size = 0.0
  private var noise = RoundingNoise()
  /// Of one value.
  private var error = 0.0

  init(
    _ function: @escaping PointFunction, _ inputCount: Int, _ outputCount: Int, _ options: SmoothnessOptions
  ) throws(TrimtabError) {
    try checkCounts(inputCount, outputCount)
    self.options = options
    line = try SegmentLine(function, inputCount, outputCount)
    values = try Storage(count: (1 << options.finest &+ 1) &* outputCount, for: "values")
    greatest = try Storage(count: 4 &* (options.finest &- 2), for: "differences")
  }

  /// Beyond it fourth differences over the fourth power of a step may not be finite.
  private static let greatestValue = 1e250

  private var scales: Int { options.finest &- 2 }

  func run(_ low: UnsafePointer<Double>, _ high: UnsafePointer<Double>) throws(TrimtabError) -> SmoothnessReport {
    var trial = SolverTrial(options)
    for segment in 0..<options.segments {
      place(segment, low, high)
      guard line.length > 0 else { continue }
      guard try sample() else { continue }
      report.segmentCount = report.segmentCount &+ 1
      for p in 1...4 {
        for scale in 0..<scales { raise(p, scale) }
      }
      try noise.add(line, places: max(1, 32 / options.segments), room: values.pointer)
      if segment < options.solverSegments { try trial.add(line, size: size) }
    }
    report.evaluationCount = line.evaluationCount
    error = max(options.rounding * size, try noise.error())
    report.rounding = size > 0 ? error / size : options.rounding
    summarise(trial)
    return report
  }

  /// Two random points of the box: the numbers of splitmix64.
  private func place(_ segment: Int, _ low: UnsafePointer<Double>, _ high: UnsafePointer<Double>) {
    for end in 0..<2 {
      for index in 0..<line.inputCount {
        let number = UInt64((segment &* 2 &+ end) &* line.inputCount &+ index)
        let share = uniform(options.seed, number)
        line.end(end)[index] = low[index] + share * (high[index] - low[index])
      }
    }
  }

  /// Values at all points of the segment; false if one is NaN, Inf or too great to take differences of.
  private func sample() throws(TrimtabError) -> Bool {
    let count = 1 << options.finest
    let before = report.nonfiniteCount
    let width = line.outputCount
    for point in 0...count {
      let found = values.pointer + point &* width
      try line.evaluate(Double(point) / Double(count), into: found)
      for output in 0..<width {
        if found[output].magnitude <= RegularityProbe.greatestValue {
          size = max(size, found[output].magnitude)
        } else {
          report.nonfiniteCount = report.nonfiniteCount &+ 1
        }
      }
    }
    guard report.nonfiniteCount == before else { return false }
    for point in 1...count {
      var sum = 0.0
      for output in 0..<width {
        let change = values.pointer[point &* width &+ output] - values.pointer[(point &- 1) &* width &+ output]
        sum += change * change
      }
      report.lipschitz = max(report.lipschitz, sum.squareRoot() * Double(count) / line.length)
    }
    return true
  }

  /// D_p at one step.
  private func raise(_ p: Int, _ scale: Int) {
    let (stride, width) = (1 << (options.finest &- 3 &- scale), line.outputCount)
    let last = (1 << options.finest) &- p &* stride
    var most = 0.0
    for start in 0...max(last, 0) {
      let base = values.pointer + start &* width
      let (a, b, c, d, e) = (
        base, base + stride &* width, base + 2 &* stride &* width, base + 3 &* stride &* width,
        base + 4 &* stride &* width
      )
      for output in 0..<width {
        let difference =
          switch p {
          case 1: b[output] - a[output]
          case 2: c[output] - 2 * b[output] + a[output]
          case 3: d[output] - 3 * (c[output] - b[output]) - a[output]
          default: e[output] - 4 * (d[output] + b[output]) + 6 * c[output] + a[output]
          }
        most = max(most, difference.magnitude)
      }
    }
    let place = (p &- 1) &* scales &+ scale
    greatest.pointer[place] = max(greatest.pointer[place], most / power(step(scale), p))
  }

  private func step(_ scale: Int) -> Double { 1 / Double(8 << scale) }

  private func power(_ x: Double, _ p: Int) -> Double {
    var result = 1.0
    for _ in 0..<p { result *= x }
    return result
  }

  /// How many of the steps, from the coarsest on, have differences that stand above the rounding.
  private func usable(_ p: Int) -> Int {
    var count = 0
    while count < scales {
      let h = power(step(count), p)
      let rounding = 8 * error * Double(1 << p) / h
      guard greatest.pointer[(p &- 1) &* scales &+ count] > rounding else { break }
      count = count &+ 1
    }
    return count
  }

  /// The slope over steps `first` to before `end`.
  private func slope(_ p: Int, _ first: Int, _ end: Int) -> Double {
    let count = Double(end &- first)
    var (x, y, xx, xy) = (0.0, 0.0, 0.0, 0.0)
    for scale in first..<end {
      let (a, b) = (logarithm(step(scale)), logarithm(greatest.pointer[(p &- 1) &* scales &+ scale]))
      (x, y, xx, xy) = (x + a, y + b, xx + a * a, xy + a * b)
    }
    return (count * xy - x * y) / (count * xx - x * x)
  }

  private func summarise(_ trial: SolverTrial) {
    var (slopes, broken) = ([0.0, 0.0, 0.0, 0.0], 4)
    for p in [4, 3, 2, 1] {
      let count = usable(p)
      if p == 4 { report.finestStep = count > 0 ? step(count &- 1) : 0 }
      guard count >= 3 else { continue }
      slopes[p &- 1] = slope(p, 0, count)
      if slopes[p &- 1] < options.brokenSlope && slope(p, count &- 3, count) < options.brokenSlope { broken = p &- 1 }
    }
    (report.firstSlope, report.secondSlope) = (slopes[0], slopes[1])
    (report.thirdSlope, report.fourthSlope) = (slopes[2], slopes[3])
    report.regularity = 4 + slopes[3]
    report.brokenOrder = broken
    trial.write(to: &report)
    judge(isTried: trial.isTried)
  }

  private func judge(isTried: Bool) {
    if report.segmentCount == 0 {
      report.outcome = report.nonfiniteCount > 0 ? .nonfinite : .degenerate
      report.verdict = .unknown
    }
    (report.measurement, report.threshold) = (report.secondSlope, options.brokenSlope)
    if report.nonfiniteCount > 0 {
      (report.verdict, report.cause) = (.critical, .nonfiniteField)
      (report.measurement, report.threshold) = (Double(report.nonfiniteCount), 0)
    } else if report.brokenOrder == 0 {
      (report.verdict, report.cause, report.measurement) = (.critical, .discontinuousField, report.firstSlope)
    } else if report.brokenOrder == 1 {
      (report.verdict, report.cause) = (.warning, .nonsmoothField)
      // A kink or two are rejected often and cost little.
      if report.solverRejectionRatio > options.criticalRejectionRatio, report.solverCost > 1.5 {
        report.verdict = .critical
        (report.measurement, report.threshold) = (report.solverRejectionRatio, options.criticalRejectionRatio)
      } else if report.solverCost > options.criticalCost {
        report.verdict = .critical
        (report.measurement, report.threshold) = (report.solverCost, options.criticalCost)
      }
    } else if report.brokenOrder == 2 {
      (report.verdict, report.cause, report.measurement) = (.notice, .limitedSmoothness, report.thirdSlope)
    }
  }
}

/// In [0, 1): number `index` of splitmix64 from a seed.
private func uniform(_ seed: UInt64, _ index: UInt64) -> Double {
  var bits = seed &* 0xD1B5_4A32_D192_ED03 &+ (index &+ 1) &* 0x9E37_79B9_7F4A_7C15
  bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
  bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
  return Double((bits ^ bits >> 31) >> 11) * 0x1p-53
}
