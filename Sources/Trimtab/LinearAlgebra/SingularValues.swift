/// Householder QR with column pivoting: A P = Q R, of a matrix given by its columns (row k of `columns` is column k of
/// A).
///
/// - Returns: R, upper triangular, row-major: as many rows as A has columns. Rows of R fall off in size, which is what
///   one-sided Jacobi likes best.
/// - Complexity: 2 m n^2 multiply-adds. Source: Businger & Golub 1965; the norm update of Drmac & Bujanovic 2008.
func pivotedTriangularFactor(_ columns: Matrix) throws(TrimtabError) -> Matrix {
  let count = columns.rows
  let length = columns.columns
  let norms = try Storage<Double>(count: max(2 &* count, 1), for: "column norms")
  let current = norms.pointer
  let exact = norms.pointer + count
  for j in 0..<count {
    current[j] = kernels.dotProduct(columns.row(j), columns.row(j), length)
    exact[j] = current[j]
  }
  for k in 0..<min(count, length) {
    movePivot(to: k, columns, current, exact)
    let x = columns.row(k) + k
    let rest = length &- k
    let (beta, tau) = reflect(x, rest)
    for j in (k &+ 1)..<max(count, k &+ 1) {
      let y = columns.row(j) + k
      if tau != 0 { kernels.addScaled(-tau * kernels.dotProduct(x, y, rest), x, y, rest) }
      current[j] = max(current[j] - y[0] * y[0], 0)
      if !(current[j] > 0x1p-20 * exact[j]) {
        current[j] = kernels.dotProduct(y + 1, y + 1, rest &- 1)
        exact[j] = current[j]
      }
    }
    if tau != 0 { x[0] = beta }
  }
  let triangle = try Matrix(rows: min(count, length), columns: count, for: "triangular factor")
  for i in 0..<triangle.rows {
    for j in i..<count { triangle.row(i)[j] = columns.row(j)[i] }
  }
  return triangle
}

private func movePivot(
  to k: Int, _ columns: Matrix, _ current: UnsafeMutablePointer<Double>, _ exact: UnsafeMutablePointer<Double>
) {
  var best = k
  for j in k..<columns.rows where current[j] > current[best] { best = j }
  guard best != k else { return }
  let (a, b) = (columns.row(k), columns.row(best))
  for index in 0..<columns.columns {
    let value = a[index]
    a[index] = b[index]
    b[index] = value
  }
  (current[k], current[best]) = (current[best], current[k])
  (exact[k], exact[best]) = (exact[best], exact[k])
}

/// Makes x the vector u of I - tau u u^T, which takes x to beta e1; tau is 0 where x is such a multiple already.
func reflect(_ x: UnsafeMutablePointer<Double>, _ count: Int) -> (beta: Double, tau: Double) {
  guard count > 0 else { return (0, 0) }
  let alpha = x[0]
  let rest = kernels.dotProduct(x + 1, x + 1, count &- 1)
  guard rest > 0x1p-960 else { return (alpha, 0) }
  let norm = (alpha * alpha + rest).squareRoot()
  let beta = alpha > 0 ? -norm : norm
  x[0] = alpha - beta
  return (beta, 1 / (norm * (norm + abs(alpha))))
}

/// One-sided Jacobi: rotates the rows of `vectors` until they are orthogonal; their lengths are then the singular
/// values.
///
/// Small singular values keep their relative accuracy where the rows differ in scale only.
/// - Returns: whether it converged within 60 sweeps, after 20 of them but for rows below the numerical rank; `squares` holds the squared lengths.
/// - Complexity: about 4 n^2 m multiply-adds a sweep, 4 to 8 sweeps after a pivoted QR. Source: Drmac & Veselic 2008.
func orthogonaliseRows(_ vectors: Matrix, squares: UnsafeMutablePointer<Double>) -> Bool {
  let count = vectors.rows
  let length = Matrix.padded(vectors.columns)
  let tolerance = 0x1p-52 * Double(max(vectors.columns, 1)).squareRoot()
  for sweep in 0..<60 {
    var greatest = 0.0
    for p in 0..<count {
      squares[p] = kernels.dotProduct(vectors.row(p), vectors.row(p), length)
      greatest = max(greatest, squares[p])
    }
    // Rows that are nothing but rounding, as of a singular matrix of zeros and ones, may turn among themselves for ever.
    let noise = 0x1p-52 * Double(max(count, vectors.columns))
    let floor = sweep < 20 ? 0 : noise * noise * greatest
    var rotated = false
    for p in 0..<max(count &- 1, 0) {
      for q in (p &+ 1)..<count
      where squares[p] > floor && squares[q] > floor
        && rotate(vectors.row(p), vectors.row(q), length, &squares[p], &squares[q], tolerance)
      {
        rotated = true
      }
    }
    if !rotated { return true }
  }
  return false
}

private func rotate(
  _ x: UnsafeMutablePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ length: Int, _ xx: inout Double,
  _ yy: inout Double, _ tolerance: Double
) -> Bool {
  guard xx > 0, yy > 0 else { return false }
  let xy = kernels.dotProduct(x, y, length)
  guard abs(xy) > tolerance * xx.squareRoot() * yy.squareRoot() else { return false }
  let zeta = (yy - xx) / (2 * xy)
  let tangent =
    abs(zeta) > 0x1p500 ? 0.5 / zeta : (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
  let cosine = 1 / (1 + tangent * tangent).squareRoot()
  kernels.matrix.rotateVectors(x, y, length, cosine, cosine * tangent)
  xx = max(xx - tangent * xy, 0)
  yy += tangent * xy
  return true
}

/// All singular values of the matrix with these rows (no more of them than columns), largest first. Destroys `vectors`.
func singularValues(_ vectors: Matrix) throws(TrimtabError) -> Storage<Double> {
  let triangle = try pivotedTriangularFactor(vectors)
  let squares = try Storage<Double>(count: max(triangle.rows, 1), for: "singular values")
  // Rows that differ by more than squares can span keep turning; their lengths are right to an order of magnitude, and
  // no bound is claimed there.
  _ = orthogonaliseRows(triangle, squares: squares.pointer)
  for index in 0..<triangle.rows {
    let square = squares.pointer[index]
    squares.pointer[index] = square > 0x1p-900 ? square.squareRoot() : tinyLength(triangle.row(index), triangle.columns)
  }
  sortDescending(squares.pointer, triangle.rows)
  return squares
}

/// The length of a vector whose squares may underflow.
private func tinyLength(_ vector: UnsafeMutablePointer<Double>, _ count: Int) -> Double {
  var sum = 0.0
  for index in 0..<count {
    let scaled = vector[index] * 0x1p600
    sum += scaled * scaled
  }
  return sum.squareRoot() * 0x1p-600
}
