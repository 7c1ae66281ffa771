/// What Dormand-Prince pays to integrate a function along trajectories that swing from one end of a segment to the other,
/// at tolerances from 1e-2 down to the one asked for.
///
/// y' = f(a + (1 - cos t) / 2 (b - a)), y(0) = 0, t from 0 to 4 pi; the absolute tolerance is the relative one times the
/// greatest |f|. Kinks cost here what they cost along any trajectory that crosses as many.
struct SolverTrial {
  private let options: SmoothnessOptions
  private let tolerances: [Double]
  private var evaluations: [Int]
  private var accepted: [Int]
  private var rejected: [Int]
  private(set) var isTried = false

  init(_ options: SmoothnessOptions) {
    self.options = options
    let decades = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11]
    tolerances = decades.filter { $0 > options.tolerance * 1.0001 } + [options.tolerance]
    evaluations = tolerances.map { _ in 0 }
    accepted = evaluations
    rejected = evaluations
  }

  mutating func add(_ line: SegmentLine, size: Double) throws(TrimtabError) {
    isTried = true
    let zero = try Storage<Double>(count: line.outputCount, for: "state")
    for (index, tolerance) in tolerances.enumerated() {
      var solver = SolverOptions()
      solver.relativeTolerance = tolerance
      solver.absoluteTolerance = tolerance * (size > 0 ? size : 1)
      solver.maximumEvaluations = 100_000
      let run = try DormandPrince(
        { (time, _, slope) throws(TrimtabError) in try line.evaluate(swing(time), into: slope) }, from: 0,
        to: 12.566370614359172, initial: zero.pointer, count: line.outputCount, options: solver)
      let found = try run.run()
      evaluations[index] = evaluations[index] &+ found.evaluationCount
      accepted[index] = accepted[index] &+ found.acceptedCount
      rejected[index] = rejected[index] &+ found.rejectedCount
    }
  }

  private func rejectionRatio(_ index: Int) -> Double {
    let attempts = accepted[index] &+ rejected[index]
    return attempts > 0 ? Double(rejected[index]) / Double(attempts) : 0
  }

  func write(to report: inout SmoothnessReport) {
    let last = tolerances.count &- 1
    report.tolerance = options.tolerance
    report.advisedTolerance = options.tolerance
    guard isTried else { return }
    report.solverEvaluationCount = evaluations[last]
    report.solverRejectionRatio = rejectionRatio(last)
    for index in tolerances.indices {
      if rejectionRatio(index) > options.criticalRejectionRatio {
        report.advisedTolerance = tolerances[max(index &- 1, 0)]
        break
      }
    }
    if last >= 2, tolerances[last] < 1e-3 {
      let smooth = Double(evaluations[1]) * fifthRoot(1e-3 / options.tolerance)
      report.solverCost = max(1, Double(evaluations[last]) / smooth)
    }
    if last >= 3 {
      report.costExponent =
        logarithm(Double(evaluations[last]) / Double(evaluations[last &- 3]))
        / logarithm(tolerances[last &- 3] / tolerances[last])
    }
  }
}

/// (1 - cos t) / 2 = sin^2(t / 2), for t of 0 to 4 pi.
private func swing(_ time: Double) -> Double {
  // What is left of t / 2 after whole turns by pi, within -pi / 2 and pi / 2; the series then falls fast.
  let turns = (time * 0.15915494309189535).rounded()
  let x = 0.5 * time - turns * 3.141592653589793
  let square = x * x
  var (term, sum) = (x, x)
  for order in stride(from: 2.0, through: 22.0, by: 2.0) {
    term *= -square / (order * (order + 1))
    sum += term
  }
  return min(sum * sum, 1)
}
