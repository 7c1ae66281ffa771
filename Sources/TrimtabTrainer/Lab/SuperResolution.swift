internal import Trimtab

extension Experiment {
  /// A generator of texture, which a pixel loss blurs and an adversarial loss brings back, over the weight between them.
  static var superResolution: Experiment {
    Experiment(
      "super-resolution", "Super-resolution: a pixel and an adversarial loss", section: 7,
      axes: PlotAxes("step", "deviation of the texture (true: 1)", logarithmic: (false, true)),
      arms: [
        Arm(.broken, "weight 0"), Arm(.broken, "weight 0.1"), Arm(.cured, "weight 1"), Arm(.broken, "weight 20"),
        Arm(.broken, "weight 20, R1"), Arm(.cured, "adaptive weight"),
      ], run: runSuperResolution)
  }
}

private let batch = 64
private let steps = 800

/// What became of one arm.
private struct Texture {
  var deviation = 0.0
  var peak = 0.0
  /// The peak of the first 100 steps.
  var early = 0.0
  var kurtosis = 0.0
  var balance = BalanceReport?.none
}

private func runSuperResolution(_ trial: Trial) throws(TrimtabError) {
  let numbers = (trial.numbers(), trial.numbers())
  func texture(_ arm: StaticText, _ weight: Double, r1: Double = 0, isAdaptive: Bool = false) throws(TrimtabError)
    -> Texture
  {
    let found = try train(trial, arm, numbers, weight, r1, isAdaptive)
    trial.measure(arm, "deviation", found.deviation)
    trial.measure(arm, "greatest deviation", found.peak)
    trial.measure(arm, "kurtosis", found.kurtosis)
    trial.measure(arm, "gradient ratio", found.balance?.ratio ?? .nan)
    trial.measure(arm, "mean cosine", found.balance?.meanCosine ?? .nan)
    return found
  }
  let blurred = try texture("weight 0", 0)
  let weak = try texture("weight 0.1", 0.1)
  let balanced = try texture("weight 1", 1)
  let strong = try texture("weight 20", 20)
  let penalised = try texture("weight 20, R1", 20, r1: 0.5)
  let adaptive = try texture("adaptive weight", 1, isAdaptive: true)
  trial.expect(
    "deviation: weight 1 less weight 0", balanced.deviation - blurred.deviation, .atLeast(0.448), measured: 0.896)
  trial.expect("gradient ratio under weight 0.1", weak.balance?.ratio ?? .nan, .atMost(0.18), measured: 0.09)
  trial.expect("deviation: weight 1 less 0.1", balanced.deviation - weak.deviation, .atLeast(0.4475), measured: 0.895)
  trial.expect("kurtosis under weight 1 (true: 1)", balanced.kurtosis, .atMost(1.36), measured: 1.18)
  trial.expect("decades that weight 20 diverges by", decades(strong.peak), .atLeast(4.9), measured: 9.8)
  trial.expect("decades that it does under R1 too", decades(penalised.peak), .atLeast(2), measured: 4.0)
  trial.expect(
    "decades by step 100: weight 20 less the same under R1", decades(strong.early) - decades(penalised.early),
    .atLeast(2.9), measured: 5.8)
  trial.expect(
    "deviation: adaptive weight less weight 0", adaptive.deviation - blurred.deviation, .atLeast(0.375), measured: 0.75)
  trial.expect("greatest deviation under the adaptive weight", adaptive.peak, .atMost(2))
}

private func decades(_ value: Double) -> Double { logarithm(max(value, 1e-300)) / logarithm(10) }

private func train(
  _ trial: Trial, _ arm: StaticText, _ numbers: (RandomNumbers, RandomNumbers),
  _ weight: Double, _ r1: Double, _ isAdaptive: Bool
) throws(TrimtabError) -> Texture {
  let tape = try Tape(precision: .float64)
  let tanh = ElementFunction(.tanh)
  let generator = try DenseNet([2, 16, 1], tanh, from: numbers.0).on(tape)
  // Logistic regression on the powers of the texture up to the fourth, from 0 on: no more than its moments are seen.
  let discriminator = try DenseNet([4, 1], tanh, gain: 0, from: numbers.0).on(tape)
  // What is seen, with noise, and the texture that it does not tell: +-1.
  let (seen, real) = (tape.leaf(Shape(batch, 2)), tape.leaf(Shape(batch, 1)))
  let texture = generator(seen)
  let scores = discriminator(tape.powers(real, 4))
  let verdict = discriminator(tape.powers(texture, 4))
  var loss = tape.add(tape.logisticLoss(scores), tape.logisticLoss(verdict, sign: -1))
  if r1 > 0 {
    loss = tape.add(loss, try tape.gradientPenalty(of: scores, at: real, weight: r1 / 2, target: 0))
  }
  let judge = try TapeLearner(
    tape, loss: loss, discriminator.parameters, OptimizerOptions(.sgd, learningRate: 0.02))
  let start = tape.count
  let pull = try LossPull(
    tape, of: tape.mean(tape.square(tape.subtract(texture, real))),
    tape.logisticLoss(discriminator(tape.powers(texture, 4))), for: generator.parameters, last: 2, weight: weight)
  let maker = try TapeLearner(
    tape, along: pull.both, generator.parameters, OptimizerOptions(.sgd, learningRate: 0.05))
  var found = Texture()
  let inputs = (try Samples(batch, 2), try Samples(batch, 1))
  for step in 0..<steps {
    for place in 0..<(2 &* batch) {
      inputs.0.pointer[place] = numbers.1.normal(at: UInt64(step &* 3 &* batch &+ place))
    }
    for row in 0..<batch {
      let isUp = numbers.1.bits(at: UInt64((step &* 3 &+ 2) &* batch &+ row)) & 1 == 0
      inputs.1.pointer[row] = isUp ? 1 : -1
    }
    tape.fill(seen, with: inputs.0)
    tape.fill(real, with: inputs.1)
    tape.replay()
    let deviation = tape.deviation(texture)
    if step % 10 == 0 { trial.point(arm, Double(step), min(deviation, 1e12)) }
    guard deviation < 1e12 else {
      found.peak = 1e12
      if step < 100 { found.early = found.peak }
      break
    }
    found.peak = max(found.peak, deviation)
    if step < 100 { found.early = found.peak }
    judge.step()
    tape.replay(from: start)
    try pull.measure(isAdaptive: isAdaptive)
    maker.step()
  }
  if found.peak < 1e12 { tape.replay() }
  found.deviation = min(tape.deviation(texture), 1e12)
  found.kurtosis = tape.kurtosis(texture)
  found.balance = pull.balance.report()
  return found
}

extension Tape {
  /// The powers of a column from the first on, side by side.
  func powers(_ column: Value, _ count: Int) -> Value {
    var (power, found) = (column, Value.none)
    for place in 0..<count {
      let chosen = leaf(Shape(1, count))
      set(chosen, at: place, to: 1)
      if place > 0 { power = multiply(power, column) }
      let term = product(power, chosen)
      found = place > 0 ? add(found, term) : term
    }
    return found
  }

  /// The fourth moment over the squared variance: 1 for two points, 3 for a normal distribution.
  func kurtosis(_ value: Value) -> Double {
    let count = shape(of: value).count
    var mean = 0.0
    for place in 0..<count { mean += number(value, at: place) / Double(count) }
    var (second, fourth) = (0.0, 0.0)
    for place in 0..<count {
      let square = (number(value, at: place) - mean) * (number(value, at: place) - mean)
      second += square / Double(count)
      fourth += square * square / Double(count)
    }
    return second > 0 ? fourth / (second * second) : .nan
  }
}
