internal import Trimtab

/// Values of a tape that follow the gradient of a loss.
final class TapeLearner {
  private let tape: Tape
  private let parameters: [Value]
  private let gradients: [Value]
  private let optimizer: Optimizer

  /// Records the gradients: whatever is recorded later is computed after them.
  init(
    _ tape: Tape, loss: Value, _ parameters: [Value], _ options: OptimizerOptions
  ) throws(TrimtabError) {
    self.tape = tape
    self.parameters = parameters
    gradients = try tape.gradients(of: loss, for: parameters)
    try tape.check()
    let count = parameters.reduce(0) { $0 &+ tape.shape(of: $1).count }
    optimizer = try Optimizer(options, count: count, precision: tape.precision)
  }

  var learningRate: Double { optimizer.options.learningRate }

  /// Moves the parameters by the gradients that the last replay computed.
  func step(learningRate: Double) {
    optimizer.beginStep(learningRate: learningRate)
    var offset = 0
    for (parameter, gradient) in zip(parameters, gradients) {
      let count = tape.shape(of: parameter).count
      if let memory = tape.memory(of: parameter), let slope = tape.memory(of: gradient) {
        optimizer.update(memory, gradient: slope, offset: offset, count: count, factor: 1, decays: false)
      }
      offset = offset &+ count
    }
  }
}

extension Tape {
  /// A matrix of normal numbers that is learnt.
  func parameter(_ rows: Int, _ columns: Int, deviation: Double, _ numbers: RandomNumbers) -> Value {
    let value = leaf(Shape(rows, columns))
    for index in 0..<(rows &* columns) { set(value, at: index, to: deviation * numbers.normal(at: UInt64(index))) }
    return value
  }

  /// Writes rows of samples, which are as many numbers, over a value.
  func fill(_ value: Value, with samples: Samples) {
    for index in 0..<samples.count { set(value, at: index, to: samples.pointer[index]) }
  }

  /// Reads a matrix.
  func samples(of value: Value) throws(TrimtabError) -> Samples {
    let shape = shape(of: value)
    let samples = try Samples(shape[0], shape[1])
    for index in 0..<samples.count { samples.pointer[index] = number(value, at: index) }
    return samples
  }
}

/// A dense net on a tape, to be put to several inputs: a leaky ReLU after all layers but the last.
final class TapeNet {
  private(set) var parameters: [Value] = []
  private let tape: Tape

  init(_ tape: Tape, _ widths: [Int], _ trial: Trial) {
    self.tape = tape
    for layer in 1..<max(widths.count, 1) {
      let (before, after) = (widths[layer &- 1], widths[layer])
      let deviation = (1 / Double(max(before, 1))).squareRoot()
      parameters.append(tape.parameter(before, after, deviation: deviation, trial.numbers()))
      parameters.append(tape.leaf(Shape(1, after)))
    }
  }

  func callAsFunction(_ input: Value) -> Value {
    var value = input
    for layer in stride(from: 0, to: parameters.count, by: 2) {
      value = tape.affine(value, parameters[layer], parameters[layer &+ 1])
      if layer &+ 2 < parameters.count { value = tape.apply(ElementFunction(.leaky, a: 0.1), value) }
    }
    return value
  }
}
