import Testing
import Trimtab

@testable import TrimtabTrainer

/// Holds what a tape says of derivatives against differences of the values themselves.
///
/// Differences of fourth order with a step of 1e-3 have an error of about 1e-12 of the fifth derivative and 1e-13 of the
/// values, so agreement to 1e-7 of the largest derivative is a test of every digit that matters.
struct GradientCheck {
  static let step = 1e-3
  static let tolerance = 1e-7

  let tape: Tape
  let inputs: [Value]
  let result: Value

  /// - Parameters:
  ///   - shapes: of the inputs
  ///   - range: which numbers they are filled with
  ///   - build: records a value of any shape, which is summed with fixed weights
  init(
    _ shapes: [Shape], range: ClosedRange<Double> = -1.5...1.5, using random: inout SplitMix,
    _ build: (Tape, [Value]) throws(TrimtabError) -> Value
  ) throws {
    let tape = try Tape(precision: .float64)
    let inputs = shapes.map { tape.leaf($0) }
    for input in inputs {
      for index in 0..<tape.shape(of: input).count {
        tape.set(input, at: index, to: .random(in: range, using: &random))
      }
    }
    self.init(tape, inputs, try build(tape, inputs), using: &random)
    try tape.check()
  }

  /// Of a value that stands on a tape already.
  init(_ tape: Tape, _ inputs: [Value], _ value: Value, using random: inout SplitMix) {
    self.tape = tape
    self.inputs = inputs
    let weights = tape.leaf(tape.shape(of: value))
    for index in 0..<tape.shape(of: value).count {
      tape.set(weights, at: index, to: .random(in: -1...1, using: &random))
    }
    result = tape.sum(tape.multiply(value, weights))
  }

  /// The first derivatives, and the second ones by differentiating the gradient's product with a random vector.
  func run(second: Bool = true, using random: inout SplitMix) throws {
    let gradients = try tape.gradients(of: result, for: inputs)
    try compare(result, gradients)
    guard second else { return }
    var total = Value.none
    for (input, gradient) in zip(inputs, gradients) {
      guard !gradient.isNone else { continue }
      let vector = tape.leaf(tape.shape(of: input))
      for index in 0..<tape.shape(of: input).count {
        tape.set(vector, at: index, to: .random(in: -1...1, using: &random))
      }
      let part = tape.sum(tape.multiply(gradient, vector))
      total = total.isNone ? part : tape.add(total, part)
    }
    guard !total.isNone else { return }
    tape.replay()
    try compare(total, try tape.gradients(of: total, for: inputs))
  }

  private func compare(_ scalar: Value, _ gradients: [Value]) throws {
    tape.replay()
    for (input, gradient) in zip(inputs, gradients) {
      let count = tape.shape(of: input).count
      let found = (0..<count).map { index in gradient.isNone ? 0 : tape.number(gradient, at: index) }
      let expected = (0..<count).map { difference(scalar, input, $0) }
      let scale = max(1, expected.map(\.magnitude).max() ?? 0)
      for (index, pair) in zip(found, expected).enumerated() {
        #expect((pair.0 - pair.1).magnitude <= Self.tolerance * scale, "element \(index): \(pair.0) against \(pair.1)")
      }
    }
  }

  private func difference(_ scalar: Value, _ input: Value, _ index: Int) -> Double {
    let before = tape.number(input, at: index)
    func at(_ steps: Double) -> Double {
      tape.set(input, at: index, to: before + steps * Self.step)
      tape.replay()
      return tape.number(scalar)
    }
    let slope = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * Self.step)
    tape.set(input, at: index, to: before)
    tape.replay()
    return slope
  }
}

/// Steele, Lea, Flood 2014.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
