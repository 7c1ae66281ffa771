internal import Trimtab

/// A generator and a discriminator on one tape, each of two hidden layers, that step at the same time.
final class AdversarialNets {
  private let tape: Tape
  private let generator: RecordedNet
  private let noise: Value
  private let real: Value
  private let generatorLearner: TapeLearner
  private let discriminatorLearner: TapeLearner
  private let numbers: RandomNumbers
  private let batch: Int
  private let latents: Int
  private var drawn: UInt64 = 0

  /// - Parameter discriminatorRate: where it lies far below the generator's, the generator runs from mode to mode.
  init(
    _ trial: Trial, width: Int, hidden: Int, latents: Int, batch: Int, learningRate: Double, discriminatorRate: Double
  ) throws(TrimtabError) {
    let tape = try Tape(precision: .float32)
    self.tape = tape
    self.batch = batch
    self.latents = latents
    numbers = trial.numbers()
    generator = try tape.net([latents, hidden, hidden, width], trial.numbers())
    let discriminator = try tape.net([width, hidden, hidden, 1], trial.numbers())
    noise = tape.leaf(Shape(batch, latents))
    real = tape.leaf(Shape(batch, width))
    let ofReal = discriminator(real)
    let ofFake = discriminator(generator(noise))
    let loss = tape.add(tape.logisticLoss(ofReal), tape.logisticLoss(ofFake, sign: -1))
    var options = OptimizerOptions(.adam, learningRate: discriminatorRate)
    options.beta1 = 0.5
    discriminatorLearner = try TapeLearner(tape, loss: loss, discriminator.parameters, options)
    options.learningRate = learningRate
    generatorLearner = try TapeLearner(tape, loss: tape.logisticLoss(ofFake), generator.parameters, options)
  }

  private func draw(_ value: Value, _ count: Int) {
    for index in 0..<count { tape.set(value, at: index, to: numbers.normal(at: drawn &+ UInt64(index))) }
    drawn = drawn &+ UInt64(count)
  }

  func train(on data: Samples, steps: Int) {
    for _ in 0..<steps {
      draw(noise, batch &* latents)
      for row in 0..<batch {
        let chosen = Int(numbers.number(at: drawn &+ UInt64(row), below: UInt64(data.rows)))
        for column in 0..<data.columns { tape.set(real, at: row &* data.columns &+ column, to: data[chosen, column]) }
      }
      drawn = drawn &+ UInt64(batch)
      tape.replay()
      discriminatorLearner.step()
      generatorLearner.step()
    }
  }

  /// Training goes on no more after it: what it records would be computed with every step.
  func samples(_ count: Int) throws(TrimtabError) -> Samples {
    let input = tape.leaf(Shape(count, latents))
    draw(input, count &* latents)
    let output = generator(input)
    try tape.check()
    return try tape.samples(of: output)
  }
}
