/// The eigenvalues of a covariance or correlation matrix, largest first, none below 0.
///
/// The matrix is scaled to near 1 for the computation. An eigenvalue's absolute error is of order eps times the
/// largest.
final class Spectrum {
  let count: Int
  private let storage: Storage<Double>
  private let eigen: SymmetricEigen
  private let tridiagonal: (diagonal: Storage<Double>, beside: Storage<Double>)
  private let unit: Double
  private let smallestScaled: Double

  /// Destroys `matrix`, of which the lower triangle is read.
  ///
  /// - Throws: `overflow` if it holds NaN or Inf, `outOfMemory`.
  init(_ matrix: Matrix) throws(TrimtabError) {
    count = matrix.rows
    guard matrix.lowerTriangleIsFinite else {
      throw TrimtabError(.overflow, "covariance: found moments beyond float64, allowed finite ones")
    }
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

  /// The unit eigenvector of the smallest eigenvalue: inverse iteration on the tridiagonal form, then back through the
  /// reflectors.
  func lowestVector() throws(TrimtabError) -> Matrix {
    let vector = try Matrix(rows: 1, columns: count, for: "eigenvector")
    try inverseIteration(tridiagonal.diagonal.pointer, tridiagonal.beside.pointer, count, smallestScaled, vector.row(0))
    eigen.transformBack(vector, count: 1)
    return vector
  }

  /// The least that the condition number can be, where features of low variance fall out of the rank.
  ///
  /// No eigenvalue is greater than the least, nor the largest less than the greatest variance; and one that falls out of
  /// the rank lies below its floor. A variance is known to float64's relative precision, however small beside the others,
  /// where an eigenvalue is not. +Inf if a variance vanished beside the others.
  @inline(never)
  func leastConditionNumber(_ correlation: Correlation, of varying: Int, samples: Int) -> Double {
    guard correlation.positions.count == varying else { return .infinity }
    var least = largest
    for index in 0..<varying { least = min(least, correlation.variances.pointer[index]) }
    return max(largest / least, 0x1p52 / Double(max(samples, count, 1)))
  }
}
