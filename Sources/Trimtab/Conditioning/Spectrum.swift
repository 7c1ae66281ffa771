/// The eigenvalues of a covariance or correlation matrix, largest first, none below 0.
///
/// The matrix is scaled to near 1 for the computation. An eigenvalue's absolute error is of order eps times the largest.
final class Spectrum {
  let count: Int
  private let storage: Storage<Double>
  private let eigen: SymmetricEigen
  private let tridiagonal: (diagonal: Storage<Double>, beside: Storage<Double>)
  private let unit: Double
  private let smallestScaled: Double

  /// Destroys `matrix`, of which the lower triangle is read.
  init(_ matrix: Matrix) throws(TrimtabError) {
    count = matrix.rows
    var largest = 0.0
    for index in 0..<count { largest = max(largest, matrix.row(index)[index]) }
    let exponent = binaryExponent(largest)
    unit = powerOfTwo(exponent)
    if exponent != 0 {
      // Two steps: 1 / unit may be subnormal or infinite.
      let half = powerOfTwo(-(exponent / 2))
      matrix.scale(by: half)
      matrix.scale(by: powerOfTwo(exponent / 2 &- exponent))
    }
    eigen = try SymmetricEigen(matrix)
    tridiagonal = try eigen.tridiagonal()
    try eigen.solve(vectors: nil)
    storage = try Storage(count: max(count, 1), for: "eigenvalues")
    storage.pointer.update(from: eigen.values.pointer, count: count)
    sortDescending(storage.pointer, count)
    smallestScaled = count > 0 ? storage.pointer[count &- 1] : 0
    for index in 0..<count { storage.pointer[index] = max(storage.pointer[index], 0) * unit }
  }

  var values: UnsafeMutablePointer<Double> { storage.pointer }
  var largest: Double { count > 0 ? values[0] : 0 }
  var smallest: Double { count > 0 ? values[count &- 1] : 0 }

  /// Eigenvalues above largest · max(n, d) · 2^-52.
  func rank(samples: Int) -> Int {
    let floor = largest * Double(max(samples, count)) * 0x1p-52
    var rank = 0
    while rank < count && values[rank] > floor { rank = rank &+ 1 }
    return rank
  }

  /// largest / the smallest eigenvalue that counts in `rank`.
  func conditionNumber(rank: Int) -> Double {
    rank > 0 ? largest / values[min(rank, count) &- 1] : .infinity
  }

  /// exp of the entropy of the eigenvalues' shares.
  var effectiveRank: Double {
    var sum = 0.0
    for index in 0..<count { sum += values[index] }
    guard sum > 0 else { return 0 }
    var entropy = 0.0
    for index in 0..<count where values[index] > 0 {
      let share = values[index] / sum
      if share > 0 { entropy -= share * logarithm(share) }
    }
    return exponential(entropy)
  }

  /// (sum l)^2 / sum l^2.
  var participationRatio: Double {
    guard largest > 0 else { return 0 }
    var sum = 0.0
    var squares = 0.0
    for index in 0..<count {
      let ratio = values[index] / largest
      sum += ratio
      squares += ratio * ratio
    }
    return sum * sum / squares
  }

  /// The unit eigenvector of the smallest eigenvalue: inverse iteration on the tridiagonal form, then back through the reflectors.
  func lowestVector() throws(TrimtabError) -> Matrix {
    let vector = try Matrix(rows: 1, columns: count, for: "eigenvector")
    try inverseIteration(tridiagonal.diagonal.pointer, tridiagonal.beside.pointer, count, smallestScaled, vector.row(0))
    eigen.transformBack(vector, count: 1)
    return vector
  }
}

/// x becomes the unit eigenvector of a symmetric tridiagonal matrix that belongs to the eigenvalue nearest `value`.
///
/// Four solves by Gaussian elimination with partial pivoting; zero pivots are replaced by rounding errors. Source: Golub & Van Loan, 8.2.2.
private func inverseIteration(
  _ d: UnsafePointer<Double>, _ e: UnsafePointer<Double>, _ count: Int, _ value: Double,
  _ x: UnsafeMutablePointer<Double>
) throws(TrimtabError) {
  guard count > 0 else { return }
  let memory = try Storage<Double>(count: 5 &* count, for: "inverse iteration")
  let diagonal = memory.pointer
  let first = diagonal + count
  let second = first + count
  let factor = second + count
  let swapped = factor + count
  for i in 0..<count {
    diagonal[i] = d[i] - value
    first[i] = i &+ 1 < count ? e[i] : 0
    // Any start will do that no eigenvector is orthogonal to: a fixed irregular one.
    x[i] = 1 + 0.5 * Double((i &* 7919) % 101) / 101
  }
  let tiny = 0x1p-52
  for i in 0..<max(count &- 1, 0) {
    let below = e[i]
    let next = i &+ 2 < count ? first[i &+ 1] : 0
    if abs(below) > abs(diagonal[i]) {
      swapped[i] = 1
      factor[i] = diagonal[i] / below
      let (oldFirst, oldDiagonal) = (first[i], diagonal[i &+ 1])
      diagonal[i] = below
      first[i] = oldDiagonal
      second[i] = next
      diagonal[i &+ 1] = oldFirst - factor[i] * oldDiagonal
      first[i &+ 1] = -factor[i] * next
    } else {
      if abs(diagonal[i]) < tiny { diagonal[i] = tiny }
      factor[i] = below / diagonal[i]
      diagonal[i &+ 1] -= factor[i] * first[i]
    }
  }
  if abs(diagonal[count &- 1]) < tiny { diagonal[count &- 1] = tiny }
  for round in 0..<4 {
    if round > 0 {
      for i in 0..<max(count &- 1, 0) {
        if swapped[i] != 0 { (x[i], x[i &+ 1]) = (x[i &+ 1], x[i]) }
        x[i &+ 1] -= factor[i] * x[i]
      }
    }
    for i in Swift.stride(from: count &- 1, through: 0, by: -1) {
      var sum = x[i]
      if i &+ 1 < count { sum -= first[i] * x[i &+ 1] }
      if i &+ 2 < count { sum -= second[i] * x[i &+ 2] }
      x[i] = sum / diagonal[i]
    }
    var largest = 0.0
    for i in 0..<count { largest = max(largest, abs(x[i])) }
    guard largest > 0, largest < .infinity else { return }
    for i in 0..<count { x[i] /= largest }
  }
  let length = kernels.dotProduct(x, x, count).squareRoot()
  for i in 0..<count { x[i] /= length }
}
