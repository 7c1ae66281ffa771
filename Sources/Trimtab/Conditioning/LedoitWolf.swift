/// Ledoit-Wolf shrinkage towards mu I: (1 - rho) S + rho mu I.
///
/// With S of d features and n samples, Q = sum |x - mean|^4 over them: mu = tr S / d, delta_ = |S|_F^2,
/// beta = (Q / n - delta_) / (d n), delta = (delta_ - 2 mu tr S + d mu^2) / d, rho = min(beta, delta) / delta (0 where
/// beta is 0).
/// A constant feature adds nothing to Q, so Q over all features serves those that vary.
/// Source: Ledoit & Wolf 2004, in scikit-learn's form.
struct LedoitWolf {
  let rho: Double
  let mu: Double

  init(_ covariance: Matrix, fourth: Double, samples: Int) {
    let features = covariance.rows
    var trace = 0.0
    for index in 0..<features { trace += covariance.row(index)[index] }
    let mu = trace / Double(max(features, 1))
    var squares = 0.0
    var distance = 0.0
    for i in 0..<features {
      let row = covariance.row(i)
      let off = 2 * kernels.dotProduct(row, row, i)
      squares += off + row[i] * row[i]
      // delta_ - 2 mu tr S + d mu^2 as a sum of squares, which does not cancel.
      distance += off + (row[i] - mu) * (row[i] - mu)
    }
    let count = Double(samples)
    let beta = (fourth / count - squares) / count
    self.mu = mu
    rho = beta > 0 && distance > 0 ? min(beta, distance) / distance : 0
  }

  /// Of the shrunk matrix; +Inf where nothing was shrunk and S is singular.
  func conditionNumber(_ spectrum: Spectrum) -> Double {
    let lowest = (1 - rho) * spectrum.smallest + rho * mu
    return lowest > 0 ? ((1 - rho) * spectrum.largest + rho * mu) / lowest : .infinity
  }
}

/// The correlation matrix of the features whose variance is above 0.
final class Correlation {
  let matrix: Matrix
  /// Positions within the covariance that it came from.
  let positions: FeatureList
  /// Variances by those positions.
  let variances: Storage<Double>

  init(_ covariance: Matrix) throws(TrimtabError) {
    positions = try FeatureList(capacity: covariance.rows)
    variances = try Storage(count: max(covariance.rows, 1), for: "variances")
    for index in 0..<covariance.rows where covariance.row(index)[index] > 0 {
      variances.pointer[positions.count] = covariance.row(index)[index]
      positions.append(index)
    }
    matrix = try Matrix(rows: positions.count, columns: positions.count, for: "correlation")
    for i in 0..<positions.count {
      let source = covariance.row(positions[i])
      let deviation = variances.pointer[i].squareRoot()
      let row = matrix.row(i)
      for j in 0..<i { row[j] = source[positions[j]] / deviation / variances.pointer[j].squareRoot() }
      row[i] = 1
    }
  }
}
