internal import Trimtab

extension Experiment {
  /// A discriminator with a batch norm on fakes that collapse batch by batch, and on batches of one class.
  static var batchNormLeakage: Experiment {
    Experiment(
      "batchnorm-leakage", "BatchNorm leakage in a discriminator", section: 5,
      axes: PlotAxes("step", "loss"),
      arms: [
        Arm(.broken, "mixed, BatchNorm"), Arm(.cured, "mixed, LayerNorm"), Arm(.reference, "mixed, none"),
        Arm(.broken, "separate, BatchNorm"), Arm(.cured, "separate, LayerNorm"),
      ], run: runBatchNormLeakage)
  }
}

private let features = 8
private let rows = 64
private let steps = 800
private let judgedBatches = 64

private func runBatchNormLeakage(_ trial: Trial) throws(TrimtabError) {
  let source = SampleSource(trial.numbers(), trial.numbers())
  let start = trial.numbers()
  func report(_ arm: StaticText, _ normalisation: DenseNet.Normalisation, isMixed: Bool) throws(TrimtabError)
    -> LeakageReport
  {
    let found = try judge(trial, arm, source, start, normalisation, isMixed: isMixed)
    trial.measure(arm, "accuracy as it comes", found.naturalAccuracy)
    trial.measure(arm, "accuracy in other company", found.shuffledAccuracy)
    trial.measure(arm, "cross-sample share", found.crossShare)
    trial.measure(arm, "E D(fake)", found.fakeMean)
    trial.measure(arm, "called a fault", found.verdict >= .warning ? 1 : 0)
    return found
  }
  let batch = try report("mixed, BatchNorm", .batch, isMixed: true)
  let layer = try report("mixed, LayerNorm", .layer, isMixed: true)
  let plain = try report("mixed, none", .none, isMixed: true)
  let blind = try report("separate, BatchNorm", .batch, isMixed: false)
  let seeing = try report("separate, LayerNorm", .layer, isMixed: false)
  trial.expect("gap under BatchNorm", batch.compositionGap, .atLeast(0.2315), measured: 0.463)
  trial.expect(
    "gap: BatchNorm less LayerNorm", batch.compositionGap - layer.compositionGap, .atLeast(0.2235), measured: 0.447)
  trial.expect("E D(fake): LayerNorm less BatchNorm", layer.fakeMean - batch.fakeMean, .atLeast(0.189), measured: 0.378)
  trial.expect("share under BatchNorm", batch.crossShare, .atLeast(1e-3))
  trial.expect("share under LayerNorm", layer.crossShare, .atMost(1e-12), measured: 0)
  trial.expect("share without a norm", plain.crossShare, .atMost(1e-12), measured: 0)
  trial.expect(
    "separate batches: LayerNorm's accuracy less BatchNorm's", seeing.naturalAccuracy - blind.naturalAccuracy,
    .atLeast(0.027), measured: 0.054)
  trial.expect("response of the blinded to a common shift", blind.commonResponse, .atMost(0.1))
}

/// Batches of real samples, normal, and of fakes: at one point of that distribution, or normal about another mean.
private struct SampleSource {
  let real: RandomNumbers
  let fake: RandomNumbers

  init(_ real: RandomNumbers, _ fake: RandomNumbers) {
    self.real = real
    self.fake = fake
  }

  /// The distance of the means for which the best accuracy is 0.56.
  private static let shift = 0.3019

  /// Real in the upper half, a collapsed generator's in the lower one.
  func mixed(_ index: Int, into samples: Samples, at first: Int = 0) {
    for row in 0..<rows {
      for column in 0..<features {
        let place = UInt64((index &* rows &+ row) &* features &+ column)
        let point = UInt64(index &* features &+ column)
        samples[first &+ row, column] = row < rows / 2 ? real.normal(at: place) : fake.normal(at: point)
      }
    }
  }

  /// One class.
  func separate(_ index: Int, isReal: Bool, into samples: Samples, at first: Int = 0) {
    for row in 0..<rows {
      for column in 0..<features {
        let place = UInt64((index &* rows &+ row) &* features &+ column)
        let noise = isReal ? real.normal(at: place) : fake.normal(at: place)
        samples[first &+ row, column] = isReal || column > 0 ? noise : noise + SampleSource.shift
      }
    }
  }
}

private func judge(
  _ trial: Trial, _ arm: StaticText, _ source: SampleSource, _ start: RandomNumbers,
  _ normalisation: DenseNet.Normalisation, isMixed: Bool
) throws(TrimtabError) -> LeakageReport {
  let net = try DenseNet(
    [features, 16, 16, 1], ElementFunction(.leaky, a: 0.2), normalisation: normalisation, from: start)
  let tape = try Tape(precision: .float64)
  let scores = net.on(tape)
  let (first, second) = (tape.leaf(Shape(rows, features)), tape.leaf(Shape(rows, features)))
  let loss: Value
  if isMixed {
    let signs = tape.leaf(Shape(rows, 1))
    for row in 0..<rows { tape.set(signs, at: row, to: row < rows / 2 ? 1 : -1) }
    loss = tape.logisticLoss(tape.multiply(scores(first), signs))
  } else {
    let fake = tape.logisticLoss(scores(second), sign: -1)
    loss = tape.scale(tape.add(tape.logisticLoss(scores(first)), fake), by: 0.5)
  }
  let learner = try TapeLearner(
    tape, loss: loss, scores.parameters, OptimizerOptions(.adam, learningRate: 3e-3))
  let batch = try Samples(rows, features)
  for step in 0..<steps {
    if isMixed {
      source.mixed(step, into: batch)
    } else {
      source.separate(step, isReal: true, into: batch)
    }
    tape.fill(first, with: batch)
    if !isMixed {
      source.separate(step, isReal: false, into: batch)
      tape.fill(second, with: batch)
    }
    tape.replay()
    if step % 8 == 0 { trial.point(arm, Double(step), tape.number(loss)) }
    learner.step()
  }
  return try audit(net, source, isMixed: isMixed)
}

/// The diagnostic on batches that were not trained on, in the mode of training.
private func audit(_ net: DenseNet, _ source: SampleSource, isMixed: Bool) throws(TrimtabError) -> LeakageReport {
  let tape = try Tape(precision: .float64)
  let given = tape.leaf(Shape(rows, features))
  let scores = net.on(tape)(given)
  try tape.check()
  let samples = try Samples(judgedBatches &* rows, features)
  let targets = try Labels(judgedBatches &* rows)
  for index in 0..<judgedBatches {
    if isMixed {
      source.mixed(steps &+ index, into: samples, at: index &* rows)
    } else {
      source.separate(steps &+ index, isReal: index % 2 == 0, into: samples, at: index &* rows)
    }
    for row in 0..<rows { targets[index &* rows &+ row] = (isMixed ? row < rows / 2 : index % 2 == 0) ? 1 : 0 }
  }
  var options = LeakageOptions()
  options.batchSize = rows
  options.step = 1e-5
  let leakage = try BatchLeakage(options: options)
  try leakage.add(
    { (inputs, _, _, outputs, _) throws(TrimtabError) in
      tape.memory(of: given)?.copyMemory(from: inputs, byteCount: 8 &* rows &* features)
      tape.replay()
      for row in 0..<rows { outputs[row] = tape.number(scores, at: row) }
    }, inputs: try samples.view(), targets: try targets.view())
  return leakage.report()
}
