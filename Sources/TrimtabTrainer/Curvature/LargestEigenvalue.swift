public import Trimtab

/// A symmetric operator: writes A x for the vector x of its first argument to the memory of its second.
public typealias SymmetricOperator = (UnsafePointer<Double>, UnsafeMutablePointer<Double>) throws(TrimtabError) -> Void

/// How far `extremeEigenvalues` goes.
public struct EigenvalueOptions: Sendable {
  /// Products with the operator from one start vector, 1 or more; memory for one vector more than that is taken.
  public var greatestIterations = 40
  /// The residual at which the largest eigenvalue counts as found, relative to its magnitude; above 0.
  public var tolerance = 1e-3
  /// Of the start vector. The same seed gives the same answer.
  public var seed: UInt64 = 1

  public init() {}
}

/// What `extremeEigenvalues` found; NaN in every measurement unless the outcome is `ok`.
public struct ExtremeEigenvalues: Sendable {
  public var outcome = Outcome.insufficient
  /// The algebraically largest eigenvalue: of a loss's Hessian the sharpness.
  public var largest = Double.nan
  /// The algebraically smallest, at the same number of products; it converges by itself.
  public var smallest = Double.nan
  /// |A x - largest x| for the unit vector x found: an eigenvalue lies no further away than this.
  public var largestResidual = Double.nan
  public var smallestResidual = Double.nan
  /// Products taken in all.
  public var iterations = 0
  /// Whether the residual of the largest eigenvalue fell below the tolerance.
  public var hasConverged = false
}

/// The algebraically largest and smallest eigenvalue of a symmetric operator, by Lanczos iteration with full
/// reorthogonalisation; with a preconditioner P those of P^-1/2 A P^-1/2, which are the ones of P^-1 A.
///
/// It stops after k products when |beta_k u_k| <= tolerance |largest|, u_k the last component of the tridiagonal
/// matrix's eigenvector; the error of the eigenvalue is then at most that, and usually its square over the gap. Power
/// iteration would find the eigenvalue of the largest magnitude, which may be the smallest.
///
/// A start vector that is (nearly) orthogonal to the eigenvector hides it. Where that shows, in a cosine between the
/// two below 1 / (64 sqrt(order)), which one start in eighty has by chance, or in a subspace that does not grow before
/// it is the whole space, the iteration runs a second time from the next seed and the more extreme values stand. A
/// start that is nearly orthogonal and stops before the eigenvector shows is not seen: choose another seed to be surer.
///
/// - Parameters:
///   - order: elements of a vector
///   - preconditioner: `order` numbers above 0, the diagonal of P; for Adam sqrt(corrected second moment) + epsilon
///   - multiply: is called up to twice `greatestIterations` times
/// - Returns: outcome `insufficient` for order 0, `nonfinite` where a product is NaN, infinite or beyond 1e154 in
///   length. A zero operator has the eigenvalue 0, outcome `ok`, as does one whose products are below 1e-154 in length;
///   one of order 1 is its own eigenvalue.
/// - Throws: `invalidArgument` for the options and the preconditioner, `outOfMemory`, and what `multiply` throws.
///
/// Complexity: k products and 2 k^2 n multiply-adds; (k + 1) n numbers of memory. Source: Golub & Van Loan, 10.1 to
/// 10.3; Cohen et al. 2022, Adaptive gradient methods at the edge of stability (preconditioned). Since: 0.3.
public func extremeEigenvalues(
  order: Int, preconditioner: UnsafePointer<Double>? = nil, options: EigenvalueOptions = EigenvalueOptions(),
  multiply: SymmetricOperator
) throws(TrimtabError) -> ExtremeEigenvalues {
  guard options.greatestIterations > 0, options.tolerance > 0 else {
    throw TrimtabError(
      .invalidArgument, "options: found % iterations and a tolerance of %, allowed 1 or more and above 0",
      options.greatestIterations, options.tolerance)
  }
  var found = ExtremeEigenvalues()
  guard order > 0 else { return found }
  guard let preconditioner else {
    try search(&found, order, options, multiply)
    return found
  }
  let (count, overflow) = order.multipliedReportingOverflow(by: 2)
  let memory = try Storage<Double>(count: overflow ? .max : count, for: "preconditioner")
  let roots = memory.pointer
  let scaled = roots + order
  for index in 0..<order {
    let value = preconditioner[index]
    guard value > 0, value < .infinity else {
      throw TrimtabError(.invalidArgument, "preconditioner[%]: found %, allowed above 0", index, value)
    }
    roots[index] = 1 / value.squareRoot()
  }
  try search(&found, order, options) { (x, y) throws(TrimtabError) in
    for index in 0..<order { scaled[index] = x[index] * roots[index] }
    try multiply(scaled, y)
    for index in 0..<order { y[index] *= roots[index] }
  }
  return found
}

private func search(
  _ found: inout ExtremeEigenvalues, _ order: Int, _ options: EigenvalueOptions, _ multiply: SymmetricOperator
) throws(TrimtabError) {
  let lanczos = try Lanczos(order: order, mostSteps: options.greatestIterations)
  for round in 0..<UInt64(2) {
    for index in 0..<order {
      let bits = probeBits(seed: options.seed &+ round, UInt64(truncatingIfNeeded: index))
      lanczos.first[index] = Double(bits >> 11) * 0x1p-53 - 0.5
    }
    lanczos.begin()
    var step = Lanczos.Step.grown
    var (largest, smallest, residual, unit) = (0.0, 0.0, 0.0, 0.0)
    var isDone = false
    while !isDone, lanczos.count < lanczos.capacity {
      step = try lanczos.extend { (x, y) throws(TrimtabError) in try multiply(x, y) }
      found.iterations = found.iterations &+ 1
      if step == .nonfinite {
        let iterations = found.iterations
        found = ExtremeEigenvalues()
        found.outcome = .nonfinite
        found.iterations = iterations
        return
      }
      largest = lanczos.value(rank: 0)
      smallest = lanczos.value(rank: lanczos.count &- 1)
      unit = max(largest.magnitude, smallest.magnitude, 0x1p-900)
      residual = try lanczos.residual(of: largest, unit: unit)
      isDone = step == .invariant || lanczos.count == order || residual <= options.tolerance * largest.magnitude
    }
    let isHidden = !(lanczos.startCosine * 64 * Double(order).squareRoot() > 1)
    found.outcome = .ok
    if !(largest <= found.largest) {
      found.largest = largest
      found.largestResidual = residual
      found.hasConverged = isDone
    }
    if !(smallest >= found.smallest) {
      found.smallest = smallest
      found.smallestResidual = try lanczos.residual(of: smallest, unit: unit)
    }
    guard isHidden || (step == .invariant && lanczos.count < order) else { return }
  }
}
