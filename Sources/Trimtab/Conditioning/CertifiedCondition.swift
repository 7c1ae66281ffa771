/// Bounds of the extreme eigenvalues of a symmetric positive definite matrix, with a proof of each side.
struct CertifiedCondition {
  let largest: Double
  let smallest: Double
  /// Of largest / smallest.
  let relativeErrorBound: Double
}

/// The condition number of a symmetric matrix without a full decomposition, or nil where it is not positive definite or
/// cannot be pinned to `tolerance`.
///
/// Lanczos finds the ends: on A for the largest eigenvalue, on A^-1 through a Cholesky factor for the smallest.
/// Rayleigh quotients bound them from
/// inside. From outside, two more Cholesky factorisations do: that of t I - A succeeds only if all eigenvalues lie
/// below t, that of A - t I only
/// if all lie above. Its backward error, at most (n + 2) 2^-53 trace, is part of the bound; so is that of the
/// quotients.
/// Complexity: n^3 multiply-adds and some dozens of products. Source: Higham, Accuracy and Stability, theorem 10.3.
@inline(never)
func certifiedCondition(_ matrix: Matrix, tolerance: Double) throws(TrimtabError) -> CertifiedCondition? {
  let order = matrix.rows
  var trace = 0.0
  for index in 0..<order {
    let value = matrix.row(index)[index]
    guard value > 0 else { return nil }
    trace += value
  }
  let rounding = Double(order &+ 2) * 0x1p-53 * trace
  let factor = try Matrix(rows: order, columns: order, for: "Cholesky factor")
  let workspace = try CholeskyWorkspace(order: order)
  copyShifted(matrix, into: factor, sign: 1, shift: 0)
  guard factorCholesky(factor, workspace) else { return nil }
  let vectors = try Storage<Double>(count: 2 &* Matrix.padded(order), for: "extreme eigenvector")
  let vector = vectors.pointer
  let product = vectors.pointer + Matrix.padded(order)
  let lanczos = try Lanczos(order: order)
  let inner = tolerance / 32

  guard
    try lanczos.run(
      tolerance: inner, into: vector,
      multiply: { x, y in
        y.update(from: x, count: order)
        kernels.matrix.solveLower(factor.pointer, factor.stride, order, y)
        kernels.matrix.solveLowerTransposed(factor.pointer, factor.stride, order, y)
      })
  else { return nil }
  let smallest = rayleighQuotient(matrix, vector, product)
  let lowest = smallest * (1 - tolerance / 8) - rounding
  guard lowest > 0, (smallest - lowest + rounding) < 0.5 * tolerance * lowest else { return nil }

  guard
    try lanczos.run(
      tolerance: inner, into: vector,
      multiply: { x, y in kernels.matrix.symmetricTimesVector(matrix.pointer, matrix.stride, order, x, y) })
  else { return nil }
  let largest = rayleighQuotient(matrix, vector, product)

  // The failed certificate costs less than the other one, so the likelier failure goes first.
  copyShifted(matrix, into: factor, sign: 1, shift: -smallest * (1 - tolerance / 8))
  guard factorCholesky(factor, workspace) else { return nil }
  let highest = largest * (1 + tolerance / 8)
  copyShifted(matrix, into: factor, sign: -1, shift: highest)
  guard factorCholesky(factor, workspace) else { return nil }
  // t I - A has a trace of n t - trace.
  let upperRounding = Double(order &+ 2) * 0x1p-53 * (Double(order) * highest)
  let above = (highest + upperRounding) / lowest
  let below = (largest - rounding) / (smallest + rounding)
  let value = largest / smallest
  let bound = max(above / value - 1, 1 - below / value)
  guard bound <= tolerance else { return nil }
  return CertifiedCondition(largest: largest, smallest: smallest, relativeErrorBound: bound)
}

/// target = sign · source + shift · I, of the lower triangle.
private func copyShifted(_ source: Matrix, into target: Matrix, sign: Double, shift: Double) {
  for i in 0..<source.rows {
    let row = target.row(i)
    row.update(repeating: 0, count: i &+ 1)
    kernels.addScaled(sign, source.row(i), row, i &+ 1)
    row[i] += shift
  }
}

private func rayleighQuotient(
  _ matrix: Matrix, _ vector: UnsafeMutablePointer<Double>, _ product: UnsafeMutablePointer<Double>
) -> Double {
  kernels.matrix.symmetricTimesVector(matrix.pointer, matrix.stride, matrix.rows, vector, product)
  return kernels.dotProduct(vector, product, matrix.rows) / kernels.dotProduct(vector, vector, matrix.rows)
}
