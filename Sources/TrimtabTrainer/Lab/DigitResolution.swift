internal import Trimtab

extension Experiment {
  /// Digits from 4 x 4 to 8 x 8 pixels, over the weight of the adversarial loss: what blurs, what is sharp, what it costs.
  static var digitResolution: Experiment {
    Experiment(
      "super-resolution-digits", "Super-resolution of digits, 4 to 8 pixels, over the weight", section: 7,
      axes: PlotAxes("step", "Laplacian's variance over the true one", logarithmic: (false, false)),
      arms: [
        Arm(.broken, "weight 0"), Arm(.cured, "weight 0.3"), Arm(.broken, "weight 3"), Arm(.cured, "adaptive weight"),
      ], run: runDigitResolution)
  }
}

private let batch = 32
private let steps = 300
private let noises = 8
private let trained = 400

/// What the test images came to.
private struct Sharpness {
  var blur: BlurReport
  var balance: BalanceReport
}

private func runDigitResolution(_ trial: Trial) throws(TrimtabError) {
  let (images, _) = try Digits.load()
  let numbers = (trial.numbers(), trial.numbers(), trial.numbers())
  func sharpness(_ arm: StaticText, _ weight: Double, isAdaptive: Bool = false) throws(TrimtabError) -> Sharpness {
    let found = try train(trial, arm, images, numbers, weight, isAdaptive)
    trial.measure(arm, "blur ratio", found.blur.ratio)
    trial.measure(arm, "PSNR", found.blur.peakSignalToNoise)
    trial.measure(arm, "called blurred", found.blur.verdict >= .warning ? 1 : 0)
    trial.measure(arm, "gradient ratio", found.balance.ratio)
    trial.measure(arm, "mean cosine", found.balance.meanCosine)
    return found
  }
  let blurred = try sharpness("weight 0", 0)
  let balanced = try sharpness("weight 0.3", 0.3)
  let strong = try sharpness("weight 3", 3)
  let adaptive = try sharpness("adaptive weight", 1, isAdaptive: true)
  trial.expect("blur ratio under weight 0", blurred.blur.ratio, .atMost(0.5))
  trial.expect("blur ratio: weight 0.3 less 0", balanced.blur.ratio - blurred.blur.ratio, .atLeast(0.05))
  trial.expect("blur ratio: adaptive less 0", adaptive.blur.ratio - blurred.blur.ratio, .atLeast(0.1))
  trial.expect("gradient ratio under weight 3", strong.balance.ratio, .atLeast(2))
  trial.expect("PSNR, dB: weight 0 less 3", blurred.blur.peakSignalToNoise - strong.blur.peakSignalToNoise, .atLeast(1))
}

private func train(
  _ trial: Trial, _ arm: StaticText, _ images: Samples, _ numbers: (RandomNumbers, RandomNumbers, RandomNumbers),
  _ weight: Double, _ isAdaptive: Bool
) throws(TrimtabError) -> Sharpness {
  var options = OptimizerOptions(.adam, learningRate: 4e-3)
  options.beta1 = 0.5
  let leak = ElementFunction(.leaky, a: 0.2)
  let generator = try DenseNet([16 &+ noises, 32, 64], leak, from: numbers.0)
  let discriminator = try DenseNet([64, 32, 1], leak, from: numbers.1)
  let tape = try Tape(precision: .float64)
  let (own, other) = (generator.on(tape), discriminator.on(tape))
  let (seen, real) = (tape.leaf(Shape(batch, 16 &+ noises)), tape.leaf(Shape(batch, 64)))
  let made = own(seen)
  let scores = other(real)
  let fakes = tape.logisticLoss(other(made), sign: -1)
  let generating = options
  options.learningRate = 2e-3
  let judge = try TapeLearner(
    tape, loss: tape.add(tape.logisticLoss(scores), fakes), other.parameters, options)
  let start = tape.count
  let pull = try LossPull(
    tape, of: tape.mean(tape.square(tape.subtract(made, real))),
    tape.logisticLoss(other(made)), for: own.parameters, last: 2, weight: weight)
  let maker = try TapeLearner(tape, along: pull.both, own.parameters, generating)
  let inputs = (try Samples(batch, 16 &+ noises), try Samples(batch, 64))
  let test = try Samples(images, rows: Array(trained..<Digits.count))
  for step in 0..<steps {
    for row in 0..<batch {
      let image = Int(numbers.2.number(at: UInt64(2 &* (step &* batch &+ row)), below: UInt64(trained)))
      fill(inputs.0, row, images, image, numbers.2, UInt64(1 << 32 &+ (step &* batch &+ row) &* noises))
      for pixel in 0..<64 { inputs.1[row, pixel] = images[image, pixel] }
    }
    tape.fill(seen, with: inputs.0)
    tape.fill(real, with: inputs.1)
    tape.replay()
    judge.step()
    tape.replay(from: start)
    try pull.measure(isAdaptive: isAdaptive)
    maker.step()
    if trial.isDrawn, step % 30 == 29 {
      trial.point(arm, Double(step &+ 1), try blurOf(generator, test, numbers.2).ratio)
    }
  }
  return Sharpness(blur: try blurOf(generator, test, numbers.2), balance: pull.balance.report())
}

/// A row of the generator's inputs: the image's means over 2 x 2 pixels, and noise.
private func fill(
  _ inputs: Samples, _ row: Int, _ images: Samples, _ image: Int, _ numbers: RandomNumbers, _ place: UInt64
) {
  for y in 0..<4 {
    for x in 0..<4 {
      let corner = 16 &* y &+ 2 &* x
      let top = images[image, corner] + images[image, corner &+ 1]
      inputs[row, 4 &* y &+ x] = (top + images[image, corner &+ 8] + images[image, corner &+ 9]) / 4
    }
  }
  for noise in 0..<noises { inputs[row, 16 &+ noise] = numbers.normal(at: place &+ UInt64(noise)) }
}

private func blurOf(
  _ generator: DenseNet, _ test: Samples, _ numbers: RandomNumbers
) throws(TrimtabError) -> BlurReport {
  let tape = try Tape(precision: .float64)
  let seen = tape.leaf(Shape(test.rows, 16 &+ noises))
  let made = generator.on(tape)(seen)
  let inputs = try Samples(test.rows, 16 &+ noises)
  for row in 0..<test.rows { fill(inputs, row, test, row, numbers, UInt64(1 << 40 &+ row &* noises)) }
  tape.fill(seen, with: inputs)
  tape.replay()
  try tape.check()
  return try blur(
    try TensorView(tape.memory(of: made), .float64, shape: [test.rows, 8, 8]),
    try TensorView(test.pointer, .float64, shape: [test.rows, 8, 8]))
}
