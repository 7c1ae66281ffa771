import Testing
import Trimtab

@testable import TrimtabTrainer

/// A leaf of given numbers.
private func filled(_ tape: Tape, _ shape: Shape, _ numbers: [Double]) throws -> Value {
  let value = tape.leaf(shape)
  for (index, number) in numbers.enumerated() { tape.set(value, at: index, to: number) }
  return value
}

private func normals(_ count: Int, _ random: inout SplitMix) -> [Double] {
  (0..<count).map { _ in (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0...1, using: &random) } }
}

/// The largest eigenvalue of X^T X / N by another method: Jacobi rotations.
private func largestOfGram(_ x: [Double], _ rows: Int, _ columns: Int) -> Double {
  var a = (0..<columns).map { i in
    (0..<columns).map { j in
      (0..<rows).reduce(0.0) { $0 + x[$1 * columns + i] * x[$1 * columns + j] } / Double(rows)
    }
  }
  for _ in 0..<30 {
    for p in 0..<columns {
      for q in (p + 1)..<max(columns, p + 1) where a[p][q] != 0 {
        let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        let t = (theta < 0 ? -1 : 1) / (theta.magnitude + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<columns { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
        for k in 0..<columns { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
      }
    }
  }
  return (0..<columns).map { a[$0][$0] }.max() ?? .nan
}

/// A network of one hidden layer, half the mean squared error.
private func network(
  _ function: ElementFunction, seed: UInt64, precision: Precision = .float64
) throws -> (problem: HessianProblem, hidden: Value) {
  let (rows, inputs, width) = (32, 4, 10)
  var random = SplitMix(seed)
  let x = normals(rows * inputs, &random)
  let y = (0..<rows).map { row in x[row * inputs] * x[row * inputs + 1] + 0.5 * x[row * inputs + 2] }
  var hidden = Value(0)
  let problem = try HessianProblem(
    [Shape(inputs, width), Shape(width), Shape(width, 1), Shape(1)], seed: seed, precision: precision
  ) { tape, p in
    hidden = tape.affine(try filled(tape, Shape(rows, inputs), x), p[0], p[1])
    let out = tape.affine(tape.apply(function, hidden), p[2], p[3])
    let error = tape.subtract(out, try filled(tape, Shape(rows, 1), y))
    return tape.scale(tape.mean(tape.multiply(error, error)), by: 0.5)
  }
  return (problem, hidden)
}

struct HessianTests {
  private func random(_ count: Int, _ seed: UInt64) -> [Double] {
    var random = SplitMix(seed)
    return (0..<count).map { _ in .random(in: -1...1, using: &random) }
  }
  private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  @Test func linearRegression() throws {
    let (rows, columns) = (50, 8)
    var source = SplitMix(11)
    let x = normals(rows * columns, &source)
    let problem = try HessianProblem([Shape(columns, 1)], seed: 1) { tape, p in
      let error = tape.subtract(
        tape.product(try filled(tape, Shape(rows, columns), x), p[0]),
        try filled(tape, Shape(rows, 1), normals(rows, &source)))
      return tape.scale(tape.mean(tape.multiply(error, error)), by: 0.5)
    }
    let expected = largestOfGram(x, rows, columns)
    let found = try problem.extremes(1e-12)
    #expect(found.hasConverged && (found.largest / expected - 1).magnitude < 1e-13)
    // The trace from random signs holds against the sum of squares.
    let trace = try hutchinsonTrace(order: columns, probes: 400) { problem.hessian.multiply($0, into: $1) }
    #expect((trace.trace - dot(x, x) / Double(rows)).magnitude < 4 * trace.standardError)
  }

  @Test(arguments: [0.0, 0.5, 3]) func logisticBound(scale: Double) throws {
    let (rows, columns) = (60, 6)
    var source = SplitMix(12)
    let x = normals(rows * columns, &source)
    let problem = try HessianProblem([Shape(columns, 1)], seed: 2) { tape, p in
      // log(1 + exp(-z)) for labels that are folded into x: the Hessian does not depend on them.
      let z = tape.product(try filled(tape, Shape(rows, columns), x), p[0])
      return tape.mean(tape.apply(ElementFunction(.softplus), tape.scale(z, by: -1)))
    }
    for index in 0..<columns {
      problem.tape.set(
        problem.parameters[0], at: index, to: scale * problem.tape.number(problem.parameters[0], at: index))
    }
    problem.hessian.update()
    let bound = largestOfGram(x, rows, columns) / 4
    let found = try problem.extremes(1e-12)
    #expect(found.largest <= bound * (1 + 1e-12) && found.smallest >= 0)
    // At 0 every sample has the greatest curvature, 1/4: the bound is met.
    if scale == 0 { #expect((found.largest / bound - 1).magnitude < 1e-12) }
    if scale == 3 { #expect(found.largest < 0.9 * bound) }
  }

  @Test(arguments: [
    ElementFunction(.tanh), ElementFunction(.leaky), ElementFunction(.gelu), ElementFunction(.elu, a: 1, b: 1),
  ])
  func symmetryAndLinearity(_ function: ElementFunction) throws {
    let (problem, _) = try network(function, seed: 3)
    let order = problem.hessian.order
    #expect(order == 61)
    for seed in 1...5 {
      let (u, v) = (random(order, UInt64(seed)), random(order, UInt64(seed + 50)))
      let (hu, hv) = (problem.multiply(u), problem.multiply(v))
      #expect((dot(u, hv) - dot(v, hu)).magnitude < 1e-12 * dot(hu, hu).squareRoot() * dot(v, v).squareRoot())
      let sum = problem.multiply(zip(u, v).map { 2 * $0 - $1 })
      for index in 0..<order { #expect((sum[index] - (2 * hu[index] - hv[index])).magnitude < 1e-12) }
    }
  }

  /// Every column against the differences of the gradient, on a smooth network.
  @Test func againstDifferences() throws {
    let (problem, _) = try network(ElementFunction(.tanh), seed: 4)
    let order = problem.hessian.order
    for column in 0..<order {
      let unit = (0..<order).map { $0 == column ? 1.0 : 0 }
      let (exact, difference) = (problem.multiply(unit), problem.difference(unit, step: 1e-5))
      for index in 0..<order { #expect((exact[index] - difference[index]).magnitude < 1e-8) }
    }
  }

  /// Trains a ReLU network. Where no kink lies between the two points, the difference of the gradients is the exact
  /// product; a step that crosses kinks is far off, which is why differences are used in tests alone.
  @Test func networkWithKinks() throws {
    let (problem, hidden) = try network(ElementFunction(.leaky), seed: 5)
    let first = problem.tape.number(problem.loss)
    for _ in 0..<600 { problem.move(problem.gradient, by: -0.1) }
    #expect(problem.tape.number(problem.loss) < 0.3 * first)
    let count = problem.tape.shape(of: hidden).count
    func signs() -> [Bool] { (0..<count).map { problem.tape.number(hidden, at: $0) > 0 } }
    let order = problem.hessian.order
    let before = signs()
    #expect(before.contains(true) && before.contains(false))
    var worst = 0.0
    for seed in 1...10 {
      let direction = random(order, UInt64(seed))
      let exact = problem.multiply(direction)
      // The greatest step up to 1e-4 at which both points lie on one side of all kinks.
      var step = 1e-4
      while true {
        problem.move(direction, by: step)
        let right = signs()
        problem.move(direction, by: -2 * step)
        let left = signs()
        problem.move(direction, by: step)
        if right == before && left == before { break }
        step /= 4
      }
      let difference = problem.difference(direction, step: step)
      let size = dot(exact, exact).squareRoot()
      let error = zip(exact, difference).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
      #expect(error < 1e-12 / step * size + 1e-6 * size, "seed \(seed), step \(step): \(error) of \(size)")
      let coarse = problem.difference(direction, step: 1e-2)
      worst = max(worst, zip(exact, coarse).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot() / size)
    }
    #expect(worst > 0.05, "\(worst)")
  }

  @Test func inSinglePrecision() throws {
    let (wide, _) = try network(ElementFunction(.tanh), seed: 6)
    let (narrow, _) = try network(ElementFunction(.tanh), seed: 6, precision: .float32)
    let vector = random(wide.hessian.order, 1)
    let scale = wide.multiply(vector).map(\.magnitude).max() ?? 0
    for (a, b) in zip(wide.multiply(vector), narrow.multiply(vector)) { #expect((a - b).magnitude < 1e-5 * scale) }
    let (exact, found) = (try wide.extremes(1e-6), try narrow.extremes(1e-4))
    #expect(found.hasConverged && (found.largest / exact.largest - 1).magnitude < 1e-5)
  }

  @Test func oneParameter() throws {
    let problem = try HessianProblem([Shape()], seed: 7) { tape, p in
      tape.apply(ElementFunction(.exponential), p[0])
    }
    let value = problem.tape.number(problem.loss)
    #expect((problem.multiply([2])[0] - 2 * value).magnitude < 1e-15)
    #expect(try (problem.extremes(1e-3).largest - value).magnitude < 1e-15)
  }

  /// After a change of the parameters the product is that of the new place; it does not change what it is taken at.
  @Test func update() throws {
    let problem = try HessianProblem([Shape(3)], seed: 8) { tape, p in
      tape.sum(tape.apply(ElementFunction(.power, a: 3), p[0]))
    }
    for value in [1.0, -2, 0.5] {
      for index in 0..<3 { problem.tape.set(problem.parameters[0], at: index, to: value * Double(index + 1)) }
      problem.hessian.update()
      for _ in 0..<2 { #expect(problem.multiply([1, 1, 1]) == [6 * value, 12 * value, 18 * value]) }
      var inPlace = [1.0, 0, 2]
      inPlace.withUnsafeMutableBufferPointer { memory in
        guard let base = memory.baseAddress else { return }
        problem.hessian.multiply(base, into: base)
      }
      #expect(inPlace == [6 * value, 0, 36 * value])
    }
  }

  @Test func constantGradients() throws {
    // Linear in the first, not at all of the second, quadratic in the third.
    let problem = try HessianProblem([Shape(2), Shape(3), Shape(2)], seed: 9) { tape, p in
      tape.add(tape.sum(p[0]), tape.sum(tape.multiply(p[2], p[2])))
    }
    #expect(problem.multiply([1, 2, 3, 4, 5, 6, 7]) == [0, 0, 0, 0, 0, 12, 14])
    let linear = try HessianProblem([Shape(4)], seed: 9) { tape, p in tape.sum(p[0]) }
    #expect(linear.multiply([1, 2, 3, 4]) == [0, 0, 0, 0])
    let found = try linear.extremes(1e-3)
    #expect(found.outcome == .ok && found.largest == 0 && found.hasConverged)
    let none = try HessianProblem([], seed: 9) { tape, _ in tape.constant(1) }
    #expect(none.hessian.order == 0 && none.multiply([]) == [])
    #expect(try none.extremes(1e-3).outcome == .insufficient)
  }

  @Test func zeroGradient() throws {
    // At its minimum a bowl has no gradient and all its curvature.
    let problem = try HessianProblem([Shape(3)], seed: 10) { tape, p in tape.sum(tape.multiply(p[0], p[0])) }
    for index in 0..<3 { problem.tape.set(problem.parameters[0], at: index, to: 0) }
    problem.hessian.update()
    #expect(problem.gradient == [0, 0, 0] && problem.multiply([1, 2, 3]) == [2, 4, 6])
  }

  @Test func nonfinite() throws {
    let (problem, _) = try network(ElementFunction(.tanh), seed: 13)
    var vector = random(problem.hessian.order, 1)
    vector[3] = .nan
    #expect(problem.multiply(vector).contains { $0.isNaN })
    problem.tape.set(problem.parameters[0], at: 0, to: .nan)
    problem.hessian.update()
    let found = try problem.extremes(1e-3)
    #expect(found.outcome == .nonfinite && found.largest.isNaN)
  }

  @Test func errors() throws {
    let tape = try Tape(precision: .float64)
    let leaf = tape.leaf(Shape(2))
    #expect(throws: TrimtabError.self) { try HessianOperator(tape, loss: leaf, parameters: [leaf]) }
    let loss = tape.sum(leaf)
    #expect(throws: TrimtabError.self) { try HessianOperator(tape, loss: Value(99), parameters: [leaf]) }
    #expect(throws: TrimtabError.self) { try HessianOperator(tape, loss: loss, parameters: [Value(99)]) }
  }
}
