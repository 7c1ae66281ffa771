internal import Trimtab

extension Experiment {
  /// A discriminator that is a logistic regression, on correlated features and on whitened ones: steps to the optimum.
  static var whitening: Experiment {
    Experiment(
      "whitening", "Ill-conditioned data before a discriminator", section: 4,
      axes: PlotAxes("step", "loss", logarithmic: (true, false)),
      arms: [Arm(.broken, "raw"), Arm(.broken, "standardised"), Arm(.cured, "whitened")], run: runWhitening)
  }
}

private let samples = 500
/// With those it is tested on.
private let total = 2500
private let width = 16
private let most = 60_000
/// Of the standardised arm, which has only to be shown not to be there yet.
private let mostStandardised = 4_000

private func runWhitening(_ trial: Trial) throws(TrimtabError) {
  let whole = try Samples(total, width, normal: trial.numbers())
  let basis = try Samples(width, width)
  try Initialiser(.orthogonal).fill(
    UnsafeMutableRawPointer(basis.pointer), precision: .float64, rows: width, columns: width, fanIn: width,
    fanOut: width, from: trial.numbers())
  // The classes lie 2 apart, half a deviation along each of 16 directions; deviations from 1 to 10530^-1/2.
  let raw = try Samples(total, width)
  let labels = try Samples(total, 1)
  for row in 0..<total {
    let isReal = row % 2 == 0
    labels[row, 0] = isReal ? 1 : 0
    for k in 0..<width {
      let deviation = exponential(-0.5 * logarithm(10_530) * Double(k) / Double(width &- 1))
      let value = deviation * (whole[row, k] + (isReal ? 0.25 : -0.25))
      for column in 0..<width { raw[row, column] += basis[k, column] * value }
    }
  }
  let train = try Samples(raw, rows: Array(0..<samples))
  let test = try Samples(raw, rows: Array(samples..<total))
  let truths = (try Samples(labels, rows: Array(0..<samples)), try Samples(labels, rows: Array(samples..<total)))
  let covariance = try Covariance()
  try covariance.add(try train.view())
  let advice = try covariance.advice(tolerance: 1e-6)
  let whitener = try Whitener(fitting: covariance)
  func mapped(_ source: Samples, _ change: Whitener) throws(TrimtabError) -> Samples {
    let target = try Samples(source.rows, width)
    try change.apply(to: try source.view(), into: try target.target())
    return target
  }
  let scales = try deviations(train)
  let whitened = try mapped(train, whitener)
  // The optimum is the same behind any invertible map: the loss that the whitened one comes to.
  let best = try descend(trial, "whitened", whitened, truths.0, until: 0, steps: 500)
  let target = 1.01 * best.loss
  let cured = try descend(trial, "whitened", whitened, truths.0, until: target, steps: most)
  let broken = try descend(trial, "raw", train, truths.0, until: target, steps: most)
  let scaled = try descend(
    trial, "standardised", try divided(train, scales), truths.0, until: target, steps: mostStandardised)
  for (arm, found, data) in [
    ("raw" as StaticText, broken, train), ("standardised", scaled, try divided(train, scales)),
    ("whitened", cured, whitened),
  ] {
    let report = try conditionNumber(of: try data.view())
    trial.measure(arm, "condition number", report.conditionNumber)
    trial.measure(arm, "steps to 1 %", Double(found.steps))
    trial.measure(arm, "loss after 500", found.lossAt500)
    if isSame(arm, "whitened") {
      trial.expect("condition number after whitening, less 1", report.conditionNumber - 1, .atMost(1e-9), measured: 0)
    }
  }
  let accuracy = try best.accuracy(try mapped(test, whitener), truths.1)
  let rawAccuracy = try descend(trial, "raw", train, truths.0, until: 0, steps: 500).accuracy(test, truths.1)
  trial.measure("whitened", "accuracy after 500", accuracy)
  trial.measure("raw", "accuracy after 500", rawAccuracy)
  trial.expect(
    "steps raw over whitened", Double(broken.steps) / Double(cured.steps), .atLeast(1337), measured: 18_715.0 / 7)
  trial.expect(
    "steps standardised (at most 4000 are taken) over whitened", Double(scaled.steps) / Double(cured.steps),
    .atLeast(100)
  )
  trial.expect(
    "accuracy that whitening gains after 500 steps", accuracy - rawAccuracy, .atLeast(0.017), measured: 0.0345)
  trial.expect("advice is to whiten", advice.advice == .whiten ? 1 : 0, .atLeast(1))
}

private func deviations(_ data: Samples) throws(TrimtabError) -> [Double] {
  var found: [Double] = []
  for column in 0..<data.columns {
    var (sum, squares) = (0.0, 0.0)
    for row in 0..<data.rows {
      sum += data[row, column]
      squares += data[row, column] * data[row, column]
    }
    let mean = sum / Double(data.rows)
    found.append((squares / Double(data.rows) - mean * mean).squareRoot())
  }
  return found
}

private func divided(_ data: Samples, _ scales: [Double]) throws(TrimtabError) -> Samples {
  let result = try Samples(data.rows, data.columns)
  for row in 0..<data.rows {
    for column in 0..<data.columns { result[row, column] = data[row, column] / scales[column] }
  }
  return result
}

/// Where gradient descent came to.
private struct Descent {
  let trainer: Trainer
  var loss = Double.infinity
  var steps = 0
  var lossAt500 = Double.nan

  func accuracy(_ data: Samples, _ labels: Samples) throws(TrimtabError) -> Double {
    let outputs = try trainer.outputs(data, 1)
    var right = 0
    for row in 0..<data.rows where (outputs[row, 0] > 0) == (labels[row, 0] > 0.5) { right = right &+ 1 }
    return Double(right) / Double(data.rows)
  }
}

/// Gradient descent at 1 / lam, lam a quarter of the covariance's largest eigenvalue: what bounds a logistic Hessian.
private func descend(
  _ trial: Trial, _ arm: StaticText, _ data: Samples, _ labels: Samples, until target: Double, steps: Int
) throws(TrimtabError) -> Descent {
  var options = TrainerOptions(layers: denseLayers([1]) { _ in }, inputShape: Shape(width))
  options.precision = .float64
  options.seed = trial.seed
  options.loss = .binaryCrossEntropy
  let largest = try conditionNumber(of: try data.view()).largestEigenvalue
  options.optimizer = OptimizerOptions(.sgd, learningRate: 4 / largest)
  let trainer = try Trainer(options)
  trainer.fill(0, "weight", with: 0)
  var found = Descent(trainer: trainer)
  let (x, y) = (try data.view(), try labels.view())
  for index in 0..<steps {
    let loss = try trainer.step(x, y).loss
    found.loss = min(found.loss, loss)
    if index == 500 { found.lossAt500 = loss }
    // Ever sparser points: the axis is logarithmic.
    if target > 0, index < 10 || (index & (index &- 1) == 0) || index % 500 == 0 {
      trial.point(arm, Double(index &+ 1), loss)
    }
    found.steps = max(index, 1)
    if loss <= target { break }
  }
  if found.lossAt500.isNaN { found.lossAt500 = found.loss }
  return found
}
