import Testing
import Trimtab

@testable import TrimtabTrainer

/// A scalar on a tape of its own, its parameters and its Hessian.
struct HessianProblem {
  let tape: Tape
  let loss: Value
  let parameters: [Value]
  let hessian: HessianOperator

  init(
    _ shapes: [Shape], seed: UInt64, precision: Precision = .float64,
    _ build: (Tape, [Value]) throws -> Value
  ) throws {
    var random = SplitMix(seed)
    tape = try Tape(precision: precision)
    var leaves: [Value] = []
    for shape in shapes {
      leaves.append(tape.leaf(shape))
      for index in 0..<shape.count {
        tape.set(leaves[leaves.count - 1], at: index, to: .random(in: -0.7...0.7, using: &random))
      }
    }
    parameters = leaves
    loss = try build(tape, leaves)
    hessian = try HessianOperator(tape, loss: loss, parameters: leaves)
    hessian.update()
  }

  func multiply(_ vector: [Double]) -> [Double] {
    var result = [Double](repeating: .nan, count: hessian.order)
    let isFinite = hessian.multiply(vector, into: &result)
    #expect(isFinite == result.allSatisfy(\.isFinite))
    return result
  }

  private func forEach(_ body: (Value, Int, Int) -> Void) {
    var place = 0
    for parameter in parameters {
      for index in 0..<tape.shape(of: parameter).count {
        body(parameter, index, place)
        place += 1
      }
    }
  }

  var gradient: [Double] {
    zip(parameters, hessian.gradients).flatMap { (parameter, gradient) in
      (0..<tape.shape(of: parameter).count).map { gradient.isNone ? 0 : tape.number(gradient, at: $0) }
    }
  }

  func move(_ direction: [Double], by step: Double) {
    forEach { parameter, index, place in
      tape.set(parameter, at: index, to: tape.number(parameter, at: index) + step * direction[place])
    }
    hessian.update()
  }

  /// The gradient's difference over 2 step along a direction.
  func difference(_ direction: [Double], step: Double) -> [Double] {
    let before = parameters.map { parameter in
      (0..<tape.shape(of: parameter).count).map { tape.number(parameter, at: $0) }
    }
    move(direction, by: step)
    let right = gradient
    move(direction, by: -2 * step)
    let left = gradient
    for (parameter, numbers) in zip(parameters, before) {
      for (index, number) in numbers.enumerated() { tape.set(parameter, at: index, to: number) }
    }
    hessian.update()
    return zip(right, left).map { ($0 - $1) / (2 * step) }
  }

  func extremes(_ tolerance: Double, iterations: Int = 40) throws -> ExtremeEigenvalues {
    var options = EigenvalueOptions()
    options.tolerance = tolerance
    options.greatestIterations = iterations
    return try extremeEigenvalues(order: hessian.order, options: options) { hessian.multiply($0, into: $1) }
  }
}
