internal import Trimtab

/// The gradients of a pixel loss and of an adversarial one, and their weighted sum, on a tape; and what they come to at a
/// generator's last layer.
final class LossPull {
  /// Of L_pixel + weight L_adversarial, one for each parameter.
  let both: [Value]
  let balance: GradientBalance
  private let tape: Tape
  private let pixel: [Value]
  private let adversarial: [Value]
  private let last: Int
  private let scale: Value

  /// - Parameter last: the place of the last layer's weight among the parameters.
  init(
    _ tape: Tape, of pixelLoss: Value, _ adversarialLoss: Value, for parameters: [Value], last: Int, weight: Double
  ) throws(TrimtabError) {
    self.tape = tape
    self.last = last
    pixel = try tape.gradients(of: pixelLoss, for: parameters)
    adversarial = try tape.gradients(of: adversarialLoss, for: parameters)
    scale = tape.constant(weight)
    var both: [Value] = []
    for (a, b) in zip(pixel, adversarial) { both.append(tape.add(a, tape.multiply(b, scale))) }
    self.both = both
    var options = BalanceOptions()
    options.adversarialWeight = weight
    balance = try GradientBalance(options: options)
  }

  /// Notes the balance of the step; where the weight is adaptive, sets it by the two norms first.
  func measure(isAdaptive: Bool) throws(TrimtabError) {
    let (first, second) = (try tape.view(pixel[last]), try tape.view(adversarial[last]))
    if isAdaptive {
      let norms = (tape.norm(pixel[last]), tape.norm(adversarial[last]))
      tape.set(scale, at: 0, to: adaptiveWeight(pixelNorm: norms.0, adversarialNorm: norms.1))
      for (place, value) in both.enumerated() { combine(value, pixel[place], adversarial[place]) }
    }
    try balance.add(pixel: first, adversarial: second)
  }

  /// a + scale b again, for a scale that was found after it was computed.
  private func combine(_ target: Value, _ a: Value, _ b: Value) {
    for place in 0..<tape.shape(of: target).count {
      tape.set(target, at: place, to: tape.number(a, at: place) + tape.number(scale) * tape.number(b, at: place))
    }
  }
}

extension Tape {
  /// A value's numbers as a tensor; it has to be used while the tape lives.
  func view(_ value: Value) throws(TrimtabError) -> TensorView {
    let shape = shape(of: value)
    return try TensorView(
      base: memory(of: value), elementType: precision.elementType, rank: shape.rank, shape: shape.extents, strides: nil)
  }

  func norm(_ value: Value) -> Double {
    var sum = 0.0
    for place in 0..<shape(of: value).count { sum += number(value, at: place) * number(value, at: place) }
    return sum.squareRoot()
  }
}
