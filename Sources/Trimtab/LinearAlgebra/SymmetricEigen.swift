/// Eigenvalues, and where wanted eigenvectors, of a symmetric matrix.
///
/// Householder tridiagonalisation of the lower triangle (each step reads and writes it once), then the implicit QL
/// iteration. Absolute error of an
/// eigenvalue: of order eps |A|. The caller scales so that the elements are near 1.
/// Source: Golub & Van Loan, 8.3; Bowdler, Martin, Reinsch & Wilkinson 1968.
final class SymmetricEigen {
  let order: Int
  /// Ascending only by accident: use `sorted`.
  let values: Storage<Double>
  private let offDiagonal: Storage<Double>
  private let factors: Storage<Double>
  private let reflectors: Matrix

  /// Destroys `a`, whose rows keep the reflectors.
  init(_ a: Matrix) throws(TrimtabError) {
    order = a.rows
    let padded = Matrix.padded(order)
    values = try Storage(count: padded, for: "eigenvalues")
    offDiagonal = try Storage(count: padded, for: "off-diagonal")
    factors = try Storage(count: padded, for: "reflector factors")
    reflectors = a
    let work = try Storage<Double>(count: padded &* 3, for: "tridiagonalisation")
    tridiagonalise(work.pointer, work.pointer + padded, work.pointer + 2 &* padded)
  }

  private func tridiagonalise(
    _ firstWork: UnsafeMutablePointer<Double>, _ secondWork: UnsafeMutablePointer<Double>,
    _ zeros: UnsafeMutablePointer<Double>
  ) {
    guard order > 0 else { return }
    var (w, next) = (firstWork, secondWork)
    // The reflector of the step before, still to be applied to the rows above it.
    var pending: UnsafeMutablePointer<Double>? = nil
    for i in Swift.stride(from: order &- 1, to: 0, by: -1) {
      let row = reflectors.row(i)
      if let v = pending {
        kernels.addScaled(-v[i], w, row, i &+ 1)
        kernels.addScaled(-w[i], v, row, i &+ 1)
      }
      values.pointer[i] = row[i]
      let tau = makeReflector(row, i)
      factors.pointer[i] = tau
      let v = pending ?? zeros
      kernels.matrix.updateAndMultiply(
        reflectors.pointer, reflectors.stride, i, v, pending == nil ? zeros : w, tau == 0 ? zeros : row, next)
      if tau != 0 {
        let half = -0.5 * tau * tau * kernels.dotProduct(row, next, i)
        for k in 0..<i { next[k] = tau * next[k] + half * row[k] }
        pending = row
        swap(&w, &next)
      } else {
        pending = nil
      }
    }
    if let v = pending { reflectors.row(0)[0] -= 2 * v[0] * w[0] }
    values.pointer[0] = reflectors.row(0)[0]
  }

  /// Makes x[0..<count] the vector u of I - tau u u^T, which takes x to a multiple of its last unit vector.
  private func makeReflector(_ x: UnsafeMutablePointer<Double>, _ count: Int) -> Double {
    let alpha = x[count &- 1]
    let rest = kernels.dotProduct(x, x, count &- 1)
    guard rest > 0x1p-960 else {
      offDiagonal.pointer[count &- 1] = alpha
      return 0
    }
    let norm = (alpha * alpha + rest).squareRoot()
    let beta = alpha > 0 ? -norm : norm
    offDiagonal.pointer[count &- 1] = beta
    // Scaled so that its last element is 1: tau, 1 to 2, and its square cannot overflow.
    let reciprocal = 1 / (alpha - beta)
    for index in 0..<max(count &- 1, 0) { x[index] *= reciprocal }
    x[count &- 1] = 1
    return (beta - alpha) / beta
  }

  /// A copy of the tridiagonal form: diagonal and the elements beside it.
  func tridiagonal() throws(TrimtabError) -> (diagonal: Storage<Double>, beside: Storage<Double>) {
    let diagonal = try Storage<Double>(count: values.count, for: "diagonal")
    let beside = try Storage<Double>(count: values.count, for: "off-diagonal")
    diagonal.pointer.update(from: values.pointer, count: order)
    beside.pointer.update(from: offDiagonal.pointer, count: order)
    return (diagonal, beside)
  }

