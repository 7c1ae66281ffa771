internal import Trimtab

/// Fills a batch of rows of data, chosen at random.
private func choose(_ tape: Tape, _ value: Value, _ data: Samples, _ numbers: RandomNumbers, _ step: Int) {
  let rows = tape.shape(of: value)[0]
  for row in 0..<rows {
    let chosen = Int(numbers.number(at: UInt64(step &* rows &+ row), below: UInt64(data.rows)))
    for column in 0..<data.columns { tape.set(value, at: row &* data.columns &+ column, to: data[chosen, column]) }
  }
}

private func draw(_ tape: Tape, _ value: Value, _ numbers: RandomNumbers, _ step: Int) {
  let count = tape.shape(of: value).count
  for index in 0..<count { tape.set(value, at: index, to: numbers.normal(at: UInt64(step) << 32 | UInt64(index))) }
}

/// A net for the next state from the last two, sampled with the noise of the data.
struct AutoregressiveModel {
  private let trial: Trial
  private let tape: Tape
  private let net: RecordedNet

  /// - Parameter noise: deviation of the noise on the states that it is trained from.
  init(_ trial: Trial, _ data: Samples, steps: Int, noise: Double) throws(TrimtabError) {
    self.trial = trial
    tape = try Tape(precision: .float32)
    net = try tape.net([4, 48, 2], trial.numbers())
    let batch = 64
    let (input, target) = (tape.leaf(Shape(batch, 4)), tape.leaf(Shape(batch, 2)))
    let loss = tape.mean(tape.square(tape.subtract(net(input), target)))
    let learner = try TapeLearner(tape, loss: loss, net.parameters, OptimizerOptions(.adam, learningRate: 3e-3))
    let (numbers, noises) = (trial.numbers(), trial.numbers())
    for step in 0..<steps {
      for row in 0..<batch {
        let place = UInt64(step &* batch &+ row)
        let chosen = Int(numbers.number(at: 2 &* place, below: UInt64(data.rows)))
        let time = Int(numbers.number(at: 2 &* place &+ 1, below: UInt64(CycleSequences.length &- 2)))
        for column in 0..<4 {
          let added = noise > 0 ? noise * noises.normal(at: 4 &* place &+ UInt64(column)) : 0
          tape.set(input, at: 4 &* row &+ column, to: data[chosen, 2 &* time &+ column] + added)
        }
        for column in 0..<2 { tape.set(target, at: 2 &* row &+ column, to: data[chosen, 2 &* time &+ 4 &+ column]) }
      }
      tape.replay()
      learner.step(learningRate: 3e-3 * (1 - Double(step) / Double(steps)))
    }
  }

  /// Continues the first two states of sequences.
  func samples(_ starts: Samples) throws(TrimtabError) -> Samples {
    let found = try Samples(starts.rows, CycleSequences.width)
    let first = tape.count
    let input = tape.leaf(Shape(starts.rows, 4))
    let output = net(input)
    let numbers = trial.numbers()
    for row in 0..<starts.rows {
      for column in 0..<4 { found[row, column] = starts[row, column] }
    }
    for time in 2..<CycleSequences.length {
      for row in 0..<starts.rows {
        for column in 0..<4 { tape.set(input, at: 4 &* row &+ column, to: found[row, 2 &* time &- 4 &+ column]) }
      }
      tape.replay(from: first)
      for row in 0..<starts.rows {
        for column in 0..<2 {
          let noise = numbers.normal(at: UInt64(time) << 32 | UInt64(2 &* row &+ column))
          found[row, 2 &* time &+ column] =
            tape.number(output, at: 2 &* row &+ column) + CycleSequences.deviation * noise
        }
      }
    }
    return found
  }
}

/// A variational autoencoder of a small latent space.
struct AutoencoderModel {
  private static let latents = 8
  private let trial: Trial
  private let tape: Tape
  private let encoder: RecordedNet
  private let decoder: RecordedNet
  private let variance: Double

  init(_ trial: Trial, _ data: Samples, steps: Int, variance: Double) throws(TrimtabError) {
    self.trial = trial
    self.variance = variance
    tape = try Tape(precision: .float32)
    let (batch, latents, width) = (64, AutoencoderModel.latents, data.columns)
    encoder = try tape.net([width, 48, 2 * latents], trial.numbers())
    decoder = try tape.net([latents, 48, width], trial.numbers())
    let (input, noise) = (tape.leaf(Shape(batch, width)), tape.leaf(Shape(batch, latents)))
    let (mean, spread) = tape.halves(encoder(input))
    let deviation = tape.apply(ElementFunction(.exponential), tape.scale(spread, by: 0.5))
    let output = decoder(tape.add(mean, tape.multiply(deviation, noise)))
    let error = tape.scale(
      tape.sum(tape.square(tape.subtract(output, input))), by: 0.5 / (variance * Double(batch)))
    let loss = tape.add(error, tape.gaussianDivergence(mean: mean, logVariance: spread))
    let learner = try TapeLearner(
      tape, loss: loss, encoder.parameters + decoder.parameters, OptimizerOptions(.adam, learningRate: 3e-3))
    let (numbers, noises) = (trial.numbers(), trial.numbers())
    for step in 0..<steps {
      choose(tape, input, data, numbers, step)
      draw(tape, noise, noises, step)
      tape.replay()
      learner.step(learningRate: 3e-3 * (1 - Double(step) / Double(steps)))
    }
  }

