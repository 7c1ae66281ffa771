/// The largest eigenvalue of a symmetric positive definite operator by Lanczos iteration with full reorthogonalisation.
///
/// The start vector is fixed, so the same matrix gives the same answer. What is found is an eigenvalue to within the
/// residual; that it is the
/// largest one must be proved by other means (`certifiedCondition` does).
/// Complexity: one product and 2 k n multiply-adds in step k. Source: Golub & Van Loan, 10.1 to 10.3.
final class Lanczos {
  private static let mostSteps = 240
  let order: Int
  private let capacity: Int
  private let basis: Matrix
  private let memory: Storage<Double>

  init(order: Int) throws(TrimtabError) {
    self.order = order
    capacity = min(order, Lanczos.mostSteps)
    basis = try Matrix(rows: capacity &+ 1, columns: order, for: "Lanczos vectors")
    memory = try Storage(count: 3 &* (capacity &+ 1), for: "Lanczos coefficients")
  }

  private var alpha: UnsafeMutablePointer<Double> { memory.pointer }
  private var beta: UnsafeMutablePointer<Double> { memory.pointer + (capacity &+ 1) }
  private var weights: UnsafeMutablePointer<Double> { memory.pointer + 2 &* (capacity &+ 1) }

  /// Writes the unit vector found into `vector`.
  ///
  /// - Returns: whether the estimated relative error of the eigenvalue fell below `tolerance` within 240 steps.
  func run(
    tolerance: Double, into vector: UnsafeMutablePointer<Double>,
    multiply: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) throws(TrimtabError) -> Bool {
    start()
    var step = 0
    while step < capacity {
      let next = basis.row(step &+ 1)
      multiply(basis.row(step), next)
      let before = kernels.dotProduct(next, next, order).squareRoot()
      alpha[step] = kernels.dotProduct(basis.row(step), next, order)
      var length = orthogonalise(next, step)
      if !(length > 0.7 * before) { length = orthogonalise(next, step) }
      beta[step] = length
      step = step &+ 1
      let isInvariant = !(length > 0x1p-50 * before)
      if isInvariant || step == capacity || step >= 8 && step & 3 == 0 {
        if try hasConverged(step, tolerance) || isInvariant {
          combine(step, into: vector)
          return true
        }
      }
      for index in 0..<order { next[index] /= length }
    }
    return false
  }

  /// A fixed irregular start: no structure of the matrix is likely to be orthogonal to it.
  private func start() {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    let first = basis.row(0)
    for index in 0..<order {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      first[index] = Double(state >> 11) * 0x1p-53 - 0.5
    }
    let length = kernels.dotProduct(first, first, order).squareRoot()
    for index in 0..<order { first[index] /= length }
  }

  private func orthogonalise(_ vector: UnsafeMutablePointer<Double>, _ step: Int) -> Double {
    for index in 0...step {
      kernels.addScaled(-kernels.dotProduct(basis.row(index), vector, order), basis.row(index), vector, order)
    }
    return kernels.dotProduct(vector, vector, order).squareRoot()
  }

  private func hasConverged(_ count: Int, _ tolerance: Double) throws(TrimtabError) -> Bool {
    let largest = tridiagonalEigenvalue(rank: 0, alpha, beta, count)
    try inverseIteration(alpha, beta, count, largest, weights)
    let residual = abs(beta[count &- 1] * weights[count &- 1])
    let gap = count > 1 ? largest - tridiagonalEigenvalue(rank: 1, alpha, beta, count) : 0
    let estimate = gap > residual ? residual * residual / gap : residual
    return estimate <= tolerance * largest
  }

  private func combine(_ count: Int, into vector: UnsafeMutablePointer<Double>) {
    vector.update(repeating: 0, count: order)
    for index in 0..<count { kernels.addScaled(weights[index], basis.row(index), vector, order) }
  }
}
