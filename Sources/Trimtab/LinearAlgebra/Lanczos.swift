/// The largest eigenvalue of a symmetric positive definite operator by Lanczos iteration with full reorthogonalisation.
///
/// The start vector is fixed, so the same matrix gives the same answer. What is found is an eigenvalue to within the
/// residual; that it is the
/// largest one must be proved by other means (`certifiedCondition` does).
///
/// Who has another operator or another end of the spectrum in mind fills `first`, calls `begin`, then `extend` until
/// `value` and `residual` satisfy.
/// Complexity: one product and 2 k n multiply-adds in step k. Source: Golub & Van Loan, 10.1 to 10.3.
public final class Lanczos {
  /// What a step came to.
  public enum Step: Sendable {
    case grown
    /// The vectors span an invariant subspace, of which all eigenvalues are found.
    case invariant
    /// The product's length is NaN or infinite.
    case nonfinite
  }

  public let order: Int
  /// The most steps there is room for.
  public let capacity: Int
  /// The steps taken.
  public private(set) var count = 0
  private let basis: Matrix
  private let memory: Storage<Double>

  /// - Throws: `outOfMemory`
  public init(order: Int, mostSteps: Int = 240) throws(TrimtabError) {
    self.order = order
    capacity = min(order, mostSteps)
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
    multiply: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) throws(TrimtabError) -> Void
  ) throws(TrimtabError) -> Bool {
    fillFirst()
    begin()
    while count < capacity {
      let isInvariant = try extend(multiply) != .grown
      if isInvariant || count == capacity || count >= 8 && count & 3 == 0 {
        if try hasConverged(tolerance) || isInvariant {
          combine(into: vector)
          return true
        }
      }
    }
    return false
  }

  /// A fixed irregular start: no structure of the matrix is likely to be orthogonal to it.
  private func fillFirst() {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    for index in 0..<order {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      first[index] = Double(state >> 11) * 0x1p-53 - 0.5
    }
  }

  /// The start vector, of any length but 0.
  public var first: UnsafeMutablePointer<Double> { basis.row(0) }

  /// Forgets all steps and makes the start vector one of length 1.
  public func begin() {
    count = 0
    let length = kernels.dotProduct(first, first, order).squareRoot()
    for index in 0..<order { first[index] /= length }
  }

  /// Takes a step; there must be room for one.
  public func extend(
    _ multiply: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) throws(TrimtabError) -> Void
  ) throws(TrimtabError) -> Step {
    let step = count
    guard step < capacity else { return .invariant }
    let next = basis.row(step &+ 1)
    try multiply(basis.row(step), next)
    let before = kernels.dotProduct(next, next, order).squareRoot()
    alpha[step] = kernels.dotProduct(basis.row(step), next, order)
    var length = orthogonalise(next, step)
    if !(length > 0.7 * before) { length = orthogonalise(next, step) }
    beta[step] = length
    count = step &+ 1
    guard before < .infinity else { return .nonfinite }
    guard length > 0x1p-50 * before else { return .invariant }
    for index in 0..<order { next[index] /= length }
    return .grown
  }

  private func orthogonalise(_ vector: UnsafeMutablePointer<Double>, _ step: Int) -> Double {
    for index in 0...step {
      kernels.addScaled(-kernels.dotProduct(basis.row(index), vector, order), basis.row(index), vector, order)
    }
    return kernels.dotProduct(vector, vector, order).squareRoot()
  }

  /// The eigenvalue of the operator on the subspace that has `rank` others above it; there must have been a step.
  public func value(rank: Int) -> Double { tridiagonalEigenvalue(rank: rank, alpha, beta, count) }

  /// The length of A x - value x for the unit vector x that belongs to a value: an eigenvalue is no further away.
  ///
  /// - Parameter unit: the magnitude of the greatest eigenvalue, against which rounding errors are small.
  public func residual(of value: Double, unit: Double = 1) throws(TrimtabError) -> Double {
    try inverseIteration(alpha, beta, count, value, weights, unit: unit)
    return count > 0 ? abs(beta[count &- 1] * weights[count &- 1]) : 0
  }

  /// The cosine between the start vector and the vector that `residual` looked at last.
  public var startCosine: Double { abs(weights[0]) }

  private func hasConverged(_ tolerance: Double) throws(TrimtabError) -> Bool {
    let largest = value(rank: 0)
    let residual = try residual(of: largest)
    let gap = count > 1 ? largest - value(rank: 1) : 0
    let estimate = gap > residual ? residual * residual / gap : residual
    return estimate <= tolerance * largest
  }

  private func combine(into vector: UnsafeMutablePointer<Double>) {
    vector.update(repeating: 0, count: order)
    for index in 0..<count { kernels.addScaled(weights[index], basis.row(index), vector, order) }
  }
}
