internal import Trimtab

/// A dense net that an experiment records as often as it likes, on as many tapes: a discriminator on real and on fake
/// samples, a generator below it. All of them share one memory, which an optimizer moves.
final class SharedNet {
  enum Normalisation { case none, batch, layer }

  private let units: [Int]
  private let function: ElementFunction
  private let normalisation: Normalisation
  private let shapes: [Shape]
  private let offsets: [Int]
  private let memory: Storage<Double>
  private let optimizer: Optimizer

  /// - Parameters:
  ///   - units: from the inputs to the outputs; weights are normal of variance 2 / inputs, and biases 0
  ///   - normalisation: before each activation
  init(
    _ units: [Int], _ function: ElementFunction, normalisation: Normalisation = .none, _ options: OptimizerOptions,
    from numbers: RandomNumbers
  ) throws(TrimtabError) {
    self.units = units
    self.function = function
    self.normalisation = normalisation
    var (shapes, offsets, count): ([Shape], [Int], Int) = ([], [], 0)
    for layer in 1..<max(units.count, 1) {
      let row = Shape(units[layer])
      let isHidden = layer &+ 1 < units.count
      let rows = normalisation != .none && isHidden ? [row, row, row] : [row]
      for shape in [Shape(units[layer &- 1], units[layer])] + rows {
        shapes.append(shape)
        offsets.append(count)
        count = count &+ shape.count
      }
    }
    (self.shapes, self.offsets) = (shapes, offsets)
    memory = try Storage(count: count, for: "net")
    optimizer = try Optimizer(options, count: count, precision: .float64)
    for (shape, offset) in zip(shapes, offsets) where shape.rank == 2 {
      let scale = (2 / Double(shape[0])).squareRoot()
      for place in offset..<(offset &+ shape.count) {
        memory.pointer[place] = scale * numbers.normal(at: UInt64(place))
      }
    }
    for index in shapes.indices where isGain(index) {
      for place in offsets[index]..<(offsets[index] &+ shapes[index].count) { memory.pointer[place] = 1 }
    }
  }

  /// The first row after a layer's bias.
  private func isGain(_ index: Int) -> Bool { normalisation != .none && index % 4 == 2 && index &+ 1 < shapes.count }

  /// The parameters as values of a tape.
  func parameters(on tape: Tape) -> [Value] {
    var values: [Value] = []
    for (shape, offset) in zip(shapes, offsets) {
      values.append(tape.alias(.leaf, .none, shape, at: UnsafeMutableRawPointer(memory.pointer + offset)))
    }
    return values
  }

  /// The spread of the first layer's biases, where ReLUs of one input would all bend at 0.
  func spreadBiases(_ numbers: RandomNumbers) {
    for place in 0..<shapes[1].count {
      memory.pointer[offsets[1] &+ place] = 2 * numbers.uniform(at: UInt64(place)) - 1
    }
  }

  /// The net on (samples, inputs).
  func output(_ inputs: Value, _ parameters: [Value], on tape: Tape) -> Value {
    var (value, next) = (inputs, 0)
    for layer in 1..<max(units.count, 1) {
      value = tape.affine(value, parameters[next], parameters[next &+ 1])
      next = next &+ 2
      guard layer &+ 1 < units.count else { break }
      if normalisation != .none {
        let axes: UInt32 = normalisation == .batch ? 1 : 2
        let centred = tape.subtract(value, tape.mean(value, over: axes))
        let variance = tape.mean(tape.square(centred), over: axes)
        let scale = tape.apply(ElementFunction(.power, a: -0.5), tape.scale(variance, by: 1, plus: 1e-5))
        let standard = tape.multiply(centred, scale)
        value = tape.add(tape.multiply(standard, parameters[next]), parameters[next &+ 1])
        next = next &+ 2
      }
      value = tape.apply(function, value)
    }
    return value
  }

  /// An optimizer's step along gradients, one for each parameter.
  func move(_ gradients: [Value], on tape: Tape) {
    optimizer.beginStep(learningRate: optimizer.options.learningRate)
    for (index, gradient) in gradients.enumerated() {
      guard let slope = tape.memory(of: gradient) else { continue }
      optimizer.update(
        UnsafeMutableRawPointer(memory.pointer + offsets[index]), gradient: slope, offset: offsets[index],
        count: shapes[index].count, factor: 1, decays: true)
    }
  }
}

extension Tape {
  /// mean ln(1 + e^-score), the loss of calling them real; of calling them fake with a sign of -1.
  func logisticLoss(_ scores: Value, sign: Double = 1) -> Value {
    mean(apply(ElementFunction(.softplus), scale(scores, by: -sign)))
  }

  /// A number of what a value holds: their deviation about their mean.
  func deviation(_ value: Value) -> Double {
    let count = shape(of: value).count
    var (mean, squares) = (0.0, 0.0)
    for place in 0..<count {
      let distance = number(value, at: place) - mean
      mean += distance / Double(place &+ 1)
      squares += distance * (number(value, at: place) - mean)
    }
    return (squares / Double(max(count, 1))).squareRoot()
  }
}
