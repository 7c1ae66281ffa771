internal import Trimtab

extension Experiment {
  /// A gravity field and nets fitted to it, inside an adaptive solver: what does each tolerance cost, and does the net's
  /// smoothness say so?
  static var odeSurrogate: Experiment {
    Experiment(
      "ode-surrogate", "A net inside an adaptive ODE solver", section: 10,
      axes: PlotAxes("rtol", "evaluations", logarithmic: (true, true)),
      arms: [
        Arm(.reference, "exact"), Arm(.broken, "ReLU"), Arm(.broken, "ELU"), Arm(.cured, "SiLU"), Arm(.cured, "tanh"),
        Arm(.cured, "softplus"), Arm(.cured, "ReLU, steps end at kinks"),
      ], run: runOdeSurrogate)
  }
}

private let tolerances = [1e-3, 1e-6, 1e-8, 1e-10]
/// Samples are drawn within this distance of the origin, along each axis.
private let reach = 2.0

/// What a field costs at each of the tolerances.
private struct Price {
  var evaluations: [Double] = []
  var rejection: [Double] = []

  /// q in evaluations ~ rtol^(-q) from 1e-6 to 1e-10.
  var exponent: Double { logarithm(evaluations[3] / evaluations[1]) / logarithm(1e4) }
}

private func runOdeSurrogate(_ trial: Trial) throws(TrimtabError) {
  let numbers = trial.numbers()
  let (inputs, targets) = (try Samples(1200, 2), try Samples(1200, 2))
  for row in 0..<inputs.rows {
    for column in 0..<2 {
      inputs[row, column] = reach * (2 * numbers.uniform(at: UInt64(2 &* row &+ column)) - 1)
    }
    pull(inputs.pointer + 2 &* row, targets.pointer + 2 &* row)
  }
  let exact = try price(trial, "exact", nil, exact: nil) { x, force in pull(x, force) }
  let (directions, shifts) = (trial.numbers(), trial.numbers())

  func net(_ kind: RandomFeatures.Kind) throws(TrimtabError) -> RandomFeatures {
    try RandomFeatures(
      kind, 400, reach: reach, inputs: inputs, targets: targets, directions: directions, shifts: shifts)
  }
  func cost(_ arm: StaticText, _ net: RandomFeatures) throws(TrimtabError) -> Price {
    let found = try price(trial, arm, nil, exact: exact) { x, force in net.evaluate(x, into: force) }
    trial.measure(arm, "field error", error(of: net, inputs, targets))
    return found
  }
  let kinked = try net(.relu)
  let smooth = try net(.silu)
  let relu = try cost("ReLU", kinked)
  let elu = try cost("ELU", try net(.elu))
  let silu = try cost("SiLU", smooth)
  _ = try cost("tanh", try net(.tanh))
  _ = try cost("softplus", try net(.softplus))
  let stopped = try price(trial, "ReLU, steps end at kinks", kinked, exact: exact) { x, force in
    kinked.evaluate(x, into: force)
  }
  let excess = { (of: Price, place: Int) in of.evaluations[place] / exact.evaluations[place] - 1 }
  trial.expect("ReLU's excess at rtol 1e-10", excess(relu, 3), .atLeast(6.35), measured: 12.7)
  trial.expect("ReLU's excess at rtol 1e-6", excess(relu, 1), .atLeast(2.35), measured: 4.7)
  trial.expect("ReLU's excess at rtol 1e-3: not to be seen", excess(relu, 0), .atMost(0.6), measured: 0.2)
  trial.expect("ELU's excess at rtol 1e-10", excess(elu, 3), .atLeast(1.7), measured: 3.4)
  trial.expect("SiLU's cost over the exact field's at rtol 1e-10", excess(silu, 3) + 1, .atMost(1.2), measured: 0.98)
  trial.expect(
    "steps rejected at 1e-8: ReLU less exact", relu.rejection[2] - exact.rejection[2], .atLeast(0.2), measured: 0.4)
  trial.expect("cost exponent: ReLU less SiLU", relu.exponent - silu.exponent, .atLeast(0.048), measured: 0.097)
  trial.expect(
    "ReLU's cost over that with steps to the kinks", relu.evaluations[3] / stopped.evaluations[3], .atLeast(2))
  trial.expect("second slope of the probe: ReLU", try secondSlope(kinked), .atMost(-0.5), measured: -0.99)
  trial.expect("second slope of the probe: SiLU", try secondSlope(smooth), .atLeast(-0.25), measured: -0.01)
}