  /// Turns the tridiagonal form into `values`; row k of `vectors` (the identity at first) becomes the eigenvector of
  /// values[k].
  ///
  /// - Throws: `internal` if the iteration does not converge, which only NaN brings about.
  func solve(vectors: Matrix?) throws(TrimtabError) {
    var rotations: RotationBatch? = nil
    if let vectors { rotations = try RotationBatch(vectors, capacity: max(1024, 8 &* order)) }
    for index in 0..<order { norm = max(norm, abs(values.pointer[index]) + abs(offDiagonal.pointer[index])) }
    for lowest in 0..<order {
      guard iterate(from: lowest, rotations) else {
        throw TrimtabError(.internal, "eigenvalues: the QL iteration did not converge")
      }
    }
    rotations?.flush()
    if let vectors { transformBack(vectors, count: order) }
  }

  private var threshold = 0.0
  private var norm = 0.0
  private var shift = 0.0

  private func iterate(from l: Int, _ rotations: RotationBatch?) -> Bool {
    let d = values.pointer
    let e = offDiagonal.pointer
    threshold = max(threshold, abs(d[l]) + abs(e[l]))
    // The second bound lies far below what rounding leaves, and keeps quotients of what remains inside float64.
    let small = max(0x1p-52 * threshold, 0x1p-200 * norm)
    e[order &- 1] = 0
    var m = l
    while m < order &- 1 && !(abs(e[m]) <= small) { m &+= 1 }
    var rounds = 0
    while m > l && !(abs(e[l]) <= small) {
      rounds &+= 1
      guard rounds <= 60 else { return false }
      sweep(l, m, d, e, rotations)
    }
    d[l] += shift
    e[l] = 0
    return d[l].isFinite
  }

  private func sweep(
    _ l: Int, _ m: Int, _ d: UnsafeMutablePointer<Double>, _ e: UnsafeMutablePointer<Double>,
    _ rotations: RotationBatch?
  ) {
    let before = d[l]
    var p = (d[l &+ 1] - before) / (2 * e[l])
    // Beyond 2^500 the square would overflow and the 1 does not count.
    var r = abs(p) > 0x1p500 ? abs(p) : (p * p + 1).squareRoot()
    if p < 0 { r = -r }
    d[l] = e[l] / (p + r)
    d[l &+ 1] = e[l] * (p + r)
    let neighbour = d[l &+ 1]
    let move = before - d[l]
    for i in (l &+ 2)..<max(order, l &+ 2) { d[i] -= move }
    shift += move
    p = d[m]
    var (c, c2, c3, s, s2) = (1.0, 1.0, 1.0, 0.0, 0.0)
    let next = e[l &+ 1]
    for i in Swift.stride(from: m &- 1, through: l, by: -1) {
      (c3, c2, s2) = (c2, c, s)
      let g = c * e[i]
      let h = c * p
      r = (p * p + e[i] * e[i]).squareRoot()
      e[i &+ 1] = s * r
      s = r > 0 ? e[i] / r : 0
      c = r > 0 ? p / r : 1
      p = c * d[i] - s * g
      d[i &+ 1] = h + s * (c * g + s * d[i])
      rotations?.add(i, c, s)
    }
    p = neighbour != 0 ? -s * s2 * c3 * next * e[l] / neighbour : 0
    e[l] = s * p
    d[l] = c * p
  }

  /// Takes rows that are eigenvectors of the tridiagonal form to eigenvectors of the matrix.
  func transformBack(_ vectors: Matrix, count: Int) {
    for group in Swift.stride(from: 0, to: count, by: 8) {
      for i in 1..<max(order, 1) where factors.pointer[i] != 0 {
        let u = reflectors.row(i)
        for index in group..<min(group &+ 8, count) {
          let row = vectors.row(index)
          kernels.addScaled(-factors.pointer[i] * kernels.dotProduct(u, row, i), u, row, i)
        }
      }
    }
  }
}

/// Plane rotations kept until there are enough to go through the cache with.
final class RotationBatch {
  private let target: Matrix
  private let rows: Storage<Int>
  private let cosines: Storage<Double>
  private let sines: Storage<Double>
  private var count = 0

  init(_ target: Matrix, capacity: Int) throws(TrimtabError) {
    self.target = target
    rows = try Storage(count: capacity, for: "rotations")
    cosines = try Storage(count: capacity, for: "rotations")
    sines = try Storage(count: capacity, for: "rotations")
  }

  func add(_ row: Int, _ cosine: Double, _ sine: Double) {
    if count == rows.count { flush() }
    rows.pointer[count] = row
    cosines.pointer[count] = cosine
    sines.pointer[count] = sine
    count &+= 1
  }

  func flush() {
    kernels.matrix.rotateRowPairs(
      target.pointer, target.stride, Matrix.padded(target.columns), rows.pointer, cosines.pointer, sines.pointer, count)
    count = 0
  }
}
