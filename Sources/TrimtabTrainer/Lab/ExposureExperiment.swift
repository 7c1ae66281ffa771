internal import Trimtab

extension Experiment {
  /// A map learnt from states on its limit cycle, and from states with noise: which finds its way on its own?
  static var exposureBias: Experiment {
    Experiment(
      "exposure-bias", "Exposure bias: a map learnt from true states", section: 9,
      axes: PlotAxes("step", "distance from the true sequence", logarithmic: (false, true)),
      arms: [
        Arm(.broken, "teacher forcing"), Arm(.cured, "state noise .05"), Arm(.reference, "state noise .2"),
      ], run: runExposureBias)
  }
}

private let steps = 200
private let sequences = 64

/// What became of one arm.
private struct Course {
  var stepError = 0.0
  var errorAtTen = 0.0
  var errorAtEnd = 0.0
  var report = ExposureReport()
}

private func runExposureBias(_ trial: Trial) throws(TrimtabError) {
  let states = try LimitCycle.states(1000, trial.numbers())
  let starts = try LimitCycle.states(sequences, trial.numbers())
  let stateNumbers = trial.numbers()
  let targetNoise = try Samples(1000, 2, normal: trial.numbers(), deviation: 0.009)
  func course(_ arm: StaticText, _ deviation: Double) throws(TrimtabError) -> Course {
    let model = try regression(states, targetNoise, deviation, stateNumbers.seed)
    let found = try follow(trial, arm, model, starts)
    trial.measure(arm, "one-step error", found.stepError)
    trial.measure(arm, "error at step 10", found.errorAtTen)
    trial.measure(arm, "error at step 200", found.errorAtEnd)
    trial.measure(arm, "first divergence", Double(found.report.firstDivergence))
    trial.measure(arm, "excess", found.report.divergedCount > 0 ? .infinity : found.report.excess)
    return found
  }
  let forced = try course("teacher forcing", 0)
  let cured = try course("state noise .05", 0.05)
  let strong = try course("state noise .2", 0.2)
  let diverged = forced.report.firstDivergence
  trial.expect(
    "divergence of teacher forcing, step", diverged > 0 ? Double(diverged) : .infinity, .atMost(34), measured: 17)
  trial.expect(
    "error at 10: teacher forcing over noise .05", forced.errorAtTen / cured.errorAtTen, .atLeast(15.3), measured: 30.6)
  trial.expect(
    "one-step error: noise .05 over teacher forcing", cured.stepError / forced.stepError, .atLeast(1.08), measured: 1.16
  )
  trial.expect("error at 200, noise .05", cured.errorAtEnd, .atMost(0.134), measured: 0.067)
  trial.expect("local error over one-step error, noise .05", 1 + cured.report.excess, .atMost(1.02), measured: 1.01)
  trial.expect("the same, noise .2", 1 + strong.report.excess, .atLeast(1.075), measured: 1.15)
  trial.expect(
    "verdict: critical of teacher forcing alone",
    forced.report.verdict == .critical && cured.report.verdict == .healthy ? 1 : 0, .atLeast(1), measured: .nan)
}

/// The regression on states with noise, whose targets are what the map makes of them.
private func regression(
  _ states: Samples, _ targetNoise: Samples, _ deviation: Double, _ seed: UInt64
) throws(TrimtabError) -> CubicRegression {
  var noise = StateNoise()
  noise.deviation = deviation
  noise.seed = seed
  let noisy = try Samples(states.rows, 2)
  try noise.apply(to: try states.view(), step: 0, into: try noisy.target())
  let targets = try Samples(states.rows, 2)
  for row in 0..<states.rows {
    let (x, y) = LimitCycle().next(noisy[row, 0], noisy[row, 1])
    (targets[row, 0], targets[row, 1]) = (x + targetNoise[row, 0], y + targetNoise[row, 1])
  }
  return try CubicRegression(noisy, targets)
}

private func distance(_ a: (Double, Double), _ b: (Double, Double)) -> Double {
  ((a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)).squareRoot()
}

/// Runs a model from true states and from its own, each step held against the map.
private func follow(
  _ trial: Trial, _ arm: StaticText, _ model: CubicRegression, _ starts: Samples
) throws(TrimtabError) -> Course {
  let (teacher, free) = (try Samples(sequences, steps), try Samples(sequences, steps))
  let off = try Samples(1, steps)
  for row in 0..<sequences {
    var truth = (starts[row, 0], starts[row, 1])
    var own = truth
    for step in 0..<steps {
      let next = LimitCycle().next(truth.0, truth.1)
      teacher[row, step] = distance(model.next(truth.0, truth.1), next)
      let taken = model.next(own.0, own.1)
      free[row, step] = distance(taken, LimitCycle().next(own.0, own.1))
      (own, truth) = (taken, next)
      off[0, step] += distance(own, truth) / Double(sequences)
    }
  }
  for step in 0..<steps where off[0, step] < 1e6 { trial.point(arm, Double(step &+ 1), off[0, step]) }
  var found = Course()
  found.report = try exposureBias(teacher: try teacher.view(), free: try free.view())
  found.errorAtTen = off[0, 9]
  found.errorAtEnd = off[0, steps &- 1].isNaN ? .infinity : off[0, steps &- 1]
  for row in 0..<sequences {
    for step in 0..<steps { found.stepError += teacher[row, step] / Double(sequences * steps) }
  }
  return found
}
