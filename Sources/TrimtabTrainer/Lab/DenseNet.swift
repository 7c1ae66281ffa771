internal import Trimtab

/// A dense net that an experiment records as often as it likes, on as many tapes: a discriminator on real and on fake
/// samples, a generator below it. All of them share one memory.
final class DenseNet {
  enum Normalisation { case none, batch, layer }

  fileprivate let function: ElementFunction
  fileprivate let normalisation: Normalisation
  private let precision: Precision
  private let shapes: [Shape]
  private let offsets: [Int]
  /// Room for numbers of either precision.
  private let memory: Storage<Double>

  /// - Parameters:
  ///   - units: from the inputs to the outputs; weights are normal of variance gain / inputs, and biases 0
  ///   - function: after all layers but the last
  ///   - normalisation: before each activation
  init(
    _ units: [Int], _ function: ElementFunction, normalisation: Normalisation = .none, gain: Double = 2,
    precision: Precision = .float64, from numbers: RandomNumbers
  ) throws(TrimtabError) {
    self.function = function
    self.normalisation = normalisation
    self.precision = precision
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
    for (index, shape) in shapes.enumerated() where shape.rank == 2 || isGain(index) {
      let scale = shape.rank == 2 ? (gain / Double(shape[0])).squareRoot() : 0
      for place in offsets[index]..<(offsets[index] &+ shape.count) {
        write(shape.rank == 2 ? scale * numbers.normal(at: UInt64(place)) : 1, at: place)
      }
    }
  }

  private func address(_ place: Int) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(memory.pointer) + place &* precision.byteCount
  }

  private func write(_ value: Double, at place: Int) {
    if precision == .float32 {
      address(place).storeBytes(of: Float(value), as: Float.self)
    } else {
      address(place).storeBytes(of: value, as: Double.self)
    }
  }

  /// The first row after a layer's bias.
  private func isGain(_ index: Int) -> Bool { normalisation != .none && index % 4 == 2 && index &+ 1 < shapes.count }

  /// The net as a tape of its precision knows it.
  func on(_ tape: Tape) -> RecordedNet {
    tape.lent.append(memory)
    var values: [Value] = []
    for (shape, offset) in zip(shapes, offsets) {
      values.append(tape.alias(.leaf, .none, shape, at: address(offset)))
    }
    return RecordedNet(net: self, tape: tape, parameters: values)
  }
}

/// A net on a tape, to be put to several inputs.
struct RecordedNet {
  fileprivate let net: DenseNet
  fileprivate let tape: Tape
  let parameters: [Value]

  /// The net on (samples, inputs).
  func callAsFunction(_ inputs: Value) -> Value {
    var (value, next) = (inputs, 0)
    while next &+ 1 < parameters.count {
      value = tape.affine(value, parameters[next], parameters[next &+ 1])
      next = next &+ 2
      guard next < parameters.count else { break }
      if net.normalisation != .none {
        value = tape.add(tape.multiply(normalised(value), parameters[next]), parameters[next &+ 1])
        next = next &+ 2
      }
      value = tape.apply(net.function, value)
    }
    return value
  }

  private func normalised(_ value: Value) -> Value {
    let axes: UInt32 = net.normalisation == .batch ? 1 : 2
    let centred = tape.subtract(value, tape.mean(value, over: axes))
    let variance = tape.mean(tape.square(centred), over: axes)
    return tape.multiply(centred, tape.apply(ElementFunction(.power, a: -0.5), tape.scale(variance, by: 1, plus: 1e-5)))
  }
}

extension Tape {
  /// A net of this tape's precision, of leaky ReLUs and weights of variance 1 / inputs.
  func net(_ units: [Int], _ numbers: RandomNumbers) throws(TrimtabError) -> RecordedNet {
    try DenseNet(units, ElementFunction(.leaky, a: 0.1), gain: 1, precision: precision, from: numbers).on(self)
  }

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
