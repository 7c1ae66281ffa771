internal import Trimtab

extension Experiment {
  /// Do smooth activations bear higher learning rates? Only as far as the first sharpness is lower: held against each
  /// other at the same gain of the weights most of the difference is gone, and the smoothest one bears least.
  static var smoothActivations: Experiment {
    Experiment(
      "smooth-activations", "Smooth activations, peak rate and warm-up", section: 2,
      axes: PlotAxes("sharpness at the start", "greatest stable rate", logarithmic: (true, true)),
      arms: [
        Arm(.broken, "ReLU, gain 2"), Arm(.cured, "ELU, gain 1.6"), Arm(.reference, "ELU, gain 2"),
        Arm(.reference, "ReLU, gain 1"), Arm(.reference, "ELU, gain 1"), Arm(.broken, "softplus, gain 1.6"),
      ], run: runSmoothActivations)
  }
}

private struct Bearing {
  var sharpness = 0.0
  var rate = 0.0
}

private func runSmoothActivations(_ trial: Trial) throws(TrimtabError) {
  let (inputs, targets) = try edgeSamples(trial)
  func bearing(_ arm: StaticText, _ activation: LayerActivation, gain: Double) throws(TrimtabError) -> Bearing {
    let options = edgeOptions(trial, activation, OptimizerOptions(.sgd, learningRate: 1), gain: gain)
    let found = try search(options, inputs, targets)
    trial.measure(arm, "sharpness at the start", found.sharpness)
    trial.measure(arm, "greatest stable rate", found.rate)
    trial.point(arm, found.sharpness, found.rate)
    return found
  }
  let relu = try bearing("ReLU, gain 2", .relu, gain: 2)
  let elu = try bearing("ELU, gain 1.6", .elu, gain: 1.6)
  let matched = try bearing("ELU, gain 2", .elu, gain: 2)
  let (low, lowElu) = (
    try bearing("ReLU, gain 1", .relu, gain: 1), try bearing("ELU, gain 1", .elu, gain: 1)
  )
  let softplus = try bearing("softplus, gain 1.6", .softplus, gain: 1.6)
  let (need, needElu) = (
    try warmUp(trial, "ReLU, gain 2", .relu, 2, inputs, targets),
    try warmUp(trial, "ELU, gain 1.6", .elu, 1.6, inputs, targets)
  )
  trial.expect(
    "usual gains: sharpness of ReLU over ELU", relu.sharpness / elu.sharpness, .atLeast(1.64), measured: 2.27)
  trial.expect("usual gains: rate of ELU over ReLU", elu.rate / relu.rate, .atLeast(2.15), measured: 3.3)
  trial.expect("gain 2: rate of ELU over ReLU", matched.rate / relu.rate, .atLeast(1.7), measured: 2.4)
  trial.expect("gain 1: rate of ELU over ReLU", lowElu.rate / low.rate, .atMost(1.85), measured: 1.3)
  trial.expect("rate of softplus over ReLU", softplus.rate / relu.rate, .atMost(0.7), measured: 0.39)
  trial.expect("warm-up at .5: steps of ReLU less those of ELU", need - needElu, .atLeast(1))
}

/// Full-batch runs of one seed, found by `peakRateSearch`.
private func search(
  _ options: TrainerOptions, _ inputs: Samples, _ targets: Samples
) throws(TrimtabError) -> Bearing {
  let (x, y) = (try inputs.view(), try targets.view())
  let sharpness = try Trainer(options).sharpness(x, y).eigenvalues.largest
  var wanted = PeakRateOptions()
  (wanted.lowest, wanted.highest, wanted.bisections, wanted.seeds) = (0.03, 3, 5, 1)
  wanted.firstSeed = options.seed
  return Bearing(sharpness: sharpness, rate: try peakRateSearch(wanted, run: run(options, x, y, steps: 150)).rate)
}

private func run(
  _ given: TrainerOptions, _ x: TensorView, _ y: TensorView, steps: Int
) -> TrainingRun {
  { (seed, peak, warmUp) throws(TrimtabError) in
    var options = given
    options.seed = seed
    options.optimizer.learningRate = peak
    options.schedule.warmUpSteps = warmUp
    return try course(of: Trainer(options), x, y, steps: steps)
  }
}

/// The steps of warm-up with which a peak rate of .5 does not fail; 150 where none of up to 100 does.
private func warmUp(
  _ trial: Trial, _ arm: StaticText, _ activation: LayerActivation, _ gain: Double, _ inputs: Samples,
  _ targets: Samples
) throws(TrimtabError) -> Double {
  let options = edgeOptions(trial, activation, OptimizerOptions(.sgd, learningRate: 0.5), gain: gain)
  let found = try warmUpNeed(
    peak: 0.5, longest: 100, seed: options.seed,
    run: run(options, try inputs.view(), try targets.view(), steps: 150))
  let steps = found.steps < 0 ? 150 : Double(found.steps)
  trial.measure(arm, "warm-up needed at rate .5, steps", steps)
  return steps
}
