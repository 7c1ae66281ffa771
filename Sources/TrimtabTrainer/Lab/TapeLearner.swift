internal import Trimtab

/// Values of a tape that follow gradients.
final class TapeLearner {
  private let tape: Tape
  private let parameters: [Value]
  private let gradients: [Value]
  private let optimizer: Optimizer

  /// - Parameter gradients: one for each parameter.
  init(
    _ tape: Tape, along gradients: [Value], _ parameters: [Value], _ options: OptimizerOptions
  ) throws(TrimtabError) {
    self.tape = tape
    self.parameters = parameters
    self.gradients = gradients
    try tape.check()
    let count = parameters.reduce(0) { $0 &+ tape.shape(of: $1).count }
    optimizer = try Optimizer(options, count: count, precision: tape.precision)
  }

  /// Records the gradients of a loss: whatever is recorded later is computed after them.
  convenience init(
    _ tape: Tape, loss: Value, _ parameters: [Value], _ options: OptimizerOptions
  ) throws(TrimtabError) {
    try self.init(tape, along: try tape.gradients(of: loss, for: parameters), parameters, options)
  }

  /// Moves the parameters by the gradients that the last replay computed.
  ///
  /// - Parameter learningRate: nil: that of the options.
  func step(learningRate: Double? = nil) {
    optimizer.beginStep(learningRate: learningRate ?? optimizer.options.learningRate)
    var offset = 0
    for (parameter, gradient) in zip(parameters, gradients) {
      let count = tape.shape(of: parameter).count
      if let memory = tape.memory(of: parameter), let slope = tape.memory(of: gradient) {
        optimizer.update(memory, gradient: slope, offset: offset, count: count, factor: 1, decays: true)
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

  /// The left and the right half of a matrix: means and log-variances of what an encoder gives.
  func halves(_ code: Value) -> (Value, Value) {
    let width = shape(of: code)[-1] / 2
    func half(_ start: Int) -> Value {
      // A matrix that picks columns: products are what the tape has.
      let chosen = leaf(Shape(2 &* width, width))
      for index in 0..<width { set(chosen, at: (start &+ index) &* width &+ index, to: 1) }
      return product(code, chosen)
    }
    return (half(0), half(width))
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
