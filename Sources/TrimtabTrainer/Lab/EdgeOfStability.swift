internal import Trimtab

extension Experiment {
  /// Training on full batches drives the sharpness up to what the update rule bears, and holds it there: at the edge
  /// many steps raise the loss though the run is sound. Far beyond the edge it diverges; the rate cures that.
  static var edgeOfStability: Experiment {
    Experiment(
      "edge-of-stability", "Sharpness at the edge of stability", section: 2,
      axes: PlotAxes("step", "sharpness over threshold"),
      arms: [
        Arm(.reference, "ReLU, rate .1"), Arm(.reference, "ELU, rate .1"), Arm(.reference, "tanh, Adam 3e-3"),
        Arm(.broken, "ReLU, 15 times its threshold"), Arm(.cured, "ReLU, half its threshold"),
      ], run: runEdge)
  }
}

/// Where a full-batch run went.
private struct EdgeCourse {
  /// Sharpness over threshold: its least and greatest in the last third.
  var least = Double.infinity
  var greatest = -Double.infinity
  /// Share of the steps of the last third that raised the loss.
  var rises = 0.0
}

private func runEdge(_ trial: Trial) throws(TrimtabError) {
  let (inputs, targets) = try edgeSamples(trial)
  func course(_ arm: StaticText, _ activation: LayerActivation, _ rule: OptimizerOptions, _ steps: Int)
    throws(TrimtabError) -> EdgeCourse
  {
    let trainer = try Trainer(edgeOptions(trial, activation, rule))
    let found = try follow(trial, arm, trainer, inputs, targets, steps)
    trial.measure(arm, "least sharpness over threshold, later", found.least)
    trial.measure(arm, "greatest sharpness over threshold, later", found.greatest)
    trial.measure(arm, "share of steps that raise the loss, later", found.rises)
    return found
  }
  let descent = OptimizerOptions(.sgd, learningRate: 0.1)
  var adam = OptimizerOptions(.adam, learningRate: 3e-3)
  adam.beta2 = 0.99
  let relu = try course("ReLU, rate .1", .relu, descent, 2000)
  let elu = try course("ELU, rate .1", .elu, descent, 2000)
  let tanh = try course("tanh, Adam 3e-3", .tanh, adam, 1000)
  trial.expect("ReLU: least of sharpness times rate over 2", relu.least, .atLeast(0.95), measured: 1.0)
  trial.expect("ReLU: greatest", relu.greatest, .atMost(1.05), measured: 1.01)
  trial.expect("ELU: least of sharpness times rate over 2", elu.least, .atLeast(0.95), measured: 0.995)
  trial.expect("ELU: greatest", elu.greatest, .atMost(1.05), measured: 1.015)
  trial.expect("Adam: least of preconditioned sharpness times rate", 38 * tanh.least, .atLeast(34), measured: 36.1)
  trial.expect("Adam: greatest", 38 * tanh.greatest, .atMost(42), measured: 38.6)
  trial.expect(
    "error of the thresholds 2, 3.8, 1.357 and 38 of four rules", try thresholdError(), .atMost(0.01), measured: 2e-5)
  let beyond = try divergence(trial, "ReLU, 15 times its threshold", 15, inputs, targets)
  let within = try divergence(trial, "ReLU, half its threshold", 0.5, inputs, targets)
  trial.expect("failed at 15 times the threshold, less at half of it", beyond - within, .atLeast(1))
}

/// 256 samples of a sine wave along a direction of chance.
func edgeSamples(_ trial: Trial) throws(TrimtabError) -> (inputs: Samples, targets: Samples) {
  let inputs = try Samples(256, 16, normal: trial.numbers())
  let direction = try Samples(1, 16, normal: trial.numbers())
  let targets = try Samples(256, 1)
  for row in 0..<256 {
    var along = 0.0
    for column in 0..<16 { along += direction[0, column] * inputs[row, column] }
    targets[row, 0] = cosine(halfTurns: along / 3.14159265358979323846 - 0.5)
  }
  return (inputs, targets)
}

/// A net of 16-32-32-1 whose weights have the variance gain / fan-in.
func edgeOptions(
  _ trial: Trial, _ activation: LayerActivation, _ rule: OptimizerOptions, gain: Double = 2
) -> TrainerOptions {
  var layers = denseLayers([32, 32, 1]) { $0.activation = activation }
  for index in layers.indices {
    layers[index].initialiser = .heNormal
    layers[index].gain = (gain / 2).squareRoot()
  }
  var options = TrainerOptions(layers: layers, inputShape: Shape(16))
  options.seed = trial.seed
  options.loss = .halfSquared
  options.optimizer = rule
  return options
}

