/// The singular values that a condition number needs.
///
/// Small matrices, and larger ones that turn out badly conditioned, go through one-sided Jacobi, which keeps the small
/// singular values of matrices
/// that are badly scaled only. The rest are reduced to bidiagonal form, whose singular values are found one by one by
/// bisection: as accurate
/// as eps |A| allows, and several times faster.
struct SingularExtremes {
  /// Above this order, bidiagonal form comes first.
  private static let smallOrder = 96
  /// Where Jacobi is worth its time all the same.
  private static let doubtfulCondition = 1e8
  private static let largestJacobiOrder = 512

  let count: Int
  private(set) var largest = 0.0
  private(set) var smallest = 0.0
  /// Singular values above largest · longSide · 2^-52.
  private(set) var rank = 0
  /// The smallest that counts in the rank.
  private(set) var smallestCounted = 0.0

  /// Destroys `vectors`, of which there are no more than each has elements.
  init(_ vectors: Matrix, longSide: Int) throws(TrimtabError) {
    count = vectors.rows
    guard count > 0 else { return }
    if count > SingularExtremes.smallOrder {
      let isLong = vectors.columns > 2 &* count
      let square = isLong ? try pivotedTriangularFactor(vectors) : vectors
      var spare: Matrix? = nil
      if count <= SingularExtremes.largestJacobiOrder {
        let copy = try Matrix(rows: square.rows, columns: square.columns, for: "singular vectors")
        copy.copy(from: square)
        spare = copy
      }
      try measureBidiagonal(square, longSide)
      guard let spare, !(largest < SingularExtremes.doubtfulCondition * smallest) else { return }
      try measureJacobi(spare, longSide)
    } else {
      try measureJacobi(vectors, longSide)
    }
  }

  private mutating func measureJacobi(_ vectors: Matrix, _ longSide: Int) throws(TrimtabError) {
    let values = try singularValues(vectors)
    largest = values.pointer[0]
    smallest = values.pointer[count &- 1]
    let floor = largest * Double(longSide) * 0x1p-52
    rank = 0
    while rank < count && values.pointer[rank] > floor { rank = rank &+ 1 }
    smallestCounted = rank > 0 ? values.pointer[rank &- 1] : 0
  }

  /// The bidiagonal B has the singular values of [[0, B], [B^T, 0]], which is tridiagonal with a zero diagonal once its
  /// rows are interleaved.
  private mutating func measureBidiagonal(_ matrix: Matrix, _ longSide: Int) throws(TrimtabError) {
    let order = 2 &* count
    let memory = try Storage<Double>(count: 2 &* order, for: "bidiagonal form")
    let zeros = memory.pointer
    let beside = memory.pointer + order
    try bidiagonalise(matrix, beside)
    largest = tridiagonalEigenvalue(rank: 0, zeros, beside, order)
    smallest = max(tridiagonalEigenvalue(rank: count &- 1, zeros, beside, order), 0)
    let floor = largest * Double(longSide) * 0x1p-52
    rank = min(eigenvaluesAbove(floor, zeros, beside, order), count)
    smallestCounted = rank > 0 ? max(tridiagonalEigenvalue(rank: rank &- 1, zeros, beside, order), 0) : 0
  }
}

/// Householder reduction of a matrix of no more rows than columns to lower bidiagonal form; diagonal and subdiagonal
/// alternate in `form`.
///
/// Reflections from the right and from the left share one pass over the rest of the matrix.
/// Complexity: 4 (m n^2 - n^3 / 3) multiply-adds. Source: Golub & Kahan 1965; the fused pass after Howell et al. 2008.
private func bidiagonalise(_ matrix: Matrix, _ form: UnsafeMutablePointer<Double>) throws(TrimtabError) {
  let rows = matrix.rows
  let width = Matrix.padded(matrix.columns)
  let height = Matrix.padded(rows)
  let memory = try Storage<Double>(count: 2 &* height &+ 2 &* width, for: "bidiagonalisation")
  // Left reflector times its factor, and the products that it subtracts.
  let left = memory.pointer
  let column = memory.pointer + height
  var w = memory.pointer + 2 &* height
  var next = w + width
  for k in 0..<rows {
    let top = matrix.row(k) + k
    let count = matrix.columns &- k
    kernels.addScaled(-left[k], w + k, top, count)
    let (diagonal, factor) = reflect(top, count)
    form[2 &* k] = diagonal
    let below = k &+ 1
    guard below < rows else { return }
    next.update(repeating: 0, count: width)
    kernels.matrix.bidiagonalStep(
      matrix.row(below) + k, matrix.stride, rows &- below, count, left + below, w + k, top, factor, column + below,
      next + k)
    let first = column[below]
    let (beside, leftFactor) = reflect(column + below, rows &- below)
    form[2 &* k &+ 1] = beside
    if leftFactor != 0 {
      // What was summed used the column as it was; the reflector differs from it in the first element.
      kernels.addScaled(column[below] - first, matrix.row(below) + k, next + k, count)
      for r in below..<rows { left[r] = leftFactor * column[r] }
    } else {
      for r in below..<rows { left[r] = 0 }
    }
    swap(&w, &next)
  }
}