/// The attraction of a body and two asteroids, softened.
private func pull(_ x: UnsafePointer<Double>, _ force: UnsafeMutablePointer<Double>) {
  (force[0], force[1]) = (0, 0)
  for (mass, a, b) in [(1.0, 0.0, 0.0), (0.6, 1.2, 0.5), (0.4, -0.8, 1.0)] {
    let (dx, dy) = (a - x[0], b - x[1])
    let square = dx * dx + dy * dy + 0.25
    let share = mass / (square * square.squareRoot())
    force[0] += share * dx
    force[1] += share * dy
  }
}

/// Flies a probe through the field from 0 to 10 at each tolerance.
///
/// - Parameter kinked: its units' zeros are where steps end; nil: nowhere
private func price(
  _ trial: Trial, _ arm: StaticText, _ kinked: RandomFeatures?, exact: Price?,
  _ force: @escaping (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
) throws(TrimtabError) -> Price {
  var found = Price()
  let start = try Samples(1, 4)
  for (column, value) in [1.2, -0.6, 0.3, 0.8].enumerated() { start[0, column] = value }
  for (place, tolerance) in tolerances.enumerated() {
    var options = SolverOptions()
    options.relativeTolerance = tolerance
    options.absoluteTolerance = 1e-3 * tolerance
    var guards: KinkGuards?
    if let kinked {
      guards = try KinkGuards(
        { (_, y, values) in kinked.preactivations(y, into: values) }, count: kinked.count, dimension: 4)
    }
    let solver = try DormandPrince(
      { (_, y, slope) in
        (slope[0], slope[1]) = (y[2], y[3])
        force(y, slope + 2)
      }, from: 0, to: 10, initial: start.pointer, count: 4, options: options, guards: guards)
    let report = try solver.run()
    let evaluations = report.end == .finished ? Double(report.evaluationCount) : .nan
    found.evaluations.append(evaluations)
    found.rejection.append(report.rejectionRatio)
    trial.point(arm, tolerance, evaluations)
    if place == 1 || place == 3 {
      trial.measure(
        arm, place == 1 ? "cost at 1e-6" : "cost at 1e-10",
        evaluations / (exact?.evaluations[place] ?? evaluations))
    }
    if place == 2 { trial.measure(arm, "rejected at 1e-8", report.rejectionRatio) }
  }
  return found
}

/// |f - target| / |target| over the samples.
private func error(of net: RandomFeatures, _ inputs: Samples, _ targets: Samples) -> Double {
  var (difference, size) = (0.0, 0.0)
  withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { force in
    guard let found = force.baseAddress else { return }
    for row in 0..<inputs.rows {
      net.evaluate(inputs.pointer + 2 &* row, into: found)
      for column in 0..<2 {
        let target = targets[row, column]
        difference += (found[column] - target) * (found[column] - target)
        size += target * target
      }
    }
  }
  return (difference / size).squareRoot()
}

private func secondSlope(_ net: RandomFeatures) throws(TrimtabError) -> Double {
  let corners = try Samples(2, 2)
  for column in 0..<2 { (corners[0, column], corners[1, column]) = (-1, 1) }
  var options = SmoothnessOptions()
  options.segments = 16
  options.solverSegments = 0
  return try smoothness(
    of: { (x, values) in net.evaluate(x, into: values) }, inputCount: 2, outputCount: 2, low: corners.pointer,
    high: corners.pointer + 2, options: options
  ).secondSlope
}
