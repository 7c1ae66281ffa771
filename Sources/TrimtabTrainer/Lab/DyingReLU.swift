internal import Trimtab

extension Experiment {
  /// A layer that is dead from its biases, trained under a plain ReLU and under leaks: does it come back, and does the
  /// way back to a plain ReLU shake the loss?
  static var dyingReLU: Experiment {
    Experiment(
      "dying-relu", "Dying ReLU and the leak schedule", section: 1,
      axes: PlotAxes("step", "loss", logarithmic: (false, true)),
      arms: [
        Arm(.broken, "ReLU"), Arm(.broken, "leak .3 fixed"), Arm(.broken, "leak .3, then 0"),
        Arm(.cured, "leak .3 to .01"), Arm(.broken, "SGD, ReLU"), Arm(.broken, "SGD, leak .01 fixed"),
        Arm(.cured, "SGD, leak .3 to .01"),
      ], run: runDyingReLU)
  }
}

/// How the leak of an arm runs.
private enum Leak { case none, small, fixed, step, schedule }

/// What became of one arm.
private struct Fate {
  var deadBefore = 0.0
  var dead = 0.0
  var revival = 0.0
  var loss = 0.0
  /// Of the same weights with a plain ReLU.
  var lossAsReLU = 0.0
  var jump = -Double.infinity
}

private let steps = 1000

private func runDyingReLU(_ trial: Trial) throws(TrimtabError) {
  let inputs = try Samples(256, 8, normal: trial.numbers())
  let direction = try Samples(1, 8, normal: trial.numbers())
  let targets = try Samples(256, 1)
  for row in 0..<256 {
    for column in 0..<8 { targets[row, 0] += direction[0, column] * inputs[row, column] }
  }
  let (adam, sgd) = (OptimizerOptions(.adam, learningRate: 3e-3), OptimizerOptions(.sgd, learningRate: 0.02))
  func fate(_ arm: StaticText, _ leak: Leak, _ rule: OptimizerOptions) throws(TrimtabError) -> Fate {
    let found = try train(trial, arm, leak, rule, inputs, targets)
    trial.measure(arm, "dead share", found.dead)
    trial.measure(arm, "revival", found.revival)
    trial.measure(arm, "loss", found.loss)
    trial.measure(arm, "loss as plain ReLU", found.lossAsReLU)
    trial.measure(arm, "greatest jump", found.jump)
    return found
  }
  let plain = try fate("ReLU", .none, adam)
  let fixed = try fate("leak .3 fixed", .fixed, adam)
  let step = try fate("leak .3, then 0", .step, adam)
  let cured = try fate("leak .3 to .01", .schedule, adam)
  let plainSGD = try fate("SGD, ReLU", .none, sgd)
  let smallSGD = try fate("SGD, leak .01 fixed", .small, sgd)
  let curedSGD = try fate("SGD, leak .3 to .01", .schedule, sgd)
  trial.expect("dead share at the start", plain.deadBefore, .atLeast(0.455), measured: 0.91)
  trial.expect("revival: schedule less ReLU", cured.revival - plain.revival, .atLeast(0.18), measured: 0.36)
  trial.expect(
    "revival under SGD: schedule less ReLU", curedSGD.revival - plainSGD.revival, .atLeast(0.085), measured: 0.17)
  trial.expect(
    "revival under SGD: schedule less a leak of .01", curedSGD.revival - smallSGD.revival, .atLeast(0.085),
    measured: 0.17)
  trial.expect("jump of the step over the schedule's", step.jump / max(cured.jump, 1e-6), .atLeast(100), measured: 933)
  trial.expect(
    "as plain ReLU: loss of the fixed leak over the schedule's", fixed.lossAsReLU / cured.lossAsReLU, .atLeast(41),
    measured: 82)
}

private func train(
  _ trial: Trial, _ arm: StaticText, _ leak: Leak, _ rule: OptimizerOptions, _ inputs: Samples, _ targets: Samples
) throws(TrimtabError) -> Fate {
  var options = TrainerOptions(
    layers: denseLayers([32, 32, 1]) { layer in
      layer.activation = .leakyRelu
      layer.isScheduled = true
    }, inputShape: Shape(8))
  options.precision = .float64
  options.seed = trial.seed
  options.loss = .halfSquared
  options.optimizer = rule
  options.leak.time = Double(steps) / 5
  if leak != .schedule { options.leak = LeakSchedule(constant: leak == .none ? 0 : leak == .small ? 0.01 : 0.3) }
  let trainer = try Trainer(options)
  trainer.fill(1, "bias", with: -5)
  let (x, y) = (try inputs.view(), try targets.view())
  let before = try audit(trainer, x)
  var found = Fate()
  found.deadBefore = before.report().deadFraction
  var last = Double.infinity
  for index in 0..<steps {
    if leak == .step, index == 300 { try trainer.setLeak(LeakSchedule(constant: 0)) }
    let step = try trainer.step(x, y)
    // A rise is a jump of its size; the first losses fall.
    found.jump = max(found.jump, step.loss - last)
    last = step.loss
    if index % 10 == 0 { trial.point(arm, Double(index), step.loss) }
  }
  let after = try audit(trainer, x)
  let compared = try compare(before: before, after: after)
  found.dead = after.report().deadFraction
  found.revival = compared.revivalFraction
  found.loss = try trainer.evaluate(x, y).loss
  try trainer.setLeak(LeakSchedule(constant: 0))
  found.lossAsReLU = try trainer.evaluate(x, y).loss
  return found
}

/// What the second layer's units do on the samples.
private func audit(_ trainer: Trainer, _ inputs: TensorView) throws(TrimtabError) -> Activity {
  var options = ActivityOptions()
  options.leak = 0
  let activity = try Activity(options: options)
  try activity.add(try trainer.preactivations(of: 1, inputs))
  return activity
}
