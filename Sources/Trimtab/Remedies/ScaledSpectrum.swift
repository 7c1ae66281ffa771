/// PCA and ZCA whitening of a covariance S = D R D whose features differ so much in scale that its small eigenvalues
/// drown in the rounding of the great ones, though the correlation R is of full rank.
///
/// One-sided Jacobi rotations of M = D L, R = L L^T, give S = V diag(s^2) V^T to an accuracy that depends on R and not
/// on D, in every component of V.
/// Source: Demmel & Veselić 1992; Golub & Van Loan, 8.6.
final class ScaledSpectrum {
  private let order: Int
  private let scales: Storage<Double>
  /// M, turned until its rows are orthogonal.
  private let rotated: Matrix
  /// The eigenvectors of S by rows.
  private let vectors: Matrix
  /// Eigenvalues of S are their squares.
  private let roots: Storage<Double>
  /// The places of the eigenvalues, largest first.
  private let places: Storage<Int>

  /// Below this ratio of variances float64 leaves the small eigenvalues of S fewer than six digits.
  private static let widestRatio = 1e-10
  /// Squares of what is smaller would leave the normal numbers.
  private static let leastVariance = 1e-280

  /// Nil where S is to be taken as it is: scales that are alike, or a correlation that is not of full rank.
  ///
  /// - Parameter matrix: the lower triangle of S, its greatest diagonal element near 1; left as it is.
  init?(_ matrix: Matrix, samples: Int) throws(TrimtabError) {
    order = matrix.rows
    var (least, greatest) = (Double.infinity, 0.0)
    for index in 0..<order {
      least = min(least, matrix.row(index)[index])
      greatest = max(greatest, matrix.row(index)[index])
    }
    scales = try Storage(count: order, for: "feature scales")
    roots = try Storage(count: order, for: "roots of eigenvalues")
    places = try Storage(count: order, for: "order of eigenvalues")
    guard order > 1, least >= ScaledSpectrum.leastVariance, least < ScaledSpectrum.widestRatio * greatest else {
      return nil
    }
    let factor = try Matrix(rows: order, columns: order, for: "correlation")
    rotated = try Matrix(rows: order, columns: order, for: "scaled factor")
    vectors = try Matrix(rows: order, columns: order, for: "eigenvectors")
    for i in 0..<order {
      scales.pointer[i] = powerOfTwo(binaryExponent(matrix.row(i)[i]) / 2)
      for j in 0...i { factor.row(i)[j] = matrix.row(i)[j] / scales.pointer[i] / scales.pointer[j] }
    }
    rotated.copy(from: factor)
    guard try Spectrum(rotated).rank(samples: samples) == order,
      factorCholesky(factor, try CholeskyWorkspace(order: order))
    else { return nil }
    rotated.fillWithZeros()
    // Largest first: then the small components of the eigenvectors are small sums, not differences of great ones.
    for index in 0..<order {
      places.pointer[index] = index
      roots.pointer[index] = scales.pointer[index]
    }
    sortDescending(roots.pointer, order, with: places.pointer)
    for i in 0..<order {
      let feature = places.pointer[i]
      for j in 0...feature { rotated.row(i)[j] = factor.row(feature)[j] * scales.pointer[feature] }
      vectors.row(i)[feature] = 1
    }
    rotate()
    for index in 0..<order {
      places.pointer[index] = index
      roots.pointer[index] = kernels.dotProduct(rotated.row(index), rotated.row(index), order).squareRoot()
    }
    sortDescending(roots.pointer, order, with: places.pointer)
  }

  /// Turns pairs of rows until all are orthogonal.
  private func rotate() {
    let tolerance = Double(order) * 0x1p-52
    for _ in 0..<40 {
      var isDone = true
      for p in 0..<order {
        for q in (p &+ 1)..<max(order, p &+ 1) where turn(p, q, tolerance) { isDone = false }
      }
      if isDone { return }
    }
  }

  private func turn(_ p: Int, _ q: Int, _ tolerance: Double) -> Bool {
    let (first, second) = (rotated.row(p), rotated.row(q))
    let alpha = kernels.dotProduct(first, first, order)
    let beta = kernels.dotProduct(second, second, order)
    let gamma = kernels.dotProduct(first, second, order)
    guard gamma.magnitude > tolerance * alpha.squareRoot() * beta.squareRoot() else { return false }
    let zeta = (beta - alpha) / (2 * gamma)
    let steepness = zeta.magnitude
    let size = steepness > 1e100 ? 0.5 / steepness : 1 / (steepness + (1 + zeta * zeta).squareRoot())
    let tangent = zeta < 0 ? -size : size
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    let sine = cosine * tangent
    for index in 0..<order {
      let (a, b) = (first[index], second[index])
      first[index] = cosine * a - sine * b
      second[index] = sine * a + cosine * b
    }
    let (firstVector, secondVector) = (vectors.row(p), vectors.row(q))
    for index in 0..<order {
      let (a, b) = (firstVector[index], secondVector[index])
      firstVector[index] = cosine * a - sine * b
      secondVector[index] = sine * a + cosine * b
    }
    return true
  }

  /// 1 / s at a place.
  func gain(_ place: Int) -> Double { 1 / roots.pointer[place] }

  /// The eigenvector at a place.
  func vector(_ place: Int) -> UnsafeMutablePointer<Double> { vectors.row(places.pointer[place]) }
}
