extension Whitener {
  /// Computes W from the moments of the samples.
  func fit(_ moments: Moments, samples: Int) throws(TrimtabError) {
    let list = try moments.varyingFeatures()
    // With regularisation every direction counts, a constant feature's too.
    let features = options.regularisation > 0 || options.method == .cholesky ? try moments.allFeatures() : list
    let matrix = try moments.covariance(of: features, count: samples)
    let unit = normalise(matrix)
    var trace = 0.0
    for index in 0..<matrix.rows { trace += matrix.row(index)[index] }
    if featureCount > 0 { matrix.addToDiagonal(options.regularisation * trace / Double(featureCount)) }
    // W acts on data as they are; the matrix is of data times `moments.scale`, divided by `unit`.
    let factor = moments.scale / unit.squareRoot()
    if options.method != .cholesky, options.regularisation == 0,
      let spectrum = try ScaledSpectrum(matrix, samples: samples)
    {
      fitScaled(spectrum, features, factor: factor)
    } else if options.method == .cholesky {
      try fitCholesky(matrix, varying: list.count, factor: factor)
    } else {
      try fitSpectrum(matrix, features, samples: samples, factor: factor)
    }
  }

  /// Brings the diagonal near 1 by an even power of two, which is returned.
  private func normalise(_ matrix: Matrix) -> Double {
    var largest = 0.0
    for index in 0..<matrix.rows { largest = max(largest, matrix.row(index)[index]) }
    let half = binaryExponent(largest) / 2
    matrix.scale(by: powerOfTwo(-half))
    matrix.scale(by: powerOfTwo(-half))
    return powerOfTwo(2 &* half)
  }

  private func fitCholesky(_ matrix: Matrix, varying: Int, factor: Double) throws(TrimtabError) {
    let order = matrix.rows
    let rank = try numericalRank(matrix)
    guard options.regularisation > 0 || (varying == order && rank == order),
      factorCholesky(matrix, try CholeskyWorkspace(order: order))
    else {
      throw TrimtabError(
        .invalidArgument,
        "covariance: found rank % of %, allowed full rank for Cholesky (set regularisation, or use ZCA)", rank, order)
    }
    // W = L^-1 row by row: L W = I.
    for i in 0..<order {
      let row = weights.pointer + i &* order
      row[i] = 1
      for j in 0..<i { kernels.addScaled(-matrix.row(i)[j], weights.pointer + j &* order, row, j &+ 1) }
      let reciprocal = 1 / matrix.row(i)[i]
      for j in 0...i { row[j] *= reciprocal }
    }
    for index in 0..<weights.count { weights.pointer[index] *= factor }
  }

  /// By the rule that reports use; the matrix is left as it is.
  private func numericalRank(_ matrix: Matrix) throws(TrimtabError) -> Int {
    let copy = try Matrix(rows: matrix.rows, columns: matrix.columns, for: "covariance")
    copy.copy(from: matrix)
    return try Spectrum(copy).rank(samples: matrix.rows)
  }

  private func fitSpectrum(
    _ matrix: Matrix, _ features: FeatureList, samples: Int, factor: Double
  ) throws(TrimtabError) {
    let order = matrix.rows
    guard order > 0 else { return }
    let eigen = try SymmetricEigen(matrix)
    let vectors = try Matrix(rows: order, columns: order, for: "eigenvectors")
    vectors.addToDiagonal(1)
    try eigen.solve(vectors: vectors)
    let places = try Storage<Int>(count: order, for: "order of eigenvalues")
    for index in 0..<order { places.pointer[index] = index }
    let values = eigen.values.pointer
    sortDescending(values, order, with: places.pointer)
    let floor = values[0] * Double(max(samples, order)) * 0x1p-52
    for place in 0..<order {
      let index = places.pointer[place]
      let value = values[place]
      guard value > floor, value > 0 else { continue }
      let gain = factor / value.squareRoot()
      switch options.method {
      case .pca: addPrincipalRow(vectors.row(index), features, gain, place)
      default: addOuterProduct(vectors.row(index), features, gain)
      }
    }
  }

  private func fitScaled(_ spectrum: ScaledSpectrum, _ features: FeatureList, factor: Double) {
    for place in 0..<features.count {
      let gain = factor * spectrum.gain(place)
      switch options.method {
      case .pca: addPrincipalRow(spectrum.vector(place), features, gain, place)
      default: addOuterProduct(spectrum.vector(place), features, gain)
      }
    }
  }

  private func addPrincipalRow(
    _ vector: UnsafeMutablePointer<Double>, _ features: FeatureList, _ gain: Double, _ place: Int
  ) {
    var greatest = 0.0
    for index in 0..<features.count where abs(vector[index]) > abs(greatest) { greatest = vector[index] }
    let signed = greatest < 0 ? -gain : gain
    let row = weights.pointer + place &* featureCount
    for index in 0..<features.count { row[features[index]] = signed * vector[index] }
  }

  private func addOuterProduct(_ vector: UnsafeMutablePointer<Double>, _ features: FeatureList, _ gain: Double) {
    for i in 0..<features.count {
      let row = weights.pointer + features[i] &* featureCount
      let scaled = gain * vector[i]
      if features.count == featureCount {
        kernels.addScaled(scaled, vector, row, featureCount)
      } else {
        for j in 0..<features.count { row[features[j]] += scaled * vector[j] }
      }
    }
  }
}