  func samples(_ count: Int) throws(TrimtabError) -> Samples {
    let latent = tape.leaf(Shape(count, AutoencoderModel.latents))
    draw(tape, latent, trial.numbers(), 0)
    let output = decoder(latent)
    try tape.check()
    let found = try tape.samples(of: output)
    let numbers = trial.numbers()
    for index in 0..<found.count {
      found.pointer[index] += variance.squareRoot() * numbers.normal(at: UInt64(index))
    }
    return found
  }
}

/// A net for the noise of sequences at one of many levels.
struct DiffusionModel {
  private static let levels = 100
  private let trial: Trial
  private let tape: Tape
  private let net: RecordedNet
  private let kept: [Double]

  init(_ trial: Trial, _ data: Samples, steps: Int) throws(TrimtabError) {
    self.trial = trial
    tape = try Tape(precision: .float32)
    var (product, list) = (1.0, [Double]())
    for level in 0..<DiffusionModel.levels {
      product *= 1 - (1e-3 + 0.1 * Double(level) / Double(DiffusionModel.levels))
      list.append(product)
    }
    kept = list
    let (batch, width) = (64, data.columns)
    net = try tape.net([width + 3, 64, 64, width], trial.numbers())
    let (input, target) = (tape.leaf(Shape(batch, width + 3)), tape.leaf(Shape(batch, width)))
    let loss = tape.mean(tape.square(tape.subtract(net(input), target)))
    let learner = try TapeLearner(tape, loss: loss, net.parameters, OptimizerOptions(.adam, learningRate: 3e-3))
    let (numbers, noises) = (trial.numbers(), trial.numbers())
    for step in 0..<steps {
      draw(tape, target, noises, step)
      for row in 0..<batch {
        let place = UInt64(step &* batch &+ row)
        let chosen = Int(numbers.number(at: 2 &* place, below: UInt64(data.rows)))
        let level = Int(numbers.number(at: 2 &* place &+ 1, below: UInt64(DiffusionModel.levels)))
        let (signal, spread) = (kept[level].squareRoot(), (1 - kept[level]).squareRoot())
        for column in 0..<width {
          let noise = tape.number(target, at: row &* width &+ column)
          tape.set(input, at: row &* (width + 3) &+ column, to: signal * data[chosen, column] + spread * noise)
        }
        tell(level, to: input, row, width)
      }
      tape.replay()
      learner.step(learningRate: 3e-3 * (1 - Double(step) / Double(steps)))
    }
  }

  private func tell(_ level: Int, to input: Value, _ row: Int, _ width: Int) {
    let place = row &* (width + 3) &+ width
    tape.set(input, at: place, to: kept[level].squareRoot())
    tape.set(input, at: place &+ 1, to: (1 - kept[level]).squareRoot())
    tape.set(input, at: place &+ 2, to: 0.25 * logarithm((1 - kept[level]) / kept[level]))
  }

  /// DDIM from the last level to the first, in equally spaced evaluations.
  func samples(_ count: Int, evaluations: Int) throws(TrimtabError) -> Samples {
    let width = CycleSequences.width
    let found = try Samples(count, width, normal: trial.numbers())
    let first = tape.count
    let input = tape.leaf(Shape(count, width + 3))
    let output = net(input)
    try tape.check()
    func level(_ step: Int) -> Int {
      let last = Double(DiffusionModel.levels - 1)
      return evaluations > 1 ? Int((last * (1 - Double(step) / Double(evaluations - 1))).rounded()) : Int(last)
    }
    for step in 0..<evaluations {
      let now = kept[level(step)]
      let next = step &+ 1 < evaluations ? kept[level(step &+ 1)] : 1
      for row in 0..<count {
        for column in 0..<width { tape.set(input, at: row &* (width + 3) &+ column, to: found[row, column]) }
        tell(level(step), to: input, row, width)
      }
      tape.replay(from: first)
      for index in 0..<found.count {
        let noise = tape.number(output, at: index)
        let clean = (found.pointer[index] - (1 - now).squareRoot() * noise) / now.squareRoot()
        found.pointer[index] = next.squareRoot() * clean + (1 - next).squareRoot() * noise
      }
    }
    return found
  }
}