private func follow(
  _ trial: Trial, _ arm: StaticText, _ trainer: Trainer, _ inputs: Samples, _ targets: Samples, _ steps: Int
) throws(TrimtabError) -> EdgeCourse {
  let (x, y) = (try inputs.view(), try targets.view())
  var found = EdgeCourse()
  var last = Double.infinity
  var (later, rises) = (0, 0)
  for index in 0...steps {
    let isLate = index * 3 >= steps * 2
    if index > 0, index % (isLate ? 250 : 500) == 0 {
      let index = Double(index)
      let s = try trainer.sharpness(x, y, isPreconditioned: trainer.options.optimizer.isAdaptive).index
      trial.point(arm, index, s)
      if isLate { (found.least, found.greatest) = (min(found.least, s), max(found.greatest, s)) }
    }
    let loss = try trainer.step(x, y).loss
    if isLate {
      later = later &+ 1
      if loss > last { rises = rises &+ 1 }
    }
    last = loss
  }
  found.rises = Double(rises) / Double(max(later, 1))
  return found
}

/// 1 where forty steps at a multiple of the rate that the first sharpness bears fail, else 0.
private func divergence(
  _ trial: Trial, _ arm: StaticText, _ multiple: Double, _ inputs: Samples, _ targets: Samples
) throws(TrimtabError) -> Double {
  let trainer = try Trainer(edgeOptions(trial, .relu, OptimizerOptions(.sgd, learningRate: 1)))
  let (x, y) = (try inputs.view(), try targets.view())
  // At a rate of 1 the threshold is 2.
  let rate = multiple / (try trainer.sharpness(x, y).index)
  try trainer.setLearningRate(rate)
  let failed = try course(of: trainer, x, y, steps: 40).hasFailed ? 1.0 : 0
  trial.measure(arm, "learning rate", rate)
  trial.measure(arm, "failed", failed)
  return failed
}

/// Trains on the whole of some samples until the run has failed or the steps are over.
func course(of trainer: Trainer, _ x: TensorView, _ y: TensorView, steps: Int) throws(TrimtabError) -> RunCourse {
  let first = try trainer.evaluate(x, y).loss
  var course = RunCourse(initial: first, greatest: first, final: first)
  for _ in 0..<steps {
    course.final = try trainer.step(x, y).loss
    course.greatest = course.final <= course.greatest ? course.greatest : course.final
    if !(course.final <= 4 * first + 1) { return course }
  }
  course.final = try trainer.evaluate(x, y).loss
  course.greatest = course.final <= course.greatest ? course.greatest : course.final
  return course
}

/// The greatest relative error of the rate that x^2 / 2 was found to bear under each update rule against its constant.
private func thresholdError() throws(TrimtabError) -> Double {
  var error = 0.0
  for rule in [UpdateRule.gradientDescent, .heavyBall, .nesterov, .averagedMomentum] {
    let constant = rule.stabilityConstant(momentum: 0.9)
    var wanted = PeakRateOptions()
    (wanted.lowest, wanted.highest, wanted.bisections, wanted.seeds) = (constant / 2, constant * 2, 10, 1)
    let found = try peakRateSearch(wanted) { (_, rate, _) throws(TrimtabError) in descent(rule, rate) }
    error = max(error, (found.rate / constant - 1).magnitude)
  }
  return error
}

/// Two thousand steps on x^2 / 2, the first hundred against the last, which the momentum's start does not disturb.
private func descent(_ rule: UpdateRule, _ rate: Double) -> RunCourse {
  let b = rule == .gradientDescent ? 0 : 0.9
  var (x, m, early, late) = (1.0, 0.0, 0.0, 0.0)
  for step in 0..<2000 where x.magnitude < 1e100 {
    m = b * m + (rule == .averagedMomentum ? 1 - b : 1) * x
    x -= rate * (rule == .nesterov ? x + b * m : m)
    if step < 100 { early = max(early, x.magnitude) }
    if step >= 1900 || x.magnitude >= 1e100 { late = max(late, x.magnitude) }
  }
  return RunCourse(initial: early, greatest: early, final: late)
}
